//! Servers as hosted sandboxes have them: they refuse the branch, refuse everything but reading, limit, hang, and ask
//! for a password. No operation is lost, no command outlives its time, and all of it arrives once the way is free.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::env::Env;
use crate::scene::{BRANCH, Desk};
use crate::sync::proxy::Proxy;

mod away;
mod fallback;
mod fetch;
mod hostile;
mod offline;
mod outbox;
mod rights;
mod strict;
mod verdict;
mod weather;

const PATTERN: &str = "claude/quipu-sync-*";
/// As hosted sessions have it: one's own branches, nothing else.
const OWN_BRANCHES: &[&str] = &["--push-allow", "refs/heads/claude/.*"];
/// More than any command with a short deadline takes on a busy machine.
const GENEROUS: Duration = Duration::from_secs(60);

/// A server with a tracker of one issue, and `repo`, a clone that reaches it without hindrance.
struct Ground {
    env: Env,
}

impl Ground {
    fn new() -> Self {
        let env = Env::new();
        env.run_git(env.root(), &["init", "-q", "--bare", "-b", "main", "srv.git"]);
        env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
        env.git_out(&["remote", "add", "origin", "../srv.git"]);
        env.git_out(&["push", "-q", "origin", "main"]);
        env.create(["Shared"]);
        env.qp(["push"]).success();
        env.git_out(&["branch", "-q", "-u", "origin/main"]);
        Ground { env }
    }

    /// Serves the repository with limits, and writes down every push.
    fn serve(&self, limits: &[&str]) -> Option<Proxy> {
        let log = self.log_file();
        Proxy::start(self.env.root(), &[limits, &["--log", log.to_str().expect("UTF-8")]].concat())
    }

    fn log_file(&self) -> PathBuf {
        self.env.root().join("pushes.log")
    }

    /// The refs of every push so far.
    fn pushes(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.log_file()).unwrap_or_default();
        log.lines().filter_map(|line| Some(line.split_once('[')?.1.replace(['\'', ']'], ""))).collect()
    }

    fn free(&self) -> Desk<'_> {
        Desk { env: &self.env, folder: self.env.repo(), who: "alice" }
    }

    /// A clone whose remote is that server.
    fn sandbox<'g>(&'g self, proxy: &Proxy, who: &'g str) -> Desk<'g> {
        self.env.run_git(self.env.root(), &["clone", "-q", "srv.git", who]);
        let desk = Desk { env: &self.env, folder: self.env.root().join(who), who };
        desk.git(&["remote", "set-url", "origin", &proxy.url("")]);
        desk.git(&["checkout", "-q", "-b", &format!("claude/{who}")]);
        desk
    }

    /// The branches of the server.
    fn branches(&self) -> Vec<String> {
        let refs = self.env.run_git(
            &self.env.root().join("srv.git"),
            &["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"],
        );
        refs.lines().map(str::to_owned).collect()
    }
}

impl Desk<'_> {
    /// Runs a command that must fail with this word, within its time.
    #[track_caller]
    fn fails(&self, code: &str, args: &[&str]) {
        let started = Instant::now();
        let run = self.qp(&[args, &["--json"]].concat()).exits(8);
        assert!(run.stderr.contains(&format!("\"code\":\"{code}\"")), "{run}");
        assert!(started.elapsed() < GENEROUS, "{args:?} took {:?}", started.elapsed());
    }

    fn allow_fallback(&self) {
        self.git(&["config", "quipu.fallbackBranch", PATTERN]);
    }
}
