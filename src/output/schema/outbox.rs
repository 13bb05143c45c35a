//! What stands in the outbox, and what was done with it.

use super::Type::{Flag, List, Of, OrNull, Text, Whole, Words};
use super::{Document, always, sometimes};

/// A file of the outbox.
pub static OUTBOX_FILE: Document = Document {
    name: "OutboxFile",
    extends: &[],
    rows: &[
        always("path", Text, "its path from the top of the working tree"),
        always("session", Text, "the session that has written it, as its name has it"),
        always("operations", Whole, "how many operations are in it"),
        always(
            "state",
            Words(&["new", "here", "shared", "missing_prerequisite", "unreadable"]),
            "not on the branch here; on the branch here; at the remote; not usable yet; not usable",
        ),
        always("prerequisites", List(&Text), "the commits that it builds upon"),
        sometimes("tip", Text, "the newest commit in it"),
        sometimes("missing", List(&Text), "those of the prerequisites that are not here"),
        sometimes("reason", Text, "why it is not usable, for people"),
    ],
};

/// What came from the outbox.
pub static ABSORBED: Document = Document {
    name: "Absorbed",
    extends: &[],
    rows: &[
        always("taken", Whole, "how many files brought something"),
        always("operations", Whole, "how many operations came to the branch"),
        always("issues", List(&Text), "the keys of the issues that they changed"),
        always("merged", Flag, "whether both sides had something of their own"),
        always("conflicts", Whole, "how many values a merge decided against: `qp attic list`"),
        always("files", List(&Of(&OUTBOX_FILE)), "all files, as they stand now"),
    ],
};

/// What was removed from the outbox.
pub static PRUNED: Document = Document {
    name: "Pruned",
    extends: &[],
    rows: &[always("removed", List(&Text), "the paths of the files")],
};

/// What was saved in the outbox.
pub static SAVED_OUTBOX: Document = Document {
    name: "SavedOutbox",
    extends: &[],
    rows: &[
        always("outbox", OrNull(&Text), "the file, null where the remote has everything"),
        always("operations", Whole, "how many operations are in it"),
        always("tip", OrNull(&Text), "the newest commit in it"),
    ],
};
