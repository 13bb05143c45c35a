//! `qp duplicate`, `supersede`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

#[test]
fn several_are_closed_for_one() {
    let env = Env::new();
    let [whole, part, stays] = ["whole", "part", "stays"].map(|name| format!("web-{name}"));
    env.create(["Whole", "--id", &whole]);
    env.create(["Part", "--id", &part, "--parent", &whole]);
    env.create(["Stays", "--id", &stays]);
    env.qp(["duplicate", &whole, "--of", &stays]).exits(6);
    let before = env.git_out(&["rev-parse", "quipu-sync"]);
    env.qp(["duplicate", &whole, &part, &stays, "--of", &stays]).exits(2);
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), before, "all, or none");
    snapshot!(
        env.qp(["duplicate", &whole, &part, "--of", &stays]),
        str![[r#"
closed web-whole: Whole (duplicate of web-stays)
closed web-part: Part (duplicate of web-stays)

"#]]
    );
    snapshot!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]),
        str![[r#"
duplicate 2 issues: web-whole, web-part

"#]]
    );
    let both = env.json(["supersede", &whole, &part, "--with", &stays]);
    assert_eq!(both.as_array().map(Vec::len), Some(2));
    assert_eq!(both[1]["superseded"], part);
}

#[test]
fn the_first_is_closed_for_the_second() {
    let env = Env::new();
    let (a, b) = (env.create(["A", "--id", "web-a"]), env.create(["B", "--id", "web-b"]));
    env.create(["Waits", "--deps", &a]);
    snapshot!(
        env.qp(["duplicate", &a, "--of", &b]),
        str![[r#"
closed web-a: A (duplicate of web-b)
[stderr]
web-hc1g waited for web-a and does not wait for web-b; where it should: qp dep add web-hc1g web-b

"#]]
    );
    snapshot!(
        env.qp(["show", &a]),
        str![[r#"
web-a: A
closed  P2  task
created: 2026-01-07 10:01 UTC by alice
updated: 2026-01-07 10:04 UTC
closed: 2026-01-07 10:04 UTC by alice: Duplicate of web-b
duplicate of: web-b
blocks: web-hc1g [open] Waits

"#]]
    );
    snapshot!(
        env.qp(["duplicate", &a, "--of", &b]),
        str![[r#"
closed already web-a: A (duplicate of web-b)

"#]]
    );
    snapshot!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]),
        str![[r#"
duplicate web-a: duplicate of web-b

"#]]
    );
    let c = env.create(["C", "--id", "web-c"]);
    snapshot!(
        env.qp(["supersede", &c, "--with", &b, "--json"]),
        str![[r#"
{
  "superseded": "web-c",
  "replacement": "web-b",
  "status": "closed",
  "schema_version": 1
}

"#]]
    );
    snapshot!(
        env.qp(["show", &c]),
        str![[r#"
web-c: C
closed  P2  task
created: 2026-01-07 10:07 UTC by alice
updated: 2026-01-07 10:08 UTC
closed: 2026-01-07 10:08 UTC by alice: Superseded by web-b
superseded by: web-b

"#]]
    );
    env.qp(["reopen", &c]).success();
    assert_eq!(env.json(["show", &c])[0]["superseded_by"], serde_json::Value::Null);
    env.fsck();
}

#[test]
fn open_blockers_do_not_keep_a_duplicate_open_but_parts_and_claims_do() {
    let env = Env::new();
    let blocker = env.create(["Blocker"]);
    let a = env.create(["A", "--id", "web-a", "--deps", &blocker]);
    let b = env.create(["B", "--id", "web-b"]);
    let part = env.create(["Part", "--parent", &a]);
    snapshot!(
        env.qp(["duplicate", &a, "--of", &b]),
        str![[r#"
[stderr]
error: web-a has an open child: web-edqr
hint: qp children web-a
[exit 6]

"#]]
    );
    env.qp(["close", &part, "--force"]).success();
    env.qp_as("bob", ["update", &a, "--claim"]).success();
    snapshot!(
        env.qp(["supersede", &a, "--with", &b]),
        str![[r#"
[stderr]
error: web-a is claimed by bob (session bob) until 2026-01-07T12:07:00.000Z
hint: qp show web-a
[exit 6]

"#]]
    );
    env.qp_as("bob", ["supersede", &a, "--with", &b]).success();
    let issue = &env.json(["show", &a])[0];
    assert_eq!((&issue["status"], &issue["closed_by"]), (&"closed".into(), &"bob".into()));
}

#[test]
fn circles_are_refused() {
    let env = Env::new();
    for name in ["a", "b", "c"] {
        env.create([format!("Issue {name}"), "--id".to_owned(), format!("web-{name}")]);
    }
    snapshot!(
        env.qp(["duplicate", "web-a", "--of", "web-a"]),
        str![[r#"
[stderr]
error: web-a cannot stand for itself
hint: name the issue that stays open as the other one
[exit 2]

"#]]
    );
    env.qp(["duplicate", "web-a", "--of", "web-b"]).success();
    env.qp(["supersede", "web-b", "--with", "web-c"]).success();
    snapshot!(
        env.qp(["duplicate", "web-c", "--of", "web-a"]),
        str![[r#"
[stderr]
error: web-b is itself closed for the sake of web-c
hint: qp show web-a
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["duplicate", "web-c"]),
        str![[r#"
[stderr]
error: the following required arguments were not provided: --of <ID>
hint: qp duplicate --of <ID> <ID>...
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["duplicate", "web-c", "--of", "null"]),
        str![[r#"
[stderr]
error: "null" is not a key: something before this command gave no issue
hint: qp list shows the keys
[exit 2]

"#]]
    );
}
