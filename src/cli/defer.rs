//! `qp defer`, `undefer`

use serde_json::Value;

use super::app::{App, resolve_all, written};
use super::bulk::{KeysArgs, MatchArgs};
use super::fields::warn_past;
use super::{dates, report};
use crate::error::{Error, Kind, Result};
use crate::model::{Front, Holder, IssueId, Status, Timestamp};
use crate::output::sheet::short;
use crate::output::text::one_line;
use crate::query::may_change_state;
use crate::store::Txn;

/// Put issues off
///
/// With a date they are ready again when it has come, without anybody doing anything. Without one they stay away until
/// qp undefer. A claim is given back.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp defer web-7k2m --until 2026-03-01\n  qp defer 7k2m 3f9c --until +2w\n  qp defer web-7k2m"
)]
pub struct DeferArgs {
    /// Keys; with --all-matching a query
    #[arg(value_name = "ID", required_unless_present = "stdin")]
    ids: Vec<String>,
    #[command(flatten)]
    keys: KeysArgs,
    #[command(flatten)]
    matching: MatchArgs,
    /// Until when: 2026-03-01, +2w, next monday
    #[arg(short, long, aliases = ["for", "date", "to"], value_name = "DATE", allow_hyphen_values = true)]
    until: Option<String>,
}

/// Return deferred issues to work
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp undefer web-7k2m")]
pub struct UndeferArgs {
    /// Keys; with --all-matching a query
    #[arg(value_name = "ID", required_unless_present = "stdin")]
    ids: Vec<String>,
    #[command(flatten)]
    keys: KeysArgs,
    #[command(flatten)]
    matching: MatchArgs,
}

pub(super) fn run(args: &DeferArgs, app: &mut App) -> Result<()> {
    refuse_bare_date(args, app)?;
    let until = args.until.as_deref().map(|text| dates::parse(text, app.context.now())).transpose()?;
    if let Some(until) = until {
        warn_past(app, until);
    }
    let until_when = until.map(|t| format!(" until {}", short(t))).unwrap_or_default();
    let Some(ids) = args.matching.keys(app, "defer", &args.keys, &args.ids)? else { return Ok(()) };
    change(app, "defer", &ids, |front, holder, now| [defer_one(front, until, holder, now), &until_when])
}

/// A date behind the keys is taken for a key.
fn refuse_bare_date(args: &DeferArgs, app: &mut App) -> Result<()> {
    let [keys @ .., date] = &args.ids[..] else { return Ok(()) };
    if keys.is_empty() || args.until.is_some() || dates::parse(date, app.context.now()).is_err() {
        return Ok(());
    }
    if app.view()?.tracker.keys().resolve(date).is_ok() {
        return Ok(());
    }
    let date = one_line(date);
    let hint = format!("qp defer {} --until \"{date}\"", one_line(&keys.join(" ")));
    Err(Error::usage(format!("{date:?} is a date, not a key")).hint(hint))
}

/// Puts one issue off; returns the word for it.
pub(super) fn defer_one(
    front: &mut Front,
    until: Option<Timestamp>,
    holder: &Holder,
    now: Timestamp,
) -> &'static str {
    let before = front.clone();
    put_off(front, until, &holder.actor, now);
    if *front == before { "deferred already" } else { "deferred" }
}

pub(super) fn undefer(args: &UndeferArgs, app: &mut App) -> Result<()> {
    let Some(ids) = args.matching.keys(app, "undefer", &args.keys, &args.ids)? else { return Ok(()) };
    change(app, "undefer", &ids, |front, holder, now| [undefer_one(front, holder, now), ""])
}

/// Brings one issue back; returns the word for it.
pub(super) fn undefer_one(front: &mut Front, holder: &Holder, now: Timestamp) -> &'static str {
    let put_off = front.defer_until.is_some() || front.status == Status::Deferred;
    front.defer_until = None;
    if front.status == Status::Deferred {
        front.set_status(Status::Open, &holder.actor, now);
    }
    if put_off { "brought back" } else { "not deferred" }
}

/// A deferral with a date is that date and nothing else, so that nobody has to end it.
fn put_off(front: &mut Front, until: Option<Timestamp>, by: &str, now: Timestamp) {
    let status = if until.is_some() { Status::Open } else { Status::Deferred };
    if until.is_none() || matches!(front.status, Status::InProgress | Status::Deferred) {
        front.set_status(status, by, now);
    }
    front.defer_until = until;
}

/// Changes issues in one commit; `apply` returns what is said before and behind the key of each.
fn change<'s>(
    app: &mut App,
    command: &str,
    ids: &[String],
    mut apply: impl FnMut(&mut Front, &Holder, Timestamp) -> [&'s str; 2],
) -> Result<()> {
    let holder = app.holder(&app.store()?);
    let done = app.transact(command, |txn| {
        let positions = resolve_all(txn.tracker(), ids)?;
        let lines = change_within(txn, &positions, &holder, &mut apply)?;
        txn.subject(report::subject(command, txn.view(), &positions));
        Ok(lines)
    })?;
    let view = &done.view;
    let lines: Vec<(IssueId, [&str; 2])> = done.value;
    if app.ui.json {
        let documents: Vec<Value> = (lines.iter())
            .map(|(id, _)| report::document(view, *id).map(Value::from))
            .collect::<Result<_>>()?;
        return app.ui.document(&documents.into());
    }
    for (id, [verb, when]) in &lines {
        let position = written(view, *id)?;
        let title = one_line(&view.tracker.front(position).title);
        app.ui.line(format!("{verb} {}{when}: {title}", view.tracker.key(position)))?;
    }
    Ok(())
}

/// Changes issues that are open within a write; returns what `apply` says of each.
pub(super) fn change_within<T>(
    txn: &mut Txn<'_>,
    positions: &[usize],
    holder: &Holder,
    mut apply: impl FnMut(&mut Front, &Holder, Timestamp) -> T,
) -> Result<Vec<(IssueId, T)>> {
    let tracker = txn.tracker();
    let mut said = Vec::new();
    for position in positions {
        let key = tracker.key(*position);
        let mut issue = txn.issue(*position)?;
        if issue.front.status.is_closed() {
            return Err(Error::new(Kind::Conflict, "closed", format!("{key} is closed"))
                .hint(format!("qp reopen {key}")));
        }
        may_change_state(tracker, *position, holder, txn.now)?;
        said.push((issue.front.id, apply(&mut issue.front, holder, txn.now)));
        txn.put(issue)?;
    }
    Ok(said)
}
