//! An export of quipu, read by a reader that knows only how the JSON Lines of `bd` are described: one object a line, its
//! fields and their types, what is required, what is left out, how edges, comments and notes stand in it. It shares no
//! code with what writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::env::Env;

/// Fields by what they hold. An issue without a value has not the field.
const TEXTS: [&str; 35] = [
    "id",
    "title",
    "description",
    "design",
    "acceptance_criteria",
    "notes",
    "spec_id",
    "status",
    "issue_type",
    "assignee",
    "owner",
    "created_by",
    "close_reason",
    "closed_by_session",
    "external_ref",
    "source_system",
    "compacted_at_commit",
    "sender",
    "wisp_type",
    "await_type",
    "await_id",
    "source_formula",
    "source_location",
    "mol_type",
    "work_type",
    "event_kind",
    "actor",
    "target",
    "payload",
    "content_hash",
    "source_repo",
    "agent_state",
    "deleted_by",
    "delete_reason",
    "original_type",
];
const TIMES: [&str; 9] = [
    "created_at",
    "updated_at",
    "started_at",
    "closed_at",
    "due_at",
    "defer_until",
    "compacted_at",
    "deleted_at",
    "last_activity",
];
const NUMBERS: [&str; 5] = ["priority", "estimated_minutes", "compaction_level", "original_size", "timeout"];
const FLAGS: [&str; 5] = ["ephemeral", "no_history", "pinned", "is_template", "wisp"];
const LISTS: [&str; 5] = ["labels", "dependencies", "comments", "bonded_from", "waiters"];
const REQUIRED: [&str; 5] = ["id", "title", "priority", "created_at", "updated_at"];
/// What a reader that does not know us passes over.
const OURS: [&str; 2] = ["uid", "quipu"];

/// An issue as the reader understands it.
#[derive(PartialEq, Debug, Default)]
struct Read {
    texts: BTreeMap<String, String>,
    numbers: BTreeMap<String, i64>,
    labels: BTreeSet<String>,
    edges: BTreeSet<(String, String)>,
    comments: Vec<(String, String)>,
    metadata: Map<String, Value>,
}

/// Everything in an export, and what is wrong with it.
#[derive(Default)]
struct Export {
    issues: BTreeMap<String, Read>,
    memories: BTreeMap<String, String>,
    wrong: Vec<String>,
}

impl Export {
    fn read(text: &str) -> Self {
        let mut export = Export::default();
        let mut last = String::new();
        assert!(text.is_empty() || text.ends_with('\n'), "the last line has no end");
        for (at, line) in text.lines().enumerate() {
            let mut wrong = |what: String| export.wrong.push(format!("line {}: {what}", at + 1));
            if line.trim_end() != line {
                wrong("spaces at the end".to_owned());
            }
            if let Some(raw) = line.chars().find(|c| "<>&\u{2028}\u{2029}".contains(*c)) {
                wrong(format!("{raw:?} is not escaped"));
            }
            let Ok(Value::Object(record)) = serde_json::from_str(line) else {
                wrong("not an object".to_owned());
                continue;
            };
            if record.get("_type").is_some_and(|kind| kind == "memory") {
                let text = |name: &str| record[name].as_str().expect("a text").to_owned();
                export.memories.insert(text("key"), text("value"));
                continue;
            }
            let (issue, complaints) = issue(&record);
            complaints.into_iter().for_each(&mut wrong);
            let id = issue.texts.get("id").cloned().unwrap_or_default();
            if id <= last {
                wrong(format!("{id} stands behind {last}"));
            }
            last.clone_from(&id);
            export.issues.insert(id, issue);
        }
        export
    }

    #[track_caller]
    fn sound(self) -> Self {
        let few: Vec<&String> = self.wrong.iter().take(10).collect();
        assert!(few.is_empty(), "{few:#?}");
        self
    }
}

fn issue(record: &Map<String, Value>) -> (Read, Vec<String>) {
    let mut issue = Read::default();
    let mut wrong = Vec::new();
    for name in REQUIRED.iter().filter(|name| !record.contains_key(**name)) {
        wrong.push(format!("no {name}"));
    }
    for (name, value) in record {
        let known = name.as_str();
        let fits = if TEXTS.contains(&known) || TIMES.contains(&known) {
            issue.texts.extend(value.as_str().map(|text| (name.clone(), text.to_owned())));
            value.as_str().is_some_and(|text| !text.is_empty() && (!TIMES.contains(&known) || is_time(text)))
        } else if NUMBERS.contains(&known) {
            issue.numbers.extend(value.as_i64().map(|number| (name.clone(), number)));
            value.is_i64()
        } else if FLAGS.contains(&known) {
            value == true
        } else if LISTS.contains(&known) {
            value.as_array().is_some_and(|items| !items.is_empty())
        } else if known == "metadata" {
            issue.metadata = value.as_object().cloned().unwrap_or_default();
            value.as_object().is_some_and(|map| !map.is_empty())
        } else {
            OURS.contains(&known)
        };
        if !fits {
            wrong.push(format!("{name} is {value}"));
        }
    }
    let items = |name: &str| record.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |item: &Value, name: &str| item[name].as_str().map(str::to_owned);
    issue.labels = items("labels").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let id = record.get("id").and_then(Value::as_str);
    for edge in items("dependencies") {
        match (text(&edge, "type"), text(&edge, "depends_on_id"), text(&edge, "created_at")) {
            (Some(kind), Some(target), Some(time)) if is_time(&time) && edge["issue_id"].as_str() == id => {
                issue.edges.insert((kind, target));
            }
            _ => wrong.push(format!("the edge {edge}")),
        }
    }
    for comment in items("comments") {
        match (text(&comment, "author"), text(&comment, "text"), text(&comment, "created_at")) {
            (Some(author), Some(said), Some(time))
                if is_time(&time) && !comment["id"].is_null() && comment["issue_id"].as_str() == id =>
            {
                issue.comments.push((author, said));
            }
            _ => wrong.push(format!("the comment {comment}")),
        }
    }
    (issue, wrong)
}

/// RFC 3339, with any zone and any fraction.
fn is_time(text: &str) -> bool {
    let shape = "0000-00-00T00:00:00";
    let begins =
        text.chars().zip(shape.chars()).all(|(c, s)| if s == '0' { c.is_ascii_digit() } else { c == s });
    let rest = text.get(shape.len()..).unwrap_or_default();
    let zone = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    begins && (zone == "Z" || zone.len() == 6 && zone.starts_with(['+', '-']))
}

fn export(env: &Env) -> String {
    env.qp(["export"]).success().stdout
}

#[test]
fn an_issue_with_everything() {
    let env = Env::new();
    let create = |args: &[&str]| drop(env.qp([&["create"], args].concat()).success());
    create(&["An <epic> & more", "-t", "epic", "--id", "web-epic", "-p", "0"]);
    create(&["Base", "--id", "web-base"]);
    create(&[
        "Rich",
        "--id",
        "web-rich",
        "--parent",
        "web-epic",
        "--deps",
        "web-base,related:web-epic,discovered-from:web-base,tracks:web-epic",
        "-d",
        "Two\nlines\u{2028}",
        "--design",
        "d",
        "--acceptance",
        "a",
        "--notes",
        "n",
        "-l",
        "x,y",
        "-a",
        "bob",
        "--due",
        "2026-02-01",
        "--estimate",
        "2h",
        "--external-ref",
        "gh-1",
        "--spec",
        "s",
        "--metadata",
        r#"{"a": {"b": 1}}"#,
        "--paths",
        "src/**",
    ]);
    env.qp(["comment", "web-rich", "<hello>"]).success();
    env.qp(["claim", "web-base"]).success();
    env.qp(["close", "web-base", "-r", "done"]).success();
    env.commit_file("memories/port.md", Some("The port is 80.\n"));
    let read = Export::read(&export(&env)).sound();
    assert_eq!(read.issues.keys().collect::<Vec<_>>(), ["web-base", "web-epic", "web-rich"]);
    assert_eq!(read.memories["port"], "The port is 80.\n");
    assert_eq!(read.issues["web-epic"].texts["title"], "An <epic> & more");
    let rich = &read.issues["web-rich"];
    for (name, text) in [
        ("description", "Two\nlines\u{2028}"),
        ("design", "d"),
        ("acceptance_criteria", "a"),
        ("notes", "n"),
        ("assignee", "bob"),
        ("external_ref", "gh-1"),
        ("spec_id", "s"),
        ("issue_type", "task"),
        ("status", "open"),
        ("created_by", "alice"),
    ] {
        assert_eq!(rich.texts[name], text, "{name}");
    }
    assert_eq!((rich.numbers["priority"], rich.numbers["estimated_minutes"]), (2, 120));
    assert_eq!(rich.labels, BTreeSet::from(["x", "y"].map(str::to_owned)));
    assert_eq!(rich.comments, [("alice".to_owned(), "<hello>".to_owned())]);
    assert_eq!(Value::Object(rich.metadata.clone()), serde_json::json!({ "a": { "b": 1 } }));
    let edges = [
        ("blocks", "web-base"),
        ("discovered-from", "web-base"),
        ("parent-child", "web-epic"),
        ("related", "web-epic"),
        ("tracks", "web-epic"),
    ];
    assert_eq!(rich.edges, edges.map(|(kind, target)| (kind.to_owned(), target.to_owned())).into());
    let base = &read.issues["web-base"];
    assert_eq!((&base.texts["status"][..], &base.texts["close_reason"][..]), ("closed", "done"));
    assert!(base.texts.contains_key("closed_at") && base.texts.contains_key("started_at"));
}

#[test]
fn nothing_at_all() {
    assert_eq!(Export::read(&export(&Env::new())).sound().issues, BTreeMap::new());
}

/// The reader is worth something: it finds what is not as it is described.
#[test]
fn what_is_wrong_is_found() {
    let line = |rest: &str| {
        let times = r#""created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00.5+01:00""#;
        format!("{{\"id\":\"a\",\"title\":\"t\",\"priority\":1,{times}{rest}}}\n")
    };
    assert_eq!(Export::read(&line("")).wrong, [""; 0]);
    for (text, wrong) in [
        (line(",\"notes\":\"\""), "line 1: notes is \"\""),
        (line(",\"labels\":[]"), "line 1: labels is []"),
        (line(",\"notes\":\"<\""), "line 1: '<' is not escaped"),
        (line(",\"closed_at\":\"today\""), "line 1: closed_at is \"today\""),
        (line(",\"other\":1"), "line 1: other is 1"),
        (line(",\"comments\":[{}]"), "line 1: the comment {}"),
        (line("") + &line(""), "line 2: a stands behind a"),
        ("[]\n".to_owned(), "line 1: not an object"),
        ("{\"id\":\"a\"}\n".to_owned(), "line 1: no title"),
    ] {
        assert_eq!(Export::read(&text).wrong[0], wrong);
    }
}

fn data(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        println!("skipped: no {}", path.display());
    }
    path.exists().then_some(path)
}

/// All data there is: what comes out is described, and coming in again it gives the same text.
#[test]
fn real_trackers() {
    for (name, count) in [
        ("beads-2750.jsonl.gz", 2404),
        ("beads-conflict-markers.jsonl.gz", 684),
        ("beads-duplicate-ids.jsonl.gz", 835),
        ("tbd-sync.bundle", 1867),
    ] {
        let Some(path) = data(name) else { return };
        let (one, two) = (Env::new(), Env::new());
        let source = path.to_str().expect("UTF-8");
        match name.ends_with("bundle") {
            true => one.qp(["import", "--from", "tbd", source]).success(),
            false => one.qp(["import", source]).success(),
        };
        let first = export(&one);
        let read = Export::read(&first).sound();
        assert_eq!(read.issues.len(), count, "{name}");
        std::fs::write(two.root().join("first.jsonl"), &first).expect("a file");
        two.qp(["import", "../first.jsonl"]).success();
        let second = export(&two);
        let differs = first.lines().zip(second.lines()).find(|(a, b)| a != b);
        assert!(first == second, "{name}: {differs:?}");
    }
}
