//! What goes to other clones and other trackers, and comes from them.

use super::Type::{Flag, List, Map, Of, OrNull, Text, Time, Ulid, Whole};
use super::{COMMENT, Document, RELATION, Row, always, sometimes};

/// What an exchange with the remote did.
pub static SYNCED: Document = Document {
    name: "Synced",
    extends: &[],
    rows: &[
        always("remote", Text, "its name, path or URL"),
        always("in_sync", Flag, "whether both sides have the same now"),
        always("dry_run", Flag, "true with `--dry-run`: everything below is what would happen"),
        always("sent", Of(&OPERATIONS), "what the remote has got"),
        always("received", Of(&OPERATIONS), "what this clone has got"),
        always("merged", Flag, "whether both sides had something of their own"),
        always("conflicts", List(&Of(&CONFLICT)), "what both sides had changed"),
        always("claims_lost", List(&Of(&CLAIM_LOST)), "your claims that others have now"),
        always(
            "collisions",
            List(&Of(&COLLISION)),
            "issues whose key had to grow, because another one ends alike",
        ),
        always("unsent", Whole, "how many operations the remote has not got"),
        always(
            "stored",
            super::Type::Words(&["shared", "local", "branch", "outbox", "elsewhere"]),
            "where the changes of this clone are: at the remote, here only, on another branch of the remote, in the outbox, at `sent_to` and not shown by the remote",
        ),
        always("absorbed", Of(&OPERATIONS), "what came from the outbox of the working tree"),
        sometimes("fallback_branch", Text, "the branch that has what the remote has refused"),
        sometimes(
            "outbox",
            Text,
            "the file that has what could not be sent, from the top of the working tree",
        ),
        sometimes("refused", Text, "why the remote does not take the branch, for people"),
        sometimes("retry_at", Time, "when the push is tried again; `--retry` tries at once"),
        sometimes("not_received", Text, "why nothing could be received, for people"),
        sometimes("sent_to", Text, "where pushes go, if that is not where fetches come from"),
        sometimes("harvested", List(&Text), "branches of `quipu.fallbackBranch` that were taken in"),
        sometimes(
            "swept",
            List(&Text),
            "such branches that were deleted: the tracker's has everything of them",
        ),
        sometimes("not_harvested", List(&Text), "such branches that could not be taken in"),
    ],
};

/// Operations that were exchanged.
pub static OPERATIONS: Document = Document {
    name: "Operations",
    extends: &[],
    rows: &[
        always("operations", Whole, "how many"),
        always("issues", List(&Text), "the keys of the issues that they changed"),
    ],
};

/// What lost a merge.
pub static CONFLICT: Document = Document {
    name: "Conflict",
    extends: &[],
    rows: &[
        always("id", Text, "the issue, or the path of another file"),
        always("parts", List(&Text), "what both sides had changed, as in Copy"),
        always("entry", Text, "the entry in the attic that keeps the other version"),
        always("path", Text, "its path on the branch"),
        always("commit", Text, "the commit that wrote it"),
    ],
};

/// A claim that somebody else has now.
pub static CLAIM_LOST: Document = Document {
    name: "ClaimLost",
    extends: &[],
    rows: &[
        always("id", Text, "the key of the issue"),
        always("uid", Ulid, "its identity"),
        always("to", Text, "who has it, for people"),
    ],
};

/// A key that had to grow.
pub static COLLISION: Document = Document {
    name: "Collision",
    extends: &[],
    rows: &[
        always("uid", Ulid, "the issue"),
        always("before", Text, "its key before"),
        always("after", Text, "its key now"),
    ],
};

/// What an import did.
pub static IMPORTED: Document = Document {
    name: "Imported",
    extends: &[],
    rows: &[
        always("kind", Text, "the format"),
        always("source", Text, "the name under which the next import of the same source is recognised"),
        always("records", Whole, "how many records there were"),
        always("imported", Whole, "how many of them are issues"),
        always("created", Whole, "how many issues were created"),
        always("updated", Whole, "how many were changed"),
        always("unchanged", Whole, "how many were so already"),
        always("deleted_here", List(&Text), "keys that were deleted here and stay deleted"),
        always("gone", Whole, "how many issues the source had the last time and has no more; they stay"),
        always("kept", List(&Of(&KEPT)), "what was changed here and there; the change made here stands"),
        always("memories", Whole, "how many notes"),
        always("skipped", List(&Of(&NOTICE)), "what was not imported"),
        always("warnings", List(&Of(&NOTICE)), "what was not imported as it stood"),
        always("commit", OrNull(&Text), "the commit, null where nothing was written"),
    ],
};

/// A field that an import left alone.
pub static KEPT: Document = Document {
    name: "Kept",
    extends: &[],
    rows: &[always("id", Text, "the key of the issue"), always("field", Text, "the field")],
};

/// A remark on one record.
pub static NOTICE: Document = Document {
    name: "Notice",
    extends: &[],
    rows: &[
        always("at", Text, "where in the source"),
        always("id", OrNull(&Text), "the issue, where the record says it"),
        always("code", Text, "a stable word"),
        always("message", Text, "what was found, for people"),
    ],
};

/// What an export into a file or a folder did.
pub static EXPORTED: Document = Document {
    name: "Exported",
    extends: &[],
    rows: &[always("exported", Whole, "how many issues"), always("path", Text, "where to")],
};

/// An issue in an export: one line of JSON Lines, as `bd` reads and writes it.
pub static RECORD: Document = Document {
    name: "Record",
    extends: &[],
    rows: &[
        always("id", Text, "its key"),
        Row::Model("title"),
        sometimes("description", Text, "what it is about"),
        sometimes("design", Text, "how it is to be done"),
        sometimes("acceptance_criteria", Text, "when it is done"),
        sometimes("notes", Text, "what was found on the way"),
        Row::Model("spec"),
        Row::Model("status"),
        Row::Model("priority"),
        Row::Model("type"),
        Row::Model("assignee"),
        Row::Model("estimate_minutes"),
        Row::Model("created_at"),
        Row::Model("created_by"),
        Row::Model("updated_at"),
        Row::Model("started_at"),
        Row::Model("closed_at"),
        Row::Model("close_reason"),
        Row::Model("due_at"),
        Row::Model("defer_until"),
        Row::Model("external_ref"),
        Row::Model("metadata"),
        Row::Model("labels"),
        sometimes("dependencies", List(&Of(&RELATION)), "its relations"),
        sometimes("comments", List(&Of(&COMMENT)), "its comments"),
        Row::Model("id"),
        sometimes("quipu", Map, "what `bd` has no field for: claims, paths, unknown keys and sections"),
    ],
};

/// A note of `memories/` in an export.
pub static MEMORY: Document = Document {
    name: "Memory",
    extends: &[],
    rows: &[
        always("_type", super::Type::Words(&["memory"]), "what tells it from an issue"),
        always("key", Text, "its name"),
        always("value", Text, "its text"),
    ],
};
