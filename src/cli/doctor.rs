//! `qp doctor`

use serde_json::{Value, json};

use super::app::App;
use super::doctor_fix::{self, Fate, Line};
use crate::error::{Error, Kind, Result};
use crate::model::{Timestamp, Tracker};
use crate::output::json::versioned;
use crate::output::text::{counted, one_line};
use crate::query::{self, Finding, Severity};
use crate::store::{Store, View, check_failed};

/// Look for what is wrong with the tracker and the repository
///
/// Each finding has a code, a sentence and a remedy. The exit code is 0 where there are none, or only notes, and 1
/// where there are errors or warnings that stay. With --fix, what can be repaired is repaired, and nothing is lost by it:
/// changes of issues are one commit that qp undo takes back, what cannot be read is kept in the attic, and what a power
/// cut has torn is moved aside. docs/doctor.md has a table of all codes, with what --fix does about each.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp doctor\n  qp doctor --fix --dry-run\n  qp doctor --fix\n  qp doctor --json | jq '.findings[] | .code'"
)]
pub struct DoctorArgs {
    /// Repair what can be repaired without losing anything
    #[arg(long)]
    fix: bool,
    /// With --fix: say what would be repaired, and change nothing
    #[arg(short = 'n', long, requires = "fix")]
    dry_run: bool,
    /// Agents type these; nothing is ever asked
    #[arg(long = "check", aliases = ["agent", "yes"], short_alias = 'y', hide = true)]
    ignored: bool,
}

pub(super) fn run(args: &DoctorArgs, app: &mut App) -> Result<()> {
    if let Some(at) = &app.globals.at {
        return Err(
            Error::usage(format!("--at {at} looks back; doctor looks at the present")).hint("qp doctor")
        );
    }
    if args.fix && !args.dry_run {
        app.refuse_past()?;
    }
    let store = app.store()?;
    let damage = store.inspect_damage();
    let mut lines: Vec<Line> = if args.fix && !args.dry_run && !damage.is_empty() {
        doctor_fix::heal(app, &store, damage)
    } else {
        damage.into_iter().map(Line::new).collect()
    };
    let mut findings = store.inspect(app.context.now());
    let view = match store.view_afresh() {
        Ok(view) => Some(view),
        // What was moved aside has to be said.
        Err(error) if error.code() == "no_tracker" && lines.is_empty() => return Err(error),
        Err(error) => {
            findings.push(check_failed(&error));
            None
        }
    };
    findings.extend(view.as_ref().map(|view| look(&store, view, app.context.now())).unwrap_or_default());
    let is_broken = |line: &Line| !line.is_fixed() && line.finding.severity == Severity::Error;
    if lines.iter().any(is_broken) {
        // They say the same, less well.
        findings.retain(|finding| !["bad_ref", "check_failed", "git"].contains(&finding.code));
    }
    lines.extend(findings.into_iter().map(Line::new));
    lines.sort_by_key(|line| (!line.is_fixed(), line.finding.severity));
    let mut after = None;
    if args.dry_run {
        doctor_fix::rehearse(&mut lines);
    } else if args.fix {
        after = doctor_fix::fix(app, &store, &mut lines);
    }
    print(app, after.as_ref().or(view.as_ref()), &lines)
}

/// Looks at a tracker that can be read, and at what is kept of it.
fn look(store: &Store, view: &View, now: Timestamp) -> Vec<Finding> {
    let checks = [store.inspect_snapshot(view), store.inspect_search_file(), view.inspect_files()];
    let failed = |error| vec![check_failed(&error)];
    let mut findings: Vec<Finding> =
        checks.into_iter().flat_map(|check| check.unwrap_or_else(failed)).collect();
    findings.extend(view.inspect_claims(now));
    findings.extend(query::examine(&view.tracker, now));
    findings
}

fn print(app: &mut App, view: Option<&View>, lines: &[Line]) -> Result<()> {
    let bad = |line: &&Line| !line.is_fixed() && line.finding.severity != Severity::Note;
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
            match &line.fate {
                Fate::Fixed(how) => app.ui.line(format!("  fixed: {}", one_line(how)))?,
                Fate::WouldFix(how) => app.ui.line(format!("  --fix {}", one_line(how)))?,
                Fate::NotFixed(why) => {
                    app.ui.line(format!("  not fixed: {}", one_line(why)))?;
                    app.ui.advice(&format!("  remedy: {}", one_line(remedy)))?;
                }
                Fate::Open => app.ui.advice(&format!("  remedy: {}", one_line(remedy)))?,
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
    let Finding { severity, code, issue, path, line: number, message, remedy, .. } = &line.finding;
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
    match &line.fate {
        Fate::Open => {}
        Fate::Fixed(how) => add("fixed", Some(how.as_str().into())),
        Fate::WouldFix(how) => add("would_fix", Some(how.as_str().into())),
        Fate::NotFixed(why) => add("not_fixed", Some(why.as_str().into())),
    }
    object.into()
}

fn summary(tracker: Option<&Tracker>, lines: &[Line]) -> String {
    let issues = tracker.map(|tracker| counted(tracker.rows.len(), "issue"));
    let issues = issues.unwrap_or_else(|| "no issue can be read".to_owned());
    let open: Vec<&Line> = lines.iter().filter(|line| !line.is_fixed()).collect();
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
