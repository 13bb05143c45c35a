//! The snapshot file: the decoded front matter of every issue at some tree, to save reading it again.
//!
//! Any snapshot is a valid start, because a view reads whatever differs from it. It is never needed and never
//! trusted: absent, torn, of another format or unwritable, it is passed over. Deleting it changes nothing
//! but time.
//!
//! The file is read in parts, and each part is checked when it is read:
//!
//! | part | bytes | what |
//! |---|---|---|
//! | mark | 8 | `QPSNAP`, zero, the version of this layout |
//! | layout | 4 | checksum of the field table and the program's version |
//! | lengths | 3 × 8 | of the three parts at the end |
//! | checksum | 4 | of the lengths, the head and the columns |
//! | head | | the tree, the settings, what could not be read; in postcard |
//! | columns | | identities, keys, facts and references: the table in `model/packed.rs` |
//! | rows | | one behind the other, in postcard, each with a checksum in the columns |
//!
//! A command reads everything up to the columns at once, about 90 bytes an issue, and uses the columns where they
//! stand. Of the rows it reads those that it looks at. A row whose checksum is wrong is read from the branch.
//!
//! What has changed since stands in a small file beside this one, until it is much: `cache_changes.rs`.

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use gix::ObjectId;
use serde::{Deserialize, Serialize};

use super::layout::issue_path;
use super::overlay::Overlays;
use super::recent::Recent;
use super::{Store, tree};
use crate::model::{Bodies, FIELDS, IssueId, Packed, Row, Rows, Settings, Unreadable};

/// Begins the file. The last byte grows with every change of the layout that the field table does not show.
const MAGIC: &[u8; 8] = b"QPSNAP\x00\x04";
/// Bytes in front of the head.
const PREFIX: usize = 40;

/// What the file holds, decoded as far as every command needs it.
#[derive(Default)]
pub(super) struct Cached {
    /// The tree it was made from, as raw bytes.
    pub tree: Vec<u8>,
    pub settings: Settings,
    pub rows: Rows,
    pub unreadable: Vec<Unreadable>,
}

/// The part of the file in front of the columns.
#[derive(Serialize, Deserialize)]
struct Head {
    tree: Vec<u8>,
    settings: Settings,
    unreadable: Vec<Unreadable>,
}

/// The beginning of the file.
struct Prefix {
    /// Of the head, the columns and the rows.
    lengths: [u8; 24],
    sum: u32,
}

impl Prefix {
    fn new(lengths: [usize; 3], checked: &[u8]) -> Self {
        let mut bytes = [0; 24];
        for (place, length) in bytes.chunks_exact_mut(8).zip(lengths) {
            place.copy_from_slice(&(length as u64).to_le_bytes());
        }
        Prefix { lengths: bytes, sum: checksum([&bytes, checked]) }
    }

    fn write(&self) -> Vec<u8> {
        [&MAGIC[..], &layout().to_le_bytes(), &self.lengths, &self.sum.to_le_bytes()].concat()
    }

    /// Reads it; `None` where it is that of another format.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (of_layout, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk()?;
        let (lengths, rest) = rest.split_first_chunk()?;
        let sum = u32::from_le_bytes(*rest.first_chunk()?);
        (u32::from_le_bytes(*of_layout) == layout()).then_some(Prefix { lengths: *lengths, sum })
    }

    /// Returns the length of a part, which is at most that of the file.
    fn length(&self, part: usize, file_len: u64) -> Option<usize> {
        let bytes = self.lengths[8 * part..].first_chunk()?;
        usize::try_from(u64::from_le_bytes(*bytes)).ok().filter(|len| *len as u64 <= file_len)
    }
}

impl Store {
    pub(super) fn cache_path(&self) -> std::path::PathBuf {
        self.private_dir().join("snapshot")
    }

    /// Reads the snapshot file, where its beginning is whole, and what was kept beside it.
    pub(super) fn load_cache(&self) -> Option<Cached> {
        self.load_snapshot().map(|cached| self.load_changes(cached))
    }

    fn load_snapshot(&self) -> Option<Cached> {
        let mut file = File::open(self.cache_path()).ok()?;
        let file_len = file.metadata().ok()?.len();
        let prefix = Prefix::read(&read(&mut file, PREFIX)?)?;
        let length = |part| prefix.length(part, file_len);
        let (head_len, columns_len, rows_len) = (length(0)?, length(1)?, length(2)?);
        let start = (PREFIX + head_len + columns_len) as u64;
        if start + rows_len as u64 != file_len {
            return None;
        }
        let buffer = read(&mut file, head_len + columns_len)?;
        if checksum([&prefix.lengths, &buffer]) != prefix.sum {
            return None;
        }
        let Head { tree, settings, unreadable } = postcard::from_bytes(buffer.get(..head_len)?).ok()?;
        // What is remembered holds these rows; they must not hold it in turn.
        let store = Store { recent: Recent::default(), overlays: Overlays::default(), ..self.clone() };
        let bodies = FileBodies { file: RefCell::new(file), start, store, tree: tree.clone() };
        let packed = Packed::from_columns(buffer, head_len, Box::new(bodies), rows_len)?;
        Some(Cached { tree, settings, rows: Rows::from_packed(packed), unreadable })
    }

    /// Writes the snapshot file by rename. A failure costs time later and nothing else.
    pub(super) fn save_cache(
        &self,
        tree: &[u8],
        settings: &Settings,
        rows: &Rows,
        unreadable: &[Unreadable],
    ) {
        let (tree, settings, unreadable) = (tree.to_owned(), settings.clone(), unreadable.to_owned());
        // Whoever may not write here still reads.
        drop(self.try_save_cache(&Head { tree, settings, unreadable }, &rows.pack()));
    }

    fn try_save_cache(&self, head: &Head, packed: &Packed) -> std::io::Result<()> {
        let mut checked = postcard::to_stdvec(head).map_err(std::io::Error::other)?;
        let head_len = checked.len();
        packed.write_columns(&mut checked);
        let rows_len = packed.bodies().into_iter().flatten().map(<[u8]>::len).sum();
        let prefix = Prefix::new([head_len, checked.len() - head_len, rows_len], &checked).write();
        let rows = packed.bodies().into_iter().flatten();
        self.replace_private(&self.cache_path(), [&prefix[..], &checked].into_iter().chain(rows))
    }

    /// Writes a file of our own by rename.
    pub(super) fn replace_private<'p>(
        &self,
        path: &Path,
        parts: impl IntoIterator<Item = &'p [u8]>,
    ) -> std::io::Result<()> {
        let folder = self.private_dir();
        let _sharing = self.sharing();
        std::fs::create_dir_all(&folder)?;
        let mut builder = tempfile::Builder::new();
        // As readable as the rest of the repository; the user's mask applies.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = BufWriter::new(builder.prefix("snapshot-").tempfile_in(&folder)?);
        for part in parts {
            file.write_all(part)?;
        }
        file.into_inner()?.persist(path)?;
        Ok(())
    }
}

/// Sums up the names and types of all fields, and the program's version.
pub(super) fn layout() -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(env!("CARGO_PKG_VERSION").as_bytes());
    for field in FIELDS {
        for part in [" ", field.key, ":", field.kind.describe()] {
            crc.update(part.as_bytes());
        }
    }
    crc.sum()
}

pub(super) fn checksum(parts: [&[u8]; 2]) -> u32 {
    let mut crc = flate2::Crc::new();
    parts.iter().for_each(|part| crc.update(part));
    crc.sum()
}

/// Encoded rows in a snapshot file. The file stays open, so that it may be replaced meanwhile.
struct FileBodies {
    file: RefCell<File>,
    /// Where the rows begin in it.
    start: u64,
    store: Store,
    tree: Vec<u8>,
}

impl Bodies for FileBodies {
    fn read(&self, start: usize, buffer: &mut [u8]) -> Option<()> {
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(self.start + start as u64)).ok()?;
        file.read_exact(buffer).ok()
    }

    fn origin(&self) -> &[u8] {
        &self.tree
    }

    fn afresh(&self, id: IssueId) -> Option<Row> {
        // The next command shall not stumble over it again.
        drop(std::fs::remove_file(self.store.cache_path()));
        let tree_id = ObjectId::try_from(&self.tree[..]).ok()?;
        let path = issue_path(id);
        let (blob_id, _) = tree::lookup(&self.store.repo, tree_id, &path).ok()??;
        self.store.fetch_promised([blob_id]).ok()?;
        self.store.read_row(&path, blob_id).ok()
    }
}

/// Reads so many bytes and no fewer.
fn read(file: &mut File, len: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; len];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}
