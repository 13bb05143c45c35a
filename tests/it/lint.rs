//! `qp lint`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

fn tracker() -> Env {
    let env = Env::new();
    let create = |args: &[&str]| drop(env.qp([&["create", "--quiet"], args].concat()).success());
    create(&["Bare bug", "--id", "web-a", "-t", "bug"]);
    create(&[
        "Good bug",
        "--id",
        "web-b",
        "-t",
        "bug",
        "-d",
        "## Steps to reproduce\n\n1. run",
        "--acceptance",
        "- [ ] x",
    ]);
    create(&["Task", "--id", "web-c", "-d", "About it.\n\n**Acceptance criteria:** it works"]);
    create(&["Epic", "--id", "web-d", "-t", "epic", "-d", "All of it."]);
    create(&["Chore", "--id", "web-e", "-t", "chore", "-d", "Sweep."]);
    create(&["Closed", "--id", "web-f"]);
    env.qp(["close", "web-f"]).success();
    env
}

#[test]
fn what_each_type_lacks() {
    let env = tracker();
    snapshot!(
        env.qp(["lint"]),
        str![[r#"
web-a  P2  bug   Bare bug  (lacks description, steps to reproduce, acceptance criteria)
web-d  P2  epic  Epic  (lacks success criteria)
[stderr]
2 of 5 lack something

"#]]
    );
    snapshot!(
        env.qp(["lint", "--type", "bug", "--json", "--quiet"]),
        str![[r###"
{
  "total": 3,
  "issues": 1,
  "checked": 2,
  "results": [
    {
      "id": "web-a",
      "title": "Bare bug",
      "type": "bug",
      "missing": [
        "## Description",
        "## Steps to Reproduce",
        "## Acceptance Criteria"
      ],
      "warnings": 3
    }
  ],
  "schema_version": 1
}

"###]]
    );
    snapshot!(
        env.qp(["lint", "web-b", "web-c"]),
        str![[r#"
[stderr]
2 looked at: nothing is missing

"#]]
    );
    // Closed ones are looked at where they are named, or asked for.
    assert_eq!(env.json(["lint", "web-f"])["issues"], 1);
    assert_eq!(env.json(["lint", "--status", "all"])["checked"], 6);
    let limited = env.json(["lint", "--limit", "1"]);
    assert_eq!((limited["results"].as_array().map(Vec::len), &limited["issues"]), (Some(1), &2.into()));
}

#[test]
fn findings_fail_a_check_only_where_one_is_asked_for() {
    let env = tracker();
    env.qp(["lint"]).success();
    env.qp(["lint", "--check"]).exits(1);
    env.qp(["lint", "--check", "web-b"]).success();
    let run = env.qp(["lint", "--check", "--json", "--quiet"]).exits(1);
    assert_eq!(run.json()["total"], 4);
    env.qp(["lint", "web-nobody"]).exits(3);
}

/// A section is there in whatever way people write headings, and has to say something.
#[test]
fn what_counts_as_a_section() {
    let env = Env::new();
    let lacks = |description: &str| {
        let key = env.create(["An issue", "-d", description]);
        env.json(["lint", &key])["results"][0]["missing"].as_array().map_or(0, Vec::len)
    };
    for there in [
        "x\n\n## Acceptance Criteria\n\n- it works",
        "x\n\n### acceptance criteria\nit works",
        "x\n\nAcceptance: it works",
        "x\n\n**Done when** it works\nand is fast",
        "x\n\n- Definition of done: it works",
    ] {
        assert_eq!(lacks(there), 0, "{there}");
    }
    for not_there in [
        "x\n\n## Acceptance Criteria\n",
        "x\n\n## Acceptance Criteria\n\n## Next\n\ntext",
        "We need acceptance of this by the customer",
        "x\n\n## Acceptances\n\n- it works",
    ] {
        assert_eq!(lacks(not_there), 1, "{not_there}");
    }
}
