//! What is said of the program, its settings, the memories, and how other tools are told of it.

use super::Type::{Either, Flag, List, Of, OrNull, Text, Whole, Words};
use super::{Document, always, sometimes};

/// Where everything is.
pub static INFO: Document = Document {
    name: "Info",
    extends: &[],
    rows: &[
        always("database_path", Text, "the git directory of the repository"),
        sometimes("work_dir", Text, "the checkout"),
        always("branch", Text, "where the tracker is"),
        always("commit", Text, "at which commit; the outbox is not in it"),
        sometimes("remote", Text, "the remote"),
        always("prefix", Text, "what keys begin with"),
        always("prefixes", List(&Text), "all that they ever began with"),
        always("issue_count", Whole, "how many issues"),
        always("closed_count", Whole, "how many of them are closed"),
        always("mode", Words(&["git"]), "always the same"),
        always("config", Of(&INFO_CONFIG), "for those who look for it there"),
        always("version", Text, "the version of the program"),
        always("format", Whole, "the version of the files"),
    ],
};

/// Settings in [`INFO`].
pub static INFO_CONFIG: Document = Document {
    name: "InfoConfig",
    extends: &[],
    rows: &[
        always("issue_prefix", Text, "what keys begin with"),
        always("branch", Text, "where the tracker is"),
        sometimes("remote", Text, "the remote"),
    ],
};

/// Where the tracker is.
pub static WHERE: Document = Document {
    name: "Where",
    extends: &[],
    rows: &[
        always("path", Text, "the git directory"),
        always("database_path", Text, "the same"),
        always("branch", Text, "the branch"),
        always("prefix", Text, "what keys begin with"),
    ],
};

/// The version.
pub static VERSION: Document = Document {
    name: "Version",
    extends: &[],
    rows: &[
        always("version", Text, "the version of the program"),
        always("format", Whole, "that of the trackers it writes"),
    ],
};

/// Types of issues.
pub static TYPES: Document = Document {
    name: "Types",
    extends: &[],
    rows: &[
        always("core_types", List(&Of(&TYPE_WORD)), "the known ones"),
        always("custom_types", List(&Text), "the other words in use here"),
    ],
};

/// A known type of issues.
pub static TYPE_WORD: Document = Document {
    name: "TypeWord",
    extends: &[],
    rows: &[always("name", Text, "the word"), always("description", Text, "what it means")],
};

/// What happened lately.
pub static ACTIVITY: Document = Document {
    name: "Activity",
    extends: &[],
    rows: &[
        always("hours_tracked", Whole, "how far back it looks"),
        always("commit_count", Whole, "how many operations"),
        always("issues_created", Whole, "how many issues were created"),
        always("issues_closed", Whole, "how many were closed"),
        always("issues_updated", Whole, "how many were changed otherwise"),
        always("issues_reopened", Whole, "how many by `qp reopen`"),
        always("total_changes", Whole, "how many issues were touched at all"),
    ],
};

/// A memory that was kept.
pub static REMEMBERED: Document = Document {
    name: "Remembered",
    extends: &[],
    rows: &[
        always("key", Text, "its key"),
        always("value", Text, "its text"),
        always("action", Words(&["remembered", "updated", "unchanged"]), "what was done"),
    ],
};

/// A memory that was looked up.
pub static RECALLED: Document = Document {
    name: "Recalled",
    extends: &[],
    rows: &[
        always("key", Text, "its key"),
        always("value", Text, "its text"),
        always("found", Flag, "true; a missing one is an error"),
    ],
};

/// Memories that were deleted.
pub static FORGOTTEN: Document = Document {
    name: "Forgotten",
    extends: &[],
    rows: &[
        always("key", Either(&[Text, List(&Text)]), "the key, or the keys where there were several"),
        always("deleted", Flag, "true"),
    ],
};

/// A setting.
pub static SETTING: Document = Document {
    name: "Setting",
    extends: &[],
    rows: &[
        always("key", Text, "its name"),
        always("value", OrNull(&Text), "its value"),
        always(
            "origin",
            Text,
            "where the value comes from: `quipu.yml`, a git config key, a variable, a flag, `default`",
        ),
        always("description", Text, "what it says"),
    ],
};

/// A setting that was taken away.
pub static UNSET: Document = Document {
    name: "Unset",
    extends: &[],
    rows: &[always("key", Text, "its name"), always("value", OrNull(&Text), "null")],
};

/// A saved query.
pub static QUERY: Document = Document {
    name: "Query",
    extends: &[],
    rows: &[always("name", Text, "its name"), always("query", Text, "the query")],
};

/// A query that was saved.
pub static QUERY_SAVED: Document = Document {
    name: "QuerySaved",
    extends: &[&QUERY],
    rows: &[always("status", Words(&["saved", "replaced", "unchanged"]), "what was done")],
};

/// A query that was deleted.
pub static QUERY_DELETED: Document = Document {
    name: "QueryDeleted",
    extends: &[],
    rows: &[always("name", Text, "its name"), always("status", Words(&["deleted"]), "what was done")],
};

/// A tool that can be told of the tracker.
pub static TOOL: Document = Document {
    name: "Tool",
    extends: &[],
    rows: &[
        always("tool", Text, "its name"),
        always("scope", Words(&["project", "global"]), "for whom"),
        always("file", Text, "the file, from the top of the repository; with `--global` the whole path"),
    ],
};

/// How a tool stands.
pub static TOOL_STATE: Document = Document {
    name: "ToolState",
    extends: &[&TOOL],
    rows: &[always(
        "state",
        Words(&["absent", "current", "outdated", "edited", "broken"]),
        "`broken` where the file cannot be read",
    )],
};

/// What was done for a tool.
pub static TOOL_ACTION: Document = Document {
    name: "ToolAction",
    extends: &[&TOOL],
    rows: &[always(
        "action",
        Words(&["created", "added", "updated", "removed", "deleted", "unchanged"]),
        "what was done to the file",
    )],
};

/// What would be put in for a tool.
pub static TOOL_TEXT: Document =
    Document { name: "ToolText", extends: &[&TOOL], rows: &[always("text", Text, "what would be put in")] };

/// What is printed without `--json`.
pub static SAID: Document = Document {
    name: "Said",
    extends: &[],
    rows: &[always("text", Text, "what is printed without `--json`")],
};
