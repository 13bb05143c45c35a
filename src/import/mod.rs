//! Foreign formats in, model values out: Beads JSONL, tbd's files, folders of Markdown.
//!
//! Knows the model and nothing else. Text and files come in, a [`Batch`] goes out; git, the command line, the
//! clock and the environment stay outside. The same source gives the same batch, whenever and wherever it is
//! read, so importing twice, or in two clones, makes the same issues.

pub mod beads;
mod collect;
mod front_matter;
mod markdown;
pub mod plan;
mod report;
mod tbd;
mod text;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::model::{Issue, IssueId, Timestamp};

pub use report::{Notice, Origin, Report};

/// What a source holds, ready to be merged into a tracker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// The format: `beads`, `tbd` or `markdown`.
    pub kind: &'static str,
    /// What the identities were derived from, beside format and id: `--source`, else the commonest prefix.
    pub namespace: String,
    /// The prefixes of the keys. One that only extends a commoner one (`bd-mol` beside `bd`) is left out.
    pub prefixes: BTreeSet<String>,
    /// The issues, ordered by ULID, each ULID once.
    pub issues: Vec<Issue>,
    /// Notes that are not issues: (key, text), ordered by key.
    pub memories: Vec<(String, String)>,
    /// What became of each record.
    pub report: Report,
}

/// What changes how a source is read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// The namespace of derived identities, instead of the prefix of each id.
    pub source: Option<String>,
    /// The prefix of keys, where the source does not say which it shows (tbd keeps it on another branch).
    pub prefix: Option<String>,
    /// Imports Beads' tombstones, as closed issues, instead of passing them over.
    pub tombstones: bool,
}

/// Reads Beads JSONL: one record a line. Compressed input goes through [`open`] first.
///
/// # Errors
/// Only where reading itself fails. Whatever is wrong with a line stands in the report.
pub fn beads(lines: impl BufRead, options: &Options) -> Result<Batch> {
    beads::read(lines, options)
}

/// Reads the files of tbd's branch: (path, content), in any order.
///
/// # Errors
/// None at present. Whatever is wrong with a file stands in the report.
pub fn tbd(files: &mut dyn Iterator<Item = (String, Vec<u8>)>, options: &Options) -> Result<Batch> {
    tbd::read(files, options)
}

/// Reads a folder of Markdown files with front matter: quipu's own, `ticket`'s, or any with a title or a status.
///
/// # Errors
/// The folder or one of its files cannot be read. What is wrong inside a file stands in the report.
pub fn markdown(folder: &Path, options: &Options) -> Result<Batch> {
    markdown::read(folder, options)
}

/// Returns a reader of lines, which unpacks what begins with the magic bytes of gzip.
///
/// # Errors
/// The first two bytes cannot be read.
pub fn open<'a>(mut reader: impl BufRead + 'a) -> Result<Box<dyn BufRead + 'a>> {
    let mut head = Vec::with_capacity(2);
    reader.by_ref().take(2).read_to_end(&mut head).map_err(cannot_read)?;
    let packed = head == [0x1f, 0x8b];
    let whole = Cursor::new(head).chain(reader);
    Ok(if packed { Box::new(BufReader::new(MultiGzDecoder::new(whole))) } else { Box::new(whole) })
}

/// Returns the identity of something foreign: the first 80 bits of SHA-256 over kind, namespace and id (each
/// ended by NUL but the last), behind its creation time.
pub fn derived_id(kind: &str, namespace: &str, foreign_id: &str, created_at: Timestamp) -> IssueId {
    let mut hash = Sha256::new();
    for part in [kind.as_bytes(), b"\0", namespace.as_bytes(), b"\0", foreign_id.as_bytes()] {
        hash.update(part);
    }
    let bits = hash.finalize().iter().take(10).fold(0, |bits, byte| (bits << 8) | u128::from(*byte));
    IssueId::from_parts(created_at, bits)
}

fn cannot_read(error: std::io::Error) -> Error {
    Error::invalid("cannot read the import").because(error)
}
