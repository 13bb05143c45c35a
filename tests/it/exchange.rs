//! Scenes of pulling, pushing and syncing through the real program: clones of bare repositories, and real git
//! between them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::env::{Env, Run};

mod access;
mod apply;
mod claims;
mod deepen;
mod first;
mod hostile;
mod leftovers;
mod outcomes;
mod outside;
mod places;
mod report;
mod settings;
mod shapes;
mod thirteen;

const BRANCH: &str = "refs/heads/quipu-sync";

/// A server, and a clone `repo` of it in which alice works.
struct Scene {
    env: Env,
}

/// A clone and who works in it.
struct Desk<'s> {
    env: &'s Env,
    folder: PathBuf,
    who: &'s str,
}

impl Scene {
    /// A server without a tracker; `repo` has one that is not sent yet.
    fn unsent() -> Self {
        Scene::with(&[])
    }

    /// As before, with arguments for `git init`.
    fn with(init: &[&str]) -> Self {
        let env = Env::bare();
        env.run_git(env.root(), &[&["init", "-q", "-b", "main", "repo"], init].concat());
        env.run_git(env.root(), &[&["init", "-q", "--bare", "-b", "main", "server.git"], init].concat());
        env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
        env.git_out(&["remote", "add", "origin", "../server.git"]);
        env.git_out(&["push", "-q", "origin", "main"]);
        env.qp(["init", "--prefix", "web", "--quiet"]).success();
        Scene { env }
    }

    /// A server that has the tracker of `repo`.
    fn new() -> Self {
        let scene = Scene::unsent();
        scene.env.create(["Shared"]);
        scene.alice().run(&["push"]);
        scene
    }

    fn alice(&self) -> Desk<'_> {
        Desk { env: &self.env, folder: self.env.repo(), who: "alice" }
    }

    /// Clones the server, for somebody else.
    fn clone<'s>(&'s self, who: &'s str, args: &[&str]) -> Desk<'s> {
        let url = format!("file://{}", self.server().display());
        self.env.run_git(self.env.root(), &[&["clone", "-q"], args, &[url.as_str(), who]].concat());
        self.at(self.env.root().join(who), who)
    }

    fn at<'s>(&'s self, folder: PathBuf, who: &'s str) -> Desk<'s> {
        Desk { env: &self.env, folder, who }
    }

    fn server(&self) -> PathBuf {
        self.env.root().join("server.git")
    }

    /// Lets a hook of the server say no.
    fn hook(&self, name: &str, text: &str) -> PathBuf {
        let hook = self.server().join("hooks").join(name);
        script(&hook, &format!("#!/bin/sh\n{text}\n"));
        hook
    }

    fn server_tip(&self) -> String {
        self.env.try_git(&self.server(), &["rev-parse", "-q", "--verify", BRANCH]).stdout.trim().to_owned()
    }

    /// Takes the server away; nobody reaches it any more.
    fn server_is_away(&self) {
        std::fs::rename(self.server(), self.env.root().join("away.git")).expect("a folder");
    }

    fn server_is_back(&self) {
        std::fs::rename(self.env.root().join("away.git"), self.server()).expect("a folder");
    }
}

impl Desk<'_> {
    fn qp(&self, args: &[&str]) -> Run {
        self.qp_with(&[], args)
    }

    fn qp_with(&self, vars: &[(&str, &str)], args: &[&str]) -> Run {
        let own = [("QP_ACTOR", self.who), ("QP_SESSION", self.who)];
        self.env.qp_in(&self.folder, args, &[&own[..], vars].concat(), "")
    }

    /// Runs a command that must succeed.
    #[track_caller]
    fn run(&self, args: &[&str]) -> Run {
        self.qp(args).success()
    }

    #[track_caller]
    fn create(&self, title: &str) -> String {
        self.run(&["q", title]).stdout.trim().to_owned()
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        self.run(&[args, &["--json"]].concat()).json()
    }

    /// Runs a command that must fail, and returns its error.
    #[track_caller]
    fn error(&self, code: i32, args: &[&str]) -> Value {
        let run = self.qp(&[args, &["--json"]].concat()).exits(code);
        assert_eq!(run.stdout, "", "{run}");
        let last = run.stderr.lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(last).unwrap_or_else(|e| panic!("{e}: {run}"));
        assert_eq!(error["exit"], code, "{run}");
        error
    }

    #[track_caller]
    fn show(&self, key: &str) -> Value {
        self.json(&["show", key])[0].clone()
    }

    /// The titles of all issues, in order.
    #[track_caller]
    fn titles(&self) -> Vec<String> {
        let issues = self.json(&["list", "--all", "--limit", "0"]);
        let titles = issues.as_array().expect("an array").iter();
        let mut titles: Vec<_> = titles.map(|i| i["title"].as_str().expect("a title").to_owned()).collect();
        titles.sort();
        titles
    }

    fn git(&self, args: &[&str]) -> String {
        self.env.run_git(&self.folder, args)
    }

    fn rev(&self, name: &str) -> String {
        self.env.try_git(&self.folder, &["rev-parse", "-q", "--verify", name]).stdout.trim().to_owned()
    }

    fn tip(&self) -> String {
        self.rev(BRANCH)
    }

    /// Every ref and what it points to.
    fn refs(&self) -> String {
        self.git(&["for-each-ref"])
    }

    fn fsck(&self) {
        self.env.fsck_in(&self.folder);
    }
}

/// Writes a program.
fn script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a script");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(path, mode).expect("the mode of a script");
}

/// Removes what differs between runs: commits, and the temporary folder.
fn stable(scene: &Scene, text: &str) -> String {
    let text = text.replace(scene.env.root().to_str().expect("UTF-8"), "ROOT");
    crate::env::without_commits(&text)
}
