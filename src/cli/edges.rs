//! Adding and removing relations between issues within a write.

use serde_json::{Value, json};

use super::app::{App, resolve, resolve_all};
use crate::error::{Error, Kind, Result};
use crate::model::{Added, Issue, IssueId, Ref, Relation, Tracker};
use crate::output::json::versioned;
use crate::output::text::one_line;
use crate::query::{EdgeCheck, EdgeKind};
use crate::store::Txn;

/// One relation that a command adds or removes.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    from: IssueId,
    to: Ref,
    relation: Relation,
    /// Something changed by it.
    done: bool,
}

/// A relation that is wanted, as it was typed, with its place in a file.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub from: String,
    pub to: String,
    pub relation: Relation,
    pub place: Option<String>,
}

/// Adds relations of one type in one commit: (issue, other) each.
pub(super) fn add_pairs(app: &mut App, pairs: &[(String, String)], relation: &Relation) -> Result<()> {
    let wish = |(from, to): &(String, String)| Wish {
        from: from.clone(),
        to: to.clone(),
        relation: relation.clone(),
        place: None,
    };
    add_wishes(app, &pairs.iter().map(wish).collect::<Vec<_>>(), false)
}

/// Adds relations in one commit; `many` are printed as a list, even if there is only one.
pub(super) fn add_wishes(app: &mut App, wishes: &[Wish], many: bool) -> Result<()> {
    let done = app.transact("dep add", |txn| {
        let edges = add_all(txn, wishes)?;
        txn.subject(subject("add dependency", txn.tracker(), &edges));
        Ok(edges)
    })?;
    for wish in wishes {
        note_idle(app, &wish.relation);
    }
    print(app, &done.view.tracker, &done.value, ["added", "exists"], many)
}

/// Says that a relation that is known elsewhere for holding work up does not do so here.
pub(super) fn note_idle(app: &mut App, relation: &Relation) {
    if let Relation::Other(word) = relation
        && ["waits-for", "conditional-blocks"].contains(&word.as_str())
    {
        app.ui.note(format!("a link \"{word}\" holds nothing up: the type blocks does"));
    }
}

/// Adds relations within a write.
pub(super) fn add_all(txn: &mut Txn<'_>, wishes: &[Wish]) -> Result<Vec<Edge>> {
    let mut check = EdgeCheck::new(txn.tracker());
    let mut add = |wish: &Wish| {
        let added = add_one(txn, &mut check, &wish.from, &wish.to, &wish.relation);
        added.map_err(|e| wish.place.iter().fold(e, |e, place| e.within(place)))
    };
    wishes.iter().map(&mut add).collect()
}

fn add_one(
    txn: &mut Txn<'_>,
    check: &mut EdgeCheck<'_>,
    from: &str,
    to: &str,
    relation: &Relation,
) -> Result<Edge> {
    let tracker = txn.tracker();
    let (from, to) = (resolve(tracker, from)?, resolve(tracker, to)?);
    let (key, other) = (tracker.key(from), tracker.key(to));
    let target: Ref = tracker.front(to).id.into();
    let mut issue = canonical(txn, from)?;
    let added = issue.front.add_reference(relation, target.clone());
    let edge = |done| Edge { from: issue.front.id, to: target.clone(), relation: relation.clone(), done };
    match added {
        Added::Present => return Ok(edge(false)),
        Added::Taken(there) => {
            let there = tracker.show_ref(&there);
            let message =
                format!("{key} {} {there} already, and of that there is only one", relation.phrase());
            let hint = match relation {
                Relation::Parent => format!("qp update {key} --parent {other}"),
                _ => format!("qp dep remove {key} {there}"),
            };
            return Err(Error::new(Kind::Conflict, "reference_taken", message).hint(hint));
        }
        Added::Added => {}
    }
    match relation {
        Relation::Blocker => check.add(from, to, EdgeKind::Blocker)?,
        Relation::Parent => check.add(from, to, EdgeKind::Parent)?,
        _ if from == to => return Err(Error::usage(format!("{other} cannot refer to itself"))),
        _ => {}
    }
    let edge = edge(true);
    txn.put(issue)?;
    Ok(edge)
}

/// Reads an issue with its references as identities, so that they can be compared.
fn canonical(txn: &Txn<'_>, position: usize) -> Result<Issue> {
    let tracker = txn.tracker();
    let mut issue = txn.issue(position)?;
    issue.front.map_references(|r| match tracker.keys().resolve_ref(r) {
        Some(at) => tracker.front(at).id.into(),
        None => r.clone(),
    });
    Ok(issue)
}

/// Removes relations in one commit: of one type, or of every type.
pub(super) fn remove_pairs(
    app: &mut App,
    pairs: &[(String, String)],
    relation: Option<&Relation>,
) -> Result<()> {
    let done = app.transact("dep remove", |txn| {
        let edges = remove_all(txn, pairs, relation)?;
        txn.subject(subject("remove dependency", txn.tracker(), &edges));
        Ok(edges)
    })?;
    print(app, &done.view.tracker, &done.value, ["removed", "absent"], false)
}

/// Removes relations within a write: of one type, or of every type.
pub(super) fn remove_all(
    txn: &mut Txn<'_>,
    pairs: &[(String, String)],
    relation: Option<&Relation>,
) -> Result<Vec<Edge>> {
    let mut edges = Vec::new();
    for (from, to) in pairs {
        edges.extend(remove_pair(txn, from, to, relation)?);
    }
    Ok(edges)
}

/// Removes what one issue says of another: of one type, or of every type.
fn remove_pair(txn: &mut Txn<'_>, from: &str, to: &str, relation: Option<&Relation>) -> Result<Vec<Edge>> {
    let tracker = txn.tracker();
    let from = resolve(tracker, from)?;
    let mut issue = canonical(txn, from)?;
    // A reference may point to an issue that was deleted.
    let written = Ref::parse(to.trim());
    let dangling = issue.front.references().iter().any(|(_, target)| **target == written);
    let target = if dangling { written } else { tracker.front(resolve(tracker, to)?).id.into() };
    let found: Vec<Relation> = (issue.front.references().iter())
        .filter(|(_, other)| **other == target)
        .map(|(kind, _)| Relation::from_text(kind))
        .filter(|kind| relation.is_none_or(|wanted| wanted == kind))
        .collect();
    let edge = |relation: Relation, done| Edge { from: issue.front.id, to: target.clone(), relation, done };
    let removed: Vec<Edge> = found.iter().map(|kind| edge(kind.clone(), true)).collect();
    if removed.is_empty() {
        check_reverse(tracker, from, &target)?;
        return Ok(vec![edge(relation.cloned().unwrap_or(Relation::Blocker), false)]);
    }
    for kind in &found {
        issue.front.remove_reference(kind, &target);
    }
    txn.put(issue)?;
    Ok(removed)
}

/// A relation that is there the other way round was probably meant.
fn check_reverse(tracker: &Tracker, from: usize, target: &Ref) -> Result<()> {
    let Some(to) = tracker.keys().resolve_ref(target) else { return Ok(()) };
    let back = tracker.front(to).references().into_iter();
    let Some((kind, _)) = back.into_iter().find(|(_, r)| tracker.keys().resolve_ref(r) == Some(from)) else {
        return Ok(());
    };
    let (key, other) = (tracker.key(from), tracker.key(to));
    let phrase = Relation::from_text(kind).phrase();
    let message = format!("{key} has no relation to {other}; {other} {phrase} {key}");
    Err(Error::new(Kind::NotFound, "no_dependency", message).hint(format!("qp dep remove {other} {key}")))
}

fn subject(verb: &str, tracker: &Tracker, edges: &[Edge]) -> String {
    match edges {
        [Edge { from, to, relation, .. }] => {
            format!("{verb}: {} {} {}", tracker.key_of(*from), relation.phrase(), tracker.show_ref(to))
        }
        [Edge { from, .. }, ..] => format!("{verb}: {} of {}", edges.len(), tracker.key_of(*from)),
        [] => verb.to_owned(),
    }
}

impl Edge {
    /// Returns the document of what became of the relation; `words` are for done and for nothing done.
    pub fn document(&self, tracker: &Tracker, [done, idle]: [&str; 2]) -> Value {
        json!({
            "status": if self.done { done } else { idle },
            "issue_id": tracker.key_of(self.from),
            "depends_on_id": tracker.show_ref(&self.to),
            "type": self.relation.as_str(),
        })
    }

    /// Returns the keys of its two ends.
    pub fn keys(&self, tracker: &Tracker) -> [String; 2] {
        [tracker.key_of(self.from), tracker.show_ref(&self.to)]
    }

    /// Returns the line that says what became of it.
    pub fn line(&self, tracker: &Tracker, done: &str) -> String {
        // A reference that points nowhere is shown as somebody has written it.
        let (key, other) = (tracker.key_of(self.from), one_line(&tracker.show_ref(&self.to)));
        let said = format!("{key} {} {other}", self.relation.phrase());
        match (self.done, done) {
            (true, _) => format!("{done}: {said}"),
            (false, "added") => format!("there already: {said}"),
            (false, _) => format!("nothing to remove: {key} has no such relation to {other}"),
        }
    }
}

/// Prints what became of relations: a line or a document each.
fn print(app: &mut App, tracker: &Tracker, edges: &[Edge], words: [&str; 2], many: bool) -> Result<()> {
    if app.ui.json {
        let mut documents: Vec<Value> = edges.iter().map(|edge| edge.document(tracker, words)).collect();
        if let (1, false, Some(Value::Object(only))) = (documents.len(), many, documents.first_mut()) {
            return app.ui.document(&versioned(std::mem::take(only)));
        }
        return app.ui.document(&documents.into());
    }
    edges.iter().try_for_each(|edge| app.ui.line(edge.line(tracker, words[0])))
}

/// Makes two issues refer to each other as related.
pub(super) fn relate(app: &mut App, pair: [&str; 2]) -> Result<()> {
    change_pair(app, pair, "relate", |issue, other| {
        issue.front.add_reference(&Relation::Related, other) == Added::Added
    })
}

/// Takes that back.
pub(super) fn unrelate(app: &mut App, pair: [&str; 2]) -> Result<()> {
    change_pair(app, pair, "unrelate", |issue, other| {
        issue.front.remove_reference(&Relation::Related, &other)
    })
}

/// Changes two issues the same way, each with the other.
fn change_pair(
    app: &mut App,
    pair: [&str; 2],
    verb: &str,
    change: impl Fn(&mut Issue, Ref) -> bool,
) -> Result<()> {
    let inputs = pair.map(str::to_owned);
    let done = app.transact(&format!("dep {verb}"), |txn| {
        let tracker = txn.tracker();
        let positions = resolve_all(tracker, &inputs)?;
        let [a, b] = positions[..] else {
            return Err(Error::usage(format!("{} cannot refer to itself", tracker.key(positions[0]))));
        };
        let mut changed = false;
        for (from, to) in [(a, b), (b, a)] {
            let mut issue = canonical(txn, from)?;
            changed |= change(&mut issue, tracker.front(to).id.into());
            txn.put(issue)?;
        }
        let keys = [tracker.key(a), tracker.key(b)];
        txn.subject(format!("{verb} {} and {}", keys[0], keys[1]));
        Ok((keys, changed))
    })?;
    let ([a, b], changed) = done.value;
    if app.ui.json {
        let word = format!("{verb}d");
        let mut document = json!({ "id1": a, "id2": b });
        document[word] = true.into();
        return app.ui.document(&versioned(document));
    }
    let already = if changed { "" } else { " already" };
    app.ui.line(format!("{verb}d{already}: {a} and {b}"))
}
