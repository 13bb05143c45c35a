//! `qp log`

use snapbox::str;

use crate::env::Env;
use crate::history;

/// A tracker in which several people did something.
fn tracker() -> Env {
    let env = Env::new();
    env.qp(["create", "Fix the login", "-t", "bug", "-l", "auth", "-d", "One.\nTwo.", "--id", "web-login"])
        .success();
    env.qp_as("claude-7f3a", ["create", "Write the notes", "--id", "web-notes", "--deps", "web-login"])
        .success();
    env.qp_as("bob", ["close", "web-login", "-r", "fixed"]).success();
    env
}

#[test]
fn lists_operations_newest_first() {
    let env = tracker();
    history!(
        env.qp(["log"]),
        str![[r#"
COMMIT  2026-01-07 10:03 UTC  bob          close web-login: Fix the login
COMMIT  2026-01-07 10:02 UTC  claude-7f3a  create web-notes: Write the notes
COMMIT  2026-01-07 10:01 UTC  alice        create web-login: Fix the login
COMMIT  2026-01-07 10:00 UTC  alice        init: tracker with prefix web

"#]]
    );
    history!(
        env.qp(["log", "-n", "1"]),
        str![[r#"
COMMIT  2026-01-07 10:03 UTC  bob  close web-login: Fix the login
[stderr]
… and earlier ones: -n 0 shows all

"#]]
    );
    history!(
        env.qp(["log", "--author", "Claude"]),
        str![[r#"
COMMIT  2026-01-07 10:02 UTC  claude-7f3a  create web-notes: Write the notes

"#]]
    );
    history!(
        env.qp(["log", "--since", "2026-01-07T10:03:00Z"]),
        str![[r#"
COMMIT  2026-01-07 10:03 UTC  bob  close web-login: Fix the login

"#]]
    );
    history!(
        env.qp(["log", "--since", "tomorrow"]),
        str![[r#"
[stderr]
no operations

"#]]
    );
    history!(
        env.qp(["log", "--since", "when it was"]),
        str![[r#"
[stderr]
error: "when it was" is not a time
hint: use 2026-01-31, 2026-01-31T09:00:00Z, +2d, tomorrow or next monday
[exit 5]

"#]]
    );
}

#[test]
fn shows_what_changed_in_an_issue() {
    let env = tracker();
    history!(
        env.qp(["log", "web-login"]),
        str![[r#"
COMMIT  2026-01-07 10:03 UTC  bob    close web-login: Fix the login
  status open → closed
  closed_by none → bob
  close_reason none → fixed
COMMIT  2026-01-07 10:01 UTC  alice  create web-login: Fix the login
  type bug
  labels auth
  description +2 lines

"#]]
    );
    history!(
        env.qp(["log", "web-login", "--patch"]),
        str![[r#"
COMMIT  2026-01-07 10:03 UTC  bob    close web-login: Fix the login
  status open → closed
  closed_by none → bob
  close_reason none → fixed
COMMIT  2026-01-07 10:01 UTC  alice  create web-login: Fix the login
  type bug
  labels auth
  description
    @@ -0,0 +1,2 @@
    +One.
    +Two.

"#]]
    );
    history!(
        env.qp(["log", "--patch", "-n", "2"]),
        str![[r#"
COMMIT  2026-01-07 10:03 UTC  bob          close web-login: Fix the login
  changed web-login: Fix the login
    status open → closed
    closed_by none → bob
    close_reason none → fixed
COMMIT  2026-01-07 10:02 UTC  claude-7f3a  create web-notes: Write the notes
  created web-notes: Write the notes
    blocked_by web-login
[stderr]
… and earlier ones: -n 0 shows all

"#]]
    );
    history!(
        env.qp(["log", "web-zzzz"]),
        str![[r#"
[stderr]
error: no issue web-zzzz
hint: qp list shows the open ones, qp search zzzz looks in all 2
[exit 3]

"#]]
    );
}

#[test]
fn knows_the_history_of_deleted_issues() {
    let env = Env::new();
    let explicit = env.create(["Go away", "--id", "web-away"]);
    env.qp(["undo"]).success();
    let derived = env.create(["Go away too"]);
    env.qp(["undo"]).success();
    for key in [explicit, derived] {
        let log = env.json(["log", &key]);
        let subjects: Vec<_> =
            log.as_array().unwrap().iter().map(|e| e["subject"].as_str().unwrap()).collect();
        assert_eq!(subjects.len(), 2, "{log}");
        assert!(subjects[0].starts_with("undo: create") && subjects[1].starts_with("create"), "{subjects:?}");
        assert_eq!(log[0]["issues"][0], key);
        assert_eq!(log[0]["changed"][0]["change"], "deleted");
        assert_eq!(log[1]["undone"], true);
    }
}

#[test]
fn tells_programs_everything() {
    let env = tracker();
    let log = env.json(["log", "web-login"]);
    assert_eq!(log.as_array().unwrap().len(), 2);
    let close = &log[0];
    assert_eq!(close["actor"], "bob");
    assert_eq!(close["session"], "bob");
    assert_eq!(close["command"], "close");
    assert_eq!(close["time"], "2026-01-07T10:03:00.000Z");
    assert_eq!(close["issues"], serde_json::json!(["web-login"]));
    assert_eq!(close["undone"], false);
    let names: Vec<_> =
        close["trailers"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Quipu-Op", "Quipu-Time", "Quipu-Command", "Quipu-Actor", "Quipu-Session"]);
    assert_eq!(close["trailers"][0]["value"], close["op"]);
    let changes = close["changed"][0]["changes"].as_array().unwrap();
    let status = changes.iter().find(|c| c["field"] == "status").unwrap();
    assert_eq!((&status["old"], &status["new"]), (&"open".into(), &"closed".into()));
    assert_eq!(env.json(["log", "-n", "1"])[0]["commit"], env.git_out(&["rev-parse", "quipu-sync"]).trim());
    assert!(env.json(["log"])[0].get("changed").is_none());
}

#[test]
fn looks_back_from_any_moment() {
    let env = tracker();
    history!(
        env.qp(["log", "--at", "2026-01-07T10:02:00Z", "-n", "1"]),
        str![[r#"
COMMIT  2026-01-07 10:02 UTC  claude-7f3a  create web-notes: Write the notes
[stderr]
… and earlier ones: -n 0 shows all

"#]]
    );
}

#[test]
fn shows_every_kind_of_change() {
    let env = tracker();
    let file = |front: &str, body: &str| {
        format!("---\ntitle: Fix\ncreated_at: 2026-01-07T10:00:00Z\n{front}\n---\n{body}")
    };
    let old = file(
        "labels: [a, b]\ndue_at: 2026-02-01\nmetadata: {n: 1, s: x}\nx-mine: 1\nblocked_by: [web-login]",
        "Text.\nMore.\n\n<!-- qp:notes -->\nn\n\n<!-- qp:x-own -->\nraw\n\n<!-- qp:comment id=01kfn6tfn3n7h5b39ztztw7k01 at=2026-01-08T15:00:00.000Z by=bob -->\nfirst\n",
    );
    let new = file(
        "labels: [b, c]\nassignee: bob\nmetadata: {n: 2, t: [y]}\nx-mine: 2\nlinks: [{type: tracks, id: web-login}]",
        "Text.\nLess.\n\n<!-- qp:x-own -->\nraws\n\n<!-- qp:comment id=01kfn6tfn3n7h5b39ztztw7k01 at=2026-01-08T15:00:00.000Z by=bob -->\nfirst, edited\n\n<!-- qp:comment id=01kfn6tfn3n7h5b39ztztw7k02 at=2026-01-08T16:00:00.000Z by=eve -->\nsec\u{1b}[31mond\n",
    );
    let path = "issues/2/m/01kfn6tfn3n7h5b39ztztw7k2m.md";
    env.commit_file(path, Some(&old));
    env.commit_file(path, Some(&new));
    history!(
        env.qp(["log", "web-7k2m", "-n", "1"]),
        str![[r#"
COMMIT  2026-01-07 10:00 UTC  mallory  by hand
  labels +c -a
  assignee none → bob
  blocked_by -web-login
  links +tracks:web-login
  due_at 2026-02-01 00:00 UTC → none
  metadata.n 1 → 2
  metadata.s "x" → none
  metadata.t none → ["y"]
  x-mine 1 → 2
  description +1 -1 lines
  notes -1 line
  <!-- qp:x-own --> +1 -1 lines
  edited comment by bob +1 -1 lines
  comment by eve: sec␛[31mond
[stderr]
… and earlier ones: -n 0 shows all

"#]]
    );
    history!(
        env.qp(["log", "web-7k2m", "-n", "1", "-p"]),
        str![[r#"
COMMIT  2026-01-07 10:00 UTC  mallory  by hand
  labels +c -a
  assignee none → bob
  blocked_by -web-login
  links +tracks:web-login
  due_at 2026-02-01 00:00 UTC → none
  metadata.n 1 → 2
  metadata.s "x" → none
  metadata.t none → ["y"]
  x-mine 1 → 2
  description
    @@ -1,2 +1,2 @@
     Text.
    -More.
    +Less.
  notes
    @@ -1 +0,0 @@
    -n
  <!-- qp:x-own -->
    @@ -1 +1 @@
    -raw
    +raws
  edited comment by bob
    @@ -1 +1 @@
    -first
    +first, edited
  comment by eve
    @@ -0,0 +1 @@
    +sec␛[31mond
[stderr]
… and earlier ones: -n 0 shows all

"#]]
    );
}
