//! `qp duplicate`, `supersede`: closing an issue for the sake of another.

use serde_json::json;

use super::app::{App, resolve};
use crate::error::{Error, Kind, Result};
use crate::model::{Relation, Tracker};
use crate::output::json::versioned;
use crate::output::text::one_line;
use crate::query::{list_keys, may_drop};
use crate::store::Txn;

/// Close an issue as a duplicate of another
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp duplicate web-7k2m --of web-3f9c")]
pub struct DuplicateArgs {
    /// Key of the one to close
    #[arg(value_name = "ID")]
    id: String,
    /// Key of the one that stays
    #[arg(long, value_name = "ID")]
    of: String,
    /// Close in spite of open parts and other people's claims
    #[arg(short, long)]
    force: bool,
}

/// Close an issue because another replaces it
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp supersede web-7k2m --with web-3f9c")]
pub struct SupersedeArgs {
    /// Key of the one to close
    #[arg(value_name = "ID")]
    id: String,
    /// Key of the one that replaces it
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
    id: &'a str,
    other: &'a str,
    force: bool,
}

/// What became of it.
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
            id: &args.id,
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
            id: &args.id,
            other: &args.with,
            force: args.force,
        },
    )
}

fn replace(app: &mut App, wanted: &Replacement<'_>) -> Result<()> {
    let done = {
        let holder = app.holder(&app.store()?);
        app.transact(wanted.command, |txn| close(txn, wanted, &holder))?
    };
    let Outcome { key, other, title, changed, waiting } = done.value;
    if !waiting.is_empty() {
        let keys = list_keys(&done.view.tracker, &waiting);
        let (verb, first) = match waiting[..] {
            [only] => ("does", done.view.tracker.key(only)),
            _ => ("do", "ID".to_owned()),
        };
        app.ui.note(format!("{keys} waited for {key} and {verb} not wait for {other}; where it should: qp dep add {first} {other}"));
    }
    if app.ui.json {
        let mut document = json!({});
        document[wanted.names[0]] = key.into();
        document[wanted.names[1]] = other.into();
        document["status"] = "closed".into();
        return app.ui.document(&versioned(document));
    }
    let already = if changed { "" } else { " already" };
    let reason = wanted.reason.to_lowercase();
    app.ui.line(format!("closed{already} {key}: {} ({reason} {other})", one_line(&title)))
}

fn close(txn: &mut Txn<'_>, wanted: &Replacement<'_>, holder: &crate::model::Holder) -> Result<Outcome> {
    let tracker = txn.tracker();
    let (from, to) = (resolve(tracker, wanted.id)?, resolve(tracker, wanted.other)?);
    let (key, other) = (tracker.key(from), tracker.key(to));
    if from == to {
        return Err(Error::usage(format!("{key} cannot stand for itself"))
            .hint("name the issue that stays open as the other one"));
    }
    check_circle(tracker, from, to)?;
    if !wanted.force {
        may_drop(tracker, from, holder, txn.now, &[])?;
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
    txn.subject(format!("{} {key}: {} {other}", wanted.command, wanted.reason.to_lowercase()));
    let open = !before.status.is_closed() && !tracker.is_closed(to);
    let waits = |at: &usize| {
        open && *at != to && !tracker.is_closed(*at) && tracker.graph().blockers(*at).all(|b| b != to)
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
