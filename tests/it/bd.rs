//! The thirty commands that scripts and agents know from `bd`, each with its flags, through `qp` and through a link
//! `bd`: the shape of what they print and how they end.

mod more;
mod reading;
mod shape;
mod writing;

use crate::called::run_as;
use crate::env::Env;
use crate::guess::edits::split;
use shape::Shape;

/// A line as it is typed behind the name of the program, and what comes of it.
type Example = (&'static str, Shape);

/// A row of the table: its number and its examples.
type Row = (usize, &'static [Example]);

/// Everything that an example finds: open issues, an epic with a part, a closed one, one that waits, one put off.
const ISSUES: &str = r#"{"id":"web-open","title":"Log users out","status":"open","priority":1,"issue_type":"bug","labels":["auth","old"],"description":"A description","created_at":"2026-01-01T10:00:00Z","updated_at":"2026-01-01T10:00:00Z"}
{"id":"web-other","title":"Count clicks","status":"open","priority":2,"issue_type":"task","created_at":"2026-01-01T11:00:00Z","updated_at":"2026-01-01T11:00:00Z"}
{"id":"web-free","title":"Free work","status":"open","priority":3,"issue_type":"task","created_at":"2026-01-01T11:30:00Z","updated_at":"2026-01-01T11:30:00Z"}
{"id":"web-wait","title":"Wait for the first","status":"open","priority":2,"issue_type":"feature","dependencies":[{"issue_id":"web-wait","depends_on_id":"web-open","type":"blocks"},{"issue_id":"web-wait","depends_on_id":"web-other","type":"related"}],"comments":[{"id":1,"issue_id":"web-wait","author":"bob","text":"A comment","created_at":"2026-01-02T10:00:00Z"}],"created_at":"2026-01-01T12:00:00Z","updated_at":"2026-01-02T10:00:00Z"}
{"id":"web-epic","title":"The epic","status":"open","priority":2,"issue_type":"epic","labels":["big"],"created_at":"2026-01-01T13:00:00Z","updated_at":"2026-01-01T13:00:00Z"}
{"id":"web-part","title":"The part","status":"open","priority":2,"issue_type":"task","dependencies":[{"issue_id":"web-part","depends_on_id":"web-epic","type":"parent-child"}],"created_at":"2026-01-01T14:00:00Z","updated_at":"2026-01-01T14:00:00Z"}
{"id":"web-done","title":"Done already","status":"closed","priority":2,"issue_type":"task","close_reason":"fixed","closed_at":"2026-01-03T10:00:00Z","created_at":"2026-01-01T15:00:00Z","updated_at":"2026-01-03T10:00:00Z"}
{"id":"web-late","title":"Put off","status":"deferred","priority":2,"issue_type":"task","defer_until":"2027-01-01T10:00:00Z","created_at":"2026-01-01T16:00:00Z","updated_at":"2026-01-01T16:00:00Z"}
"#;

/// The thirty rows.
fn rows() -> Vec<Row> {
    [reading::ROWS, writing::ROWS, more::ROWS].concat()
}

fn tracker() -> Env {
    let env = Env::new();
    let write = |name: &str, text: &str| std::fs::write(env.root().join(name), text).expect("a file");
    write("issues.jsonl", ISSUES);
    write("text.md", "A text\n");
    write("plan.md", "# First\n\n## Second\n");
    write("ids.txt", "web-other\n");
    write("meta.json", "{\"a\": 1}\n");
    write("edges.jsonl", "{\"from\":\"web-free\",\"to\":\"web-other\"}\n");
    write(
        "plan.json",
        r#"{"nodes":[{"key":"a","title":"First"},{"key":"b","title":"Second"}],"edges":[{"from_key":"b","to_key":"a","type":"blocks"}]}"#,
    );
    env.qp(["import", "../issues.jsonl", "--source", "web"]).success();
    env.run_git(env.root(), &["init", "-q", "--bare", "server.git"]);
    env.git_out(&["remote", "add", "origin", "../server.git"]);
    env
}

/// Runs the examples of some rows, each on the same tracker, and tells which are not as they should be.
fn run(rows: &[Row], program: &str) -> Vec<String> {
    let env = tracker();
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let log = env.repo().join(".git/logs/refs/heads/quipu-sync");
    let logged = std::fs::read(&log).expect("a reflog");
    let mut wrong = Vec::new();
    for (row, (line, shape)) in rows.iter().flat_map(|(row, lines)| lines.iter().map(move |line| (row, line)))
    {
        let (line, stdin) = line.split_once(" < ").unwrap_or((line, ""));
        let mut words = split(line);
        words.extend(shape.is_json().then(|| "--json".to_owned()));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let run = run_as(&env, program, &words, stdin);
        if let Err(why) = shape.check(&run) {
            let shown: String = run.to_string().chars().take(300).collect();
            wrong.push(format!("row {row}: {program} {line}: {why}\n{shown}"));
        }
        env.git_out(&["update-ref", "refs/heads/quipu-sync", tip.trim()]);
        std::fs::write(&log, &logged).expect("the reflog is as before");
    }
    wrong
}

#[track_caller]
fn all_right(program: &str) {
    let wrong = run(&rows(), program);
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_example_through_qp() {
    all_right("qp");
}

#[test]
fn every_example_through_bd() {
    all_right("bd");
}

#[test]
fn every_row_has_examples() {
    let mut numbers: Vec<usize> = rows().iter().map(|(number, _)| *number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
    assert!(rows().iter().all(|(_, examples)| !examples.is_empty()));
}

/// Where quipu does otherwise than `bd`, because there it is a trap, or because there is no such thing here.
#[test]
fn deviations_are_few_and_have_reasons() {
    let rows = rows();
    let examples = rows.iter().flat_map(|(_, examples)| examples.iter());
    let reasons: Vec<&str> = examples.filter_map(|(_, shape)| shape.deviation()).collect();
    assert!(reasons.iter().all(|reason| reason.len() > 20));
    assert_eq!(reasons.len(), DEVIATIONS, "{reasons:#?}");
}

/// How many examples deviate.
const DEVIATIONS: usize = 27;
