//! Moments of the past as people name them: a commit, an operation, a date, or how long ago.

use super::app::App;
use super::dates;
use crate::error::Result;
use crate::model::{DAY_MS, Timestamp};
use crate::store::{Moment, Store, View};

/// Reads the tracker at a moment; of a day, its beginning.
pub(super) fn beginning(app: &App, store: &Store, text: &str) -> Result<View> {
    at(app, store, text, 0)
}

/// Reads the tracker at a moment; of a day, its end.
pub(super) fn end(app: &App, store: &Store, text: &str) -> Result<View> {
    at(app, store, text, DAY_MS - 1)
}

/// Reads the tracker as it was when a stretch of time began. `2h` is two hours ago, as `-2h` is, and a time before
/// the first commit is the first commit.
pub(super) fn since(app: &App, store: &Store, text: &str) -> Result<View> {
    let ago = format!("-{text}");
    let is_span = text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && dates::parse(&ago, app.context.now()).is_ok();
    // Digits and a unit may also be the beginning of a commit.
    let is_span = is_span && store.view_at(&Moment::Commit(text.to_owned())).is_err();
    match beginning(app, store, if is_span { &ago } else { text }) {
        Err(error) if error.code() == "no_such_moment" => store.first_view()?.ok_or(error),
        other => other,
    }
}

/// What git does not know as a commit may still be a day.
fn at(app: &App, store: &Store, text: &str, into_day: i64) -> Result<View> {
    let day = |time: Timestamp| Moment::Time(time.plus_millis(into_day));
    let is_date = text.len() == 10 && Timestamp::parse(text).is_some();
    let now = app.context.now();
    if is_date || text.starts_with(['+', '-']) {
        let time = dates::parse(text, now)?;
        return store.view_at(&if is_date { day(time) } else { Moment::Time(time) });
    }
    match store.view_at(&Moment::parse(text)) {
        Err(error) if error.code() == "no_such_commit" => match dates::parse(text, now) {
            Ok(time) if time == now => store.view_at(&Moment::Time(time)),
            Ok(time) => store.view_at(&day(time)),
            Err(_) => Err(error),
        },
        other => other,
    }
}
