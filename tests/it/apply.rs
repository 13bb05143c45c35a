//! `qp apply`: operations from JSON Lines, as one commit.

mod same;

use snapbox::str;

use crate::env::{Env, Run};
use crate::snapshot;

fn env() -> Env {
    let env = Env::new();
    env.qp(["create", "Base", "--id", "web-base"]).success();
    env.qp(["create", "Other", "--id", "web-other"]).success();
    env
}

fn apply(env: &Env, lines: &[&str]) -> Run {
    env.qp_stdin(["apply", "-"], &lines.join("\n"))
}

fn tip(env: &Env) -> String {
    env.git_out(&["rev-parse", "quipu-sync"])
}

const LINES: &[&str] = &[
    r#"{"op": "create", "ref": "a", "title": "Write it", "id": "web-a", "deps": ["web-base"], "type": "bug"}"#,
    "",
    r#"{"op": "create", "ref": "b", "title": "Run it", "parent": "$a", "estimate": 90, "metadata": {"x": 1}}"#,
    r#"{"op": "update", "id": "web-base", "notes": "started", "add_labels": ["new"], "if_status": ["open"]}"#,
    r#"{"op": "dep_add", "from": "web-other", "to": "$b"}"#,
    r#"{"op": "close", "id": ["web-base"], "reason": "done"}"#,
    r#"{"op": "claim", "id": "$a", "for": "1h"}"#,
    r#"{"op": "comment", "id": "$a", "text": "hello"}"#,
    r#"{"op": "label_add", "ids": ["$a", "$b"], "labels": "x, y"}"#,
];

#[test]
fn all_is_done_in_one_commit() {
    let env = env();
    let before = tip(&env);
    snapshot!(
        apply(&env, LINES),
        str![[r#"
created web-a: Write it
created web-7y4y: Run it
updated web-base: Base
added: web-other is blocked by web-7y4y
closed web-base: Base
claimed web-a: Write it
commented on web-a: Write it
updated web-a: Write it
updated web-7y4y: Run it
[stderr]
warning: web-a is not ready: its open child is the work

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync^"]), before);
    snapshot!(
        env.qp(["list", "--all"]),
        str![[r#"
web-base   P2  task  [closed] Base #new
web-other  P2  task  Other
web-a      P2  bug   [in_progress] Write it #x #y @alice
web-7y4y   P2  task  Run it #x #y

"#]]
    );
    snapshot!(
        env.qp(["show", "web-a"]),
        str![[r#"
web-a: Write it
in_progress  P2  bug  #x  #y
assignee: alice
claim: until 2026-01-07 11:03 UTC, 58m left (session s1)
created: 2026-01-07 10:03 UTC by alice
updated: 2026-01-07 10:03 UTC
blocked by: web-base [closed] Base
parts: web-7y4y [open] Run it

alice at 2026-01-07 10:03 UTC
hello

"#]]
    );
    assert!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]).starts_with("apply 8 operations: web-a, ")
    );
    env.fsck();
    env.qp(["undo"]).success();
    snapshot!(
        env.qp(["list", "--all"]),
        str![[r#"
web-base   P2  task  Base
web-other  P2  task  Other

"#]]
    );
}

#[test]
fn a_rehearsal_shows_it_and_writes_nothing() {
    let env = env();
    let before = tip(&env);
    let run = env.qp_stdin(["apply", "-", "--dry-run"], &LINES.join("\n"));
    snapshot!(
        run,
        str![[r#"
created $a: Write it
created $b: Run it
updated web-base: Base
added: web-other is blocked by $b
closed web-base: Base
claimed $a: Write it
commented on $a: Write it
updated $a: Write it
updated $b: Run it
[stderr]
warning: web-a is not ready: its open child is the work
would do (nothing was written):

"#]]
    );
    let run = env.qp_stdin(["apply", "-", "--dry-run", "--json"], &LINES[..4].join("\n"));
    snapshot!(
        run,
        str![[r#"
[
  {
    "line": 1,
    "op": "create",
    "ref": "a",
    "issues": [
      {
        "id": "$a",
        "title": "Write it",
        "outcome": "created"
      }
    ],
    "dry_run": true
  },
  {
    "line": 3,
    "op": "create",
    "ref": "b",
    "issues": [
      {
        "id": "$b",
        "title": "Run it",
        "outcome": "created"
      }
    ],
    "dry_run": true
  },
  {
    "line": 4,
    "op": "update",
    "issues": [
      {
        "id": "web-base",
        "title": "Base",
        "outcome": "updated",
        "uid": "01kebye2v0av7bzj26205zr7j2"
      }
    ],
    "dry_run": true
  }
]

"#]]
    );
    assert_eq!(tip(&env), before);
}

#[test]
fn the_document_has_one_entry_a_line() {
    let env = env();
    let lines = [
        r#"{"op": "dep_add", "issue_id": "web-base", "depends_on_id": "web-other"}"#,
        r#"{"op": "dep_add", "from": "web-base", "to": "web-other"}"#,
        r#"{"op": "close", "id": "web-other"}"#,
        r#"{"op": "done", "id": "web-other"}"#,
    ];
    let run = env.qp_stdin(["apply", "-", "--json"], &lines.join("\n"));
    snapshot!(
        run,
        str![[r#"
[
  {
    "line": 1,
    "op": "dep_add",
    "dependencies": [
      {
        "status": "added",
        "issue_id": "web-base",
        "depends_on_id": "web-other",
        "type": "blocks"
      }
    ]
  },
  {
    "line": 2,
    "op": "dep_add",
    "dependencies": [
      {
        "status": "exists",
        "issue_id": "web-base",
        "depends_on_id": "web-other",
        "type": "blocks"
      }
    ]
  },
  {
    "line": 3,
    "op": "close",
    "issues": [
      {
        "id": "web-other",
        "title": "Other",
        "outcome": "closed",
        "uid": "01kebyfxe0hzpv6hkfh9xr3ac9"
      }
    ]
  },
  {
    "line": 4,
    "op": "close",
    "issues": [
      {
        "id": "web-other",
        "title": "Other",
        "outcome": "closed_already",
        "uid": "01kebyfxe0hzpv6hkfh9xr3ac9"
      }
    ]
  }
]

"#]]
    );
}

const WRONG: &[&str] = &[
    r#"{"op": "creat", "title": "x"}"#,
    r#"{"op": "explode"}"#,
    r#"{"title": "x"}"#,
    r#"{"op": "create", "titel": "x"}"#,
    r#"{"op": "create"}"#,
    r#"{"op": "create", "title": "x", "priority": "high"}"#,
    r#"{"op": "create", "title": "x", "labels": [1]}"#,
    r#"{"op": "create", "title": "x", "ref": "$a"}"#,
    r#"{"op": "create", "title": "x", "type": "bug", "issue_type": "bug"}"#,
    r#"{"op": "create", "title": "x", "validate": true}"#,
    r#"{"op": "update", "id": "web-base"}"#,
    r#"{"op": "update", "id": "web-base", "status": "done"}"#,
    r#"{"op": "update", "id": "web-base", "priority": 1, "if_status": ["closed"]}"#,
    r#"{"op": "close", "id": "$nothing"}"#,
    r#"{"op": "close", "id": "web-nope"}"#,
    r#"{"op": "close"}"#,
    r#"{"op": "label_add", "id": "web-base"}"#,
    r#"{"op": "defer", "id": "web-base", "until": "then"}"#,
    r#"{"op": "dep_add", "from": "web-base", "to": "web-base"}"#,
    r#"{"op": "update", "id": "web-base", "force": "yes"}"#,
    "nonsense",
    "[1]",
];

#[test]
fn errors_name_the_line_and_the_field() {
    let env = env();
    let before = tip(&env);
    let first = r#"{"op": "update", "id": "web-base", "title": "Changed"}"#;
    let mut said = String::new();
    for line in WRONG {
        let run = apply(&env, &[first, line]);
        assert_ne!(run.code, 0, "{line}");
        assert!(run.stderr.lines().count() < 3 && run.stdout.is_empty(), "{run}");
        assert!(run.stderr.contains("standard input line 2: "), "{run}");
        said.push_str(&run.stderr);
    }
    snapshot!(
        said,
        str![[r#"
error: standard input line 2: there is no operation "creat"
hint: did you mean create?
error: standard input line 2: there is no operation "explode"
hint: one of create, update, close, reopen, comment, note, claim, release, dep_add, dep_remove, label_add, label_remove, defer, undefer, delete
error: standard input line 2: op is missing
hint: {"op": "close", "id": "ID"}
error: standard input line 2: "create" has no field "titel"
hint: did you mean title?
error: standard input line 2: title is missing
hint: qp apply --help shows how a line is written
error: standard input line 2: priority: unknown priority "high"
hint: use 1
error: standard input line 2: labels is not a list of texts
hint: qp apply --help shows how a line is written
error: standard input line 2: ref takes letters, digits, '.', '_' and '-'
hint: qp apply --help shows how a line is written
error: standard input line 2: type is given twice, under two names
hint: qp apply --help shows how a line is written
error: standard input line 2: "x" lacks what a task wants: Acceptance Criteria
hint: --acceptance "- [ ] …"
error: standard input line 2: nothing is to be changed
hint: qp update ID --priority 1; qp update --help names all fields
error: standard input line 2: unknown status "done"
hint: use closed
error: standard input line 2: web-base is open, not closed
hint: qp show web-base
error: standard input line 2: $nothing is no ref of a line before
hint: {"op": "create", "ref": "nothing", "title": "…"} in a line before
error: standard input line 2: no issue web-nope
hint: qp list shows the open ones, qp search nope looks in all 2
error: standard input line 2: id is missing
hint: qp apply --help shows how a line is written
error: standard input line 2: labels is missing
hint: qp apply --help shows how a line is written
error: standard input line 2: until: "then" is not a time
hint: use 2026-01-31, 2026-01-31T09:00:00Z, +2d, tomorrow or next monday
error: standard input line 2: web-base cannot be blocked by itself, that closes a cycle of waiting: web-base → web-base
hint: qp dep tree web-base
error: standard input line 2: force is neither true nor false
hint: qp apply --help shows how a line is written
error: standard input line 2: this is no JSON: expected ident
hint: qp apply --help shows how a line is written
error: standard input line 2: this is no JSON object
hint: qp apply --help shows how a line is written

"#]]
    );
    assert_eq!(tip(&env), before);
}

#[test]
fn a_file_without_operations_and_a_ref_given_twice() {
    let env = env();
    snapshot!(
        apply(&env, &["", " "]),
        str![[r#"
[stderr]
error: standard input holds no operation
hint: {"op": "close", "id": "ID"}, one a line
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["apply", "nowhere.jsonl"]),
        str![[r#"
[stderr]
error: nowhere.jsonl cannot be read: No such file or directory (os error 2)
[exit 5]

"#]]
    );
    let twice = r#"{"op": "create", "ref": "a", "title": "x"}"#;
    snapshot!(
        apply(&env, &[twice, twice]),
        str![[r#"
[stderr]
error: standard input line 2: the ref "a" is an earlier line's
[exit 5]

"#]]
    );
}

#[test]
fn later_lines_see_what_earlier_ones_have_done() {
    let env = env();
    let lines = [
        r#"{"op": "dep_add", "from": "web-base", "to": "web-other"}"#,
        r#"{"op": "dep_remove", "from": "web-base", "to": "web-other"}"#,
        r#"{"op": "close", "id": "web-base"}"#,
        r#"{"op": "reopen", "id": "web-base", "reason": "no"}"#,
        r#"{"op": "delete", "id": "web-other"}"#,
        r#"{"op": "create", "title": "Again", "id": "web-other"}"#,
        r#"{"op": "create", "ref": "gone", "title": "Not for long"}"#,
        r#"{"op": "delete", "id": "$gone"}"#,
        r#"{"op": "claim", "id": "web-other"}"#,
        r#"{"op": "release", "id": "web-other"}"#,
        r#"{"op": "defer", "id": "web-other", "until": "2026-03-01"}"#,
        r#"{"op": "undefer", "id": "web-other"}"#,
        r#"{"op": "note", "id": "web-base", "text": "one"}"#,
        r#"{"op": "note", "id": "web-base", "text": "two"}"#,
    ];
    apply(&env, &lines).success();
    snapshot!(
        env.qp(["list", "--all"]),
        str![[r#"
web-base   P2  task  Base
web-other  P2  task  Again

"#]]
    );
    assert_eq!(env.json(["show", "web-base"])[0]["notes"], "one\n\ntwo");
    // What comes to nothing is no commit.
    let before = tip(&env);
    apply(&env, &[LINES[0], r#"{"op": "delete", "id": "$a"}"#]).success();
    assert_eq!(tip(&env), before);
}

#[test]
fn texts_are_texts_whatever_they_look_like() {
    let env = env();
    let line = r#"{"op": "create", "id": "web-odd", "title": "-", "description": "@file", "notes": "$a", "acceptance": "-"}"#;
    apply(&env, &[line]).success();
    let shown = env.json(["show", "web-odd"])[0].clone();
    assert_eq!(shown["title"], "-");
    assert_eq!(shown["description"], "@file");
    assert_eq!(shown["notes"], "$a");
    assert_eq!(shown["acceptance_criteria"], "-");
    apply(&env, &[r#"{"op": "update", "id": "web-odd", "description": null, "due": "2026-03-01"}"#])
        .success();
    assert_eq!(env.json(["show", "web-odd"])[0].get("description"), None);
}

#[test]
fn other_peoples_claims_hold() {
    let env = env();
    env.qp_as("bob", ["claim", "web-base"]).success();
    for op in ["claim", "close", "release", "delete", "defer"] {
        let run = apply(&env, &[&format!(r#"{{"op": "{op}", "id": "web-base"}}"#)]).exits(6);
        assert!(run.stderr.contains("bob"), "{run}");
    }
    apply(&env, &[r#"{"op": "close", "id": "web-base", "force": true}"#]).success();
}

#[test]
fn an_idempotency_key_counts_within_a_file_and_between_files() {
    let env = env();
    let line = r#"{"op": "create", "ref": "REF", "title": "Nightly", "idempotency_key": "n1"}"#;
    let (a, b) = (line.replace("REF", "a"), line.replace("REF", "b"));
    let close = r#"{"op": "note", "id": "$b", "text": "red"}"#;
    let run = env.qp_stdin(["apply", "-", "--json"], &[&a, &b, close].join("\n")).success().json();
    assert_eq!(run[0]["issues"][0]["outcome"], "created");
    assert_eq!(run[1]["issues"][0]["outcome"], "exists_already");
    assert_eq!(run[1]["issues"][0]["id"], run[2]["issues"][0]["id"]);
    apply(&env, &[&a]).success();
    assert_eq!(env.json(["list"]).as_array().map(Vec::len), Some(3));
}

#[test]
fn every_operation_and_field_is_described() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/apply.md");
    let page = std::fs::read_to_string(path).expect("the page is there");
    for (operation, fields) in quipu::cli::operations() {
        for word in std::iter::once(operation).chain(fields) {
            assert!(page.contains(&format!("`{word}`")), "{operation}: {word} is not described");
        }
    }
}

/// Their keys are those of issues that were not created.
#[test]
fn errors_speak_of_new_issues_as_the_file_does() {
    let env = env();
    snapshot!(
        apply(
            &env,
            &[
                r#"{"op": "create", "ref": "first", "title": "x"}"#,
                r#"{"op": "create", "ref": "then", "title": "y", "deps": ["$first"]}"#,
                r#"{"op": "close", "id": "$then"}"#,
            ]
        ),
        str![[r#"
[stderr]
error: standard input line 3: $then has an open blocker: $first
[exit 6]

"#]]
    );
}
