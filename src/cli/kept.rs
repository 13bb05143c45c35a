//! What is said where a remote has refused the branch: where the changes are instead, and what to do next.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::app::App;
use super::{outbox, sync_report};
use crate::error::{Error, Kind, Result};
use crate::model::{IssueId, Timestamp, Tracker};
use crate::output::sheet::short;
use crate::output::text::{counted, one_line};
use crate::store::{
    Elsewhere, Fallbacks, Kept, Lost, OutboxCount, Outcome, Refusal, Standing, Store, Synced,
};

/// Branches that are named at most.
const NAMED: usize = 4;

/// Says where changes are that are not shared, and how they get on.
pub(super) fn tell(app: &mut App, store: &Store, synced: &Synced) {
    // The write that came before has said the same.
    if synced.is_locked && std::mem::replace(&mut app.told_outbox, true) {
        return;
    }
    let why = why(store, synced);
    let unread = if synced.unread.is_some() || synced.is_locked { ", and nothing received" } else { "" };
    match &synced.kept {
        Some(Kept::Branch(branch)) => {
            app.ui.tell(format!("shared on {} only{unread}: {why}", one_line(branch)));
        }
        Some(Kept::Outbox(_)) => app.ui.tell(format!("saved, not shared{unread}: {why}")),
        None if synced.is_locked => app.ui.tell(format!("nothing received: {why}")),
        None => {}
    }
    if let Some(kept) = &synced.kept {
        let step = then(app, store, synced, kept);
        app.ui.note(format!("hint: {step}"));
    }
    tell_again(app, synced);
    match &synced.from_outbox.shared[..] {
        [] => {}
        [only] => app.ui.note(format!("{} is shared now: qp outbox prune removes it", one_line(only))),
        many => app.ui.note(format!("{} files of the outbox are shared now: qp outbox prune", many.len())),
    }
}

/// Says when a push that was refused is tried again.
pub(super) fn tell_again(app: &mut App, synced: &Synced) {
    if let Some(until) = synced.retry_at.filter(|_| synced.kept.is_some()) {
        app.ui.note(again(until));
    }
}

/// Says why the remote's branch has not got everything.
fn why(store: &Store, synced: &Synced) -> String {
    match &synced.failure {
        Some(outcome) => outcome.error(&synced.remote, store.branch()).message().to_owned(),
        None => ".git cannot be written".to_owned(),
    }
}

/// Says what is to be done next with what is kept elsewhere.
fn then(app: &App, store: &Store, synced: &Synced, kept: &Kept) -> String {
    match kept {
        Kept::Branch(_) => {
            let branch = store.branch();
            format!("qp sync takes it in where quipu.fallbackBranch is the same and {branch} may be pushed")
        }
        Kept::Outbox(path) if synced.is_locked => locked_step(path),
        Kept::Outbox(path) => next_step(app, store, path),
    }
}

/// Returns the error of whoever asked that everything be shared, where the remote has not taken it.
pub(super) fn not_shared(app: &App, store: &Store, synced: &Synced, kept: &Kept) -> Error {
    let place = match kept {
        Kept::Branch(branch) => format!("on {} only", one_line(branch)),
        Kept::Outbox(path) => format!("saved in {}", one_line(path)),
    };
    let message = format!("not shared, {place}: {}", why(store, synced));
    Error::new(Kind::Remote, "not_shared", message).hint(then(app, store, synced, kept))
}

/// Says what a command has taken in from the outbox before its own work.
pub(super) fn took_in(
    app: &mut App,
    tracker: &Tracker,
    operations: usize,
    issues: &BTreeSet<IssueId>,
    lost: &[Lost],
) {
    let named = outbox::named(tracker, issues);
    app.ui.note(format!("took in {}{named} from the outbox", counted(operations, "operation")));
    sync_report::note_conflicts(app, tracker, lost);
}

/// Returns what the remote has refused of that which is to be sent.
pub(super) fn refusal(app: &App, store: &Store, standing: &Standing) -> Result<Option<Refusal>> {
    if standing.ahead == 0 {
        return Ok(None);
    }
    store.refusal(&app.context, &app.reader(store).session)
}

/// Says what would not go the way a rehearsal says.
pub(super) fn tell_rehearsed(app: &mut App, store: &Store, synced: &Synced) {
    if let Some(refusal) = synced.refusal.as_ref().filter(|_| synced.sent > 0) {
        let remote = one_line(&synced.shown_remote());
        app.ui.note(format!("{remote} refuses {}: {}", store.branch(), again(refusal.until)));
    }
}

/// Says what became of the branches of `quipu.fallbackBranch`.
pub(super) fn tell_fallbacks(app: &mut App, store: &Store, synced: &Synced, rehearsed: bool) {
    let Fallbacks { taken, swept, .. } = &synced.fallbacks;
    let named = |list: &[String]| match list.len() {
        0..=NAMED => one_line(&list.join(", ")),
        many => format!("{many} branches of quipu.fallbackBranch"),
    };
    if rehearsed && !taken.is_empty() {
        app.ui.note(format!("would take in {}", named(taken)));
    }
    if !swept.is_empty() {
        let verb = if rehearsed { "would delete" } else { "deleted" };
        app.ui.note(format!("{verb} {}: {} has everything of it", named(swept), store.branch()));
    }
}

/// Says that operations are at the place that pushes go to; `None` where some are not even there.
pub(super) fn elsewhere(elsewhere: Option<&Elsewhere>, unsent: usize, remote: &str) -> Option<String> {
    let Elsewhere { url, operations } = elsewhere.filter(|elsewhere| elsewhere.operations == unsent)?;
    let place = if url.is_empty() { "there".to_owned() } else { format!("at {}", one_line(url)) };
    let count = counted(*operations, "operation");
    Some(format!("{count} {place} that {} does not show", one_line(remote)))
}

/// Says, after the name of the remote, what it refuses, and where the operations are that are to be sent.
pub(super) fn refuses(branch: &str, refusal: &Refusal, unsent: usize) -> String {
    let until = short(refusal.until);
    // Within the hour the day goes without saying.
    let until = until.split_once(' ').map_or(until.as_str(), |(_, time)| time);
    let to_send = format!("{} to send", counted(unsent, "operation"));
    let kept = match &refusal.kept {
        None => ": qp sync saves them in the outbox".to_owned(),
        Some((kept, count)) => {
            let place = match kept {
                Kept::Branch(branch) => format!("on {}", one_line(branch)),
                Kept::Outbox(path) => format!("in {}", one_line(path)),
            };
            match *count < unsent {
                true => format!(", {count} of them {place}: qp sync saves the others"),
                false => format!(", saved {place}"),
            }
        }
    };
    format!("refuses {branch} (asked again from {until}): {to_send}{kept}")
}

/// Says what the outbox has beside the branch; `None` where that is nothing.
pub(super) fn waiting(store: &Store, outbox: &OutboxCount) -> Option<String> {
    let mut parts = Vec::new();
    if outbox.new > 0 {
        // Where only merges are new there are no operations.
        let count = outbox.operations;
        let operations = if count > 0 { counted(count, "operation") + " in " } else { String::new() };
        let place = match &outbox.only {
            Some(name) => one_line(name),
            None => counted(outbox.new, "file"),
        };
        let them = if count.max(outbox.new) == 1 { "it" } else { "them" };
        let then = match store.seems_locked() {
            true => format!("not shared: commit {them} with your work"),
            false => format!("not on the branch here: qp sync takes {them} in"),
        };
        parts.push(format!("{operations}{place}, {then}"));
    }
    if outbox.waiting > 0 {
        let verb = if outbox.waiting == 1 { "builds" } else { "build" };
        parts.push(format!(
            "{} that {verb} upon commits that are not here: qp pull",
            counted(outbox.waiting, "file")
        ));
    }
    if outbox.unusable > 0 {
        parts.push(format!("{} that cannot be used: qp outbox", counted(outbox.unusable, "file")));
    }
    (!parts.is_empty()).then(|| format!("outbox: {}", parts.join("; ")))
}

/// Says what is left to do with a file where git cannot be used.
pub(super) fn locked_step(path: &str) -> String {
    let path = one_line(path);
    format!("commit {path} with your work: nothing can be committed where .git is locked")
}

/// Returns the command that gives the file to the caller's own branch.
pub(super) fn next_step(app: &App, store: &Store, path: &str) -> String {
    let at_top = store.work_dir().is_some_and(|top| {
        let same = |path: &std::path::Path| path.canonicalize().ok();
        same(top) == same(app.context.cwd())
    });
    let from_here = |path: &str| if at_top { path.to_owned() } else { format!(":/{path}") };
    let folder = path.rsplit_once('/').map_or(path, |(folder, _)| folder);
    let (path, folder) = (from_here(path), from_here(folder));
    let (is_detached, has_remote) = (store.is_detached(), store.remote().is_some());
    if store.is_committed(&path) {
        let then = match is_detached {
            _ if !has_remote => "it travels with your work",
            true => "push it to a branch",
            false => "push your branch",
        };
        return format!("{path} is committed: {then}");
    }
    // The file may stand in the place of one that git knows. A rule of the user's own may hide them all.
    let what = if store.is_ignored(&path) { format!("-f \"{folder}/*.bundle\"") } else { folder.clone() };
    // Neither does git add what the rules of a sparse checkout leave out.
    let sparse = if store.is_sparse() { "--sparse " } else { "" };
    let then = match is_detached {
        _ if !has_remote => "it travels with your work",
        true => "push that commit to a branch: this checkout is on none",
        false => "push your branch",
    };
    if store.is_in_progress() {
        return format!("git add {sparse}{what}, and commit it with what git is at, and {then}");
    }
    format!("git add {sparse}{what} && git commit -m \"quipu outbox\" -- {folder}, and {then}")
}

/// Tells whether everything that the remote does not have is at the place that pushes go to.
fn is_elsewhere(synced: &Synced) -> bool {
    synced.elsewhere.as_ref().is_some_and(|elsewhere| elsewhere.operations == synced.unsent)
}

fn again(until: Timestamp) -> String {
    format!("the push is not tried again until {}; qp sync --retry tries at once", short(until))
}

/// Adds to the document of an exchange where this clone's changes are.
pub(super) fn add(document: &mut Map<String, Value>, synced: &Synced, in_sync: bool) {
    let mut put = |name: &str, value: String| drop(document.insert(name.to_owned(), value.into()));
    match &synced.kept {
        Some(Kept::Branch(branch)) => {
            put("stored", "branch".to_owned());
            put("fallback_branch", branch.clone());
        }
        Some(Kept::Outbox(path)) => {
            put("stored", "outbox".to_owned());
            put("outbox", path.clone());
        }
        None if in_sync => put("stored", "shared".to_owned()),
        None => put("stored", if is_elsewhere(synced) { "elsewhere" } else { "local" }.to_owned()),
    }
    if let Some(Outcome::Refused(why) | Outcome::Unauthorised(why)) = &synced.failure {
        put("refused", why.clone());
    }
    if synced.is_locked {
        put("not_received", ".git cannot be written".to_owned());
    }
    if let Some(until) = synced.retry_at {
        put("retry_at", until.to_string());
    }
    if let Some(Outcome::Refused(why)) = &synced.unread {
        put("not_received", why.clone());
    }
}
