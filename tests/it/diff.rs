//! `qp diff`

use snapbox::str;

use crate::env::Env;
use crate::history;

fn tracker() -> Env {
    let env = Env::new();
    env.qp(["create", "Fix the login", "-d", "One.\nTwo.\nThree.", "--id", "web-login"]).success();
    env.qp(["create", "Write the notes", "--id", "web-notes"]).success();
    env.qp(["close", "web-login", "-r", "fixed"]).success();
    env
}

#[test]
fn shows_the_newest_operation_by_default() {
    let env = tracker();
    history!(
        env.qp(["diff"]),
        str![[r#"
changed web-login: Fix the login
  status open → closed
  closed_by none → alice
  close_reason none → fixed

"#]]
    );
    history!(
        env.qp(["diff", "web-notes"]),
        str![[r#"
[stderr]
no differences

"#]]
    );
}

#[test]
fn compares_two_moments() {
    let env = tracker();
    let commit = |back: usize| env.git_out(&["rev-parse", &format!("quipu-sync~{back}")]).trim().to_owned();
    history!(
        env.qp(["diff", "--from", &commit(3)]),
        str![[r#"
created web-login: Fix the login
  status closed
  closed_by alice
  close_reason fixed
  description
    @@ -0,0 +1,3 @@
    +One.
    +Two.
    +Three.
created web-notes: Write the notes

"#]]
    );
    history!(
        env.qp(["diff", "--from", &commit(3), "--short"]),
        str![[r#"
created web-login: Fix the login
created web-notes: Write the notes

"#]]
    );
    history!(
        env.qp(["diff", "web-login", "--from", &commit(2), "--to", &commit(1)]),
        str![[r#"
[stderr]
no differences

"#]]
    );
    history!(
        env.qp(["diff", "--to", &commit(2)]),
        str![[r#"
created web-login: Fix the login
  description
    @@ -0,0 +1,3 @@
    +One.
    +Two.
    +Three.

"#]]
    );
    // Backwards: what a return to the past would change.
    history!(
        env.qp(["diff", "--from", &commit(0), "--to", &commit(2), "--short"]),
        str![[r#"
changed web-login: Fix the login (status, closed_by, close_reason)
deleted web-notes: Write the notes

"#]]
    );
}

#[test]
fn takes_commits_operations_dates_and_times() {
    let env = tracker();
    let log = env.json(["log"]);
    let op = log[1]["op"].as_str().unwrap();
    let short = |from: &str| env.qp(["diff", "--short", "--from", from]).success().stdout;
    let close = "changed web-login: Fix the login (status, closed_by, close_reason)\n";
    assert_eq!(short(op), close);
    assert_eq!(short(&log[1]["commit"].as_str().unwrap()[..9]), close);
    assert_eq!(short("quipu-sync~1"), close);
    assert_eq!(short("2026-01-07T10:02:00Z"), close);
    assert_eq!(short("2026-01-07T10:59:00Z"), "");
    assert_eq!(short("2026-01-07").lines().count(), 3);
    assert_eq!(short("today").lines().count(), 3);
    assert_eq!(short("2026-01-08"), "");
    history!(
        env.qp(["diff", "--short", "--from", "2026-01-07", "--to", "2026-01-07"]),
        str![[r#"
created web-login: Fix the login
created web-notes: Write the notes
changed quipu.yml

"#]]
    );
    history!(
        env.qp(["diff", "--from", "2019-01-01"]),
        str![[r#"
[stderr]
error: the tracker is younger than 2019-01-01T00:00:00.000Z
hint: qp log
[exit 3]

"#]]
    );
    history!(
        env.qp(["diff", "--from", "nonsense"]),
        str![[r#"
[stderr]
error: no commit "nonsense"
hint: qp log shows the commits
[exit 3]

"#]]
    );
    history!(
        env.qp(["diff", "web-none"]),
        str![[r#"
[stderr]
error: no issue web-none
hint: qp list shows the open ones, qp search none looks in all 2
[exit 3]

"#]]
    );
}

#[test]
fn refuses_commits_of_other_branches() {
    let env = tracker();
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "code"]);
    history!(
        env.qp(["diff", "--from", "HEAD"]),
        str![[r#"
[stderr]
error: HEAD is a commit, but not one of the tracker's branch
hint: qp log shows its commits
[exit 3]

"#]]
    );
}

#[test]
fn tells_programs_field_by_field() {
    let env = tracker();
    let diff = env.json(["diff"]);
    assert_eq!(diff["schema_version"], 1);
    assert_eq!(diff["to"], env.git_out(&["rev-parse", "quipu-sync"]).trim());
    assert_eq!(diff["from"], env.git_out(&["rev-parse", "quipu-sync~1"]).trim());
    assert_eq!(diff["issues"][0]["id"], "web-login");
    assert_eq!(diff["issues"][0]["change"], "changed");
    let fields: Vec<_> = diff["issues"][0]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["status", "updated_at", "closed_at", "closed_by", "close_reason"]);
    assert_eq!(diff["files"], serde_json::json!([]));
    assert_eq!(env.json(["diff", "--from", "quipu-sync"])["issues"], serde_json::json!([]));
}

#[test]
fn shows_other_files() {
    let env = tracker();
    env.commit_file("memories/build.md", Some("make it\n"));
    env.commit_file("memories/build.md", Some("make it so\n"));
    history!(
        env.qp(["diff"]),
        str![[r#"
changed memories/build.md
  @@ -1 +1 @@
  -make it
  +make it so

"#]]
    );
    env.commit_file("memories/build.md", None);
    history!(
        env.qp(["diff", "--short"]),
        str![[r#"
deleted memories/build.md

"#]]
    );
    env.commit_file("issues/2/m/01kfn6tfn3n7h5b39ztztw7k2m.md", Some("<<<<<<< ours\n"));
    history!(
        env.qp(["diff"]),
        str![[r#"
created issues/2/m/01kfn6tfn3n7h5b39ztztw7k2m.md
  @@ -0,0 +1 @@
  +<<<<<<< ours
[stderr]
warning: issues/2/m/01kfn6tfn3n7h5b39ztztw7k2m.md line 1 cannot be read: a git conflict marker; qp doctor shows the remedy

"#]]
    );
}
