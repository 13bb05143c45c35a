//! The one place that runs the git program: a clean environment, no prompts, no hooks, no output of its own.
//!
//! A call that may hang gets a limit; how it is ended then stands in `child.rs`.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Store, child};
use crate::error::{Error, Kind, Result};

/// Variables that would point git at another repository.
const REPOSITORY_VARIABLES: [&str; 12] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_SHALLOW_FILE",
    "GIT_QUARANTINE_PATH",
    "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE",
];

/// A call of git that is being put together.
pub(super) struct Git {
    command: Command,
    input: Option<String>,
    limit: Option<Duration>,
}

/// What git answered.
pub(super) struct Output {
    pub success: bool,
    /// The exit code; `None` where a signal ended git.
    pub code: Option<i32>,
    /// Whether the limit passed, so that git was ended.
    pub timed_out: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Git {
    /// A call in the store's repository.
    pub fn new(store: &Store) -> Self {
        let git = Git::at(store.git_folder());
        // Any call may find that a file of a partial clone is missing, and would fetch it.
        if store.opening.is_offline { git.variable("GIT_NO_LAZY_FETCH", "1") } else { git }
    }

    /// A call in a folder, whether that is in a repository or not.
    #[expect(clippy::disallowed_methods, reason = "the one place that runs git")]
    pub fn at(folder: &Path) -> Self {
        let mut command = Command::new("git");
        for name in REPOSITORY_VARIABLES {
            command.env_remove(name);
        }
        command
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .args(["-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "maintenance.auto=false"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Git { command, input: None, limit: None }
    }

    /// Runs in another folder: that of a worktree.
    pub fn in_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Appends arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets who is named in the reflog.
    pub fn identity(mut self, name: String, email: String) -> Self {
        self.command.env("GIT_COMMITTER_NAME", name).env("GIT_COMMITTER_EMAIL", email);
        self
    }

    /// Sets a variable of git's environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Ends git, and everything that it has started, when it takes longer.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets what git reads on standard input.
    pub fn input(mut self, text: String) -> Self {
        self.command.stdin(Stdio::piped());
        self.input = Some(text);
        self
    }

    /// Runs git and hands it on standard input what `write` writes, piece by piece. What git prints must be short:
    /// it is read when everything is written.
    pub fn stream(
        mut self,
        write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>,
    ) -> Result<Output> {
        let mut child = self.command.stdin(Stdio::piped()).spawn().map_err(not_run)?;
        let written = child.stdin.take().map(|mut pipe| write(&mut pipe)).unwrap_or(Ok(()));
        let output = Output::from(child.wait_with_output().map_err(not_run)?);
        // Git may end before it has read everything.
        Ok(Output { success: output.success && written.is_ok(), ..output })
    }

    /// Runs git and collects its answer.
    pub fn output(mut self) -> Result<Output> {
        if self.limit.is_some() {
            self.in_own_group();
        }
        let mut child = self.command.spawn().map_err(not_run)?;
        let writer = child.stdin.take().zip(self.input).map(|(mut pipe, text)| {
            // Git may end before it has read everything; its exit code says why.
            std::thread::spawn(move || drop(pipe.write_all(text.as_bytes())))
        });
        if let Some(limit) = self.limit {
            // The writer ends with the pipe; whoever else holds that is not waited for.
            return child::collect(child, limit).map_err(not_run);
        }
        let output = child.wait_with_output().map_err(not_run)?;
        if let Some(writer) = writer {
            writer.join().map_err(|_| Error::bug("writing to git failed"))?;
        }
        Ok(output.into())
    }

    /// Git starts ssh and others; all of them are ended together.
    fn in_own_group(&mut self) {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut self.command, 0);
    }
}

impl From<std::process::Output> for Output {
    fn from(output: std::process::Output) -> Self {
        Output {
            success: output.status.success(),
            code: output.status.code(),
            timed_out: false,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

fn not_run(source: std::io::Error) -> Error {
    Error::new(Kind::Environment, "no_git", "the git program cannot be run").because(source)
}
