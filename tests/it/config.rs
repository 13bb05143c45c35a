//! `qp config`

use snapbox::str;

use crate::called::run_as;
use crate::env::Env;
use crate::snapshot;

#[test]
fn all_settings_with_their_origin() {
    let env = Env::new();
    snapshot!(
        env.qp(["config"]),
        str![[r#"
prefix                web         (quipu.yml)      what new keys begin with
prefixes              web         (quipu.yml)      every prefix this tracker ever had; all of them resolve
format                1           (quipu.yml)      version of the files on the branch
quipu.branch          quipu-sync  (default)        the branch that the tracker lives on
quipu.remote          none        (there is none)  the remote that it is shared through
quipu.claim.sync      false       (default)        whether the remote confirms claims without --sync
quipu.fallbackBranch  none        (there is none)  the branch to push to where the remote refuses the tracker's; * is the session

"#]]
    );
    env.git_out(&["config", "quipu.claim.sync", "true"]);
    env.git_out(&["config", "quipu.remote", "up"]);
    env.commit_file(
        "quipu.yml",
        Some("format: 1\nprefix: web\n# a remark\nprefixes: [old, web]\ntheirs: {a: 1}\n"),
    );
    snapshot!(
        env.qp(["config", "list"]),
        str![[r#"
prefix                web         (quipu.yml)                    what new keys begin with
prefixes              old, web    (quipu.yml)                    every prefix this tracker ever had; all of them resolve
format                1           (quipu.yml)                    version of the files on the branch
theirs                {a: 1}      (quipu.yml)                    not a setting of this version; kept as it is
quipu.branch          quipu-sync  (default)                      the branch that the tracker lives on
quipu.remote          up          (git config quipu.remote)      the remote that it is shared through
quipu.claim.sync      true        (git config quipu.claim.sync)  whether the remote confirms claims without --sync
quipu.fallbackBranch  none        (there is none)                the branch to push to where the remote refuses the tracker's; * is the session

"#]]
    );
    env.qp(["query", "save", "small", "is:open"]).success();
    let saved = env.qp(["config"]).success().stdout;
    assert!(saved.contains("query.small ") && saved.contains("a saved query: qp query list\n"), "{saved}");
    env.qp(["query", "delete", "small"]).success();
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
    snapshot!(
        env.qp(["config", "set", "prefix", "app"]),
        str![[r#"
prefix is app now
[stderr]
keys that begin with web- are still understood

"#]]
    );
    snapshot!(
        env.qp(["config", "set", "issue_prefix", "app-"]),
        str![[r#"
prefix is app already

"#]]
    );
    snapshot!(
        env.qp(["config", "get", "prefixes"]),
        str![[r#"
app, web

"#]]
    );
    snapshot!(
        env.qp(["config", "get", "prefix", "--json"]),
        str![[r#"
{
  "key": "prefix",
  "value": "app",
  "origin": "quipu.yml",
  "description": "what new keys begin with",
  "schema_version": 1
}

"#]]
    );
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
    snapshot!(
        env.qp(["config", "set", "quipu.remote", "my remote"]),
        str![[r#"
[stderr]
error: quipu.remote belongs to git's configuration, which quipu never writes
hint: git config quipu.remote "my remote"
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["config", "set", "branch", "tracker"]),
        str![[r#"
[stderr]
error: quipu.branch belongs to git's configuration, which quipu never writes
hint: git config quipu.branch tracker
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["config", "unset", "quipu.claim.sync"]),
        str![[r#"
[stderr]
error: quipu.claim.sync belongs to git's configuration, which quipu never writes
hint: git config --unset quipu.claim.sync
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["config", "set", "prefx", "app"]),
        str![[r#"
[stderr]
error: no setting prefx
hint: did you mean prefix?
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["config", "get", "nonsense"]),
        str![[r#"
[stderr]
error: no setting nonsense
hint: qp config list
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["config", "unset", "prefix"]),
        str![[r#"
[stderr]
error: a tracker cannot be without prefix
hint: qp config get prefix
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["config", "set", "format", "2"]),
        str![[r#"
[stderr]
error: format says how the files are written; it is not chosen
hint: qp config list
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["config", "set", "prefixes", "a"]),
        str![[r#"
[stderr]
error: prefixes grows by itself: no written key ever dies
hint: qp config set prefix PREFIX
[exit 2]

"#]]
    );
    assert_eq!(std::fs::read(env.repo().join(".git/config")).expect("the configuration"), config);
}

#[test]
fn what_another_version_put_there_can_be_taken_out() {
    let env = Env::new();
    env.commit_file("quipu.yml", Some("format: 1\nprefix: web\nprefixes: [web]\ntheirs: 1\nother: 2\n"));
    assert_eq!(env.qp(["config", "get", "theirs"]).stdout, "1\n");
    snapshot!(
        env.qp(["config", "unset", "thers"]),
        str![[r#"
[stderr]
error: no setting thers
hint: did you mean theirs?
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["config", "unset", "theirs"]),
        str![[r#"
theirs is not set any more

"#]]
    );
    let text = env.git_out(&["show", "quipu-sync:quipu.yml"]);
    assert!(text.contains("other: 2") && !text.contains("theirs"), "{text}");
}

#[test]
fn without_a_tracker_the_settings_of_the_clone_are_left() {
    let env = Env::git();
    assert_eq!(env.json(["config", "list"]).as_array().map(Vec::len), Some(4));
    env.qp(["config", "get", "prefix"]).exits(9);
    env.qp(["config", "set", "prefix", "web"]).exits(9);
    let bare = Env::bare();
    bare.qp_in(bare.root(), ["config"], &[], "").exits(9);
}

#[test]
fn commands_that_are_looked_for_say_what_to_do() {
    let env = Env::new();
    snapshot!(
        env.qp(["onboard"]),
        str![[r#"
qp setup claude      Claude Code: hooks that run qp prime at the start of a session
qp setup agents-md   Codex, and everything else that reads AGENTS.md
qp setup             lists the other agents, and what is set up

qp prime             what an agent is told: how to work, and where the tracker stands
qp remember "TEXT"   what the next session should know

"#]]
    );
    snapshot!(
        env.qp(["human"]),
        str![[r#"
people find their issues by a label: qp tag ID human, then qp list -l human

"#]]
    );
    snapshot!(
        env.qp(["hooks", "install", "--force"]),
        str![[r#"
quipu needs no git hooks and installs none; qp setup claude sets up the hooks of an agent

"#]]
    );
    snapshot!(
        env.qp(["human", "list", "--json"]),
        str![[r#"
{
  "text": "people find their issues by a label: qp tag ID human, then qp list -l human",
  "schema_version": 1
}

"#]]
    );
    let run = run_as(&env, "bd", &["human"], "");
    assert!(run.stdout.contains("bd tag ID human, then bd list -l human"), "{run}");
    let bare = Env::bare();
    for command in ["onboard", "human", "hooks"] {
        bare.qp_in(bare.root(), [command], &[], "").success();
    }
}
