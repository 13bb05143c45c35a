//! Queries on the command line, and `qp query`.

use crate::env::Env;
use crate::snapshot;

fn scene() -> Env {
    let env = Env::new();
    env.create(["Log out idle users", "--id", "web-a1", "-l", "auth", "-p", "1", "-t", "bug"]);
    env.create(["Crash on start", "--id", "web-b2", "-l", "ui,wip", "-p", "0", "-d", "The parser panics"]);
    env.create(["Child", "--id", "web-c4", "-a", "alice", "--deps", "web-a1"]);
    env.create(["Old", "--id", "web-d5", "-l", "auth"]);
    env.qp(["close", "web-d5"]).success();
    env
}

fn keys(env: &Env, args: &[&str]) -> String {
    let rows = env.json(args);
    let keys = rows.as_array().expect("rows").iter().map(|row| row["id"].as_str().expect("a key").to_owned());
    keys.collect::<Vec<_>>().join(" ")
}

#[test]
fn queries_select_beside_the_flags() {
    let env = scene();
    assert_eq!(keys(&env, &["list", "label:auth"]), "web-a1");
    assert_eq!(keys(&env, &["list", "label:auth is:all", "--status", "closed"]), "web-d5");
    assert_eq!(keys(&env, &["list", "priority:0..1", "-label:wip"]), "web-a1");
    assert_eq!(keys(&env, &["list", "-(label:auth OR label:ui)"]), "web-c4");
    assert_eq!(keys(&env, &["list", "desc:PARSER"]), "web-b2");
    assert_eq!(keys(&env, &["list", "no:description -assignee:me"]), "web-a1");
    assert_eq!(keys(&env, &["list", "closed"]), "web-d5");
    assert_eq!(keys(&env, &["list", "web-d5", "web-a1"]), "web-a1 web-d5");
    assert_eq!(keys(&env, &["list", "created:today"]), "web-b2 web-a1 web-c4");
    assert_eq!(keys(&env, &["ready", "label:auth"]), "web-a1");
    assert_eq!(keys(&env, &["ready", "desc:parser OR label:auth"]), "web-b2 web-a1");
    assert_eq!(keys(&env, &["blocked", "blocked-by:web-a1"]), "web-c4");
    assert_eq!(keys(&env, &["blocked", "label:auth"]), "");
}

#[test]
fn search_keeps_its_words_and_takes_conditions() {
    let env = scene();
    assert_eq!(keys(&env, &["search", "users", "label:auth"]), "web-a1");
    assert_eq!(keys(&env, &["search", "o", "-label:ui", "is:open"]), "web-a1");
    assert_eq!(keys(&env, &["search", "label:auth"]), "web-a1 web-d5");
    assert_eq!(keys(&env, &["search", "foo:bar"]), "");
    env.create(["see label:auth OR (x)", "--id", "web-e6"]);
    assert_eq!(keys(&env, &["search", "\"label:auth\""]), "web-e6");
    assert_eq!(keys(&env, &["search", "OR", "(x)"]), "web-e6");
}

#[test]
fn watch_waits_for_what_fits() {
    let env = scene();
    env.run_git(env.root(), &["init", "-q", "--bare", "hub.git"]);
    env.git_out(&["remote", "add", "origin", "../hub.git"]);
    env.qp(["update", "web-b2", "-p", "2"]).success();
    let watch =
        |query: &str| env.qp(["watch", query, "--since", "quipu-sync~1", "--timeout", "0", "--short"]);
    assert!(watch("label:ui").success().stdout.contains("web-b2"));
    assert!(watch("desc:parser").success().stdout.contains("web-b2"));
    watch("label:auth").exits(1);
    watch("desc:nothing").exits(1);
}

#[test]
fn errors_show_the_place() {
    let env = scene();
    snapshot!(
        env.qp(["list", "is:open lable:auth"]),
        r#"[stderr]
error: unknown field "lable"
  is:open lable:auth
          ^^^^^
hint: did you mean label:auth?
[exit 2]
"#
    );
    snapshot!(
        env.qp(["ready", "日本 is:redy"]),
        r#"[stderr]
error: unknown state "redy"
  日本 is:redy
          ^^^^
hint: did you mean ready?
[exit 2]
"#
    );
    snapshot!(
        env.qp(["list", "is:open lable:auth", "--json"]),
        r#"[stderr]
{"error":"unknown field \"lable\"","code":"invalid_query","exit":2,"hint":"did you mean label:auth?","column":9}
[exit 2]
"#
    );
    let long = format!("{} lable:auth \u{1b}[31m{}", "word ".repeat(60), "x".repeat(500));
    let run = env.qp(["list", &long]).exits(2);
    assert!(run.stderr.lines().count() <= 6 && run.stderr.lines().all(|l| l.chars().count() < 110), "{run}");
    assert!(!run.stderr.contains('\u{1b}'), "{run}");
    snapshot!(
        env.qp(["list", "closed", "login"]),
        "[stderr]\nno issue fits; closed is a word of the title here: is:closed\n"
    );
    snapshot!(
        env.qp(["list", "done"]),
        "[stderr]\nno issue fits; done is a word of the title here: is:closed\n"
    );
}

#[test]
fn queries_are_saved_for_everybody() {
    let env = scene();
    snapshot!(
        env.qp(["query", "save", "mine", "is:open", "assignee:me"]),
        "saved @mine: is:open assignee:me\n[stderr]\nnext: qp list @mine\n"
    );
    assert_eq!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]),
        "save query mine: is:open assignee:me\n"
    );
    assert!(env.git_out(&["show", "quipu-sync:quipu.yml"]).contains("query.mine: is:open assignee:me\n"));
    assert_eq!(keys(&env, &["list", "@mine"]), "web-c4");
    assert_eq!(keys(&env, &["query", "run", "mine"]), "web-c4");
    assert_eq!(keys(&env, &["query", "run", "mine", "label:x OR label:y"]), "");
    assert_eq!(keys(&env, &["search", "@mine"]), "web-c4");
    env.qp(["query", "save", "two", "@mine OR label:\"wip\""]).success();
    assert_eq!(keys(&env, &["list", "@two"]), "web-b2 web-c4");
    snapshot!(env.qp(["query", "list"]), "@mine  is:open assignee:me\n@two   @mine OR label:\"wip\"\n");
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    env.qp(["query", "save", "mine", "is:open assignee:me"]).success();
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip, "nothing changed");
    snapshot!(env.qp(["query", "delete", "two"]), "deleted @two\n");
    snapshot!(
        env.qp(["query", "delete", "mien"]),
        "[stderr]\nerror: no saved query \"mien\"\nhint: did you mean mine?\n[exit 3]\n"
    );
    env.qp(["undo"]).success();
    assert_eq!(env.json(["query", "list"]).as_array().expect("two").len(), 2);
}

#[test]
fn what_cannot_be_asked_is_not_saved() {
    let env = scene();
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    env.qp(["query", "save", "Bad Name", "is:open"]).exits(2);
    env.qp(["query", "save", "", "is:open"]).exits(2);
    env.qp(["query", "save", "bad", "lable:x"]).exits(2);
    env.qp(["query", "save", "bad", ""]).exits(2);
    env.qp(["query", "save", "bad", "is:open OR @bad"]).exits(3);
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
}

#[test]
fn hand_written_settings_do_no_harm() {
    let env = scene();
    let settings = env.git_out(&["show", "quipu-sync:quipu.yml"]);
    let more = "query.odd: [a, b]\nquery.quoted: \"title:\\\"log out\\\"\"\nquery.lines: |\n  is:open\n  label:auth\n";
    env.commit_file("quipu.yml", Some(&format!("{settings}{more}")));
    assert_eq!(keys(&env, &["list", "@quoted"]), "web-a1");
    assert_eq!(keys(&env, &["list", "@lines"]), "web-a1");
    env.qp(["list", "@odd"]).exits(3);
    env.qp(["query", "save", "new", "is:open"]).success();
    assert!(env.git_out(&["show", "quipu-sync:quipu.yml"]).contains("query.odd: [a, b]\n"));
}

#[test]
fn two_clones_save_at_once() {
    let env = scene();
    env.run_git(env.root(), &["init", "-q", "--bare", "hub.git"]);
    env.git_out(&["remote", "add", "origin", "../hub.git"]);
    env.qp(["sync"]).success();
    env.run_git(env.root(), &["clone", "-q", "hub.git", "other"]);
    let other = env.root().join("other");
    let there = |args: &[&str]| env.qp_in(&other, args, &[], "").success();
    there(&["query", "save", "b", "label:b"]);
    there(&["query", "save", "same", "label:b"]);
    env.qp(["query", "save", "a", "label:a"]).success();
    env.qp(["query", "save", "same", "label:a"]).success();
    there(&["sync"]);
    env.qp(["sync"]).success();
    there(&["sync"]);
    let here = env.qp(["query", "list"]).success().stdout;
    assert_eq!(here, "@a     label:a\n@b     label:b\n@same  label:a\n");
    assert_eq!(there(&["query", "list"]).stdout, here);
    assert!(env.qp(["attic"]).stdout.contains("quipu.yml"), "the query that lost is kept");
}
