//! Strategies for texts that are out to break a file format, and for whole issues made of them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use quipu::model::{
    Body, Comment, FIELDS, FieldDef, FieldType, Front, Issue, IssueId, Link, Ref, Timestamp, Value,
    trim_blank_end,
};

/// Fragments with a meaning to YAML, to the body reader, to git or to a terminal.
const NASTY: &[&str] = &[
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    "  ",
    "\t",
    "---",
    "\n---\n",
    "...",
    "<<<<<<< HEAD",
    "=======",
    "\n\n\n",
    " \n",
    "<!-- qp:comment id=01kfn6tfn3n7h5b39ztztw7k2m at=2026-01-08T15:00:00.000Z by=x -->",
    "\n<!-- qp:notes -->\n",
    "\n<!-- qp:design -->\n## Design\n\n",
    "<!-- \\qp:x",
    "\n<!-- \\\\\\\\\\qp:acceptance -->\n",
    "<!-- qp:",
    "<!-- qp:5",
    "-->",
    "```\n",
    "~~~",
    "## Notes",
    "\n## Notes\n",
    "## Design\n",
    "## Acceptance criteria\n\n",
    "- [ ] a",
    "\0",
    "\u{1}",
    "\u{7f}",
    "\u{1b}[31m",
    "\u{9b}",
    "😀",
    "👩‍👩‍👧",
    "שלום",
    "\u{202e}",
    "\u{2066}",
    "\u{2028}",
    "\u{2029}",
    "\u{85}",
    "\u{feff}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{10ffff}",
    "\u{a0}",
    "\u{3000}",
    "é",
    "e\u{301}",
    "no",
    "y",
    "True",
    "NULL",
    "~",
    "014",
    "2.50",
    "1:30",
    "<<",
    "=",
    "2026-01-08",
    "2026-01-08T14:30:00.000Z",
    "0x1f",
    "0o17",
    "0b1",
    "1e3",
    "1_000",
    ".inf",
    ".nan",
    "-",
    "+",
    "- x",
    "? x",
    ": x",
    ": ",
    ":",
    "#x",
    " #",
    "a: b",
    "a #b",
    "@x",
    "`x",
    "%x",
    "!x",
    "!!str",
    "&x",
    "*x",
    "|",
    ">",
    "\"",
    "'",
    "\\",
    "\\\"",
    "\\n",
    "[",
    "]",
    "{",
    "}",
    ",",
    ", ",
    "[]",
    "{type: a, id: b}",
    "x",
    "word",
    "key: value\n",
    "title: y",
    "01kfn6tfn3n7h5b39ztztw7k2m",
    "01234567890123456789012345",
    "%20",
    "%",
    "by=",
    "a/b",
    "null",
    "${HOME}",
];

/// Any text, most often one of several dangerous fragments.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => vec(prop_oneof![4 => select(NASTY).prop_map(str::to_owned), 1 => ".{0,4}"], 0..8).prop_map(|p| p.concat()),
        2 => any::<String>(),
        2 => select(NASTY).prop_map(str::to_owned),
        1 => "[a-z]{1,12}( [a-z]{1,8}){0,5}",
    ]
}

/// A text that may also have lines of 40 kB.
pub fn long_text() -> impl Strategy<Value = String> {
    prop_oneof![
        40 => text(),
        1 => (text(), text()).prop_map(|(a, b)| format!("{a}{}{b}", "0123456789 abcdef ".repeat(2300))),
    ]
}

/// What keys begin with, also where YAML would read something else than a text.
pub fn prefix() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z][a-z0-9]{0,9}",
        1 => select(&["true", "No", "null", "on", "NaN", "e1"][..]).prop_map(str::to_owned),
    ]
}

pub fn filled_text() -> impl Strategy<Value = String> {
    text().prop_filter("empty", |t| !t.is_empty())
}

pub fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        Just(Timestamp::default()),
        (-62_135_596_800_000i64..=253_402_300_799_999).prop_map(Timestamp::from_millis),
        (1_600_000_000_000i64..1_900_000_000_000).prop_map(Timestamp::from_millis),
    ]
}

pub fn id() -> impl Strategy<Value = IssueId> {
    prop_oneof![
        1 => Just(IssueId::default()),
        9 => (0i64..1 << 47, any::<u128>()).prop_map(|(at, random)| IssueId::from_parts(Timestamp::from_millis(at), random)),
    ]
}

pub fn reference() -> impl Strategy<Value = Ref> {
    prop_oneof![2 => id().prop_map(Ref::Id), 1 => text().prop_map(|t| Ref::parse(&t))]
}

/// A JSON value in the one spelling that metadata is kept in.
pub fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_filter("not in JSON", |f| f.is_finite()).prop_map(Into::into),
        (-1000i32..1000).prop_map(|n| (f64::from(n) / 8.0).into()),
        text().prop_map(Into::into),
    ];
    let value = leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Into::into),
            vec((text(), inner), 0..5).prop_map(|e| serde_json::Value::Object(e.into_iter().collect())),
        ]
    });
    value.prop_map(|value| value.to_string())
}

pub fn metadata() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map(text(), json(), 1..4)
}

/// A value that may stand in a field.
pub fn value(field: &FieldDef) -> BoxedStrategy<Value> {
    match field.kind {
        FieldType::Id => id().prop_map(Value::Id).boxed(),
        FieldType::Text if matches!(field.key, "title" | "type" | "status") => {
            filled_text().prop_map(Value::Text).boxed()
        }
        FieldType::Text => long_text().prop_map(Value::Text).boxed(),
        FieldType::Number if field.key == "priority" => (0u32..=4).prop_map(Value::Number).boxed(),
        FieldType::Number => any::<u32>().prop_map(Value::Number).boxed(),
        FieldType::Time => time().prop_map(Value::Time).boxed(),
        FieldType::TextSet => set(long_text()).prop_map(Value::TextSet).boxed(),
        FieldType::Ref => reference().prop_map(Value::Ref).boxed(),
        FieldType::RefSet => set(reference()).prop_map(Value::RefSet).boxed(),
        FieldType::LinkSet => set((text(), reference()).prop_map(|(kind, target)| Link { kind, target }))
            .prop_map(Value::LinkSet)
            .boxed(),
        FieldType::Map => metadata().prop_map(Value::Map).boxed(),
    }
}

fn set<T: Ord + std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = BTreeSet<T>> {
    btree_set(of, 1..5)
}

/// Unknown entries as raw text, in forms that survive as they are.
pub fn extra() -> impl Strategy<Value = (String, String)> {
    let forms: &[&str] = &[
        "plain words",
        "014",
        "2.50",
        "no",
        "~",
        "[a,b,   c]",
        "{a: 1,  b: [x]}",
        "'single'",
        "\"double\"",
        ">-\n  folded\n  text",
        "|\n  literal\n\n  # no comment\n  text",
        "|+\n  kept\n\n",
        "\n  - a\n  - b: c\n    d: e",
        "\n- a\n- b",
        "\n  nested:\n      deep: 1",
        "plain\n  over lines",
        "\"quoted\n  over lines\"",
        "!tag x",
        "&anchor x",
        "x # comment",
        ".nan",
        "2026-01-08",
        "1e999",
    ];
    ("[a-z][a-z_./-]{0,5}", select(forms.to_vec())).prop_filter_map("known", |(key, form)| {
        let known = FieldDef::by_key(&key).is_some() || ["y", "n", "no", "on", "off"].contains(&key.as_str());
        let gap = if form.starts_with('\n') { "" } else { " " };
        let end = if form.ends_with('\n') { "" } else { "\n" };
        (!known).then(|| (key.clone(), format!("{key}:{gap}{form}{end}")))
    })
}

pub fn front() -> impl Strategy<Value = Front> {
    let fields: Vec<_> = FIELDS
        .iter()
        .map(|field| {
            let needed = matches!(field.key, "id" | "title" | "type");
            let filled = value(field).prop_map(Some);
            if needed { filled.boxed() } else { prop_oneof![3 => Just(None), 1 => filled].boxed() }
        })
        .collect();
    (fields, vec(extra(), 0..3)).prop_map(|(values, extra)| {
        let mut front = Front { extra: extra.into_iter().collect(), ..Front::default() };
        for (field, value) in FIELDS.iter().zip(values) {
            field.set(&mut front, value);
        }
        front
    })
}

pub fn comment() -> impl Strategy<Value = Comment> {
    (id(), time(), text(), text()).prop_map(|(id, at, by, text)| Comment { id, at, by, text })
}

pub fn body() -> impl Strategy<Value = Body> {
    let some = || prop_oneof![Just(String::new()), long_text()];
    (some(), some(), some(), some(), vec(comment(), 0..4)).prop_map(
        |(description, design, acceptance, notes, comments)| {
            let mut body = Body { description, design, acceptance, notes, comments, unknown: Vec::new() };
            body.sort_comments();
            body
        },
    )
}

pub fn issue() -> impl Strategy<Value = Issue> {
    (front(), body()).prop_map(|(front, body)| Issue { front, body })
}

/// The issue as its file can say it: without blank lines at the end of a section.
pub fn trimmed(mut issue: Issue) -> Issue {
    for name in ["description", "design", "acceptance", "notes"] {
        let text = issue.body.section_mut(name).expect("a section");
        *text = trim_blank_end(text).to_owned();
    }
    for comment in &mut issue.body.comments {
        comment.text = trim_blank_end(&comment.text).to_owned();
    }
    issue
}
