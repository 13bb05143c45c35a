//! The snapshot file: the decoded front matter of every issue at some tree, to save reading it again.
//!
//! Any snapshot is a valid start, because a view reads whatever differs from it. It is never needed and never
//! trusted: absent, torn, of another format or unwritable, it is passed over. Deleting it changes nothing
//! but time.
//!
//! The rows stand encoded at the end of the file, and each is decoded when it is first looked at.

use std::io::Write;

use serde::{Deserialize, Serialize};

use super::Store;
use crate::model::{EncodedRow, FIELDS, Rows, Settings, Unreadable};

/// Begins the file. The last byte grows with every change of the layout that the field table does not show.
const MAGIC: &[u8; 8] = b"QPSNAP\x00\x02";

/// What the file holds, decoded as far as every command needs it.
#[derive(Default)]
pub(super) struct Cached {
    /// The tree it was made from, as raw bytes.
    pub tree: Vec<u8>,
    pub settings: Settings,
    pub rows: Rows,
    pub unreadable: Vec<Unreadable>,
}

/// The part of the file in front of the encoded rows.
#[derive(Serialize, Deserialize)]
struct Head {
    /// Checksum of the field table: a row of another program version is laid out differently.
    layout: u32,
    tree: Vec<u8>,
    settings: Settings,
    unreadable: Vec<Unreadable>,
    index: Vec<EncodedRow>,
    keys: String,
}

impl Store {
    pub(super) fn cache_path(&self) -> std::path::PathBuf {
        self.private_dir().join("snapshot")
    }

    /// Reads the snapshot file, where it is whole.
    pub(super) fn load_cache(&self) -> Option<Cached> {
        let bytes = std::fs::read(self.cache_path()).ok()?;
        let (sum, payload) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<4>()?;
        if checksum(payload) != u32::from_le_bytes(*sum) {
            return None;
        }
        let (head, rows) = postcard::take_from_bytes::<Head>(payload).ok()?;
        if head.layout != layout() {
            return None;
        }
        let start = bytes.len() - rows.len();
        let rows = Rows::from_encoded(bytes, start, &head.index, &head.keys)?;
        Some(Cached { tree: head.tree, settings: head.settings, rows, unreadable: head.unreadable })
    }

    /// Writes the snapshot file by rename. A failure costs time later and nothing else.
    pub(super) fn save_cache(
        &self,
        tree: &[u8],
        settings: &Settings,
        rows: &Rows,
        unreadable: &[Unreadable],
    ) {
        let (index, keys, encoded) = rows.encode();
        let (tree, settings, unreadable) = (tree.to_owned(), settings.clone(), unreadable.to_owned());
        let head = Head { layout: layout(), tree, settings, unreadable, index, keys };
        // Whoever may not write here still reads.
        drop(self.try_save_cache(&head, encoded));
    }

    fn try_save_cache(&self, head: &Head, mut encoded: Vec<u8>) -> std::io::Result<()> {
        let folder = self.private_dir();
        std::fs::create_dir_all(&folder)?;
        let mut payload = postcard::to_stdvec(head).map_err(std::io::Error::other)?;
        payload.append(&mut encoded);
        let mut builder = tempfile::Builder::new();
        // As readable as the rest of the repository; the user's mask applies.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.prefix("snapshot-").tempfile_in(&folder)?;
        file.write_all(MAGIC)?;
        file.write_all(&checksum(&payload).to_le_bytes())?;
        file.write_all(&payload)?;
        file.persist(self.cache_path())?;
        Ok(())
    }
}

/// Sums up the names and types of all fields, and the program's version.
fn layout() -> u32 {
    let mut text = env!("CARGO_PKG_VERSION").to_owned();
    for field in FIELDS {
        text.push_str(&format!(" {}:{}", field.key, field.kind.describe()));
    }
    checksum(text.as_bytes())
}

fn checksum(payload: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(payload);
    crc.sum()
}
