//! Runs the tests of every row of the table of environments and says how each row fares here:
//! `cargo test --test environments`.
//!
//! The tests are those of the test program `it`; they are not compiled a second time. A test that needs a right or a
//! tool that this machine has not says `not runnable here: why`, and its rows are counted apart.
//!
//! Where `QP_TEST_OUTPUT` names a file, the tests have been run already: it is what
//! `cargo test -- --show-output` has printed.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "runs the tests and prints how they fared"
)]

#[path = "../it/environments/table.rs"]
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use table::Row;

/// What a test says before the reason why it did not run.
const SKIPPED: &str = "not runnable here: ";

/// How one test fared.
#[derive(Default)]
struct Fate {
    passed: bool,
    /// Why it was not run.
    skipped: Option<String>,
}

fn main() -> ExitCode {
    let rows = table::rows();
    let output = match std::env::var_os("QP_TEST_OUTPUT") {
        Some(file) => std::fs::read(file).expect("the output of the tests"),
        None => run(&rows),
    };
    let text = String::from_utf8_lossy(&output);
    let fates = read(&text);
    let failed = report(&rows, &fates);
    if failed == 0 {
        return ExitCode::SUCCESS;
    }
    println!("\n{text}");
    ExitCode::FAILURE
}

/// Runs the tests of all rows and returns what they print.
fn run(rows: &[Row]) -> Vec<u8> {
    let tests: BTreeSet<&str> =
        rows.iter().filter(|r| !r.is_pending()).flat_map(|r| r.tests.clone()).collect();
    let mut command = Command::new(program());
    command.args(["--exact", "--show-output"]).args(tests).stderr(Stdio::inherit());
    command.output().expect("the tests run").stdout
}

/// Has cargo build the tests, where they are not up to date, and returns their program.
fn program() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["test", "--locked", "--test", "it", "--no-run", "--quiet", "--message-format=json"]);
    command.args((!cfg!(debug_assertions)).then_some("--release"));
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit()).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "the tests cannot be built");
    let messages = String::from_utf8(output.stdout).expect("UTF-8");
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        (message["target"]["name"] == "it").then(|| message["executable"].as_str().map(PathBuf::from))?
    };
    messages.lines().find_map(executable).expect("cargo names the program")
}

/// Reads what the tests printed: a line a test, and what each has written.
fn read(output: &str) -> BTreeMap<&str, Fate> {
    let mut fates: BTreeMap<&str, Fate> = BTreeMap::new();
    let mut writer = None;
    for line in output.lines() {
        let outcome = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "));
        if let Some((name, outcome)) = outcome {
            fates.entry(name).or_default().passed = outcome == "ok";
        } else if let Some(rest) = line.strip_prefix("---- ") {
            writer = rest.strip_suffix(" stdout ----");
        } else if let (Some(name), Some(why)) = (writer, line.strip_prefix(SKIPPED)) {
            fates.entry(name).or_default().skipped = Some(why.to_owned());
        }
    }
    fates
}

/// Prints a line a row and the sum, and returns how many rows failed.
fn report(rows: &[Row], fates: &BTreeMap<&str, Fate>) -> usize {
    let (mut passed, mut failed, mut pending) = (0, 0, 0);
    let mut skipped: BTreeMap<&str, usize> = BTreeMap::new();
    let mut section = "";
    for row in rows {
        if row.section != section {
            section = row.section;
            println!("\n{section}");
        }
        let fate = |test: &&str| fates.get(*test);
        let bad: Vec<&str> =
            row.tests.iter().filter(|t| !fate(t).is_some_and(|fate| fate.passed)).copied().collect();
        let why = row.tests.iter().filter_map(fate).find_map(|fate| fate.skipped.as_deref());
        if row.is_pending() {
            pending += 1;
            println!("pending            {}", row.id);
        } else if !bad.is_empty() {
            failed += 1;
            println!("FAILED             {}: {} {}", row.id, row.does, bad.join(", "));
        } else if let Some(why) = why {
            *skipped.entry(why).or_default() += 1;
            println!("not runnable here  {}: {why}", row.id);
        } else {
            passed += 1;
            println!("passed             {}: {}", row.id, row.what);
        }
    }
    let count: usize = skipped.values().sum();
    let whys: Vec<String> = skipped.iter().map(|(why, rows)| format!("{why}: {rows}")).collect();
    let whys = if whys.is_empty() { String::new() } else { format!(" ({})", whys.join("; ")) };
    let rest = if pending == 0 { String::new() } else { format!(", {pending} pending") };
    println!(
        "\nenvironments: {} rows: {passed} passed, {failed} failed, {count} not runnable here{whys}{rest}",
        rows.len()
    );
    failed
}
