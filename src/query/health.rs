//! What is wrong with a tracker: contradictions that hand editing, merges and clocks leave behind.
//!
//! Each finding names its remedy. Nothing here changes anything.

use super::finding::{Finding, Severity};
use super::mend::{Excess, Mend};
use super::repair::{is_abandoned, may_be_unreadable, own_keys, repair};
use crate::model::{FIELDS, Front, KeyMiss, Lease, Ref, Relation, Timestamp, Tracker, Value};

/// How far ahead of the clock a time may be, in milliseconds.
const AHEAD_MS: i64 = 10 * 60 * 1000;
/// Times that lie in the future by their nature.
const FUTURE_FIELDS: [&str; 3] = ["due_at", "defer_until", "lease_until"];

/// Looks for contradictions between and in the issues.
pub fn examine(tracker: &Tracker, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, row) in tracker.rows.iter().enumerate() {
        let key = tracker.key(at);
        found.extend(dangling(tracker, &key, &row.front));
        found.extend(incoherent(&key, &row.front));
        found.extend(ahead(&key, &row.front, now));
        found.extend(unclaimed_work(tracker, at, &row.front, now));
        if row.front.key.is_none() && tracker.keys().is_crowded(at) {
            let message =
                format!("{key} needs a longer key than most: another issue ends in the same four characters");
            found.push(
                Finding::new(Severity::Note, "long_key", message, format!("qp show {key}")).of_issue(key),
            );
        }
    }
    found.extend(shared_keys(tracker));
    found.extend(cycles(tracker));
    found
}

/// Looks at where an issue points: nowhere, or at several at once. A file that cannot be read is not gone.
fn dangling(tracker: &Tracker, key: &str, front: &Front) -> Vec<Finding> {
    let missing = front.references().into_iter().filter_map(|(kind, target)| {
        let miss = match target {
            Ref::Id(id) => tracker.position(*id).is_none().then_some(KeyMiss::NotFound)?,
            Ref::Key(name) => tracker.keys().resolve(name).err()?,
        };
        Some((kind, target, miss))
    });
    let found = missing.filter_map(|(kind, target, miss)| {
        let remedy = match kind {
            "parent-child" => format!("qp update {key} --parent \"\""),
            "duplicates" | "supersedes" => format!("qp show {key}"),
            _ => format!("qp dep remove {key} {target}"),
        };
        if let KeyMiss::Ambiguous(fits) = miss {
            let names: Vec<String> = fits.iter().map(|at| tracker.key(*at)).collect();
            let message = format!("{key} refers to {target} ({kind}), which fits {}", names.join(" and "));
            let remedy = format!("qp show {key}; then refer to the one that is meant");
            return Some(
                Finding::new(Severity::Warning, "ambiguous_reference", message, remedy).of_issue(key),
            );
        }
        let unread = may_be_unreadable(tracker, target);
        if unread && target.id().is_some() {
            return None;
        }
        let mend = Mend::Unlink(front.id, Relation::from_text(kind), target.clone());
        let message = format!("{key} refers to {target} ({kind}), which is not in this tracker");
        let finding = Finding::new(Severity::Warning, "dangling_reference", message, remedy).of_issue(key);
        Some(finding.mended_by((!unread).then_some(mend)))
    });
    found.collect()
}

fn incoherent(key: &str, front: &Front) -> Vec<Finding> {
    let Some(repaired) = repair(front) else { return Vec::new() };
    let dropped = |name: &&str| {
        let value = |front| FIELDS.iter().find(|f| f.key == *name).and_then(|f| f.get(front));
        value(front).is_some() && value(&repaired).is_none()
    };
    let names = |names: &[&'static str]| names.iter().copied().filter(dropped).collect::<Vec<_>>().join(", ");
    let claim = names(&["claimed_at", "claimed_session", "lease_until", "claim"]);
    let closing = names(&["closed_at", "closed_by", "close_reason"]);
    let status = &front.status;
    let mut found = Vec::new();
    let mut add = |code, message, excess| {
        let finding = Finding::new(Severity::Warning, code, message, "qp doctor --fix");
        found.push(finding.of_issue(key).mended_by(Mend::State(front.id, excess)));
    };
    if !claim.is_empty() {
        let code = if status.is_closed() { "closed_with_claim" } else { "claim_without_work" };
        add(code, format!("{key} is {status}, but has {claim}"), Excess::Claim);
    }
    if status.is_closed() && front.closed_at.is_none() {
        add("closed_without_time", format!("{key} is closed, but has no closed_at"), Excess::NoTime);
    }
    if !closing.is_empty() {
        add("open_with_closing", format!("{key} is {status}, but has {closing}"), Excess::Closing);
    }
    found
}

fn ahead(key: &str, front: &Front, now: Timestamp) -> Vec<Finding> {
    let fields = FIELDS.iter().filter(|f| !FUTURE_FIELDS.contains(&f.key));
    let times = fields.filter_map(|field| match field.get(front) {
        Some(Value::Time(time)) if time.since(now) > AHEAD_MS => Some((field.key, time)),
        _ => None,
    });
    times
        .map(|(name, time)| {
            let message = format!("{key}: {name} is {time}, ahead of this clock, which says {now}");
            let remedy = "compare the clocks of the machines that write; the next change of the issue takes the present time";
            Finding::new(Severity::Warning, "future_time", message, remedy).of_issue(key)
        })
        .collect()
}

fn unclaimed_work(tracker: &Tracker, at: usize, front: &Front, now: Timestamp) -> Option<Finding> {
    let key = tracker.key(at);
    let by = front.assignee.as_ref().map(|name| format!(" by {name}")).unwrap_or_default();
    let (code, message) = match front.lease(now) {
        Lease::Lapsed => {
            let until = front.lease_until.map(|t| t.to_string()).unwrap_or_default();
            ("lapsed_claim", format!("{key} is claimed{by} under a lease that ended at {until}"))
        }
        Lease::Stale => {
            let last = front.updated_at;
            ("stale_claim", format!("{key} is in progress{by} without a lease and unchanged since {last}"))
        }
        Lease::Free | Lease::Live(_) | Lease::Unleased => return None,
    };
    let remedy = format!("qp claim {key} takes it over, qp release {key} gives it back");
    let mend = is_abandoned(tracker, at, front, now).then_some(Mend::Release(front.id));
    Some(Finding::new(Severity::Note, code, message, remedy).of_issue(key).mended_by(mend))
}

fn shared_keys(tracker: &Tracker) -> Vec<Finding> {
    let shared = tracker.keys().collisions().into_iter();
    shared
        .map(|(key, positions)| {
            let names: Vec<String> = positions.iter().map(|at| tracker.key(*at)).collect();
            let message = format!("{} issues have the key {key}", positions.len());
            let remedy = format!("name them {} until one of them has another key", names.join(" and "));
            Finding::new(Severity::Warning, "duplicate_key", message, remedy)
                .of_issue(names[0].clone())
                .mended_by(own_keys(tracker, &key, &positions))
        })
        .collect()
}

fn cycles(tracker: &Tracker) -> Vec<Finding> {
    let describe = |walk: Vec<usize>| {
        let mut keys: Vec<String> = walk.iter().map(|at| tracker.key(*at)).collect();
        keys.push(keys[0].clone());
        let graph = tracker.graph();
        let steps = walk.iter().zip(walk.iter().cycle().skip(1));
        let blocked = steps.clone().find(|(from, to)| graph.blockers(**from).any(|b| b == **to));
        let remedy = match blocked {
            Some((from, to)) => format!("qp dep remove {} {}", tracker.key(*from), tracker.key(*to)),
            None => match walk.iter().find(|at| graph.parent(**at).is_some()) {
                Some(at) => format!("qp update {} --parent \"\"", tracker.key(*at)),
                None => format!("qp dep tree {}", keys[0]),
            },
        };
        let message = format!("a cycle of waiting, so none of these is ever ready: {}", keys.join(" → "));
        Finding::new(Severity::Error, "cycle", message, remedy).of_issue(keys[0].clone())
    };
    tracker.graph().cycles().into_iter().map(describe).collect()
}
