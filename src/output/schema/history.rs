//! What the history holds: operations, changes, and copies of what lost a merge.

use super::Type::{Any, Flag, List, Of, OrNull, Text, Time, Ulid, Words};
use super::{Document, always, sometimes, with};

/// A version of a file that lost a merge.
pub static COPY: Document = Document {
    name: "Copy",
    extends: &[],
    rows: &[
        always("entry", Text, "its short name, which every command of `qp attic` takes"),
        sometimes("id", Text, "the key of the issue"),
        sometimes("uid", Ulid, "the identity of the issue"),
        sometimes("file", Text, "the path of the file, where it is no issue"),
        always("parts", List(&Text), "what lost"),
        always("path", Text, "where it is kept on the branch"),
        sometimes("actor", Text, "who wrote the losing version"),
        always("time", Time, "when it was written"),
        sometimes("commit", Text, "the commit that wrote it"),
        sometimes("merge", Text, "the merge that it lost"),
    ],
};

/// A copy with its text.
pub static COPY_TEXT: Document =
    Document { name: "CopyText", extends: &[&COPY], rows: &[always("text", Text, "the file as it was")] };

/// A copy against the issue as it is.
pub static COPY_DIFF: Document = Document {
    name: "CopyDiff",
    extends: &[&COPY],
    rows: &[
        always("deleted", Flag, "whether the issue is no more"),
        always("changes", List(&Of(&FIELD_CHANGE)), "what the copy has otherwise than the issue has now"),
    ],
};

/// What changed in one field.
pub static FIELD_CHANGE: Document = Document {
    name: "FieldChange",
    extends: &[],
    rows: &[
        always("field", Text, "its name"),
        always("old", Any, "the value before, or null"),
        always("new", Any, "the value after, or null"),
        sometimes("comment_id", Ulid, "of a comment: which one"),
        sometimes("author", Text, "of a comment: who wrote it"),
    ],
};

/// What changed in one issue.
pub static CHANGE: Document = Document {
    name: "Change",
    extends: &[],
    rows: &[
        always("id", Text, "the key of the issue"),
        always("uid", Ulid, "its identity"),
        always("title", Text, "its title, after the change where it still exists"),
        always("change", Words(&["created", "changed", "deleted", "restored"]), "what happened to it"),
        always("changes", List(&Of(&FIELD_CHANGE)), "an entry a field"),
    ],
};

/// What changed in another file.
pub static FILE_CHANGE: Document = Document {
    name: "FileChange",
    extends: &[],
    rows: &[
        always("path", Text, "where it is on the branch"),
        always("change", Words(&["created", "changed", "deleted", "restored"]), "what happened to it"),
    ],
};

/// What changed in one issue, with the last operation that did it.
pub static NEWS: Document = Document {
    name: "News",
    extends: &[&CHANGE],
    rows: &[
        always(
            "change",
            Words(&[
                "created", "changed", "deleted", "claimed", "released", "deferred", "closed", "reopened",
            ]),
            "what happened to it",
        ),
        always("time", OrNull(&Time), "when it was changed last"),
        always("actor", OrNull(&Text), "who did that"),
        always("session", OrNull(&Text), "in which session"),
        always("op", OrNull(&Ulid), "the operation"),
        always("commit", OrNull(&Text), "its commit"),
    ],
};

/// A commit on the tracker's branch.
pub static OPERATION: Document = Document {
    name: "Operation",
    extends: &[],
    rows: &[
        always("op", OrNull(&Ulid), "the operation; null for a commit that another program made"),
        always("commit", Text, "the commit"),
        always("parents", List(&Text), "its parents; two make a merge"),
        always("time", Time, "when"),
        always("actor", Text, "who"),
        always("session", OrNull(&Text), "in which session"),
        always("command", OrNull(&Text), "by which command"),
        always("subject", Text, "the first line of the commit message"),
        always("issues", List(&Text), "the keys of the issues it changed"),
        always("undoes", OrNull(&Text), "the operation that this one took back"),
    ],
};

/// An operation as the log shows it.
pub static LOG_ENTRY: Document = Document {
    name: "LogEntry",
    extends: &[&OPERATION],
    rows: &[
        always("undone", Flag, "whether it was taken back itself"),
        always("trailers", List(&Of(&TRAILER)), "all trailers of the message"),
        with("an issue named, or `--patch`", "changed", List(&Of(&CHANGE)), "what it changed"),
    ],
};

/// A trailer of a commit message.
pub static TRAILER: Document = Document {
    name: "Trailer",
    extends: &[],
    rows: &[always("name", Text, "its name"), always("value", Text, "its value")],
};

/// What differs between two moments.
pub static DIFF: Document = Document {
    name: "Diff",
    extends: &[],
    rows: &[
        always("from", Text, "the commit before"),
        always("to", Text, "the commit after"),
        always("issues", List(&Of(&CHANGE)), "the issues that differ"),
        always("files", List(&Of(&FILE_CHANGE)), "what differs besides issues"),
    ],
};

/// What a write was, for commands that take something back.
pub static WRITTEN: Document = Document {
    name: "Written",
    extends: &[],
    rows: &[
        always("dry_run", Flag, "true where nothing was written because of `--dry-run`"),
        always("op", OrNull(&Ulid), "the operation, null where nothing was written"),
        always("commit", OrNull(&Text), "its commit"),
    ],
};

/// What an undo did.
pub static UNDONE: Document = Document {
    name: "Undone",
    extends: &[&WRITTEN],
    rows: &[
        always("undone", Of(&OPERATION), "what was taken back"),
        always("already_undone", Flag, "true where it had been taken back before, and nothing was done"),
        always("issues", List(&Of(&CHANGE)), "what the undo itself changed"),
        always("files", List(&Of(&FILE_CHANGE)), "the other files it changed"),
    ],
};

/// What came back from the attic.
pub static RESTORED: Document = Document {
    name: "Restored",
    extends: &[&WRITTEN],
    rows: &[
        always("entry", Of(&COPY), "the copy"),
        always("restored", List(&Text), "the parts that were put back; `file` for another file"),
        always("already", Flag, "whether all that was asked for was so already"),
        always(
            "left",
            List(&Text),
            "the parts that lost and still differ; where there are none, the copy has left the attic",
        ),
        always("issues", List(&Of(&CHANGE)), "what it changed"),
        always("files", List(&Of(&FILE_CHANGE)), "the other files it changed"),
    ],
};

/// What was dropped from the attic.
pub static DROPPED: Document = Document {
    name: "Dropped",
    extends: &[&WRITTEN],
    rows: &[always("dropped", List(&Of(&COPY)), "the copies")],
};
