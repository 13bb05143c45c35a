//! `qp create -f`

use snapbox::str;

use crate::env::{Env, Run};
use crate::snapshot;

const PLAN: &str = "\
---
author: alice
---
# Login rework
labels: auth

The whole of it.

## Write the migration
- **Type:** chore
- **Priority:** 1

Move the table.

- [ ] one
- [x] two

```
# not a heading
## Type
```

> # quoted

### Design
Use a view.

#### Alternatives
None.

### Acceptance Criteria
- it runs twice

### Notes
From the meeting.

## Switch over `auth`, then rest
blocked by: Write the migration
estimate: 2h
assignee: @bob
paths: src/auth/**

Description of it.

## Clean up
depends on:
- Switch over `auth`, then rest
- write the  MIGRATION
";

fn plan(env: &Env, text: &str, more: &[&str]) -> Run {
    std::fs::write(env.repo().join("plan.md"), text).expect("a file");
    env.qp(["create", "-f", "plan.md"].iter().chain(more).copied())
}

fn titles(value: &serde_json::Value) -> Vec<&str> {
    value.as_array().expect("an array").iter().map(|i| i["title"].as_str().expect("a title")).collect()
}

#[test]
fn a_heading_is_an_issue_and_nested_ones_are_its_parts() {
    let env = Env::new();
    let before = env.git_out(&["rev-list", "--count", "quipu-sync"]);
    snapshot!(
        plan(&env, PLAN, &[]),
        str![[r#"
created web-r7j2: Login rework
created web-fxk4: Write the migration
created web-fcnk: Switch over `auth`, then rest
created web-7sc3: Clean up

"#]]
    );
    snapshot!(
        env.qp(["list", "--tree", "--sort", "oldest"]),
        str![[r#"
web-r7j2    P2  epic   Login rework #auth
  web-fxk4  P1  chore  Write the migration
  web-fcnk  P2  task   Switch over `auth`, then rest @bob
  web-7sc3  P2  task   Clean up

"#]]
    );
    snapshot!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]),
        str![[r#"
create 4 issues: web-r7j2, web-fxk4, web-fcnk, web-7sc3

"#]]
    );
    let after = env.git_out(&["rev-list", "--count", "quipu-sync~1"]);
    assert_eq!(after, before, "one commit for all of it");
    let found = env.json(["list", "--title", "migration", "--full"]);
    snapshot!(
        serde_json::to_string_pretty(&found[0]).expect("JSON"),
        str![[r#"
{
  "id": "web-fxk4",
  "title": "Write the migration",
  "description": "Move the table.\n\n- [ ] one\n- [x] two\n\n```\n# not a heading\n## Type\n```\n\n> # quoted",
  "design": "Use a view.\n\n#### Alternatives\nNone.",
  "acceptance_criteria": "- it runs twice",
  "notes": "From the meeting.",
  "status": "open",
  "priority": 1,
  "issue_type": "chore",
  "created_at": "2026-01-07T10:01:00.001Z",
  "created_by": "alice",
  "updated_at": "2026-01-07T10:01:00.001Z",
  "uid": "01kebye2v0acqw7wm2fbzyfxk4",
  "dependencies": [
    {
      "issue_id": "web-fxk4",
      "depends_on_id": "web-r7j2",
      "type": "parent-child",
      "created_at": "2026-01-07T10:01:00.001Z"
    }
  ],
  "dependency_count": 0,
  "dependent_count": 2,
  "comment_count": 0,
  "parent": "web-r7j2"
}
"#]]
    );
    let found = env.json(["list", "--title", "Clean up"]);
    assert_eq!(found[0]["dependency_count"], 2);
    env.fsck();
}

#[test]
fn a_rehearsal_lists_the_plan() {
    let env = Env::new();
    snapshot!(
        plan(&env, PLAN, &["--dry-run"]),
        str![[r#"
new-1    P2  epic   Login rework #auth
  new-2  P1  chore  Write the migration
  new-3  P2  task   Switch over `auth`, then rest @bob  blocked by new-2
  new-4  P2  task   Clean up  blocked by new-2, new-3
[stderr]
would create (nothing was written):

"#]]
    );
    let run = plan(&env, "## A\nneeds: B\n\n## B\n", &["--dry-run", "--json"]);
    snapshot!(
        run,
        str![[r#"
[
  {
    "id": "new-1",
    "title": "A",
    "status": "open",
    "priority": 2,
    "issue_type": "task",
    "created_at": "2026-01-07T10:02:00.000Z",
    "created_by": "alice",
    "updated_at": "2026-01-07T10:02:00.000Z",
    "dependencies": [
      {
        "issue_id": "new-1",
        "depends_on_id": "new-2",
        "type": "blocks",
        "created_at": "2026-01-07T10:02:00.000Z"
      }
    ],
    "dependency_count": 1,
    "dependent_count": 0,
    "comment_count": 0,
    "dry_run": true
  },
  {
    "id": "new-2",
    "title": "B",
    "status": "open",
    "priority": 2,
    "issue_type": "task",
    "created_at": "2026-01-07T10:02:00.001Z",
    "created_by": "alice",
    "updated_at": "2026-01-07T10:02:00.001Z",
    "dependency_count": 0,
    "dependent_count": 1,
    "comment_count": 0,
    "dry_run": true
  }
]

"#]]
    );
    assert_eq!(titles(&env.json(["list"])).len(), 0);
}

#[test]
fn the_plan_format_of_bd_is_read() {
    let env = Env::new();
    let first = env.create(["Existing", "--id", "web-10"]);
    let text = "\
## Add OAuth

Users want it.

### Priority
1

### Type
feature

### Description
Detailed text.

### Labels
auth, api backend

### Assignee
carol

### Dependencies
web-10, related:Second thing
";
    snapshot!(
        plan(&env, &format!("{text}\n## Second thing\n\n### Deps\nweb-10 web-10\n"), &["--silent"]),
        str![[r#"
web-3ac9
web-qjef

"#]]
    );
    let issue = &env.json(["list", "--title", "OAuth", "--full"])[0];
    assert_eq!(issue["description"], "Users want it.\n\nDetailed text.");
    assert_eq!(issue["labels"].to_string(), r#"["api","auth","backend"]"#);
    assert_eq!((&issue["priority"], &issue["issue_type"]), (&1.into(), &"feature".into()));
    assert_eq!(issue["assignee"], "carol");
    assert_eq!(issue["dependencies"].as_array().map(Vec::len), Some(2));
    assert_eq!(first, "web-10");
}

#[test]
fn flags_hold_for_the_whole_plan() {
    let env = Env::new();
    let epic = env.create(["Epic", "-t", "epic"]);
    plan(&env, "# A\n## A1\n# B\n", &["--parent", &epic, "-l", "q1"]).success();
    snapshot!(
        env.qp(["list", "--tree", "--sort", "oldest"]),
        str![[r#"
web-r7j2      P2  epic  Epic
  web-3ac9    P2  epic  A #q1
    web-qjef  P2  task  A1 #q1
  web-ykr7    P2  task  B #q1

"#]]
    );
    snapshot!(
        plan(&env, "# A\n", &["-p", "1"]),
        str![[r#"
[stderr]
error: the argument '--file <FILE>' cannot be used with '--priority <0-4>'
hint: qp create --file <FILE> [TITLE]
[exit 2]

"#]]
    );
    snapshot!(
        plan(&env, "# A\n", &["Title"]),
        str![[r#"
[stderr]
error: the argument '--file <FILE>' cannot be used with '[TITLE]'
hint: qp create --file <FILE> [TITLE]
[exit 2]

"#]]
    );
}

#[test]
fn a_plan_may_come_from_standard_input() {
    let env = Env::new();
    snapshot!(
        env.qp_stdin(["create", "-f", "-"], "Intro\n=====\n\nText\n\nPart\n----\n"),
        str![[r#"
created web-r7j2: Intro
created web-fxk4: Part

"#]]
    );
    snapshot!(
        env.qp_stdin(["create", "-f", "-", "--json"], "# Only one"),
        str![[r#"
[
  {
    "id": "web-3ac9",
    "title": "Only one",
    "status": "open",
    "priority": 2,
    "issue_type": "task",
    "created_at": "2026-01-07T10:02:00.000Z",
    "created_by": "alice",
    "updated_at": "2026-01-07T10:02:00.000Z",
    "uid": "01kebyfxe0hzpv6hkfh9xr3ac9",
    "dependency_count": 0,
    "dependent_count": 0,
    "comment_count": 0,
    "rev": "afb8f76cea9c3433c568e41b4eaf39fd2717c62e",
    "stored": "local"
  }
]

"#]]
    );
}

#[test]
fn all_or_nothing_and_the_line_is_named() {
    let env = Env::new();
    let plans = [
        "no heading\n",
        "# A\n# B\npriority: high\n",
        "# A\n\n## Type\nfature\n",
        "# A\nblocked by: C D\n",
        "# A\n\nblocked by: web-0000\n",
        "# A\n# B\n# A\n# C\nneeds: A\n",
        "# A\nneeds: B\n# B\nneeds: C\n# C\nneeds: A\n",
        "# A\n## B\n# C\nneeds: A\nblocks: B\n",
        "# A\nneeds: A\n",
        "# A\npriority: 1\npriority: 2\n",
        "#\n",
        "# A\nsome text\nmore\n---\n",
    ];
    let said: Vec<String> = plans.iter().map(|text| format!("{text:?}\n{}", plan(&env, text, &[]))).collect();
    snapshot!(
        said.join("\n"),
        str![[r##"
"no heading\n"
[stderr]
error: plan.md line 1: there is no heading; each issue begins with one, such as ## Title
[exit 5]

"# A\n# B\npriority: high\n"
[stderr]
error: plan.md line 3: unknown priority "high"
hint: use 1
[exit 5]

"# A\n\n## Type\nfature\n"
[stderr]
error: plan.md line 4: unknown type "fature"
hint: use feature
[exit 5]

"# A\nblocked by: C D\n"
[stderr]
error: plan.md line 2: no heading is called "C D"
[exit 5]

"# A\n\nblocked by: web-0000\n"
[stderr]
error: plan.md line 3: no issue web-0000
hint: qp list shows the open ones, qp search 0000 looks in all 0
[exit 3]

"# A\n# B\n# A\n# C\nneeds: A\n"
[stderr]
error: plan.md line 5: several headings are called "A": lines 1, 3
[exit 5]

"# A\nneeds: B\n# B\nneeds: C\n# C\nneeds: A\n"
[stderr]
error: plan.md line 6: "C" cannot be blocked by "A", that closes a cycle of waiting: "C" → "A" → "B" → "C"
hint: leave out one of these relations
[exit 6]

"# A\n## B\n# C\nneeds: A\nblocks: B\n"
[stderr]
error: plan.md line 5: "B" cannot be blocked by "C", that closes a cycle of waiting: "B" → "C" → "A" → "B"
hint: leave out one of these relations
[exit 6]

"# A\nneeds: A\n"
[stderr]
error: plan.md line 2: the new issue cannot be blocked by itself, that closes a cycle of waiting: the new issue → the new issue
hint: leave out one of these relations
[exit 6]

"# A\npriority: 1\npriority: 2\n"
[stderr]
error: plan.md line 3: priority is given twice, first on line 2
[exit 5]

"#\n"
[stderr]
error: plan.md line 1: the title is empty
hint: give a title of 1 to 500 characters
[exit 5]

"# A\nsome text\nmore\n---\n"
[stderr]
error: plan.md line 2: a heading of several lines; is a blank line missing above the dashes?
[exit 5]

"##]]
    );
    assert_eq!(titles(&env.json(["list"])).len(), 0);
}

#[test]
fn titles_and_files_have_limits() {
    let env = Env::new();
    snapshot!(
        plan(&env, &format!("# A\n# {}\n", "x".repeat(501)), &[]),
        str![[r#"
[stderr]
error: plan.md line 2: the title has 501 characters, the limit is 500
hint: shorten the title and put the rest into the description: -d TEXT
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["create", "-f", "missing.md"]),
        str![[r#"
[stderr]
error: missing.md cannot be read: No such file or directory (os error 2)
[exit 5]

"#]]
    );
    assert_eq!(titles(&env.json(["list"])).len(), 0);
}

#[test]
fn text_above_the_first_heading_is_mentioned() {
    let env = Env::new();
    snapshot!(
        plan(&env, "Intro.\n\n# A\n", &[]),
        str![[r#"
created web-r7j2: A
[stderr]
the text above the first heading of plan.md belongs to no issue

"#]]
    );
}
