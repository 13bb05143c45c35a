//! `qp claim`, `next`, `release`, `renew`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

#[test]
fn claims_renews_and_refuses() {
    let env = Env::new();
    let key = env.create(["Fix the login"]);
    snapshot!(
        env.qp(["claim", &key]),
        str![[r#"
claimed web-r7j2 until 2026-01-07 12:02 UTC: Fix the login

"#]]
    );
    snapshot!(
        env.qp(["claim", &key]),
        str![[r#"
renewed web-r7j2 until 2026-01-07 12:03 UTC: Fix the login

"#]]
    );
    snapshot!(
        env.qp_as("bob", ["claim", &key]),
        str![[r#"
[stderr]
error: web-r7j2 is claimed by alice (session s1) until 2026-01-07T12:03:00.000Z
hint: qp claim --next
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["claim", &key, "--session", "s2"]),
        str![[r#"
[stderr]
error: web-r7j2 is claimed by alice in another session (s1) until 2026-01-07T12:03:00.000Z
hint: qp claim --next
[exit 6]

"#]]
    );
    snapshot!(
        env.qp_as("bob", ["claim", &key, "--json"]),
        str![[r#"
[stderr]
{"error":"web-r7j2 is claimed by alice (session s1) until 2026-01-07T12:03:00.000Z","code":"claim_held","exit":6,"hint":"qp claim --next"}
[exit 6]

"#]]
    );
    env.fsck();
}

#[test]
fn a_batch_claims_all_or_nothing() {
    let env = Env::new();
    let (one, two) = (env.create(["One"]), env.create(["Two"]));
    env.qp_as("bob", ["claim", &two]).success();
    env.qp(["claim", &one, &two]).exits(6);
    assert_eq!(env.json(["show", &one])[0]["status"], "open");
    env.qp_as("bob", ["release", &two]).success();
    snapshot!(
        env.qp(["claim", &one, &two, &one]),
        str![[r#"
claimed web-r7j2 until 2026-01-07 12:07 UTC: One
claimed web-3ac9 until 2026-01-07 12:07 UTC: Two

"#]]
    );
    assert_eq!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]).trim(),
        format!("claim 2 issues: {one}, {two}")
    );
}

#[test]
fn the_document_says_how_firm_a_claim_is() {
    let env = Env::new();
    env.create(["Fix the login"]);
    snapshot!(
        env.qp(["claim", "--next", "--json"]),
        str![[r#"
[
  {
    "id": "web-r7j2",
    "title": "Fix the login",
    "status": "in_progress",
    "priority": 2,
    "issue_type": "task",
    "assignee": "alice",
    "claimed_at": "2026-01-07T10:02:00.000Z",
    "claimed_session": "s1",
    "lease_expires_at": "2026-01-07T12:02:00.000Z",
    "created_at": "2026-01-07T10:01:00.000Z",
    "created_by": "alice",
    "updated_at": "2026-01-07T10:02:00.000Z",
    "started_at": "2026-01-07T10:02:00.000Z",
    "uid": "01kebye2v0av7bzj26205zr7j2",
    "dependency_count": 0,
    "dependent_count": 0,
    "comment_count": 0,
    "rev": "0db68497fc654f2828018420bd3999e1ed7204d6",
    "outcome": "claimed",
    "confirmed": false,
    "stored": "local"
  }
]

"#]]
    );
}

#[test]
fn repeating_a_claim_does_not_shorten_it() {
    let env = Env::new();
    let key = env.create(["Long work"]);
    let until = |run: &[&str]| env.json(run)[0]["lease_expires_at"].as_str().expect("a lease").to_owned();
    let day = until(&["claim", &key, "--for", "1d"]);
    assert_eq!(until(&["claim", &key]), day);
    assert_eq!(until(&["renew", &key]), day);
    assert!(until(&["renew", &key, "--for", "30m"]) < day);
}

#[test]
fn nothing_to_claim_is_an_empty_result() {
    let env = Env::new();
    snapshot!(
        env.qp(["claim", "--next"]),
        str![[r#"
[stderr]
nothing to claim: no issue is ready; qp ready --explain says why

"#]]
    );
    snapshot!(
        env.qp(["claim", "--next", "--json"]),
        str![[r#"
[]
[stderr]
nothing to claim: no issue is ready; qp ready --explain says why

"#]]
    );
    let held = env.create(["Held", "--paths", "src/**"]);
    env.qp_as("bob", ["claim", &held]).success();
    env.create(["Same files", "--paths", "src/main.rs"]);
    env.create(["Planned", "--assignee", "carol"]);
    env.create(["Free", "-l", "backend"]);
    let commits = env.git_out(&["rev-parse", "quipu-sync"]);
    snapshot!(
        env.qp(["claim", "--next", "-l", "frontend"]),
        str![[r#"
[stderr]
nothing to claim; of 3 ready issues 3 outside the selection: qp ready

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), commits);
    assert_eq!(env.json(["claim", "--next"])[0]["title"], "Free");
    snapshot!(
        env.qp(["claim", "--next"]),
        str![[r#"
[stderr]
nothing to claim; of 2 ready issues 1 planned for others, 1 on files that somebody is working on: qp ready
you hold web-ty01

"#]]
    );
    snapshot!(
        env.qp(["next"]),
        str![[r#"
[stderr]
nothing to claim; of 2 ready issues 1 planned for others, 1 on files that somebody is working on: qp ready
you hold web-ty01

"#]]
    );
    snapshot!(
        env.qp(["next", "--json"]),
        str![[r#"
{
  "claimed": false,
  "reason": "nothing to claim; of 2 ready issues 1 planned for others, 1 on files that somebody is working on: qp ready",
  "schema_version": 1
}
[stderr]
you hold web-ty01

"#]]
    );
    assert_eq!(env.json(["claim", "--next", "--as", "carol"])[0]["title"], "Planned");
}

#[test]
fn next_takes_the_best_that_the_selection_allows() {
    let env = Env::new();
    env.create(["Urgent", "-p", "0", "-l", "ui"]);
    env.create(["Later", "-p", "3", "-l", "backend"]);
    let soon = env.create(["Soon", "-p", "1", "-l", "backend"]);
    assert_eq!(env.json(["claim", "--next", "-l", "backend"])[0]["id"], soon);
    assert_eq!(env.json(["ready", "--claim", "-n", "1"])[0]["title"], "Urgent");
    assert_eq!(env.json(["next"])["title"], "Later");
}

#[test]
fn a_blocked_issue_is_claimed_with_a_warning() {
    let env = Env::new();
    let blocker = env.create(["Design", "--paths", "docs/**"]);
    env.qp_as("bob", ["claim", &blocker]).success();
    let key = env.create(["Build", "--deps", &blocker, "--paths", "docs/plan.md"]);
    snapshot!(
        env.qp(["claim", &key]),
        str![[r#"
claimed web-hc1g until 2026-01-07 12:04 UTC: Build
[stderr]
warning: web-hc1g is not ready: blocked by web-r7j2 "Design" (in_progress)
warning: web-hc1g touches files of web-r7j2, which bob is working on

"#]]
    );
    snapshot!(
        env.qp(["claim", &key]),
        str![[r#"
renewed web-hc1g until 2026-01-07 12:05 UTC: Build

"#]]
    );
}

#[test]
fn what_cannot_be_claimed() {
    let env = Env::new();
    let key = env.create(["Done"]);
    env.qp(["close", &key]).success();
    snapshot!(
        env.qp(["claim", &key]),
        str![[r#"
[stderr]
error: web-r7j2 is closed
hint: qp reopen web-r7j2
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["claim"]),
        str![[r#"
[stderr]
error: no issue is named
hint: qp claim ID, or qp claim --next for the best ready issue
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["claim", "-p", "1"]),
        str![[r#"
[stderr]
error: no issue is named
hint: qp claim ID, or qp claim --next for the best ready issue
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["claim", &key, "-l", "ui"]),
        str![[r#"
[stderr]
error: a selection goes with --next, not with keys
hint: qp claim --next
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["claim", &key, "--next"]),
        str![[r#"
[stderr]
error: the argument '[ID]...' cannot be used with '--next'
hint: qp claim <ID>...
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["claim", "web-zzzz"]),
        str![[r#"
[stderr]
error: no issue web-zzzz
hint: qp list shows the open ones, qp search zzzz looks in all 1
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["claim", &key, "--for", "soon"]),
        str![[r#"
[stderr]
error: "soon" is not a duration
hint: use 30m, 2h, 1h30m or 1d
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["claim", &key, "--at", "2026-01-07"]),
        str![[r#"
[stderr]
error: --at 2026-01-07 looks back; the past cannot be changed
hint: leave out --at
[exit 2]

"#]]
    );
}

#[test]
fn a_lapsed_claim_comes_back_and_is_taken_over() {
    let env = Env::new();
    let key = env.create(["Crashed work"]);
    env.qp_as("alice", ["claim", &key, "--for", "1h"]).success();
    env.pass(HOUR);
    // The lease has run out, but clocks differ: there are five minutes of grace.
    snapshot!(
        env.qp_as("bob", ["ready"]),
        str![[r#"
[stderr]
no issue is ready: qp ready --explain says why

"#]]
    );
    snapshot!(
        env.qp_as("bob", ["claim", &key]),
        str![[r#"
[stderr]
error: web-r7j2 is claimed by alice (session alice) until 2026-01-07T11:02:00.000Z
hint: qp claim --next
[exit 6]

"#]]
    );
    env.pass(5 * MINUTE);
    snapshot!(
        env.qp_as("bob", ["ready"]),
        str![[r#"
web-r7j2  P2  task  [in_progress] Crashed work @alice  (lapsed 8m ago)

"#]]
    );
    assert_eq!(env.json(["ready"])[0]["lapsed"], true);
    snapshot!(
        env.qp_as("bob", ["claim", "--next"]),
        str![[r#"
took over web-r7j2 from alice (lapsed 10m ago) until 2026-01-07 13:12 UTC: Crashed work

"#]]
    );
    snapshot!(
        env.qp_as("alice", ["renew", &key]),
        str![[r#"
[stderr]
error: web-r7j2 is claimed by bob (session bob) until 2026-01-07T13:12:00.000Z
hint: qp claim --next
[exit 6]

"#]]
    );
    assert_eq!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]).trim(),
        format!("take over {key}: Crashed work")
    );
}

#[test]
fn a_takeover_says_from_whom_in_json() {
    let env = Env::new();
    let key = env.create(["Crashed work"]);
    env.qp(["claim", &key]).success();
    env.pass(3 * HOUR);
    let issue = &env.json(["claim", "--next", "--session", "s2"])[0];
    assert_eq!(issue["outcome"], "taken_over");
    assert_eq!(issue["taken_from"]["actor"], "alice");
    assert_eq!(issue["taken_from"]["session"], "s1");
    env.pass(3 * HOUR);
    snapshot!(
        env.qp(["claim", &key, "--session", "s3"]),
        str![[r#"
took over web-r7j2 from your session s2 (lapsed 1h01m ago) until 2026-01-07 18:04 UTC: Crashed work

"#]]
    );
}

#[test]
fn work_without_a_lease_is_taken_by_name_only() {
    let env = Env::new();
    let key = env.create(["By hand"]);
    env.qp(["claim", &key]).success();
    // Another program set the status: there is no lease, only an assignee.
    env.rewrite(&key, |text| {
        let kept = |line: &&str| !["lease_until", "claimed_"].iter().any(|k| line.starts_with(k));
        text.lines().filter(kept).map(|line| format!("{line}\n")).collect()
    });
    snapshot!(
        env.qp_as("bob", ["claim", &key]),
        str![[r#"
[stderr]
error: web-r7j2 is in progress by alice, without a lease
hint: qp claim --next
[exit 6]

"#]]
    );
    env.pass(25 * HOUR);
    snapshot!(
        env.qp_as("bob", ["claim", "--next"]),
        str![[r#"
[stderr]
nothing to claim: no issue is ready; qp ready --explain says why

"#]]
    );
    snapshot!(
        env.qp_as("bob", ["claim", &key]),
        str![[r#"
took over web-r7j2 from alice (silent for 1d) until 2026-01-08 13:06 UTC: By hand

"#]]
    );
}

#[test]
fn releases() {
    let env = Env::new();
    let (one, two) = (env.create(["One"]), env.create(["Two"]));
    env.qp(["claim", &one]).success();
    snapshot!(
        env.qp_as("bob", ["release", &one]),
        str![[r#"
[stderr]
error: web-r7j2 is claimed by alice (session s1) until 2026-01-07T12:03:00.000Z
hint: qp show web-r7j2
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["release", &one, &two]),
        str![[r#"
released web-r7j2: One
free already web-3ac9: Two

"#]]
    );
    snapshot!(
        env.qp(["release", &one]),
        str![[r#"
free already web-r7j2: One

"#]]
    );
    let issue = &env.json(["show", &one])[0];
    assert_eq!(
        (&issue["status"], issue.get("assignee"), issue.get("lease_expires_at")),
        (&"open".into(), None, None)
    );
    env.qp(["claim", &one]).success();
    snapshot!(
        env.qp_as("bob", ["release", &one, "--force"]),
        str![[r#"
released web-r7j2: One
[stderr]
web-r7j2 was claimed by alice

"#]]
    );
    env.qp(["claim", &one]).success();
    env.pass(3 * HOUR);
    env.qp_as("bob", ["release", &one]).success();
}

#[test]
fn renews() {
    let env = Env::new();
    let key = env.create(["Work"]);
    snapshot!(
        env.qp(["renew", &key]),
        str![[r#"
[stderr]
error: web-r7j2 is not claimed
hint: qp claim web-r7j2
[exit 6]

"#]]
    );
    env.qp(["claim", &key]).success();
    snapshot!(
        env.qp(["renew", &key, "--for", "4h"]),
        str![[r#"
renewed web-r7j2 until 2026-01-07 14:04 UTC: Work

"#]]
    );
    snapshot!(
        env.qp_as("bob", ["renew", &key]),
        str![[r#"
[stderr]
error: web-r7j2 is claimed by alice (session s1) until 2026-01-07T14:04:00.000Z
hint: qp claim --next
[exit 6]

"#]]
    );
    env.pass(5 * HOUR);
    snapshot!(
        env.qp_as("bob", ["renew", &key]),
        str![[r#"
[stderr]
error: web-r7j2 is claimed by alice (session s1) until 2026-01-07T14:04:00.000Z
hint: qp claim web-r7j2 takes it over
[exit 6]

"#]]
    );
    snapshot!(
        env.qp(["renew", &key]),
        str![[r#"
renewed web-r7j2 until 2026-01-07 17:07 UTC: Work

"#]]
    );
    env.qp(["close", &key]).success();
    snapshot!(
        env.qp(["renew", &key]),
        str![[r#"
[stderr]
error: web-r7j2 is closed, there is no claim on it
hint: qp show web-r7j2
[exit 6]

"#]]
    );
}

#[test]
fn next_prints_all_that_is_needed() {
    let env = Env::new();
    let epic = env.create(["Accounts", "-t", "epic", "-d", "Everything about accounts."]);
    let schema = env.create(["Design the schema", "-p", "1"]);
    let related = env.create(["Old discussion", "--defer", "2099-01-01"]);
    let key = env.create([
        "Write the migration",
        "-p",
        "1",
        "--parent",
        &epic,
        "--deps",
        &format!("{schema},related:{related}"),
        "-d",
        "From v1 to v2.",
        "--acceptance",
        "- [ ] runs twice",
        "--notes",
        "Ask Carol.",
    ]);
    env.qp_as("bob", ["claim", &schema]).success();
    env.qp_as("bob", ["close", &schema, "-r", "see docs/schema.md"]).success();
    snapshot!(
        env.qp(["next"]),
        str![[r#"
claimed web-edqr until 2026-01-07 12:07 UTC: Write the migration

web-edqr: Write the migration
in_progress  P1  task
assignee: alice
claim: until 2026-01-07 12:07 UTC, 2h left (session s1)
created: 2026-01-07 10:04 UTC by alice
updated: 2026-01-07 10:07 UTC
part of: web-r7j2 [open] Accounts
blocked by: web-3ac9 [closed] Design the schema
related: web-hc1g [open] Old discussion

From v1 to v2.

Acceptance criteria
- [ ] runs twice

Notes
Ask Carol.

Done before: web-3ac9 Design the schema, closed by bob
see docs/schema.md

Part of web-r7j2: Accounts
Everything about accounts.

"#]]
    );
    env.qp(["release", &key]).success();
    let issue = env.json(["next"]);
    assert_eq!(
        (&issue["id"], &issue["claimed"], &issue["confirmed"]),
        (&key.as_str().into(), &true.into(), &false.into())
    );
    assert_eq!(issue["stored"], "local");
    assert_eq!(issue["acceptance_criteria"], "- [ ] runs twice");
    assert_eq!(issue["closed_blockers"][0]["close_reason"], "see docs/schema.md");
    assert_eq!(issue["parent"], epic);
    assert_eq!(issue["parent_issue"]["description"], "Everything about accounts.");
    assert_eq!(issue["related"][0]["id"], related);
    assert_eq!(issue["schema_version"], 1);
}

/// The session that claims is the one that the worktree keeps, from the first command on.
#[test]
fn a_new_session_holds_its_first_claim() {
    let mut env = Env::new();
    env.unset("QP_SESSION");
    let key = env.create(["Work"]);
    std::fs::remove_file(env.repo().join(".git/quipu-session")).expect("the session of the first write");
    env.qp(["claim", &key]).success();
    env.qp(["renew", &key]).success();
    let whoami = env.json(["whoami"]);
    assert_eq!(env.json(["show", &key])[0]["claimed_session"], whoami["session"]);
}

#[test]
fn the_claim_is_said_to_be_local_where_there_is_a_remote() {
    let env = Env::new();
    env.git_out(&["remote", "add", "origin", "../elsewhere.git"]);
    env.create(["Work"]);
    snapshot!(
        env.qp(["claim", "--next"]),
        str![[r#"
claimed web-r7j2 until 2026-01-07 12:02 UTC: Work
[stderr]
known in this clone only: qp sync shares it, --sync lets the remote confirm it

"#]]
    );
}
