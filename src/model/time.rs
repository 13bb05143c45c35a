//! Points in time, in UTC, to the millisecond.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z, within the years 1 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub struct Timestamp(i64);

/// The last instant that RFC 3339 can write.
const MAX_MILLIS: i64 = 253_402_300_799_999;
/// The first instant of the year 1.
const MIN_MILLIS: i64 = -62_135_596_800_000;

impl Timestamp {
    /// Builds a time from milliseconds since 1970; values outside the years 1 to 9999 are clamped.
    pub fn from_millis(millis: i64) -> Self {
        Timestamp(millis.clamp(MIN_MILLIS, MAX_MILLIS))
    }

    /// Returns milliseconds since 1970.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Returns this time moved by `millis` milliseconds.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Timestamp::from_millis(self.0.saturating_add(millis))
    }

    /// Returns the milliseconds from `earlier` to this time; negative where it is later.
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.0 - earlier.0
    }

    /// Reads RFC 3339, the same with a space or without a zone (UTC), or a date (midnight UTC).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Timestamp::checked(time.timestamp_millis());
        }
        for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"] {
            if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
                return Timestamp::checked(time.and_utc().timestamp_millis());
            }
        }
        if let Ok(time) = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f %z") {
            return Timestamp::checked(time.timestamp_millis());
        }
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Timestamp::checked(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
    }

    fn checked(millis: i64) -> Option<Self> {
        (MIN_MILLIS..=MAX_MILLIS).contains(&millis).then_some(Timestamp(millis))
    }

    /// Returns the time for use with chrono.
    pub fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).expect("clamped to what chrono holds")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_chrono().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}
