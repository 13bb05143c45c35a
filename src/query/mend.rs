//! The repairs of `doctor --fix`, and the sentences that tell of them: before they are made, and after.

use crate::model::{IssueId, Ref, Relation};

/// What contradicts the status of an issue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Excess {
    /// A claim, of an issue that nobody works on.
    Claim,
    /// What belongs to a closed issue, of one that is not closed.
    Closing,
    /// The time of the closing is not there.
    NoTime,
}

/// A repair that loses nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mend {
    /// The state of an issue follows its status.
    State(IssueId, Excess),
    /// A reference that points nowhere is removed from an issue.
    Unlink(IssueId, Relation, Ref),
    /// Issues that share a key get keys of their own; `None` stands for the derived one.
    Rename(Vec<(IssueId, Option<String>)>),
    /// An issue whose lease is long over is open again.
    Release(IssueId),
    /// A file of the tracker becomes what it was when it could last be read.
    Restore {
        /// Its path on the branch.
        path: String,
        /// Whether there is a text now, which goes to the attic.
        has_text: bool,
    },
    /// The snapshot file is deleted.
    DropSnapshot,
    /// The search file is deleted.
    DropSearchFile,
    /// A file of quipu's own that nobody needs is deleted.
    DropFile(String),
    /// Refs of quipu's own below this name are deleted.
    DropRefs(String),
    /// Git's lock on the tracker's branch, left behind by a program that died, is moved aside: where to.
    SetAside(String),
    /// Git's lock on its own maintenance, left behind likewise, is moved aside: where to.
    FreeMaintenance(String),
    /// What a loss of power has torn is moved aside, and what can take its place is put there: in that of the branch's
    /// own file, this commit.
    Heal(Option<String>),
    /// A commit that the branch has lost is kept by a ref of this name.
    Keep {
        /// The commit, in hexadecimal.
        commit: String,
        /// The full name of the ref.
        name: String,
    },
    /// A clean worktree is brought forward to the branch.
    Follow(String),
    /// Objects that a partial clone has not are fetched.
    Fetch(Vec<String>),
    /// A file of the outbox that the remote has everything of is deleted: its name, as it is typed.
    PruneOutbox(String),
    /// Loose objects are packed by git's own maintenance.
    Pack,
}

impl Mend {
    /// Tells whether it changes what is on the branch. All such repairs are one commit.
    pub fn is_content(&self) -> bool {
        use Mend::{Release, Rename, Restore, State, Unlink};
        matches!(self, State(..) | Unlink(..) | Rename(_) | Release(_) | Restore { .. })
    }

    /// Returns the issues that it changes.
    pub fn issues(&self) -> Vec<IssueId> {
        match self {
            Mend::State(id, _) | Mend::Unlink(id, ..) | Mend::Release(id) => vec![*id],
            Mend::Rename(names) => names.iter().map(|(id, _)| *id).collect(),
            _ => Vec::new(),
        }
    }

    /// Says what was done.
    pub fn done(&self) -> String {
        let (_, did, what) = self.phrase();
        format!("{did} {what}")
    }

    /// Says what would be done.
    pub fn planned(&self) -> String {
        let (would, _, what) = self.phrase();
        format!("would {would} {what}")
    }

    /// The verb as it follows *would*, the verb of what is past, and what follows either.
    fn phrase(&self) -> (&'static str, &'static str, String) {
        let delete = |what: &str| ("delete", "deleted", what.to_owned());
        let set_aside = |target: &str| ("move", "moved", format!("it to {target}"));
        match self {
            Mend::State(_, excess) => excess.phrase(),
            Mend::Unlink(_, relation, target) => {
                ("remove", "removed", format!("the reference to {target} ({})", relation.as_str()))
            }
            Mend::Rename(names) => ("give", "gave", other_keys(names)),
            Mend::Release(_) => ("open", "opened", "it again, for whoever wants it".to_owned()),
            Mend::Restore { path, has_text } => {
                let rest = if *has_text { ", with the unreadable text in the attic" } else { "" };
                ("restore", "restored", format!("{path} as it was when it could be read{rest}"))
            }
            Mend::DropSnapshot => delete("the snapshot file"),
            Mend::DropSearchFile => delete("the search file"),
            Mend::DropFile(path) => delete(path),
            Mend::DropRefs(name) => delete(&format!("the refs below {name}")),
            Mend::SetAside(target) | Mend::FreeMaintenance(target) => set_aside(target),
            Mend::Heal(None) => {
                let what = "it aside, for what the remote, the branch's log or an earlier version has";
                ("move", "moved", what.to_owned())
            }
            Mend::Heal(Some(commit)) => {
                ("move", "moved", format!("the branch to {commit}, where its log says that it stood"))
            }
            Mend::Keep { name, .. } => ("keep", "kept", format!("it by the ref {name}")),
            Mend::Follow(folder) => ("bring", "brought", format!("{folder} forward")),
            Mend::Fetch(missing) if missing.len() == 1 => ("fetch", "fetched", "it".to_owned()),
            Mend::Fetch(missing) => ("fetch", "fetched", format!("{} objects", missing.len())),
            Mend::PruneOutbox(name) => delete(name),
            Mend::Pack => ("pack", "packed", "the loose objects".to_owned()),
        }
    }
}

impl Excess {
    fn phrase(self) -> (&'static str, &'static str, String) {
        let (would, did, what) = match self {
            Excess::Claim => ("remove", "removed", "what belongs to a claim"),
            Excess::Closing => ("remove", "removed", "what belongs to a closed issue"),
            Excess::NoTime => ("take", "took", "the time of the last change as closed_at"),
        };
        (would, did, what.to_owned())
    }
}

/// Says which keys the others get that share one with the oldest.
fn other_keys(names: &[(IssueId, Option<String>)]) -> String {
    let own: Vec<&str> = names.iter().filter_map(|(_, key)| key.as_deref()).collect();
    match own.is_empty() {
        true => "the later issues the keys that derive from their identities".to_owned(),
        false => format!("the later issues keys of their own: {}", own.join(", ")),
    }
}
