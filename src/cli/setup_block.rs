//! The part of a Markdown file that belongs to quipu: between two marks, with a hash that tells whether it is the
//! present one, an older one, or one that somebody has edited.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Kind, Result};

const BEGIN: &str = "<!-- quipu:begin ";
const END: &str = "<!-- quipu:end -->";
/// Digits of the hash.
const DIGITS: usize = 8;

/// What a file has of quipu's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// Nothing.
    Absent,
    /// What this version writes.
    Current,
    /// What another version wrote.
    Outdated,
    /// A block that was changed by hand.
    Edited,
}

impl State {
    /// The word for programs and for people.
    pub fn name(self) -> &'static str {
        match self {
            State::Absent => "absent",
            State::Current => "current",
            State::Outdated => "outdated",
            State::Edited => "edited",
        }
    }
}

/// Returns the whole block, with line feeds.
pub(super) fn render(content: &str) -> String {
    let hash = hash(content);
    format!(
        "{BEGIN}v1 hash={hash} qp setup writes this part; keep your own lines outside -->\n{content}{END}\n"
    )
}

/// Tells what a text has of quipu's.
///
/// # Errors
/// Invalid, where the marks do not pair.
pub(super) fn look(text: &str, content: &str) -> Result<State> {
    let Some(block) = find(text)? else { return Ok(State::Absent) };
    Ok(if block.stated.as_deref() != Some(&hash(&text[block.inside])) {
        State::Edited
    } else if block.stated == Some(hash(content)) {
        State::Current
    } else {
        State::Outdated
    })
}

/// Puts the block into a text: in the place of the one that is there, else at the end. Nothing else changes.
pub(super) fn put(text: &str, content: &str) -> Result<String> {
    let mut block = render(content);
    if text.contains("\r\n") {
        block = block.replace('\n', "\r\n");
    }
    if let Some(old) = find(text)? {
        let Range { start, end } = old.whole;
        return Ok([&text[..start], &block, &text[end..]].concat());
    }
    let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let unended = !text.is_empty() && !text.ends_with('\n');
    let gap = if text.is_empty() { "" } else { eol };
    Ok([text, if unended { eol } else { "" }, gap, &block].concat())
}

/// Takes the block out of a text, with the empty line that [`put`] made in front of it.
pub(super) fn remove(text: &str) -> Result<String> {
    let Some(block) = find(text)? else { return Ok(text.to_owned()) };
    let before = &text[..block.whole.start];
    let gap = ["\r\n\r\n", "\n\n"].iter().find(|gap| before.ends_with(**gap));
    let before = gap.map_or(before, |gap| &before[..before.len() - gap.len() / 2]);
    Ok([before, &text[block.whole.end..]].concat())
}

/// Where the block stands.
struct Block {
    /// With both marks and their line ends.
    whole: Range<usize>,
    inside: Range<usize>,
    /// The hash that the mark states.
    stated: Option<String>,
}

fn find(text: &str) -> Result<Option<Block>> {
    let mut begin: Option<(usize, Range<usize>, Option<String>)> = None;
    let mut found: Option<Block> = None;
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let span = at..at + line.len();
        at = span.end;
        let mark = line.trim();
        if mark.starts_with(BEGIN) && mark.ends_with("-->") {
            if begin.is_some() || found.is_some() {
                return Err(broken(
                    number,
                    "a second block of quipu's begins",
                    "delete one of the two blocks",
                ));
            }
            let stated = mark.split_whitespace().find_map(|word| word.strip_prefix("hash="));
            begin = Some((number, span, stated.map(str::to_owned)));
        } else if mark == END {
            let Some((_, start, stated)) = begin.take() else {
                return Err(broken(number, "quipu's block ends and has no beginning", "delete this line"));
            };
            let whole = start.start..span.end;
            found = Some(Block { whole, inside: start.end..span.start, stated });
        }
    }
    match begin {
        Some((number, ..)) => {
            let remedy = "delete this line and what is left of the block below it";
            Err(broken(number, &format!("quipu's block begins and has no line {END}"), remedy))
        }
        None => Ok(found),
    }
}

fn broken(number: usize, what: &str, remedy: &str) -> Error {
    Error::new(Kind::Invalid, "broken_block", format!("line {}: {what}", number + 1))
        .hint(format!("{remedy}, then run it again"))
}

/// Formatters change blank lines and the ends of lines; that is no edit.
fn hash(content: &str) -> String {
    let mut hash = Sha256::new();
    for line in content.lines().map(str::trim).filter(|line| !line.is_empty()) {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    hex[..DIGITS].to_owned()
}
