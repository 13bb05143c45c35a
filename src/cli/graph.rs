//! `qp graph`

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::app::{App, resolve};
use super::dep_tree;
use super::diagram::{self, Diagram, WAITS};
use crate::error::{Error, Result};
use crate::model::Tracker;
use crate::output::json::{self, Object, versioned};
use crate::output::table::{self, Line};
use crate::query::{
    self, Direction, Filter, Layers, SortKey, TreeOptions, dependency_tree, layers, list_keys,
};

/// Show who waits for whom, among all open issues or around one
///
/// Without a key, the open issues that wait for something or are waited for, layer by layer: first those that wait for
/// no other, then those that wait for the first only, and so on. With a key, what that issue waits for and what waits
/// for it, as qp dep tree --direction both.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp graph
  qp graph web-7k2m
  qp graph --dot | dot -Tsvg > graph.svg
  qp graph web-7k2m --mermaid")]
// The flag of every command that is called so, which here knows more words.
#[command(mut_arg("format", |arg| arg.value_parser(["json", "text", "mermaid", "dot"])))]
pub struct GraphArgs {
    /// Key
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// All open issues, which is what it shows without a key
    #[arg(long)]
    all: bool,
    /// Draw a diagram for Graphviz instead; also --format dot
    #[arg(long)]
    dot: bool,
    /// Draw a diagram for Mermaid instead; also --format mermaid
    #[arg(long, conflicts_with = "dot")]
    mermaid: bool,
    /// One line an issue is what there is
    #[arg(long, aliases = ["box", "tree"], hide = true)]
    compact: bool,
}

pub(super) fn run(args: &GraphArgs, app: &mut App) -> Result<()> {
    if let (Some(id), true) = (&args.id, args.all) {
        let hint = format!("qp graph {id}, or qp graph --all");
        return Err(Error::usage("a key and --all were given").hint(hint));
    }
    let format = match (args.dot, args.mermaid) {
        (true, _) => Some("dot".to_owned()),
        (_, true) => Some("mermaid".to_owned()),
        _ => app.globals.format.clone(),
    };
    if let Some("mermaid" | "dot") = format.as_deref() {
        diagram::refuse_json(app)?;
    }
    match &args.id {
        Some(id) => around(app, id, format.as_deref()),
        None => whole(app, format.as_deref()),
    }
}

/// Shows what one issue waits for, and what waits for it.
fn around(app: &mut App, id: &str, format: Option<&str>) -> Result<()> {
    let view = app.view()?;
    let tracker = &view.tracker;
    let root = resolve(tracker, id)?;
    let options = TreeOptions { direction: Direction::Both, ..TreeOptions::default() };
    let tree = dependency_tree(tracker, root, options);
    let diagram = Diagram::of_tree(&tree);
    if draw(app, tracker, &diagram, format)? {
        return Ok(());
    }
    if app.ui.json {
        let mut object = Object::from_iter([("root".to_owned(), tracker.key(root).into())]);
        object.extend(document(tracker, &diagram, &order(tracker, &diagram.issues)));
        return app.ui.document(&versioned(object));
    }
    dep_tree::lines(app, tracker, &tree)
}

/// Shows all open issues that have to do with each other.
fn whole(app: &mut App, format: Option<&str>) -> Result<()> {
    let view = app.view()?;
    let tracker = &view.tracker;
    let now = app.context.now();
    let mut open = query::select(tracker, &Filter::default(), now);
    query::sort(tracker, &mut open, SortKey::Priority, false, now);
    let all = open.len();
    let mut diagram = Diagram::among(tracker, &open);
    diagram.issues = diagram.edges.iter().flat_map(|(from, to, _)| [*from, *to]).collect();
    open.retain(|at| diagram.issues.contains(at));
    if !draw(app, tracker, &diagram, format)? {
        let order = layers(tracker, &open);
        if app.ui.json {
            return app.ui.document(&versioned(document(tracker, &diagram, &order)));
        }
        lines(app, tracker, &diagram, &order)?;
    }
    match all - open.len() {
        0 if all == 0 => app.ui.note("no open issues"),
        0 => {}
        alone => app.ui.note(format!("{alone} open with no relation to another open issue: qp list")),
    }
    Ok(())
}

/// Draws a diagram, where one was asked for.
fn draw(app: &mut App, tracker: &Tracker, diagram: &Diagram, format: Option<&str>) -> Result<bool> {
    match format {
        Some("mermaid") => app.ui.raw(&diagram.mermaid(tracker))?,
        Some("dot") => app.ui.raw(&diagram.dot(tracker))?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Puts the open ones of some issues into layers.
fn order(tracker: &Tracker, issues: &BTreeSet<usize>) -> Layers {
    let open: Vec<usize> = issues.iter().copied().filter(|at| !tracker.is_closed(*at)).collect();
    layers(tracker, &open)
}

fn document(tracker: &Tracker, diagram: &Diagram, order: &Layers) -> Object {
    let numbered =
        order.layers.iter().zip(1..).flat_map(|(layer, number)| layer.iter().map(move |at| (*at, number)));
    let layer_of: BTreeMap<usize, usize> = numbered.collect();
    let issue = |at: &usize| {
        let mut object = json::issue(tracker, *at);
        object.extend(layer_of.get(at).map(|number| ("layer".to_owned(), Value::from(*number))));
        Value::from(object)
    };
    let edge = |(from, to, word): &(usize, usize, &str)| {
        let (issue, target, kind) =
            if *word == WAITS { (from, to, "blocks") } else { (to, from, "parent-child") };
        json!({ "issue_id": tracker.key(*issue), "depends_on_id": tracker.key(*target), "type": kind })
    };
    let mut object = Object::new();
    object.insert("issues".to_owned(), diagram.issues.iter().map(issue).collect());
    object.insert("dependencies".to_owned(), diagram.edges.iter().map(edge).collect());
    object
}

/// Prints layer after layer, each issue with what it waits for.
fn lines(app: &mut App, tracker: &Tracker, diagram: &Diagram, order: &Layers) -> Result<()> {
    let line = |at: &usize| {
        let mut waits: Vec<usize> = tracker.graph().waits_on(*at);
        waits.sort_unstable();
        waits.dedup();
        waits.retain(|other| diagram.issues.contains(other));
        let remark = match waits.len() {
            0 => String::new(),
            _ => format!("(waits for {})", list_keys(tracker, &waits)),
        };
        Line { position: *at, depth: 1, remark, ..Line::default() }
    };
    let print = |app: &mut App, heading: String, issues: &[usize]| {
        app.ui.advice(&heading)?;
        table::print(&mut app.ui, tracker, &issues.iter().map(line).collect::<Vec<_>>())
    };
    for (layer, number) in order.layers.iter().zip(1..) {
        let heading = match number {
            1 => "1. wait for no other:".to_owned(),
            _ => format!("{number}. after {}:", number - 1),
        };
        print(app, heading, layer)?;
    }
    if !order.circular.is_empty() {
        print(app, "on a circle, or behind one (qp dep cycles):".to_owned(), &order.circular)?;
    }
    Ok(())
}
