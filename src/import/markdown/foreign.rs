//! A foreign Markdown file as an issue: names that many trackers use, read liberally.

use super::super::collect::Draft;
use super::super::front_matter::{ForeignFile, Refusal, scalar};
use super::super::text::{fit_title, prefix_of};
use super::super::{Options, Origin, derived_id};
use super::{KIND, sections, stem};
use crate::model::yaml::{Node, Wish};
use crate::model::{Body, Front, Issue, IssueId, Priority, Ref, Status, Timestamp, is_valid_key};

/// What a file turned out to be.
pub(super) enum Read {
    /// One of quipu's own.
    Own,
    /// An issue, with remarks.
    Foreign(Box<Draft>, Vec<(&'static str, String)>),
}

const ID: &[&str] = &["id", "key"];
const TITLE: &[&str] = &["title", "name", "summary"];
const STATUS: &[&str] = &["status", "state"];
const TYPE: &[&str] = &["type", "kind", "issue_type"];
const PRIORITY: &[&str] = &["priority"];
const LABELS: &[&str] = &["labels", "tags"];
const ASSIGNEE: &[&str] = &["assignee", "assigned_to"];
const PARENT: &[&str] = &["parent", "parent_id", "epic"];
const BLOCKED_BY: &[&str] = &["blocked_by", "deps", "depends_on", "depends-on", "dependencies"];
const RELATED: &[&str] = &["related", "links"];
const DISCOVERED: &[&str] = &["discovered_from"];
const PATHS: &[&str] = &["paths"];
const DUE: &[&str] = &["due_at", "due", "due_date"];
const DEFER: &[&str] = &["defer_until"];
const ESTIMATE: &[&str] = &["estimate_minutes", "estimated_minutes"];
const EXTERNAL: &[&str] = &["external_ref", "external-ref"];
const SPEC: &[&str] = &["spec", "spec_id"];
const CREATED: &[&str] = &["created_at", "created", "date"];
const CREATED_BY: &[&str] = &["created_by", "author", "reporter"];
const UPDATED: &[&str] = &["updated_at", "updated", "modified"];
const STARTED: &[&str] = &["started_at", "started"];
const CLOSED: &[&str] = &["closed_at", "closed"];
const REASON: &[&str] = &["close_reason"];

fn wish(key: &str) -> Wish {
    let lists = [LABELS, BLOCKED_BY, RELATED, DISCOVERED, PATHS];
    let texts = [
        ID, TITLE, STATUS, TYPE, PRIORITY, ASSIGNEE, PARENT, DUE, DEFER, ESTIMATE, EXTERNAL, SPEC, CREATED,
        CREATED_BY, UPDATED, STARTED, CLOSED, REASON,
    ];
    if lists.iter().any(|names| names.contains(&key)) {
        Wish::List
    } else if texts.iter().any(|names| names.contains(&key)) {
        Wish::Text
    } else {
        Wish::Json
    }
}

/// Reads a file.
pub(super) fn read(path: &str, bytes: &[u8], options: &Options) -> Result<Read, Refusal> {
    let mut file = ForeignFile::read(KIND, bytes, wish)?;
    if !file.has(ID) && !file.has(TITLE) && !file.has(STATUS) {
        return Err(("not_an_issue", "the front matter has no title, no status and no id".to_owned()));
    }
    let id = file.text(ID);
    if id.as_deref().is_some_and(|id| IssueId::parse(id).is_some()) {
        return Ok(Read::Own);
    }
    let mut front = Front::default();
    let mut text = sections::trim(file.body);
    let (title, heading) = match file.text(TITLE).filter(|t| !t.trim().is_empty()) {
        Some(title) => (title, None),
        None => {
            sections::title(text).map_or_else(|| (stem(path).to_owned(), None), |(t, rest)| (t, Some(rest)))
        }
    };
    text = heading.unwrap_or(text);
    let mut body = sections::split(text);
    let (title, cut) = fit_title(title, &mut body.description);
    front.title = title;
    file.remarks.extend(cut.map(|message| ("title_changed", message.to_owned())));
    let created_at = times(&mut file, &mut front);
    state(&mut file, &mut front);
    references(&mut file, &mut front);
    let foreign = identify(&mut file, &mut front, id, path, created_at, options);
    front.labels = file.list(LABELS).into_iter().collect();
    front.paths = file.list(PATHS).into_iter().collect();
    front.kind = file.text(TYPE).unwrap_or_else(|| "task".to_owned());
    front.assignee = file.text(ASSIGNEE);
    front.external_ref = file.text(EXTERNAL);
    front.spec = file.text(SPEC);
    front.created_by = file.text(CREATED_BY);
    front.close_reason = file.text(REASON);
    let minutes = file.take(ESTIMATE, "a number of minutes", |node| scalar(node)?.parse().ok());
    front.estimate_minutes = minutes;
    Ok(draft(file, front, body, foreign, path, bytes.len()))
}

fn draft(
    file: ForeignFile<'_>,
    mut front: Front,
    body: Body,
    foreign: Name,
    path: &str,
    size: usize,
) -> Read {
    let remarks = file.finish(&mut front);
    let Name { name: foreign, prefix, by_path } = foreign;
    let at = Origin::File(path.to_owned());
    let issue = Issue { front, body };
    let draft = Draft { issue, foreign, prefix, own_id: by_path, at, size, check: true, deleted: false };
    Read::Foreign(Box::new(draft), remarks)
}

/// What other files call the issue.
struct Name {
    name: String,
    prefix: String,
    by_path: bool,
}

fn identify(
    file: &mut ForeignFile<'_>,
    front: &mut Front,
    id: Option<String>,
    path: &str,
    created_at: Option<Timestamp>,
    options: &Options,
) -> Name {
    let by_path = id.is_none();
    let name = id.unwrap_or_else(|| stem(path).to_owned());
    let prefix = if by_path { "" } else { prefix_of(&name) }.to_owned();
    let namespace = options.source.as_deref().unwrap_or(&prefix);
    let identity = if by_path { path } else { &name };
    front.id = derived_id(KIND, namespace, identity, created_at.unwrap_or_default());
    if is_valid_key(&name) && !by_path {
        front.key = Some(name.clone());
    } else if !by_path {
        file.keep("id", serde_json::Value::from(name.as_str()).to_string());
        file.remarks.push(("kept_as_metadata", "id cannot be a key; it is kept in metadata".to_owned()));
    }
    Name { name, prefix, by_path }
}

fn times(file: &mut ForeignFile<'_>, front: &mut Front) -> Option<Timestamp> {
    let created_at = file.time(CREATED);
    let updated_at = file.time(UPDATED);
    front.started_at = file.time(STARTED);
    front.closed_at = file.time(CLOSED);
    front.due_at = file.time(DUE);
    front.defer_until = file.time(DEFER);
    if created_at.is_none() {
        file.remarks.push(("no_created_at", "the file has no creation time".to_owned()));
    }
    front.created_at = created_at.or(updated_at).or(front.closed_at).unwrap_or_default();
    front.updated_at = updated_at.unwrap_or(front.created_at);
    created_at
}

/// Reads status and priority. A word that was translated is kept in `metadata` too.
fn state(file: &mut ForeignFile<'_>, front: &mut Front) {
    if let Some(word) = file.text(STATUS) {
        front.status = status(&word);
        if front.status.as_str() != word {
            file.keep("status", serde_json::Value::from(word).to_string());
        }
    }
    let read = |node: &Node| {
        let word = scalar(node)?;
        Some((Priority::parse(&word).or_else(|| priority(&word))?, word))
    };
    if let Some((priority, word)) = file.take(PRIORITY, "0 to 4", read) {
        front.priority = priority;
        if Priority::parse(&word).is_none() {
            file.keep("priority", serde_json::Value::from(word).to_string());
        }
    }
}

fn status(word: &str) -> Status {
    match word.trim().to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
        "todo" | "to_do" | "new" | "backlog" => Status::Open,
        "doing" | "wip" | "started" => Status::InProgress,
        "done" | "complete" | "completed" | "resolved" | "fixed" => Status::Closed,
        known => match Status::from_text(known) {
            Status::Other(_) => Status::from_text(word),
            status => status,
        },
    }
}

fn priority(word: &str) -> Option<Priority> {
    let number = match word.trim().to_ascii_lowercase().as_str() {
        "critical" | "urgent" | "highest" => 0,
        "high" => 1,
        "medium" | "normal" => 2,
        "low" => 3,
        "lowest" => 4,
        _ => return None,
    };
    Priority::new(number)
}

fn references(file: &mut ForeignFile<'_>, front: &mut Front) {
    let mut refs = |names| file.take(names, "a list of ids", ids).unwrap_or_default().into_iter().collect();
    front.blocked_by = refs(BLOCKED_BY);
    front.related = refs(RELATED);
    front.discovered_from = refs(DISCOVERED);
    front.parent = file.text(PARENT).map(Ref::Key);
}

/// Reads a list of ids. Addresses and sentences are not, whatever the key is called.
fn ids(node: &Node) -> Option<Vec<Ref>> {
    let texts = super::super::front_matter::list(node)?;
    let id = |text: String| (!text.contains([' ', '/', ':'])).then_some(Ref::Key(text));
    texts.into_iter().map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_a_status_are_translated() {
        let read = ["Done", "in-progress", "To Do", "open", "review"].map(|w| status(w).to_string());
        assert_eq!(read, ["closed", "in_progress", "open", "open", "review"]);
    }

    #[test]
    fn addresses_are_no_ids() {
        let list = |text: &str| Node::List(vec![Node::Text(text.to_owned()), Node::Text("b".to_owned())]);
        assert_eq!(ids(&list("a")).map(|ids| ids.len()), Some(2));
        assert_eq!(ids(&list("https://example.org/a")), None);
    }
}
