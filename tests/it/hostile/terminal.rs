//! Whatever a text holds is shown and not obeyed: escapes, characters that turn the direction of what stands beside
//! them, and the languages of diagrams.

use crate::env::Env;

use super::{FILE, FOLDER, object, put, tree};

/// Moves the cursor, sets the title of the window, rings, turns the direction round, ends a line for some.
const EVIL: &str = "x\u{1b}[31m\u{1b}]0;t\u{7}\u{9b}2J\u{8}\u{202e}evil\u{2066}\u{2028}\u{7f}\u{85}";
/// The same in YAML.
const QUOTED: &str = "x\\e[31m\\e]0;t\\a\\x9b2J\\b\\u202eevil\\u2066\\u2028\\x7f\\x85";

/// A tracker with such texts in every place that holds one.
fn scene() -> Env {
    let env = Env::new();
    env.qp(["create", "Login", "--id", "web-login"]).success();
    env.qp(["create", "Other", "--id", "web-other", "--blocked-by", "web-login"]).success();
    let q = QUOTED;
    env.rewrite("web-login", |text| {
        let (head, rest) = text.split_once("\n---\n").unwrap();
        let head: String = head
            .lines()
            .filter(|line| !["title:", "created_by:", "type:", "status:"].iter().any(|key| line.starts_with(key)))
            .map(|line| format!("{line}\n"))
            .collect();
        format!(
            "{head}title: \"{q}\"\ncreated_by: \"{q}\"\ntype: \"{q}\"\nlabels: [\"{q}\"]\nassignee: \"{q}\"\n\
             status: \"{q}\"\nparent: \"{q}\"\nrelated: [\"{q}\"]\nlinks: [{{type: \"{q}\", id: \"{q}\"}}]\n\
             paths: [\"{q}\"]\nexternal_ref: \"{q}\"\nspec: \"{q}\"\nclose_reason: \"{q}\"\nclaimed_session: \"{q}\"\n\
             duplicate_of: \"{q}\"\nmetadata: {{\"{q}\": \"{q}\"}}\nunknown: \"{q}\"\n---\n{rest}\n{EVIL}\n\n\
             ## Design\n\n{EVIL}\n\n<!-- qp:comment id=01kfn6tfn3n7h5b39ztztw7k2m at=2026-01-07T10:00:00.000Z by=\"{EVIL}\" -->\n\n{EVIL}\n"
        )
    });
    env.rewrite("web-other", |text| text.replace("title: Other", &format!("title: \"Other {q}\"")));
    let memory = object(&env, "blob", EVIL.as_bytes());
    let memories =
        tree(&env, &[(FILE, format!("{EVIL}.md"), memory.as_str()), (FILE, "plain.md".into(), &memory)]);
    put(&env, &[(FOLDER, "memories", &memories), (FILE, "README.md", &memory)]);
    env.commit_file("quipu.yml", Some(&format!(
        "format: 1\nprefix: web\nprefixes: [web, \"{q}\"]\nquery.mine: \"{q}\"\n\"query.{q}\": \"is:open\"\n\"{q}\": \"{q}\"\n"
    )));
    let odd = object(&env, "blob", format!("---\nlabels: {{\n{EVIL}").as_bytes());
    let folder = tree(&env, &[(FILE, format!("{EVIL}.md"), odd.as_str())]);
    put(&env, &[(FOLDER, "imports", &folder), (FOLDER, EVIL, &folder)]);
    let tip = env.git_out(&["rev-parse", "quipu-sync"]).trim().to_owned();
    let files = env.git_out(&["rev-parse", "quipu-sync^{tree}"]);
    let text = format!(
        "tree {}\nparent {tip}\nauthor {EVIL} <x> 1767780000 +0000\ncommitter {EVIL} <x> 1767780000 +0000\n\n{EVIL}\n\n\
         Quipu-Actor: {EVIL}\nQuipu-Command: {EVIL}\nQuipu-Session: {EVIL}\nQuipu-Time: 1767780000000\n",
        files.trim()
    );
    let commit = object(&env, "commit", text.as_bytes());
    env.git_out(&["update-ref", "refs/heads/quipu-sync", &commit]);
    env
}

/// Commands that print what others wrote, for people.
const COMMANDS: [&[&str]; 40] = [
    &["list", "--all"],
    &["list", "--all", "--plain"],
    &["list", "--all", "--long"],
    &["show", "web-login"],
    &["show", "web-other"],
    &["ready"],
    &["ready", "--explain"],
    &["blocked"],
    &["why", "web-other"],
    &["next"],
    &["search", "evil"],
    &["log"],
    &["log", "web-login"],
    &["diff", "--from", "quipu-sync~6"],
    &["doctor"],
    &["status"],
    &["stats"],
    &["prime"],
    &["prime", "--full"],
    &["memories"],
    &["recall", "plain"],
    &["query", "list"],
    &["list", "@mine"],
    &["label", "list"],
    &["label", "list-all"],
    &["types"],
    &["count", "--by", "label"],
    &["count", "--by", "assignee"],
    &["graph"],
    &["graph", "--dot"],
    &["graph", "--mermaid"],
    &["dep", "tree", "web-other"],
    &["dep", "list", "web-other"],
    &["activity"],
    &["lint"],
    &["stale"],
    &["config", "list"],
    &["info"],
    &["claim", "web-login"],
    &["close", "web-other"],
];

#[test]
fn nothing_is_obeyed() {
    let env = scene();
    for command in COMMANDS {
        let run = env.qp(command.iter());
        assert!(!run.stdout.is_empty() || !run.stderr.is_empty() || command == ["stale"], "{command:?}");
        for text in [&run.stdout, &run.stderr] {
            let obeyed = |c: &char| {
                c.is_control() && !matches!(c, '\n' | '\t')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2028}')
            };
            let found: Vec<char> = text.chars().filter(obeyed).collect();
            assert!(found.is_empty(), "{command:?}: {found:?} in {text:?}");
        }
    }
}

/// In JSON every such character is escaped, and the value is whole.
#[test]
fn json_is_escaped_and_whole() {
    let env = scene();
    for command in COMMANDS {
        let run = env.qp(command.iter().chain(&["--json"]));
        let text = format!("{}{}", run.stdout, run.stderr);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{7f}']), "{command:?}: {text:?}");
    }
    assert_eq!(env.json(["show", "web-login"])[0]["title"], EVIL);
}

/// A title cannot leave its label in a diagram, nor bring settings of the program that draws it.
#[test]
fn titles_in_diagrams() {
    let env = Env::new();
    let titles = [
        "\"]; evil --> i0[\"",
        "<script>alert(1)</script>",
        "%%{init: {\"securityLevel\": \"loose\"}}%%",
        "`**bold**`",
        "&lt;b&gt; #quot; #35;",
        "end\\\" ]; evil [label=\"",
        "x\nclick i0 \"javascript:alert(1)\"",
    ];
    env.qp(["create", "Hub", "--id", "web-hub"]).success();
    for (number, title) in titles.iter().enumerate() {
        let key = format!("web-t{number}");
        env.qp(["create", "Plain", "--id", &key, "--blocked-by", "web-hub"]).success();
        let quoted = serde_json::to_string(title).unwrap();
        env.rewrite(&key, |text| text.replace("title: Plain", &format!("title: {quoted}")));
    }
    let mermaid = env.qp(["graph", "--mermaid"]).success().stdout;
    for line in mermaid.lines().filter(|line| line.contains('[')) {
        let (_, rest) = line.split_once("[\"").unwrap();
        let label = rest.strip_suffix("\"]").unwrap();
        assert!(!label.contains(['"', '<', '>', '`', '&']) && !label.contains("%%"), "{line}");
    }
    assert_eq!(mermaid.lines().count(), 1 + 8 + 7, "{mermaid}");
    let dot = env.qp(["graph", "--dot"]).success().stdout;
    assert_eq!(dot.lines().count(), 1 + 8 + 7 + 1, "{dot}");
    for line in dot.lines().filter(|line| line.contains("label=")) {
        let bare = line.replace("\\\\", "").replace("\\\"", "");
        assert_eq!(bare.matches('"').count() % 2, 0, "{line}");
        assert!(line.ends_with("\"];"), "{line}");
    }
}
