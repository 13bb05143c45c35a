//! The field names of Beads, and how fields without a place in the model are named in `metadata`.
//!
//! An entry `x` of Beads' own `metadata` object is the entry `x` here. A field `x` of the record is `beads.x`.
//! So that nothing can mean two things, an entry of Beads' object that begins with `beads.` is
//! `beads.metadata.<name>`, and a field that begins with `metadata.` or a backslash gets a backslash in front.

/// The fields in the order in which Beads writes them. Others follow in the order of their names.
pub const ORDER: [&str; 55] = [
    "id",
    "title",
    "description",
    "design",
    "acceptance_criteria",
    "notes",
    "spec_id",
    "status",
    "priority",
    "issue_type",
    "assignee",
    "owner",
    "estimated_minutes",
    "created_at",
    "created_by",
    "updated_at",
    "started_at",
    "closed_at",
    "close_reason",
    "closed_by_session",
    "due_at",
    "defer_until",
    "external_ref",
    "source_system",
    "source_repo",
    "metadata",
    "compaction_level",
    "compacted_at",
    "compacted_at_commit",
    "original_size",
    "labels",
    "dependencies",
    "comments",
    "deleted_at",
    "deleted_by",
    "delete_reason",
    "original_type",
    "sender",
    "ephemeral",
    "no_history",
    "wisp_type",
    "pinned",
    "is_template",
    "bonded_from",
    "await_type",
    "await_id",
    "timeout",
    "waiters",
    "source_formula",
    "source_location",
    "mol_type",
    "work_type",
    "event_kind",
    "actor",
    "target",
];

/// Fields that an import reads into the model.
pub const READ: [&str; 30] = [
    "id",
    "title",
    "description",
    "design",
    "acceptance_criteria",
    "notes",
    "spec_id",
    "status",
    "priority",
    "issue_type",
    "assignee",
    "estimated_minutes",
    "created_at",
    "created_by",
    "updated_at",
    "started_at",
    "closed_at",
    "close_reason",
    "due_at",
    "defer_until",
    "external_ref",
    "metadata",
    "labels",
    "dependencies",
    "comments",
    "parent",
    "duplicate_of",
    "superseded_by",
    "uid",
    "quipu",
];

/// Fields that an import drops: what a listing computed, the kind and version of the record, and a hash over the
/// content, which every edit makes stale.
pub const COMPUTED: [&str; 6] =
    ["_type", "schema_version", "content_hash", "dependency_count", "dependent_count", "comment_count"];

const PREFIX: &str = "beads.";
const INNER: &str = "metadata.";

/// What an entry of `metadata` is in a Beads record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place<'a> {
    /// An entry of Beads' own `metadata` object.
    Inner(&'a str),
    /// A field of the record.
    Field(&'a str),
    /// Nothing that an import would name so: it travels among our own fields.
    Ours,
}

/// Returns the name in `metadata` of a field of the record.
pub fn field_entry(field: &str) -> String {
    let mark = if field.starts_with(INNER) || field.starts_with('\\') { "\\" } else { "" };
    format!("{PREFIX}{mark}{field}")
}

/// Returns the name in `metadata` of an entry of Beads' own `metadata` object.
pub fn inner_entry(name: &str) -> String {
    if name.starts_with(PREFIX) { format!("{PREFIX}{INNER}{name}") } else { name.to_owned() }
}

/// Returns what an entry of `metadata` is in a record: the inverse of the two functions above.
pub fn place(entry: &str) -> Place<'_> {
    let Some(rest) = entry.strip_prefix(PREFIX) else { return Place::Inner(entry) };
    if let Some(inner) = rest.strip_prefix(INNER) {
        return if inner.starts_with(PREFIX) { Place::Inner(inner) } else { Place::Ours };
    }
    let field = rest.strip_prefix('\\').unwrap_or(rest);
    let known = READ.contains(&field) || COMPUTED.contains(&field);
    if !known && field_entry(field) == entry { Place::Field(field) } else { Place::Ours }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back() {
        for field in ["owner", "metadata.x", "\\x", "", "beads.x", "metadata.beads.x"] {
            assert_eq!(place(&field_entry(field)), Place::Field(field), "{field}");
        }
        for name in ["x", "", "beads.owner", "beads.beads.x", "metadata.x"] {
            assert_eq!(place(&inner_entry(name)), Place::Inner(name), "{name}");
        }
    }

    #[test]
    fn names_that_no_import_gives_are_ours() {
        for entry in
            ["beads.title", "beads.metadata.x", "beads.\\x", "beads.comment_count", "beads.metadata."]
        {
            assert_eq!(place(entry), Place::Ours, "{entry}");
        }
    }
}
