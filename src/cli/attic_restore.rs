//! `qp attic restore`: an ordinary write that puts back what lost a merge.

use serde_json::json;

use super::app::App;
use super::attic_entry::{Attic, current, read};
use super::changed::IssueChange;
use super::report;
use super::undo_plan::refuse_cycles;
use crate::error::{Error, Kind, Result};
use crate::merge::{Part, differing_parts};
use crate::model::{FIELDS, Front, Holder, Issue, IssueId, Ref, Rule, Settings, Tracker};
use crate::output::changes::Shape;
use crate::output::json::{Object, versioned};
use crate::output::text::one_line;
use crate::query::{check_references, may_change_state, may_close, may_drop};
use crate::store::{AtticEntry, LostRecord, SETTINGS, Txn, View, following};

/// Put back what lost a merge
///
/// One commit, which qp undo takes back. Exactly the parts that lost, unless told otherwise; a deleted issue, or
/// another file, as a whole. An old claim does not come back: what was in progress under one is open. The copy leaves
/// the attic once nothing that lost differs any more.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp attic restore 9f3a1c2\n  qp attic restore 9f3a1c2 --field title --field state\n  qp attic restore web-7k2m --whole --dry-run"
)]
pub struct RestoreArgs {
    /// Its name as qp attic list shows it, its path, or the key of an issue with one copy
    #[arg(value_name = "ENTRY")]
    entry: String,
    /// Put back this part: one that lost, by its name in qp attic list, or any other field
    #[arg(short, long = "field", value_name = "PART")]
    fields: Vec<String>,
    /// Put back everything that differs
    #[arg(long, conflicts_with = "fields")]
    whole: bool,
    /// Show what would change, without changing it
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// What a restoration comes to.
struct Restored {
    document: Object,
    name: String,
    of: String,
    /// The names of the parts that were put back.
    parts: Vec<String>,
    /// The names of the parts that lost and still differ.
    left: Vec<String>,
    issue: Option<(IssueId, Option<Issue>, Issue)>,
    /// The path of a file that was written.
    file: Option<String>,
}

pub(super) fn run(args: &RestoreArgs, app: &mut App) -> Result<()> {
    if args.dry_run {
        // A rehearsal keeps no session for later.
        let holder = app.reader(&app.store()?);
        let view = app.view()?;
        let restored = view.store().rehearse(&app.context, &view, |txn| restore(txn, args, &holder))?;
        return print(app, &view.tracker, &restored, true, None);
    }
    let holder = app.holder(&app.store()?);
    let done = app.transact("attic restore", |txn| restore(txn, args, &holder))?;
    let written = done.commit.map(|commit| (commit, done.op.to_string()));
    print(app, &done.view.tracker, &done.value, false, written)
}

fn restore(txn: &mut Txn<'_>, args: &RestoreArgs, holder: &Holder) -> Result<Restored> {
    let view = txn.view();
    let attic = Attic::read(view)?;
    let at = attic.find(&args.entry)?;
    let record = attic.records(&[at])?.remove(0);
    let kept = &attic.copies[at];
    let mut restored = Restored {
        document: attic.document(at, record.as_ref())?,
        name: one_line(&kept.name),
        of: one_line(&kept.of),
        parts: Vec::new(),
        left: Vec::new(),
        issue: None,
        file: None,
    };
    let entry = &kept.entry;
    match (read(view, entry)?, current(view, entry)?) {
        (None, _) => file(txn, entry, args, &mut restored)?,
        (Some(copy), None) => deleted(txn, copy?, args, &mut restored)?,
        (Some(copy), Some(now)) => {
            let copy = copy?;
            let parts = wanted(view, args, record.as_ref(), &copy, &now, &restored.name)?;
            fields(txn, &copy, now, &parts, holder, &mut restored)?;
            let (_, _, after) = restored.issue.as_ref().expect("an issue was restored");
            restored.left = left(record.as_ref(), &copy, after);
        }
    }
    if restored.left.is_empty() {
        txn.put_file(&entry.path, None);
    }
    let what = match &restored.parts[..] {
        [] => format!("drop {} of {} from the attic", restored.name, restored.of),
        parts if parts.len() <= 4 && restored.issue.as_ref().is_some_and(|(_, now, _)| now.is_some()) => {
            format!("restore {} of", parts.join(", "))
        }
        _ => "restore".to_owned(),
    };
    let position = entry.issue_id().and_then(|id| txn.tracker().position(id));
    txn.subject(match position {
        _ if restored.parts.is_empty() => what,
        Some(position) => report::subject(&what, view, &[position]),
        None if kept.title.is_empty() => format!("{what} {}", restored.of),
        None => format!("{what} {}: {}", restored.of, one_line(&kept.title)),
    });
    Ok(restored)
}

/// Returns the parts that are to be put back.
///
/// # Errors
/// Usage, for a part that neither version has, and where it is not known what lost.
fn wanted(
    view: &View,
    args: &RestoreArgs,
    record: Option<&LostRecord>,
    copy: &Issue,
    now: &Issue,
    name: &str,
) -> Result<Vec<Part>> {
    if args.whole {
        return Ok(vec![Part::Whole]);
    }
    if !args.fields.is_empty() {
        let part = |field: &String| part(&view.tracker, field, copy, now);
        return args.fields.iter().map(part).collect();
    }
    match record {
        Some(record) => Ok(record.lost.parts.iter().filter_map(|part| Part::parse(part)).collect()),
        None => {
            let message = "which parts lost is not known: the history here does not reach back to the merge";
            Err(Error::new(Kind::Conflict, "parts_unknown", message)
                .hint(format!("qp attic diff {name} shows what differs, then --field PART or --whole")))
        }
    }
}

/// Reads the name of a part, also one that documents use.
fn part(tracker: &Tracker, name: &str, copy: &Issue, now: &Issue) -> Result<Part> {
    let known = FIELDS.iter().find(|field| field.json == name).map(|field| field.key);
    let known = known.or((name == "acceptance_criteria").then_some("acceptance"));
    let part = Part::parse(known.unwrap_or(name)).map(|part| match part {
        Part::Blocker(reference) => Part::Blocker(match tracker.keys().resolve_ref(&reference) {
            Some(at) => Ref::Id(tracker.front(at).id),
            None => reference,
        }),
        part => part,
    });
    part.filter(|part| part.is_in(copy) || part.is_in(now)).ok_or_else(|| {
        let differing = differing_parts(copy, now);
        let differing: Vec<String> = differing.iter().map(Part::name).collect();
        let error = Error::usage(format!("{:?} is no part that can be restored", one_line(name)));
        let hint = if differing.is_empty() { "nothing differs".to_owned() } else { differing.join(", ") };
        error.hint(format!("what differs: {}", one_line(&hint)))
    })
}

/// Puts parts of the copy into the issue.
fn fields(
    txn: &mut Txn<'_>,
    copy: &Issue,
    now: Issue,
    parts: &[Part],
    holder: &Holder,
    restored: &mut Restored,
) -> Result<()> {
    let mut issue = now.clone();
    for part in parts {
        let single = if *part == Part::Whole { differing_parts(copy, &issue) } else { vec![part.clone()] };
        for part in single.into_iter().filter(|part| part.differs(copy, &now)) {
            part.take(copy, &mut issue);
            restored.parts.push(one_line(&part.name()));
        }
    }
    check_state(txn, &now.front, &issue.front, holder)?;
    check_references(txn.tracker(), &now.front, &issue.front)?;
    txn.put(issue.clone())?;
    restored.issue = Some((issue.front.id, Some(now), issue));
    Ok(())
}

/// Refuses a state that no other command would make: under somebody else's claim, or closed with open blockers.
fn check_state(txn: &Txn<'_>, now: &Front, after: &Front, holder: &Holder) -> Result<()> {
    let mut states = FIELDS.iter().filter(|field| field.rule == Rule::State);
    let position = txn.tracker().position(now.id);
    let Some(position) = position.filter(|_| states.any(|f| f.get(now) != f.get(after))) else {
        return Ok(());
    };
    let closes = after.status.is_closed() && !now.status.is_closed();
    let replaced = after.duplicate_of.is_some() || after.superseded_by.is_some();
    match (closes, replaced) {
        (false, _) => may_change_state(txn.tracker(), position, holder, txn.now),
        (true, true) => may_drop(txn.tracker(), position, holder, txn.now, &[]).map(drop),
        (true, false) => may_close(txn.tracker(), position, holder, txn.now, &[]).map(drop),
    }
}

/// Names what lost and still differs. Where nobody knows what lost, everything counts.
fn left(record: Option<&LostRecord>, copy: &Issue, after: &Issue) -> Vec<String> {
    let lost = match record {
        Some(record) => record.lost.parts.iter().filter_map(|part| Part::parse(part)).collect(),
        None => differing_parts(copy, after),
    };
    lost.iter().filter(|part| part.differs(copy, after)).map(|part| one_line(&part.name())).collect()
}

/// Brings a deleted issue back.
fn deleted(txn: &mut Txn<'_>, copy: Issue, args: &RestoreArgs, restored: &mut Restored) -> Result<()> {
    let id = copy.front.id;
    if !args.fields.is_empty() {
        let message = format!("{} is deleted: it can only come back as a whole", restored.of);
        return Err(Error::new(Kind::Conflict, "deleted", message)
            .hint(format!("qp attic restore {}", restored.name)));
    }
    let mut issue = Issue { front: copy.front.clone(), body: copy.body.clone() };
    Part::State.take(&copy, &mut issue);
    issue.front.updated_at = following(txn.now, issue.front.updated_at).0;
    refuse_cycles(txn.tracker(), &[(id, Some(&issue.front))])?;
    restored.parts.push("issue".to_owned());
    restored.issue = Some((id, None, issue.clone()));
    txn.put(issue)
}

/// Puts another file back as a whole.
fn file(txn: &mut Txn<'_>, entry: &AtticEntry, args: &RestoreArgs, restored: &mut Restored) -> Result<()> {
    if let Some(field) = args.fields.first() {
        let message = format!("{} is no issue, so it has no {:?}", restored.of, one_line(field));
        return Err(Error::usage(message).hint("leave out --field: the whole file is put back"));
    }
    let path = entry.original.as_str();
    let content = txn.view().attic_content(entry)?;
    if path == SETTINGS {
        let present = txn.tracker().settings.clone();
        let settings = settings(present.clone(), &content)?;
        if settings == present {
            return Ok(());
        }
        txn.put_settings(settings);
    } else {
        if txn.view().file(path)?.as_ref() == Some(&content) {
            return Ok(());
        }
        txn.put_file(path, Some(content));
    }
    restored.parts.push("file".to_owned());
    restored.file = Some(path.to_owned());
    Ok(())
}

/// The prefixes that the tracker ever had stay, so that no written key dies, and so does the format.
fn settings(present: Settings, content: &[u8]) -> Result<Settings> {
    let mut settings = Settings::read(&String::from_utf8_lossy(content)).map_err(|e| {
        let message = format!("the copy cannot be read: line {}: {}", e.line, e.message);
        Error::new(Kind::Invalid, "unreadable", message).hint("qp attic show prints it")
    })?;
    settings.format = present.format;
    settings.prefixes.extend(present.prefixes);
    Ok(settings)
}

fn print(
    app: &mut App,
    tracker: &Tracker,
    restored: &Restored,
    dry_run: bool,
    written: Option<(String, String)>,
) -> Result<()> {
    let change = restored.issue.as_ref().and_then(|(id, now, after)| {
        let mut change = IssueChange::new(tracker, *id, now.as_ref(), Some(after))?;
        change.verb = if dry_run && !app.ui.json { "would restore" } else { "restored" };
        Some(change)
    });
    let already = restored.parts.is_empty();
    if app.ui.json {
        let (commit, op) = written.unzip();
        let issues: Vec<_> = change.iter().map(|change| change.document(tracker)).collect();
        let files: Vec<_> =
            restored.file.iter().map(|path| json!({ "path": path, "change": "restored" })).collect();
        let value = json!({
            "entry": restored.document,
            "restored": restored.parts,
            "already": already,
            "left": restored.left,
            "dry_run": dry_run,
            "op": op,
            "commit": commit,
            "issues": issues,
            "files": files,
        });
        return app.ui.document(&versioned(value));
    }
    if let Some(change) = change {
        change.print(app, tracker, Shape { indent: 0, patch: false })?;
    } else if let Some(path) = &restored.file {
        let verb = if dry_run { "would restore" } else { "restored" };
        app.ui.line(format!("{verb} {}", one_line(path)))?;
    } else if already {
        app.ui.line(format!("restored already {}", restored.of))?;
    }
    let name = &restored.name;
    match (&restored.left[..], dry_run) {
        ([], true) => {}
        ([], false) => app.ui.note(format!("{name} left the attic; qp undo takes this back")),
        (left, _) => app.ui.note(format!("{name} stays in the attic: {} differs", left.join(", "))),
    }
    Ok(())
}
