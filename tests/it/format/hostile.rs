//! Input that wants to hurt: one clear error with its line, soon, and no overflow.

use quipu::model::{Issue, MAX_FILE};

use super::{ID, error_of, read_file, read_lines};

#[track_caller]
fn check(lines: &str, line: usize, message: &str) {
    let found = error_of(&format!("---\nid: {ID}\ntitle: x\n{lines}---\nbody\n"));
    assert_eq!(found, (line, message.to_owned()));
}

fn chain_of_aliases(width: usize) -> String {
    let mut text = String::from("a: &a [x, x, x]\n");
    for (before, name) in ('a'..='y').zip('b'..='z') {
        let items = vec![format!("*{before}"); width].join(", ");
        text.push_str(&format!("{name}: &{name} [{items}]\n"));
    }
    text
}

#[test]
fn alias_bombs() {
    check(&chain_of_aliases(9), 9, "more than 50000 values");
    check(&chain_of_aliases(3), 13, "more than 50000 values");
    check("a: &a [*a]\n", 4, "an alias that contains itself");
    let many: String = (0..200).map(|i| format!("k{i}: &a{i} x\n")).collect();
    check(&many, 104, "more than 100 anchors or aliases");
    let uses: String = (0..200).map(|i| format!("k{i}: *a\n")).collect();
    check(&format!("labels: &a [x]\n{uses}"), 105, "more than 100 anchors or aliases");
}

#[test]
fn nesting() {
    let deep = 10_000;
    for key in ["labels", "metadata", "links", "unknown", "title2"] {
        let flow = format!("{key}: {}{}\n", "[".repeat(deep), "]".repeat(deep));
        let (line, message) = error_of(&format!("---\nid: {ID}\ntitle: x\n{flow}---\n"));
        assert_eq!(line, 4, "{key}: {message}");
    }
    check(&format!("unknown: {}{}\n", "[".repeat(deep), "]".repeat(deep)), 4, "nested more than 64 deep");
    check(&format!("unknown: {}\n", "{a: ".repeat(deep)), 4, "nested more than 64 deep");
    check(&format!("unknown:\n  {}x\n", "- ".repeat(deep)), 5, "nested more than 64 deep");
    check(&format!("unknown:\n  {}x\n", "? ".repeat(deep)), 5, "nested more than 64 deep");
    let stairs: String = (0..200).map(|i| format!("{}a:\n", " ".repeat(i + 1))).collect();
    check(&format!("unknown:\n{stairs}"), 68, "nested more than 64 deep");
}

#[test]
fn size() {
    let many: String = (0..100_000).map(|i| format!("k{i}:\n")).collect();
    check(&many, 25_001, "more than 50000 values");
    let fewer: String = (0..2000).map(|i| format!("k{i}: x\n")).collect();
    check(&fewer, 1004, "more than 1000 keys that quipu does not know");
    check(&format!("labels: [{}]\n", "a, ".repeat(300_000)), 4, "more than 50000 values");
    let file = format!("---\nid: {ID}\ntitle: x\n---\n{}", "x".repeat(2 << 20));
    assert_eq!(error_of(&file), (1, format!("the file has {} bytes, the limit is {MAX_FILE}", file.len())));
    let full = format!("---\nid: {ID}\ntitle: x\n---\n{}", "x\n".repeat(MAX_FILE / 2 - 30));
    assert!(read_file(&full).is_ok());
}

#[test]
fn long_lines_are_no_attack() {
    let long = "word ".repeat(100_000);
    assert_eq!(
        read_lines(&format!("close_reason: {long}\n")).expect("long").front.close_reason.expect("it").len(),
        499_999
    );
    let key = "k".repeat(100_000);
    assert!(read_lines(&format!("metadata: {{\"{key}\": 1}}\n")).is_ok());
    assert!(read_lines(&format!("{key}: 1\n")).is_ok());
}

#[test]
fn bytes_that_are_no_text() {
    let file = [format!("---\nid: {ID}\ntitle: x\n---\nbody\n").as_bytes(), b"ab\xff\n"].concat();
    let error = Issue::read(&file, None).expect_err("not a text");
    assert_eq!((error.line, error.message.as_str()), (6, "not valid UTF-8"));
}

#[test]
fn bodies_are_never_wrong() {
    let body = "<<<<<<< HEAD\n=======\n>>>>>>> theirs\n---\n\0\u{1b}[31m\n<!-- qp:\n<!-- qp:comment -->\n";
    let issue = read_file(&format!("---\nid: {ID}\ntitle: x\n---\n{body}")).expect("any body is one");
    assert!(issue.body.description.starts_with("<<<<<<< HEAD\n=======\n"));
    assert_eq!(issue.body.unknown.len(), 1);
}
