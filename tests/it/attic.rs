//! `qp attic`, with losing copies and merges planted by git itself.

mod restore;

use snapbox::str;

use quipu::model::{IssueId, Timestamp};
use quipu::store::{LOST, Lost, attic_file_path, attic_path, issue_path};

use crate::env::{Env, Run};
use crate::snapshot;

/// When the losing versions were written: 2026-01-07T09:00:00Z, in milliseconds.
const LOST_AT: i64 = 1_767_776_400_000;

/// A tracker with one issue, `web-login`.
fn tracker() -> Env {
    let env = Env::new();
    env.qp(["create", "Fix the login", "-d", "One.\nTwo.", "--id", "web-login"]).success();
    env
}

pub fn id(env: &Env, key: &str) -> IssueId {
    IssueId::parse(env.json(["show", key])[0]["uid"].as_str().expect("an identity")).expect("a ULID")
}

/// The file of an issue.
fn text(env: &Env, key: &str) -> String {
    env.git_out(&["show", &format!("quipu-sync:{}", issue_path(id(env, key)))])
}

/// Puts `content` into the attic as the losing version of a file, written by bob, by a merge that lost `parts`.
/// Returns the short name of the copy.
pub fn lose(env: &Env, path: &str, what: &str, content: &str, parts: &[&str], number: i64) -> String {
    let blob = env.git_stdin(&["hash-object", "-w", "--stdin"], content).trim().to_owned();
    let time = Timestamp::from_millis(LOST_AT + number);
    let kept = match IssueId::parse(what) {
        Some(id) => attic_path(id, time, &blob),
        None => attic_file_path(path, time, &blob),
    };
    let script = format!(
        "set -e
        export GIT_INDEX_FILE=../index GIT_AUTHOR_NAME=mallory GIT_COMMITTER_NAME=mallory EMAIL=m@example.com
        git read-tree quipu-sync
        git update-index --add --cacheinfo 100644,{blob},'{path}'
        printf 'lose\\n\\nQuipu-Actor: bob\\nQuipu-Command: update\\n' \
            | git commit-tree -p quipu-sync~1 $(git write-tree) >../losing
        git read-tree quipu-sync
        git update-index --add --cacheinfo 100644,{blob},'{kept}'
        git write-tree >../tree; cat ../losing"
    );
    let losing = env.shell(&env.repo(), &script).success().stdout.trim().to_owned();
    let parts = parts.iter().map(|part| (*part).to_owned()).collect();
    let lost = Lost { what: what.to_owned(), parts, path: kept, commit: losing };
    let message = format!("merge\n\n{LOST}: {}\n", lost.write());
    let script = "set -e
        export GIT_AUTHOR_NAME=mallory GIT_COMMITTER_NAME=mallory EMAIL=m@example.com
        git update-ref refs/heads/quipu-sync \
            $(git commit-tree -p quipu-sync -p $(cat ../losing) -F ../message $(cat ../tree))";
    std::fs::write(env.root().join("message"), message).expect("a file");
    env.shell(&env.repo(), script).success();
    blob[..7].to_owned()
}

/// Loses a version of an issue that differs by the replacements.
fn lose_issue(env: &Env, key: &str, changes: &[(&str, &str)], parts: &[&str]) -> String {
    let mut content = text(env, key);
    for (old, new) in changes {
        assert!(content.contains(old), "{old:?} is not in {content}");
        content = content.replacen(old, new, 1);
    }
    let id = id(env, key);
    lose(env, &issue_path(id), &id.to_string(), &content, parts, 0)
}

/// The paths in the attic.
fn kept(env: &Env) -> String {
    env.git_out(&["ls-tree", "-r", "--name-only", "quipu-sync", "attic"])
}

const TITLE: (&str, &str) = ("title: Fix the login", "title: Mend the login");
const TEXT: (&str, &str) = ("One.\nTwo.", "One.\nThree.");

/// The run with the name of the copy, which depends on everything before, replaced.
fn named(run: &Run, name: &str) -> String {
    run.to_string().replace(name, "c0ffee1")
}

#[test]
fn an_empty_attic() {
    let env = tracker();
    for args in [&["attic"][..], &["attic", "list"], &["attic", "list", "web-login"]] {
        snapshot!(
            env.qp(args),
            str![[r#"
[stderr]
nothing is in the attic

"#]]
        );
    }
    assert_eq!(env.json(["attic"]), serde_json::json!([]));
    assert_eq!(env.json(["status"])["attic"], 0);
    assert_eq!(env.json(["show", "web-login"])[0].get("conflicts"), None);
    assert!(!env.qp(["status"]).stdout.contains("attic"));
    assert!(!env.qp(["show", "web-login"]).stdout.contains("ttic"));
    snapshot!(
        env.qp(["attic", "show", "web-login"]),
        str![[r#"
[stderr]
error: nothing of web-login is in the attic
hint: qp attic list shows what is there
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["attic", "drop", "--all"]),
        str![[r#"
[stderr]
nothing is in the attic

"#]]
    );
}

#[test]
fn lists_what_lost_and_mentions_it() {
    let env = tracker();
    let name = lose_issue(&env, "web-login", &[TITLE, TEXT], &["title", "description"]);
    let run = env.qp(["attic"]);
    snapshot!(
        named(&run, &name),
        str![[r#"
c0ffee1  web-login  title, description  bob, 2026-01-07 09:00 UTC  Fix the login

"#]]
    );
    let list = env.json(["attic", "list", "web-login"]);
    let copy = &list[0];
    assert_eq!(copy["entry"], name);
    assert_eq!(copy["id"], "web-login");
    assert_eq!(copy["parts"], serde_json::json!(["title", "description"]));
    assert_eq!(copy["actor"], "bob");
    assert_eq!(copy["time"], "2026-01-07T09:00:00.000Z");
    assert_eq!(copy["path"], kept(&env).trim());
    assert_eq!(copy["merge"], env.git_out(&["rev-parse", "quipu-sync"]).trim());
    assert_eq!(copy["commit"], env.git_out(&["rev-parse", "quipu-sync^2"]).trim());
    assert_eq!(env.json(["show", "web-login"])[0]["conflicts"], list);
    assert_eq!(env.json(["status"])["attic"], 1);
    let shown = env.qp(["show", "web-login"]).success().stdout;
    assert!(shown.ends_with("\nAttic: 1 copy of lost edits: qp attic list web-login\n"), "{shown}");
    let status = env.qp(["status"]).success().stdout;
    assert!(status.contains("\nattic: 1 copy of lost edits: qp attic list\n"), "{status}");
    env.create(["Another one", "--id", "web-other"]);
    assert_eq!(env.json(["attic", "list", "web-other"]), serde_json::json!([]));
    assert_eq!(env.json(["attic", "web-login"]), list);
    env.qp(["attic", "list", "web-none"]).exits(3);
    env.qp(["doctor"]).success();
}

#[test]
fn shows_and_compares_a_copy() {
    let env = tracker();
    let expected = text(&env, "web-login").replace("Fix", "Mend");
    let name = lose_issue(&env, "web-login", &[TITLE], &["title"]);
    for entry in [name.as_str(), &name[..5], kept(&env).trim(), "web-login", "login"] {
        assert_eq!(env.qp(["attic", "show", entry]).success().stdout, expected, "{entry}");
    }
    let shown = env.json(["attic", "show", &name]);
    assert_eq!((&shown["text"], &shown["entry"]), (&expected.into(), &name.clone().into()));
    env.qp(["update", "web-login", "-p", "0", "-d", "One."]).success();
    let run = env.qp(["attic", "diff", &name]);
    snapshot!(
        named(&run, &name),
        str![[r#"
web-login as it is → c0ffee1, lost: title
  title Fix the login → Mend the login
  priority 0 → 2
  description
    @@ -1 +1,2 @@
    -One.
    +One.
    +Two.

"#]]
    );
    let diff = env.json(["attic", "diff", &name]);
    assert_eq!(diff["deleted"], false);
    assert_eq!(diff["changes"][0]["new"], "Mend the login");
}

#[test]
fn several_copies_need_a_name() {
    let env = tracker();
    let first = lose_issue(&env, "web-login", &[TITLE], &["title"]);
    let content = text(&env, "web-login").replace("One.", "Won.");
    let id = id(&env, "web-login");
    let second = lose(&env, &issue_path(id), &id.to_string(), &content, &["description"], 5);
    let run = env.qp(["attic", "restore", "web-login"]).exits(4);
    assert_eq!(
        run.stderr,
        format!(
            "error: web-login fits 2 copies in the attic\nhint: one of {second} (2026-01-07T09:00:00.005Z), {first} (2026-01-07T09:00:00.000Z)\n"
        )
    );
    assert_eq!(env.json(["attic"])[0]["entry"], second.as_str(), "the last written stands first");
    assert!(env.qp(["show", "web-login"]).stdout.contains("Attic: 2 copies"));
    env.qp(["attic", "restore", &first]).success();
    env.qp(["attic", "restore", "web-login"]).success();
    assert_eq!(env.json(["attic"]), serde_json::json!([]));
    snapshot!(
        env.qp(["attic", "show", "nothing"]),
        str![[r#"
[stderr]
error: no copy nothing in the attic
hint: qp attic list shows what is there
[exit 3]

"#]]
    );
}

#[test]
fn the_same_content_twice_is_named_by_its_path() {
    let env = tracker();
    for (path, number) in [("memories/a.md", 1), ("memories/b.md", 2)] {
        lose(&env, path, path, "the same\n", &["issue"], number);
    }
    let list = env.json(["attic"]);
    assert_eq!(list[0]["entry"], list[0]["path"]);
    assert_eq!(list[0]["file"], "memories/b.md");
    assert_eq!(list[0].get("id"), None);
    env.qp(["attic", "restore", list[0]["entry"].as_str().unwrap()]).success();
    assert_eq!(env.git_out(&["show", "quipu-sync:memories/b.md"]), "the same\n");
    assert_eq!(env.json(["attic"])[0]["file"], "memories/a.md");
}

#[test]
fn drops_copies_and_undo_brings_them_back() {
    let env = tracker();
    let name = lose_issue(&env, "web-login", &[TITLE], &["title"]);
    let before = kept(&env);
    let run = env.qp(["attic", "drop", "web-login", "--dry-run"]);
    snapshot!(
        named(&run, &name),
        str![[r#"
would drop c0ffee1 of web-login

"#]]
    );
    assert_eq!(kept(&env), before);
    let run = env.qp(["attic", "drop", &name]);
    snapshot!(
        named(&run, &name),
        str![[r#"
dropped c0ffee1 of web-login
[stderr]
qp undo brings back what was dropped

"#]]
    );
    assert_eq!(kept(&env), "");
    assert_eq!(env.git_out(&["ls-tree", "--name-only", "quipu-sync"]), "issues\nquipu.yml\n");
    let subject = env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]);
    assert_eq!(subject.trim(), format!("drop {name} of web-login from the attic"));
    env.qp(["undo"]).success();
    assert_eq!(kept(&env), before);
    assert_eq!(env.json(["attic"])[0]["actor"], "bob");
    let dropped = env.json(["attic", "drop", "--all"]);
    assert_eq!(dropped["dropped"][0]["entry"], name);
    assert_eq!(kept(&env), "");
    env.qp(["attic", "drop"]).exits(2);
    env.fsck();
}

#[test]
fn without_the_merge_what_differs_is_named() {
    let env = tracker();
    let id = id(&env, "web-login");
    let content = text(&env, "web-login").replace("One.", "Won.");
    let blob = env.git_stdin(&["hash-object", "--stdin"], &content);
    let path = attic_path(id, Timestamp::from_millis(LOST_AT), blob.trim());
    env.commit_file(&path, Some(&content));
    let run = env.qp(["attic"]);
    snapshot!(
        named(&run, &blob[..7]),
        str![[r#"
c0ffee1  web-login  description  somebody, 2026-01-07 09:00 UTC  Fix the login

"#]]
    );
    let run = env.qp(["attic", "restore", "web-login"]);
    snapshot!(
        named(&run, &blob[..7]),
        str![[r#"
[stderr]
error: which parts lost is not known: the history here does not reach back to the merge
hint: qp attic diff c0ffee1 shows what differs, then --field PART or --whole
[exit 6]

"#]]
    );
    env.qp(["attic", "restore", "web-login", "--whole"]).success();
    assert_eq!(env.json(["show", "web-login"])[0]["description"], "Won.\nTwo.");
    assert_eq!(kept(&env), "");
}

#[test]
fn a_copy_that_cannot_be_read_is_shown_and_no_more() {
    let env = tracker();
    let id = id(&env, "web-login");
    let content = "<<<<<<< ours\n\u{1b}[31mred\r\n";
    let name = lose(&env, &issue_path(id), &id.to_string(), content, &["issue"], 0);
    assert_eq!(env.qp(["attic", "show", &name]).success().stdout, content);
    for action in ["diff", "restore"] {
        let run = env.qp(["attic", action, &name]).exits(5);
        assert!(run.stderr.contains("the copy cannot be read: line 1"), "{run}");
    }
    assert_eq!(env.json(["attic"])[0]["parts"], serde_json::json!(["issue"]));
}

#[test]
fn an_issue_that_cannot_be_read_is_neither_deleted_nor_overwritten() {
    let env = tracker();
    let path = issue_path(id(&env, "web-login"));
    let name = lose_issue(&env, "web-login", &[TITLE], &["title"]);
    env.commit_file(&path, Some("<<<<<<< ours\n"));
    assert!(!env.qp(["attic"]).success().stdout.contains("deleted"));
    for args in [&["diff", &name][..], &["restore", &name], &["restore", &name, "--whole"]] {
        let run = env.qp([&["attic"], args].concat()).exits(5);
        assert!(run.stderr.contains(&format!("error: {path} cannot be read")), "{run}");
    }
}

#[test]
fn a_shallow_history_knows_less() {
    let env = tracker();
    lose_issue(&env, "web-login", &[TITLE, TEXT], &["title"]);
    let clone = |name: &str| {
        let url = format!("file://{}", env.repo().display());
        env.run_git(env.root(), &["clone", "-q", "--depth", "1", "-b", "quipu-sync", &url, name]);
        let folder = env.root().join(name);
        env.qp_in(&folder, ["attic", "--json"], &[], "").success().json()[0].clone()
    };
    let copy = clone("merge");
    assert_eq!(copy["parts"], serde_json::json!(["title"]));
    assert_eq!((copy.get("actor"), copy["merge"].as_str().map(str::len)), (None, Some(40)));
    env.create(["Another one"]);
    let copy = clone("later");
    assert_eq!(copy["parts"], serde_json::json!(["title", "description"]));
    assert_eq!(copy.get("merge"), None);
}

#[test]
fn hostile_names_do_no_harm() {
    let env = tracker();
    lose_issue(&env, "web-login", &[TITLE], &["title", "a b,c", "\u{1b}[31m", "no such part"]);
    env.commit_file("attic/odd.md", Some("x"));
    env.commit_file("attic/files/x.md/noise", Some("x"));
    env.commit_file("attic/1/2/x/1-0123456789abcdef.md", Some("x"));
    let run = env.qp(["attic"]).success();
    assert!(run.stdout.contains("a b,c, ␛[31m"), "{run}");
    assert_eq!(run.stdout.lines().count(), 1, "{run}");
    assert_eq!(env.json(["attic"])[0]["parts"][2], "\u{1b}[31m");
    env.qp(["attic", "restore", "web-login"]).success();
    assert_eq!(env.json(["show", "web-login"])[0]["title"], "Mend the login");
}
