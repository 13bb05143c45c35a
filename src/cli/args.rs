//! Arguments that several commands share: texts from flags, files and standard input, and times.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{MAX_FILE, trim_blank_end};
use crate::output::text::one_line;

/// Reads a text argument: `-` means standard input.
pub(super) fn text(value: &str) -> Result<String> {
    if value == "-" { stdin() } else { Ok(value.to_owned()) }
}

/// Reads a file argument: `-` means standard input.
pub(super) fn file(context: &Context, path: &Path) -> Result<String> {
    read_file(context, path, MAX_FILE)
}

/// Most bytes of a file that says something of many issues.
const MAX_BULK: usize = 64 * 1024 * 1024;

/// Reads a file of many things: `-` means standard input. Returns also what messages call it.
pub(super) fn bulk_file(context: &Context, path: &Path) -> Result<(String, String)> {
    let name = if path == Path::new("-") { "standard input".into() } else { path.display().to_string() };
    Ok((read_file(context, path, MAX_BULK)?, name))
}

fn read_file(context: &Context, path: &Path, most: usize) -> Result<String> {
    if path == Path::new("-") {
        return stdin_up_to(most);
    }
    let failed = |e: std::io::Error| {
        Error::new(Kind::Invalid, "unreadable_input", format!("{} cannot be read", path.display())).because(e)
    };
    let size = std::fs::metadata(context.cwd().join(path)).map_err(failed)?.len();
    if size > most as u64 {
        return Err(too_long(&path.display().to_string(), most));
    }
    std::fs::read_to_string(context.cwd().join(path)).map_err(failed)
}

fn stdin() -> Result<String> {
    stdin_up_to(MAX_FILE)
}

fn stdin_up_to(most: usize) -> Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin().take(most as u64 + 1).read_to_end(&mut bytes).map_err(|e| {
        Error::new(Kind::Invalid, "unreadable_input", "standard input cannot be read").because(e)
    })?;
    if bytes.len() > most {
        return Err(too_long("standard input", most));
    }
    // A pipe whose other end failed is empty too: that must not pass for a text, least of all overwrite one.
    if bytes.is_empty() {
        return Err(Error::invalid("standard input is empty").hint("pass the text itself, or pipe it in"));
    }
    String::from_utf8(bytes).map_err(|_| Error::invalid("standard input is not valid UTF-8"))
}

/// Reads keys from standard input: separated by white space or commas, `#` begins a comment.
pub(super) fn keys_from_stdin() -> Result<Vec<String>> {
    let nothing = || Error::usage("standard input names no issue").hint("pipe keys in, one a line");
    let text =
        stdin().map_err(|error| if error.message().ends_with("is empty") { nothing() } else { error })?;
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let words: Vec<String> = lines.flat_map(str::split_whitespace).map(str::to_owned).collect();
    let keys = split(&words);
    if keys.is_empty() { Err(nothing()) } else { Ok(keys) }
}

fn too_long(what: &str, most: usize) -> Error {
    let error = Error::new(Kind::Invalid, "too_large", format!("{what} has more than {most} bytes"));
    error.hint(match most {
        MAX_FILE => "put long logs into a file of the repository and name its path in the issue",
        _ => "split it; each part is a commit of its own",
    })
}

/// Where the description comes from. The aliases are what people and agents guess.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct DescriptionArgs {
    /// What it is about, in Markdown; - reads standard input
    #[arg(short = 'd', long, aliases = ["body"], short_alias = 'm', visible_alias = "message", value_name = "TEXT", allow_hyphen_values = true)]
    description: Option<String>,
    /// Read the description from a file; - reads standard input
    #[arg(long, alias = "description-file", value_name = "FILE", conflicts_with = "description")]
    body_file: Option<PathBuf>,
    /// Read the description from standard input
    #[arg(long, conflicts_with_all = ["description", "body_file"])]
    stdin: bool,
}

impl DescriptionArgs {
    /// Takes away the flag that reads standard input; tells whether it was there.
    pub fn take_stdin(&mut self) -> bool {
        std::mem::take(&mut self.stdin)
    }

    /// Tells whether standard input is to be read.
    pub fn reads_stdin(&self) -> bool {
        self.stdin
            || self.description.as_deref() == Some("-")
            || self.body_file.as_deref() == Some(Path::new("-"))
    }

    /// Returns the description, where one was given.
    pub fn read(&self, context: &Context) -> Result<Option<String>> {
        if self.stdin {
            return stdin().map(Some);
        }
        match (&self.description, &self.body_file) {
            (Some(value), _) => text(value).map(Some),
            (None, Some(path)) => file(context, path).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// Refuses two flags that would both read standard input.
pub(super) fn one_stdin<'a>(values: impl IntoIterator<Item = Option<&'a str>>, more: usize) -> Result<()> {
    let readers = values.into_iter().flatten().filter(|v| *v == "-").count() + more;
    if readers < 2 { Ok(()) } else { Err(Error::usage("standard input can be read only once")) }
}

/// The text of a note or a comment: words, a file or standard input.
#[derive(clap::Args, Debug, Default)]
pub struct WordsArgs {
    /// The text, in Markdown; - reads standard input
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    words: Option<String>,
    /// Further words, where the text was not quoted
    #[arg(value_name = "WORD", hide = true)]
    more: Vec<String>,
    /// The text, as a flag
    #[arg(short = 'm', long = "message", aliases = ["text", "body"], hide = true, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "words")]
    message: Option<String>,
    /// Read the text from a file; - reads standard input
    #[arg(short = 'f', long, alias = "body-file", value_name = "FILE", conflicts_with_all = ["words", "message"])]
    file: Option<PathBuf>,
    /// Read the text from standard input
    #[arg(long, conflicts_with_all = ["words", "message", "file"])]
    stdin: bool,
}

impl WordsArgs {
    /// Returns the first of several words that were not quoted.
    pub fn first_of_several(&self) -> Option<&str> {
        self.words.as_deref().filter(|_| !self.more.is_empty())
    }

    /// Returns the text, which must not be empty. `command` is what a hint repeats.
    pub fn read(&self, context: &Context, command: &str) -> Result<String> {
        // A text may begin with a dash, as lists do; a word that does is a mistyped flag.
        let is_flag = |w: &&String| w.len() > 1 && w.starts_with('-') && !w.contains(char::is_whitespace);
        if let Some(flag) = self.words.as_ref().filter(is_flag) {
            return Err(Error::usage(format!("unexpected argument '{}' found", one_line(flag)))
                .hint(format!("{command} -m \"TEXT\" takes any text")));
        }
        let given = match (&self.message, &self.file) {
            _ if self.stdin => stdin()?,
            (Some(value), _) => text(value)?,
            (None, Some(path)) => file(context, path)?,
            (None, None) => {
                let words: Vec<&str> = self.words.iter().chain(&self.more).map(String::as_str).collect();
                text(&words.join(" "))?
            }
        };
        let given = trim_blank_end(&given);
        if given.trim().is_empty() {
            return Err(Error::usage("there is no text").hint(format!("{command} \"TEXT\"")));
        }
        Ok(given.to_owned())
    }
}

/// Splits a list argument at commas; every flag of lists may also be repeated.
pub(super) fn split(values: &[String]) -> Vec<String> {
    values
        .iter()
        .flat_map(|v| v.split(','))
        .map(str::trim)
        .filter(|v| !v.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Longest label, in characters.
const LONGEST_LABEL: usize = 100;

/// Reads labels, separated by commas.
pub(super) fn labels(values: &[String]) -> Result<BTreeSet<String>> {
    let labels: BTreeSet<String> = split(values).into_iter().collect();
    for label in &labels {
        if label.chars().any(char::is_control) || label.chars().count() > LONGEST_LABEL {
            let message = format!("{label:?} is not a label: one line of at most {LONGEST_LABEL} characters");
            return Err(Error::invalid(message));
        }
    }
    Ok(labels)
}
