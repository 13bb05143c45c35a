//! tbd's branch: a Markdown file an issue, `mappings/ids.yml` with the short ids, and the files of a bridge.
//!
//! Its ULIDs stay identities; the short id, behind the display prefix, becomes the key. Dependencies stand on the
//! blocker there and become `blocked_by` of the other issue. The body is split as tbd splits it: at the first
//! heading `## Notes` that follows some text. Keys without a field of ours (`version`, `extensions`, `delegate`,
//! `child_order_hints`, …) stay in the front matter as they are. Of `type: is` nothing is kept.

mod issue;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::collect::{Collector, Draft};
use super::{Batch, Options, Origin};
use crate::error::Result;
use crate::model::yaml::{Node, Wish};
use crate::model::{IssueId, Ref, is_valid_key};

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
            _ if inside("issues") && name.ends_with(".md") => match issue::read(&path, bytes) {
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

    fn add(&mut self, read: issue::Read) {
        let issue::Read { draft, blocks, remarks } = read;
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

fn parse_id(text: &str) -> Option<IssueId> {
    IssueId::parse(text.strip_prefix("is-").unwrap_or(text))
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

    #[test]
    fn the_display_prefix_is_read_from_the_configuration() {
        assert_eq!(display_prefix("a: 1\ndisplay:\n  id_prefix: ar\n").as_deref(), Some("ar"));
        assert_eq!(display_prefix("a: 1\n"), None);
    }
}
