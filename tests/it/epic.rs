//! `qp epic`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

/// An epic in an epic, of which all but the closing is done; one with open work; and one without parts.
fn tracker() -> Env {
    let env = Env::new();
    let create = |args: &[&str]| drop(env.qp([&["create", "--quiet"], args].concat()).success());
    create(&["Outer", "--id", "web-outer", "-t", "epic", "-p", "1"]);
    create(&["Inner", "--id", "web-inner", "-t", "epic", "--parent", "web-outer"]);
    create(&["Part", "--id", "web-part", "--parent", "web-inner"]);
    create(&["Half", "--id", "web-half", "-t", "epic"]);
    create(&["Open part", "--id", "web-open", "--parent", "web-half"]);
    create(&["Done part", "--id", "web-done", "--parent", "web-half"]);
    create(&["Empty", "--id", "web-empty", "-t", "epic"]);
    create(&["No epic", "--id", "web-task"]);
    create(&["Part of a task", "--id", "web-sub", "--parent", "web-task"]);
    env.qp(["close", "web-part", "web-done", "web-sub"]).success();
    env
}

#[test]
fn how_far_epics_are() {
    let env = tracker();
    snapshot!(
        env.qp(["epic", "status"]),
        str![[r#"
web-outer  P1  epic  Outer  (0 of 1 closed)
web-inner  P2  epic  Inner  (1 of 1 closed: qp epic close-eligible)
web-half   P2  epic  Half  (1 of 2 closed)
web-empty  P2  epic  Empty  (no parts)

"#]]
    );
    snapshot!(
        env.qp(["epic", "status", "--eligible-only"]),
        str![[r#"
web-inner  P2  epic  Inner  (1 of 1 closed: qp epic close-eligible)

"#]]
    );
    let rows = env.json(["epic", "status", "--eligible-only"]);
    assert_eq!(rows[0]["epic"]["id"], "web-inner");
    assert_eq!(rows[0]["total_children"], 1);
    assert_eq!(rows[0]["closed_children"], 1);
    assert_eq!(rows[0]["eligible_for_close"], true);
    assert_eq!(env.json(["stats"])["summary"]["epics_eligible_for_closure"], 1);
    assert_eq!(env.qp(["epic"]).success().stdout, env.qp(["epic", "status"]).success().stdout);
}

#[test]
fn named_issues_need_not_be_open_epics() {
    let env = tracker();
    snapshot!(
        env.qp(["epic", "status", "web-task", "web-inner", "web-part"]),
        str![[r#"
web-inner  P2  epic  Inner  (1 of 1 closed: qp epic close-eligible)
web-part   P2  task  [closed] Part  (no parts)
web-task   P2  task  No epic  (1 of 1 closed: qp close web-task)

"#]]
    );
    env.qp(["epic", "status", "web-nobody"]).exits(3);
    env.qp(["close", "web-task"]).success();
    assert_eq!(env.json(["epic", "status", "web-task"])[0]["eligible_for_close"], false);
    snapshot!(
        env.qp(["epic", "status", "web-task", "--eligible-only"]),
        str![[r#"
[stderr]
none of 1 is open with all parts closed

"#]]
    );
}

#[test]
fn those_with_nothing_left_are_closed_by_one_commit() {
    let env = tracker();
    let before = env.git_out(&["rev-parse", "quipu-sync"]);
    snapshot!(
        env.qp(["epic", "close-eligible", "--dry-run"]),
        str![[r#"
would close web-inner: Inner
would close web-outer: Outer

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), before);
    snapshot!(
        env.qp(["epic", "close-eligible", "--json"]),
        str![[r#"
{
  "closed": [
    "web-inner",
    "web-outer"
  ],
  "count": 2,
  "skipped": [],
  "schema_version": 1
}

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync~1"]), before);
    assert_eq!(env.json(["show", "web-outer"])[0]["close_reason"], "All parts are closed");
    assert_eq!(env.json(["show", "web-half"])[0]["status"], "open");
    // Nothing is left to do, and nothing is written.
    let before = env.git_out(&["rev-parse", "quipu-sync"]);
    snapshot!(
        env.qp(["epic", "close-eligible"]),
        str![[r#"
[stderr]
no open epic has all parts closed

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), before);
    env.fsck();
}

/// What stands in the way of a close stands in the way here: it is named, and the others are closed.
#[test]
fn those_that_may_not_be_closed_stay_open() {
    let env = tracker();
    env.qp(["dep", "add", "web-outer", "web-empty"]).success();
    env.qp(["close", "web-open"]).success();
    env.qp_as("bob", ["claim", "web-half"]).success();
    snapshot!(
        env.qp(["epic", "close-eligible"]),
        str![[r#"
closed web-inner: Inner
[stderr]
stays open: web-outer has an open blocker: web-empty
stays open: web-half is claimed by bob (session bob) until 2026-01-07T12:13:00.000Z

"#]]
    );
    let run = env.qp_as("bob", ["epic", "close-eligible", "--json"]).success();
    assert_eq!(run.json()["closed"], serde_json::json!(["web-half"]));
    assert_eq!(run.json()["skipped"][0]["id"], "web-outer");
    env.qp(["epic", "close-eligible", "--at", "2026-01-07"]).exits(2);
}

/// An epic that waits for another epic is closed with it.
#[test]
fn an_epic_that_waits_for_such_an_epic() {
    let env = Env::new();
    let first = env.create(["First", "-t", "epic"]);
    let second = env.create(["Second", "-t", "epic", "--deps", &first]);
    let third = env.create(["Third", "-t", "epic"]);
    env.qp(["dep", "add", &first, &third]).success();
    for epic in [&first, &second, &third] {
        let part = env.create(["Part", "--parent", epic]);
        env.qp(["close", &part, "--force"]).success();
    }
    let closed = env.json(["epic", "close-eligible"]);
    assert_eq!(closed["closed"], serde_json::json!([third, first, second]));
    assert_eq!(closed["skipped"], serde_json::json!([]));
}

#[test]
fn the_close_can_be_sent_at_once() {
    let env = tracker();
    env.run_git(env.root(), &["init", "-q", "--bare", "hub.git"]);
    env.git_out(&["remote", "add", "origin", "../hub.git"]);
    env.qp(["sync"]).success();
    env.qp(["epic", "close-eligible", "--sync"]).success();
    let there = env.run_git(&env.root().join("hub.git"), &["rev-parse", "quipu-sync"]);
    assert_eq!(there, env.git_out(&["rev-parse", "quipu-sync"]));
    assert_eq!(env.json(["show", "web-outer"])[0]["status"], "closed");
    env.qp(["epic", "close-eligible", "--sync"]).success();
}
