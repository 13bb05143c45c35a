//! Opening a repository: which of git's variables and settings count, and what is said where it cannot be opened.

use std::path::{Component, Path, PathBuf};

use gix::open::{Options, Permissions};
use gix::sec::trust::{DefaultForLevel as _, Mapping};
use gix::sec::{Permission, Trust};

use super::bases::Bases;
use super::git::Git;
use crate::context::Context;
use crate::error::{Error, Kind, Result};

/// Variables that would bend the repository that was found into another one. Git sets them for its hooks.
const BENDING: [&str; 3] = ["GIT_WORK_TREE", "GIT_NAMESPACE", "GIT_SHALLOW_FILE"];

/// How repositories are opened in this run.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    git_variables: Permission,
    /// Whether a variable chooses the ssh program.
    pub ssh_chosen: bool,
    /// Whether a variable chooses a program that answers for passwords.
    pub askpass_chosen: bool,
    /// Whether no remote is asked for anything: `QP_OFFLINE`.
    pub is_offline: bool,
}

impl Opening {
    /// Variables of git's such as `GIT_CONFIG_GLOBAL` count, unless there is one among them that must not.
    pub fn new(context: &Context) -> Self {
        let bent = BENDING.iter().any(|name| context.var(name).is_some());
        Opening {
            git_variables: if bent { Permission::Deny } else { Permission::Allow },
            ssh_chosen: ["GIT_SSH_COMMAND", "GIT_SSH"].iter().any(|name| context.var(name).is_some()),
            askpass_chosen: context.var("GIT_ASKPASS").is_some(),
            is_offline: context.var("QP_OFFLINE").is_some_and(|value| !is_no(value)),
        }
    }

    /// Returns the options for a repository that is trusted so far.
    pub fn options(self, trust: Trust) -> Options {
        let mut permissions = Permissions::default_for_level(trust);
        permissions.env.git_prefix = self.git_variables;
        Options::default()
            .permissions(permissions)
            .with(trust)
            // A `git pack-refs` in the background holds the lock of a ref for a moment.
            .cli_overrides(["core.filesRefLockTimeout=1000"])
    }

    /// Returns the options for both levels of trust.
    pub fn mapping(self) -> Mapping<Options> {
        Mapping { full: self.options(Trust::Full), reduced: self.options(Trust::Reduced) }
    }
}

/// Tells whether a variable that switches something on says no.
fn is_no(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "0" | "false")
}

/// Prepares a repository for this thread, which is the only one.
pub(super) fn local(repo: gix::ThreadSafeRepository) -> gix::Repository {
    let mut repo = repo.to_thread_local();
    repo.objects.set_pack_cache(|| Box::new(Bases::default()));
    repo
}

/// Refuses a bare repository that only happens to be around the folder, where the user's configuration has git refuse
/// it: a folder of somebody else's files may look like one and bring a configuration of its own.
///
/// # Errors
/// Environment.
pub(super) fn check_bare(repo: &gix::Repository, folder: &Path) -> Result<()> {
    let is_users =
        |meta: &gix::config::file::Metadata| meta.source.kind() != gix::config::source::Kind::Repository;
    let setting = repo.config_snapshot().plumbing().string_filter("safe.bareRepository", is_users);
    if setting.is_none_or(|value| value != "explicit") {
        return Ok(());
    }
    let full = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let git_dir = full(repo.git_dir());
    let is_of_a_worktree = git_dir.components().any(|part| part.as_os_str() == ".git");
    if is_of_a_worktree || !full(folder).starts_with(&git_dir) {
        return Ok(());
    }
    let shown = git_dir.display();
    let message = format!("{shown} is a bare repository, and safe.bareRepository keeps git out of it");
    Err(Error::new(Kind::Environment, "bare_repository", message)
        .hint(format!("git --git-dir={shown} worktree add FOLDER BRANCH, then qp there")))
}

/// Returns the git directory that all worktrees share. That of a linked worktree names it by the way from there, which
/// nobody wants to read or type.
pub(super) fn common_dir(repo: &gix::Repository) -> PathBuf {
    let path = repo.common_dir();
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if plain.file_name().is_some() => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    // Behind a link, `..` leads elsewhere than back.
    let is_same = plain == path || plain.canonicalize().ok() == path.canonicalize().ok();
    if is_same { plain } else { path.to_owned() }
}

/// Says why there is no repository to work in. Git is asked for its reason, because it names files and lines.
pub(super) fn error(folder: &Path, source: gix::Error) -> Error {
    let reason =
        Git::at(folder).args(["rev-parse", "--git-dir"]).output().map(|o| o.stderr).unwrap_or_default();
    let reason = reason.lines().find_map(|line| line.strip_prefix("fatal: ")).unwrap_or_default();
    let environment = |code, message: String| Error::new(Kind::Environment, code, message);
    if let Some(path) = reason.strip_prefix("not a git repository: ") {
        return environment("no_repository", format!("the repository of this worktree is not at {path}"))
            .hint("git worktree repair, in the repository it belongs to");
    }
    if reason.contains("config") {
        return environment("git_config", format!("git's configuration cannot be read: {reason}"))
            .hint("correct that line; for the file of the user, GIT_CONFIG_GLOBAL=/dev/null leaves it out");
    }
    if reason.starts_with("not a git repository") || is_absence(&source) {
        return environment("no_repository", format!("no git repository at {}", folder.display()))
            .hint("git init");
    }
    let message = format!("the repository at {} cannot be opened", folder.display());
    if reason.is_empty() {
        return environment("bad_repository", message).because(source);
    }
    environment("bad_repository", format!("{message}: {reason}"))
}

/// Tells whether gix found nothing, for machines without git.
fn is_absence(error: &gix::Error) -> bool {
    error.to_string().contains("find a git repository")
}
