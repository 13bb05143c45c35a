//! `qp apply`: many operations from a file, as one commit.
//!
//! Each operation is done by what does the command of its name, on the tracker as the operations before have left it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::app::{App, resolve, resolve_all};
use super::apply_report::{self, Applied, Told};
use super::change::Change;
use super::draft::Draft;
use super::lease::LeaseArgs;
use super::operation::{Action, Operation};
use super::sync::ShareArgs;
use super::{args, claim, close, comment, confirm, defer, delete, draft, edges, release, reopen};
use crate::error::{Error, Result};
use crate::model::{Front, Holder, IssueId, Timestamp, Tracker};
use crate::output::text::{counted, one_line};
use crate::query::nearest;
use crate::store::Txn;

/// Do many operations from a file of JSON Lines, as one commit
///
/// Each line is an object with the field "op": create, update, close, reopen, comment, note, claim, release, dep_add,
/// dep_remove, label_add, label_remove, defer, undefer or delete. It does what the command of that name does, after
/// the lines before it; a create with "ref": "a" is "$a" to the lines after it. All of it is done, or none: an error
/// names the line, and nothing is written.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp apply changes.jsonl --dry-run
  qp apply - --json < changes.jsonl
  echo '{\"op\":\"close\",\"id\":\"web-7k2m\",\"reason\":\"fixed\"}' | qp apply -

A file:
  {\"op\": \"create\", \"ref\": \"a\", \"title\": \"Write the migration\", \"priority\": 1}
  {\"op\": \"create\", \"title\": \"Run it\", \"deps\": [\"$a\"], \"labels\": [\"ops\"]}
  {\"op\": \"update\", \"id\": \"web-7k2m\", \"notes\": \"started\", \"if_status\": [\"open\"]}
  {\"op\": \"dep_add\", \"from\": \"web-7k2m\", \"to\": \"$a\"}")]
pub struct ApplyArgs {
    /// The file; - reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Show what would be done, without doing it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    share: ShareArgs,
}

pub(super) fn run(args: &ApplyArgs, app: &mut App) -> Result<()> {
    if !args.dry_run {
        app.refuse_past()?;
    }
    let operations = read(app, &args.file)?;
    let store = app.store()?;
    if args.dry_run {
        // A rehearsal keeps no session for later.
        let holder = app.reader(&store);
        let view = app.view()?;
        let applied = store.rehearse(&app.context, &view, |txn| apply_all(txn, &operations, &holder))?;
        return apply_report::print(app, &view.tracker, &applied, true);
    }
    let holder = app.holder(&store);
    let fences = fence(app, &operations, &holder, args.share.is_given())?;
    let done = app.transact("apply", |txn| {
        let applied = apply_all(txn, &operations, &holder)?;
        txn.subject(subject(&operations, &applied));
        Ok(applied)
    });
    let unfenced = confirm::unfence(app, &fences, done.is_ok());
    let done = done?;
    unfenced?;
    let tokens = done.value.iter().flat_map(|one| &one.tokens);
    let only_there = store.end_claims(tokens.map(|(id, token)| (*id, token.as_str())));
    apply_report::print(app, &done.view.tracker, &done.value, false)?;
    for operation in &operations {
        if let Action::Connect(wish) = &operation.action {
            edges::note_idle(app, &wish.relation);
        }
    }
    let claims = done.value.iter().any(|one| !one.claims.is_empty());
    if claims && !args.share.is_given() && store.remote().is_some() {
        app.ui.note(
            "claimed in this clone only: qp sync shares it, qp claim ID --sync lets the remote confirm it",
        );
    }
    args.share.share(app, done.ended_claims || !fences.is_empty() || only_there)
}

/// Reads the file. References are checked here: each must have been made by a line before.
fn read(app: &App, path: &Path) -> Result<Vec<Operation>> {
    let (text, file) = args::bulk_file(&app.context, path)?;
    let now = app.context.now();
    let mut operations: Vec<Operation> = Vec::new();
    let mut known: Vec<String> = Vec::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let read = Operation::read(at + 1, format!("{file} line {}", at + 1), line, now);
        let mut operation = read.map_err(|e| match e.remedy() {
            Some(_) => e,
            None => e.hint("qp apply --help shows how a line is written"),
        })?;
        for key in operation.keys_mut() {
            check_reference(key, &known).map_err(|e| e.within(&format!("{file} line {}", at + 1)))?;
        }
        if let Some(name) = &operation.reference {
            if known.contains(name) {
                let message = format!("the ref {name:?} is an earlier line's");
                return Err(Error::invalid(message).within(&operation.place));
            }
            known.push(name.clone());
        }
        operations.push(operation);
    }
    match operations.is_empty() {
        true => Err(Error::invalid(format!("{file} holds no operation"))
            .hint("{\"op\": \"close\", \"id\": \"ID\"}, one a line")),
        false => Ok(operations),
    }
}

fn check_reference(key: &str, known: &[String]) -> Result<()> {
    let Some(name) = key.strip_prefix('$') else { return Ok(()) };
    if known.iter().any(|other| other == name) {
        return Ok(());
    }
    let error = Error::invalid(format!("{} is no ref of a line before", one_line(key)));
    // Names of a letter or two are all alike.
    let near = nearest(name, known.iter().map(String::as_str)).filter(|_| name.len() > 2);
    Err(match near {
        Some(near) => error.hint(format!("did you mean ${near}?")),
        None => error
            .hint(format!("{{\"op\": \"create\", \"ref\": {name:?}, \"title\": \"…\"}} in a line before")),
    })
}

/// Asks the remote about issues that are to be closed or released, as `close` and `release` do.
fn fence(app: &mut App, operations: &[Operation], holder: &Holder, sync: bool) -> Result<Vec<confirm::Won>> {
    let there =
        |ids: &[String]| -> Vec<String> { ids.iter().filter(|id| !id.starts_with('$')).cloned().collect() };
    let (mut closing, mut releasing) = (Vec::new(), Vec::new());
    for operation in operations {
        match &operation.action {
            Action::Close(one) if !one.force => closing.extend(there(&one.ids)),
            Action::Release { ids, force: false } => releasing.extend(there(ids)),
            _ => {}
        }
    }
    let store = app.store()?;
    let view = store.view()?;
    let resolved = closing.iter().chain(&releasing).filter_map(|id| view.tracker.keys().resolve(id).ok());
    let known: Vec<usize> = resolved.collect();
    if known.is_empty() || !(sync || confirm::any_confirmed(&view.tracker, &known, holder)) {
        return Ok(Vec::new());
    }
    // What would be refused anyway asks nobody.
    store.rehearse(&app.context, &view, |txn| apply_all(txn, operations, holder))?;
    confirm::look_again(app, &releasing, holder)?;
    confirm::fence_allowed(app, &closing, holder, sync)
}

/// Does all operations within a write.
fn apply_all(txn: &mut Txn<'_>, operations: &[Operation], holder: &Holder) -> Result<Vec<Applied>> {
    let mut made: HashMap<String, IssueId> = HashMap::new();
    txn.in_steps(operations.len(), |at, txn| {
        let mut operation = operations[at].clone();
        for key in operation.keys_mut() {
            if let Some(id) = key.strip_prefix('$').and_then(|name| made.get(name)) {
                *key = id.to_string();
            }
        }
        let mut applied = Applied::new(&operation);
        let done = apply(txn, &operation, holder, &mut applied);
        done.map_err(|e| as_written(e, txn.tracker(), &made).within(&operation.place))?;
        if let (Some(name), Some(Told::Issue { id, .. })) = (&operation.reference, applied.told.first()) {
            made.insert(name.clone(), *id);
        }
        Ok(applied)
    })
}

/// Nothing has been written where something fails, so that the keys of new issues would say nothing.
fn as_written(error: Error, tracker: &Tracker, made: &HashMap<String, IssueId>) -> Error {
    let names = made.iter().map(|(name, id)| (tracker.key_of(*id), format!("${name}")));
    names.fold(error, |error, (key, name)| error.calling(&key, &name))
}

/// Does one operation within a write of its own.
fn apply(txn: &mut Txn<'_>, operation: &Operation, holder: &Holder, applied: &mut Applied) -> Result<()> {
    let tracker = txn.tracker();
    match &operation.action {
        Action::Create(new) => create(txn, new, holder, applied)?,
        Action::Update { ids, change, condition, claim } => {
            let positions = resolve_all(tracker, ids)?;
            condition.check(txn, &positions)?;
            match claim {
                true => claim_changed(txn, &positions, change, holder, applied)?,
                false => {
                    let outcomes = change.apply(txn, &positions, holder)?;
                    outcomes.iter().for_each(|one| applied.issue(tracker, one.id, one.verb));
                }
            }
        }
        Action::Close(closing) => {
            let closed = close::close(txn, closing, holder)?;
            closed.iter().for_each(|(id, step)| applied.issue(tracker, *id, close::verb(*step)));
        }
        Action::Reopen { ids, reason } => {
            let reopened = reopen::reopen(txn, ids, reason.as_deref(), &holder.actor)?;
            reopened.iter().for_each(|one| applied.issue(tracker, one.id, one.verb()));
        }
        Action::Comment { ids, author, text } => {
            for id in ids {
                let position = resolve(tracker, id)?;
                comment::put(txn, position, author.as_ref().unwrap_or(&holder.actor), text)?;
                applied.issue(tracker, tracker.front(position).id, "commented on");
            }
        }
        Action::Claim { ids, term } => {
            let positions = resolve_all(tracker, ids)?;
            applied.claims(tracker, claim::take_all(txn, &positions, holder, *term)?);
        }
        Action::Release { ids, force } => {
            for position in resolve_all(tracker, ids)? {
                let one = release::release(txn, position, holder, *force)?;
                applied.tokens.extend(one.token.map(|token| (one.id, token)));
                applied.issue(tracker, one.id, release::verb(one.step));
            }
        }
        Action::Connect(wish) => {
            let edges = edges::add_all(txn, std::slice::from_ref(wish))?;
            applied.edges(tracker, &edges, ["added", "exists"]);
        }
        Action::Disconnect { pair, relation } => {
            let edges = edges::remove_all(txn, std::slice::from_ref(pair), relation.as_ref())?;
            applied.edges(tracker, &edges, ["removed", "absent"]);
        }
        Action::Delete { ids, extent } => {
            let deletion = delete::delete(txn, ids, *extent, holder)?;
            deletion.ids.iter().for_each(|id| applied.issue(tracker, *id, "deleted"));
        }
        Action::Defer { ids, until } => put_off(txn, ids, holder, applied, |front, holder, now| {
            defer::defer_one(front, *until, holder, now)
        })?,
        Action::Undefer { ids } => put_off(txn, ids, holder, applied, defer::undefer_one)?,
    }
    Ok(())
}

/// Creates an issue, unless its idempotency key has done so before.
fn create(txn: &mut Txn<'_>, new: &Draft, holder: &Holder, applied: &mut Applied) -> Result<()> {
    let tracker = txn.tracker();
    if let Some(id) = draft::existing(tracker, new) {
        applied.issue(tracker, id, "exists already");
        return Ok(());
    }
    let written = draft::put_all(std::slice::from_ref(new), &holder.actor, txn)?;
    written.created.iter().for_each(|issue| applied.created(tracker, issue));
    Ok(())
}

/// Changes issues and claims them, as `update --claim` does.
fn claim_changed(
    txn: &mut Txn<'_>,
    positions: &[usize],
    change: &Change,
    holder: &Holder,
    applied: &mut Applied,
) -> Result<()> {
    change.beside_claim(txn.tracker(), holder)?.apply(txn, positions, holder)?;
    let claims = claim::take_all(txn, positions, holder, LeaseArgs::default().read()?)?;
    applied.claims(txn.tracker(), claims);
    Ok(())
}

/// Puts issues off, or brings them back.
fn put_off(
    txn: &mut Txn<'_>,
    ids: &[String],
    holder: &Holder,
    applied: &mut Applied,
    change: impl FnMut(&mut Front, &Holder, Timestamp) -> &'static str,
) -> Result<()> {
    let tracker = txn.tracker();
    let positions = resolve_all(tracker, ids)?;
    let said = defer::change_within(txn, &positions, holder, change)?;
    said.iter().for_each(|(id, verb)| applied.issue(tracker, *id, verb));
    Ok(())
}

/// Says in the history what the commit is.
fn subject(operations: &[Operation], applied: &[Applied]) -> String {
    let mut keys: Vec<&str> = Vec::new();
    for key in applied.iter().flat_map(Applied::keys) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let more = if keys.len() > 10 { ", …" } else { "" };
    let count = counted(operations.len(), "operation");
    format!("apply {count}: {}{more}", keys[..keys.len().min(10)].join(", "))
}
