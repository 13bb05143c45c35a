//! Scenes of pulling, pushing and syncing through the real program: clones of bare repositories, and real git
//! between them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::env::{Env, Run};
use crate::scene::{BRANCH, Desk, unsent};

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

/// A server, and a clone `repo` of it in which alice works.
struct Scene {
    env: Env,
}

impl Scene {
    /// A server without a tracker; `repo` has one that is not sent yet.
    fn unsent() -> Self {
        Scene::with(&[])
    }

    /// As before, with arguments for `git init`.
    fn with(init: &[&str]) -> Self {
        Scene { env: unsent(init) }
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
    #[track_caller]
    fn create(&self, title: &str) -> String {
        self.run(&["q", title]).stdout.trim().to_owned()
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
