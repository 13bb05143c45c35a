//! Folders of Markdown: our own files, `ticket`'s, and others.

use std::fs;

use quipu::import::{self, Batch, Options};
use quipu::model::{Issue, Ref, Status, Timestamp};
use quipu::output::folder::file_name;

use super::{accounted, by_key, codes, fixed_point, fixture, id_of};

fn import(name: &str) -> Batch {
    let batch = import::markdown(&fixture(name), &Options::default()).unwrap();
    accounted(&batch);
    batch
}

#[test]
fn tickets_become_issues() {
    let batch = import("tickets");
    assert_eq!(batch.report.skipped, []);
    let issue = by_key(&batch, "nw-5c46");
    assert_eq!(issue.front.title, "Add SSE connection management");
    let body = &issue.body;
    assert_eq!(body.description, "Keep the stream open.");
    assert_eq!([&body.design, &body.acceptance], ["One task a client.", "- [ ] survives a restart"]);
    assert_eq!(body.notes, "**2026-01-11T09:00:00Z**\n\nHalf way.");
    let front = &issue.front;
    assert_eq!(
        (&front.status, front.priority.number(), front.kind.as_str()),
        (&Status::InProgress, 1, "feature")
    );
    assert_eq!((front.assignee.as_deref(), front.external_ref.as_deref()), (Some("Ann Bee"), Some("gh-12")));
    assert!(front.blocked_by.contains(&id_of(&batch, "nw-1a2b")));
    assert!(front.related.contains(&Ref::Key("nw-gone".to_owned())));
    assert_eq!(front.parent, Some(id_of(&batch, "nw-1a2b")));
    assert_eq!(front.labels.iter().collect::<Vec<_>>(), ["net", "web"]);
    assert_eq!(front.extra["tests-passed"], "tests-passed: false\n");
    assert_eq!(codes(&batch).1, ["dangling_reference"]);
    assert_eq!((batch.namespace.as_str(), batch.kind), ("nw", "markdown"));
    fixed_point(&batch.issues);
}

#[test]
fn other_front_matter_is_read_liberally() {
    let batch = import("notes");
    let (skipped, warnings) = codes(&batch);
    assert_eq!(skipped, ["no_front_matter", "unreadable", "not_an_issue"]);
    assert_eq!(warnings, ["no_created_at", "kept_as_metadata"]);
    let find = |title: &str| &batch.issues.iter().find(|i| i.front.title == title).unwrap().front;
    let done = find("Write it down");
    assert_eq!((&done.status, done.key.as_deref()), (&Status::Closed, None));
    assert_eq!((done.metadata["markdown.status"].as_str(), done.priority.number()), ("\"Done\"", 1));
    assert_eq!(done.metadata["markdown.links"], "[\"https://example.org/a\"]");
    assert_eq!(done.created_at, Timestamp::parse("2026-01-05").unwrap());
    assert_eq!(find("untitled").status, Status::Open);
    assert_eq!(import("notes").issues, batch.issues);
    fixed_point(&batch.issues);
}

#[test]
fn our_own_files_keep_their_identity() {
    let folder = tempfile::tempdir().unwrap();
    let source = import("tickets");
    for issue in &source.issues {
        let name = file_name(issue.front.key.as_deref().unwrap());
        fs::write(folder.path().join(name), issue.write()).unwrap();
    }
    let batch = import::markdown(folder.path(), &Options::default()).unwrap();
    assert_eq!(batch.issues, source.issues);
}

#[test]
fn derived_keys_stay_derived_and_name_their_prefix() {
    let folder = tempfile::tempdir().unwrap();
    let text = "---\nid: 01kfn6tfn3n7h5b39ztztw7k2m\ntitle: T\nfuture: 1\n---\nD\n";
    fs::write(folder.path().join("web-7k2m.md"), text).unwrap();
    let batch = import::markdown(folder.path(), &Options::default()).unwrap();
    let expected = Issue::read(text.as_bytes(), None).unwrap();
    assert_eq!((batch.issues, batch.namespace.as_str()), (vec![expected], "web"));
    assert!(batch.prefixes.contains("web"));
}

#[test]
fn a_missing_folder_is_named() {
    let error = import::markdown(&fixture("nowhere"), &Options::default()).unwrap_err();
    assert!(error.message().ends_with("nowhere is not a folder"));
}
