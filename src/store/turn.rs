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

/// The turn of a process. It lasts until this is dropped.
pub(super) struct Turn {
    /// Whether others were first.
    pub has_waited: bool,
    /// Whether nothing can be written into `.git`.
    pub is_locked: bool,
    /// Keeps the others out. A clone that cannot be written to has none.
    _lock: Option<File>,
}

impl Store {
    /// Waits for the turn.
    pub(super) fn sync_turn(&self, deadline: Deadline) -> Result<Turn> {
        let mut turn = Turn { has_waited: false, is_locked: false, _lock: None };
        let path = self.private_dir().join("sync.lock");
        let sharing = self.sharing();
        let open = || OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = open().or_else(|_| std::fs::create_dir_all(self.private_dir()).and_then(|()| open()));
        drop(sharing);
        let file = match file {
            Ok(file) => file,
            Err(e) => {
                let kind = e.kind();
                turn.is_locked = matches!(kind, ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied);
                return Ok(turn);
            }
        };
        loop {
            match file.try_lock() {
                Ok(()) => {
                    turn._lock = Some(file);
                    return Ok(turn);
                }
                Err(TryLockError::WouldBlock) if deadline.remaining().is_zero() => {
                    let message = "another command of this clone is still talking to the remote";
                    let error = Error::new(Kind::Busy, "busy", message);
                    return Err(error.hint("run the same command again; nothing is lost"));
                }
                Err(TryLockError::WouldBlock) => {
                    turn.has_waited = true;
                    std::thread::sleep(LOOK);
                }
                Err(TryLockError::Error(e)) if e.kind() == ErrorKind::Unsupported => return Ok(turn),
                Err(TryLockError::Error(e)) => {
                    return Err(Error::new(Kind::Environment, "lock", "cannot lock the tracker").because(e));
                }
            }
        }
    }
}
