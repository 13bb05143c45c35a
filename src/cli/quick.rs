//! `qp q`

use super::app::App;
use super::create::{self, CreateArgs};
use crate::error::Result;

/// Create an issue and print its key only
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  id=$(qp q \"Fix the login\")\n  qp q \"Crash on start\" -t bug -p 0"
)]
pub struct QuickArgs {
    #[command(flatten)]
    create: Box<CreateArgs>,
}

pub(super) fn run(args: &QuickArgs, app: &mut App) -> Result<()> {
    create::create(&args.create, app, true)
}
