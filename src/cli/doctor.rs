//! `qp doctor`

use serde_json::{Value, json};

use super::app::App;
use crate::error::{Error, Kind, Result};
use crate::model::Tracker;
use crate::output::json::versioned;
use crate::output::text::{counted, one_line};
use crate::query::{self, Finding, Severity};
use crate::store::{Store, View, check_failed};

/// Look for what is wrong with the tracker and the repository
///
/// Each finding has a code, a sentence and a remedy. The exit code is 0 where there are none, or only notes, and 1
/// where there are errors or warnings. With --fix, a wrong snapshot or search file is deleted, what a power cut has torn is
/// moved aside and brought back from the remote, from the branch's log or from the version before, and contradictions
/// between an issue's status and its other fields are resolved in favour of the status, by one commit that undo takes
/// back.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp doctor\n  qp doctor --fix\n  qp doctor --json | jq '.findings[] | .code'"
)]
pub struct DoctorArgs {
    /// Repair what can be repaired without losing anything
    #[arg(long)]
    fix: bool,
    /// Agents type these; nothing is ever asked
    #[arg(long = "check", aliases = ["agent", "yes"], short_alias = 'y', hide = true)]
    ignored: bool,
}

/// A finding, and what was done about it.
struct Line {
    finding: Finding,
    fixed: Option<String>,
}

/// Findings whose remedy is [`query::repair`].
const REPAIRED: [&str; 4] =
    ["closed_with_claim", "claim_without_work", "closed_without_time", "open_with_closing"];

pub(super) fn run(args: &DoctorArgs, app: &mut App) -> Result<()> {
    if let Some(at) = &app.globals.at {
        return Err(
            Error::usage(format!("--at {at} looks back; doctor looks at the present")).hint("qp doctor")
        );
    }
    let store = app.store()?;
    let now = app.context.now();
    let mut lines = if args.fix { heal(app, &store)? } else { Vec::new() };
    let mut findings = store.inspect(now);
    let view = match store.view_afresh() {
        Ok(view) => Some(view),
        Err(error) if error.code() == "no_tracker" => return Err(error),
        Err(error) => {
            if !findings.iter().any(|finding| finding.code == error.code()) {
                findings.push(check_failed(&error));
            }
            None
        }
    };
    if let Some(view) = &view {
        findings.extend(store.inspect_snapshot().unwrap_or_else(|error| vec![check_failed(&error)]));
        findings.extend(store.inspect_search_file().unwrap_or_else(|error| vec![check_failed(&error)]));
        findings.extend(view.inspect_files().unwrap_or_else(|error| vec![check_failed(&error)]));
        findings.extend(query::examine(&view.tracker, now));
    }
    if findings.iter().any(|finding| finding.code == "broken_object") {
        // They say the same, less well.
        findings.retain(|finding| finding.code != "git");
    }
    findings.sort_by_key(|finding| finding.severity);
    lines.extend(findings.into_iter().map(|finding| Line { finding, fixed: None }));
    if args.fix {
        fix(app, &store, &mut lines)?;
    }
    print(app, view.as_ref(), &lines)
}

fn fix(app: &mut App, store: &Store, lines: &mut [Line]) -> Result<()> {
    for line in lines.iter_mut() {
        let deleted = match line.finding.code {
            "snapshot" => store.drop_snapshot().then_some("the snapshot file"),
            "search_file" => store.drop_search_file().then_some("the search file"),
            _ => None,
        };
        line.fixed = line.fixed.take().or(deleted.map(|what| format!("deleted {what}")));
    }
    if !lines.iter().any(|line| REPAIRED.contains(&line.finding.code)) {
        return Ok(());
    }
    let done = app.transact("doctor", |txn| {
        let mut repaired = Vec::new();
        for at in 0..txn.tracker().rows.len() {
            if let Some(front) = query::repair(txn.tracker().front(at)) {
                let mut issue = txn.issue(at)?;
                issue.front = front;
                txn.put(issue)?;
                repaired.push(txn.tracker().key(at));
            }
        }
        txn.subject(format!("doctor: make the state of {} coherent", repaired.join(", ")));
        Ok(repaired)
    })?;
    for line in lines.iter_mut().filter(|line| REPAIRED.contains(&line.finding.code)) {
        if line.finding.issue.as_ref().is_some_and(|key| done.value.contains(key)) {
            line.fixed = Some(repair_sentence(line.finding.code).to_owned());
        }
    }
    Ok(())
}

/// Findings whose remedy is [`Store::heal`].
const HEALED: [&str; 2] = ["broken_object", "bad_ref"];

/// Mends what a loss of power has broken, before anything else is looked at. What was done is said with the first
/// finding that it concerns.
fn heal(app: &mut App, store: &Store) -> Result<Vec<Line>> {
    let is_broken = |finding: &Finding| HEALED.contains(&finding.code);
    let findings: Vec<Finding> = store.inspect(app.context.now()).into_iter().filter(is_broken).collect();
    if findings.is_empty() {
        return Ok(Vec::new());
    }
    app.refuse_past()?;
    let healed = store.heal(&app.context, &app.author(store))?;
    let (lost, done): (Vec<_>, Vec<_>) = healed.into_iter().partition(|healed| healed.code == "lost");
    for lost in &lost {
        app.ui.warn(&lost.message);
    }
    if done.is_empty() {
        return Ok(Vec::new());
    }
    let mut what = done.into_iter().map(|healed| healed.message).collect::<Vec<_>>().join("; ");
    let mut said = || Some(std::mem::replace(&mut what, "with the one above".to_owned()));
    Ok(findings.into_iter().map(|finding| Line { finding, fixed: said() }).collect())
}

fn repair_sentence(code: &str) -> &'static str {
    match code {
        "closed_without_time" => "took the time of the last change as closed_at",
        "open_with_closing" => "removed what belongs to a closed issue",
        _ => "removed what belongs to a claim",
    }
}

fn print(app: &mut App, view: Option<&View>, lines: &[Line]) -> Result<()> {
    let bad = |line: &&Line| line.fixed.is_none() && line.finding.severity != Severity::Note;
    let bad = lines.iter().filter(bad).count();
    let issues = view.map_or(0, |view| view.tracker.rows.len());
    if app.ui.json {
        let findings: Vec<Value> = lines.iter().map(document).collect();
        let value = json!({ "ok": bad == 0, "issue_count": issues, "findings": findings });
        app.ui.document(&versioned(value))?;
    } else {
        for line in lines {
            let Finding { severity, message, remedy, .. } = &line.finding;
            app.ui.line(format!("{}: {}", severity.name(), one_line(message)))?;
            match &line.fixed {
                Some(fixed) => app.ui.line(format!("  fixed: {fixed}"))?,
                None => app.ui.advice(&format!("  remedy: {}", one_line(remedy)))?,
            }
        }
        app.ui.line(summary(view.map(|view| &view.tracker), lines))?;
    }
    if bad == 0 {
        return Ok(());
    }
    // The findings are the answer; there is nothing to add to them.
    Err(Error::new(Kind::CheckFailed, "findings", format!("{bad} findings")))
}

fn document(line: &Line) -> Value {
    let Finding { severity, code, issue, path, line: number, message, remedy } = &line.finding;
    let mut object = crate::output::json::Object::new();
    object.insert("code".to_owned(), (*code).into());
    object.insert("severity".to_owned(), severity.name().into());
    let mut add =
        |name: &str, value: Option<Value>| object.extend(value.map(|value| (name.to_owned(), value)));
    add("issue", issue.as_ref().map(|key| key.as_str().into()));
    add("path", path.as_ref().map(|path| path.as_str().into()));
    add("line", number.map(Into::into));
    add("message", Some(message.as_str().into()));
    add("remedy", Some(remedy.as_str().into()));
    add("fixed", line.fixed.as_ref().map(|text| text.as_str().into()));
    object.into()
}

fn summary(tracker: Option<&Tracker>, lines: &[Line]) -> String {
    let issues = counted(tracker.map_or(0, |tracker| tracker.rows.len()), "issue");
    let open: Vec<&Line> = lines.iter().filter(|line| line.fixed.is_none()).collect();
    let count = |severity: Severity| {
        let count = open.iter().filter(|line| line.finding.severity == severity).count();
        (count > 0).then(|| counted(count, severity.name()))
    };
    let fixed = lines.len() - open.len();
    let mut parts: Vec<String> =
        [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter_map(count).collect();
    parts.extend((fixed > 0).then(|| format!("{fixed} fixed")));
    if parts.is_empty() {
        format!("{issues}, nothing wrong")
    } else {
        format!("{issues}, {}", parts.join(", "))
    }
}
