//! Only additions: what a document has, it keeps.
//!
//! `tests/it/schema_fields.txt` lists every field with its type, and what every command prints. A line that is there and no
//! longer true fails; a new one is added by `UPDATE_DOCS=1`, which never takes one away.

use std::collections::BTreeMap;
use std::path::Path;

use quipu::cli::{COMMANDS, documents};
use quipu::output::schema::{Presence, Shape, type_text};

const RULE: &str = "\
Programs read these documents. A field that was released keeps its name and its type, and one that is always there stays
so (docs/json.md, Rules). Add a field of another name instead. Where a field really must go, raise SCHEMA_VERSION in
src/output/json.rs, say so in the changelog, and remove its line from tests/it/schema_fields.txt by hand.";

/// What every field is now: `Row.id` is `text, always`.
fn now() -> BTreeMap<String, String> {
    let fields = documents().into_values().flat_map(|document| {
        document.own_fields().into_iter().map(|field| {
            let presence = if field.presence == Presence::Always { ", always" } else { "" };
            (format!("{}.{}", document.name, field.name), format!("{}{presence}", type_text(field.kind)))
        })
    });
    let commands = COMMANDS.iter().flat_map(|(command, shapes)| {
        let line =
            move |shape: &Shape| (format!("qp {command} prints {}", shape.text()), "result".to_owned());
        shapes.iter().map(line)
    });
    fields.chain(commands).collect()
}

fn read(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect()
}

fn write(lines: &BTreeMap<String, String>) -> String {
    let lines: String = lines.iter().map(|(name, kind)| format!("{name}: {kind}\n")).collect();
    format!(
        "# Every field of every JSON document, and what every command prints. Lines are only added.\n{lines}"
    )
}

/// Tells whether what was promised still holds: the same type, or more words, and always there where it was so.
fn holds(before: &str, after: &str) -> bool {
    let parts = |text: &str| {
        let (kind, always) = match text.strip_suffix(", always") {
            Some(kind) => (kind.to_owned(), true),
            None => (text.to_owned(), false),
        };
        (kind, always)
    };
    let ((old, was_always), (new, is_always)) = (parts(before), parts(after));
    let choices = |kind: &str| -> Vec<String> { kind.split(" or ").map(str::to_owned).collect() };
    let words = |kind: &str| !kind.contains("null") && kind.contains(" or ");
    let kept = old == new || words(&old) && choices(&old).iter().all(|word| choices(&new).contains(word));
    kept && (is_always || !was_always)
}

fn broken(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let broken = before.iter().filter_map(|(name, old)| match after.get(name) {
        None => Some(format!("{name} has gone; it was {old}")),
        Some(new) if !holds(old, new) => Some(format!("{name} is {new}; it was {old}")),
        Some(_) => None,
    });
    broken.collect()
}

#[test]
fn only_additions() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/schema_fields.txt");
    let before = read(&std::fs::read_to_string(&path).unwrap_or_default());
    let after = now();
    let broken = broken(&before, &after);
    assert!(broken.is_empty(), "\n{}\n\n{RULE}\n", broken.join("\n"));
    if ["UPDATE_DOCS", "SNAPSHOTS"].iter().any(|name| std::env::var_os(name).is_some()) {
        std::fs::write(&path, write(&after)).expect("the checkout is writable");
    } else {
        let new: Vec<&String> =
            after.iter().filter(|line| before.get(line.0) != Some(line.1)).map(|l| l.0).collect();
        assert!(
            new.is_empty(),
            "new: {new:?}; UPDATE_DOCS=1 cargo test --test it json_docs adds them to the list"
        );
    }
}

#[test]
fn what_goes_or_changes_is_found() {
    let before = read("# x\nA.a: text, always\nA.b: number\nA.c: one or two\nqp x: A\n");
    let after = |text: &str| broken(&before, &read(text));
    assert_eq!(
        after("A.a: text, always\nA.b: number, always\nA.c: one or two or three\nA.d: text\nqp x: A\n"),
        [""; 0]
    );
    assert_eq!(
        after("A.a: text\nA.b: text\nA.c: one or three\nqp x: array of A\n"),
        [
            "A.a is text; it was text, always",
            "A.b is text; it was number",
            "A.c is one or three; it was one or two",
            "qp x is array of A; it was A"
        ]
    );
    assert_eq!(after("A.a: text, always\nA.b: number\nqp x: A\n"), ["A.c has gone; it was one or two"]);
}
