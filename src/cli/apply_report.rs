//! What `qp apply` says of its operations: a line for each issue, or an array of one object a line of the file.

use serde_json::{Value, json};

use super::app::App;
use super::claimed::{self, Claimed};
use super::edges::Edge;
use super::operation::Operation;
use crate::error::Result;
use crate::model::{Issue, IssueId, Tracker};
use crate::output::json::Object;
use crate::output::text::one_line;
use crate::query::ClaimStep;

/// What one operation came to.
#[derive(Debug)]
pub(super) struct Applied {
    line: usize,
    op: &'static str,
    reference: Option<String>,
    pub told: Vec<Told>,
    /// Claims that only the remote has, and that were given back.
    pub tokens: Vec<(IssueId, String)>,
    /// Claims that were made.
    pub claims: Vec<Claimed>,
}

/// What is said of one issue, or of one relation.
#[derive(Debug)]
pub(super) enum Told {
    Issue { id: IssueId, key: String, title: String, verb: String, is_new: bool },
    Edge { line: String, document: Value, keys: [String; 2] },
}

impl Applied {
    pub fn new(operation: &Operation) -> Self {
        Applied {
            line: operation.line,
            op: operation.op,
            reference: operation.reference.clone(),
            told: Vec::new(),
            tokens: Vec::new(),
            claims: Vec::new(),
        }
    }

    /// Says what became of an issue that was there.
    pub fn issue(&mut self, tracker: &Tracker, id: IssueId, verb: &str) {
        let title = tracker.position(id).map(|at| tracker.front(at).title.clone()).unwrap_or_default();
        let (key, verb) = (tracker.key_of(id), verb.to_owned());
        self.told.push(Told::Issue { id, key, title, verb, is_new: false });
    }

    /// Says that an issue is new.
    pub fn created(&mut self, tracker: &Tracker, issue: &Issue) {
        let front = &issue.front;
        let derived = || format!("{}-{}", tracker.settings.prefix, front.id.tail(4));
        let (id, title) = (front.id, front.title.clone());
        let key = front.key.clone().unwrap_or_else(derived);
        self.told.push(Told::Issue { id, key, title, verb: "created".to_owned(), is_new: true });
    }

    /// Says what became of claims.
    pub fn claims(&mut self, tracker: &Tracker, claims: Vec<Claimed>) {
        for claimed in claims {
            let verb = match claimed.step {
                ClaimStep::Fresh => "claimed",
                ClaimStep::Renewal => "renewed",
                ClaimStep::Takeover { .. } => "took over",
            };
            self.issue(tracker, claimed.id, verb);
            self.claims.push(claimed);
        }
    }

    /// Says what became of relations.
    pub fn edges(&mut self, tracker: &Tracker, edges: &[Edge], words: [&'static str; 2]) {
        self.told.extend(edges.iter().map(|edge| Told::Edge {
            line: edge.line(tracker, words[0]),
            document: edge.document(tracker, words),
            keys: edge.keys(tracker),
        }));
    }

    /// Returns the keys of the issues that it is about.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.told.iter().map(|told| match told {
            Told::Issue { key, .. } => key.as_str(),
            Told::Edge { keys, .. } => keys[0].as_str(),
        })
    }
}

/// Prints what was done, or would be. `tracker` is the one after it, or before what is only rehearsed.
pub(super) fn print(app: &mut App, tracker: &Tracker, applied: &[Applied], dry_run: bool) -> Result<()> {
    for one in applied {
        claimed::warn(app, &one.claims);
    }
    let names = if dry_run { drafts(applied) } else { Vec::new() };
    if app.ui.json {
        let documents: Vec<Value> =
            applied.iter().map(|one| document(one, tracker, dry_run, &names)).collect();
        return app.ui.document(&documents.into());
    }
    if dry_run {
        app.ui.note("would do (nothing was written):");
    }
    for one in applied {
        for told in &one.told {
            app.ui.line(match told {
                Told::Issue { id, key, title, verb, .. } => {
                    let key = shown(tracker, *id, key, &names);
                    format!("{verb} {key}: {}", one_line(title))
                }
                Told::Edge { line, .. } => {
                    names.iter().fold(line.clone(), |l, (key, name)| l.replace(key, name))
                }
            })?;
        }
    }
    Ok(())
}

/// The keys that new issues have in a rehearsal only, with the names to show in their place.
fn drafts(applied: &[Applied]) -> Vec<(String, String)> {
    let new = applied.iter().flat_map(|one| one.told.iter().map(move |told| (one, told)));
    new.filter_map(|(one, told)| match told {
        Told::Issue { key, is_new: true, .. } => Some((key.clone(), draft_name(one))),
        _ => None,
    })
    .collect()
}

/// The name of an issue that is not written yet: its reference, because its key does not exist.
fn draft_name(one: &Applied) -> String {
    one.reference.as_ref().map_or_else(|| "new".to_owned(), |name| format!("${name}"))
}

/// The key as it is now.
fn shown(tracker: &Tracker, id: IssueId, key: &str, names: &[(String, String)]) -> String {
    match tracker.position(id) {
        Some(at) => tracker.key(at),
        None => one_line(names.iter().find(|(draft, _)| draft == key).map_or(key, |(_, name)| name)),
    }
}

fn document(one: &Applied, tracker: &Tracker, dry_run: bool, names: &[(String, String)]) -> Value {
    let mut object = Object::new();
    object.insert("line".to_owned(), one.line.into());
    object.insert("op".to_owned(), one.op.into());
    object.extend(one.reference.iter().map(|name| ("ref".to_owned(), Value::from(name.as_str()))));
    let (mut issues, mut edges): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for told in &one.told {
        match told {
            Told::Issue { id, key, title, verb, is_new } => {
                let shown = shown(tracker, *id, key, names);
                let mut issue = json!({ "id": shown, "title": title, "outcome": verb.replace(' ', "_") });
                if !(dry_run && *is_new) {
                    issue["uid"] = id.to_string().into();
                }
                issues.push(issue);
            }
            Told::Edge { document, .. } => edges.push(with_names(document, names)),
        }
    }
    if !issues.is_empty() {
        object.insert("issues".to_owned(), issues.into());
    }
    if !edges.is_empty() {
        object.insert("dependencies".to_owned(), edges.into());
    }
    let warnings: Vec<&String> = one.claims.iter().flat_map(|claim| &claim.cautions).collect();
    if !warnings.is_empty() {
        object.insert("warnings".to_owned(), json!(warnings));
    }
    if dry_run {
        object.insert("dry_run".to_owned(), true.into());
    }
    object.into()
}

/// Returns a relation with the names of issues that are not written yet.
fn with_names(document: &Value, names: &[(String, String)]) -> Value {
    let mut document = document.clone();
    for field in ["issue_id", "depends_on_id"] {
        if let Some((_, name)) = names.iter().find(|(key, _)| document[field] == **key) {
            document[field] = name.as_str().into();
        }
    }
    document
}
