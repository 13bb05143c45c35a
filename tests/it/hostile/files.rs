//! Files that are too large, or are none.

use std::fs::File;
use std::io::Write as _;

use crate::env::Env;

use super::{FILE, FOLDER, LINK, SUBMODULE, bounded, goes_on, object, put, tracker, tree};

/// Writes a blob of so many megabytes of zeros, without ever holding it.
fn zeros(env: &Env, megabytes: usize) -> String {
    let path = env.root().join("zeros");
    let mut file = File::create(&path).unwrap();
    let block = vec![b'\n'; 1 << 20];
    for _ in 0..megabytes {
        file.write_all(&block).unwrap();
    }
    drop(file);
    let id = env.git_out(&["-c", "core.bigFileThreshold=1m", "hash-object", "-w", "../zeros"]);
    std::fs::remove_file(&path).unwrap();
    id.trim().to_owned()
}

/// A gigabyte in the place of an issue, of the settings, of a memory, of a losing copy and of what an import brought:
/// nobody unpacks it.
#[test]
fn a_gigabyte_of_nothing() {
    let env = tracker();
    let big = zeros(&env, 1024);
    let ulid = "01kfn6tfn3n7h5b39ztztw7k2m";
    let nested = |names: &[&str]| {
        names
            .iter()
            .rev()
            .fold((FILE, big.clone()), |(mode, id), name| (FOLDER, tree(&env, &[(mode, *name, id.as_str())])))
    };
    let copy = "1767882600000-9f3a1c22d4e5f607.md";
    let file = format!("{ulid}.md");
    let (_, memories) = nested(&["key.md"]);
    let (_, attic) = nested(&["2", "m", ulid, copy]);
    let (_, imports) = nested(&["beads", "2", "m", &file]);
    put(&env, &[(FOLDER, "memories", &memories), (FOLDER, "attic", &attic), (FOLDER, "imports", &imports)]);
    let doctor = goes_on(&env);
    let said = "has 1073741824 bytes, the limit is 1048576";
    assert!(doctor.stdout.contains(said), "{doctor}");
    bounded(&env, &["memories"]).success();
    let run = bounded(&env, &["attic", "show", &big[..7]]).exits(9);
    assert!(run.stderr.contains("the limit is 16777216"), "{run}");
    let env = tracker();
    let big = zeros(&env, 1024);
    put(&env, &[(FILE, "quipu.yml", &big)]);
    let doctor = goes_on(&env);
    assert!(
        doctor.stdout.contains("quipu.yml line 1 cannot be read: the file has 1073741824 bytes"),
        "{doctor}"
    );
    let (_, issues) = (FOLDER, {
        let leaf = tree(&env, &[(FILE, file.as_str(), big.as_str())]);
        let leaf = tree(&env, &[(FOLDER, "m", leaf.as_str())]);
        tree(&env, &[(FOLDER, "2", leaf.as_str())])
    });
    put(&env, &[(FOLDER, "issues", &issues)]);
    bounded(&env, &["list"]).success();
    bounded(&env, &["create", "Goes on"]).success();
}

/// Both sides of a merge have changed a file that nobody reads.
#[test]
fn a_merge_of_files_that_are_too_large() {
    let env = tracker();
    let base = env.git_out(&["rev-parse", "quipu-sync"]).trim().to_owned();
    let one = put(&env, &[(FILE, "quipu.yml", &zeros(&env, 20))]);
    env.git_out(&["update-ref", "refs/heads/quipu-sync", &base]);
    put(&env, &[(FILE, "quipu.yml", &zeros(&env, 21))]);
    env.run_git(env.root(), &["init", "-q", "--bare", "server.git"]);
    env.git_out(&["remote", "add", "origin", "../server.git"]);
    env.git_out(&["push", "-q", "origin", &format!("{one}:refs/heads/quipu-sync")]);
    bounded(&env, &["sync"]).success();
    bounded(&env, &["list"]).success();
    env.fsck();
}

/// Links, submodules and folders in the places of files, and files in the places of folders.
#[test]
fn what_is_no_file() {
    for name in ["quipu.yml", "issues", "memories", "attic", "imports"] {
        for mode in [LINK, SUBMODULE, FILE, FOLDER] {
            if mode == FOLDER && name != "quipu.yml" || mode == FILE && name == "quipu.yml" {
                continue;
            }
            let env = tracker();
            let blob = object(&env, "blob", b"/etc/passwd");
            let folder = tree(&env, &[(FILE, "x", blob.as_str())]);
            // The commit of a submodule need not be here.
            let id = match mode {
                SUBMODULE => "1".repeat(blob.len()),
                FOLDER => folder,
                _ => blob,
            };
            put(&env, &[(mode, name, &id)]);
            for command in
                [&["list"][..], &["ready"], &["memories"], &["prime"], &["attic", "list"], &["search", "x"]]
            {
                let run = bounded(&env, command).success();
                assert!(!run.stdout.contains("/etc/passwd"), "{mode} {name} {command:?}: {run}");
            }
            bounded(&env, &["create", "Goes on"]).success();
            bounded(&env, &["doctor"]);
        }
    }
}

/// An issue that may be run is one; a link, a submodule or a folder of its name is none.
#[test]
fn modes_of_issues() {
    let env = tracker();
    let uid = env.json(["show", "web-login"])[0]["uid"].as_str().unwrap().to_owned();
    let (first, second) = (&uid[24..25], &uid[25..]);
    let blob = env.git_out(&["rev-parse", &format!("quipu-sync:issues/{first}/{second}/{uid}.md")]);
    let file = format!("{uid}.md");
    for (mode, count) in [("100755", 1), (LINK, 0), (SUBMODULE, 0), (FOLDER, 0)] {
        let folder = tree(&env, &[(FILE, "x", blob.trim())]);
        let id = if mode == FOLDER { folder.as_str() } else { blob.trim() };
        let leaf = tree(&env, &[(mode, file.as_str(), id)]);
        let leaf = tree(&env, &[(FOLDER, second, leaf.as_str())]);
        let issues = tree(&env, &[(FOLDER, first, leaf.as_str())]);
        put(&env, &[(FOLDER, "issues", &issues)]);
        let found = bounded(&env, &["list", "--json"]).success().json();
        assert_eq!(found.as_array().unwrap().len(), count, "{mode}");
    }
}
