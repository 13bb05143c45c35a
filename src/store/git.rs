//! The one place that runs the git program: a clean environment, no prompts, no hooks, no output of its own.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Store;
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
}

/// What git answered.
pub(super) struct Output {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Git {
    /// A call in the store's repository.
    pub fn new(store: &Store) -> Self {
        Git::at(store.git_dir())
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
        Git { command, input: None }
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
        let failed = |e: std::io::Error| {
            Error::new(Kind::Environment, "no_git", "the git program cannot be run").because(e)
        };
        let mut child = self.command.stdin(Stdio::piped()).spawn().map_err(failed)?;
        let written = child.stdin.take().map(|mut pipe| write(&mut pipe)).unwrap_or(Ok(()));
        let output = child.wait_with_output().map_err(failed)?;
        Ok(Output {
            // Git may end before it has read everything.
            success: output.status.success() && written.is_ok(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs git and collects its answer.
    pub fn output(mut self) -> Result<Output> {
        let failed = |e: std::io::Error| {
            Error::new(Kind::Environment, "no_git", "the git program cannot be run").because(e)
        };
        let mut child = self.command.spawn().map_err(failed)?;
        let writer = child.stdin.take().zip(self.input).map(|(mut pipe, text)| {
            // Git may end before it has read everything; its exit code says why.
            std::thread::spawn(move || drop(pipe.write_all(text.as_bytes())))
        });
        let output = child.wait_with_output().map_err(failed)?;
        if let Some(writer) = writer {
            writer.join().map_err(|_| Error::bug("writing to git failed"))?;
        }
        Ok(Output {
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}
