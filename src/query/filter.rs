//! What a listing asks for, and whether an issue is that.
//!
//! Looks at front matter only; what asks for texts is in `text`. Issues are named by identity, not by
//! position, so a filter stays valid while the tracker moves on.

use std::collections::{BTreeMap, BTreeSet};

use super::lang::Predicate;
use crate::model::{Facts, Front, Issue, IssueId, Priority, Status, Timestamp, Tracker};

/// A span of time: from `after` (included) to `before` (excluded), each open where absent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Period {
    /// The first moment inside.
    pub after: Option<Timestamp>,
    /// The first moment past the end.
    pub before: Option<Timestamp>,
}

impl Period {
    /// Tells whether neither end is set.
    pub fn is_unset(&self) -> bool {
        self.after.is_none() && self.before.is_none()
    }

    /// Tells whether a time lies inside. A period that asks for anything does not contain an absent time.
    pub fn contains(&self, time: Option<Timestamp>) -> bool {
        match time {
            Some(time) => self.after.is_none_or(|a| time >= a) && self.before.is_none_or(|b| time < b),
            None => self.is_unset(),
        }
    }
}

/// A selection of issues. Everything that is set must hold; the default selects all that is not closed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// Closed issues too. Naming `closed` in `statuses`, naming `ids` or asking for a closing time has the
    /// same effect.
    pub all: bool,
    /// One of these statuses.
    pub statuses: BTreeSet<Status>,
    /// One of these types.
    pub types: BTreeSet<String>,
    /// None of these types.
    pub exclude_types: BTreeSet<String>,
    /// One of these priorities.
    pub priorities: BTreeSet<Priority>,
    /// At least this number: this urgent or less.
    pub priority_min: Option<Priority>,
    /// At most this number: this urgent or more.
    pub priority_max: Option<Priority>,
    /// All of these labels.
    pub labels: BTreeSet<String>,
    /// At least one of these labels.
    pub labels_any: BTreeSet<String>,
    /// None of these labels.
    pub exclude_labels: BTreeSet<String>,
    /// No label at all.
    pub no_labels: bool,
    /// This assignee.
    pub assignee: Option<String>,
    /// No assignee.
    pub unassigned: bool,
    /// A part of this issue, at any depth.
    pub parent: Option<IssueId>,
    /// With `parent`: its own children only.
    pub direct: bool,
    /// Part of nothing.
    pub no_parent: bool,
    /// One of these issues.
    pub ids: BTreeSet<IssueId>,
    /// The title contains this text, in any case.
    pub title_contains: Option<String>,
    /// Metadata entries: name and value, the value as text or as JSON.
    pub metadata: BTreeMap<String, String>,
    /// Created within.
    pub created: Period,
    /// Last changed within.
    pub updated: Period,
    /// Closed within.
    pub closed: Period,
    /// Due within.
    pub due: Period,
    /// Put off until a time within.
    pub defer: Period,
    /// Past its due date and not closed.
    pub overdue: bool,
    /// Put off at present: without a date, or until a time to come.
    pub deferred: bool,
    /// What a query asks for besides.
    pub query: Option<Predicate>,
}

impl Filter {
    /// Tells whether the issue at `position` is selected.
    pub fn matches(&self, tracker: &Tracker, position: usize, now: Timestamp) -> bool {
        // Most issues are passed over, or taken, for what is known of them without their front matter.
        let facts = tracker.facts(position);
        self.may_match(&facts)
            && (self.ids.is_empty() || self.ids.contains(&tracker.rows.id(position)))
            && (facts.status().is_some() && !self.needs_front()
                || self.front_matches(tracker.front(position), now))
            && self.parent_matches(tracker, position)
            && self.query.as_ref().is_none_or(|q| q.by_front(tracker, position, now).unwrap_or(true))
    }

    /// Tells whether what is selected by front matter has to be asked for its texts, by [`Filter::matches_texts`].
    pub fn needs_texts(&self) -> bool {
        self.query.as_ref().is_some_and(Predicate::needs_texts)
    }

    /// Tells whether the issue at `position`, which [`Filter::matches`] selects, is selected by its texts too.
    pub fn matches_texts(&self, tracker: &Tracker, position: usize, now: Timestamp, issue: &Issue) -> bool {
        self.query.as_ref().is_none_or(|query| query.matches(tracker, position, now, issue))
    }

    /// Tells whether an issue with these facts can be selected.
    fn may_match(&self, facts: &Facts) -> bool {
        facts.status().is_none_or(|status| self.status_matches(status))
            && self.priority_matches(facts.priority)
            && self.created.contains(Some(facts.created_at))
            && self.updated.contains(Some(facts.updated_at))
            && self.closed.contains(facts.closed_at)
            && (!self.no_labels || !facts.has_labels())
            && (self.labels.is_empty() && self.labels_any.is_empty() || facts.has_labels())
            && (!self.unassigned || !facts.has_assignee())
            && (self.assignee.is_none() || facts.has_assignee())
    }

    /// Tells whether the filter asks for more than facts, the identity and the place in the hierarchy.
    fn needs_front(&self) -> bool {
        let sets = [&self.types, &self.exclude_types, &self.labels, &self.labels_any, &self.exclude_labels];
        let periods = [self.due, self.defer];
        sets.iter().any(|set| !set.is_empty())
            || periods.iter().any(|period| !period.is_unset())
            || self.assignee.is_some()
            || self.title_contains.is_some()
            || !self.metadata.is_empty()
            || self.overdue
            || self.deferred
    }

    fn front_matches(&self, front: &Front, now: Timestamp) -> bool {
        self.status_matches(&front.status)
            && self.kind_matches(front)
            && self.labels_match(&front.labels)
            && self.assignee_matches(front.assignee.as_deref())
            && self.times_match(front, now)
            && self.text_matches(front)
    }

    fn status_matches(&self, status: &Status) -> bool {
        if !self.statuses.is_empty() {
            return self.statuses.contains(status);
        }
        !status.is_closed() || self.all || !self.ids.is_empty() || !self.closed.is_unset()
    }

    fn kind_matches(&self, front: &Front) -> bool {
        (self.types.is_empty() || self.types.contains(&front.kind))
            && !self.exclude_types.contains(&front.kind)
    }

    fn priority_matches(&self, priority: Priority) -> bool {
        (self.priorities.is_empty() || self.priorities.contains(&priority))
            && self.priority_min.is_none_or(|min| priority >= min)
            && self.priority_max.is_none_or(|max| priority <= max)
    }

    fn labels_match(&self, labels: &BTreeSet<String>) -> bool {
        self.labels.is_subset(labels)
            && (self.labels_any.is_empty() || !self.labels_any.is_disjoint(labels))
            && self.exclude_labels.is_disjoint(labels)
            && (!self.no_labels || labels.is_empty())
    }

    fn assignee_matches(&self, assignee: Option<&str>) -> bool {
        (self.assignee.is_none() || self.assignee.as_deref() == assignee)
            && (!self.unassigned || assignee.is_none())
    }

    fn times_match(&self, front: &Front, now: Timestamp) -> bool {
        let overdue = || !front.status.is_closed() && front.due_at.is_some_and(|due| due < now);
        self.due.contains(front.due_at)
            && self.defer.contains(front.defer_until)
            && (!self.overdue || overdue())
            && (!self.deferred || is_put_off(front, now))
    }

    fn text_matches(&self, front: &Front) -> bool {
        let in_title = |text: &String| front.title.to_lowercase().contains(&text.to_lowercase());
        self.title_contains.as_ref().is_none_or(in_title)
            && self.metadata.iter().all(|(name, value)| has_entry(front, name, value))
    }

    fn parent_matches(&self, tracker: &Tracker, position: usize) -> bool {
        if !self.no_parent && self.parent.is_none() {
            return true;
        }
        let graph = tracker.graph();
        if self.no_parent && graph.parent(position).is_some() {
            return false;
        }
        let Some(parent) = self.parent else { return true };
        // A parent that is not in the tracker has no parts.
        let Some(parent) = tracker.position(parent) else { return false };
        if self.direct {
            graph.parent(position) == Some(parent)
        } else {
            position != parent && graph.ancestors(position).contains(&parent)
        }
    }
}

fn is_put_off(front: &Front, now: Timestamp) -> bool {
    let later = front.defer_until.is_some_and(|until| until > now);
    !front.status.is_closed() && (later || front.status == Status::Deferred && front.defer_until.is_none())
}

/// Tells whether the metadata has an entry of that value, as text or as JSON.
pub(super) fn has_entry(front: &Front, name: &str, value: &str) -> bool {
    front.metadata.get(name).is_some_and(|json| {
        json == value || serde_json::from_str::<String>(json).is_ok_and(|text| text == value)
    })
}

/// Returns the selected issues, in the order of the tracker.
pub fn select(tracker: &Tracker, filter: &Filter, now: Timestamp) -> Vec<usize> {
    (0..tracker.rows.len()).filter(|at| filter.matches(tracker, *at, now)).collect()
}
