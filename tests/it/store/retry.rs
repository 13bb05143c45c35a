//! A swap that is lost runs the closure again on the new tip, and nothing of either writer is lost.

use super::{context, issue, open, transact};
use crate::env::Env;

#[test]
fn a_lost_swap_runs_the_closure_again_on_the_new_tip() {
    let env = Env::new();
    let context = context(&env, 1);
    let store = open(&context);
    let mut runs = Vec::new();
    let done = transact(&store, &context, |txn| {
        runs.push(txn.tracker().rows.len());
        if runs.len() < 4 {
            // Another program that does not wait for its turn.
            env.commit_file(&format!("notes/{}", runs.len()), Some("by hand"));
        }
        let issue = issue(txn, "One");
        txn.subject("write");
        txn.put(issue)
    });
    assert_eq!(runs.len(), 4);
    let files = env.git_out(&["ls-tree", "-r", "--name-only", "quipu-sync"]);
    assert!(["notes/1", "notes/2", "notes/3"].iter().all(|f| files.contains(f)), "{files}");
    assert_eq!(done.view.tracker.rows.len(), 1);
    let subjects = env.git_out(&["log", "-4", "--format=%s", "quipu-sync"]);
    assert_eq!(subjects, "write\nby hand\nby hand\nby hand\n");
    env.fsck();
}

#[test]
fn the_second_run_sees_what_the_other_wrote() {
    let env = Env::new();
    let key = env.create(["One"]);
    let context = context(&env, 1);
    let store = open(&context);
    let mut statuses = Vec::new();
    transact(&store, &context, |txn| {
        let at = txn.tracker().keys().resolve(&key).expect("the issue");
        statuses.push(txn.tracker().front(at).status.to_string());
        if statuses.len() == 1 {
            let raw = String::from_utf8(txn.view().raw(at)?).expect("UTF-8");
            env.commit_file(&txn.view().path(at), Some(&raw.replace("status: open", "status: blocked")));
        }
        let mut issue = txn.issue(at)?;
        issue.front.labels.insert("seen".to_owned());
        txn.put(issue)
    });
    assert_eq!(statuses, ["open", "blocked"]);
    let shown = env.json(["show", &key]);
    assert_eq!(shown[0]["status"], "blocked", "the other's change stands");
    assert_eq!(shown[0]["labels"][0], "seen");
}

#[test]
fn a_closure_that_fails_or_asks_for_nothing_leaves_no_commit() {
    let env = Env::new();
    env.create(["One"]);
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let context = context(&env, 1);
    let store = open(&context);
    let done = transact(&store, &context, |txn| {
        let same = txn.issue(0)?;
        txn.put(same)
    });
    assert_eq!(done.commit, None);
    let failed = store.transact(&context, &super::author(), "test", |txn| {
        let issue = issue(txn, "Two");
        txn.put(issue)?;
        Err::<(), _>(quipu::error::Error::invalid("no"))
    });
    assert_eq!(failed.expect_err("it failed").message(), "no");
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
}

#[test]
fn every_operation_is_another_commit() {
    let env = Env::new();
    // The same clock, the same random bytes, the same actor: still two commits, because the first is the parent of
    // the second; and in two clones, because no two operations have the same identity.
    let commit = |seed| {
        let context = context(&env, seed);
        let store = open(&context);
        let done = transact(&store, &context, |txn| {
            txn.subject("same");
            txn.put_file("note", Some(txn.now.to_string().into_bytes()));
            Ok(())
        });
        done.commit.expect("a commit")
    };
    assert_ne!(commit(1), commit(2));
}
