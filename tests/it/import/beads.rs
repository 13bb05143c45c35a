//! One test for every oddity of Beads files.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use quipu::import::{Options, derived_id};
use quipu::model::{IssueId, Link, Ref, Status, Timestamp};

use super::{beads, beads_with, by_key, codes, fixed_point, id_of};

/// A record with the fields that every one has, and some more.
fn record(id: &str, more: &str) -> String {
    let more = if more.is_empty() { String::new() } else { format!(",{more}") };
    format!(
        r#"{{"id":"{id}","title":"T","status":"open","issue_type":"task","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z"{more}}}"#
    )
}

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn a_record_becomes_an_issue() {
    let batch = beads(&record(
        "bd-1",
        r#""priority":1,"description":"D\n\n","design":"E","acceptance_criteria":"A","notes":"N","labels":["b","a"],"estimated_minutes":30,"spec_id":"s","assignee":"x","due_at":"2026-02-01T01:00:00.123456789+01:00""#,
    ));
    let issue = by_key(&batch, "bd-1");
    let body = &issue.body;
    assert_eq!([&body.description, &body.design, &body.acceptance, &body.notes], ["D", "E", "A", "N"]);
    assert_eq!(issue.front.due_at, Some(time("2026-02-01T00:00:00.123Z")));
    assert_eq!((issue.front.estimate_minutes, issue.front.priority.number()), (Some(30), 1));
    assert_eq!(issue.front.labels.iter().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(issue.front.id, derived_id("beads", "bd", "bd-1", time("2026-01-01T00:00:00Z")));
    assert!(issue.front.metadata.is_empty() && batch.report.warnings.is_empty());
}

#[test]
fn identities_depend_on_kind_namespace_id_and_time() {
    let at = time("2026-01-01T00:00:00Z");
    let id = derived_id("beads", "bd", "bd-1", at);
    assert_eq!(id.created_at(), at);
    assert_eq!(id.to_string(), "01kdvdna00ynw5c0f2et6tfr7m");
    assert_ne!(id, derived_id("tbd", "bd", "bd-1", at));
    assert_ne!(id, derived_id("beads", "b", "d\0bd-1", at));
    let options = Options { source: Some("other".into()), ..Options::default() };
    let batch = beads_with(record("bd-1", "").as_bytes(), &options);
    assert_eq!(batch.issues[0].front.id, derived_id("beads", "other", "bd-1", at));
    assert_eq!(batch.namespace, "other");
}

#[test]
fn compressed_input_is_unpacked() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(record("bd-1", "").as_bytes()).unwrap();
    let batch = beads_with(&packed.finish().unwrap(), &Options::default());
    assert_eq!(batch, beads(&record("bd-1", "")));
}

#[test]
fn empty_input_holds_nothing() {
    assert_eq!(beads("").report.records, 0);
    assert_eq!(beads("\n \r\n").report.records, 0);
    assert_eq!(beads("{").report.skipped[0].code, "not_json");
}

#[test]
fn a_missing_priority_is_the_most_urgent() {
    assert_eq!(beads(&record("bd-1", "")).issues[0].front.priority.number(), 0);
    assert_eq!(beads(&record("bd-1", r#""priority":"P3""#)).issues[0].front.priority.number(), 3);
    let strange = beads(&record("bd-1", r#""priority":9"#));
    assert_eq!(strange.issues[0].front.priority.number(), 4);
    assert_eq!(strange.issues[0].front.metadata["beads.priority"], "9");
    assert_eq!(codes(&strange).1, ["kept_as_metadata"]);
}

#[test]
fn lines_that_are_no_records_are_reported_with_their_numbers() {
    let mut text = b"\xef\xbb\xbf".to_vec();
    text.extend(record("bd-1", "").as_bytes());
    text.extend(b"\r\nnot json\n[1]\n{\"title\":\"x\"}\n{\"id\":\"bd-2\"}\n\n{\"id\":\"\xff\"}\n{\"_type\":\"gate\"}\n");
    text.extend(record("bd-3", "").as_bytes());
    let batch = beads_with(&text, &Options::default());
    let found: Vec<String> = batch.report.skipped.iter().map(|s| format!("{} {}", s.at, s.code)).collect();
    let expected =
        ["2 not_json", "3 not_an_object", "4 no_id", "5 no_title", "7 not_utf8", "8 unknown_record"];
    assert_eq!(found, expected.map(|e| format!("line {e}")));
    assert_eq!(batch.report.skipped[0].to_string(), "line 2: not JSON: expected ident at column 2");
    assert_eq!(batch.issues.len(), 2);
}

#[test]
fn references_are_resolved_and_dangling_ones_kept() {
    let edges = |kind: &str, to: &str| {
        format!(
            r#"{{"issue_id":"bd-2","depends_on_id":"{to}","type":"{kind}","created_at":"2026-01-01T00:00:00Z"}}"#
        )
    };
    let list = [
        edges("blocks", "bd-1"),
        edges("blocks", "bd-gone"),
        edges("blocks", "external:p:c"),
        edges("parent-child", "bd-1"),
        edges("parent-child", "bd-3"),
        edges("related", "bd-3"),
        edges("relates-to", "bd-1"),
        edges("discovered-from", "bd-3"),
        edges("duplicates", "bd-1"),
        edges("supersedes", "bd-3"),
        edges("waits-for", "bd-3"),
    ]
    .join(",");
    let text = format!(
        "{}\n{}\n{}",
        record("bd-1", ""),
        record("bd-2", &format!(r#""dependencies":[{list}]"#)),
        record("bd-3", "")
    );
    let batch = beads(&text);
    let front = &by_key(&batch, "bd-2").front;
    let [one, three] = ["bd-1", "bd-3"].map(|key| id_of(&batch, key));
    let keys = ["bd-gone", "external:p:c"].map(|k| Ref::Key(k.to_owned()));
    assert!(front.blocked_by.contains(&one) && keys.iter().all(|k| front.blocked_by.contains(k)));
    assert_eq!(front.parent.as_ref(), Some(&one));
    assert_eq!((front.duplicate_of.as_ref(), front.superseded_by.as_ref()), (Some(&one), Some(&three)));
    assert!(front.related.contains(&one) && front.related.contains(&three));
    assert!(front.discovered_from.contains(&three));
    let links = ["parent-child", "waits-for"].map(|k| Link { kind: k.to_owned(), target: three.clone() });
    assert!(front.links.iter().eq(links.iter()));
    assert_eq!(codes(&batch).1, ["dangling_reference"]);
    // Only that one edge was called by another name needs to be remembered.
    assert_eq!(front.metadata["beads.dependencies"], r#"[{"type":"relates-to","depends_on_id":"bd-1"}]"#);
    fixed_point(&batch.issues);
}

#[test]
fn what_an_edge_says_besides_comes_back() {
    let edge = r#"{"issue_id":"bd-1","depends_on_id":"bd-9","type":"blocks","created_at":"2026-01-05T00:00:00.1234Z","created_by":"ann","metadata":"{\"a\":1}","thread_id":""}"#;
    let batch = beads(&record("bd-1", &format!(r#""dependencies":[{edge},"junk"]"#)));
    assert_eq!(codes(&batch).1, ["kept_as_metadata", "dangling_reference"]);
    let text = fixed_point(&batch.issues);
    let back = r#""dependencies":[{"issue_id":"bd-1","depends_on_id":"bd-9","type":"blocks","created_at":"2026-01-05T00:00:00.123Z","created_by":"ann","metadata":"{\"a\":1}"}]"#;
    assert!(text.contains(back), "{text}");
    assert!(text.contains(r#""quipu":{"metadata":{"beads.dependencies":["junk"]}}"#), "{text}");
}

#[test]
fn an_edge_that_was_removed_here_leaves_its_rest() {
    let edge = r#"{"depends_on_id":"bd-9","type":"blocks","created_by":"ann"}"#;
    let mut batch = beads(&record("bd-1", &format!(r#""dependencies":[{edge}]"#)));
    batch.issues[0].front.blocked_by.clear();
    assert!(!fixed_point(&batch.issues).contains(r#""dependencies":"#));
}

#[test]
fn comments_keep_their_foreign_ids() {
    let comments = r#""comments":[{"id":7,"issue_id":"bd-1","author":"b","text":"B\n","created_at":"2026-01-04T00:00:00Z"},{"id":"5f3c9d2e-0000-4000-8000-000000000000","author":"a","text":"A","created_at":"2026-01-03T00:00:00Z"},{"id":7,"author":"c","text":"C","created_at":"2026-01-04T00:00:00Z"},"junk"]"#;
    let batch = beads(&record("bd-1", comments));
    let thread = &batch.issues[0].body.comments;
    let mut texts: Vec<&str> = thread.iter().map(|c| c.text.as_str()).collect();
    assert_eq!(texts[0], "A");
    texts.sort_unstable();
    assert_eq!(texts, ["A", "B", "C"]);
    assert_eq!(thread[0].id.created_at(), time("2026-01-03T00:00:00Z"));
    let text = fixed_point(&batch.issues);
    assert!(text.contains(r#""id":7,"uid":"#) && text.contains(r#""unread":["junk"]"#), "{text}");
}

#[test]
fn fields_without_a_place_come_back() {
    let more = r#""owner":"o","ephemeral":true,"timeout":1800000000000,"closed_by_session":"s","metadata":{"k":{"deep":[1.5,null]},"beads.owner":"x"},"metadata.z":1,"strange":"<&>","comment_count":3,"content_hash":"abc","assignee":5,"started_at":"soon","labels":"x""#;
    let batch = beads(&record("bd-1", more));
    let metadata = &batch.issues[0].front.metadata;
    let names: Vec<&str> = metadata.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "beads.\\metadata.z",
            "beads.assignee",
            "beads.closed_by_session",
            "beads.ephemeral",
            "beads.labels",
            "beads.metadata.beads.owner",
            "beads.owner",
            "beads.started_at",
            "beads.strange",
            "beads.timeout",
            "k",
        ]
    );
    let text = fixed_point(&batch.issues);
    for part in [
        r#""owner":"o","#,
        r#""closed_by_session":"s""#,
        r#""strange":"\u003c\u0026\u003e""#,
        r#""metadata.z":1"#,
        r#""metadata":{"beads.owner":"x","k":{"deep":[1.5,null]}}"#,
        r#""timeout":1800000000000"#,
        r#""beads.assignee":5"#,
        r#""beads.started_at":"soon""#,
        r#""beads.labels":"x""#,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("comment_count") && !text.contains("content_hash"));
}

#[test]
fn absent_means_absent() {
    let batch = beads(&record(
        "bd-1",
        r#""assignee":"","closed_at":"0001-01-01T00:00:00Z","labels":[],"design":null,"due_at":null,"metadata":{}"#,
    ));
    assert_eq!(batch.issues, beads(&record("bd-1", "")).issues);
}

#[test]
fn of_two_versions_the_newer_stays() {
    let old = record("bd-1", r#""notes":"old""#);
    let new = record("bd-1", r#""notes":"new""#).replace("2026-01-02", "2026-01-03");
    for text in [
        format!("{old}\n{new}"),
        format!("<<<<<<< HEAD\n{new}\n||||||| base\n{old}\n=======\n{old}\n>>>>>>> b"),
    ] {
        let batch = beads(&text);
        assert_eq!(batch.issues.len(), 1);
        assert_eq!(batch.issues[0].body.notes, "new");
        assert_eq!(batch.report.warnings.iter().filter(|w| w.code == "duplicate_id").count(), 1);
    }
    let conflict = beads(&format!("<<<<<<< HEAD\n{new}\n||||||| base\n{old}\n=======\n{old}\n>>>>>>> b"));
    assert_eq!(conflict.report.records, 3);
    assert_eq!(codes(&conflict).0, ["conflict_base", "duplicate_id"]);
    assert_eq!(conflict.report.count("conflict_marker"), 4);
    assert!(conflict.report.skipped[1].message.contains("line 2 has a newer version"));
}

#[test]
fn a_newer_tombstone_removes_and_an_older_one_does_not() {
    let live = record("bd-1", "");
    let dead = live.replace("\"open\"", "\"tombstone\"");
    let newer = dead.replace("2026-01-02", "2026-01-03");
    let older = dead.replace("2026-01-02", "2026-01-01");
    assert_eq!(codes(&beads(&format!("{live}\n{newer}"))).0, ["duplicate_id", "tombstone"]);
    assert_eq!(beads(&format!("{live}\n{older}")).issues.len(), 1);
}

#[test]
fn tombstones_are_closed_issues_where_they_are_wanted() {
    let dead = r#""deleted_at":"2026-01-03T00:00:00Z","deleted_by":"me","delete_reason":"dup","original_type":"bug""#;
    let text = record("bd-1", dead).replace("\"open\"", "\"tombstone\"");
    let batch = beads_with(text.as_bytes(), &Options { tombstones: true, ..Options::default() });
    let front = &batch.issues[0].front;
    assert_eq!((&front.status, front.close_reason.as_deref()), (&Status::Closed, Some("dup")));
    assert_eq!(front.closed_at, Some(time("2026-01-03T00:00:00Z")));
    assert!(front.labels.contains("tombstone"));
    assert_eq!(front.metadata["beads.status"], "\"tombstone\"");
    assert!(fixed_point(&batch.issues).contains(r#""deleted_by":"me""#));
}

#[test]
fn unknown_words_are_kept() {
    let text = record("bd-1", "").replace("\"open\"", "\"hooked\"").replace("\"task\"", "\"merge-request\"");
    let front = &beads(&text).issues[0].front;
    assert_eq!((front.status.as_str(), front.kind.as_str()), ("hooked", "merge-request"));
}

#[test]
fn work_in_progress_has_no_lease() {
    let front =
        &beads(&record("bd-1", r#""assignee":"a""#).replace("\"open\"", "\"in_progress\"")).issues[0].front;
    assert!(front.lease_until.is_none() && front.claimed_at.is_none() && front.assignee.is_some());
}

#[test]
fn a_long_title_is_cut_and_nothing_is_lost() {
    let long = "word ".repeat(200);
    let batch = beads(&record("bd-1", r#""description":"D""#).replace("\"T\"", &format!("\"{long}\"")));
    let issue = &batch.issues[0];
    assert_eq!(issue.front.title.chars().count(), 500);
    assert_eq!(issue.body.description, format!("{}\n\nD", long.trim()));
    assert_eq!(codes(&batch).1, ["title_changed"]);
    fixed_point(&batch.issues);
}

#[test]
fn what_would_exceed_a_file_is_left_out() {
    let fits = record("bd-1", &format!(r#""notes":"{}""#, "x".repeat(1 << 19)));
    let large = record("bd-2", &format!(r#""notes":"{}""#, "x".repeat(1 << 20)));
    let huge = "x".repeat((16 << 20) + 5);
    let refers = record("bd-3", r#""parent":"bd-2""#);
    let batch = beads(&format!("{fits}\n{large}\n{huge}\n{refers}"));
    assert_eq!(codes(&batch), (vec!["too_large", "too_large"], vec!["dangling_reference"]));
    assert_eq!(by_key(&batch, "bd-3").front.parent, Some(Ref::Key("bd-2".to_owned())));
}

#[test]
fn nesting_beyond_what_a_file_can_hold_is_reported() {
    let deep = format!(r#""x":{}1{}"#, "[".repeat(100), "]".repeat(100));
    assert_eq!(codes(&beads(&record("bd-1", &deep))).0, ["unstorable"]);
}

#[test]
fn ids_that_cannot_be_keys_are_kept() {
    let batch = beads(&format!("{}\n{}", record("b d/1", ""), record("bd-2", r#""parent":"b d/1""#)));
    let odd = batch.issues.iter().find(|i| i.front.key.is_none()).unwrap();
    assert_eq!(odd.front.metadata["beads.id"], "\"b d/1\"");
    assert_eq!(by_key(&batch, "bd-2").front.parent, Some(Ref::Id(odd.front.id)));
    fixed_point(&batch.issues);
}

#[test]
fn missing_times_are_reported_and_identities_stay() {
    let text = r#"{"id":"bd-1","title":"T","updated_at":"2026-01-02T00:00:00Z"}"#;
    let batch = beads(text);
    let front = &batch.issues[0].front;
    assert_eq!(front.created_at, time("2026-01-02T00:00:00Z"));
    assert_eq!(front.id, beads(&text.replace("2026", "2027")).issues[0].front.id);
    assert_eq!(codes(&batch).1, ["no_created_at"]);
    let nothing = beads(r#"{"id":"bd-1","title":"T"}"#);
    assert_eq!(nothing.issues[0].front.created_at, Timestamp::default());
    fixed_point(&nothing.issues);
}

#[test]
fn memories_are_read_and_the_later_line_wins() {
    let memory = |key: &str, value: &str| format!(r#"{{"_type":"memory","key":"{key}","value":{value}}}"#);
    let lines = [memory("b", "\"1\""), memory("a", "{\"x\":1}"), memory("b", "\"2\""), memory("", "\"x\"")];
    let batch = beads(&lines.join("\n"));
    let pair = |k: &str, v: &str| (k.to_owned(), v.to_owned());
    assert_eq!(batch.memories, [pair("a", "{\"x\":1}"), pair("b", "2")]);
    assert_eq!(codes(&batch).0, ["duplicate_memory", "empty_memory"]);
    let line = quipu::output::jsonl::memory_line("b", "2");
    assert_eq!(beads(&line).memories, [pair("b", "2")]);
}

#[test]
fn an_identity_in_the_record_is_honoured() {
    let uid = "01kfn6tfn3n7h5b39ztztw7k2m";
    let with = |id: &str, uid: &str| record(id, &format!(r#""uid":"{uid}""#));
    let front = &beads(&with("web-7k2m", uid)).issues[0].front;
    assert_eq!((front.id, front.key.as_deref()), (IssueId::parse(uid).unwrap(), None));
    let front = &beads(&with("web-1", uid)).issues[0].front;
    assert_eq!(front.key.as_deref(), Some("web-1"));
    assert_eq!(codes(&beads(&with("web-1", "nonsense"))).1, ["kept_as_metadata"]);
    // The same issue under a longer key, and one side of a conflict without its identity.
    assert_eq!(beads(&format!("{}\n{}", with("web-7k2m", uid), with("web-w7k2m", uid))).issues.len(), 1);
    let plain = record("web-1", "").replace("2026-01-02", "2026-01-03");
    let batch = beads(&format!("{}\n{plain}", with("web-1", uid)));
    assert_eq!((batch.issues.len(), batch.issues[0].front.id.to_string().as_str()), (1, uid));
    // Two issues whose short keys collide are two issues.
    let other = "01kfn6tfn3n7h5b39ztztz7k2m";
    let batch = beads(&format!("{}\n{}", with("web-7k2m", uid), with("web-7k2m", other)));
    assert_eq!((batch.issues.len(), codes(&batch).1), (2, vec!["ambiguous_id"]));
}

#[test]
fn prefixes_with_hyphens_are_found() {
    let batch = beads(&format!("{}\n{}", record("my-app-x1", ""), record("my-app-mol-x2", "")));
    assert_eq!(batch.prefixes.iter().collect::<Vec<_>>(), ["my-app"]);
    assert_eq!(batch.namespace, "my-app");
}

#[test]
fn our_object_cannot_forge_a_file() {
    let raw = |quipu: &str| codes(&beads(&record("bd-1", &format!(r#""quipu":{quipu}"#)))).0.len();
    assert_eq!(raw(r#"{"extra":{"x":"x: 1\n"}}"#), 0);
    assert_eq!(raw(r#"{"extra":{"x":"x: 1\nstatus: closed\n"}}"#), 1);
    assert_eq!(raw(r#"{"sections":[{"marker":"<!-- qp:x -->\n---","text":""}]}"#), 1);
    let newer = beads(&record("bd-1", r#""quipu":{"later":1,"paths":["a"]}"#));
    assert_eq!(newer.issues[0].front.metadata["beads.quipu"], r#"{"later":1}"#);
    fixed_point(&newer.issues);
}

#[test]
fn the_order_of_the_source_does_not_matter() {
    let lines = [record("bd-1", r#""parent":"bd-3""#), record("bd-2", ""), record("bd-3", "")];
    let mut turned = lines.to_vec();
    turned.reverse();
    assert_eq!(beads(&lines.join("\n")).issues, beads(&turned.join("\n")).issues);
}
