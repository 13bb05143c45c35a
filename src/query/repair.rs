//! What a contradictory or useless state of an issue must have meant: the repairs of `doctor --fix`, without asking
//! who may.

use crate::model::{
    DAY_MS, Front, IssueId, LEASE_GRACE_MS, Lease, Ref, Status, Timestamp, Tracker, is_valid_key,
};

use super::mend::Mend;

/// Fewest characters of an identity that are added to a key which several issues have.
const TAIL: usize = 4;
/// All characters of an identity.
const WHOLE: usize = crate::model::ULID_LEN;

/// Returns the front matter with the state that a contradictory one must have meant; `None` where it is coherent.
/// What the status says holds; whatever belongs to another status goes.
pub fn repair(front: &Front) -> Option<Front> {
    let mut repaired = front.clone();
    if front.status != Status::InProgress {
        repaired.reset_claim();
    }
    if front.status.is_closed() {
        repaired.closed_at.get_or_insert(front.updated_at);
    } else {
        repaired.closed_at = None;
        repaired.closed_by = None;
        repaired.close_reason = None;
    }
    (repaired != *front).then_some(repaired)
}

/// Changes an issue as a repair of it says.
pub fn mend_issue(front: &mut Front, mend: &Mend) {
    match mend {
        Mend::State(..) => {
            if let Some(repaired) = repair(front) {
                *front = repaired;
            }
        }
        Mend::Unlink(_, relation, target) => {
            front.remove_reference(relation, target);
        }
        Mend::Rename(names) => {
            if let Some((_, key)) = names.iter().find(|(id, _)| *id == front.id) {
                front.key.clone_from(key);
            }
        }
        Mend::Release(_) => front.release(),
        _ => {}
    }
}

/// Tells whether a claim may be taken for abandoned: its lease has been over for a day, and whoever holds the issue
/// has not renewed the claim at the remote either.
pub(super) fn is_abandoned(tracker: &Tracker, at: usize, front: &Front, now: Timestamp) -> bool {
    let long_over = |until: Timestamp| now.since(until) > LEASE_GRACE_MS + DAY_MS;
    front.lease(now) == Lease::Lapsed
        && front.lease_until.is_some_and(long_over)
        && tracker.live_claim(at, now).is_none()
}

/// Tells whether a reference may mean a file that cannot be read at present.
pub(super) fn may_be_unreadable(tracker: &Tracker, target: &Ref) -> bool {
    let mut unread = tracker.unreadable.iter().filter_map(|file| {
        let name = file.path.rsplit('/').next()?.strip_suffix(".md")?;
        IssueId::parse(name)
    });
    match target {
        Ref::Id(id) => unread.any(|other| other == *id),
        // Its key may be anything.
        Ref::Key(_) => unread.next().is_some(),
    }
}

/// Gives all but the oldest of several issues with one key a key of their own.
pub(super) fn own_keys(tracker: &Tracker, key: &str, positions: &[usize]) -> Mend {
    let mut fronts: Vec<&Front> = positions.iter().map(|at| tracker.front(*at)).collect();
    fronts.sort_by_key(|front| (front.created_at, front.id));
    let mut given: Vec<String> = Vec::new();
    let others = fronts.into_iter().skip(1).map(|front| {
        let key = front.key.as_deref().unwrap_or(key);
        let candidates = (TAIL..=WHOLE).map(|length| format!("{key}-{}", front.id.tail(length)));
        let is_free =
            |key: &String| is_valid_key(key) && !tracker.keys().has_explicit(key) && !given.contains(key);
        let own = candidates.into_iter().find(is_free);
        given.extend(own.clone());
        (front.id, own)
    });
    Mend::Rename(others.collect())
}
