//! What a command works with: the context, the flags of every command, the store and the way to the user.

use std::cell::{OnceCell, RefCell};
use std::collections::HashSet;
use std::path::Path;

use super::Globals;
use super::identity::{self, Identity};
use super::kept;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{Holder, IssueId, KeyMiss, Timestamp, Tracker};
use crate::output::{Ui, text};
use crate::query::{Readiness, near_key};
use crate::store::{Author, Done, Moment, Store, Stored, TakenIn, Txn, View};

/// One run of the program.
#[derive(Debug)]
pub(super) struct App {
    pub context: Context,
    pub globals: Globals,
    pub ui: Ui,
    /// Whether the user was told that a claim holds in this clone only, and why.
    pub told_unconfirmed: bool,
    /// Whether the user was told that what was written stands in the outbox.
    pub told_outbox: bool,
    store: OnceCell<Store>,
    /// Who acts, once that was asked: the whole run goes under one session.
    identity: RefCell<Option<Identity>>,
}

impl App {
    pub fn new(context: Context, globals: Globals, ui: Ui) -> Self {
        App {
            context,
            globals,
            ui,
            told_unconfirmed: false,
            told_outbox: false,
            store: OnceCell::new(),
            identity: RefCell::default(),
        }
    }

    /// Finds the repository, once a run: reading git's configuration costs more than anything else in it.
    pub fn store(&self) -> Result<Store> {
        if let Some(store) = self.store.get() {
            return Ok(store.clone());
        }
        let store = Store::discover(&self.context, self.globals.branch.as_deref())?;
        Ok(self.store.get_or_init(|| store).clone())
    }

    /// Reads the tracker: as it stands, or at the moment of `--at`. Warnings go to the user.
    pub fn view(&mut self) -> Result<View> {
        let store = self.store()?;
        let view = self.view_in_silence()?;
        for warning in view.warnings.iter().cloned().chain(store.checkout_warnings()?) {
            self.ui.warn(warning);
        }
        Ok(view)
    }

    /// As [`App::view`], for what says nothing besides its result.
    pub fn view_in_silence(&self) -> Result<View> {
        let store = self.store()?;
        match &self.globals.at {
            Some(text) => store.view_at(&Moment::parse(text)),
            None => store.view(),
        }
    }

    /// Returns who acts, for reading: nothing is kept.
    pub fn identity(&self, store: &Store) -> Identity {
        let mut known = self.identity.borrow_mut();
        known.get_or_insert_with(|| identity::identify(&self.context, &self.globals, store)).clone()
    }

    /// Returns who acts, for writing: a new session id is kept for the next run in this worktree.
    pub fn writer(&self, store: &Store) -> Identity {
        let mut identity = self.identity(store);
        identity.keep_session(store);
        self.identity.replace(Some(identity.clone()));
        identity
    }

    /// Returns who acts, as the holder of a claim, for reading: nothing is kept.
    pub fn reader(&self, store: &Store) -> Holder {
        let identity = self.identity(store);
        Holder { actor: identity.actor.value, session: identity.session.value }
    }

    /// Returns who writes, as the holder of a claim.
    pub fn holder(&self, store: &Store) -> Holder {
        let identity = self.writer(store);
        Holder { actor: identity.actor.value, session: identity.session.value }
    }

    /// Returns who writes, as the author of a commit.
    pub fn author(&self, store: &Store) -> Author {
        let identity = self.writer(store);
        Author { email: identity.email(store), actor: identity.actor.value, session: identity.session.value }
    }

    /// Refuses to write with `--at` and with `--readonly`.
    pub fn refuse_past(&self) -> Result<()> {
        if self.globals.readonly {
            return Err(Error::new(
                Kind::Environment,
                "read_only",
                "this command writes, and --readonly forbids it",
            )
            .hint("leave out --readonly"));
        }
        match &self.globals.at {
            Some(at) => Err(Error::usage(format!("--at {at} looks back; the past cannot be changed"))
                .hint("leave out --at")),
            None => Ok(()),
        }
    }

    /// Changes the tracker by one commit; warnings go to the user.
    pub fn transact<T>(
        &mut self,
        command: &str,
        change: impl FnMut(&mut Txn<'_>) -> Result<T>,
    ) -> Result<Done<T>> {
        self.refuse_past()?;
        let store = self.store()?;
        let author = self.author(&store);
        let done = store.transact(&self.context, &author, command, change)?;
        for warning in done.view.warnings.iter().cloned().chain(store.checkout_warnings()?) {
            self.ui.warn(warning);
        }
        if done.taken_in.operations > 0 {
            let TakenIn { operations, issues, lost } = &done.taken_in;
            kept::took_in(self, &done.view.tracker, *operations, issues, lost);
        }
        if let Stored::Outbox(path) = &done.stored {
            self.say_outbox(&store, path, &author);
        }
        Ok(done)
    }

    /// Says, once a run, that what was written travels with the working tree, and keeps a session id that has no other
    /// place.
    fn say_outbox(&mut self, store: &Store, path: &Path, author: &Author) {
        if self.identity.borrow().as_ref().is_some_and(|identity| identity.unkept) {
            store.keep_outbox_session(&author.session);
        }
        if std::mem::replace(&mut self.told_outbox, true) {
            return;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.ui.note(format!("saved, not shared: .quipu/outbox/{name} (commit it with your work)"));
    }
}

/// Judges which issues can be worked on.
pub(super) fn readiness(view: &View, now: Timestamp) -> Readiness {
    Readiness::new(&view.tracker, now)
}

/// Finds the issue that `input` names.
///
/// # Errors
/// Not found, ambiguous or usage, each naming what was typed and what it could mean.
pub(super) fn resolve(tracker: &Tracker, input: &str) -> Result<usize> {
    tracker.keys().resolve(input).map_err(|miss| {
        let near = match miss {
            KeyMiss::Refused | KeyMiss::Ambiguous(_) => None,
            _ => near_key(tracker, input),
        };
        let error = unresolved(tracker, &text::one_line(input), miss);
        match near {
            None => error,
            Some(at) => {
                let key = tracker.key(at);
                error
                    .adding(&format!("; did you mean {}?", candidate(tracker, at)))
                    .hint(format!("qp show {key}"))
                    .meant(input.trim(), &key)
            }
        }
    })
}

fn unresolved(tracker: &Tracker, shown: &str, miss: KeyMiss) -> Error {
    match miss {
        KeyMiss::Refused => {
            Error::usage(format!("{shown:?} is not a key: something before this command gave no issue"))
                .hint("qp list shows the keys")
        }
        KeyMiss::Prefix(prefix) => {
            let known: Vec<&str> = tracker.settings.prefixes.iter().map(String::as_str).collect();
            if known.is_empty() {
                let message = format!("no issue {shown}: there was no tracker yet");
                return Error::new(Kind::NotFound, "not_found", message).hint("qp log shows how it began");
            }
            let message =
                format!("{shown}: the prefix {prefix:?} is not this tracker's ({})", known.join(", "));
            Error::new(Kind::NotFound, "foreign_prefix", message).hint("qp list shows the keys")
        }
        KeyMiss::TooShort => Error::new(
            Kind::NotFound,
            "too_short",
            format!("{shown}: give the whole key or at least four characters of its tail"),
        )
        .hint("qp list shows the keys"),
        KeyMiss::NotFound => not_found(tracker, shown),
        KeyMiss::Ambiguous(candidates) => {
            let keys: Vec<String> = candidates.iter().map(|c| candidate(tracker, *c)).collect();
            Error::new(Kind::Ambiguous, "ambiguous", format!("{shown} fits {} issues", keys.len()))
                .hint(format!("one of {}", keys.join(", ")))
        }
    }
}

fn candidate(tracker: &Tracker, position: usize) -> String {
    let title = text::cut(&text::one_line(&tracker.front(position).title), 40);
    format!("{} ({title})", tracker.key(position))
}

fn not_found(tracker: &Tracker, shown: &str) -> Error {
    Error::new(Kind::NotFound, "not_found", format!("no issue {shown}")).hint(format!(
        "qp list shows the open ones, qp search {} looks in all {}",
        shown.rsplit('-').next().unwrap_or(shown),
        tracker.rows.len()
    ))
}

/// Finds several issues; each once, in the order given.
///
/// # Errors
/// The first that cannot be found.
pub(super) fn resolve_all(tracker: &Tracker, inputs: &[String]) -> Result<Vec<usize>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for input in inputs {
        let position = resolve(tracker, input)?;
        if seen.insert(position) {
            found.push(position);
        }
    }
    Ok(found)
}

/// Returns the position of an issue that a write has just made or changed.
pub(super) fn written(view: &View, id: IssueId) -> Result<usize> {
    view.tracker.position(id).ok_or_else(|| Error::bug(format!("{id} was written and is not there")))
}
