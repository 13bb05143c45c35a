//! What a writer does when the branch cannot be swapped although it is its turn: another program has changed the
//! branch, holds git's lock on it, or died and left that lock behind.
//!
//! Nobody waits for long, and nobody waits for the dead: whoever is told *busy* can try again within seconds.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use gix::ObjectId;

use super::Store;
use super::refs::is_read_only;
use crate::error::{Error, Kind, Result};
use crate::model::Timestamp;

/// How long one write goes on trying.
const LIMIT: Duration = Duration::from_secs(8);
/// A lock that stays as it is for so long has been left behind. Every writer of quipu waits for its turn before it
/// takes git's lock, and git itself holds it for the moment of a rename.
const LEFT_BEHIND: Duration = Duration::from_secs(5);
/// A lock that is empty for so long, after a writer has died at this step, is that writer's.
const UNFILLED: Duration = Duration::from_secs(1);
/// A lock that is as old as this, in milliseconds, has been left behind whoever took it.
pub(super) const OLD_MS: i64 = 10 * 60 * 1000;

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
        // Whoever waits for a lock that does not change knows when that ends.
        let is_seen = self.seen.as_ref().zip(lock.as_ref()).is_some_and(|((seen, _), lock)| seen == lock);
        if self.started.elapsed() > LIMIT && !is_seen {
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

/// Locks on refs that a fetch writes, and since when they have been seen. A git that is killed leaves them behind.
#[derive(Default)]
pub(super) struct LeftLocks(BTreeMap<PathBuf, (RefLock, Instant)>);

impl LeftLocks {
    /// Looks after a fetch that could not lock a ref; returns lines for the user about what was moved away.
    #[expect(clippy::disallowed_methods, reason = "bounds a wait")]
    pub fn look<'n>(
        &mut self,
        store: &Store,
        names: impl Iterator<Item = &'n str>,
        now: Timestamp,
    ) -> Vec<String> {
        let mut warnings = Vec::new();
        for lock in names.filter_map(|name| store.lock_of(name)) {
            let (seen, since) =
                self.0.entry(lock.path.clone()).or_insert_with(|| (lock.clone(), Instant::now()));
            if *seen != lock {
                (*seen, *since) = (lock, Instant::now());
            } else if since.elapsed() >= LEFT_BEHIND || lock.age_ms(now) >= OLD_MS {
                warnings.extend(store.set_aside(&lock).ok().flatten());
            }
        }
        warnings
    }
}

impl RefLock {
    /// Returns the age by the clock. A clock that is wrong makes it young, not old, unless it is minutes ahead.
    fn age_ms(&self, now: Timestamp) -> i64 {
        let modified = self.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        now.millis().saturating_sub(i64::try_from(modified.as_millis()).unwrap_or(i64::MAX))
    }
}

fn commit(text: &str) -> Option<ObjectId> {
    ObjectId::from_hex(text.trim().as_bytes()).ok()
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
        self.lock_of(&self.branch_ref())
    }

    fn lock_of(&self, name: &str) -> Option<RefLock> {
        let path = self.common_dir().join(format!("{name}.lock"));
        let modified = std::fs::metadata(&path).ok()?.modified().ok()?;
        Some(RefLock { path, modified })
    }

    /// Returns where such a lock is moved to.
    pub(super) fn left_behind_lock(&self) -> PathBuf {
        self.private_dir().join("left-behind.lock")
    }

    /// Moves git's lock on the branch out of the way, where nobody can be holding it: it is old, and no writer of quipu
    /// is at work. Tells whether it has.
    pub(super) fn set_old_lock_aside(&self, now: Timestamp) -> Result<bool> {
        let _turn = self.lock()?;
        match self.branch_lock().filter(|lock| lock.age_ms(now) >= OLD_MS) {
            Some(lock) => Ok(self.set_aside(&lock)?.is_some()),
            None => Ok(false),
        }
    }

    /// Prepares for a swap of the branch under the clone's own lock: notes the new value, and moves away a lock that a
    /// writer of quipu took for the value it had noted before it died. Returns a line for the user.
    ///
    /// That lock is no guess: it holds the commit that the last writer was about to publish, the branch has not come to
    /// it, and that writer has let go of the clone's lock. An empty one could also be that of a git, which fills it at once:
    /// it is given a second.
    pub(super) fn begin_swap(&self, local: Option<ObjectId>, new: ObjectId) -> Option<String> {
        let note = self.private_dir().join("swap");
        let cleared = self.branch_lock().filter(|lock| {
            let noted = std::fs::read_to_string(&note).ok().and_then(|text| commit(&text));
            let held = std::fs::read_to_string(&lock.path).unwrap_or_default();
            let is_unfinished = noted.is_some_and(|id| Some(id) != local && self.repo.has_object(id));
            is_unfinished
                && self.is_locked()
                && (noted == commit(&held) || held.is_empty() && self.stays_empty(lock))
        });
        let warning = cleared.and_then(|lock| self.set_aside(&lock).ok().flatten());
        // Whoever cannot note it lets the next writer wait, should this one die.
        drop(std::fs::write(note, new.to_string()));
        warning
    }

    /// Tells whether a lock is as it is, and empty, after a moment.
    fn stays_empty(&self, lock: &RefLock) -> bool {
        std::thread::sleep(UNFILLED);
        let size = std::fs::metadata(&lock.path).map(|metadata| metadata.len());
        matches!(size, Ok(0)) && self.branch_lock().as_ref() == Some(lock)
    }

    /// Moves a lock that was left behind out of the way; returns a line for the user. It is kept, so that whoever
    /// wants to know can look into it.
    fn set_aside(&self, lock: &RefLock) -> Result<Option<String>> {
        let target = self.left_behind_lock();
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
