//! A remote, asked through the git program: what it has, and how things come from it and go to it.
//!
//! Every call has a deadline, changes no configuration, and asks nobody. Refs of this clone are the business of
//! whoever calls; a fetch writes those that its refspecs name, nothing else.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use gix::ObjectId;

use super::Store;
use super::git::{Git, Output};
use super::outcome::{Outcome, of_fetch};
use super::pattern::Pattern;
use crate::error::Result;
use crate::model::IssueId;

/// Where the claims stand on a remote, each under the identity of its issue.
pub(super) const CLAIMS: &str = "refs/quipu/claims/";
/// How git fetches: what it is told to, and nothing that is configured.
const PLAIN: [&str; 8] = [
    "fetch",
    "--no-tags",
    "--no-write-fetch-head",
    "--recurse-submodules=no",
    "--no-auto-maintenance",
    "--no-prune",
    "--no-progress",
    "--refmap=",
];
/// More commits than any history has. `--unshallow` would bring the history of every other branch, too.
const ALL_COMMITS: &str = "--depth=2147483646";
/// The longest time that one call may take.
const LONGEST_CALL: Duration = Duration::from_secs(30);

/// The moment by which something must have ended.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// The moment in so many milliseconds.
    #[expect(clippy::disallowed_methods, reason = "bounds a wait")]
    pub fn after(ms: u64) -> Self {
        Deadline(Instant::now() + Duration::from_millis(ms.min(u64::from(u32::MAX))))
    }

    /// Returns how much time is left.
    #[expect(clippy::disallowed_methods, reason = "bounds a wait")]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// What a remote has of the tracker.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The tip of the branch; `None` where the remote was reached and has no such branch.
    pub branch: Option<ObjectId>,
    /// The claims.
    pub claims: BTreeMap<IssueId, ObjectId>,
    /// The branches that clones push to which may not push to the tracker's, where those were asked for.
    pub fallbacks: BTreeMap<String, ObjectId>,
}

/// How much history a fetch brings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Depth {
    /// As much as the clone has of everything.
    AsIs,
    /// All of it, also in a shallow clone.
    Whole,
    /// That of every branch of a shallow clone: what the remote's branch does not lead to any more is among it.
    Everything,
}

/// A remote of a store.
pub(super) struct Remote<'s> {
    pub(super) store: &'s Store,
    pub(super) name: String,
    pub(super) deadline: Deadline,
    /// Variables for git beyond those of the process.
    pub(super) variables: Vec<(String, String)>,
}

impl Store {
    /// Returns a remote by its name, path or URL.
    ///
    /// # Errors
    /// Usage, for a name that is neither configured nor a path nor a URL, or that would run a program; environment,
    /// where the repository belongs to somebody else.
    pub(super) fn remote_named(&self, name: &str, deadline: Deadline) -> Result<Remote<'_>> {
        self.check_owner()?;
        self.check_remote(name)?;
        Ok(Remote { store: self, name: name.to_owned(), deadline, variables: Vec::new() })
    }
}

impl Remote<'_> {
    /// Returns the error that a user meets for a failure at this remote.
    pub fn error(&self, outcome: &Outcome) -> crate::error::Error {
        outcome.error(&self.name, self.store.branch())
    }

    /// Asks what the remote has. A branch that is not there is no failure, and a remote that was not reached is.
    pub fn list(&self) -> Result<Listing, Outcome> {
        self.list_with(None)
    }

    /// As [`Remote::list`], with the branches that fit a pattern.
    pub fn list_with(&self, fallback: Option<&Pattern>) -> Result<Listing, Outcome> {
        let branch_ref = self.store.branch_ref();
        let output = self.run(|git| {
            git.args(["ls-remote", "--", &self.name, &branch_ref])
                .args([format!("{CLAIMS}*")])
                .args(fallback.map(Pattern::glob))
        })?;
        if !output.success {
            return Err(failure(of_fetch(&output)));
        }
        let mut listing = Listing::default();
        for (id, name) in output.stdout.lines().filter_map(|line| line.split_once('\t')) {
            let Ok(id) = ObjectId::from_hex(id.as_bytes()) else { continue };
            // A pattern also fits the end of longer names.
            if name == branch_ref {
                listing.branch = Some(id);
            } else if let Some(issue) = name.strip_prefix(CLAIMS).and_then(claimed_issue) {
                listing.claims.insert(issue, id);
            } else if let Some(branch) = fallback.and_then(|pattern| pattern.branch_of(name)) {
                listing.fallbacks.insert(branch.to_owned(), id);
            }
        }
        Ok(listing)
    }

    /// Fetches by refspecs.
    pub fn fetch(&self, specs: &[String], depth: Depth) -> Result<(), Outcome> {
        let shallow = self.store.repo.is_shallow().unwrap_or(false);
        let deepen = match depth {
            Depth::Whole if shallow => Some(ALL_COMMITS),
            Depth::Everything if shallow => Some("--unshallow"),
            _ => None,
        };
        // Of a partial clone without folders, those of the tracker are wanted all the same.
        let filter = self.store.lacks_trees().then_some("--filter=blob:none");
        let output = self.run(|git| {
            git.args(PLAIN).args(deepen).args(filter).args(["--", self.name.as_str()]).args(specs)
        })?;
        let outcome = of_fetch(&output);
        if outcome.is_success() { Ok(()) } else { Err(outcome) }
    }

    /// Fetches one object with all that it stands on, whatever this clone seems to have of it. Whether it came, the
    /// object tells: git also finds fault with everything else that is broken here.
    pub fn fetch_object(&self, id: ObjectId) {
        let name = id.to_string();
        let all = ["-c", "fetch.negotiationAlgorithm=noop"];
        drop(self.run(|git| git.args(all).args(PLAIN).args(["--", self.name.as_str(), &name])));
    }

    /// Runs git with everything that a call to a remote needs.
    pub(super) fn run(&self, arguments: impl FnOnce(Git) -> Git) -> Result<Output, Outcome> {
        self.run_for(LONGEST_CALL, arguments)
    }

    /// As [`Remote::run`], for a call that may take longer, or must not.
    pub(super) fn run_for(
        &self,
        longest: Duration,
        arguments: impl FnOnce(Git) -> Git,
    ) -> Result<Output, Outcome> {
        if self.store.opening.is_offline {
            return Err(Outcome::Offline);
        }
        let limit = self.deadline.remaining().min(longest);
        if limit.is_zero() {
            return Err(Outcome::TimedOut);
        }
        let output = arguments(self.git()).limit(limit).output();
        output.map_err(|error| Outcome::Unreachable(error.to_string()))
    }

    /// A call of git that asks nobody, runs no hooks, and does what it is told and nothing that is configured.
    fn git(&self) -> Git {
        const SETTINGS: [&str; 13] = [
            "core.fsmonitor=false",
            "http.lowSpeedLimit=1000",
            "http.lowSpeedTime=20",
            "push.gpgSign=false",
            "push.followTags=false",
            "push.pushOption=",
            "push.recurseSubmodules=no",
            "fetch.writeCommitGraph=false",
            "color.ui=false",
            "color.push=false",
            "color.remote=false",
            "color.transport=false",
            "color.advice=false",
        ];
        let mut git = Git::new(self.store).in_folder(self.folder());
        for setting in SETTINGS {
            git = git.args(["-c", setting]);
        }
        // In the name of a setting an equals sign would be its end.
        if !self.name.contains('=') {
            for setting in ["mirror=false", "followRemoteHEAD=never"] {
                git = git.args(["-c".to_owned(), format!("remote.{}.{setting}", self.name)]);
            }
        }
        git = self.without_prompts(git);
        self.variables.iter().fold(git, |git, (name, value)| git.variable(name, value))
    }

    /// Whatever the user chose for logins and for ssh stays; what would open a window or wait at a terminal goes.
    fn without_prompts(&self, git: Git) -> Git {
        let opening = self.store.opening;
        let mut git = git
            .variable("GIT_TERMINAL_PROMPT", "0")
            .variable("GCM_INTERACTIVE", "never")
            .variable("SSH_ASKPASS_REQUIRE", "never");
        // This setting would also switch off the program that answers in the user's place, as CI has it.
        if !opening.askpass_chosen && self.store.config("core.askPass").is_none() {
            git = git.args(["-c", "credential.interactive=false"]);
        }
        if !opening.ssh_chosen && self.store.config("core.sshCommand").is_none() {
            git = git.variable("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=10");
        }
        git
    }

    /// Returns the folder that relative URLs start from, as for the user's own calls.
    fn folder(&self) -> &std::path::Path {
        self.store.git_folder()
    }
}

/// A listing that failed has not succeeded, whatever it looked like.
fn failure(outcome: Outcome) -> Outcome {
    if outcome.is_success() { Outcome::Unreachable("git does not say why".to_owned()) } else { outcome }
}

/// Returns the issue that a claim's ref names, where it is written as it must be.
fn claimed_issue(name: &str) -> Option<IssueId> {
    IssueId::parse(name).filter(|id| id.to_string() == name)
}
