//! Bytes that commands print: what an agent has to read, and pay for. No time is measured.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::measure::{Machine, QP};
use crate::{exists, generate, say, scene, table};

const BEGIN: &str = "<!-- counted by cargo bench -- --tokens -->";
const END: &str = "<!-- end of the counted part -->";
/// Issues in the tracker.
const SIZE: usize = 1_000;
/// What is known of bd 1.0: its primer, and the usage page behind a flag that it does not know.
const PRIMER: usize = 4_200;
const USAGE: usize = 2_900;

/// A step of a session: its name, the command, and the same as an agent types it that knows bd. `{key}` is the issue.
struct Step {
    name: &'static str,
    ours: &'static [&'static str],
    theirs: &'static [&'static str],
}

const fn step(name: &'static str, ours: &'static [&'static str], theirs: &'static [&'static str]) -> Step {
    Step { name, ours, theirs }
}

const SESSION: [Step; 5] = [
    step("`ready`", &["ready"], &["ready", "--limit", "100"]),
    step("`show`", &["show", "{key}"], &["show", "{key}"]),
    step("`claim`", &["claim", "{key}"], &["update", "{key}", "--claim"]),
    step("`update --notes`", &["update", "{key}", "--notes", NOTE], &["update", "{key}", "--notes", NOTE]),
    step("`close`", &["close", "{key}", "-r", REASON], &["close", "{key}", "-r", REASON]),
];
const NOTE: &str = "The timer is started twice; the second start wins.";
const REASON: &str = "the timer is started once";

/// Runs the session in text, in JSON and by the name of bd, each in a repository of its own with the same issues.
pub fn run(machine: &Machine, write: bool) {
    let bin = machine.root.path().join("bin");
    std::fs::create_dir(&bin).expect("a folder");
    let bd = bin.join(format!("bd{}", std::env::consts::EXE_SUFFIX));
    std::fs::copy(QP, &bd).expect("the program can be copied");
    let scenes: Vec<(PathBuf, String)> =
        ["text", "json", "bd"].into_iter().map(|n| make(machine, n)).collect();
    let count = |scene: usize, program: &Path, command: &[&str], more: &[&str]| {
        let (folder, key) = &scenes[scene];
        printed(machine, folder, program, key, &[command, more].concat())
    };
    let mut out =
        String::from("| step | text | `--json` | by the name `bd`, `--json` |\n|---|--:|--:|--:|\n");
    let mut sums = [0; 3];
    for Step { name, ours, theirs } in SESSION {
        let bytes = [
            count(0, Path::new(QP), ours, &[]),
            count(1, Path::new(QP), ours, &["--json"]),
            count(2, &bd, theirs, &["--json"]),
        ];
        let cells: Vec<String> = bytes.iter().map(|bytes| format!(" {bytes} |")).collect();
        _ = writeln!(out, "| {name} |{}", cells.concat());
        sums.iter_mut().zip(bytes).for_each(|(sum, bytes)| *sum += bytes);
    }
    _ = writeln!(out, "| **the session** | {} | {} | {} |", sums[0], sums[1], sums[2]);
    let few = count(1, Path::new(QP), &["ready", "--fields", "id,title,priority"], &[]);
    _ = writeln!(out, "| `ready --fields id,title,priority` | | {few} | |");
    let wrong = ["list", "--statsu", "open"];
    let (text, json) = (count(0, Path::new(QP), &wrong, &[]), count(1, Path::new(QP), &wrong, &["--json"]));
    _ = writeln!(out, "| a flag that does not exist | {text} | {json} | {USAGE} (bd itself) |");
    if exists("prime") {
        let prime = count(0, Path::new(QP), &["prime"], &[]);
        _ = writeln!(out, "| `prime` | {prime} | | {PRIMER} (bd itself) |");
    }
    say(&out);
    if write {
        table::write_between(BEGIN, END, &out);
    }
}

/// Makes a repository; the issue to work on is the same in each.
fn make(machine: &Machine, name: &str) -> (PathBuf, String) {
    let folder = machine.root.path().join(name);
    let issues = scene::make(machine, &folder, SIZE);
    let key = generate::startable(&issues).next().expect("an open issue").front.id.to_string();
    (folder, key)
}

/// Returns how many bytes a command prints, its talk included.
fn printed(machine: &Machine, folder: &Path, program: &Path, key: &str, command: &[&str]) -> usize {
    let words: Vec<&str> = command.iter().map(|word| if *word == "{key}" { key } else { word }).collect();
    let mut command = machine.command(folder, program.to_str().expect("a UTF-8 path"), &words);
    command.env("QP_TEST_NOW", "2026-06-01T00:00:00Z").env("QP_TEST_SEED", "7");
    let output = command.stdout(Stdio::piped()).output().expect("the program starts");
    output.stdout.len() + output.stderr.len()
}
