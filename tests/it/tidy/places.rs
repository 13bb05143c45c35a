//! What stands at the top of the repository, and how many packages it stands on.

use std::collections::BTreeSet;

use super::none;
use super::sources::top;

/// Packages that `Cargo.lock` may name. A new one has to be worth the number.
const MOST_PACKAGES: usize = 229;

const TOP: [&str; 9] =
    ["Cargo.toml", "Cargo.lock", "src", "tests", "fixtures", "docs", "README.md", "LICENSE", "CHANGELOG.md"];

fn packages(lock: &str) -> usize {
    lock.lines().filter(|line| *line == "[[package]]").count()
}

fn strangers(names: &BTreeSet<String>) -> Vec<String> {
    let known = |name: &String| name.starts_with('.') || name == "target" || TOP.contains(&name.as_str());
    names
        .iter()
        .filter(|name| !known(name))
        .map(|name| format!("{name} does not belong at the top"))
        .collect()
}

fn missing(names: &BTreeSet<String>) -> Vec<String> {
    TOP.iter().filter(|name| !names.contains(**name)).map(|name| format!("{name} is missing")).collect()
}

#[test]
fn the_top_level_is_what_it_should_be() {
    let entries = std::fs::read_dir(top()).expect("the project's folder");
    let names: BTreeSet<String> =
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    none(strangers(&names));
    none(missing(&names));
}

#[test]
fn packages_stay_below_the_ceiling() {
    let count = packages(&std::fs::read_to_string(top().join("Cargo.lock")).expect("Cargo.lock"));
    assert!(count <= MOST_PACKAGES, "{count} packages, the ceiling is {MOST_PACKAGES}");
    assert!(count > 100, "the packages are found");
}

#[test]
fn a_stranger_and_a_gap_are_found() {
    let names = BTreeSet::from(["Cargo.toml", "notes.txt", ".ci", "target"].map(str::to_owned));
    assert_eq!(strangers(&names), ["notes.txt does not belong at the top"]);
    assert_eq!(missing(&names).len(), 8);
    assert_eq!(packages("[[package]]\nname = \"a\"\n\n[[package]]\nname = \"b\"\n"), 2);
}
