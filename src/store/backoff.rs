//! How long to wait before the next attempt: decorrelated jitter, so that clones that lost together do not meet again.

use std::time::Duration;

use super::outcome::Outcome;
use super::remote::Deadline;
use crate::context::Context;

/// The shortest wait.
const SHORTEST: Duration = Duration::from_millis(300);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(20);
/// The shortest wait where the server itself asks for one.
const ASKED: Duration = Duration::from_secs(5);

/// The waits of one series of attempts.
pub(super) struct Backoff<'c> {
    context: &'c Context,
    previous: Duration,
}

impl<'c> Backoff<'c> {
    pub fn new(context: &'c Context) -> Self {
        Backoff { context, previous: SHORTEST }
    }

    /// Waits after a lost race. Returns `false`, at once, where the deadline leaves no time for it.
    pub fn sleep(&mut self, deadline: Deadline) -> bool {
        self.sleep_after(&Outcome::LostRace, deadline)
    }

    /// Waits as the outcome demands. Returns `false`, at once, where the deadline leaves no time for it.
    pub fn sleep_after(&mut self, outcome: &Outcome, deadline: Deadline) -> bool {
        let wait = self.next(outcome);
        let in_time = wait < deadline.remaining();
        if in_time {
            std::thread::sleep(wait);
        }
        in_time
    }

    /// Chooses the next wait.
    pub fn next(&mut self, outcome: &Outcome) -> Duration {
        let most = (self.previous * 3).min(LONGEST);
        let span = (most - SHORTEST).as_millis() + 1;
        let extra = u64::try_from(self.context.random() % span).expect("at most twenty seconds");
        self.previous = SHORTEST + Duration::from_millis(extra);
        if matches!(outcome, Outcome::Limited(_)) {
            self.previous = self.previous.max(ASKED);
        }
        self.previous
    }
}
