//! Writing text as YAML: plain where no reader can take it for anything but a string, quoted otherwise.
//!
//! The test for *plain* is a short list of what is certainly safe in YAML 1.1 and 1.2, not a list of what is
//! not: `no`, `014`, `2.50`, `1:30`, `<<`, `~` and dates are quoted because they are not on it.

use std::fmt::Write as _;

/// Where a scalar stands; inside brackets more characters have a meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// After `key: `.
    Block,
    /// Inside `[…]` or `{…}`.
    Flow,
}

/// Words that YAML 1.1 or 1.2 resolve to a boolean, a null or a number.
const RESERVED: [&str; 13] =
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity", "none"];

/// Appends `text` as a YAML scalar.
pub fn write_scalar(out: &mut String, text: &str, place: Place) {
    if is_plain(text, place) {
        out.push_str(text);
    } else {
        write_quoted(out, text);
    }
}

/// Tells whether `text` can stand without quotes.
pub fn is_plain(text: &str, place: Place) -> bool {
    let Some(first) = text.chars().next() else { return false };
    if is_ulid_like(text) {
        return true;
    }
    if !(first.is_alphabetic() || first == '/' || first == '_') || text.ends_with([':', ' ']) {
        return false;
    }
    if text.len() <= 8 && RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return false;
    }
    let mut before = first;
    for c in text.chars() {
        let unsafe_here = match c {
            ':' => place == Place::Flow,
            ' ' => before == ':',
            '#' => before == ' ',
            ',' | '[' | ']' | '{' | '}' | '"' | '\'' => place == Place::Flow,
            _ => needs_escape(c),
        };
        if unsafe_here {
            return false;
        }
        before = c;
    }
    true
}

/// A ULID holds a letter that no number can: anything else of that form is quoted.
fn is_ulid_like(text: &str) -> bool {
    text.len() == super::id::ULID_LEN
        && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
        && text.bytes().any(|b| b"ghjkmnpqrstvwyz".contains(&b))
}

/// Characters that YAML readers may fold, drop or refuse.
pub(super) fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
        // The last two of each plane are no characters.
        || (u32::from(c) & 0xfffe) == 0xfffe
}

/// Appends `text` in double quotes.
pub fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if needs_escape(c) => write_escape(out, c),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn write_escape(out: &mut String, c: char) {
    let code = u32::from(c);
    let done = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
    done.expect("writing to a string cannot fail");
}
