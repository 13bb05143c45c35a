//! `qp changes`

use snapbox::str;

use crate::env::Env;
use crate::{history, snapshot};

fn tracker() -> Env {
    let env = Env::new();
    env.qp(["create", "Fix the login", "-d", "One.\nTwo.", "--id", "web-login", "-l", "auth"]).success();
    env.qp(["create", "Write the notes", "--id", "web-notes"]).success();
    env.qp_as("bob", ["close", "web-login", "-r", "fixed"]).success();
    env
}

/// The words that stand first in each line of the result: what happened.
fn verbs(env: &Env, since: &str) -> Vec<String> {
    let run = env.qp(["changes", "--short", "--since", since]).success();
    run.stdout.lines().map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn shows_what_happened_newest_first() {
    let env = tracker();
    env.qp(["update", "web-notes", "--title", "Write all the notes", "--add-label", "docs"]).success();
    snapshot!(
        env.qp(["changes", "--since", "quipu-sync~2"]),
        str![[r#"
changed web-notes: Write all the notes (alice, 2026-01-07 10:04 UTC)
  title Write the notes → Write all the notes
  labels +docs
closed web-login: Fix the login (bob, 2026-01-07 10:03 UTC)
  status open → closed
  closed_by none → bob
  close_reason none → fixed

"#]]
    );
    snapshot!(
        env.qp(["changes", "--since", "2026-01-07"]),
        str![[r#"
created web-notes: Write all the notes (alice, 2026-01-07 10:04 UTC)
  labels docs
created web-login: Fix the login (bob, 2026-01-07 10:03 UTC)
  status closed
  labels auth
  closed_by bob
  close_reason fixed
  description +2 lines

"#]]
    );
    snapshot!(
        env.qp(["changes", "--since", "quipu-sync"]),
        str![[r#"
[stderr]
no changes

"#]]
    );
}

#[test]
fn each_change_of_the_state_has_its_verb() {
    let env = tracker();
    let last = |args: &[&str]| {
        env.qp(args).success();
        let mut verbs = verbs(&env, "quipu-sync~1");
        verbs.retain(|verb| verb.ends_with("web-notes"));
        verbs.concat()
    };
    assert_eq!(last(&["claim", "web-notes"]), "claimed web-notes");
    assert_eq!(last(&["renew", "web-notes"]), "changed web-notes");
    assert_eq!(last(&["release", "web-notes"]), "released web-notes");
    assert_eq!(last(&["defer", "web-notes", "--until", "+2d"]), "deferred web-notes");
    assert_eq!(last(&["undefer", "web-notes"]), "changed web-notes");
    assert_eq!(last(&["close", "web-notes"]), "closed web-notes");
    assert_eq!(last(&["reopen", "web-notes"]), "reopened web-notes");
    assert_eq!(last(&["comment", "web-notes", "Well"]), "changed web-notes");
    assert_eq!(last(&["delete", "web-notes"]), "deleted web-notes");
    assert_eq!(verbs(&env, "quipu-sync~3"), ["deleted web-notes"]);
    assert_eq!(last(&["undo"]), "created web-notes");
}

#[test]
fn takes_commits_operations_dates_and_times() {
    let env = tracker();
    let log = env.json(["log"]);
    let closed = ["closed web-login"];
    assert_eq!(verbs(&env, log[1]["op"].as_str().unwrap()), closed);
    assert_eq!(verbs(&env, &log[1]["commit"].as_str().unwrap()[..9]), closed);
    assert_eq!(verbs(&env, "2026-01-07T10:02:00Z"), closed);
    let all = ["created web-login", "created web-notes"];
    for since in
        ["2026-01-07", "today", "yesterday", "2h", "-2h", "30d", "2019-01-01", "2019-01-01T00:00:00Z"]
    {
        assert_eq!(verbs(&env, since), all, "{since}");
    }
    env.pass(3 * 60 * 60 * 1000);
    assert_eq!(verbs(&env, "2h"), [""; 0]);
    assert_eq!(verbs(&env, "4h"), all);
    let at = |at: &str| env.qp(["changes", "--since", "today", "--short", "--at", at]).success().stdout;
    assert_eq!(at("quipu-sync~1").lines().count(), 2);
    assert_eq!(at("quipu-sync~2").lines().count(), 1);
    for since in ["3fa9c21d0", "nonsense", "01kfn6tfn3n7h5b39ztztw7k2m"] {
        let run = env.qp(["changes", "--since", since]).exits(3);
        assert!(run.stderr.contains(since) && run.stdout.is_empty(), "{run}");
    }
    snapshot!(
        env.qp(["changes"]),
        str![[r#"
[stderr]
error: --since is missing: a commit, an operation or a date
hint: qp changes --since yesterday
[exit 2]

"#]]
    );
}

#[test]
fn a_history_that_is_cut_off_does_not_reach_back() {
    let env = tracker();
    let url = format!("file://{}", env.repo().display());
    env.run_git(env.root(), &["clone", "-q", "--depth", "1", "-b", "quipu-sync", &url, "shallow"]);
    let run = env.qp_in(&env.root().join("shallow"), ["changes", "--since", "2019-01-01"], &[], "").exits(3);
    assert!(run.stderr.contains("younger than 2019"), "{run}");
}

#[test]
fn flags_select_what_fits_before_or_after() {
    let env = tracker();
    env.qp(["label", "add", "web-notes", "auth"]).success();
    env.qp(["label", "remove", "web-login", "auth"]).success();
    let count = |args: &[&str]| {
        let all = [&["changes", "--short", "--since", "quipu-sync~3"], args].concat();
        env.qp(all).success().stdout.lines().count()
    };
    assert_eq!(count(&[]), 2);
    assert_eq!(count(&["-l", "auth"]), 2);
    assert_eq!(count(&["--id", "web-notes"]), 1);
    assert_eq!(count(&["-s", "closed"]), 1);
    assert_eq!(count(&["-l", "none"]), 0);
    assert_eq!(count(&["-n", "1"]), 1);
    let run = env.qp(["changes", "--since", "today", "-n", "1", "--short"]).success();
    assert!(run.stderr.contains("1 more: --limit 0"), "{run}");
    env.qp(["delete", "web-notes"]).success();
    assert_eq!(count(&["--id", "web-notes"]), 1);
    env.qp(["changes", "--since", "quipu-sync~3", "--id", "web-none"]).exits(3);
}

#[test]
fn tells_programs_who_and_when() {
    let env = tracker();
    let found = env.json(["changes", "--since", "quipu-sync~1"]);
    let [login] = &found.as_array().unwrap()[..] else { panic!("{found}") };
    assert_eq!((&login["id"], &login["change"]), (&"web-login".into(), &"closed".into()));
    assert_eq!((&login["actor"], &login["session"]), (&"bob".into(), &"bob".into()));
    let entry = &env.json(["log", "-n", "1"])[0];
    for field in ["op", "commit", "time"] {
        assert_eq!(login[field], entry[field], "{field}");
    }
    assert_eq!(login["changes"][0]["field"], "status");
    assert_eq!(
        (&login["changes"][0]["old"], &login["changes"][0]["new"]),
        (&"open".into(), &"closed".into())
    );
    assert_eq!(env.json(["changes", "--since", "quipu-sync"]), serde_json::json!([]));
}

#[test]
fn shows_texts_as_differences_on_request() {
    let env = tracker();
    env.qp(["update", "web-notes", "-d", "A text."]).success();
    history!(
        env.qp(["changes", "--since", "quipu-sync~1", "--patch"]),
        str![[r#"
changed web-notes: Write the notes (alice, 2026-01-07 10:04 UTC)
  description
    @@ -0,0 +1 @@
    +A text.

"#]]
    );
}
