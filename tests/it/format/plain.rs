//! What stands without quotes is a text to every reader of YAML, 1.1 or 1.2.

use proptest::prelude::*;
use quipu::model::{Place, is_plain, write_scalar};
use serde_json::Value;

use super::arbitrary;

/// What a reader of YAML 1.1 (or of 1.2) takes for something else than a text, and what it cannot take at all.
const NOT_TEXT: &[&str] = &[
    "",
    "~",
    "null",
    "Null",
    "NULL",
    "y",
    "Y",
    "n",
    "N",
    "yes",
    "Yes",
    "YES",
    "no",
    "No",
    "NO",
    "on",
    "On",
    "ON",
    "off",
    "Off",
    "OFF",
    "true",
    "True",
    "TRUE",
    "false",
    "False",
    "FALSE",
    "<<",
    "=",
    "0",
    "1",
    "-1",
    "+1",
    "014",
    "0o14",
    "0x1f",
    "0b101",
    "1_000",
    "190:20:30",
    "1:30",
    "-1:30",
    "12e03",
    "1e3",
    "1.",
    ".5",
    "2.50",
    "+.5",
    "-.inf",
    ".inf",
    ".Inf",
    ".NAN",
    ".nan",
    "685.230_15e+03",
    "190:20:30.15",
    "2026-01-08",
    "2026-1-8",
    "2026-01-08T14:30:00Z",
    "2026-01-08 14:30:00",
    "2026-01-08T14:30:00.000Z",
    "2001-12-14t21:59:43.10-05:00",
    "01234567890123456789012345",
    "0123456789012345678901234e",
    " x",
    "x ",
    "\tx",
    "x\t",
    "- x",
    "-",
    "? x",
    "?",
    ": x",
    ":",
    "x:",
    "a: b",
    "#x",
    "a #b",
    "@x",
    "`x",
    "%x",
    "!x",
    "&x",
    "*x",
    "|",
    ">",
    "\"x\"",
    "'x'",
    "[x",
    "]x",
    "{x",
    "}x",
    ",x",
    "---",
    "...",
    "a\nb",
    "a\rb",
    "a\tb",
    "a\u{85}b",
    "a\u{2028}b",
    "a\u{feff}b",
    "a\0b",
    "a\u{7f}b",
    "a\u{9b}b",
    "a\u{fffe}b",
];

#[test]
fn whatever_means_something_is_quoted() {
    for text in NOT_TEXT {
        assert!(!is_plain(text, Place::Block), "{text:?}");
        assert!(!is_plain(text, Place::Flow), "{text:?}");
    }
    for text in ["a,b", "a]", "a}", "a:b", "a\"b", "it's", "[a"] {
        assert!(!is_plain(text, Place::Flow), "{text:?}");
    }
}

#[test]
fn ordinary_words_are_not() {
    for text in [
        "Log users out",
        "in_progress",
        "src/auth/**",
        "claude-7f3",
        "it's",
        "a:b",
        "a, b",
        "C#",
        "/etc",
        "été",
        "nope",
    ] {
        assert!(is_plain(text, Place::Block), "{text:?}");
    }
    assert!(is_plain(super::ID, Place::Flow));
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let mut block = String::from("key: ");
    write_scalar(&mut block, text, Place::Block);
    let mut flow = String::from("key: [");
    write_scalar(&mut flow, text, Place::Flow);
    flow.push_str(", ");
    write_scalar(&mut flow, text, Place::Flow);
    flow.push(']');
    // The library's own defaults take the words of YAML 1.1 for booleans.
    for document in [block, flow] {
        let read: Value = serde_saphyr::from_str(&document).expect("valid YAML");
        let value = &read["key"];
        let texts = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        prop_assert!(texts.iter().all(|t| t == text), "{:?} became {:?}", document, value);
    }
    // All that YAML 1.1 resolves to another type begins with one of these or is a word of the list above.
    if is_plain(text, Place::Block) {
        prop_assert!(text.len() == 26 || !text.starts_with(|c: char| "+-.0123456789=<~".contains(c)));
        prop_assert!(!NOT_TEXT.contains(&text));
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_scalar_is_a_text_to_an_untyped_reader(text in arbitrary::text()) {
        check(&text)?;
    }

    #[test]
    fn so_is_anything_of_the_length_of_a_ulid(text in "[0-9a-z]{26}", number in "[0-9]{2,20}e[0-9]{1,20}") {
        check(&text)?;
        check(&number)?;
    }
}

#[test]
fn so_are_all_the_words_above() {
    for text in NOT_TEXT {
        check(text).expect("a text");
    }
}
