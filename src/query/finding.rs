//! A finding of `doctor`: what is wrong, what to do about it, and the repair that loses nothing, where there is one.

use super::ailments::{Ailment, ailment};
use crate::model::{IssueId, Ref, Relation};

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Something is lost, wrong or refused.
    Error,
    /// Something will go wrong, or is not what anybody wanted.
    Warning,
    /// Worth knowing; nothing is wrong.
    Note,
}

impl Severity {
    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// Something that is wrong, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// A stable word for programs, one of [`AILMENTS`](super::AILMENTS).
    pub code: &'static str,
    /// The key of the issue, where it is about one.
    pub issue: Option<String>,
    /// The path on the branch or in the file system, where it is about a file; the name of a ref.
    pub path: Option<String>,
    /// The line in that file, from 1.
    pub line: Option<u32>,
    /// What is wrong, in a sentence that names the thing.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// What `doctor --fix` does about it.
    pub mend: Option<Mend>,
}

/// A repair that loses nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mend {
    /// The state of an issue follows its status.
    State(IssueId, &'static str),
    /// A reference that points nowhere is removed from an issue.
    Unlink(IssueId, Relation, Ref),
    /// Issues that share a key get keys of their own; `None` stands for the derived one.
    Rename(Vec<(IssueId, Option<String>)>),
    /// An issue whose lease is long over is open again.
    Release(IssueId),
    /// A file of the tracker becomes what it was when it could last be read; the text that is there now goes to the
    /// attic.
    Restore(String),
    /// The snapshot file is deleted.
    DropSnapshot,
    /// The search file is deleted.
    DropSearchFile,
    /// A file of quipu's own that nobody needs is deleted.
    DropFile(String),
    /// Refs of quipu's own below this name are deleted.
    DropRefs(String),
    /// Git's lock on the tracker's branch, left behind by a program that died, is moved aside.
    SetAside(String),
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
    /// Files of the outbox that the remote has everything of are deleted.
    PruneOutbox,
    /// Loose objects are packed by git's own maintenance.
    Pack,
}

impl Mend {
    /// Tells whether it changes what is on the branch. All such repairs are one commit.
    pub fn is_content(&self) -> bool {
        use Mend::{Release, Rename, Restore, State, Unlink};
        matches!(self, State(..) | Unlink(..) | Rename(_) | Release(_) | Restore(_))
    }

    /// Returns the issues that it changes.
    pub fn issues(&self) -> Vec<IssueId> {
        match self {
            Mend::State(id, _) | Mend::Unlink(id, ..) | Mend::Release(id) => vec![*id],
            Mend::Rename(names) => names.iter().map(|(id, _)| *id).collect(),
            _ => Vec::new(),
        }
    }

    /// Says what was done, or would be.
    pub fn sentence(&self) -> String {
        match self {
            Mend::State(_, what) => (*what).to_owned(),
            Mend::Unlink(_, relation, target) => {
                format!("removed the reference to {target} ({})", relation.as_str())
            }
            Mend::Rename(names) => {
                let own = |(_, key): &(IssueId, Option<String>)| key.clone();
                let own: Vec<String> = names.iter().filter_map(own).collect();
                match own.is_empty() {
                    true => "the oldest keeps it, the others have a derived one".to_owned(),
                    false => format!("the oldest keeps it, other keys: {}", own.join(", ")),
                }
            }
            Mend::Release(_) => "opened again, for whoever wants it".to_owned(),
            Mend::Restore(path) => {
                format!("{path} is what it was when it could be read; the other text is in the attic")
            }
            Mend::DropSnapshot => "deleted the snapshot file".to_owned(),
            Mend::DropSearchFile => "deleted the search file".to_owned(),
            Mend::DropFile(path) => format!("deleted {path}"),
            Mend::DropRefs(name) => format!("deleted the refs below {name}"),
            Mend::SetAside(target) => format!("moved to {target}"),
            Mend::Keep { name, .. } => format!("kept by the ref {name}"),
            Mend::Follow(folder) => format!("brought {folder} forward"),
            Mend::Fetch(missing) if missing.len() == 1 => "fetched it".to_owned(),
            Mend::Fetch(missing) => format!("fetched {} objects", missing.len()),
            Mend::PruneOutbox => "deleted it".to_owned(),
            Mend::Pack => "packed the loose objects".to_owned(),
        }
    }
}

impl Finding {
    /// Builds a finding that is about nothing in particular.
    pub fn new(
        severity: Severity,
        code: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let known = |ailment: &Ailment| ailment.severities.contains(&severity);
        debug_assert!(ailment(code).is_some_and(known), "{code} is not in the table, or not as {severity:?}");
        let (message, remedy) = (message.into(), remedy.into());
        Finding { severity, code, issue: None, path: None, line: None, message, remedy, mend: None }
    }

    /// Says which issue it is about.
    #[must_use]
    pub fn of_issue(mut self, key: impl Into<String>) -> Self {
        self.issue = Some(key.into());
        self
    }

    /// Says which file it is about.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Says which line it is about.
    #[must_use]
    pub fn on_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// Says what repairs it.
    #[must_use]
    pub fn mended_by(mut self, mend: impl Into<Option<Mend>>) -> Self {
        self.mend = mend.into();
        self
    }
}
