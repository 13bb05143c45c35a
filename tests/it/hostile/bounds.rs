//! Bombs: few objects that stand for very many paths, or one that is very long.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use crate::env::Env;

use super::{FILE, FOLDER, bounded, goes_on, object, put, tracker, tree};

/// Ten folders of ten times the same: 10,000,000,000 paths out of eleven objects.
#[test]
fn a_tree_that_holds_itself_ten_times_over() {
    for place in ["deep", "issues", "attic"] {
        let env = tracker();
        let blob = object(&env, "blob", b"x");
        let names: Vec<String> = (0..10).map(|n| n.to_string()).collect();
        let mut below = tree(&env, &[(FILE, "x.md", blob.as_str())]);
        for _ in 0..10 {
            let same: Vec<(&str, &str, &str)> =
                names.iter().map(|name| (FOLDER, name.as_str(), below.as_str())).collect();
            below = tree(&env, &same);
        }
        let before = env.git_out(&["rev-parse", "quipu-sync:issues"]);
        if place == "issues" {
            // Beside the issues that are there.
            let mut entries = vec![(FOLDER.to_owned(), "bomb".to_owned(), below.clone())];
            let listing = env.git_out(&["ls-tree", before.trim()]);
            for line in listing.lines() {
                let (left, name) = line.split_once('\t').unwrap();
                entries.push((
                    FOLDER.to_owned(),
                    name.to_owned(),
                    left.split(' ').nth(2).unwrap().to_owned(),
                ));
            }
            entries.sort_by(|a, b| a.1.cmp(&b.1));
            let entries: Vec<(&str, &str, &str)> =
                entries.iter().map(|(m, n, i)| (m.as_str(), n.as_str(), i.as_str())).collect();
            below = tree(&env, &entries);
        }
        put(&env, &[(FOLDER, place, &below)]);
        let doctor = goes_on(&env);
        assert_eq!(doctor.code, 1, "{place}: {doctor}");
        assert!(doctor.stdout.len() < 200_000, "{place}");
        assert!(doctor.stdout.contains("more names on the branch"), "{place}: {}", doctor.stdout.len());
    }
}

/// Folders in folders, 10,000 deep.
#[test]
fn a_chain_of_folders() {
    for place in ["chain", "issues", "attic"] {
        let env = tracker();
        put(&env, &[(FOLDER, place, &chain(&env, 10_000))]);
        if place == "issues" {
            bounded(&env, &["list"]).success();
            bounded(&env, &["create", "Goes on"]).success();
            continue;
        }
        let doctor = goes_on(&env);
        assert!(doctor.stdout.contains("a folder too deep in others to be entered"), "{place}: {doctor}");
    }
}

/// Writes folders that stand in each other, by one call of git, because there are so many.
fn chain(env: &Env, length: usize) -> String {
    let mut command = env.git_command(&env.repo(), &["mktree", "--batch"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut line = format!("100644 blob {}\tx.md\n", object(env, "blob", b"x"));
    for _ in 0..=length {
        input.write_all(format!("{line}\n").as_bytes()).unwrap();
        let mut id = String::new();
        output.read_line(&mut id).unwrap();
        line = format!("040000 tree {}\ta\n", id.trim());
    }
    drop(input);
    assert!(child.wait().unwrap().success());
    line.split([' ', '\t']).nth(2).unwrap().to_owned()
}

/// One folder with a million names, and one whose tree is longer than any that is read.
#[test]
fn a_folder_without_end() {
    for (place, count, doctor_says) in
        [("many", 400_000, "more names on the branch"), ("issues", 1_000_000, "a folder too long to be read")]
    {
        let env = tracker();
        let blob = bytes(&object(&env, "blob", b"x"));
        let mut content = Vec::new();
        for number in 0..count {
            content.extend_from_slice(format!("100644 n{number:08}\0").as_bytes());
            content.extend_from_slice(&blob);
        }
        let flat = object(&env, "tree", &content);
        put(&env, &[(FOLDER, place, &flat)]);
        if place == "many" {
            goes_on(&env);
        }
        bounded(&env, &["list"]).success();
        bounded(&env, &["create", "Goes on"]).success();
        let doctor = bounded(&env, &["doctor"]);
        let found = doctor.stdout.contains(doctor_says) || place == "issues";
        assert!(found, "{place}: {}", &doctor.stdout[..doctor.stdout.len().min(2000)]);
    }
}

/// Two lines of history with such bombs are merged, and so are two bases.
#[test]
fn bombs_meet_in_a_merge() {
    let env = tracker();
    let base = env.git_out(&["rev-parse", "quipu-sync"]).trim().to_owned();
    let bomb = |text: &[u8]| {
        let blob = object(&env, "blob", text);
        let mut below = tree(&env, &[(FILE, "x", blob.as_str())]);
        for _ in 0..10 {
            let names: Vec<String> = (0..10).map(|n| n.to_string()).collect();
            let same: Vec<(&str, &str, &str)> =
                names.iter().map(|name| (FOLDER, name.as_str(), below.as_str())).collect();
            below = tree(&env, &same);
        }
        put(&env, &[(FOLDER, "bomb", &below)])
    };
    let one = bomb(b"one");
    env.git_out(&["update-ref", "refs/heads/quipu-sync", &base]);
    let two = bomb(b"two");
    env.run_git(env.root(), &["init", "-q", "--bare", "server.git"]);
    env.git_out(&["remote", "add", "origin", "../server.git"]);
    env.git_out(&["push", "-q", "origin", &format!("{one}:refs/heads/quipu-sync")]);
    bounded(&env, &["pull"]).success();
    let parents = env.git_out(&["log", "-1", "--format=%P", "quipu-sync"]);
    assert!(parents.contains(&one) && parents.contains(&two), "{parents}");
    bounded(&env, &["list"]).success();
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
