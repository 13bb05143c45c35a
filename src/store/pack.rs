//! Writing many files at once, as a pack: making ten thousand files takes seconds on some file systems.
//!
//! The pack is put together here and handed to `git index-pack`, which checks and installs it. The format is
//! gitformat-pack(5), version 2: a header, each object behind its type and length, a checksum.

use flate2::{Compress, Compression, FlushCompress, Status};
use gix::ObjectId;
use gix::objs::{Kind, Write as _};

use super::Store;
use super::git::Git;
use super::transaction::write_error;
use crate::error::{Error, Result};

/// From this many objects on, a pack is worth starting git for.
pub(super) const MANY: usize = 500;

impl Store {
    /// Writes objects as one pack and returns their ids, in order; `None` where git cannot take it.
    ///
    /// # Errors
    /// Bug, where there are more than a pack can hold.
    pub(super) fn write_pack(
        &self,
        objects: impl ExactSizeIterator<Item = (Kind, Vec<u8>)>,
    ) -> Result<Option<Vec<ObjectId>>> {
        let hash = self.repo.object_hash();
        let count = u32::try_from(objects.len()).map_err(|_| Error::bug("more objects than a pack holds"))?;
        let mut ids = Vec::with_capacity(objects.len());
        let taken = Git::new(self).args(["index-pack", "--stdin"]).stream(|git| {
            let mut hasher = gix::hash::hasher(hash);
            let mut piece = b"PACK\0\0\0\x02".to_vec();
            piece.extend_from_slice(&count.to_be_bytes());
            // Making one anew takes longer than what it has to do for most objects.
            let mut compress = Compress::new(Compression::fast(), true);
            for (kind, data) in objects {
                let id = gix::objs::compute_hash(hash, kind, &data);
                ids.push(id.map_err(std::io::Error::other)?);
                push_head(&mut piece, kind, data.len());
                push_compressed(&mut piece, &mut compress, &data)?;
                hasher.update(&piece);
                git.write_all(&piece)?;
                piece.clear();
            }
            let sum = hasher.try_finalize().map_err(std::io::Error::other)?;
            git.write_all(sum.as_slice())
        });
        Ok(taken.is_ok_and(|output| output.success).then_some(ids))
    }

    /// Writes objects: many as one pack, where git takes it.
    ///
    /// # Errors
    /// Environment, where the repository cannot be written.
    pub(super) fn write_objects<'o>(
        &self,
        objects: impl ExactSizeIterator<Item = &'o (Kind, Vec<u8>)> + Clone,
    ) -> Result<()> {
        if objects.len() >= MANY && self.write_pack(objects.clone().cloned())?.is_some() {
            return Ok(());
        }
        objects.into_iter().try_for_each(|(kind, data)| {
            self.repo.objects.write_buf(*kind, data).map(drop).map_err(write_error)
        })
    }
}

/// Appends the compressed data.
pub(super) fn push_compressed(
    pack: &mut Vec<u8>,
    compress: &mut Compress,
    data: &[u8],
) -> std::io::Result<()> {
    compress.reset();
    loop {
        let done = usize::try_from(compress.total_in()).map_err(std::io::Error::other)?;
        pack.reserve((data.len() - done) / 2 + 64);
        let status = compress.compress_vec(&data[done..], pack, FlushCompress::Finish);
        if status.map_err(std::io::Error::other)? == Status::StreamEnd {
            return Ok(());
        }
    }
}

/// Appends type and length: four bits of the length beside the type, seven in each further byte.
pub(super) fn push_head(pack: &mut Vec<u8>, kind: Kind, length: usize) {
    let low = |rest: usize, mask: usize| u8::try_from(rest & mask).expect("masked to a byte");
    let kind = match kind {
        Kind::Commit => 1,
        Kind::Tree => 2,
        Kind::Blob => 3,
        Kind::Tag => 4,
    };
    let mut byte = kind << 4 | low(length, 0x0f);
    let mut rest = length >> 4;
    while rest > 0 {
        pack.push(byte | 0x80);
        byte = low(rest, 0x7f);
        rest >>= 7;
    }
    pack.push(byte);
}
