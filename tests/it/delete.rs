//! `qp delete`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

#[test]
fn deleting_leaves_references_and_can_be_undone() {
    let env = Env::new();
    let a = env.create(["A", "--id", "web-a"]);
    let b = env.create(["B", "--id", "web-b", "--deps", &a]);
    env.create(["C", "--id", "web-c", "--parent", &a]);
    snapshot!(
        env.qp(["delete", &a]),
        str![[r#"
deleted web-a: A
[stderr]
still referred to by web-b, web-c
qp undo brings back what was deleted

"#]]
    );
    snapshot!(
        env.qp(["show", &a]),
        str![[r#"
[stderr]
error: web-a: give the whole key or at least four characters of its tail
hint: qp list shows the keys
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["show", &b, "--json"]),
        str![[r#"
[
  {
    "id": "web-b",
    "title": "B",
    "status": "open",
    "priority": 2,
    "issue_type": "task",
    "created_at": "2026-01-07T10:02:00.000Z",
    "created_by": "alice",
    "updated_at": "2026-01-07T10:02:00.000Z",
    "uid": "01kebyfxe0hzpv6hkfh9xr3ac9",
    "dependency_count": 0,
    "dependent_count": 0,
    "comment_count": 0,
    "rev": "fa4175fa538b780102a07c71aed01f6111456c76",
    "dependencies": [
      {
        "id": "01kebye2v0av7bzj26205zr7j2",
        "dependency_type": "blocks",
        "issue_id": "web-b",
        "depends_on_id": "01kebye2v0av7bzj26205zr7j2",
        "type": "blocks",
        "created_at": "2026-01-07T10:02:00.000Z"
      }
    ]
  }
]

"#]]
    );
    snapshot!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]),
        str![[r#"
delete web-a: A

"#]]
    );
    env.qp(["undo"]).success();
    snapshot!(
        env.qp(["show", &a, "--short"]),
        str![[r#"
web-a  P2  task  A

"#]]
    );
    env.fsck();
}

#[test]
fn documents() {
    let env = Env::new();
    for name in ["a", "b", "c", "d"] {
        env.create([format!("Issue {name}"), "--id".to_owned(), format!("web-{name}")]);
    }
    env.qp(["dep", "add", "web-a", "web-b", "web-c"]).success();
    snapshot!(
        env.qp(["delete", "web-a", "--json"]),
        str![[r#"
{
  "deleted": "web-a",
  "deleted_count": 1,
  "dependencies_removed": 2,
  "references_updated": 0,
  "referenced_by": [],
  "schema_version": 1
}

"#]]
    );
    env.qp(["dep", "add", "web-d", "web-b"]).success();
    snapshot!(
        env.qp(["delete", "web-b", "web-c", "--json"]),
        str![[r#"
{
  "deleted": [
    "web-b",
    "web-c"
  ],
  "deleted_count": 2,
  "dependencies_removed": 0,
  "references_updated": 0,
  "referenced_by": [
    "web-d"
  ],
  "schema_version": 1
}

"#]]
    );
}

#[test]
fn cascade_takes_the_parts_along() {
    let env = Env::new();
    let a = env.create(["A", "--id", "web-a"]);
    let b = env.create(["B", "--id", "web-b", "--parent", &a]);
    env.create(["C", "--id", "web-c", "--parent", &b]);
    env.create(["D", "--id", "web-d", "--deps", "web-c"]);
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    snapshot!(
        env.qp(["delete", &a, "--cascade", "--dry-run"]),
        str![[r#"
would delete web-a: A
would delete web-b: B
would delete web-c: C
[stderr]
still referred to by web-d

"#]]
    );
    snapshot!(
        env.qp(["delete", &a, "--cascade", "--dry-run", "--json"]),
        str![[r#"
{
  "deleted": [
    "web-a",
    "web-b",
    "web-c"
  ],
  "deleted_count": 3,
  "dependencies_removed": 2,
  "references_updated": 0,
  "referenced_by": [
    "web-d"
  ],
  "dry_run": true,
  "schema_version": 1
}

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
    snapshot!(
        env.qp(["delete", &a, "--cascade"]),
        str![[r#"
deleted web-a: A
deleted web-b: B
deleted web-c: C
[stderr]
still referred to by web-d
qp undo brings back what was deleted

"#]]
    );
    assert_eq!(env.json(["list"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn refusals_delete_nothing() {
    let env = Env::new();
    let a = env.create(["A"]);
    let b = env.create(["B"]);
    env.qp_as("bob", ["update", &b, "--claim"]).success();
    snapshot!(
        env.qp(["delete", &a, &b]),
        str![[r#"
[stderr]
error: web-3ac9 is claimed by bob (session bob) until 2026-01-07T12:03:00.000Z
hint: qp show web-3ac9
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["delete", &a, "web-0000"]),
        str![[r#"
[stderr]
error: no issue web-0000
hint: qp list shows the open ones, qp search 0000 looks in all 2
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["delete", &a, "null"]),
        str![[r#"
[stderr]
error: "null" is not a key: something before this command gave no issue
hint: qp list shows the keys
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["delete"]),
        str![[r#"
[stderr]
error: the following required arguments were not provided: <ID>...
hint: qp delete <ID>...
[exit 2]

"#]]
    );
    assert_eq!(env.json(["list"]).as_array().map(Vec::len), Some(2));
    env.qp(["delete", &b, "--force"]).success();
}

#[test]
fn keys_may_come_from_a_file() {
    let env = Env::new();
    let keys = [env.create(["A"]), env.create(["B"]), env.create(["C"])];
    let list = format!("# gone\n{}\n\n{}\n", keys[0], keys[1]);
    assert_eq!(env.qp_stdin(["delete", "--from-file", "-", "--json"], &list).json()["deleted_count"], 2);
    std::fs::write(env.repo().join("none.txt"), "# nothing\n").expect("a file");
    snapshot!(
        env.qp(["delete", "--from-file", "none.txt"]),
        str![[r#"
[stderr]
error: none.txt names no issue
[exit 2]

"#]]
    );
}
