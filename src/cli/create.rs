//! `qp create`

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::app::{App, resolve};
use super::args::{self, DescriptionArgs, split};
use super::{dates, plan, report};
use crate::error::{Error, Kind, Result};
use crate::model::{Issue, IssueId, Link, Priority, Ref, Status, Timestamp, Tracker, is_valid_key};
use crate::output::json::{self, versioned};
use crate::output::text::one_line;
use crate::query::{self, EdgeCheck, EdgeKind};
use crate::store::Txn;

/// Create an issue
///
/// Prints the new key. With --parent and --deps it is placed among the others at once.
#[derive(clap::Args, Debug, Default)]
#[command(after_long_help = "Examples:
  qp create \"Log users out after real inactivity\" -t bug -p 1 -l auth,backend
  qp create \"Write the migration\" --deps web-7k2m --parent web-3f9c
  qp create \"Flaky test\" --deps discovered-from:web-7k2m -d - < notes.md
  qp create -f plan.md")]
pub struct CreateArgs {
    /// What is to be done, on one line
    #[arg(value_name = "TITLE", required_unless_present_any = ["title_flag", "file"])]
    title: Option<String>,
    /// The title, as a flag
    #[arg(long = "title", value_name = "TITLE", conflicts_with = "title", hide = true)]
    title_flag: Option<String>,
    #[command(flatten)]
    description: DescriptionArgs,
    /// How it is to be done; - reads standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    design: Option<String>,
    /// Read the design from a file
    #[arg(long, value_name = "FILE", conflicts_with = "design")]
    design_file: Option<PathBuf>,
    /// When it counts as done; - reads standard input
    #[arg(long, visible_alias = "acceptance-criteria", value_name = "TEXT", allow_hyphen_values = true)]
    acceptance: Option<String>,
    /// First notes; - reads standard input
    #[arg(long, alias = "append-notes", value_name = "TEXT", allow_hyphen_values = true)]
    notes: Option<String>,
    /// Type: task, bug, feature, epic, chore, decision, question, or a word of your own
    #[arg(short = 't', long = "type", alias = "issue-type", value_name = "TYPE")]
    kind: Option<String>,
    /// Priority: 0 (most urgent) to 4
    #[arg(short, long, value_name = "0-4")]
    priority: Option<String>,
    /// Labels, separated by commas
    #[arg(short, long, alias = "label", value_name = "LABELS")]
    labels: Vec<String>,
    /// Who is to do it
    #[arg(short, long, value_name = "NAME")]
    assignee: Option<String>,
    /// The issue this one is a part of
    #[arg(long, value_name = "ID")]
    parent: Option<String>,
    /// Dependencies: ID (must be closed first), blocks:ID, related:ID, discovered-from:ID, …
    #[arg(long, aliases = ["depends-on", "blocked-by", "dep"], value_name = "[TYPE:]ID,…")]
    deps: Vec<String>,
    /// Globs of the files the work touches
    #[arg(long, alias = "path", value_name = "GLOBS")]
    paths: Vec<String>,
    /// When it should be done
    #[arg(long, value_name = "DATE")]
    due: Option<String>,
    /// Not ready before this time
    #[arg(long, value_name = "DATE")]
    defer: Option<String>,
    /// Expected work: 90 (minutes), 2h, 1d
    #[arg(short, long, value_name = "DURATION")]
    estimate: Option<String>,
    /// The same thing in another system
    #[arg(long, value_name = "TEXT")]
    external_ref: Option<String>,
    /// The specification it belongs to
    #[arg(long, alias = "spec-id", value_name = "TEXT")]
    spec: Option<String>,
    /// A JSON object for other programs, or @FILE
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
    /// An explicit key instead of a derived one
    #[arg(long, value_name = "KEY")]
    id: Option<String>,
    /// Print the key only
    #[arg(long)]
    silent: bool,
    /// Show what would be created, without creating it
    #[arg(long)]
    dry_run: bool,
    /// Create many issues from a Markdown file, a heading an issue
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["title", "title_flag", "id"])]
    file: Option<PathBuf>,
    /// Explicit keys of any prefix are taken anyway
    #[arg(long, hide = true)]
    force: bool,
}

pub(super) fn run(args: &CreateArgs, app: &mut App) -> Result<()> {
    create(args, app, false)
}

/// Creates what the arguments say; `silent` prints keys only.
pub(super) fn create(args: &CreateArgs, app: &mut App, silent: bool) -> Result<()> {
    let silent = silent || args.silent;
    if let Some(file) = &args.file {
        let text = args::file(&app.context, file)?;
        let drafts = plan::parse(&text)?;
        return plan::create(&drafts, app, silent, args.dry_run);
    }
    let draft = Draft::from_args(args, app)?;
    if args.dry_run {
        let view = app.view()?;
        let (issue, _) = view.store().rehearse(&app.context, &view, |txn| draft.put(txn))?;
        return preview(app, &view.tracker, &issue);
    }
    let done = app.transact("create", |txn| {
        let (issue, key) = draft.put(txn)?;
        txn.subject(format!("create {key}: {}", one_line(&issue.front.title)));
        Ok(issue.front.id)
    })?;
    print(app, &done.view, &[done.value], silent)
}

fn preview(app: &mut App, tracker: &Tracker, issue: &Issue) -> Result<()> {
    if app.ui.json {
        let mut rows = tracker.rows.clone();
        rows.push(crate::model::Row { front: issue.front.clone(), blob: Vec::new(), comments: 0 });
        let after = Tracker::new(tracker.settings.clone(), rows, Vec::new());
        let position = after.position(issue.front.id).ok_or_else(|| Error::bug("the draft is not there"))?;
        return app.ui.document(&versioned(json::full_row(&after, position, issue)));
    }
    app.ui.note("would create (nothing was written):");
    app.ui.raw(&crate::output::text::lines(&issue.write()))
}

/// Prints created issues.
pub(super) fn print(app: &mut App, view: &crate::store::View, ids: &[IssueId], silent: bool) -> Result<()> {
    if silent && !app.ui.json {
        for id in ids {
            app.ui.line(view.tracker.key_of(*id))?;
        }
        return Ok(());
    }
    if let ([id], true) = (ids, app.ui.json) {
        return app.ui.document(&versioned(report::document(view, *id)?));
    }
    let ids: Vec<_> = ids.iter().map(|id| (*id, "created".to_owned())).collect();
    report::changed(app, view, &ids)
}

/// A new issue, checked as far as that is possible without the tracker.
#[derive(Debug, Default, Clone)]
pub(super) struct Draft {
    pub issue: Issue,
    pub explicit_key: Option<String>,
    pub any_prefix: bool,
    pub parent: Option<String>,
    /// (type, key) as given.
    pub deps: Vec<(String, String)>,
    pub by: String,
}

impl Draft {
    fn from_args(args: &CreateArgs, app: &App) -> Result<Self> {
        let now = app.context.now();
        let mut issue = Issue::default();
        let front = &mut issue.front;
        front.title = args.title.as_ref().or(args.title_flag.as_ref()).cloned().unwrap_or_default();
        args.kind.as_deref().unwrap_or("task").clone_into(&mut front.kind);
        front.priority = match &args.priority {
            Some(text) => query::parse_priority(text)?,
            None => Priority::default(),
        };
        front.labels = split(&args.labels).into_iter().collect();
        front.assignee.clone_from(&args.assignee);
        front.paths = split(&args.paths).into_iter().collect();
        front.due_at = args.due.as_deref().map(|t| dates::parse(t, now)).transpose()?;
        front.defer_until = args.defer.as_deref().map(|t| dates::parse(t, now)).transpose()?;
        front.estimate_minutes = args.estimate.as_deref().map(minutes).transpose()?;
        front.external_ref.clone_from(&args.external_ref);
        front.spec.clone_from(&args.spec);
        if let Some(text) = &args.metadata {
            front.metadata = metadata(app, text)?;
        }
        issue.body.description = args.description.read(&app.context)?.unwrap_or_default();
        issue.body.design = match (&args.design, &args.design_file) {
            (Some(value), _) => args::text(value)?,
            (None, Some(path)) => args::file(&app.context, path)?,
            (None, None) => String::new(),
        };
        issue.body.acceptance = args.acceptance.as_deref().map(args::text).transpose()?.unwrap_or_default();
        issue.body.notes = args.notes.as_deref().map(args::text).transpose()?.unwrap_or_default();
        let mut draft = Draft {
            issue,
            explicit_key: args.id.clone(),
            any_prefix: args.force,
            parent: args.parent.clone(),
            deps: split(&args.deps).iter().map(|d| dependency(d)).collect(),
            by: String::new(),
        };
        draft.check()?;
        let store = app.store()?;
        draft.by = app.identity(&store).actor.value;
        Ok(draft)
    }

    /// Refuses what no tracker would take.
    pub fn check(&mut self) -> Result<()> {
        let title = self.issue.front.title.trim().to_owned();
        if title.contains(['\n', '\r']) {
            return Err(Error::invalid("the title has more than one line")
                .hint("put the rest into the description: -d TEXT"));
        }
        self.issue.front.title = title;
        if let Some(key) = &self.explicit_key
            && !is_valid_key(key)
        {
            return Err(Error::invalid(format!("{key:?} is not a key"))
                .hint("letters, digits, '.', '_' and '-', such as --id web-login"));
        }
        Ok(())
    }

    /// Puts the issue into a write; returns it with its key.
    pub fn put(&self, txn: &mut Txn<'_>) -> Result<(Issue, String)> {
        let tracker = txn.tracker();
        let mut issue = self.issue.clone();
        issue.front.id = txn.fresh_id();
        issue.front.created_at = txn.now;
        issue.front.updated_at = txn.now;
        issue.front.created_by = Some(self.by.clone());
        issue.front.kind = query::parse_type(&issue.front.kind, tracker)?;
        self.place(tracker, &mut issue)?;
        if let Some(key) = &self.explicit_key {
            self.check_key(tracker, key)?;
            issue.front.key = Some(key.clone());
        }
        let blocked = self.blocked(tracker)?;
        check_cycle(tracker, &issue, &blocked)?;
        for position in blocked {
            let mut other = txn.issue(position)?;
            other.front.blocked_by.insert(issue.front.id.into());
            txn.put(other)?;
        }
        let key = issue
            .front
            .key
            .clone()
            .unwrap_or_else(|| format!("{}-{}", tracker.settings.prefix, issue.front.id.tail(4)));
        txn.put(issue.clone())?;
        Ok((issue, key))
    }

    fn check_key(&self, tracker: &Tracker, key: &str) -> Result<()> {
        if tracker.keys().has_explicit(key) || tracker.keys().resolve(key).is_ok() {
            return Err(Error::new(
                Kind::Conflict,
                "key_taken",
                format!("{key} is the key of another issue"),
            )
            .hint(format!("qp show {key}")));
        }
        let known =
            tracker.settings.prefixes.iter().any(|p| key.to_ascii_lowercase().starts_with(&format!("{p}-")));
        if known || self.any_prefix {
            return Ok(());
        }
        Err(Error::invalid(format!("{key:?} does not begin with this tracker's prefix"))
            .hint(format!("--id {}-{key}", tracker.settings.prefix)))
    }

    /// Fills parent and dependencies.
    fn place(&self, tracker: &Tracker, issue: &mut Issue) -> Result<()> {
        let id_of = |key: &str| resolve(tracker, key).map(|at| tracker.front(at).id);
        if let Some(parent) = &self.parent {
            issue.front.parent = Some(id_of(parent)?.into());
        }
        for (kind, key) in self.deps.iter().filter(|(kind, _)| kind != "blocks") {
            add_reference(issue, kind, id_of(key)?.into());
        }
        Ok(())
    }

    /// The issues that are to wait for the new one.
    fn blocked(&self, tracker: &Tracker) -> Result<Vec<usize>> {
        self.deps.iter().filter(|(kind, _)| kind == "blocks").map(|(_, key)| resolve(tracker, key)).collect()
    }
}

/// Adds a reference of any kind to an issue.
pub(super) fn add_reference(issue: &mut Issue, kind: &str, target: Ref) {
    let front = &mut issue.front;
    match kind {
        "" | "blocked-by" | "depends-on" => drop(front.blocked_by.insert(target)),
        "parent" | "parent-child" | "child-of" => front.parent = Some(target),
        "related" | "relates-to" => drop(front.related.insert(target)),
        "discovered-from" => drop(front.discovered_from.insert(target)),
        "duplicates" | "duplicate-of" => front.duplicate_of = Some(target),
        "supersedes" | "superseded-by" => front.superseded_by = Some(target),
        other => drop(front.links.insert(Link { kind: other.to_owned(), target })),
    }
}

/// Splits `[TYPE:]ID`; underscores in a type are as good as hyphens.
pub(super) fn dependency(text: &str) -> (String, String) {
    match text.split_once(':') {
        Some((kind, key)) => (kind.trim().to_ascii_lowercase().replace('_', "-"), key.trim().to_owned()),
        None => (String::new(), text.to_owned()),
    }
}

/// Refuses a new issue that would wait for itself through its parent or what it blocks.
fn check_cycle(tracker: &Tracker, issue: &Issue, blocked: &[usize]) -> Result<()> {
    let front = &issue.front;
    let mut check = EdgeCheck::new(tracker);
    let new = check.add_issue("the new issue");
    if let Some(parent) = front.parent.as_ref().and_then(|p| tracker.keys().resolve_ref(p)) {
        check.add(new, parent, EdgeKind::Parent)?;
    }
    for blocker in front.blocked_by.iter().filter_map(|r| tracker.keys().resolve_ref(r)) {
        check.add(new, blocker, EdgeKind::Blocker)?;
    }
    blocked.iter().try_for_each(|waiting| check.add(*waiting, new, EdgeKind::Blocker))
}

/// Reads an estimate in minutes.
pub(super) fn minutes(text: &str) -> Result<u32> {
    let minutes = dates::duration(text)? / 60_000;
    u32::try_from(minutes).map_err(|_| Error::invalid(format!("{text:?} is too long")))
}

/// Reads `--metadata`: a JSON object, or the file that holds one.
pub(super) fn metadata(app: &App, text: &str) -> Result<BTreeMap<String, String>> {
    let text = match text.strip_prefix('@') {
        Some(path) => args::file(&app.context, path.as_ref())?,
        None => args::text(text)?,
    };
    match serde_json::from_str(&text) {
        Ok(serde_json::Value::Object(map)) => Ok(map.into_iter().map(|(k, v)| (k, v.to_string())).collect()),
        _ => {
            Err(Error::invalid("the metadata is not a JSON object")
                .hint("--metadata '{\"name\": \"value\"}'"))
        }
    }
}

/// A draft with nothing but a title and a place, for plans.
pub(super) fn plain(title: &str, by: &str) -> Draft {
    let mut issue = Issue::default();
    title.clone_into(&mut issue.front.title);
    "task".clone_into(&mut issue.front.kind);
    issue.front.status = Status::Open;
    issue.front.created_at = Timestamp::default();
    issue.front.labels = BTreeSet::new();
    Draft { issue, by: by.to_owned(), ..Draft::default() }
}
