//! The advisory lock that every write of this clone, from any worktree, takes in turn.
//!
//! It stands beside the compare-and-swap of the ref, because gix reads packed-refs before it takes the ref's
//! own lock. The kernel lets go of it when a process dies, so it can never be stale.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::sync::mpsc;
use std::time::Duration;

use super::{Sharing, Store};
use crate::error::{Error, Kind, Result};

/// How long a writer waits for its turn, in milliseconds.
pub const WAIT_MS: u64 = 10_000;

impl Store {
    /// Takes the lock; it is held until what is returned is dropped. Until then everything that is made has the
    /// rights of a shared repository.
    pub(super) fn lock(&self) -> Result<(File, Sharing)> {
        let sharing = self.sharing();
        let folder = self.private_dir();
        let path = folder.join("lock");
        let read_only = |e: std::io::Error| {
            let code = if e.kind() == ErrorKind::StorageFull { "disk_full" } else { "read_only" };
            Error::new(Kind::Environment, code, format!("cannot write to {}", folder.display())).because(e)
        };
        let open = || OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = match open() {
            Err(e) if e.kind() == ErrorKind::NotFound => {
                std::fs::create_dir_all(&folder).map_err(read_only)?;
                open()
            }
            other => other,
        }
        .map_err(read_only)?;
        match file.try_lock() {
            Ok(()) => Ok((file, sharing)),
            Err(TryLockError::WouldBlock) => Ok((wait(file)?, sharing)),
            // A file system without locks: the swap of the ref is still there.
            Err(TryLockError::Error(e)) if e.kind() == ErrorKind::Unsupported => Ok((file, sharing)),
            Err(TryLockError::Error(e)) => Err(read_only(e)),
        }
    }
}

/// Waits in the kernel's queue, so that nobody starves. A thread that waits too long ends with the process.
fn wait(file: File) -> Result<File> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let outcome = file.lock().map(|()| file);
        // Nobody listens any more once the wait has run out.
        drop(sender.send(outcome));
    });
    match receiver.recv_timeout(Duration::from_millis(WAIT_MS)) {
        Ok(Ok(file)) => Ok(file),
        Ok(Err(e)) => Err(Error::new(Kind::Environment, "lock", "cannot lock the tracker").because(e)),
        Err(_) => Err(Error::new(
            Kind::Busy,
            "busy",
            format!("another command has been writing to this tracker for {} s", WAIT_MS / 1000),
        )
        .hint("run the same command again")),
    }
}
