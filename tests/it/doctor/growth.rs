//! Loose objects: counted as git counts them, packed by a sync over the threshold and by nothing else, and never
//! against the user's settings.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{finding, findings};
use crate::env::{Env, Run};

const HOUR_MS: i64 = 60 * 60 * 1000;
/// Loose objects that are planted: enough that some are in the folder that is counted.
const PLANTED: usize = 1200;

/// A tracker with a remote and many loose objects, which git would pack from `most` on.
fn cluttered(settings: &[(&str, &str)]) -> Env {
    let env = Env::new();
    env.run_git(env.root(), &["init", "-q", "--bare", "hub.git"]);
    env.git_out(&["remote", "add", "origin", "../hub.git"]);
    env.create(["One"]);
    for (name, value) in settings {
        env.git_out(&["config", name, value]);
    }
    let folder = env.root().join("planted");
    std::fs::create_dir(&folder).expect("a folder");
    let mut names = String::new();
    for number in 0..PLANTED {
        let file = folder.join(number.to_string());
        std::fs::write(&file, format!("object {number}\n")).expect("a file");
        writeln!(names, "{}", file.display()).expect("text");
    }
    env.git_stdin(&["hash-object", "-w", "--stdin-paths"], &names);
    env
}

/// (loose, packs)
fn count(env: &Env) -> (usize, usize) {
    let text = env.git_out(&["count-objects", "-v"]);
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.and_then(|number| number.parse().ok()).expect("a number")
    };
    (value("count"), value("packs"))
}

fn sync(env: &Env) -> Run {
    env.qp(["sync"]).success()
}

#[test]
fn a_sync_packs_once_over_the_threshold() {
    let env = cluttered(&[("gc.auto", "50")]);
    let before = env.git_out(&["rev-parse", "quipu-sync"]);
    sync(&env);
    assert_eq!(count(&env), (0, 1));
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), before);
    let object = env.git_stdin(&["hash-object", "--stdin"], "object 7\n");
    env.git_out(&["cat-file", "-e", object.trim()]);
    env.fsck();
    // Not again, as long as there are few.
    env.create(["Two"]);
    sync(&env);
    let (loose, packs) = count(&env);
    assert!(loose > 0 && packs == 1, "{loose} loose, {packs} packs");
    assert!(!env.repo().join(".git/objects/maintenance.lock").exists());
    assert_eq!(env.json(["list"]).as_array().map(Vec::len), Some(2));
}

#[test]
fn nothing_else_packs() {
    let env = cluttered(&[("gc.auto", "50")]);
    let (before, _) = count(&env);
    env.qp(["list"]).success();
    env.create(["Two"]);
    env.qp(["sync", "--dry-run"]).success();
    env.git_out(&["remote", "set-url", "origin", "../nowhere.git"]);
    env.qp(["sync"]).exits(8);
    let (after, packs) = count(&env);
    assert!(after >= before && packs == 0, "{before} and {after} loose, {packs} packs");
}

#[test]
fn below_the_threshold_and_where_it_is_switched_off_nothing_is_packed() {
    let off: [&[(&str, &str)]; 5] = [
        &[],
        &[("gc.auto", "0")],
        &[("gc.auto", "50"), ("maintenance.auto", "false")],
        &[("gc.auto", "50"), ("quipu.maintenance", "false")],
        &[("gc.auto", "100000")],
    ];
    for settings in off {
        let env = cluttered(settings);
        sync(&env);
        let (loose, packs) = count(&env);
        assert!(loose >= PLANTED && packs == 0, "{settings:?}: {loose} loose, {packs} packs");
    }
}

#[test]
fn many_packs_become_few() {
    let env = cluttered(&[("gc.auto", "50"), ("gc.autoPackLimit", "2")]);
    for number in 0..3 {
        let commit = env.git_out(&["rev-parse", "quipu-sync"]);
        env.git_stdin(&["pack-objects", "-q", ".git/objects/pack/pack"], &commit);
        env.create([format!("Number {number}")]);
    }
    assert_eq!(count(&env).1, 3);
    sync(&env);
    // The large one and, in one, the small ones.
    assert_eq!(count(&env), (0, 2));
    env.fsck();
    assert_eq!(env.json(["list"]).as_array().map(Vec::len), Some(4));
}

#[test]
fn a_failure_of_it_is_no_failure_of_the_sync() {
    let env = cluttered(&[("gc.auto", "50")]);
    // Somebody else maintains the repository, or has died at it.
    let lock = env.repo().join(".git/objects/maintenance.lock");
    std::fs::write(&lock, "").expect("a lock");
    let run = sync(&env);
    assert_eq!(run.stderr, "", "{run}");
    assert!(count(&env).0 >= PLANTED);
    assert!(lock.exists(), "it is not ours");
}

/// The time of the first command.
fn the_beginning() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_780_000_000)
}

#[test]
fn a_lock_that_a_killed_maintenance_has_left() {
    let env = cluttered(&[("gc.auto", "50")]);
    let lock = env.repo().join(".git/objects/maintenance.lock");
    let held = File::create(&lock).expect("a lock");
    held.set_modified(the_beginning()).expect("the time of a file");
    // Git may be at it for hours.
    env.pass(HOUR_MS);
    assert_eq!(findings(&env, "maintenance_lock").len(), 0);
    let run = env.json(["doctor", "--fix"]);
    let why = run["findings"][0]["not_fixed"].as_str().expect("a reason");
    assert!(why.contains("another git maintenance is at work, or has died: "), "{why}");
    env.pass(12 * HOUR_MS);
    // Whoever holds it has it open, where the system lets one see that.
    if Path::new("/proc/self/fd").exists() {
        assert_eq!(findings(&env, "maintenance_lock").len(), 0);
    }
    drop(held);
    let found = finding(&env, "maintenance_lock");
    assert_eq!((&found["severity"], found["path"].as_str()), (&"warning".into(), lock.to_str()));
    sync(&env);
    assert!(lock.exists() && count(&env).0 >= PLANTED, "a sync does not guess");
    let run = env.json(["doctor", "--fix"]);
    let fixed: Vec<&str> =
        run["findings"].as_array().expect("a list").iter().filter_map(|f| f["fixed"].as_str()).collect();
    assert!(
        fixed[0].ends_with("left-behind-maintenance.lock") && fixed[1] == "packed the loose objects",
        "{run}"
    );
    assert!(!lock.exists() && count(&env).0 == 0);
    assert!(env.repo().join(".git/quipu/left-behind-maintenance.lock").exists());
    assert_eq!(env.json(["doctor"])["findings"], serde_json::json!([]));
}

#[test]
#[cfg(unix)]
fn a_git_that_cannot_maintain_is_no_failure_either() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut env = cluttered(&[("gc.auto", "50")]);
    let git = env.shell(env.root(), "command -v git").stdout;
    let bin = env.root().join("bin");
    std::fs::create_dir(&bin).expect("a folder");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *maintenance*run*) exit 1;; *) exec {} \"$@\";; esac\n",
        git.trim()
    );
    std::fs::write(bin.join("git"), script).expect("a script");
    std::fs::set_permissions(bin.join("git"), std::fs::Permissions::from_mode(0o755)).expect("a script");
    env.set("PATH", &format!("{}:/usr/bin:/bin", bin.display()));
    let run = sync(&env);
    assert_eq!(run.stderr, "", "{run}");
    let (loose, packs) = count(&env);
    assert!(loose >= PLANTED && packs == 0, "{loose} loose, {packs} packs");
    let found = env.qp(["doctor", "--fix", "--json"]).success().json();
    assert!(found["findings"][0]["not_fixed"].as_str().is_some_and(|text| text.contains("pack")), "{found}");
}

#[test]
fn writers_are_not_disturbed() {
    let env = cluttered(&[("gc.auto", "50")]);
    let writers: Vec<_> = (0..4)
        .map(|number| {
            let mut command = env.program(&env.repo(), crate::env::QP);
            command.args(["q", &format!("Writer {number}")]).stdout(std::process::Stdio::null());
            command.spawn().expect("qp starts")
        })
        .collect();
    sync(&env);
    for mut writer in writers {
        assert!(writer.wait().expect("qp ends").success());
    }
    sync(&env);
    assert_eq!(env.json(["list"]).as_array().map(Vec::len), Some(5));
    env.fsck();
}

#[test]
fn doctor_says_so_and_packs() {
    let env = cluttered(&[("gc.auto", "50")]);
    let found = finding(&env, "many_loose_objects");
    assert_eq!(found["severity"], "note");
    assert!(found["remedy"].as_str().is_some_and(|text| text.starts_with("git maintenance run")), "{found}");
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let fixed = env.json(["doctor", "--fix"]);
    assert_eq!(fixed["findings"][0]["fixed"], "packed the loose objects");
    assert_eq!(count(&env).0, 0);
    assert_eq!(env.json(["doctor"])["findings"], serde_json::json!([]));
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
    env.fsck();
}
