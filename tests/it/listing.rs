//! What listings share: flags that select by texts, fields, plain lines, graphs, and flags of other trackers.

use serde_json::{Value, json};
use snapbox::str;

use crate::env::{Env, QP, Run};
use crate::snapshot;

fn some() -> Env {
    let env = Env::new();
    env.create(["Whole", "-t", "epic", "--id", "web-a", "-p", "3", "-d", "About the Timer and more"]);
    env.create(["Part", "--id", "web-b", "--parent", "web-a", "--notes", "idle  words", "-l", "x,y"]);
    env.create(["Next", "--id", "web-c", "--deps", "web-b", "--metadata", r#"{"team":"core","size":3}"#]);
    env.create(["Later", "--id", "web-d", "--defer", "2026-02-01", "-d", "timer"]);
    env
}

fn ids(value: &Value) -> Vec<&str> {
    value.as_array().expect("an array").iter().map(|row| row["id"].as_str().expect("an id")).collect()
}

#[track_caller]
fn lists(env: &Env, args: &[&str], expected: &[&str]) {
    assert_eq!(ids(&env.json(args.to_vec())), expected, "{args:?}");
}

/// Runs the program by another name.
fn by_name(env: &Env, name: &str, args: &[&str]) -> Run {
    let link = env.root().join(name);
    if !link.exists() {
        std::os::unix::fs::symlink(QP, &link).expect("a link");
    }
    env.shell(&env.repo(), &format!("'{}' {}", link.display(), args.join(" ")))
}

#[test]
fn texts_select() {
    let env = some();
    lists(&env, &["list", "--desc-contains", "timer"], &["web-d", "web-a"]);
    lists(&env, &["list", "--desc-contains", "TIMER and"], &["web-a"]);
    lists(&env, &["list", "--desc-contains", "timer", "-t", "epic"], &["web-a"]);
    lists(&env, &["list", "--notes-contains", "idle  w"], &["web-b"]);
    lists(&env, &["list", "--notes-contains", "idle w"], &[]);
    lists(&env, &["list", "--empty-description"], &["web-b", "web-c"]);
    lists(&env, &["ready", "--notes-contains", "idle"], &["web-b"]);
    lists(&env, &["ready", "--desc-contains", "timer"], &[]);
    lists(&env, &["blocked", "--empty-description"], &["web-c"]);
    lists(&env, &["blocked", "--desc-contains", "x"], &[]);
    lists(&env, &["search", "timer", "--desc-contains", "and more"], &["web-a"]);
    let explained = env.json(["ready", "--explain", "--empty-description"]);
    assert_eq!(ids(&explained["ready"]), ["web-b"]);
    assert_eq!(ids(&explained["blocked"]), ["web-c"]);
}

#[test]
fn many_issues_are_selected_by_texts_as_few_are() {
    let env = Env::new();
    let mut plan = String::new();
    for number in 0..90 {
        let text = if number % 9 == 0 { "The hidden Word here" } else { "nothing" };
        let title = if number % 2 == 0 { "Word" } else { "Title" };
        plan.push_str(&format!(
            "{{\"id\":\"web-n{number}\",\"title\":\"{title} {number}\",\"description\":\"{text}\"}}\n"
        ));
    }
    env.qp_stdin(["import", "-"], &plan).success();
    let found = env.json(["list", "--limit", "0", "--desc-contains", "hidden word"]);
    assert_eq!(ids(&found).len(), 10);
    let again = env.json(["list", "--limit", "0", "--desc-contains", "hidden word"]);
    assert_eq!(found, again, "with the search file that the first made");
    lists(
        &env,
        &["list", "--limit", "0", "--desc-contains", "hidden word", "--title", "title 9"],
        &["web-n9"],
    );
}

#[test]
fn front_matter_selects() {
    let env = some();
    lists(&env, &["list", "--defer-after", "2026-01-15"], &["web-d"]);
    lists(&env, &["list", "--defer-before", "2026-01-15"], &[]);
    lists(&env, &["list", "--metadata-field", "team=core"], &["web-c"]);
    lists(&env, &["list", "--metadata-field", "team=core", "--metadata-field", "size=3"], &["web-c"]);
    lists(&env, &["list", "--metadata-field", "team=other"], &[]);
    lists(&env, &["list", "--ready"], &["web-b"]);
    lists(&env, &["list", "--ready", "-t", "epic"], &[]);
    lists(&env, &["list", "--priority-min", "3"], &["web-a"]);
    lists(&env, &["list", "--priority-max", "2"], &["web-b", "web-c", "web-d"]);
    lists(&env, &["ready", "--include-deferred"], &["web-b", "web-d"]);
    lists(&env, &["ready", "--parent", "web-a"], &["web-b"]);
    snapshot!(
        env.qp(["ready", "--include-deferred"]),
        str![[r#"
web-b  P2  task  Part #x #y  (unblocks 1)
web-d  P2  task  Later  (deferred until 2026-02-01T00:00:00.000Z)

"#]]
    );
    snapshot!(
        env.qp(["list", "--metadata-field", "team"]),
        str![[r#"
[stderr]
error: "team" is not NAME=VALUE
hint: --metadata-field team=core
[exit 2]

"#]]
    );
}

#[test]
fn fields_are_chosen() {
    let env = some();
    assert_eq!(
        env.qp(["list", "--fields", "title,type", "-t", "epic"]).success().json(),
        json!([{"id": "web-a", "title": "Whole", "issue_type": "epic"}])
    );
    assert_eq!(
        env.json(["ready", "--fields", "unblocks", "--fields", "notes"]),
        json!([{"id": "web-b", "notes": "idle  words", "unblocks": 1}])
    );
    assert_eq!(
        env.json(["search", "part", "--fields", "matched_in,parent"]),
        json!([{"id": "web-b", "parent": "web-a", "matched_in": ["title"]}])
    );
    assert_eq!(
        env.json(["blocked", "--fields", "blocked-by"]),
        json!([{"id": "web-c", "blocked_by": ["web-b"]}])
    );
    let explained = env.json(["ready", "--explain", "--fields", "reason"]);
    assert_eq!(explained["ready"], json!([{"id": "web-b", "reason": "nothing blocks it"}]));
    assert_eq!(explained["summary"]["total_ready"], 1);
    snapshot!(
        env.qp(["list", "--fields", "id,titel"]),
        str![[r#"
[stderr]
{"error":"\"titel\" is not a field of these rows","code":"usage","exit":2,"hint":"qp list --fields id,title"}
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["list", "--json", "--fields", "desc"]),
        str![[r#"
[stderr]
{"error":"\"desc\" is not a field of these rows","code":"usage","exit":2,"hint":"qp list --json --fields description"}
[exit 2]

"#]]
    );
    // What another command adds is no field here.
    env.qp(["list", "--fields", "matched_in"]).exits(2);
    env.qp(["list", "--fields", "nonsense"]).exits(2);
    env.qp(["list", "--fields", ""]).exits(2);
}

#[test]
fn rows_leave_texts_out_unless_they_are_asked_for() {
    let env = some();
    env.qp(["update", "web-b", "-d", "a text"]).success();
    env.qp(["update", "web-c", "-d", "a text"]).success();
    for args in [&["list"][..], &["ready"], &["blocked"], &["search", "text"]] {
        let has = |value: &Value| value[0].get("description").is_some();
        assert!(!has(&env.json(args.to_vec())), "{args:?}");
        assert!(has(&env.json([args, &["--full"]].concat())), "{args:?} --full");
        let as_bd = by_name(&env, "bd", &[args, &["--json"]].concat()).success().json();
        assert!(has(&as_bd), "bd {args:?}");
        let few = by_name(&env, "bd", &[args, &["--fields", "title"]].concat()).success().json();
        assert!(!has(&few), "bd {args:?} --fields title");
    }
}

#[test]
fn plain_lines_have_single_spaces() {
    let env = some();
    env.qp(["claim", "web-b"]).success();
    snapshot!(
        env.qp(["list", "--plain", "--tree"]),
        str![[r#"
web-c P2 task Next
web-d P2 task Later
web-a P3 epic Whole
web-b P2 task [in_progress] Part #x #y @alice

"#]]
    );
    snapshot!(
        env.qp(["blocked", "--plain"]),
        str![[r#"
web-c P2 task Next (blocked by web-b "Part" (in_progress))

"#]]
    );
    let vars = [("COLUMNS", "20"), ("QP_TEST_TERMINAL", "1")];
    let run = env.qp_in(&env.repo(), ["list", "--plain"], &vars, "").success();
    assert_eq!(run.stdout, env.qp(["list", "--plain"]).stdout);
}

#[test]
fn the_limit_says_what_it_left_out() {
    let env = Env::new();
    let lines: String =
        (0..33).map(|n| format!("{{\"id\":\"web-n{n}\",\"title\":\"Issue {n}\"}}\n")).collect();
    env.qp_stdin(["import", "-"], &lines).success();
    for command in ["list", "ready"] {
        let run = env.qp([command]).success();
        assert_eq!(run.stdout.lines().count(), 30);
        assert_eq!(run.stderr, "… 3 more: --limit 0 shows all\n");
        assert_eq!(env.qp([command, "-n", "0"]).success().stderr, "");
    }
    let run = env.qp(["search", "issue", "-n", "32", "--json"]).success();
    assert_eq!(run.json().as_array().map(Vec::len), Some(32));
    assert_eq!(run.stderr, "… 1 more: --limit 0 shows all\n");
}

#[test]
fn listings_become_graphs() {
    let env = some();
    env.qp(["dep", "add", "web-c", "web-a", "-t", "related"]).success();
    snapshot!(
        env.qp(["list", "--format", "dot"]),
        str![[r#"
digraph dependencies {
  "web-a" [label="web-a: Whole [open]"];
  "web-b" [label="web-b: Part [open]"];
  "web-c" [label="web-c: Next [open]"];
  "web-d" [label="web-d: Later [open]"];
  "web-a" -> "web-b" [label="contains"];
  "web-c" -> "web-b" [label="waits for"];
}

"#]]
    );
    snapshot!(
        env.qp(["list", "--format=digraph"]),
        str![[r#"
web-b web-a
web-c web-b

"#]]
    );
    let drawn = env.qp(["list", "--format", "mermaid"]).success().stdout;
    assert!(drawn.starts_with("flowchart TD\n") && drawn.contains("-->|waits for|"), "{drawn}");
    assert_eq!(env.qp(["list", "--format", "digraph", "-t", "epic"]).success().stdout, "");
    assert_eq!(env.qp(["list", "--format", "json"]).success().json(), env.json(["list"]));
    snapshot!(
        env.qp(["list", "--format", "gotemplate"]),
        str![[r#"
[stderr]
error: there are no templates here
hint: qp list --fields id,title,status
[exit 2]

"#]]
    );
    env.qp(["list", "--format", "{{.ID}} {{.Title}}"]).exits(2);
    snapshot!(
        env.qp(["list", "--format", "digraf"]),
        str![[r#"
[stderr]
error: unknown format "digraf"
hint: qp list --format digraph
[exit 2]

"#]]
    );
}

#[test]
fn what_is_not_here_is_accepted_where_it_means_nothing_and_refused_where_it_would() {
    let env = some();
    let harmless =
        ["--include-templates", "--include-gates", "--include-infra", "--include-ephemeral", "--no-pinned"];
    for flag in harmless {
        assert_eq!(env.json(["list", flag]), env.json(["list"]), "{flag}");
        assert_eq!(env.json(["ready", flag]), env.json(["ready"]), "{flag}");
    }
    env.qp(["ready", "--pretty"]).success();
    snapshot!(
        env.qp(["ready", "--mol", "web-a"]),
        str![[r#"
[stderr]
error: there are no molecules here
hint: an epic has parts: qp ready --parent ID
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["ready", "--gated"]),
        str![[r#"
[stderr]
error: there are no gates here
hint: a blocker holds work up: qp blocked
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["list", "-w"]),
        str![[r#"
[stderr]
error: a listing is printed once
hint: qp watch waits for changes
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["show", "web-a", "--watch"]),
        str![[r#"
[stderr]
error: an issue is shown once
hint: qp watch --id web-a
[exit 2]

"#]]
    );
    env.qp(["list", "--pinned"]).exits(2);
    env.qp(["ready", "--claim", "--desc-contains", "x"]).exits(2);
    env.qp(["ready", "--claim", "--include-deferred"]).exits(2);
}

#[test]
fn show_leads_to_what_is_around() {
    let env = some();
    snapshot!(
        env.qp(["show", "web-a", "--children"]),
        str![[r#"
web-b  P2  task  Part #x #y

"#]]
    );
    snapshot!(
        env.qp(["show", "web-d", "--children"]),
        str![[r#"
[stderr]
web-d has no parts

"#]]
    );
    snapshot!(
        env.qp(["show", "web-b", "--refs"]),
        str![[r#"
web-c  P2  task  Next  (blocks web-b)

"#]]
    );
    snapshot!(
        env.qp(["show", "web-c", "web-d", "--refs"]),
        str![[r#"
[stderr]
nothing refers to web-c, web-d

"#]]
    );
    assert_eq!(env.json(["show", "web-d", "--refs"]), json!([]));
    assert_eq!(env.json(["show", "web-b", "--refs"])[0]["dependency_type"], "blocks");
    assert_eq!(env.json(["show", "web-a", "--children"])[0]["notes"], "idle  words");
    snapshot!(
        env.qp(["show", "--id", "web-d", "--short"]),
        str![[r#"
web-d  P2  task  Later

"#]]
    );
    assert_eq!(env.json(["show", "web-a", "--thread"]), env.json(["show", "web-a", "--long"]));
    let before = env.git_out(&["rev-parse", "quipu-sync"]).trim().to_owned();
    env.qp(["update", "web-d", "--title", "Renamed"]).success();
    assert_eq!(env.json(["show", "web-d", "--as-of", &before])[0]["title"], "Later");
    assert_eq!(env.json(["show", "web-d", "--as-of", "quipu-sync"])[0]["title"], "Renamed");
}

#[test]
fn show_current_is_what_the_caller_holds() {
    let env = some();
    snapshot!(
        env.qp(["show", "--current"]),
        str![[r#"
[stderr]
error: you hold no claim
hint: qp next claims an issue and shows it
[exit 3]

"#]]
    );
    env.qp_as("bob", ["claim", "web-b"]).success();
    env.qp(["show", "--current"]).exits(3);
    env.qp(["undefer", "web-d"]).success();
    env.qp(["claim", "web-d"]).success();
    assert_eq!(ids(&env.json(["show", "--current"])), ["web-d"]);
    let bobs = env.qp_as("bob", ["show", "--current", "--json"]).success().json();
    assert_eq!(ids(&bobs), ["web-b"]);
    env.qp(["show", "--current", "web-a"]).exits(2);
    env.qp(["show"]).exits(2);
}

/// What is asked for by a date is listed with it, and an empty list says what was left out.
#[test]
fn dates_that_were_asked_for_and_lists_without_issues() {
    let env = Env::new();
    let said = |args: &[&str]| env.qp(args.to_vec()).success().to_string();
    assert_eq!(said(&["list"]), "[stderr]\nno issues yet: qp create \"What is to be done\"\n");
    env.create(["Late", "--id", "web-late", "--due", "2026-01-02"]);
    env.create(["Later", "--id", "web-later", "--defer", "2026-02-01"]);
    snapshot!(
        said(&["list", "--overdue"]),
        str![[r#"
web-late  P2  task  Late  (due 2026-01-02 00:00 UTC)

"#]]
    );
    snapshot!(
        said(&["list", "--deferred"]),
        str![[r#"
web-later  P2  task  Later  (until 2026-02-01 00:00 UTC)

"#]]
    );
    let none = "[stderr]\nno issue fits; --all looks at closed ones too\n";
    assert_eq!(said(&["list", "-l", "none"]), none);
    assert_eq!(said(&["list", "--notes-contains", "none"]), none);
    env.qp(["close", "web-late", "web-later"]).success();
    assert_eq!(said(&["list"]), "[stderr]\nno open issues: qp list --all shows closed ones too\n");
}
