//! Merging texts line by line: what each side did to the base, brought together where it does not overlap.
//!
//! Lines are compared by the histogram algorithm. A line of a checklist is known by its text alone, and its tick is
//! merged as a value of its own, so that two people can tick off neighbouring lines.

use std::ops::Range;

use gix::diff::blob::{Algorithm, Diff, Interner, Token};

use super::conflict::Side;

/// Merges three texts; `None` where both sides changed the same lines, each differently. `first` says whose lines
/// stand first where both only inserted at the same place; it is asked in that case only.
pub(super) fn merge(base: &str, ours: &str, theirs: &str, first: impl FnOnce() -> Side) -> Option<String> {
    let texts = [base, ours, theirs];
    if !texts.iter().all(|text| ends_in_crlf(text)) || !texts.iter().any(|text| text.contains('\n')) {
        return merge_lines(texts, first);
    }
    // The last line has no end, so with ends of two characters it would differ from itself when others follow it.
    let [base, ours, theirs] = texts.map(|text| text.replace("\r\n", "\n"));
    Some(merge_lines([&base, &ours, &theirs], first)?.replace('\n', "\r\n"))
}

/// Tells whether all lines that have an end have that of Windows.
fn ends_in_crlf(text: &str) -> bool {
    text.matches('\n').count() == text.matches("\r\n").count()
}

fn merge_lines(texts: [&str; 3], first: impl FnOnce() -> Side) -> Option<String> {
    let mut interner = Interner::new(256);
    let [base, ours, theirs] = texts.map(|text| Lines::new(text, &mut interner));
    let hunks = [&ours, &theirs].map(|side| base.hunks(side, interner.num_tokens()));
    let mut first = Order::Asked(Some(first));
    let mut merged: Vec<String> = Vec::new();
    let (mut at, mut next) = (0, [0, 0]);
    loop {
        let pending = [hunks[0].get(next[0]), hunks[1].get(next[1])];
        let start = pending.iter().flatten().map(|h| h.before.start).min();
        let end = start.unwrap_or(base.texts.len());
        merged.extend((at..end).map(|line| tick(&base, [&ours, &theirs], &hunks, line)));
        match pending {
            [None, None] => break,
            [Some(a), Some(b)] if meet(a, b) => {
                let pieces = [&ours.texts[a.after.clone()], &theirs.texts[b.after.clone()]];
                let insertions = a.before.is_empty() && b.before.is_empty();
                if a.before == b.before && ours.same(&a.after, &theirs, &b.after) {
                    merged.extend(pieces[0].iter().zip(pieces[1]).map(|(a, b)| ticked(a, b)));
                } else if insertions {
                    let order = if first.ask() == Side::Ours { pieces } else { [pieces[1], pieces[0]] };
                    merged.extend(order[0].iter().map(|l| (*l).to_owned()));
                    // Two texts where there was none are two paragraphs.
                    let apart =
                        base.texts.is_empty() && order[0].last().is_some_and(|l| !l.trim().is_empty());
                    merged.extend((apart && !order[1][0].trim().is_empty()).then(String::new));
                    merged.extend(order[1].iter().map(|l| (*l).to_owned()));
                } else {
                    return None;
                }
                at = a.before.end;
                next = [next[0] + 1, next[1] + 1];
            }
            [a, b] => {
                let (hunk, side, index) = if before(a, b) { (a?, &ours, 0) } else { (b?, &theirs, 1) };
                let other = [&theirs, &ours][index];
                let left_alone = |line| other.counterpart(&hunks[1 - index], line) == Some(base.texts[line]);
                if !hunk.before.clone().all(left_alone) {
                    // The other side ticked what this one rewrote.
                    return None;
                }
                merged.extend(side.texts[hunk.after.clone()].iter().map(|l| (*l).to_owned()));
                at = hunk.before.end;
                next[index] += 1;
            }
        }
    }
    Some(merged.join("\n"))
}

/// Who comes first, asked at most once.
enum Order<F> {
    Asked(Option<F>),
    Known(Side),
}

impl<F: FnOnce() -> Side> Order<F> {
    fn ask(&mut self) -> Side {
        let side = match self {
            Order::Known(side) => *side,
            Order::Asked(ask) => ask.take().map_or(Side::Ours, |ask| ask()),
        };
        *self = Order::Known(side);
        side
    }
}

/// What a side did at one place.
#[derive(Clone, Debug)]
struct Hunk {
    /// Lines of the base that it replaced.
    before: Range<usize>,
    /// Its own lines instead.
    after: Range<usize>,
}

/// Tells whether two changes concern the same lines. Changes that only touch do not.
fn meet(a: &Hunk, b: &Hunk) -> bool {
    let (a, b) = (&a.before, &b.before);
    a.start == b.start && a.is_empty() == b.is_empty()
        || a.start.max(b.start) < a.end.min(b.end)
        // An insertion in the middle of what the other one replaced.
        || a.is_empty() && b.start < a.start && a.start < b.end
        || b.is_empty() && a.start < b.start && b.start < a.end
}

/// Tells whether ours is written first. An insertion stands before what follows it.
fn before(a: Option<&Hunk>, b: Option<&Hunk>) -> bool {
    let place = |h: &Hunk| (h.before.start, h.before.end);
    match (a, b) {
        (Some(a), Some(b)) => place(a) <= place(b),
        (a, _) => a.is_some(),
    }
}

/// The lines of a text, without their ends, and the tokens they are compared by.
struct Lines<'t> {
    texts: Vec<&'t str>,
    tokens: Vec<Token>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str, interner: &mut Interner<String>) -> Self {
        let texts: Vec<&str> = if text.is_empty() { Vec::new() } else { text.split('\n').collect() };
        let tokens = texts.iter().map(|line| interner.intern(with_tick(line, ' '))).collect();
        Lines { texts, tokens }
    }

    fn hunks(&self, side: &Lines<'_>, tokens: u32) -> Vec<Hunk> {
        let mut diff = Diff::default();
        diff.compute_with(Algorithm::Histogram, &self.tokens, &side.tokens, tokens);
        let range = |r: Range<u32>| r.start as usize..r.end as usize;
        diff.hunks().map(|h| Hunk { before: range(h.before), after: range(h.after) }).collect()
    }

    fn same(&self, mine: &Range<usize>, other: &Lines<'_>, others: &Range<usize>) -> bool {
        self.tokens[mine.clone()] == other.tokens[others.clone()]
    }

    /// Finds the line that a line of the base has become, where this side left it in its place.
    fn counterpart(&self, hunks: &[Hunk], line: usize) -> Option<&'t str> {
        let index = hunks.partition_point(|h| h.before.end <= line);
        let (base, own) = match index.checked_sub(1) {
            Some(last) => (hunks[last].before.end, hunks[last].after.end),
            None => (0, 0),
        };
        self.texts.get(own + line - base).copied()
    }
}

/// Returns a line that both sides left in its place, with its tick.
fn tick(base: &Lines<'_>, sides: [&Lines<'_>; 2], hunks: &[Vec<Hunk>; 2], line: usize) -> String {
    let text = base.texts[line];
    let [ours, theirs] = [0, 1].map(|side| sides[side].counterpart(&hunks[side], line).unwrap_or(text));
    if ours == theirs || theirs == text {
        ours.to_owned()
    } else if ours == text {
        theirs.to_owned()
    } else if is_ticked(text) {
        // One has taken the tick away, and the other only writes it as another letter.
        ours.min(theirs).to_owned()
    } else {
        ticked(ours, theirs)
    }
}

fn is_ticked(line: &str) -> bool {
    tick_at(line).is_some_and(|at| !line[at..].starts_with(' '))
}

/// Returns the line that is ticked, of two that differ in nothing else. An entry begins without a tick: where the base
/// has none of it, nobody has taken one away.
fn ticked(one: &str, other: &str) -> String {
    one.max(other).to_owned()
}

/// Returns the line with another tick, where it is an entry of a checklist.
fn with_tick(line: &str, tick: char) -> String {
    let Some(at) = tick_at(line) else { return line.to_owned() };
    format!("{}{tick}{}", &line[..at], &line[at + 1..])
}

/// Finds the tick of a checklist's entry: `- [x] text`, with any mark that begins an entry of a list.
fn tick_at(line: &str) -> Option<usize> {
    let entry = line.trim_start();
    let rest = match entry.strip_prefix(['-', '*', '+']) {
        Some(rest) => rest,
        None => entry.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix(['.', ')'])?,
    };
    let (open, tail) = rest.trim_start().split_at_checked(1)?;
    let mark = tail.as_bytes().first()?;
    let closed = tail.get(1..2) == Some("]") && tail.get(2..3).is_none_or(|c| c == " ");
    let found = open == "[" && matches!(mark, b' ' | b'x' | b'X') && closed && rest.starts_with(' ');
    found.then(|| line.len() - tail.len())
}
