//! `qp show`

use serde_json::Value;

use super::app::{App, resolve_all};
use crate::error::{Error, Result};
use crate::output::{json, sheet};

/// Show issues with their texts, relations and comments
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp show web-7k2m\n  qp show 7k2m 3f9c --json\n  qp show web-7k2m --raw\n  qp show web-7k2m --at 2026-01-31"
)]
pub struct ShowArgs {
    /// Keys, or at least four characters of their tails
    #[arg(value_name = "ID", required_unless_present = "id")]
    ids: Vec<String>,
    /// A key, as a flag
    #[arg(long, value_name = "ID", hide = true)]
    id: Vec<String>,
    /// Print the file as it stands on the branch
    #[arg(long, conflicts_with = "short")]
    raw: bool,
    /// Print one line an issue
    #[arg(long)]
    short: bool,
    /// Everything is shown anyway
    #[arg(long, alias = "thread", hide = true)]
    long: bool,
}

pub(super) fn run(args: &ShowArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let inputs: Vec<String> = args.ids.iter().chain(&args.id).cloned().collect();
    let positions = resolve_all(&view.tracker, &inputs)?;
    if args.raw {
        if app.ui.json {
            return Err(
                Error::usage("--raw prints the file, --json a document").hint("leave out one of them")
            );
        }
        for position in positions {
            let bytes = view.raw(position)?;
            app.ui.raw(&String::from_utf8_lossy(&bytes))?;
        }
        return Ok(());
    }
    if app.ui.json {
        let documents: Vec<Value> = (positions.iter())
            .map(|p| Ok(json::details(&view.tracker, *p, &view.issue(*p)?).into()))
            .collect::<Result<_>>()?;
        return app.ui.document(&documents.into());
    }
    if args.short {
        let lines: Vec<_> = positions
            .iter()
            .map(|p| crate::output::table::Line { position: *p, ..Default::default() })
            .collect();
        return crate::output::table::print(&mut app.ui, &view.tracker, &lines);
    }
    for (at, position) in positions.iter().enumerate() {
        if at > 0 {
            app.ui.line("")?;
        }
        sheet::print(&mut app.ui, &view.tracker, *position, &view.issue(*position)?, app.context.now())?;
    }
    Ok(())
}
