//! Instructions instead of milliseconds: what a command executes does not depend on the machine's mood.
//!
//! Each command has a ceiling in `tests/bench/ceilings.txt`. `-- --count --write` sets it a tenth above what is counted.

use std::path::Path;
use std::process::Stdio;

use crate::measure::{Machine, QP};
use crate::scene;

/// Issues in the tracker that is asked.
const SIZE: usize = 1_000;
const CEILINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/ceilings.txt");
/// What is counted, a line each.
const COMMANDS: [&[&str]; 9] = [
    &["--version"],
    &["whoami"],
    &["show", "{any}", "--json"],
    &["list", "--json"],
    &["ready", "--json"],
    &["status"],
    &["search", "keyboard", "--json"],
    &["create", "Counted"],
    &["close", "{open}", "-r", "done"],
];

/// Counts, and fails where a ceiling is passed.
pub fn run(machine: &Machine, write: bool) {
    let folder = machine.root.path().join("counted");
    let issues = scene::make(machine, &folder, SIZE);
    let open = crate::generate::startable(&issues).next().expect("an open issue").front.id.to_string();
    let any = issues[SIZE / 3].front.id.to_string();
    let known = std::fs::read_to_string(CEILINGS).unwrap_or_default();
    let ceiling = |name: &str| -> Option<u64> {
        known.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")?.trim().parse().ok())
    };
    let mut lines = String::new();
    let mut passed = Vec::new();
    for command in COMMANDS {
        let name = command.join(" ");
        let arguments: Vec<&str> = command
            .iter()
            .map(|word| match *word {
                "{any}" => any.as_str(),
                "{open}" => open.as_str(),
                word => word,
            })
            .collect();
        if !write_free(command) {
            // The files that the first run makes are there.
            machine.time(&folder, QP, &["search", "keyboard"]);
        }
        let Some(count) = count(machine, &folder, &arguments) else {
            return crate::eprint("valgrind cannot be run here: nothing was counted");
        };
        lines.push_str(&format!("{name}: {}\n", count + count / 10));
        let limit = ceiling(&name);
        crate::say(&format!("{name}: {count} instructions, the ceiling is {}", limit.unwrap_or_default()));
        passed.extend(limit.is_none_or(|limit| count > limit).then_some(name));
    }
    if write {
        std::fs::write(CEILINGS, lines).expect("the ceilings can be written");
    } else {
        assert!(
            passed.is_empty(),
            "more instructions than tests/bench/ceilings.txt allows: {}",
            passed.join(", ")
        );
    }
}

fn write_free(command: &[&str]) -> bool {
    matches!(command[0], "--version" | "whoami")
}

/// Returns how many instructions a command executes; `None` where valgrind is missing.
fn count(machine: &Machine, folder: &Path, arguments: &[&str]) -> Option<u64> {
    let out = machine.root.path().join("callgrind.out");
    let words = ["--tool=callgrind", &format!("--callgrind-out-file={}", out.display()), QP];
    let mut command = machine.command(folder, "valgrind", &words);
    command.args(arguments).stdout(Stdio::null()).env("QP_TEST_NOW", "2026-06-01T00:00:00Z");
    let output = command.env("QP_TEST_SEED", "7").output().ok()?;
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split_once("Collected :"))?;
    line.1.trim().parse().ok()
}
