//! A query against a tracker: conditions that an issue meets or does not.
//!
//! Issues are named by identity, so a predicate stays valid while the tracker moves on. Texts are looked at last, and
//! only where the front matter does not decide.

use std::collections::BTreeSet;

use crate::model::{Body, Issue, IssueId, Priority, Status, Timestamp, Tracker};
use crate::query::filter::{Period, has_entry};
use crate::query::globs::Glob;
use crate::query::ready::{Readiness, State};
use crate::query::stale::is_stale;
use crate::query::text::contains;

/// Conditions, joined.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Predicate {
    /// All hold.
    All(Vec<Predicate>),
    /// One holds.
    Any(Vec<Predicate>),
    /// It does not hold.
    Not(Box<Predicate>),
    /// A condition.
    Test(Test),
}

/// A condition. Several values mean any of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Test {
    /// In a state.
    Is(Is),
    /// With a status.
    Status(BTreeSet<Status>),
    /// Of a type.
    Kind(BTreeSet<String>),
    /// With a label.
    Label(BTreeSet<String>),
    /// Of a priority.
    Priority(BTreeSet<Priority>),
    /// Assigned to somebody; `None` is nobody.
    Assignee(BTreeSet<Option<String>>),
    /// A part of an issue, at any depth.
    PartOf(BTreeSet<IssueId>),
    /// One of these issues.
    Id(BTreeSet<IssueId>),
    /// At a time.
    Time(TimeField, Vec<Period>),
    /// The title contains a text.
    Title(Vec<String>),
    /// A text contains another.
    Text(Section, Vec<String>),
    /// There is such a thing.
    Has(Part),
    /// Waited for by one of these.
    Blocks(BTreeSet<IssueId>),
    /// Waits for one of these, directly.
    BlockedBy(BTreeSet<IssueId>),
    /// Its globs meet one of these.
    Path(Vec<String>),
    /// An entry of the metadata has a value.
    Meta(String, Vec<String>),
}

/// States that have a word of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Is {
    /// Any.
    All,
    /// Not closed.
    Open,
    /// Closed.
    Closed,
    /// Can be worked on now.
    Ready,
    /// Waits for an open issue, or has the status.
    Blocked,
    /// Somebody holds it.
    Claimed,
    /// Put off.
    Deferred,
    /// Has open parts.
    Container,
    /// Past its due date and not closed.
    Overdue,
    /// Open, and without a change for thirty days.
    Stale,
}

/// The times of an issue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeField {
    /// When it was created.
    Created,
    /// When it was last changed.
    Updated,
    /// When it was closed.
    Closed,
    /// When it should be done.
    Due,
    /// Until when it is put off.
    Defer,
}

/// The texts of an issue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// What it is about.
    Description,
    /// How it is to be done.
    Design,
    /// When it counts as done.
    Acceptance,
    /// What was found on the way.
    Notes,
}

/// What an issue may have or lack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Labels.
    Labels,
    /// An assignee.
    Assignee,
    /// A parent.
    Parent,
    /// A text.
    Text(Section),
    /// A time.
    Time(TimeField),
    /// Blockers, open or not.
    Blockers,
    /// Parts.
    Children,
    /// Comments.
    Comments,
    /// An estimate.
    Estimate,
    /// Globs of files.
    Paths,
    /// Metadata.
    Metadata,
    /// A reference to another system.
    ExternalRef,
    /// A specification.
    Spec,
}

/// An issue that is looked at.
struct At<'t> {
    tracker: &'t Tracker,
    position: usize,
    now: Timestamp,
    issue: Option<&'t Issue>,
}

impl Predicate {
    /// Tells whether an issue meets it, by its front matter; `None` where the texts decide.
    pub fn by_front(&self, tracker: &Tracker, position: usize, now: Timestamp) -> Option<bool> {
        self.holds(&At { tracker, position, now, issue: None })
    }

    /// Tells whether an issue meets it.
    pub fn matches(&self, tracker: &Tracker, position: usize, now: Timestamp, issue: &Issue) -> bool {
        // With the texts at hand nothing is open.
        self.holds(&At { tracker, position, now, issue: Some(issue) }).unwrap_or(false)
    }

    /// Tells whether texts may have to be read.
    pub fn needs_texts(&self) -> bool {
        match self {
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().any(Predicate::needs_texts),
            Predicate::Not(part) => part.needs_texts(),
            Predicate::Test(test) => matches!(test, Test::Text(..) | Test::Has(Part::Text(_))),
        }
    }

    fn holds(&self, at: &At<'_>) -> Option<bool> {
        match self {
            Predicate::All(parts) => settle(parts, at, false),
            Predicate::Any(parts) => settle(parts, at, true),
            Predicate::Not(part) => part.holds(at).map(|held| !held),
            Predicate::Test(test) => test.holds(at),
        }
    }
}

/// Looks for a part that decides alone; else it is the other way, unless some part is open.
fn settle(parts: &[Predicate], at: &At<'_>, deciding: bool) -> Option<bool> {
    let mut found = Some(!deciding);
    for part in parts {
        match part.holds(at) {
            Some(held) if held == deciding => return Some(deciding),
            Some(_) => {}
            None => found = None,
        }
    }
    found
}

impl Test {
    fn holds(&self, at: &At<'_>) -> Option<bool> {
        let (tracker, position) = (at.tracker, at.position);
        let facts = || tracker.facts(position);
        let front = || tracker.front(position);
        let among = |ids: &BTreeSet<IssueId>, position: usize| ids.contains(&tracker.rows.id(position));
        Some(match self {
            Test::Is(is) => is.holds(at),
            Test::Status(statuses) => match facts().status() {
                Some(status) => statuses.contains(status),
                None => statuses.contains(&front().status),
            },
            Test::Kind(kinds) if facts().is_epic() => kinds.contains("epic"),
            Test::Kind(kinds) => kinds.contains(&front().kind),
            Test::Label(labels) => facts().has_labels() && !labels.is_disjoint(&front().labels),
            Test::Priority(priorities) => priorities.contains(&facts().priority),
            Test::Assignee(names) if !facts().has_assignee() => names.contains(&None),
            Test::Assignee(names) => names.contains(&front().assignee),
            Test::PartOf(ids) => {
                tracker.graph().ancestors(position).into_iter().any(|ancestor| among(ids, ancestor))
            }
            Test::Id(ids) => among(ids, position),
            Test::Time(field, periods) => {
                let time = field.of(at);
                periods.iter().any(|period| period.contains(time))
            }
            Test::Title(texts) => texts.iter().any(|text| contains(&front().title, text)),
            Test::Text(section, texts) => {
                let text = section.of(&at.issue?.body);
                texts.iter().any(|wanted| contains(text, wanted))
            }
            Test::Has(part) => return part.stands(at),
            Test::Blocks(ids) => tracker.graph().dependents(position).any(|other| among(ids, other)),
            Test::BlockedBy(ids) => tracker.graph().blockers(position).any(|other| among(ids, other)),
            Test::Path(globs) => facts().has_paths() && meets(globs, &front().paths),
            Test::Meta(name, values) => values.iter().any(|value| has_entry(front(), name, value)),
        })
    }
}

fn meets(globs: &[String], paths: &BTreeSet<String>) -> bool {
    let paths: Vec<Glob> = paths.iter().map(|path| Glob::new(path)).collect();
    globs.iter().map(|glob| Glob::new(glob)).any(|glob| paths.iter().any(|path| path.overlaps(&glob)))
}

impl Is {
    fn holds(self, at: &At<'_>) -> bool {
        let closed = at.tracker.is_closed(at.position);
        let is = |state: fn(&State) -> bool| {
            let readiness = Readiness::of(at.tracker, at.now, &[at.position]);
            readiness.reasons(at.position).into_iter().any(state)
        };
        match self {
            Is::All => true,
            Is::Open => !closed,
            Is::Closed => closed,
            _ if closed => false,
            Is::Ready => is(State::is_ready),
            Is::Blocked => is(|state| matches!(state, State::Blocked { .. } | State::Other(Status::Blocked))),
            Is::Claimed => is(|state| matches!(state, State::Claimed(_))),
            Is::Deferred => is(|state| matches!(state, State::Deferred { .. })),
            Is::Container => is(|state| matches!(state, State::Container { .. })),
            Is::Overdue => at.tracker.front(at.position).due_at.is_some_and(|due| due < at.now),
            Is::Stale => is_stale(at.tracker, at.position, at.now),
        }
    }
}

impl TimeField {
    fn of(self, at: &At<'_>) -> Option<Timestamp> {
        let facts = at.tracker.facts(at.position);
        match self {
            TimeField::Created => Some(facts.created_at),
            TimeField::Updated => Some(facts.updated_at),
            TimeField::Closed => facts.closed_at,
            TimeField::Due => at.tracker.front(at.position).due_at,
            TimeField::Defer if !facts.has_defer_until() => None,
            TimeField::Defer => at.tracker.front(at.position).defer_until,
        }
    }

    /// Tells whether such times lie behind, so that a bare span is an age.
    pub(super) fn is_past(self) -> bool {
        matches!(self, TimeField::Created | TimeField::Updated | TimeField::Closed)
    }
}

impl Section {
    fn of(self, body: &Body) -> &str {
        match self {
            Section::Description => &body.description,
            Section::Design => &body.design,
            Section::Acceptance => &body.acceptance,
            Section::Notes => &body.notes,
        }
    }
}

impl Part {
    fn stands(self, at: &At<'_>) -> Option<bool> {
        let facts = at.tracker.facts(at.position);
        let front = || at.tracker.front(at.position);
        let graph = at.tracker.graph();
        Some(match self {
            Part::Labels => facts.has_labels(),
            Part::Assignee => facts.has_assignee(),
            Part::Parent => graph.parent(at.position).is_some(),
            Part::Text(section) => !section.of(&at.issue?.body).trim().is_empty(),
            Part::Time(field) => field.of(at).is_some(),
            Part::Blockers => graph.blockers(at.position).next().is_some(),
            Part::Children => graph.children(at.position).next().is_some(),
            Part::Comments => at.tracker.rows[at.position].comments > 0,
            Part::Estimate => front().estimate_minutes.is_some(),
            Part::Paths => facts.has_paths(),
            Part::Metadata => !front().metadata.is_empty(),
            Part::ExternalRef => front().external_ref.is_some(),
            Part::Spec => front().spec.is_some(),
        })
    }
}
