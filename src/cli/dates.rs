//! Times and durations as people type them.

use chrono::{Datelike, Days, Local, LocalResult, Months, NaiveDate, NaiveTime, TimeZone, Weekday};

use crate::error::{Error, Result};
use crate::model::Timestamp;

const MINUTE_MS: i64 = 60_000;
const FORMS: &str = "use 2026-01-31, 2026-01-31T09:00:00Z, +2d, tomorrow or next monday";

/// Reads a time: RFC 3339, a date (its beginning, in the user's zone), `+2w`, `-1d`, `today`, `tomorrow`,
/// `next monday`.
///
/// # Errors
/// Invalid, naming the forms.
pub(super) fn parse(text: &str, now: Timestamp) -> Result<Timestamp> {
    let word = text.trim().to_ascii_lowercase();
    let unknown = || Error::invalid(format!("{text:?} is not a time")).hint(FORMS);
    if let Some(time) = offset(&word, now) {
        return Ok(time);
    }
    if word.len() > 10
        && let Some(time) = Timestamp::parse(text)
    {
        return Ok(time);
    }
    let today = now.to_chrono().with_timezone(&Local).date_naive();
    let date = match word.as_str() {
        "now" => return Ok(now),
        "today" => Some(today),
        "tomorrow" => today.checked_add_days(Days::new(1)),
        "yesterday" => today.checked_sub_days(Days::new(1)),
        "next week" => today.checked_add_days(Days::new(7)),
        "next month" => today.checked_add_months(Months::new(1)),
        _ => weekday(&word, today).or_else(|| NaiveDate::parse_from_str(&word, "%Y-%m-%d").ok()),
    };
    date.and_then(midnight).ok_or_else(unknown)
}

/// The beginning of a day in the user's zone; the first moment there is, where a clock change skips midnight.
fn midnight(date: NaiveDate) -> Option<Timestamp> {
    let start = date.and_time(NaiveTime::MIN);
    let millis = match Local.from_local_datetime(&start) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => time.timestamp_millis(),
        LocalResult::None => start.and_utc().timestamp_millis(),
    };
    Some(Timestamp::from_millis(millis))
}

/// `monday`, `next monday`: the next such day after today.
fn weekday(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    let name = word.strip_prefix("next ").or_else(|| word.strip_prefix("this ")).unwrap_or(word);
    let day: Weekday = name.parse().ok()?;
    let ahead = (7 + day.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
    today.checked_add_days(Days::new(if ahead == 0 { 7 } else { u64::from(ahead) }))
}

/// `+2w`, `-1d`, `+6h`, `+30min`, `+3m` (months), `+1y`.
fn offset(word: &str, now: Timestamp) -> Option<Timestamp> {
    let (sign, rest) = match word.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => (1, word),
    };
    let split = rest.find(|c: char| !c.is_ascii_digit())?;
    let count: i64 = rest[..split].parse().ok()?;
    let months = match rest[split..].trim() {
        "m" | "mo" | "month" | "months" => count,
        "y" | "year" | "years" => count.checked_mul(12)?,
        unit => {
            let millis = count.checked_mul(unit_ms(unit)?)?;
            return Some(now.plus_millis(sign * millis));
        }
    };
    let months = Months::new(u32::try_from(months).ok()?);
    let time = now.to_chrono();
    let moved = if sign > 0 { time.checked_add_months(months) } else { time.checked_sub_months(months) };
    moved.map(|t| Timestamp::from_millis(t.timestamp_millis()))
}

fn unit_ms(unit: &str) -> Option<i64> {
    Some(match unit {
        "s" | "sec" | "second" | "seconds" => 1000,
        "min" | "mins" | "minute" | "minutes" => MINUTE_MS,
        "h" | "hr" | "hour" | "hours" => 60 * MINUTE_MS,
        "d" | "day" | "days" => 24 * 60 * MINUTE_MS,
        "w" | "week" | "weeks" => 7 * 24 * 60 * MINUTE_MS,
        _ => return None,
    })
}

/// Reads a duration in milliseconds: `2h`, `90m`, `1h30m`, `45min`, `1d`. A bare number is minutes.
///
/// # Errors
/// Invalid, naming the forms; also for nothing and for more than a year.
pub(super) fn duration(text: &str) -> Result<i64> {
    let unknown = || Error::invalid(format!("{text:?} is not a duration")).hint("use 30m, 2h, 1h30m or 1d");
    let mut rest = text.trim();
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let count: i64 = rest[..digits].parse().map_err(|_| unknown())?;
        let after = &rest[digits..];
        let letters = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let unit = match after[..letters].trim() {
            "" | "m" => MINUTE_MS,
            unit => unit_ms(unit).ok_or_else(unknown)?,
        };
        total = count.checked_mul(unit).and_then(|ms| total.checked_add(ms)).ok_or_else(unknown)?;
        rest = &after[letters..];
    }
    if total == 0 || total > 366 * 24 * 60 * MINUTE_MS { Err(unknown()) } else { Ok(total) }
}
