//! `qp orphans`

use snapbox::str;

use crate::env::Env;
use crate::{history, snapshot};

fn tracker() -> Env {
    let env = Env::new();
    let create = |args: &[&str]| drop(env.qp([&["create", "--quiet"], args].concat()).success());
    create(&["Crash", "--id", "web-crash", "-t", "bug"]);
    create(&["Design", "--id", "web-design"]);
    create(&["Part", "--id", "web-design.1"]);
    create(&["Closed", "--id", "web-closed"]);
    create(&["Nobody names it", "--id", "web-none"]);
    env.qp(["close", "web-closed"]).success();
    env
}

fn commit(env: &Env, message: &str) {
    env.git_out(&["commit", "-q", "--allow-empty", "-m", message]);
}

fn keys(env: &Env, args: &[&str]) -> Vec<String> {
    let rows = env.json([&["orphans"], args].concat());
    let key = |row: &serde_json::Value| row["id"].as_str().expect("a key").to_owned();
    rows.as_array().expect("an array").iter().map(key).collect()
}

#[test]
fn commits_name_open_issues() {
    let env = tracker();
    commit(&env, "Fix the crash (web-crash)");
    commit(&env, "web-closed: done; see web-design.1.");
    commit(&env, "Look at it again\n\nCloses WEB-CRASH, as said in origin/web-crash's tests.");
    history!(
        env.qp(["orphans"]),
        str![[r#"
web-crash     P2  bug   Crash  (COMMIT 7m ago: Look at it again, 2 commits)
web-design.1  P2  task  Part  (COMMIT 7m ago: web-closed: done; see web-design.1.)

"#]]
    );
    let rows = env.json(["orphans"]);
    assert_eq!(rows[0]["issue_id"], "web-crash");
    assert_eq!(rows[0]["commit_count"], 2);
    assert_eq!(rows[0]["latest_commit_message"], "Look at it again");
    assert_eq!(rows[0]["latest_commit"], env.git_out(&["rev-parse", "HEAD"]).trim());
    assert_eq!(keys(&env, &["-t", "bug"]), ["web-crash"]);
    assert_eq!(keys(&env, &["--from", "HEAD~1"]), ["web-design.1", "web-crash"]);
    assert_eq!(keys(&env, &["--from", "HEAD~2"]), ["web-crash"]);
}

/// A key with a derived tail, in any length that is unambiguous; and what only looks like a key.
#[test]
fn what_is_a_key() {
    let env = Env::new();
    let key = env.create(["Derived"]);
    commit(&env, "tests: well-known, web-server, web-, -web, null, and a tail alone: 7k2m");
    assert_eq!(keys(&env, &[]), [""; 0]);
    commit(&env, &format!("merge branch 'fix/{key}'"));
    assert_eq!(keys(&env, &[]), [key]);
}

#[test]
fn it_says_how_far_it_looked() {
    let env = tracker();
    commit(&env, "web-crash");
    commit(&env, "nothing");
    snapshot!(
        env.qp(["orphans", "--commits", "1"]),
        str![[r#"
[stderr]
no commit of HEAD names an open issue
older commits than the last 1 not looked at: --commits 0

"#]]
    );
    assert_eq!(keys(&env, &["--commits", "2"]), ["web-crash"]);
    assert_eq!(env.qp(["orphans", "--commits", "2"]).success().stderr, "");
    assert_eq!(keys(&env, &["--commits", "0"]), ["web-crash"]);
}

#[test]
fn branches_that_have_no_commits_of_the_project() {
    let env = tracker();
    snapshot!(
        env.qp(["orphans"]),
        str![[r#"
[stderr]
no commit of HEAD names an open issue

"#]]
    );
    assert_eq!(env.qp(["orphans", "--json", "--quiet"]).success().to_string(), "[]\n");
    snapshot!(
        env.qp(["orphans", "--from", "quipu-sync"]),
        str![[r#"
[stderr]
error: quipu-sync is on the tracker's own branch, whose commits name every issue
hint: --from BRANCH names a branch of the project
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["orphans", "--from", "nowhere"]),
        str![[r#"
[stderr]
error: no commit "nowhere"
hint: name a branch, a tag or a commit of the project
[exit 3]

"#]]
    );
    env.qp(["orphans", "--from=--all"]).exits(3);
}

/// HEAD is that of the worktree that the command runs in.
#[test]
fn a_linked_worktree_has_its_own_head() {
    let env = tracker();
    commit(&env, "begin");
    env.git_out(&["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = env.root().join("side");
    env.run_git(&side, &["commit", "-q", "--allow-empty", "-m", "web-crash"]);
    assert_eq!(keys(&env, &[]), [""; 0]);
    let rows = env.qp_in(&side, ["orphans", "--json"], &[], "").success().json();
    assert_eq!(rows[0]["id"], "web-crash");
}
