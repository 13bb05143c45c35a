//! `qp duplicate`, `supersede`: closing issues for the sake of another.

use serde_json::{Value, json};

use super::app::{App, resolve, resolve_all};
use super::report;
use crate::error::{Error, Kind, Result};
use crate::model::{Holder, Relation, Tracker};
use crate::output::json::versioned;
use crate::output::text::one_line;
use crate::query::{list_keys, may_drop};
use crate::store::Txn;

/// Close issues as duplicates of another
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp duplicate web-7k2m --of web-3f9c\n  qp duplicate 7k2m 8d1e --of web-3f9c"
)]
pub struct DuplicateArgs {
    /// Keys of those to close
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Key of the one that stays
    #[arg(long, value_name = "ID")]
    of: String,
    /// Close in spite of open parts and other people's claims
    #[arg(short, long)]
    force: bool,
}

/// Close issues because another replaces them
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp supersede web-7k2m --with web-3f9c")]
pub struct SupersedeArgs {
    /// Keys of those to close
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Key of the one that replaces them
    #[arg(long, alias = "by", value_name = "ID")]
    with: String,
    /// Close in spite of open parts and other people's claims
    #[arg(short, long)]
    force: bool,
}

/// What the two commands have in common.
struct Replacement<'a> {
    command: &'static str,
    relation: Relation,
    /// Names in the JSON document: of the closed issue, of the other.
    names: [&'static str; 2],
    reason: &'static str,
    ids: &'a [String],
    other: &'a str,
    force: bool,
}

/// What became of one of them.
struct Outcome {
    /// Keys of the closed issue and of the other, and the title of the first.
    key: String,
    other: String,
    title: String,
    changed: bool,
    /// What waited for the closed issue and does not wait for the other.
    waiting: Vec<usize>,
}

pub(super) fn run(args: &DuplicateArgs, app: &mut App) -> Result<()> {
    replace(
        app,
        &Replacement {
            command: "duplicate",
            relation: Relation::Duplicate,
            names: ["duplicate", "canonical"],
            reason: "Duplicate of",
            ids: &args.ids,
            other: &args.of,
            force: args.force,
        },
    )
}

pub(super) fn supersede(args: &SupersedeArgs, app: &mut App) -> Result<()> {
    replace(
        app,
        &Replacement {
            command: "supersede",
            relation: Relation::Successor,
            names: ["superseded", "replacement"],
            reason: "Superseded by",
            ids: &args.ids,
            other: &args.with,
            force: args.force,
        },
    )
}

/// Closes all, or none, by one commit.
fn replace(app: &mut App, wanted: &Replacement<'_>) -> Result<()> {
    let holder = app.holder(&app.store()?);
    let done = app.transact(wanted.command, |txn| {
        let batch = resolve_all(txn.tracker(), wanted.ids)?;
        let other = resolve(txn.tracker(), wanted.other)?;
        let outcomes = batch.iter().map(|at| close(txn, wanted, *at, other, &batch, &holder));
        let outcomes: Vec<Outcome> = outcomes.collect::<Result<_>>()?;
        txn.subject(match &outcomes[..] {
            [only] => {
                format!("{} {}: {} {}", wanted.command, only.key, wanted.reason.to_lowercase(), only.other)
            }
            _ => report::subject(wanted.command, txn.view(), &batch),
        });
        Ok(outcomes)
    })?;
    for outcome in &done.value {
        note_waiting(app, &done.view.tracker, outcome);
    }
    if app.ui.json {
        let mut documents: Vec<Value> = done.value.iter().map(|one| document(wanted, one)).collect();
        return match documents.pop() {
            Some(only) if documents.is_empty() => app.ui.document(&versioned(only)),
            last => app.ui.document(&documents.into_iter().chain(last).collect()),
        };
    }
    done.value.iter().try_for_each(|outcome| {
        let Outcome { key, other, title, changed, .. } = outcome;
        let already = if *changed { "" } else { " already" };
        let reason = wanted.reason.to_lowercase();
        app.ui.line(format!("closed{already} {key}: {} ({reason} {other})", one_line(title)))
    })
}

/// Says what waited for the closed issue and waits for nothing now.
fn note_waiting(app: &mut App, tracker: &Tracker, outcome: &Outcome) {
    let Outcome { key, other, waiting, .. } = outcome;
    if waiting.is_empty() {
        return;
    }
    let keys = list_keys(tracker, waiting);
    let (verb, first) = match waiting[..] {
        [only] => ("does", tracker.key(only)),
        _ => ("do", "ID".to_owned()),
    };
    app.ui.note(format!(
        "{keys} waited for {key} and {verb} not wait for {other}; where it should: qp dep add {first} {other}"
    ));
}

fn document(wanted: &Replacement<'_>, outcome: &Outcome) -> Value {
    let mut document = json!({});
    document[wanted.names[0]] = outcome.key.clone().into();
    document[wanted.names[1]] = outcome.other.clone().into();
    document["status"] = "closed".into();
    document
}

/// Closes one issue for the sake of another. `batch` is all that are closed together.
fn close(
    txn: &mut Txn<'_>,
    wanted: &Replacement<'_>,
    from: usize,
    to: usize,
    batch: &[usize],
    holder: &Holder,
) -> Result<Outcome> {
    let tracker = txn.tracker();
    let (key, other) = (tracker.key(from), tracker.key(to));
    if from == to {
        return Err(Error::usage(format!("{key} cannot stand for itself"))
            .hint("name the issue that stays open as the other one"));
    }
    check_circle(tracker, from, to)?;
    if !wanted.force {
        may_drop(tracker, from, holder, txn.now, batch)?;
    }
    let mut issue = txn.issue(from)?;
    let before = issue.front.clone();
    let front = &mut issue.front;
    let field = if wanted.relation == Relation::Duplicate {
        &mut front.duplicate_of
    } else {
        &mut front.superseded_by
    };
    *field = Some(tracker.front(to).id.into());
    if !front.status.is_closed() {
        front.close(&holder.actor, Some(format!("{} {other}", wanted.reason)), txn.now);
    }
    let changed = *front != before;
    let title = front.title.clone();
    txn.put(issue)?;
    let open = !before.status.is_closed() && !tracker.is_closed(to);
    let waits = |at: &usize| {
        let stays = *at != to && !batch.contains(at) && !tracker.is_closed(*at);
        open && stays && tracker.graph().blockers(*at).all(|b| b != to)
    };
    let waiting = tracker.graph().dependents(from).filter(waits).collect();
    Ok(Outcome { key, other, title, changed, waiting })
}

/// Refuses two issues that would each stand for the other, over however many others.
fn check_circle(tracker: &Tracker, from: usize, to: usize) -> Result<()> {
    let mut path = vec![from, to];
    while let Some(at) = path.last().copied() {
        let front = tracker.front(at);
        let next = front.duplicate_of.as_ref().or(front.superseded_by.as_ref());
        let Some(next) = next.and_then(|r| tracker.keys().resolve_ref(r)) else { return Ok(()) };
        if next == from {
            let keys: Vec<String> = path.iter().map(|at| tracker.key(*at)).collect();
            let message = format!("{} is itself closed for the sake of {}", keys[keys.len() - 1], keys[0]);
            return Err(Error::new(Kind::Conflict, "circle", message).hint(format!("qp show {}", keys[1])));
        }
        if path.contains(&next) {
            return Ok(());
        }
        path.push(next);
    }
    Ok(())
}
