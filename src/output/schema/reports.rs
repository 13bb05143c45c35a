//! What is said of the tracker as a whole, and of the program.

use super::Type::{Flag, Fraction, List, Map, Of, OrNull, Text, Time, Whole, Words};
use super::{ACTIVITY, Document, always, sometimes};

/// How the tracker stands.
pub static STATUS: Document = Document {
    name: "Status",
    extends: &[],
    rows: &[
        always("summary", Of(&COUNTS), "how many issues there are"),
        always("prefix", Text, "what keys begin with"),
        always("branch", Text, "where the tracker is"),
        always("commit", Text, "at which commit; the outbox is not in it"),
        always("claims", List(&Of(&CLAIM_STATE)), "the claims there are"),
        always("attic", Whole, "how many copies of lost edits are in the attic"),
        sometimes(
            "recent_activity",
            Of(&ACTIVITY),
            "what happened lately; absent with `--no-activity` and with `--assigned`",
        ),
        sometimes("remote", Of(&REMOTE), "the remote; the network is not asked"),
        sometimes("outbox", Of(&OUTBOX_COUNT), "the outbox of the working tree; absent where it has no file"),
    ],
};

/// Counts of issues.
pub static COUNTS: Document = Document {
    name: "Counts",
    extends: &[],
    rows: &[
        always("total_issues", Whole, "all"),
        always("open_issues", Whole, "with the status open"),
        always("in_progress_issues", Whole, "claimed ones"),
        always("closed_issues", Whole, "closed ones"),
        always("blocked_issues", Whole, "those that wait for others"),
        always("deferred_issues", Whole, "those that are put off"),
        always("ready_issues", Whole, "those that can be worked on now"),
        always("pinned_issues", Whole, "always 0"),
        always("epics_eligible_for_closure", Whole, "open epics whose parts are all closed"),
        always("average_lead_time_hours", Fraction, "from creation to closing"),
    ],
};

/// A claim as it stands.
pub static CLAIM_STATE: Document = Document {
    name: "ClaimState",
    extends: &[],
    rows: &[
        always("id", Text, "the key of the issue"),
        always("title", Text, "its title"),
        always(
            "state",
            Words(&["live", "lapsed", "stale", "unleased"]),
            "`unleased` without a lease, and `stale` where nothing has changed for a day besides",
        ),
        always("confirmed", Flag, "whether the remote has taken the claim"),
        sometimes("actor", Text, "who holds it"),
        sometimes("session", Text, "in which session"),
        sometimes("claimed_at", Time, "since when"),
        sometimes("lease_expires_at", Time, "until when"),
    ],
};

/// The remote as this clone knows it.
pub static REMOTE: Document = Document {
    name: "Remote",
    extends: &[],
    rows: &[
        always("name", Text, "its name"),
        always("ahead", Whole, "how many operations it has not got"),
        always("behind", Whole, "how many of its operations this clone has not taken in"),
        always(
            "shared",
            Flag,
            "whether the tracker was ever there; false, too, while the outbox has what is not on the branch here",
        ),
        always("last_reached", OrNull(&Time), "when it was last reached from here"),
    ],
};

/// The files of the outbox, counted.
pub static OUTBOX_COUNT: Document = Document {
    name: "OutboxCount",
    extends: &[],
    rows: &[
        always("files", Whole, "how many files it has"),
        always("operations", Whole, "how many operations in them are not on the branch here"),
        always("new", Whole, "how many files have something that is not on the branch here"),
        always("waiting", Whole, "how many files build upon commits that are not here"),
        always("unusable", Whole, "how many files cannot be used"),
    ],
};

/// Who the caller is.
pub static WHOAMI: Document = Document {
    name: "Whoami",
    extends: &[],
    rows: &[
        always("actor", Text, "the name that writes carry"),
        always("actor_source", Text, "where it was found"),
        sometimes("session", Text, "the session"),
        always("session_source", Text, "where it was found"),
        always("branch", Text, "where the tracker is"),
        sometimes("remote", Text, "the remote"),
        always("lease_minutes", Whole, "how long a claim holds unless told otherwise"),
    ],
};

/// A tracker that was started, or was there.
pub static CREATED_TRACKER: Document = Document {
    name: "CreatedTracker",
    extends: &[],
    rows: &[
        always("created", Flag, "whether a tracker was started; false where there was one"),
        always("branch", Text, "where it is"),
        always("prefix", Text, "what keys begin with"),
        always("issue_count", Whole, "how many issues it has"),
    ],
};

/// What is wrong, and what was done about it.
pub static DOCTOR: Document = Document {
    name: "Diagnosis",
    extends: &[],
    rows: &[
        always(
            "ok",
            Flag,
            "whether there is neither error nor warning; the exit code is 0 where it is true and 1 where it is not",
        ),
        always("issue_count", Whole, "how many issues could be read"),
        always("findings", List(&Of(&FINDING)), "what was found, the worst first"),
    ],
};

/// One thing that is wrong.
pub static FINDING: Document = Document {
    name: "Finding",
    extends: &[],
    rows: &[
        always("code", Text, "a stable word"),
        always("severity", Words(&["error", "warning", "note"]), "how bad it is"),
        sometimes("issue", Text, "the key of the issue it is about"),
        sometimes("path", Text, "the file it is about, or the name of a ref"),
        sometimes("line", Whole, "the line in it"),
        always("message", Text, "what was found, for people"),
        always("remedy", Text, "what to do"),
        sometimes("fixed", Text, "what `--fix` did about it"),
        sometimes("would_fix", Text, "what `--fix` would do about it, with `--dry-run`"),
        sometimes("not_fixed", Text, "why `--fix` could not repair it"),
    ],
};

/// A file that the merge driver has merged.
pub static MERGED_FILE: Document = Document {
    name: "MergedFile",
    extends: &[],
    rows: &[always("path", Text, "the file"), always("merged", Flag, "true")],
};

/// A completion script.
pub static COMPLETIONS: Document = Document {
    name: "Completions",
    extends: &[],
    rows: &[always("shell", Text, "the shell"), always("script", Text, "the script")],
};

/// A manual page.
pub static MAN_PAGE: Document =
    Document { name: "ManPage", extends: &[], rows: &[always("page", Text, "the page, in troff")] };

/// Manual pages that were written.
pub static MAN_PAGES: Document = Document {
    name: "ManPages",
    extends: &[],
    rows: &[always("folder", Text, "the folder"), always("pages", List(&Text), "the names of the files")],
};

/// A JSON Schema.
pub static SCHEMA: Document = Document {
    name: "Schema",
    extends: &[],
    rows: &[
        always("$schema", Text, "the version of JSON Schema"),
        always("title", Text, "what it describes"),
        always("anyOf", List(&Map), "the forms of the result: it is one of them"),
        always("$defs", Map, "the documents by name"),
    ],
};

/// What there are schemas of.
pub static SCHEMAS: Document = Document {
    name: "Schemas",
    extends: &[],
    rows: &[
        always("commands", List(&Of(&PRINTED)), "the commands"),
        always("documents", List(&Text), "the names of all documents"),
    ],
};

/// What one command prints.
pub static PRINTED: Document = Document {
    name: "Printed",
    extends: &[],
    rows: &[
        always("command", Text, "the command, without `qp`"),
        always("documents", List(&Of(&PRINTED_SHAPE)), "what it prints"),
    ],
};

/// One form of a command's result.
pub static PRINTED_SHAPE: Document = Document {
    name: "PrintedShape",
    extends: &[],
    rows: &[
        always("type", Text, "`Row`, `array of Row`"),
        sometimes("when", Text, "when the result has this form"),
    ],
};
