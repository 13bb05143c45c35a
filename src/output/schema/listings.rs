//! Counts, old and forgotten issues, missing sections, epics, graphs.

use super::Type::{Flag, List, Map, Of, OrNull, Text, Time, Whole, Words};
use super::{BLOCKED, Document, EXPLAINED, HIT, ISSUE, READY, ROW, Row, always, sometimes};

/// A row of which the fields were chosen.
pub static PICKED: Document = Document {
    name: "Picked",
    extends: &[&ROW, &READY, &HIT, &BLOCKED, &ORPHAN],
    rows: &[Row::Optional, always("id", Text, "its key")],
};

/// All open issues with their reasons, of which the fields were chosen.
pub static EXPLAINED_PICKED: Document = Document {
    name: "ExplainedPicked",
    extends: &[&EXPLAINED],
    rows: &[
        always("ready", List(&Map), "the ready issues, with `id` and the fields chosen"),
        always("blocked", List(&Map), "all other open issues, likewise"),
    ],
};

/// How many issues there are.
pub static COUNTED: Document =
    Document { name: "Counted", extends: &[], rows: &[always("count", Whole, "how many issues")] };

/// How many issues there are by group.
pub static GROUPED: Document = Document {
    name: "Grouped",
    extends: &[],
    rows: &[
        always("total", Whole, "how many issues"),
        always("groups", List(&Of(&GROUP)), "the groups; an issue with several labels counts in several"),
    ],
};

/// Issues that have something in common.
pub static GROUP: Document = Document {
    name: "Group",
    extends: &[],
    rows: &[
        always("group", Text, "what they have in common, or `(no labels)`, or `(unassigned)`"),
        always("count", Whole, "how many"),
    ],
};

/// An open issue that commits name.
pub static ORPHAN: Document = Document {
    name: "Orphan",
    extends: &[&ROW],
    rows: &[
        always("issue_id", Text, "the same as `id`"),
        always("latest_commit", Text, "the newest commit that names it"),
        always("latest_commit_message", Text, "the first line of its message"),
        always("latest_commit_at", Time, "when it was made"),
        always("commit_count", Whole, "how many commits name it"),
    ],
};

/// What issues lack.
pub static LINTED: Document = Document {
    name: "Linted",
    extends: &[],
    rows: &[
        always("total", Whole, "how many sections are missing in all"),
        always("issues", Whole, "how many issues lack any"),
        always("checked", Whole, "how many were looked at"),
        always("results", List(&Of(&LACK)), "an entry an issue, at most `--limit`"),
    ],
};

/// What one issue lacks.
pub static LACK: Document = Document {
    name: "Lack",
    extends: &[],
    rows: &[
        always("id", Text, "the key of the issue"),
        always("title", Text, "its title"),
        always("type", Text, "its type"),
        always("missing", List(&Text), "headings, such as `## Acceptance Criteria`"),
        always("warnings", Whole, "how many"),
    ],
};

/// How far an epic is.
pub static EPIC: Document = Document {
    name: "Epic",
    extends: &[],
    rows: &[
        always("epic", Of(&ROW), "the epic"),
        always("total_children", Whole, "how many parts it has"),
        always("closed_children", Whole, "how many of them are closed"),
        always("eligible_for_close", Flag, "true where it is open, has parts, and all of them are closed"),
    ],
};

/// Epics that were closed.
pub static EPICS_CLOSED: Document = Document {
    name: "EpicsClosed",
    extends: &[],
    rows: &[
        always("closed", List(&Text), "the keys of the epics that were closed, or would be"),
        always("count", Whole, "how many"),
        always(
            "skipped",
            List(&Of(&SKIPPED)),
            "those whose parts are all closed, where something else is in the way",
        ),
        sometimes("dry_run", Flag, "true with `--dry-run`"),
    ],
};

/// An epic that was not closed.
pub static SKIPPED: Document = Document {
    name: "Skipped",
    extends: &[],
    rows: &[always("id", Text, "its key"), always("reason", Text, "why")],
};

/// Issues and what holds them together.
pub static GRAPH: Document = Document {
    name: "Graph",
    extends: &[],
    rows: &[
        sometimes("root", Text, "the key that was named"),
        always("issues", List(&Of(&GRAPH_ISSUE)), "the issues"),
        always("dependencies", List(&Of(&GRAPH_EDGE)), "their relations"),
    ],
};

/// An issue of a graph.
pub static GRAPH_ISSUE: Document = Document {
    name: "GraphIssue",
    extends: &[&ISSUE],
    rows: &[sometimes(
        "layer",
        Whole,
        "of an open one: 1 waits for no other, 2 for those of 1 only, and so on; absent where issues wait for each other",
    )],
};

/// A relation of a graph.
pub static GRAPH_EDGE: Document = Document {
    name: "GraphEdge",
    extends: &[],
    rows: &[
        always("issue_id", Text, "the issue that has the relation"),
        always("depends_on_id", Text, "the other issue"),
        always("type", Words(&["blocks", "parent-child"]), "its type"),
    ],
};

/// What one operation of a file came to.
pub static APPLIED: Document = Document {
    name: "Applied",
    extends: &[],
    rows: &[
        always("line", Whole, "the line, from 1"),
        always("op", Text, "the operation"),
        sometimes("ref", Text, "the name that the line gave to the issue it created"),
        sometimes("issues", List(&Of(&APPLIED_ISSUE)), "the issues it was about"),
        sometimes("dependencies", List(&Of(&super::RELATION_CHANGE)), "of `dep_add` and `dep_remove`"),
        sometimes("warnings", List(&Text), "of a `claim`: what speaks against starting"),
        sometimes("dry_run", Flag, "true where nothing was written because of `--dry-run`"),
    ],
};

/// What became of one issue.
pub static APPLIED_ISSUE: Document = Document {
    name: "AppliedIssue",
    extends: &[],
    rows: &[
        always("id", Text, "its key; of a new one with `--dry-run` its `$ref`, or `new`"),
        sometimes("uid", super::Type::Ulid, "its identity, where it has one"),
        always("title", Text, "its title"),
        always(
            "outcome",
            Text,
            "a word such as `created`, `updated`, `unchanged`, `closed`, `closed_already`, `claimed`",
        ),
    ],
};

/// Issues made from a graph.
pub static PLANTED: Document = Document {
    name: "Planted",
    extends: &[],
    rows: &[
        always("ids", Map, "the key of each node, by the name it had"),
        always("issues", List(&Of(&ROW)), "the issues"),
    ],
};

/// Where to go on after a close.
pub static CONTINUED: Document = Document {
    name: "Continued",
    extends: &[],
    rows: &[
        always(
            "next_step",
            OrNull(&super::Type::Either(&[Of(&super::CLAIMED), Of(&ROW)])),
            "the next issue, null where there is none",
        ),
        always("auto_advanced", Flag, "whether it was claimed"),
    ],
};
