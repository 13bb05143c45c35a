//! An issue as a person edits it: the file as it stands on the branch, with keys instead of identities.

use crate::error::{Error, Kind, Result};
use crate::model::{FileError, Front, Issue, Ref, Tracker};

use super::{EdgeCheck, EdgeKind, parse_status, parse_type};

/// Returns the text to edit.
pub fn manuscript(tracker: &Tracker, issue: &Issue) -> String {
    let mut shown = issue.clone();
    shown.front.map_references(|reference| Ref::Key(tracker.show_ref(reference)));
    shown.write()
}

/// Reads an edited text back. `before` is the issue that the text was made from.
///
/// # Errors
/// The first thing that is wrong, with its line: what no reader takes, a reference to nothing, a changed field that
/// only commands may change, a comment that would no longer be one.
pub fn read_manuscript(tracker: &Tracker, before: &Issue, text: &str) -> Result<Issue, FileError> {
    let mut issue = Issue::read(text.as_bytes(), Some(before.front.id))?;
    let line_of = |key: &str| {
        let at = text.lines().position(|line| line.strip_prefix(key).is_some_and(|r| r.starts_with(':')));
        at.map_or(1, |at| at + 1)
    };
    let mut missing = None;
    let dangling = |reference: &Ref| before.front.references().iter().any(|(_, r)| **r == *reference);
    issue.front.map_references(|reference| match tracker.keys().resolve_ref(reference) {
        Some(at) => tracker.front(at).id.into(),
        None => {
            if !dangling(reference) && missing.is_none() {
                missing = Some(reference.to_string());
            }
            reference.clone()
        }
    });
    if let Some(key) = missing {
        let line = text.lines().position(|line| line.contains(&key)).map_or(1, |at| at + 1);
        return Err(FileError { line, message: format!("no issue {key}") });
    }
    if issue.front.kind != before.front.kind {
        issue.front.kind = parse_type(&issue.front.kind, tracker)
            .map_err(|e| FileError { line: line_of("type"), message: said(&e) })?;
    }
    if issue.front.status != before.front.status {
        issue.front.status = parse_status(issue.front.status.as_str(), tracker)
            .map_err(|e| FileError { line: line_of("status"), message: said(&e) })?;
    }
    if issue.front.title.contains(['\n', '\r']) {
        return Err(FileError {
            line: line_of("title"),
            message: "the title has more than one line".to_owned(),
        });
    }
    keep_fixed(&mut issue.front, &before.front).map_err(|(key, command)| FileError {
        line: line_of(key),
        message: format!("{key} is not edited: {command}"),
    })?;
    let lost = issue.body.unknown.iter().find(|section| {
        section.marker.starts_with("<!-- qp:comment") && !before.body.unknown.contains(section)
    });
    if let Some(section) = lost {
        let line = text.lines().position(|line| line == section.marker).map_or(1, |at| at + 1);
        let message = "this line begins no comment any more; comments are added with qp comment".to_owned();
        return Err(FileError { line, message });
    }
    Ok(issue)
}

fn said(error: &Error) -> String {
    match error.remedy() {
        Some(hint) => format!("{}; {hint}", error.message()),
        None => error.message().to_owned(),
    }
}

/// Fields that an edit leaves alone, with what changes them instead.
const NOT_EDITED: [(&str, &str); 10] = [
    ("id", "it is the file's name"),
    ("created_at", "it never changes"),
    ("created_by", "it never changes"),
    ("claimed_at", "qp claim sets it"),
    ("claimed_session", "qp claim sets it"),
    ("lease_until", "qp renew sets it"),
    ("claim", "qp claim sets it"),
    ("started_at", "it is set when work begins"),
    ("closed_at", "qp close sets it"),
    ("closed_by", "qp close sets it"),
];

/// Refuses other values for fields that are not edited. Leaving them out is no change.
fn keep_fixed(front: &mut Front, before: &Front) -> Result<(), (&'static str, &'static str)> {
    let fields = crate::model::FIELDS.iter();
    for field in fields.filter(|f| f.key == "updated_at" || NOT_EDITED.iter().any(|(key, _)| *key == f.key)) {
        let (now, then) = (field.get(front), field.get(before));
        // What never changes may be left out: the reader fills it in.
        let left_out = match field.key {
            "created_at" => front.created_at == front.id.created_at(),
            "created_by" => now.is_none(),
            _ => false,
        };
        let refusal = NOT_EDITED.iter().find(|(key, _)| *key == field.key);
        if let Some(refusal) = refusal.filter(|_| now != then && !left_out) {
            return Err(*refusal);
        }
        field.set(front, then);
    }
    Ok(())
}

/// Refuses new blockers and parents by which an issue would wait for itself.
///
/// # Errors
/// Conflict `cycle`, naming the way round.
pub fn check_references(tracker: &Tracker, before: &Front, after: &Front) -> Result<()> {
    let Some(position) = tracker.position(before.id) else {
        return Err(Error::new(Kind::NotFound, "not_found", format!("no issue {}", before.id)));
    };
    let place = |reference: &Ref| tracker.keys().resolve_ref(reference);
    let mut check = EdgeCheck::new(tracker);
    for gone in before.blocked_by.difference(&after.blocked_by).filter_map(place) {
        check.remove_blocker(position, gone);
    }
    if before.parent != after.parent {
        check.remove_parent(position);
        if let Some(parent) = after.parent.as_ref().and_then(place) {
            check.add(position, parent, EdgeKind::Parent)?;
        }
    }
    let mut added = after.blocked_by.difference(&before.blocked_by).filter_map(place);
    added.try_for_each(|blocker| check.add(position, blocker, EdgeKind::Blocker))
}
