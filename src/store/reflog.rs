//! The reflog as a witness: a swap that overwrote somebody else's commit shows in it.
//!
//! Other programs do not wait for their turn. Where one of them writes between our look at the branch and the
//! swap, and git's files make the old value look current, its commit would be gone from the branch.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use gix::ObjectId;

use super::Store;

/// Bytes at the end of the reflog that hold its last two lines. A subject may be as long as a title.
const TAIL: u64 = 16 * 1024;

/// The two ids of a line: what the branch was, and what it became.
fn ids(line: &str) -> Option<(ObjectId, ObjectId)> {
    let mut words = line.split(' ');
    let mut id = || ObjectId::from_hex(words.next()?.as_bytes()).ok();
    Some((id()?, id()?))
}

impl Store {
    /// Returns the commit that the swap to `new` has overwritten: the line before says that the branch was moved
    /// there from the value that the swap started from. `None` where all is well or there is no reflog.
    pub(super) fn overwritten(&self, new: ObjectId) -> Option<ObjectId> {
        let lines = self.last_lines()?;
        let mut last = lines.lines().rev().filter_map(ids);
        let (swapped_from, swapped_to) = last.next()?;
        let (moved_from, moved_to) = last.next()?;
        let lost = swapped_to == new && moved_from == swapped_from && moved_to != swapped_from;
        (lost && self.repo.has_object(moved_to)).then_some(moved_to)
    }

    /// Writes down that a swap has failed that stands in the reflog already: the log is written before the branch.
    /// Otherwise the next write would take the commit for one that somebody has overwritten, and bring it back.
    pub(super) fn take_back_in_reflog(
        &self,
        name: &str,
        old: Option<ObjectId>,
        new: ObjectId,
        who: gix::actor::SignatureRef<'_>,
    ) {
        let old = old.unwrap_or_else(|| self.repo.object_hash().null());
        let last = self.last_lines().and_then(|lines| ids(lines.lines().last()?));
        if name != self.branch_ref() || last != Some((old, new)) {
            return;
        }
        let path = self.common_dir().join("logs").join(name);
        let Ok(mut file) = std::fs::OpenOptions::new().append(true).open(path) else { return };
        let (who, email, time) = (who.name, who.email, who.time);
        drop(writeln!(file, "{new} {old} {who} <{email}> {time}\tqp: not written"));
    }

    fn last_lines(&self) -> Option<String> {
        let path = self.common_dir().join("logs").join(self.branch_ref());
        let mut file = std::fs::File::open(path).ok()?;
        let size = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(TAIL))).ok()?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}
