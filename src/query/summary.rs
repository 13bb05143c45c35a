//! How many issues stand where: the numbers of `status`.

use crate::model::{Status, Tracker};

use super::epics::{Progress, is_open_epic};
use super::{Readiness, State};

const HOUR_MS: f64 = 60.0 * 60.0 * 1000.0;

/// Counts over a selection of issues. An issue may be counted in several: what is open may also be blocked.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Summary {
    /// All.
    pub total: usize,
    /// Of the status open.
    pub open: usize,
    /// Of the status in_progress.
    pub in_progress: usize,
    /// Of a status that is none of open, in_progress, deferred and closed.
    pub other: usize,
    /// Closed.
    pub closed: usize,
    /// Not closed, with an open blocker, own or inherited.
    pub blocked: usize,
    /// Put off at present.
    pub deferred: usize,
    /// Ready.
    pub ready: usize,
    /// Open epics whose parts are all closed.
    pub closeable_epics: usize,
    /// From creation to close, the mean over all closed ones, in hours.
    pub lead_time_hours: f64,
}

impl Summary {
    /// Counts the issues that `select` accepts.
    pub fn new(tracker: &Tracker, readiness: &Readiness, select: impl Fn(usize) -> bool) -> Self {
        let mut summary = Summary::default();
        let mut lead_ms = 0.0;
        let mut timed = 0_u32;
        for at in (0..tracker.rows.len()).filter(|at| select(*at)) {
            let facts = tracker.facts(at);
            summary.total += 1;
            match facts.status() {
                Some(Status::Open) => summary.open += 1,
                Some(Status::InProgress) => summary.in_progress += 1,
                Some(Status::Closed) => summary.closed += 1,
                Some(Status::Deferred) => {}
                Some(Status::Blocked | Status::Other(_)) | None => summary.other += 1,
            }
            if let (true, Some(closed)) = (facts.is_closed(), facts.closed_at) {
                // A clock that went back between the two counts as no time at all.
                lead_ms += closed.since(facts.created_at).max(0) as f64;
                timed += 1;
            }
            if facts.is_closed() {
                continue;
            }
            summary.ready += usize::from(readiness.state(at).is_ready());
            summary.blocked += usize::from(readiness.is_blocked(at));
            let put_off = |state: &&State| matches!(state, State::Deferred { .. });
            summary.deferred += usize::from(readiness.reasons(at).iter().any(put_off));
            summary.closeable_epics +=
                usize::from(is_open_epic(tracker, at) && Progress::of(tracker, at).is_complete());
        }
        if timed > 0 {
            summary.lead_time_hours = lead_ms / f64::from(timed) / HOUR_MS;
        }
        summary
    }
}
