//! `qp config`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

#[test]
fn all_settings_with_their_origin() {
    let env = Env::new();
    snapshot!(env.qp(["config"]), str![[r#""#]]);
    env.git_out(&["config", "quipu.claim.sync", "true"]);
    env.git_out(&["config", "quipu.remote", "up"]);
    env.commit_file(
        "quipu.yml",
        Some("format: 1\nprefix: web\n# a remark\nprefixes: [old, web]\ntheirs: {a: 1}\n"),
    );
    snapshot!(env.qp(["config", "list"]), str![[r#""#]]);
    let rows = env.json(["config", "list"]);
    assert_eq!(rows[3]["key"], "theirs");
    assert_eq!(rows[6]["origin"], "git config quipu.claim.sync");
    let run = env.qp_in(
        &env.repo(),
        ["config", "get", "quipu.branch", "--json"],
        &[("QP_BRANCH", "quipu-sync")],
        "",
    );
    assert_eq!(run.json()["origin"], "QP_BRANCH");
}

#[test]
fn the_prefix_changes_and_old_keys_resolve() {
    let env = Env::new();
    let key = env.create(["One"]);
    snapshot!(env.qp(["config", "set", "prefix", "app"]), str![[r#""#]]);
    snapshot!(env.qp(["config", "set", "issue_prefix", "app-"]), str![[r#""#]]);
    snapshot!(env.qp(["config", "get", "prefixes"]), str![[r#""#]]);
    snapshot!(env.qp(["config", "get", "prefix", "--json"]), str![[r#""#]]);
    assert!(env.json(["show", &key])[0]["id"].as_str().is_some_and(|id| id.starts_with("app-")));
    env.qp(["undo"]).success();
    assert_eq!(env.qp(["config", "get", "prefix"]).stdout, "web\n");
    assert_eq!(env.qp(["config", "get", "prefixes"]).stdout, "app, web\n");
    env.qp(["config", "set", "prefix", "Not A Prefix"]).exits(5);
    env.fsck();
}

#[test]
fn what_is_not_written_here_is_answered_with_the_command() {
    let env = Env::new();
    let config = std::fs::read(env.repo().join(".git/config")).expect("the configuration");
    snapshot!(env.qp(["config", "set", "quipu.remote", "my remote"]), str![[r#""#]]);
    snapshot!(env.qp(["config", "set", "branch", "tracker"]), str![[r#""#]]);
    snapshot!(env.qp(["config", "unset", "quipu.claim.sync"]), str![[r#""#]]);
    snapshot!(env.qp(["config", "set", "prefx", "app"]), str![[r#""#]]);
    snapshot!(env.qp(["config", "get", "nonsense"]), str![[r#""#]]);
    snapshot!(env.qp(["config", "unset", "prefix"]), str![[r#""#]]);
    snapshot!(env.qp(["config", "set", "format", "2"]), str![[r#""#]]);
    snapshot!(env.qp(["config", "set", "prefixes", "a"]), str![[r#""#]]);
    assert_eq!(std::fs::read(env.repo().join(".git/config")).expect("the configuration"), config);
}

#[test]
fn what_another_version_put_there_can_be_taken_out() {
    let env = Env::new();
    env.commit_file("quipu.yml", Some("format: 1\nprefix: web\nprefixes: [web]\ntheirs: 1\nother: 2\n"));
    assert_eq!(env.qp(["config", "get", "theirs"]).stdout, "1\n");
    snapshot!(env.qp(["config", "unset", "thers"]), str![[r#""#]]);
    snapshot!(env.qp(["config", "unset", "theirs"]), str![[r#""#]]);
    let text = env.git_out(&["show", "quipu-sync:quipu.yml"]);
    assert!(text.contains("other: 2") && !text.contains("theirs"), "{text}");
}

#[test]
fn without_a_tracker_the_settings_of_the_clone_are_left() {
    let env = Env::git();
    assert_eq!(env.json(["config", "list"]).as_array().map(Vec::len), Some(3));
    env.qp(["config", "get", "prefix"]).exits(9);
    env.qp(["config", "set", "prefix", "web"]).exits(9);
    let bare = Env::bare();
    bare.qp_in(bare.root(), ["config"], &[], "").exits(9);
}

#[test]
fn commands_that_are_looked_for_say_what_to_do() {
    let env = Env::new();
    snapshot!(env.qp(["onboard"]), str![[r#""#]]);
    snapshot!(env.qp(["human"]), str![[r#""#]]);
    snapshot!(env.qp(["hooks", "install", "--force"]), str![[r#""#]]);
    snapshot!(env.qp(["human", "list", "--json"]), str![[r#""#]]);
    let bare = Env::bare();
    for command in ["onboard", "human", "hooks"] {
        bare.qp_in(bare.root(), [command], &[], "").success();
    }
}
