//! `qp prime`

use std::path::Path;

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

/// Most bytes of what an agent is told.
const MOST: usize = 3000;

#[test]
fn it_is_silent_where_there_is_nothing_to_say() {
    let bare = Env::bare();
    for run in [
        bare.qp_in(bare.root(), ["prime"], &[], ""),
        bare.qp_in(bare.root(), ["prime", "--json"], &[], ""),
        bare.qp_in(bare.root(), ["prime", "-C", "nowhere", "--full"], &[], ""),
        bare.qp_in(bare.root(), ["prime", "--branch=-x-"], &[], ""),
        Env::git().qp(["prime"]),
    ] {
        assert_eq!(run.to_string(), "");
    }
    let broken = Env::new();
    std::fs::write(broken.repo().join(".git/refs/heads/quipu-sync"), "1".repeat(40)).expect("a file");
    assert_eq!(broken.qp(["prime"]).to_string(), "");
}

#[test]
fn a_new_tracker() {
    snapshot!(
        Env::new().qp(["prime"]),
        str![[r##"
# This repository tracks its work with quipu (`qp`)

Issues live on a branch of their own. Each command is saved when it ends; your index, branches and files are left alone, but for `.quipu/outbox`.

## The loop

1. `qp ready` lists what can be worked on, best first. `qp next` claims the best one and prints it; `qp claim ID` claims a certain one.
2. Read it before you start: `qp show ID`.
3. Work. Append what you find out: `qp note ID "TEXT"`. A claim holds for 2 hours, `qp renew ID` prolongs it.
4. `qp close ID -r "what was done" --suggest-next` also names what became ready. Not finished: `qp release ID`.
5. `qp sync` exchanges the tracker with the remote: only when you are asked to share, or this project's rules say so.

## Rules

- An issue before the code: `qp create "Title" -t bug -p 1 -d "What and why"` (task, bug, feature, epic, chore; priority 0, most urgent, to 4).
- What you discover on the way becomes its own issue: `qp create "Title" --deps discovered-from:ID`; then go on with yours.
- Needs something else first: `qp dep add ID BLOCKER`. Not ready, and why: `qp why ID`.
- Notes and comments append, nothing is overwritten: `qp comment ID "TEXT"`. `qp undo` takes back your last change.
- Exit code 6 means that somebody else holds it or something blocks it: take other work, `qp claim --next`.
- Anything else about an issue: `qp update ID --title "Better title"` and the flags of `qp update --help`.
- `--json` works everywhere; where a text is wanted, `-` reads standard input. Nothing asks questions or opens an editor.
- "saved, not shared: FILE" on standard error: the change is in that file; it goes into the commit of your work, when you make one.
- For the next session: `qp remember "TEXT"`.
- Nothing here asks you to commit or push code, no hint either: do that when you are asked to.

## Now

- no issues yet (keys begin with web-)

"##]]
    );
}

#[test]
fn the_state_of_a_tracker() {
    let env = Env::new();
    let (mine, theirs) = (env.create(["Mine"]), env.create(["Theirs"]));
    env.create(["Old"]);
    env.qp_as("bob", ["claim", &theirs]).success();
    env.pass(40 * 24 * 60 * 60 * 1000);
    env.qp(["claim", &mine]).success();
    env.qp(["remember", "the tests need TZ=UTC"]).success();
    env.commit_file("issues/9/9/odd.md", Some("x"));
    env.commit_file("attic/files/quipu.yml/1767882600000-9f3a1c22d4e5f607.yml", Some("x"));
    env.run_git(env.root(), &["init", "-q", "--bare", "hub.git"]);
    env.git_out(&["remote", "add", "origin", "../hub.git"]);
    let run = env.qp(["prime"]).success();
    let state = run.stdout.split_once("## Now\n").expect("a state").1;
    snapshot!(
        state.to_owned(),
        str![[r#"

- 3 issues: 2 ready, 2 in progress (keys such as web-7k2m)
- go on with web-r7j2: Mine, yours until 2026-02-16 12:05 UTC
- 1 in progress without a running lease, free to be taken over: `qp status`
- 2 not closed and unchanged for 30 days: `qp stale`
- 1 copy of edits that lost a merge in the attic: `qp attic list`
- 1 file that cannot be read: `qp doctor`
- the tracker has not been shared through origin

## Memories: notes of earlier sessions, `qp recall KEY` prints one

- the-tests-need-tz-utc: the tests need TZ=UTC

"#]]
    );
    assert_eq!(run.stderr, "");
}

/// Every command between backticks, the words that stand for something filled in, in a tracker where it can be done.
#[test]
fn every_command_it_names_works() {
    let named = |text: &str| -> Vec<String> {
        let words = text.split('`').skip(1).step_by(2);
        words.filter(|w| w.starts_with("qp ")).map(str::to_owned).collect()
    };
    let scene = || {
        let env = Env::new();
        env.run_git(env.root(), &["init", "-q", "--bare", "hub.git"]);
        env.git_out(&["remote", "add", "origin", "../hub.git"]);
        let old = env.create(["Old"]);
        let (id, blocker) = (env.create(["One"]), env.create(["Two"]));
        env.pass(40 * 24 * 60 * 60 * 1000);
        env.qp_as("bob", ["claim", &old]).success();
        env.pass(24 * 60 * 60 * 1000);
        env.qp(["claim", &id]).success();
        env.qp(["remember", "some text", "--key", "known"]).success();
        env.commit_file("attic/files/quipu.yml/1767882600000-9f3a1c22d4e5f607.yml", Some("x"));
        (env, id, blocker)
    };
    let (env, ..) = scene();
    let mut commands = named(&env.qp(["prime"]).success().stdout);
    commands.extend(named(&env.qp(["prime", "--mcp"]).success().stdout));
    commands.sort();
    commands.dedup();
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands {
        let (env, id, blocker) = scene();
        let filled = command.replace("BLOCKER", &blocker).replace("ID", &id).replace("KEY", "known");
        let run = env.shell(&env.repo(), &filled);
        assert_eq!(run.code, 0, "{filled}: {run}");
    }
}

#[test]
fn nothing_is_pushed_without_being_asked() {
    let text = Env::new().qp(["prime"]).success().stdout;
    let lines = |word: &str| -> Vec<String> {
        text.lines().filter(|line| line.contains(word)).map(str::to_owned).collect()
    };
    for line in lines("push").into_iter().chain(lines("sync")).filter(|line| !line.contains("qp undo")) {
        assert!(line.contains("when you are asked"), "{line}");
    }
    for word in ["MUST", "NEVER", "ALWAYS", "git push"] {
        assert!(!text.contains(word), "{word}");
    }
    let text = Env::new().qp(["prime", "--stealth"]).success().stdout;
    assert!(!text.contains("sync") && !text.contains("push") && !text.contains("remote"), "{text}");
}

#[test]
fn it_is_short_whatever_the_tracker_holds() {
    let env = Env::new();
    for n in 0..12 {
        let key = env.create([format!("{n} {}", "漢字".repeat(200))]);
        env.qp(["claim", &key]).success();
    }
    for n in 0..40 {
        env.commit_file(&format!("memories/memory-{n:02}.md"), Some(&"長い ".repeat(300)));
    }
    let run = env.qp(["prime"]).success();
    assert!(run.stdout.len() <= MOST, "{} bytes", run.stdout.len());
    assert!(run.stdout.contains("9 more that you hold"), "{run}");
    let last = run.stdout.lines().last().expect("a line");
    assert!(last.starts_with("- … ") && last.ends_with(" more: `qp memories`"), "{last}");
    let full = env.qp(["prime", "--full"]).success().stdout;
    assert!(full.contains("memory-39") && full.len() > 30_000);
}

#[test]
fn it_is_short_in_a_real_tracker() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/beads-2750.jsonl.gz");
    if !path.exists() {
        return println!("skipped: no {}", path.display());
    }
    let env = Env::new();
    env.qp(["import", path.to_str().expect("UTF-8")]).success();
    env.qp(["next"]).success();
    for n in 0..30 {
        env.commit_file(&format!("memories/memory-{n}.md"), Some(&"what a session has learned ".repeat(20)));
    }
    let run = env.qp(["prime"]).success();
    assert!(run.stdout.len() <= MOST && run.stdout.len() > MOST / 2, "{} bytes", run.stdout.len());
    // Of the 85 that are ready, one is claimed.
    for part in ["84 ready", "go on with", "memory-0", "more: `qp memories`"] {
        assert!(run.stdout.contains(part), "no {part:?} in {run}");
    }
}

#[test]
fn a_project_says_it_in_its_own_words() {
    let env = Env::new();
    let folder = env.repo().join(".quipu");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("PRIME.md"), "# Our rules\r\n\u{1b}[31m\r\n").expect("a file");
    snapshot!(
        env.qp(["prime"]),
        str![[r#"
# Our rules
␛[31m

## Now

- no issues yet (keys begin with web-)

"#]]
    );
    let below = env.repo().join("a/b");
    std::fs::create_dir_all(&below).expect("folders");
    assert!(env.qp_in(&below, ["prime"], &[], "").stdout.starts_with("# Our rules"));
    let exported = env.qp(["prime", "--export"]).success().stdout;
    assert!(exported.starts_with("# This repository tracks") && !exported.contains("## Now"));
    assert!(
        env.qp(["prime", "--json"]).json()["text"].as_str().is_some_and(|t| t.starts_with("# Our rules"))
    );
}

/// Whatever it names would be read to an agent.
#[cfg(unix)]
#[test]
fn a_link_out_of_the_repository_is_not_read() {
    let env = Env::new();
    std::fs::write(env.root().join("secret"), "secret").expect("a file");
    std::fs::create_dir(env.repo().join(".quipu")).expect("a folder");
    std::os::unix::fs::symlink("../../secret", env.repo().join(".quipu/PRIME.md")).expect("a link");
    let run = env.qp(["prime"]).success();
    assert!(run.stdout.starts_with("# This repository tracks") && !run.stdout.contains("secret"));
    assert_eq!(run.stderr, "");
}
