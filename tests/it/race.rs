//! Many processes at once: nothing is lost, and nobody is told that they won what another one won.
//!
//! The processes run with the real clock and real randomness, as they would outside of a test.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::Value;

use crate::env::Env;

const PROCESSES: usize = 32;

/// A qp command with the real clock and real randomness.
fn real(env: &Env, args: &[&str], actor: &str, session: &str) -> Command {
    let mut command = env.command(&env.repo());
    command.env_remove("QP_TEST_NOW").env_remove("QP_TEST_SEED");
    command.env("QP_ACTOR", actor).env("QP_SESSION", session).args(args);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts all commands, then waits for all: (exit code, stdout, stderr).
fn at_once(commands: Vec<Command>) -> Vec<(i32, String, String)> {
    let children: Vec<Child> =
        commands.into_iter().map(|mut command| command.spawn().expect("the program starts")).collect();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().expect("the program ends");
            (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
        })
        .collect()
}

fn count_commits(env: &Env) -> usize {
    env.git_out(&["rev-list", "--count", "quipu-sync"]).trim().parse().expect("a number")
}

#[test]
fn each_next_gets_another_issue() {
    let env = Env::new();
    let keys: BTreeSet<String> = (0..PROCESSES).map(|n| env.create([format!("issue {n}")])).collect();
    let commits = count_commits(&env);
    let claim = |n: usize| real(&env, &["claim", "--next", "--json"], &format!("a{n}"), &format!("s{n}"));
    let runs = at_once((0..PROCESSES).map(claim).collect());
    let mut claimed = BTreeSet::new();
    for (n, (code, stdout, stderr)) in runs.iter().enumerate() {
        assert_eq!(*code, 0, "{stderr}");
        let issues: Value = serde_json::from_str(stdout).expect("a document");
        assert_eq!(issues.as_array().map(Vec::len), Some(1), "{stdout}");
        assert_eq!(issues[0]["assignee"], format!("a{n}"));
        assert_eq!(issues[0]["outcome"], "claimed");
        claimed.insert(issues[0]["id"].as_str().expect("a key").to_owned());
    }
    assert_eq!(claimed, keys);
    assert_eq!(count_commits(&env), commits + PROCESSES);
    env.fsck();
}

/// One of the holders gets the issue, and all the others are told who.
fn one_winner(holders: &[(String, String)]) {
    let env = Env::new();
    let key = env.create(["wanted by all"]);
    let commits = count_commits(&env);
    let claim = |(actor, session): &(String, String)| real(&env, &["claim", &key], actor, session);
    let runs = at_once(holders.iter().map(claim).collect());
    let winners: Vec<usize> = (0..runs.len()).filter(|n| runs[*n].0 == 0).collect();
    let [winner] = winners[..] else { panic!("{} winners: {runs:?}", winners.len()) };
    let (actor, session) = &holders[winner];
    for (n, (code, stdout, stderr)) in runs.iter().enumerate().filter(|(n, _)| *n != winner) {
        assert_eq!(*code, 6, "{stderr}");
        assert_eq!(stdout, "");
        let named = if holders[n].0 == *actor {
            format!("{key} is claimed by {actor} in another session ({session}) until ")
        } else {
            format!("{key} is claimed by {actor} (session {session}) until ")
        };
        assert!(stderr.contains(&named), "{named:?} is not in {stderr}");
    }
    let issue = &env.json(["show", &key])[0];
    assert_eq!(issue["assignee"], actor.as_str());
    assert_eq!(issue["claimed_session"], session.as_str());
    assert_eq!(count_commits(&env), commits + 1);
    env.fsck();
}

#[test]
fn one_of_many_actors_gets_an_issue() {
    let holders: Vec<_> = (0..PROCESSES).map(|n| (format!("a{n}"), format!("s{n}"))).collect();
    one_winner(&holders);
}

#[test]
fn one_of_many_sessions_of_one_actor_gets_an_issue() {
    let holders: Vec<_> = (0..PROCESSES).map(|n| ("claude".to_owned(), format!("s{n}"))).collect();
    one_winner(&holders);
}

/// `git gc`, which packs refs, may run at any moment: a writer that trusted what it read of a packed ref before
/// would overwrite the commit of another one. It also removes folders of the object database at the moment when they
/// are empty. `QP_RACE_ROUNDS` says how often this is tried.
#[test]
fn nothing_is_lost_while_git_packs_refs_and_objects() {
    let rounds = std::env::var("QP_RACE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    for _ in 0..rounds {
        create_beside(16, 50, &[&["pack-refs", "--all"], &["gc", "--quiet"]]);
    }
}

/// Lets several writers create issues, each one after the other, while git commands run over and over, beside each other.
fn create_beside(writers: usize, each: usize, beside: &[&[&str]]) {
    let env = Env::new();
    let commits = count_commits(&env);
    let create = |writer: usize, n: usize| {
        let name = format!("a{writer}");
        real(&env, &["q", &format!("issue {writer}.{n}")], &name, &name)
    };
    let commands: Vec<Vec<Command>> =
        (0..writers).map(|writer| (0..each).map(|n| create(writer, n)).collect()).collect();
    let gits: Vec<Command> = beside.iter().map(|args| env.git_command(&env.repo(), args)).collect();
    let done = AtomicBool::new(false);
    let repeat = |mut git: Command| {
        git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut rounds = 0;
        while !done.load(Ordering::Relaxed) {
            // It may find something locked; then another round does it.
            rounds += usize::from(git.status().expect("git runs").success());
        }
        rounds
    };
    let repeat = &repeat;
    let (keys, rounds) = thread::scope(|scope| {
        let packers: Vec<_> = gits.into_iter().map(|git| scope.spawn(move || repeat(git))).collect();
        let threads: Vec<_> =
            commands.into_iter().map(|commands| scope.spawn(|| one_by_one(commands))).collect();
        let keys: Vec<_> = threads.into_iter().map(thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        let rounds: Vec<usize> = packers.into_iter().map(|p| p.join().expect("the packer ends")).collect();
        (keys, rounds)
    });
    let keys: BTreeSet<String> = keys.into_iter().flat_map(|k| k.expect("the writer ends")).collect();
    assert!(rounds.iter().all(|rounds| *rounds > 0), "{rounds:?}");
    assert_eq!(keys.len(), writers * each);
    assert_eq!(count_commits(&env), commits + writers * each);
    let issues = env.json(["list", "--limit", "0"]);
    let shown = issues.as_array().expect("an array").iter().map(|i| i["id"].as_str().expect("a key"));
    assert_eq!(shown.map(str::to_owned).collect::<BTreeSet<_>>(), keys);
    env.fsck();
}

/// Runs commands that print a key each, one after the other.
fn one_by_one(commands: Vec<Command>) -> Vec<String> {
    let run = |mut command: Command| {
        let output = command.output().expect("the program runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    };
    commands.into_iter().map(run).collect()
}

/// A program that died must not stop everybody else for good.
#[test]
fn a_lock_left_behind_is_moved_away() {
    let env = Env::new();
    let lock = env.repo().join(".git/refs/heads/quipu-sync.lock");
    let file = std::fs::File::create(&lock).expect("a lock");
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("an old lock");
    let run = env.qp(["create", "In spite of it"]).success();
    assert!(run.stderr.starts_with("warning: a program that died had left "), "{run}");
    assert!(!lock.exists());
    env.qp(["create", "As usual"]).success();
    // git's lock on all packed refs is nobody's business here: it is left alone, and the write goes on.
    env.git_out(&["pack-refs", "--all"]);
    let packed = env.repo().join(".git/packed-refs.lock");
    std::fs::File::create(&packed).expect("a lock");
    assert_eq!(env.qp(["create", "In spite of that"]).success().stderr, "");
    assert!(packed.exists());
    assert_eq!(env.json(["list"]).as_array().map(Vec::len), Some(3));
}

/// Other programs do not wait for their turn. Whatever one of them hides is found by the reflog and kept.
#[test]
fn an_overwritten_commit_comes_back() {
    let env = Env::new();
    env.create(["First"]);
    let first = env.git_out(&["rev-parse", "quipu-sync"]);
    env.create(["Second"]);
    let branch = env.repo().join(".git/refs/heads/quipu-sync");
    std::fs::write(&branch, &first).expect("the branch is written past git");
    env.create(["Third"]);
    let titles: BTreeSet<_> = (env.json(["list"]).as_array().expect("an array").iter())
        .map(|issue| issue["title"].as_str().expect("a title").to_owned())
        .collect();
    assert_eq!(titles, ["First", "Second", "Third"].map(str::to_owned).into());
    // Whoever takes the branch back with git means it: that stands in the reflog.
    env.git_out(&["update-ref", "refs/heads/quipu-sync", first.trim()]);
    env.create(["Fourth"]);
    assert_eq!(env.json(["list"]).as_array().map(Vec::len), Some(2));
    env.fsck();
}

#[test]
fn searches_find_everything_while_others_write() {
    let env = Env::new();
    let lines: String =
        (0..200).map(|n| format!("{{\"id\":\"web-n{n}\",\"title\":\"Needle {n}\"}}\n")).collect();
    env.qp_stdin(["import", "-"], &lines).success();
    // The first of them make the search file all at once; forty more files make it stale meanwhile.
    let command = |n: usize| match n % 4 {
        0 => real(&env, &["create", "One more needle"], "bob", "b"),
        _ => real(&env, &["search", "needle", "--json", "-n", "0"], "alice", "a"),
    };
    for _ in 0..5 {
        for (n, (code, stdout, stderr)) in at_once((0..PROCESSES).map(command).collect()).iter().enumerate() {
            assert_eq!(*code, 0, "{stderr}");
            let found = || serde_json::from_str::<Value>(stdout).expect("a document");
            assert!(n % 4 == 0 || found().as_array().expect("rows").len() >= 200, "{stdout}");
        }
    }
    let all = env.json(["search", "needle", "-n", "0"]);
    assert_eq!(all.as_array().expect("rows").len(), 200 + 5 * PROCESSES / 4);
    let (code, stdout, _) = at_once(vec![real(&env, &["doctor"], "alice", "a")]).remove(0);
    assert_eq!(code, 0, "{stdout}");
}
