//! `qp info` and `qp where`: which tracker this is, and where it is kept.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::app::App;
use crate::error::Result;
use crate::output::json::versioned;
use crate::output::text::{counted, one_line};
use crate::store::{Store, View};

/// Characters of a commit id that are shown.
const SHORT: usize = 9;

/// Show which tracker this is: where it is kept, how keys begin, how many issues it has
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp info\n  qp info --json | jq -r .config.issue_prefix")]
pub struct InfoArgs {}

/// Show where the tracker is kept: the git directory, the branch, the prefix of its keys
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp where\n  qp where --json | jq -r .path")]
pub struct WhereArgs {}

pub(super) fn info(_args: &InfoArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let (tracker, store) = (&view.tracker, view.store());
    let settings = &tracker.settings;
    let of_branch = view.branch_commit()?;
    // Where git has no branch yet, the outbox has all there is.
    let commit = of_branch.clone().unwrap_or_else(|| view.commit());
    let closed = (0..tracker.rows.len()).filter(|at| tracker.is_closed(*at)).count();
    if app.ui.json {
        let mut document = json!({
            "database_path": git_dir(store).display().to_string(),
            "issue_count": tracker.rows.len(),
            "mode": "git",
            "config": { "issue_prefix": settings.prefix, "branch": store.branch() },
            "version": env!("CARGO_PKG_VERSION"),
            "format": settings.format,
            "prefix": settings.prefix,
            "prefixes": settings.prefixes,
            "branch": store.branch(),
            "commit": commit,
            "closed_count": closed,
        });
        if let Some(remote) = remote(store)? {
            document["config"]["remote"] = remote.clone().into();
            document["remote"] = remote.into();
        }
        if let Some(checkout) = store.work_dir() {
            document["work_dir"] = real(checkout).display().to_string().into();
        }
        return app.ui.document(&versioned(document));
    }
    let at = match of_branch {
        Some(commit) => format!(" at {}", &commit[..SHORT.min(commit.len())]),
        None => " (not there yet)".to_owned(),
    };
    let from_outbox = match view.count_from_outbox()? {
        0 => String::new(),
        count => format!(", with {} of the outbox", counted(count, "operation")),
    };
    app.ui.line(format!("qp {}, format {}", env!("CARGO_PKG_VERSION"), settings.format))?;
    place(app, &view, &format!("{at}{from_outbox}"))?;
    let all = tracker.rows.len();
    app.ui.line(format!("issues: {all}, {closed} of them closed"))?;
    app.ui.line(format!("remote: {}", remote(store)?.map_or("none".to_owned(), |name| one_line(&name))))
}

pub(super) fn location(_args: &WhereArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let store = view.store();
    if app.ui.json {
        let path = git_dir(store).display().to_string();
        let document = json!({
            "path": path, "database_path": path,
            "branch": store.branch(), "prefix": view.tracker.settings.prefix,
        });
        return app.ui.document(&versioned(document));
    }
    place(app, &view, "")
}

/// Prints where the tracker is kept, and how keys begin.
fn place(app: &mut App, view: &View, at: &str) -> Result<()> {
    let settings = &view.tracker.settings;
    app.ui.line(format!("git directory: {}", one_line(&git_dir(view.store()).display().to_string())))?;
    app.ui.line(format!("branch: {}{at}", view.store().branch()))?;
    let others = settings.prefixes.iter().filter(|prefix| **prefix != settings.prefix);
    let others: Vec<String> = others.map(|prefix| one_line(prefix)).collect();
    let others = if others.is_empty() { String::new() } else { format!(" (also {})", others.join(", ")) };
    app.ui.line(format!("prefix: {}{others}", one_line(&settings.prefix)))
}

/// Returns the git directory that the branch is in: that of the repository, also from one of its worktrees.
fn git_dir(store: &Store) -> PathBuf {
    real(store.common_dir())
}

/// Returns a path without links and detours, where that can be said.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Returns the name of the remote, without what is secret in an address.
fn remote(store: &Store) -> Result<Option<String>> {
    Ok(store.standing()?.map(|standing| standing.remote))
}
