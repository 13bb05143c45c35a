//! The one error type that reaches a user: what went wrong, what to do about it, and the exit code.
//!
//! Every layer may use it; it knows none of them. Whoever branches on an error looks at its [`Kind`]
//! or its `code`, never at the wording.

use std::fmt;
use std::ops::Range;

/// What family a failure belongs to. Each has an exit code of its own, because each has another remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A `check` that does not hold (1).
    CheckFailed,
    /// The command line itself is wrong (2).
    Usage,
    /// The named thing does not exist (3).
    NotFound,
    /// The name fits several things (4).
    Ambiguous,
    /// Input or a file is not valid (5).
    Invalid,
    /// The change contradicts the tracker's state: a held claim, a cycle, open blockers (6).
    Conflict,
    /// Somebody else is writing (7).
    Busy,
    /// The remote failed or refused (8).
    Remote,
    /// No repository, no tracker, read-only, foreign owner, newer format (9).
    Environment,
    /// A defect in quipu itself (70).
    Bug,
}

impl Kind {
    /// Every kind, in the order of the exit codes.
    pub const ALL: [Kind; 10] = [
        Kind::CheckFailed,
        Kind::Usage,
        Kind::NotFound,
        Kind::Ambiguous,
        Kind::Invalid,
        Kind::Conflict,
        Kind::Busy,
        Kind::Remote,
        Kind::Environment,
        Kind::Bug,
    ];

    /// Returns what the exit code means, for the documentation.
    pub fn meaning(self) -> &'static str {
        match self {
            Kind::CheckFailed => "what was asked does not hold: `check`, or `doctor` with errors or warnings",
            Kind::Usage => "the command line is wrong",
            Kind::NotFound => "no such issue, commit or thing",
            Kind::Ambiguous => "the name fits several; the hint lists them",
            Kind::Invalid => "a value or a file is not valid",
            Kind::Conflict => "the tracker's state forbids it: a held claim, a cycle, open blockers",
            Kind::Busy => "somebody else is writing; the same command again is safe",
            Kind::Remote => "the remote failed, or refused what could not be saved elsewhere",
            Kind::Environment => {
                "no repository, no tracker, nothing can be written, no space, foreign owner, newer format"
            }
            Kind::Bug => "a defect in quipu",
        }
    }

    /// Returns the process exit code of the kind.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::CheckFailed => 1,
            Kind::Usage => 2,
            Kind::NotFound => 3,
            Kind::Ambiguous => 4,
            Kind::Invalid => 5,
            Kind::Conflict => 6,
            Kind::Busy => 7,
            Kind::Remote => 8,
            Kind::Environment => 9,
            Kind::Bug => 70,
        }
    }
}

/// A failure as a user meets it.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    code: &'static str,
    message: String,
    hint: Option<String>,
    meant: Option<(String, String)>,
    excerpt: Option<Excerpt>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The place in a line of input where something is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excerpt {
    /// The line.
    pub text: String,
    /// The bytes of it that are wrong.
    pub span: Range<usize>,
}

impl Excerpt {
    /// Returns the number of the first wrong character, from 1.
    pub fn column(&self) -> usize {
        1 + self.text.get(..self.span.start).map_or(0, |before| before.chars().count())
    }
}

/// The result of everything that can fail in front of a user.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Creates an error. `code` is a stable snake_case word for programs, `message` is lower case,
    /// without a full stop, and names the thing.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            code,
            message: message.into(),
            hint: None,
            meant: None,
            excerpt: None,
            source: None,
        }))
    }

    /// Adds the remedy: a command that works, or one short instruction.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Says which word of the input was wrong and which was meant, so that whoever has the input can correct it.
    #[must_use]
    pub fn meant(mut self, given: &str, right: &str) -> Self {
        self.0.meant = Some((given.to_owned(), right.to_owned()));
        self
    }

    /// Adds the cause, for `--verbose` and for debugging.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Shows the place in a line of input. The first place that is given stands.
    #[must_use]
    pub fn at(mut self, text: &str, span: Range<usize>) -> Self {
        self.0.excerpt.get_or_insert_with(|| Excerpt { text: text.to_owned(), span });
        self
    }

    /// Says where it happened, in front of the message: a file and a line, an issue.
    #[must_use]
    pub fn within(mut self, place: &str) -> Self {
        self.0.message = format!("{place}: {}", self.0.message);
        self
    }

    /// Adds to the message.
    #[must_use]
    pub fn adding(mut self, words: &str) -> Self {
        self.0.message.push_str(words);
        self
    }

    /// Calls something by another name. A remedy that speaks of it would not work, and is left out.
    #[must_use]
    pub fn calling(mut self, name: &str, other: &str) -> Self {
        self.0.message = self.0.message.replace(name, other);
        self.0.hint = self.0.hint.filter(|hint| !hint.contains(name));
        self
    }

    /// Returns the kind, which decides the exit code.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Returns the stable word that names this failure.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// Returns the message without the hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the remedy, if there is one.
    pub fn remedy(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Returns what caused it.
    pub fn cause(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }

    /// Returns the wrong word and the one that was meant.
    pub fn correction(&self) -> Option<(&str, &str)> {
        self.0.meant.as_ref().map(|(given, right)| (given.as_str(), right.as_str()))
    }

    /// Returns the place in a line of input, where there is one.
    pub fn excerpt(&self) -> Option<&Excerpt> {
        self.0.excerpt.as_ref().filter(|excerpt| !excerpt.text.is_empty())
    }

    /// An error in the way the command was called.
    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(Kind::Usage, "usage", message)
    }

    /// An error in a value or a file.
    pub fn invalid(message: impl Into<String>) -> Self {
        Error::new(Kind::Invalid, "invalid", message)
    }

    /// A state that cannot happen; reaching it is our defect.
    pub fn bug(message: impl Into<String>) -> Self {
        Error::new(Kind::Bug, "bug", message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        let mut cause: Option<&(dyn std::error::Error + 'static)> = self.cause();
        while let Some(c) = cause {
            write!(f, ": {c}")?;
            cause = c.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
