//! The small file beside the snapshot: what has changed since, so that the snapshot itself need not be written anew
//! with every few writes.
//!
//! It names the tree of the snapshot that it continues and the tree that it leads to. Beside any other snapshot, torn,
//! of another format or to a tree that is not there, it is passed over. It holds all changes since the snapshot, so
//! there is never more than one.
//!
//! | part | bytes | what |
//! |---|---|---|
//! | mark | 8 | `QPDIFF`, zero, the version of this layout |
//! | layout | 4 | as in the snapshot |
//! | checksum | 4 | of the rest |
//! | rest | | both trees, settings, what could not be read, identities that are gone or replaced, rows; in postcard |

use std::path::PathBuf;

use gix::ObjectId;
use serde::{Deserialize, Serialize};

use super::Store;
use super::cache::{Cached, checksum, layout};
use crate::model::{IssueId, Row, Rows, Settings, Tracker, Unreadable};

/// Begins the file. The last byte grows with every change of the layout that the field table does not show.
const MAGIC: &[u8; 8] = b"QPDIFF\x00\x01";
/// So many changed files are worth a snapshot, where there is none.
pub(super) const WORTH_A_SNAPSHOT: usize = 32;
/// So many changed files are worth being kept beside the snapshot.
const WORTH_KEEPING: usize = 8;
/// With one changed row for so many in the snapshot, a new one is written: a small one soon,
const SHARE: usize = 8;
/// and a great one after so many, because reading them takes as long as everything else.
const MOST: usize = 192;

/// What the file holds.
#[derive(Serialize, Deserialize)]
struct Changes {
    /// The tree of the snapshot.
    from: Vec<u8>,
    /// The tree with the changes.
    tree: Vec<u8>,
    settings: Settings,
    unreadable: Vec<Unreadable>,
    gone: Vec<IssueId>,
    rows: Vec<Row>,
}

impl Store {
    pub(super) fn changes_path(&self) -> PathBuf {
        self.private_dir().join("snapshot-changes")
    }

    /// Brings what a snapshot holds forward to the last state that was kept beside it.
    pub(super) fn load_changes(&self, mut cached: Cached) -> Cached {
        let Some(changes) = self.read_changes(&cached.tree) else { return cached };
        cached.rows.change(&changes.gone.into_iter().collect(), changes.rows);
        let Changes { tree, settings, unreadable, .. } = changes;
        Cached { tree, settings, unreadable, rows: cached.rows }
    }

    fn read_changes(&self, from: &[u8]) -> Option<Changes> {
        let bytes = std::fs::read(self.changes_path()).ok()?;
        let (of_layout, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk()?;
        let (sum, payload) = rest.split_first_chunk()?;
        if u32::from_le_bytes(*of_layout) != layout() || u32::from_le_bytes(*sum) != checksum([payload, &[]])
        {
            return None;
        }
        let changes: Changes = postcard::from_bytes(payload).ok()?;
        let tree_id = ObjectId::try_from(&changes.tree[..]).ok()?;
        (changes.from == from && self.repo.has_object(tree_id)).then_some(changes)
    }

    /// Keeps a tracker that has so many files changed since anything was kept: as a snapshot, beside one, or not yet.
    pub(super) fn keep(&self, tree_id: ObjectId, tracker: &Tracker, changed: usize) {
        // A tree that is in memory only is of no use to anybody else.
        if self.is_in_memory() {
            return;
        }
        let Tracker { settings, rows, unreadable, .. } = tracker;
        let beside = rows.beside();
        let is_due = match rows.origin() {
            None => changed >= WORTH_A_SNAPSHOT,
            Some(_) => {
                changed >= WORTH_KEEPING && beside >= (rows.len() / SHARE).clamp(WORTH_A_SNAPSHOT, MOST)
            }
        };
        // Whoever may not write here still reads.
        if is_due {
            self.save_cache(tree_id.as_slice(), settings, rows, unreadable);
            drop(std::fs::remove_file(self.changes_path()));
        } else if let Some(from) = rows.origin().filter(|_| changed >= WORTH_KEEPING) {
            let changes = changes(from, tree_id, settings, rows, unreadable);
            drop(self.save_changes(&changes));
        }
    }

    fn save_changes(&self, changes: &Changes) -> std::io::Result<()> {
        let payload = postcard::to_stdvec(changes).map_err(std::io::Error::other)?;
        let sum = checksum([&payload, &[]]);
        let beginning = [&MAGIC[..], &layout().to_le_bytes(), &sum.to_le_bytes()].concat();
        self.replace_private(&self.changes_path(), [&beginning[..], &payload])
    }
}

fn changes(
    from: &[u8],
    tree_id: ObjectId,
    settings: &Settings,
    rows: &Rows,
    unreadable: &[Unreadable],
) -> Changes {
    Changes {
        from: from.to_owned(),
        tree: tree_id.as_slice().to_owned(),
        settings: settings.clone(),
        unreadable: unreadable.to_owned(),
        gone: rows.gone(),
        rows: rows.own().to_owned(),
    }
}
