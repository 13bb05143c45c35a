//! `qp status`, which is also what a bare `qp` prints

use std::cmp::Reverse;

use super::app::{App, readiness};
use super::fetch::FetchArgs;
use super::{activity, kept, ready, status_json};
use crate::error::Result;
use crate::model::{ClaimRef, Front, Lease, Status, Timestamp, Tracker};
use crate::output::json::versioned;
use crate::output::sheet::short;
use crate::output::speech::as_called;
use crate::output::table::{self, Line, distance};
use crate::output::text::{counted, cut, one_line};
use crate::query::{Readiness, Summary, ready_order};
use crate::store::{Standing, View};

/// Show where the tracker stands: counts, ready work, claims, what was closed last
#[derive(clap::Args, Debug, Default)]
#[command(after_long_help = "Examples:\n  qp status\n  qp status --json | jq .summary.ready_issues")]
pub struct StatusArgs {
    /// Only what is assigned to you
    #[arg(long)]
    assigned: bool,
    /// Leave out what happened in the last 24 hours
    #[arg(long)]
    no_activity: bool,
    #[command(flatten)]
    fetch: FetchArgs,
}

const READY: usize = 5;
const CLAIMS: usize = 10;
const CLOSED: usize = 3;
/// Most columns of why an issue was closed, also where no terminal sets a limit: `show` has all of it.
const REASON: usize = 80;

pub(super) fn run(args: &StatusArgs, app: &mut App) -> Result<()> {
    args.fetch.fetch(app)?;
    let view = app.view()?;
    let tracker = &view.tracker;
    let actor = if args.assigned { Some(app.identity(view.store()).actor.value) } else { None };
    let select = |at: usize| actor.is_none() || tracker.front(at).assignee == actor;
    let readiness = readiness(&view, app.context.now());
    let summary = Summary::new(tracker, &readiness, select);
    let mut claims: Vec<usize> = (0..tracker.rows.len())
        .filter(|at| {
            select(*at)
                && (tracker.facts(*at).status() == Some(&Status::InProgress)
                    || elsewhere(tracker, *at, readiness.now()))
        })
        .collect();
    // Live leases first, the next to end before the others; then what nobody seems to work on.
    claims.sort_by_key(|at| {
        let front = tracker.front(*at);
        (neglected(front, readiness.now()), front.lease_until.is_none(), front.lease_until, *at)
    });
    // What is assigned to somebody says nothing about who changed it.
    let with_activity = !args.no_activity && !args.assigned;
    if app.ui.json {
        let mut document = status_json::document(&view, &summary, &claims, readiness.now())?;
        if with_activity {
            document.insert("recent_activity".to_owned(), activity::document(&view, readiness.now())?);
        }
        return app.ui.document(&versioned(document));
    }
    counts(app, &view, &summary)?;
    let lately = if with_activity { activity::line(&view, readiness.now()) } else { None };
    let lines: Vec<String> = lately.into_iter().chain(lead_time(&summary)).collect();
    if !lines.is_empty() {
        app.ui.line(lines.join("; "))?;
    }
    let kept = view.attic()?.len();
    if kept > 0 {
        app.ui.advice(&format!("attic: {} of lost edits: qp attic list", counted(kept, "copy")))?;
    }
    if tracker.rows.is_empty() {
        app.ui.note("next: qp create \"What is to be done\"");
        return Ok(());
    }
    ready_part(app, tracker, &readiness, select)?;
    claims_part(app, tracker, &claims, readiness.now())?;
    closed_part(app, tracker, readiness.now(), select)
}

/// What `qp` does without a command: the same, or a pointer for whoever has no tracker yet.
pub(super) fn bare(app: &mut App) -> Result<()> {
    run(&StatusArgs::default(), app).map_err(|error| match error.code() {
        "no_repository" => error.hint("git init, then qp init; qp --help lists the commands"),
        "no_tracker" => {
            let remedy = error.remedy().unwrap_or("qp init").to_owned();
            error.hint(format!("{remedy}; qp --help lists the commands"))
        }
        _ => error,
    })
}

fn counts(app: &mut App, view: &View, summary: &Summary) -> Result<()> {
    let counts = [
        (summary.open, "open"),
        (summary.in_progress, "in progress"),
        (summary.blocked, "blocked"),
        (summary.deferred, "deferred"),
        (summary.other, "of another status"),
        (summary.closed, "closed"),
    ];
    let shown: Vec<String> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let shown = if shown.is_empty() { "no issues".to_owned() } else { shown.join(", ") };
    let prefix = one_line(&view.tracker.settings.prefix);
    app.ui.line(format!("{prefix} on {}: {shown}", view.store().branch()))?;
    if app.globals.at.is_none() {
        where_it_stands(app, view)?;
    }
    if summary.closeable_epics > 0 {
        app.ui.advice(&format!(
            "{} with all parts closed: qp epic close-eligible",
            counted(summary.closeable_epics, "epic")
        ))?;
    }
    Ok(())
}

/// Says how this clone stands to the remote, and what the outbox has beside it.
fn where_it_stands(app: &mut App, view: &View) -> Result<()> {
    let outbox = view.store().count_outbox()?.unwrap_or_default();
    if let Some(standing) = view.store().standing()? {
        let refusal = kept::refusal(app, view.store(), &standing)?;
        let line = match &refusal {
            Some(refusal) => {
                let (remote, branch) = (one_line(&standing.remote), view.store().branch());
                let behind = match standing.behind {
                    0 => String::new(),
                    behind => format!("; {behind} to take in: qp pull"),
                };
                format!("{remote} {}{behind}", kept::refuses(branch, refusal, standing.ahead))
            }
            None => {
                let saved = if standing.ahead > 0 { view.store().saved_unsent()? } else { None };
                shared(&standing, outbox.new > 0, saved, app.context.now())
            }
        };
        app.ui.advice(&line)?;
    }
    kept::waiting(view.store(), &outbox).map_or(Ok(()), |line| app.ui.advice(&line))
}

/// Says how long it took from creation to close.
fn lead_time(summary: &Summary) -> Option<String> {
    const HOUR_MS: f64 = 60.0 * 60.0 * 1000.0;
    let zero = Timestamp::default();
    let mean = zero.plus_millis((summary.lead_time_hours * HOUR_MS) as i64);
    (summary.closed > 0).then(|| format!("lead time: {} on average", distance(zero, mean)))
}

/// Says how this clone stands to the remote, and how old that knowledge is.
fn shared(standing: &Standing, with_outbox: bool, saved: Option<(String, usize)>, now: Timestamp) -> String {
    let Standing { remote, ahead, behind, is_shared, seen, elsewhere } = standing;
    let elsewhere = kept::elsewhere(elsewhere.as_ref(), *ahead, remote);
    let saved = match saved {
        Some((name, count)) if count >= *ahead => format!(", saved in {}", one_line(&name)),
        Some((name, count)) => format!(", {count} of them saved in {}", one_line(&name)),
        None => String::new(),
    };
    let state = match (is_shared, ahead, behind) {
        (_, _, 0) if let Some(elsewhere) = elsewhere => elsewhere,
        (false, ahead, _) => format!("{} never sent{saved}: qp sync", counted(*ahead, "operation")),
        (true, 0, 0) if with_outbox => "nothing on the branch to send".to_owned(),
        (true, 0, 0) => "nothing to send".to_owned(),
        (true, ahead, 0) => format!("{} to send{saved}: qp sync", counted(*ahead, "operation")),
        (true, 0, behind) => format!("{} to take in: qp sync", counted(*behind, "operation")),
        (true, ahead, behind) => {
            format!("{} to send{saved}, {behind} to take in: qp sync", counted(*ahead, "operation"))
        }
    };
    let seen = seen.map_or_else(
        || "not reached from here yet".to_owned(),
        |seen| format!("last reached {} ago", distance(seen, now)),
    );
    format!("{}: {state} ({seen})", one_line(remote))
}

fn ready_part(
    app: &mut App,
    tracker: &Tracker,
    readiness: &Readiness,
    select: impl Fn(usize) -> bool,
) -> Result<()> {
    let mut found = ready_order(tracker, readiness);
    found.retain(|c| select(c.position));
    let all = found.len();
    found.truncate(READY);
    let lines = ready::lines(tracker, readiness, &found);
    part(app, tracker, "ready", all, lines, "qp ready")
}

fn claims_part(app: &mut App, tracker: &Tracker, claims: &[usize], now: Timestamp) -> Result<()> {
    let program = app.ui.program;
    let remark = |at: usize| match tracker.live_claim(at, now) {
        Some(claim) if elsewhere(tracker, at, now) => {
            let left = distance(now, claim.lease_until);
            format!(
                "(claimed by {} until {}, {left} left)",
                one_line(&claim.holder.actor),
                short(claim.lease_until)
            )
        }
        _ => {
            as_called(&format!("({})", held(&tracker.key(at), tracker.front(at), now)), program).into_owned()
        }
    };
    let line = |at: &usize| Line { position: *at, remark: remark(*at), same_status: true, ..Line::default() };
    let lines = claims.iter().take(CLAIMS).map(line).collect();
    part(app, tracker, "in progress", claims.len(), lines, "qp list --status in_progress --limit 0")
}

fn closed_part(
    app: &mut App,
    tracker: &Tracker,
    now: Timestamp,
    select: impl Fn(usize) -> bool,
) -> Result<()> {
    let closed = (0..tracker.rows.len()).filter(|at| tracker.is_closed(*at) && select(*at));
    let mut closed: Vec<_> = closed.map(|at| Reverse((tracker.facts(at).closed_at, at))).collect();
    let all = closed.len();
    if all > CLOSED {
        closed.select_nth_unstable(CLOSED);
        closed.truncate(CLOSED);
    }
    closed.sort_unstable();
    let closed: Vec<usize> = closed.into_iter().map(|Reverse((_, at))| at).collect();
    let line = |at: &usize| Line {
        position: *at,
        remark: done(tracker.front(*at), now),
        same_status: true,
        ..Line::default()
    };
    let lines = closed.iter().map(line).collect();
    part(app, tracker, "closed", all, lines, "qp list --status closed --sort closed")
}

/// Prints a heading with a number, some lines, and how to see the others.
fn part(
    app: &mut App,
    tracker: &Tracker,
    name: &str,
    all: usize,
    mut lines: Vec<Line>,
    command: &str,
) -> Result<()> {
    if all == 0 {
        return Ok(());
    }
    lines.iter_mut().for_each(|line| line.depth = 1);
    app.ui.line("")?;
    app.ui.line(format!("{name} ({all}):"))?;
    table::print(&mut app.ui, tracker, &lines)?;
    match all - lines.len() {
        0 => Ok(()),
        more => app.ui.advice(&format!("  … {more} more: {command}")),
    }
}

/// Tells whether the remote has confirmed a claim that the branch does not show, or not yet.
pub(super) fn elsewhere(tracker: &Tracker, at: usize, now: Timestamp) -> bool {
    let is_shown = |claim: &ClaimRef| {
        let front = tracker.front(at);
        matches!(front.lease(now), Lease::Live(_)) && front.is_held_by(&claim.holder)
    };
    !tracker.is_closed(at) && tracker.live_claim(at, now).is_some_and(|claim| !is_shown(claim))
}

fn neglected(front: &Front, now: Timestamp) -> bool {
    matches!(front.lease(now), Lease::Lapsed | Lease::Stale)
}

/// Says until when an issue is held, or that it may be taken over.
fn held(key: &str, front: &Front, now: Timestamp) -> String {
    match front.lease(now) {
        Lease::Live(until) if until > now => format!("until {}, {} left", short(until), distance(now, until)),
        Lease::Live(until) => format!("lease ended {} ago, within its grace", distance(until, now)),
        Lease::Lapsed => {
            let ago = front.lease_until.map(|t| distance(t, now)).unwrap_or_default();
            format!("lapsed {ago} ago: qp claim {key} takes it over")
        }
        Lease::Stale => {
            format!(
                "no lease, unchanged for {}: qp claim {key} takes it over",
                distance(front.updated_at, now)
            )
        }
        Lease::Unleased | Lease::Free => "no lease, held until released".to_owned(),
    }
}

fn done(front: &Front, now: Timestamp) -> String {
    let by = front.closed_by.as_ref().map(|b| format!(" by {b}")).unwrap_or_default();
    let ago = front.closed_at.map(|t| format!(" {} ago", distance(t, now))).unwrap_or_default();
    let reason = front.close_reason.as_ref().map(|r| format!(": {}", cut(&one_line(r), REASON)));
    let reason = reason.unwrap_or_default();
    format!("(closed{by}{ago}{reason})")
}
