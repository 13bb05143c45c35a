//! The fields of a query: their names, other names for them, and what each is for.

use super::predicate::{Section, TimeField};
use crate::query::nearest;

/// What a condition looks at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Field {
    Is,
    Status,
    Kind,
    Label,
    Priority,
    Assignee,
    Parent,
    Id,
    Time(TimeField),
    Title,
    Text(Section),
    Has,
    No,
    Blocks,
    BlockedBy,
    Path,
    Meta(String),
}

/// Names, the first of which is the proper one.
const FIELDS: [(&[&str], Field); 23] = [
    (&["is"], Field::Is),
    (&["status", "state"], Field::Status),
    (&["type", "kind", "issue-type"], Field::Kind),
    (&["label", "labels", "tag"], Field::Label),
    (&["priority", "prio", "p"], Field::Priority),
    (&["assignee", "assigned", "owner"], Field::Assignee),
    (&["parent"], Field::Parent),
    (&["id", "key"], Field::Id),
    (&["created", "created-at"], Field::Time(TimeField::Created)),
    (&["updated", "updated-at", "modified", "changed"], Field::Time(TimeField::Updated)),
    (&["closed", "closed-at"], Field::Time(TimeField::Closed)),
    (&["due", "due-at"], Field::Time(TimeField::Due)),
    (&["defer", "defer-until", "deferred"], Field::Time(TimeField::Defer)),
    (&["title", "name"], Field::Title),
    (&["desc", "description", "body"], Field::Text(Section::Description)),
    (&["notes", "note"], Field::Text(Section::Notes)),
    (&["design"], Field::Text(Section::Design)),
    (&["acceptance"], Field::Text(Section::Acceptance)),
    (&["has"], Field::Has),
    (&["no"], Field::No),
    (&["blocks"], Field::Blocks),
    (&["blocked-by", "depends-on"], Field::BlockedBy),
    (&["path", "paths", "file"], Field::Path),
];

/// The fields for people, to stand in a help text.
pub const FIELDS_HELP: &str = "\
A query is words and conditions; all must hold. Words are looked for in the title.

  is:open,closed,ready,blocked,claimed,deferred,container,overdue,stale,mine,epic,bug
  status: type: label: assignee: parent: id: title:   any of the values: status:open,blocked
  priority:0  priority:0..1  priority:<2
  created: updated: closed: due: defer:   a day, a..b, <, <=, >, >=
                     updated:<7d is less than 7 days ago
  desc: notes: design: acceptance:   the text contains it
  has: no:           labels, assignee, parent, description, due, blockers, children, comments
  blocks:ID  blocked-by:ID  path:src/auth/**  meta.team:core
  -term, NOT term    turns it round
  a OR b, ( )        one of them
  \"exact words\"      in quotes; also for a value with spaces, title:\"log out\"
  @NAME              a saved query

Closed issues are left out, unless the query asks for them: is:closed, is:all, closed:, id:.";

impl Field {
    /// Finds a field by any of its names.
    pub fn find(name: &str) -> Option<Field> {
        let lower = name.to_ascii_lowercase();
        if let Some(rest) = lower.strip_prefix("meta.").or_else(|| lower.strip_prefix("metadata.")) {
            // The name of an entry keeps its case.
            return (!rest.is_empty()).then(|| Field::Meta(name[name.len() - rest.len()..].to_owned()));
        }
        let lower = lower.replace('_', "-");
        FIELDS.iter().find(|(names, _)| names.contains(&lower.as_str())).map(|(_, field)| field.clone())
    }

    /// Returns the proper name that is nearest to a word.
    pub fn nearest(name: &str) -> Option<&'static str> {
        let names = || FIELDS.iter().flat_map(|(names, _)| names.iter().copied());
        let found = nearest(name, names())?;
        FIELDS.iter().find(|(names, _)| names.contains(&found)).map(|(names, _)| names[0])
    }

    /// Returns all proper names.
    pub fn names() -> String {
        let names: Vec<&str> = FIELDS.iter().map(|(names, _)| names[0]).collect();
        names.join(", ")
    }
}
