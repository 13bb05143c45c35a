//! New issues on their way into a write: one from `create`, many from a plan. All are checked together and
//! written together.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::app::resolve;
use super::fields::FieldChanges;
use crate::error::{Error, Kind, Result};
use crate::model::{Added, Front, Issue, IssueId, Relation, Tracker, is_valid_key};
use crate::output::text::one_line;
use crate::query::{EdgeCheck, EdgeKind, missing_sections};
use crate::store::Txn;

/// What a new issue refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// An issue of the tracker, as typed.
    Key(String),
    /// Another draft of the same write.
    Draft(usize),
}

/// A reference from or to a new issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub relation: Relation,
    /// The other waits for the new issue; only for [`Relation::Blocker`].
    pub reversed: bool,
    pub target: Target,
    /// The line it stands on, in a file.
    pub line: Option<usize>,
}

/// Where a draft stands in a file, for messages.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub file: String,
    /// From 1; 0 where the file is not read by lines.
    pub line: usize,
    /// The line of the type, where that is given.
    pub kind_line: Option<usize>,
}

/// A new issue, checked as far as that is possible without the tracker.
#[derive(Debug, Default, Clone)]
pub(super) struct Draft {
    pub fields: FieldChanges,
    pub labels: BTreeSet<String>,
    pub paths: BTreeSet<String>,
    pub notes: String,
    pub key: Option<String>,
    pub any_prefix: bool,
    pub references: Vec<Reference>,
    /// Creating twice under one such key creates once.
    pub idempotency_key: Option<String>,
    /// What the edges of a graph call it.
    pub name: Option<String>,
    /// Refuse it where sections that its type wants are missing.
    pub validate: bool,
    pub place: Option<Place>,
}

/// The entry of the metadata that keeps an idempotency key.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency_key";

impl Draft {
    /// Says in an error where the draft, or one line of it, stands.
    fn located(&self, error: Error, line: Option<usize>) -> Error {
        match &self.place {
            Some(place) if place.line == 0 => error.within(&place.file),
            Some(place) => error.within(&format!("{} line {}", place.file, line.unwrap_or(place.line))),
            None => error,
        }
    }
}

/// Finds the issue that was created under an idempotency key. Where two clones did so at a time, the first counts.
pub(super) fn existing(tracker: &Tracker, draft: &Draft) -> Option<IssueId> {
    let wanted = Value::from(draft.idempotency_key.as_deref()?).to_string();
    let has = |front: &Front| front.metadata.get(IDEMPOTENCY_KEY) == Some(&wanted);
    tracker.rows.iter().map(|row| &row.front).find(|front| has(front)).map(|front| front.id)
}

/// What a write of drafts consists of.
#[derive(Debug, Default, Clone)]
pub(super) struct Written {
    /// The new issues, in the order of the drafts.
    pub created: Vec<Issue>,
    /// Issues that now wait for new ones.
    pub changed: Vec<Issue>,
}

/// Puts drafts into a write.
pub(super) fn put_all(drafts: &[Draft], by: &str, txn: &mut Txn<'_>) -> Result<Written> {
    let mut batch = Batch::new(drafts, by, txn);
    for (at, draft) in drafts.iter().enumerate() {
        batch.fill(at, draft).map_err(|e| {
            let of_kind = e.code() == "invalid_type";
            draft.located(e, draft.place.as_ref().filter(|_| of_kind).and_then(|p| p.kind_line))
        })?;
        for reference in &draft.references {
            batch.refer(at, reference, txn).map_err(|e| draft.located(e, reference.line))?;
        }
    }
    let Batch { issues: created, changed, .. } = batch;
    for (issue, draft) in created.iter().zip(drafts) {
        txn.put(issue.clone()).map_err(|e| draft.located(e, None))?;
    }
    let changed: Vec<Issue> = changed.into_values().collect();
    for issue in &changed {
        txn.put(issue.clone())?;
    }
    txn.subject(subject(txn.tracker(), &created));
    Ok(Written { created, changed })
}

fn subject(tracker: &Tracker, created: &[Issue]) -> String {
    let key = |issue: &Issue| match &issue.front.key {
        Some(key) => key.clone(),
        None => format!("{}-{}", tracker.settings.prefix, issue.front.id.tail(4)),
    };
    match created {
        [only] => format!("create {}: {}", key(only), only.front.title),
        many => {
            let keys: Vec<String> = many.iter().take(10).map(key).collect();
            let more = if many.len() > keys.len() { ", …" } else { "" };
            format!("create {} issues: {}{more}", many.len(), keys.join(", "))
        }
    }
}

/// The issues in the making, and the graph of waiting with them in it.
struct Batch<'t> {
    tracker: &'t Tracker,
    check: EdgeCheck<'t>,
    issues: Vec<Issue>,
    /// Issues of the tracker that get a new blocker, by position.
    changed: BTreeMap<usize, Issue>,
}

impl<'t> Batch<'t> {
    fn new(drafts: &[Draft], by: &str, txn: &Txn<'t>) -> Self {
        let tracker = txn.tracker();
        let mut check = EdgeCheck::new(tracker);
        let mut issues = Vec::new();
        for ((id, draft), nth) in fresh_ids(txn, drafts.len()).into_iter().zip(drafts).zip(0..) {
            let mut issue = Issue::default();
            issue.front.id = id;
            // Age is an order of work, so the issues of a plan keep theirs.
            issue.front.created_at = txn.now.plus_millis(nth);
            issue.front.updated_at = issue.front.created_at;
            issue.front.created_by = Some(by.to_owned());
            "task".clone_into(&mut issue.front.kind);
            check.add_issue(match &draft.fields.title {
                Some(title) if drafts.len() > 1 => format!("{title:?}"),
                _ => "the new issue".to_owned(),
            });
            issues.push(issue);
        }
        Batch { tracker, check, issues, changed: BTreeMap::new() }
    }

    /// Fills one issue.
    fn fill(&mut self, at: usize, draft: &Draft) -> Result<()> {
        let issue = &mut self.issues[at];
        draft.fields.apply(issue, self.tracker)?;
        issue.front.assignee = draft.fields.assignee.clone().flatten();
        issue.front.labels.clone_from(&draft.labels);
        issue.front.paths.clone_from(&draft.paths);
        issue.body.notes.clone_from(&draft.notes);
        if let Some(key) = &draft.key {
            check_key(self.tracker, key, draft.any_prefix)?;
            issue.front.key = Some(key.clone());
        }
        if let Some(key) = &draft.idempotency_key {
            issue.front.metadata.insert(IDEMPOTENCY_KEY.to_owned(), Value::from(key.as_str()).to_string());
        }
        if draft.validate {
            check_sections(issue)?;
        }
        match &draft.fields.parent {
            Some(parent) => self.point(at, &Relation::Parent, resolve(self.tracker, parent)?),
            None => Ok(()),
        }
    }

    /// Adds a reference, if nothing comes to wait for itself by it.
    fn refer(&mut self, at: usize, reference: &Reference, txn: &Txn<'_>) -> Result<()> {
        let other = match &reference.target {
            Target::Key(key) => resolve(self.tracker, key)?,
            Target::Draft(other) => self.tracker.rows.len() + other,
        };
        if reference.reversed {
            return self.block(at, other, txn);
        }
        self.point(at, &reference.relation, other)
    }

    /// Makes the new issue refer to another.
    fn point(&mut self, at: usize, relation: &Relation, other: usize) -> Result<()> {
        let id = self.id(other);
        match self.issues[at].front.add_reference(relation, id.into()) {
            Added::Taken(_) => {
                let message = format!("an issue has only one reference of the type {}", relation.as_str());
                return Err(Error::usage(message).hint("give one of them"));
            }
            Added::Present => return Ok(()),
            Added::Added => {}
        }
        let edge = match relation {
            Relation::Blocker => EdgeKind::Blocker,
            Relation::Parent => EdgeKind::Parent,
            _ => return Ok(()),
        };
        self.check.add(self.tracker.rows.len() + at, other, edge)
    }

    /// Makes another issue wait for the new one.
    fn block(&mut self, at: usize, waiting: usize, txn: &Txn<'_>) -> Result<()> {
        let new = self.tracker.rows.len() + at;
        self.check.add(waiting, new, EdgeKind::Blocker)?;
        let id = self.id(new);
        if let Some(other) = waiting.checked_sub(self.tracker.rows.len()) {
            self.issues[other].front.blocked_by.insert(id.into());
            return Ok(());
        }
        let issue = match self.changed.entry(waiting) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(txn.issue(waiting)?),
        };
        issue.front.blocked_by.insert(id.into());
        Ok(())
    }

    /// Returns the identity behind a position in the graph, where drafts follow the tracker.
    fn id(&self, node: usize) -> IssueId {
        match node.checked_sub(self.tracker.rows.len()) {
            Some(at) => self.issues[at].front.id,
            None => self.tracker.front(node).id,
        }
    }
}

/// Refuses an issue without the sections that its type wants.
fn check_sections(issue: &Issue) -> Result<()> {
    let missing = missing_sections(issue);
    let Some(first) = missing.first() else { return Ok(()) };
    let (title, kind) = (one_line(&issue.front.title), one_line(&issue.front.kind));
    let names: Vec<&str> = missing.iter().map(|heading| heading.trim_start_matches(['#', ' '])).collect();
    let message = format!("{title:?} lacks what a {kind} wants: {}", names.join(", "));
    let hint = match names[..] {
        ["Acceptance Criteria" | "Success Criteria"] => "--acceptance \"- [ ] …\"".to_owned(),
        _ => format!("a heading for each in the description, such as {first}"),
    };
    Err(Error::new(Kind::Invalid, "missing_sections", message).hint(hint))
}

/// Returns fresh identities whose short tails differ from each other too.
fn fresh_ids(txn: &Txn<'_>, count: usize) -> Vec<IssueId> {
    let mut tails = HashSet::new();
    (0..count)
        .map(|_| {
            let free = (0..40).map(|_| txn.fresh_id()).find(|id| !tails.contains(&id.tail(4)));
            let id = free.unwrap_or_else(|| txn.fresh_id());
            tails.insert(id.tail(4));
            id
        })
        .collect()
}

/// Refuses what could not be a key in any tracker.
pub(super) fn check_key_form(key: &str) -> Result<()> {
    if is_valid_key(key) {
        return Ok(());
    }
    Err(Error::invalid(format!("{key:?} is not a key"))
        .hint("letters, digits, '.', '_' and '-', such as --id web-login"))
}

/// Refuses a key that is taken, or that this tracker would not find again.
fn check_key(tracker: &Tracker, key: &str, any_prefix: bool) -> Result<()> {
    if tracker.keys().has_explicit(key) || tracker.keys().resolve(key).is_ok() {
        let message = format!("{key} is the key of another issue");
        return Err(Error::new(Kind::Conflict, "key_taken", message).hint(format!("qp show {key}")));
    }
    let lower = key.to_ascii_lowercase();
    let known = tracker.settings.prefixes.iter().any(|p| lower.starts_with(&format!("{p}-")));
    if known || any_prefix {
        return Ok(());
    }
    Err(Error::invalid(format!("{key:?} does not begin with this tracker's prefix"))
        .hint(format!("--id {}-{key}", tracker.settings.prefix)))
}
