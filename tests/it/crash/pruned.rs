//! `git gc --prune=now` removes whatever no ref names when it looks: also what a write has made and not yet published.

use std::cell::Cell;
use std::fmt::Write as _;
use std::rc::Rc;

use quipu::context::Context;
use quipu::store::testing::before_swap;
use quipu::store::{Deadline, Store, SyncRequest};

use crate::env::Env;
use crate::store::{author, context, issue, open};

/// A store in whose first write or merge everything is collected before the branch is swapped. The cell counts.
fn collected(env: &Env, context: &Context) -> (Store, Rc<Cell<usize>>) {
    let (repo, count) = (env.repo(), Rc::new(Cell::new(0)));
    let counted = Rc::clone(&count);
    let collect = move || {
        let objects = |of: &str| {
            let output =
                std::process::Command::new("git").current_dir(&repo).args(["count-objects", of]).output();
            String::from_utf8(output.expect("git runs").stdout).expect("UTF-8")
        };
        let before = objects("-v");
        let mut git = std::process::Command::new("git");
        git.current_dir(&repo).args(["gc", "--quiet", "--prune=now"]);
        assert!(git.status().expect("git runs").success());
        assert_ne!(before, objects("-v"), "there was nothing to collect");
        counted.set(counted.get() + 1);
    };
    (before_swap(&open(context), collect), count)
}

#[test]
fn a_write_is_made_again() {
    let env = Env::new();
    env.create(["One"]);
    let context = context(&env, 1);
    let (store, count) = collected(&env, &context);
    let done = store.transact(&context, &author(), "test", |txn| {
        txn.subject("write");
        let issue = issue(txn, "Two");
        txn.put(issue)
    });
    let commit = done.expect("the write is done").commit.expect("a commit");
    assert_eq!(count.get(), 1);
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]).trim(), commit);
    assert_eq!(env.json(["list"]).as_array().map(Vec::len), Some(2));
    env.fsck();
    env.create(["Three"]);
    env.fsck();
}

#[test]
fn a_pack_is_made_again() {
    let env = Env::new();
    let context = context(&env, 1);
    let (store, count) = collected(&env, &context);
    let done = store.transact(&context, &author(), "test", |txn| {
        txn.subject("write");
        for number in 0..600 {
            let issue = issue(txn, &format!("Issue {number}"));
            txn.put(issue)?;
        }
        Ok(())
    });
    assert!(done.is_ok(), "{:?}", done.err());
    assert_eq!(count.get(), 1);
    assert_eq!(env.json(["list", "-n", "0"]).as_array().map(Vec::len), Some(600));
    env.fsck();
}

#[test]
fn a_merge_is_made_again() {
    let env = Env::new();
    let key = env.create(["One"]);
    env.run_git(env.root(), &["init", "-q", "--bare", "server"]);
    env.git_out(&["remote", "add", "origin", "../server"]);
    env.qp(["sync"]).success();
    env.run_git(env.root(), &["clone", "-q", "server", "other"]);
    let other = env.root().join("other");
    env.qp_in(&other, ["update", &key, "--title", "Theirs"], &[], "").success();
    env.qp_in(&other, ["sync"], &[], "").success();
    env.qp(["update", &key, "--title", "Ours", "-p", "0"]).success();
    let context = context(&env, 1);
    let (store, count) = collected(&env, &context);
    let request = SyncRequest {
        remote: None,
        deadline: Deadline::after(60_000),
        push: true,
        pull: true,
        join: false,
        retry: false,
    };
    let synced = store.sync(&context, &author(), request).expect("it is exchanged");
    assert!(synced.merged && synced.failure.is_none(), "{:?}", synced.failure);
    assert_eq!(count.get(), 1);
    env.fsck();
    env.fsck_in(&env.root().join("server"));
    let mut titles = String::new();
    for issue in env.json(["list"]).as_array().expect("an array") {
        write!(titles, "{} {}", issue["title"], issue["priority"]).expect("text");
    }
    assert!(titles.ends_with(" 0"), "{titles}");
}
