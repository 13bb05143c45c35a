//! `qp status` for programs.

use serde_json::{Value, json};

use super::status::elsewhere;
use crate::error::Result;
use crate::model::{Lease, Timestamp, Tracker};
use crate::output::json::Object;
use crate::query::Summary;
use crate::store::{OutboxCount, Standing, View};

/// Returns what the counts, the claims and the remote amount to.
pub(super) fn document(view: &View, summary: &Summary, claims: &[usize], now: Timestamp) -> Result<Object> {
    let tracker = &view.tracker;
    let claims: Vec<Value> = claims.iter().map(|at| claim(tracker, *at, now).into()).collect();
    let document = json!({
        "summary": {
            "total_issues": summary.total,
            "open_issues": summary.open,
            "in_progress_issues": summary.in_progress,
            "closed_issues": summary.closed,
            "blocked_issues": summary.blocked,
            "deferred_issues": summary.deferred,
            "ready_issues": summary.ready,
            "pinned_issues": 0,
            "epics_eligible_for_closure": summary.closeable_epics,
            "average_lead_time_hours": summary.lead_time_hours,
        },
        "prefix": tracker.settings.prefix,
        "branch": view.store().branch(),
        "commit": view.branch_commit()?.unwrap_or_else(|| view.commit()),
        "claims": claims,
        "attic": view.attic()?.len(),
    });
    let mut document = document.as_object().cloned().unwrap_or_default();
    let outbox = view.store().count_outbox()?;
    if let Some(standing) = view.store().standing()? {
        let Standing { remote, ahead, behind, is_shared, seen, .. } = standing;
        let seen = seen.map(|seen| seen.to_string());
        let is_shared = is_shared && outbox.as_ref().is_none_or(|outbox| outbox.new == 0);
        let remote = json!({
            "name": remote, "ahead": ahead, "behind": behind, "shared": is_shared, "last_reached": seen,
        });
        document.insert("remote".to_owned(), remote);
    }
    if let Some(OutboxCount { files, operations, new, waiting, unusable, only: _ }) = outbox {
        let outbox = json!({
            "files": files, "operations": operations, "new": new, "waiting": waiting, "unusable": unusable,
        });
        document.insert("outbox".to_owned(), outbox);
    }
    Ok(document)
}

fn claim(tracker: &Tracker, at: usize, now: Timestamp) -> Object {
    let front = tracker.front(at);
    let confirmed = tracker.live_claim(at, now).filter(|_| elsewhere(tracker, at, now));
    let state = match front.lease(now) {
        _ if confirmed.is_some() => "live",
        Lease::Live(_) => "live",
        Lease::Lapsed => "lapsed",
        Lease::Stale => "stale",
        Lease::Unleased | Lease::Free => "unleased",
    };
    let mut object = Object::new();
    object.insert("id".to_owned(), tracker.key(at).into());
    object.insert("title".to_owned(), front.title.clone().into());
    object.insert("state".to_owned(), state.into());
    let (texts, times) = match confirmed {
        Some(claim) => (
            [("actor", Some(claim.holder.actor.clone())), ("session", Some(claim.holder.session.clone()))],
            [("claimed_at", Some(claim.claimed_at)), ("lease_expires_at", Some(claim.lease_until))],
        ),
        None => (
            [("actor", front.assignee.clone()), ("session", front.claimed_session.clone())],
            [("claimed_at", front.claimed_at), ("lease_expires_at", front.lease_until)],
        ),
    };
    object.insert("confirmed".to_owned(), tracker.live_claim(at, now).is_some().into());
    let times = times.map(|(name, time)| (name, time.map(|t| t.to_string())));
    for (name, value) in texts.into_iter().chain(times) {
        object.extend(value.map(|v| (name.to_owned(), v.into())));
    }
    object
}
