//! README.md, the tour and the pages on agents, sharing, merging and operations are executed: every `console` block is
//! run and its output compared.
//!
//! A block holds commands behind `$ ` and what they print, standard error included. All blocks of a page run in
//! one environment, in order, through `sh`. `UPDATE_DOCS=1` writes down what the commands print.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use snapbox::IntoData as _;

use crate::env::{Env, QP};

#[test]
fn readme() {
    execute("README.md");
}

#[test]
fn tour() {
    execute("docs/tour.md");
}

#[test]
fn sync() {
    execute("docs/sync.md");
}

#[test]
fn merge() {
    execute("docs/merge.md");
}

#[test]
fn agents() {
    execute("docs/agents.md");
}

#[test]
fn apply() {
    execute("docs/apply.md");
}

#[test]
fn query() {
    execute("docs/query.md");
}

#[test]
fn demo() {
    let env = Env::bare();
    let run = env.qp_in(env.root(), ["demo"], &[], "").success();
    let text = &run.stdout;
    for part in [
        "$ qp next --sync",
        "[exit 6]",
        "confirmed by the remote",
        "ready now",
        "conflict in web-",
        "left the attic",
        "title: Design the session timeout",
        "close web-",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert!(!text.contains("[exit 1]"), "{text}");
}

/// Runs all blocks of a page and compares it with what it says.
fn execute(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let env = Env::git();
    let mut actual = String::new();
    let mut commands = 0;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        actual.push_str(line);
        actual.push('\n');
        if line != "```console" {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
        for command in block.iter().filter_map(|l| l.strip_prefix("$ ")) {
            commands += 1;
            write!(actual, "$ {command}\n{}", run(&env, command)).expect("text");
        }
        actual.push_str("```\n");
    }
    assert!(commands > 0, "{name} has no commands");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        return std::fs::write(&path, &actual).expect("the page can be written");
    }
    snapbox::assert_data_eq!(page, actual.raw());
}

fn run(env: &Env, command: &str) -> String {
    let folder = Path::new(QP).parent().expect("a folder");
    let mut shell = env.command(&env.repo());
    let vars: Vec<_> = shell.get_envs().filter_map(|(k, v)| Some((k.to_owned(), v?.to_owned()))).collect();
    let path = vars.iter().find(|(k, _)| k == "PATH").map(|(_, v)| v.to_string_lossy().into_owned());
    shell = std::process::Command::new("sh");
    shell.env_clear().envs(vars).current_dir(env.repo());
    shell.env("PATH", format!("{}:{}", folder.display(), path.unwrap_or_default()));
    let output =
        shell.arg("-c").arg(format!("{{ {command}\n}} 2>&1")).stdin(Stdio::null()).output().expect("sh runs");
    let mut text = String::from_utf8(output.stdout).expect("UTF-8");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
