//! Where the files stand: the top of the repository, a home, and never beyond a link that leads out.

use snapbox::str;

use super::{read, write};
use crate::env::Env;
use crate::snapshot;

#[test]
fn files_stand_at_the_top_of_the_worktree() {
    let env = Env::new();
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["worktree", "add", "-q", "../linked"]);
    let below = env.repo().join("a/b");
    std::fs::create_dir_all(&below).expect("folders");
    env.qp_in(&below, ["setup", "codex"], &[], "").success();
    assert!(env.repo().join("AGENTS.md").exists());
    let linked = env.root().join("linked");
    env.qp_in(&linked, ["setup", "claude"], &[], "").success();
    assert!(linked.join(".claude/settings.json").exists() && !env.repo().join(".claude").exists());
}

#[test]
fn without_a_tracker_or_a_worktree() {
    let env = Env::git();
    snapshot!(
        env.qp(["setup", "codex"]),
        str![[r#"
AGENTS.md was written
[stderr]
there is no tracker here yet: qp init

"#]]
    );
    env.run_git(env.root(), &["init", "-q", "--bare", "bare.git"]);
    snapshot!(
        env.qp_in(&env.root().join("bare.git"), ["setup", "codex"], &[], ""),
        str![[r#"
[stderr]
error: a bare repository has no files to set up
hint: qp setup codex --global
[exit 9]

"#]]
    );
    let bare = Env::bare();
    let run = bare.qp_in(bare.root(), ["setup"], &[], "").exits(9);
    assert!(run.stderr.contains("qp setup --global"), "{run}");
}

#[test]
fn a_home_is_for_all_repositories() {
    let mut env = Env::bare();
    let home = env.root().join("home");
    let run = |env: &Env, args: &[&str]| env.qp_in(env.root(), args, &[], "");
    for (tool, file) in [
        ("claude", ".claude/settings.json"),
        ("codex", ".codex/AGENTS.md"),
        ("gemini", ".gemini/GEMINI.md"),
        ("copilot", ".copilot/copilot-instructions.md"),
    ] {
        run(&env, &["setup", tool, "--global"]).success();
        run(&env, &["setup", tool, "--global", "--check"]).success();
        let text = std::fs::read_to_string(home.join(file)).expect("the file");
        assert!(text.contains("qp prime"), "{text}");
        assert!(tool == "claude" || text.contains("Some repositories"), "{text}");
    }
    let listed = run(&env, &["setup", "--global", "--json"]).success().json();
    let states: Vec<_> = listed.as_array().expect("an array").iter().map(|row| &row["state"]).collect();
    assert_eq!(states, ["current"; 4]);
    run(&env, &["setup", "claude", "--global", "--remove"]).success();
    assert!(home.join(".claude").exists(), "folders of the home stay");
    snapshot!(
        run(&env, &["setup", "cursor", "--global"]),
        str![[r#"
[stderr]
error: cursor has no file for all repositories
hint: qp setup cursor in each repository, or paste qp setup cursor --print
[exit 2]

"#]]
    );
    env.set("CODEX_HOME", "codex-home");
    run(&env, &["setup", "codex", "--global"]).success();
    assert!(env.root().join("codex-home/AGENTS.md").exists());
    env.unset("HOME");
    run(&env, &["setup", "claude", "--global"]).exits(9);
}

#[test]
fn a_file_that_takes_its_place_is_named() {
    let env = Env::new();
    write(&env, "AGENTS.override.md", "Other rules.\n");
    snapshot!(
        env.qp(["setup", "codex"]),
        str![[r#"
AGENTS.md was written
[stderr]
warning: codex reads AGENTS.override.md in its place, as long as that exists

"#]]
    );
}

#[test]
fn what_is_no_text_is_left_alone() {
    let env = Env::new();
    std::fs::create_dir(env.repo().join("AGENTS.md")).expect("a folder");
    snapshot!(
        env.qp(["setup", "codex"]),
        str![[r#"
[stderr]
error: AGENTS.md is not a file
hint: qp setup codex --print shows what would be written, to put it there by hand
[exit 5]

"#]]
    );
    std::fs::write(env.repo().join("GEMINI.md"), [0xff, 0xfe, 0x00]).expect("a file");
    snapshot!(
        env.qp(["setup", "gemini"]),
        str![[r#"
[stderr]
error: GEMINI.md is not UTF-8 text
hint: qp setup gemini --print shows what would be written, to put it there by hand
[exit 5]

"#]]
    );
    std::fs::write(env.repo().join("GEMINI.md"), "x".repeat(2 << 20)).expect("a file");
    env.qp(["setup", "gemini"]).exits(5);
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_repository_only() {
    use std::os::unix::fs::symlink;
    let env = Env::new();
    let link = |to: &str, name: &str| symlink(to, env.repo().join(name)).expect("a link");
    write(&env, "CLAUDE.md", "# Rules\n");
    link("CLAUDE.md", "AGENTS.md");
    env.qp(["setup", "codex"]).success();
    assert!(env.repo().join("AGENTS.md").is_symlink());
    assert!(read(&env, "CLAUDE.md").starts_with("# Rules\n\n<!-- quipu:begin"));
    std::fs::write(env.root().join("outside.md"), "theirs\n").expect("a file");
    link("../outside.md", "GEMINI.md");
    let run = env.qp(["setup", "gemini"]).exits(9);
    assert!(run.stderr.starts_with("error: GEMINI.md is a link that leads out of the repository"), "{run}");
    assert_eq!(std::fs::read_to_string(env.root().join("outside.md")).expect("a file"), "theirs\n");
    std::fs::create_dir(env.root().join("elsewhere")).expect("a folder");
    link("../elsewhere", ".claude");
    env.qp(["setup", "claude"]).exits(9);
    link("../nowhere/at/all", ".cursor");
    env.qp(["setup", "cursor"]).exits(9);
    link(".git", ".github");
    let run = env.qp(["setup", "copilot"]).exits(9);
    assert!(run.stderr.contains("git's own folder"), "{run}");
    assert_eq!(std::fs::read_dir(env.root().join("elsewhere")).expect("a folder").count(), 0);
    let listed = env.json(["setup"]);
    let states: Vec<_> = listed.as_array().expect("an array").iter().map(|row| &row["state"]).collect();
    assert_eq!(states, ["broken", "current", "broken", "broken", "broken", "current"]);
}

#[cfg(unix)]
#[test]
fn permissions_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = Env::new();
    write(&env, "AGENTS.md", "# Rules\n");
    let path = env.repo().join("AGENTS.md");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("permissions");
    env.qp(["setup", "codex"]).success();
    assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o640);
}

#[cfg(unix)]
#[test]
fn a_link_in_a_home_is_followed() {
    let env = Env::bare();
    let home = env.root().join("home");
    std::fs::create_dir(env.root().join("dotfiles")).expect("a folder");
    std::os::unix::fs::symlink("../dotfiles", home.join(".codex")).expect("a link");
    std::os::unix::fs::symlink("nowhere", home.join(".gemini")).expect("a link");
    env.qp_in(env.root(), ["setup", "codex", "--global"], &[], "").success();
    assert!(env.root().join("dotfiles/AGENTS.md").exists() && home.join(".codex").is_symlink());
    let run = env.qp_in(env.root(), ["setup", "gemini", "--global"], &[], "").exits(9);
    assert!(run.stderr.contains("leads nowhere"), "{run}");
}

/// A repository may hold a link beside the file, in the hope that it is written through.
#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_beside_the_file() {
    let env = Env::new();
    std::fs::write(env.root().join("theirs"), "theirs\n").expect("a file");
    for name in ["AGENTS.md.part", "AGENTS.md.tmp", "AGENTS.md~"] {
        std::os::unix::fs::symlink("../theirs", env.repo().join(name)).expect("a link");
    }
    env.qp(["setup", "codex"]).success();
    assert_eq!(std::fs::read_to_string(env.root().join("theirs")).expect("a file"), "theirs\n");
    let names = std::fs::read_dir(env.repo()).expect("the repository").count();
    assert_eq!(names, 5, "nothing is left over");
}
