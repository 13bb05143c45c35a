//! The tracker in a git repository: finding it, reading it at a commit, changing it by one commit.
//!
//! The only layer that knows gix and the git program. It knows nothing of the command line.

mod absorb;
mod attic;
mod backoff;
mod bases;
mod between;
mod borrowed;
mod bundle;
mod bundle_read;
mod cache;
mod cache_changes;
mod changes;
mod checkout;
mod child;
mod claims;
mod code;
mod complete;
mod confirm;
mod damage;
mod deepen;
mod durable;
mod facts;
mod fallback;
mod fetch;
mod foreign;
mod git;
mod growth;
mod heal;
mod history;
mod init;
mod inspect;
mod inspect_files;
mod inspect_leftovers;
mod inspect_locks;
mod inspect_log;
mod inspect_outbox;
mod inspect_search;
mod integrate;
mod ladder;
mod layout;
mod leftovers;
mod line;
mod lock;
mod lost;
mod maintenance_lock;
mod meet;
mod memories;
mod mend;
mod merge;
mod merge_cycles;
mod merge_tree;
mod message;
mod notes;
mod obstacle;
mod open;
mod outbox;
mod outbox_absorb;
mod outbox_count;
mod outbox_judge;
mod outbox_name;
mod outbox_pack;
mod outbox_tree;
mod outbox_write;
mod outcome;
mod overlay;
mod pack;
mod patience;
mod pattern;
mod promisor;
mod push;
mod push_url;
mod recent;
mod redact;
mod reflog;
mod refs;
mod refusal;
mod rehearse;
mod remote;
mod remote_name;
mod repacked;
mod room;
mod rows;
mod search;
mod search_file;
mod seen;
mod send;
mod sharing;
mod standing;
mod steps;
mod sync;
mod sync_report;
#[doc(hidden)]
pub mod testing;
mod tip;
mod told;
mod transaction;
mod tree;
mod tree_order;
mod tree_walk;
mod turn;
mod txn;
mod verdict;
mod view;
mod watch;
mod words;

use std::path::{Path, PathBuf};

pub use absorb::Absorbed;
pub use attic::{AtticEntry, LostRecord};
pub use changes::Change;
pub use code::CodeCommit;
pub use confirm::{Bid, BidOutcome, Seek};
pub use fallback::Fallbacks;
pub use foreign::Files;
pub use heal::Healed;
pub use history::{LogEntry, Moment};
pub use init::Initialised;
pub use inspect::check_failed;
pub use ladder::{FromOutbox, Kept};
pub use layout::{SETTINGS, attic_file_path, attic_path, import_path, issue_id, issue_path, slug};
pub use lock::WAIT_MS;
pub use lost::{LOST, Lost};
pub use memories::Memory;
pub use message::{Message, Trailer};
pub use notes::LostClaim;
pub use outbox::{OutboxFile, OutboxState, Stored};
pub use outbox_absorb::{AbsorbedBundles, OutboxSource};
pub use outbox_count::OutboxCount;
pub use outbox_pack::Saved;
pub use outcome::Outcome;
pub use push_url::Elsewhere;
pub use refusal::Refusal;
pub use remote::Deadline;
pub use search::Match;
pub use sharing::Sharing;
pub use standing::Standing;
pub use sync::{SyncRequest, Synced, unread};
pub use sync_report::Collision;
pub use transaction::{Author, Done, TakenIn};
pub use txn::{Txn, following};
pub use view::View;
pub use watch::{Pace, Sighting};

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use open::Opening;

/// The branch a tracker lives on unless configured otherwise.
pub const DEFAULT_BRANCH: &str = "quipu-sync";

/// A git repository with (or without yet) a tracker in it.
#[derive(Clone)]
pub struct Store {
    repo: gix::Repository,
    /// The git directory that all worktrees share.
    common: PathBuf,
    branch: String,
    remote: Option<String>,
    /// The root of the checked-out files. A git directory that stands elsewhere does not know it.
    work_dir: Option<PathBuf>,
    opening: Opening,
    recent: recent::Recent,
    seam: testing::Seam,
    /// What reads see instead of the branch, once that was found out.
    overlay: Option<std::rc::Rc<overlay::Overlay>>,
    overlays: overlay::Overlays,
    /// By when an exchange must have ended, for what it does here.
    deadline: Option<remote::Deadline>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({}, {})", self.repo.git_dir().display(), self.branch)
    }
}

impl Store {
    /// Finds the repository around the current folder. `GIT_DIR` and its kin are ignored: inside a hook they
    /// may point to another repository.
    ///
    /// # Errors
    /// Environment, where there is no repository or it cannot be opened; usage, for a bad branch name.
    pub fn discover(context: &Context, branch: Option<&str>) -> Result<Self> {
        let folder = context.cwd();
        if !folder.is_dir() {
            let message = format!("{} is not a folder", folder.display());
            return Err(Error::new(Kind::Environment, "no_directory", message));
        }
        let opening = Opening::new(context);
        let discovered =
            gix::ThreadSafeRepository::discover_opts(folder, Default::default(), opening.mapping());
        let repo = open::local(discovered.map_err(|e| open::error(folder, e))?);
        open::check_bare(&repo, folder)?;
        Store::with_repository(repo, opening, context, branch)
    }

    fn with_repository(
        repo: gix::Repository,
        opening: Opening,
        context: &Context,
        branch: Option<&str>,
    ) -> Result<Self> {
        let config = repo.config_snapshot();
        let configured = config.string("quipu.branch").map(|b| b.to_string());
        let branch = branch
            .or_else(|| context.var("QP_BRANCH"))
            .map(str::to_owned)
            .or(configured)
            .unwrap_or_else(|| DEFAULT_BRANCH.to_owned());
        check_branch(&branch)?;
        let remote = tip::choose_remote(&repo, &branch);
        let work_dir = repo.workdir().map(Path::to_owned);
        let (recent, overlays) = (recent::Recent::default(), overlay::Overlays::default());
        let seam = testing::Seam::default();
        let common = open::common_dir(&repo);
        let store = Store {
            repo,
            common,
            branch,
            remote,
            work_dir,
            opening,
            recent,
            seam,
            overlay: None,
            overlays,
            deadline: None,
        };
        Ok(store.with_leftovers())
    }

    /// Opens the repository anew, past everything that this process has cached of it.
    fn reopen(&self) -> Result<Self> {
        let path = self.repo.path().to_owned();
        let options = self.opening.options(self.repo.git_dir_trust()).open_path_as_is(true);
        let repo = open::local(options.open(&path).map_err(|e| open::error(&path, e))?);
        Ok(Store { repo, overlay: None, ..self.clone() })
    }

    /// Returns the store for an exchange that must have ended by then: it waits no longer for a lock, or for what a
    /// partial clone has not.
    #[must_use]
    pub fn within(&self, deadline: Deadline) -> Self {
        Store { deadline: Some(deadline), ..self.clone() }
    }

    /// Returns the short name of the tracker's branch.
    pub fn branch(&self) -> &str {
        &self.branch
    }

    /// Returns the name of the remote that the tracker is shared through, if there is one.
    pub fn remote(&self) -> Option<&str> {
        self.remote.as_deref()
    }

    /// Returns the git directory that all worktrees share.
    pub fn common_dir(&self) -> &Path {
        &self.common
    }

    /// Returns the git directory of this worktree.
    pub fn git_dir(&self) -> &Path {
        self.repo.git_dir()
    }

    /// Returns the root of the checked-out files, `None` in a bare repository.
    pub fn work_dir(&self) -> Option<&Path> {
        self.work_dir.as_deref()
    }

    /// Returns the folder that git runs in: where there are files, at their top, as the user would do it.
    fn git_folder(&self) -> &Path {
        let top = self.work_dir().filter(|folder| folder.join(".git").exists());
        top.unwrap_or_else(|| self.git_dir())
    }

    /// Returns the folder for quipu's own disposable files.
    pub fn private_dir(&self) -> PathBuf {
        self.common.join("quipu")
    }

    /// Returns a value of git's configuration.
    pub fn config(&self, key: &str) -> Option<String> {
        self.repo.config_snapshot().string(key).map(|v| v.to_string()).filter(|v| !v.trim().is_empty())
    }

    /// Returns a name for a new tracker: that of the remote's repository, or of the folder.
    pub fn repository_name(&self) -> Option<String> {
        let url = self.remote.as_ref().and_then(|r| self.config(&format!("remote.{r}.url")));
        let from_url = url.and_then(|u| {
            let last =
                u.trim_end_matches('/').trim_end_matches(".git").rsplit(['/', ':', '\\']).next()?.to_owned();
            (!last.is_empty()).then_some(last)
        });
        let root = self.work_dir().unwrap_or_else(|| self.common_dir());
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let folder = root.file_name().map(|n| n.to_string_lossy().trim_end_matches(".git").to_owned());
        from_url.or(folder).filter(|n| !n.is_empty())
    }

    /// Refuses to write where the repository belongs to somebody else.
    fn check_owner(&self) -> Result<()> {
        if self.repo.git_dir_trust() == gix::sec::Trust::Full || self.is_safe_for_git() {
            return Ok(());
        }
        let root = self.work_dir().unwrap_or_else(|| self.git_dir());
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Err(Error::new(
            Kind::Environment,
            "foreign_owner",
            format!("{} belongs to another user, so it is only read", root.display()),
        )
        .hint(format!("git config --global --add safe.directory {}", root.display())))
    }
}

impl Store {
    /// Tells whether git itself works here: it also takes `safe.directory` from its environment, as CI has it.
    fn is_safe_for_git(&self) -> bool {
        let output = git::Git::new(self).args(["rev-parse", "--git-dir"]).output();
        output.is_ok_and(|output| output.success)
    }
}

fn check_branch(branch: &str) -> Result<()> {
    let full = format!("refs/heads/{branch}");
    let valid = gix::validate::reference::name(full.as_str().into()).is_ok() && !branch.starts_with('-');
    if valid { Ok(()) } else { Err(Error::usage(format!("{branch:?} is not a branch name"))) }
}

/// Wraps an unexpected failure of git's own files.
fn git_error<E: std::error::Error + Send + Sync + 'static>(what: &'static str) -> impl Fn(E) -> Error {
    move |e| match room::is_full(&e) {
        true => room::disk_full(&format!("cannot {what}")).because(e),
        false => Error::new(Kind::Environment, "git", format!("cannot {what}")).because(e).hint("qp doctor"),
    }
}
