//! How long a claim holds: the flag and its default.

use super::dates;
use crate::error::Result;
use crate::model::{Front, Holder, Timestamp};

/// How long a claim holds unless told otherwise, in milliseconds.
pub(super) const LEASE_MS: i64 = 2 * 60 * 60 * 1000;

/// How long a claim holds that only guards one command, in milliseconds.
const BRIEF_MS: i64 = 10 * 60 * 1000;

/// How long a claim is to hold.
#[derive(clap::Args, Debug, Default)]
pub struct LeaseArgs {
    /// How long the claim holds without being renewed: 30m, 2h, 1d [default: 2h]
    #[arg(long = "for", visible_alias = "lease", value_name = "DURATION")]
    duration: Option<String>,
}

/// A duration that was asked for, or the default one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    millis: i64,
    explicit: bool,
}

impl LeaseArgs {
    /// A duration as typed.
    pub fn new(duration: Option<String>) -> Self {
        LeaseArgs { duration }
    }

    /// Tells whether a duration was given.
    pub fn is_given(&self) -> bool {
        self.duration.is_some()
    }

    /// Reads the duration.
    pub fn read(&self) -> Result<Term> {
        Ok(match &self.duration {
            Some(text) => Term { millis: dates::duration(text)?, explicit: true },
            None => Term { millis: LEASE_MS, explicit: false },
        })
    }
}

impl Term {
    /// The time that a command itself needs, at most.
    pub fn brief() -> Self {
        Term { millis: BRIEF_MS, explicit: true }
    }

    /// Returns when a lease taken now ends. Repeating one's own claim never shortens it, unless asked to.
    pub fn end(self, front: &Front, holder: &Holder, now: Timestamp) -> Timestamp {
        let end = now.plus_millis(self.millis);
        match front.lease_until {
            Some(until) if !self.explicit && front.is_held_by(holder) => end.max(until),
            _ => end,
        }
    }
}
