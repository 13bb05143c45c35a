//! What may stand in a file: its length, its first line, its name, and words that must not be left behind.

use super::none;
use super::sources::{Source, files, find_word, rust};

/// A file of more lines wants to be two.
const LONGEST: usize = 600;
/// The same for tests, which hold what commands print.
const LONGEST_TEST: usize = 1000;

fn too_long(source: &Source) -> Option<String> {
    let lines = source.text.lines().count();
    let limit = if source.path.starts_with("tests/") { LONGEST_TEST } else { LONGEST };
    (lines > limit).then(|| format!("{}: {lines} lines, the limit is {limit}", source.path))
}

fn without_introduction(source: &Source) -> Option<String> {
    let introduced = source.text.starts_with("//! ");
    (!introduced).then(|| format!("{}: does not open with //! and a sentence", source.path))
}

fn vague_name(source: &Source) -> Option<String> {
    let vague = ["util", "utils", "helper", "helpers", "manager", "misc", "common"];
    let words = source.path.split(['/', '.', '_']);
    let found = words.into_iter().find(|word| vague.contains(word))?;
    Some(format!("{}: {found} says nothing about what is in it", source.path))
}

/// Words that mean: not finished. Put together here so that this file does not hold them itself.
fn unfinished(source: &Source) -> Vec<String> {
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("dbg", "!("),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("#[", "ignore"),
        concat!("#[", "allow("),
        concat!("#![", "allow("),
    ];
    occurrences(source, &words, "finish it, or say so elsewhere")
}

fn waiting(source: &Source) -> Vec<String> {
    let found = find_word(&source.code(), "sleep");
    found.map(|at| source.at(at, "a test waits for an event, not for time")).into_iter().collect()
}

/// The places where a work is made have no place in the work.
fn workplaces(source: &Source) -> Vec<String> {
    let absolute = [concat!("/wo", "rk/"), concat!(".lib", "rary")];
    let shared = concat!("../sha", "red");
    let mut found = Vec::new();
    for word in absolute {
        let begins =
            |at: &usize| !source.text[..*at].ends_with(|c: char| c.is_alphanumeric() || "_-.*]".contains(c));
        let places = source.text.match_indices(word).map(|(at, _)| at).filter(begins);
        found.extend(places.map(|at| source.at(at, &format!("{word} is nobody's business"))));
    }
    if !source.path.starts_with("tests/") && !source.path.starts_with(".ci/") {
        found.extend(occurrences(source, &[shared], "only tests may look beside the project"));
    }
    found
}

fn occurrences(source: &Source, words: &[&str], why: &str) -> Vec<String> {
    let places = |word: &&str| -> Vec<String> {
        let found = source.text.match_indices(*word);
        found.map(|(at, word)| source.at(at, &format!("{word} {why}"))).collect()
    };
    words.iter().flat_map(places).collect()
}

/// Everything that people wrote.
fn written() -> Vec<Source> {
    let places = [
        "src",
        "tests",
        "docs",
        "fixtures",
        ".ci",
        ".github",
        "README.md",
        "CHANGELOG.md",
        "Cargo.toml",
        ".clippy.toml",
        ".rustfmt.toml",
        ".gitignore",
    ];
    places.iter().flat_map(|place| files(place)).collect()
}

fn ours() -> Vec<Source> {
    ["src", "tests"].iter().flat_map(|folder| rust(folder)).collect()
}

#[test]
fn files_are_short_introduced_and_well_named() {
    let sources = ours();
    assert!(sources.len() > 50, "the sources are found");
    none(sources.iter().filter_map(too_long).collect());
    none(sources.iter().filter_map(without_introduction).collect());
    none(sources.iter().filter_map(vague_name).collect());
}

#[test]
fn nothing_is_unfinished() {
    none(ours().iter().flat_map(unfinished).collect());
}

#[test]
fn no_test_sleeps() {
    none(rust("tests").iter().flat_map(waiting).collect());
}

#[test]
fn no_workplace_is_named() {
    none(written().iter().flat_map(workplaces).collect());
}

#[test]
fn long_unnamed_and_vague_files_are_found() {
    assert!(too_long(&Source::sample("src/a.rs", &"\n".repeat(601))).is_some());
    assert!(too_long(&Source::sample("src/a.rs", &"\n".repeat(600))).is_none());
    assert!(too_long(&Source::sample("tests/it/a.rs", &"\n".repeat(1001))).is_some());
    assert!(without_introduction(&Source::sample("src/a.rs", "use std::fmt;\n")).is_some());
    for path in ["src/util.rs", "src/store/helpers/mod.rs", "tests/it/misc.rs", "src/cli/claim_manager.rs"] {
        assert!(vague_name(&Source::sample(path, "")).is_some(), "{path}");
    }
    assert!(vague_name(&Source::sample("src/utility_bill.rs", "")).is_none());
}

#[test]
fn unfinished_words_are_found() {
    let text = ["// TO", "DO later\nfn f() { todo", "!() }\n#[", "allow(dead_code)]\n#[", "ignore]"].concat();
    assert_eq!(unfinished(&Source::sample("src/a.rs", &text)).len(), 4);
    let sleeping = Source::sample("tests/it/a.rs", "use std::thread::sleep;\nfn f() { sleep(SECOND) }");
    assert_eq!(waiting(&sleeping), ["tests/it/a.rs:1: a test waits for an event, not for time"]);
    let script = Source::sample("tests/it/a.rs", "env.shell(\"sleep 60 | qp list\");");
    assert_eq!(waiting(&script), [""; 0]);
}

#[test]
fn workplaces_are_found() {
    let text = ["see /wo", "rk/main and .lib", "rary, ../sha", "red/design.md"].concat();
    assert_eq!(workplaces(&Source::sample("docs/a.md", &text)).len(), 3);
    assert_eq!(workplaces(&Source::sample("tests/it/a.rs", &text)).len(), 2);
    let harmless = ["src/wo", "rk/**, /home/runner/wo", "rk/repo"].concat();
    assert_eq!(workplaces(&Source::sample("docs/a.md", &harmless)), [""; 0]);
}
