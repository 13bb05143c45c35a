//! What is said about claims that were made, and about there being nothing to claim.

use serde_json::{Value, json};

use super::app::{App, readiness, written};
use super::filter::FilterArgs;
use super::report;
use crate::error::Result;
use crate::model::{Front, Holder, IssueId, Lease, Timestamp};
use crate::output::json::Object;
use crate::output::sheet::short;
use crate::output::table::distance;
use crate::output::text::one_line;
use crate::query::{ClaimStep, held_by, ready_order};
use crate::store::{Done, View};

/// A claim that was made.
#[derive(Clone, Debug)]
pub(super) struct Claimed {
    pub id: IssueId,
    pub step: ClaimStep,
    /// What the issue was before.
    pub before: Front,
    pub until: Timestamp,
    /// What speaks against working on it now, a sentence each.
    pub cautions: Vec<String>,
    /// Whether the remote has confirmed it.
    pub confirmed: bool,
}

impl Claimed {
    /// A claim that the caller had already.
    pub fn renewal(before: Front, until: Timestamp, confirmed: bool) -> Self {
        Claimed { id: before.id, step: ClaimStep::Renewal, before, until, cautions: Vec::new(), confirmed }
    }
}

/// Prints claims: a line each, or an array of issues.
pub(super) fn print(app: &mut App, done: &Done<Vec<Claimed>>) -> Result<()> {
    warn(app, &done.value);
    if app.ui.json {
        let documents: Vec<Value> =
            done.value.iter().map(|c| document(&done.view, c).map(Value::from)).collect::<Result<_>>()?;
        return app.ui.document(&documents.into());
    }
    for claimed in &done.value {
        app.ui.line(line(&done.view, claimed)?)?;
    }
    local(app, &done.view, &done.value);
    Ok(())
}

/// Prints what speaks against the work.
pub(super) fn warn(app: &mut App, claims: &[Claimed]) {
    for caution in claims.iter().flat_map(|c| &c.cautions) {
        app.ui.warn(caution);
    }
}

/// Says that other clones do not know of the claims yet.
pub(super) fn local(app: &mut App, view: &View, claims: &[Claimed]) {
    // What stands in the outbox was said to.
    if !app.told_unconfirmed
        && view.stored() == "local"
        && view.store().remote().is_some()
        && claims.iter().any(|c| !c.confirmed)
    {
        app.ui.note("known in this clone only: qp sync shares it, --sync lets the remote confirm it");
    }
}

/// Returns one line for a claim.
pub(super) fn line(view: &View, claimed: &Claimed) -> Result<String> {
    let tracker = &view.tracker;
    let at = written(view, claimed.id)?;
    let front = tracker.front(at);
    let (key, title) = (tracker.key(at), one_line(&front.title));
    let until = short(claimed.until);
    Ok(match &claimed.step {
        ClaimStep::Fresh => format!("claimed {key} until {until}: {title}"),
        ClaimStep::Renewal => format!("renewed {key} until {until}: {title}"),
        ClaimStep::Takeover { from, lapsed_at } => {
            let own = claimed.before.claimed_session.as_deref().filter(|_| *from == front.assignee);
            let whose = match (from, own) {
                (_, Some(session)) => format!(" from your session {}", one_line(session)),
                (Some(name), None) => format!(" from {}", one_line(name)),
                (None, None) => String::new(),
            };
            let ago = distance(*lapsed_at, front.claimed_at.unwrap_or(front.updated_at));
            let since = match claimed.before.lease_until {
                Some(_) => format!("lapsed {ago} ago"),
                None => format!("silent for {ago}"),
            };
            format!("took over {key}{whose} ({since}) until {until}: {title}")
        }
    })
}

/// Returns the document of a claimed issue.
pub(super) fn document(view: &View, claimed: &Claimed) -> Result<Object> {
    let mut object = report::document(view, claimed.id)?;
    add_claim(&mut object, view, claimed);
    Ok(object)
}

/// Adds what JSON documents say of a claim. It is advisory until a remote has taken it.
pub(super) fn add_claim(object: &mut Object, view: &View, claimed: &Claimed) {
    let outcome = match &claimed.step {
        ClaimStep::Fresh => "claimed",
        ClaimStep::Renewal => "renewed",
        ClaimStep::Takeover { .. } => "taken_over",
    };
    object.insert("outcome".to_owned(), outcome.into());
    if let ClaimStep::Takeover { from, lapsed_at } = &claimed.step {
        let mut before = Object::from_iter([("lapsed_at".to_owned(), lapsed_at.to_string().into())]);
        for (name, value) in [("actor", from), ("session", &claimed.before.claimed_session)] {
            before.extend(value.as_ref().map(|v| (name.to_owned(), Value::from(v.clone()))));
        }
        object.insert("taken_from".to_owned(), before.into());
    }
    if !claimed.cautions.is_empty() {
        object.insert("warnings".to_owned(), json!(claimed.cautions));
    }
    // What a claim says of this is more than what every write says.
    object.shift_remove("stored");
    object.insert("confirmed".to_owned(), claimed.confirmed.into());
    object.insert("stored".to_owned(), if claimed.confirmed { "shared" } else { view.stored() }.into());
}

/// Says why there is nothing to claim.
pub(super) fn nothing(app: &App, view: &View, args: &FilterArgs) -> Result<String> {
    let tracker = &view.tracker;
    let filter = args.resolve(app, tracker)?;
    let readiness = readiness(view, app.context.now());
    let ready = ready_order(tracker, &readiness);
    let fitting: Vec<_> =
        ready.iter().filter(|c| filter.matches(tracker, c.position, readiness.now())).collect();
    let overlapping = fitting.iter().filter(|c| c.overlaps.is_some()).count();
    let planned = fitting.len() - overlapping;
    let mut parts = Vec::new();
    let mut add = |count: usize, what: &str| {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    };
    add(ready.len() - fitting.len(), "outside the selection");
    add(planned, "planned for others");
    add(overlapping, "on files that somebody is working on");
    Ok(match ready.len() {
        0 => "nothing to claim: no issue is ready; qp ready --explain says why".to_owned(),
        1 => format!(
            "nothing to claim; the one ready issue is {}: qp ready",
            parts.join(", ").trim_start_matches("1 ")
        ),
        all => format!("nothing to claim; of {all} ready issues {}: qp ready", parts.join(", ")),
    })
}

/// Reminds of what the caller holds besides: after a lost answer or a lost memory, that is the work to go on with.
pub(super) fn also_held(app: &mut App, done: &Done<Vec<Claimed>>, holder: &Holder) {
    let tracker = &done.view.tracker;
    let now = app.context.now();
    let others: Vec<String> = held_by(tracker, holder)
        .filter(|at| {
            let front = tracker.front(*at);
            matches!(front.lease(now), Lease::Live(_)) && done.value.iter().all(|c| c.id != front.id)
        })
        .map(|at| tracker.key(at))
        .collect();
    if !others.is_empty() {
        let also = if done.value.is_empty() { "" } else { "also " };
        app.ui.note(format!("you {also}hold {}", others.join(", ")));
    }
}
