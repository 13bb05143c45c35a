//! `qp ready`, `blocked`, `why`, `children`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

/// An epic with a chain of work in it, and issues in all other states.
struct Project {
    env: Env,
    epic: String,
    form: String,
    schema: String,
}

fn project() -> Project {
    let env = Env::new();
    let schema = env.create(["Design the schema", "-p", "1"]);
    let migration = env.create(["Write the migration", "-p", "1", "--deps", &schema]);
    let epic = env.create(["Accounts", "-t", "epic", "--deps", &migration]);
    let form = env.create(["Login form", "--parent", &epic, "--paths", "src/auth/**"]);
    env.create(["Later", "--defer", "2026-02-01T00:00:00Z"]);
    let taken = env.create(["Session store", "--paths", "src/auth/store.rs,src/db.rs"]);
    env.create(["Index", "-t", "chore", "-p", "0", "--paths", "src/db.rs", "-l", "db"]);
    env.create(["Typo", "-p", "3", "-l", "docs", "--assignee", "carol"]);
    env.qp_as("bob", ["claim", &taken]).success();
    Project { env, epic, form, schema }
}

#[test]
fn ready_lists_the_best_first() {
    let Project { env, .. } = project();
    snapshot!(
        env.qp(["ready"]),
        str![[r#"
web-r7j2  P1  task   Design the schema  (unblocks 3)
web-ztk2  P3  task   Typo #docs @carol
web-ty01  P0  chore  Index #db  (same files as web-rsgw @bob)

"#]]
    );
    snapshot!(
        env.qp(["ready", "--limit", "1"]),
        str![[r#"
web-r7j2  P1  task  Design the schema  (unblocks 3)
[stderr]
… 2 more: --limit 0 shows all

"#]]
    );
    snapshot!(
        env.qp(["ready", "--sort", "oldest", "--reverse"]),
        str![[r#"
web-ztk2  P3  task   Typo #docs @carol
web-r7j2  P1  task   Design the schema  (unblocks 3)
web-ty01  P0  chore  Index #db  (same files as web-rsgw @bob)

"#]]
    );
    snapshot!(
        env.qp(["ready", "-s", "oldest", "-u"]),
        str![[r#"
web-r7j2  P1  task   Design the schema  (unblocks 3)
web-ty01  P0  chore  Index #db  (same files as web-rsgw @bob)

"#]]
    );
    snapshot!(
        env.qp(["ready", "-l", "nope"]),
        str![[r#"
[stderr]
no ready issue fits; 3 outside the selection: qp ready

"#]]
    );
    snapshot!(
        env.qp(["ready", "-l", "nope", "--json"]),
        str![[r#"
[]
[stderr]
no ready issue fits; 3 outside the selection: qp ready

"#]]
    );
    snapshot!(
        env.qp(["ready", "--sort", "urgency"]),
        str![[r#"
[stderr]
error: unknown sort key "urgency"
hint: use one of priority, created, updated, closed, due, title, status, type, assignee, id, hybrid, oldest
[exit 5]

"#]]
    );
}

#[test]
fn no_flag_of_ready_is_ignored() {
    let env = Env::new();
    env.create(["Work"]);
    snapshot!(
        env.qp(["ready", "--for", "1h"]),
        str![[r#"
[stderr]
error: --for is how long a claim holds
hint: qp ready --claim --for 1h
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["ready", "--claim", "-s", "oldest"]),
        str![[r#"
[stderr]
error: --claim takes the best in the order of qp ready
hint: qp ready --claim
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["ready", "--claim", "--sort", "oldest"]),
        str![[r#"
[stderr]
error: the argument '--claim' cannot be used with '--sort <KEY>'
hint: qp ready --claim [QUERY]...
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["ready", "--claim", "--for", "1h"]),
        str![[r#"
claimed web-r7j2 until 2026-01-07 11:05 UTC: Work

"#]]
    );
}

#[test]
fn ready_as_a_document() {
    let Project { env, .. } = project();
    snapshot!(
        env.qp(["ready", "-p", "0", "--json"]),
        str![[r#"
[
  {
    "id": "web-ty01",
    "title": "Index",
    "status": "open",
    "priority": 0,
    "issue_type": "chore",
    "labels": [
      "db"
    ],
    "paths": [
      "src/db.rs"
    ],
    "created_at": "2026-01-07T10:07:00.000Z",
    "created_by": "alice",
    "updated_at": "2026-01-07T10:07:00.000Z",
    "uid": "01kebys2d06rv9sa51ch3qty01",
    "dependency_count": 0,
    "dependent_count": 0,
    "comment_count": 0,
    "unblocks": 0,
    "overlaps": {
      "id": "web-rsgw",
      "assignee": "bob"
    }
  }
]

"#]]
    );
    assert_eq!(env.json(["ready", "-p", "1"])[0]["unblocks"], 3);
    assert_eq!(env.json(["ready", "--full", "-l", "docs"])[0]["assignee"], "carol");
}

#[test]
fn ready_explains_itself() {
    let Project { env, schema, .. } = project();
    snapshot!(
        env.qp(["ready", "--explain"]),
        str![[r#"
ready (3):
  web-r7j2  P1  task   Design the schema  (nothing blocks it)
  web-ztk2  P3  task   Typo #docs @carol  (nothing blocks it)
  web-ty01  P0  chore  Index #db  (nothing blocks it; same files as web-rsgw @bob)
not ready (5):
  web-3ac9  P1  task  Write the migration  (blocked by web-r7j2 "Design the schema" (open))
  web-hc1g  P2  epic  Accounts  (blocked by web-3ac9 "Write the migration" (open); its open child is the work)
  web-edqr  P2  task  Login form  (waits with its parent web-hc1g, which is blocked by web-3ac9 "Write the migration" (open))
  web-3qws  P2  task  Later  (deferred until 2026-02-01T00:00:00.000Z)
  web-rsgw  P2  task  [in_progress] Session store @bob  (claimed by bob until 2026-01-07T12:09:00.000Z)

"#]]
    );
    env.qp(["close", &schema]).success();
    let document = env.json(["ready", "--explain"]);
    assert_eq!(document["ready"][0]["title"], "Write the migration");
    assert_eq!(document["ready"][0]["resolved_blockers"][0], schema);
    let form = document["blocked"].as_array().expect("an array").iter().find(|i| i["title"] == "Login form");
    snapshot!(
        serde_json::to_string_pretty(&form).expect("JSON"),
        str![[r#"
{
  "id": "web-edqr",
  "title": "Login form",
  "status": "open",
  "priority": 2,
  "issue_type": "task",
  "paths": [
    "src/auth/**"
  ],
  "created_at": "2026-01-07T10:04:00.000Z",
  "created_by": "alice",
  "updated_at": "2026-01-07T10:04:00.000Z",
  "uid": "01kebykjm0rddc15sh9p9sedqr",
  "dependencies": [
    {
      "issue_id": "web-edqr",
      "depends_on_id": "web-hc1g",
      "type": "parent-child",
      "created_at": "2026-01-07T10:04:00.000Z"
    }
  ],
  "dependency_count": 0,
  "dependent_count": 0,
  "comment_count": 0,
  "parent": "web-hc1g",
  "state": "blocked",
  "reason": "waits with its parent web-hc1g, which is blocked by web-3ac9 \"Write the migration\" (open)",
  "blocked_by_count": 1,
  "blocked_by": [
    {
      "id": "web-3ac9",
      "title": "Write the migration",
      "status": "open",
      "priority": 1,
      "via": "web-hc1g"
    }
  ]
}
"#]]
    );
    snapshot!(
        serde_json::to_string_pretty(&document["summary"]).expect("JSON"),
        str![[r#"
{
  "total_ready": 3,
  "total_blocked": 2,
  "total_not_ready": 4,
  "cycle_count": 0
}
"#]]
    );
}

#[test]
fn a_past_deferral_is_over() {
    let env = Env::new();
    env.create(["Later", "--defer", "2026-01-08T00:00:00Z"]);
    snapshot!(
        env.qp(["ready"]),
        str![[r#"
[stderr]
no issue is ready: qp ready --explain says why

"#]]
    );
    env.pass(24 * 60 * 60 * 1000);
    snapshot!(
        env.qp(["ready"]),
        str![[r#"
web-r7j2  P2  task  Later

"#]]
    );
}

#[test]
fn blocked_names_own_and_inherited_blockers() {
    let Project { env, epic, .. } = project();
    snapshot!(
        env.qp(["blocked"]),
        str![[r#"
web-3ac9  P1  task  Write the migration  (blocked by web-r7j2 "Design the schema" (open))
web-hc1g  P2  epic  Accounts  (blocked by web-3ac9 "Write the migration" (open))
web-edqr  P2  task  Login form  (waits with its parent web-hc1g, which is blocked by web-3ac9 "Write the migration" (open))

"#]]
    );
    snapshot!(
        env.qp(["blocked", "--parent", &epic, "--json"]),
        str![[r#"
[
  {
    "id": "web-edqr",
    "title": "Login form",
    "status": "open",
    "priority": 2,
    "issue_type": "task",
    "paths": [
      "src/auth/**"
    ],
    "created_at": "2026-01-07T10:04:00.000Z",
    "created_by": "alice",
    "updated_at": "2026-01-07T10:04:00.000Z",
    "uid": "01kebykjm0rddc15sh9p9sedqr",
    "dependencies": [
      {
        "issue_id": "web-edqr",
        "depends_on_id": "web-hc1g",
        "type": "parent-child",
        "created_at": "2026-01-07T10:04:00.000Z"
      }
    ],
    "dependency_count": 0,
    "dependent_count": 0,
    "comment_count": 0,
    "parent": "web-hc1g",
    "blocked_by_count": 1,
    "blocked_by": [
      "web-3ac9"
    ]
  }
]

"#]]
    );
    snapshot!(
        env.qp(["blocked", "-p", "4"]),
        str![[r#"
[stderr]
no blocked issue fits; 3 outside the selection: qp blocked

"#]]
    );
}

#[test]
fn why_leads_to_what_can_be_done() {
    let Project { env, epic, form, schema } = project();
    snapshot!(
        env.qp(["why", &form]),
        str![[r#"
web-edqr: Login form
not ready: waits with its parent web-hc1g, which is blocked by web-3ac9 "Write the migration" (open)

it waits for:
  web-3ac9    P1  task  Write the migration  (blocks its parent web-hc1g, blocked)
    web-r7j2  P1  task  Design the schema  (blocker, ready)

to work on now:
  web-r7j2  P1  task  Design the schema

"#]]
    );
    snapshot!(
        env.qp(["why", &epic]),
        str![[r#"
web-hc1g: Accounts
not ready: blocked by web-3ac9 "Write the migration" (open)
not ready: its open child is the work

it waits for:
  web-3ac9    P1  task  Write the migration  (blocker, blocked)
    web-r7j2  P1  task  Design the schema  (blocker, ready)
  web-edqr    P2  task  Login form  (part, blocked)

to work on now:
  web-r7j2  P1  task  Design the schema

"#]]
    );
    snapshot!(
        env.qp(["why", &schema]),
        str![[r#"
web-r7j2: Design the schema
ready

"#]]
    );
    env.qp(["claim", &schema]).success();
    snapshot!(
        env.qp(["why", &epic]),
        str![[r#"
web-hc1g: Accounts
not ready: blocked by web-3ac9 "Write the migration" (open)
not ready: its open child is the work

it waits for:
  web-3ac9    P1  task  Write the migration  (blocker, blocked)
    web-r7j2  P1  task  [in_progress] Design the schema @alice  (blocker, claimed by alice until 2026-01-07T12:13:00.000Z)
  web-edqr    P2  task  Login form  (part, blocked)

nothing of it can be worked on now

"#]]
    );
    snapshot!(
        env.qp(["why", "nope"]),
        str![[r#"
[stderr]
error: no issue nope
hint: qp list shows the open ones, qp search nope looks in all 8
[exit 3]

"#]]
    );
}

#[test]
fn why_as_a_document() {
    let env = Env::new();
    let schema = env.create(["Design the schema"]);
    let migration = env.create(["Write the migration", "--deps", &schema]);
    snapshot!(
        env.qp(["why", &migration, "--json"]),
        str![[r#"
{
  "id": "web-3ac9",
  "title": "Write the migration",
  "status": "open",
  "priority": 2,
  "issue_type": "task",
  "created_at": "2026-01-07T10:02:00.000Z",
  "created_by": "alice",
  "updated_at": "2026-01-07T10:02:00.000Z",
  "uid": "01kebyfxe0hzpv6hkfh9xr3ac9",
  "ready": false,
  "reasons": [
    "blocked by web-r7j2 \"Design the schema\" (open)"
  ],
  "tree": [
    {
      "id": "web-3ac9",
      "title": "Write the migration",
      "status": "open",
      "priority": 2,
      "issue_type": "task",
      "created_at": "2026-01-07T10:02:00.000Z",
      "created_by": "alice",
      "updated_at": "2026-01-07T10:02:00.000Z",
      "uid": "01kebyfxe0hzpv6hkfh9xr3ac9",
      "depth": 0,
      "state": "blocked",
      "reason": "blocked by web-r7j2 \"Design the schema\" (open)"
    },
    {
      "id": "web-r7j2",
      "title": "Design the schema",
      "status": "open",
      "priority": 2,
      "issue_type": "task",
      "created_at": "2026-01-07T10:01:00.000Z",
      "created_by": "alice",
      "updated_at": "2026-01-07T10:01:00.000Z",
      "uid": "01kebye2v0av7bzj26205zr7j2",
      "depth": 1,
      "parent_id": "web-3ac9",
      "edge_from_parent": "blocker",
      "state": "ready",
      "reason": "ready"
    }
  ],
  "workable": [
    {
      "id": "web-r7j2",
      "title": "Design the schema",
      "status": "open",
      "priority": 2,
      "issue_type": "task",
      "created_at": "2026-01-07T10:01:00.000Z",
      "created_by": "alice",
      "updated_at": "2026-01-07T10:01:00.000Z",
      "uid": "01kebye2v0av7bzj26205zr7j2",
      "dependency_count": 0,
      "dependent_count": 1,
      "comment_count": 0
    }
  ],
  "schema_version": 1
}

"#]]
    );
}

#[test]
fn children_are_listed_closed_ones_too() {
    let Project { env, epic, form, .. } = project();
    let part = env.create(["Password field", "--parent", &form]);
    env.qp(["close", &part]).success();
    snapshot!(
        env.qp(["children", &epic]),
        str![[r#"
web-edqr  P2  task  Login form
[stderr]
0 of 1 closed

"#]]
    );
    snapshot!(
        env.qp(["children", &epic, "--recursive"]),
        str![[r#"
web-edqr    P2  task  Login form
  web-p4x1  P2  task  [closed] Password field
[stderr]
1 of 2 closed

"#]]
    );
    snapshot!(
        env.qp(["children", &part]),
        str![[r#"
[stderr]
web-p4x1 has no parts

"#]]
    );
    assert_eq!(env.json(["children", &form])[0]["status"], "closed");
    assert_eq!(env.json(["children", &part]).as_array().map(Vec::len), Some(0));
}
