//! Path globs, and whether two of them could name the same file.
//!
//! No file system is asked: two globs overlap if some path exists that both match. Where the meaning of a
//! glob is open the wider one is taken, because a needless "somebody is at it" costs less than two agents in
//! one file.

use std::collections::HashSet;

/// Longest part of a pattern that is looked at, in characters; what follows counts as `**`.
const LONGEST: usize = 200;

/// A glob over paths with `/`: `?` is one character of a name, `*` any number of them, `**` any number of
/// folders. A pattern that ends in `/`, or whose last name is plain and has no extension, also covers
/// everything below it.
#[derive(Clone, Debug)]
pub struct Glob {
    /// What every matching path begins with.
    prefix: String,
    states: Vec<Vec<Step>>,
    /// States in which a path may end.
    ends: HashSet<usize>,
}

/// A way out of a state: over one character, or over none.
#[derive(Clone, Copy, Debug)]
struct Step {
    over: Option<Class>,
    to: usize,
}

/// A set of characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    One(char),
    NoSlash,
    Any,
}

impl Class {
    fn meets(self, other: Class) -> bool {
        match (self, other) {
            (Class::One(a), Class::One(b)) => a == b,
            (Class::One(c), Class::NoSlash) | (Class::NoSlash, Class::One(c)) => c != '/',
            _ => true,
        }
    }
}

impl Glob {
    /// Reads a pattern. There is no text that is not one.
    pub fn new(pattern: &str) -> Self {
        let (tokens, below) = tokens(pattern);
        let prefix =
            tokens.iter().map_while(|t| if let Token::One(c) = t { Some(*c) } else { None }).collect();
        let mut glob = Glob { prefix, states: vec![Vec::new()], ends: HashSet::new() };
        for token in tokens {
            glob.push(token);
        }
        glob.ends.insert(glob.states.len() - 1);
        if below {
            glob.push(Token::One('/'));
            glob.push(Token::Deep);
            glob.ends.insert(glob.states.len() - 1);
        }
        glob
    }

    /// Tells whether some path matches both globs.
    pub fn overlaps(&self, other: &Glob) -> bool {
        let apart = !self.prefix.starts_with(&other.prefix) && !other.prefix.starts_with(&self.prefix);
        !apart && self.meet(other)
    }

    /// Walks both automata side by side until both may end.
    fn meet(&self, other: &Glob) -> bool {
        let mut seen = HashSet::from([(0, 0)]);
        let mut open = vec![(0, 0)];
        while let Some((a, b)) = open.pop() {
            if self.ends.contains(&a) && other.ends.contains(&b) {
                return true;
            }
            for next in self.steps_with(a, other, b) {
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        false
    }

    fn steps_with(&self, a: usize, other: &Glob, b: usize) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for step in &self.states[a] {
            match step.over {
                None => found.push((step.to, b)),
                Some(mine) => {
                    let fits = |s: &&Step| s.over.is_some_and(|theirs| mine.meets(theirs));
                    found.extend(other.states[b].iter().filter(fits).map(|s| (step.to, s.to)));
                }
            }
        }
        found.extend(other.states[b].iter().filter(|s| s.over.is_none()).map(|s| (a, s.to)));
        found
    }

    /// Appends what a token matches.
    fn push(&mut self, token: Token) {
        let from = self.states.len() - 1;
        let end = match token {
            Token::Folders => from + 2,
            _ => from + 1,
        };
        self.states.resize(end + 1, Vec::new());
        let mut step = |at: usize, over: Option<Class>, to: usize| self.states[at].push(Step { over, to });
        match token {
            Token::One(c) => step(from, Some(Class::One(c)), end),
            Token::Question => step(from, Some(Class::NoSlash), end),
            Token::Star | Token::Deep => {
                let class = if token == Token::Star { Class::NoSlash } else { Class::Any };
                step(from, Some(class), from);
                step(from, None, end);
            }
            Token::Folders => {
                let inside = from + 1;
                step(from, None, end);
                for at in [from, inside] {
                    step(at, Some(Class::Any), inside);
                    step(at, Some(Class::One('/')), end);
                }
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Token {
    One(char),
    /// `?`, and `[…]` taken wider than it is written.
    Question,
    Star,
    /// `**`, and `{…}` taken wider than it is written.
    Deep,
    /// `**/`: any number of folders, also none.
    Folders,
}

/// Splits a pattern, and tells whether it also covers what lies below.
fn tokens(pattern: &str) -> (Vec<Token>, bool) {
    let trimmed = pattern.trim();
    let trimmed = trimmed.strip_prefix("./").unwrap_or(trimmed).trim_start_matches('/');
    let folder = trimmed.trim_end_matches('/');
    let chars: Vec<char> = folder.chars().take(LONGEST).collect();
    let cut = folder.chars().nth(LONGEST).is_some();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let (token, length) = token(&chars[at..], at == 0 || chars[at - 1] == '/');
        found.push(token);
        at += length;
    }
    if cut {
        found.push(Token::Deep);
    }
    let below = folder.len() < trimmed.len() || names_folder(folder);
    match folder {
        "" | "." => (vec![Token::Deep], false),
        _ => (found, below),
    }
}

/// Tells whether the last name may be that of a folder: no wildcards, and no dot but at its beginning.
fn names_folder(folder: &str) -> bool {
    let name = folder.rsplit('/').next().unwrap_or(folder);
    !name.contains(['*', '?', '[', '{']) && !name.trim_start_matches('.').contains('.')
}

/// Reads one token and its length. `starts_name` says that a name begins here.
fn token(rest: &[char], starts_name: bool) -> (Token, usize) {
    let until = |close: char| rest.iter().position(|c| *c == close).map(|end| end + 1);
    match rest {
        ['*', '*', '/', ..] if starts_name => (Token::Folders, 3),
        ['*', '*', ..] => (Token::Deep, 2),
        ['*', ..] => (Token::Star, 1),
        ['?', ..] => (Token::Question, 1),
        ['[', ..] => until(']').map_or((Token::One('['), 1), |length| (Token::Question, length)),
        ['{', ..] => until('}').map_or((Token::One('{'), 1), |length| (Token::Deep, length)),
        [c, ..] => (Token::One(*c), 1),
        [] => (Token::Deep, 0),
    }
}
