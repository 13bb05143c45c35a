//! Several issues at once: keys from standard input, keys in a row, and everything that a query selects.

use crate::env::Env;
use crate::snapshot;

fn scene() -> Env {
    let env = Env::new();
    for (key, label) in [("web-a1", "auth"), ("web-b2", "auth,wip"), ("web-c3", "ui")] {
        env.create([key, "--id", key, "-l", label]);
    }
    env
}

fn tip(env: &Env) -> String {
    env.git_out(&["rev-parse", "quipu-sync"])
}

fn field(env: &Env, key: &str, name: &str) -> String {
    env.json(["show", key])[0][name].to_string()
}

#[test]
fn a_query_changes_what_it_selects_in_one_commit() {
    let env = scene();
    let before = tip(&env);
    snapshot!(
        env.qp(["update", "label:auth", "-p", "0", "--all-matching", "--dry-run"]),
        "web-a1  P2  task  web-a1 #auth
web-b2  P2  task  web-b2 #auth #wip
[stderr]
2 issues are selected; without --dry-run they are changed
"
    );
    assert_eq!(tip(&env), before);
    snapshot!(
        env.qp(["update", "label:auth", "-p", "0", "--all-matching"]),
        "updated web-a1: web-a1\nupdated web-b2: web-b2\n"
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync~1"]), before);
    env.qp(["label", "add", "priority:0", "urgent", "--all-matching"]).success();
    env.qp(["tag", "priority:0", "first", "--all-matching"]).success();
    env.qp(["assign", "label:first -label:wip", "bob", "--all-matching"]).success();
    env.qp(["priority", "assignee:bob", "3", "--all-matching"]).success();
    assert_eq!(field(&env, "web-a1", "labels"), r#"["auth","first","urgent"]"#);
    assert_eq!(field(&env, "web-a1", "assignee"), r#""bob""#);
    assert_eq!(field(&env, "web-a1", "priority"), "3");
    assert_eq!(field(&env, "web-b2", "priority"), "0");
    env.qp(["defer", "label:first", "--until", "+2d", "--all-matching"]).success();
    env.qp(["undefer", "is:deferred", "--all-matching"]).success();
    env.qp(["close", "label:first", "-r", "done", "--all-matching"]).success();
    assert_eq!(env.json(["list", "is:closed"]).as_array().expect("rows").len(), 2);
}

#[test]
fn nothing_selected_is_nothing_changed() {
    let env = scene();
    let before = tip(&env);
    snapshot!(
        env.qp(["close", "label:none", "--all-matching"]),
        "[stderr]\nno issue fits: nothing is changed\n"
    );
    assert_eq!(env.json(["close", "label:none", "--all-matching"]), serde_json::json!([]));
    env.qp(["update", "", "-p", "1", "--all-matching"]).exits(2);
    env.qp(["update", "web-a1", "-p", "1", "--dry-run"]).exits(2);
    env.qp(["update", "lable:x", "-p", "1", "--all-matching"]).exits(2);
    env.qp_stdin(["close", "label:ui", "--stdin", "--all-matching"], "web-a1").exits(2);
    assert_eq!(tip(&env), before);
}

#[test]
fn a_query_alone_is_refused() {
    let env = scene();
    let before = tip(&env);
    snapshot!(
        env.qp(["update", "is:open", "label:auth", "-p", "1"]),
        "[stderr]
error: \"is:open\" is a query, not a key
hint: qp update 'is:open label:auth' … --all-matching; --dry-run shows what it selects
[exit 2]
"
    );
    snapshot!(
        env.qp(["show", "is:open"]),
        "[stderr]\nerror: \"is:open\" is a query, not a key\nhint: qp list 'is:open' --long\n[exit 2]\n"
    );
    let commands: [&[&str]; 9] = [
        &["close", "@mine"],
        &["reopen", "is:closed"],
        &["delete", "is:open"],
        &["defer", "is:open"],
        &["undefer", "is:deferred"],
        &["label", "add", "is:open", "x"],
        &["tag", "is:open", "x"],
        &["assign", "is:open", "bob"],
        &["claim", "is:ready"],
    ];
    for command in commands {
        let run = env.qp(command.iter().copied()).exits(2);
        assert!(run.stderr.contains("is a query, not a key"), "{command:?}: {run}");
    }
    assert_eq!(tip(&env), before);
}

#[test]
fn keys_come_from_standard_input() {
    let env = scene();
    let keys = "# what is left\nweb-a1 web-b2 # both\n\nweb-a1,web-c3\n";
    let lines = |run: crate::env::Run| run.success().stdout.lines().count();
    assert_eq!(lines(env.qp_stdin(["update", "--stdin", "-p", "1"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["label", "add", "x", "--stdin"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["label", "add", "web-a1", "y", "--stdin"], "web-b2")), 2);
    assert_eq!(lines(env.qp_stdin(["label", "remove", "x", "--stdin"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["tag", "z", "--stdin"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["assign", "bob", "--stdin"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["priority", "0", "--stdin"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["defer", "--stdin", "--until", "+2d"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["undefer", "--stdin"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["claim", "--stdin", "--as", "bob"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["renew", "--stdin", "--as", "bob"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["release", "--stdin", "--as", "bob"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["show", "--short", "--stdin"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["close", "--stdin"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["reopen", "--stdin"], keys)), 3);
    assert_eq!(lines(env.qp_stdin(["delete", "--stdin"], keys)), 3);
    // With a key it is the description that is read, as ever.
    env.create(["One", "--id", "web-d4"]);
    env.qp_stdin(["update", "web-d4", "--stdin"], "web-a1").success();
    assert_eq!(field(&env, "web-d4", "description"), r#""web-a1""#);
}

#[test]
fn standard_input_without_keys_is_refused() {
    let env = scene();
    let before = tip(&env);
    for text in ["", "\n", "# nothing\n", " , \n"] {
        let run = env.qp_stdin(["close", "--stdin"], text).exits(2);
        assert!(run.stderr.contains("names no issue"), "{run}");
    }
    env.qp_stdin(["close", "--stdin"], "null").exits(2);
    env.qp_stdin(["close", "--stdin"], "web-a1 web-none").exits(3);
    assert_eq!(tip(&env), before);
}

#[test]
fn several_keys_in_a_row() {
    let env = scene();
    env.qp(["assign", "web-a1", "web-b2", "bob"]).success();
    env.qp(["priority", "web-a1", "web-b2", "p0"]).success();
    env.qp(["tag", "web-a1,web-b2", "x", "y"]).success();
    env.qp(["note", "web-a1,web-b2", "a note"]).success();
    env.qp(["update", "web-a1,web-c3", "--add-label", "z"]).success();
    for (name, value) in [("assignee", r#""bob""#), ("priority", "0"), ("notes", r#""a note""#)] {
        assert_eq!([field(&env, "web-a1", name), field(&env, "web-b2", name)], [value, value]);
    }
    assert_eq!(field(&env, "web-a1", "labels"), r#"["auth","x","y","z"]"#);
}

#[test]
fn a_key_is_not_taken_for_a_label_or_a_name() {
    let env = scene();
    let before = tip(&env);
    snapshot!(
        env.qp(["tag", "web-a1", "web-b2", "x"]),
        "[stderr]
error: \"web-b2\" is the key of an issue, and could be a label
hint: qp tag web-a1,web-b2 x; for a label of that name: qp update web-a1 --add-label web-b2
[exit 2]
"
    );
    env.qp(["assign", "web-a1", "web-b2"]).exits(2);
    env.qp(["assign", "web-a1"]).exits(2);
    env.qp(["priority", "web-a1"]).exits(2);
    env.qp(["label", "add", "x"]).exits(2);
    assert_eq!(tip(&env), before);
}
