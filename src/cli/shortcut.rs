//! `qp assign`, `priority`, `tag`, `note`: one field each, for those who type what they mean.

use super::app::App;
use super::args::{self, WordsArgs};
use super::bulk::{KeysArgs, MatchArgs};
use super::change::{Change, Condition, Notes};
use super::comment::refuse_key;
use super::fields::FieldChanges;
use super::update::apply;
use crate::error::{Error, Result};
use crate::model::Tracker;
use crate::output::text::one_line;
use crate::query::parse_priority;

/// Set the assignee of issues
#[derive(clap::Args, Debug)]
#[command(
    override_usage = "qp assign [OPTIONS] <ID>... <NAME>",
    after_long_help = "Examples:\n  qp assign web-7k2m bob\n  qp assign web-7k2m \"\"\n  qp assign 7k2m 3f9c bob"
)]
pub struct AssignArgs {
    /// Keys, then who is to do it; "" for nobody
    #[arg(value_names = ["ID", "NAME"], num_args = 1.., required = true)]
    words: Vec<String>,
    #[command(flatten)]
    keys: KeysArgs,
    #[command(flatten)]
    matching: MatchArgs,
}

/// Set the priority of issues
#[derive(clap::Args, Debug)]
#[command(
    override_usage = "qp priority [OPTIONS] <ID>... <0-4>",
    after_long_help = "Examples:\n  qp priority web-7k2m 0\n  qp priority 7k2m 3f9c 1"
)]
pub struct PriorityArgs {
    /// Keys, then the priority: 0 (most urgent) to 4
    #[arg(value_names = ["ID", "0-4"], num_args = 1.., required = true)]
    words: Vec<String>,
    #[command(flatten)]
    keys: KeysArgs,
    #[command(flatten)]
    matching: MatchArgs,
}

/// Add labels to issues
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp tag web-7k2m backend urgent\n  qp tag web-7k2m,web-3f9c backend"
)]
pub struct TagArgs {
    /// Keys, separated by commas; with --all-matching a query
    #[arg(value_name = "ID")]
    id: String,
    /// Labels
    #[arg(value_name = "LABEL", required_unless_present = "stdin")]
    labels: Vec<String>,
    #[command(flatten)]
    keys: KeysArgs,
    #[command(flatten)]
    matching: MatchArgs,
}

/// Add to the notes of issues
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp note web-7k2m \"the timer is in session.ts\"\n  qp note web-7k2m - < findings.md"
)]
pub struct NoteArgs {
    /// Keys, separated by commas
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    words: WordsArgs,
}

pub(super) fn assign(args: &AssignArgs, app: &mut App) -> Result<()> {
    let (name, ids) = last(&args.words, &args.keys, "assign", "NAME")?;
    if let Some(key) = one_issue(&app.store()?.view()?.tracker, name) {
        return Err(Error::usage(format!("{key} is an issue; who is to do it?")).hint(format!(
            "qp assign {} NAME; for somebody of that name: qp update ID --assignee {}",
            one_line(&args.words.join(" ")),
            one_line(name),
        )));
    }
    let Some(ids) = args.matching.keys(app, "assign", &args.keys, ids)? else { return Ok(()) };
    let name = name.trim();
    let assignee = Some((!name.is_empty()).then(|| name.to_owned()));
    let fields = FieldChanges { assignee, ..FieldChanges::default() };
    change(app, "assign", &ids, Change { fields, ..Change::default() })
}

pub(super) fn priority(args: &PriorityArgs, app: &mut App) -> Result<()> {
    let (number, ids) = last(&args.words, &args.keys, "priority", "0-4")?;
    let priority = Some(parse_priority(number)?);
    let Some(ids) = args.matching.keys(app, "priority", &args.keys, ids)? else { return Ok(()) };
    let fields = FieldChanges { priority, ..FieldChanges::default() };
    change(app, "priority", &ids, Change { fields, ..Change::default() })
}

/// Parts the last word, which is the value, from the keys before it.
fn last<'w>(
    words: &'w [String],
    keys: &KeysArgs,
    command: &str,
    value: &str,
) -> Result<(&'w str, &'w [String])> {
    match words.split_last() {
        Some((last, ids)) if keys.reads_stdin() || !ids.is_empty() => Ok((last, ids)),
        _ => {
            let given = words.first().map_or("ID", String::as_str);
            Err(Error::usage("a key and a value are needed")
                .hint(format!("qp {command} {} {value}", one_line(given))))
        }
    }
}

pub(super) fn tag(args: &TagArgs, app: &mut App) -> Result<()> {
    let (ids, labels) = tagged(args);
    let mut wanted = Change::default();
    wanted.labels.add = args::labels(&labels)?;
    if wanted.labels.add.is_empty() {
        return Err(Error::usage("there is no label").hint(format!("qp tag {} LABEL", one_line(&args.id))));
    }
    if !args.matching.takes_query() {
        refuse_keys(app, &ids, &labels)?;
    }
    let Some(ids) = args.matching.keys(app, "tag", &args.keys, &ids)? else { return Ok(()) };
    change(app, "tag", &ids, wanted)
}

/// A key among the labels is another issue, and not what the first one is to be called.
fn refuse_keys(app: &App, ids: &[String], labels: &[String]) -> Result<()> {
    let mut issues: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut others = Vec::new();
    let tracker = app.store()?.view()?.tracker;
    for label in labels {
        let place = if one_issue(&tracker, label).is_some() { &mut issues } else { &mut others };
        place.push(label);
    }
    let Some(key) = issues.get(ids.len()).filter(|_| !ids.is_empty()) else { return Ok(()) };
    let others = if others.is_empty() { vec!["LABEL"] } else { others };
    let message = format!("{:?} is the key of an issue, and could be a label", one_line(key));
    Err(Error::usage(message).hint(one_line(&format!(
        "qp tag {} {}; for a label of that name: qp update {} --add-label {key}",
        issues.join(","),
        others.join(" "),
        issues[0],
    ))))
}

/// With keys on standard input, all words are labels.
fn tagged(args: &TagArgs) -> (Vec<String>, Vec<String>) {
    let first = vec![args.id.clone()];
    match args.keys.reads_stdin() {
        true => (Vec::new(), [first, args.labels.clone()].concat()),
        false => (first, args.labels.clone()),
    }
}

/// Returns the key of the issue that a word names, where it is nobody's label or name so far.
fn one_issue(tracker: &Tracker, word: &str) -> Option<String> {
    let at = tracker.keys().resolve(word).ok()?;
    let is_whole = tracker.key(at).eq_ignore_ascii_case(word);
    let used = |at: usize| {
        let facts = tracker.facts(at);
        let front = || tracker.front(at);
        facts.has_labels() && front().labels.contains(word)
            || facts.has_assignee() && front().assignee.as_deref() == Some(word)
    };
    (is_whole || !(0..tracker.rows.len()).any(used)).then(|| tracker.key(at))
}

pub(super) fn note(args: &NoteArgs, app: &mut App) -> Result<()> {
    let ids = KeysArgs::default().all("note", std::slice::from_ref(&args.id))?;
    refuse_key(app, &args.words, |key| {
        let id = one_line(&args.id);
        format!("qp note {id},{key} \"TEXT\"; as a text in quotes: qp note {id} \"{key} …\"")
    })?;
    let text = args.words.read(&app.context, &format!("qp note {}", one_line(&args.id)))?;
    change(app, "note", &ids, Change { notes: Some(Notes::Append(text)), ..Change::default() })
}

fn change(app: &mut App, command: &str, ids: &[String], change: Change) -> Result<()> {
    apply(app, command, ids, &change, &Condition::default())
}
