//! Times in a query: days, moments, ages, and ranges of them.

use super::compile::Surroundings;
use super::predicate::TimeField;
use crate::error::{Error, Result};
use crate::query::filter::Period;

/// A comparison, or none: the value itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Is,
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// Takes the comparison from the front of a value.
pub(super) fn sign(text: &str) -> (Sign, &str) {
    const SIGNS: [(&str, Sign); 5] = [
        ("<=", Sign::AtMost),
        (">=", Sign::AtLeast),
        ("<", Sign::Below),
        (">", Sign::Above),
        ("=", Sign::Is),
    ];
    let found = SIGNS.iter().find_map(|(sign, meaning)| Some((*meaning, text.strip_prefix(sign)?)));
    found.map_or((Sign::Is, text), |(sign, rest)| (sign, rest.trim()))
}

/// One end of a period.
struct End {
    span: Period,
    is_age: bool,
}

/// Reads the value of a time field.
pub(super) fn period(field: TimeField, text: &str, around: &dyn Surroundings) -> Result<Period> {
    if let Some((from, to)) = text.split_once("..") {
        return range(field, from.trim(), to.trim(), around);
    }
    let (sign, rest) = sign(text);
    if rest.is_empty() {
        return Err(Error::invalid(format!("{text} compares with nothing")).hint("<7d, >=2026-01-31"));
    }
    let End { span, is_age } = end(field, rest, around)?;
    if is_age && sign == Sign::Is {
        let message = format!("{rest} is neither a day nor a comparison");
        return Err(Error::invalid(message).hint(format!("<{rest} is newer, >{rest} is older")));
    }
    let (after, before) = (Some(span.after), Some(span.before));
    let (after, before) = match (sign, is_age) {
        (Sign::Is, _) => (after, before),
        // The greater the age, the earlier the time.
        (Sign::Below, false) => (None, after),
        (Sign::Above, true) => (None, after),
        (Sign::AtMost, false) | (Sign::AtLeast, true) => (None, before),
        (Sign::Above, false) | (Sign::Below, true) => (before, None),
        (Sign::AtLeast, false) | (Sign::AtMost, true) => (after, None),
    };
    Ok(Period { after: after.flatten(), before: before.flatten() })
}

fn range(field: TimeField, from: &str, to: &str, around: &dyn Surroundings) -> Result<Period> {
    let read = |text: &str| match text {
        "" => Ok(None),
        text => end(field, text, around).map(Some),
    };
    let (mut from_end, mut to_end) = (read(from)?, read(to)?);
    if from_end.as_ref().or(to_end.as_ref()).is_some_and(|end| end.is_age) {
        std::mem::swap(&mut from_end, &mut to_end);
    }
    let period = Period {
        after: from_end.and_then(|end| end.span.after),
        before: to_end.and_then(|end| end.span.before),
    };
    match period {
        Period { after: None, before: None } => {
            Err(Error::invalid("the range has no ends").hint("2026-01-01..2026-01-31, or one end left out"))
        }
        Period { after: Some(after), before: Some(before) } if after >= before => {
            Err(Error::invalid("the range ends before it begins").hint(format!("{to}..{from}")))
        }
        period => Ok(period),
    }
}

/// A bare span is an age where times lie behind, and a distance where they lie ahead.
fn end(field: TimeField, text: &str, around: &dyn Surroundings) -> Result<End> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let unit = text[digits..].trim();
    let is_span = digits > 0 && !unit.is_empty() && unit.bytes().all(|b| b.is_ascii_alphabetic());
    if !is_span {
        return Ok(End { span: around.time(text)?, is_age: false });
    }
    let signed = if field.is_past() { format!("-{text}") } else { format!("+{text}") };
    // What is not a time is named as it was typed.
    let span = around.time(&signed).or_else(|error| around.time(text).and(Err(error)))?;
    Ok(End { span, is_age: field.is_past() })
}
