//! Hooks in a JSON file that has other things in it.

use proptest::prelude::*;
use serde::Serialize as _;
use serde_json::{Value, json};
use snapbox::str;

use super::{read, write};
use crate::env::Env;
use crate::snapshot;

const FILE: &str = ".claude/settings.json";

/// Files as people and programs write them.
const FILES: &[&str] = &[
    "{\n  \"model\": \"x\"\n}\n",
    "{\n    \"z\": 1,\n    \"a\": [1,2, 3],\n    \"hooks\": {\n        \"Stop\": []\n    }\n}",
    "{\n\t\"hooks\": {\n\t\t\"SessionStart\": [\n\t\t\t{\"matcher\": \"x\", \"hooks\": [{\"type\":\"command\",\"command\":\"echo \\\"}]{\"}]}\n\t\t]\n\t},\n\t\"z\": 1\n}\n",
    "{\r\n  \"model\": \"x\",\r\n  \"nested\": {\"a\": {\"b\": []}}\r\n}\r\n",
    "{\"a\":1}",
    "{ \"hooks\": {\"SessionStart\": [ {\"hooks\": []} ]}, \"b\" : \"\\u00e9\\\\\" }\n",
    "\u{feff}{\n  \"a\": true\n}\n",
    "{\n  \"hooks\": {\n    \"PreCompact\": [\n      {\n        \"matcher\": \"auto\",\n        \"hooks\": [\n          {\n            \"type\": \"command\",\n            \"command\": \"mine\"\n          }\n        ]\n      }\n    ]\n  }\n}\n",
];

fn parse(text: &str) -> Value {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// What the hooks add to a file, by a way of its own.
fn with_hooks(mut value: Value) -> Value {
    let entry = json!({ "matcher": "", "hooks": [{ "type": "command", "command": "qp prime" }] });
    for event in ["SessionStart", "PreCompact"] {
        let list = &mut value["hooks"][event];
        if list.is_null() {
            *list = json!([]);
        }
        list.as_array_mut().expect("a list").push(entry.clone());
    }
    value
}

#[test]
fn everything_else_stays_byte_for_byte() {
    for before in FILES {
        let env = Env::new();
        write(&env, FILE, before);
        env.qp(["setup", "claude"]).success();
        let with = read(&env, FILE);
        assert_eq!(parse(&with), with_hooks(parse(before)), "{with}");
        // All that was there is there, in order: what is new stands in one or two places.
        let mut rest = with.chars();
        assert!(before.chars().all(|c| rest.any(|other| other == c)), "{before}\n{with}");
        assert_eq!(before.contains("\r\n"), with.contains("\r\n"));
        assert_eq!(before.lines().count() == 1, with.lines().count() == 1, "{with}");
        env.qp(["setup", "claude"]).success();
        assert_eq!(read(&env, FILE), with, "again is no change");
        env.qp(["setup", "claude", "--check"]).success();
        env.qp(["setup", "claude", "--remove"]).success();
        assert_eq!(read(&env, FILE), *before);
    }
}

#[test]
fn the_style_of_the_file_is_kept() {
    let env = Env::new();
    write(&env, FILE, FILES[1]);
    env.qp(["setup", "claude"]).success();
    snapshot!(
        read(&env, FILE),
        str![[r#"
{
    "z": 1,
    "a": [1,2, 3],
    "hooks": {
        "Stop": [],
        "SessionStart": [
            {
                "matcher": "",
                "hooks": [
                    {
                        "type": "command",
                        "command": "qp prime"
                    }
                ]
            }
        ],
        "PreCompact": [
            {
                "matcher": "",
                "hooks": [
                    {
                        "type": "command",
                        "command": "qp prime"
                    }
                ]
            }
        ]
    }
}
"#]]
    );
}

#[test]
fn an_empty_file_or_object_is_filled() {
    for before in ["", " \n", "{}", "{ }\n", "{\n}\n"] {
        let env = Env::new();
        write(&env, FILE, before);
        env.qp(["setup", "claude"]).success();
        assert_eq!(parse(&read(&env, FILE)), with_hooks(json!({})), "{before:?}");
        env.qp(["setup", "claude", "--remove"]).success();
        assert!(!env.repo().join(".claude").exists());
    }
}

/// What stands in the place of hooks may be anything.
#[test]
fn entries_that_are_no_hooks_are_passed_over() {
    let strange =
        json!(["]\"", "{", "[\"hooks\"", 1, null, [], [[]], {}, { "hooks": "]" }, { "hooks": ["}", 2] }]);
    let env = Env::new();
    write(&env, FILE, &json!({ "hooks": { "PreCompact": strange, "SessionStart": ["]"] } }).to_string());
    env.qp(["setup", "claude", "--check"]).exits(1);
    env.qp(["setup", "claude"]).success();
    env.qp(["setup", "claude", "--check"]).success();
    env.qp(["setup", "claude", "--remove"]).success();
    assert_eq!(parse(&read(&env, FILE))["hooks"]["PreCompact"], strange);
}

#[test]
fn half_of_the_hooks_is_completed() {
    let env = Env::new();
    env.qp(["setup", "claude"]).success();
    let mut value = parse(&read(&env, FILE));
    value["hooks"].as_object_mut().expect("an object").remove("PreCompact");
    write(&env, FILE, &value.to_string());
    snapshot!(
        env.qp(["setup", "claude", "--check"]),
        str![[r#"
.claude/settings.json: outdated
[exit 1]

"#]]
    );
    env.qp(["setup", "claude"]).success();
    assert_eq!(parse(&read(&env, FILE)), with_hooks(json!({})));
}

/// The hook of somebody who wants flags, and beside others in one entry, is there already.
#[test]
fn a_hook_of_ones_own_is_found() {
    let own = |command: &str| {
        json!({ "hooks": {
            "SessionStart": [{ "hooks": [{ "type": "command", "command": "other" }, { "type": "command", "command": command }] }],
            "PreCompact": [{ "matcher": "auto", "hooks": [{ "type": "command", "command": command }] }],
        } })
    };
    let env = Env::new();
    write(&env, FILE, &own("qp prime --stealth").to_string());
    env.qp(["setup", "claude", "--check"]).success();
    env.qp(["setup", "claude", "--remove"]).success();
    let left =
        json!({ "hooks": { "SessionStart": [{ "hooks": [{ "type": "command", "command": "other" }] }] } });
    assert_eq!(parse(&read(&env, FILE)), left);
    write(&env, FILE, &own("qp primes").to_string());
    env.qp(["setup", "claude", "--check"]).exits(1);
}

#[test]
fn what_cannot_be_parsed_is_left_alone() {
    for text in [
        "{ // a comment\n}",
        "{\"a\": 1,}",
        "[]",
        "1",
        "{\"hooks\": []}",
        "{\"hooks\": null}",
        "{\"hooks\": {\"SessionStart\": {}}}",
        "{\"hooks\": {}, \"hooks\": {}}",
        "{\"a\": ",
    ] {
        let env = Env::new();
        write(&env, FILE, text);
        for flag in ["--project", "--remove", "--check"] {
            let run = env.qp(["setup", "claude", flag]).exits(5);
            assert!(run.stderr.starts_with("error: .claude/settings.json: "), "{run}");
            assert!(run.stderr.contains("--print"), "{run}");
        }
        assert_eq!(read(&env, FILE), text);
    }
}

/// Any JSON, with texts that a reader could take for its own signs.
fn value() -> impl Strategy<Value = Value> {
    let text =
        prop::sample::select(vec!["", "a", "}", "]\"", "\\", "{\"hooks\":", "é\u{1}", "qp prime", ", "]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f32>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..3)
                .prop_map(|members| members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

/// A settings file with something in it, with hooks or without.
fn settings() -> impl Strategy<Value = Value> {
    let hooks = prop::collection::vec(value().prop_filter("an object", |v| !v.is_null()), 0..3);
    let events = prop::sample::subsequence(vec!["SessionStart", "Stop", "PreCompact"], 0..=3);
    (value(), prop::option::of((events, hooks)), value()).prop_map(|(first, hooks, last)| {
        let mut object = json!({ "first": first });
        if let Some((events, entries)) = hooks {
            object["hooks"] = json!({});
            for event in events {
                object["hooks"][event] = Value::from(entries.clone());
            }
            // An empty object does not stay.
            object["hooks"]["Other"] = json!([]);
        }
        object["last"] = last;
        object
    })
}

fn written(value: &Value, indent: &str, eol: &str) -> String {
    if indent.is_empty() {
        return value.to_string();
    }
    let mut out = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, format)).expect("JSON");
    String::from_utf8(out).expect("UTF-8").replace('\n', eol) + eol
}

#[test]
fn any_settings_file_keeps_its_bytes() {
    let env = Env::new();
    let config = ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let styles = prop::sample::select(vec![("", ""), ("  ", "\n"), ("\t", "\n"), ("    ", "\r\n")]);
    let run = runner.run(&(settings(), styles), |(value, (indent, eol))| {
        let before = written(&value, indent, eol);
        write(&env, FILE, &before);
        env.qp(["setup", "claude"]).success();
        let with = read(&env, FILE);
        prop_assert_eq!(parse(&with), with_hooks(value.clone()));
        prop_assert_eq!(with.matches('\r').count() > 0, eol == "\r\n");
        env.qp(["setup", "claude", "--remove"]).success();
        let left = read(&env, FILE);
        // What had been an empty list is gone with the hook that filled it.
        let had_empty = ["SessionStart", "PreCompact"].iter().any(|e| value["hooks"][e] == json!([]));
        if !had_empty {
            prop_assert_eq!(left, before);
        }
        Ok(())
    });
    run.unwrap_or_else(|e| panic!("{e}"));
}
