//! `docs/format.md` says what the code does.

use std::path::Path;

use quipu::model::{FIELDS, Issue};
use quipu::output::format_doc::format_reference;

#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/format.md");
    let expected = format_reference();
    #[expect(clippy::disallowed_methods, reason = "a switch of the test itself")]
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).expect("the checkout is writable");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/format.md is out of date: run UPDATE_DOCS=1 cargo test --test it reference"
    );
}

#[test]
fn its_example_is_canonical_and_its_table_complete() {
    let page = format_reference();
    let example =
        page.split("~~~markdown\n").nth(1).and_then(|rest| rest.split("~~~\n").next()).expect("an example");
    let issue = Issue::read(example.as_bytes(), None).expect("readable");
    assert_eq!(issue.write(), example);
    for field in FIELDS {
        assert!(page.contains(&format!("| `{}` | `{}` |", field.key, field.json)), "{}", field.key);
    }
}
