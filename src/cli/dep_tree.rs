//! `qp dep tree`

use std::collections::BTreeSet;

use serde_json::Value;

use super::app::{App, resolve};
use super::diagram::{self, Diagram};
use crate::error::Result;
use crate::model::Tracker;
use crate::output::json;
use crate::output::table::{self, Line};
use crate::query::{DepTree, Direction, Edge, Mark, Node, TreeOptions, dependency_tree, parse_status};

/// Show what an issue waits for, as a tree
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp dep tree web-7k2m
  qp dep tree web-7k2m --direction up --status open
  qp dep tree web-7k2m --format mermaid")]
pub struct DepTreeArgs {
    /// Key
    #[arg(value_name = "ID")]
    id: String,
    /// Which way: down to what it waits for, up to what waits for it, or both
    #[arg(long, value_name = "DIRECTION", value_parser = ["down", "up", "both"], default_value = "down")]
    direction: String,
    /// What waits for it
    #[arg(long, hide = true, conflicts_with = "direction")]
    reverse: bool,
    /// Levels to show
    #[arg(short = 'd', long, alias = "depth", value_name = "N", default_value_t = 50)]
    max_depth: usize,
    /// Only issues with this status; open leaves out the closed ones
    #[arg(short, long, value_name = "STATUS")]
    status: Option<String>,
    /// Open an issue wherever it stands, not the first time only
    #[arg(long)]
    show_all_paths: bool,
    /// Draw a diagram instead
    #[arg(long, value_name = "mermaid|dot", value_parser = ["mermaid", "dot", "json", "text"])]
    format: Option<String>,
}

pub(super) fn run(args: &DepTreeArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let tracker = &view.tracker;
    let root = resolve(tracker, &args.id)?;
    let statuses: Option<BTreeSet<_>> = (args.status.as_ref())
        .map(|words| words.split(',').map(|word| parse_status(word, tracker)).collect::<Result<_>>())
        .transpose()?;
    let options = TreeOptions {
        direction: match args.direction.as_str() {
            "up" => Direction::Up,
            "both" => Direction::Both,
            _ if args.reverse => Direction::Up,
            _ => Direction::Down,
        },
        max_depth: args.max_depth,
        all_paths: args.show_all_paths,
        open_only: statuses.as_ref().is_some_and(|s| !s.iter().any(crate::model::Status::is_closed)),
    };
    let mut tree = dependency_tree(tracker, root, options);
    if let Some(statuses) = &statuses {
        for nodes in [&mut tree.down, &mut tree.up] {
            keep(nodes, |node| statuses.contains(&tracker.front(node.position).status));
        }
    }
    if let Some("mermaid" | "dot") = args.format.as_deref() {
        diagram::refuse_json(app)?;
    }
    match args.format.as_deref() {
        Some("mermaid") => app.ui.raw(&Diagram::of_tree(&tree).mermaid(tracker)),
        Some("dot") => app.ui.raw(&Diagram::of_tree(&tree).dot(tracker)),
        _ if app.ui.json => app.ui.document(&documents(tracker, &tree)),
        _ => lines(app, tracker, &tree),
    }
}

/// Keeps the nodes that fit, and whatever leads to them.
fn keep(nodes: &mut Vec<Node>, fits: impl Fn(&Node) -> bool) {
    let mut kept = vec![false; nodes.len()];
    for at in (0..nodes.len()).rev() {
        let below = nodes[at + 1..].iter().zip(&kept[at + 1..]);
        let leads = below.take_while(|(n, _)| n.depth > nodes[at].depth).any(|(_, kept)| *kept);
        kept[at] = leads || fits(&nodes[at]) || nodes[at].depth == 0;
    }
    let mut kept = kept.into_iter();
    nodes.retain(|_| kept.next().unwrap_or(false));
}

/// Returns the type of the relation that a step of the tree follows.
pub(super) fn edge_type(edge: Edge) -> &'static str {
    match edge {
        Edge::Blocker | Edge::Inherited { .. } | Edge::Dependent => "blocks",
        Edge::Child | Edge::WaitsWith | Edge::Container => "parent-child",
    }
}

fn documents(tracker: &Tracker, tree: &DepTree) -> Value {
    let document = |direction: &str, node: &Node| {
        let mut object = json::issue(tracker, node.position);
        object.insert("depth".to_owned(), node.depth.into());
        if let Some((above, edge)) = node.above {
            object.insert("parent_id".to_owned(), tracker.key(above).into());
            object.insert("edge_from_parent".to_owned(), edge_type(edge).into());
            object.insert("direction".to_owned(), direction.into());
            if let Edge::Inherited { ancestor } = edge {
                object.insert("inherited_from".to_owned(), tracker.key(ancestor).into());
            }
        }
        object.insert("truncated".to_owned(), (node.mark == Mark::Cut).into());
        match node.mark {
            Mark::Repeated => drop(object.insert("repeated".to_owned(), true.into())),
            Mark::Cycle => drop(object.insert("cycle".to_owned(), true.into())),
            Mark::Plain | Mark::Cut => {}
        }
        Value::from(object)
    };
    // With both directions the root stands once, at the front.
    let up = tree.up.iter().skip(usize::from(!tree.down.is_empty()));
    tree.down.iter().map(|node| document("down", node)).chain(up.map(|node| document("up", node))).collect()
}

/// Prints a tree, or both, a line a node.
pub(super) fn lines(app: &mut App, tracker: &Tracker, tree: &DepTree) -> Result<()> {
    let both = !tree.down.is_empty() && !tree.up.is_empty();
    for (nodes, heading, nothing) in [
        (&tree.down, "what it waits for:", "waits for nothing"),
        (&tree.up, "what waits for it:", "holds nothing up"),
    ] {
        let Some(root) = nodes.first() else { continue };
        if both {
            app.ui.line(heading)?;
        }
        let line = |node: &Node| Line {
            position: node.position,
            depth: node.depth + usize::from(both),
            remark: remark(tracker, node),
            ..Line::default()
        };
        table::print(&mut app.ui, tracker, &nodes.iter().map(line).collect::<Vec<_>>())?;
        if nodes.len() == 1 && root.mark == Mark::Plain {
            app.ui.note(format!("{} {nothing}", tracker.key(root.position)));
        }
    }
    Ok(())
}

/// Says what is not plain from the place in the tree.
fn remark(tracker: &Tracker, node: &Node) -> String {
    let edge = match node.above {
        None | Some((_, Edge::Blocker | Edge::Dependent)) => None,
        Some((_, Edge::Inherited { ancestor })) => Some(format!("blocks {}", tracker.key(ancestor))),
        Some((_, Edge::Child)) => Some("a part".to_owned()),
        Some((_, Edge::WaitsWith)) => Some("a part, waits with it".to_owned()),
        Some((_, Edge::Container)) => Some("contains it".to_owned()),
    };
    let mark = match node.mark {
        Mark::Plain => None,
        Mark::Repeated => Some("shown above".to_owned()),
        Mark::Cycle => Some("waits for itself".to_owned()),
        Mark::Cut => Some("more below".to_owned()),
    };
    let parts: Vec<String> = edge.into_iter().chain(mark).collect();
    if parts.is_empty() { String::new() } else { format!("({})", parts.join("; ")) }
}
