//! The outbox: operations that stand in git bundles in the working tree, until a repository takes them in.

mod absorb;
mod branches;
mod bundle;
mod hostile;
mod locked;
mod parts;
mod reads;
mod said;
mod told;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use quipu::context::Context;
use quipu::store::{AbsorbedBundles, Author, OutboxSource, OutboxState, Saved, Store};

use crate::env::{Env, Run};
use crate::scene::{BRANCH, titles, unsent};

/// A server with a tracker of one issue, `repo` that has made it, and clones.
struct Scene {
    env: Env,
    /// The key of the issue `Shared`.
    shared: String,
}

/// A clone, and a session in it: of the same name, if nothing else is said.
struct Desk<'s> {
    env: &'s Env,
    folder: PathBuf,
    who: &'static str,
    session: &'static str,
}

impl Scene {
    fn new() -> Self {
        Scene::with(&[])
    }

    fn with(init: &[&str]) -> Self {
        let env = unsent(init);
        let shared = env.create(["Shared"]);
        env.git_out(&["push", "-q", "origin", "quipu-sync"]);
        env.git_out(&["fetch", "-q"]);
        Scene { env, shared }
    }

    fn clone(&self, who: &'static str) -> Desk<'_> {
        let url = format!("file://{}", self.env.root().join("server.git").display());
        self.env.run_git(self.env.root(), &["clone", "-q", &url, who]);
        Desk { env: &self.env, folder: self.env.root().join(who), who, session: who }
    }
}

impl Desk<'_> {
    fn qp(&self, args: &[&str]) -> Run {
        self.env.qp_in(&self.folder, args, &[("QP_ACTOR", self.who), ("QP_SESSION", self.session)], "")
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
        self.store().save_outbox(self.session).expect("an outbox").expect("something to save")
    }

    fn absorb(&self, source: OutboxSource<'_>) -> AbsorbedBundles {
        let author = Author {
            actor: self.who.to_owned(),
            email: "a@example.com".to_owned(),
            session: self.session.to_owned(),
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

    /// The only file of this session.
    fn bundle(&self) -> PathBuf {
        bundle_of(&self.folder, self.session)
    }
}

/// Returns the only file that a session has in an outbox.
#[track_caller]
pub fn bundle_of(folder: &Path, session: &str) -> PathBuf {
    let all = std::fs::read_dir(folder.join(".quipu/outbox")).expect("an outbox");
    let all = all.map(|entry| entry.expect("a file").path());
    let is_own = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).expect("UTF-8");
        name.ends_with(".bundle") && name.starts_with(&format!("{session}-"))
    };
    let own: Vec<PathBuf> = all.filter(is_own).collect();
    let [only] = &own[..] else { panic!("not one file of {session}: {own:?}") };
    only.clone()
}

/// Puts the file of one clone into another, as a checkout does.
fn bring(from: &Desk<'_>, to: &Desk<'_>) {
    let file = from.bundle();
    std::fs::create_dir_all(to.file("")).expect("a folder");
    std::fs::copy(&file, to.file(file.file_name().and_then(|name| name.to_str()).expect("UTF-8")))
        .expect("a file");
}

fn context(folder: &Path) -> Context {
    Context::new(BTreeMap::new(), folder.to_owned()).expect("a context")
}

fn store(folder: &Path) -> Store {
    Store::discover(&context(folder), None).expect("a repository")
}
