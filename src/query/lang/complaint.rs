//! What is said about a query that cannot be read: where, and what was probably meant.

use std::ops::Range;

use crate::error::{Error, Kind};

/// An error at a place of a query.
pub(super) fn complain(text: &str, span: &Range<usize>, message: impl Into<String>) -> Error {
    Error::new(Kind::Usage, "invalid_query", message).at(text, span.clone())
}

/// Turns an error about a value into one about the query that has it, at its place. The name of an issue keeps its
/// own kind: what is not found is not found.
pub(super) fn placed(text: &str, span: &Range<usize>, error: Error) -> Error {
    if matches!(error.kind(), Kind::NotFound | Kind::Ambiguous) {
        return error.at(text, span.clone());
    }
    let complaint = complain(text, span, error.message());
    match error.remedy() {
        Some(hint) => complaint.hint(hint),
        None => complaint,
    }
}
