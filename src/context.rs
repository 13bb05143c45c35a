//! The world outside: clock, randomness, environment and current directory, in one value.
//!
//! Nothing else in the crate asks the operating system for any of these, so that a test can fix them:
//! `QP_TEST_NOW` (RFC 3339) stops the clock, `QP_TEST_SEED` (a number) makes the random bytes repeatable.
//! `QP_TEST_TERMINAL` takes standard output for a terminal.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::model::{IssueId, Timestamp};

/// Clock, randomness, environment and current directory of one command.
#[derive(Debug)]
pub struct Context {
    env: BTreeMap<String, String>,
    cwd: PathBuf,
    now: Option<Timestamp>,
    seed: Option<Cell<u64>>,
    program: Program,
}

/// The name the program was called by. The grammar is the same for all of them; hints repeat the name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Program {
    /// `qp`, and any name that is none of the others.
    #[default]
    Qp,
    /// A symlink `bd`, for scripts and agents that know that program.
    Bd,
    /// `git quipu`, which git finds as `git-quipu`.
    GitQuipu,
}

impl Program {
    /// Takes the name from the first word of a command line, which may be a path.
    pub fn called_as(first: Option<&OsStr>) -> Self {
        match first.and_then(|word| Path::new(word).file_stem()).and_then(OsStr::to_str) {
            Some("bd") => Program::Bd,
            Some("git-quipu") => Program::GitQuipu,
            _ => Program::Qp,
        }
    }

    /// Returns what is typed in front of a command.
    pub fn words(self) -> &'static str {
        match self {
            Program::Qp => "qp",
            Program::Bd => "bd",
            Program::GitQuipu => "git quipu",
        }
    }
}

impl Context {
    /// Takes everything from the process.
    ///
    /// # Errors
    /// Environment, where the current directory does not exist; usage, where a `QP_TEST_` variable is malformed.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system")]
    pub fn from_process() -> Result<Self> {
        let env = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect();
        let cwd = std::env::current_dir().map_err(|e| {
            Error::new(Kind::Environment, "no_directory", "the current directory is gone").because(e)
        })?;
        Context::new(env, cwd)
    }

    /// Goes by the name it was called by.
    #[must_use]
    pub fn called(mut self, program: Program) -> Self {
        self.program = program;
        self
    }

    /// Returns the name the program was called by.
    pub fn program(&self) -> Program {
        self.program
    }

    /// Works in another folder, named from the present one.
    #[must_use]
    pub fn in_folder(mut self, folder: Option<&Path>) -> Self {
        self.cwd.extend(folder);
        self
    }

    /// Builds a context from given parts; the test seams in `env` are honoured.
    ///
    /// # Errors
    /// Usage, where a `QP_TEST_` variable is malformed.
    pub fn new(env: BTreeMap<String, String>, cwd: PathBuf) -> Result<Self> {
        let now = match env.get("QP_TEST_NOW") {
            Some(text) => Some(
                Timestamp::parse(text)
                    .ok_or_else(|| Error::usage(format!("QP_TEST_NOW is not a time: {text}")))?,
            ),
            None => None,
        };
        let seed = match env.get("QP_TEST_SEED") {
            Some(text) => Some(Cell::new(
                text.parse().map_err(|_| Error::usage(format!("QP_TEST_SEED is not a number: {text}")))?,
            )),
            None => None,
        };
        Ok(Context { env, cwd, now, seed, program: Program::default() })
    }

    /// Returns the value of an environment variable that is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// Returns the whole environment.
    pub fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// Returns the folder the command works in.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// Returns the time in UTC, to the millisecond.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(|| Timestamp::from_millis(chrono::Utc::now().timestamp_millis()))
    }

    /// Returns random bits: from the operating system, or from the test seed.
    pub fn random(&self) -> u128 {
        match &self.seed {
            Some(state) => (u128::from(split_mix(state)) << 64) | u128::from(split_mix(state)),
            None => {
                let mut bytes = [0; 16];
                getrandom::fill(&mut bytes).expect("the operating system has random bytes");
                u128::from_le_bytes(bytes)
            }
        }
    }

    /// Returns a fresh random ULID for the present moment.
    pub fn fresh_id(&self) -> IssueId {
        IssueId::from_parts(self.now(), self.random())
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, and good enough for test data.
fn split_mix(state: &Cell<u64>) -> u64 {
    let next = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    state.set(next);
    let mut z = next;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
