//! The search file: an index of all texts at some tree, to save reading them again.
//!
//! As the snapshot: any that is whole is a valid start, it is never needed and never trusted, and deleting it changes
//! nothing but time. The lists are most of it, and a search reads a few; so they stand at the end, in blocks with a
//! checksum each.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::PathBuf;

use gix::ObjectId;
use serde::{Deserialize, Serialize};

use super::Store;
use crate::model::IssueId;
use crate::query::{Dictionary, Inverted};

/// Begins the file. The last byte grows with every change of the layout, and of what is a term or a text.
const MAGIC: &[u8; 8] = b"QPFIND\x00\x01";
/// The magic, the checksum and the length of the head.
const BEFORE_HEAD: usize = 16;
/// Bytes of an identity.
const ID: usize = size_of::<IssueId>();
/// Bytes of the lists that have a checksum together.
const BLOCK: usize = 16 * 1024;

/// What stands in front of the lists.
#[derive(Serialize, Deserialize)]
struct Head<'h> {
    layout: u32,
    /// The tree of the issues.
    tree: &'h [u8],
    /// The identity of each document.
    ids: &'h [u8],
    terms: &'h str,
    lengths: &'h [u8],
    /// Length of all lists.
    lists: u64,
    /// The checksum of each block of them.
    sums: &'h [u8],
}

/// A search file that is open.
pub(super) struct SearchFile {
    file: File,
    head: Vec<u8>,
}

impl Store {
    pub(super) fn search_path(&self) -> PathBuf {
        self.private_dir().join("search")
    }

    /// Opens the search file, where it can be used.
    pub(super) fn open_search_file(&self) -> Option<SearchFile> {
        let mut file = File::open(self.search_path()).ok()?;
        let length = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        let mut before = [0; BEFORE_HEAD];
        file.read_exact(&mut before).ok()?;
        let (sum, size) = before.strip_prefix(MAGIC)?.split_first_chunk::<4>()?;
        let size = u32::from_le_bytes(size.try_into().ok()?);
        let rest = length.checked_sub(BEFORE_HEAD as u64 + u64::from(size))?;
        let mut head = vec![0; size as usize];
        file.read_exact(&mut head).ok()?;
        let found = SearchFile { file, head };
        if checksum(&found.head) != u32::from_le_bytes(*sum) {
            return None;
        }
        let head = found.head()?;
        let blocks = usize::try_from(head.lists).ok()?.div_ceil(BLOCK);
        let whole = head.layout == layout() && head.lists == rest && head.sums.len() == blocks * 4;
        (whole && head.ids.len().is_multiple_of(ID)).then_some(found)
    }

    /// Makes a file that [`NewSearchFile::write`] fills, or finds that none can be made here.
    pub(super) fn new_search_file(&self) -> Option<NewSearchFile> {
        if self.is_in_memory() {
            return None;
        }
        let folder = self.private_dir();
        let _sharing = self.sharing();
        std::fs::create_dir_all(&folder).ok()?;
        let mut builder = tempfile::Builder::new();
        // As readable as the rest of the repository; the user's mask applies.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.prefix("search-").tempfile_in(&folder).ok()?;
        Some(NewSearchFile { file, path: self.search_path() })
    }
}

/// A file that will take the place of the search file.
pub(super) struct NewSearchFile {
    file: tempfile::NamedTempFile,
    path: PathBuf,
}

impl NewSearchFile {
    /// Writes the index of a tree. A failure costs time later and nothing else.
    pub(super) fn write(self, tree: ObjectId, ids: &[IssueId], index: &Inverted) {
        // Whoever may not write here still searches.
        drop(self.try_write(tree, ids, index));
    }

    fn try_write(mut self, tree: ObjectId, ids: &[IssueId], index: &Inverted) -> std::io::Result<()> {
        let ids: Vec<u8> = ids.iter().flat_map(|id| id.bits().to_le_bytes()).collect();
        let sums: Vec<u8> = index.lists.chunks(BLOCK).flat_map(|b| checksum(b).to_le_bytes()).collect();
        let head = Head {
            layout: layout(),
            tree: tree.as_slice(),
            ids: &ids,
            terms: &index.terms,
            lengths: &index.lengths,
            lists: index.lists.len() as u64,
            sums: &sums,
        };
        let head = postcard::to_stdvec(&head).map_err(std::io::Error::other)?;
        let size = u32::try_from(head.len()).map_err(std::io::Error::other)?;
        self.file.write_all(MAGIC)?;
        self.file.write_all(&checksum(&head).to_le_bytes())?;
        self.file.write_all(&size.to_le_bytes())?;
        self.file.write_all(&head)?;
        self.file.write_all(&index.lists)?;
        self.file.persist(self.path)?;
        Ok(())
    }
}

impl SearchFile {
    fn head(&self) -> Option<Head<'_>> {
        postcard::from_bytes(&self.head).ok()
    }

    /// Returns the tree of the issues that it was made from.
    pub(super) fn tree(&self) -> Option<ObjectId> {
        ObjectId::try_from(self.head()?.tree).ok()
    }

    /// Returns the issues it knows: the document of each is its place here.
    pub(super) fn ids(&self) -> Option<Vec<IssueId>> {
        let (ids, _) = self.head()?.ids.as_chunks::<ID>();
        Some(ids.iter().map(|bytes| IssueId::from_bits(u128::from_le_bytes(*bytes))).collect())
    }

    pub(super) fn dictionary(&self) -> Option<Dictionary<'_>> {
        self.head().map(|head| Dictionary { terms: head.terms, lengths: head.lengths })
    }

    /// Returns what reads the lists.
    pub(super) fn lists(&self) -> Option<Lists<'_>> {
        let head = self.head()?;
        let length = usize::try_from(head.lists).ok()?;
        Some(Lists { search: self, sums: head.sums, length, start: 0, loaded: Vec::new() })
    }
}

/// The lists of a search file. What was read last is kept, because the next is often beside it.
pub(super) struct Lists<'f> {
    search: &'f SearchFile,
    sums: &'f [u8],
    length: usize,
    /// Where what is loaded begins.
    start: usize,
    loaded: Vec<u8>,
}

impl Lists<'_> {
    /// Returns all of them.
    pub(super) fn all(&mut self) -> Option<Vec<u8>> {
        self.get(0..self.length)
    }

    /// Returns the bytes of a range; `None` where they are not what was written.
    pub(super) fn get(&mut self, range: Range<usize>) -> Option<Vec<u8>> {
        if range.is_empty() {
            return Some(Vec::new());
        }
        if range.end > self.length {
            return None;
        }
        if range.start < self.start || range.end > self.start + self.loaded.len() {
            self.load(range.start / BLOCK..range.end.div_ceil(BLOCK))?;
        }
        self.loaded.get(range.start - self.start..range.end - self.start).map(<[u8]>::to_vec)
    }

    fn load(&mut self, blocks: Range<usize>) -> Option<()> {
        self.start = blocks.start * BLOCK;
        let end = self.length.min(blocks.end * BLOCK);
        self.loaded.clear();
        self.loaded.resize(end - self.start, 0);
        let mut file = &self.search.file;
        let place = BEFORE_HEAD + self.search.head.len() + self.start;
        file.seek(SeekFrom::Start(place as u64)).ok()?;
        file.read_exact(&mut self.loaded).ok()?;
        let (sums, _) = self.sums.get(blocks.start * 4..)?.as_chunks::<4>();
        let mut pairs = self.loaded.chunks(BLOCK).zip(sums);
        pairs.all(|(block, sum)| checksum(block) == u32::from_le_bytes(*sum)).then_some(())
    }
}

/// Sums up what decides which terms a text has: the program's version, and that of its alphabets.
fn layout() -> u32 {
    checksum(format!("{} {:?}", env!("CARGO_PKG_VERSION"), char::UNICODE_VERSION).as_bytes())
}

fn checksum(payload: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(payload);
    crc.sum()
}
