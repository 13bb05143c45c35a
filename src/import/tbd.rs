//! tbd's branch: a Markdown file an issue, `mappings/ids.yml` with the short ids, and the files of a bridge.
//!
//! Its ULIDs stay identities; the short id, behind the display prefix, becomes the key. Dependencies stand on the
//! blocker there and become `blocked_by` of the other issue. The body is split as tbd splits it: at the first
//! heading `## Notes` that follows some text. Keys without a field of ours (`version`, `extensions`, `delegate`,
//! `child_order_hints`, …) stay in the front matter as they are. Of `type: is` nothing is kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::collect::{Collector, Draft};
use super::front_matter::{ForeignFile, Refusal, scalar};
use super::text::{clean, fit_title};
use super::{Batch, Options, Origin};
use crate::error::Result;
use crate::model::yaml::{Node, Wish};
use crate::model::{Body, Front, Issue, IssueId, Link, Priority, Ref, Status, is_valid_key};

const KIND: &str = "tbd";
/// What tbd shows where it was not told otherwise.
const DEFAULT_PREFIX: &str = "tbd";

/// The first issue waits for the second to be closed: (blocker, blocked, where it stands).
type Blocks = (IssueId, IssueId, usize);

#[derive(Default)]
struct Source {
    collector: Collector,
    drafts: Vec<Draft>,
    blocks: Vec<Blocks>,
    short_ids: BTreeMap<String, BTreeSet<IssueId>>,
    prefix: Option<String>,
}

pub(super) fn read(files: &mut dyn Iterator<Item = (String, Vec<u8>)>, options: &Options) -> Result<Batch> {
    let mut source = Source::default();
    for (path, bytes) in files {
        source.file(path, &bytes);
    }
    let prefix = options.prefix.clone().or(source.prefix.take());
    Ok(source.finish(&prefix.unwrap_or_else(|| DEFAULT_PREFIX.to_owned()), options))
}

impl Source {
    fn file(&mut self, path: String, bytes: &[u8]) {
        let folders: Vec<&str> = path.split('/').collect();
        let name = folders.last().copied().unwrap_or_default();
        let inside = |folder: &str| folders[..folders.len() - 1].contains(&folder);
        match name {
            ".gitkeep" | ".gitattributes" | "meta.yml" => {}
            "ids.yml" => self.short_ids(&String::from_utf8_lossy(bytes)),
            "config.yml" => {
                self.prefix = display_prefix(&String::from_utf8_lossy(bytes)).or(self.prefix.take())
            }
            _ if inside("bridge") => self.skip(path, "bridge", "belongs to a bridge to another tracker"),
            _ if inside("attic") => self.skip(path, "attic", "a value that tbd kept from a conflict"),
            _ if inside("issues") && name.ends_with(".md") => match issue(&path, bytes) {
                Ok(read) => self.add(read),
                Err((code, message)) => self.skip(path, code, message),
            },
            _ => self.skip(path, "not_an_issue", "not a file of an issue"),
        }
    }

    fn skip(&mut self, path: String, code: &'static str, message: impl Into<String>) {
        self.collector.report.records += 1;
        self.collector.report.skip(Origin::File(path), None, code, message);
    }

    fn add(&mut self, read: Read) {
        let Read { draft, blocks, remarks } = read;
        for (code, message) in remarks {
            self.collector.report.warn(draft.at.clone(), Some(&draft.foreign), code, message);
        }
        let (blocker, at) = (draft.issue.front.id, self.drafts.len());
        self.blocks.extend(blocks.into_iter().map(|blocked| (blocker, blocked, at)));
        self.drafts.push(draft);
    }

    /// Reads `short: ulid` lines. They are not read as YAML: the file is merged by taking the lines of both sides,
    /// so a short id may stand there twice.
    fn short_ids(&mut self, text: &str) {
        let unquoted = |part: &str| part.trim().trim_matches(['"', '\'']).to_owned();
        for (short, ulid) in text.lines().filter_map(|line| line.split_once(':')) {
            if let Some(id) = parse_id(&unquoted(ulid)) {
                self.short_ids.entry(unquoted(short)).or_default().insert(id);
            }
        }
    }

    /// Returns the short id of each issue. Of several issues the one with the smallest ULID has it, as in tbd.
    fn keys(&mut self) -> BTreeMap<IssueId, String> {
        let mut keys = BTreeMap::new();
        for (short, ids) in std::mem::take(&mut self.short_ids) {
            keys.extend(ids.first().map(|id| (*id, short)));
        }
        keys
    }

    fn finish(mut self, prefix: &str, options: &Options) -> Batch {
        let keys = self.keys();
        let mut place: HashMap<IssueId, usize> = HashMap::new();
        for (at, draft) in self.drafts.iter_mut().enumerate() {
            place.insert(draft.issue.front.id, at);
            prefix.clone_into(&mut draft.prefix);
            let key = keys.get(&draft.issue.front.id).map(|short| format!("{prefix}-{short}"));
            draft.issue.front.key = key.filter(|k| is_valid_key(k));
            if draft.issue.front.key.is_none() {
                let message = "it has no short id of its own in mappings/ids.yml; its key will be derived";
                self.collector.report.warn(draft.at.clone(), Some(&draft.foreign), "no_key", message);
            }
        }
        let mut lost: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (blocker, blocked, at) in std::mem::take(&mut self.blocks) {
            match place.get(&blocked) {
                Some(at) => drop(self.drafts[*at].issue.front.blocked_by.insert(Ref::Id(blocker))),
                None => lost.entry(at).or_default().push(format!("is-{blocked}")),
            }
        }
        for (at, targets) in lost {
            let draft = &mut self.drafts[at];
            let json = serde_json::Value::from(targets.clone()).to_string();
            draft.issue.front.metadata.insert(format!("{KIND}.blocks"), json);
            let message = format!("it blocks {}, which is not there; kept in metadata", targets.join(", "));
            self.collector.report.warn(draft.at.clone(), Some(&draft.foreign), "dangling_reference", message);
        }
        for draft in self.drafts {
            self.collector.add(draft);
        }
        let mut batch = self.collector.finish(KIND, options, BTreeMap::new());
        if options.source.is_none() {
            prefix.clone_into(&mut batch.namespace);
        }
        batch
    }
}

/// An issue as read, and what it blocks.
struct Read {
    draft: Draft,
    blocks: Vec<IssueId>,
    remarks: Vec<(&'static str, String)>,
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

fn issue(path: &str, bytes: &[u8]) -> Result<Read, Refusal> {
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
        let json = super::front_matter::to_json(node);
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

fn parse_id(text: &str) -> Option<IssueId> {
    IssueId::parse(text.strip_prefix("is-").unwrap_or(text))
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

/// Finds `display: id_prefix: …` in tbd's configuration.
fn display_prefix(text: &str) -> Option<String> {
    let entries = crate::model::yaml::read_mapping(text, |_| Wish::Json).ok()?;
    entries.iter().find_map(|(key, node)| match node {
        Node::Json(value) if key == "display" => value.get("id_prefix")?.as_str().map(str::to_owned),
        _ => None,
    })
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

    #[test]
    fn the_display_prefix_is_read_from_the_configuration() {
        assert_eq!(display_prefix("a: 1\ndisplay:\n  id_prefix: ar\n").as_deref(), Some("ar"));
        assert_eq!(display_prefix("a: 1\n"), None);
    }
}
