//! The one table of an issue's fields, in the order in which they are written.
//!
//! The parser, the writer, the JSON documents, the merge and the generated format reference all read this
//! table. A new field is one new row.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::value::FieldValue;
use super::{FieldType, IssueId, Link, Priority, Ref, Status, Timestamp, Value};

/// How two sides that both changed a field are brought together (`docs/format.md` names the rule of each).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// Never changes after creation.
    Fixed,
    /// The later write wins.
    Single,
    /// Part of the issue's state, which is merged as one value.
    State,
    /// The greater wins.
    Clock,
    /// Additions and removals of both sides.
    Set,
    /// As `Single`, each entry alone.
    Entries,
}

impl Rule {
    /// Returns the word the documentation uses.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Fixed => "fixed",
            Rule::Single => "single",
            Rule::State => "state",
            Rule::Clock => "clock",
            Rule::Set => "set",
            Rule::Entries => "entries",
        }
    }
}

/// One row of the table.
pub struct FieldDef {
    /// The key in the front matter.
    pub key: &'static str,
    /// The name in JSON documents.
    pub json: &'static str,
    /// How the value is read and written.
    pub kind: FieldType,
    /// Whether every issue has a value.
    pub required: bool,
    /// How it is merged.
    pub rule: Rule,
    /// One sentence for the format reference.
    pub doc: &'static str,
    get: fn(&Front) -> Option<Value>,
    set: fn(&mut Front, Option<Value>),
}

impl FieldDef {
    /// Returns the value of this field, `None` where it is empty.
    pub fn get(&self, front: &Front) -> Option<Value> {
        (self.get)(front)
    }

    /// Sets this field. `None` empties it; a field that is always there keeps its value.
    pub fn set(&self, front: &mut Front, value: Option<Value>) {
        (self.set)(front, value);
    }

    /// Finds the row of a front matter key.
    pub fn by_key(key: &str) -> Option<&'static FieldDef> {
        FIELDS.iter().find(|f| f.key == key)
    }
}

impl std::fmt::Debug for FieldDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.key)
    }
}

macro_rules! fields {
    ($($name:ident: $type:ty, $key:literal, $json:literal, $rule:ident, $doc:literal;)*) => {
        /// The front matter of an issue: everything but its texts and comments.
        #[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
        pub struct Front {
            $(#[doc = $doc] pub $name: $type,)*
            /// Keys that quipu does not know, each with its raw text, which survives as it is.
            pub extra: BTreeMap<String, String>,
        }

        /// The fields in the order in which they are written.
        pub static FIELDS: &[FieldDef] = &[$(FieldDef {
            key: $key,
            json: $json,
            kind: <$type as FieldValue>::TYPE,
            required: <$type as FieldValue>::REQUIRED,
            rule: Rule::$rule,
            doc: $doc,
            get: |front| front.$name.to_value(),
            set: |front, value| front.$name.set_value(value),
        },)*];
    };
}

fields! {
    id: IssueId, "id", "uid", Fixed, "The identity, which is also the file name.";
    key: Option<String>, "key", "key", Single, "An explicit key: imported, or given by `--id`.";
    title: String, "title", "title", Single, "One line, 1 to 500 characters.";
    kind: String, "type", "issue_type", Single, "task, bug, feature, epic, chore, decision, question, or any other word.";
    status: Status, "status", "status", State, "open, in_progress, blocked, deferred or closed; others from imports are kept.";
    priority: Priority, "priority", "priority", Single, "0 (most urgent) to 4.";
    labels: BTreeSet<String>, "labels", "labels", Set, "Labels.";
    assignee: Option<String>, "assignee", "assignee", State, "Who is to do it, or does it.";
    claimed_at: Option<Timestamp>, "claimed_at", "claimed_at", State, "When it was claimed.";
    claimed_session: Option<String>, "claimed_session", "claimed_session", State, "The session that claimed it.";
    lease_until: Option<Timestamp>, "lease_until", "lease_expires_at", State, "Until when the claim holds.";
    claim: Option<String>, "claim", "claim", State, "Fencing token of a claim that the remote confirmed.";
    parent: Option<Ref>, "parent", "parent", Single, "The issue this one is a part of.";
    blocked_by: BTreeSet<Ref>, "blocked_by", "blocked_by", Set, "Issues that must be closed first.";
    related: BTreeSet<Ref>, "related", "related", Set, "Issues worth reading with this one.";
    discovered_from: BTreeSet<Ref>, "discovered_from", "discovered_from", Set, "Issues during whose work this one was found.";
    duplicate_of: Option<Ref>, "duplicate_of", "duplicate_of", State, "The issue this one repeats.";
    superseded_by: Option<Ref>, "superseded_by", "superseded_by", State, "The issue that replaces this one.";
    links: BTreeSet<Link>, "links", "links", Set, "References of any other type.";
    paths: BTreeSet<String>, "paths", "paths", Set, "Globs of the files the work touches.";
    due_at: Option<Timestamp>, "due_at", "due_at", Single, "When it should be done.";
    defer_until: Option<Timestamp>, "defer_until", "defer_until", State, "Not ready before this time.";
    estimate_minutes: Option<u32>, "estimate_minutes", "estimated_minutes", Single, "Expected work, in minutes.";
    external_ref: Option<String>, "external_ref", "external_ref", Single, "The same thing in another system.";
    spec: Option<String>, "spec", "spec_id", Single, "The specification it belongs to.";
    metadata: BTreeMap<String, String>, "metadata", "metadata", Entries, "Names and JSON values of other programs.";
    created_at: Timestamp, "created_at", "created_at", Fixed, "When it was created.";
    created_by: Option<String>, "created_by", "created_by", Fixed, "Who created it.";
    updated_at: Timestamp, "updated_at", "updated_at", Clock, "When it was last changed.";
    started_at: Option<Timestamp>, "started_at", "started_at", State, "When work on it first began.";
    closed_at: Option<Timestamp>, "closed_at", "closed_at", State, "When it was closed.";
    closed_by: Option<String>, "closed_by", "closed_by", State, "Who closed it.";
    close_reason: Option<String>, "close_reason", "close_reason", State, "Why it was closed.";
}

impl Front {
    /// Returns the references of the field table's dependency kinds: (type, target), in table order.
    pub fn references(&self) -> Vec<(&str, &Ref)> {
        let mut found: Vec<(&str, &Ref)> = Vec::new();
        found.extend(self.blocked_by.iter().map(|r| ("blocks", r)));
        found.extend(self.parent.iter().map(|r| ("parent-child", r)));
        found.extend(self.related.iter().map(|r| ("related", r)));
        found.extend(self.discovered_from.iter().map(|r| ("discovered-from", r)));
        found.extend(self.duplicate_of.iter().map(|r| ("duplicates", r)));
        found.extend(self.superseded_by.iter().map(|r| ("supersedes", r)));
        found.extend(self.links.iter().map(|l| (l.kind.as_str(), &l.target)));
        found
    }

    /// Passes every reference through `change`, which may replace a key by an id or the other way round.
    pub fn map_references(&mut self, mut change: impl FnMut(&Ref) -> Ref) {
        let mut set = |refs: &mut BTreeSet<Ref>| *refs = refs.iter().map(&mut change).collect();
        set(&mut self.blocked_by);
        set(&mut self.related);
        set(&mut self.discovered_from);
        for single in [&mut self.parent, &mut self.duplicate_of, &mut self.superseded_by] {
            *single = single.as_ref().map(&mut change);
        }
        self.links =
            self.links.iter().map(|l| Link { kind: l.kind.clone(), target: change(&l.target) }).collect();
    }
}
