//! A disk that is full: no room, no inodes, or no quota left.

use std::error::Error as Cause;
use std::io::ErrorKind;

use super::refs::io_kind;
use crate::error::{Error, Kind};

/// Tells whether a failure comes from a full disk. It may pass, so nobody is told that the place is read-only.
pub(super) fn is_full(error: &(dyn Cause + 'static)) -> bool {
    matches!(
        io_kind(error),
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
    )
}

/// Tells whether git says so. What a server says of its own disk is not meant. Of a lock that it could make and not
/// fill, git does not say why: there is no other reason but a disk that is broken.
pub(super) fn told_by_git(stderr: &str) -> bool {
    let words = ["No space left on device", "Disk quota exceeded", "couldn't write '"];
    let mut lines = stderr.lines().filter(|line| !line.starts_with("remote: "));
    lines.any(|line| words.iter().any(|words| line.contains(words)))
}

/// Returns the error of a write that found no room.
pub(super) fn disk_full(what: &str) -> Error {
    Error::new(Kind::Environment, "disk_full", format!("{what}: the disk is full"))
        .hint("make room there (df shows the space, df -i the inodes), then run the same command again")
}
