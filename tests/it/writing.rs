//! Flags of the writing commands that scripts and agents know from `bd`: each does what it says, or is refused with
//! the reason.

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

fn env() -> Env {
    let env = Env::new();
    env.qp(["create", "Base", "--id", "web-base"]).success();
    env.qp(["create", "Epic", "-t", "epic", "--id", "web-epic"]).success();
    env
}

fn write(env: &Env, name: &str, text: &str) {
    std::fs::write(env.repo().join(name), text).expect("a file can be written");
}

#[test]
fn an_idempotency_key_creates_once() {
    let env = env();
    snapshot!(
        env.qp(["create", "Nightly", "--id", "web-night", "--idempotency-key", "n1"]),
        str![[r#"
created web-night: Nightly

"#]]
    );
    snapshot!(
        env.qp(["create", "Nightly again", "--idempotency-key", "n1"]),
        str![[r#"
exists already web-night: Nightly

"#]]
    );
    snapshot!(
        env.qp(["q", "Nightly", "--idempotency-key", "n1"]),
        str![[r#"
web-night

"#]]
    );
    snapshot!(
        env.qp(["create", "Nightly", "--idempotency-key", "n1", "--dry-run"]),
        str![[r#"
exists already web-night: Nightly

"#]]
    );
    let again = env.json(["create", "Nightly", "--idempotency-key", " n1 "]);
    assert_eq!((&again["id"], &again["existing"]), (&"web-night".into(), &true.into()));
    assert_eq!(again["metadata"]["idempotency_key"], "n1");
    env.qp(["create", "Nightly", "--idempotency-key", ""]).exits(2);
    env.qp(["close", "web-night"]).success();
    assert_eq!(env.json(["create", "Nightly", "--idempotency-key", "n1"])["status"], "closed");
    env.qp(["delete", "web-night"]).success();
    assert_ne!(env.json(["create", "Nightly", "--idempotency-key", "n1"])["id"], "web-night");
}

#[test]
fn validation_names_what_is_missing() {
    let env = env();
    snapshot!(
        env.qp(["create", "It crashes", "-t", "bug", "--validate"]),
        str![[r#"
[stderr]
error: "It crashes" lacks what a bug wants: Steps to Reproduce, Acceptance Criteria
hint: a heading for each in the description, such as ## Steps to Reproduce
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "Do it", "--validate"]),
        str![[r#"
[stderr]
error: "Do it" lacks what a task wants: Acceptance Criteria
hint: --acceptance "- [ ] …"
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "Do it", "--validate", "--dry-run"]),
        str![[r#"
[stderr]
error: "Do it" lacks what a task wants: Acceptance Criteria
hint: --acceptance "- [ ] …"
[exit 5]

"#]]
    );
    env.qp(["create", "Do it", "--validate", "--acceptance", "- [ ] it is done"]).success();
    env.qp(["create", "Tidy up", "-t", "chore", "--validate"]).success();
}

#[test]
fn skills_and_context_are_sections_of_the_description() {
    let env = env();
    let made = env.json(["create", "X", "-d", "Text", "--skills", "rust, git", "--context", "see web-base"]);
    assert_eq!(made["description"], "Text\n\n## Required skills\n\nrust, git\n\n## Context\n\nsee web-base");
    let made = env.json(["create", "X", "--context", "alone"]);
    assert_eq!(made["description"], "## Context\n\nalone");
}

#[test]
fn waiting_for_an_issue_is_being_blocked_by_it() {
    let env = env();
    let made = env.json(["create", "After", "--waits-for", "web-epic,web-base", "--deps", "web-base"]);
    assert_eq!(made["dependency_count"], 2);
    assert_eq!(env.json(["blocked"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn what_is_not_so_here_is_refused() {
    let env = env();
    snapshot!(
        env.qp(["create", "X", "--ephemeral"]),
        str![[r#"
[stderr]
error: no issue here is ephemeral: each is kept, and shared with the others
hint: leave out --ephemeral; qp close ID once it has served
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["create", "X", "--repo", "../other"]),
        str![[r#"
[stderr]
error: --repo is not taken: another repository is named for the whole command
hint: qp -C ../other create …
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["update", "web-base", "--ephemeral"]),
        str![[r#"
[stderr]
error: no issue here is ephemeral: each is kept, and shared with the others
hint: leave out --ephemeral; qp close ID once it has served
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["update", "web-base", "--persistent"]),
        str![[r#"
unchanged web-base: Base

"#]]
    );
    snapshot!(
        env.qp(["dep", "add", "web-base", "web-epic", "--no-cycle-check"]),
        str![[r#"
[stderr]
error: --no-cycle-check is not taken: issues that wait for themselves are never ready
hint: leave it out; qp dep add --file FILE checks many edges at once
[exit 2]

"#]]
    );
}

const GRAPH: &str = r#"{
  "commit_message": "from a plan",
  "nodes": [
    {"key": "a", "id": "web-a", "title": "A", "type": "epic"},
    {"key": "b", "id": "web-b", "title": "B", "parent_key": "a", "labels": ["l"], "priority": 1},
    {"key": "c", "id": "web-c", "title": "C", "parent": "a", "deps": ["b", "web-base"]}
  ],
  "edges": [
    {"from_key": "b", "to_id": "web-base"},
    {"from_id": "web-epic", "to_key": "a"},
    {"from": "c", "to": "b", "type": "related"}
  ]
}"#;

#[test]
fn a_graph_is_created_in_one_commit() {
    let env = env();
    write(&env, "graph.json", GRAPH);
    snapshot!(
        env.qp(["create", "--graph", "graph.json", "--dry-run"]),
        str![[r#"
web-a    P2  epic  A
  web-b  P1  task  B #l  blocked by web-base
  web-c  P2  task  C  blocked by web-base, web-b
[stderr]
would create (nothing was written):

"#]]
    );
    let before = env.git_out(&["rev-parse", "quipu-sync"]);
    let made = env.json(["create", "--graph", "graph.json"]);
    assert_eq!(made["ids"], serde_json::json!({"a": "web-a", "b": "web-b", "c": "web-c"}));
    assert_eq!(made["issues"].as_array().map(Vec::len), Some(3));
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync^"]), before);
    snapshot!(
        env.qp(["dep", "tree", "web-epic"]),
        str![[r#"
web-epic          P2  epic  Epic
  web-a           P2  epic  A
    web-c         P2  task  C  (a part)
      web-base    P2  task  Base
      web-b       P1  task  B #l
        web-base  P2  task  Base  (shown above)
    web-b         P1  task  B #l  (a part; shown above)

"#]]
    );
    snapshot!(
        env.qp(["dep", "tree", "web-epic", "--show-all-paths"]),
        str![[r#"
web-epic          P2  epic  Epic
  web-a           P2  epic  A
    web-c         P2  task  C  (a part)
      web-base    P2  task  Base
      web-b       P1  task  B #l
        web-base  P2  task  Base
    web-b         P1  task  B #l  (a part)
      web-base    P2  task  Base

"#]]
    );
}

#[test]
fn a_graph_that_is_wrong_says_where() {
    let env = env();
    let mut said = String::new();
    for graph in [
        r#"{"nodes": []}"#,
        r#"{"knodes": []}"#,
        r#"{"nodes": [{"key": "a"}]}"#,
        r#"{"nodes": [{"key": "a", "title": "A"}, {"key": "a", "title": "B"}]}"#,
        r#"{"nodes": [{"key": "alpha", "title": "A"}], "edges": [{"from_key": "alpha", "to_key": "alpa"}]}"#,
        r#"{"nodes": [{"key": "a", "title": "A"}], "edges": [{"from_id": "web-base", "to_id": "web-epic"}]}"#,
        r#"{"nodes": [{"key": "a", "title": "A"}], "edges": [{"from_id": "web-base", "to_key": "a", "type": "related"}]}"#,
        r#"{"nodes": [{"key": "a", "title": "A", "parent": "web-none"}]}"#,
        r#"{"nodes": [{"key": "a", "title": "A", "deps": ["b"]}, {"key": "b", "title": "B", "deps": ["a"]}]}"#,
        "[]",
    ] {
        let run = env.qp_stdin(["create", "--graph", "-"], graph);
        assert_ne!(run.code, 0, "{graph}");
        said.push_str(&run.stderr);
    }
    snapshot!(
        said,
        str![[r#"
error: standard input: nodes is missing or empty
hint: {"nodes": [{"key": "a", "title": "…"}]}
error: standard input: a graph has no field "knodes"
hint: did you mean nodes?
error: standard input nodes[0]: title is missing
error: standard input nodes[1]: key "a" is another node's too
error: standard input edges[0]: to_key "alpa" is no node of the graph
hint: did you mean alpha?
error: standard input edges[0]: from_key is missing: both ends are issues that are there already
hint: qp dep add ID BLOCKER
error: standard input edges[0]: type must be blocks where from is an issue that is there already
error: standard input nodes[0]: no issue web-none
hint: qp list shows the open ones, qp search none looks in all 2
error: standard input nodes[1]: "B" cannot be blocked by "A", that closes a cycle of waiting: "B" → "A" → "B"
hint: leave out one of these relations
error: standard input: this is no JSON object

"#]]
    );
    env.qp(["create", "X", "--graph", "graph.json"]).exits(2);
}

#[test]
fn metadata_is_merged_unless_it_is_written_anew() {
    let env = env();
    let metadata = |args: &[&str]| env.json([&["update", "web-base"], args].concat())[0]["metadata"].clone();
    assert_eq!(metadata(&["--metadata", r#"{"a": 1}"#]), serde_json::json!({"a": 1}));
    write(&env, "more.json", r#"{"b": {"c": 2}}"#);
    assert_eq!(metadata(&["--metadata", "@more.json"]), serde_json::json!({"a": 1, "b": {"c": 2}}));
    assert_eq!(metadata(&["--replace-metadata", r#"{"d": 3}"#]), serde_json::json!({"d": 3}));
    let both = metadata(&["--metadata", r#"{"e": 4}"#, "--set-metadata", "e=5", "--unset-metadata", "d"]);
    assert_eq!(both, serde_json::json!({"e": 5}));
    assert_eq!(metadata(&["--metadata", ""]), serde_json::Value::Null);
}

#[test]
fn a_write_may_ask_for_a_version() {
    let env = env();
    let shown = env.json(["show", "web-base"])[0].clone();
    let (rev, time) = (shown["rev"].as_str().expect("a rev"), shown["updated_at"].as_str().expect("a time"));
    let blob = env.git_out(&["ls-tree", "-r", "quipu-sync"]);
    assert!(blob.contains(rev), "{rev} is the file: {blob}");
    env.qp(["update", "web-base", "-p", "1", "--if-rev", time]).success();
    env.qp(["update", "web-base", "-p", "2", "--if-rev", time]).exits(6);
    snapshot!(
        env.qp(["update", "web-base", "-p", "0", "--if-rev", &rev[..8]]),
        str![[r#"
[stderr]
error: web-base was changed at 2026-01-07T10:04:00.000Z: it is not 91069de5 any more
hint: qp show web-base
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["update", "web-base", "-p", "0", "--if-rev", "latest"]),
        str![[r#"
[stderr]
error: "latest" is no version of an issue
hint: the field rev, or updated_at, of qp show ID --json
[exit 2]

"#]]
    );
    let now = env.json(["update", "web-base", "-p", "3"])[0]["rev"].clone();
    env.qp(["update", "web-base", "-p", "0", "--if-rev", &now.as_str().expect("a rev")[..8]]).success();
}

#[test]
fn a_last_word_with_white_space_is_the_reason() {
    let env = env();
    snapshot!(
        env.qp(["done", "web-base", "fixed in 3fa9c21"]),
        str![[r#"
closed web-base: Base

"#]]
    );
    assert_eq!(env.json(["show", "web-base"])[0]["close_reason"], "fixed in 3fa9c21");
    snapshot!(
        env.qp(["close", "web-epic", "all done", "-r", "another"]),
        str![[r#"
[stderr]
error: "all done" is no key, and there is a reason already
hint: leave out one of the two texts
[exit 2]

"#]]
    );
    env.qp(["close", "web-epic", "done"]).exits(3);
    for flag in ["--reason", "-m", "--message", "--resolution", "--comment"] {
        env.qp(["reopen", "web-base"]).success();
        let closed = env.json(["close", "web-base", flag, flag]);
        assert_eq!(closed[0]["close_reason"], flag);
    }
}

#[test]
fn a_close_goes_on_to_the_next_issue() {
    let env = env();
    env.qp(["create", "Next", "--id", "web-next", "--deps", "web-base"]).success();
    env.qp(["close", "web-epic"]).success();
    let document = env.json(["close", "web-base", "--claim-next", "--suggest-next"]);
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["closed"][0]["id"], "web-base");
    assert_eq!(document["unblocked"][0]["id"], "web-next");
    assert_eq!(document["claimed"]["id"], "web-next");
    assert_eq!(document["claimed"]["status"], "in_progress");
    let document = env.json(["close", "web-next", "--claim-next"]);
    assert_eq!(document["claimed"], serde_json::Value::Null);
    snapshot!(
        env.qp(["close", "web-next", "--claim-next"]),
        str![[r#"
closed already web-next: Next
[stderr]
nothing to claim: no issue is ready; qp ready --explain says why

"#]]
    );
}

#[test]
fn a_close_goes_on_within_the_whole() {
    let env = env();
    for at in ["1", "2", "3"] {
        let id = format!("web-p{at}");
        env.qp(["create", &format!("Part {at}"), "--id", &id, "--parent", "web-epic"]).success();
    }
    snapshot!(
        env.qp(["close", "web-p1", "--continue", "--no-auto"]),
        str![[r#"
closed web-p1: Part 1
next web-p2: Part 2

"#]]
    );
    snapshot!(
        env.qp(["close", "web-p1", "--continue"]),
        str![[r#"
closed already web-p1: Part 1
claimed web-p2 until 2026-01-07 12:07 UTC: Part 2

"#]]
    );
    let document = env.json(["close", "web-p2", "--continue", "--no-auto"]);
    assert_eq!(document["continue"]["next_step"]["id"], "web-p3");
    assert_eq!(document["continue"]["auto_advanced"], false);
    let document = env.json(["close", "web-p3", "--continue"]);
    assert_eq!(document["continue"], serde_json::json!({"next_step": null, "auto_advanced": false}));
    snapshot!(
        env.qp(["close", "web-base", "--continue"]),
        str![[r#"
[stderr]
error: --continue goes on in what an issue is a part of, and this one is a part of nothing
hint: --claim-next claims the best ready issue
[exit 2]

"#]]
    );
    assert_eq!(env.json(["show", "web-base"])[0]["status"], "open");
    env.qp(["close", "web-base", "--no-auto"]).success();
}

#[test]
fn edges_come_from_a_file() {
    let env = env();
    env.qp(["create", "More", "--id", "web-more"]).success();
    let lines = "{\"from\": \"web-base\", \"to\": \"web-more\"}\n\n\
        {\"issue_id\": \"web-epic\", \"depends_on_id\": \"web-base\", \"type\": \"related\"}\n";
    write(&env, "edges.jsonl", lines);
    snapshot!(
        env.qp(["dep", "add", "--file", "edges.jsonl"]),
        str![[r#"
added: web-base is blocked by web-more
added: web-epic is related to web-base

"#]]
    );
    assert_eq!(env.json(["dep", "add", "--file", "edges.jsonl"])[0]["status"], "exists");
    let before = env.git_out(&["rev-parse", "quipu-sync"]);
    for (lines, code) in [
        ("{\"from\": \"web-epic\", \"to\": \"web-more\"}\n{\"from\": \"web-more\", \"to\": \"web-base\"}", 6),
        ("{\"from\": \"web-epic\", \"to\": \"web-none\"}", 3),
        ("{\"from\": \"web-epic\"}", 5),
        ("{\"form\": \"web-epic\"}", 5),
        ("\n", 5),
    ] {
        env.qp_stdin(["dep", "add", "--file", "-"], lines).exits(code);
    }
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), before);
    snapshot!(
        env.qp(["dep", "list", "web-base", "--direction", "both"]),
        str![[r#"
web-more  P2  task  More  (blocks)
web-epic  P2  epic  Epic  (is related to web-base)

"#]]
    );
    env.qp(["dep", "add"]).exits(2);
}

#[test]
fn labels_go_to_parts() {
    let env = env();
    env.qp(["create", "Part", "--id", "web-part", "--parent", "web-epic", "-l", "b"]).success();
    env.qp(["create", "Inner", "--id", "web-inner", "--parent", "web-part"]).success();
    snapshot!(
        env.qp(["label", "propagate", "web-epic", "a,b"]),
        str![[r#"
added web-part: a
there already web-part: b

"#]]
    );
    snapshot!(
        env.qp(["label", "propagate", "web-epic", "a", "--recursive", "--json"]),
        str![[r#"
[
  {
    "issue_id": "web-part",
    "label": "a",
    "status": "exists"
  },
  {
    "issue_id": "web-inner",
    "label": "a",
    "status": "added"
  }
]

"#]]
    );
    snapshot!(
        env.qp(["label", "propagate", "web-base", "a"]),
        str![[r#"
[stderr]
web-base has no parts

"#]]
    );
}
