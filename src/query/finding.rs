//! A finding of `doctor`: what is wrong, what to do about it, and the repair that loses nothing, where there is one.

use super::ailments::{Ailment, ailment};
use super::mend::Mend;

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Something is lost, wrong or refused.
    Error,
    /// Something will go wrong, or is not what anybody wanted.
    Warning,
    /// Worth knowing; nothing is wrong.
    Note,
}

impl Severity {
    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// Something that is wrong, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// A stable word for programs, one of [`AILMENTS`](super::AILMENTS).
    pub code: &'static str,
    /// The key of the issue, where it is about one.
    pub issue: Option<String>,
    /// The path on the branch or in the file system, where it is about a file; the name of a ref.
    pub path: Option<String>,
    /// The line in that file, from 1.
    pub line: Option<u32>,
    /// What is wrong, in a sentence that names the thing.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// What `doctor --fix` does about it.
    pub mend: Option<Mend>,
}

impl Finding {
    /// Builds a finding that is about nothing in particular.
    pub fn new(
        severity: Severity,
        code: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let known = |ailment: &Ailment| ailment.severities.contains(&severity);
        debug_assert!(ailment(code).is_some_and(known), "{code} is not in the table, or not as {severity:?}");
        let (message, remedy) = (message.into(), remedy.into());
        Finding { severity, code, issue: None, path: None, line: None, message, remedy, mend: None }
    }

    /// Says which issue it is about.
    #[must_use]
    pub fn of_issue(mut self, key: impl Into<String>) -> Self {
        self.issue = Some(key.into());
        self
    }

    /// Says which file it is about.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Says which line it is about.
    #[must_use]
    pub fn on_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// Says what repairs it.
    #[must_use]
    pub fn mended_by(mut self, mend: impl Into<Option<Mend>>) -> Self {
        self.mend = mend.into();
        self
    }
}
