//! What follows a close: what it has made ready, and the claim on what is to be done next.

use serde_json::{Value, json};

use super::app::{App, resolve_all};
use super::claim::{self, ConfirmArgs};
use super::claimed;
use super::close::{Closed, verb};
use super::filter::FilterArgs;
use super::lease::LeaseArgs;
use super::report;
use crate::error::{Error, Result};
use crate::model::Tracker;
use crate::output::json::{self as documents, Object, versioned};
use crate::output::text::one_line;
use crate::query::{Readiness, next_candidates};
use crate::store::View;

/// Flags for what follows a close.
#[derive(clap::Args, Debug, Default)]
pub struct Next {
    /// Also print what can be worked on now because of it
    #[arg(long)]
    pub suggest_next: bool,
    /// Then claim the best ready issue, as qp claim --next
    #[arg(long, conflicts_with = "go_on")]
    claim_next: bool,
    /// Then claim the best ready part of what it is a part of
    #[arg(long = "continue", id = "go_on")]
    go_on: bool,
    /// With --continue, print that part and do not claim it
    #[arg(long)]
    no_auto: bool,
}

impl Next {
    /// Tells whether somebody asks what the close makes ready.
    pub fn suggests(&self) -> bool {
        self.suggest_next
    }

    /// Refuses to go on where there is nothing to go on in, before anything is closed.
    pub fn check(&self, tracker: &Tracker, ids: &[String]) -> Result<()> {
        if self.go_on && whole(tracker, &resolve_all(tracker, ids)?).is_none() {
            let message =
                "--continue goes on in what an issue is a part of, and this one is a part of nothing";
            return Err(Error::usage(message).hint("--claim-next claims the best ready issue"));
        }
        Ok(())
    }
}

/// Returns the outermost issue that one of these is a part of.
fn whole(tracker: &Tracker, positions: &[usize]) -> Option<usize> {
    positions.iter().find_map(|at| tracker.graph().ancestors(*at).last().copied())
}

/// Claims what is asked for, and prints what was closed and what follows.
pub(super) fn finish(app: &mut App, next: &Next, view: &View, closed: &Closed, sync: bool) -> Result<()> {
    let unblocked = if next.suggest_next { unblocked(app, view, closed) } else { Vec::new() };
    let mut object = Object::new();
    if app.ui.json {
        let rows = closed.steps.iter().map(|(id, _)| report::document(view, *id).map(Value::from));
        object.insert("closed".to_owned(), rows.collect::<Result<Vec<_>>>()?.into());
        if !unblocked.is_empty() {
            let rows = unblocked.iter().map(|at| documents::row(&view.tracker, *at).into());
            object.insert("unblocked".to_owned(), rows.collect::<Vec<Value>>().into());
        }
    } else {
        let lines: Vec<_> = closed.steps.iter().map(|(id, step)| (*id, verb(*step).to_owned())).collect();
        report::changed(app, view, &lines)?;
        for at in &unblocked {
            app.ui.line(line(&view.tracker, "ready now", *at))?;
        }
    }
    if next.claim_next || next.go_on && !next.no_auto {
        take(app, next, view, closed, sync, &mut object)?;
    } else if next.go_on {
        show(app, view, closed, &mut object)?;
    }
    match object.remove("closed") {
        Some(closed) if object.is_empty() => app.ui.document(&closed),
        Some(closed) => {
            object.shift_insert(0, "closed".to_owned(), closed);
            app.ui.document(&versioned(object))
        }
        None => Ok(()),
    }
}

/// What is ready after the close and was not before.
fn unblocked(app: &App, view: &View, closed: &Closed) -> Vec<usize> {
    let now = Readiness::new(&view.tracker, app.context.now());
    let found = now.ready().filter(|at| !closed.was_ready.contains(&view.tracker.rows.id(*at)));
    found.collect()
}

fn line(tracker: &Tracker, verb: &str, at: usize) -> String {
    format!("{verb} {}: {}", tracker.key(at), one_line(&tracker.front(at).title))
}

/// Selects the parts of what the closed issues are a part of; without --continue everything.
fn selection(next: &Next, view: &View, closed: &Closed) -> FilterArgs {
    let tracker = &view.tracker;
    let positions: Vec<usize> = closed.steps.iter().filter_map(|(id, _)| tracker.position(*id)).collect();
    match whole(tracker, &positions).filter(|_| next.go_on) {
        Some(at) => FilterArgs::parts_of(tracker.front(at).id.to_string()),
        None => FilterArgs::default(),
    }
}

fn take(
    app: &mut App,
    next: &Next,
    view: &View,
    closed: &Closed,
    sync: bool,
    object: &mut Object,
) -> Result<()> {
    let filter = selection(next, view, closed);
    let confirm = sync || ConfirmArgs::default().wanted(app)?;
    let (done, _) = claim::take_next(app, &filter, LeaseArgs::default().read()?, confirm)?;
    if done.value.is_empty() {
        app.ui.note(claimed::nothing(app, &done.view, &filter)?);
    }
    if !app.ui.json {
        return claimed::print(app, &done);
    }
    claimed::warn(app, &done.value);
    let taken = done.value.first().map(|one| claimed::document(&done.view, one)).transpose()?;
    let taken = taken.map_or(Value::Null, Value::from);
    if next.go_on {
        let advanced = !taken.is_null();
        object.insert("continue".to_owned(), json!({ "next_step": taken, "auto_advanced": advanced }));
    } else {
        object.insert("claimed".to_owned(), taken);
    }
    Ok(())
}

/// Shows what `--continue` would claim.
fn show(app: &mut App, view: &View, closed: &Closed, object: &mut Object) -> Result<()> {
    let next = Next { go_on: true, ..Next::default() };
    let tracker = &view.tracker;
    let filter = selection(&next, view, closed).resolve(app, tracker)?;
    let actor = app.identity(&app.store()?).actor.value;
    let readiness = Readiness::new(tracker, app.context.now());
    let best = next_candidates(tracker, &readiness, &actor, &filter).first().copied();
    if app.ui.json {
        let row = best.map_or(Value::Null, |at| documents::row(tracker, at).into());
        object.insert("continue".to_owned(), json!({ "next_step": row, "auto_advanced": false }));
        return Ok(());
    }
    match best {
        Some(at) => app.ui.line(line(tracker, "next", at)),
        None => {
            app.ui.note("no part is ready now");
            Ok(())
        }
    }
}
