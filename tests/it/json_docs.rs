//! What the commands print is what the table of documents says, and `docs/json.md` is made from it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use quipu::store::issue_path;

use crate::attic::{id, lose};
use crate::compat::lines::{Effect, LINES};
use crate::env::Env;
use crate::tidy::commands::commands;
use checker::Checker;

pub mod checker;
mod frozen;
mod scenes;
mod validator;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    std::fs::read_to_string(path).expect("the page is there")
}

/// The words in backticks of each section, by its heading.
pub fn sections() -> BTreeMap<String, BTreeSet<String>> {
    let page = page();
    let sections = page.split("\n## ").skip(1).map(|section| {
        let (heading, text) = section.split_once('\n').expect("a heading is a line");
        let words = text.split('`').skip(1).step_by(2).map(str::to_owned);
        (heading.to_owned(), words.collect())
    });
    sections.collect()
}

/// Every field of a document. What users put into `metadata` is theirs.
pub fn fields(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let of_metadata =
                map.get("field").and_then(Value::as_str).is_some_and(|f| f.starts_with("metadata."));
            for (name, value) in map {
                found.insert(name.clone());
                if name != "metadata" && !of_metadata {
                    fields(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, found)),
        _ => {}
    }
}

/// A tracker with one of everything.
fn tracker() -> Env {
    let env = Env::new();
    let create = |args: &[&str]| drop(env.qp([&["create"], args].concat()).success());
    create(&[
        "Epic",
        "-t",
        "epic",
        "--id",
        "web-epic",
        "-d",
        "d",
        "--design",
        "d",
        "--acceptance",
        "a",
        "--notes",
        "n",
    ]);
    create(&[
        "Base", "--id", "web-base", "--parent", "web-epic", "-l", "x", "-a", "alice", "--paths", "src/**",
    ]);
    create(&[
        "Rich",
        "--id",
        "web-rich",
        "--deps",
        "web-base,related:web-epic,discovered-from:web-base,tracks:web-epic",
        "--due",
        "+2d",
        "--estimate",
        "2h",
        "--external-ref",
        "gh-1",
        "--spec",
        "s",
        "--metadata",
        r#"{"a": {"b": 1}}"#,
    ]);
    create(&["Later", "--id", "web-later", "--defer", "+2d"]);
    create(&["Old", "--id", "web-old", "--defer", "+9d"]);
    create(&["Free", "--id", "web-free", "--paths", "src/main.rs"]);
    env.qp(["comment", "web-rich", "hello"]).success();
    env
}

/// Commands, each run on what those before left, with the sections of the page that describe what they print.
const DOCUMENTS: &[(&[&str], &[&[&str]])] = &[
    (&["Issue", "Row"], &[&["list", "--all"], &["list", "--full"], &["children", "web-epic"]]),
    (&["Issue", "Row"], &[&["list", "--fields", "title,parent"], &["show", "web-epic", "--children"]]),
    (&["Issue", "Row", "Details"], &[&["show", "web-base", "--refs"]]),
    (&["Issue", "Row", "Details", "Comment"], &[&["show", "web-rich", "web-base", "web-epic"]]),
    (&["Comment"], &[&["comment", "web-rich", "again"], &["comments", "web-rich"]]),
    (&["Issue", "Row", "qp ready"], &[&["ready"], &["ready", "--full"], &["ready", "--explain"]]),
    (&["Issue", "Row", "qp blocked"], &[&["blocked"]]),
    (&["Issue", "Row", "qp why"], &[&["why", "web-rich"], &["why", "web-epic"], &["why", "web-free"]]),
    (
        &["Issue", "Row", "Writing commands"],
        &[
            &["create", "New", "--dry-run"],
            &["create", "New", "--id", "web-new"],
            &["q", "Quick"],
            &["update", "web-new", "--title", "Newer"],
            &["assign", "web-new", "bob"],
            &["priority", "web-new", "1"],
            &["tag", "web-new", "y"],
            &["note", "web-new", "text"],
            &["close", "web-new", "-r", "done"],
            &["reopen", "web-new"],
            &["close", "web-base", "--suggest-next"],
            &["reopen", "web-base"],
        ],
    ),
    (
        &["Issue", "Row", "Claims"],
        &[
            &["claim", "web-base"],
            &["renew", "web-base"],
            &["release", "web-base"],
            &["claim", "web-free", "--for", "1min"],
        ],
    ),
    (
        &["Issue", "Row", "Writing commands"],
        &[&["defer", "web-later", "--until", "+3d"], &["undefer", "web-later"]],
    ),
    (&["Issue", "Row", "qp search"], &[&["search", "rich"], &["search", "rich", "--full"]]),
    (
        &["qp dep"],
        &[
            &["dep", "add", "web-free", "web-later"],
            &["dep", "add", "web-free", "web-later", "web-rich", "--type", "related"],
            &["dep", "remove", "web-free", "web-later"],
            &["link", "web-free", "web-later"],
            &["dep", "remove", "web-free", "web-later"],
            &["dep", "relate", "web-free", "web-rich"],
            &["dep", "unrelate", "web-free", "web-rich"],
        ],
    ),
    (
        &["Issue", "Row", "Details", "qp dep"],
        &[&["dep", "list", "web-rich"], &["dep", "list", "web-base", "--direction", "up"]],
    ),
    (
        &["Issue", "qp dep"],
        &[
            &["dep", "tree", "web-rich", "--direction", "both"],
            &["dep", "tree", "web-epic"],
            &["dep", "cycles"],
        ],
    ),
    (&["qp apply", "qp dep"], &[&["apply", "operations.jsonl", "--dry-run"], &["apply", "operations.jsonl"]]),
    (
        &["Issue", "Row", "Claims", "Writing commands"],
        &[
            &["create", "--graph", "graph.json"],
            &["create", "Once", "--idempotency-key", "k"],
            &["create", "Once", "--idempotency-key", "k"],
            &["close", "web-one", "--claim-next", "--suggest-next"],
            &["close", "web-two", "--continue"],
            &["reopen", "web-one", "web-two"],
        ],
    ),
    (
        &["qp label"],
        &[
            &["label", "propagate", "web-epic", "x"],
            &["label", "add", "web-free", "web-rich", "x,y"],
            &["label", "remove", "web-free", "x"],
            &["label", "list", "web-free"],
            &["label", "list-all"],
        ],
    ),
    (&["qp sync"], &[&["push", "--dry-run"], &["sync"], &["pull"], &["push"]]),
    (
        &["qp outbox"],
        &[&["outbox"], &["outbox", "list"], &["outbox", "absorb"], &["outbox", "prune"], &["outbox", "save"]],
    ),
    (&["qp status"], &[&["status"]]),
    (&["qp count"], &[&["count"], &["count", "--by", "status"]]),
    (&["Issue", "Row", "qp stale"], &[&["stale", "--days", "0"]]),
    (&["Issue", "Row", "qp orphans"], &[&["orphans"]]),
    (&["qp lint"], &[&["lint"]]),
    (
        &["Issue", "Row", "qp epic"],
        &[&["epic", "status"], &["epic", "close-eligible"], &["epic", "close-eligible", "--dry-run"]],
    ),
    (&["Issue", "qp graph"], &[&["graph"], &["graph", "web-rich"]]),
    (&["qp info"], &[&["info"]]),
    (&["qp where"], &[&["where"]]),
    (&["qp version"], &[&["version"]]),
    (&["qp types"], &[&["types"]]),
    (&["Issue", "Row", "Details", "Comment", "Claims"], &[&["next", "--as", "bob", "--session", "b"]]),
    (&["Issue", "Row", "qp ready"], &[&["ready", "--explain", "-n", "0"]]),
    (&["Claims"], &[&["next", "--as", "carol", "--session", "c", "-l", "nothing-has-this"]]),
    (
        &["Issue", "Row", "qp check"],
        &[&["check", "web-free", "--is", "open"], &["check", "web-free", "--is", "claimed"]],
    ),
    (&["qp whoami"], &[&["whoami"]]),
    (&["qp init"], &[&["init"]]),
    (
        &["Operation", "Change", "Issue", "qp log"],
        &[&["log", "-n", "0"], &["log", "web-rich"], &["log", "-p"]],
    ),
    (&["Change", "Issue", "qp diff"], &[&["diff"], &["diff", "--from", "2026-01-07"]]),
    (&["Change", "Issue", "qp changes"], &[&["changes", "--since", "2026-01-07"]]),
    (&["Operation", "Change", "Issue", "qp undo"], &[&["undo", "--dry-run"], &["undo"]]),
    (
        &["Copy", "Change", "Issue", "qp attic"],
        &[
            &["attic"],
            &["attic", "show", "web-free"],
            &["attic", "diff", "web-free"],
            &["attic", "restore", "web-free", "--whole", "--dry-run"],
            &["attic", "restore", "quipu.yml", "--dry-run"],
            &["attic", "drop", "web-free", "--dry-run"],
        ],
    ),
    (&["Issue", "Row", "Details", "Copy"], &[&["show", "web-free"]]),
    (&["qp doctor"], &[&["doctor"]]),
    (&["qp export"], &[&["export", "-o", "issues.jsonl"]]),
    (
        &["qp import"],
        &[&["import", "issues.jsonl", "--dry-run"], &["import", "issues.jsonl", "--source", "x"]],
    ),
    (&["qp merge-driver"], &[&["merge-driver", "none", "issues.jsonl", "issues.jsonl", "memories/x.md"]]),
    (
        &["qp duplicate"],
        &[
            &["duplicate", "web-later", "--of", "web-free"],
            &["duplicate", "web-later", "web-old", "--of", "web-free"],
        ],
    ),
    (
        &["qp supersede"],
        &[
            &["supersede", "web-old", "--with", "web-free"],
            &["supersede", "web-old", "web-later", "--with", "web-free"],
        ],
    ),
    (&["qp delete"], &[&["delete", "web-later", "--dry-run"], &["delete", "web-later", "web-old"]]),
    (&["qp completions"], &[&["completions", "bash"]]),
    (
        &["qp query"],
        &[
            &["query", "save", "mine", "is:open"],
            &["query", "save", "mine", "is:open"],
            &["query", "list"],
            &["query"],
            &["query", "delete", "mine"],
        ],
    ),
    (
        &["Issue", "Row", "Writing commands", "qp query"],
        &[
            &["update", "is:open", "-p", "1", "--all-matching", "--dry-run"],
            &["update", "web-free web-rich", "-p", "1", "--all-matching"],
            &["close", "label:none", "--all-matching"],
            &["list", "is:open -label:x"],
        ],
    ),
    (&["qp man"], &[&["man"], &["man", "pages"]]),
    (&["qp schema"], &[&["schema"], &["schema", "list"], &["schema", "dep", "tree"], &["schema", "error"]]),
    (
        &["qp memories"],
        &[
            &["memories"],
            &["recall", "key"],
            &["remember", "some text", "--key", "key"],
            &["remember", "key"],
            &["forget", "key"],
        ],
    ),
    (&["qp config"], &[&["config"], &["config", "get", "prefix"], &["config", "set", "prefix", "app"]]),
    (
        &["qp setup"],
        &[
            &["setup"],
            &["setup", "claude", "--print"],
            &["setup", "claude"],
            &["setup", "claude", "--check"],
            &["setup", "claude", "--remove"],
        ],
    ),
    (&["qp prime"], &[&["prime"], &["onboard"], &["human"], &["hooks"], &["sync", "--flush-only"]]),
];

#[test]
fn every_field_that_is_printed_is_described() {
    let mut checker = Checker::default();
    std::thread::scope(|threads| {
        let scenes: Vec<_> = scenes::ALL.iter().map(|scene| threads.spawn(|| scenes::run(*scene))).collect();
        one_of_everything(&mut checker);
        scenes.into_iter().for_each(|scene| checker.add(scene.join().expect("no scene panics")));
    });
    let failures = checker.failures.join("\n");
    assert!(failures.is_empty(), "not as src/output/schema/ has it:\n{failures}");
    let missing = checker.missing();
    assert!(missing.is_empty(), "described, and not printed by any command here:\n{}", missing.join("\n"));
}

/// Runs all of [`DOCUMENTS`].
fn one_of_everything(checker: &mut Checker) {
    let env = tracker();
    env.run_git(env.root(), &["init", "-q", "--bare", "hub.git"]);
    env.git_out(&["remote", "add", "origin", "../hub.git"]);
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "begin (web-rich)"]);
    env.commit_file("issues/9/9/odd.md", Some("x"));
    env.commit_file("memories/key.md", Some("x"));
    let operations = r#"{"op": "create", "ref": "a", "id": "web-one", "title": "One"}
{"op": "create", "id": "web-two", "title": "Two", "parent": "web-epic"}
{"op": "dep_add", "from": "web-two", "to": "$a"}
{"op": "claim", "id": "web-two"}
{"op": "release", "id": "web-two"}"#;
    std::fs::write(env.repo().join("operations.jsonl"), operations).expect("a file");
    let graph = r#"{"nodes": [{"key": "id", "title": "Node"}]}"#;
    std::fs::write(env.repo().join("graph.json"), graph).expect("a file");
    let id = id(&env, "web-free");
    let copy = env.qp(["show", "web-free", "--raw"]).stdout.replace("title: Free", "title: Freed");
    lose(&env, &issue_path(id), &id.to_string(), &copy, &["title"], 0);
    lose(&env, "quipu.yml", "quipu.yml", "prefix: other\n", &["prefix"], 0);
    for command in DOCUMENTS.iter().flat_map(|(_, commands)| *commands) {
        let args: Vec<&str> = command.iter().copied().chain(["--json"]).collect();
        checker.result(command, &env.qp(&args));
    }
}

#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    let expected = quipu::cli::json_page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).expect("the checkout is writable");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/json.md is out of date: write to src/output/schema/, then UPDATE_DOCS=1 cargo test --test it json_docs"
    );
}

/// Each document stands on the page once, and every field of a document that is there has a meaning.
#[test]
fn every_document_has_its_place() {
    let mut described = quipu::output::schema::described();
    described.sort_unstable();
    let documents = quipu::cli::documents();
    assert_eq!(described, documents.keys().copied().collect::<Vec<_>>());
    for (name, document) in documents {
        for field in document.own_fields() {
            assert!(!field.meaning.is_empty(), "{name}.{} has no meaning", field.name);
        }
    }
}

/// Every command that can be run prints something that is described.
#[test]
fn every_command_has_a_schema() {
    // A play for people, and what only leads to other commands.
    let silent = |command: &String| {
        command == "demo"
            || LINES.iter().filter(|line| line.0 == command).all(|line| matches!(line.1, Effect::Refuses))
    };
    for command in commands().iter().filter(|command| !silent(command)) {
        let known = quipu::cli::printed_by(command).is_some();
        assert!(known, "qp {command} is not in src/cli/documents.rs, which says what each command prints");
    }
    for (command, _) in quipu::cli::COMMANDS {
        let words: Vec<&str> = command.split(' ').collect();
        let mut grammar = &quipu::cli::grammar();
        for word in words {
            grammar = grammar.find_subcommand(word).unwrap_or_else(|| panic!("there is no qp {command}"));
        }
    }
}

#[test]
fn every_field_of_an_issue_is_named() {
    let sections = sections();
    let known: BTreeSet<&String> =
        ["Issue", "Row", "Change"].iter().flat_map(|name| &sections[*name]).collect();
    // Shown as entries of `dependencies`, or as the `id`.
    let elsewhere = ["key", "duplicate_of", "superseded_by"];
    for field in quipu::model::FIELDS.iter().filter(|field| !elsewhere.contains(&field.json)) {
        assert!(known.contains(&field.json.to_owned()), "{} is not named", field.json);
    }
}

#[test]
fn every_command_is_described() {
    let page = page();
    for command in quipu::cli::grammar().get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = command.get_name();
        let named =
            ["`qp {}`", "`qp {} ", "## qp {}\n"].iter().any(|form| page.contains(&form.replace("{}", name)));
        // A play for people.
        assert!(named || name == "demo", "qp {name} is not described");
    }
}

#[test]
fn flags_of_every_command_stand_anywhere() {
    let env = tracker();
    let comment = |args: &[&str]| env.qp(args).success().json()["text"].clone();
    assert_eq!(comment(&["comment", "web-rich", "two", "words", "--json"]), "two words");
    assert_eq!(comment(&["comment", "--json", "web-rich", "- a list"]), "- a list");
    let run =
        env.qp(["comments", "add", "web-rich", "mine", "--as", "bob", "--json", "--session=s9"]).success();
    assert_eq!(run.json()["author"], "bob");
    assert_eq!(env.json(["log", "-n", "1"])[0]["session"], "s9");
    let run = env.qp(["comment", "web-rich", "text", "--as"]).exits(2);
    assert!(run.stderr.contains("--as"), "{run}");
}

#[test]
fn errors_are_one_object_with_nothing_on_stdout() {
    let env = tracker();
    let known = &sections()["Errors"];
    for args in [
        vec!["show", "web-none"],
        vec!["nonsense"],
        vec!["close", "web-rich"],
        vec!["list", "--shiny"],
        vec!["list", "is:x"],
    ] {
        let run = env.qp(args.iter().copied().chain(["--json"]));
        assert_eq!(run.stdout, "", "{args:?}");
        let error: Value = serde_json::from_str(&run.stderr).unwrap_or_else(|e| panic!("{e}: {run}"));
        assert_eq!(error["exit"], run.code, "{run}");
        let mut found = BTreeSet::new();
        fields(&error, &mut found);
        assert!(found.iter().all(|field| known.contains(field)), "{found:?}");
    }
}
