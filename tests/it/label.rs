//! `qp label`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

#[test]
fn adding_and_removing() {
    let env = Env::new();
    let (a, b) = (env.create(["A", "-l", "old"]), env.create(["B"]));
    snapshot!(
        env.qp(["label", "add", &a, "backend"]),
        str![[r#"
added web-r7j2: backend

"#]]
    );
    snapshot!(
        env.qp(["label", "add", &a, &b, "backend,urgent"]),
        str![[r#"
there already web-r7j2: backend
added web-r7j2: urgent
added web-3ac9: backend
added web-3ac9: urgent

"#]]
    );
    snapshot!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]),
        str![[r#"
label backend, urgent on 2 issues: web-r7j2, web-3ac9

"#]]
    );
    snapshot!(
        env.qp(["label", "remove", &a, &b, "old"]),
        str![[r#"
removed web-r7j2: old
not there web-3ac9: old

"#]]
    );
    snapshot!(
        env.qp(["label", "rm", &a, "urgent", "--json"]),
        str![[r#"
[
  {
    "issue_id": "web-r7j2",
    "label": "urgent",
    "status": "removed"
  }
]

"#]]
    );
    snapshot!(
        env.qp(["label", "add", &a, "backend", "--json"]),
        str![[r#"
[
  {
    "issue_id": "web-r7j2",
    "label": "backend",
    "status": "exists"
  }
]

"#]]
    );
    env.fsck();
}

#[test]
fn lists() {
    let env = Env::new();
    let a = env.create(["A", "-l", "backend,área"]);
    let b = env.create(["B", "-l", "backend"]);
    let c = env.create(["C"]);
    env.qp(["close", &b]).success();
    snapshot!(
        env.qp(["label", "list", &a]),
        str![[r#"
backend
área

"#]]
    );
    snapshot!(
        env.qp(["label", "list", &a, "--json"]),
        str![[r#"
[
  "backend",
  "área"
]

"#]]
    );
    snapshot!(
        env.qp(["label", "list", &c]),
        str![[r#"
[stderr]
no labels on web-hc1g

"#]]
    );
    assert_eq!(env.json(["label", "list", &c]), serde_json::json!([]));
    snapshot!(
        env.qp(["label", "list-all"]),
        str![[r#"
backend  2
área     1

"#]]
    );
    snapshot!(
        env.qp(["label", "list-all", "--json"]),
        str![[r#"
[
  {
    "label": "backend",
    "count": 2
  },
  {
    "label": "área",
    "count": 1
  }
]

"#]]
    );
    let env = Env::new();
    snapshot!(
        env.qp(["label", "list-all"]),
        str![[r#"
[stderr]
no issue has a label

"#]]
    );
}

#[test]
fn slips_are_explained() {
    let env = Env::new();
    let key = env.create(["A"]);
    snapshot!(
        env.qp(["label", "add", &key, "backend", "urgent"]),
        str![[r#"
[stderr]
error: no issue backend
hint: several labels are separated by commas: qp label add web-r7j2 backend,urgent
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["label", "add", "web-0000", "urgent"]),
        str![[r#"
[stderr]
error: no issue web-0000
hint: qp list shows the open ones, qp search 0000 looks in all 1
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["label", "add", &key]),
        str![[r#"
[stderr]
error: "web-r7j2" is the issue or the label; the other is missing
hint: qp label add ID LABELS
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["label", "add", &key, ""]),
        str![[r#"
[stderr]
error: the label is empty
hint: qp label add ID LABELS
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["label", "add", &key, "two\nlines"]),
        str![[r#"
[stderr]
error: "two\nlines" is not a label: one line of at most 100 characters
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["label"]),
        str![[r#"
[stderr]
error: add, remove, list, list-all or propagate?
hint: qp label add ID LABEL, or qp label list-all
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["label", &key, "x"]),
        str![[r#"
[stderr]
error: unrecognized subcommand 'web-r7j2'
hint: qp label add web-r7j2 x
[exit 2]

"#]]
    );
    assert_eq!(env.json(["label", "list", &key]), serde_json::json!([]));
}
