//! `qp search`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

fn some() -> Env {
    let env = Env::new();
    env.create(["Fix the idle timer", "--id", "web-a", "-l", "auth", "-p", "3"]);
    env.create(["Migrate", "-d", "The Timer table moves.", "--id", "web-b", "-p", "0", "-t", "chore"]);
    env.create(["Old timer", "--id", "web-c", "-p", "0"]);
    env.create(["Talk", "--id", "web-d", "--notes", "idle words", "--design", "idle sketch"]);
    env.create(["Label only", "--id", "web-e", "-l", "idle-team"]);
    env.qp(["comment", "web-d", "about the TIMER"]).success();
    env.qp(["close", "web-c"]).success();
    env
}

#[test]
fn titles_come_first_and_closed_issues_last() {
    let env = some();
    snapshot!(
        env.qp(["search", "timer"]),
        str![[r#"
web-a  P3  task   Fix the idle timer #auth
web-b  P0  chore  Migrate  (in description)
web-d  P2  task   Talk  (in comment)
web-c  P0  task   [closed] Old timer

"#]]
    );
    snapshot!(
        env.qp(["search", "timer", "--sort", "priority"]),
        str![[r#"
web-b  P0  chore  Migrate  (in description)
web-c  P0  task   [closed] Old timer
web-d  P2  task   Talk  (in comment)
web-a  P3  task   Fix the idle timer #auth

"#]]
    );
    snapshot!(
        env.qp(["search", "timer", "--sort", "oldest", "--reverse", "-n", "2"]),
        str![[r#"
web-d  P2  task  Talk  (in comment)
web-c  P0  task  [closed] Old timer
[stderr]
… 2 more: --limit 0 shows all

"#]]
    );
}

#[test]
fn all_words_must_occur_anywhere() {
    let env = some();
    snapshot!(
        env.qp(["search", "IDLE", "timer"]),
        str![[r#"
web-a  P3  task  Fix the idle timer #auth
web-d  P2  task  Talk  (in design, notes, comment)

"#]]
    );
    snapshot!(
        env.qp(["search", "idle timer words"]),
        str![[r#"
web-d  P2  task  Talk  (in design, notes, comment)

"#]]
    );
    snapshot!(
        env.qp(["search", "idle"]),
        str![[r#"
web-a  P3  task  Fix the idle timer #auth
web-d  P2  task  Talk  (in design, notes)
web-e  P2  task  Label only #idle-team  (in label)

"#]]
    );
    snapshot!(
        env.qp(["search", "nowhere"]),
        str![[r#"
[stderr]
nothing found in 5 issues

"#]]
    );
    snapshot!(
        env.qp(["search", " "]),
        str![[r#"
[stderr]
error: search for what?
hint: qp search WORD
[exit 2]

"#]]
    );
}

#[test]
fn keys_are_found_whole_or_by_their_tail() {
    let env = some();
    let key = env.create(["Derived"]);
    let tail = key.strip_prefix("web-").expect("the prefix");
    assert_eq!(env.json(["search", tail])[0]["matched_in"], serde_json::json!(["key"]));
    assert_eq!(env.json(["search", &key.to_uppercase()])[0]["id"], key.as_str());
    assert_eq!(env.json(["search", "web"]), serde_json::json!([]));
    let uid = env.json(["show", &key])[0]["uid"].as_str().expect("an id").to_owned();
    assert_eq!(env.json(["search", &uid])[0]["id"], key.as_str());
}

#[test]
fn filters() {
    let env = some();
    snapshot!(
        env.qp(["search", "timer", "--status", "open"]),
        str![[r#"
web-a  P3  task   Fix the idle timer #auth
web-b  P0  chore  Migrate  (in description)
web-d  P2  task   Talk  (in comment)

"#]]
    );
    snapshot!(
        env.qp(["search", "timer", "-s", "closed"]),
        str![[r#"
web-c  P0  task  [closed] Old timer

"#]]
    );
    snapshot!(
        env.qp(["search", "timer", "-t", "chore"]),
        str![[r#"
web-b  P0  chore  Migrate  (in description)

"#]]
    );
    snapshot!(
        env.qp(["search", "timer", "-l", "auth"]),
        str![[r#"
web-a  P3  task  Fix the idle timer #auth

"#]]
    );
    snapshot!(
        env.qp(["search", "timer", "--desc-contains", "table"]),
        str![[r#"
web-b  P0  chore  Migrate  (in description)

"#]]
    );
    snapshot!(
        env.qp(["search", "idle", "--notes-contains", "words"]),
        str![[r#"
web-d  P2  task  Talk  (in design, notes)

"#]]
    );
    snapshot!(
        env.qp(["search", "timer", "-s", "done"]),
        str![[r#"
[stderr]
error: unknown status "done"
hint: qp search timer -s closed
[exit 5]

"#]]
    );
}

#[test]
fn documents() {
    let env = some();
    snapshot!(
        env.qp(["search", "timer", "idle", "--json"]),
        str![[r#"
[
  {
    "id": "web-a",
    "title": "Fix the idle timer",
    "status": "open",
    "priority": 3,
    "issue_type": "task",
    "labels": [
      "auth"
    ],
    "created_at": "2026-01-07T10:01:00.000Z",
    "created_by": "alice",
    "updated_at": "2026-01-07T10:01:00.000Z",
    "uid": "01kebye2v0av7bzj26205zr7j2",
    "dependency_count": 0,
    "dependent_count": 0,
    "comment_count": 0,
    "matched_in": [
      "title"
    ]
  },
  {
    "id": "web-d",
    "title": "Talk",
    "status": "open",
    "priority": 2,
    "issue_type": "task",
    "created_at": "2026-01-07T10:04:00.000Z",
    "created_by": "alice",
    "updated_at": "2026-01-07T10:06:00.000Z",
    "uid": "01kebykjm0rddc15sh9p9sedqr",
    "dependency_count": 0,
    "dependent_count": 0,
    "comment_count": 1,
    "matched_in": [
      "design",
      "notes",
      "comment"
    ]
  }
]

"#]]
    );
    let found = env.json(["search", "table", "--full"]);
    assert_eq!(found[0]["description"], "The Timer table moves.");
}
