//! `qp check`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

#[test]
fn holds_or_says_what_does_not() {
    let env = Env::new();
    let (one, two) = (env.create(["One", "-l", "release"]), env.create(["Two", "-l", "release"]));
    let three = env.create(["Three", "--deps", &two]);
    env.qp(["close", &one]).success();
    env.qp_as("bob", ["claim", &two]).success();
    snapshot!(
        env.qp(["check", &one]),
        str![[r#"
[stderr]
1 checked: closed

"#]]
    );
    snapshot!(
        env.qp(["check", "-l", "release"]),
        str![[r#"
web-3ac9  P2  task  [in_progress] Two #release @bob  (claimed by bob until 2026-01-07T12:05:00.000Z)
[stderr]
1 of 2 not closed
[exit 1]

"#]]
    );
    snapshot!(
        env.qp(["check", "-l", "release", "--is", "closed,claimed"]),
        str![[r#"
[stderr]
2 checked: closed or claimed

"#]]
    );
    snapshot!(
        env.qp(["check", &one, &two, &three, "--is", "ready"]),
        str![[r#"
web-r7j2  P2  task  [closed] One #release  (closed)
web-3ac9  P2  task  [in_progress] Two #release @bob  (claimed by bob until 2026-01-07T12:05:00.000Z)
web-hc1g  P2  task  Three  (blocked by web-3ac9 "Two" (in_progress))
[stderr]
3 of 3 not ready
[exit 1]

"#]]
    );
    snapshot!(
        env.qp(["check", &three, "--is", "blocked"]),
        str![[r#"
[stderr]
1 checked: blocked

"#]]
    );
    snapshot!(
        env.qp(["check", &three, "--is", "open"]),
        str![[r#"
[stderr]
1 checked: open

"#]]
    );
    snapshot!(
        env.qp(["check", &two, "--is", "open", "--quiet"]),
        str![[r#"
web-3ac9  P2  task  [in_progress] Two #release @bob  (claimed by bob until 2026-01-07T12:05:00.000Z)
[exit 1]

"#]]
    );
}

#[test]
fn as_a_document() {
    let env = Env::new();
    let (one, two) = (env.create(["One"]), env.create(["Two"]));
    env.qp(["close", &one]).success();
    snapshot!(
        env.qp(["check", &one, "--json"]),
        str![[r#"
{
  "ok": true,
  "checked": 1,
  "is": [
    "closed"
  ],
  "failing": [],
  "schema_version": 1
}
[stderr]
1 checked: closed

"#]]
    );
    snapshot!(
        env.qp(["check", &one, &two, "--json"]),
        str![[r#"
{
  "ok": false,
  "checked": 2,
  "is": [
    "closed"
  ],
  "failing": [
    {
      "id": "web-3ac9",
      "title": "Two",
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
      "state": "ready",
      "reason": "ready"
    }
  ],
  "schema_version": 1
}
[stderr]
1 of 2 not closed
[exit 1]

"#]]
    );
}

#[test]
fn a_mistake_does_not_pass() {
    let env = Env::new();
    env.create(["One"]);
    snapshot!(
        env.qp(["check", "-l", "relaese"]),
        str![[r#"
[stderr]
error: the selection finds no issue
hint: --allow-empty, if that is as it should be
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["check", "-l", "relaese", "--json"]),
        str![[r#"
[stderr]
{"error":"the selection finds no issue","code":"nothing_selected","exit":3,"hint":"--allow-empty, if that is as it should be"}
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["check", "-l", "relaese", "--allow-empty"]),
        str![[r#"
[stderr]
0 checked: closed

"#]]
    );
    snapshot!(
        env.qp(["check", "web-zzzz"]),
        str![[r#"
[stderr]
error: no issue web-zzzz
hint: qp list shows the open ones, qp search zzzz looks in all 1
[exit 3]

"#]]
    );
}

#[test]
fn what_is_checked_must_be_said() {
    let env = Env::new();
    let key = env.create(["One"]);
    snapshot!(
        env.qp(["check"]),
        str![[r#"
[stderr]
error: nothing to check
hint: qp check ID, or qp check --label LABEL
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["check", "--is", "closed"]),
        str![[r#"
[stderr]
error: nothing to check
hint: qp check ID, or qp check --label LABEL
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["check", &key, "-l", "release"]),
        str![[r#"
[stderr]
error: keys and a selection were given
hint: leave out one of them
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["check", &key, "--is", "done"]),
        str![[r#"
[stderr]
error: unknown status "done"
hint: qp check web-r7j2 --is closed
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["check", &key, "--is", ""]),
        str![[r#"
[stderr]
error: --is names no state
hint: --is closed
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["check", ""]),
        str![[r#"
[stderr]
error: "" is not a key: something before this command gave no issue
hint: qp list shows the keys
[exit 2]

"#]]
    );
}
