//! Applying operations is the same as running the commands one after the other.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Value, json};

use crate::env::Env;

/// One operation, as a line and as a command.
#[derive(Clone, Debug)]
struct Both {
    line: Value,
    command: Vec<String>,
}

/// Random numbers for one operation: what it does, to which issues, and how.
type Seed = (u8, u8, u8, u8);

/// Issues that are there from the start.
const THERE: usize = 4;

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn both(number: usize, (kind, first, second, how): Seed) -> Both {
    let key = |at: u8| {
        let at = usize::from(at) % (THERE + number.min(6));
        if at < THERE { format!("web-k{at}") } else { format!("web-n{}", at - THERE) }
    };
    // In lines, new issues go by their references; sometimes by their keys.
    let named = |key: &str| match key.strip_prefix("web-n") {
        Some(new) if how % 2 == 0 => format!("$n{new}"),
        _ => key.to_owned(),
    };
    let (a, b) = (key(first), key(second));
    let (ra, rb) = (named(&a), named(&b));
    let text = format!("text {}", how % 4);
    let (line, command) = match kind % 16 {
        0 | 1 => {
            let id = format!("web-n{number}");
            let (dep, rdep) =
                if how % 3 == 0 { (format!("blocks:{a}"), format!("blocks:{ra}")) } else { (a, ra) };
            (
                json!({"op": "create", "ref": format!("n{number}"), "id": id, "title": text, "priority": how % 5,
                    "deps": [rdep], "labels": ["x", "y"], "estimate": 30, "notes": "first"}),
                words(&[
                    "create",
                    &text,
                    "--id",
                    &id,
                    "-p",
                    &(how % 5).to_string(),
                    "--deps",
                    &dep,
                    "-l",
                    "x,y",
                    "-e",
                    "30",
                    "--notes",
                    "first",
                ]),
            )
        }
        2 => (
            json!({"op": "update", "id": ra, "title": text, "add_labels": ["z"], "remove_labels": "x",
                "metadata": {"m": how}, "notes": text, "type": "bug"}),
            words(&[
                "update",
                &a,
                "--title",
                &text,
                "--add-label",
                "z",
                "--remove-label",
                "x",
                "--metadata",
                &format!("{{\"m\":{how}}}"),
                "--notes",
                &text,
                "-t",
                "bug",
            ]),
        ),
        3 => {
            let status = ["open", "in_progress", "blocked", "deferred", "closed"][usize::from(how % 5)];
            (
                json!({"op": "update", "id": [ra, rb], "status": status}),
                words(&["update", &a, &b, "-s", status]),
            )
        }
        4 => (json!({"op": "update", "id": ra, "parent": rb}), words(&["update", &a, "--parent", &b])),
        5 => {
            let name = ["", "bob", "alice"][usize::from(how % 3)];
            (json!({"op": "update", "id": ra, "assignee": name}), words(&["update", &a, "-a", name]))
        }
        kind => states(kind, how, [&a, &b], [&ra, &rb]),
    };
    Both { line, command }
}

/// As [`both`], for what changes states, relations and threads.
fn states(kind: u8, how: u8, [a, b]: [&str; 2], [ra, rb]: [&str; 2]) -> (Value, Vec<String>) {
    let text = format!("text {}", how % 4);
    match kind {
        6 => (json!({"op": "close", "id": ra, "reason": text}), words(&["close", a, "-r", &text])),
        7 => (json!({"op": "close", "ids": [ra, rb]}), words(&["close", a, b])),
        8 => (json!({"op": "reopen", "id": ra, "reason": text}), words(&["reopen", a, "-r", &text])),
        9 => (json!({"op": "comment", "id": ra, "text": text}), words(&["comment", a, &text])),
        10 => (json!({"op": "claim", "id": [ra]}), words(&["claim", a])),
        11 => (json!({"op": "release", "id": ra}), words(&["release", a])),
        12 => {
            let kind = ["blocks", "related", "parent-child", "discovered-from"][usize::from(how % 4)];
            (
                json!({"op": "dep_add", "from": ra, "to": rb, "type": kind}),
                words(&["dep", "add", a, b, "--type", kind]),
            )
        }
        13 => (json!({"op": "dep_remove", "from": ra, "to": rb}), words(&["dep", "remove", a, b])),
        14 if how.is_multiple_of(2) => (
            json!({"op": "defer", "id": ra, "until": "2026-03-01"}),
            words(&["defer", a, "--until", "2026-03-01"]),
        ),
        14 => (json!({"op": "undefer", "id": ra}), words(&["undefer", a])),
        _ if how.is_multiple_of(4) => {
            (json!({"op": "delete", "id": ra, "cascade": true}), words(&["delete", a, "--cascade"]))
        }
        _ => (
            json!({"op": "label_remove", "id": [ra, rb], "labels": ["y"]}),
            words(&["label", "remove", a, b, "y"]),
        ),
    }
}

/// A tracker with issues in several states, the same each time.
fn env() -> Env {
    let env = Env::new();
    for at in 0..THERE {
        let (title, id) = (format!("There {at}"), format!("web-k{at}"));
        env.qp(["create", &title, "--id", &id, "-l", "x,y"]).success();
    }
    env.qp(["update", "web-k1", "--parent", "web-k0"]).success();
    env.qp_as("bob", ["claim", "web-k3"]).success();
    env
}

/// Everything that is known of all issues, apart from times and identities.
fn state(env: &Env) -> Value {
    let listed = env.json(["list", "--all", "-n", "0"]);
    let rows = listed.as_array().expect("an array");
    let keys: BTreeSet<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    if keys.is_empty() {
        return Value::Null;
    }
    plain(&env.json(["show"].into_iter().chain(keys)))
}

fn plain(value: &Value) -> Value {
    const LEFT_OUT: [&str; 8] = [
        "created_at",
        "updated_at",
        "closed_at",
        "claimed_at",
        "lease_expires_at",
        "started_at",
        "uid",
        "rev",
    ];
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
            kept.map(|(name, value)| (name.clone(), plain(value))).collect()
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(plain).collect();
            // Sets of relations stand in the order of identities.
            items.sort_by_key(ToString::to_string);
            items.into()
        }
        Value::String(text) if text.len() == 26 && text.starts_with("01") => "an identity".into(),
        other => other.clone(),
    }
}

fn check(seeds: &[Seed]) -> Result<(), TestCaseError> {
    let (by_command, by_file) = (env(), env());
    let (mut done, mut refused) = (Vec::new(), None);
    for (number, seed) in seeds.iter().enumerate() {
        let both = both(number, *seed);
        let run = by_command.qp(&both.command);
        if run.code == 0 {
            done.push(both.line.to_string());
        } else if refused.is_none() {
            refused = Some((done.len(), both.line.to_string(), run));
        }
    }
    if let Some((at, line, run)) = refused {
        let before = by_file.git_out(&["rev-parse", "quipu-sync"]);
        let lines: Vec<&str> = done[..at].iter().map(String::as_str).chain([line.as_str()]).collect();
        let applied = by_file.qp_stdin(["apply", "-"], &lines.join("\n"));
        // A reference to what was never created is wrong before anything is looked for.
        let expected = if applied.stderr.contains("is no ref") { 5 } else { run.code };
        prop_assert_eq!(applied.code, expected, "{} by {}\n{}", line, run, applied);
        prop_assert_eq!(by_file.git_out(&["rev-parse", "quipu-sync"]), before);
    }
    if !done.is_empty() {
        let run = by_file.qp_stdin(["apply", "-"], &done.join("\n"));
        prop_assert_eq!(run.code, 0, "{}\n{}", run, done.join("\n"));
        prop_assert_eq!(state(&by_file), state(&by_command), "{}", done.join("\n"));
    }
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: 12, failure_persistence: None, max_shrink_iters: 60, ..Config::default() })]

    #[test]
    fn applying_is_running_the_commands(seeds in prop::collection::vec(any::<Seed>(), 1..14)) {
        check(&seeds)?;
    }
}
