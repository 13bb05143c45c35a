//! The query language: `is:open label:auth -label:wip priority:0..1 updated:<7d "exact words"`.
//!
//! A text becomes an [`Expr`] (`parse`), and that, against a tracker, a [`Query`] (`compile`), which a filter carries.
//! What a word like `me` or `tomorrow` means, the caller says, so nothing here asks for a clock or a name.

mod ast;
mod compile;
mod complaint;
mod field;
mod loose;
mod parse;
mod period;
mod predicate;
mod words;

pub use ast::{Expr, Term, Word};
pub use compile::{Query, Surroundings, compile};
pub use field::FIELDS_HELP;
pub use loose::{Loose, begins_field, looks_like_query, split_words};
pub use parse::{LONGEST, parse};
pub use predicate::{Is, Part, Predicate, Section, Test, TimeField};

/// Tells whether `name` can be the name of a saved query: small letters, digits and hyphens, 1 to 64 of them.
pub fn is_query_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
