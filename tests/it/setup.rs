//! `qp setup`

mod hooks;
mod places;

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

/// Reads a file of the repository.
fn read(env: &Env, path: &str) -> String {
    std::fs::read_to_string(env.repo().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Writes a file of the repository.
fn write(env: &Env, path: &str, text: &str) {
    let path = env.repo().join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    std::fs::write(path, text).expect("a file can be written");
}

#[test]
fn every_tool_is_set_up_and_taken_out_again() {
    let env = Env::new();
    snapshot!(
        env.qp(["setup"]),
        str![[r#"
claude     .claude/settings.json            absent
codex      AGENTS.md                        absent
cursor     .cursor/rules/quipu.mdc          absent
gemini     GEMINI.md                        absent
copilot    .github/copilot-instructions.md  absent
agents-md  AGENTS.md                        absent
[stderr]
qp setup TOOL sets one up; --print shows first what it writes

"#]]
    );
    for tool in ["claude", "codex", "cursor", "gemini", "copilot"] {
        env.qp(["setup", tool, "--check"]).exits(1);
        env.qp(["setup", tool]).success();
        let again = env.qp(["setup", tool]).success();
        assert!(again.stdout.ends_with("is up to date\n"), "{again}");
        env.qp(["setup", tool, "--check"]).success();
    }
    snapshot!(
        env.qp(["setup"]),
        str![[r#"
claude     .claude/settings.json            current
codex      AGENTS.md                        current
cursor     .cursor/rules/quipu.mdc          current
gemini     GEMINI.md                        current
copilot    .github/copilot-instructions.md  current
agents-md  AGENTS.md                        current

"#]]
    );
    snapshot!(
        env.git_out(&["status", "--short", "-uall"]),
        str![[r#"
?? .claude/settings.json
?? .cursor/rules/quipu.mdc
?? .github/copilot-instructions.md
?? AGENTS.md
?? GEMINI.md

"#]]
    );
    for tool in ["claude", "agents-md", "cursor", "gemini", "copilot"] {
        env.qp(["setup", tool, "--remove"]).success();
        env.qp(["setup", tool, "--remove"]).success();
    }
    let left: Vec<_> = std::fs::read_dir(env.repo()).expect("the repository").collect();
    assert_eq!(left.len(), 1, "only .git: {left:?}");
}

#[test]
fn what_is_written() {
    let env = Env::new();
    snapshot!(
        env.qp(["setup", "cursor"]),
        str![[r#"
.cursor/rules/quipu.mdc was written

"#]]
    );
    snapshot!(
        read(&env, ".cursor/rules/quipu.mdc"),
        str![[r#"
---
description: How this project tracks its work
alwaysApply: true
---

<!-- quipu:begin v1 hash=3cb52420 qp setup writes this part; keep your own lines outside -->
## Issue tracking

This project tracks its work with quipu (`qp`). Run `qp prime` before you start: it prints how to work with it, what
is in progress, and what earlier sessions left to know. In short:

- `qp ready` lists what can be worked on; `qp next` claims the best issue and prints it
- `qp create "Title" -d "What and why"` before you write code; with `--deps discovered-from:ID` for what you find on
  the way
- `qp note ID "TEXT"` appends what you learn; `qp close ID -r "what was done"` ends it
- each command is saved when it ends; commit, push and `qp sync` only when you are asked to share
<!-- quipu:end -->

"#]]
    );
    snapshot!(
        env.qp(["setup", "cursor", "--remove"]),
        str![[r#"
.cursor/rules/quipu.mdc had nothing but quipu's part and was deleted

"#]]
    );
    write(&env, "AGENTS.md", "# Rules\n\nBe kind.\n");
    snapshot!(
        env.qp(["setup", "codex"]),
        str![[r#"
AGENTS.md has quipu's part now; everything else is as it was

"#]]
    );
    assert!(read(&env, "AGENTS.md").starts_with("# Rules\n\nBe kind.\n\n<!-- quipu:begin v1 hash="));
    snapshot!(
        env.qp(["setup", "agents-md", "--check", "--json"]),
        str![[r#"
{
  "tool": "agents-md",
  "scope": "project",
  "file": "AGENTS.md",
  "state": "current",
  "schema_version": 1
}

"#]]
    );
    snapshot!(
        env.qp(["setup", "codex", "--remove", "--json"]),
        str![[r#"
{
  "tool": "codex",
  "scope": "project",
  "file": "AGENTS.md",
  "action": "removed",
  "schema_version": 1
}

"#]]
    );
}

#[test]
fn printing_writes_nothing() {
    let env = Env::bare();
    for tool in ["claude", "codex", "cursor", "gemini", "copilot", "agents-md"] {
        let printed = env.qp_in(env.root(), ["setup", tool, "--print"], &[], "").success().stdout;
        assert!(printed.contains("qp prime"), "{tool}: {printed}");
        let repo = Env::new();
        repo.qp(["setup", tool, "--print"]).success();
        assert_eq!(repo.git_out(&["status", "--short"]), "");
        // What is printed is what a new file is.
        repo.qp(["setup", tool]).success();
        let file = repo.json(["setup", tool, "--check"])["file"].as_str().expect("a name").to_owned();
        assert_eq!(read(&repo, &file), printed);
    }
}

/// Nothing but quipu's part changes, and taking it out gives the file that was there before, byte for byte.
#[test]
fn the_rest_of_a_file_stays() {
    for before in [
        "# Rules\n",
        "# Rules\n\n\n",
        "# Rules\r\n\r\nBe kind.\r\n",
        "\u{feff}# Rules\n",
        "\n",
        "<!-- quipu:beginning -->\n`<!-- quipu:end -->`\n",
    ] {
        let env = Env::new();
        write(&env, "AGENTS.md", before);
        env.qp(["setup", "codex"]).success();
        let with = read(&env, "AGENTS.md");
        assert!(with.starts_with(before) && with.contains("qp prime"), "{with:?}");
        let lone = with.replace("\r\n", "").contains('\n');
        assert_eq!(lone, !before.contains('\r'), "line ends stay what they are: {with:?}");
        // Others write on below.
        write(&env, "AGENTS.md", &(with.clone() + "More.\n"));
        env.qp(["setup", "codex"]).success();
        assert_eq!(read(&env, "AGENTS.md"), with + "More.\n");
        env.qp(["setup", "codex", "--remove"]).success();
        assert_eq!(read(&env, "AGENTS.md"), before.to_owned() + "More.\n");
    }
    let env = Env::new();
    write(&env, "AGENTS.md", "no line end");
    env.qp(["setup", "codex"]).success();
    env.qp(["setup", "codex", "--remove"]).success();
    assert_eq!(read(&env, "AGENTS.md"), "no line end\n");
}

#[test]
fn an_older_part_is_brought_up_to_date() {
    let env = Env::new();
    env.qp(["setup", "codex"]).success();
    let current = read(&env, "AGENTS.md");
    // What a formatter does is no edit.
    write(&env, "AGENTS.md", &("# Rules\n".to_owned() + &current.replace("-->\n", "-->\n\n")));
    snapshot!(
        env.qp(["setup", "codex"]),
        str![[r#"
AGENTS.md is up to date

"#]]
    );
    // sha256("old\n")
    let old = "# Rules\n<!-- quipu:begin v1 hash=01d09d19 -->\nold\n<!-- quipu:end -->\nMore.\n";
    write(&env, "AGENTS.md", old);
    snapshot!(
        env.qp(["setup", "codex", "--check"]),
        str![[r#"
AGENTS.md: outdated
[exit 1]

"#]]
    );
    snapshot!(
        env.qp(["setup", "codex"]),
        str![[r#"
AGENTS.md was brought up to date

"#]]
    );
    assert_eq!(read(&env, "AGENTS.md"), format!("# Rules\n{current}More.\n"));
}

#[test]
fn a_part_that_was_edited_is_left_alone() {
    let env = Env::new();
    env.qp(["setup", "gemini"]).success();
    let edited = read(&env, "GEMINI.md").replace("## Issue tracking", "## Our issue tracking");
    write(&env, "GEMINI.md", &edited);
    snapshot!(
        env.qp(["setup", "gemini"]),
        str![[r#"
[stderr]
error: GEMINI.md: quipu's part was edited by hand, so it is left alone
hint: move your lines out of it, delete the rest of it with both marks, then qp setup gemini
[exit 6]

"#]]
    );
    env.qp(["setup", "gemini", "--remove"]).exits(6);
    snapshot!(
        env.qp(["setup", "gemini", "--check"]),
        str![[r#"
GEMINI.md: edited
[exit 1]

"#]]
    );
    assert_eq!(read(&env, "GEMINI.md"), edited);
}

#[test]
fn half_a_part_is_refused_with_the_remedy() {
    let env = Env::new();
    for (text, line) in [
        ("# Rules\n<!-- quipu:begin v1 hash=00000000 -->\nhalf\n", "line 2: "),
        ("a\nb\n<!-- quipu:end -->\n", "line 3: "),
        (
            "<!-- quipu:begin -->\n<!-- quipu:end -->\n<!-- quipu:begin -->\n<!-- quipu:end -->\n",
            "line 3: a second block",
        ),
        ("<!-- quipu:begin -->\n<!-- quipu:begin -->\n<!-- quipu:end -->\n", "line 2: a second block"),
    ] {
        write(&env, "AGENTS.md", text);
        for flag in ["--check", "--remove", "--project"] {
            let run = env.qp(["setup", "codex", flag]).exits(5);
            assert!(run.stderr.contains(&format!("AGENTS.md: {line}")), "{run}");
            assert!(run.stderr.contains("hint: delete"), "{run}");
        }
        assert_eq!(read(&env, "AGENTS.md"), text);
    }
    snapshot!(
        env.qp(["setup"]),
        str![[r#"
claude     .claude/settings.json            absent
codex      AGENTS.md                        broken: line 2: a second block of quipu's begins
cursor     .cursor/rules/quipu.mdc          absent
gemini     GEMINI.md                        absent
copilot    .github/copilot-instructions.md  absent
agents-md  AGENTS.md                        broken: line 2: a second block of quipu's begins

"#]]
    );
    write(&env, "AGENTS.md", "<!-- quipu:begin v1 hash=00000000 -->\nhalf\n");
    snapshot!(
        env.qp(["setup", "codex"]),
        str![[r#"
[stderr]
error: AGENTS.md: line 1: quipu's block begins and has no line <!-- quipu:end -->
hint: delete this line and what is left of the block below it, then run it again
[exit 5]

"#]]
    );
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    let env = Env::new();
    env.qp(["setup", "claude", "--check", "--remove"]).exits(2);
    env.qp(["setup", "claude", "--project", "--global"]).exits(2);
    env.qp(["setup", "--check"]).exits(2);
    snapshot!(
        env.qp(["setup", "cluade"]),
        str![[r#"
[stderr]
error: invalid value 'cluade' for '[TOOL]' [possible values: claude, codex, cursor, gemini, copilot, agents-md]
hint: qp setup claude
[exit 2]

"#]]
    );
    for alias in ["claude-code", "codex-cli", "gemini-cli", "github-copilot", "agents.md"] {
        env.qp(["setup", alias, "--print"]).success();
    }
}

/// Agents without a file of their own read the one that is for all.
#[test]
fn an_agent_that_reads_agents_md_is_set_up_by_its_name() {
    let env = Env::new();
    env.qp(["setup", "windsurf"]).success();
    let run = env.qp(["setup", "opencode", "--check"]).success();
    assert_eq!(run.stdout, "AGENTS.md: current\n");
    let run = env.qp(["setup", "agents-md", "--json"]).success();
    assert!(run.stdout.contains("\"tool\": \"agents-md\""), "{run}");
}
