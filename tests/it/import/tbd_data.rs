//! The tracker of tbd itself, against a reading of its files that shares nothing with the importer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use quipu::import::{self, Batch, Options};
use quipu::model::{Issue, IssueId, Ref, Timestamp};
use serde_json::Value;

use super::accounted;
use super::data::shared;

/// Unpacks the branch and returns (path, content) of each file.
fn files() -> Option<Vec<(String, Vec<u8>)>> {
    let bundle = shared("tbd-sync.bundle")?;
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["fetch", "-q", &bundle.to_string_lossy(), "tbd-sync:tbd-sync"]);
    git(folder.path(), &["checkout", "-q", "tbd-sync"]);
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(folder.path().join(".tbd")) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder.path()).unwrap().to_string_lossy().replace('\\', "/");
            files.push((path, fs::read(entry.path()).unwrap()));
        }
    }
    Some(files)
}

#[expect(clippy::disallowed_methods, reason = "the test unpacks a bundle with the real git")]
fn git(folder: &Path, args: &[&str]) {
    let status = std::process::Command::new("git").arg("-C").arg(folder).args(args).status().unwrap();
    assert!(status.success(), "git {args:?}");
}

fn import(files: &[(String, Vec<u8>)]) -> Batch {
    let batch = import::tbd(&mut files.iter().cloned(), &Options::default()).unwrap();
    accounted(&batch);
    batch
}

/// A file as `serde_json` sees it: front matter as a map, and the body.
struct Source {
    front: BTreeMap<String, Value>,
    raw: String,
    body: String,
}

fn sources(files: &[(String, Vec<u8>)]) -> BTreeMap<String, Source> {
    let issues = files.iter().filter(|(path, _)| path.contains("/issues/is-"));
    issues
        .map(|(_, bytes)| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let (raw, body) = text[4..].split_once("\n---\n").unwrap();
            let front: BTreeMap<String, Value> = serde_saphyr::from_str(raw).unwrap();
            let id = front["id"].as_str().unwrap()[3..].to_owned();
            (id, Source { front, raw: format!("{raw}\n"), body: body.trim().to_owned() })
        })
        .collect()
}

#[test]
fn every_issue_of_tbd_comes_over() {
    let Some(files) = files() else { return };
    let batch = import(&files);
    let sources = sources(&files);
    assert_eq!((sources.len(), batch.issues.len()), (1867, 1867));
    let counts = ["bridge", "attic"].map(|code| batch.report.count(code));
    assert_eq!((counts, batch.report.skipped.len()), ([242, 2], 244));
    assert_eq!(batch.report.warnings, []);
    assert_eq!((batch.namespace.as_str(), batch.prefixes), ("tbd", BTreeSet::from(["tbd".to_owned()])));
    let ids = files.iter().find(|(path, _)| path.ends_with("ids.yml")).unwrap();
    let ids: BTreeMap<String, String> = serde_saphyr::from_str(std::str::from_utf8(&ids.1).unwrap()).unwrap();
    let shorts: BTreeMap<&str, &str> = ids.iter().map(|(short, id)| (id.as_str(), short.as_str())).collect();
    let blockers = blockers(&sources);
    for issue in &batch.issues {
        let id = issue.front.id.to_string();
        check(issue, &sources[&id], &format!("tbd-{}", shorts[id.as_str()]), blockers.get(&id));
    }
}

/// Turns round the dependencies, which stand on the blocker: blocked → blockers.
fn blockers(sources: &BTreeMap<String, Source>) -> BTreeMap<String, BTreeSet<String>> {
    let mut blockers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut count = 0;
    for (id, source) in sources {
        for edge in source.front["dependencies"].as_array().unwrap() {
            assert_eq!(edge["type"], "blocks");
            blockers.entry(edge["target"].as_str().unwrap()[3..].to_owned()).or_default().insert(id.clone());
            count += 1;
        }
    }
    assert_eq!(count, 756);
    blockers
}

fn check(issue: &Issue, source: &Source, key: &str, blockers: Option<&BTreeSet<String>>) {
    let front = &issue.front;
    let text = |name: &str| source.front.get(name).and_then(Value::as_str);
    let time = |name: &str| text(name).map(|t| Timestamp::parse(t).unwrap());
    let reference = |name: &str| text(name).map(|id| Ref::Id(IssueId::parse(&id[3..]).unwrap()));
    assert_eq!(front.key.as_deref(), Some(key));
    assert_eq!(Some(front.title.as_str()), text("title"), "{key}");
    assert_eq!(Some(front.status.as_str()), text("status"));
    assert_eq!(Some(front.kind.as_str()), text("kind"));
    assert_eq!(source.front["priority"], front.priority.number());
    let labels: BTreeSet<&str> =
        source.front["labels"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    assert_eq!(front.labels.iter().map(String::as_str).collect::<BTreeSet<_>>(), labels);
    assert_eq!(front.parent, reference("parent_id"));
    assert_eq!(front.duplicate_of, reference("duplicate_of"));
    let blocked_by: BTreeSet<String> = front.blocked_by.iter().map(Ref::to_string).collect();
    assert_eq!(blocked_by, blockers.cloned().unwrap_or_default(), "{key}");
    assert_eq!(front.assignee.as_deref(), text("assignee"));
    assert_eq!(front.spec.as_deref(), text("spec_path"));
    assert_eq!(front.close_reason.as_deref(), text("close_reason"), "{key}");
    assert_eq!((Some(front.created_at), Some(front.updated_at)), (time("created_at"), time("updated_at")));
    assert_eq!((front.closed_at, front.started_at), (time("closed_at"), time("started_at")));
    assert_eq!((front.due_at, front.defer_until), (time("due_date"), time("deferred_until")));
    let (description, notes) = source.body.split_once("\n## Notes\n").unwrap_or((&source.body, ""));
    assert_eq!(issue.body.description, description.trim(), "{key}");
    assert_eq!(issue.body.notes, notes.trim(), "{key}");
    rest_as_it_stands(front, source);
}

/// What has no field of ours stands in the front matter with the very text it had.
fn rest_as_it_stands(front: &quipu::model::Front, source: &Source) {
    let known = [
        "type",
        "id",
        "title",
        "kind",
        "status",
        "priority",
        "labels",
        "dependencies",
        "parent_id",
        "spec_path",
        "assignee",
        "duplicate_of",
        "created_at",
        "updated_at",
        "closed_at",
        "started_at",
        "close_reason",
        "due_date",
        "deferred_until",
    ];
    let rest =
        source.front.iter().filter(|(name, value)| !known.contains(&name.as_str()) && !value.is_null());
    let rest: BTreeSet<&str> = rest.map(|(name, _)| name.as_str()).collect();
    assert_eq!(front.extra.keys().map(String::as_str).collect::<BTreeSet<_>>(), rest);
    assert!(rest.contains("version"));
    for (name, raw) in &front.extra {
        assert!(source.raw.contains(raw.as_str()), "{}: {name}", front.id);
        let value: BTreeMap<String, Value> = serde_saphyr::from_str(raw).unwrap();
        assert_eq!(value[name], source.front[name]);
    }
    assert!(front.metadata.is_empty());
}

#[test]
fn the_export_of_it_comes_back() {
    let Some(files) = files() else { return };
    super::fixed_point(&import(&files).issues);
}
