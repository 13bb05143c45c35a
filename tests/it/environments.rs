//! The table of environments: every row names tests that exist, and `docs/environments.md` is made from it.
//!
//! `cargo test --test environments` runs the tests of the rows and counts the rows.

mod table;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use table::rows;

/// The names of all tests of this program.
fn tests() -> BTreeSet<String> {
    let program = std::env::current_exe().expect("this program has a path");
    let output = Command::new(program).arg("--list").output().expect("it runs");
    let list = String::from_utf8(output.stdout).expect("UTF-8");
    list.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

#[test]
fn every_row_has_tests_and_every_test_exists() {
    let tests = tests();
    assert!(tests.len() > 500, "the list was not read");
    let mut wrong = Vec::new();
    for row in rows().iter().filter(|row| !row.is_pending()) {
        if row.tests.is_empty() {
            wrong.push(format!("{} has no tests", row.id));
        }
        let missing = row.tests.iter().filter(|test| !tests.contains(**test));
        wrong.extend(missing.map(|test| format!("{}: there is no test {test}", row.id)));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn rows_are_written_alike() {
    let mut ids = BTreeSet::new();
    for row in rows() {
        assert!(ids.insert(row.id), "{} stands there twice", row.id);
        let plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        assert!(row.id.contains('.') && row.id.chars().all(plain), "{}", row.id);
        assert!(row.does.ends_with('.') && !row.what.ends_with('.'), "{}", row.id);
    }
}

/// Puts each test into code style, below the name of its module.
fn shown(tests: &[&str]) -> String {
    let names: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
    names.join("<br>")
}

fn page() -> String {
    let mut page = include_str!("environments/intro.md").to_owned();
    let rows = rows();
    let mut section = "";
    for row in &rows {
        if row.section != section {
            section = row.section;
            write!(
                page,
                "\n### {section}\n\n| row | what it is | what qp does | tests |\n|---|---|---|---|\n"
            )
            .expect("text");
        }
        let tests = if row.is_pending() { "to come".to_owned() } else { shown(&row.tests) };
        writeln!(page, "| {} | {} | {} | {tests} |", row.id, row.what, row.does).expect("text");
    }
    let tests: BTreeSet<&str> =
        rows.iter().filter(|r| !r.is_pending()).flat_map(|r| r.tests.clone()).collect();
    write!(page, "\n{} rows, {} tests.\n", rows.len(), tests.len()).expect("text");
    page
}

#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/environments.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        return std::fs::write(&path, page()).expect("the page can be written");
    }
    let there = std::fs::read_to_string(&path).expect("the page is there");
    assert!(
        there == page(),
        "docs/environments.md is out of date: UPDATE_DOCS=1 cargo test --test it environments"
    );
}
