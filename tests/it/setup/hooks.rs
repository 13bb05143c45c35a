//! Hooks in a JSON file that has other things in it.

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
