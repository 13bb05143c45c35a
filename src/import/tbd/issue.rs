//! One file of tbd as an issue.

use super::super::Origin;
use super::super::collect::Draft;
use super::super::front_matter::{ForeignFile, Refusal, scalar, to_json};
use super::super::text::{clean, fit_title};
use super::{KIND, parse_id};
use crate::model::yaml::Wish;
use crate::model::{Body, Front, Issue, IssueId, Link, Priority, Ref, Status};

/// An issue as read, and what it blocks.
pub(super) struct Read {
    pub draft: Draft,
    pub blocks: Vec<IssueId>,
    pub remarks: Vec<(&'static str, String)>,
}

fn wish(key: &str) -> Wish {
    match key {
        "id" | "title" | "kind" | "status" | "priority" | "assignee" | "parent_id" | "duplicate_of"
        | "spec_path" | "created_at" | "created_by" | "updated_at" | "started_at" | "closed_at"
        | "close_reason" | "due_date" | "deferred_until" | "type" => Wish::Text,
        "labels" => Wish::List,
        "dependencies" => Wish::Maps,
        _ => Wish::Json,
    }
}

/// Reads a file.
pub(super) fn read(path: &str, bytes: &[u8]) -> Result<Read, Refusal> {
    let mut file = ForeignFile::read(KIND, bytes, wish)?;
    let stem = path.rsplit('/').next().and_then(|name| name.strip_suffix(".md")).unwrap_or_default();
    let id = file.take(&["id"], "a ULID", |node| parse_id(&scalar(node)?)).or_else(|| parse_id(stem));
    let id = id.ok_or(("no_id", "the file has no id".to_owned()))?;
    let title = file.text(&["title"]).filter(|t| !t.trim().is_empty());
    let title = title.ok_or(("no_title", "the file has no title".to_owned()))?;
    let mut body = split_body(file.body);
    let (title, cut) = fit_title(title, &mut body.description);
    file.remarks.extend(cut.map(|message| ("title_changed", message.to_owned())));
    file.take(&["type"], "is", |node| scalar(node).filter(|t| t == "is"));
    let mut front = Front { id, title, ..Front::default() };
    fields(&mut file, &mut front);
    let blocks = dependencies(&mut file, &mut front);
    let remarks = file.finish(&mut front);
    let draft = Draft {
        issue: Issue { front, body },
        foreign: format!("is-{id}"),
        prefix: String::new(),
        own_id: true,
        at: Origin::File(path.to_owned()),
        size: bytes.len(),
        check: true,
        deleted: false,
    };
    Ok(Read { draft, blocks, remarks })
}

fn fields(file: &mut ForeignFile<'_>, front: &mut Front) {
    front.kind = file.text(&["kind"]).unwrap_or_else(|| "task".to_owned());
    front.status = file.text(&["status"]).map_or(Status::Open, |s| Status::from_text(&s));
    let priority = file.take(&["priority"], "0 to 4", |node| Priority::parse(&scalar(node)?));
    front.priority = priority.unwrap_or_default();
    front.labels = file.list(&["labels"]).into_iter().collect();
    front.assignee = file.text(&["assignee"]);
    front.parent = file.text(&["parent_id"]).map(|id| reference(&id));
    front.duplicate_of = file.text(&["duplicate_of"]).map(|id| reference(&id));
    front.spec = file.text(&["spec_path"]);
    front.due_at = file.time(&["due_date"]);
    front.defer_until = file.time(&["deferred_until"]);
    front.created_by = file.text(&["created_by"]);
    front.started_at = file.time(&["started_at"]);
    front.closed_at = file.time(&["closed_at"]);
    front.close_reason = file.text(&["close_reason"]);
    front.created_at = file.time(&["created_at"]).unwrap_or_else(|| front.id.created_at());
    front.updated_at = file.time(&["updated_at"]).unwrap_or(front.created_at);
}

/// Returns what the issue blocks. Dependencies of another type become links.
fn dependencies(file: &mut ForeignFile<'_>, front: &mut Front) -> Vec<IssueId> {
    let edges = file.take(&["dependencies"], "a list of {type, target}", |node| {
        let json = to_json(node);
        let edges = json.as_array()?.iter().map(|edge| {
            let text = |name: &str| edge.get(name)?.as_str().map(str::to_owned);
            Some((text("type")?, text("target")?))
        });
        edges.collect::<Option<Vec<_>>>()
    });
    let mut blocks = Vec::new();
    for (kind, target) in edges.unwrap_or_default() {
        match (kind.as_str(), parse_id(&target)) {
            ("blocks", Some(id)) => blocks.push(id),
            _ => drop(front.links.insert(Link { kind, target: reference(&target) })),
        }
    }
    blocks
}

fn reference(text: &str) -> Ref {
    parse_id(text).map_or_else(|| Ref::Key(text.to_owned()), Ref::Id)
}

/// Splits a body as tbd does. A body that *begins* with the heading is a description to tbd, and so it is here.
fn split_body(body: &str) -> Body {
    const HEADING: &str = "\n## notes";
    let body = body.trim();
    let lower = body.to_ascii_lowercase();
    let split = lower.match_indices(HEADING).find_map(|(at, _)| {
        let rest = &body[at + HEADING.len()..];
        let text = rest.strip_prefix('\n').or_else(|| rest.strip_prefix("\r\n"))?;
        Some((&body[..at], text))
    });
    let (description, notes) = split.unwrap_or((body, ""));
    let text = |part: &str| clean(part.trim().to_owned());
    Body { description: text(description), notes: text(notes), ..Body::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
        let body = split_body(text);
        (body.description, body.notes)
    }

    #[test]
    fn notes_begin_at_the_first_heading_behind_text() {
        let (description, notes) = parts("a\n\n## Notes\n\nb\n\n## Notes\n\nc\n");
        assert_eq!((description.as_str(), notes.as_str()), ("a", "b\n\n## Notes\n\nc"));
    }

    #[test]
    fn a_body_that_begins_with_the_heading_is_a_description() {
        assert_eq!(parts("\n## Notes\n\nb\n").0, "## Notes\n\nb");
    }

    #[test]
    fn only_a_whole_line_is_a_heading() {
        assert_eq!(parts("a\n## Notes on b\nc\n").1, "");
        assert_eq!(parts("a\r\n## NOTES\r\nb\r\n").1, "b");
    }
}
