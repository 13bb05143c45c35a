//! `qp create -f`: many issues from one Markdown file.

use super::app::App;
use super::create::Draft;
use crate::error::{Error, Result};

/// Reads a plan.
pub(super) fn parse(_text: &str) -> Result<Vec<Draft>> {
    Err(Error::bug("not there yet"))
}

/// Creates the issues of a plan in one commit.
pub(super) fn create(_drafts: &[Draft], _app: &mut App, _silent: bool, _dry_run: bool) -> Result<()> {
    Ok(())
}
