//! The outbox: operations that stand in git bundles in the working tree, until a repository takes them in.

mod absorb;
mod bundle;
mod hostile;
mod locked;
mod reads;
mod said;
mod told;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use quipu::context::Context;
use quipu::store::{AbsorbedBundles, Author, OutboxSource, OutboxState, Saved, Store};

use crate::env::{Env, Run};

const BRANCH: &str = "refs/heads/quipu-sync";

/// A server with a tracker of one issue, `repo` that has made it, and clones.
struct Scene {
    env: Env,
    /// The key of the issue `Shared`.
    shared: String,
}

/// A clone, and a session of the same name in it.
struct Desk<'s> {
    env: &'s Env,
    folder: PathBuf,
    who: &'static str,
}

impl Scene {
    fn new() -> Self {
        Scene::with(&[])
    }

    fn with(init: &[&str]) -> Self {
        let env = Env::bare();
        env.run_git(env.root(), &[&["init", "-q", "-b", "main", "repo"], init].concat());
        env.run_git(env.root(), &[&["init", "-q", "--bare", "-b", "main", "server.git"], init].concat());
        env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
        env.git_out(&["remote", "add", "origin", "../server.git"]);
        env.git_out(&["push", "-q", "origin", "main"]);
        env.qp(["init", "--prefix", "web", "--quiet"]).success();
        let shared = env.create(["Shared"]);
        env.git_out(&["push", "-q", "origin", "quipu-sync"]);
        env.git_out(&["fetch", "-q"]);
        Scene { env, shared }
    }

    fn clone(&self, who: &'static str) -> Desk<'_> {
        let url = format!("file://{}", self.env.root().join("server.git").display());
        self.env.run_git(self.env.root(), &["clone", "-q", &url, who]);
        Desk { env: &self.env, folder: self.env.root().join(who), who }
    }
}

impl Desk<'_> {
    fn qp(&self, args: &[&str]) -> Run {
        self.env.qp_in(&self.folder, args, &[("QP_ACTOR", self.who), ("QP_SESSION", self.who)], "")
    }

    #[track_caller]
    fn create(&self, title: &str) -> String {
        self.qp(&["q", title]).success().stdout.trim().to_owned()
    }

    fn git(&self, args: &[&str]) -> String {
        self.env.run_git(&self.folder, args).trim().to_owned()
    }

    fn titles(&self) -> Vec<String> {
        titles(self.env, &self.folder)
    }

    fn tip(&self) -> String {
        self.git(&["rev-parse", BRANCH])
    }

    fn store(&self) -> Store {
        store(&self.folder)
    }

    fn save(&self) -> Saved {
        self.store().save_outbox(self.who).expect("an outbox").expect("something to save")
    }

    fn absorb(&self, source: OutboxSource<'_>) -> AbsorbedBundles {
        let author = Author {
            actor: self.who.to_owned(),
            email: "a@example.com".to_owned(),
            session: self.who.to_owned(),
        };
        let context = context(&self.folder);
        self.store().absorb_outbox(&context, &author, source).expect("a repository that can be written")
    }

    fn states(&self) -> Vec<OutboxState> {
        self.store().outbox().expect("an outbox").into_iter().map(|file| file.state).collect()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(".quipu/outbox").join(name)
    }
}

fn context(folder: &Path) -> Context {
    Context::new(BTreeMap::new(), folder.to_owned()).expect("a context")
}

fn store(folder: &Path) -> Store {
    Store::discover(&context(folder), None).expect("a repository")
}

/// The titles of all issues.
fn titles(env: &Env, folder: &Path) -> Vec<String> {
    let run = env.qp_in(folder, ["list", "--all", "--json"], &[], "").success();
    let mut titles: Vec<String> = run.json().as_array().expect("an array").iter().map(title).collect();
    titles.sort();
    titles
}

fn title(issue: &serde_json::Value) -> String {
    issue["title"].as_str().expect("a title").to_owned()
}
