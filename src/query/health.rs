//! What is wrong with a tracker: contradictions that hand editing, merges and clocks leave behind.
//!
//! Each finding names its remedy. Nothing here changes anything, but for [`repair`], which says what a
//! contradictory state must have meant.

use crate::model::{FIELDS, Front, Lease, Status, Timestamp, Tracker, Value};

/// How far ahead of the clock a time may be, in milliseconds.
const AHEAD_MS: i64 = 10 * 60 * 1000;
/// Times that lie in the future by their nature.
const FUTURE_FIELDS: [&str; 3] = ["due_at", "defer_until", "lease_until"];

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Something is lost, wrong or refused.
    Error,
    /// Something will go wrong, or is not what anybody wanted.
    Warning,
    /// Worth knowing; nothing is wrong.
    Note,
}

impl Severity {
    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// Something that is wrong, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// A stable word for programs.
    pub code: &'static str,
    /// The key of the issue, where it is about one.
    pub issue: Option<String>,
    /// The path on the branch or in the file system, where it is about a file.
    pub path: Option<String>,
    /// The line in that file, from 1.
    pub line: Option<u32>,
    /// What is wrong, in a sentence that names the thing.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Finding {
    /// Builds a finding that is about nothing in particular.
    pub fn new(
        severity: Severity,
        code: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let (message, remedy) = (message.into(), remedy.into());
        Finding { severity, code, issue: None, path: None, line: None, message, remedy }
    }

    /// Says which issue it is about.
    #[must_use]
    pub fn of_issue(mut self, key: impl Into<String>) -> Self {
        self.issue = Some(key.into());
        self
    }

    /// Says which file it is about.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Says which line it is about.
    #[must_use]
    pub fn on_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }
}

/// Looks for contradictions between and in the issues.
pub fn examine(tracker: &Tracker, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, row) in tracker.rows.iter().enumerate() {
        let key = tracker.key(at);
        found.extend(dangling(tracker, &key, &row.front));
        found.extend(incoherent(&key, &row.front));
        found.extend(ahead(&key, &row.front, now));
        found.extend(unclaimed_work(&key, &row.front, now));
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

fn dangling(tracker: &Tracker, key: &str, front: &Front) -> Vec<Finding> {
    let points_nowhere = |target| tracker.keys().resolve_ref(target).is_none();
    let missing = front.references().into_iter().filter(|(_, target)| points_nowhere(target));
    missing
        .map(|(kind, target)| {
            let remedy = match kind {
                "parent-child" => format!("qp update {key} --parent \"\""),
                "duplicates" | "supersedes" => format!("qp show {key}"),
                _ => format!("qp dep remove {key} {target}"),
            };
            let message = format!("{key} refers to {target} ({kind}), which is not in this tracker");
            Finding::new(Severity::Warning, "dangling_reference", message, remedy).of_issue(key)
        })
        .collect()
}

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
    let mut add = |code, message| {
        let finding = Finding::new(Severity::Warning, code, message, "qp doctor --fix");
        found.push(finding.of_issue(key));
    };
    if !claim.is_empty() {
        let code = if status.is_closed() { "closed_with_claim" } else { "claim_without_work" };
        add(code, format!("{key} is {status}, but has {claim}"));
    }
    if status.is_closed() && front.closed_at.is_none() {
        add("closed_without_time", format!("{key} is closed, but has no closed_at"));
    }
    if !closing.is_empty() {
        add("open_with_closing", format!("{key} is {status}, but has {closing}"));
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

fn unclaimed_work(key: &str, front: &Front, now: Timestamp) -> Option<Finding> {
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
    Some(Finding::new(Severity::Note, code, message, remedy).of_issue(key))
}

fn shared_keys(tracker: &Tracker) -> Vec<Finding> {
    let shared = tracker.keys().collisions().into_iter();
    shared
        .map(|(key, positions)| {
            let names: Vec<String> = positions.iter().map(|at| tracker.key(*at)).collect();
            let message = format!("{} issues have the key {key}", positions.len());
            let remedy = format!("name them {} until one of them has another key", names.join(" and "));
            Finding::new(Severity::Warning, "duplicate_key", message, remedy).of_issue(names[0].clone())
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
