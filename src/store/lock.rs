//! The advisory lock that every write of this clone, from any worktree, takes in turn.
//!
//! It stands beside the compare-and-swap of the ref, because gix reads packed-refs before it takes the ref's
//! own lock. The kernel lets go of it when a process dies, so it can never be stale.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use super::{Sharing, Store, room};
use crate::error::{Error, Kind, Result};

/// How long a writer waits for its turn, in milliseconds.
pub const WAIT_MS: u64 = 10_000;

impl Store {
    /// Takes the lock; it is held until what is returned is dropped. Until then everything that is made has the
    /// rights of a shared repository.
    pub(super) fn lock(&self) -> Result<(File, Sharing)> {
        let sharing = self.sharing();
        Ok((take_lock(&self.private_dir(), "lock", self.patience())?, sharing))
    }
}

impl Store {
    /// Tells whether this process must not write the repository: what it writes goes to the outbox then.
    pub(super) fn is_locked_away(&self) -> bool {
        let refused = open_lock(&self.private_dir(), "lock").err();
        refused
            .is_some_and(|e| matches!(e.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem))
    }

    /// Finds out whether a call of git has failed because a part of the repository is locked: quipu's own folder may be
    /// open all the same.
    ///
    /// # Errors
    /// Environment, naming the folder that cannot be written.
    pub(super) fn check_writable(&self) -> Result<()> {
        for name in ["objects", "refs"] {
            let folder = self.common_dir().join(name);
            if let Err(e) = tempfile::Builder::new().prefix(".tmp").tempfile_in(&folder)
                && matches!(e.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
            {
                let message = format!("cannot write to {}", folder.display());
                return Err(Error::new(Kind::Environment, "read_only", message).because(e));
            }
        }
        Ok(())
    }
}

impl Store {
    /// Tells whether the repository is closed to this process, for those who only read: nothing is made. Where no
    /// write has been yet, there is no lock to try; what every repository has is tried in its place.
    pub fn seems_locked(&self) -> bool {
        let common = self.common_dir();
        let files = [self.private_dir().join("lock"), common.join(self.branch_ref()), common.join("HEAD")];
        let refused = |path| OpenOptions::new().write(true).open(path).err().map(|e| e.kind());
        let is_refused =
            |kind| matches!(kind, Some(ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem));
        files.into_iter().any(|path| is_refused(refused(path)))
    }
}

impl Store {
    /// Returns how long a lock is waited for: never beyond the end of an exchange.
    pub(super) fn patience(&self) -> Duration {
        let most = Duration::from_millis(WAIT_MS);
        self.deadline.map_or(most, |deadline| deadline.remaining().min(most))
    }
}

/// Takes the lock `name` in a folder, waiting so long at most; it is held until the returned file is dropped.
pub(super) fn take_lock(folder: &Path, name: &str, patience: Duration) -> Result<File> {
    let read_only = |e: std::io::Error| {
        let message = format!("cannot write to {}", folder.display());
        if room::is_full(&e) {
            return room::disk_full(&message).because(e);
        }
        Error::new(Kind::Environment, "read_only", message).because(e)
    };
    let file = open_lock(folder, name).map_err(read_only)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => wait(file, patience),
        // A file system without locks: the swap of the ref is still there.
        Err(TryLockError::Error(e)) if e.kind() == ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(e)) => Err(read_only(e)),
    }
}

/// Opens a lock file, with its folder where that is not there yet.
fn open_lock(folder: &Path, name: &str) -> std::io::Result<File> {
    let open = || OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(name));
    match open() {
        Err(e) if e.kind() == ErrorKind::NotFound => {
            std::fs::create_dir_all(folder)?;
            open()
        }
        other => other,
    }
}

impl Store {
    /// Tells whether somebody holds the lock: asked by who holds it, whether this file system has locks at all.
    pub(super) fn is_locked(&self) -> bool {
        let file = OpenOptions::new().write(true).open(self.private_dir().join("lock"));
        file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }
}

/// Waits in the kernel's queue, so that nobody starves. A thread that waits too long ends with the process.
fn wait(file: File, patience: Duration) -> Result<File> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let outcome = file.lock().map(|()| file);
        // Nobody listens any more once the wait has run out.
        drop(sender.send(outcome));
    });
    match receiver.recv_timeout(patience) {
        Ok(Ok(file)) => Ok(file),
        Ok(Err(e)) => Err(Error::new(Kind::Environment, "lock", "cannot lock the tracker").because(e)),
        Err(_) => Err(Error::new(
            Kind::Busy,
            "busy",
            format!("another command has been writing to this tracker for {} s", patience.as_secs().max(1)),
        )
        .hint("run the same command again")),
    }
}
