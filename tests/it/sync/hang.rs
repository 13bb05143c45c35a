//! Whoever hangs is ended, with everything that it has started.

use std::time::{Duration, Instant};

use quipu::store::Outcome;

use super::proxy::Proxy;
use super::{BRANCH, FETCH, PLENTY_MS, Scene, path, script, word};

const SHORT_MS: u64 = 1500;

/// The processes that have a word in their command line, without those that have ended.
fn running(word: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let command = |entry: std::fs::DirEntry| {
        let pid = entry.file_name().into_string().ok()?;
        pid.parse::<u32>().ok().filter(|pid| *pid != std::process::id())?;
        let words = std::fs::read(entry.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&words).replace('\0', " ");
        (line.contains(word) && is_alive(&pid)).then_some(line)
    };
    processes.filter_map(command).collect()
}

fn is_alive(pid: &str) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    let state = stat.rsplit(") ").next().unwrap_or_default();
    !state.starts_with(['Z', 'X'])
}

/// Who was killed needs a moment to end. Whoever is still there after it has survived.
fn left(find: impl Fn() -> Vec<String>) -> Vec<String> {
    let started = Instant::now();
    loop {
        let found = find();
        if found.is_empty() || started.elapsed() > Duration::from_secs(20) {
            return found;
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_server_that_hangs_is_left() {
    let scene = Scene::new();
    let Some(fetch) = Proxy::start(scene.env.root(), &["--hang", "fetch"]) else { return };
    let Some(push) = Proxy::start(scene.env.root(), &["--hang", "push"]) else { return };
    let store = scene.store();
    let url = fetch.url("");
    let wire = || scene.wire_for(&store, &url, SHORT_MS);
    assert_eq!(wire().list(), Err(Outcome::TimedOut));
    assert_eq!(wire().fetch(FETCH, false), Err(Outcome::TimedOut));
    assert_eq!(left(|| running(&url)), [""; 0]);
    let url = push.url("");
    let wire = scene.wire_for(&store, &url, SHORT_MS);
    let outcomes = wire.push(&[(BRANCH, &scene.base, "forward")], false);
    assert_eq!(outcomes, [Outcome::TimedOut]);
    assert_eq!(left(|| running(&url)), [""; 0]);
    // The deadline has passed: nothing is even started.
    assert_eq!(wire.list(), Err(Outcome::TimedOut));
    assert!(!Outcome::TimedOut.may_retry());
}

/// A scene whose `ssh` is a script.
fn with_ssh(text: &str) -> Scene {
    let mut scene = Scene::new();
    let folder = scene.env.root().join("bin");
    script(&folder.join("ssh"), text);
    let path = format!("{}:{}", path(&folder), std::env::var("PATH").expect("PATH is set"));
    scene.variables.push(("PATH".to_owned(), path));
    scene.variables.push(("NOTES".to_owned(), super::path(&scene.env.root().join("notes"))));
    scene
}

fn notes(scene: &Scene) -> String {
    std::fs::read_to_string(scene.env.root().join("notes")).unwrap_or_default()
}

#[test]
fn ssh_without_a_key_is_told() {
    let scene = with_ssh(
        "#!/bin/sh\necho \"$@\" >> \"$NOTES\"\necho 'Warning: Permanently added host.' >&2\n\
         echo 'git@host.invalid: Permission denied (publickey).' >&2\nexit 255\n",
    );
    let outcome = scene.push("git@host.invalid:x.git", BRANCH, &scene.base, "forward");
    assert_eq!(outcome, Outcome::Unauthorised("git@host.invalid: Permission denied (publickey).".to_owned()));
    let store = scene.store();
    let listed = scene.wire(&store, "ssh://git@host.invalid/x.git").list();
    assert_eq!(word(&listed.expect_err("nobody is let in")), "authentication");
    let calls = notes(&scene);
    assert!(calls.lines().count() >= 2, "{calls}");
    assert!(calls.lines().all(|call| call.contains("-oBatchMode=yes -oConnectTimeout=10")), "{calls}");
}

#[test]
fn the_ssh_that_the_user_chose_is_taken() {
    let scene = with_ssh("#!/bin/sh\nexit 1\n");
    let chosen = scene.env.root().join("own-ssh");
    script(
        &chosen,
        "#!/bin/sh\necho \"$@\" >> \"$NOTES\"\necho 'ERROR: Repository not found.' >&2\nexit 1\n",
    );
    scene.env.git_out(&["config", "core.sshCommand", &path(&chosen)]);
    let outcome = scene.push("git@host.invalid:x.git", BRANCH, &scene.base, "forward");
    assert_eq!(outcome, Outcome::Gone("Repository not found.".to_owned()));
    assert!(!notes(&scene).is_empty() && !notes(&scene).contains("BatchMode"), "{}", notes(&scene));
}

#[test]
fn ssh_that_hangs_is_ended_with_its_children() {
    // It does not listen when it is asked to end, and neither does its child, which holds the pipes.
    let scene = with_ssh("#!/bin/sh\ntrap '' TERM\nsleep 600 &\necho $! $$ >> \"$NOTES\"\nwait\n");
    let store = scene.store();
    let wire = scene.wire_for(&store, "git@host.invalid:x.git", SHORT_MS);
    assert_eq!(wire.list(), Err(Outcome::TimedOut));
    let pids = notes(&scene);
    let alive = || pids.split_whitespace().filter(|pid| is_alive(pid)).map(str::to_owned).collect();
    assert_eq!(left(alive), [""; 0]);
}

#[test]
fn who_left_the_group_and_holds_the_pipes_is_not_waited_for() {
    for (last, ms) in [("wait", SHORT_MS), ("exit 1", PLENTY_MS)] {
        let scene = with_ssh(&format!(
            "#!/bin/sh\nsetsid sleep 600 > /dev/null &\necho $! >> \"$NOTES\"\necho 'no route' >&2\n{last}\n"
        ));
        let store = scene.store();
        let wire = scene.wire_for(&store, "git@host.invalid:x.git", ms);
        let outcome = wire.list().expect_err("nothing is there");
        assert_eq!(word(&outcome), if last == "wait" { "timeout" } else { "unreachable" }, "{outcome}");
        for pid in notes(&scene).split_whitespace() {
            scene.env.shell(scene.env.root(), &format!("kill {pid}"));
        }
    }
}
