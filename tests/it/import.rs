//! Foreign formats in and out: hand-made inputs for every oddity, and trackers that real projects kept.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on fails the test by its panic")]

mod beads;
mod data;
mod export;
mod markdown;
mod tbd;
mod tbd_data;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use quipu::import::{self, Batch, Options};
use quipu::model::{Front, Issue, IssueId, KeyIndex, Ref, Settings};
use quipu::output::jsonl;

/// Reads Beads records with the ordinary options.
fn beads(text: &str) -> Batch {
    beads_with(text.as_bytes(), &Options::default())
}

fn beads_with(text: &[u8], options: &Options) -> Batch {
    let batch = import::beads(import::open(text).unwrap(), options).unwrap();
    accounted(&batch);
    batch
}

/// Every record is in exactly one place, and every issue survives its file.
fn accounted(batch: &Batch) {
    let report = &batch.report;
    assert_eq!(report.imported, batch.issues.len() + batch.memories.len());
    assert_eq!(report.records, report.imported + report.skipped.len());
    let mut before: Option<IssueId> = None;
    for issue in &batch.issues {
        assert!(before < Some(issue.front.id), "ordered, each ULID once");
        before = Some(issue.front.id);
        let again = Issue::read(issue.write().as_bytes(), Some(issue.front.id)).unwrap();
        assert_eq!(again, *issue, "the file holds the issue");
    }
}

/// Returns the issue with this key.
fn by_key<'a>(batch: &'a Batch, key: &str) -> &'a Issue {
    let found = batch.issues.iter().find(|i| i.front.key.as_deref() == Some(key));
    found.unwrap_or_else(|| panic!("no issue {key}"))
}

fn id_of(batch: &Batch, key: &str) -> Ref {
    Ref::Id(by_key(batch, key).front.id)
}

/// Exports issues with the keys they are shown by.
fn export(issues: &[Issue]) -> String {
    let rows: Vec<&Front> = issues.iter().map(|issue| &issue.front).collect();
    let keys = KeyIndex::new(&Settings::new("web"), rows.iter().map(|f| (f.id, f.key.clone())));
    let shown = |r: &Ref| keys.resolve_ref(r).map_or_else(|| r.to_string(), |at| keys.key_of(at));
    let mut named: Vec<(String, &Issue)> =
        issues.iter().enumerate().map(|(at, issue)| (keys.key_of(at), issue)).collect();
    named.sort_by(|a, b| (&a.0, a.1.front.id).cmp(&(&b.0, b.1.front.id)));
    named.iter().map(|(key, issue)| jsonl::beads_line(issue, &shown, key) + "\n").collect()
}

/// Import → export → import is a fixed point, and the second export has the same bytes.
fn fixed_point(issues: &[Issue]) -> String {
    let text = export(issues);
    let again = beads(&text);
    let (before, after) = (by_id(issues), by_id(&again.issues));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (id, issue) in &before {
        assert_eq!(after[id], *issue);
    }
    assert_eq!(export(&again.issues), text);
    assert!(again.report.skipped.is_empty(), "{:?}", again.report.skipped);
    text
}

fn by_id(issues: &[Issue]) -> BTreeMap<IssueId, &Issue> {
    issues.iter().map(|issue| (issue.front.id, issue)).collect()
}

fn codes(batch: &Batch) -> (Vec<&str>, Vec<&str>) {
    let code = |n: &quipu::import::Notice| n.code;
    (batch.report.skipped.iter().map(code).collect(), batch.report.warnings.iter().map(code).collect())
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/foreign").join(name)
}
