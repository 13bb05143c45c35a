//! Git bundles, as files of bytes: some commits, all objects that they bring, and the commits that they build upon.
//! Pure: there is no repository here.
//!
//! What is written is format 2 for SHA-1 and format 3 for SHA-256, with one ref, and a pack whose objects are whole:
//! `git bundle verify` and `git fetch` take it. How one is read stands in `bundle_read.rs`.

use std::fmt;

use flate2::{Compress, Compression};
use gix::ObjectId;
use gix::hash::Kind as Hash;
use gix::objs::Kind;

use super::pack::{push_compressed, push_head};

/// Bytes of a file that is read or written at most.
pub(super) const MOST_BYTES: usize = 16 << 20;
/// Objects in one.
pub(super) const MOST_OBJECTS: usize = 200_000;
/// Bytes of all objects together, unpacked.
pub(super) const MOST_UNPACKED: usize = 64 << 20;
/// Commits that one may build upon.
pub(super) const MOST_PREREQUISITES: usize = 4096;

/// An object: its id, its type and its bytes.
pub(super) type Object = (ObjectId, Kind, Vec<u8>);

/// What stands in front of the pack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Header {
    pub hash: Hash,
    /// The commits that whoever takes it must have.
    pub prerequisites: Vec<ObjectId>,
    /// The full name of the one ref.
    pub name: String,
    /// What the ref points to.
    pub tip: ObjectId,
}

/// A bundle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bundle {
    pub header: Header,
    pub objects: Vec<Object>,
}

/// Why a file is no bundle that can be read here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BundleError {
    /// It does not begin as one.
    NoBundle,
    /// It ends too early.
    CutOff,
    /// A line of the header means nothing.
    Header(&'static str),
    /// It has another kind of object ids than the repository.
    OtherHash,
    /// It has none or several refs, or another one than the tracker's branch.
    Refs(&'static str),
    /// It is larger than what is read: what of it.
    TooLarge(&'static str),
    /// An object is a difference from another one, as git itself writes them.
    Delta,
    /// The pack is damaged: what is wrong.
    Pack(&'static str),
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BundleError::NoBundle => f.write_str("it is torn, or no git bundle"),
            BundleError::CutOff => f.write_str("it is cut off"),
            BundleError::Header(what) => write!(f, "its header is damaged: {what}"),
            BundleError::OtherHash => {
                f.write_str("its object ids are of another kind than this repository's")
            }
            BundleError::Refs(what) => f.write_str(what),
            BundleError::TooLarge(what) => write!(f, "it is too large: {what}"),
            BundleError::Delta => {
                f.write_str("its objects are differences from others, so git must unpack it")
            }
            BundleError::Pack(what) => write!(f, "its pack is damaged: {what}"),
        }
    }
}

impl std::error::Error for BundleError {}

impl Bundle {
    /// Writes the file.
    ///
    /// # Errors
    /// Too large, where nobody would read it.
    pub fn write(&self) -> Result<Vec<u8>, BundleError> {
        let Bundle { header, objects } = self;
        if objects.len() > MOST_OBJECTS {
            return Err(BundleError::TooLarge("it would have too many objects"));
        }
        if header.prerequisites.len() > MOST_PREREQUISITES {
            return Err(BundleError::TooLarge("it would build upon too many commits"));
        }
        if objects.iter().map(|(.., data)| data.len()).sum::<usize>() > MOST_UNPACKED {
            return Err(BundleError::TooLarge("its objects would be more than 64 MiB"));
        }
        let mut bytes = header.write();
        let start = bytes.len();
        bytes.extend_from_slice(b"PACK\0\0\0\x02");
        let count = u32::try_from(objects.len()).expect("fewer than the most");
        bytes.extend_from_slice(&count.to_be_bytes());
        let mut compress = Compress::new(Compression::default(), true);
        for (_, kind, data) in objects {
            push_head(&mut bytes, *kind, data.len());
            push_compressed(&mut bytes, &mut compress, data)
                .map_err(|_| BundleError::Pack("an object cannot be compressed"))?;
        }
        let sum = checksum(header.hash, &bytes[start..]).ok_or(BundleError::Pack("it has no checksum"))?;
        bytes.extend_from_slice(sum.as_slice());
        if bytes.len() > MOST_BYTES {
            return Err(BundleError::TooLarge("it would have more than 16 MiB"));
        }
        Ok(bytes)
    }
}

impl Header {
    fn write(&self) -> Vec<u8> {
        let mut text = match self.hash {
            Hash::Sha256 => "# v3 git bundle\n@object-format=sha256\n".to_owned(),
            _ => "# v2 git bundle\n".to_owned(),
        };
        for id in &self.prerequisites {
            text.push_str(&format!("-{id}\n"));
        }
        text.push_str(&format!("{} {}\n\n", self.tip, self.name));
        text.into_bytes()
    }
}

/// Sums up a pack.
pub(super) fn checksum(hash: Hash, pack: &[u8]) -> Option<ObjectId> {
    let mut hasher = gix::hash::hasher(hash);
    hasher.update(pack);
    hasher.try_finalize().ok()
}
