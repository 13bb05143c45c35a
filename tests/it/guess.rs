//! What is guessed: it does the one thing it can mean, or is answered with the corrected command line.

pub mod edits;
mod misspelt;
mod wishes;

use snapbox::str;

use crate::env::{Env, Run};
use crate::snapshot;

/// A tracker with three issues and a part.
fn tracker() -> Env {
    let env = Env::new();
    env.qp(["create", "Log users out", "--id", "web-1out", "-l", "auth"]).success();
    env.qp(["create", "Count clicks", "--id", "web-2clk"]).success();
    env.qp(["create", "Session work", "--id", "web-3epc", "-t", "epic"]).success();
    env.qp(["create", "Write it", "--id", "web-4prt", "--parent", "web-3epc"]).success();
    env
}

/// Returns the hint of a refusal of at most six lines.
#[track_caller]
fn hint(run: &Run) -> String {
    assert!(run.code != 0 && run.stderr.lines().count() <= 6 && run.stdout.is_empty(), "{run}");
    let line = run.stderr.lines().find_map(|line| line.strip_prefix("hint: "));
    line.unwrap_or_else(|| panic!("no hint: {run}")).to_owned()
}

#[test]
fn the_whole_line_is_corrected() {
    let env = tracker();
    for (typed, right) in [
        (&["clsoe", "web-1out", "-r", "it's done"][..], "qp close web-1out -r \"it's done\""),
        (&["Close", "web-1out"], "qp close web-1out"),
        (&["dep-add", "web-1out", "web-2clk"], "qp dep add web-1out web-2clk"),
        (&["depadd", "web-1out", "web-2clk"], "qp dep add web-1out web-2clk"),
        (&["dep", "ad", "web-1out", "web-2clk"], "qp dep add web-1out web-2clk"),
        (&["comment", "lst", "web-1out"], "qp comment list web-1out"),
        (&["label", "list_all"], "qp label list-all"),
        (&["deps", "add", "web-1out", "web-2clk"], "qp dep add web-1out web-2clk"),
        (&["deps", "web-1out"], "qp dep list web-1out"),
        (&["tags", "web-1out", "x"], "qp tag web-1out x"),
        (&["labels"], "qp label list-all"),
        (&["labels", "web-1out"], "qp label list web-1out"),
        (&["label", "web-1out"], "qp label list web-1out"),
        (&["label", "web-1out", "x"], "qp label add web-1out x"),
        (&["label", "show", "web-1out"], "qp label list web-1out"),
        (&["dep", "show", "web-1out"], "qp dep list web-1out"),
        (&["query", "show"], "qp query list"),
        (&["list", "--mine"], "qp list --assignee me"),
        (&["ready", "--assigned-to-me"], "qp ready --assignee me"),
        (&["done", "web-1out", "fixed"], "qp close web-1out -r fixed"),
        (&["defer", "web-1out", "+1w"], "qp defer web-1out --until \"+1w\""),
        (&["defer", "web-1out", "next monday"], "qp defer web-1out --until \"next monday\""),
        (&["info", "--whats-new"], "qp info --help lists its flags"),
        (&["issue", "close", "web-1out"], "qp close web-1out"),
        (&["issues", "list"], "qp list"),
        (&["bd", "ready"], "qp ready"),
        (&["issue", "Fix it"], "qp create \"Fix it\""),
        (&["re", "open", "web-1out"], "qp reopen web-1out"),
        (&["add", "A new thing"], "qp create \"A new thing\""),
        (&["unassign", "web-1out"], "qp release web-1out"),
        (&["list", "--stauts", "open"], "qp list --status open"),
        (&["list", "--stauts=open"], "qp list --status=open"),
        (&["list", "--exclude_type", "epic"], "qp list --exclude-type epic"),
        (&["create", "x", "--desc", "why"], "qp create x --description why"),
        (&["create", "x", "--tags", "a"], "qp create x --labels a"),
        (&["create", "Fix", "the", "login", "-p", "1"], "qp create \"Fix the login\" -p 1"),
        (&["list", "--output", "json"], "qp list --json"),
        (&["list", "--max", "3"], "qp list --limit 3"),
        (&["sync", "origin"], "qp sync --remote origin"),
        (&["push", "origin", "main", "-q"], "qp push --remote origin -q"),
        (&["commit", "-m", "x"], "qp sync exchanges them with the remote"),
        (&["--limit", "3", "list", "-p", "1"], "qp list --limit 3 -p 1"),
        (&["--all", "list"], "qp list --all"),
        (&["-n3", "list"], "qp list -n3"),
        (&["create", "x", "--priority"], "qp create --help"),
        (&["list", "--status", "done"], "qp list --status closed"),
        (&["list", "-sdone"], "qp list -sclosed"),
        (&["list", "--status=open,done"], "qp list --status=open,closed"),
        (&["list", "--sort", "priorty"], "qp list --sort priority"),
        (&["create", "high", "-p", "high"], "qp create high -p 1"),
        (&["update", "web-1out", "-t", "faeture"], "qp update web-1out -t feature"),
        (&["dep", "add", "web-1out", "web-2clk", "-t", "block"], "qp dep add web-1out web-2clk -t blocks"),
        (&["dep", "tree", "web-1out", "--direction", "dwon"], "qp dep tree web-1out --direction down"),
        (&["completions", "bsh"], "qp completions bash"),
        (&["show", "web-1oot"], "qp show web-1out"),
        (&["show", "bd-1out"], "qp show web-1out"),
        (&["close", "web_1out"], "qp close web-1out"),
        (&["close", "out"], "qp close web-1out"),
        // What takes something away is proposed for what was named, and for nothing else.
        (&["delete", "web-1oot"], "qp show web-1out"),
        (&["delet", "web-1out"], "qp delete web-1out"),
    ] {
        let run = env.qp(typed);
        assert_eq!(hint(&run), right, "{typed:?}: {run}");
    }
    assert_eq!(env.json(["list", "--all"]).as_array().map(Vec::len), Some(4));
}

#[test]
fn what_is_only_like_a_deletion_is_none() {
    let env = tracker();
    for word in ["select", "selected", "format", "relete", "forge"] {
        let run = env.qp([word, "web-1out"]);
        let hint = hint(&run);
        let near = word == "relete" || word == "forge";
        assert_eq!(hint.contains("delete") || hint.contains("forget"), near, "{run}");
    }
}

#[test]
fn other_words_for_values_teach_the_right_one() {
    let env = tracker();
    snapshot!(
        env.qp(["update", "web-1out", "--status", "done"]),
        str![[r#"
[stderr]
error: unknown status "done"
hint: qp update web-1out --status closed
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["close", "web-1oot"]),
        str![[r#"
[stderr]
error: no issue web-1oot; did you mean web-1out (Log users out)?
hint: qp close web-1out
[exit 3]

"#]]
    );
}

#[test]
fn commands_that_are_not_there_say_what_to_do_instead() {
    let env = tracker();
    let grammar = quipu::cli::grammar();
    for name in quipu::cli::names_elsewhere() {
        if grammar.find_subcommand(name).is_some() {
            continue;
        }
        let run = env.qp([name, "list", "x"]).exits(2);
        assert!(run.stderr.starts_with(&format!("error: no command {name}; ")), "{run}");
        assert_eq!(run.stderr.lines().count(), 2, "{run}");
    }
    snapshot!(
        env.qp(["mol", "pour", "release"]),
        str![[r#"
[stderr]
error: no command mol; quipu has no molecules or formulas: an epic with children is the plan
hint: qp create -f plan.md creates one from a file
[exit 2]

"#]]
    );
}

#[test]
fn hostile_words_are_not_repeated_as_commands() {
    let env = tracker();
    for word in
        ["lst\n\u{1b}[2J", "\u{202e}tsil", "", "-", "--", "--=", "-\u{e9}", "\u{1f980}", "'; rm -rf ~"]
    {
        let run = env.qp([word, "x"]);
        assert!(run.code == 2 && run.stderr.lines().count() <= 6, "{word:?}: {run}");
        assert!(!run.stderr.contains(['\u{1b}', '\u{202e}']), "{word:?}: {run}");
    }
    let long = "x".repeat(100_000);
    for args in [[long.as_str(), "x"], ["show", &long], ["list", &long], ["list", &format!("--{long}")]] {
        let run = env.qp(args);
        assert!(run.code != 0 && run.stderr.lines().count() <= 6, "{}", run.code);
    }
}

#[test]
fn help_is_found_by_whoever_asks() {
    let env = tracker();
    let help = env.qp(["close", "--help"]).success().stdout;
    assert_eq!(env.qp(["help", "close"]).success().stdout, help);
    assert_eq!(env.qp(["help"]).success().stdout, env.qp(["--help"]).success().stdout);
}

#[test]
fn the_last_flag_wins() {
    let env = tracker();
    let key = env.create(["x", "-p", "1", "-p", "3", "--assignee", "a", "-a", "b"]);
    let shown = env.json(["show", &key]);
    assert_eq!((&shown[0]["priority"], &shown[0]["assignee"]), (&3.into(), &"b".into()));
    let json = env.qp(["list", "--format", "text", "--format", "json", "--format=json"]).success();
    assert!(json.json().is_array());
}
