//! One record of Beads as an issue.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::super::collect::Draft;
use super::super::text::{clean, fit_title, prefix_of};
use super::super::{Options, Origin, derived_id};
use super::fields::{Record, Remark, is_deep};
use super::{KIND, comments, edges, names, ours};
use crate::model::{Body, Front, Issue, IssueId, Priority, Status, Timestamp, is_valid_key};

/// Why a record was not imported: its id, a code, a sentence.
pub(super) type Refusal = (Option<String>, &'static str, String);
/// Turns a record into an issue.
pub(super) fn draft(
    record: Map<String, Value>,
    at: &Origin,
    size: usize,
    options: &Options,
) -> Result<(Draft, Vec<Remark>), Refusal> {
    let mut record = Record { fields: record, metadata: BTreeMap::new(), remarks: Vec::new(), deep: false };
    let Some(id) = record.text("id") else {
        return Err((None, "no_id", "the record has no id".to_owned()));
    };
    let Some(title) = record.text("title").filter(|t| !is_blank(t)) else {
        return Err((Some(id), "no_title", "the record has no title".to_owned()));
    };
    let uid = record.text("uid").and_then(|uid| {
        let parsed = IssueId::parse(&uid);
        if parsed.is_none() {
            record.keep("uid", Value::String(uid), "is not a ULID");
        }
        parsed
    });
    let deleted = record.is("status", "tombstone") && !options.tombstones;
    let prefix = prefix_of(&id).to_owned();
    let namespace = options.source.clone().unwrap_or_else(|| prefix.clone());
    let created_at = record.time("created_at");
    let mut front = Front {
        id: uid.unwrap_or_else(|| derived_id(KIND, &namespace, &id, created_at.unwrap_or_default())),
        key: record.key(&id, uid),
        ..Front::default()
    };
    record.times(&mut front, created_at);
    let mut body = record.texts();
    let (title, cut) = fit_title(title, &mut body.description);
    front.title = title;
    record.remarks.extend(cut.map(|message| ("title_changed", message.to_owned())));
    record.state(&mut front);
    record.plain(&mut front);
    let raw = record.threads(&mut front, &mut body, &id, &namespace);
    record.rest(&mut front);
    let issue = Issue { front, body };
    let check = raw || record.deep;
    let draft =
        Draft { issue, foreign: id, prefix, own_id: uid.is_some(), at: at.clone(), size, check, deleted };
    Ok((draft, record.remarks))
}

impl Record {
    fn key(&mut self, id: &str, uid: Option<IssueId>) -> Option<String> {
        if let Some(uid) = uid {
            return ours::default_key(id, uid);
        }
        if is_valid_key(id) {
            return Some(id.to_owned());
        }
        self.keep("id", id.into(), "cannot be a key");
        None
    }

    fn times(&mut self, front: &mut Front, created_at: Option<Timestamp>) {
        let updated_at = self.time("updated_at");
        front.started_at = self.time("started_at");
        front.closed_at = self.time("closed_at");
        front.due_at = self.time("due_at");
        front.defer_until = self.time("defer_until");
        if created_at.is_none() {
            self.remarks.push(("no_created_at", "the record has no creation time".to_owned()));
        }
        front.created_at = created_at.or(updated_at).or(front.closed_at).unwrap_or_default();
        front.updated_at = updated_at.unwrap_or(front.created_at);
    }

    fn texts(&mut self) -> Body {
        let mut text = |name| clean(self.text(name).unwrap_or_default());
        Body {
            description: text("description"),
            design: text("design"),
            acceptance: text("acceptance_criteria"),
            notes: text("notes"),
            ..Body::default()
        }
    }

    fn state(&mut self, front: &mut Front) {
        front.close_reason = self.text("close_reason");
        front.status = self.text("status").map_or(Status::Open, |s| Status::from_text(&s));
        if front.status == Status::Other("tombstone".to_owned()) {
            front.status = Status::Closed;
            self.metadata.insert(names::field_entry("status"), "\"tombstone\"".to_owned());
            front.labels.insert("tombstone".to_owned());
            // Both stay in the record as well, and so in `metadata`.
            let text = |name| self.fields.get(name).and_then(Value::as_str);
            let reason = text("delete_reason").filter(|r| !r.is_empty()).map(str::to_owned);
            let at = text("deleted_at").and_then(Timestamp::parse);
            front.close_reason = front.close_reason.take().or(reason);
            front.closed_at = front.closed_at.or(at);
        }
        front.priority = self.priority();
    }

    /// A missing priority is 0: Beads leaves out what is zero.
    fn priority(&mut self) -> Priority {
        let Some(value) = self.take("priority") else { return Priority::new(0).unwrap_or_default() };
        let known = match &value {
            Value::String(text) => Priority::parse(text),
            other => other.as_u64().and_then(|n| Priority::new(u8::try_from(n).ok()?)),
        };
        known.unwrap_or_else(|| {
            let above = value.as_f64().is_some_and(|n| n > f64::from(Priority::LOWEST));
            let below = value.as_f64().is_some_and(|n| n < 0.0);
            self.keep("priority", value, "is not 0 to 4");
            let nearest = if above { Priority::new(Priority::LOWEST) } else { Priority::new(0) };
            nearest.filter(|_| above || below).unwrap_or_default()
        })
    }

    fn plain(&mut self, front: &mut Front) {
        front.kind = self.text("issue_type").unwrap_or_else(|| "task".to_owned());
        front.assignee = self.text("assignee");
        front.created_by = self.text("created_by");
        front.external_ref = self.text("external_ref");
        front.spec = self.text("spec_id");
        front.estimate_minutes = self
            .take_as("estimated_minutes", "is not a number of minutes", |v| u32::try_from(v.as_u64()?).ok());
        let labels = self.take_as("labels", "is not a list of texts", |value| {
            let texts = value.as_array()?.iter().map(|l| l.as_str().map(str::to_owned));
            texts.collect::<Option<BTreeSet<String>>>()
        });
        front.labels.extend(labels.unwrap_or_default().into_iter().filter(|l| !l.is_empty()));
    }

    /// Reads dependencies, comments and our own object, which complete one another. Returns whether raw text
    /// came in.
    fn threads(&mut self, front: &mut Front, body: &mut Body, id: &str, namespace: &str) -> bool {
        let (mut entries, mut extras, mut unread) = (Vec::new(), comments::Extras::new(), 0);
        if let Some(value) = self.take("dependencies") {
            (entries, unread) = edges::read(value, id, front);
        }
        self.older_references(front);
        if let Some(value) = self.take("comments") {
            let owner = comments::Owner { namespace, id, created_at: front.created_at };
            let count;
            (body.comments, extras, count) = comments::read(value, &owner);
            body.sort_comments();
            unread += count;
        }
        if unread > 0 {
            let message = format!("{unread} elements of dependencies and comments are kept in metadata");
            self.remarks.push(("kept_as_metadata", message));
        }
        let mut raw = false;
        let mut carried = BTreeMap::new();
        if let Some(object) = self.take_as("quipu", "is not an object", |v| v.as_object().cloned()) {
            let ours = ours::apply(object, front, body);
            raw = ours.raw;
            carried = ours.metadata;
            if !ours.unread.is_empty() {
                self.keep("quipu", Value::Object(ours.unread), "is of a newer version in part");
            }
        }
        let deep = entries.iter().chain(extras.values()).any(is_deep);
        self.deep |= deep;
        let rest = edges::entry_text(entries, carried.remove(edges::ENTRY));
        self.metadata.extend(rest.map(|text| (edges::ENTRY.to_owned(), text)));
        let rest = comments::entry_text(extras, carried.remove(comments::ENTRY));
        self.metadata.extend(rest.map(|text| (comments::ENTRY.to_owned(), text)));
        for (entry, value) in carried {
            self.note(entry, &value);
        }
        raw
    }

    /// Older versions had a field where now there is an edge; listings repeat the parent.
    fn older_references(&mut self, front: &mut Front) {
        for (name, kind) in
            [("parent", "parent-child"), ("duplicate_of", "duplicates"), ("superseded_by", "supersedes")]
        {
            if let Some(target) = self.text(name) {
                edges::Edge::plain(kind, &target).attach(front);
            }
        }
    }
}

/// Tells whether nothing of a title is left once it stands on one line.
fn is_blank(title: &str) -> bool {
    title.trim().is_empty() && title.contains(['\n', '\r'])
}
