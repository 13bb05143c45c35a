//! `qp merge-driver`

use std::path::{Path, PathBuf};

use serde_json::json;

use super::app::App;
use crate::error::{Error, Kind, Result};
use crate::merge::{FileClass, FileMerge, Pick, Side, WHOLE, merge_file};
use crate::model::{FORMAT, Issue, Settings, Timestamp};
use crate::output::json::versioned;
use crate::output::text::one_line;
use crate::store::{SETTINGS, issue_id};

/// Merge one file of the tracker as git's merge driver, for people who merge the branch with plain git
///
/// Merges by the rules of qp sync and writes the result over OURS. Where a value would be lost, OURS stays as it is
/// and the exit code is 1, which git takes for a conflict. Needs neither a repository nor a tracker.
///
/// Git uses it where its configuration says so, for the files that .gitattributes of the branch (or
/// .git/info/attributes) gives to it: quipu.yml, issues/**, attic/** and memories/**.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  git config merge.quipu.driver \"qp merge-driver %O %A %B %P\"
  printf '%s merge=quipu\\n' quipu.yml 'issues/**' 'attic/**' 'memories/**' >>.gitattributes
  qp merge-driver base.md ours.md theirs.md issues/2/m/01kfn6tfn3n7h5b39ztztw7k2m.md")]
pub struct MergeDriverArgs {
    /// The common version (%O); empty or absent where there is none
    #[arg(value_name = "BASE")]
    base: PathBuf,
    /// Our version, which becomes the result (%A)
    #[arg(value_name = "OURS")]
    ours: PathBuf,
    /// Their version (%B)
    #[arg(value_name = "THEIRS")]
    theirs: PathBuf,
    /// Where the file stands on the branch (%P)
    #[arg(value_name = "PATH")]
    path: String,
}

pub(super) fn run(args: &MergeDriverArgs, app: &mut App) -> Result<()> {
    let folder = app.context.cwd();
    let base = std::fs::read(folder.join(&args.base)).unwrap_or_default();
    let [ours, theirs] = [read(folder, &args.ours)?, read(folder, &args.theirs)?];
    let ours_file = folder.join(&args.ours);
    let class = class(&args.path);
    if let Some(format) = newer_format(class, [&ours, &theirs]) {
        return Err(Error::new(
            Kind::Environment,
            "newer_format",
            format!("one side has format {format}, this qp merges format {FORMAT}; nothing was changed"),
        )
        .hint(format!("install a qp that knows format {format}")));
    }
    let merged = merge(class, &base, &ours, &theirs);
    if !merged.lost.is_empty() {
        let error = conflict(&args.path, &[&ours, &theirs, &base], &merged);
        // Git shows what is said here; the exit code alone would not say what is wrong.
        app.ui.error(&error);
        return Err(error);
    }
    let result = match merged.pick {
        Pick::Side(Side::Ours) => None,
        Pick::Side(Side::Theirs) => Some(theirs),
        Pick::New(bytes) => Some(bytes),
    };
    if let Some(bytes) = result {
        std::fs::write(&ours_file, bytes).map_err(|e| {
            let message = format!("{} cannot be written", args.ours.display());
            Error::new(Kind::Environment, "unwritable", message).because(e)
        })?;
    }
    if app.ui.json {
        let value = json!({ "path": args.path, "merged": true });
        app.ui.document(&versioned(value))?;
    }
    Ok(())
}

fn read(folder: &Path, path: &Path) -> Result<Vec<u8>> {
    std::fs::read(folder.join(path)).map_err(|e| {
        let message = format!("{} cannot be read", path.display());
        Error::new(Kind::Invalid, "unreadable_input", message).because(e)
    })
}

fn class(path: &str) -> FileClass {
    match issue_id(path) {
        Some(id) => FileClass::Issue(id),
        None if path == SETTINGS => FileClass::Settings,
        None => FileClass::Whole,
    }
}

fn newer_format(class: FileClass, sides: [&[u8]; 2]) -> Option<u32> {
    let format = |bytes: &[u8]| {
        let settings = std::str::from_utf8(bytes).ok().and_then(|text| Settings::read(text).ok());
        settings.map(|settings| settings.format).filter(|format| *format > FORMAT)
    };
    if class == FileClass::Settings { sides.into_iter().find_map(format) } else { None }
}

fn merge(class: FileClass, base: &[u8], ours: &[u8], theirs: &[u8]) -> FileMerge {
    let clean = |side| FileMerge { pick: Pick::Side(side), lost: Vec::new() };
    if theirs == ours || theirs == base {
        return clean(Side::Ours);
    }
    if ours == base {
        return clean(Side::Theirs);
    }
    // There is no history to ask, so an issue's own clock says who was later; the bytes break ties the same way
    // whichever side is ours.
    let rank = |bytes| (updated_at(class, bytes), bytes);
    let later = if rank(ours) > rank(theirs) { Side::Ours } else { Side::Theirs };
    let base = Some(base).filter(|base| !base.is_empty());
    merge_file(class, base, Some(ours), Some(theirs), &mut |_: &str| later)
}

fn updated_at(class: FileClass, bytes: &[u8]) -> Option<Timestamp> {
    let FileClass::Issue(id) = class else { return None };
    Issue::read(bytes, Some(id)).ok().map(|issue| issue.front.updated_at)
}

/// Names the issue, and the parts that both sides changed.
fn conflict(path: &str, versions: &[&[u8]], merged: &FileMerge) -> Error {
    let issue = issue_id(path).and_then(|id| versions.iter().find_map(|v| Issue::read(v, Some(id)).ok()));
    let name = issue.map(|issue| {
        let title = one_line(&issue.front.title);
        issue.front.key.map_or_else(|| format!("{title:?}"), |key| format!("{key} ({title})"))
    });
    let place = one_line(path);
    let place = name.map_or_else(|| place.clone(), |name| format!("{name} in {place}"));
    let part = |part: &str| if part == WHOLE { "it as a whole".to_owned() } else { one_line(part) };
    let parts: Vec<String> = merged.lost.iter().map(|(_, name)| part(name)).collect();
    let message = format!("{place}: both sides changed {}", parts.join(", "));
    Error::new(Kind::CheckFailed, "merge_conflict", message)
        .hint("qp sync merges the branch and keeps the losing value")
}
