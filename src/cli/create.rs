//! `qp create`

use std::path::PathBuf;

use super::app::App;
use super::args::{self, split};
use super::draft::{self, Draft, Reference, Target};
use super::fields::{FieldArgs, one_line_title};
use super::sync::ShareArgs;
use super::update::refuse_ephemeral;
use super::{create_report, graph_plan as graph, plan};
use crate::error::{Error, Result};
use crate::model::Relation;
use crate::output::text::one_line;
use crate::query;

/// Create an issue
///
/// Prints the new key. With --parent and --deps it is placed among the others at once.
#[derive(clap::Args, Debug, Default)]
#[command(after_long_help = "Examples:
  qp create \"Log users out after real inactivity\" -t bug -p 1 -l auth,backend
  qp create \"Write the migration\" --deps web-7k2m --parent web-3f9c
  qp create \"Flaky test\" --deps discovered-from:web-7k2m -d - < notes.md
  qp create \"Nightly build is red\" --idempotency-key nightly-2026-01-31
  qp create -f plan.md --dry-run
  qp create --graph plan.json")]
pub struct CreateArgs {
    /// What is to be done, on one line
    #[arg(value_name = "TITLE", required_unless_present_any = ["title_flag", "file", "graph"])]
    title: Option<String>,
    /// The title, as a flag
    #[arg(long = "title", value_name = "TITLE", conflicts_with = "title", hide = true)]
    title_flag: Option<String>,
    #[command(flatten)]
    fields: FieldArgs,
    /// First notes; - reads standard input
    #[arg(long, alias = "append-notes", value_name = "TEXT", allow_hyphen_values = true)]
    notes: Option<String>,
    /// Skills it takes: a section of the description
    #[arg(long, value_name = "TEXT")]
    skills: Option<String>,
    /// What one should know besides: a section of the description
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    context: Option<String>,
    /// Labels, separated by commas
    #[arg(short, long, alias = "label", value_name = "LABELS")]
    labels: Vec<String>,
    /// Dependencies: ID (must be closed first), blocks:ID (waits for this one), related:ID, discovered-from:ID, …
    #[arg(long, aliases = ["depends-on", "blocked-by", "dep"], value_name = "[TYPE:]ID,…")]
    deps: Vec<String>,
    /// Issues that must be closed first, with all their parts, as --deps ID
    #[arg(long, value_name = "ID,…")]
    waits_for: Vec<String>,
    /// Globs of the files the work touches
    #[arg(long, alias = "path", value_name = "GLOBS")]
    paths: Vec<String>,
    /// An explicit key instead of a derived one
    #[arg(long, value_name = "KEY")]
    id: Option<String>,
    /// Create once under this key: again, it gives the issue that is there
    #[arg(long, value_name = "TEXT")]
    idempotency_key: Option<String>,
    /// Refuse an issue without the sections that its type wants, such as acceptance criteria
    #[arg(long)]
    validate: bool,
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
    /// Create many issues from a JSON file of nodes and edges; - reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = NOT_WITH_FILE, conflicts_with = "file")]
    graph: Option<PathBuf>,
    /// Take an explicit key of any prefix
    #[arg(long, hide = true)]
    force: bool,
    /// Labels are not inherited anyway
    #[arg(long, hide = true)]
    no_inherit_labels: bool,
    /// Not taken: issues are persistent
    #[arg(long, aliases = ["no-history", "wisp"], hide = true)]
    ephemeral: bool,
    /// Not taken: -C names the folder
    #[arg(long, value_name = "DIR", hide = true)]
    repo: Option<String>,
}

/// Flags that say something of one issue; --parent and --labels hold for all of a plan.
const NOT_WITH_FILE: [&str; 24] = [
    "title",
    "title_flag",
    "description",
    "body_file",
    "stdin",
    "design",
    "design_file",
    "acceptance",
    "notes",
    "skills",
    "context",
    "kind",
    "priority",
    "assignee",
    "deps",
    "waits_for",
    "paths",
    "due",
    "defer",
    "estimate",
    "external_ref",
    "spec",
    "id",
    "idempotency_key",
];

pub(super) fn run(args: &CreateArgs, app: &mut App) -> Result<()> {
    create(args, app, false)
}

/// Creates what the arguments say; `silent` prints keys only.
pub(super) fn create(args: &CreateArgs, app: &mut App, silent: bool) -> Result<()> {
    refuse_ephemeral(args.ephemeral)?;
    if let Some(folder) = &args.repo {
        return Err(Error::usage("--repo is not taken: another repository is named for the whole command")
            .hint(one_line(&format!("qp -C {folder} create …"))));
    }
    let mut drafts = match (&args.file, &args.graph) {
        (Some(file), _) => shared(args, app, |app| plan::read(app, file))?,
        (None, Some(file)) => shared(args, app, |app| graph::read(app, file))?,
        (None, None) => vec![draft(args, app)?],
    };
    drafts.iter_mut().for_each(|draft| draft.validate |= args.validate);
    let many = args.file.is_some() || args.graph.is_some();
    let by = app.identity(&app.store()?).actor.value;
    if args.dry_run {
        let view = app.view()?;
        if let [only] = &drafts[..]
            && let Some(id) = draft::existing(&view.tracker, only)
        {
            return create_report::exists(app, &view, id, silent || args.silent);
        }
        let written = view.store().rehearse(&app.context, &view, |txn| draft::put_all(&drafts, &by, txn))?;
        return create_report::preview(app, &view.tracker, written, many);
    }
    let done = app.transact("create", |txn| {
        if let [only] = &drafts[..]
            && let Some(id) = draft::existing(txn.tracker(), only)
        {
            return Ok(Err(id));
        }
        let written = draft::put_all(&drafts, &by, txn)?;
        Ok(Ok(written.created.iter().map(|issue| issue.front.id).collect::<Vec<_>>()))
    })?;
    match &done.value {
        Err(id) => create_report::exists(app, &done.view, *id, silent || args.silent)?,
        Ok(ids) if args.graph.is_some() && app.ui.json => graph::print(app, &done.view, &drafts, ids)?,
        Ok(ids) => create_report::print(app, &done.view, ids, silent || args.silent, many)?,
    }
    args.share.share(app, false)
}

/// Reads many drafts; what the flags say holds for each of them, or for those that are not parts of others.
fn shared(
    args: &CreateArgs,
    app: &mut App,
    read: impl FnOnce(&mut App) -> Result<Vec<Draft>>,
) -> Result<Vec<Draft>> {
    let labels = args::labels(&args.labels)?;
    let parent = args.fields.read(app, None)?.parent;
    let mut drafts = read(app)?;
    for draft in &mut drafts {
        draft.labels.extend(labels.iter().cloned());
        if draft.fields.parent.is_none() && draft.references.iter().all(|r| r.relation != Relation::Parent) {
            draft.fields.parent.clone_from(&parent);
        }
    }
    Ok(drafts)
}

fn draft(args: &CreateArgs, app: &mut App) -> Result<Draft> {
    let title = args.title.as_ref().or(args.title_flag.as_ref()).cloned().unwrap_or_default();
    let mut fields = args.fields.read(app, args.notes.as_deref())?;
    fields.title = Some(one_line_title(&title)?);
    for (heading, text) in [("Required skills", &args.skills), ("Context", &args.context)] {
        if let Some(text) = text.as_deref().filter(|text| !text.trim().is_empty()) {
            fields.add_section(heading, text);
        }
    }
    let key = args.idempotency_key.as_deref().map(str::trim);
    if key.is_some_and(str::is_empty) {
        return Err(Error::usage("the idempotency key is empty").hint("--idempotency-key nightly-2026-01-31"));
    }
    let mut draft = Draft {
        fields,
        labels: args::labels(&args.labels)?,
        paths: split(&args.paths).into_iter().collect(),
        notes: args.notes.as_deref().map(args::text).transpose()?.unwrap_or_default(),
        key: args.id.clone(),
        any_prefix: args.force,
        idempotency_key: key.map(str::to_owned),
        ..Draft::default()
    };
    draft.key.as_deref().map(draft::check_key_form).transpose()?;
    draft.references = split(&args.deps).iter().map(|text| dependency(text)).collect::<Result<_>>()?;
    for key in split(&args.waits_for) {
        let target = Target::Key(key);
        if draft.references.iter().all(|r| r.target != target) {
            draft.references.push(reference("", target, None)?);
        }
    }
    Ok(draft)
}

/// Reads a dependency: `[TYPE:]ID`.
pub(super) fn dependency(text: &str) -> Result<Reference> {
    let (kind, key) = text.split_once(':').unwrap_or(("", text));
    reference(kind, Target::Key(key.trim().to_owned()), None)
}

/// Makes a reference of a new issue. Here `blocks` says what the new issue blocks; everywhere else it names what an
/// issue waits for.
pub(super) fn reference(kind: &str, target: Target, line: Option<usize>) -> Result<Reference> {
    let reversed = kind.trim().eq_ignore_ascii_case("blocks");
    Ok(Reference { relation: query::parse_relation(kind)?, reversed, target, line })
}
