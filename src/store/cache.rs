//! The snapshot file: the decoded front matter of every issue at some tree, to save reading it again.
//!
//! Any snapshot is a valid start, because a view reads whatever differs from it. It is never needed and never
//! trusted: absent, torn, of another format or unwritable, it is passed over. Deleting it changes nothing
//! but time.

use std::io::Write;

use serde::{Deserialize, Serialize};

use super::Store;
use crate::model::{Row, Settings, Unreadable};

/// Begins the file; the number grows with every change of what follows.
const MAGIC: &[u8; 8] = b"QPSNAP\x00\x01";

/// What the file holds.
#[derive(Serialize, Deserialize, Default)]
pub(super) struct Cached {
    /// The tree it was made from, as raw bytes.
    pub tree: Vec<u8>,
    pub settings: Settings,
    pub rows: Vec<Row>,
    pub unreadable: Vec<Unreadable>,
}

impl Store {
    pub(super) fn cache_path(&self) -> std::path::PathBuf {
        self.private_dir().join("snapshot")
    }

    /// Reads the snapshot file, where it is whole.
    pub(super) fn load_cache(&self) -> Option<Cached> {
        let bytes = std::fs::read(self.cache_path()).ok()?;
        let rest = bytes.strip_prefix(MAGIC)?;
        let (sum, payload) = rest.split_first_chunk::<4>()?;
        if checksum(payload) != u32::from_le_bytes(*sum) {
            return None;
        }
        postcard::from_bytes(payload).ok()
    }

    /// Writes the snapshot file by rename. A failure costs time later and nothing else.
    pub(super) fn save_cache(&self, cached: &Cached) {
        // Whoever may not write here still reads.
        drop(self.try_save_cache(cached));
    }

    fn try_save_cache(&self, cached: &Cached) -> std::io::Result<()> {
        let folder = self.private_dir();
        std::fs::create_dir_all(&folder)?;
        let payload = postcard::to_stdvec(cached).map_err(std::io::Error::other)?;
        let mut file = tempfile::Builder::new().prefix("snapshot-").tempfile_in(&folder)?;
        file.write_all(MAGIC)?;
        file.write_all(&checksum(&payload).to_le_bytes())?;
        file.write_all(&payload)?;
        file.persist(self.cache_path())?;
        Ok(())
    }
}

fn checksum(payload: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(payload);
    crc.sum()
}
