//! Writing many files at once, as a pack: making ten thousand files takes seconds on some file systems.
//!
//! The pack is put together here and handed to `git index-pack`, which checks and installs it. The format is
//! gitformat-pack(5), version 2: a header, each object behind its type and length, a checksum.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use gix::ObjectId;

use super::Store;
use super::git::Git;
use crate::error::{Error, Result};

/// From this many blobs on, a pack is worth starting git for.
pub(super) const MANY: usize = 500;
/// The type of a blob in a pack.
const BLOB: u8 = 3;

impl Store {
    /// Writes blobs as one pack and returns their ids, in order; `None` where git cannot take it.
    ///
    /// # Errors
    /// Bug, where there are more than a pack can hold.
    pub(super) fn write_pack(
        &self,
        blobs: impl ExactSizeIterator<Item = Vec<u8>>,
    ) -> Result<Option<Vec<ObjectId>>> {
        let kind = self.repo.object_hash();
        let count = u32::try_from(blobs.len()).map_err(|_| Error::bug("more blobs than a pack holds"))?;
        let mut ids = Vec::with_capacity(blobs.len());
        let taken = Git::new(self).args(["index-pack", "--stdin"]).stream(|git| {
            let mut hasher = gix::hash::hasher(kind);
            let mut piece = b"PACK\0\0\0\x02".to_vec();
            piece.extend_from_slice(&count.to_be_bytes());
            for blob in blobs {
                let id = gix::objs::compute_hash(kind, gix::objs::Kind::Blob, &blob);
                ids.push(id.map_err(std::io::Error::other)?);
                push_head(&mut piece, blob.len());
                let mut encoder = ZlibEncoder::new(&mut piece, Compression::fast());
                encoder.write_all(&blob)?;
                encoder.finish()?;
                hasher.update(&piece);
                git.write_all(&piece)?;
                piece.clear();
            }
            let sum = hasher.try_finalize().map_err(std::io::Error::other)?;
            git.write_all(sum.as_slice())
        });
        Ok(taken.is_ok_and(|output| output.success).then_some(ids))
    }
}

/// Appends type and length: four bits of the length beside the type, seven in each further byte.
fn push_head(pack: &mut Vec<u8>, length: usize) {
    let low = |rest: usize, mask: usize| u8::try_from(rest & mask).expect("masked to a byte");
    let mut byte = BLOB << 4 | low(length, 0x0f);
    let mut rest = length >> 4;
    while rest > 0 {
        pack.push(byte | 0x80);
        byte = low(rest, 0x7f);
        rest >>= 7;
    }
    pack.push(byte);
}
