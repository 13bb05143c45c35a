//! `qp create --graph`: many issues from one JSON file of nodes and edges.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::app::App;
use super::args;
use super::create::reference;
use super::draft::{Draft, Place, Target};
use super::operation::{NEW, VALUES};
use super::operation_read;
use super::record::{Name, Record, name};
use super::report;
use crate::error::Result;
use crate::model::{IssueId, Timestamp};
use crate::output::json::versioned;
use crate::output::text::one_line;
use crate::query::nearest;
use crate::store::View;

const PLAN: &[Name] =
    &[name("nodes", &["issues"]), name("edges", &["dependencies"]), name("commit_message", &[])];

/// What a node has besides the fields of an operation `create`. Its `key` is for the edges, its `id` the issue's key.
const NODE: &[Name] = &[name("node", &["key", "ref"]), name("parent_key", &[])];

const EDGE: &[Name] = &[
    name("from_key", &["from"]),
    name("from_id", &["issue_id"]),
    name("to_key", &["to"]),
    name("to_id", &["depends_on_id"]),
    name("type", &[]),
];

/// Reads the file.
pub(super) fn read(app: &App, path: &Path) -> Result<Vec<Draft>> {
    let (text, file) = args::bulk_file(&app.context, path)?;
    let mut plan = Record::parse(file, &text)?;
    plan.settle("a graph", &[PLAN])?;
    let mut nodes = plan.records("nodes")?;
    if nodes.is_empty() {
        return Err(plan
            .wrong("nodes", "is missing or empty")
            .hint("{\"nodes\": [{\"key\": \"a\", \"title\": \"…\"}]}"));
    }
    let fields: Vec<&[Name]> = vec![NODE, VALUES, NEW];
    let mut places: HashMap<String, usize> = HashMap::new();
    for (at, node) in nodes.iter_mut().enumerate() {
        node.settle("a node", &fields)?;
        let Some(name) = node.text("node")? else { continue };
        if places.insert(name.clone(), at).is_some() {
            return Err(node.wrong("key", &format!("{:?} is another node's too", one_line(&name))));
        }
    }
    let now = app.context.now();
    let mut drafts: Vec<Draft> = nodes.iter().map(|node| draft(node, &places, now)).collect::<Result<_>>()?;
    for mut edge in plan.records("edges")? {
        edge.settle("an edge", &[EDGE])?;
        connect(&edge, &places, &mut drafts)?;
    }
    Ok(drafts)
}

fn draft(node: &Record, places: &HashMap<String, usize>, now: Timestamp) -> Result<Draft> {
    let place = Place { file: node.place.clone(), ..Place::default() };
    let mut draft =
        Draft { name: node.text("node")?, place: Some(place), ..operation_read::draft(node, now)? };
    for reference in &mut draft.references {
        if let Target::Key(key) = &reference.target
            && let Some(at) = places.get(key)
        {
            reference.target = Target::Draft(*at);
        }
    }
    // The parent is another node of the plan, or an issue.
    let parent = match (node.text("parent_key")?, &draft.fields.parent) {
        (Some(name), _) => Some(node_of(node, "parent_key", &name, places)?),
        (None, Some(name)) => places.get(name).copied(),
        (None, None) => None,
    };
    if let Some(at) = parent {
        draft.fields.parent = None;
        draft.references.push(reference("parent-child", Target::Draft(at), None)?);
    }
    Ok(draft)
}

fn node_of(record: &Record, field: &str, name: &str, places: &HashMap<String, usize>) -> Result<usize> {
    places.get(name).copied().ok_or_else(|| {
        let error = record.wrong(field, &format!("{:?} is no node of the graph", one_line(name)));
        let mut names: Vec<&str> = places.keys().map(String::as_str).collect();
        names.sort_unstable();
        match nearest(name, names.iter().copied()).filter(|_| name.len() > 2) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint(format!("one of {}", one_line(&names.join(", ")))),
        }
    })
}

/// Adds an edge: as in the listings, `from` depends on `to`. One end of it is a node.
fn connect(edge: &Record, places: &HashMap<String, usize>, drafts: &mut [Draft]) -> Result<()> {
    let end = |by_key: &str, by_id: &str| match (edge.text(by_key)?, edge.text(by_id)?) {
        (Some(name), None) => node_of(edge, by_key, &name, places).map(Target::Draft),
        (None, Some(key)) => Ok(Target::Key(key)),
        (Some(_), Some(_)) => Err(edge.wrong(by_key, &format!("and {by_id} are both given"))),
        (None, None) => Err(edge.wrong(by_key, "is missing")),
    };
    let (from, to) = (end("from_key", "from_id")?, end("to_key", "to_id")?);
    let kind = edge.text("type")?.unwrap_or_default();
    let mut made = reference(&kind, to.clone(), None).map_err(|e| edge.locate("type", e))?;
    // What the new issue blocks is said by `--deps blocks:ID` alone; here the type names what `from` waits for.
    made.reversed = false;
    match (from, to) {
        (Target::Draft(at), _) => drafts[at].references.push(made),
        (Target::Key(key), Target::Draft(at)) if made.relation == crate::model::Relation::Blocker => {
            drafts[at].references.push(reference("blocks", Target::Key(key), None)?);
        }
        (Target::Key(_), Target::Draft(_)) => {
            return Err(edge.wrong("type", "must be blocks where from is an issue that is there already"));
        }
        (Target::Key(_), Target::Key(_)) => {
            return Err(edge
                .wrong("from_key", "is missing: both ends are issues that are there already")
                .hint("qp dep add ID BLOCKER"));
        }
    }
    Ok(())
}

/// Prints the document: the key of each node, and the issues.
pub(super) fn print(app: &mut App, view: &View, drafts: &[Draft], ids: &[IssueId]) -> Result<()> {
    let mut keys = Map::new();
    for (draft, id) in drafts.iter().zip(ids) {
        keys.extend(draft.name.iter().map(|name| (name.clone(), view.tracker.key_of(*id).into())));
    }
    let rows = ids.iter().map(|id| report::document(view, *id).map(Value::from));
    let document = json!({ "ids": keys, "issues": rows.collect::<Result<Vec<_>>>()? });
    app.ui.document(&versioned(document))
}
