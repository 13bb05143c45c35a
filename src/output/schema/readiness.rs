//! What can be worked on, and what cannot, and why.

use super::Type::{Flag, List, Of, Text, Whole, Words};
use super::{Document, ISSUE, ROW, Type, always, sometimes};

/// The states of an issue.
const STATE: Type = Words(&["ready", "blocked", "claimed", "deferred", "container", "closed", "other"]);

/// A ready issue.
pub static READY: Document = Document {
    name: "Ready",
    extends: &[&ROW],
    rows: &[
        always("unblocks", Whole, "how many open issues wait for it, directly or not"),
        sometimes("lapsed", Flag, "true where a claim on it has lapsed"),
        sometimes("overlaps", Of(&OVERLAP), "a live claim on the same files"),
    ],
};

/// A claim on the same files.
pub static OVERLAP: Document = Document {
    name: "Overlap",
    extends: &[],
    rows: &[always("id", Text, "the issue claimed"), always("assignee", Text, "by whom")],
};

/// All open issues, ready and not, each with its reason.
pub static EXPLAINED: Document = Document {
    name: "Explained",
    extends: &[],
    rows: &[
        always("ready", List(&Of(&READY_REASON)), "the ready issues"),
        always("blocked", List(&Of(&UNREADY)), "all other open issues"),
        sometimes("cycles", List(&List(&Text)), "the keys of issues that wait for each other"),
        always("summary", Of(&READY_COUNTS), "how many there are"),
    ],
};

/// A ready issue with the reason.
pub static READY_REASON: Document = Document {
    name: "ReadyReason",
    extends: &[&READY],
    rows: &[
        always("reason", Text, "why it is ready"),
        always("resolved_blockers", List(&Text), "the keys of the closed issues that it waited for"),
    ],
};

/// An issue in its state.
pub static STANDING: Document = Document {
    name: "Standing",
    extends: &[&ROW],
    rows: &[
        always("state", STATE, "what it is; `container` where its open parts are the work"),
        always("reason", Text, "why"),
    ],
};

/// An open issue that is not ready.
pub static UNREADY: Document = Document {
    name: "Unready",
    extends: &[&STANDING],
    rows: &[
        always("blocked_by_count", Whole, "how many open issues it waits for"),
        always("blocked_by", List(&Of(&BLOCKER)), "the issues it waits for"),
    ],
};

/// An issue that another waits for.
pub static BLOCKER: Document = Document {
    name: "Blocker",
    extends: &[],
    rows: &[
        always("id", Text, "its key"),
        always("title", Text, "its title"),
        always("status", Text, "its status"),
        always("priority", Whole, "its priority"),
        sometimes("via", Text, "the ancestor whose blocker it is"),
    ],
};

/// Counts of ready and other issues.
pub static READY_COUNTS: Document = Document {
    name: "ReadyCounts",
    extends: &[],
    rows: &[
        always("total_ready", Whole, "ready issues"),
        always("total_blocked", Whole, "issues that wait for others"),
        always("total_not_ready", Whole, "open issues that are not ready, blocked ones included"),
        always("cycle_count", Whole, "circles of issues that wait for each other"),
    ],
};

/// A blocked issue.
pub static BLOCKED: Document = Document {
    name: "Blocked",
    extends: &[&ROW],
    rows: &[
        always("blocked_by_count", Whole, "how many open issues it waits for"),
        always("blocked_by", List(&Text), "their keys"),
    ],
};

/// Why an issue is ready or not.
pub static WHY: Document = Document {
    name: "Why",
    extends: &[&ISSUE],
    rows: &[
        always("ready", Flag, "whether it can be worked on now"),
        always("reasons", List(&Text), "why not"),
        always("tree", List(&Of(&WHY_NODE)), "what it waits for, each node after the one above it"),
        always("workable", List(&Of(&ROW)), "what to work on to free it"),
    ],
};

/// An issue in the tree of what another waits for.
pub static WHY_NODE: Document = Document {
    name: "WhyNode",
    extends: &[&ISSUE],
    rows: &[
        always("depth", Whole, "steps from the root"),
        sometimes("parent_id", Text, "the node above"),
        sometimes(
            "edge_from_parent",
            Words(&["blocker", "inherited", "child"]),
            "what leads to it from there",
        ),
        sometimes("via", Text, "the ancestor whose blocker it is"),
        always("state", STATE, "what it is"),
        always("reason", Text, "why"),
        sometimes(
            "mark",
            Words(&["repeated", "cycle"]),
            "that it stands in the tree already, or waits for itself",
        ),
    ],
};

/// An issue that a search found.
pub static HIT: Document = Document {
    name: "Hit",
    extends: &[&ROW],
    rows: &[always("matched_in", List(&Text), "the fields that the words were found in")],
};

/// Whether issues are in the states asked for.
pub static CHECKED: Document = Document {
    name: "Checked",
    extends: &[],
    rows: &[
        always("ok", Flag, "whether it holds"),
        always("checked", Whole, "how many issues were looked at"),
        always("is", List(&Text), "the states that count"),
        always("failing", List(&Of(&STANDING)), "the issues for which it does not hold"),
    ],
};
