//! Names of remotes and branches that are options, and URLs that are programs: real git, and a file that must not
//! appear.

use std::path::PathBuf;

use crate::env::Env;

use super::tracker;

/// A tracker, and the file that a program would make.
fn scene() -> (Env, PathBuf) {
    let env = tracker();
    let canary = env.root().join("touched");
    (env, canary)
}

/// Names that git would take for an option, or whose address would.
fn names(canary: &str) -> Vec<String> {
    vec![
        format!("--upload-pack=touch {canary}"),
        format!("-utouch {canary}"),
        format!("--receive-pack=touch {canary}"),
        format!("--exec=touch {canary}"),
        format!("-oProxyCommand=touch {canary}"),
        format!("ssh://-oProxyCommand=touch%20{canary}/x"),
        format!("-oProxyCommand=touch {canary}:x"),
        format!("ssh://host/-oProxyCommand=touch {canary}"),
        format!("ext::touch {canary}"),
        format!("ext::sh -c touch% {canary}"),
        format!("EXT::touch {canary}"),
        "fd::17".to_owned(),
        "fd::17,18/x".to_owned(),
        format!("nosuch::touch {canary}"),
        format!("file://{canary}/../server.git\n--upload-pack=touch {canary}"),
    ]
}

/// Commands that speak with a remote.
const COMMANDS: [&[&str]; 4] = [&["sync"], &["pull"], &["push"], &["claim", "web-login", "--confirm"]];

#[test]
fn names_from_flags() {
    let (env, canary) = scene();
    for name in names(canary.to_str().unwrap()) {
        for command in [&["sync"][..], &["pull"], &["push"]] {
            for args in [vec!["--remote".to_owned(), name.clone()], vec![format!("--remote={name}")]] {
                let words = command.iter().map(|word| (*word).to_owned()).chain(args);
                let run = env.qp(words);
                assert!([2, 8, 9].contains(&run.code), "{name:?}: {run}");
                assert!(!canary.exists(), "{name:?}: {run}");
            }
        }
    }
}

#[test]
fn names_from_the_configuration() {
    for key in ["quipu.remote", "branch.quipu-sync.remote", "remote.origin.url", "remote.origin.pushurl"] {
        let (env, canary) = scene();
        for name in names(canary.to_str().unwrap()) {
            if key == "remote.origin.pushurl" {
                env.run_git(env.root(), &["init", "-q", "--bare", "server.git"]);
                env.git_out(&["config", "remote.origin.url", "../server.git"]);
            }
            env.git_out(&["config", key, &name]);
            for command in COMMANDS {
                let run = env.qp(command.iter());
                // The fetch URL is a good one beside a bad pushurl.
                assert!(run.code != 0 || key == "remote.origin.pushurl", "{key} {name:?}: {run}");
                assert!(!canary.exists(), "{key} {name:?}: {run}");
            }
            env.qp(["list"]).success();
        }
    }
}

/// `ext::` stays refused although git has been told that it is allowed.
#[test]
fn a_program_is_no_remote_even_where_git_would_run_it() {
    let (env, canary) = scene();
    env.git_out(&["config", "protocol.ext.allow", "always"]);
    let url = format!("ext::touch {}", canary.display());
    env.git_out(&["remote", "add", "origin", &url]);
    for args in [vec!["sync"], vec!["sync", "--remote", &url], vec!["push"]] {
        let run = env.qp(args);
        assert!([2, 9].contains(&run.code), "{run}");
    }
    assert!(!canary.exists());
}

#[test]
fn branches_that_are_options() {
    let (mut env, canary) = scene();
    let touch = format!("--upload-pack=touch {}", canary.display());
    for name in [touch.as_str(), "-x", "--", "a..b", "a b", "x.lock", "@{-1}", "a\nb", ""] {
        env.qp(["list", &format!("--branch={name}")]).exits(2);
        env.set("QP_BRANCH", name);
        let run = env.qp(["sync"]);
        assert!(name.is_empty() || run.code == 2, "{name:?}: {run}");
        env.unset("QP_BRANCH");
        if !name.is_empty() {
            env.git_out(&["config", "quipu.branch", name]);
            env.qp(["sync"]).exits(2);
            env.git_out(&["config", "--unset", "quipu.branch"]);
        }
    }
    for moment in ["--output=x", "-x", "--", "quipu-sync --output=x"] {
        assert_ne!(env.qp(["list", &format!("--at={moment}")]).code, 0);
        assert_ne!(env.qp(["undo", "--", moment]).code, 0);
    }
    assert!(!canary.exists() && !env.repo().join("x").exists());
}

/// A file of refspecs, hooks and an ssh program that the *user* has chosen stay in force; those of the server's
/// repository do not run here.
#[test]
fn what_the_user_chose_stays() {
    let (env, canary) = scene();
    let program = env.root().join("ssh");
    std::fs::write(&program, format!("#!/bin/sh\ntouch '{}'\nexit 1\n", canary.display())).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    env.git_out(&["config", "core.sshCommand", program.to_str().unwrap()]);
    env.git_out(&["remote", "add", "origin", "ssh://host/x.git"]);
    assert_ne!(env.qp(["sync"]).code, 0);
    assert!(canary.exists(), "the user's own ssh program was asked");
}
