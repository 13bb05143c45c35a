//! `qp label`

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::app::{App, resolve, resolve_all};
use super::bulk::{KeysArgs, MatchArgs};
use super::{args, report};
use crate::error::{Error, Kind, Result};
use crate::model::Tracker;
use crate::output::text::{one_line, pad, width};
use crate::store::Txn;

/// Add, remove and list labels
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp label add web-7k2m backend
  qp label add 7k2m 3f9c backend,urgent
  qp label remove web-7k2m urgent
  qp label list web-7k2m
  qp label list-all
  qp label propagate web-3f9c backend")]
pub struct LabelArgs {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Add labels to issues
    #[command(
        override_usage = "qp label add <ID>... <LABELS>",
        after_long_help = "Examples:\n  qp label add web-7k2m backend\n  qp label add 7k2m 3f9c backend,urgent"
    )]
    Add(ChangeArgs),
    /// Remove labels from issues
    #[command(visible_alias = "rm", aliases = ["delete", "del"], override_usage = "qp label remove <ID>... <LABELS>", after_long_help = "Examples:\n  qp label remove web-7k2m urgent")]
    Remove(ChangeArgs),
    /// List the labels of an issue
    #[command(visible_alias = "ls", after_long_help = "Examples:\n  qp label list web-7k2m")]
    List(ListArgs),
    /// List all labels, with how many issues have each
    #[command(after_long_help = "Examples:\n  qp label list-all --json")]
    ListAll,
    /// Add labels of an issue to its parts
    #[command(
        after_long_help = "Examples:\n  qp label propagate web-3f9c backend\n  qp label propagate web-3f9c backend --recursive"
    )]
    Propagate(PropagateArgs),
}

/// An issue whose parts get labels.
#[derive(clap::Args, Debug)]
struct PropagateArgs {
    /// Key of the issue
    #[arg(value_name = "ID")]
    id: String,
    /// Labels, separated by commas; the issue need not have them
    #[arg(value_name = "LABELS")]
    labels: String,
    /// The parts of its parts too
    #[arg(short, long)]
    recursive: bool,
}

/// Issues and labels.
#[derive(clap::Args, Debug)]
struct ChangeArgs {
    /// Keys, then the labels, separated by commas
    #[arg(value_names = ["ID", "LABELS"], num_args = 1.., required = true)]
    words: Vec<String>,
    #[command(flatten)]
    keys: KeysArgs,
    #[command(flatten)]
    matching: MatchArgs,
}

/// Whose labels are listed.
#[derive(clap::Args, Debug)]
struct ListArgs {
    /// Key
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) fn run(args: &LabelArgs, app: &mut App) -> Result<()> {
    match &args.action {
        Some(Action::Add(args)) => change(args, app, true),
        Some(Action::Remove(args)) => change(args, app, false),
        Some(Action::List(args)) => list(args, app),
        Some(Action::ListAll) => list_all(app),
        Some(Action::Propagate(args)) => propagate(args, app),
        None => Err(Error::usage("add, remove, list, list-all or propagate?")
            .hint("qp label add ID LABEL, or qp label list-all")),
    }
}

fn change(args: &ChangeArgs, app: &mut App, add: bool) -> Result<()> {
    let Some((last, ids)) = args.words.split_last() else { return Err(Error::usage("which label?")) };
    let labels = given(last)?;
    let command = if add { "label add" } else { "label remove" };
    if ids.is_empty() && !args.keys.reads_stdin() {
        let label = one_line(last);
        return Err(Error::usage(format!("{label:?} is the issue or the label; the other is missing"))
            .hint(format!("qp {command} ID LABELS")));
    }
    let Some(ids) = args.matching.keys(app, command, &args.keys, ids)? else { return Ok(()) };
    let done = app.transact(command, |txn| {
        let positions =
            resolve_all(txn.tracker(), &ids).map_err(|e| explain(txn.tracker(), e, command, &args.words))?;
        set(txn, &positions, &labels, add)
    })?;
    print(app, &done.value, add)
}

fn propagate(args: &PropagateArgs, app: &mut App) -> Result<()> {
    let labels = given(&args.labels)?;
    let done = app.transact("label propagate", |txn| {
        let graph = txn.tracker().graph();
        let parent = resolve(txn.tracker(), &args.id)?;
        let parts = match args.recursive {
            true => graph.descendants(&[parent]),
            false => graph.children(parent).collect(),
        };
        Ok((txn.tracker().key(parent), set(txn, &parts, &labels, true)?))
    })?;
    let (key, results) = done.value;
    if results.is_empty() {
        app.ui.note(format!("{key} has no parts"));
    }
    print(app, &results, true)
}

/// Reads labels, of which there must be some.
fn given(text: &str) -> Result<BTreeSet<String>> {
    let labels = args::labels(&[text.to_owned()])?;
    if labels.is_empty() {
        return Err(Error::usage("the label is empty").hint("qp label add ID LABELS"));
    }
    Ok(labels)
}

/// What became of a label on an issue: the key, the label, and whether anything changed.
type Labelled = (String, String, bool);

/// Adds or removes labels within a write.
fn set(
    txn: &mut Txn<'_>,
    positions: &[usize],
    labels: &BTreeSet<String>,
    add: bool,
) -> Result<Vec<Labelled>> {
    let mut results = Vec::new();
    for position in positions {
        let mut issue = txn.issue(*position)?;
        let key = txn.tracker().key(*position);
        for label in labels {
            let set = &mut issue.front.labels;
            let changed = if add { set.insert(label.clone()) } else { set.remove(label) };
            results.push((key.clone(), label.clone(), changed));
        }
        txn.put(issue)?;
    }
    let names: Vec<&str> = labels.iter().map(String::as_str).collect();
    let verb = if add { "label" } else { "unlabel" };
    txn.subject(report::subject(&format!("{verb} {} on", names.join(", ")), txn.view(), positions));
    Ok(results)
}

fn print(app: &mut App, results: &[Labelled], add: bool) -> Result<()> {
    let words = if add { ["added", "exists"] } else { ["removed", "absent"] };
    if app.ui.json {
        let documents: Vec<Value> = results
            .iter()
            .map(|(key, label, changed)| {
                json!({ "issue_id": key, "label": label, "status": words[usize::from(!changed)] })
            })
            .collect();
        return app.ui.document(&documents.into());
    }
    for (key, label, changed) in results {
        let label = one_line(label);
        app.ui.line(match (changed, add) {
            (true, _) => format!("{} {key}: {label}", words[0]),
            (false, true) => format!("there already {key}: {label}"),
            (false, false) => format!("not there {key}: {label}"),
        })?;
    }
    Ok(())
}

/// Only the last word is labels. Several of them read like keys that nobody knows.
fn explain(tracker: &Tracker, error: Error, command: &str, words: &[String]) -> Error {
    let [first, labels @ ..] = words else { return error };
    let unknown = matches!(error.kind(), Kind::NotFound) && resolve(tracker, first).is_ok();
    if !unknown || labels.len() < 2 {
        return error;
    }
    let labels: Vec<&str> =
        labels.iter().filter(|w| resolve(tracker, w).is_err()).map(String::as_str).collect();
    error.hint(one_line(&format!(
        "several labels are separated by commas: qp {command} {first} {}",
        labels.join(",")
    )))
}

fn list(args: &ListArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let position = resolve(&view.tracker, &args.id)?;
    let labels = &view.tracker.front(position).labels;
    if app.ui.json {
        return app.ui.document(&json!(labels));
    }
    if labels.is_empty() {
        app.ui.note(format!("no labels on {}", view.tracker.key(position)));
    }
    labels.iter().try_for_each(|label| app.ui.line(one_line(label)))
}

fn list_all(app: &mut App) -> Result<()> {
    let view = app.view()?;
    let tracker = &view.tracker;
    let labelled = (0..tracker.rows.len()).filter(|at| tracker.facts(*at).has_labels());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for label in labelled.flat_map(|at| &tracker.front(at).labels) {
        *counts.entry(label).or_default() += 1;
    }
    if app.ui.json {
        let documents: Vec<Value> =
            counts.iter().map(|(label, count)| json!({ "label": label, "count": count })).collect();
        return app.ui.document(&documents.into());
    }
    if counts.is_empty() {
        app.ui.note("no issue has a label");
    }
    let columns = counts.keys().map(|label| width(&one_line(label))).max().unwrap_or(0);
    for (label, count) in counts {
        app.ui.line(format!("{}  {count}", pad(&one_line(label), columns)))?;
    }
    Ok(())
}
