//! `qp import`

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Value, json};

use super::app::App;
use crate::error::{Error, Kind, Result};
use crate::import::{self, Batch, Notice, Options};
use crate::model::{Issue, Tracker};
use crate::output::json::versioned;
use crate::output::text::one_line;
use crate::store::{Absorbed, Files, Store, View, slug};

/// Import issues from Beads, from tbd or from a folder of Markdown files
///
/// Recognises a Beads JSON Lines file (also with .gz, or - for standard input) and a folder of Markdown files
/// with front matter; --from tbd reads a branch, a bundle or another repository. Everything comes in one commit.
/// Importing again brings what changed at the source and leaves what was changed or deleted here. Nothing aborts
/// the import: what cannot be read is reported with its line or path.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp import .beads/issues.jsonl
  zcat issues.jsonl.gz | qp import -
  qp import --from tbd
  qp import --from tbd ../other.bundle
  qp import docs/tickets/")]
pub struct ImportArgs {
    /// A file, a folder, or - for standard input; with --from tbd a repository, a bundle or a branch
    #[arg(value_name = "SOURCE")]
    source_path: Option<String>,
    /// Format of the source: beads, tbd or markdown; recognised unless given
    #[arg(long, value_name = "FORMAT", value_parser = ["beads", "tbd", "markdown"])]
    from: Option<String>,
    /// Name of the source that identities are derived from, instead of the prefix of its keys
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Prefix of the keys, where the source does not say it
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
    /// Import deleted issues of Beads too, as closed ones
    #[arg(long)]
    tombstones: bool,
    /// Report what would come, without importing it
    #[arg(long)]
    dry_run: bool,
    /// Importing twice never makes duplicates
    #[arg(long, alias = "skip-existing", hide = true)]
    dedup: bool,
    /// Report every skipped record and every warning
    #[arg(short, long)]
    verbose: bool,
}

/// Most remarks that are printed without --verbose.
const REMARKS: usize = 10;
/// The branch that tbd keeps its issues on.
const TBD_BRANCH: &str = "tbd-sync";

pub(super) fn run(args: &ImportArgs, app: &mut App) -> Result<()> {
    let store = app.store()?;
    // Without a tracker there is nothing to import into; say so before reading a large source.
    let before = app.view()?;
    let (mut batch, kept) = read(args, app, &store)?;
    let source = format!("{}-{}", batch.kind, slug(&batch.namespace));
    // Shared, not copied: the write may be tried more than once.
    let issues: Vec<Rc<Issue>> = std::mem::take(&mut batch.issues).into_iter().map(Rc::new).collect();
    if args.dry_run {
        let absorbed = store.rehearse(&app.context, &before, |txn| txn.absorb(&source, &issues))?;
        return print(app, args, &before, &batch, &absorbed, None);
    }
    let done = app.transact("import", |txn| {
        let absorbed = txn.absorb(&source, &issues)?;
        for (key, text) in &batch.memories {
            txn.absorb_memory(&source, key, text)?;
        }
        for (path, bytes) in &kept {
            let path = format!("imports/{source}/{path}");
            if txn.view().file(&path)?.as_ref() != Some(bytes) {
                txn.put_file(&path, Some(bytes.clone()));
            }
        }
        let mut settings = txn.tracker().settings.clone();
        settings.prefixes.extend(batch.prefixes.iter().cloned());
        if settings != txn.tracker().settings {
            txn.put_settings(settings);
        }
        txn.subject(format!(
            "import {source}: {} new, {} changed",
            absorbed.created.len(),
            absorbed.updated.len()
        ));
        txn.trailer("Quipu-Source", &source);
        Ok(absorbed)
    })?;
    print(app, args, &done.view, &batch, &done.value, done.commit.as_deref())
}

/// Reads the source: its issues, and the files of other integrations that are kept as they are.
fn read(args: &ImportArgs, app: &App, store: &Store) -> Result<(Batch, Files)> {
    let mut options =
        Options { source: args.source.clone(), prefix: args.prefix.clone(), tombstones: args.tombstones };
    let path = args.source_path.as_deref();
    let batch = match (args.from.as_deref(), path) {
        (Some("tbd"), source) => {
            let (files, prefix) = tbd_files(app, store, source)?;
            options.prefix = options.prefix.or(prefix);
            let kept =
                files.iter().filter_map(|(path, bytes)| Some((kept_path(path)?, bytes.clone()))).collect();
            return Ok((import::tbd(&mut files.into_iter(), &options)?, kept));
        }
        (_, None) => {
            return Err(Error::usage("import needs a source").hint("qp import FILE, or qp import --from tbd"));
        }
        (Some("markdown"), Some("-")) => {
            let message = "a folder of Markdown files cannot come by standard input";
            return Err(Error::usage(message).hint("qp import DIR, or qp create -f - for a plan"));
        }
        (_, Some("-")) => {
            let batch = import::beads(import::open(BufReader::new(std::io::stdin()))?, &options)?;
            json_lines(batch, "standard input")
        }
        (from, Some(path)) => {
            let full = app.context.cwd().join(path);
            if from == Some("markdown") || from.is_none() && full.is_dir() {
                markdown(&full, path, &options)
            } else {
                beads(&full, path, &options)
            }
        }
    };
    Ok((batch?, Files::new()))
}

/// Where a file of tbd's bridges is kept, below the folder of the import. Names that not every file system takes
/// are left out; the report names them as skipped.
fn kept_path(path: &str) -> Option<String> {
    let (_, rest) = path.split_once("/bridge/")?;
    let portable = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-/".contains(&b);
    let safe =
        rest.bytes().all(portable) && rest.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
    safe.then(|| format!("bridge/{rest}"))
}

fn markdown(full: &Path, shown: &str, options: &Options) -> Result<Batch> {
    if !full.is_dir() {
        return Err(Error::invalid(format!("{shown} is not a folder")));
    }
    import::markdown(full, options)
}

fn beads(full: &Path, shown: &str, options: &Options) -> Result<Batch> {
    let file = std::fs::File::open(full).map_err(|e| {
        let missing = e.kind() == std::io::ErrorKind::NotFound;
        let kind = if missing { Kind::NotFound } else { Kind::Invalid };
        Error::new(kind, "unreadable_input", format!("{shown} cannot be read")).because(e)
    })?;
    json_lines(import::beads(import::open(BufReader::new(file))?, options)?, shown)
}

/// Refuses what was read where no line of it is JSON: that is something else.
fn json_lines(batch: Batch, shown: &str) -> Result<Batch> {
    if batch.report.records > 0
        && batch.report.imported == 0
        && batch.issues.is_empty()
        && batch.report.skipped.iter().all(|n| n.code == "not_json")
    {
        return Err(Error::invalid(format!("{shown} holds no JSON Lines"))
            .hint("Beads exports JSON Lines; a folder of Markdown files is given as the folder"));
    }
    Ok(batch)
}

/// Finds tbd's files: in a bundle, in another repository, or on a branch of this one.
fn tbd_files(app: &App, store: &Store, source: Option<&str>) -> Result<(Files, Option<String>)> {
    let Some(name) = source else { return Ok((store.branch_files(TBD_BRANCH)?, tbd_prefix(store))) };
    let path: PathBuf = app.context.cwd().join(name);
    if path.is_dir() {
        let context = crate::context::Context::new(app.context.env().clone(), path)?;
        let other = Store::discover(&context, None)?;
        return Ok((other.branch_files(TBD_BRANCH)?, tbd_prefix(&other)));
    }
    if path.is_file() {
        return Ok((Store::bundle_files(&app.context, &path, TBD_BRANCH)?, None));
    }
    Ok((store.branch_files(name)?, tbd_prefix(store)))
}

/// tbd keeps the prefix that it shows in the checkout, not on its branch.
fn tbd_prefix(store: &Store) -> Option<String> {
    let text = std::fs::read_to_string(store.work_dir()?.join(".tbd/config.yml")).ok()?;
    let line = text.lines().find_map(|l| l.trim().strip_prefix("id_prefix:"))?;
    Some(line.trim().trim_matches(['"', '\'']).to_owned()).filter(|p| !p.is_empty())
}

fn print(
    app: &mut App,
    args: &ImportArgs,
    view: &View,
    batch: &Batch,
    absorbed: &Absorbed,
    commit: Option<&str>,
) -> Result<()> {
    if app.ui.json {
        return app.ui.document(&document(&view.tracker, batch, absorbed, commit));
    }
    let report = &batch.report;
    let what = if args.dry_run { "would import" } else { "imported" };
    let all =
        if report.imported == report.records { String::new() } else { format!("{} of ", report.imported) };
    let noun = if report.records == 1 { "record" } else { "records" };
    app.ui.line(format!(
        "{what} {all}{} {noun} from {}: {} new, {} changed, {} unchanged",
        report.records,
        batch.kind,
        absorbed.created.len(),
        absorbed.updated.len(),
        absorbed.unchanged
    ))?;
    if !batch.memories.is_empty() {
        let count = batch.memories.len();
        app.ui.line(format!("  {count} {}", if count == 1 { "memory" } else { "memories" }))?;
    }
    for (count, one, many) in [
        (
            absorbed.deleted_here.len(),
            "was deleted here and stays deleted",
            "were deleted here and stay deleted",
        ),
        (
            absorbed.gone,
            "is no longer at the source and stays here",
            "are no longer at the source and stay here",
        ),
        (
            absorbed.kept.len(),
            "field was changed on both sides; the change made here stands",
            "fields were changed on both sides; the change made here stands",
        ),
    ] {
        if count > 0 {
            app.ui.line(format!("  {count} {}", if count == 1 { one } else { many }))?;
        }
    }
    remarks(app, "skipped", &report.skipped, args.verbose)?;
    remarks(app, "with a warning", &report.warnings, args.verbose)?;
    if args.verbose {
        for (id, field) in &absorbed.kept {
            app.ui.line(format!("  {}: {field} stays as it was changed here", view.tracker.key_of(*id)))?;
        }
    }
    Ok(())
}

/// Prints remarks by code with their number, and the first of them, or all.
fn remarks(app: &mut App, what: &str, notices: &[Notice], all: bool) -> Result<()> {
    let mut by_code: BTreeMap<&str, usize> = BTreeMap::new();
    for notice in notices {
        *by_code.entry(notice.code).or_default() += 1;
    }
    for (code, count) in by_code {
        app.ui.line(format!("  {count} {what}: {}", code.replace('_', " ")))?;
    }
    let shown = if all { notices.len() } else { notices.len().min(REMARKS) };
    for notice in &notices[..shown] {
        app.ui.line(format!("    {}", one_line(&notice.to_string())))?;
    }
    if shown < notices.len() {
        app.ui.line(format!("    … {} more: --verbose shows all", notices.len() - shown))?;
    }
    Ok(())
}

fn document(tracker: &Tracker, batch: &Batch, absorbed: &Absorbed, commit: Option<&str>) -> Value {
    let report = &batch.report;
    let notices = |notices: &[Notice]| -> Vec<Value> {
        notices
            .iter()
            .map(|n| json!({ "at": n.at.to_string(), "id": n.id, "code": n.code, "message": n.message }))
            .collect()
    };
    let keys =
        |ids: &[crate::model::IssueId]| -> Vec<String> { ids.iter().map(|id| tracker.key_of(*id)).collect() };
    let kept: Vec<Value> = absorbed
        .kept
        .iter()
        .map(|(id, field)| json!({ "id": tracker.key_of(*id), "field": field }))
        .collect();
    let value = json!({
        "kind": batch.kind,
        "source": batch.namespace,
        "records": report.records,
        "imported": report.imported,
        "created": absorbed.created.len(),
        "updated": absorbed.updated.len(),
        "unchanged": absorbed.unchanged,
        "deleted_here": keys(&absorbed.deleted_here),
        "gone": absorbed.gone,
        "kept": kept,
        "memories": batch.memories.len(),
        "skipped": notices(&report.skipped),
        "warnings": notices(&report.warnings),
        "commit": commit,
    });
    versioned(value)
}
