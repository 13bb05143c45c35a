//! From what was typed to what it means in a tracker.

use std::collections::BTreeSet;
use std::ops::Range;

use super::ast::{Expr, Term, Word};
use super::complaint::{complain, placed};
use super::field::Field;
use super::parse::{parse, span_of};
use super::period::period;
use super::predicate::{Is, Predicate, Test, TimeField};
use super::words::{PARTS, STATES, priorities};
use crate::error::{Error, Kind, Result};
use crate::model::{IssueId, Priority, Status, Tracker};
use crate::query::filter::Period;
use crate::query::{TYPES, nearest, parse_status, parse_type};

/// How deep saved queries may stand in each other.
const DEEPEST: usize = 20;
/// So many saved queries may be a part of one query.
const MOST_INSERTED: usize = 200;

/// What words of a query mean outside of the tracker.
pub trait Surroundings {
    /// Returns the name of whoever asks.
    fn me(&self) -> String;

    /// Reads a time: a day as a whole, anything else as a moment.
    ///
    /// # Errors
    /// Invalid, naming the forms.
    fn time(&self, text: &str) -> Result<Period>;

    /// Finds the issue that a key names.
    ///
    /// # Errors
    /// Not found, ambiguous or usage.
    fn issue(&self, key: &str) -> Result<IssueId>;
}

/// A query that is ready to be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// What it asks for.
    pub predicate: Predicate,
    /// Whether it speaks of closed issues, which are left out otherwise.
    pub closed_too: bool,
}

/// Gives a query its meaning in a tracker.
///
/// # Errors
/// Usage, with the place and the nearest valid word; for keys and saved queries, what they lead to.
pub fn compile(expr: &Expr, text: &str, tracker: &Tracker, around: &dyn Surroundings) -> Result<Query> {
    let mut compiler = Compiler { text, tracker, around, closed_too: false, within: Vec::new(), inserted: 0 };
    let predicate = match compiler.plain_words(expr) {
        Some(predicate) => predicate,
        None => compiler.expr(expr)?,
    };
    Ok(Query { predicate, closed_too: compiler.closed_too })
}

struct Compiler<'q> {
    text: &'q str,
    tracker: &'q Tracker,
    around: &'q dyn Surroundings,
    closed_too: bool,
    /// The saved queries that are being read.
    within: Vec<String>,
    /// How many saved queries have been read in the place of their names.
    inserted: usize,
}

impl Compiler<'_> {
    /// Words alone that are all keys, or all states, can mean nothing else: `web-7k2m web-3f9c`, `closed`.
    fn plain_words(&mut self, expr: &Expr) -> Option<Predicate> {
        let words = expr.bare_words()?;
        let states: Option<Vec<_>> = words.iter().map(|word| self.state(&word.text)).collect();
        if let Some(states) = states {
            self.closed_too |= states.iter().any(|(_, closed)| *closed);
            let mut tests: Vec<_> = states.into_iter().map(|(test, _)| Predicate::Test(test)).collect();
            return Some(if tests.len() == 1 { tests.remove(0) } else { Predicate::Any(tests) });
        }
        let ids: Option<BTreeSet<IssueId>> = words.iter().map(|word| self.named(&word.text)).collect();
        self.closed_too |= ids.is_some();
        ids.map(|ids| Predicate::Test(Test::Id(ids)))
    }

    /// Returns the state that a word alone names, and whether that may be closed.
    fn state(&self, word: &str) -> Option<(Test, bool)> {
        let word = word.to_lowercase().replace('-', "_");
        let known = STATES.iter().find(|(name, _)| *name == word);
        if let Some((_, is)) = known {
            return Some((Test::Is(*is), matches!(is, Is::All | Is::Closed)));
        }
        match word.as_str() {
            "mine" => Some((self.mine(), false)),
            "in_progress" => Some((Test::Status(BTreeSet::from([Status::InProgress])), false)),
            _ => None,
        }
    }

    fn mine(&self) -> Test {
        Test::Assignee(BTreeSet::from([Some(self.around.me())]))
    }

    /// Finds the issue that a word names. The tail of a key may be a word as well: where a title has it, it is one.
    fn named(&self, word: &str) -> Option<IssueId> {
        let at = self.tracker.keys().resolve(word).ok()?;
        let is_whole = word.contains(['-', '~']) || IssueId::parse(word).is_some();
        let is_word = || {
            let word = word.to_lowercase();
            (0..self.tracker.rows.len()).any(|at| self.tracker.front(at).title.to_lowercase().contains(&word))
        };
        (is_whole || !is_word()).then(|| self.tracker.rows.id(at))
    }

    fn expr(&mut self, expr: &Expr) -> Result<Predicate> {
        Ok(match expr {
            Expr::All(parts) => Predicate::All(self.parts(parts)?),
            Expr::Any(parts) => Predicate::Any(self.parts(parts)?),
            Expr::Not(part) => {
                let predicate = self.expr(part)?;
                // Not open is closed.
                self.closed_too |= predicate == Predicate::Test(Test::Is(Is::Open));
                Predicate::Not(Box::new(predicate))
            }
            Expr::Term(Term::Text { word, quoted }) => match word.text.strip_prefix('@') {
                Some(name) if !quoted && !name.is_empty() => self.saved(name, word)?,
                _ => Predicate::Test(Test::Title(vec![word.text.clone()])),
            },
            Expr::Term(term @ Term::Field { name, values }) => self.field(name, values, &span_of(term))?,
        })
    }

    fn parts(&mut self, parts: &[Expr]) -> Result<Vec<Predicate>> {
        parts.iter().map(|part| self.expr(part)).collect()
    }

    /// Reads a saved query in the place of its name.
    fn saved(&mut self, name: &str, word: &Word) -> Result<Predicate> {
        let queries = self.tracker.settings.queries();
        let Some(text) = queries.get(name) else {
            let message = format!("no saved query {:?}", word.text);
            let error = Error::new(Kind::NotFound, "no_such_query", message);
            return Err(error.at(self.text, word.span.clone()).hint(
                match nearest(name, queries.keys().map(String::as_str)) {
                    Some(near) => format!("did you mean @{near}?"),
                    None if queries.is_empty() => format!("qp query save {name} 'QUERY'"),
                    None => "qp query list shows them".to_owned(),
                },
            ));
        };
        if self.within.iter().any(|outer| outer == name) {
            return Err(complain(self.text, &word.span, format!("@{name} is a part of itself")));
        }
        // Queries that name others twice each double with every step.
        if self.within.len() >= DEEPEST || self.inserted >= MOST_INSERTED {
            return Err(complain(self.text, &word.span, format!("@{name} leads to too many saved queries")));
        }
        let mut within = self.within.clone();
        within.push(name.to_owned());
        let Compiler { tracker, around, inserted, .. } = *self;
        let mut inner = Compiler { text, tracker, around, closed_too: false, within, inserted: inserted + 1 };
        let read = parse(text).and_then(|expr| match expr {
            Some(expr) => inner.expr(&expr),
            None => Ok(Predicate::Test(Test::Is(Is::All))),
        });
        self.closed_too |= inner.closed_too;
        self.inserted = inner.inserted;
        read.map_err(|error| error.within(&format!("@{name}")))
    }

    fn field(&mut self, name: &Word, values: &[Word], span: &Range<usize>) -> Result<Predicate> {
        let Some(field) = Field::find(&name.text) else { return Err(self.unknown_field(name, span)) };
        if values.is_empty() {
            return Err(complain(self.text, span, format!("{}: has no value", name.text))
                .hint(format!("{0}:VALUE without a space, or \"{0}:\" for the word itself", name.text)));
        }
        if field == Field::Is || field == Field::Has || field == Field::No {
            let mut tests: Vec<Predicate> = Vec::new();
            for value in values {
                tests.push(self.word_of(&field, value)?);
            }
            return Ok(if tests.len() == 1 { tests.remove(0) } else { Predicate::Any(tests) });
        }
        self.closed_too |= matches!(field, Field::Id | Field::Time(TimeField::Closed));
        self.test(&field, values)
    }

    fn unknown_field(&self, name: &Word, span: &Range<usize>) -> Error {
        let error = complain(self.text, &name.span, format!("unknown field {:?}", name.text));
        let term = self.text.get(span.clone()).unwrap_or_default().replace('"', "");
        let rest = term.strip_prefix(&name.text).unwrap_or_default();
        match (name.text.to_lowercase().as_str(), Field::nearest(&name.text)) {
            ("sort" | "order", _) => error.hint(format!("--sort {}", rest.trim_start_matches(':'))),
            ("limit", _) => error.hint(format!("--limit {}", rest.trim_start_matches(':'))),
            (_, Some(near)) => error.hint(format!("did you mean {near}{rest}?")),
            _ => error.hint(format!("\"{term}\" in quotes for the title, or one of {}", Field::names())),
        }
    }

    /// Reads a value of `is:`, `has:` or `no:`.
    fn word_of(&mut self, field: &Field, value: &Word) -> Result<Predicate> {
        if *field == Field::Is {
            return self.is(value).map(Predicate::Test);
        }
        let word = value.text.to_lowercase().replace('-', "_");
        let Some((_, part)) = PARTS.iter().find(|(names, _)| names.contains(&word.as_str())) else {
            let names = || PARTS.iter().map(|(names, _)| names[0]);
            let all: Vec<&str> = names().collect();
            let near = nearest(&word, names());
            return Err(self.unknown(value, "part of an issue", near, &all.join(", ")));
        };
        let has = Predicate::Test(Test::Has(*part));
        Ok(if *field == Field::No { Predicate::Not(Box::new(has)) } else { has })
    }

    fn is(&mut self, value: &Word) -> Result<Test> {
        let word = value.text.to_lowercase();
        if let Some((test, closed)) = self.state(&word) {
            self.closed_too |= closed;
            return Ok(test);
        }
        if TYPES.contains(&word.as_str()) {
            return Ok(Test::Kind(BTreeSet::from([word])));
        }
        let states = STATES.iter().map(|(name, _)| *name);
        let words: Vec<&str> = states.chain(["in_progress", "mine"]).chain(TYPES).collect();
        let near = nearest(&word, words.iter().copied()).map(str::to_owned);
        let near = near.or_else(|| status_hint(&word, self.tracker));
        Err(self.unknown(value, "state", near.as_deref(), &words.join(", ")))
    }

    fn unknown(&self, value: &Word, what: &str, near: Option<&str>, all: &str) -> Error {
        let error = complain(self.text, &value.span, format!("unknown {what} {:?}", value.text));
        error.hint(near.map_or_else(|| format!("use one of {all}"), |near| format!("did you mean {near}?")))
    }

    fn test(&mut self, field: &Field, values: &[Word]) -> Result<Predicate> {
        let texts = || values.iter().map(|value| value.text.clone());
        let tracker = self.tracker;
        Ok(Predicate::Test(match field {
            Field::Status => return self.status(values),
            Field::Kind => Test::Kind(self.each(values, |text| parse_type(text, tracker))?),
            Field::Label => Test::Label(texts().collect()),
            Field::Priority => {
                let found: BTreeSet<BTreeSet<Priority>> = self.each(values, priorities)?;
                Test::Priority(found.into_iter().flatten().collect())
            }
            Field::Assignee => Test::Assignee(texts().map(|name| self.person(name)).collect()),
            Field::Parent => Test::PartOf(self.issues(values)?),
            Field::Id => Test::Id(self.issues(values)?),
            Field::Blocks => Test::Blocks(self.issues(values)?),
            Field::BlockedBy => Test::BlockedBy(self.issues(values)?),
            Field::Time(time) => {
                let around = self.around;
                let read = |value: &Word| {
                    period(*time, &value.text, around).map_err(|e| placed(self.text, &value.span, e))
                };
                Test::Time(*time, values.iter().map(read).collect::<Result<_>>()?)
            }
            Field::Title => Test::Title(texts().collect()),
            Field::Text(section) => Test::Text(*section, texts().collect()),
            Field::Path => Test::Path(texts().collect()),
            Field::Meta(name) => Test::Meta(name.clone(), texts().collect()),
            Field::Is | Field::Has | Field::No => return Err(Error::bug("read before")),
        }))
    }

    fn status(&mut self, values: &[Word]) -> Result<Predicate> {
        if values.iter().any(|value| ["all", "any"].contains(&value.text.to_lowercase().as_str())) {
            self.closed_too = true;
            return Ok(Predicate::Test(Test::Is(Is::All)));
        }
        let statuses: BTreeSet<Status> = self.each(values, |text| parse_status(text, self.tracker))?;
        self.closed_too |= statuses.contains(&Status::Closed);
        Ok(Predicate::Test(Test::Status(statuses)))
    }

    /// An empty name is nobody.
    fn person(&self, name: String) -> Option<String> {
        match name.trim() {
            "" => None,
            "me" => Some(self.around.me()),
            _ => Some(name),
        }
    }

    fn issues(&self, values: &[Word]) -> Result<BTreeSet<IssueId>> {
        self.each(values, |key| self.around.issue(key))
    }

    fn each<T: Ord>(&self, values: &[Word], read: impl Fn(&str) -> Result<T>) -> Result<BTreeSet<T>> {
        let read = |value: &Word| read(&value.text).map_err(|e| placed(self.text, &value.span, e));
        values.iter().map(read).collect()
    }
}

/// The status that is meant by another word for it.
fn status_hint(word: &str, tracker: &Tracker) -> Option<String> {
    let error = parse_status(word, tracker).err()?;
    let right = error.remedy()?.strip_prefix("use ")?;
    (!right.starts_with("one of")).then(|| right.to_owned())
}
