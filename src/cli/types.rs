//! `qp types`

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::app::App;
use crate::error::{Kind, Result};
use crate::output::json::versioned;
use crate::output::text::{one_line, pad, width};
use crate::query::TYPES;
use crate::store::View;

/// What each of [`TYPES`] is for, in their order.
const MEANINGS: [&str; 7] = [
    "Work to be done; what an issue is unless told otherwise",
    "Something that is wrong",
    "Something new",
    "A whole that has other issues as its parts",
    "Upkeep that nobody outside will notice",
    "A choice to be made, or that was made, with its reasons",
    "Something that somebody has to answer",
];

/// List the types that issues can have
///
/// Any other word is a type, too; those that this tracker has in use are listed. Without a tracker it lists those that
/// qp knows.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp types\n  qp types --json | jq -r '.core_types[].name'")]
pub struct TypesArgs {}

pub(super) fn run(_args: &TypesArgs, app: &mut App) -> Result<()> {
    let custom = match app.view() {
        Ok(view) => in_use(&view),
        Err(error) if error.kind() == Kind::Environment => BTreeSet::new(),
        Err(error) => return Err(error),
    };
    if app.ui.json {
        let core = TYPES.iter().zip(MEANINGS);
        let core = core.map(|(name, meaning)| json!({ "name": name, "description": meaning }));
        let document = json!({ "core_types": core.collect::<Vec<Value>>(), "custom_types": custom });
        return app.ui.document(&versioned(document));
    }
    let columns = TYPES.iter().map(|name| width(name)).max().unwrap_or(0);
    for (name, meaning) in TYPES.iter().zip(MEANINGS) {
        app.ui.line(format!("{}  {meaning}", pad(name, columns)))?;
    }
    if !custom.is_empty() {
        let custom: Vec<String> = custom.iter().map(|name| one_line(name)).collect();
        app.ui.line(format!("also in use here: {}", custom.join(", ")))?;
    }
    Ok(())
}

/// Returns the types of the tracker that are none of ours.
fn in_use(view: &View) -> BTreeSet<String> {
    let rows = view.tracker.rows.iter();
    let kinds = rows.map(|row| &row.front.kind).filter(|kind| !TYPES.contains(&kind.as_str()));
    kinds.cloned().collect()
}
