//! The table of everything that `doctor` can find. `docs/doctor.md` is made from it, and no finding can be made
//! whose code is not here.

use super::finding::Severity;
use Severity::{Error, Note, Warning};

/// One kind of finding.
#[derive(Debug)]
pub struct Ailment {
    /// The stable word.
    pub code: &'static str,
    /// How bad it can be, the worst first.
    pub severities: &'static [Severity],
    /// What was found.
    pub what: &'static str,
    /// What to do about it by hand.
    pub remedy: &'static str,
    /// What `--fix` does, where it does something.
    pub fix: Option<&'static str>,
}

const fn row(
    code: &'static str,
    severities: &'static [Severity],
    what: &'static str,
    remedy: &'static str,
    fix: Option<&'static str>,
) -> Ailment {
    Ailment { code, severities, what, remedy, fix }
}

const STATE: Option<&str> = Some("follows the status: what belongs to another one goes");
const CONTRADICTION: &str = "`qp doctor --fix`";

/// Everything that can be found: first in the files of the branch, then in the issues, then around the tracker.
pub static AILMENTS: &[Ailment] = &[
    row(
        "unreadable",
        &[Error],
        "the file of an issue cannot be read",
        "correct the line that is named, or `qp undo COMMIT` where one commit did nothing else",
        Some("brings back the last version that can be read; the text that cannot be read goes to the attic"),
    ),
    row(
        "bad_settings",
        &[Error],
        "`quipu.yml` cannot be read, or is not there",
        "correct the line that is named, or `qp undo COMMIT`",
        Some("brings back the last settings that can be read; what was there goes to the attic"),
    ),
    row(
        "newer_format",
        &[Error],
        "the tracker has a format that this program reads and does not write",
        "install a qp that knows the format",
        None,
    ),
    row(
        "misplaced",
        &[Warning],
        "a file below `issues/` that is not where, or not named as, an issue is",
        "move it on the branch, in a worktree of it",
        None,
    ),
    row(
        "foreign_name",
        &[Warning, Note],
        "a file that is not the tracker's",
        "none is needed: it does no harm",
        None,
    ),
    row(
        "too_large",
        &[Warning],
        "a file beside the issues that is too large to be read",
        "make it shorter on the branch by hand; until then it is not read",
        None,
    ),
    row(
        "dangling_reference",
        &[Warning],
        "a relation to an issue that is not in this tracker",
        "`qp dep remove`, or `qp update --parent \"\"`",
        Some("removes the relation, unless a file that cannot be read may be the issue"),
    ),
    row(
        "ambiguous_reference",
        &[Warning],
        "a relation, written by hand with a key, that fits several issues",
        "`qp dep remove`, then `qp dep add` with the key of the one that is meant",
        None,
    ),
    row(
        "duplicate_key",
        &[Warning],
        "several issues with the same explicit key",
        "name them `key~tail` until one of them has another key",
        Some(
            "the oldest keeps the key; for the others a hyphen and the end of their identity are added to it",
        ),
    ),
    row(
        "long_key",
        &[Note],
        "a key that is longer than usual, because the identity of another issue ends alike",
        "none is needed: the longer key is the issue's",
        None,
    ),
    row(
        "cycle",
        &[Error],
        "issues that wait for each other, so that none is ever ready",
        "`qp dep remove` of one relation among them; which one, only people know",
        None,
    ),
    row(
        "lapsed_claim",
        &[Note],
        "a claim whose lease has ended",
        "`qp claim` takes it over, `qp release` gives it back",
        Some(
            "opens the issue again, once the lease is over for a day and no claim at the remote stands against it",
        ),
    ),
    row(
        "stale_claim",
        &[Note],
        "work in progress without a lease and without a change for a day",
        "`qp claim` takes it over, `qp release` gives it back",
        None,
    ),
    row("closed_with_claim", &[Warning], "a closed issue with a claim", CONTRADICTION, STATE),
    row(
        "claim_without_work",
        &[Warning],
        "an issue that is not in progress, with a claim",
        CONTRADICTION,
        STATE,
    ),
    row(
        "closed_without_time",
        &[Warning],
        "a closed issue that does not say when",
        CONTRADICTION,
        Some("takes the time of the last change"),
    ),
    row(
        "open_with_closing",
        &[Warning],
        "an issue that is not closed, and says when or why it was",
        CONTRADICTION,
        STATE,
    ),
    row(
        "future_time",
        &[Warning],
        "a time ahead of this clock",
        "compare the clocks; the next change of the issue takes the present time",
        None,
    ),
    row(
        "snapshot",
        &[Error, Note],
        "a snapshot file that disagrees with the branch, or is of no use",
        "`qp doctor --fix`",
        Some("deletes it; the next command makes a new one"),
    ),
    row(
        "search_file",
        &[Error, Note],
        "a search file that disagrees with the branch, or is of no use",
        "`qp doctor --fix`",
        Some("deletes it; the next search makes a new one"),
    ),
    row(
        "stray_file",
        &[Note],
        "a half-written file of a program that died: in `<git dir>/quipu`, `<git dir>/objects` or `.quipu/outbox`",
        "`qp doctor --fix`",
        Some("deletes it; what is younger than a day is not looked at"),
    ),
    row(
        "stale_lock",
        &[Error],
        "a lock of git's that has been there for more than a minute",
        "when no git command runs any more, move it away",
        Some(
            "moves the lock of the tracker's own branch to `<git dir>/quipu`, once it is ten minutes old; never the lock of another program",
        ),
    ),
    row(
        "maintenance_lock",
        &[Warning],
        "git's lock on its own maintenance, left behind by a git that was killed: nothing is packed any more",
        "when no git maintenance runs any more, move it away",
        Some(
            "moves it to `<git dir>/quipu`; one that a process has open, or that is not 12 hours old, is no finding",
        ),
    ),
    row(
        "bad_ref",
        &[Error],
        "git's file of the branch cannot be read",
        "the reflog knows where the branch stood; the line to write is named",
        Some("moves it aside, and the branch to where its log says that it stood"),
    ),
    row(
        "missing_objects",
        &[Error, Note],
        "objects of the branch are not here; in a partial clone that is only worth knowing",
        "`git fetch --refetch` from a remote that has them, or copy the objects from another clone",
        Some("fetches them, in a partial clone"),
    ),
    row(
        "broken_object",
        &[Error, Warning],
        "the file of an object is empty or torn, as a loss of power leaves it",
        "`qp doctor --fix`",
        Some("moves it aside and brings back what the remote, the branch's log or the version before has"),
    ),
    row(
        "many_loose_objects",
        &[Note],
        "more loose objects than git lets there be before it packs them",
        "`git maintenance run --task=loose-objects`",
        Some("runs that"),
    ),
    row(
        "reflog_gap",
        &[Note],
        "the reflog of the branch does not hang together: another program has moved the branch",
        "`git reflog show`; what is lost by it is `left_behind`",
        None,
    ),
    row(
        "left_behind",
        &[Error, Warning],
        "commits that the branch had and has no more; an error where the reflog has gaps, too",
        "`qp diff` shows what they have",
        Some("keeps them by a ref below `refs/quipu/rescue/`"),
    ),
    row(
        "diverged",
        &[Note],
        "the local branch and the remote's have each something of their own",
        "`qp sync` merges them",
        None,
    ),
    row(
        "checkout_behind",
        &[Warning],
        "a worktree that has the tracker's branch checked out is behind it",
        "the `git read-tree` that is named keeps what was changed there",
        Some("brings the worktree forward where nothing was changed in it"),
    ),
    row("claim_leftover", &[Note], "the remote has a claim that is over", "`qp sync` removes it", None),
    row(
        "leftover_refs",
        &[Note],
        "refs below `refs/quipu/remotes/` of a remote that is not configured any more",
        "`qp doctor --fix`; where they hold something that the branch has not, `qp diff` shows it",
        Some("deletes them, where the branch has everything that they hold"),
    ),
    row(
        "outbox_absorbed",
        &[Note],
        "a file of the outbox whose operations the remote has",
        "`qp outbox prune`",
        Some("deletes it"),
    ),
    row(
        "outbox_waiting",
        &[Warning],
        "a file of the outbox that builds upon commits that are not here, so that no read sees what is in it",
        "`qp pull`, where the remote has them",
        None,
    ),
    row(
        "outbox_unusable",
        &[Warning],
        "a file of the outbox that is torn, or of another branch or repository, so that no read sees what is in it",
        "move it out of the outbox, and get it whole from where it came",
        None,
    ),
    row(
        "bad_outbox",
        &[Warning],
        "something else than a folder in the place of `.quipu` or `.quipu/outbox`, or one that cannot be read",
        "move it elsewhere, or make it readable",
        None,
    ),
    row(
        "foreign_owner",
        &[Error],
        "the repository belongs to another user, so it is only read",
        "`git config --global --add safe.directory`",
        None,
    ),
    row("no_git", &[Error, Warning], "the git program cannot be run", "install git", None),
    row("old_git", &[Warning], "the git program is too old", "install a newer git", None),
    row(
        "partial_clone",
        &[Error],
        "a partial clone, and the remote does not give what is missing",
        "the `git fetch` that is named, when the remote is there",
        None,
    ),
    row(
        "check_failed",
        &[Error],
        "a check could not be made",
        "what the message names; `git fsck` where git's own files cannot be read",
        None,
    ),
];

/// Finds a kind by its code.
pub fn ailment(code: &str) -> Option<&'static Ailment> {
    AILMENTS.iter().find(|ailment| ailment.code == code)
}
