//! `qp count`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

fn tracker() -> Env {
    let env = Env::new();
    let create = |args: &[&str]| drop(env.qp([&["create", "--quiet"], args].concat()).success());
    create(&["Crash", "--id", "web-a", "-t", "bug", "-p", "0", "-l", "auth,ui", "-a", "bob"]);
    create(&["Design", "--id", "web-b", "-t", "decision", "-l", "auth"]);
    create(&["Whole", "--id", "web-c", "-t", "epic", "-p", "1", "-a", "認証"]);
    create(&["Later", "--id", "web-d", "--defer", "2026-03-01", "-l", "(no labels)"]);
    create(&["Done", "--id", "web-e", "-t", "bug", "-a", "bob"]);
    env.qp(["close", "web-e"]).success();
    env.qp(["claim", "web-a"]).success();
    env
}

#[test]
fn a_number_says_what_it_leaves_out() {
    let env = tracker();
    snapshot!(
        env.qp(["count"]),
        str![[r#"
4
[stderr]
1 closed not counted: --all counts them

"#]]
    );
    snapshot!(
        env.qp(["count", "--all", "--json"]),
        str![[r#"
{
  "count": 5,
  "schema_version": 1
}

"#]]
    );
    snapshot!(
        env.qp(["count", "-t", "decision"]),
        str![[r#"
1

"#]]
    );
    assert_eq!(Env::new().qp(["count"]).success().to_string(), "0\n");
}

#[test]
fn groups() {
    let env = tracker();
    snapshot!(
        env.qp(["count", "--by", "status"]),
        str![[r#"
open         3
in_progress  1
closed       1
[stderr]
5 in all

"#]]
    );
    snapshot!(
        env.qp(["count", "--by-priority", "--all"]),
        str![[r#"
P0  1
P1  1
P2  3
[stderr]
5 in all

"#]]
    );
    snapshot!(
        env.qp(["count", "--by-type"]),
        str![[r#"
bug       1
decision  1
epic      1
task      1
[stderr]
4 in all

"#]]
    );
    snapshot!(
        env.qp(["count", "--by", "Labels"]),
        str![[r#"
(no labels)  1
auth         2
ui           1
(no labels)  1
[stderr]
4 in all

"#]]
    );
    snapshot!(
        env.qp(["count", "--by-assignee", "--json"]),
        str![[r#"
{
  "total": 4,
  "groups": [
    {
      "group": "alice",
      "count": 1
    },
    {
      "group": "認証",
      "count": 1
    },
    {
      "group": "(unassigned)",
      "count": 2
    }
  ],
  "schema_version": 1
}

"#]]
    );
}

/// The number is that of the rows that a listing has under the same flags.
#[test]
fn it_agrees_with_list() {
    let env = tracker();
    let selections: [&[&str]; 12] = [
        &[],
        &["--all"],
        &["--status", "closed"],
        &["--status", "open,deferred"],
        &["--status", "all"],
        &["-t", "bug"],
        &["-t", "bug", "--all"],
        &["-l", "auth"],
        &["--no-labels"],
        &["--unassigned"],
        &["-p", "0,1"],
        &["--closed-after", "2026-01-01"],
    ];
    for selection in selections {
        let rows = env.json([&["list", "--limit", "0"], selection].concat());
        let rows = rows.as_array().expect("an array").len();
        assert_eq!(env.json([&["count"], selection].concat())["count"], rows, "{selection:?}");
        for by in ["priority", "type", "assignee"] {
            let groups = env.json([&["count", "--by", by], selection].concat());
            assert_eq!(groups["total"], rows, "{selection:?} by {by}");
            let sum: u64 = groups["groups"]
                .as_array()
                .expect("an array")
                .iter()
                .map(|group| group["count"].as_u64().expect("a number"))
                .sum();
            assert_eq!(sum, rows as u64, "{selection:?} by {by}");
        }
    }
    assert_eq!(env.json(["count", "--by", "status", "--status", "open"])["total"], 3);
}

#[test]
fn an_unknown_group_is_corrected() {
    let env = tracker();
    snapshot!(
        env.qp(["count", "--by", "prioritty"]),
        str![[r#"
[stderr]
error: issues are not counted by "prioritty"
hint: qp count --by priority
[exit 2]

"#]]
    );
    env.qp(["count", "--by", ""]).exits(2);
    env.qp(["count", "--by-type", "--by-label"]).exits(2);
    env.qp(["count", "--status", "done"]).exits(5);
}
