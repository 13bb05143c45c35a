//! Another program beside this one: the same commands, on trackers made from the same records.
//!
//! The other one must know `init --prefix`, `import` of JSON Lines (`import FILE` or `import -i FILE`), and the commands that
//! are measured, as programs in the line of `bd` do. It gets a repository of its own.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::generate;
use crate::measure::{Machine, QP, median};

/// What is measured; `{open}` is another open issue in each run.
const COMMANDS: [(&str, &[&str]); 5] = [
    ("ready --json", &["ready", "--json"]),
    ("list --json", &["list", "--json"]),
    ("show KEY --json", &["show", "{open}", "--json"]),
    ("create", &["create", "Measured", "-p", "2"]),
    ("close", &["close", "{open}", "--reason", "done"]),
];

/// Measures both programs and returns a table.
pub fn run(machine: &Machine, other: &Path, sizes: &[usize], runs: usize) -> String {
    let other = other.canonicalize().expect("the other program is there");
    let other = other.to_str().expect("a UTF-8 path");
    let mut table = format!("| command | issues | qp | {other} | ratio |\n|---|--:|--:|--:|--:|\n");
    for size in sizes {
        let issues = generate::issues(*size);
        let records = machine.root.path().join("against.jsonl");
        std::fs::write(&records, generate::json_lines(&issues)).expect("the records can be written");
        let ours = tracker(machine, QP, &records);
        let theirs = tracker(machine, other, &records);
        for (name, words) in COMMANDS {
            let ours = time(machine, &ours, QP, words, runs);
            let theirs = time(machine, &theirs, other, words, runs);
            let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
            let millis = |time: Duration| time.as_secs_f64() * 1000.0;
            _ = writeln!(
                table,
                "| {name} | {size} | {:.1} ms | {:.1} ms | ×{ratio:.1} |",
                millis(ours),
                millis(theirs)
            );
        }
    }
    table
}

/// Makes a repository with a tracker of a program's own.
fn tracker(machine: &Machine, program: &str, records: &Path) -> PathBuf {
    let folder = tempfile::tempdir_in(machine.root.path()).expect("a temporary folder").keep();
    machine.time(&folder, "git", &["init", "-q"]);
    machine.time(&folder, program, &["init", "--prefix", "app"]);
    let records = records.to_str().expect("a UTF-8 path");
    let imported = |words: &[&str]| {
        machine.command(&folder, program, words).output().is_ok_and(|output| output.status.success())
    };
    assert!(
        imported(&["import", records]) || imported(&["import", "-i", records]),
        "{program} imports nothing"
    );
    folder
}

fn time(machine: &Machine, folder: &Path, program: &str, words: &[&str], runs: usize) -> Duration {
    let output = machine.command(folder, program, &["ready", "--json"]).stdout(Stdio::piped()).output();
    let ready: serde_json::Value =
        serde_json::from_slice(&output.expect("the program starts").stdout).expect("ready prints JSON");
    let ids: Vec<&str> =
        ready.as_array().into_iter().flatten().filter_map(|row| row["id"].as_str()).collect();
    let run = |number: usize| {
        let fill = |word: &&str| {
            if *word == "{open}" { ids[number % ids.len()].to_owned() } else { (*word).to_owned() }
        };
        let words: Vec<String> = words.iter().map(fill).collect();
        machine.time(folder, program, &words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    median((0..runs).map(run).collect())
}
