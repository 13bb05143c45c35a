//! Documents that stand in others, and the one of a failure.

use super::Type::{Any, Text, Time, Ulid, Whole};
use super::{Document, always, sometimes};

/// What a command that fails prints on standard error.
pub static ERROR: Document = Document {
    name: "Error",
    extends: &[],
    rows: &[
        always("error", Text, "what went wrong, for people; its wording may change"),
        always("code", Text, "a stable word for programs, such as `claim_held`"),
        always("exit", Whole, "the exit code"),
        sometimes("hint", Text, "a command or an instruction that helps"),
        sometimes(
            "result",
            Any,
            "the document of what was done before the failure: a `close --sync` that was not sent, a sync that received \
             and could not send",
        ),
    ],
};

/// A relation of an issue.
pub static RELATION: Document = Document {
    name: "Relation",
    extends: &[],
    rows: &[
        always("issue_id", Text, "the issue that has the relation: it depends on the other"),
        always(
            "depends_on_id",
            Text,
            "the other issue: its key, or a ULID or key as it stands where it is not in this tracker",
        ),
        always(
            "type",
            Text,
            "`blocks`, `parent-child`, `related`, `discovered-from`, `duplicates`, `supersedes`, or any other word",
        ),
        always("created_at", Time, "when the issue that has the relation was created"),
    ],
};

/// A comment.
pub static COMMENT: Document = Document {
    name: "Comment",
    extends: &[],
    rows: &[
        always("id", Ulid, "its own identity"),
        always("issue_id", Text, "the key of the issue"),
        always("author", Text, "who said it"),
        always("text", Text, "what was said"),
        always("created_at", Time, "when"),
    ],
};
