//! One at a time: whoever exchanges with a remote takes a lock that all worktrees of the clone share, so that one
//! push carries what several have written.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::time::Duration;

use super::Store;
use super::remote::Deadline;
use crate::error::{Error, Kind, Result};

/// How often a waiting process looks whether it is its turn.
const LOOK: Duration = Duration::from_millis(20);

impl Store {
    /// Waits for the turn; it lasts until the returned file is dropped. A clone that cannot be written to has none.
    pub(super) fn sync_turn(&self, deadline: Deadline) -> Result<Option<File>> {
        let folder = self.private_dir();
        if std::fs::create_dir_all(&folder).is_err() {
            return Ok(None);
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("sync.lock"));
        let Ok(file) = file else { return Ok(None) };
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::WouldBlock) if deadline.remaining().is_zero() => {
                    let message = "another command of this clone is still talking to the remote";
                    let error = Error::new(Kind::Busy, "busy", message);
                    return Err(error.hint("run the same command again; nothing is lost"));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK),
                Err(TryLockError::Error(e)) if e.kind() == ErrorKind::Unsupported => return Ok(None),
                Err(TryLockError::Error(e)) => {
                    return Err(Error::new(Kind::Environment, "lock", "cannot lock the tracker").because(e));
                }
            }
        }
    }
}
