//! How a repository grows with the operations of its tracker: as loose files, packed by git's maintenance, and after `git gc`.
//!
//! A tracker of a thousand issues, in which one issue after the other changes, each by a commit of its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use quipu::context::Context;
use quipu::model::Comment;
use quipu::store::{Author, Store};

use crate::measure::{Machine, QP, median};
use crate::scene;

/// Issues of the tracker.
const ISSUES: usize = 1_000;
/// Runs of each command.
const RUNS: usize = 5;
/// What is measured, by the heads of the columns.
const COMMANDS: [(&str, &[&str]); 4] = [
    ("ready", &["ready", "--json"]),
    ("show", &["show", "{any}", "--json"]),
    ("log", &["log", "-n", "20"]),
    ("create", &["q", "One more"]),
];

/// Measures trackers with so many operations and returns a table.
pub fn run(machine: &Machine, sizes: &[usize]) -> String {
    let heads: Vec<String> = COMMANDS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut table = format!(
        "| operations | state | objects, loose and packed | on disk | {} | ready, cold | push of all |\n",
        heads.join(" | ")
    );
    _ = writeln!(table, "|--:|---|--:|--:|{}--:|--:|", "--:|".repeat(COMMANDS.len()));
    for size in sizes {
        let folder = machine.root.path().join(format!("grown-{size}"));
        let any = grow(machine, &folder, *size);
        line(machine, &mut table, &folder, *size, "loose", &any);
        let packing = pack(machine, &folder);
        line(machine, &mut table, &folder, *size, &format!("packed in {}", seconds(packing)), &any);
        let collecting = machine.time(&folder, "git", &["gc", "-q"]);
        line(machine, &mut table, &folder, *size, &format!("git gc in {}", seconds(collecting)), &any);
    }
    table
}

/// Makes a tracker with a history of so many operations, all of them loose; returns an issue of it.
fn grow(machine: &Machine, folder: &Path, size: usize) -> String {
    let issues = scene::make(machine, folder, ISSUES);
    let context = Context::new(BTreeMap::new(), folder.to_owned()).expect("a context");
    let store = Store::discover(&context, None).expect("a repository");
    let author = Author { actor: "alice".into(), email: "alice@example.com".into(), session: "s1".into() };
    for number in 0..size {
        let written = store.transact(&context, &author, "comment", |txn| {
            let at = number * 7919 % ISSUES;
            let mut issue = txn.issue(at)?;
            // What is said stands in the place of what was said before: an issue does not grow without end.
            issue.body.comments.truncate(4);
            issue.body.comments.push(Comment {
                id: context.fresh_id(),
                at: context.now(),
                by: "alice".to_owned(),
                text: format!(
                    "Looked into it for the {number}th time: the timer is not reset by the keyboard."
                ),
            });
            txn.subject(format!("comment {}", txn.tracker().key(at)));
            txn.put(issue)
        });
        written.expect("the operation is written");
    }
    issues[0].front.id.to_string()
}

/// What `qp sync` does when there are many: git's own task, which removes in its second run what it packed in the first.
fn pack(machine: &Machine, folder: &Path) -> Duration {
    let run = || machine.time(folder, "git", &["maintenance", "run", "--task=loose-objects", "--quiet"]);
    let mut total = run();
    for _ in 0..20 {
        total += run();
        if counts(machine, folder).0 == 0 {
            break;
        }
    }
    total
}

fn line(machine: &Machine, table: &mut String, folder: &Path, size: usize, state: &str, any: &str) {
    let (loose, packed, kilobytes) = counts(machine, folder);
    _ = write!(table, "| {size} | {state} | {loose} + {packed} | {} MB |", kilobytes / 1024);
    for (_, words) in COMMANDS {
        let words: Vec<&str> = words.iter().map(|word| if *word == "{any}" { any } else { word }).collect();
        machine.time(folder, QP, &words);
        let time = median((0..RUNS).map(|_| machine.time(folder, QP, &words)).collect());
        _ = write!(table, " {} |", millis(time));
    }
    let cold = || {
        // There may be none.
        std::fs::remove_dir_all(folder.join(".git/quipu")).ok();
        machine.time(folder, QP, &["ready", "--json"])
    };
    let cold = median((0..3).map(|_| cold()).collect());
    let push = push(machine, folder);
    _ = writeln!(table, " {} | {} |", millis(cold), seconds(push));
}

/// Sends everything to an empty repository.
fn push(machine: &Machine, folder: &Path) -> Duration {
    let hub: PathBuf = tempfile::tempdir_in(machine.root.path()).expect("a temporary folder").keep();
    machine.time(&hub, "git", &["init", "-q", "--bare"]);
    let time =
        machine.time(folder, "git", &["push", "-q", hub.to_str().expect("UTF-8"), "quipu-sync:quipu-sync"]);
    std::fs::remove_dir_all(&hub).ok();
    time
}

/// Returns how many objects are loose and packed, and what all of them take on disk, in kB.
fn counts(machine: &Machine, folder: &Path) -> (usize, usize, usize) {
    let output = machine
        .command(folder, "git", &["count-objects", "-v"])
        .stdout(Stdio::piped())
        .output()
        .expect("git runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let value = |name: &str| -> usize {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.and_then(|number| number.parse().ok()).expect("git counts objects")
    };
    (value("count"), value("in-pack"), value("size") + value("size-pack"))
}

fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
