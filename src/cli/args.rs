//! Arguments that several commands share: texts from flags, files and standard input, and times.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::MAX_FILE;

/// Reads a text argument: `-` means standard input.
pub(super) fn text(value: &str) -> Result<String> {
    if value == "-" { stdin() } else { Ok(value.to_owned()) }
}

/// Reads a file argument: `-` means standard input.
pub(super) fn file(context: &Context, path: &Path) -> Result<String> {
    if path == Path::new("-") {
        return stdin();
    }
    let failed = |e: std::io::Error| {
        Error::new(Kind::Invalid, "unreadable_input", format!("{} cannot be read", path.display())).because(e)
    };
    let size = std::fs::metadata(context.cwd().join(path)).map_err(failed)?.len();
    if size > MAX_FILE as u64 {
        return Err(too_long(&path.display().to_string()));
    }
    std::fs::read_to_string(context.cwd().join(path)).map_err(failed)
}

fn stdin() -> Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin().take(MAX_FILE as u64 + 1).read_to_end(&mut bytes).map_err(|e| {
        Error::new(Kind::Invalid, "unreadable_input", "standard input cannot be read").because(e)
    })?;
    if bytes.len() > MAX_FILE {
        return Err(too_long("standard input"));
    }
    String::from_utf8(bytes).map_err(|_| Error::invalid("standard input is not valid UTF-8"))
}

fn too_long(what: &str) -> Error {
    Error::new(Kind::Invalid, "too_large", format!("{what} has more than {MAX_FILE} bytes"))
        .hint("put long logs into a file of the repository and name its path in the issue")
}

/// Where the description comes from. The aliases are what people and agents guess.
#[derive(clap::Args, Debug, Default)]
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
