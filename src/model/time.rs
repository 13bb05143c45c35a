//! Points in time, in UTC, to the millisecond.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z, within the years 1 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub struct Timestamp(i64);

/// Milliseconds in a day of 24 hours.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;
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
        if let Some(time) = Timestamp::parse_canonical(text) {
            return Some(time);
        }
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

    /// Reads the form that [`Display`](fmt::Display) writes, and no other: `2026-01-07T10:00:00.000Z`.
    pub(super) fn parse_canonical(text: &str) -> Option<Self> {
        let bytes: &[u8; 24] = text.as_bytes().try_into().ok()?;
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.'), (23, b'Z')];
        if separators.iter().any(|(at, byte)| bytes[*at] != *byte) {
            return None;
        }
        let number = |from: usize, to: usize| {
            bytes[from..to]
                .iter()
                .try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
        };
        let day = days_since_1970(number(0, 4)?, number(5, 7)?, number(8, 10)?)?;
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = day * 86_400 + i64::from(hour * 3600 + minute * 60 + second);
        Timestamp::checked(seconds * 1000 + i64::from(number(20, 23)?))
    }

    fn checked(millis: i64) -> Option<Self> {
        (MIN_MILLIS..=MAX_MILLIS).contains(&millis).then_some(Timestamp(millis))
    }

    /// Returns the time for use with chrono.
    pub fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).expect("clamped to what chrono holds")
    }
}

/// Counts the days from 1970-01-01 to a date of the Gregorian calendar; `None` where there is no such date.
fn days_since_1970(year: u32, month: u32, day: u32) -> Option<i64> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return None,
    };
    if year == 0 || day == 0 || day > length {
        return None;
    }
    // Years begin in March, so that the leap day is the last of its year.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    Some(i64::from(days) - 719_468)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_chrono().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}
