//! `qp status`, a bare `qp`, `whoami`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

const HOUR: i64 = 60 * 60 * 1000;

#[test]
fn an_empty_tracker_says_how_to_begin() {
    let env = Env::new();
    snapshot!(
        env.qp(["status"]),
        str![[r#"
web on quipu-sync: no issues
[stderr]
next: qp create "What is to be done"

"#]]
    );
}

/// Issues in all states, with a claim in its grace and a lapsed one.
fn busy() -> Env {
    let env = Env::new();
    for n in 1..=7 {
        env.create([format!("Issue {n}").as_str(), "-p", "1"]);
    }
    let epic = env.create(["Epic", "-t", "epic"]);
    let part = env.create(["Part", "--parent", &epic]);
    let blocker = env.create(["Blocker"]);
    env.create(["Blocked", "--deps", &blocker]);
    env.create(["Later", "--defer", "2026-03-01"]);
    env.qp_as("bob", ["claim", &blocker, "--for", "1h"]).success();
    env.pass(HOUR);
    env.qp(["close", &part, "-r", "found to be done"]).success();
    env.qp_as("carol", ["claim", "--next", "--for", "30m"]).success();
    env.pass(HOUR / 2);
    env
}

#[test]
fn a_dashboard() {
    let env = busy();
    snapshot!(
        env.qp(["status"]),
        str![[r#"
web on quipu-sync: 9 open, 2 in progress, 1 blocked, 1 deferred, 1 closed
1 epic with all parts closed: qp epic close-eligible
last 24 hours: 12 created, 1 closed; lead time: 1h04m on average

ready (8):
  web-3ac9  P1  task  Issue 2
  web-hc1g  P1  task  Issue 3
  web-edqr  P1  task  Issue 4
  web-3qws  P1  task  Issue 5
  web-rsgw  P1  task  Issue 6
  … 3 more: qp ready

in progress (2):
  web-r7j2  P1  task  Issue 1 @carol  (lease ended 1m ago, within its grace)
  web-p4x1  P2  task  Blocker @bob  (lapsed 33m ago: qp claim web-p4x1 takes it over)

closed (1):
  web-dkj6  P2  task  Part  (closed by alice 32m ago: found to be done)

"#]]
    );
    let bare: [&str; 0] = [];
    snapshot!(
        env.qp(bare),
        str![[r#"
web on quipu-sync: 9 open, 2 in progress, 1 blocked, 1 deferred, 1 closed
1 epic with all parts closed: qp epic close-eligible
last 24 hours: 12 created, 1 closed; lead time: 1h04m on average

ready (8):
  web-3ac9  P1  task  Issue 2
  web-hc1g  P1  task  Issue 3
  web-edqr  P1  task  Issue 4
  web-3qws  P1  task  Issue 5
  web-rsgw  P1  task  Issue 6
  … 3 more: qp ready

in progress (2):
  web-r7j2  P1  task  Issue 1 @carol  (lease ended 2m ago, within its grace)
  web-p4x1  P2  task  Blocker @bob  (lapsed 34m ago: qp claim web-p4x1 takes it over)

closed (1):
  web-dkj6  P2  task  Part  (closed by alice 33m ago: found to be done)

"#]]
    );
    snapshot!(
        env.qp(["status", "--assigned", "--as", "bob"]),
        str![[r#"
web on quipu-sync: 1 in progress

ready (1):
  web-p4x1  P2  task  [in_progress] Blocker @bob  (lapsed 35m ago, unblocks 1)

in progress (1):
  web-p4x1  P2  task  Blocker @bob  (lapsed 35m ago: qp claim web-p4x1 takes it over)

"#]]
    );
}

#[test]
fn the_dashboard_as_a_document() {
    let env = busy();
    let mut document = env.json(["stats"]);
    let commit = document.as_object_mut().and_then(|d| d.shift_remove("commit")).expect("a commit");
    assert_eq!(commit, env.git_out(&["rev-parse", "quipu-sync"]).trim());
    snapshot!(
        serde_json::to_string_pretty(&document).expect("JSON"),
        str![[r#"
{
  "summary": {
    "total_issues": 12,
    "open_issues": 9,
    "in_progress_issues": 2,
    "closed_issues": 1,
    "blocked_issues": 1,
    "deferred_issues": 1,
    "ready_issues": 8,
    "pinned_issues": 0,
    "epics_eligible_for_closure": 1,
    "average_lead_time_hours": 1.0833333333333333
  },
  "prefix": "web",
  "branch": "quipu-sync",
  "claims": [
    {
      "id": "web-r7j2",
      "title": "Issue 1",
      "state": "live",
      "confirmed": false,
      "actor": "carol",
      "session": "carol",
      "claimed_at": "2026-01-07T11:15:00.000Z",
      "lease_expires_at": "2026-01-07T11:45:00.000Z"
    },
    {
      "id": "web-p4x1",
      "title": "Blocker",
      "state": "lapsed",
      "confirmed": false,
      "actor": "bob",
      "session": "bob",
      "claimed_at": "2026-01-07T10:13:00.000Z",
      "lease_expires_at": "2026-01-07T11:13:00.000Z"
    }
  ],
  "attic": 0,
  "recent_activity": {
    "hours_tracked": 24,
    "commit_count": 16,
    "issues_created": 12,
    "issues_closed": 1,
    "issues_updated": 0,
    "issues_reopened": 0,
    "total_changes": 12
  },
  "schema_version": 1
}
"#]]
    );
}

#[test]
fn without_a_tracker_there_is_a_pointer() {
    let bare: [&str; 0] = [];
    let env = Env::git();
    snapshot!(
        env.qp(bare),
        str![[r#"
[stderr]
error: no tracker here: there is no branch quipu-sync
hint: qp init; qp --help lists the commands
[exit 9]

"#]]
    );
    snapshot!(
        env.qp(["--json"]),
        str![[r#"
[stderr]
{"error":"no tracker here: there is no branch quipu-sync","code":"no_tracker","exit":9,"hint":"qp init; qp --help lists the commands"}
[exit 9]

"#]]
    );
    snapshot!(
        env.qp(["status"]),
        str![[r#"
[stderr]
error: no tracker here: there is no branch quipu-sync
hint: qp init
[exit 9]

"#]]
    );
    let outside = env.root().join("outside");
    std::fs::create_dir(&outside).expect("a folder");
    let run = env.qp_in(&outside, bare, &[], "").exits(9);
    assert!(run.stderr.contains("hint: git init, then qp init; qp --help lists the commands"), "{run}");
    env.qp_in(&outside, ["--help"], &[], "").success();
}

#[test]
fn whoami_says_who_and_why() {
    let mut env = Env::new();
    snapshot!(
        env.qp(["whoami"]),
        str![[r#"
actor: alice (from QP_ACTOR)
session: s1 (from QP_SESSION)
lease: 2h unless --for says otherwise
branch: quipu-sync
remote: none

"#]]
    );
    snapshot!(
        env.qp(["whoami", "--as", "dora", "--session", "x1", "--json"]),
        str![[r#"
{
  "actor": "dora",
  "actor_source": "--as",
  "session": "x1",
  "session_source": "--session",
  "branch": "quipu-sync",
  "lease_minutes": 120,
  "schema_version": 1
}

"#]]
    );
    env.unset("QP_ACTOR").unset("QP_SESSION").set("CLAUDE_CODE_SESSION_ID", "7f3a9c21-55aa");
    snapshot!(
        env.qp(["whoami"]),
        str![[r#"
actor: claude-7f3a9c (from CLAUDE_CODE_SESSION_ID)
session: 7f3a9c21-55aa (from CLAUDE_CODE_SESSION_ID)
lease: 2h unless --for says otherwise
branch: quipu-sync
remote: none

"#]]
    );
    env.unset("CLAUDE_CODE_SESSION_ID").set("USER", "erin");
    snapshot!(
        env.qp(["whoami"]),
        str![[r#"
actor: erin (from $USER)
session: none yet; the first write in this worktree starts one
lease: 2h unless --for says otherwise
branch: quipu-sync
remote: none

"#]]
    );
    env.create(["One"]);
    let whoami = env.qp(["whoami"]).success().stdout;
    assert!(whoami.contains(" (kept for this worktree)\n"), "{whoami}");
}

/// Whoever looks around in a sandbox, or in somebody else's repository, leaves no trace.
#[test]
fn reading_writes_nothing() {
    let mut env = Env::new();
    let epic = env.create(["Epic", "-t", "epic"]);
    let key = env.create(["Part", "--parent", &epic]);
    env.qp(["claim", &key]).success();
    env.unset("QP_SESSION");
    let before = files(&env.repo());
    let reads: [&[&str]; 14] = [
        &[],
        &["status", "--assigned"],
        &["ready"],
        &["ready", "--explain", "--json"],
        &["ready", "-a", "me"],
        &["blocked"],
        &["why", &key],
        &["check", &epic],
        &["check", "-t", "epic", "--is", "open"],
        &["whoami"],
        &["children", &epic],
        &["list", "--all"],
        &["show", &key],
        &["ready", "--at", "2026-01-07"],
    ];
    for args in reads {
        let run = env.qp(args.iter().copied());
        assert!(run.code <= 1, "{args:?}: {run}");
        assert_eq!(files(&env.repo()), before, "{args:?}");
    }
}

/// All files below a folder with their contents, without the snapshot.
fn files(folder: &std::path::Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.expect("a folder can be read");
        let name = entry.path().display().to_string();
        if entry.file_type().is_file() && !name.ends_with(".git/quipu/snapshot") {
            found.insert(name, std::fs::read(entry.path()).expect("a file can be read"));
        }
    }
    found
}

/// What the issues tell is counted, and from the history only what they do not tell.
#[test]
fn the_last_day() {
    let env = Env::new();
    let old = env.create(["Old"]);
    let reopened = env.create(["Reopened"]);
    let touched = env.create(["Touched"]);
    env.qp(["close", &reopened]).success();
    env.pass(48 * HOUR);
    env.create(["New"]);
    env.qp(["close", &old]).success();
    env.qp(["reopen", &reopened]).success();
    env.qp(["note", &touched, "text"]).success();
    let recent = env.json(["stats"])["recent_activity"].clone();
    let expected = serde_json::json!({
        "hours_tracked": 24, "commit_count": 4, "issues_created": 1, "issues_closed": 1, "issues_updated": 2,
        "issues_reopened": 1, "total_changes": 4,
    });
    assert_eq!(recent, expected);
    let second = |args: &[&str]| env.qp(args).success().stdout.lines().nth(1).unwrap_or_default().to_owned();
    let lead = "lead time: 2d on average";
    assert_eq!(
        second(&["stats"]),
        format!("last 24 hours: 1 created, 1 closed, 2 otherwise changed; {lead}")
    );
    assert_eq!(second(&["stats", "--no-activity"]), lead);
    for flag in ["--no-activity", "--assigned"] {
        assert!(env.json(["stats", flag]).get("recent_activity").is_none(), "{flag}");
    }
}

/// What is of a status that only another tracker knows is counted too.
#[test]
fn other_statuses_are_counted() {
    let env = Env::new();
    let issue = |id: &str, status: &str| {
        format!(
            r#"{{"id":"web-{id}","title":"{id}","status":"{status}","created_at":"2026-01-01T10:00:00Z"}}"#
        )
    };
    let text = [issue("one", "open"), issue("two", "hooked"), issue("three", "blocked")].join("\n");
    std::fs::write(env.repo().join("in.jsonl"), text).expect("the input is written");
    env.qp(["import", "in.jsonl"]).success();
    let run = env.qp(["status"]).success();
    assert!(run.stdout.starts_with("web on quipu-sync: 1 open, 2 of another status\n"), "{run}");
    let run = env.qp(["prime"]).success();
    assert!(run.stdout.contains("3 issues: 1 ready, 2 of another status (keys"), "{run}");
}

/// Why an issue was closed may be a page; the dashboard is no place for that.
#[test]
fn long_reasons_are_cut() {
    let env = Env::new();
    let key = env.create(["One"]);
    env.qp(["close", &key, "-r", &"because ".repeat(100)]).success();
    let run = env.qp(["status"]).success();
    assert!(run.stdout.contains(": because ") && run.stdout.contains("…)"), "{run}");
    assert!(run.stdout.lines().all(|line| line.chars().count() < 160), "{run}");
}
