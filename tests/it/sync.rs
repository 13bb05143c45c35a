//! The transport: the real git against real repositories, servers that refuse, limit and hang, and hostile settings.

mod hang;
mod outcomes;
pub mod proxy;
mod rules;
mod settings;
mod waiting;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use quipu::context::Context;
use quipu::store::testing::Wire;
use quipu::store::{Outcome, Store};

use crate::env::Env;

const BRANCH: &str = "refs/heads/quipu-sync";
const CLAIM: &str = "refs/quipu/claims/01kf0000000000000000000000";
const OTHER_CLAIM: &str = "refs/quipu/claims/01kf0000000000000000000001";
const FETCH: &str = "+refs/heads/quipu-sync:refs/remotes/origin/quipu-sync";
/// More than any of these calls takes; a test that reaches it fails by its outcome.
const PLENTY_MS: u64 = 29_000;

/// A bare repository `srv.git` with a branch of one commit, and a clone `repo` that has it as `origin`.
struct Scene {
    env: Env,
    base: String,
    variables: Vec<(String, String)>,
}

impl Scene {
    fn new() -> Self {
        let env = Env::git();
        env.run_git(env.root(), &["init", "-q", "--bare", "-b", "main", "srv.git"]);
        let server = path(&env.root().join("srv.git"));
        env.git_out(&["remote", "add", "origin", &server]);
        let base = commit(&env, &env.repo(), None, "base");
        env.git_out(&["push", "-q", "origin", &format!("{base}:{BRANCH}")]);
        let variables = [
            ("HOME", path(&env.root().join("home"))),
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".to_owned()),
            ("NO_PROXY", "*".to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
        Scene { env, base, variables }
    }

    fn server(&self) -> PathBuf {
        self.env.root().join("srv.git")
    }

    fn store(&self) -> Store {
        let context = Context::new(BTreeMap::new(), self.env.repo()).expect("a context");
        Store::discover(&context, None).expect("a repository")
    }

    fn wire<'s>(&self, store: &'s Store, remote: &str) -> Wire<'s> {
        self.wire_for(store, remote, PLENTY_MS)
    }

    fn wire_for<'s>(&self, store: &'s Store, remote: &str, ms: u64) -> Wire<'s> {
        Wire::open(store, remote, ms, &self.variables).expect("a remote")
    }

    /// A commit in `repo` that nothing points to.
    fn commit(&self, parent: &str, subject: &str) -> String {
        commit(&self.env, &self.env.repo(), Some(parent), subject)
    }

    /// Somebody else writes to the server's branch.
    fn other(&self, parent: &str) -> String {
        let id = commit(&self.env, &self.server(), Some(parent), "other");
        self.env.run_git(&self.server(), &["update-ref", BRANCH, &id]);
        id
    }

    /// A blob in `repo`.
    fn blob(&self, text: &str) -> String {
        self.env.git_stdin(&["hash-object", "-w", "--stdin"], text).trim().to_owned()
    }

    /// Pushes one ref.
    fn push(&self, remote: &str, name: &str, new: &str, expect: &str) -> Outcome {
        let store = self.store();
        let mut outcomes = self.wire(&store, remote).push(&[(name, new, expect)], false);
        assert_eq!(outcomes.len(), 1);
        outcomes.remove(0)
    }

    /// What a ref of the server points to.
    fn on_server(&self, name: &str) -> String {
        self.env.try_git(&self.server(), &["rev-parse", "--verify", "-q", name]).stdout.trim().to_owned()
    }
}

fn commit(env: &Env, folder: &Path, parent: Option<&str>, subject: &str) -> String {
    let tree = env.run_git(folder, &["hash-object", "-t", "tree", "-w", "/dev/null"]);
    let mut args = vec!["commit-tree", "-m", subject];
    args.extend(parent.iter().flat_map(|parent| ["-p", parent]));
    args.push(tree.trim());
    env.run_git(folder, &args).trim().to_owned()
}

fn path(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// Writes a program.
fn script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a script");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(path, mode).expect("the mode of a script");
}

/// The stable word for an outcome.
fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Pushed => "pushed",
        Outcome::UpToDate => "up_to_date",
        other => other.error("origin", "quipu-sync").code(),
    }
}

/// The error for an outcome, as a user reads it.
fn told(outcome: &Outcome, remote: &str) -> String {
    let error = outcome.error(remote, "quipu-sync");
    assert_eq!(error.kind().exit_code(), 8);
    format!("{error}\nhint: {}\n", error.remedy().expect("a remedy"))
}
