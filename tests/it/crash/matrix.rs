//! SIGKILL at the k-th system call of every kind that changes a file, in qp and in the git that it runs.
//!
//! Every command runs until it gets through unkilled. By default only some k are tried: 1, 2, 5, 13, 34 and so on;
//! `QP_CRASH_ALL=1` tries every one, and prints how each kind of run ended.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::compat::skip;
use crate::env::{Env, QP, Run};
use crate::outbox::bundle_of;

const KINDS: [&str; 15] = [
    "openat",
    "write",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "flock",
    "fsync",
    "fdatasync",
    "mkdir",
    "ftruncate",
    "pwrite64",
];
/// Calls that are tried one by one where all are asked for; beyond, every tenth.
const ONE_BY_ONE: usize = 300;

/// A command that is killed, and what it starts from.
struct Scene {
    env: Env,
    /// The folder that is copied for every run; the repository `repo` is in it.
    base: PathBuf,
    args: Vec<String>,
    /// The titles that must be there whatever happens.
    titles: Vec<String>,
    /// The same command again must end with as many issues.
    complete: usize,
    is_shared: bool,
    is_refused: bool,
}

/// Returns the numbers of the calls to die at.
fn numbers() -> Box<dyn Iterator<Item = usize>> {
    if std::env::var_os("QP_CRASH_ALL").is_some() {
        return Box::new((1..ONE_BY_ONE).chain((ONE_BY_ONE..).step_by(10)));
    }
    let mut pair = (1, 1);
    Box::new(std::iter::repeat_with(move || {
        let number = pair.0;
        pair = (pair.0 + pair.1, pair.0 + 2 * pair.1);
        number
    }))
}

impl Scene {
    /// Prepares a repository; `None` where nothing can be traced here.
    fn new(args: &[&str]) -> Option<Self> {
        let env = Env::bare();
        if env.shell(env.root(), "strace -f -o /dev/null -e trace=?rename true").code != 0 {
            skip("there is no strace that may trace");
            return None;
        }
        let base = env.root().join("base");
        std::fs::create_dir(&base).expect("a folder");
        env.run_git(&base, &["init", "-q", "-b", "main", "repo"]);
        let repo = base.join("repo");
        env.qp_in(&repo, ["init", "--prefix", "web", "--quiet"], &[], "").success();
        let titles = ["Kept 1", "Kept 2", "Kept 3"].map(str::to_owned).to_vec();
        for title in &titles {
            env.qp_in(&repo, ["q", title], &[], "").success();
        }
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Some(Scene { env, base, args, titles, complete: 4, is_shared: false, is_refused: false })
    }

    /// Adds a remote with something to take in and something to send: both sides have changed the same issue.
    fn shared(mut self) -> Self {
        let env = &self.env;
        let repo = self.base.join("repo");
        let key =
            env.qp_in(&repo, ["list", "--json"], &[], "").json()[0]["id"].as_str().expect("a key").to_owned();
        env.run_git(&self.base, &["init", "-q", "--bare", "server"]);
        env.run_git(&repo, &["remote", "add", "origin", "../server"]);
        env.qp_in(&repo, ["sync"], &[], "").success();
        env.run_git(&self.base, &["clone", "-q", "server", "other"]);
        let other = self.base.join("other");
        env.qp_in(&other, ["q", "Theirs"], &[], "").success();
        env.qp_in(&other, ["update", &key, "-p", "0", "--add-label", "theirs"], &[], "").success();
        env.qp_in(&other, ["sync"], &[], "").success();
        std::fs::remove_dir_all(&other).expect("the other clone goes");
        env.qp_in(&repo, ["q", "Ours"], &[], "").success();
        env.qp_in(&repo, ["update", &key, "-p", "3", "--add-label", "ours"], &[], "").success();
        self.titles.push("Ours".to_owned());
        self.complete = 5;
        self.is_shared = true;
        self
    }

    /// Makes the server refuse the branch, so that a sync saves to the outbox: in the place of a file that is there, and
    /// beside one that is to be taken in.
    fn refused(mut self) -> Self {
        let (env, repo) = (&self.env, self.base.join("repo"));
        env.qp_in(&repo, ["outbox", "save"], &[], "").success();
        env.qp_in(&repo, ["q", "Unsaved"], &[], "").success();
        env.run_git(&self.base, &["clone", "-q", "repo", "other"]);
        let other = self.base.join("other");
        let session = [("QP_SESSION", "s2")];
        env.qp_in(&other, ["q", "Boxed"], &session, "").success();
        env.qp_in(&other, ["outbox", "save"], &session, "").success();
        let file = bundle_of(&other, "s2");
        std::fs::copy(&file, repo.join(".quipu/outbox").join(file.file_name().expect("a name")))
            .expect("a file");
        std::fs::remove_dir_all(&other).expect("the other clone goes");
        let hook = self.base.join("server/hooks/update");
        std::fs::create_dir_all(hook.parent().expect("a folder")).expect("a folder");
        std::fs::write(&hook, "#!/bin/sh\nexit 1\n").expect("a hook");
        env.shell(&self.base, "chmod +x server/hooks/update").success();
        self.titles.extend(["Unsaved", "Boxed"].map(str::to_owned));
        self.complete += 2;
        self.is_refused = true;
        self
    }

    /// A clone that has the files of the outbox has everything.
    fn arrives(&self, top: &Path, place: &str) {
        self.env.run_git(top, &["clone", "-q", "server", "heir"]);
        let outbox = top.join("heir/.quipu/outbox");
        std::fs::create_dir_all(&outbox).expect("a folder");
        for file in files(&top.join("repo/.quipu/outbox"), &|name| name.ends_with(".bundle")) {
            std::fs::copy(&file, outbox.join(file.file_name().expect("a name"))).expect("a file");
        }
        let list = self.env.qp_in(&top.join("heir"), ["list", "--all", "-n", "0"], &[], "").success();
        assert_eq!(list.stderr, "", "{place}");
        for title in self.titles.iter().map(String::as_str).chain(["After"]) {
            assert!(list.stdout.contains(title), "{place}: {title:?} does not arrive: {list}");
        }
    }

    /// Runs the command, killed at the `k`-th call of a kind; tells whether something was killed.
    fn kill(&self, top: &Path, kind: &str, k: usize) -> bool {
        let _ = std::fs::remove_dir_all(top);
        let copy = self.env.program(self.env.root(), "cp").arg("-a").arg(&self.base).arg(top).status();
        assert!(copy.expect("cp runs").success());
        let trace = self.env.root().join("trace");
        let mut strace = self.env.program(&top.join("repo"), "strace");
        strace.args(["-f", "-q", "-o"]).arg(&trace);
        strace.args(["-e", &format!("trace=?{kind}"), "-e", &format!("inject=?{kind}:signal=KILL:when={k}")]);
        strace.arg(QP).args(&self.args);
        // Where qp itself is killed, strace dies in the same way, and may not have written what it saw.
        if crate::env::finish(strace, "").code == -1 {
            return true;
        }
        let trace = std::fs::read(&trace).expect("a trace");
        String::from_utf8_lossy(&trace).contains("+++ killed by SIGKILL")
    }

    fn qp(&self, top: &Path, args: &[&str]) -> Run {
        self.env.qp_in(&top.join("repo"), args, &[], "")
    }

    /// Looks at what a killed command has left, and goes on working. Returns how it was, in words.
    fn examine(&self, top: &Path, place: &str, old: &str) -> String {
        let repo = top.join("repo");
        let new = self.env.try_git(&repo, &["rev-parse", "--verify", "-q", "refs/heads/quipu-sync"]);
        assert_eq!(new.code, 0, "{place}: the branch is gone: {new}");
        let is_old = new.stdout.trim() == old;
        let keeps = self.env.try_git(&repo, &["merge-base", "--is-ancestor", old, new.stdout.trim()]);
        assert_eq!(keeps.code, 0, "{place}: the branch has lost its past: {keeps}");
        let fsck = self.env.try_git(&repo, &["fsck", "--full", "--strict", "--no-dangling"]);
        assert_eq!(fsck.code, 0, "{place}: {fsck}");
        let locks = files(&repo.join(".git"), &|name| name.ends_with(".lock") && name != "sync.lock").len();
        let next = self.qp(top, &["q", "After"]);
        assert_eq!(next.code, 0, "{place}: the next write is blocked: {next}");
        let moved = next.stderr.contains("a program that died");
        self.go_on(top, place);
        let state = if is_old { "old" } else { "new" };
        format!(
            "branch {state}, {locks} locks left, {}",
            if moved { "one moved away" } else { "none in the way" }
        )
    }

    /// The same command again gets through, and then everything is there.
    fn go_on(&self, top: &Path, place: &str) {
        let titles = |run: Run| -> Vec<String> {
            let issues = run.success().json();
            let titles = issues.as_array().expect("an array").iter();
            titles.map(|issue| issue["title"].as_str().expect("a title").to_owned()).collect()
        };
        let list = ["list", "--all", "-n", "0", "--json"];
        let found = titles(self.qp(top, &list));
        for title in self.titles.iter().map(String::as_str).chain(["After"]) {
            assert!(found.iter().any(|found| found == title), "{place}: {title:?} is lost: {found:?}");
        }
        if self.is_shared {
            // A server that dies is the business of whoever runs it.
            for lock in files(&top.join("server"), &|name| name.ends_with(".lock")) {
                std::fs::remove_file(lock).expect("the server is put in order");
            }
        }
        let args: Vec<&str> = self.args.iter().map(String::as_str).collect();
        let again = self.qp(top, &args);
        assert_eq!(again.code, 0, "{place}: the same command again: {again}");
        let found = titles(self.qp(top, &list));
        let many = found.iter().filter(|title| *title == "Made").count() > 1;
        assert_eq!(found.len(), self.complete + 1 + usize::from(many), "{place}: {found:?}");
        if self.is_refused {
            self.arrives(top, place);
        } else if self.is_shared && self.args[0] == "sync" {
            let tip = |folder: &str| self.env.run_git(&top.join(folder), &["rev-parse", "quipu-sync"]);
            assert_eq!(tip("repo"), tip("server"), "{place}");
        }
        let repo = top.join("repo");
        let fsck = self.env.try_git(&repo, &["fsck", "--full", "--strict", "--no-dangling"]);
        assert_eq!(fsck.code, 0, "{place}: {fsck}");
    }

    /// Kills the command everywhere.
    fn run(&self) {
        let name = self.args.first().expect("a command");
        let old = self.env.run_git(&self.base.join("repo"), &["rev-parse", "quipu-sync"]);
        let top = self.env.root().join("run");
        let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
        let mut kills = 0;
        for kind in KINDS {
            for k in numbers().take_while(|k| self.kill(&top, kind, *k)) {
                kills += 1;
                let outcome = self.examine(&top, &format!("{name}, {kind} {k}"), old.trim());
                *outcomes.entry(format!("{name}: {kind}: {outcome}")).or_default() += 1;
            }
        }
        assert!(kills > 15, "{name} was killed only {kills} times");
        for (outcome, count) in outcomes {
            println!("{count} x {outcome}");
        }
    }
}

/// Finds files by their names.
fn files(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    let named =
        entries.filter(|entry| entry.file_type().is_file() && wanted(&entry.file_name().to_string_lossy()));
    named.map(walkdir::DirEntry::into_path).collect()
}

#[test]
fn create() {
    if let Some(scene) = Scene::new(&["q", "Made"]) {
        scene.run();
    }
}

#[test]
fn close() {
    let Some(mut scene) = Scene::new(&["close"]) else { return };
    let issues = scene.env.qp_in(&scene.base.join("repo"), ["list", "--json"], &[], "").json();
    scene.args.push(issues[0]["id"].as_str().expect("a key").to_owned());
    scene.complete = 3;
    scene.run();
}

/// Import of so many issues.
fn import(count: usize) {
    let Some(mut scene) = Scene::new(&["import", "in.jsonl"]) else { return };
    let line = |n: usize| {
        format!("{{\"id\":\"bd-{n}\",\"title\":\"Imported {n}\",\"description\":\"{}\"}}\n", n * 7)
    };
    let lines: String = (0..count).map(line).collect();
    std::fs::write(scene.base.join("repo/in.jsonl"), lines).expect("the input");
    scene.complete = 3 + count;
    scene.run();
}

#[test]
fn small_import() {
    import(3);
}

#[test]
fn import_as_a_pack() {
    import(520);
}

#[test]
fn sync() {
    if let Some(scene) = Scene::new(&["sync"]) {
        scene.shared().run();
    }
}

#[test]
fn sync_that_is_refused() {
    if let Some(scene) = Scene::new(&["sync"]) {
        scene.shared().refused().run();
    }
}

#[test]
fn merge() {
    if let Some(scene) = Scene::new(&["pull"]) {
        scene.shared().run();
    }
}
