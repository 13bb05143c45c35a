//! What an exchange did, on one screen or as one document.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::app::App;
use super::kept;
use crate::error::{Error, Kind, Result};
use crate::model::{IssueId, Tracker};
use crate::output::json::versioned;
use crate::output::text::{counted, one_line};
use crate::store::{Elsewhere, Kept, Lost, Outcome, Store, Synced, unread};

/// Keys that are named at most.
const NAMED: usize = 8;
/// Lines of one kind that are printed at most.
const LINES: usize = 12;

/// Prints what was exchanged. Where an error follows that says where the changes are, that is not said twice.
pub(super) fn print(
    app: &mut App,
    store: &Store,
    synced: &Synced,
    rehearsed: bool,
    is_failure: bool,
) -> Result<()> {
    // Where there is nothing to name, the tracker is not looked at.
    let view = if synced.is_empty_here || synced.is_idle() { None } else { Some(store.view()?) };
    let none = Tracker::default();
    let tracker = view.as_ref().map_or(&none, |view| &view.tracker);
    let warnings = view.iter().flat_map(|view| view.warnings.clone()).chain(store.checkout_warnings()?);
    let mut told: Vec<String> = Vec::new();
    for warning in synced.warnings.iter().cloned().chain(warnings) {
        // What is wrong with a file of the outbox, a read sees as well.
        if !told.contains(&warning) {
            app.ui.warn(&warning);
            told.push(warning);
        }
    }
    if rehearsed {
        kept::tell_rehearsed(app, store, synced);
    }
    kept::tell_fallbacks(app, store, synced, rehearsed);
    let tell = |app: &mut App| match is_failure {
        true if app.ui.json => {}
        true => kept::tell_again(app, synced),
        false => kept::tell(app, store, synced),
    };
    if app.ui.json {
        tell(app);
        return app.ui.document(&document(tracker, synced, rehearsed));
    }
    app.ui.advice(&summary(store, tracker, synced, rehearsed))?;
    tell(app);
    let conflicts = synced.lost.iter().map(|lost| conflict(tracker, lost, rehearsed)).collect();
    lines(app, conflicts, if rehearsed { "qp sync --dry-run --json" } else { "qp attic list" })?;
    // Otherwise the error names them.
    let untold = synced.claims_lost.iter().filter(|_| synced.failure.is_some());
    let lost = untold.map(|lost| format!("lost {}: {}", tracker.key_of(lost.id), one_line(&lost.to)));
    lines(app, lost.collect(), "qp status")?;
    let renamed = synced.collisions.iter().map(|collision| {
        format!("{} is called {} now: the key of another issue ends alike", collision.before, collision.after)
    });
    lines(app, renamed.collect(), "qp list")
}

/// Says beside the result of another command what was exchanged.
pub(super) fn note(app: &mut App, synced: &Synced) -> Result<()> {
    let store = app.store()?;
    let tracker = store.view()?.tracker;
    app.ui.note(summary(&store, &tracker, synced, false));
    kept::tell(app, &store, synced);
    note_conflicts(app, &tracker, &synced.lost);
    warn_lost(app, synced)
}

/// Says beside the result of another command what a merge decided against.
pub(super) fn note_conflicts(app: &mut App, tracker: &Tracker, lost: &[Lost]) {
    for lost in lost.iter().take(LINES) {
        app.ui.note(conflict(tracker, lost, false));
    }
    if lost.len() > LINES {
        app.ui.note(format!("… {} more: qp attic list", lost.len() - LINES));
    }
}

/// Warns of claims that turned out to be somebody else's. The next sync fails because of them: a warning beside
/// another command's success is easily missed.
pub(super) fn warn_lost(app: &mut App, synced: &Synced) -> Result<()> {
    let store = app.store()?;
    if !synced.claims_lost.is_empty() {
        app.ui.warn(claims_lost(&store, synced)?.message());
        store.note_lost(&synced.claims_lost);
    }
    Ok(())
}

fn lines(app: &mut App, lines: Vec<String>, command: &str) -> Result<()> {
    for line in lines.iter().take(LINES) {
        app.ui.line(line)?;
    }
    match lines.len().saturating_sub(LINES) {
        0 => Ok(()),
        more => app.ui.line(format!("… {more} more: {command}")),
    }
}

/// Returns the one line that says it all, where nothing is to be decided.
fn summary(store: &Store, tracker: &Tracker, synced: &Synced, rehearsed: bool) -> String {
    let mut parts = Vec::new();
    let mut part = |verb: &str, count: usize, issues: &BTreeSet<IssueId>, to: &str| {
        if count > 0 || !issues.is_empty() {
            parts.push(format!("{verb} {}{}{to}", operations(count), named(tracker, synced, issues)));
        }
    };
    let to = synced.sent_to.as_ref().map(|url| format!(" to {}", one_line(url))).unwrap_or_default();
    part(if rehearsed { "would send" } else { "sent" }, synced.sent, &synced.sent_issues, &to);
    part(if rehearsed { "would receive" } else { "received" }, synced.received, &synced.received_issues, "");
    if synced.from_outbox.operations > 0 {
        let found = &synced.from_outbox;
        let named = named(tracker, synced, &found.issues);
        let verb = if rehearsed { "would take in" } else { "took in" };
        parts.push(format!("{verb} {}{named} from the outbox", operations(found.operations)));
    }
    if synced.merged {
        let conflicts = synced.conflicts();
        let verb = if rehearsed { "would merge" } else { "merged" };
        parts.push(match conflicts {
            0 => format!("{verb} without a conflict"),
            n => format!("{verb} with {}", counted(n, "conflict")),
        });
    }
    let failed = synced.failure.is_some() || synced.is_locked;
    let remote = one_line(&synced.shown_remote());
    let refusal = synced.refusal.as_ref().filter(|_| synced.unsent > 0 && synced.kept.is_none() && !failed);
    if let Some(refusal) = refusal {
        let refuses = kept::refuses(store.branch(), refusal, synced.unsent);
        return match &parts[..] {
            [] => format!("{remote} {refuses}"),
            parts => format!("{remote}: {}; it {refuses}", parts.join(", ")),
        };
    }
    if parts.is_empty() && !failed && !synced.remote_has_branch && synced.elsewhere.is_none() {
        parts.push(if synced.is_empty_here {
            "no tracker there and none here: qp init starts one".to_owned()
        } else {
            "no tracker there yet: qp push sends this one".to_owned()
        });
    } else if synced.unsent > 0 {
        parts.push(unsent(synced, failed));
    } else if parts.is_empty() && !failed && synced.outside() == 0 {
        parts.push("in sync".to_owned());
    }
    let outside = [
        (synced.from_outbox.outside(), "file", "files", "the outbox"),
        (synced.fallbacks.left.len(), "branch", "branches", "quipu.fallbackBranch"),
    ];
    for (count, one, many, of) in outside.into_iter().filter(|(count, ..)| *count > 0) {
        let verb = if rehearsed { "cannot" } else { "could not" };
        parts.push(format!("{count} {} of {of} {verb} be taken in", if count == 1 { one } else { many }));
    }
    if parts.is_empty() {
        parts.push("nothing was sent".to_owned());
    }
    format!("{remote}: {}", parts.join(", "))
}

/// Says where the operations are that the remote does not have.
fn unsent(synced: &Synced, failed: bool) -> String {
    let to_send = operations(synced.unsent);
    match &synced.kept {
        Some(Kept::Branch(branch)) => return format!("{to_send} on {}", one_line(branch)),
        Some(Kept::Outbox(_)) => return format!("{to_send} in the outbox"),
        None => {}
    }
    let elsewhere = synced.elsewhere.as_ref().map(|elsewhere| match synced.sent {
        0 => elsewhere.clone(),
        // Where that is, was just said.
        _ => Elsewhere { url: String::new(), ..elsewhere.clone() },
    });
    match kept::elsewhere(elsewhere.as_ref(), synced.unsent, &synced.shown_remote()) {
        Some(elsewhere) => elsewhere,
        None if failed => format!("{to_send} not sent"),
        None => format!("{to_send} to send: qp push"),
    }
}

fn operations(count: usize) -> String {
    counted(count, "operation")
}

/// Returns the key of an issue; of one that only the remote has, its key there.
fn key_of(tracker: &Tracker, synced: &Synced, id: IssueId) -> String {
    let there = synced.names_there.get(&id).filter(|_| tracker.position(id).is_none());
    there.cloned().unwrap_or_else(|| tracker.key_of(id))
}

/// Names issues in parentheses; where they are many, counts them.
fn named(tracker: &Tracker, synced: &Synced, issues: &BTreeSet<IssueId>) -> String {
    match issues.len() {
        0 => String::new(),
        1..=NAMED => {
            let keys: Vec<String> = issues.iter().map(|id| key_of(tracker, synced, *id)).collect();
            format!(" ({})", keys.join(", "))
        }
        many => format!(" ({many} issues)"),
    }
}

/// Says what lost, and where it is.
fn conflict(tracker: &Tracker, lost: &Lost, rehearsed: bool) -> String {
    let what = IssueId::parse(&lost.what).map_or_else(|| lost.what.clone(), |id| tracker.key_of(id));
    let conflict = format!("conflict in {}: {}", one_line(&what), one_line(&lost.parts.join(", ")));
    if rehearsed {
        return conflict;
    }
    format!("{conflict}; the other version: qp attic show {}", lost.short())
}

fn document(tracker: &Tracker, synced: &Synced, rehearsed: bool) -> Value {
    let key = |id: &IssueId| key_of(tracker, synced, *id);
    let keys = |ids: &BTreeSet<IssueId>| ids.iter().map(key).collect::<Vec<_>>();
    let conflicts = synced.lost.iter().map(|lost| {
        let id = IssueId::parse(&lost.what);
        json!({
            "id": id.map_or_else(|| lost.what.clone(), |id| tracker.key_of(id)),
            "parts": lost.parts,
            "entry": lost.short(),
            "path": lost.path,
            "commit": lost.commit,
        })
    });
    let lost = synced.claims_lost.iter();
    let lost =
        lost.map(|lost| json!({ "id": tracker.key_of(lost.id), "uid": lost.id.to_string(), "to": lost.to }));
    let collisions = synced.collisions.iter();
    let collisions =
        collisions.map(|c| json!({ "uid": c.id.to_string(), "before": c.before, "after": c.after }));
    let in_sync = is_shared(synced);
    let mut value = json!({
        "remote": synced.shown_remote(),
        "in_sync": in_sync && !rehearsed,
        "dry_run": rehearsed,
        "sent": { "operations": synced.sent, "issues": keys(&synced.sent_issues) },
        "received": { "operations": synced.received, "issues": keys(&synced.received_issues) },
        "absorbed": {
            "operations": synced.from_outbox.operations,
            "issues": keys(&synced.from_outbox.issues),
        },
        "merged": synced.merged,
        "conflicts": conflicts.collect::<Vec<_>>(),
        "claims_lost": lost.collect::<Vec<_>>(),
        "collisions": collisions.collect::<Vec<_>>(),
        "unsent": synced.unsent,
    });
    if let Some(document) = value.as_object_mut() {
        kept::add(document, synced, in_sync);
    }
    if let Some(url) = synced.sent_to.as_ref().or(synced.elsewhere.as_ref().map(|elsewhere| &elsewhere.url)) {
        value["sent_to"] = json!(url);
    }
    let lists = [
        ("harvested", &synced.fallbacks.taken),
        ("swept", &synced.fallbacks.swept),
        ("not_harvested", &synced.fallbacks.left),
    ];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        value[name] = json!(list);
    }
    versioned(value)
}

/// Tells whether the remote's branch has everything that this clone and its outbox have.
fn is_shared(synced: &Synced) -> bool {
    let is_settled = synced.failure.is_none() && !synced.is_locked && synced.outside() == 0;
    is_settled && synced.unsent == 0 && synced.remote_has_branch
}

/// Returns the error of whoever asked that everything be shared; `None` where it is.
pub(super) fn not_shared(app: &App, store: &Store, synced: &Synced) -> Option<Error> {
    if is_shared(synced) {
        return None;
    }
    if let Some(kept) = &synced.kept {
        return Some(kept::not_shared(app, store, synced, kept));
    }
    let (remote, branch) = (one_line(&synced.shown_remote()), store.branch());
    let outside = synced.from_outbox.outside();
    let (message, hint) = if synced.is_locked {
        (format!("{remote} was not asked: .git cannot be written"), "qp sync where .git can be written")
    } else if outside > 0 {
        let files = counted(outside, "file");
        (format!("not shared: {files} of the outbox could not be taken in"), "qp outbox says of each why")
    } else if !synced.fallbacks.left.is_empty() {
        let branches = synced.fallbacks.left.len();
        let branches = if branches == 1 { "a branch".to_owned() } else { format!("{branches} branches") };
        let message = format!("not shared: {branches} of quipu.fallbackBranch could not be taken in");
        (message, "qp sync --json names them: .not_harvested")
    } else if synced.unsent > 0 {
        (format!("not shared: {} not on {branch} of {remote}", operations(synced.unsent)), "qp sync")
    } else {
        (format!("not shared: {remote} has no {branch}"), "qp init, then qp sync")
    };
    Some(Error::new(Kind::Remote, "not_shared", message).hint(hint))
}

/// Returns the error for what could not be sent.
pub(super) fn failure(store: &Store, synced: &Synced, outcome: &Outcome) -> Error {
    let error = outcome.error(&synced.remote, store.branch());
    match synced.retry_at {
        _ if synced.unread.is_some() => unread(error),
        Some(_) => error.hint("qp sync --retry, once its owner allows this push; nothing is lost"),
        None => error,
    }
}

/// Returns the error that names the claims the caller has lost, and to whom.
pub(super) fn claims_lost(store: &Store, synced: &Synced) -> Result<Error> {
    let tracker = store.view()?.tracker;
    let lost = synced.claims_lost.iter().map(|lost| (tracker.key_of(lost.id), one_line(&lost.to)));
    let lost: Vec<_> = lost.collect();
    let message = match &lost[..] {
        [(key, to)] => format!("{key} is no longer yours: {to}"),
        _ => {
            let named: Vec<String> = lost.iter().map(|(key, to)| format!("{key} ({to})")).collect();
            format!("{} claims are no longer yours: {}", lost.len(), named.join(", "))
        }
    };
    Ok(Error::new(Kind::Conflict, "claims_lost", message).hint("stop working on it; qp claim --next"))
}
