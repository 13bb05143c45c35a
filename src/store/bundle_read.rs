//! Reading git bundles that anybody may have written: every length is bounded before anything is allocated for it,
//! and nothing is believed that can be checked.

use flate2::{Decompress, FlushDecompress, Status};
use gix::ObjectId;
use gix::hash::Kind as Hash;
use gix::objs::Kind;

use super::bundle::{
    Bundle, BundleError, Header, MOST_BYTES, MOST_OBJECTS, MOST_PREREQUISITES, MOST_UNPACKED, Object,
    checksum,
};

type Result<T> = std::result::Result<T, BundleError>;

/// Bytes of a header at most.
pub(super) const MOST_HEADER: usize = 1 << 20;
/// Characters of a ref's name.
const MOST_NAME: usize = 1024;
/// Bytes of a pack in front of its objects.
const BEFORE_OBJECTS: usize = 12;
/// What is allocated for an object before any of it has been seen.
const FIRST: usize = 64 << 10;

impl Header {
    /// Reads the header, and where the pack begins. `bytes` may end behind it.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<(Header, usize)> {
        let mut lines = Lines { bytes, at: 0 };
        let version = match lines.next()? {
            "# v2 git bundle" => 2,
            "# v3 git bundle" => 3,
            _ => return Err(BundleError::NoBundle),
        };
        let mut hash = Hash::Sha1;
        let mut prerequisites = Vec::new();
        let mut tip: Option<(ObjectId, String)> = None;
        loop {
            let line = lines.next()?;
            if line.is_empty() {
                break;
            } else if let Some(capability) = line.strip_prefix('@').filter(|_| version == 3) {
                hash = match capability {
                    "object-format=sha1" => Hash::Sha1,
                    "object-format=sha256" => Hash::Sha256,
                    _ => return Err(BundleError::Header("it asks for what is not known here")),
                };
            } else if let Some(rest) = line.strip_prefix('-') {
                if prerequisites.len() == MOST_PREREQUISITES {
                    return Err(BundleError::TooLarge("it builds upon too many commits"));
                }
                prerequisites.push(id(hash, rest.split(' ').next().unwrap_or_default())?);
            } else {
                let (hex, name) = line.split_once(' ').ok_or(BundleError::Header("a line without a ref"))?;
                if name.len() > MOST_NAME {
                    return Err(BundleError::TooLarge("the name of its ref"));
                }
                if tip.replace((id(hash, hex)?, name.to_owned())).is_some() {
                    return Err(BundleError::Refs("it has several refs"));
                }
            }
        }
        let (tip, name) = tip.ok_or(BundleError::Refs("it has no ref"))?;
        Ok((Header { hash, prerequisites, name, tip }, lines.at))
    }
}

/// The lines of a header.
struct Lines<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Lines<'b> {
    fn next(&mut self) -> Result<&'b str> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| *byte == b'\n');
        let at_start = self.at == 0;
        let length = length.ok_or(if at_start { BundleError::NoBundle } else { BundleError::CutOff })?;
        self.at += length + 1;
        if self.at > MOST_HEADER {
            return Err(BundleError::TooLarge("its header"));
        }
        let wrong = if at_start { BundleError::NoBundle } else { BundleError::Header("a line is not UTF-8") };
        std::str::from_utf8(&rest[..length]).map_err(|_| wrong)
    }
}

fn id(hash: Hash, hex: &str) -> Result<ObjectId> {
    let id = ObjectId::from_hex(hex.as_bytes()).ok().filter(|id| id.kind() == hash);
    id.ok_or(BundleError::Header("an object id is none"))
}

impl Bundle {
    /// Reads a file.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Bundle> {
        if bytes.len() > MOST_BYTES {
            return Err(BundleError::TooLarge("it has more than 16 MiB"));
        }
        let (header, start) = Header::read(bytes)?;
        let objects = read_pack(header.hash, &bytes[start..])?;
        Ok(Bundle { header, objects })
    }
}

/// Reads all objects of a pack.
fn read_pack(hash: Hash, bytes: &[u8]) -> Result<Vec<Object>> {
    let end = bytes.len().checked_sub(hash.len_in_bytes()).ok_or(BundleError::CutOff)?;
    let (pack, sum) = bytes.split_at(end);
    let mut rest = pack.get(BEFORE_OBJECTS..).ok_or(BundleError::CutOff)?;
    let count = pack.strip_prefix(b"PACK\0\0\0\x02").ok_or(BundleError::Pack("it is not of version 2"))?;
    let count = u32::from_be_bytes(*count.first_chunk().ok_or(BundleError::CutOff)?) as usize;
    if count > MOST_OBJECTS {
        return Err(BundleError::TooLarge("it has too many objects"));
    }
    if checksum(hash, pack).is_none_or(|expected| expected.as_slice() != sum) {
        return Err(BundleError::Pack("its checksum is wrong"));
    }
    let mut left = MOST_UNPACKED;
    let mut inflate = Decompress::new(true);
    let mut objects = Vec::with_capacity(count.min(rest.len()));
    for _ in 0..count {
        let (kind, length) = read_head(&mut rest)?;
        left = left.checked_sub(length).ok_or(BundleError::TooLarge("its objects are more than 64 MiB"))?;
        let data = read_compressed(&mut rest, &mut inflate, length)?;
        let id = gix::objs::compute_hash(hash, kind, &data);
        objects.push((id.map_err(|_| BundleError::Pack("an object has no id"))?, kind, data));
    }
    if rest.is_empty() { Ok(objects) } else { Err(BundleError::Pack("something stands behind its objects")) }
}

/// Reads type and length of an object.
fn read_head(rest: &mut &[u8]) -> Result<(Kind, usize)> {
    let mut byte = next_byte(rest)?;
    let kind = match byte >> 4 & 7 {
        1 => Kind::Commit,
        2 => Kind::Tree,
        3 => Kind::Blob,
        4 => Kind::Tag,
        6 | 7 => return Err(BundleError::Delta),
        _ => return Err(BundleError::Pack("an object is of no type")),
    };
    let mut length = u64::from(byte & 0x0f);
    let mut shift = 4;
    while byte & 0x80 != 0 {
        byte = next_byte(rest)?;
        length |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if shift > 32 {
            return Err(BundleError::TooLarge("an object"));
        }
    }
    Ok((kind, usize::try_from(length).map_err(|_| BundleError::TooLarge("an object"))?))
}

fn next_byte(rest: &mut &[u8]) -> Result<u8> {
    let (byte, after) = rest.split_first().ok_or(BundleError::CutOff)?;
    *rest = after;
    Ok(*byte)
}

/// Unpacks an object of exactly this length.
fn read_compressed(rest: &mut &[u8], inflate: &mut Decompress, length: usize) -> Result<Vec<u8>> {
    const DAMAGED: BundleError = BundleError::Pack("an object cannot be unpacked");
    inflate.reset(true);
    // One byte more than there should be, so that a stream that goes on is seen to.
    let mut data = Vec::with_capacity((length + 1).min(FIRST));
    loop {
        if data.len() == data.capacity() {
            data.reserve((length + 1 - data.len()).min(data.len().max(FIRST)));
        }
        let (taken, made) = (inflate.total_in(), data.len());
        let status = inflate.decompress_vec(rest, &mut data, FlushDecompress::None).map_err(|_| DAMAGED)?;
        let taken = usize::try_from(inflate.total_in() - taken).map_err(|_| DAMAGED)?;
        *rest = &rest[taken..];
        if data.len() > length {
            return Err(BundleError::Pack("an object is longer than it says"));
        }
        match status {
            Status::StreamEnd if data.len() == length => return Ok(data),
            Status::StreamEnd => return Err(BundleError::Pack("an object is shorter than it says")),
            _ if taken == 0 && data.len() == made => return Err(DAMAGED),
            _ => {}
        }
    }
}
