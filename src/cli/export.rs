//! `qp export`

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::app::App;
use super::filter::FilterArgs;
use super::setup_file;
use crate::error::{Error, Kind, Result};
use crate::model::Ref;
use crate::output::{folder, json::versioned, jsonl, text::counted};
use crate::query;
use crate::store::View;

/// Export issues as Beads JSON Lines, or as Markdown files
///
/// Everything is exported, closed issues too, unless a selection is given. Viewers of the Beads ecosystem read the
/// JSON Lines; importing them into an empty tracker gives equal issues.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp export > issues.jsonl\n  qp export -o issues.jsonl --label auth\n  qp export --markdown out/"
)]
pub struct ExportArgs {
    /// Write to this file instead of standard output, which is also called -
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write one Markdown file an issue into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    markdown: Option<PathBuf>,
    #[command(flatten)]
    filter: FilterArgs,
}

pub(super) fn run(args: &ExportArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let mut filter = args.filter.resolve(app, &view.tracker)?;
    filter.all |= filter.statuses.is_empty();
    let positions = query::select(&view.tracker, &filter, app.context.now());
    let count = positions.len();
    let to_stdout = |file: &&PathBuf| file.as_path() == Path::new("-");
    if let Some(folder) = args.markdown.as_ref().filter(to_stdout) {
        let message = format!("{} is standard output, and no folder", folder.display());
        return Err(Error::usage(message).hint("qp export --markdown DIR, or qp export > issues.jsonl"));
    }
    let place = match (&args.markdown, args.output.as_ref().filter(|file| !to_stdout(file))) {
        (Some(dir), _) => {
            markdown(app, &view, &positions, &app.context.cwd().join(dir))?;
            dir.display().to_string()
        }
        (None, Some(file)) => {
            write_file(&app.context.cwd().join(file), |out| {
                each_line(&view, &positions, filter_is_open(args), |line| {
                    out.write_all(line.as_bytes()).map_err(|e| cannot_write(file, e))
                })
            })?;
            file.display().to_string()
        }
        (None, None) => {
            return each_line(&view, &positions, filter_is_open(args), |line| app.ui.raw(line));
        }
    };
    if app.ui.json {
        let value = json!({ "exported": count, "path": place });
        return app.ui.document(&versioned(value));
    }
    app.ui.line(format!("exported {} to {place}", counted(count, "issue")))
}

/// Memories belong to a whole export, not to a selection.
fn filter_is_open(args: &ExportArgs) -> bool {
    args.filter.is_unset()
}

/// Takes the issues one after the other, in the order of their keys, so that many need no memory.
fn each_line(
    view: &View,
    positions: &[usize],
    memories: bool,
    mut write: impl FnMut(&str) -> Result<()>,
) -> Result<()> {
    let tracker = &view.tracker;
    let key_of = |reference: &Ref| tracker.show_ref(reference);
    let mut keyed: Vec<(String, usize)> = positions.iter().map(|at| (tracker.key(*at), *at)).collect();
    // Positions are in the order of the identities.
    keyed.sort();
    for (key, at) in keyed {
        write(&(jsonl::beads_line(&view.issue(at)?, &key_of, &key) + "\n"))?;
    }
    if memories {
        for memory in view.memories()? {
            write(&(jsonl::memory_line(&memory.key, &memory.text) + "\n"))?;
        }
    }
    Ok(())
}

/// Writes the files as they stand on the branch, each under its key.
fn markdown(app: &mut App, view: &View, positions: &[usize], dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).map_err(|e| cannot_write(dir, e))?;
    for at in positions {
        let path = dir.join(folder::file_name(&view.tracker.key(*at)));
        let bytes = view.raw(*at)?;
        write_file(&path, |out| out.write_all(&bytes).map_err(|e| cannot_write(&path, e)))?;
    }
    if !view.tracker.unreadable.is_empty() {
        app.ui.warn(format!(
            "{} files cannot be read and were left out: qp doctor",
            view.tracker.unreadable.len()
        ));
    }
    Ok(())
}

/// Writes a file by rename, so that a reader never sees half of it. A link in its place is replaced and not followed, and
/// the half has a name that nobody can have put a link at.
fn write_file(path: &Path, content: impl FnOnce(&mut BufWriter<&File>) -> Result<()>) -> Result<()> {
    if path.file_name().is_none() {
        return Err(Error::usage(format!("{} is not a file name", path.display())));
    }
    let failed = |e| cannot_write(path, e);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let half = setup_file::new_file(folder).map_err(failed)?;
    let mut out = BufWriter::new(half.as_file());
    content(&mut out)?;
    out.flush().map_err(failed)?;
    drop(out);
    half.persist(path).map(drop).map_err(|e| failed(e.error))
}

pub(super) fn cannot_write(path: &Path, error: std::io::Error) -> Error {
    Error::new(Kind::Environment, "cannot_write", format!("{} cannot be written", path.display()))
        .because(error)
}
