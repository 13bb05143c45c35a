//! A cache of unpacked objects while many of them are read: objects in a pack are stored as differences from each
//! other, and without it each one unpacks its whole chain again.

use std::collections::HashMap;

use gix::objs::Kind;
use gix::odb::pack::cache::DecodeEntry;

/// Most bytes that are kept. Beyond it, everything is forgotten at once, which costs time and nothing else.
const MOST: usize = 4 << 20;
/// Larger objects are not worth their place.
const LARGEST: usize = 256 << 10;

/// Objects by pack and offset.
#[derive(Default)]
pub(super) struct Bases {
    known: HashMap<(u32, u64), Base>,
    bytes: usize,
}

struct Base {
    data: Box<[u8]>,
    kind: Kind,
    compressed_size: usize,
}

impl DecodeEntry for Bases {
    fn put(&mut self, pack_id: u32, offset: u64, data: &[u8], kind: Kind, compressed_size: usize) {
        if data.len() > LARGEST {
            return;
        }
        if self.bytes + data.len() > MOST {
            self.known.clear();
            self.bytes = 0;
        }
        self.bytes += data.len();
        self.known.insert((pack_id, offset), Base { data: data.into(), kind, compressed_size });
    }

    fn get(&mut self, pack_id: u32, offset: u64, out: &mut Vec<u8>) -> Option<(Kind, usize)> {
        let base = self.known.get(&(pack_id, offset))?;
        out.clear();
        out.extend_from_slice(&base.data);
        Some((base.kind, base.compressed_size))
    }
}
