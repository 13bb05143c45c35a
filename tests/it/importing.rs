//! `qp import` and `qp export`: one commit, once and again, beside what people do here.

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

const FIRST: &str = r#"{"id":"bd-a1","title":"Login fails","status":"open","priority":1,"issue_type":"bug","created_at":"2025-12-01T10:00:00Z","updated_at":"2025-12-01T10:00:00Z","description":"Since Monday."}
{"id":"bd-a2","title":"Write the docs","status":"open","priority":2,"issue_type":"task","created_at":"2025-12-01T11:00:00Z","updated_at":"2025-12-01T11:00:00Z","labels":["docs"],"dependencies":[{"issue_id":"bd-a2","depends_on_id":"bd-a1","type":"blocks","created_at":"2025-12-01T11:00:00Z"}]}
{"id":"bd-a3","title":"Old thing","status":"closed","priority":3,"issue_type":"task","created_at":"2025-12-01T12:00:00Z","updated_at":"2025-12-02T12:00:00Z","closed_at":"2025-12-02T12:00:00Z"}
"#;

fn import(env: &Env, text: &str) -> crate::env::Run {
    std::fs::write(env.repo().join("in.jsonl"), text).expect("the input is written");
    env.qp(["import", "in.jsonl"])
}

fn commits(env: &Env) -> usize {
    env.git_out(&["rev-list", "--count", "quipu-sync"]).trim().parse().expect("a number")
}

fn field(env: &Env, key: &str, name: &str) -> String {
    env.json(["show", key])[0][name].as_str().unwrap_or_default().to_owned()
}

#[test]
fn one_import_is_one_commit() {
    let env = Env::new();
    let before = commits(&env);
    snapshot!(
        import(&env, FIRST),
        str![[r#"
imported 3 records from beads: 3 new, 0 changed, 0 unchanged

"#]]
    );
    assert_eq!(commits(&env), before + 1);
    assert!(env.git_out(&["log", "-1", "--format=%B", "quipu-sync"]).contains("Quipu-Source: beads-bd"));
    snapshot!(
        env.qp(["list", "--all"]),
        str![[r#"
bd-a1  P1  bug   Login fails
bd-a2  P2  task  Write the docs #docs
bd-a3  P3  task  [closed] Old thing

"#]]
    );
    snapshot!(
        import(&env, FIRST),
        str![[r#"
imported 3 records from beads: 0 new, 0 changed, 3 unchanged

"#]]
    );
    assert_eq!(commits(&env), before + 1, "an import that brings nothing makes no commit");
    env.fsck();
}

#[test]
fn a_second_import_brings_changes_and_leaves_edits() {
    let env = Env::new();
    import(&env, FIRST).success();
    env.qp(["close", "bd-a1", "-r", "fixed here"]).success();
    let second = FIRST
        .replace("Since Monday.", "Since Sunday.")
        .replace("Write the docs", "Write all the docs")
        .replace(r#""labels":["docs"]"#, r#""labels":["docs","help"]"#);
    snapshot!(
        import(&env, &second),
        str![[r#"
imported 3 records from beads: 0 new, 2 changed, 1 unchanged

"#]]
    );
    assert_eq!(field(&env, "bd-a1", "description"), "Since Sunday.");
    assert_eq!(field(&env, "bd-a1", "status"), "closed", "closed here, open at the source: closed");
    assert_eq!(field(&env, "bd-a2", "title"), "Write all the docs");
}

/// The base of an import is what the source said the last time, not what the tracker held then: with the latter
/// the third import would take the edit back.
#[test]
fn the_third_import_does_not_take_an_edit_back() {
    let env = Env::new();
    import(&env, FIRST).success();
    env.qp(["undo"]).success();
    import(&env, FIRST).success();
    env.qp(["update", "bd-a1", "--title", "Login fails on Mondays"]).success();
    import(&env, &FIRST.replace("Old thing", "Older thing")).success();
    import(&env, &FIRST.replace("Old thing", "Oldest thing")).success();
    assert_eq!(field(&env, "bd-a1", "title"), "Login fails on Mondays");
    assert_eq!(field(&env, "bd-a3", "title"), "Oldest thing");
}

#[test]
fn what_both_changed_stays_as_it_is_here_and_is_named() {
    let env = Env::new();
    import(&env, FIRST).success();
    env.qp(["update", "bd-a1", "--title", "Login fails on Mondays"]).success();
    std::fs::write(env.repo().join("in.jsonl"), FIRST.replace("Login fails", "Login is broken"))
        .expect("written");
    let report = env.json(["import", "in.jsonl"]);
    assert_eq!(report["kept"][0]["id"], "bd-a1");
    assert_eq!(report["kept"][0]["field"], "title");
    assert_eq!(field(&env, "bd-a1", "title"), "Login fails on Mondays");
}

#[test]
fn what_was_deleted_here_stays_deleted() {
    let env = Env::new();
    import(&env, FIRST).success();
    env.qp(["delete", "bd-a2"]).success();
    snapshot!(
        import(&env, &FIRST.replace("Write the docs", "Write more docs")),
        str![[r#"
imported 3 records from beads: 0 new, 0 changed, 2 unchanged
  1 was deleted here and stays deleted

"#]]
    );
    env.qp(["show", "bd-a2"]).exits(3);
}

#[test]
fn what_the_source_has_no_more_stays_here() {
    let env = Env::new();
    import(&env, FIRST).success();
    let first_line = FIRST.lines().next().expect("a line").to_owned() + "\n";
    snapshot!(
        import(&env, &first_line),
        str![[r#"
imported 1 record from beads: 0 new, 0 changed, 1 unchanged
  2 are no longer at the source and stay here

"#]]
    );
    assert_eq!(env.json(["list", "--all"]).as_array().map(Vec::len), Some(3));
}

#[test]
fn two_clones_import_the_same_issues() {
    let (one, two) = (Env::new(), Env::new());
    two.pass(86_400_000);
    import(&one, FIRST).success();
    import(&two, FIRST).success();
    let tree = |env: &Env| env.git_out(&["rev-parse", "quipu-sync:issues"]);
    assert_eq!(tree(&one), tree(&two));
}

#[test]
fn nothing_aborts_the_batch() {
    let env = Env::new();
    let broken = format!("not json\n{FIRST}[1,2]\n{{\"id\":\"bd-x\"}}\n<<<<<<< HEAD\n");
    snapshot!(
        import(&env, &broken),
        str![[r#"
imported 3 of 6 records from beads: 3 new, 0 changed, 0 unchanged
  1 skipped: no title
  1 skipped: not an object
  1 skipped: not json
    line 1: not JSON: expected ident at column 2
    line 5: not a JSON object
    line 6: bd-x: the record has no title
  1 with a warning: conflict marker
    line 7: a git conflict marker; the records of both sides were read, the newer of two wins

"#]]
    );
}

#[test]
fn a_dry_run_writes_nothing() {
    let env = Env::new();
    let before = commits(&env);
    std::fs::write(env.repo().join("in.jsonl"), FIRST).expect("written");
    snapshot!(
        env.qp(["import", "in.jsonl", "--dry-run"]),
        str![[r#"
would import 3 records from beads: 3 new, 0 changed, 0 unchanged

"#]]
    );
    assert_eq!(commits(&env), before);
    assert_eq!(env.json(["list", "--all"]).as_array().map(Vec::len), Some(0));
}

#[test]
fn standard_input_is_a_source() {
    let env = Env::new();
    env.qp_stdin(["import", "-"], FIRST).success();
    assert_eq!(field(&env, "bd-a1", "title"), "Login fails");
}

#[test]
fn errors_name_the_source() {
    let env = Env::new();
    std::fs::write(env.repo().join("prose.txt"), "nothing of use\n").expect("written");
    snapshot!(
        env.qp(["import", "missing.jsonl"]),
        str![[r#"
[stderr]
error: missing.jsonl cannot be read: No such file or directory (os error 2)
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["import", "prose.txt"]),
        str![[r#"
[stderr]
error: prose.txt holds no JSON Lines
hint: Beads exports JSON Lines; a folder of Markdown files is given as the folder
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["import"]),
        str![[r#"
[stderr]
error: import needs a source
hint: qp import FILE, or qp import --from tbd
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["import", "--from", "tbd"]),
        str![[r#"
[stderr]
error: no branch tbd-sync in that repository
hint: git fetch, or name the branch
[exit 3]

"#]]
    );
    snapshot!(
        Env::git().qp(["import", "-"]),
        str![[r#"
[stderr]
error: no tracker here: there is no branch quipu-sync
hint: qp init
[exit 9]

"#]]
    );
}

#[test]
fn an_export_imports_into_equal_issues() {
    let (one, two) = (Env::new(), Env::new());
    let design = one.create([
        "Design: the \"timeout\" <1h>",
        "-l",
        "auth,no",
        "-d",
        "line 1\r\n\n<!-- qp:x -->\n",
        "--paths",
        "src/**",
    ]);
    one.create(["Build", "--deps", &design, "--metadata", r#"{"n": 1.50, "s": "no"}"#]);
    one.qp(["comment", &design, "A\n\ncomment"]).success();
    one.qp(["claim", &design]).success();
    let text = one.qp(["export"]).success().stdout;
    two.qp_stdin(["import", "-"], &text).success();
    assert_eq!(
        one.git_out(&["rev-parse", "quipu-sync:issues"]),
        two.git_out(&["rev-parse", "quipu-sync:issues"])
    );
    assert_eq!(two.qp(["export"]).success().stdout, text);
}

#[test]
fn a_folder_of_markdown_goes_out_and_in() {
    let (one, two) = (Env::new(), Env::new());
    import(&one, FIRST).success();
    snapshot!(
        one.qp(["export", "--markdown", "out"]),
        str![[r#"
exported 3 issues to out

"#]]
    );
    let folder = one.repo().join("out");
    two.qp(["import", folder.to_str().expect("UTF-8")]).success();
    assert_eq!(
        one.git_out(&["rev-parse", "quipu-sync:issues"]),
        two.git_out(&["rev-parse", "quipu-sync:issues"])
    );
}

#[test]
fn an_export_to_a_file_says_so() {
    let env = Env::new();
    import(&env, FIRST).success();
    snapshot!(
        env.qp(["export", "-o", "out.jsonl", "--status", "open"]),
        str![[r#"
exported 2 issues to out.jsonl

"#]]
    );
    let text = std::fs::read_to_string(env.repo().join("out.jsonl")).expect("the file");
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn a_dash_is_standard_output() {
    let env = Env::new();
    import(&env, FIRST).success();
    let all = env.qp(["export"]).success().stdout;
    for file in ["-o", "--output"] {
        assert_eq!(env.qp(["export", file, "-"]).success().stdout, all);
    }
    let run = env.qp(["export", "--markdown", "-"]).exits(2);
    assert!(run.stderr.contains("no folder"), "{run}");
    let run = env.qp(["import", "--from", "markdown", "-"]).exits(2);
    assert!(run.stderr.contains("cannot come by standard input"), "{run}");
    let run = env.qp_stdin(["import", "-"], "# A plan\n").exits(5);
    assert!(run.stderr.contains("standard input holds no JSON Lines"), "{run}");
    assert_eq!(env.qp(["man", "-"]).success().stdout, env.qp(["man"]).success().stdout);
    assert!(!env.repo().join("-").exists());
}

/// Memories and what other integrations keep lie beside the issues that the source had the last time.
#[test]
fn a_memory_is_not_counted_among_the_issues_that_are_gone() {
    let env = Env::new();
    let text =
        format!("{FIRST}{}\n", r#"{"_type":"memory","key":"staging","value":"Use the staging database"}"#);
    import(&env, &text).success();
    snapshot!(
        import(&env, &text),
        str![[r#"
imported 4 records from beads: 0 new, 0 changed, 3 unchanged
  1 memory

"#]]
    );
    let last: String =
        text.lines().filter(|line| !line.contains("bd-a3")).map(|l| format!("{l}\n")).collect();
    snapshot!(
        import(&env, &last),
        str![[r#"
imported 3 records from beads: 0 new, 0 changed, 2 unchanged
  1 memory
  1 is no longer at the source and stays here

"#]]
    );
}
