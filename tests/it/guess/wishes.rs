//! Commands and flags that agents guess, counted in what users of other trackers reported: each does the one thing
//! it can mean, and none lands on an issue that nobody named.

use serde_json::{Value, json};

use super::{hint, tracker};

/// What is typed, a field of web-1out afterwards, and its value.
type Wish = (&'static [&'static str], &'static str, fn(&Value) -> Value);

const WRITES: &[Wish] = &[
    (&["close", "web-1out", "--comment", "text"], "close_reason", |_| json!("text")),
    (&["close", "web-1out", "-m", "text"], "close_reason", |_| json!("text")),
    (&["close", "web-1out", "--message", "text"], "close_reason", |_| json!("text")),
    (&["close", "web-1out", "--resolution", "text"], "close_reason", |_| json!("text")),
    (&["done", "web-1out"], "status", |_| json!("closed")),
    (&["comment", "web-1out", "text"], "comment_count", |_| json!(1)),
    (&["comment", "add", "web-1out", "text"], "comment_count", |_| json!(1)),
    (&["comments", "add", "web-1out", "text"], "comment_count", |_| json!(1)),
    (&["comment", "web-1out", "several", "words"], "comment_count", |_| json!(1)),
    (&["link", "web-1out", "web-2clk"], "dependency_count", |_| json!(1)),
    (&["dep", "web-2clk", "--blocks", "web-1out"], "dependency_count", |_| json!(1)),
    (&["dep", "add", "web-1out", "--blocked-by", "web-2clk"], "dependency_count", |_| json!(1)),
    (&["assign", "web-1out", "bob"], "assignee", |_| json!("bob")),
    (&["tag", "web-1out", "new"], "labels", |_| json!(["auth", "new"])),
    (&["label", "add", "web-1out", "new"], "labels", |_| json!(["auth", "new"])),
    (&["note", "web-1out", "text"], "notes", |_| json!("text")),
    (&["priority", "web-1out", "0"], "priority", |_| json!(0)),
    (&["priority", "web-1out", "P1"], "priority", |_| json!(1)),
    (&["update", "web-1out", "--state", "blocked"], "status", |_| json!("blocked")),
    (&["update", "web-1out", "--body", "text"], "description", |_| json!("text")),
    (&["update", "web-1out", "-m", "text"], "description", |_| json!("text")),
    (&["update", "web-1out", "--message", "text"], "description", |_| json!("text")),
    (&["update", "web-1out", "--append-notes", "text"], "notes", |_| json!("text")),
    (&["update", "web-1out", "--claim"], "assignee", |_| json!("alice")),
    (&["start", "web-1out"], "status", |_| json!("in_progress")),
    (&["take", "web-1out"], "status", |_| json!("in_progress")),
    (&["claim", "web-1out"], "status", |_| json!("in_progress")),
    (&["defer", "web-1out", "--until", "+2d"], "defer_until", |shown| {
        assert!(shown[0]["defer_until"].is_string());
        shown[0]["defer_until"].clone()
    }),
];

#[test]
fn what_is_guessed_is_done() {
    let env = tracker();
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    for (typed, field, value) in WRITES {
        let run = env.qp(*typed).success();
        let shown = env.json(["show", "web-1out"]);
        assert_eq!(shown[0][field], value(&shown), "{typed:?}: {run}");
        env.git_out(&["update-ref", "refs/heads/quipu-sync", tip.trim()]);
    }
}

#[test]
fn what_is_guessed_is_created() {
    let env = tracker();
    for typed in [
        &["create", "x", "--body", "text"][..],
        &["create", "x", "-m", "text"],
        &["create", "x", "--message", "text"],
        &["create", "--title", "x", "--description", "text"],
        &["new", "x", "-d", "text"],
        &["q", "x", "-d", "text"],
    ] {
        let run = env.qp([typed, &["--silent"]].concat()).success();
        let shown = env.json(["show", run.stdout.trim()]);
        assert_eq!(
            (&shown[0]["title"], &shown[0]["description"]),
            (&json!("x"), &json!("text")),
            "{typed:?}"
        );
    }
    let labelled = env.qp(["create", "x", "--label", "a", "--label", "b", "--silent"]).success();
    assert_eq!(env.json(["show", labelled.stdout.trim()])[0]["labels"], json!(["a", "b"]));
}

#[test]
fn what_is_guessed_is_read() {
    let env = tracker();
    let list = env.qp(["list"]).success().stdout;
    for typed in [
        &["ls"][..],
        &["list", "--state", "open"],
        &["list", "--status", "open"],
        &["list", "--format", "text"],
        &["list", "--flat"],
    ] {
        assert_eq!(env.qp(typed).success().stdout, list, "{typed:?}");
    }
    let json = env.qp(["list", "--json"]).success().stdout;
    for typed in [&["list", "--format", "json"][..], &["list", "--format=json"], &["--format", "json", "ls"]]
    {
        assert_eq!(env.qp(typed).success().stdout, json, "{typed:?}");
    }
    let show = env.qp(["show", "web-1out"]).success().stdout;
    for typed in
        [&["view", "web-1out"][..], &["show", "--id", "web-1out"], &["show", "1OUT"], &["show", "WEB-1out"]]
    {
        assert_eq!(env.qp(typed).success().stdout, show, "{typed:?}");
    }
    let comments = env.qp(["comments", "web-1out"]).success().to_string();
    for typed in [
        &["comment", "list", "web-1out"][..],
        &["comments", "list", "web-1out"],
        &["comment", "ls", "web-1out"],
    ] {
        assert_eq!(env.qp(typed).success().to_string(), comments, "{typed:?}");
    }
    assert_eq!(env.qp(["stats"]).success().stdout, env.qp(["status"]).success().stdout);
    assert_eq!(env.qp(["find", "clicks"]).success().stdout, env.qp(["search", "clicks"]).success().stdout);
}

#[test]
fn nothing_lands_on_an_issue_that_nobody_named() {
    let env = tracker();
    env.qp(["create", "a trap", "--id", "web-list"]).success();
    env.qp(["create", "another", "--id", "web-null"]).success();
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    for key in ["null", "undefined", "none", "nil", "", " ", "NULL", "1", "ut", "out", "web-", "-", "*", "%"]
    {
        for typed in [
            &["close", key][..],
            &["update", key, "-p", "0"],
            &["comment", key, "text"],
            &["note", key, "text"],
            &["assign", key, "bob"],
            &["priority", key, "0"],
            &["tag", key, "x"],
            &["claim", key],
            &["delete", key],
            &["rm", key],
            &["reopen", key],
            &["defer", key, "--until", "+1d"],
            &["label", "add", key, "x"],
            &["dep", "add", key, "web-1out"],
            &["dep", "add", "web-1out", key],
            &["duplicate", key, "--of", "web-1out"],
            &["done", key],
            &["start", key],
        ] {
            let run = env.qp(typed);
            assert!(run.code != 0 && run.stderr.lines().count() <= 6, "{typed:?}: {run}");
        }
    }
    for typed in [
        &["comment", "list", "web-1out", "text"][..],
        &["comments", "list", "web-1out", "text"],
        &["comment", "lits", "web-1out"],
        &["comments", "ad", "web-1out", "text"],
        &["dep", "list", "null"],
    ] {
        hint(&env.qp(typed));
    }
    env.qp(["comment", "list", "web-1out"]).success();
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
}
