//! What scenes of several clones have in common: a bare server, a repository that has started a tracker, and somebody
//! who works in a clone.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::env::{Env, Run};

/// The tracker's branch.
pub const BRANCH: &str = "refs/heads/quipu-sync";

/// A server `server.git` without a tracker; `repo` has one that is not sent yet. Both are made by `git init` with these
/// arguments.
pub fn unsent(init: &[&str]) -> Env {
    let env = Env::bare();
    env.run_git(env.root(), &[&["init", "-q", "-b", "main", "repo"], init].concat());
    env.run_git(env.root(), &[&["init", "-q", "--bare", "-b", "main", "server.git"], init].concat());
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["remote", "add", "origin", "../server.git"]);
    env.git_out(&["push", "-q", "origin", "main"]);
    env.qp(["init", "--prefix", "web", "--quiet"]).success();
    env
}

/// A clone, and who works in it in a session of the same name.
pub struct Desk<'s> {
    pub env: &'s Env,
    pub folder: PathBuf,
    pub who: &'s str,
}

impl Desk<'_> {
    pub fn qp(&self, args: &[&str]) -> Run {
        self.qp_with(&[], args)
    }

    pub fn qp_with(&self, vars: &[(&str, &str)], args: &[&str]) -> Run {
        let own = [("QP_ACTOR", self.who), ("QP_SESSION", self.who)];
        self.env.qp_in(&self.folder, args, &[&own[..], vars].concat(), "")
    }

    /// Runs a command that must succeed.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Run {
        self.qp(args).success()
    }

    /// As before, and returns the document, which must be as its schema says.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        let document = self.run(&[args, &["--json"]].concat()).json();
        crate::json_docs::checker::hold(args, &document);
        document
    }

    /// The titles of all issues, in order.
    #[track_caller]
    pub fn titles(&self) -> Vec<String> {
        titles(self.env, &self.folder)
    }

    pub fn git(&self, args: &[&str]) -> String {
        self.env.run_git(&self.folder, args)
    }

    /// The commit of a name; nothing, where there is none.
    pub fn rev(&self, name: &str) -> String {
        self.env.try_git(&self.folder, &["rev-parse", "-q", "--verify", name]).stdout.trim().to_owned()
    }

    pub fn tip(&self) -> String {
        self.rev(BRANCH)
    }
}

/// The titles of all issues that are read in a folder, in order.
#[track_caller]
pub fn titles(env: &Env, folder: &Path) -> Vec<String> {
    let run = env.qp_in(folder, ["list", "--all", "--limit", "0", "--json"], &[], "").success();
    let title = |issue: &Value| issue["title"].as_str().expect("a title").to_owned();
    let mut titles: Vec<String> = run.json().as_array().expect("an array").iter().map(title).collect();
    titles.sort();
    titles
}
