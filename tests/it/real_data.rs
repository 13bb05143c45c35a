//! The trackers of real projects, through the program: import, listing and ready against few lines of our own.
//!
//! They stand beside the project in `../shared/data`; where that folder is missing, the tests say so.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::env::Env;

fn data(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        crate::compat::skip(&format!("no {}", path.display()));
    }
    path.exists().then_some(path)
}

fn lines(path: &Path) -> Vec<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("the data is there");
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("gzip of text");
    text.lines().map(str::to_owned).collect()
}

fn ids(list: &Value) -> BTreeSet<String> {
    let rows = list.as_array().expect("an array");
    rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

fn import(env: &Env, path: &Path) -> Value {
    env.json(["import", path.to_str().expect("UTF-8")])
}

/// The records of a Beads file, without its deleted ones.
fn records(path: &Path) -> BTreeMap<String, Value> {
    let parsed = lines(path).into_iter().filter_map(|l| serde_json::from_str::<Value>(&l).ok());
    parsed
        .filter(|r| r["status"] != "tombstone")
        .map(|r| (r["id"].as_str().expect("an id").to_owned(), r))
        .collect()
}

fn depends_on(record: &Value, kind: &str) -> Vec<String> {
    let edges = record["dependencies"].as_array().cloned().unwrap_or_default();
    edges
        .iter()
        .filter(|e| e["type"] == kind)
        .map(|e| e["depends_on_id"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn every_record_of_beads_is_accounted_for() {
    let Some(path) = data("beads-2750.jsonl.gz") else { return };
    let env = Env::new();
    let report = import(&env, &path);
    let skipped = report["skipped"].as_array().expect("an array");
    assert_eq!(report["records"], lines(&path).len());
    assert_eq!(report["records"], 2750);
    assert_eq!(report["imported"].as_u64().expect("a number") + skipped.len() as u64, 2750);
    assert!(skipped.iter().all(|s| s["code"] == "tombstone"), "{skipped:?}");
    assert_eq!(skipped.len(), 346);
    let here = ids(&env.json(["list", "--all", "--limit", "0"]));
    let there: BTreeSet<String> = records(&path).into_keys().collect();
    assert_eq!(here, there);
    env.fsck();
}

/// Ready by the rule that users of Beads know (open, no open direct blocker), computed from the file, against ours.
/// Where ours differs, the issue and the reason stand here.
#[test]
fn ready_is_what_the_file_says() {
    let Some(path) = data("beads-2750.jsonl.gz") else { return };
    let env = Env::new();
    import(&env, &path);
    let records = records(&path);
    let is_open = |id: &String| records.get(id).is_some_and(|r| r["status"] != "closed");
    let simple: BTreeSet<String> = (records.iter())
        .filter(|(_, r)| r["status"] == "open" && !depends_on(r, "blocks").iter().any(is_open))
        .map(|(id, _)| id.clone())
        .collect();
    let ours = ids(&env.json(["ready", "--limit", "0"]));
    // An issue with open parts is not the work, its parts are. These two are running workflows whose steps are open.
    // Nothing in this file inherits a blocker from what it is a part of, and nothing is deferred to a date.
    let containers = BTreeSet::from(["bd-wisp-5j5".to_owned(), "bd-wisp-ec4".to_owned()]);
    let missing: BTreeSet<String> = simple.difference(&ours).cloned().collect();
    let added: BTreeSet<String> = ours.difference(&simple).cloned().collect();
    assert_eq!(missing, containers);
    assert_eq!(added, BTreeSet::new());
    for id in &containers {
        let has_open_part =
            records.iter().any(|(part, r)| is_open(part) && depends_on(r, "parent-child").contains(id));
        assert!(has_open_part, "{id}");
    }
    assert_eq!(simple.len(), 87);
}

#[test]
fn no_issue_of_the_hard_files_is_lost() {
    for (name, count) in [("beads-conflict-markers.jsonl.gz", 684), ("beads-duplicate-ids.jsonl.gz", 835)] {
        let Some(path) = data(name) else { return };
        let env = Env::new();
        let report = import(&env, &path);
        let here = ids(&env.json(["list", "--all", "--limit", "0"]));
        let there: BTreeSet<String> = records(&path).into_keys().collect();
        assert_eq!(here, there, "{name}");
        assert_eq!(here.len(), count, "{name}");
        let skipped = report["skipped"].as_array().expect("an array");
        assert!(skipped.iter().all(|s| s["code"] == "duplicate_id"), "{name}: {skipped:?}");
    }
}

/// 89 records of this file have no priority, which in Beads means 0.
#[test]
fn a_missing_priority_is_zero() {
    let Some(path) = data("beads-duplicate-ids.jsonl.gz") else { return };
    let env = Env::new();
    import(&env, &path);
    let without: BTreeSet<String> =
        records(&path).into_iter().filter(|(_, r)| r["priority"].is_null()).map(|(id, _)| id).collect();
    let listed = env.json(["list", "--all", "--limit", "0", "-p", "0"]);
    assert!(without.len() > 80 && without.is_subset(&ids(&listed)), "{}", without.len());
}

#[test]
fn the_tbd_bundle_comes_whole() {
    let Some(path) = data("tbd-sync.bundle") else { return };
    let env = Env::new();
    let report = env.json(["import", "--from", "tbd", path.to_str().expect("UTF-8")]);
    assert_eq!(report["created"], 1867);
    let listed = env.json(["list", "--all", "--limit", "0"]);
    let rows = listed.as_array().expect("an array");
    assert_eq!(rows.len(), 1867);
    assert!(rows.iter().all(|r| r["id"].as_str().is_some_and(|id| id.starts_with("tbd-"))));
    // What another integration keeps beside the issues is kept as it is.
    let bridge = env.git_out(&["ls-tree", "-r", "--name-only", "quipu-sync", "imports/tbd-tbd/bridge/"]);
    assert_eq!(bridge.lines().count(), 242);
    let again = env.json(["import", "--from", "tbd", path.to_str().expect("UTF-8")]);
    assert_eq!((&again["unchanged"], &again["commit"]), (&1867.into(), &Value::Null));
    env.fsck();
}

/// Export, and import into an empty tracker: equal issues, for all the data there is.
#[test]
fn export_and_import_give_equal_issues() {
    for name in [
        "beads-2750.jsonl.gz",
        "beads-conflict-markers.jsonl.gz",
        "beads-duplicate-ids.jsonl.gz",
        "tbd-sync.bundle",
    ] {
        let Some(path) = data(name) else { return };
        let (one, two) = (Env::new(), Env::new());
        let source = path.to_str().expect("UTF-8");
        match name.ends_with("bundle") {
            true => one.qp(["import", "--from", "tbd", source]).success(),
            false => one.qp(["import", source]).success(),
        };
        one.qp(["export", "-o", "out.jsonl"]).success();
        let out = one.repo().join("out.jsonl");
        two.qp(["import", out.to_str().expect("UTF-8")]).success();
        let tree = |env: &Env| env.git_out(&["rev-parse", "quipu-sync:issues"]);
        assert_eq!(tree(&one), tree(&two), "{name}");
    }
}

/// A tracker with one of the two large sources in it.
fn large(name: &str) -> Option<Env> {
    let path = data(name)?;
    let env = Env::new();
    match name.ends_with("bundle") {
        true => env.qp(["import", "--from", "tbd", path.to_str().expect("UTF-8")]).success(),
        false => env.qp(["import", path.to_str().expect("UTF-8")]).success(),
    };
    Some(env)
}

/// Every issue that is not closed is ready or not, once, and says why.
#[test]
fn every_issue_has_a_reason() {
    for (name, count) in [("beads-2750.jsonl.gz", 2404), ("tbd-sync.bundle", 1867)] {
        let Some(env) = large(name) else { return };
        let all = env.json(["list", "--all", "--limit", "0"]);
        let all = all.as_array().expect("an array");
        assert_eq!(all.len(), count, "{name}");
        let (closed, open): (Vec<&Value>, Vec<&Value>) = all.iter().partition(|r| r["status"] == "closed");
        let explained = env.json(["ready", "--explain", "--limit", "0"]);
        let (ready, blocked) = (ids(&explained["ready"]), ids(&explained["blocked"]));
        assert!(ready.is_disjoint(&blocked), "{name}");
        let open: BTreeSet<String> =
            open.iter().filter_map(|r| r["id"].as_str()).map(str::to_owned).collect();
        assert_eq!(ready.union(&blocked).cloned().collect::<BTreeSet<_>>(), open, "{name}");
        assert_eq!(ready.len() + blocked.len() + closed.len(), count, "{name}");
        assert_eq!(explained["summary"]["total_ready"], ready.len(), "{name}");
        assert_eq!(explained["summary"]["total_not_ready"], blocked.len(), "{name}");
        for row in ["ready", "blocked"].iter().flat_map(|part| explained[part].as_array().expect("an array"))
        {
            let reason = row["reason"].as_str().unwrap_or_default();
            assert!(!reason.trim().is_empty(), "{name}: no reason: {row}");
        }
        let states = ["blocked", "claimed", "deferred", "container", "other"];
        for row in explained["blocked"].as_array().expect("an array") {
            assert!(states.contains(&row["state"].as_str().unwrap_or_default()), "{name}: no state: {row}");
        }
        assert_eq!(ids(&env.json(["ready", "--limit", "0"])), ready, "{name}");
        let lines = env.qp(["ready", "--explain", "--limit", "0"]).success().stdout;
        let reasons = lines.lines().filter(|line| line.starts_with("  ") && line.ends_with(')')).count();
        assert_eq!(reasons, open.len(), "{name}");
    }
}
