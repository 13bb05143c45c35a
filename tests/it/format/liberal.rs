//! What people and other programs write is read, and what quipu does not know survives.

use quipu::model::{Issue, Ref, Settings, Status, Timestamp};

use super::{ID, read_file, read_lines};

#[track_caller]
fn labels(lines: &str) -> Vec<String> {
    read_lines(lines).expect("readable").front.labels.into_iter().collect()
}

#[track_caller]
fn title(value: &str) -> String {
    read_file(&format!("---\nid: {ID}\nstatus: open\ntitle: {value}\n---\n")).expect("readable").front.title
}

/// The canonical text of what one line means, below the fields that are always there.
#[track_caller]
fn kept(lines: &str) -> String {
    let issue = read_lines(lines).expect("readable");
    let text: String = issue.front.extra.values().map(String::as_str).collect();
    let again = read_file(&issue.write()).expect("readable");
    assert_eq!(again, issue);
    text
}

#[test]
fn lists_in_any_style() {
    for style in [
        "labels: [b, a]\n",
        "labels:\n  - a\n  - b\n",
        "labels:\n- b\n- a\n",
        "labels: ['a', \"b\", a]\n",
        "labels: [a,\n  b]\n",
    ] {
        assert_eq!(labels(style), ["a", "b"], "{style}");
    }
    assert_eq!(labels("labels: single\n"), ["single"]);
    for scalar in ["2.50", "014", "no", "true", "1e3", ".inf", "2026-01-08", "0x1f", "-3"] {
        assert_eq!(labels(&format!("labels: {scalar}\n")), [scalar]);
        assert_eq!(labels(&format!("labels: [{scalar}]\n")), [scalar]);
    }
    for nothing in ["labels:\n", "labels: ~\n", "labels: []\n", "labels: [~]\n", "labels: null\n"] {
        assert_eq!(labels(nothing), [""; 0], "{nothing}");
    }
}

#[test]
fn texts_in_any_style() {
    assert_eq!(title("'it''s'"), "it's");
    assert_eq!(title("\"a\\tb\\u00e9\\x21\""), "a\tbé!");
    assert_eq!(title("plain\n  over lines"), "plain over lines");
    assert_eq!(title(">-\n  folded\n  text"), "folded text");
    assert_eq!(title("|\n  literal\n   text"), "literal\n text\n");
    assert_eq!(title("|-\n  literal"), "literal");
    for number in ["2.50", "014", "no", "1e3", "0x1f", "12345678901234567890123"] {
        assert_eq!(title(number), number);
    }
    assert_eq!(title("!!str 5"), "5");
}

#[test]
fn a_flow_map_is_a_front_matter_too() {
    let text = format!("---\n{{title: x, id: {ID},\n labels: [a], extra: {{b: 1}}}}\n---\n");
    let issue = read_file(&text).expect("readable");
    assert_eq!(issue.front.extra["extra"], "extra: {\"b\": 1}\n");
    let json = format!(
        "---\n{{\"id\": \"{ID}\", \"title\": \"x\", \"labels\": [\"a\"], \"extra\": {{\"b\": 1}}}}\n---\n"
    );
    assert_eq!(read_file(&json).expect("readable"), issue);
}

#[test]
fn aliases_are_spelled_out() {
    let issue = read_lines("x: &me alice\nassignee: *me\nz: [*me, b]\n").expect("readable");
    assert_eq!(issue.front.assignee.as_deref(), Some("alice"));
    assert_eq!(issue.front.extra["x"], "x: &me alice\n");
    assert_eq!(issue.front.extra["z"], "z: [\"alice\", \"b\"]\n");
}

#[test]
fn references_may_be_keys() {
    let front = read_lines("parent: web-7k2m\nblocked_by: web-x1y2\nlinks: {type: tracks, id: web-a1b2}\n")
        .expect("readable")
        .front;
    assert_eq!(front.parent, Some(Ref::Key("web-7k2m".to_owned())));
    assert_eq!(front.blocked_by.first(), Some(&Ref::Key("web-x1y2".to_owned())));
    assert_eq!(front.links.first().map(|l| l.kind.as_str()), Some("tracks"));
    let upper = read_lines(&format!("parent: {}\n", ID.to_uppercase())).expect("readable").front;
    assert_eq!(upper.parent.map(|p| p.to_string()), Some(ID.to_owned()));
}

#[test]
fn what_is_missing_has_a_default() {
    let issue = Issue::read(
        b"---\ntitle: x\ntype:\nstatus: ''\npriority: P1\n---\n",
        quipu::model::IssueId::parse(ID),
    )
    .expect("readable");
    assert_eq!(issue.front.id.to_string(), ID);
    assert_eq!(
        (issue.front.kind.as_str(), &issue.front.status, issue.front.priority.number()),
        ("task", &Status::Open, 1)
    );
    assert_eq!(issue.front.created_at, issue.front.id.created_at());
    assert_eq!(issue.front.updated_at, issue.front.created_at);
    // The beginning of 1970 is a time like any other.
    let epoch = read_lines("created_at: 1970-01-01\nupdated_at: 1970-01-01 00:00\n").expect("readable").front;
    assert_eq!((epoch.created_at, epoch.updated_at), (Timestamp::default(), Timestamp::default()));
}

#[test]
fn line_ends_and_byte_order_marks() {
    let unix = format!(
        "---\nid: {ID}\ntitle: x\nlabels:\n  - a\nodd: |\n  b\n---\ntext\nmore\n\n<!-- qp:notes -->\n## Notes\n\nnote\n"
    );
    let dos = format!("\u{feff}{}", unix.replace('\n', "\r\n"));
    let (unix, dos) = (read_file(&unix).expect("readable"), read_file(&dos).expect("readable"));
    assert_eq!(dos.front.labels, unix.front.labels);
    assert_eq!(dos.body.description, "text\r\nmore");
    assert_eq!(dos.body.notes, "note");
    assert!(read_file(&format!("--- \nid: {ID}\ntitle: x\n---\t\r\nbody")).is_ok());
}

#[test]
fn unknown_keys_keep_their_style() {
    for lines in [
        "x: 2.50\n",
        "x:   'spaced'\n",
        "x: [a,b,   c]\n",
        "x:\n  - a\n  - b: c\n",
        "x:\n- a\n",
        "x: |\n  a\n\n  b\n",
        "x: |+\n  a\n\n",
        "x: >-\n  a\n  b\n",
        "x: plain\n  over lines\n",
        "x: y # why\n",
        "x: !tag y\n",
        "x: &y z\n",
        "x: .nan\n",
        "x: 1e999\n",
        "x: no\n",
        "\"a b\": c\n",
        "'a b': c\n",
        "x:\n",
        "x: ~\n",
        "x:\n  # inner\n  y: z\n",
        "<<: {a: b}\n",
        "= : a\n",
        "# alone\n",
        "# a\n# b\n",
    ] {
        let expected = if lines.starts_with(['<', '=']) { continue } else { lines };
        assert_eq!(kept(lines), expected);
    }
    assert_eq!(kept("<<: {status: closed}\n"), "\"<<\": {\"status\": \"closed\"}\n");
    assert_eq!(kept("x: a\n\n\n# below\n\ny: b\n"), "# below\nx: a\ny: b\n");
    // A carriage return ends a comment for YAML, so it must not come along.
    assert_eq!(kept("# a\rx: b\n"), "# a\nx: \"b\"\n");
}

#[test]
fn sections_and_markers() {
    let text = format!(
        "---\nid: {ID}\ntitle: x\n---\n```\nunclosed\n<!-- qp:notes -->\nno heading\n<!-- qp:notes -->\n## Notes\nmore\n\
         <!-- qp:future a=b -->\nkept <!-- \\qp:as it is -->\n\n<!-- qp:comment by=a%20b at=2026-01-08 id={ID} -->\n<!-- \\qp:x\n\
         <!-- qp:comment id={ID} -->\nnot a comment\n"
    );
    let body = read_file(&text).expect("readable").body;
    assert_eq!(body.description, "```\nunclosed");
    assert_eq!(body.notes, "no heading\n\nmore");
    assert_eq!(body.unknown[0].marker, "<!-- qp:future a=b -->");
    assert_eq!(body.unknown[0].text, "kept <!-- \\qp:as it is -->");
    assert_eq!(body.unknown[1].text, "not a comment");
    assert_eq!((body.comments[0].by.as_str(), body.comments[0].text.as_str()), ("a b", "<!-- qp:x"));
}

#[test]
fn settings_by_hand() {
    let settings =
        Settings::read("# ours\nprefix: web\nprefixes: old\nsync:\n  every: 5\n").expect("readable");
    assert_eq!((settings.format, settings.prefix.as_str()), (1, "web"));
    assert_eq!(settings.prefixes.iter().collect::<Vec<_>>(), ["old", "web"]);
    assert_eq!(settings.write(), "format: 1\nprefix: web\nprefixes: [old, web]\n# ours\nsync:\n  every: 5\n");
    let error = Settings::read("prefix: web\n<<<<<<< HEAD\n").expect_err("a conflict");
    assert_eq!((error.line, error.message.as_str()), (2, "a git conflict marker"));
    assert_eq!(Settings::read("a: 1\nformat: new\n").expect_err("no number").line, 2);
}
