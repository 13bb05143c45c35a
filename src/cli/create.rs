//! `qp create`

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::app::App;
use super::args::{self, split};
use super::draft::{self, Draft, Reference, Target, Written};
use super::fields::{FieldArgs, one_line_title};
use super::sync::ShareArgs;
use super::{plan, report};
use crate::error::Result;
use crate::model::{Issue, IssueId, Relation, Row, Tracker};
use crate::output::{json, sheet, table};
use crate::query;
use crate::store::View;

/// Create an issue
///
/// Prints the new key. With --parent and --deps it is placed among the others at once.
#[derive(clap::Args, Debug, Default)]
#[command(after_long_help = "Examples:
  qp create \"Log users out after real inactivity\" -t bug -p 1 -l auth,backend
  qp create \"Write the migration\" --deps web-7k2m --parent web-3f9c
  qp create \"Flaky test\" --deps discovered-from:web-7k2m -d - < notes.md
  qp create -f plan.md --dry-run")]
pub struct CreateArgs {
    /// What is to be done, on one line
    #[arg(value_name = "TITLE", required_unless_present_any = ["title_flag", "file"])]
    title: Option<String>,
    /// The title, as a flag
    #[arg(long = "title", value_name = "TITLE", conflicts_with = "title", hide = true)]
    title_flag: Option<String>,
    #[command(flatten)]
    fields: FieldArgs,
    /// First notes; - reads standard input
    #[arg(long, alias = "append-notes", value_name = "TEXT", allow_hyphen_values = true)]
    notes: Option<String>,
    /// Labels, separated by commas
    #[arg(short, long, alias = "label", value_name = "LABELS")]
    labels: Vec<String>,
    /// Dependencies: ID (must be closed first), blocks:ID (waits for this one), related:ID, discovered-from:ID, …
    #[arg(long, aliases = ["depends-on", "blocked-by", "dep"], value_name = "[TYPE:]ID,…")]
    deps: Vec<String>,
    /// Globs of the files the work touches
    #[arg(long, alias = "path", value_name = "GLOBS")]
    paths: Vec<String>,
    /// An explicit key instead of a derived one
    #[arg(long, value_name = "KEY")]
    id: Option<String>,
    /// Print the key only
    #[arg(long)]
    silent: bool,
    #[command(flatten)]
    share: ShareArgs,
    /// Show what would be created, without creating it
    #[arg(long)]
    dry_run: bool,
    /// Create many issues from a Markdown file, a heading an issue; - reads standard input
    #[arg(short, long, value_name = "FILE", conflicts_with_all = NOT_WITH_FILE)]
    file: Option<PathBuf>,
    /// Take an explicit key of any prefix
    #[arg(long, hide = true)]
    force: bool,
    /// Labels are not inherited anyway
    #[arg(long, hide = true)]
    no_inherit_labels: bool,
}

/// Flags that say something of one issue; --parent and --labels hold for all of a plan.
const NOT_WITH_FILE: [&str; 20] = [
    "title",
    "title_flag",
    "description",
    "body_file",
    "stdin",
    "design",
    "design_file",
    "acceptance",
    "notes",
    "kind",
    "priority",
    "assignee",
    "deps",
    "paths",
    "due",
    "defer",
    "estimate",
    "external_ref",
    "spec",
    "id",
];

pub(super) fn run(args: &CreateArgs, app: &mut App) -> Result<()> {
    create(args, app, false)
}

/// Creates what the arguments say; `silent` prints keys only.
pub(super) fn create(args: &CreateArgs, app: &mut App, silent: bool) -> Result<()> {
    let drafts = match &args.file {
        Some(file) => plan_drafts(args, app, file)?,
        None => vec![draft(args, app)?],
    };
    let many = args.file.is_some();
    let by = app.identity(&app.store()?).actor.value;
    if args.dry_run {
        let view = app.view()?;
        let written = view.store().rehearse(&app.context, &view, |txn| draft::put_all(&drafts, &by, txn))?;
        return preview(app, &view.tracker, written, many);
    }
    let done = app.transact("create", |txn| {
        let written = draft::put_all(&drafts, &by, txn)?;
        Ok(written.created.iter().map(|issue| issue.front.id).collect::<Vec<_>>())
    })?;
    print(app, &done.view, &done.value, silent || args.silent, many)?;
    args.share.share(app, false)
}

/// Reads a plan; what the flags say holds for every issue of it, or for those that are not parts of others.
fn plan_drafts(args: &CreateArgs, app: &mut App, file: &Path) -> Result<Vec<Draft>> {
    let labels = args::labels(&args.labels)?;
    let parent = args.fields.read(app, None)?.parent;
    let mut drafts = plan::read(app, file)?;
    for draft in &mut drafts {
        draft.labels.extend(labels.iter().cloned());
        if draft.references.iter().all(|r| r.relation != Relation::Parent) {
            draft.fields.parent.clone_from(&parent);
        }
    }
    Ok(drafts)
}

fn draft(args: &CreateArgs, app: &mut App) -> Result<Draft> {
    let title = args.title.as_ref().or(args.title_flag.as_ref()).cloned().unwrap_or_default();
    let mut fields = args.fields.read(app, args.notes.as_deref())?;
    fields.title = Some(one_line_title(&title)?);
    let mut draft = Draft {
        fields,
        labels: args::labels(&args.labels)?,
        paths: split(&args.paths).into_iter().collect(),
        notes: args.notes.as_deref().map(args::text).transpose()?.unwrap_or_default(),
        key: args.id.clone(),
        any_prefix: args.force,
        ..Draft::default()
    };
    draft.key.as_deref().map(draft::check_key_form).transpose()?;
    for text in split(&args.deps) {
        let (kind, key) = text.split_once(':').unwrap_or(("", &text));
        draft.references.push(reference(kind, Target::Key(key.trim().to_owned()), None)?);
    }
    Ok(draft)
}

/// Makes a reference of a new issue. Here `blocks` says what the new issue blocks; everywhere else it names what an
/// issue waits for.
pub(super) fn reference(kind: &str, target: Target, line: Option<usize>) -> Result<Reference> {
    let reversed = kind.trim().eq_ignore_ascii_case("blocks");
    Ok(Reference { relation: query::parse_relation(kind)?, reversed, target, line })
}

/// Shows what would be written. New issues go by names that no command takes, because their keys do not exist yet.
fn preview(app: &mut App, tracker: &Tracker, written: Written, many: bool) -> Result<()> {
    let Written { mut created, changed } = written;
    for (at, issue) in created.iter_mut().enumerate() {
        let name = if many { format!("new-{}", at + 1) } else { "new".to_owned() };
        issue.front.key.get_or_insert(name);
    }
    let row = |issue: &Issue| Row { front: issue.front.clone(), blob: Vec::new(), comments: 0 };
    let mut rows = tracker.rows.clone();
    let gone = changed.iter().map(|issue| issue.front.id).collect();
    rows.change(&gone, created.iter().chain(&changed).map(row));
    let after = Tracker::with_rows(tracker.settings.clone(), rows, Vec::new());
    let positions: Vec<usize> = created.iter().filter_map(|issue| after.position(issue.front.id)).collect();
    if app.ui.json {
        let documents = positions.iter().zip(&created).map(|(at, issue)| {
            let mut object = json::full_row(&after, *at, issue);
            object.shift_remove("uid");
            object.insert("dry_run".to_owned(), true.into());
            object
        });
        let mut documents: Vec<json::Object> = documents.collect();
        return match documents.pop() {
            Some(only) if !many => app.ui.document(&json::versioned(only)),
            last => app.ui.document(&documents.into_iter().chain(last).map(Value::from).collect()),
        };
    }
    app.ui.note("would create (nothing was written):");
    match (&created[..], &positions[..]) {
        ([issue], [at]) => sheet::print(&mut app.ui, &after, *at, issue, app.context.now()),
        _ => table::print(&mut app.ui, &after, &plan::outline(&after, &positions)),
    }
}

/// Prints created issues; `many` are printed as a list, even if there is only one.
fn print(app: &mut App, view: &View, ids: &[IssueId], silent: bool, many: bool) -> Result<()> {
    if silent && !app.ui.json {
        for id in ids {
            app.ui.line(view.tracker.key_of(*id))?;
        }
        return Ok(());
    }
    if let ([id], false, true) = (ids, many, app.ui.json) {
        return app.ui.document(&json::versioned(report::document(view, *id)?));
    }
    let ids: Vec<_> = ids.iter().map(|id| (*id, "created".to_owned())).collect();
    report::changed(app, view, &ids)
}
