//! What a writer does when the branch cannot be swapped although it is its turn: another program has changed the
//! branch, holds git's lock on it, or died and left that lock behind.
//!
//! Nobody waits for long, and nobody waits for the dead: whoever is told *busy* can try again within seconds.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use super::Store;
use super::refs::is_read_only;
use crate::error::{Error, Kind, Result};
use crate::model::Timestamp;

/// How long one write goes on trying.
const LIMIT: Duration = Duration::from_secs(8);
/// A lock that stays as it is for so long has been left behind. Every writer of quipu waits for its turn before it
/// takes git's lock, and git itself holds it for the moment of a rename.
const LEFT_BEHIND: Duration = Duration::from_secs(5);
/// A lock that is as old as this, in milliseconds, has been left behind whoever took it.
const OLD_MS: i64 = 10 * 60 * 1000;

/// The patience of one write.
pub(super) struct Patience {
    started: Instant,
    attempts: u32,
    /// The lock in the way, and since when it has been seen there.
    seen: Option<(RefLock, Instant)>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// A lock file of git's.
#[derive(Clone, PartialEq, Eq, Debug)]
struct RefLock {
    path: PathBuf,
    modified: SystemTime,
}

impl Patience {
    #[expect(clippy::disallowed_methods, reason = "bounds a wait")]
    pub fn new() -> Self {
        Patience { started: Instant::now(), attempts: 0, seen: None, warnings: Vec::new() }
    }

    /// Prepares for another attempt after a swap that was lost.
    ///
    /// # Errors
    /// Busy, where it is time to give up.
    #[expect(clippy::disallowed_methods, reason = "bounds a wait")]
    pub fn another_attempt(&mut self, store: &Store, now: Timestamp) -> Result<()> {
        self.attempts += 1;
        let lock = store.branch_lock();
        if self.started.elapsed() > LIMIT {
            return Err(busy(store, lock));
        }
        let Some(lock) = lock else {
            self.seen = None;
            std::thread::sleep(Duration::from_millis(u64::from(self.attempts.min(20)) * 5));
            return Ok(());
        };
        let since = match &self.seen {
            Some((seen, since)) if *seen == lock => *since,
            _ => Instant::now(),
        };
        if since.elapsed() < LEFT_BEHIND && lock.age_ms(now) < OLD_MS {
            // The failed attempt has waited for the lock already.
            self.seen = Some((lock, since));
            return Ok(());
        }
        self.seen = None;
        self.warnings.extend(store.set_aside(&lock)?);
        Ok(())
    }
}

impl RefLock {
    /// Returns the age by the clock. A clock that is wrong makes it young, not old, unless it is minutes ahead.
    fn age_ms(&self, now: Timestamp) -> i64 {
        let modified = self.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        now.millis().saturating_sub(i64::try_from(modified.as_millis()).unwrap_or(i64::MAX))
    }
}

fn busy(store: &Store, lock: Option<RefLock>) -> Error {
    let message = match lock {
        Some(lock) => format!("another program holds {}", lock.path.display()),
        None => format!("{} keeps changing", store.branch_ref()),
    };
    Error::new(Kind::Busy, "busy", message).hint("run the same command again")
}

impl Store {
    /// Returns git's lock on the branch, where somebody holds it.
    fn branch_lock(&self) -> Option<RefLock> {
        let path = self.common_dir().join(format!("{}.lock", self.branch_ref()));
        let modified = std::fs::metadata(&path).ok()?.modified().ok()?;
        Some(RefLock { path, modified })
    }

    /// Moves a lock that was left behind out of the way; returns a line for the user. It is kept, so that whoever
    /// wants to know can look into it.
    fn set_aside(&self, lock: &RefLock) -> Result<Option<String>> {
        let target = self.private_dir().join("left-behind.lock");
        match std::fs::rename(&lock.path, &target) {
            Ok(()) => Ok(Some(format!(
                "a program that died had left {}; it was moved to {}",
                lock.path.display(),
                target.display()
            ))),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) if is_read_only(&e) => {
                let message = format!(
                    "{} was left behind by a program that died, and cannot be moved away",
                    lock.path.display()
                );
                Err(Error::new(Kind::Environment, "read_only", message).because(e))
            }
            Err(e) => Err(busy(self, Some(lock.clone())).because(e)),
        }
    }
}
