//! What arrives by a fetch may want to hurt: it is bounded in time and memory, shown and not obeyed, disables no
//! command, and reaches nothing outside of the tracker. The bounds are those of docs/security.md.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on fails the test by its panic")]

use std::io::Write as _;
use std::process::Stdio;

use crate::env::{Env, Run};

mod bounds;
mod commits;
mod files;
mod fuzz;
mod names;
mod outside;
mod queries;
mod remotes;
mod terminal;

/// Commands that read, and must go on reading whatever stands on the branch.
const READERS: [&[&str]; 8] = [
    &["list", "--all"],
    &["ready"],
    &["search", "login"],
    &["memories"],
    &["prime"],
    &["attic", "list"],
    &["log"],
    &["show", "web-login"],
];

/// A tracker with one issue, `web-login`.
fn tracker() -> Env {
    let env = Env::new();
    env.qp(["create", "Login", "--id", "web-login"]).success();
    env
}

/// Writes an object of any kind, also one that git would not make.
fn object(env: &Env, kind: &str, content: &[u8]) -> String {
    let mut command =
        env.git_command(&env.repo(), &["hash-object", "-t", kind, "--literally", "-w", "--stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let content = content.to_vec();
    let writer = std::thread::spawn(move || pipe.write_all(&content));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

const FILE: &str = "100644";
const FOLDER: &str = "40000";
const LINK: &str = "120000";
const SUBMODULE: &str = "160000";

/// Writes a tree of (mode, name, object), in this order and with these names whatever they are.
fn tree<N: AsRef<[u8]>>(env: &Env, entries: &[(&str, N, &str)]) -> String {
    let mut content = Vec::new();
    for (mode, name, id) in entries {
        content.extend_from_slice(mode.as_bytes());
        content.push(b' ');
        content.extend_from_slice(name.as_ref());
        content.push(0);
        content.extend(
            id.as_bytes()
                .chunks(2)
                .map(|hex| u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap()),
        );
    }
    object(env, "tree", &content)
}

/// Puts entries into the top of the branch, in the place of those of the same name, and returns the commit.
fn put(env: &Env, entries: &[(&str, &str, &str)]) -> String {
    let listing = env.git_out(&["ls-tree", "quipu-sync"]);
    let mut all: Vec<(&str, &str, &str)> = listing
        .lines()
        .map(|line| {
            let (left, name) = line.split_once('\t').unwrap();
            let words: Vec<&str> = left.split(' ').collect();
            (words[0].trim_start_matches('0'), name, words[2])
        })
        .filter(|(_, name, _)| !entries.iter().any(|(_, other, _)| other == name))
        .collect();
    all.extend(entries);
    all.sort_by_key(|(mode, name, _)| if *mode == FOLDER { format!("{name}/") } else { (*name).to_owned() });
    let tree = tree(env, &all);
    let commit = env.git_out(&["commit-tree", "-p", "quipu-sync", "-m", "odd", &tree]);
    env.git_out(&["update-ref", "refs/heads/quipu-sync", commit.trim()]);
    commit.trim().to_owned()
}

/// Runs qp with little memory and an end: what grows without bounds fails here and does not take the machine along.
fn bounded(env: &Env, args: &[&str]) -> Run {
    let args: Vec<String> = args.iter().map(|arg| format!("'{arg}'")).collect();
    env.shell(&env.repo(), &format!("ulimit -v 2500000; exec timeout 300 qp {}", args.join(" ")))
}

/// Every reader, a write and doctor work on, in bounds.
#[track_caller]
fn goes_on(env: &Env) -> Run {
    for command in READERS {
        bounded(env, command).success();
    }
    bounded(env, &["create", "Goes on"]).success();
    bounded(env, &["close", "web-login"]).success();
    bounded(env, &["reopen", "web-login"]).success();
    bounded(env, &["doctor"])
}
