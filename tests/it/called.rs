//! The name the program is called by: one grammar, and hints that repeat the name.

use std::process::Command;

use snapbox::str;

use crate::env::{Env, Run, finish};
use crate::snapshot;

/// A link to the program under another name.
fn link(env: &Env, name: &str) -> String {
    let path = env.root().join("bin").join(name);
    std::fs::create_dir_all(env.root().join("bin")).expect("a folder");
    if !path.exists() {
        std::os::unix::fs::symlink(crate::env::QP, &path).expect("a link");
    }
    path.to_str().expect("a UTF-8 path").to_owned()
}

/// Runs the program under another name in the repository.
pub fn run_as(env: &Env, name: &str, args: &[&str], stdin: &str) -> Run {
    let mut command: Command = env.program(&env.repo(), &link(env, name));
    command.args(args);
    finish(command, stdin)
}

#[test]
fn hints_speak_with_the_name() {
    let env = Env::new();
    env.qp(["create", "Log out", "--id", "web-out"]).success();
    let bd = |args: &[&str]| run_as(&env, "bd", args, "");
    snapshot!(
        bd(&["clsoe", "web-out", "-r", "it is done"]),
        str![[r#"
[stderr]
error: unrecognized subcommand 'clsoe'
hint: bd close web-out -r "it is done"
[exit 2]

"#]]
    );
    snapshot!(
        bd(&["show", "web-none"]),
        str![[r#"
[stderr]
error: no issue web-none
hint: bd list shows the open ones, bd search none looks in all 1
[exit 3]

"#]]
    );
    let json = bd(&["update", "web-out", "--status", "done", "--json"]).exits(5);
    let error: serde_json::Value = serde_json::from_str(&json.stderr).expect("one object");
    assert_eq!(error["hint"], "bd update web-out --status closed --json");
    let help = bd(&["close", "--help"]).success().stdout;
    assert!(help.contains("Usage: bd close") && help.contains("\n  bd close web-7k2m"), "{help}");
    assert!(!help.contains("qp "), "{help}");
    let git = run_as(&env, "git-quipu", &["lst"], "").exits(2);
    assert!(git.stderr.ends_with("hint: git quipu list\n"), "{git}");
    let qp = env.qp(["lst"]).exits(2);
    assert!(qp.stderr.ends_with("hint: qp list\n"), "{qp}");
}

#[test]
fn git_finds_it() {
    let env = Env::new();
    env.qp(["create", "Log out", "--id", "web-out"]).success();
    link(&env, "git-quipu");
    let path = format!("{}:{}", env.root().join("bin").display(), std::env::var("PATH").expect("a PATH"));
    let run = |args: &[&str]| {
        let mut command = env.program(&env.repo(), "git");
        command.env("PATH", &path).arg("quipu").args(args);
        finish(command, "")
    };
    assert_eq!(run(&["list"]).success().stdout, "web-out  P2  task  Log out\n");
    let wrong = run(&["list", "--statis", "open"]).exits(2);
    assert!(wrong.stderr.ends_with("hint: git quipu list --status open\n"), "{wrong}");
}

#[test]
fn titles_are_left_alone() {
    let env = Env::new();
    env.qp(["create", "the tool: qp close fails", "--id", "web-out"]).success();
    let shown = run_as(&env, "bd", &["list"], "").success();
    assert_eq!(shown.stdout, "web-out  P2  task  the tool: qp close fails\n");
    let run = run_as(&env, "bd", &["creat", "run qp close"], "").exits(2);
    assert!(run.stderr.ends_with("hint: bd create \"run qp close\"\n"), "{run}");
}

#[test]
fn the_envelope_of_bd() {
    let mut env = Env::new();
    env.qp(["create", "Log out", "--id", "web-out"]).success();
    env.set("BD_JSON_ENVELOPE", "1");
    let list = run_as(&env, "bd", &["list", "--json"], "").success().json();
    assert_eq!((&list["schema_version"], &list["data"][0]["id"]), (&1.into(), &"web-out".into()));
    let status = run_as(&env, "bd", &["stats", "--json"], "").success();
    let document = status.json();
    assert_eq!(document["data"]["summary"]["total_issues"], 1);
    assert_eq!(document["data"].get("schema_version"), None);
    assert!(
        status.stdout.starts_with("{\n  \"schema_version\": 1,\n  \"data\": {\n    \"summary\""),
        "{status}"
    );
    assert!(env.qp(["list", "--json"]).success().json().is_array());
}

#[test]
fn flags_of_other_trackers_are_taken() {
    let env = Env::new();
    env.qp(["create", "Log out", "--id", "web-out"]).success();
    let list = env.qp(["list"]).success().stdout;
    for flags in [
        &["--no-daemon"][..],
        &["--db", "x.db"],
        &["--db=x.db"],
        &["--sandbox"],
        &["-v"],
        &["--verbose"],
        &["--allow-stale", "--no-auto-flush", "--no-auto-import"],
        &["--lock-timeout", "5s"],
        &["--no-color", "--no-db"],
        &["--readonly"],
    ] {
        assert_eq!(env.qp([flags, &["list"]].concat()).success().stdout, list, "{flags:?}");
        assert_eq!(env.qp([&["list"], flags].concat()).success().stdout, list, "{flags:?}");
    }
    assert!(env.qp(["list", "--robot"]).success().json().is_array());
    let key = env.create(["--", "--sandbox"]);
    assert_eq!(env.json(["show", &key])[0]["title"], "--sandbox");
    let before = env.git_out(&["rev-parse", "quipu-sync"]);
    for write in [
        &["create", "x"][..],
        &["close", "web-out"],
        &["claim", "web-out"],
        &["sync"],
        &["init"],
        &["setup", "codex"],
    ] {
        snapshot!(
            env.qp([write, &["--readonly"]].concat()),
            str![[r#"
[stderr]
error: this command writes, and --readonly forbids it
hint: leave out --readonly
[exit 9]

"#]]
        );
    }
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), before);
}
