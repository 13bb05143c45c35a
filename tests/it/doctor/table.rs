//! The table of findings, its page, and that every kind of finding is planted by some test.

use std::path::Path;

use quipu::output::doctor_doc::doctor_page;
use quipu::query::AILMENTS;

use crate::tidy::sources::rust;

#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doctor.md");
    let expected = doctor_page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).expect("the checkout is writable");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/doctor.md is out of date: run UPDATE_DOCS=1 cargo test --test it doctor::table"
    );
}

#[test]
fn codes_are_unique_and_severities_begin_with_the_worst() {
    for (at, ailment) in AILMENTS.iter().enumerate() {
        assert!(AILMENTS[..at].iter().all(|other| other.code != ailment.code), "{}", ailment.code);
        assert!(ailment.severities.is_sorted() && !ailment.severities.is_empty(), "{}", ailment.code);
    }
}

/// A finding of any other code cannot be made: see `Finding::new`.
#[test]
fn every_code_is_found_by_the_source_and_planted_by_a_test() {
    let quoted = |code: &str| format!("\"{code}\"");
    let sources = rust("src");
    let tests: Vec<_> =
        rust("tests/it").into_iter().filter(|s| s.path.starts_with("tests/it/doctor")).collect();
    for ailment in AILMENTS {
        let code = quoted(ailment.code);
        let emitted =
            sources.iter().filter(|s| s.path != "src/query/ailments.rs").any(|s| s.text.contains(&code));
        assert!(emitted, "{code} is in the table, and nothing finds it");
        assert!(tests.iter().any(|s| s.text.contains(&code)), "no test of doctor plants {code}");
    }
}

#[test]
fn every_literal_code_is_in_the_table() {
    let is_code = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let mut seen = 0;
    for source in rust("src") {
        for (at, _) in source.text.match_indices("Finding::new(") {
            let call: String = source.text[at..].chars().take(120).collect();
            let Some(code) = call.split('"').nth(1).filter(is_code) else { continue };
            seen += 1;
            assert!(AILMENTS.iter().any(|ailment| ailment.code == code), "{}: {code}", source.path);
        }
    }
    assert!(seen > 20, "the calls are found");
}
