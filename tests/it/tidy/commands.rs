//! Every command of the grammar is tested, and stands in the reference.

use super::none;
use super::sources::{Source, files, rust, top};

/// Files that name every command without testing it.
const TABLES: [&str; 2] = ["tests/it/tidy/", "tests/it/compat/lines.rs"];

/// Returns every command that can be run, such as `create` and `dep add`, in the order of the grammar.
pub fn commands() -> Vec<String> {
    walk(|_| true)
}

/// Returns the commands that the help shows.
fn visible() -> Vec<String> {
    walk(|command| !command.is_hide_set())
}

fn walk(select: fn(&clap::Command) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    collect(&quipu::cli::grammar(), "", select, &mut found);
    assert!(found.len() > 5, "the commands are found");
    found
}

fn collect(
    parent: &clap::Command,
    before: &str,
    select: fn(&clap::Command) -> bool,
    found: &mut Vec<String>,
) {
    for command in parent.get_subcommands().filter(|c| select(c)) {
        let path = format!("{before}{}", command.get_name());
        // A command that only leads to others is not one by itself.
        if !command.has_subcommands() || !command.is_subcommand_required_set() {
            found.push(path.clone());
        }
        collect(command, &format!("{path} "), select, found);
    }
}

/// Tells whether a test calls a command: `"dep", "add"` as arguments, or `qp dep add` in a script.
fn calls(source: &Source, command: &str) -> bool {
    let arguments = format!("\"{}\"", command.replace(' ', "\", \""));
    let script = format!("qp {command}");
    source.text.contains(&arguments)
        || source.text.match_indices(&script).any(|(at, found)| {
            !source.text[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '-')
        })
}

fn untested(commands: &[String], tests: &[Source]) -> Vec<String> {
    let tested = |command: &String| tests.iter().any(|source| calls(source, command));
    commands.iter().filter(|c| !tested(c)).map(|c| format!("no test runs qp {c}")).collect()
}

fn undocumented(commands: &[String], reference: &str) -> Vec<String> {
    let stands = |command: &String| reference.contains(&format!("qp {command}"));
    commands.iter().filter(|c| !stands(c)).map(|c| format!("docs/reference.md lacks qp {c}")).collect()
}

#[test]
fn every_command_is_tested() {
    let mut tests = rust("tests");
    tests.extend(files("docs/tour.md"));
    tests.retain(|source| !TABLES.iter().any(|table| source.path.starts_with(table)));
    none(untested(&commands(), &tests));
}

#[test]
fn every_command_is_in_the_reference() {
    let reference = std::fs::read_to_string(top().join("docs/reference.md")).expect("docs/reference.md");
    none(undocumented(&visible(), &reference));
}

#[test]
fn an_untested_or_undocumented_command_is_found() {
    let commands = ["create", "dep add", "dep"].map(str::to_owned);
    let test = Source::sample("tests/it/a.rs", "env.qp([\"create\", \"x\"]); // qp depend");
    assert_eq!(untested(&commands, &[test]), ["no test runs qp dep add", "no test runs qp dep"]);
    let test = Source::sample("tests/it/a.rs", "env.qp([\"dep\", \"add\", \"a\", \"b\"]); // qp create");
    assert_eq!(untested(&commands, &[test]), [""; 0]);
    assert_eq!(undocumented(&commands, "## qp create\n## qp dep add"), [""; 0]);
    assert_eq!(undocumented(&commands, "## qp create").len(), 2);
}
