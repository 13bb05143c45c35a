//! `qp update`, `reopen` and the shortcuts for single fields

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

/// Returns one field of an issue.
fn field(env: &Env, key: &str, name: &str) -> serde_json::Value {
    env.json(["show", key])[0][name].clone()
}

#[test]
fn every_field_by_its_flag() {
    let env = Env::new();
    let parent = env.create(["Epic", "-t", "epic"]);
    let key = env.create([
        "Old title",
        "-l",
        "old,kept",
        "--paths",
        "src/a.rs",
        "--metadata",
        r#"{"a": 1, "b": 2}"#,
    ]);
    let flags = "--title Renamed -d Text. --design Sketch. --acceptance Works. --notes First. -t bug -p 0 -a bob \
        --add-label new,newer --remove-label old --add-path src/b.rs --remove-path src/a.rs --due 2026-02-01 \
        --defer +2d -e 2h --external-ref gh-9 --spec spec.md --set-metadata a=true --set-metadata team=core \
        --unset-metadata b -s in_progress --parent";
    let args = ["update", &key].into_iter().chain(flags.split(' ')).chain([parent.as_str()]);
    snapshot!(
        env.qp(args),
        str![[r#"
updated web-3ac9: Renamed

"#]]
    );
    snapshot!(
        env.qp(["show", &key, "--raw"]),
        str![[r#"
---
id: 01kebyfxe0hzpv6hkfh9xr3ac9
title: Renamed
type: bug
status: in_progress
priority: 0
labels: [kept, new, newer]
assignee: bob
parent: 01kebye2v0av7bzj26205zr7j2
paths: [src/b.rs]
due_at: 2026-02-01T00:00:00.000Z
defer_until: 2026-01-09T10:03:00.000Z
estimate_minutes: 120
external_ref: gh-9
spec: spec.md
metadata: {"a": true, "team": "core"}
created_at: 2026-01-07T10:02:00.000Z
created_by: alice
updated_at: 2026-01-07T10:03:00.000Z
started_at: 2026-01-07T10:03:00.000Z
---
Text.

<!-- qp:design -->
## Design

Sketch.

<!-- qp:acceptance -->
## Acceptance criteria

Works.

<!-- qp:notes -->
## Notes

First.

"#]]
    );
    snapshot!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]),
        str![[r#"
update title, type, status and 18 more of web-3ac9: Old title

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "-p", "0", "--title", "Renamed"]),
        str![[r#"
unchanged web-3ac9: Renamed

"#]]
    );
    env.fsck();
}

#[test]
fn json_is_an_array_of_issues() {
    let env = Env::new();
    let key = env.create(["Title"]);
    snapshot!(
        env.qp(["update", &key, "-p", "1", "--json"]),
        str![[r#"
[
  {
    "id": "web-r7j2",
    "title": "Title",
    "status": "open",
    "priority": 1,
    "issue_type": "task",
    "created_at": "2026-01-07T10:01:00.000Z",
    "created_by": "alice",
    "updated_at": "2026-01-07T10:02:00.000Z",
    "uid": "01kebye2v0av7bzj26205zr7j2",
    "dependency_count": 0,
    "dependent_count": 0,
    "comment_count": 0,
    "rev": "4ec51d4bc343a5db3bb777fce290d40b165feaaa",
    "stored": "local"
  }
]

"#]]
    );
}

#[test]
fn an_empty_value_empties_the_field() {
    let env = Env::new();
    let parent = env.create(["Epic"]);
    let args = ["Title", "-d", "x", "-a", "bob", "--due", "+1d", "--defer", "+1d", "-e", "1h", "--spec", "s"];
    let key =
        env.create(args.into_iter().chain(["-l", "a,b", "--parent", &parent, "--metadata", "{\"a\":1}"]));
    let empty = ["-d", "-a", "--due", "--defer", "-e", "--spec", "--set-labels", "--parent", "--metadata"];
    let args = ["update".to_owned(), key.clone()].into_iter();
    env.qp(args.chain(empty.iter().flat_map(|flag| [(*flag).to_owned(), String::new()]))).success();
    snapshot!(
        env.qp(["show", &key, "--raw"]),
        str![[r#"
---
id: 01kebyfxe0hzpv6hkfh9xr3ac9
title: Title
type: task
status: open
priority: 2
created_at: 2026-01-07T10:02:00.000Z
created_by: alice
updated_at: 2026-01-07T10:03:00.000Z
---

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "--title", ""]),
        str![[r#"
[stderr]
error: the title is empty
hint: give a title of 1 to 500 characters
[exit 5]

"#]]
    );
}

#[test]
fn nothing_to_change_is_said_or_refused() {
    let env = Env::new();
    let key = env.create(["Title", "-l", "a"]);
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    snapshot!(
        env.qp(["update", &key, "-p", "2", "--add-label", "a"]),
        str![[r#"
unchanged web-r7j2: Title

"#]]
    );
    snapshot!(
        env.qp(["update", &key]),
        str![[r#"
[stderr]
error: nothing is to be changed
hint: qp update web-r7j2 --priority 1; qp update --help names all fields
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "--force", "--if-status", "open"]),
        str![[r#"
[stderr]
error: nothing is to be changed
hint: qp update web-r7j2 --priority 1; qp update --help names all fields
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["update"]),
        str![[r#"
[stderr]
error: the following required arguments were not provided: <ID>...
hint: qp update <ID>...
[exit 2]

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
}

#[test]
fn notes_are_added_to_and_never_overwritten_by_chance() {
    let env = Env::new();
    let key = env.create(["Title", "--notes", "First.\n"]);
    env.qp(["update", &key, "--notes", "Second."]).success();
    env.qp(["update", &key, "--append-notes", "- third"]).success();
    env.qp_stdin(["update", &key, "--notes", "-"], "Fourth.\n\n").success();
    assert_eq!(field(&env, &key, "notes"), "First.\n\nSecond.\n\n- third\n\nFourth.");
    snapshot!(
        env.qp(["update", &key, "--notes", ""]),
        str![[r#"
[stderr]
error: there is no text to add to the notes
hint: qp update ID --notes TEXT, or --replace-notes "" to empty them
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "--notes", "-"]),
        str![[r#"
[stderr]
error: standard input is empty
hint: pass the text itself, or pipe it in
[exit 5]

"#]]
    );
    env.qp(["update", &key, "--replace-notes", "Anew."]).success();
    assert_eq!(field(&env, &key, "notes"), "Anew.");
    snapshot!(
        env.qp(["note", &key, "and", "one", "more"]),
        str![[r#"
updated web-r7j2: Title

"#]]
    );
    env.qp_stdin(["note", &key, "-"], "piped").success();
    assert_eq!(field(&env, &key, "notes"), "Anew.\n\nand one more\n\npiped");
    snapshot!(
        env.qp(["note", &key]),
        str![[r#"
[stderr]
error: there is no text
hint: qp note web-r7j2 "TEXT"
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["note", &key, "--bogus"]),
        str![[r#"
[stderr]
error: unexpected argument '--bogus' found
hint: qp note web-r7j2 -m "TEXT" takes any text
[exit 2]

"#]]
    );
}

#[test]
fn labels_are_added_removed_and_replaced() {
    let env = Env::new();
    let key = env.create(["Title", "-l", "a,b"]);
    env.qp(["update", &key, "--set-labels", "c,d", "--add-label", "e", "--remove-label", "c"]).success();
    assert_eq!(field(&env, &key, "labels").to_string(), r#"["d","e"]"#);
}

#[test]
fn several_issues_change_together_or_not_at_all() {
    let env = Env::new();
    let (a, b) = (env.create(["A"]), env.create(["B"]));
    snapshot!(
        env.qp(["update", &a, &b, &a, "-p", "0"]),
        str![[r#"
updated web-r7j2: A
updated web-3ac9: B

"#]]
    );
    snapshot!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]),
        str![[r#"
update priority of 2 issues: web-r7j2, web-3ac9

"#]]
    );
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    snapshot!(
        env.qp(["update", &a, "web-0000", "-p", "1"]),
        str![[r#"
[stderr]
error: no issue web-0000
hint: qp list shows the open ones, qp search 0000 looks in all 2
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["update", &a, "null", "-p", "1"]),
        str![[r#"
[stderr]
error: "null" is not a key: something before this command gave no issue
hint: qp list shows the keys
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["update", &a, &b, "--parent", &b]),
        str![[r#"
[stderr]
error: web-3ac9 cannot be its own parent, that closes a cycle of waiting: web-3ac9 → web-3ac9
hint: qp dep tree web-3ac9
[exit 6]

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
}

#[test]
fn a_parent_may_not_close_a_cycle() {
    let env = Env::new();
    let a = env.create(["A"]);
    let b = env.create(["B", "--parent", &a]);
    snapshot!(
        env.qp(["update", &a, "--parent", &b]),
        str![[r#"
[stderr]
error: web-r7j2 cannot be a part of web-3ac9, that closes a cycle of waiting: web-3ac9 → web-r7j2 → web-3ac9
hint: qp dep tree web-3ac9
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["update", &b, "--parent", &a]),
        str![[r#"
unchanged web-3ac9: B

"#]]
    );
    snapshot!(
        env.qp(["update", &b, "--parent", ""]),
        str![[r#"
updated web-3ac9: B

"#]]
    );
    env.qp(["update", &a, "--parent", &b]).success();
}

#[test]
fn values_are_checked() {
    let env = Env::new();
    let key = env.create(["Title"]);
    snapshot!(
        env.qp(["update", &key, "-p"]),
        str![[r#"
[stderr]
error: a value is required for '--priority <0-4>' but none was supplied
hint: qp update --help
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "-s", "done"]),
        str![[r#"
[stderr]
error: unknown status "done"
hint: qp update web-r7j2 -s closed
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "-p", "high"]),
        str![[r#"
[stderr]
error: unknown priority "high"
hint: qp update web-r7j2 -p 1
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "--set-metadata", "team"]),
        str![[r#"
[stderr]
error: "team" is not NAME=VALUE
hint: --set-metadata team=core
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "--title", "two\nlines"]),
        str![[r#"
[stderr]
error: the title has more than one line
hint: put the rest into the description: -d TEXT
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "-d", "-"]),
        str![[r#"
[stderr]
error: standard input is empty
hint: pass the text itself, or pipe it in
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "-p", "1", "--reason", "why"]),
        str![[r#"
[stderr]
error: a reason goes with --status closed
hint: qp close web-r7j2 --reason TEXT
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "-s", "open", "--reason", "why"]),
        str![[r#"
[stderr]
error: a reason goes with --status closed
hint: qp close web-r7j2 --reason TEXT
[exit 2]

"#]]
    );
}

#[test]
fn closing_by_status_is_refused_as_close_refuses_it() {
    let env = Env::new();
    let blocker = env.create(["Blocker"]);
    let key = env.create(["Title", "--deps", &blocker]);
    snapshot!(
        env.qp(["update", &key, "--status", "closed"]),
        str![[r#"
[stderr]
error: web-3ac9 has an open blocker: web-r7j2
hint: qp dep tree web-3ac9
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, &blocker, "--status", "closed", "--reason", "both done"]),
        str![[r#"
closed web-3ac9: Title
closed web-r7j2: Blocker

"#]]
    );
    assert_eq!(field(&env, &key, "close_reason"), "both done");
    assert_eq!(field(&env, &key, "closed_by"), "alice");
    snapshot!(
        env.qp(["update", &key, "--status", "closed"]),
        str![[r#"
unchanged web-3ac9: Title

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "--status", "open"]),
        str![[r#"
updated web-3ac9: Title

"#]]
    );
    assert_eq!(field(&env, &key, "closed_at"), serde_json::Value::Null);
    let other = env.create(["Other", "--deps", &key]);
    snapshot!(
        env.qp(["update", &other, "--status", "closed", "--force"]),
        str![[r#"
closed web-p4x1: Other

"#]]
    );
}

#[test]
fn claiming() {
    let env = Env::new();
    let key = env.create(["Title"]);
    snapshot!(
        env.qp(["update", &key, "--claim"]),
        str![[r#"
claimed web-r7j2 until 2026-01-07 12:02 UTC: Title

"#]]
    );
    snapshot!(
        env.qp(["show", &key]),
        str![[r#"
web-r7j2: Title
in_progress  P2  task
assignee: alice
claim: until 2026-01-07 12:02 UTC, 1h59m left (session s1)
created: 2026-01-07 10:01 UTC by alice
updated: 2026-01-07 10:02 UTC

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "--claim", "-s", "in_progress"]),
        str![[r#"
renewed web-r7j2 until 2026-01-07 12:04 UTC: Title

"#]]
    );
    snapshot!(
        env.qp_as("bob", ["update", &key, "--claim", "--json"]),
        str![[r#"
[stderr]
{"error":"web-r7j2 is claimed by alice (session s1) until 2026-01-07T12:04:00.000Z","code":"claim_held","exit":6,"hint":"qp claim --next"}
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "--claim", "-a", "bob"]),
        str![[r#"
[stderr]
error: a claim makes alice the assignee
hint: leave out --assignee, or claim under another name with --as NAME
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "--claim", "-s", "open"]),
        str![[r#"
[stderr]
error: a claim makes the status in_progress
hint: leave out --status
[exit 2]

"#]]
    );
    env.pass(3 * 60 * 60 * 1000);
    snapshot!(
        env.qp_as("bob", ["update", &key, "--claim"]),
        str![[r#"
took over web-r7j2 from alice (lapsed 1h04m ago) until 2026-01-07 15:08 UTC: Title

"#]]
    );
    env.qp_as("bob", ["close", &key]).success();
    snapshot!(
        env.qp(["update", &key, "--claim"]),
        str![[r#"
[stderr]
error: web-r7j2 is closed
hint: qp reopen web-r7j2
[exit 6]

"#]]
    );
}

#[test]
fn the_state_of_a_claimed_issue_is_its_holders() {
    let env = Env::new();
    let key = env.create(["Title"]);
    env.qp_as("bob", ["update", &key, "--claim"]).success();
    snapshot!(
        env.qp(["update", &key, "-s", "open"]),
        str![[r#"
[stderr]
error: web-r7j2 is claimed by bob (session bob) until 2026-01-07T12:02:00.000Z
hint: qp show web-r7j2
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "-a", "carol"]),
        str![[r#"
[stderr]
error: web-r7j2 is claimed by bob (session bob) until 2026-01-07T12:02:00.000Z
hint: qp show web-r7j2
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["assign", &key, "carol"]),
        str![[r#"
[stderr]
error: web-r7j2 is claimed by bob (session bob) until 2026-01-07T12:02:00.000Z
hint: qp show web-r7j2
[exit 6]

"#]]
    );
    env.qp(["update", &key, "-p", "0", "--notes", "anybody may say something"]).success();
    snapshot!(
        env.qp_as("bob", ["update", &key, "-a", "carol"]),
        str![[r#"
updated web-r7j2: Title

"#]]
    );
    snapshot!(
        env.qp(["show", &key]),
        str![[r#"
web-r7j2: Title
in_progress  P0  task
assignee: carol
claim: without a lease, held until released
created: 2026-01-07 10:01 UTC by alice
updated: 2026-01-07 10:07 UTC

Notes
anybody may say something

"#]]
    );
    env.qp_as("carol", ["update", &key, "--claim"]).success();
    snapshot!(
        env.qp_as("carol", ["update", &key, "-a", ""]),
        str![[r#"
updated web-r7j2: Title

"#]]
    );
    assert_eq!(field(&env, &key, "status"), "open");
    assert_eq!(field(&env, &key, "lease_expires_at"), serde_json::Value::Null);
    env.qp_as("bob", ["update", &key, "--claim"]).success();
    snapshot!(
        env.qp(["update", &key, "-s", "open", "--force"]),
        str![[r#"
updated web-r7j2: Title

"#]]
    );
}

#[test]
fn conditions() {
    let env = Env::new();
    let key = env.create(["Title"]);
    let claim = |who: &str| {
        env.qp(["update", &key, "-a", who, "-s", "in_progress", "--if-status", "open", "--if-assignee", ""])
    };
    snapshot!(
        claim("bob"),
        str![[r#"
updated web-r7j2: Title

"#]]
    );
    snapshot!(
        claim("carol"),
        str![[r#"
[stderr]
error: web-r7j2 is in_progress, not open
hint: qp show web-r7j2
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["update", &key, "-p", "1", "--if-assignee", "carol", "--json"]),
        str![[r#"
[stderr]
{"error":"web-r7j2 is assigned to bob, not to carol","code":"condition_failed","exit":6,"hint":"qp show web-r7j2"}
[exit 6]

"#]]
    );
    env.qp(["update", &key, "-p", "1", "--if-assignee", "bob", "--if-status", "open,in_progress"]).success();
    snapshot!(
        env.qp(["update", &key, "-p", "3", "--if-status", "oben"]),
        str![[r#"
[stderr]
error: unknown status "oben"
hint: qp update web-r7j2 -p 3 --if-status open
[exit 5]

"#]]
    );
    assert_eq!(field(&env, &key, "priority"), 1);
}

#[test]
fn reopening() {
    let env = Env::new();
    let parent = env.create(["Epic"]);
    let key = env.create(["Title", "--parent", &parent, "--defer", "+1y"]);
    env.qp(["close", &key, &parent, "-r", "done"]).success();
    snapshot!(
        env.qp(["reopen", &key, "-r", "it is back"]),
        str![[r#"
reopened web-3ac9: Title
[stderr]
still closed, though now with open parts: web-r7j2

"#]]
    );
    snapshot!(
        env.qp(["show", &key]),
        str![[r#"
web-3ac9: Title
open  P2  task
created: 2026-01-07 10:02 UTC by alice
updated: 2026-01-07 10:04 UTC
part of: web-r7j2 [closed] Epic

alice at 2026-01-07 10:04 UTC
it is back

"#]]
    );
    snapshot!(
        env.qp(["reopen", &key, "--reason", "again"]),
        str![[r#"
open already web-3ac9: Title

"#]]
    );
    assert_eq!(env.json(["comments", &key]).as_array().map(Vec::len), Some(1));
    let documents = env.json(["reopen", &parent]);
    assert_eq!((&documents[0]["id"], &documents[0]["status"]), (&parent.as_str().into(), &"open".into()));
    snapshot!(
        env.qp(["reopen", "web-0000"]),
        str![[r#"
[stderr]
error: no issue web-0000
hint: qp list shows the open ones, qp search 0000 looks in all 2
[exit 3]

"#]]
    );
}

#[test]
fn shortcuts() {
    let env = Env::new();
    let key = env.create(["Title"]);
    snapshot!(
        env.qp(["priority", &key, "1"]),
        str![[r#"
updated web-r7j2: Title

"#]]
    );
    snapshot!(
        env.qp(["priority", &key, "high"]),
        str![[r#"
[stderr]
error: unknown priority "high"
hint: qp priority web-r7j2 1
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["assign", &key, "bob"]),
        str![[r#"
updated web-r7j2: Title

"#]]
    );
    snapshot!(
        env.qp(["assign", &key, "bob"]),
        str![[r#"
unchanged web-r7j2: Title

"#]]
    );
    snapshot!(
        env.qp(["assign", &key, ""]),
        str![[r#"
updated web-r7j2: Title

"#]]
    );
    snapshot!(
        env.qp(["assign", "null", "bob"]),
        str![[r#"
[stderr]
error: "null" is not a key: something before this command gave no issue
hint: qp list shows the keys
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["tag", &key, "backend", "urgent"]),
        str![[r#"
updated web-r7j2: Title

"#]]
    );
    snapshot!(
        env.qp(["list"]),
        str![[r#"
web-r7j2  P1  task  Title #backend #urgent

"#]]
    );
    assert_eq!(env.json(["priority", &key, "0"])[0]["priority"], 0);
}
