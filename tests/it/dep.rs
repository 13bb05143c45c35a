//! `qp dep`, `link`, `relate`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

/// A tracker with the issues web-a to web-f.
fn six() -> Env {
    let env = Env::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        env.create([format!("Issue {name}"), "--id".to_owned(), format!("web-{name}")]);
    }
    env
}

#[test]
fn adding() {
    let env = six();
    snapshot!(
        env.qp(["dep", "add", "web-a", "web-b"]),
        str![[r#"
added: web-a is blocked by web-b

"#]]
    );
    snapshot!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]),
        str![[r#"
add dependency: web-a is blocked by web-b

"#]]
    );
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    snapshot!(
        env.qp(["dep", "add", "web-a", "web-b"]),
        str![[r#"
there already: web-a is blocked by web-b

"#]]
    );
    snapshot!(
        env.qp(["dep", "add", "web-a", "web-b", "--json"]),
        str![[r#"
{
  "status": "exists",
  "issue_id": "web-a",
  "depends_on_id": "web-b",
  "type": "blocks",
  "schema_version": 1
}

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
    snapshot!(
        env.qp(["dep", "add", "web-a", "web-c", "--json"]),
        str![[r#"
{
  "status": "added",
  "issue_id": "web-a",
  "depends_on_id": "web-c",
  "type": "blocks",
  "schema_version": 1
}

"#]]
    );
    snapshot!(
        env.qp(["dep", "add", "web-b", "web-d", "web-e"]),
        str![[r#"
added: web-b is blocked by web-d
added: web-b is blocked by web-e

"#]]
    );
    snapshot!(
        env.qp(["dep", "add", "web-c", "--depends-on", "web-d,web-e"]),
        str![[r#"
added: web-c is blocked by web-d
added: web-c is blocked by web-e

"#]]
    );
    snapshot!(
        env.qp(["dep", "web-f", "--blocks", "web-a"]),
        str![[r#"
added: web-a is blocked by web-f

"#]]
    );
    snapshot!(
        env.qp(["dep", "web-a", "--blocked-by", "web-e"]),
        str![[r#"
added: web-a is blocked by web-e

"#]]
    );
    snapshot!(
        env.qp(["link", "web-d", "web-e"]),
        str![[r#"
added: web-d is blocked by web-e

"#]]
    );
    env.fsck();
}

#[test]
fn types() {
    let env = six();
    let add = |args: &[&str]| env.qp(["dep", "add", "web-a"].iter().chain(args).copied());
    let cases: [&[&str]; 11] = [
        &["web-b", "-t", "blocks"],
        &["web-c", "-t", "blocked_by"],
        &["web-d", "-t", "parent-child"],
        &["web-e", "-t", "relates-to"],
        &["web-f", "-t", "discovered-from"],
        &["web-f", "-t", "duplicates"],
        &["web-f", "-t", "supersedes"],
        &["web-f", "-t", "caused-by"],
        &["web-f", "-t", "waits-for"],
        &["web-f", "-t", "block"],
        &["web-b", "-t", "parent"],
    ];
    let said: String = cases.iter().map(|args| add(args).to_string()).collect();
    snapshot!(
        said,
        str![[r#"
added: web-a is blocked by web-b
added: web-a is blocked by web-c
added: web-a is a part of web-d
added: web-a is related to web-e
added: web-a was discovered from web-f
added: web-a is a duplicate of web-f
added: web-a is superseded by web-f
added: web-a has a link "caused-by" to web-f
added: web-a has a link "waits-for" to web-f
[stderr]
a link "waits-for" holds nothing up: the type blocks does
[stderr]
error: unknown dependency type "block"
hint: qp dep add web-a web-f -t blocks
[exit 5]
[stderr]
error: web-a is a part of web-d already, and of that there is only one
hint: qp update web-a --parent web-b
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["show", "web-a", "--raw"]),
        str![[r#"
---
id: 01kebye2v0av7bzj26205zr7j2
key: web-a
title: Issue a
type: task
status: open
priority: 2
parent: 01kebykjm0rddc15sh9p9sedqr
blocked_by: [01kebyfxe0hzpv6hkfh9xr3ac9, 01kebyhr10hb5e8x66d95shc1g]
related: [01kebynd70w0074gcxp8wn3qws]
discovered_from: [01kebyq7t01qbg8k1wtzt3rsgw]
duplicate_of: 01kebyq7t01qbg8k1wtzt3rsgw
superseded_by: 01kebyq7t01qbg8k1wtzt3rsgw
links: [{type: caused-by, id: 01kebyq7t01qbg8k1wtzt3rsgw}, {type: waits-for, id: 01kebyq7t01qbg8k1wtzt3rsgw}]
created_at: 2026-01-07T10:01:00.000Z
created_by: alice
updated_at: 2026-01-07T10:15:00.000Z
---

"#]]
    );
    snapshot!(
        env.qp(["link", "web-b", "web-c", "-t", "related"]),
        str![[r#"
added: web-b is related to web-c

"#]]
    );
}

#[test]
fn cycles_are_refused_and_the_way_is_named() {
    let env = six();
    env.qp(["dep", "add", "web-a", "web-b"]).success();
    env.qp(["dep", "add", "web-b", "web-c"]).success();
    env.qp(["dep", "add", "web-d", "web-c", "-t", "parent-child"]).success();
    snapshot!(
        env.qp(["dep", "add", "web-b", "web-a"]),
        str![[r#"
[stderr]
error: web-b cannot be blocked by web-a, that closes a cycle of waiting: web-b → web-a → web-b
hint: qp dep remove web-a web-b
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["dep", "add", "web-c", "web-a"]),
        str![[r#"
[stderr]
error: web-c cannot be blocked by web-a, that closes a cycle of waiting: web-c → web-a → web-b → web-c
hint: qp dep tree web-a
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["dep", "add", "web-d", "web-a", "--json"]),
        str![[r#"
[stderr]
{"error":"web-d cannot be blocked by web-a, that closes a cycle of waiting: web-d → web-a → web-b → web-c → web-d","code":"cycle","exit":6,"hint":"qp dep tree web-a"}
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["dep", "add", "web-d", "web-c"]),
        str![[r#"
[stderr]
error: web-d cannot be blocked by web-c, that closes a cycle of waiting: web-d → web-c → web-d
hint: qp dep tree web-c
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["dep", "add", "web-e", "web-f", "web-e"]),
        str![[r#"
[stderr]
error: web-e cannot be blocked by itself, that closes a cycle of waiting: web-e → web-e
hint: qp dep tree web-e
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["dep", "add", "web-e", "web-e", "-t", "related"]),
        str![[r#"
[stderr]
error: web-e cannot refer to itself
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["dep", "list", "web-e"]),
        str![[r#"
[stderr]
web-e: it refers to nothing

"#]]
    );
    snapshot!(
        env.qp(["dep", "cycles"]),
        str![[r#"
[stderr]
no issue waits for itself

"#]]
    );
    assert_eq!(env.json(["dep", "cycles"]), serde_json::json!([]));
}

#[test]
fn cycles_from_elsewhere_are_found() {
    let env = six();
    let file = |name: &str, blocker: &str| {
        let raw = env.qp(["show", name, "--raw"]).success().stdout;
        let path = env.git_out(&["ls-tree", "-r", "--name-only", "quipu-sync"]);
        let id = raw.lines().nth(1).and_then(|l| l.strip_prefix("id: ")).expect("an id").to_owned();
        let path = path.lines().find(|p| p.contains(&id)).expect("its file").to_owned();
        (path, raw.replace("priority: 2\n", &format!("priority: 2\nblocked_by: [{blocker}]\n")))
    };
    let files = [file("web-a", "web-b"), file("web-b", "web-c"), file("web-c", "web-a")];
    env.git_out(&["switch", "-q", "quipu-sync"]);
    for (path, text) in files {
        std::fs::write(env.repo().join(path), text).expect("a file");
    }
    env.git_out(&["commit", "-q", "-a", "-m", "by hand"]);
    snapshot!(
        env.qp(["dep", "cycles"]),
        str![[r#"
web-a → web-b → web-c → web-a

"#]]
    );
    let cycles = env.json(["dep", "cycles"]);
    let keys: Vec<_> = cycles[0].as_array().expect("a list").iter().map(|i| i["id"].clone()).collect();
    assert_eq!(keys, ["web-a", "web-b", "web-c"]);
    snapshot!(
        env.qp(["dep", "tree", "web-a"]),
        str![[r#"
web-a        P2  task  Issue a
  web-b      P2  task  Issue b
    web-c    P2  task  Issue c
      web-a  P2  task  Issue a  (waits for itself)

"#]]
    );
    snapshot!(
        env.qp(["dep", "rm", "web-a", "web-b"]),
        str![[r#"
removed: web-a is blocked by web-b

"#]]
    );
    env.json(["dep", "cycles"]);
}

#[test]
fn removing() {
    let env = six();
    env.qp(["dep", "add", "web-a", "web-b"]).success();
    env.qp(["dep", "add", "web-a", "web-b", "-t", "related"]).success();
    env.qp(["dep", "add", "web-a", "web-c", "-t", "parent-child"]).success();
    snapshot!(
        env.qp(["dep", "remove", "web-b", "web-a"]),
        str![[r#"
[stderr]
error: web-b has no relation to web-a; web-a is blocked by web-b
hint: qp dep remove web-a web-b
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["dep", "rm", "web-a", "web-b", "--type", "related", "--json"]),
        str![[r#"
{
  "status": "removed",
  "issue_id": "web-a",
  "depends_on_id": "web-b",
  "type": "related",
  "schema_version": 1
}

"#]]
    );
    snapshot!(
        env.qp(["dep", "rm", "web-a", "web-b"]),
        str![[r#"
removed: web-a is blocked by web-b

"#]]
    );
    snapshot!(
        env.qp(["dep", "rm", "web-a", "web-b"]),
        str![[r#"
nothing to remove: web-a has no such relation to web-b

"#]]
    );
    snapshot!(
        env.qp(["dep", "rm", "web-a", "web-b", "--json"]),
        str![[r#"
{
  "status": "absent",
  "issue_id": "web-a",
  "depends_on_id": "web-b",
  "type": "blocks",
  "schema_version": 1
}

"#]]
    );
    snapshot!(
        env.qp(["dep", "rm", "web-a", "web-c"]),
        str![[r#"
removed: web-a is a part of web-c

"#]]
    );
    snapshot!(
        env.qp(["dep", "rm", "web-a", "web-zzzz"]),
        str![[r#"
[stderr]
error: no issue web-zzzz
hint: qp list shows the open ones, qp search zzzz looks in all 6
[exit 3]

"#]]
    );
}

#[test]
fn a_reference_to_a_deleted_issue_can_be_seen_and_removed() {
    let env = six();
    let uid = env.json(["show", "web-b"])[0]["uid"].as_str().expect("an id").to_owned();
    env.qp(["dep", "add", "web-a", "web-b"]).success();
    env.qp(["delete", "web-b"]).success();
    snapshot!(
        env.qp(["dep", "list", "web-a"]),
        str![[r#"
01kebyfxe0hzpv6hkfh9xr3ac9  not in this tracker  (blocks)

"#]]
    );
    snapshot!(
        env.qp(["dep", "rm", "web-a", &uid]),
        str![[r#"
removed: web-a is blocked by 01kebyfxe0hzpv6hkfh9xr3ac9

"#]]
    );
    snapshot!(
        env.qp(["dep", "list", "web-a"]),
        str![[r#"
[stderr]
web-a: it refers to nothing

"#]]
    );
}

#[test]
fn lists() {
    let env = six();
    env.qp(["dep", "add", "web-a", "web-b", "web-c"]).success();
    env.qp(["dep", "add", "web-d", "web-a", "-t", "parent-child"]).success();
    env.qp(["close", "web-c"]).success();
    snapshot!(
        env.qp(["dep", "list", "web-a"]),
        str![[r#"
web-b  P2  task  Issue b  (blocks)
web-c  P2  task  [closed] Issue c  (blocks)

"#]]
    );
    snapshot!(
        env.qp(["dep", "list", "web-a", "--direction", "up"]),
        str![[r#"
web-d  P2  task  Issue d  (parent-child)

"#]]
    );
    snapshot!(
        env.qp(["dep", "list", "web-a", "web-d", "web-f"]),
        str![[r#"
web-a: Issue a
  web-b  P2  task  Issue b  (blocks)
  web-c  P2  task  [closed] Issue c  (blocks)
web-d: Issue d
  web-a  P2  task  Issue a  (parent-child)
web-f: Issue f
[stderr]
web-f: it refers to nothing

"#]]
    );
    snapshot!(
        env.qp(["dep", "list", "web-a", "--json", "--direction", "up", "-t", "parent-child"]),
        str![[r#"
[
  {
    "id": "web-d",
    "title": "Issue d",
    "status": "open",
    "priority": 2,
    "issue_type": "task",
    "created_at": "2026-01-07T10:04:00.000Z",
    "created_by": "alice",
    "updated_at": "2026-01-07T10:08:00.000Z",
    "uid": "01kebykjm0rddc15sh9p9sedqr",
    "dependency_type": "parent-child",
    "issue_id": "web-d",
    "depends_on_id": "web-a",
    "type": "parent-child"
  }
]

"#]]
    );
    assert_eq!(env.json(["dep", "list", "web-a", "-t", "related"]), serde_json::json!([]));
    snapshot!(
        env.qp(["dep", "list", "web-a", "--direction", "left"]),
        str![[r#"
[stderr]
error: unknown direction "left"
hint: use down, up or both
[exit 2]

"#]]
    );
}

#[test]
fn trees() {
    let env = six();
    env.qp(["dep", "add", "web-a", "web-b", "web-c"]).success();
    env.qp(["dep", "add", "web-b", "web-d"]).success();
    env.qp(["dep", "add", "web-c", "web-d"]).success();
    env.qp(["dep", "add", "web-e", "web-c", "-t", "parent-child"]).success();
    env.qp(["close", "web-d", "web-b"]).success();
    snapshot!(
        env.qp(["dep", "tree", "web-a"]),
        str![[r#"
web-a      P2  task  Issue a
  web-b    P2  task  [closed] Issue b
    web-d  P2  task  [closed] Issue d
  web-c    P2  task  Issue c
    web-d  P2  task  [closed] Issue d  (shown above)
    web-e  P2  task  Issue e  (a part)

"#]]
    );
    snapshot!(
        env.qp(["dep", "tree", "web-a", "-d", "1"]),
        str![[r#"
web-a    P2  task  Issue a
  web-b  P2  task  [closed] Issue b  (more below)
  web-c  P2  task  Issue c  (more below)

"#]]
    );
    snapshot!(
        env.qp(["dep", "tree", "web-a", "--status", "open"]),
        str![[r#"
web-a      P2  task  Issue a
  web-c    P2  task  Issue c
    web-e  P2  task  Issue e  (a part)

"#]]
    );
    snapshot!(
        env.qp(["dep", "tree", "web-a", "--status", "closed"]),
        str![[r#"
web-a      P2  task  Issue a
  web-b    P2  task  [closed] Issue b
    web-d  P2  task  [closed] Issue d
  web-c    P2  task  Issue c
    web-d  P2  task  [closed] Issue d  (shown above)

"#]]
    );
    snapshot!(
        env.qp(["dep", "tree", "web-c", "--direction", "both"]),
        str![[r#"
what it waits for:
  web-c    P2  task  Issue c
    web-d  P2  task  [closed] Issue d
    web-e  P2  task  Issue e  (a part)
what waits for it:
  web-c    P2  task  Issue c
    web-a  P2  task  Issue a

"#]]
    );
    snapshot!(
        env.qp(["dep", "tree", "web-f"]),
        str![[r#"
web-f  P2  task  Issue f
[stderr]
web-f waits for nothing

"#]]
    );
    snapshot!(
        env.qp(["dep", "tree", "web-d", "--direction", "up"]),
        str![[r#"
web-d      P2  task  [closed] Issue d
  web-b    P2  task  [closed] Issue b
    web-a  P2  task  Issue a
  web-c    P2  task  Issue c
    web-a  P2  task  Issue a  (shown above)
    web-e  P2  task  Issue e  (a part, waits with it)

"#]]
    );
}

#[test]
fn tree_documents_and_diagrams() {
    let env = six();
    env.qp(["update", "web-b", "--title", "Say \"hello\" # now"]).success();
    env.qp(["dep", "add", "web-a", "web-b"]).success();
    env.qp(["dep", "add", "web-c", "web-a", "-t", "parent-child"]).success();
    snapshot!(
        env.qp(["dep", "tree", "web-a", "--format", "mermaid"]),
        str![[r#"
flowchart TD
  i0["web-a: Issue a [open]"]
  i1["web-b: Say #quot;hello#quot; #35; now [open]"]
  i2["web-c: Issue c [open]"]
  i0 -->|waits for| i1
  i0 -->|contains| i2

"#]]
    );
    snapshot!(
        env.qp(["dep", "tree", "web-a", "--format", "dot"]),
        str![[r#"
digraph dependencies {
  "web-a" [label="web-a: Issue a [open]"];
  "web-b" [label="web-b: Say \"hello\" # now [open]"];
  "web-c" [label="web-c: Issue c [open]"];
  "web-a" -> "web-b" [label="waits for"];
  "web-a" -> "web-c" [label="contains"];
}

"#]]
    );
    let nodes = env.json(["dep", "tree", "web-c", "--direction", "both"]);
    let of = |node: &serde_json::Value| {
        ["id", "depth", "parent_id", "edge_from_parent", "inherited_from", "direction", "truncated"]
            .map(|name| node[name].to_string())
            .join(" ")
    };
    let said: Vec<String> = nodes.as_array().expect("a list").iter().map(of).collect();
    snapshot!(
        said.join("\n"),
        str![[r#"
"web-c" 0 null null null null false
"web-b" 1 "web-c" "blocks" "web-a" "down" false
"web-a" 1 "web-c" "parent-child" null "up" false
"#]]
    );
    assert_eq!(
        env.qp(["dep", "tree", "web-a", "--format", "json"]).json(),
        env.json(["dep", "tree", "web-a"])
    );
}

#[test]
fn related_issues_refer_to_each_other() {
    let env = six();
    snapshot!(
        env.qp(["dep", "relate", "web-a", "web-b"]),
        str![[r#"
related: web-a and web-b

"#]]
    );
    snapshot!(
        env.qp(["relate", "web-b", "web-a"]),
        str![[r#"
related already: web-b and web-a

"#]]
    );
    snapshot!(
        env.qp(["dep", "list", "web-b"]),
        str![[r#"
web-a  P2  task  Issue a  (related)

"#]]
    );
    snapshot!(
        env.qp(["dep", "unrelate", "web-b", "web-a", "--json"]),
        str![[r#"
{
  "id1": "web-b",
  "id2": "web-a",
  "unrelated": true,
  "schema_version": 1
}

"#]]
    );
    snapshot!(
        env.qp(["unrelate", "web-b", "web-a"]),
        str![[r#"
unrelated already: web-b and web-a

"#]]
    );
    snapshot!(
        env.qp(["dep", "relate", "web-a", "web-a"]),
        str![[r#"
[stderr]
error: web-a cannot refer to itself
[exit 2]

"#]]
    );
    env.fsck();
}

#[test]
fn what_is_missing_is_said() {
    let env = six();
    snapshot!(
        env.qp(["dep"]),
        str![[r#"
[stderr]
error: the following required arguments were not provided: <ID>
hint: qp dep <ID>
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["dep", "web-a"]),
        str![[r#"
[stderr]
error: add, remove, list or tree?
hint: qp dep add web-a BLOCKER, or qp dep list web-a
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["dep", "web-a", "web-b"]),
        str![[r#"
[stderr]
error: add, remove, list or tree?
hint: qp dep add web-a web-b, or qp dep list web-a
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["dep", "add", "web-a"]),
        str![[r#"
[stderr]
error: a second issue is needed
hint: qp dep add web-a BLOCKER
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["dep", "add", "web-a", "null"]),
        str![[r#"
[stderr]
error: "null" is not a key: something before this command gave no issue
hint: qp list shows the keys
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["dep", "add", "web-a", "web-b", "--blocked-by", "web-c", "-t", "related"]),
        str![[r#"
[stderr]
error: --blocked-by adds blockers; it does not go with another --type
[exit 2]

"#]]
    );
}
