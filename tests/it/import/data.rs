//! Beads files of real projects, read independently: every record is accounted for, every field comes back.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use quipu::import::{Batch, Options};
use quipu::model::{Issue, Ref, Timestamp, trim_blank_end};
use serde_json::Value;

use super::{beads_with, by_key, fixed_point};

/// Finds a file of the shared data, which is not part of the project.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        #[expect(clippy::print_stderr, reason = "whoever runs the tests is to know what did not run")]
        {
            eprintln!("skipped: no ../shared/data/{name}");
        }
        return None;
    }
    Some(path)
}

struct Data {
    lines: Vec<String>,
    /// The records, each with its line.
    records: Vec<(usize, Value)>,
    packed: Vec<u8>,
}

fn load(name: &str) -> Option<Data> {
    let packed = fs::read(shared(name)?).unwrap();
    let mut text = String::new();
    GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let records = (1..).zip(&lines).filter_map(|(n, l)| Some((n, serde_json::from_str(l).ok()?))).collect();
    Some(Data { lines, records, packed })
}

impl Data {
    fn import(&self, tombstones: bool) -> Batch {
        beads_with(&self.packed, &Options { tombstones, ..Options::default() })
    }

    fn ids(&self) -> BTreeSet<&str> {
        self.records.iter().map(|(_, r)| r["id"].as_str().unwrap()).collect()
    }
}

fn keys(issues: &[Issue]) -> BTreeSet<&str> {
    issues.iter().filter_map(|i| i.front.key.as_deref()).collect()
}

/// Fields that are dropped, as the importer's documentation says.
const DROPPED: [&str; 4] = ["content_hash", "dependency_count", "dependent_count", "comment_count"];

/// Returns a value as the import is allowed to change it: times in milliseconds and UTC, no blank lines at the end.
fn normal(name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if name == "title" => text.trim().into(),
        Value::String(text) if name.ends_with("_at") => {
            Timestamp::parse(text).map_or_else(|| value.clone(), |t| t.to_string().into())
        }
        Value::String(text) => trim_blank_end(text).into(),
        Value::Array(items) => {
            // An empty label is none.
            let items = items.iter().filter(|item| **item != "");
            let mut items: Vec<Value> = items.map(|item| normal(name, item)).collect();
            items.sort_by_key(Value::to_string);
            items.dedup();
            items.into()
        }
        Value::Object(map) => {
            // Sorted, because the order of names means nothing.
            let sorted: std::collections::BTreeMap<_, _> = map.iter().collect();
            sorted.into_iter().map(|(k, v)| (k.clone(), normal(k, v))).collect()
        }
        other => other.clone(),
    }
}

/// Every field of every record stands in the export.
fn every_field_comes_back(data: &Data, batch: &Batch, skipped: &BTreeSet<usize>) {
    let text = fixed_point(&batch.issues);
    let exported: std::collections::HashMap<String, Value> = text
        .lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line).unwrap();
            (record["id"].as_str().unwrap().to_owned(), record)
        })
        .collect();
    for (_, record) in data.records.iter().filter(|(line, _)| !skipped.contains(line)) {
        let id = record["id"].as_str().unwrap();
        let out = &exported[id];
        for (name, value) in record.as_object().unwrap() {
            // An empty text means that there is none.
            if DROPPED.contains(&name.as_str()) || is_deletion(record, name) || value == "" {
                continue;
            }
            let mut back = normal(name, &out[name]);
            if name == "comments" {
                // The ULID is an addition of ours.
                back.as_array_mut().unwrap().iter_mut().for_each(|c| {
                    c.as_object_mut().unwrap().shift_remove("uid");
                });
            }
            assert_eq!(normal(name, &back), normal(name, value), "{id}: {name}");
        }
    }
}

/// What an imported tombstone shows otherwise: it is closed, and a label says why.
fn is_deletion(record: &Value, name: &str) -> bool {
    record["status"] == "tombstone" && ["status", "closed_at", "close_reason", "labels"].contains(&name)
}

#[test]
fn the_great_tracker_is_accounted_for() {
    let Some(data) = load("beads-2750.jsonl.gz") else { return };
    let batch = data.import(false);
    let report = &batch.report;
    assert_eq!((data.lines.len(), report.records), (2750, 2750));
    assert_eq!((report.imported, report.count("tombstone")), (2404, 346));
    assert_eq!(report.skipped.len(), 346);
    assert_eq!(batch.prefixes, BTreeSet::from(["bd".to_owned()]));
    assert_eq!(batch.namespace, "bd");
    let skipped = lines_of(&batch);
    every_field_comes_back(&data, &batch, &skipped);
    every_field_is_in_the_model(&data, &batch, &skipped);
}

#[test]
fn tombstones_come_in_closed() {
    let Some(data) = load("beads-2750.jsonl.gz") else { return };
    let batch = data.import(true);
    assert_eq!((batch.report.imported, batch.report.skipped.len()), (2750, 0));
    assert_eq!(keys(&batch.issues), data.ids());
    let labelled = batch.issues.iter().filter(|i| i.front.labels.contains("tombstone"));
    assert!(labelled.clone().all(|i| i.front.status.is_closed() && i.front.closed_at.is_some()));
    assert_eq!(labelled.count(), 346);
    every_field_comes_back(&data, &batch, &BTreeSet::new());
}

#[test]
fn conflict_markers_cost_no_issue() {
    let Some(data) = load("beads-conflict-markers.jsonl.gz") else { return };
    let batch = data.import(false);
    assert_eq!((data.lines.len(), batch.report.records, batch.report.imported), (688, 685, 684));
    assert_eq!(batch.report.count("conflict_marker"), 3);
    assert_eq!(keys(&batch.issues), data.ids());
    every_field_comes_back(&data, &batch, &lines_of(&batch));
}

#[test]
fn a_duplicate_id_costs_no_issue() {
    let Some(data) = load("beads-duplicate-ids.jsonl.gz") else { return };
    let batch = data.import(false);
    assert_eq!((data.lines.len(), batch.report.records, batch.report.imported), (836, 836, 835));
    assert_eq!(keys(&batch.issues), data.ids());
    let urgent = data.records.iter().filter(|(_, r)| r.get("priority").is_none());
    let urgent: Vec<u8> = urgent.map(|(_, r)| issue(&batch, r).front.priority.number()).collect();
    assert_eq!(urgent, vec![0; 89]);
    every_field_comes_back(&data, &batch, &lines_of(&batch));
}

fn lines_of(batch: &Batch) -> BTreeSet<usize> {
    let line = |n: &quipu::import::Notice| match n.at {
        quipu::import::Origin::Line(number) => number,
        quipu::import::Origin::File(_) => panic!("lines only"),
    };
    batch.report.skipped.iter().map(line).collect()
}

fn issue<'a>(batch: &'a Batch, record: &Value) -> &'a Issue {
    by_key(batch, record["id"].as_str().unwrap())
}

/// The same from the other side: the fields of the model against the JSON, without the exporter.
fn every_field_is_in_the_model(data: &Data, batch: &Batch, skipped: &BTreeSet<usize>) {
    let by_key: std::collections::HashMap<&str, &Issue> =
        batch.issues.iter().map(|i| (i.front.key.as_deref().unwrap(), i)).collect();
    for (_, record) in data.records.iter().filter(|(line, _)| !skipped.contains(line)) {
        let issue = by_key[record["id"].as_str().unwrap()];
        let (front, body) = (&issue.front, &issue.body);
        let text = |name: &str| record[name].as_str().map(trim_blank_end).filter(|t| !t.is_empty());
        let time = |name: &str| record[name].as_str().map(|t| Timestamp::parse(t).unwrap());
        let full = |text: &'static str, value: &str| (text, (!value.is_empty()).then(|| value.to_owned()));
        for (name, value) in [
            ("title", Some(front.title.clone())),
            ("status", Some(front.status.to_string())),
            ("issue_type", Some(front.kind.clone())),
            full("description", &body.description),
            full("notes", &body.notes),
            ("assignee", front.assignee.clone()),
            ("created_by", front.created_by.clone()),
            ("close_reason", front.close_reason.clone()),
            ("external_ref", front.external_ref.clone()),
        ] {
            assert_eq!(value.as_deref(), text(name), "{}: {name}", record["id"]);
        }
        assert_eq!(record["priority"], front.priority.number());
        assert_eq!(Some(front.created_at), time("created_at"));
        assert_eq!(Some(front.updated_at), time("updated_at"));
        assert_eq!(front.closed_at, time("closed_at"));
        assert!(front.lease_until.is_none() && front.claimed_at.is_none());
        edges_are_in_the_model(record, issue, &by_key);
        let comments = record["comments"].as_array().map_or(0, Vec::len);
        assert_eq!(body.comments.len(), comments);
        let labels: Vec<&str> = front.labels.iter().map(String::as_str).collect();
        assert_eq!(record["labels"].as_array().map_or(0, Vec::len), labels.len());
    }
}

fn edges_are_in_the_model(record: &Value, issue: &Issue, by_key: &std::collections::HashMap<&str, &Issue>) {
    let mut parent = None;
    for edge in record["dependencies"].as_array().into_iter().flatten() {
        let key = edge["depends_on_id"].as_str().unwrap();
        let target = by_key.get(key).map_or_else(|| Ref::Key(key.to_owned()), |i| Ref::Id(i.front.id));
        let front = &issue.front;
        let kind = edge["type"].as_str().unwrap();
        let linked = front.links.iter().any(|l| l.kind == kind && l.target == target);
        let found = match kind {
            "blocks" => front.blocked_by.contains(&target),
            "related" | "relates-to" => front.related.contains(&target),
            "discovered-from" => front.discovered_from.contains(&target),
            "parent-child" if parent.is_none() => {
                parent = Some(target.clone());
                front.parent == parent
            }
            "duplicates" => front.duplicate_of == Some(target),
            "supersedes" => front.superseded_by == Some(target),
            _ => linked,
        };
        assert!(found, "{}: {edge}", record["id"]);
    }
}
