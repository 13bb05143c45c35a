//! Reading a query. Every text is either a query or an error with a place; no text is too long or too deep.

use std::ops::Range;

use super::ast::{Expr, Term, Word};
use super::complaint::complain;
use super::field::Field;
use crate::error::Result;

/// Longest query, in bytes.
pub const LONGEST: usize = 4000;
/// How deep parentheses and negations may stand in each other.
const DEEPEST: usize = 50;

/// Reads a query; `None` where there is nothing in it.
///
/// # Errors
/// Usage, with the place: a quote or parenthesis that is not closed, an operator without a term.
pub fn parse(text: &str) -> Result<Option<Expr>> {
    if text.len() > LONGEST {
        let message = format!("the query has {} bytes, the limit is {LONGEST}", text.len());
        return Err(complain("", &(0..0), message));
    }
    let mut reader = Reader::new(text);
    reader.skip_space();
    if reader.rest().is_empty() {
        return Ok(None);
    }
    let expr = reader.any()?;
    reader.skip_space();
    match reader.rest() {
        "" => Ok(Some(expr)),
        // Everything else is read as a term.
        _ => Err(complain(text, &(reader.at..reader.at + 1), "nothing is open that this could close")
            .hint("in quotes it is an ordinary character")),
    }
}

/// Where the reading stands.
pub(super) struct Reader<'q> {
    text: &'q str,
    pub at: usize,
    depth: usize,
}

impl<'q> Reader<'q> {
    pub fn new(text: &'q str) -> Self {
        Reader { text, at: 0, depth: 0 }
    }

    pub fn rest(&self) -> &'q str {
        &self.text[self.at..]
    }

    pub fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn any(&mut self) -> Result<Expr> {
        let mut parts = vec![self.all()?];
        while self.take_operator("OR") {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Expr::Any))
    }

    fn all(&mut self) -> Result<Expr> {
        let mut parts = vec![self.one()?];
        loop {
            self.skip_space();
            if self.rest().is_empty() || self.rest().starts_with(')') || self.is_operator("OR") {
                return Ok(joined(parts, Expr::All));
            }
            self.take_operator("AND");
            parts.push(self.one()?);
        }
    }

    fn one(&mut self) -> Result<Expr> {
        self.skip_space();
        let start = self.at;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(complain(self.text, &(start..start), "the query is nested too deeply"));
        }
        let found = if self.rest().starts_with('(') {
            self.group()?
        } else if self.take_minus() || self.take_operator("NOT") {
            Expr::Not(Box::new(self.one()?))
        } else {
            Expr::Term(self.wanted_term()?)
        };
        self.depth -= 1;
        Ok(found)
    }

    fn group(&mut self) -> Result<Expr> {
        let start = self.at;
        self.at += 1;
        let inner = self.any()?;
        self.skip_space();
        if !self.rest().starts_with(')') {
            return Err(complain(self.text, &(start..start + 1), "this parenthesis is never closed")
                .hint("in quotes it is an ordinary character"));
        }
        self.at += 1;
        Ok(inner)
    }

    fn wanted_term(&mut self) -> Result<Term> {
        for name in ["OR", "AND"] {
            if self.is_operator(name) {
                let span = self.at..self.at + name.len();
                return Err(complain(self.text, &span, format!("{name} stands between two terms"))
                    .hint(format!("in quotes it is a word: \"{name}\"")));
            }
        }
        if self.rest().is_empty() || self.rest().starts_with(')') {
            return Err(complain(self.text, &(self.at..self.at), "a term is missing here")
                .hint("label:NAME, is:open, or a word of the title"));
        }
        self.term()
    }

    /// Reads a condition: a field with its values, or a word.
    pub fn term(&mut self) -> Result<Term> {
        let start = self.at;
        let Some(name) = self.field_name() else {
            let (text, quoted) = self.word(false)?;
            return Ok(Term::Text { word: Word { text, span: start..self.at }, quoted });
        };
        let name = Word { text: name.to_owned(), span: start..start + name.len() };
        self.at = name.span.end + 1;
        let mut values = Vec::new();
        loop {
            let start = self.at;
            let (text, quoted) = self.word(true)?;
            if quoted || !text.is_empty() {
                values.push(Word { text, span: start..self.at });
            }
            if !self.rest().starts_with(',') {
                return Ok(Term::Field { name, values });
            }
            self.at += 1;
        }
    }

    /// Returns the name of a field, where one with its colon stands here. `std::vec` and `http://` are words.
    pub fn field_name(&self) -> Option<&'q str> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_.-".contains(c)))?;
        let (name, after) = (&rest[..end], rest[end..].strip_prefix(':')?);
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_word = after.starts_with([':', '/']) && Field::find(name).is_none();
        (is_name && !is_word).then_some(name)
    }

    /// Reads a word, parts of which may stand in quotes; says whether any did. In a list, a comma ends it.
    fn word(&mut self, in_list: bool) -> Result<(String, bool)> {
        let (mut word, mut quoted) = (String::new(), false);
        while let Some(c) = self.rest().chars().next() {
            if c == '"' {
                quoted = true;
                self.quoted(&mut word)?;
            } else if c.is_whitespace() || c == '(' || c == ')' || in_list && c == ',' {
                break;
            } else {
                word.push(c);
                self.at += c.len_utf8();
            }
        }
        Ok((word, quoted))
    }

    fn quoted(&mut self, word: &mut String) -> Result<()> {
        let start = self.at;
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if escaped => {
                    if c != '"' && c != '\\' {
                        word.push('\\');
                    }
                    word.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.at += at + 1;
                    return Ok(());
                }
                c => word.push(c),
            }
        }
        Err(complain(self.text, &(start..start + 1), "this quote is never closed")
            .hint("write \\\" inside quotes for a quote itself"))
    }

    /// A hyphen before something turns it round.
    fn take_minus(&mut self) -> bool {
        let after = self.rest().strip_prefix('-').and_then(|rest| rest.chars().next());
        let is_minus = after.is_some_and(|c| !c.is_whitespace() && c != ')');
        self.at += usize::from(is_minus);
        is_minus
    }

    fn take_operator(&mut self, name: &str) -> bool {
        self.skip_space();
        let is_it = self.is_operator(name);
        if is_it {
            self.at += name.len();
        }
        is_it
    }

    /// Capitals make an operator. In small letters it is one before a field or a parenthesis: `not found` are two words
    /// of a title.
    fn is_operator(&self, name: &str) -> bool {
        let Some((word, after)) = self.rest().split_at_checked(name.len()) else { return false };
        let ends = after.is_empty() || after.starts_with(|c: char| c.is_whitespace() || "()".contains(c));
        if !ends || !word.eq_ignore_ascii_case(name) {
            return false;
        }
        let start = self.text.len() - after.trim_start().len();
        let next = Reader { text: self.text, at: start, depth: 0 };
        word == name || next.rest().starts_with('(') || next.stands_for_field()
    }

    fn stands_for_field(&self) -> bool {
        let at = self.at + usize::from(self.rest().starts_with('-'));
        Reader { text: self.text, at, depth: 0 }.field_name().is_some()
    }
}

fn joined(mut parts: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    if parts.len() == 1 { parts.remove(0) } else { many(parts) }
}

/// Returns the bytes that a term spans.
pub(super) fn span_of(term: &Term) -> Range<usize> {
    match term {
        Term::Text { word, .. } => word.span.clone(),
        Term::Field { name, values } => name.span.start..values.last().map_or(name.span.end, |v| v.span.end),
    }
}
