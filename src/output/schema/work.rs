//! What writing commands say: claims, relations, labels, and issues that end.

use super::Type::{Either, Flag, List, Of, OrNull, Text, Time, Whole, Words};
use super::{CONTINUED, DETAILS, Document, ISSUE, ROW, always, sometimes, with};

/// What is said of a claim that was made.
pub static CLAIM: Document = Document {
    name: "Claim",
    extends: &[],
    rows: &[
        always("outcome", Words(&["claimed", "renewed", "taken_over"]), "what it came to"),
        sometimes("taken_from", Of(&HOLDER_BEFORE), "of a claim taken over: who held it"),
        sometimes("warnings", List(&Text), "what speaks against starting, such as open blockers"),
        always("confirmed", Flag, "whether the remote has taken the claim"),
        always("stored", Words(&["shared", "local", "outbox"]), "how far it got"),
    ],
};

/// Who held a claim before.
pub static HOLDER_BEFORE: Document = Document {
    name: "HolderBefore",
    extends: &[],
    rows: &[
        always("lapsed_at", Time, "when that claim lapsed"),
        sometimes("actor", Text, "who held it"),
        sometimes("session", Text, "in which session"),
    ],
};

/// A claimed issue.
pub static CLAIMED: Document = Document { name: "Claimed", extends: &[&CLAIM, &ROW], rows: &[] };

/// A claimed issue with what a worker needs.
pub static NEXT: Document = Document {
    name: "Next",
    extends: &[&CLAIM, &DETAILS],
    rows: &[
        always("claimed", Flag, "true"),
        always("closed_blockers", List(&Of(&ISSUE)), "what had to be done before it"),
        always("related", List(&Of(&ISSUE)), "issues worth reading with it"),
        sometimes("parent_issue", Of(&PARENT), "what it is a part of"),
    ],
};

/// The issue that another is a part of.
pub static PARENT: Document = Document {
    name: "Parent",
    extends: &[&ISSUE],
    rows: &[always("description", Text, "its description, empty where there is none")],
};

/// That there is nothing to claim.
pub static NOTHING_NEXT: Document = Document {
    name: "NothingNext",
    extends: &[],
    rows: &[always("claimed", Flag, "false"), always("reason", Text, "why")],
};

/// Closed issues and what that made ready.
pub static CLOSED: Document = Document {
    name: "Closed",
    extends: &[],
    rows: &[
        always("closed", List(&Of(&ROW)), "the issues that were closed"),
        with(
            "--suggest-next",
            "unblocked",
            List(&Of(&ROW)),
            "the issues that became ready, where there are any",
        ),
        with("--claim-next", "claimed", OrNull(&Of(&CLAIMED)), "the issue that was claimed"),
        with("--continue", "continue", Of(&CONTINUED), "where to go on"),
    ],
};

/// What became of one relation.
pub static RELATION_CHANGE: Document = Document {
    name: "RelationChange",
    extends: &[],
    rows: &[
        always("status", Words(&["added", "exists", "removed", "absent"]), "what became of it"),
        always("issue_id", Text, "the issue that has it"),
        always("depends_on_id", Text, "the other issue"),
        always("type", Text, "its type, as in Relation"),
    ],
};

/// Two issues that refer to each other, or no longer.
pub static PAIR: Document = Document {
    name: "Pair",
    extends: &[],
    rows: &[
        always("id1", Text, "the one issue"),
        always("id2", Text, "the other"),
        sometimes("related", Flag, "true where they refer to each other now"),
        sometimes("unrelated", Flag, "true where they do not any more"),
    ],
};

/// An issue in a tree of dependencies.
pub static TREE_NODE: Document = Document {
    name: "TreeNode",
    extends: &[&ISSUE],
    rows: &[
        always("depth", Whole, "steps from the root"),
        sometimes("parent_id", Text, "the node above, which is not always the parent of the issue"),
        sometimes("edge_from_parent", Text, "the type of the relation to it"),
        sometimes(
            "direction",
            Words(&["down", "up"]),
            "`down` to what it waits for, `up` to what waits for it",
        ),
        sometimes("inherited_from", Text, "the ancestor whose blocker it is"),
        always("truncated", Flag, "whether there is more below, beyond `--max-depth`"),
        sometimes("repeated", Flag, "true where the issue stands in the tree already"),
        sometimes("cycle", Flag, "true where it waits for itself"),
    ],
};

/// What became of one label of one issue.
pub static LABEL_CHANGE: Document = Document {
    name: "LabelChange",
    extends: &[],
    rows: &[
        always("issue_id", Text, "the key of the issue"),
        always("label", Text, "the label"),
        always("status", Words(&["added", "exists", "removed", "absent"]), "what became of it"),
    ],
};

/// How many issues have a label.
pub static LABEL_COUNT: Document = Document {
    name: "LabelCount",
    extends: &[],
    rows: &[always("label", Text, "the label"), always("count", Whole, "how many issues have it")],
};

/// An issue that repeats another.
pub static DUPLICATE: Document = Document {
    name: "Duplicate",
    extends: &[],
    rows: &[
        always("duplicate", Text, "the issue that was closed"),
        always("canonical", Text, "the issue it repeats"),
        always("status", Words(&["closed"]), "what it is now"),
    ],
};

/// An issue that another replaces.
pub static SUPERSEDED: Document = Document {
    name: "Superseded",
    extends: &[],
    rows: &[
        always("superseded", Text, "the issue that was closed"),
        always("replacement", Text, "the issue that replaces it"),
        always("status", Words(&["closed"]), "what it is now"),
    ],
};

/// What was deleted.
pub static DELETED: Document = Document {
    name: "Deleted",
    extends: &[],
    rows: &[
        always("deleted", Either(&[Text, List(&Text)]), "the key, or the keys where there were several"),
        always("deleted_count", Whole, "how many"),
        always("dependencies_removed", Whole, "how many relations went with them"),
        always("references_updated", Whole, "always 0: deleting changes no other issue"),
        always("referenced_by", List(&Text), "the keys of the issues that still refer to them"),
        sometimes("dry_run", Flag, "true with `--dry-run`"),
    ],
};
