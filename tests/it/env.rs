//! The hermetic test environment: an empty environment, no git configuration but what a test writes, a clock
//! that moves one minute per command and random bytes that are the same in every run.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The binary under test.
pub const QP: &str = env!("CARGO_BIN_EXE_qp");
/// The time of the first command: 2026-01-07T10:00:00Z, in milliseconds.
const START_MS: i64 = 1_767_780_000_000;

/// A temporary folder with a home and repositories in it.
pub struct Env {
    root: TempDir,
    vars: BTreeMap<String, String>,
    commands: Cell<u64>,
    skipped_ms: Cell<i64>,
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Run {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Env {
    /// An environment without a repository.
    pub fn bare() -> Self {
        let root = tempfile::Builder::new().prefix("qp-test-").tempdir().expect("a temporary folder");
        let home = root.path().join("home");
        std::fs::create_dir(&home).expect("a home");
        let path = std::env::var("PATH").expect("PATH is set");
        let vars = [
            ("PATH", path.as_str()),
            ("HOME", home.to_str().expect("a UTF-8 path")),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_DATE", "2026-01-07T10:00:00Z"),
            ("GIT_COMMITTER_DATE", "2026-01-07T10:00:00Z"),
            ("TZ", "UTC"),
            ("QP_ACTOR", "alice"),
            ("QP_SESSION", "s1"),
        ];
        let vars = vars.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        Env { root, vars, commands: Cell::new(0), skipped_ms: Cell::new(0) }
    }

    /// An environment with an empty git repository `repo`, which is the current folder.
    pub fn git() -> Self {
        let env = Env::bare();
        env.run_git(env.root(), &["init", "-q", "-b", "main", "repo"]);
        env
    }

    /// An environment with a tracker of prefix `web` in `repo`.
    pub fn new() -> Self {
        let env = Env::git();
        env.qp(["init", "--prefix", "web", "--quiet"]).success();
        env
    }

    /// The temporary folder.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// The repository that commands run in unless told otherwise.
    pub fn repo(&self) -> PathBuf {
        self.root().join("repo")
    }

    /// Sets a variable for all further commands.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.vars.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Removes a variable for all further commands.
    pub fn unset(&mut self, name: &str) -> &mut Self {
        self.vars.remove(name);
        self
    }

    /// Lets time pass.
    pub fn pass(&self, milliseconds: i64) {
        self.skipped_ms.set(self.skipped_ms.get() + milliseconds);
    }

    /// Runs qp in `repo`.
    pub fn qp<S: AsRef<str>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        self.qp_in(&self.repo(), args, &[], "")
    }

    /// Runs qp with something on standard input.
    pub fn qp_stdin<S: AsRef<str>>(&self, args: impl IntoIterator<Item = S>, stdin: &str) -> Run {
        self.qp_in(&self.repo(), args, &[], stdin)
    }

    /// Runs qp as another actor, in a session of the same name.
    pub fn qp_as<S: AsRef<str>>(&self, actor: &str, args: impl IntoIterator<Item = S>) -> Run {
        self.qp_in(&self.repo(), args, &[("QP_ACTOR", actor), ("QP_SESSION", actor)], "")
    }

    /// Runs qp in a folder, with extra variables and standard input.
    pub fn qp_in<S: AsRef<str>>(
        &self,
        folder: &Path,
        args: impl IntoIterator<Item = S>,
        vars: &[(&str, &str)],
        stdin: &str,
    ) -> Run {
        let mut command = self.command(folder);
        command.args(args.into_iter().map(|a| a.as_ref().to_owned()));
        command.envs(vars.iter().copied());
        finish(command, stdin)
    }

    /// Runs a shell script in a folder, with qp on its PATH.
    pub fn shell(&self, folder: &Path, script: &str) -> Run {
        let mut command = self.program(folder, "sh");
        let bin = Path::new(QP).parent().expect("a folder").display().to_string();
        command.env("PATH", format!("{bin}:{}", self.vars["PATH"])).args(["-c", script]);
        finish(command, "")
    }

    /// A qp command in a folder, with the next moment on its clock.
    pub fn command(&self, folder: &Path) -> Command {
        self.program(folder, QP)
    }

    /// Any program in a folder; where it is qp, or calls it, the next moment is on its clock.
    pub fn program(&self, folder: &Path, program: &str) -> Command {
        let number = self.commands.get() + 1;
        self.commands.set(number);
        let minutes = i64::try_from(number).expect("few commands") - 1;
        let now = quipu::model::Timestamp::from_millis(START_MS + minutes * 60_000 + self.skipped_ms.get());
        let mut command = Command::new(program);
        command.env_clear().envs(&self.vars).current_dir(folder);
        command.env("QP_TEST_NOW", now.to_string()).env("QP_TEST_SEED", number.to_string());
        command
    }

    /// Runs git in a folder and returns what it printed; it must succeed.
    pub fn run_git(&self, folder: &Path, args: &[&str]) -> String {
        let run = self.try_git(folder, args);
        assert_eq!(run.code, 0, "git {args:?}: {}", run.stderr);
        run.stdout
    }

    /// Runs git in a folder.
    pub fn try_git(&self, folder: &Path, args: &[&str]) -> Run {
        finish(self.git_command(folder, args), "")
    }

    /// A git command in a folder.
    pub fn git_command(&self, folder: &Path, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.env_clear().envs(&self.vars).current_dir(folder);
        command.args(["-c", "user.name=alice", "-c", "user.email=alice@example.com"]).args(args);
        command
    }

    /// Runs git in `repo`.
    pub fn git_out(&self, args: &[&str]) -> String {
        self.run_git(&self.repo(), args)
    }

    /// Writes (or, with `None`, deletes) a file on the tracker's branch with git's own tools, as anybody with a
    /// clone could, and returns the commit.
    pub fn commit_file(&self, path: &str, content: Option<&str>) -> String {
        let repo = self.repo();
        let git = |args: &[&str], stdin: &str| {
            let mut command = Command::new("git");
            command.env_clear().envs(&self.vars).current_dir(&repo);
            command.env("GIT_INDEX_FILE", self.root().join("index")).args(args);
            let run = finish(command, stdin).success();
            run.stdout.trim().to_owned()
        };
        git(&["read-tree", "quipu-sync"], "");
        match content {
            Some(content) => {
                let blob = git(&["hash-object", "-w", "--stdin"], content);
                git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")], "");
            }
            None => drop(git(&["update-index", "--force-remove", path], "")),
        }
        let tree = git(&["write-tree"], "");
        let who = ["-c", "user.name=mallory", "-c", "user.email=mallory@example.com"];
        let commit =
            git(&[&who[..], &["commit-tree", "-p", "quipu-sync", "-m", "by hand", &tree]].concat(), "");
        git(&[&who[..], &["update-ref", "refs/heads/quipu-sync", &commit]].concat(), "");
        commit
    }

    /// Runs git in `repo` with something on standard input; it must succeed.
    pub fn git_stdin(&self, args: &[&str], stdin: &str) -> String {
        let mut command = Command::new("git");
        command.env_clear().envs(&self.vars).current_dir(self.repo()).args(args);
        finish(command, stdin).success().stdout
    }

    /// Creates an issue and returns its key.
    pub fn create<S: AsRef<str>>(&self, args: impl IntoIterator<Item = S>) -> String {
        let args = ["q".to_owned()].into_iter().chain(args.into_iter().map(|a| a.as_ref().to_owned()));
        self.qp(args).success().stdout.trim().to_owned()
    }

    /// Runs qp with `--json`, which must succeed, and returns the document, which must be as its schema says.
    #[track_caller]
    pub fn json<S: AsRef<str>>(&self, args: impl IntoIterator<Item = S>) -> serde_json::Value {
        let args = args.into_iter().map(|a| a.as_ref().to_owned()).chain(["--json".to_owned()]);
        let args: Vec<String> = args.collect();
        let document = self.qp(&args).success().json();
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        crate::json_docs::checker::hold(&words, &document);
        document
    }

    /// Rewrites the file of an issue by a commit that another program could have made.
    pub fn rewrite(&self, key: &str, change: impl FnOnce(&str) -> String) {
        let uid = self.json(["show", key])[0]["uid"].as_str().expect("an identity").to_owned();
        let (first, second) = (&uid[24..25], &uid[25..]);
        let path = format!("issues/{first}/{second}/{uid}.md");
        let folder = self.root().join("rewrite");
        let folder_name = folder.to_str().expect("a UTF-8 path");
        self.git_out(&["worktree", "add", "-q", "--detach", folder_name, "quipu-sync"]);
        let text = std::fs::read_to_string(folder.join(&path)).expect("the file of an issue");
        std::fs::write(folder.join(&path), change(&text)).expect("the file can be written");
        self.run_git(&folder, &["commit", "-q", "-a", "-m", "by hand"]);
        let head = self.run_git(&folder, &["rev-parse", "HEAD"]);
        self.git_out(&["update-ref", "refs/heads/quipu-sync", head.trim()]);
        self.git_out(&["worktree", "remove", "--force", folder_name]);
    }

    /// The repository must be sound.
    pub fn fsck(&self) {
        self.fsck_in(&self.repo());
    }

    /// The repository around a folder must be sound.
    pub fn fsck_in(&self, folder: &Path) {
        let run = self.try_git(folder, &["fsck", "--full", "--strict", "--no-dangling"]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        assert!(!run.stderr.contains("error"), "{}", run.stderr);
    }
}

pub fn finish(mut command: Command, stdin: &str) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    let input = stdin.to_owned();
    let writer = std::thread::spawn(move || drop(pipe.write_all(input.as_bytes())));
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("standard input was written");
    Run {
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
        code: output.status.code().unwrap_or(-1),
    }
}

impl Run {
    /// The command must have succeeded.
    #[track_caller]
    pub fn success(self) -> Self {
        assert_eq!(self.code, 0, "{self}");
        self
    }

    /// The command must have ended with this code, and a failure must have printed no result.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Parses the result.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self}"))
    }
}

/// One text for snapshots: the result, then the talk, then the exit code where it is not 0.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            write!(f, "[stderr]\n{}", self.stderr)?;
        }
        if self.code != 0 {
            writeln!(f, "[exit {}]", self.code)?;
        }
        Ok(())
    }
}

/// Compares a command's whole outcome with an inline snapshot. `SNAPSHOTS=overwrite` updates it.
#[macro_export]
macro_rules! snapshot {
    ($run:expr, $expected:expr) => {
        snapbox::assert_data_eq!(
            $run.to_string(),
            snapbox::IntoData::raw(snapbox::IntoData::into_data($expected))
        )
    };
}

/// As [`snapshot!`], with `COMMIT` in the place of every commit id: they depend on everything before.
#[macro_export]
macro_rules! history {
    ($run:expr, $expected:expr) => {
        snapbox::assert_data_eq!($crate::env::without_commits(&$run.to_string()), $expected)
    };
}

/// Replaces words of nine hexadecimal digits.
pub fn without_commits(text: &str) -> String {
    let is_commit = |word: &str| {
        word.len() == 9
            && word.bytes().all(|b| b.is_ascii_hexdigit())
            && word.bytes().any(|b| b.is_ascii_digit())
    };
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    words
        .map(|word| {
            let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            if is_commit(bare) { word.replace(bare, "COMMIT") } else { word.to_owned() }
        })
        .collect()
}
