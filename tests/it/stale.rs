//! `qp stale`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

const DAY: i64 = 24 * 60 * 60 * 1000;

fn tracker() -> Env {
    let env = Env::new();
    let create = |args: &[&str]| drop(env.qp([&["create", "--quiet"], args].concat()).success());
    create(&["Oldest", "--id", "web-a"]);
    create(&["Touched", "--id", "web-b"]);
    create(&["Put off", "--id", "web-c", "--defer", "2027-01-01"]);
    create(&["Closed", "--id", "web-d"]);
    create(&["Put off for good", "--id", "web-e", "--defer", "2026-01-20"]);
    env.qp(["update", "web-e", "--status", "deferred"]).success();
    env.qp(["close", "web-d"]).success();
    env.pass(40 * DAY);
    env.qp(["note", "web-b", "looked at"]).success();
    create(&["New", "--id", "web-f"]);
    env
}

#[test]
fn the_longest_untouched_first() {
    let env = tracker();
    snapshot!(
        env.qp(["stale"]),
        str![[r#"
web-a  P2  task  Oldest  (unchanged for 40d)
web-e  P2  task  [deferred] Put off for good  (unchanged for 40d)

"#]]
    );
    env.pass(10 * DAY);
    snapshot!(
        env.qp(["stale", "-d", "7", "-n", "2"]),
        str![[r#"
web-a  P2  task  Oldest  (unchanged for 50d)
web-e  P2  task  [deferred] Put off for good  (unchanged for 50d)
[stderr]
… 2 more: --limit 0 shows all

"#]]
    );
    let ids = |args: &[&str]| -> Vec<String> {
        let rows = env.json([&["stale"], args].concat());
        rows.as_array()
            .expect("an array")
            .iter()
            .map(|row| row["id"].as_str().expect("a key").to_owned())
            .collect()
    };
    assert_eq!(ids(&["--status", "deferred"]), ["web-e"]);
    assert_eq!(ids(&["--deferred"]), ["web-c"]);
    assert_eq!(ids(&["--status", "closed"]), ["web-d"]);
    assert_eq!(ids(&["--days", "100"]), [""; 0]);
}

#[test]
fn nothing_is_said_to_be_nothing() {
    let env = Env::new();
    snapshot!(
        env.qp(["stale"]),
        str![[r#"
[stderr]
nothing has been unchanged for 30 days

"#]]
    );
    assert_eq!(env.qp(["stale", "--json", "--quiet"]).success().to_string(), "[]\n");
    snapshot!(
        env.qp(["stale", "--updated-before", "2026-01-01"]),
        str![[r#"
[stderr]
error: --days says when an issue was last changed
hint: qp stale --days 30
[exit 2]

"#]]
    );
}
