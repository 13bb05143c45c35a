//! `qp version`

use serde_json::json;

use super::app::App;
use crate::error::Result;
use crate::model::FORMAT;
use crate::output::json::versioned;

/// Show the version of qp, and of the format it writes
///
/// Needs no repository.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp version\n  qp version --json | jq -r .version")]
pub struct VersionArgs {}

pub(super) fn run(_args: &VersionArgs, app: &mut App) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    if app.ui.json {
        let document = json!({ "version": version, "format": FORMAT });
        return app.ui.document(&versioned(document));
    }
    app.ui.line(format!("qp {version}"))?;
    app.ui.line(format!("format: {FORMAT}"))
}
