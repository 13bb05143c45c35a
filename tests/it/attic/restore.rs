//! `qp attic restore`: what comes back, what is refused, and when a copy leaves.

use serde_json::json;
use snapbox::str;

use super::{TEXT, TITLE, id, kept, lose, lose_issue, named, text, tracker};
use crate::snapshot;

#[test]
fn exactly_what_lost_comes_back() {
    let env = tracker();
    let name = lose_issue(&env, "web-login", &[TITLE, TEXT], &["title"]);
    env.qp(["update", "web-login", "-p", "0"]).success();
    let before = (text(&env, "web-login"), kept(&env));
    let run = env.qp(["attic", "restore", &name, "--dry-run"]);
    snapshot!(
        named(&run, &name),
        str![[r#"
would restore web-login: Mend the login
  title Fix the login → Mend the login

"#]]
    );
    assert_eq!((text(&env, "web-login"), kept(&env)), before);
    let run = env.qp(["attic", "restore", &name]);
    snapshot!(
        named(&run, &name),
        str![[r#"
restored web-login: Mend the login
  title Fix the login → Mend the login
[stderr]
c0ffee1 left the attic; qp undo takes this back

"#]]
    );
    let subject = env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]);
    assert_eq!(subject.trim(), "restore title of web-login: Fix the login");
    let shown = &env.json(["show", "web-login"])[0];
    assert_eq!((&shown["priority"], &shown["description"]), (&json!(0), &json!("One.\nTwo.")));
    assert_eq!(kept(&env), "");
    env.qp(["undo"]).success();
    assert_eq!(kept(&env), before.1);
    assert_eq!(env.json(["show", "web-login"])[0]["title"], "Fix the login");
    env.fsck();
}

#[test]
fn parts_are_picked_and_the_copy_stays_until_nothing_differs() {
    let env = tracker();
    let name = lose_issue(&env, "web-login", &[TITLE, TEXT], &["title", "description"]);
    let run = env.qp(["attic", "restore", &name, "--field", "title"]);
    snapshot!(
        named(&run, &name),
        str![[r#"
restored web-login: Mend the login
  title Fix the login → Mend the login
[stderr]
c0ffee1 stays in the attic: description differs

"#]]
    );
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let run = env.qp(["attic", "restore", &name, "--field", "title"]);
    snapshot!(
        named(&run, &name),
        str![[r#"
restored already web-login
[stderr]
c0ffee1 stays in the attic: description differs

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
    env.qp(["update", "web-login", "-d", "One.\nThree."]).success();
    let run = env.qp(["attic", "restore", &name]);
    snapshot!(
        named(&run, &name),
        str![[r#"
restored already web-login
[stderr]
c0ffee1 left the attic; qp undo takes this back

"#]]
    );
    assert_eq!(kept(&env), "");
}

#[test]
fn any_field_or_everything_can_be_asked_for() {
    let env = tracker();
    let changes = [TITLE, TEXT, ("type: task", "type: bug\nodd: 1")];
    let name = lose_issue(&env, "web-login", &changes, &["title"]);
    let restored = env.json(["attic", "restore", &name, "-f", "issue_type", "-f", "odd"]);
    assert_eq!(restored["restored"], json!(["type", "odd"]));
    assert_eq!((&restored["left"], &restored["already"]), (&json!(["title"]), &json!(false)));
    assert_eq!(restored["issues"][0]["changes"][0]["new"], "bug");
    for field in ["nonsense", "id", "created_at", "updated_at", "comment:x"] {
        let run = env.qp(["attic", "restore", &name, "--field", field]).exits(2);
        assert!(run.stderr.contains("what differs: title, description"), "{run}");
    }
    env.qp(["attic", "restore", &name, "--field", "title", "--whole"]).exits(2);
    let restored = env.json(["attic", "restore", &name, "--whole"]);
    assert_eq!(restored["restored"], json!(["title", "description"]));
    assert_eq!(restored["left"], json!([]));
    assert_eq!(kept(&env), "");
}

#[test]
fn a_claim_does_not_come_back() {
    let env = tracker();
    env.qp_as("bob", ["claim", "web-login"]).success();
    let name = lose_issue(&env, "web-login", &[TITLE], &["state"]);
    let run = env.qp(["attic", "restore", &name]).exits(0);
    assert!(run.stdout.starts_with("restored already"), "the claim stands as it was: {run}");
    env.qp(["undo"]).success();
    env.qp_as("bob", ["close", "web-login", "-r", "done"]).success();
    let run = env.qp(["attic", "restore", &name]);
    snapshot!(
        named(&run, &name),
        str![[r#"
restored web-login: Fix the login
  status closed → open
  assignee bob → none
  closed_by bob → none
  close_reason done → none
[stderr]
c0ffee1 left the attic; qp undo takes this back

"#]]
    );
}

#[test]
fn somebody_elses_claim_and_open_blockers_refuse_a_state() {
    let env = tracker();
    let closed = [("status: open", "status: closed")];
    let name = lose_issue(&env, "web-login", &closed, &["status"]);
    env.qp_as("bob", ["claim", "web-login"]).success();
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let run = env.qp(["attic", "restore", &name]).exits(6);
    assert!(run.stderr.contains("web-login is claimed by bob"), "{run}");
    env.qp_as("bob", ["attic", "restore", &name, "--dry-run"]).success();
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
    env.qp_as("bob", ["release", "web-login"]).success();
    env.create(["First this", "--id", "web-first"]);
    env.qp(["dep", "add", "web-login", "web-first"]).success();
    let run = env.qp(["attic", "restore", &name]).exits(6);
    assert!(run.stderr.contains("open blocker: web-first"), "{run}");
    env.qp(["close", "web-first"]).success();
    env.qp(["attic", "restore", &name]).success();
    assert_eq!(env.json(["show", "web-login"])[0]["status"], "closed");
}

#[test]
fn a_blocker_comes_back_unless_it_closes_a_cycle() {
    let env = tracker();
    env.create(["Other", "--id", "web-other"]);
    let other = id(&env, "web-other");
    let edge = format!("blocked_by: [{other}]\ncreated_at");
    let part = format!("blocked_by:{other}");
    let name = lose_issue(&env, "web-login", &[("created_at", &edge)], &[&part]);
    env.qp(["dep", "add", "web-other", "web-login"]).success();
    let run = env.qp(["attic", "restore", &name]).exits(6);
    assert!(run.stderr.contains("cycle of waiting"), "{run}");
    env.qp(["dep", "remove", "web-other", "web-login"]).success();
    let run = env.qp(["attic", "restore", &name, "--field", "blocked_by:web-other"]);
    snapshot!(
        named(&run, &name),
        str![[r#"
restored web-login: Fix the login
  blocked_by +web-other
[stderr]
c0ffee1 left the attic; qp undo takes this back

"#]]
    );
}

#[test]
fn a_reference_to_nothing_is_kept_as_it_is() {
    let env = tracker();
    let edge = "parent: 01kebyhr10hb5e8x66d95shc1g\ncreated_at";
    let name = lose_issue(&env, "web-login", &[("created_at", edge)], &["parent"]);
    env.qp(["attic", "restore", &name]).success();
    assert!(text(&env, "web-login").contains("\nparent: 01kebyhr10hb5e8x66d95shc1g\n"));
}

#[test]
fn comments_metadata_and_what_is_unknown() {
    let env = tracker();
    env.qp(["comment", "web-login", "first"]).success();
    env.qp(["update", "web-login", "--metadata", r#"{"ci": 1}"#]).success();
    let comment = env.json(["comments", "web-login"])[0]["id"].as_str().unwrap().to_owned();
    let changes = [
        ("first", "second"),
        (r#""ci": 1"#, r#""ci": 2"#),
        ("One.\nTwo.", "One.\nTwo.\n\n<!-- qp:risk a,b -->\nHigh."),
    ];
    let comment_part = format!("comment {comment}");
    let parts = [&comment_part, "metadata.ci", "<!-- qp:risk a,b -->"];
    let name = lose_issue(&env, "web-login", &changes, &parts);
    let run = env.qp(["attic", "restore", &name]).success();
    let expected = text(&env, "web-login");
    for (_, new) in changes {
        assert!(expected.contains(new), "{expected}");
    }
    assert!(run.stderr.contains("left the attic"), "{run}");
    assert_eq!(env.json(["comments", "web-login"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn a_deleted_issue_comes_back_as_a_whole() {
    let env = tracker();
    let name = lose_issue(&env, "web-login", &[TITLE], &["title"]);
    let id = id(&env, "web-login");
    env.qp(["delete", "web-login"]).success();
    let run = env.qp(["attic"]);
    snapshot!(
        named(&run, &name),
        str![[r#"
c0ffee1  web-login  title  bob, 2026-01-07 09:00 UTC  Mend the login (deleted)

"#]]
    );
    let run = env.qp(["attic", "diff", "web-login"]);
    snapshot!(
        named(&run, &name),
        str![[r#"
web-login is deleted; qp attic restore c0ffee1 brings it back as it was in this copy

"#]]
    );
    assert_eq!(env.json(["attic", "diff", &name])["deleted"], true);
    let run = env.qp(["attic", "restore", &name, "--field", "title"]).exits(6);
    assert!(run.stderr.contains("web-login is deleted"), "{run}");
    let run = env.qp(["attic", "restore", &name]);
    snapshot!(
        named(&run, &name),
        str![[r#"
restored web-login: Mend the login
  description +2 lines
[stderr]
c0ffee1 left the attic; qp undo takes this back

"#]]
    );
    assert_eq!(super::id(&env, "web-login"), id);
    assert_eq!(kept(&env), "");
    let subject = env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]);
    assert_eq!(subject.trim(), "restore web-login: Mend the login");
}

#[test]
fn a_deleted_issue_closes_no_cycle() {
    let env = tracker();
    env.create(["Other", "--id", "web-other"]);
    let edge = format!("blocked_by: [{}]\ncreated_at", id(&env, "web-other"));
    let name = lose_issue(&env, "web-login", &[("created_at", &edge)], &["issue"]);
    env.qp(["dep", "add", "web-other", "web-login"]).success();
    env.qp(["delete", "web-login"]).success();
    let run = env.qp(["attic", "restore", &name]).exits(6);
    assert!(run.stderr.contains("cycle of waiting"), "{run}");
}

#[test]
fn other_files_come_back_as_a_whole() {
    let env = tracker();
    env.commit_file("memories/build.md", Some("make it\n"));
    let name = lose(&env, "memories/build.md", "memories/build.md", "make it so\n", &["issue"], 0);
    let run = env.qp(["attic", "diff", "memories/build.md"]);
    snapshot!(
        named(&run, &name),
        str![[r#"
memories/build.md as it is → c0ffee1, lost: issue
  memories/build.md
    @@ -1 +1 @@
    -make it
    +make it so

"#]]
    );
    env.qp(["attic", "restore", &name, "--field", "title"]).exits(2);
    let run = env.qp(["attic", "restore", &name]);
    snapshot!(
        named(&run, &name),
        str![[r#"
restored memories/build.md
[stderr]
c0ffee1 left the attic; qp undo takes this back

"#]]
    );
    assert_eq!(env.git_out(&["show", "quipu-sync:memories/build.md"]), "make it so\n");
    let name = lose(&env, "memories/build.md", "memories/build.md", "make it so\n", &["issue"], 1);
    let restored = env.json(["attic", "restore", &name]);
    assert_eq!((&restored["already"], &restored["files"]), (&json!(true), &json!([])));
    assert_eq!(kept(&env), "");
}

#[test]
fn settings_come_back_and_every_key_still_resolves() {
    let env = tracker();
    let old = "format: 1\nprefix: old\nprefixes: [old]\n";
    let name = lose(&env, "quipu.yml", "quipu.yml", old, &["prefix"], 0);
    let restored = env.json(["attic", "restore", &name]);
    assert_eq!(restored["files"], json!([{ "path": "quipu.yml", "change": "restored" }]));
    let settings = env.git_out(&["show", "quipu-sync:quipu.yml"]);
    assert_eq!(settings, "format: 1\nprefix: old\nprefixes: [old, web]\n");
    assert!(env.create(["New"]).starts_with("old-"));
    let name = lose(&env, "quipu.yml", "quipu.yml", "format: [\n", &["prefix"], 0);
    env.qp(["attic", "restore", &name]).exits(5);
}
