//! An issue in the forms that commands print.

use super::Type::{Either, Flag, List, Of, Text, Whole, Words};
use super::history::COPY;
use super::{COMMENT, Document, RELATION, Row, always, sometimes, with};

/// What every document says of an issue. The names are those that `bd` made known.
pub static ISSUE: Document = Document {
    name: "Issue",
    extends: &[],
    rows: &[
        always("id", Text, "its key"),
        Row::Model("title"),
        Row::Model("status"),
        Row::Model("priority"),
        Row::Model("type"),
        Row::Plain,
        Row::Model("metadata"),
        Row::Model("id"),
    ],
};

/// An issue in an array.
pub static ROW: Document = Document {
    name: "Row",
    extends: &[&ISSUE],
    rows: &[
        with("--full", "description", Text, "what it is about"),
        with("--full", "design", Text, "how it is to be done"),
        with("--full", "acceptance_criteria", Text, "when it is done"),
        with("--full", "notes", Text, "what was found on the way"),
        sometimes("dependencies", List(&Of(&RELATION)), "its relations"),
        always("dependency_count", Whole, "how many issues block it directly, closed ones too"),
        always("dependent_count", Whole, "how many issues it blocks directly"),
        always("comment_count", Whole, "how many comments it has"),
        Row::Model("parent"),
        with(
            "what writes",
            "stored",
            Words(&["shared", "local", "outbox"]),
            "where it stands: at the remote, on the branch here, or in a file in the working tree",
        ),
        with("`qp show`, `qp next` and what writes", "rev", Text, "its version, for `qp update --if-rev`"),
    ],
};

/// An issue that was created.
pub static CREATED: Document = Document {
    name: "Created",
    extends: &[&ROW],
    rows: &[sometimes("existing", Flag, "true where an idempotency key had created it before")],
};

/// An issue that was not written.
pub static DRAFT: Document = Document {
    name: "Draft",
    extends: &[&ROW],
    rows: &[Row::Without("uid"), always("dry_run", Flag, "true")],
};

/// An issue with all that is known of it.
pub static DETAILS: Document = Document {
    name: "Details",
    extends: &[&ROW],
    rows: &[
        sometimes(
            "dependencies",
            List(&Either(&[Of(&DEPENDENCY), Of(&DANGLING)])),
            "the issues this one depends on, with the fields of their relations",
        ),
        sometimes(
            "dependents",
            List(&Of(&DEPENDENCY)),
            "the issues that depend on this one, in the same form",
        ),
        sometimes("comments", List(&Of(&COMMENT)), "its comments"),
        sometimes(
            "conflicts",
            List(&Of(&COPY)),
            "what lost a merge and waits in the attic; not in `qp next`",
        ),
        sometimes("epic_total_children", Whole, "of an epic, or of any issue with parts: how many it has"),
        sometimes("epic_closed_children", Whole, "how many of them are closed"),
        sometimes("epic_closeable", Flag, "whether only the closing itself is left"),
    ],
};

/// An issue at the other end of a relation.
pub static DEPENDENCY: Document = Document {
    name: "Dependency",
    extends: &[&ISSUE, &RELATION],
    rows: &[always("dependency_type", Text, "the same as `type`")],
};

/// A relation to an issue that is not in this tracker.
pub static DANGLING: Document = Document {
    name: "Dangling",
    extends: &[&RELATION],
    rows: &[
        always("id", Text, "the same as `depends_on_id`"),
        always("dependency_type", Text, "the same as `type`"),
    ],
};
