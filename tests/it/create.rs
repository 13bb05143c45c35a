//! `qp init`, `create`, `q`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

#[test]
fn creates_and_prints_the_key() {
    let env = Env::new();
    snapshot!(
        env.qp(["create", "Fix the login", "-t", "bug", "-p", "1", "-l", "auth,backend"]),
        str![[r#"
created web-r7j2: Fix the login

"#]]
    );
}

#[test]
fn init_is_idempotent() {
    let env = Env::git();
    snapshot!(
        env.qp(["init"]),
        str![[r#"
started a tracker on the branch quipu-sync with prefix repo
[stderr]
next: qp create "What is to be done"

"#]]
    );
    snapshot!(
        env.qp(["init", "--prefix", "other"]),
        str![[r#"
there is a tracker on the branch quipu-sync already, with prefix repo and 0 issues
[stderr]
warning: its prefix stays repo; --prefix other was not applied

"#]]
    );
    env.fsck();
}

#[test]
fn every_flag_lands_in_its_field() {
    let env = Env::new();
    let parent = env.create(["Epic", "-t", "epic"]);
    std::fs::write(env.repo().join("design.md"), "Use a view.\n").expect("a file");
    let args = [
        "create",
        "Log users out",
        "-d",
        "After five minutes.",
        "--design-file",
        "design.md",
        "--acceptance",
        "- [ ] a timer",
        "--notes",
        "- seen on Monday",
        "-t",
        "feature",
        "-p",
        "P0",
        "-l",
        "auth,backend",
        "--label",
        "auth",
        "-a",
        "bob",
        "--parent",
        &parent,
        "--paths",
        "src/auth/**,src/session.rs",
        "--due",
        "2026-02-01T12:00:00Z",
        "--defer",
        "+2d",
        "-e",
        "1h30m",
        "--external-ref",
        "gh-9",
        "--spec-id",
        "spec/auth.md",
        "--metadata",
        r#"{"team": "core", "n": 3}"#,
    ];
    snapshot!(
        env.qp(args.into_iter().chain(["--json"])),
        str![[r#"
{
  "id": "web-3ac9",
  "title": "Log users out",
  "description": "After five minutes.",
  "design": "Use a view.",
  "acceptance_criteria": "- [ ] a timer",
  "notes": "- seen on Monday",
  "status": "open",
  "priority": 0,
  "issue_type": "feature",
  "labels": [
    "auth",
    "backend"
  ],
  "assignee": "bob",
  "paths": [
    "src/auth/**",
    "src/session.rs"
  ],
  "due_at": "2026-02-01T12:00:00.000Z",
  "defer_until": "2026-01-09T10:02:00.000Z",
  "estimated_minutes": 90,
  "external_ref": "gh-9",
  "spec_id": "spec/auth.md",
  "created_at": "2026-01-07T10:02:00.000Z",
  "created_by": "alice",
  "updated_at": "2026-01-07T10:02:00.000Z",
  "metadata": {
    "n": 3,
    "team": "core"
  },
  "uid": "01kebyfxe0hzpv6hkfh9xr3ac9",
  "dependencies": [
    {
      "issue_id": "web-3ac9",
      "depends_on_id": "web-r7j2",
      "type": "parent-child",
      "created_at": "2026-01-07T10:02:00.000Z"
    }
  ],
  "dependency_count": 0,
  "dependent_count": 0,
  "comment_count": 0,
  "parent": "web-r7j2",
  "rev": "58b9c334771482861a57d5e3afac974a3340878d",
  "stored": "local",
  "schema_version": 1
}

"#]]
    );
    snapshot!(
        env.qp(["show", "3ac9", "--raw"]),
        str![[r#"
---
id: 01kebyfxe0hzpv6hkfh9xr3ac9
title: Log users out
type: feature
status: open
priority: 0
labels: [auth, backend]
assignee: bob
parent: 01kebye2v0av7bzj26205zr7j2
paths: [src/auth/**, src/session.rs]
due_at: 2026-02-01T12:00:00.000Z
defer_until: 2026-01-09T10:02:00.000Z
estimate_minutes: 90
external_ref: gh-9
spec: spec/auth.md
metadata: {"n": 3, "team": "core"}
created_at: 2026-01-07T10:02:00.000Z
created_by: alice
updated_at: 2026-01-07T10:02:00.000Z
---
After five minutes.

<!-- qp:design -->
## Design

Use a view.

<!-- qp:acceptance -->
## Acceptance criteria

- [ ] a timer

<!-- qp:notes -->
## Notes

- seen on Monday

"#]]
    );
    env.fsck();
}

#[test]
fn a_new_issue_has_no_more_than_it_needs() {
    let env = Env::new();
    let key = env.create(["Plain"]);
    snapshot!(
        env.qp(["show", &key, "--raw"]),
        str![[r#"
---
id: 01kebye2v0av7bzj26205zr7j2
title: Plain
type: task
status: open
priority: 2
created_at: 2026-01-07T10:01:00.000Z
created_by: alice
updated_at: 2026-01-07T10:01:00.000Z
---

"#]]
    );
}

#[test]
fn the_subject_names_key_and_title() {
    let env = Env::new();
    env.create(["Fix the\tlogin"]);
    snapshot!(
        env.git_out(&["log", "-1", "--format=%an: %B", "quipu-sync"]),
        str![[r#"
alice: create web-r7j2: Fix the login

Quipu-Op: 01kebye2v0acqw7wm2fbzyfxk4
Quipu-Time: 1767780060000
Quipu-Command: create
Quipu-Actor: alice
Quipu-Session: s1


"#]]
    );
}

#[test]
fn silent_and_q_print_the_key_only() {
    let env = Env::new();
    snapshot!(
        env.qp(["create", "One", "--silent"]),
        str![[r#"
web-r7j2

"#]]
    );
    snapshot!(
        env.qp(["q", "Two", "-p", "0", "-t", "bug"]),
        str![[r#"
web-3ac9

"#]]
    );
    snapshot!(
        env.qp(["q", "Three", "--json"]),
        str![[r#"
{
  "id": "web-hc1g",
  "title": "Three",
  "status": "open",
  "priority": 2,
  "issue_type": "task",
  "created_at": "2026-01-07T10:03:00.000Z",
  "created_by": "alice",
  "updated_at": "2026-01-07T10:03:00.000Z",
  "uid": "01kebyhr10hb5e8x66d95shc1g",
  "dependency_count": 0,
  "dependent_count": 0,
  "comment_count": 0,
  "rev": "87f009c20bbec05c198083216d4a954fb9a957ca",
  "stored": "local",
  "schema_version": 1
}

"#]]
    );
}

#[test]
fn the_title_may_be_a_flag_but_must_be_given_once() {
    let env = Env::new();
    snapshot!(
        env.qp(["create", "--title", "By flag"]),
        str![[r#"
created web-r7j2: By flag

"#]]
    );
    snapshot!(
        env.qp(["create", "By place", "--title", "By flag"]),
        str![[r#"
[stderr]
error: the argument '[TITLE]' cannot be used with '--title <TITLE>'
hint: qp create <TITLE>
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["create"]),
        str![[r#"
[stderr]
error: the following required arguments were not provided: <TITLE>
hint: qp create <TITLE>
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["create", "Fix", "the", "login"]),
        str![[r#"
[stderr]
error: unexpected argument 'the' found
hint: qp create "Fix the login"
[exit 2]

"#]]
    );
}

#[test]
fn titles_have_limits() {
    let env = Env::new();
    snapshot!(
        env.qp(["create", "  "]),
        str![[r#"
[stderr]
error: the title is empty
hint: give a title of 1 to 500 characters
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "two\nlines"]),
        str![[r#"
[stderr]
error: the title has more than one line
hint: put the rest into the description: -d TEXT
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", &"x".repeat(501)]),
        str![[r#"
[stderr]
error: the title has 501 characters, the limit is 500
hint: shorten the title and put the rest into the description: -d TEXT
[exit 5]

"#]]
    );
    env.qp(["create", &"ü".repeat(500)]).success();
    snapshot!(
        env.qp(["create", "escape \u{1b}[31m and \u{202e}reversed"]),
        str![[r#"
created web-3qws: escape ␛[31m and \u{202e}reversed

"#]]
    );
}

#[test]
fn texts_come_from_flags_files_and_standard_input() {
    let env = Env::new();
    let description = |run: crate::env::Run| run.success().json()["description"].clone();
    for args in [["-d", "-"], ["--body", "-"], ["-m", "-"], ["--body-file", "-"], ["--description-file", "-"]]
    {
        let args = ["create", "Title", "--json"].into_iter().chain(args);
        assert_eq!(description(env.qp_stdin(args, "from stdin\n")), "from stdin");
    }
    assert_eq!(description(env.qp_stdin(["create", "Title", "--stdin", "--json"], "piped")), "piped");
    std::fs::write(env.repo().join("body.md"), "from a file\r\nsecond\r\n").expect("a file");
    assert_eq!(
        description(env.qp(["create", "Title", "--body-file", "body.md", "--json"])),
        "from a file\r\nsecond"
    );
    assert_eq!(description(env.qp(["create", "Title", "-d", "- a list", "--json"])), "- a list");
    snapshot!(
        env.qp_stdin(["create", "Title", "-d", "-", "--notes", "-"], "text"),
        str![[r#"
[stderr]
error: standard input can be read only once
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["create", "Title", "-d", "text", "--stdin"]),
        str![[r#"
[stderr]
error: the argument '--description <TEXT>' cannot be used with '--stdin'
hint: qp create --description <TEXT> <TITLE>
[exit 2]

"#]]
    );
}

#[test]
fn input_that_cannot_be_read_creates_nothing() {
    let env = Env::new();
    snapshot!(
        env.qp(["create", "Title", "--body-file", "missing.md"]),
        str![[r#"
[stderr]
error: missing.md cannot be read: No such file or directory (os error 2)
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "Title", "-d", "-"]),
        str![[r#"
[stderr]
error: standard input is empty
hint: pass the text itself, or pipe it in
[exit 5]

"#]]
    );
    let big = "x".repeat((1 << 20) + 1);
    snapshot!(
        env.qp_stdin(["create", "Title", "--stdin"], &big),
        str![[r#"
[stderr]
error: standard input has more than 1048576 bytes
hint: put long logs into a file of the repository and name its path in the issue
[exit 5]

"#]]
    );
    std::fs::write(env.repo().join("big.md"), &big).expect("a file");
    snapshot!(
        env.qp(["create", "Title", "--body-file", "big.md"]),
        str![[r#"
[stderr]
error: big.md has more than 1048576 bytes
hint: put long logs into a file of the repository and name its path in the issue
[exit 5]

"#]]
    );
    snapshot!(
        env.qp_stdin(["create", "Title", "--stdin"], &big[..(1 << 20) - 10]),
        str![[r#"
[stderr]
error: "Title" cannot be kept: the file has 1048747 bytes, the limit is 1048576
hint: put long logs into a file of the repository and name its path in the issue
[exit 5]

"#]]
    );
    std::fs::write(env.repo().join("binary"), [0xff, 0xfe]).expect("a file");
    snapshot!(
        env.qp(["create", "Title", "--body-file", "binary"]),
        str![[r#"
[stderr]
error: binary cannot be read: stream did not contain valid UTF-8
[exit 5]

"#]]
    );
    assert_eq!(env.json(["list"]).as_array().map(Vec::len), Some(0));
}

#[test]
fn values_are_checked_and_corrected() {
    let env = Env::new();
    snapshot!(
        env.qp(["create", "T", "-p", "high"]),
        str![[r#"
[stderr]
error: unknown priority "high"
hint: qp create T -p 1
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "-p", "5"]),
        str![[r#"
[stderr]
error: unknown priority "5"
hint: use one of 0 (most urgent), 1, 2, 3, 4 (least)
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "-t", "fature"]),
        str![[r#"
[stderr]
error: unknown type "fature"
hint: qp create T -t feature
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--due", "someday"]),
        str![[r#"
[stderr]
error: "someday" is not a time
hint: use 2026-01-31, 2026-01-31T09:00:00Z, +2d, tomorrow or next monday
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "-e", "soon"]),
        str![[r#"
[stderr]
error: "soon" is not a duration
hint: use 30m, 2h, 1h30m or 1d
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--metadata", "[1]"]),
        str![[r#"
[stderr]
error: the metadata is not a JSON object
hint: --metadata '{"name": "value"}'
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "-l", "two\nlines"]),
        str![[r#"
[stderr]
error: "two\nlines" is not a label: one line of at most 100 characters
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--priorty", "1"]),
        str![[r#"
[stderr]
error: unexpected argument '--priorty' found
hint: qp create T --priority 1
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--defer", "2020-01-01T00:00:00Z"]),
        str![[r#"
created web-dkj6: T
[stderr]
warning: 2020-01-01 00:00 UTC is in the past: this puts nothing off

"#]]
    );
}

#[test]
fn a_synonym_of_a_type_is_taken_for_it() {
    let env = Env::new();
    assert_eq!(env.json(["create", "T", "-t", "Enhancement"])["issue_type"], "feature");
    assert_eq!(env.json(["create", "T", "-t", "spike"])["issue_type"], "spike");
}

#[test]
fn metadata_may_stand_in_a_file() {
    let env = Env::new();
    std::fs::write(env.repo().join("meta.json"), r#"{"a": {"b": [1, 2.50]}}"#).expect("a file");
    let issue = env.json(["create", "T", "--metadata", "@meta.json"]);
    assert_eq!(issue["metadata"]["a"]["b"][0], 1);
    snapshot!(
        env.qp(["create", "T", "--metadata", "@missing.json"]),
        str![[r#"
[stderr]
error: missing.json cannot be read: No such file or directory (os error 2)
[exit 5]

"#]]
    );
}

#[test]
fn dependencies_of_every_type() {
    let env = Env::new();
    let keys: Vec<String> = (0..9).map(|n| env.create([format!("Issue {n}")])).collect();
    let deps = format!(
        "{},depends_on:{},blocks:{},related:{},discovered-from:{},parent-child:{},duplicates:{},supersedes:{},tracks:{}",
        keys[0], keys[1], keys[2], keys[3], keys[4], keys[5], keys[6], keys[7], keys[8]
    );
    let new = env.create(["New", "--deps", &deps]);
    let issue = &env.json(["show", &new])[0];
    let of = |list: &str, kind: &str| -> Vec<String> {
        let entries = issue[list].as_array().expect("a list");
        let fits = entries.iter().filter(|d| d["dependency_type"] == kind);
        fits.map(|d| d["title"].as_str().expect("a title").to_owned()).collect()
    };
    assert_eq!(of("dependencies", "blocks"), ["Issue 0", "Issue 1"]);
    assert_eq!(of("dependents", "blocks"), ["Issue 2"]);
    assert_eq!(of("dependencies", "related"), ["Issue 3"]);
    assert_eq!(of("dependencies", "discovered-from"), ["Issue 4"]);
    assert_eq!(of("dependencies", "parent-child"), ["Issue 5"]);
    assert_eq!(of("dependencies", "duplicates"), ["Issue 6"]);
    assert_eq!(of("dependencies", "supersedes"), ["Issue 7"]);
    assert_eq!(of("dependencies", "tracks"), ["Issue 8"]);
    env.fsck();
}

#[test]
fn bad_dependencies_create_nothing() {
    let env = Env::new();
    let a = env.create(["First"]);
    let b = env.create(["Second", "--deps", &a]);
    let epic = env.create(["Epic", "-t", "epic"]);
    snapshot!(
        env.qp(["create", "T", "--deps", "web-0000"]),
        str![[r#"
[stderr]
error: no issue web-0000
hint: qp list shows the open ones, qp search 0000 looks in all 3
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--deps", "null"]),
        str![[r#"
[stderr]
error: "null" is not a key: something before this command gave no issue
hint: qp list shows the keys
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--parent", ""]),
        str![[r#"
[stderr]
error: "" is not a key: something before this command gave no issue
hint: qp list shows the keys
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--parent", "bd-1a2b"]),
        str![[r#"
[stderr]
error: bd-1a2b: the prefix "bd" is not this tracker's (web)
hint: qp list shows the keys
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--deps", &format!("relate:{a}")]),
        str![[r#"
[stderr]
error: unknown dependency type "relate"
hint: qp create T --deps related:web-r7j2
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--parent", &epic, "--deps", &format!("parent:{a}")]),
        str![[r#"
[stderr]
error: an issue has only one reference of the type parent-child
hint: give one of them
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--deps", &format!("{b},blocks:{a}")]),
        str![[r#"
[stderr]
error: web-r7j2 cannot be blocked by the new issue, that closes a cycle of waiting: web-r7j2 → the new issue → web-3ac9 → web-r7j2
hint: leave out one of these relations
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--parent", &epic, "--deps", &epic]),
        str![[r#"
[stderr]
error: the new issue cannot be blocked by web-hc1g, that closes a cycle of waiting: the new issue → web-hc1g → the new issue
hint: qp dep tree web-hc1g
[exit 6]

"#]]
    );
    assert_eq!(env.json(["list"]).as_array().map(Vec::len), Some(3));
}

#[test]
fn explicit_keys() {
    let env = Env::new();
    snapshot!(
        env.qp(["create", "T", "--id", "web-login"]),
        str![[r#"
created web-login: T

"#]]
    );
    snapshot!(
        env.qp(["show", "WEB-LOGIN", "--short"]),
        str![[r#"
web-login  P2  task  T

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--id", "web-login"]),
        str![[r#"
[stderr]
error: web-login is the key of another issue
hint: qp show web-login
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--id", "bd-1a2b"]),
        str![[r#"
[stderr]
error: "bd-1a2b" does not begin with this tracker's prefix
hint: --id web-bd-1a2b
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--id", "bd-1a2b", "--force"]),
        str![[r#"
created bd-1a2b: T

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--id", "null"]),
        str![[r#"
[stderr]
error: "null" is not a key
hint: letters, digits, '.', '_' and '-', such as --id web-login
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--id", ""]),
        str![[r#"
[stderr]
error: "" is not a key
hint: letters, digits, '.', '_' and '-', such as --id web-login
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--id", "web two"]),
        str![[r#"
[stderr]
error: "web two" is not a key
hint: letters, digits, '.', '_' and '-', such as --id web-login
[exit 5]

"#]]
    );
}

#[test]
fn a_rehearsal_shows_everything_and_writes_nothing() {
    let env = Env::new();
    let a = env.create(["First"]);
    let b = env.create(["Second"]);
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let deps = format!("{a},blocks:{b}");
    let args = ["create", "New one", "-d", "Text.", "-l", "x", "--deps", &deps, "--dry-run"];
    snapshot!(
        env.qp(args),
        str![[r#"
new: New one
open  P2  task  #x
created: 2026-01-07 10:03 UTC by alice
blocked by: web-r7j2 [open] First
blocks: web-3ac9 [open] Second

Text.
[stderr]
would create (nothing was written):

"#]]
    );
    snapshot!(
        env.qp(args.into_iter().chain(["--json"])),
        str![[r#"
{
  "id": "new",
  "title": "New one",
  "description": "Text.",
  "status": "open",
  "priority": 2,
  "issue_type": "task",
  "labels": [
    "x"
  ],
  "created_at": "2026-01-07T10:04:00.000Z",
  "created_by": "alice",
  "updated_at": "2026-01-07T10:04:00.000Z",
  "dependencies": [
    {
      "issue_id": "new",
      "depends_on_id": "web-r7j2",
      "type": "blocks",
      "created_at": "2026-01-07T10:04:00.000Z"
    }
  ],
  "dependency_count": 1,
  "dependent_count": 1,
  "comment_count": 0,
  "dry_run": true,
  "schema_version": 1
}

"#]]
    );
    snapshot!(
        env.qp(["create", "T", "--deps", "web-0000", "--dry-run"]),
        str![[r#"
[stderr]
error: no issue web-0000
hint: qp list shows the open ones, qp search 0000 looks in all 2
[exit 3]

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
}

#[test]
fn without_a_tracker_it_says_how_to_get_one() {
    let env = Env::git();
    snapshot!(
        env.qp(["create", "T"]),
        str![[r#"
[stderr]
error: no tracker here: there is no branch quipu-sync
hint: qp init
[exit 9]

"#]]
    );
    let env = Env::bare();
    snapshot!(
        env.qp_in(env.root(), ["create", "T", "--json"], &[], "")
            .to_string()
            .replace(env.root().to_str().expect("UTF-8"), "[ROOT]"),
        str![[r#"
[stderr]
{"error":"no git repository at [ROOT]","code":"no_repository","exit":9,"hint":"git init"}
[exit 9]

"#]]
    );
    let env = Env::new();
    snapshot!(
        env.qp(["create", "T", "--at", "2026-01-01"]),
        str![[r#"
[stderr]
error: --at 2026-01-01 looks back; the past cannot be changed
hint: leave out --at
[exit 2]

"#]]
    );
}
