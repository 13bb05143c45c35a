//! Oddities of tbd's files.

use quipu::import::{self, Batch, Options};
use quipu::model::{IssueId, Ref};

use super::{accounted, by_key, codes, fixed_point};

const A: &str = "01kfn6tfn3n7h5b39ztztw7k2a";
const B: &str = "01kfn6tfn3n7h5b39ztztw7k2b";

fn issue(id: &str, more: &str) -> (String, Vec<u8>) {
    let text = format!(
        "---\ntype: is\nid: is-{id}\ntitle: T\nkind: bug\nstatus: open\npriority: 1\nversion: 3\n{more}created_at: 2026-01-01T00:00:00.000Z\nupdated_at: 2026-01-02T00:00:00.000Z\n---\nD\n"
    );
    (format!(".tbd/data-sync/issues/is-{id}.md"), text.into_bytes())
}

fn file(path: &str, text: &str) -> (String, Vec<u8>) {
    (path.to_owned(), text.as_bytes().to_vec())
}

fn import(files: Vec<(String, Vec<u8>)>) -> Batch {
    let batch = import::tbd(&mut files.into_iter(), &Options::default()).unwrap();
    accounted(&batch);
    batch
}

fn ids() -> (String, Vec<u8>) {
    file(".tbd/data-sync/mappings/ids.yml", &format!("a1: {A}\n\"12\": {B}\n"))
}

#[test]
fn a_blocker_blocks_the_other_issue() {
    let blocks = format!("dependencies:\n  - type: blocks\n    target: is-{B}\n");
    let batch = import(vec![ids(), issue(A, &blocks), issue(B, "labels:\n  - x\n  - \"1\"\n")]);
    let blocked = by_key(&batch, "tbd-12");
    assert!(blocked.front.blocked_by.iter().eq([&Ref::Id(IssueId::parse(A).unwrap())]));
    assert!(by_key(&batch, "tbd-a1").front.blocked_by.is_empty());
    assert_eq!(blocked.front.labels.iter().collect::<Vec<_>>(), ["1", "x"]);
    assert!(batch.report.warnings.is_empty());
}

#[test]
fn blocking_what_is_not_there_is_kept_and_reported() {
    let blocks = format!("dependencies:\n  - type: blocks\n    target: is-{B}\n");
    let batch = import(vec![ids(), issue(A, &blocks)]);
    assert_eq!(batch.issues[0].front.metadata["tbd.blocks"], format!("[\"is-{B}\"]"));
    assert_eq!(codes(&batch).1, ["dangling_reference"]);
    fixed_point(&batch.issues);
}

#[test]
fn keys_without_a_field_stay_as_they_stand() {
    let more = "extensions:\n  linear:\n    id: 'x'   # why\n    n: 2.50\nhold: null\nlinks: [a]\n";
    let batch = import(vec![ids(), issue(A, more)]);
    let front = &batch.issues[0].front;
    assert_eq!(front.extra["extensions"], "extensions:\n  linear:\n    id: 'x'   # why\n    n: 2.50\n");
    assert_eq!(front.extra["version"], "version: 3\n");
    // A name that means something else here cannot stay under that name.
    assert_eq!(front.metadata["tbd.links"], "[\"a\"]");
    assert_eq!(front.extra.len(), 2);
    fixed_point(&batch.issues);
}

#[test]
fn values_of_another_shape_are_kept() {
    let batch = import(vec![ids(), issue(A, "due_date: soon\nassignee: [a, b]\n")]);
    let metadata = &batch.issues[0].front.metadata;
    assert_eq!(
        (metadata["tbd.due_date"].as_str(), metadata["tbd.assignee"].as_str()),
        ("\"soon\"", "[\"a\",\"b\"]")
    );
    assert_eq!(batch.issues[0].front.priority.number(), 1);
    assert_eq!(codes(&batch).1, ["kept_as_metadata", "kept_as_metadata"]);
}

#[test]
fn a_contested_short_id_goes_to_the_smaller_ulid() {
    let mapping = file("mappings/ids.yml", &format!("a1: {B}\na1: {A}\n<<<<<<< x\n"));
    let batch = import(vec![issue(A, ""), issue(B, ""), mapping]);
    assert_eq!(by_key(&batch, "tbd-a1").front.id.to_string(), A);
    assert_eq!(codes(&batch).1, ["no_key"]);
}

#[test]
fn the_display_prefix_comes_from_the_configuration_or_the_options() {
    let config = file(".tbd/config.yml", "display:\n  id_prefix: ar\n");
    let files = vec![config, ids(), issue(A, "")];
    assert_eq!(import(files.clone()).issues[0].front.key.as_deref(), Some("ar-a1"));
    let options = Options { prefix: Some("zz".into()), ..Options::default() };
    let batch = import::tbd(&mut files.into_iter(), &options).unwrap();
    assert_eq!(batch.issues[0].front.key.as_deref(), Some("zz-a1"));
}

#[test]
fn files_that_are_no_issues_are_reported() {
    let path = format!("issues/is-{A}.md");
    let batch = import(vec![
        file("bridge/linear/links/is-x.yml", ""),
        file("attic/x.yml", ""),
        file("comments/aa/cm-x.md", ""),
        file("meta.yml", ""),
        file("issues/x.md", "---\n<<<<<<< HEAD\ntitle: x\n---\n"),
        file("issues/y.md", "no front matter"),
        file("issues/z.md", "---\ntitle: [\n---\n"),
        file(&path, "---\nkind: bug\n---\n"),
    ]);
    let (skipped, _) = codes(&batch);
    let expected =
        ["attic", "bridge", "not_an_issue", "no_title", "conflict_marker", "no_front_matter", "unreadable"];
    assert_eq!(skipped, expected);
}
