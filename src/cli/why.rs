//! `qp why`

use serde_json::Value;

use super::app::{App, readiness, resolve};
use crate::error::Result;
use crate::model::Tracker;
use crate::output::json::{self, Object, versioned};
use crate::output::table::{self, Line};
use crate::output::text::one_line;
use crate::query::{Edge, Mark, State, Why, WhyNode, why};

/// Say why an issue is not ready, and what to work on to free it
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp why web-7k2m\n  qp why web-7k2m --json | jq -r '.workable[].id'"
)]
pub struct WhyArgs {
    /// Key
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) fn run(args: &WhyArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let tracker = &view.tracker;
    let position = resolve(tracker, &args.id)?;
    let readiness = readiness(&view, app.context.now());
    let answer = why(tracker, &readiness, position);
    if app.ui.json {
        let ready = readiness.state(position).is_ready();
        return app.ui.document(&versioned(document(tracker, position, ready, &answer)));
    }
    print(app, tracker, position, &answer)
}

fn print(app: &mut App, tracker: &Tracker, position: usize, answer: &Why) -> Result<()> {
    let title = one_line(&tracker.front(position).title);
    app.ui.line(format!("{}: {title}", tracker.key(position)))?;
    let ready = answer.nodes[0].state.is_ready();
    for reason in &answer.reasons {
        app.ui.line(if ready { one_line(reason) } else { format!("not ready: {}", one_line(reason)) })?;
    }
    let below = &answer.nodes[1..];
    if below.is_empty() {
        return Ok(());
    }
    app.ui.line("")?;
    app.ui.line("it waits for:")?;
    let lines: Vec<Line> = (below.iter())
        .map(|node| Line {
            position: node.position,
            depth: node.depth,
            remark: remark(tracker, node),
            ..Line::default()
        })
        .collect();
    table::print(&mut app.ui, tracker, &lines)?;
    app.ui.line("")?;
    if answer.workable.is_empty() {
        return app.ui.line("nothing of it can be worked on now");
    }
    app.ui.line("to work on now:")?;
    let lines: Vec<Line> =
        answer.workable.iter().map(|at| Line { position: *at, depth: 1, ..Line::default() }).collect();
    table::print(&mut app.ui, tracker, &lines)
}

/// Says how the issue holds the one above up, and where it stands itself. What it waits for stands below it.
fn remark(tracker: &Tracker, node: &WhyNode) -> String {
    let edge = match node.above {
        Some((above, Edge::Inherited { ancestor })) if tracker.graph().parent(above) == Some(ancestor) => {
            format!("blocks its parent {}", tracker.key(ancestor))
        }
        Some((_, Edge::Inherited { ancestor })) => format!("blocks its ancestor {}", tracker.key(ancestor)),
        Some((_, Edge::Child)) => "part".to_owned(),
        _ => "blocker".to_owned(),
    };
    let state = match (node.mark, &node.state) {
        (Mark::Repeated, _) => "shown above",
        (Mark::Cycle, _) => "waits for itself",
        (_, State::Blocked { .. }) => "blocked",
        (_, State::Container { .. }) => "has open parts",
        _ => &node.reason,
    };
    format!("({edge}, {state})")
}

fn document(tracker: &Tracker, position: usize, ready: bool, answer: &Why) -> Object {
    let mut object = json::issue(tracker, position);
    let tree: Vec<Value> = answer.nodes.iter().map(|node| entry(tracker, node).into()).collect();
    let workable: Vec<Value> = answer.workable.iter().map(|at| json::row(tracker, *at).into()).collect();
    object.insert("ready".to_owned(), ready.into());
    object.insert("reasons".to_owned(), answer.reasons.clone().into());
    object.insert("tree".to_owned(), tree.into());
    object.insert("workable".to_owned(), workable.into());
    object
}

fn entry(tracker: &Tracker, node: &WhyNode) -> Object {
    let mut entry = json::issue(tracker, node.position);
    entry.insert("depth".to_owned(), node.depth.into());
    if let Some((above, edge)) = node.above {
        entry.insert("parent_id".to_owned(), tracker.key(above).into());
        let (name, via) = match edge {
            Edge::Inherited { ancestor } => ("inherited", Some(ancestor)),
            Edge::Child => ("child", None),
            _ => ("blocker", None),
        };
        entry.insert("edge_from_parent".to_owned(), name.into());
        entry.extend(via.map(|ancestor| ("via".to_owned(), tracker.key(ancestor).into())));
    }
    entry.insert("state".to_owned(), node.state.name().into());
    entry.insert("reason".to_owned(), node.reason.clone().into());
    let mark = match node.mark {
        Mark::Repeated => Some("repeated"),
        Mark::Cycle => Some("cycle"),
        Mark::Plain | Mark::Cut => None,
    };
    entry.extend(mark.map(|mark| ("mark".to_owned(), mark.into())));
    entry
}
