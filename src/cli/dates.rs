//! Times and durations as people type them.

use chrono::{
    Datelike, Days, Local, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
    Weekday,
};

use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::query::Period;

const MINUTE_MS: i64 = 60_000;
const FORMS: &str = "use 2026-01-31, 2026-01-31T09:00:00Z, +2d, tomorrow or next monday";

/// Reads a time: RFC 3339, a date (its beginning, in the user's zone), `+2w`, `-1d`, `in 3 days`, `3 days ago`, `today`,
/// `tomorrow`, `next monday`, `eod`. What has no zone is in the user's.
///
/// # Errors
/// Invalid, naming the forms.
pub(super) fn parse(text: &str, now: Timestamp) -> Result<Timestamp> {
    let day = || day(&words(text), now).and_then(midnight);
    moment(text, now).or_else(day).ok_or_else(|| unknown(text))
}

/// Reads a time as a period: a day as a whole, anything else as a moment.
///
/// # Errors
/// Invalid, naming the forms.
pub(super) fn period(text: &str, now: Timestamp) -> Result<Period> {
    if let Some(time) = moment(text, now) {
        return Ok(Period { after: Some(time), before: Some(time.plus_millis(1)) });
    }
    let day = day(&words(text), now).ok_or_else(|| unknown(text))?;
    let next = day.checked_add_days(Days::new(1));
    Ok(Period { after: midnight(day), before: next.and_then(midnight) })
}

fn unknown(text: &str) -> Error {
    Error::invalid(format!("{text:?} is not a time")).hint(FORMS)
}

/// Brings a text into small letters with single spaces.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}

/// Reads what is a moment and not a day.
fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    let word = words(text);
    let signed = match (word.strip_prefix("in "), word.strip_suffix(" ago")) {
        (Some(rest), None) if rest.starts_with(|c: char| c.is_ascii_digit()) => format!("+{rest}"),
        (None, Some(rest)) if rest.starts_with(|c: char| c.is_ascii_digit()) => format!("-{rest}"),
        _ => word.clone(),
    };
    if let Some(time) = offset(&signed, now) {
        return Some(time);
    }
    match word.as_str() {
        "now" => return Some(now),
        // The last second of the day: as a date that something is due, it is on that day.
        "eod" | "end of day" => {
            return today(now).and_hms_opt(23, 59, 59).and_then(in_zone);
        }
        _ => {}
    }
    let text = text.trim();
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    match naive {
        Some(time) => in_zone(time),
        None if text.len() > 10 => Timestamp::parse(text),
        None => None,
    }
}

fn today(now: Timestamp) -> NaiveDate {
    now.to_chrono().with_timezone(&Local).date_naive()
}

fn day(word: &str, now: Timestamp) -> Option<NaiveDate> {
    let today = today(now);
    match word {
        "today" => Some(today),
        "tomorrow" => today.checked_add_days(Days::new(1)),
        "yesterday" => today.checked_sub_days(Days::new(1)),
        "next week" => today.checked_add_days(Days::new(7)),
        "last week" => today.checked_sub_days(Days::new(7)),
        "next month" => today.checked_add_months(Months::new(1)),
        "last month" => today.checked_sub_months(Months::new(1)),
        _ => weekday(word, today).or_else(|| NaiveDate::parse_from_str(word, "%Y-%m-%d").ok()),
    }
}

/// The beginning of a day in the user's zone.
fn midnight(date: NaiveDate) -> Option<Timestamp> {
    in_zone(date.and_time(NaiveTime::MIN))
}

/// A time on the user's clock; the first there is after it, where the clock is put forward over it.
fn in_zone(time: NaiveDateTime) -> Option<Timestamp> {
    let quarters = (0..=12).filter_map(|count| time.checked_add_signed(TimeDelta::minutes(15 * count)));
    let mut found = quarters.filter_map(|time| match Local.from_local_datetime(&time) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time.timestamp_millis()),
        LocalResult::None => None,
    });
    found.next().map(Timestamp::from_millis)
}

/// `monday`, `next monday`: the next such day after today; `last monday`: the one before it.
fn weekday(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    if let Some(name) = word.strip_prefix("last ") {
        let day: Weekday = name.parse().ok()?;
        let back = (7 + today.weekday().num_days_from_monday() - day.num_days_from_monday()) % 7;
        return today.checked_sub_days(Days::new(if back == 0 { 7 } else { u64::from(back) }));
    }
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
