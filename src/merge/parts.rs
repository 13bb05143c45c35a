//! The parts of an issue that a merge decides one by one: their names and values, which of them differ, and taking one
//! from another version.

use std::collections::{BTreeMap, BTreeSet};

use super::take_back::unclaimed;
use crate::model::{FIELDS, FieldDef, Front, Issue, IssueId, RawSection, Ref, Rule, SECTIONS, Status, Value};

/// The name of the part that is a whole file.
pub const WHOLE: &str = "issue";
/// The name of the part that is all fields of the state together.
pub const STATE: &str = "state";
/// What the name of an unknown key begins with where it would be taken for another part.
const KEY: &str = "key:";

/// Returns the name of the part that is an unknown key: the key itself, unless that names something else.
pub(super) fn key_part(key: &str) -> String {
    let is_taken = text_names().any(|name| name == key) || key == WHOLE || key == STATE;
    if is_taken || key.contains([':', '.', '<']) { format!("{KEY}{key}") } else { key.to_owned() }
}

/// One part of an issue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// The whole issue, but for what never changes.
    Whole,
    /// All fields of the state, which are one value.
    State,
    /// Any other field of the table, by its key.
    Field(&'static str),
    /// One entry of the metadata.
    Metadata(String),
    /// One issue among the blockers.
    Blocker(Ref),
    /// The description or a section, by its name.
    Text(&'static str),
    /// One comment.
    Comment(IssueId),
    /// The sections with this marker, which quipu does not know.
    Section(String),
    /// A key that quipu does not know.
    Key(String),
}

impl Part {
    /// Reads a part by its name, which is that of [`FieldConflict::field`](super::FieldConflict::field). Any field of
    /// the state names the state. `None` for a field that never changes.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            WHOLE => return Some(Part::Whole),
            STATE => return Some(Part::State),
            _ => {}
        }
        if let Some(text) = text_names().find(|text| *text == name) {
            return Some(Part::Text(text));
        }
        if let Some(field) = FieldDef::by_key(name) {
            return match field.rule {
                Rule::Fixed | Rule::Clock => None,
                Rule::State => Some(Part::State),
                Rule::Single | Rule::Set | Rule::Entries => Some(Part::Field(field.key)),
            };
        }
        let after = |start: &str| name.strip_prefix(start);
        if let Some(key) = after(KEY) {
            return Some(Part::Key(key.to_owned()));
        }
        if let Some(entry) = after("metadata.") {
            return Some(Part::Metadata(entry.to_owned()));
        }
        if let Some(reference) = after("blocked_by:") {
            return Some(Part::Blocker(Ref::parse(reference)));
        }
        if let Some(id) = after("comment:").or_else(|| after("comment ")).and_then(IssueId::parse) {
            return Some(Part::Comment(id));
        }
        let name = name.to_owned();
        Some(if name.starts_with("<!-- qp:") { Part::Section(name) } else { Part::Key(name) })
    }

    /// Returns the name, as [`Part::parse`] reads it.
    pub fn name(&self) -> String {
        match self {
            Part::Whole => WHOLE.to_owned(),
            Part::State => STATE.to_owned(),
            Part::Field(name) | Part::Text(name) => (*name).to_owned(),
            Part::Metadata(name) => format!("metadata.{name}"),
            Part::Blocker(reference) => format!("blocked_by:{reference}"),
            Part::Comment(id) => format!("comment:{id}"),
            Part::Section(name) => name.clone(),
            Part::Key(name) => key_part(name),
        }
    }

    /// Returns the value of this part as text to compare; `None` where the issue has none.
    pub fn value(&self, issue: &Issue) -> Option<String> {
        let front = &issue.front;
        let shown = |field: &FieldDef| field.get(front).map(|value| format!("{value:?}"));
        match self {
            Part::Whole => Some(issue.write()),
            Part::State => {
                let fields = FIELDS.iter().filter(|f| f.rule == Rule::State);
                Some(fields.map(|field| shown(field).unwrap_or_default() + "\n").collect())
            }
            Part::Field(key) => FieldDef::by_key(key).and_then(shown),
            Part::Metadata(name) => front.metadata.get(name).cloned(),
            Part::Blocker(reference) => front.blocked_by.get(reference).map(ToString::to_string),
            Part::Text(name) => issue.body.section(name).filter(|text| !text.is_empty()).map(str::to_owned),
            Part::Comment(id) => issue
                .body
                .comments
                .iter()
                .find(|comment| comment.id == *id)
                .map(|comment| format!("{comment:?}")),
            Part::Section(marker) => {
                let texts: Vec<&str> = sections(issue, marker).map(|section| section.text.as_str()).collect();
                (!texts.is_empty()).then(|| texts.join("\n"))
            }
            Part::Key(name) => front.extra.get(name).cloned(),
        }
    }

    /// Tells whether taking this part from `copy` would change `now`. A claim is never taken, and when work first
    /// began does not count.
    pub fn differs(&self, copy: &Issue, now: &Issue) -> bool {
        match self {
            Part::Whole => !differing_parts(copy, now).is_empty(),
            Part::State => {
                state(&copy.front) != state(&now.front)
                    && state(&unclaimed(copy.clone()).front) != state(&now.front)
            }
            Part::Comment(id) => comment(copy, *id) != comment(now, *id),
            // Where a section stands among the others is no part of it.
            Part::Section(marker) => sections(copy, marker).ne(sections(now, marker)),
            _ => {
                let mut taken = now.clone();
                self.take(copy, &mut taken);
                taken != *now
            }
        }
    }

    /// Tells whether either version has anything under this name.
    pub fn is_in(&self, issue: &Issue) -> bool {
        match self {
            Part::Whole | Part::State | Part::Field(_) | Part::Text(_) => true,
            Part::Metadata(name) => issue.front.metadata.contains_key(name),
            Part::Blocker(reference) => issue.front.blocked_by.contains(reference),
            Part::Comment(id) => issue.body.comments.iter().any(|c| c.id == *id),
            Part::Section(marker) => issue.body.unknown.iter().any(|s| s.marker == *marker),
            Part::Key(name) => issue.front.extra.contains_key(name),
        }
    }

    /// Makes this part of `into` what it is in `copy`: also absent, where it is absent there. An old claim does not
    /// come back: what would be in progress under one is open.
    pub fn take(&self, copy: &Issue, into: &mut Issue) {
        match self {
            Part::Whole => differing_parts(copy, into).iter().for_each(|part| part.take(copy, into)),
            Part::State => take_state(&unclaimed(copy.clone()).front, &mut into.front),
            Part::Field(key) => {
                let field = FieldDef::by_key(key).expect("the name is that of a row");
                field.set(&mut into.front, field.get(&copy.front));
            }
            Part::Metadata(name) => {
                take_entry(name, &copy.front.metadata, &mut into.front.metadata);
            }
            Part::Key(name) => take_entry(name, &copy.front.extra, &mut into.front.extra),
            Part::Blocker(reference) => {
                if copy.front.blocked_by.contains(reference) {
                    into.front.blocked_by.insert(reference.clone());
                } else {
                    into.front.blocked_by.remove(reference);
                }
            }
            Part::Text(name) => {
                if let (Some(text), Some(place)) = (copy.body.section(name), into.body.section_mut(name)) {
                    text.clone_into(place);
                }
            }
            Part::Comment(id) => take_comment(*id, copy, into),
            Part::Section(marker) => {
                into.body.unknown.retain(|section| section.marker != *marker);
                into.body.unknown.extend(sections(copy, marker).cloned());
            }
        }
    }
}

/// Returns the parts in which `now` is not as `copy`, in the order of the file.
pub fn differing_parts(copy: &Issue, now: &Issue) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for field in FIELDS {
        match field.rule {
            Rule::Fixed | Rule::Clock => {}
            Rule::State if parts.contains(&Part::State) => {}
            Rule::State => parts.push(Part::State),
            Rule::Entries => {
                let names = copy.front.metadata.keys().chain(now.front.metadata.keys());
                let names: BTreeSet<&String> = names.collect();
                parts.extend(names.into_iter().map(|name| Part::Metadata(name.clone())));
            }
            Rule::Single | Rule::Set => parts.push(Part::Field(field.key)),
        }
    }
    let keys: BTreeSet<&String> = copy.front.extra.keys().chain(now.front.extra.keys()).collect();
    parts.extend(keys.into_iter().map(|name| Part::Key(name.clone())));
    parts.extend(text_names().map(Part::Text));
    let markers = copy.body.unknown.iter().chain(&now.body.unknown).map(|section| &section.marker);
    let markers: BTreeSet<&String> = markers.collect();
    parts.extend(markers.into_iter().map(|marker| Part::Section(marker.clone())));
    let comments: BTreeSet<IssueId> =
        copy.body.comments.iter().chain(&now.body.comments).map(|comment| comment.id).collect();
    parts.extend(comments.into_iter().map(Part::Comment));
    parts.retain(|part| part.differs(copy, now));
    parts
}

fn text_names() -> impl Iterator<Item = &'static str> {
    std::iter::once("description").chain(SECTIONS.map(|(name, _)| name))
}

fn comment(issue: &Issue, id: IssueId) -> Option<&str> {
    issue.body.comments.iter().find(|comment| comment.id == id).map(|comment| comment.text.as_str())
}

fn sections<'i>(issue: &'i Issue, marker: &'i str) -> impl Iterator<Item = &'i RawSection> {
    issue.body.unknown.iter().filter(move |section| section.marker == marker)
}

/// All fields of the state, without when work first began.
fn state(front: &Front) -> Vec<Option<Value>> {
    let fields = FIELDS.iter().filter(|f| f.rule == Rule::State && f.key != "started_at");
    fields.map(|field| field.get(front)).collect()
}

fn take_state(copy: &Front, into: &mut Front) {
    let started_at = into.started_at;
    for field in FIELDS.iter().filter(|f| f.rule == Rule::State) {
        field.set(into, field.get(copy));
    }
    into.started_at = started_at.or(into.started_at);
    debug_assert!(into.status != Status::InProgress || into.lease_until.is_none());
}

fn take_entry(name: &str, copy: &BTreeMap<String, String>, into: &mut BTreeMap<String, String>) {
    match copy.get(name) {
        Some(text) => into.insert(name.to_owned(), text.clone()),
        None => into.remove(name),
    };
}

fn take_comment(id: IssueId, copy: &Issue, into: &mut Issue) {
    let theirs = copy.body.comments.iter().find(|comment| comment.id == id);
    let ours = into.body.comments.iter_mut().find(|comment| comment.id == id);
    match (theirs, ours) {
        (Some(theirs), Some(ours)) => ours.text.clone_from(&theirs.text),
        (Some(theirs), None) => {
            into.body.comments.push(theirs.clone());
            into.body.sort_comments();
        }
        (None, _) => into.body.comments.retain(|comment| comment.id != id),
    }
}
