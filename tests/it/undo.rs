//! `qp undo`

use snapbox::str;

use crate::env::Env;
use crate::history;

fn tracker() -> Env {
    let env = Env::new();
    env.qp(["create", "Fix the login", "--id", "web-login"]).success();
    env
}

/// The files of the branch, without the times of the last change.
fn files(env: &Env) -> String {
    let names = env.git_out(&["ls-tree", "-r", "--name-only", "quipu-sync"]);
    let content = names.lines().map(|name| env.git_out(&["show", &format!("quipu-sync:{name}")]));
    content
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|l| !l.starts_with("updated_at"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn tip(env: &Env) -> String {
    env.git_out(&["rev-parse", "quipu-sync"])
}

#[test]
fn takes_the_newest_operation_back_then_the_one_before() {
    let env = tracker();
    let before = files(&env);
    env.qp(["close", "web-login", "-r", "fixed"]).success();
    history!(
        env.qp(["undo"]),
        str![[r#"
undid COMMIT: close web-login: Fix the login
  changed web-login: Fix the login
    status closed → open
    closed_by alice → none
    close_reason fixed → none

"#]]
    );
    assert_eq!(files(&env), before);
    history!(
        env.qp(["undo"]),
        str![[r#"
undid COMMIT: create web-login: Fix the login
  deleted web-login: Fix the login

"#]]
    );
    history!(
        env.qp(["undo"]),
        str![[r#"
[stderr]
error: alice has nothing left to undo in session s1
hint: qp log shows all operations, qp undo COMMIT takes back any of them
[exit 3]

"#]]
    );
    env.fsck();
}

#[test]
fn can_be_undone_by_name() {
    let env = tracker();
    env.qp(["close", "web-login"]).success();
    let closed = files(&env);
    env.qp(["undo"]).success();
    let undo = env.json(["log", "-n", "1"])[0].clone();
    assert_eq!(undo["undoes"], env.json(["log", "-n", "2"])[1]["op"]);
    env.qp(["undo", undo["op"].as_str().unwrap()]).success();
    assert_eq!(files(&env), closed);
    // The close stands again, so it is the newest again.
    history!(
        env.qp(["undo"]),
        str![[r#"
undid COMMIT: close web-login: Fix the login
  changed web-login: Fix the login
    status closed → open
    closed_by alice → none

"#]]
    );
}

#[test]
fn shows_what_it_would_do() {
    let env = tracker();
    env.qp(["close", "web-login"]).success();
    let before = tip(&env);
    history!(
        env.qp(["undo", "--dry-run"]),
        str![[r#"
would undo COMMIT: close web-login: Fix the login
  changed web-login: Fix the login
    status closed → open
    closed_by alice → none

"#]]
    );
    assert_eq!(env.json(["undo", "-n"])["dry_run"], true);
    assert_eq!(tip(&env), before);
}

#[test]
fn refuses_what_was_written_since() {
    let env = tracker();
    env.qp(["close", "web-login"]).success();
    env.qp_as("bob", ["close", "web-login"]).success();
    let path = env.git_out(&["ls-tree", "-r", "--name-only", "quipu-sync", "issues/"]);
    let text = env.git_out(&["show", &format!("quipu-sync:{}", path.trim())]);
    env.commit_file(path.trim(), Some(&text.replace("closed_by: alice", "closed_by: bob")));
    let before = tip(&env);
    history!(
        env.qp(["undo"]),
        str![[r#"
[stderr]
error: web-login (status) was written since COMMIT, so nothing is undone
hint: qp diff web-login --from COMMIT
[exit 6]

"#]]
    );
    let error: serde_json::Value = serde_json::from_str(&env.qp(["undo", "--json"]).exits(6).stderr).unwrap();
    assert_eq!(error["code"], "changed_since");
    assert_eq!(tip(&env), before);
}

#[test]
fn keeps_what_others_changed_elsewhere() {
    let env = tracker();
    env.qp(["close", "web-login"]).success();
    let path = env.git_out(&["ls-tree", "-r", "--name-only", "quipu-sync", "issues/"]);
    let text = env.git_out(&["show", &format!("quipu-sync:{}", path.trim())]);
    env.commit_file(
        path.trim(),
        Some(&text.replace("title: Fix the login", "title: Fix the logout\nlabels: [x]")),
    );
    env.qp(["undo"]).success();
    let issue = env.json(["show", "web-login"])[0].clone();
    assert_eq!(issue["title"], "Fix the logout");
    assert_eq!(issue["labels"][0], "x");
    assert_eq!(issue["status"], "open");
}

#[test]
fn deletes_what_was_created_unless_it_was_changed_since() {
    let env = tracker();
    env.qp(["create", "Child", "--id", "web-child", "--parent", "web-login"]).success();
    let create = env.json(["log", "web-login"])[0]["op"].as_str().unwrap().to_owned();
    history!(
        env.qp(["undo", &create]),
        str![[r#"
undid COMMIT: create web-login: Fix the login
  deleted web-login: Fix the login
[stderr]
warning: web-child refers to web-login, which is gone

"#]]
    );
    env.qp(["undo", "-q"]).success();
    let env = tracker();
    let create = env.json(["log", "-n", "1"])[0]["op"].as_str().unwrap().to_owned();
    env.qp(["close", "web-login"]).success();
    history!(
        env.qp(["undo", &create]),
        str![[r#"
[stderr]
error: web-login (status) was written since COMMIT, so nothing is undone
hint: qp diff web-login --from COMMIT
[exit 6]

"#]]
    );
}

#[test]
fn restores_what_was_deleted() {
    let env = tracker();
    let before = files(&env);
    let path = env.git_out(&["ls-tree", "-r", "--name-only", "quipu-sync", "issues/"]).trim().to_owned();
    let deleting = env.commit_file(&path, None);
    assert_eq!(env.json(["list"]), serde_json::json!([]));
    history!(
        env.qp(["undo", &deleting]),
        str![[r#"
undid COMMIT: by hand
  restored web-login: Fix the login

"#]]
    );
    assert_eq!(files(&env), before);
    // Restored by hand already.
    history!(
        env.qp(["undo", &deleting]),
        str![[r#"
undone already COMMIT: by hand

"#]]
    );
}

#[test]
fn touches_only_the_callers_own_operations_unless_told() {
    let env = tracker();
    env.qp_as("bob", ["close", "web-login"]).success();
    history!(
        env.qp(["undo", "--session", "other"]),
        str![[r#"
[stderr]
error: alice has nothing left to undo in session other
hint: qp log shows all operations, qp undo COMMIT takes back any of them
[exit 3]

"#]]
    );
    let close = env.json(["log", "-n", "1"])[0]["commit"].as_str().unwrap().to_owned();
    history!(
        env.qp(["undo", &close[..8]]),
        str![[r#"
undid COMMIT: close web-login: Fix the login
  changed web-login: Fix the login
    status closed → open
    closed_by bob → none

"#]]
    );
    history!(
        env.qp(["undo", &close[..8]]),
        str![[r#"
undone already COMMIT: close web-login: Fix the login

"#]]
    );
}

/// The file of web-login under a claim.
fn claim(env: &Env, until: &str) -> String {
    let path = env.git_out(&["ls-tree", "-r", "--name-only", "quipu-sync", "issues/"]).trim().to_owned();
    let text = env.git_out(&["show", &format!("quipu-sync:{path}")]);
    let claimed = format!(
        "status: in_progress\nassignee: alice\nclaimed_at: 2026-01-07T10:00:00.000Z\nclaimed_session: s1\nlease_until: {until}\nstarted_at: 2026-01-07T10:00:00.000Z"
    );
    env.commit_file(&path, Some(&text.replace("status: open", &claimed)))
}

#[test]
fn never_brings_a_claim_back() {
    let env = tracker();
    let claiming = claim(&env, "2026-01-07T12:00:00.000Z");
    env.qp(["close", "web-login"]).success();
    history!(
        env.qp(["undo"]),
        str![[r#"
undid COMMIT: close web-login: Fix the login
  changed web-login: Fix the login
    status closed → open
    assignee alice → none
    closed_by alice → none

"#]]
    );
    let issue = env.json(["show", "web-login"])[0].clone();
    assert_eq!(issue["status"], "open");
    for field in ["assignee", "claimed_at", "lease_expires_at", "claimed_session"] {
        assert!(issue.get(field).is_none(), "{field}");
    }
    // With the claim gone there is nothing left of claiming.
    history!(
        env.qp(["undo", &claiming]),
        str![[r#"
[stderr]
error: nothing is left to take back of COMMIT (by hand); a claim does not come back
hint: qp log
[exit 6]

"#]]
    );
}

#[test]
fn does_not_undo_merges_or_the_beginning() {
    let env = tracker();
    let start = env.git_out(&["rev-parse", "quipu-sync~1"]);
    history!(
        env.qp(["undo", start.trim()]),
        str![[r#"
[stderr]
error: COMMIT started the tracker
hint: qp log
[exit 6]

"#]]
    );
    let tree = env.git_out(&["rev-parse", "quipu-sync^{tree}"]);
    let merge =
        env.git_out(&["commit-tree", "-p", "quipu-sync", "-p", start.trim(), "-m", "merge", tree.trim()]);
    env.git_out(&["update-ref", "refs/heads/quipu-sync", merge.trim()]);
    history!(
        env.qp(["undo", merge.trim()]),
        str![[r#"
[stderr]
error: COMMIT is a merge; what it decided against is in the attic
hint: qp attic
[exit 6]

"#]]
    );
    // Unnamed, it passes over the merge.
    env.qp(["undo"]).success();
}

#[test]
fn restores_other_files_byte_by_byte() {
    let env = tracker();
    env.commit_file("memories/build.md", Some("make\n"));
    let change = env.commit_file("memories/build.md", Some("make it"));
    history!(
        env.qp(["undo", &change]),
        str![[r#"
undid COMMIT: by hand
  restored memories/build.md

"#]]
    );
    assert_eq!(env.git_out(&["show", "quipu-sync:memories/build.md"]), "make\n");
    let change = env.commit_file("memories/build.md", Some("one"));
    env.commit_file("memories/build.md", Some("two"));
    history!(
        env.qp(["undo", &change]),
        str![[r#"
[stderr]
error: memories/build.md was written since COMMIT, so nothing is undone
hint: qp diff --from COMMIT
[exit 6]

"#]]
    );
}

#[test]
fn repairs_a_file_that_cannot_be_read() {
    let env = tracker();
    let before = files(&env);
    let path = env.git_out(&["ls-tree", "-r", "--name-only", "quipu-sync", "issues/"]).trim().to_owned();
    let breaking = env.commit_file(&path, Some("<<<<<<< ours\n"));
    env.qp(["undo", &breaking]).success();
    assert_eq!(files(&env), before);
    assert_eq!(env.json(["list"]).as_array().unwrap().len(), 1);
}

#[test]
fn keeps_every_prefix() {
    let env = tracker();
    let change = env.commit_file("quipu.yml", Some("format: 1\nprefix: app\nprefixes: [app, web]\n"));
    env.qp(["undo", &change]).success();
    assert_eq!(
        env.git_out(&["show", "quipu-sync:quipu.yml"]),
        "format: 1\nprefix: web\nprefixes: [app, web]\n"
    );
}

#[test]
fn refuses_to_close_a_cycle() {
    let env = tracker();
    env.qp(["create", "Notes", "--id", "web-notes", "--deps", "web-login"]).success();
    let id = |key: &str| env.json(["show", key])[0]["uid"].as_str().unwrap().to_owned();
    let (login, notes) = (id("web-login"), id("web-notes"));
    let path = |id: &str| format!("issues/{}/{}/{id}.md", &id[24..25], &id[25..]);
    let text = |id: &str| env.git_out(&["show", &format!("quipu-sync:{}", path(id))]);
    let without = text(&notes).replace(&format!("blocked_by: [{login}]\n"), "");
    let removal = env.commit_file(&path(&notes), Some(&without));
    let with = text(&login).replace("priority: 2\n", &format!("priority: 2\nblocked_by: [{notes}]\n"));
    env.commit_file(&path(&login), Some(&with));
    history!(
        env.qp(["undo", &removal]),
        str![[r#"
[stderr]
error: that would close a cycle of waiting between web-login, web-notes
hint: qp dep tree web-login
[exit 6]

"#]]
    );
}

#[test]
fn refuses_where_the_history_ends() {
    let env = tracker();
    let url = format!("file://{}", env.repo().display());
    let root = env.root().to_owned();
    env.run_git(&root, &["clone", "-q", "--depth", "1", "-b", "quipu-sync", &url, "shallow"]);
    let shallow = root.join("shallow");
    let tip = env.run_git(&shallow, &["rev-parse", "HEAD"]);
    history!(
        env.qp_in(&shallow, ["undo", tip.trim()], &[], ""),
        str![[r#"
[stderr]
error: the history ends at COMMIT: what it changed is not known here
hint: git fetch --unshallow
[exit 9]

"#]]
    );
    env.qp_in(&shallow, ["log", "web-login"], &[], "").success();
}
