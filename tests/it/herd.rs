//! Many clones and many worktrees at one remote, through the real binary and the real git: who is told that a claim
//! is theirs holds it, nothing that was written is lost, and a server is not asked more often than it must be.
//!
//! Nothing here is judged by time. `QP_HERD_ROUNDS` asks for more rounds than the few of an ordinary run; times are
//! printed. The HTTP server stands beside the project in `../shared/tools`; where it is missing, the tests say so.

mod claims;
mod close;
mod history;
mod requests;
mod same;
mod sends;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use quipu::model::Timestamp;
use serde_json::Value;

use crate::env::{Env, QP, Run};
use crate::sync::proxy::Proxy;

/// The time of the first round: an hour after everything was set up, in milliseconds.
const NOON_MS: i64 = 1_767_790_800_000;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// Returns how many rounds are played: usually `few`, else the `share` of what is asked for, in percent.
fn rounds(few: usize, share: usize) -> usize {
    let asked = std::env::var("QP_HERD_ROUNDS").ok().and_then(|text| text.parse::<usize>().ok());
    asked.map_or(few, |asked| (asked * share).div_ceil(100))
}

/// A bare repository `srv.git` with a tracker, and clones of it, each with an agent in it.
struct Herd {
    env: Env,
    keys: Vec<String>,
    clones: usize,
    /// What is on the clocks.
    now_ms: i64,
}

/// How a command ended, and how long it took.
struct Timed {
    run: Run,
    took: Duration,
}

impl Herd {
    /// A tracker with issues, on the server and in every clone.
    fn new(clones: usize, issues: usize) -> Self {
        let env = Env::new();
        env.run_git(env.root(), &["init", "-q", "--bare", "-b", "main", "srv.git"]);
        let server = env.root().join("srv.git").display().to_string();
        env.git_out(&["remote", "add", "origin", &server]);
        if issues > 0 {
            let plan: String = (0..issues).map(|n| format!("## issue {n}\n\n")).collect();
            env.qp_stdin(["create", "--file", "-", "--quiet"], &plan).success();
        }
        env.qp(["sync", "--quiet"]).success();
        let keys = env.json(["list", "--limit", "0"]);
        let keys = keys.as_array().expect("a list").iter();
        let keys = keys.map(|row| row["id"].as_str().expect("a key").to_owned()).collect();
        for agent in 0..clones {
            env.run_git(env.root(), &["clone", "-q", &server, &format!("c{agent}")]);
        }
        Herd { env, keys, clones, now_ms: NOON_MS }
    }

    fn server(&self) -> PathBuf {
        self.env.root().join("srv.git")
    }

    fn clone_of(&self, agent: usize) -> PathBuf {
        self.env.root().join(format!("c{agent}"))
    }

    /// Lets every clone ask a server at this address.
    fn ask(&self, proxy: &Proxy) {
        for agent in 0..self.clones {
            self.env.run_git(&self.clone_of(agent), &["remote", "set-url", "origin", &proxy.url("")]);
        }
    }

    /// Returns a command of an agent. The clock stands still; randomness is real, or all would draw the same.
    fn command(&self, agent: usize, args: &[&str]) -> Command {
        self.program(&self.clone_of(agent), QP, &format!("a{agent}"), &format!("s{agent}"), args)
    }

    fn program(&self, folder: &Path, program: &str, actor: &str, session: &str, args: &[&str]) -> Command {
        let mut command = self.env.program(folder, program);
        let now = Timestamp::from_millis(self.now_ms).to_string();
        command.env_remove("QP_TEST_SEED").env("QP_TEST_NOW", now).env("NO_PROXY", "*");
        command.env("QP_ACTOR", actor).env("QP_SESSION", session).args(args);
        command
    }

    /// Runs the same command in all clones at once.
    fn all(&self, args: &[&str]) -> Vec<Timed> {
        at_once((0..self.clones).map(|agent| self.command(agent, args)).collect())
    }

    /// Returns the claims that the server holds: identity to token.
    fn claims_at_server(&self) -> BTreeMap<String, String> {
        self.refs(&self.server(), "refs/quipu/claims/")
    }

    /// Returns the claims that a clone knows of.
    fn claims_in(&self, folder: &Path) -> BTreeMap<String, String> {
        self.refs(folder, "refs/quipu/remotes/origin/claims/")
    }

    fn refs(&self, folder: &Path, prefix: &str) -> BTreeMap<String, String> {
        let listed = self.env.run_git(folder, &["for-each-ref", "--format=%(refname) %(objectname)", prefix]);
        let split = |line: &str| {
            let (name, id) = line.split_once(' ').expect("two words");
            (name.strip_prefix(prefix).expect("the prefix").to_owned(), id.to_owned())
        };
        listed.lines().map(split).collect()
    }

    /// Returns the session that a claim at the server names.
    fn session_of(&self, token: &str) -> String {
        let text = self.env.run_git(&self.server(), &["cat-file", "blob", token]);
        let line = text.lines().find_map(|line| line.strip_prefix("session: "));
        line.expect("a session").to_owned()
    }

    /// Returns the operations of a branch, by the trailers of its commits.
    fn operations(&self, folder: &Path) -> BTreeSet<String> {
        let format = "--format=%(trailers:key=Quipu-Op,valueonly)";
        let listed = self.env.run_git(folder, &["log", format, "quipu-sync"]);
        listed.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    fn tip(&self, folder: &Path) -> String {
        self.env.run_git(folder, &["rev-parse", "quipu-sync"])
    }

    /// What anybody has written is with everybody, and everybody has the same.
    #[track_caller]
    fn nothing_is_lost(&self, written: &BTreeSet<String>) {
        let tip = self.tip(&self.server());
        for agent in 0..self.clones {
            let folder = self.clone_of(agent);
            assert_eq!(self.tip(&folder), tip, "agent {agent}");
            assert_eq!(self.claims_in(&folder), self.claims_at_server(), "agent {agent}");
        }
        let kept = self.operations(&self.server());
        let lost: Vec<_> = written.difference(&kept).collect();
        assert!(lost.is_empty(), "{lost:?}");
        self.env.fsck_in(&self.server());
    }

    /// Returns what has been written anywhere.
    fn written(&self) -> BTreeSet<String> {
        (0..self.clones).flat_map(|agent| self.operations(&self.clone_of(agent))).collect()
    }
}

/// Runs commands at the same time.
fn at_once(commands: Vec<Command>) -> Vec<Timed> {
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            commands.into_iter().map(|command| scope.spawn(move || timed(command))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a command that ran")).collect()
    })
}

fn timed(mut command: Command) -> Timed {
    let started = Instant::now();
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    let run = Run { stdout, stderr, code: output.status.code().unwrap_or(-1) };
    Timed { run, took: started.elapsed() }
}

/// Prints how long commands took.
fn print_times(what: &str, runs: &[Timed]) {
    let mut times: Vec<u128> = runs.iter().map(|timed| timed.took.as_millis()).collect();
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("{what}: p50 {} ms, p95 {} ms, longest {} ms", at(50), at(95), at(100));
}

/// A server that takes `latency` milliseconds for an answer, and the file in which it counts pushes.
fn serve(herd: &Herd, options: &[&str]) -> Option<(Proxy, PathBuf)> {
    let log = herd.env.root().join(format!("pushes-{}", options.join("")));
    let name = log.display().to_string();
    let proxy = Proxy::start(herd.env.root(), &[&["--log", &name], options].concat())?;
    herd.ask(&proxy);
    Some((proxy, log))
}

/// Counts the pushes that a server has seen.
fn pushes(log: &Path) -> usize {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().filter(|line| line.starts_with("push ")).count()
}

/// Returns the one issue of a claim's document.
#[track_caller]
fn claimed(run: &Run) -> Value {
    assert_eq!(run.code, 0, "{run}");
    let document = run.json();
    assert_eq!(document.as_array().map(Vec::len), Some(1), "{run}");
    document[0].clone()
}
