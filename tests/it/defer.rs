//! `qp defer`, `undefer`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

#[test]
fn a_date_leaves_the_status_open_and_ends_by_itself() {
    let env = Env::new();
    let key = env.create(["Title"]);
    snapshot!(
        env.qp(["defer", &key, "--until", "2026-01-20T09:00:00Z"]),
        str![[r#"
deferred web-r7j2 until 2026-01-20 09:00 UTC: Title

"#]]
    );
    snapshot!(
        env.qp(["show", &key]),
        str![[r#"
web-r7j2: Title
open  P2  task
created: 2026-01-07 10:01 UTC by alice
updated: 2026-01-07 10:02 UTC
deferred until: 2026-01-20 09:00 UTC

"#]]
    );
    snapshot!(
        env.qp(["defer", &key, "--until", "2026-01-20T09:00:00Z"]),
        str![[r#"
deferred already web-r7j2 until 2026-01-20 09:00 UTC: Title

"#]]
    );
    snapshot!(
        env.qp(["list", "--deferred"]),
        str![[r#"
web-r7j2  P2  task  Title  (until 2026-01-20 09:00 UTC)

"#]]
    );
    env.pass(14 * 24 * 60 * 60 * 1000);
    snapshot!(
        env.qp(["list", "--deferred"]),
        str![[r#"
[stderr]
no issue fits; --all looks at closed ones too

"#]]
    );
}

#[test]
fn without_a_date_it_stays_away_until_brought_back() {
    let env = Env::new();
    let (a, b) = (env.create(["A"]), env.create(["B"]));
    snapshot!(
        env.qp(["defer", &a, &b]),
        str![[r#"
deferred web-r7j2: A
deferred web-3ac9: B

"#]]
    );
    snapshot!(
        env.qp(["defer", &a]),
        str![[r#"
deferred already web-r7j2: A

"#]]
    );
    snapshot!(
        env.qp(["list"]),
        str![[r#"
web-r7j2  P2  task  [deferred] A
web-3ac9  P2  task  [deferred] B

"#]]
    );
    snapshot!(
        env.qp(["undefer", &a]),
        str![[r#"
brought back web-r7j2: A

"#]]
    );
    snapshot!(
        env.qp(["undefer", &a]),
        str![[r#"
not deferred web-r7j2: A

"#]]
    );
    let documents = env.json(["defer", &b, "--until", "+2w"]);
    assert_eq!((&documents[0]["status"], documents.as_array().map(Vec::len)), (&"open".into(), Some(1)));
    let documents = env.json(["undefer", &b]);
    assert_eq!(documents[0]["defer_until"], serde_json::Value::Null);
}

#[test]
fn claims_are_given_back_and_respected() {
    let env = Env::new();
    let key = env.create(["Title"]);
    env.qp(["update", &key, "--claim"]).success();
    snapshot!(
        env.qp_as("bob", ["defer", &key, "--until", "+1d"]),
        str![[r#"
[stderr]
error: web-r7j2 is claimed by alice (session s1) until 2026-01-07T12:02:00.000Z
hint: qp show web-r7j2
[exit 6]

"#]]
    );
    env.qp(["defer", &key, "--until", "+1d"]).success();
    let issue = &env.json(["show", &key])[0];
    assert_eq!((&issue["status"], &issue["lease_expires_at"]), (&"open".into(), &serde_json::Value::Null));
}

#[test]
fn refusals() {
    let env = Env::new();
    let key = env.create(["Title"]);
    snapshot!(
        env.qp(["defer", &key, "--until", "someday"]),
        str![[r#"
[stderr]
error: "someday" is not a time
hint: use 2026-01-31, 2026-01-31T09:00:00Z, +2d, tomorrow or next monday
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["defer", &key, "--until", "2020-01-01T00:00:00Z"]),
        str![[r#"
deferred web-r7j2 until 2020-01-01 00:00 UTC: Title
[stderr]
warning: 2020-01-01 00:00 UTC is in the past: this puts nothing off

"#]]
    );
    env.qp(["close", &key]).success();
    snapshot!(
        env.qp(["defer", &key]),
        str![[r#"
[stderr]
error: web-r7j2 is closed
hint: qp reopen web-r7j2
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["undefer", &key]),
        str![[r#"
[stderr]
error: web-r7j2 is closed
hint: qp reopen web-r7j2
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["defer"]),
        str![[r#"
[stderr]
error: the following required arguments were not provided: <ID>...
hint: qp defer <ID>...
[exit 2]

"#]]
    );
}
