//! `qp outbox`

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::app::App;
use super::kept;
use crate::error::{Error, Kind, Result};
use crate::model::{IssueId, Tracker};
use crate::output::json::versioned;
use crate::output::text::{counted, one_line, pad, width};
use crate::store::{AbsorbedBundles, OutboxFile, OutboxSource, OutboxState, Saved};

/// List, take in, remove and save the files of .quipu/outbox/
///
/// Where .git cannot be written or the remote refuses the branch, what you change is saved in a file of the working
/// tree, one for each session, to be committed with your work. Reads see what is in these files at once; qp sync and
/// qp pull take them in. A file may arrive anywhere, twice, or after its commits came by another road: it changes
/// nothing then.
#[derive(clap::Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_long_help = "Examples:
  qp outbox
  qp outbox save
  qp outbox absorb --from feature
  qp outbox prune"
)]
pub struct OutboxArgs {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// List the files, and what is known of them here
    #[command(visible_alias = "ls", after_long_help = "Examples:\n  qp outbox list --json")]
    List,
    /// Take the operations of the files into the branch
    #[command(
        after_long_help = "Examples:\n  qp outbox absorb\n  qp outbox absorb --from feature\n  qp outbox absorb --from origin/claude/s1"
    )]
    Absorb(AbsorbArgs),
    /// Remove the files that the remote has everything of
    ///
    /// Where they were committed with your work, commit their removal, too.
    #[command(after_long_help = "Examples:\n  qp outbox prune")]
    Prune,
    /// Save what the remote has not got as a file of your session
    ///
    /// The remote is not asked, and .git is not written: for sandboxes whose result is the working tree.
    #[command(after_long_help = "Examples:\n  qp outbox save --json")]
    Save,
}

/// Where the files are.
#[derive(clap::Args, Debug)]
struct AbsorbArgs {
    /// Take them from this branch instead of the working tree
    #[arg(long, value_name = "BRANCH")]
    from: Option<String>,
}

pub(super) fn run(args: &OutboxArgs, app: &mut App) -> Result<()> {
    match &args.action {
        None | Some(Action::List) => list(app),
        Some(Action::Absorb(args)) => absorb(args, app),
        Some(Action::Prune) => prune(app),
        Some(Action::Save) => save(app),
    }
}

fn list(app: &mut App) -> Result<()> {
    let store = app.store()?;
    let files = store.outbox()?;
    if app.ui.json {
        return app.ui.document(&files.iter().map(document).collect::<Vec<_>>().into());
    }
    if files.is_empty() {
        app.ui.note("the outbox is empty");
    }
    let is_locked = !files.is_empty() && store.seems_locked();
    let row = |file: &OutboxFile| {
        [one_line(&file.name), counted(file.operations, "operation"), state(&file.state, is_locked)]
    };
    let rows: Vec<[String; 3]> = files.iter().map(row).collect();
    let column = |at: usize| rows.iter().map(|row| width(&row[at])).max().unwrap_or(0);
    let widths = [column(0), column(1)];
    for [name, operations, state] in &rows {
        app.ui.advice(&format!("{}  {}  {state}", pad(name, widths[0]), pad(operations, widths[1])))?;
    }
    Ok(())
}

/// Says what is known of a file, and what to do about it.
fn state(state: &OutboxState, is_locked: bool) -> String {
    match state {
        OutboxState::New if is_locked => "in use here, not shared: commit it with your work".to_owned(),
        OutboxState::Here if is_locked => {
            "on the branch here, not shared: commit it with your work".to_owned()
        }
        OutboxState::Missing(_) if is_locked => {
            "builds upon commits that are not here: git fetch, where .git can be written".to_owned()
        }
        OutboxState::New => "not on the branch here: qp sync takes it in".to_owned(),
        OutboxState::Here => "on the branch here, not shared: qp sync".to_owned(),
        OutboxState::Shared => "shared: qp outbox prune removes it".to_owned(),
        OutboxState::Missing(_) => "builds upon commits that are not here: qp pull".to_owned(),
        OutboxState::Unreadable(why) => format!("unusable: {}", one_line(why)),
    }
}

fn document(file: &OutboxFile) -> Value {
    let mut value = json!({
        "path": file.name,
        "session": file.session,
        "operations": file.operations,
        "state": file.state.word(),
        "prerequisites": file.prerequisites,
    });
    let mut put =
        |name: &str, what: Value| drop(value.as_object_mut().map(|o| o.insert(name.to_owned(), what)));
    if let Some(tip) = &file.tip {
        put("tip", tip.clone().into());
    }
    match &file.state {
        OutboxState::Missing(ids) => put("missing", ids.clone().into()),
        OutboxState::Unreadable(why) => put("reason", why.clone().into()),
        _ => {}
    }
    value
}

fn absorb(args: &AbsorbArgs, app: &mut App) -> Result<()> {
    app.refuse_past()?;
    let store = app.store()?;
    let author = app.author(&store);
    let source = args.from.as_deref().map_or(OutboxSource::WorkTree, OutboxSource::Branch);
    let absorbed = store.absorb_outbox(&app.context, &author, source)?;
    absorbed.warnings.iter().for_each(|warning| app.ui.warn(warning));
    let tracker = if absorbed.is_idle() { Tracker::default() } else { store.view()?.tracker };
    if app.ui.json {
        app.ui.document(&versioned(absorbed_document(&tracker, &absorbed)))?;
    } else if absorbed.is_idle() {
        let outside = absorbed.missing().count() + absorbed.unusable().count();
        app.ui.note(match absorbed.files.len() {
            0 => "the outbox is empty",
            _ if outside > 0 => "nothing was taken in",
            _ => "nothing new: the branch has everything in the files",
        });
    } else {
        let operations = counted(absorbed.operations, "operation");
        let (named, files) = (named(&tracker, &absorbed.issues), counted(absorbed.taken, "file"));
        app.ui.line(format!("took in {operations}{named} from {files}"))?;
        app.ui.note("next: qp sync shares them");
    }
    let missing: Vec<String> = absorbed.missing().map(|file| file.name.clone()).collect();
    missing_error(&missing).map_or(Ok(()), Err)
}

/// Names the issues, where they are few.
pub(super) fn named(tracker: &Tracker, issues: &BTreeSet<IssueId>) -> String {
    const NAMED: usize = 8;
    match issues.len() {
        0 => String::new(),
        1..=NAMED => format!(" ({})", keys(tracker, issues).join(", ")),
        many => format!(" ({many} issues)"),
    }
}

fn keys<'i>(tracker: &Tracker, ids: impl IntoIterator<Item = &'i IssueId>) -> Vec<String> {
    ids.into_iter().map(|id| tracker.key_of(*id)).collect()
}

fn absorbed_document(tracker: &Tracker, absorbed: &AbsorbedBundles) -> Value {
    json!({
        "taken": absorbed.taken,
        "operations": absorbed.operations,
        "issues": keys(tracker, &absorbed.issues),
        "merged": absorbed.merged,
        "conflicts": absorbed.lost.iter().map(|lost| lost.parts.len()).sum::<usize>(),
        "files": absorbed.files.iter().map(document).collect::<Vec<_>>(),
    })
}

/// Returns the error for files that cannot be taken in yet, where there are any.
pub(super) fn missing_error(names: &[String]) -> Option<Error> {
    if names.is_empty() {
        return None;
    }
    let (named, verb) = (one_line(&names.join(", ")), if names.len() == 1 { "builds" } else { "build" });
    let message = format!("{named} {verb} upon commits that are not here; nothing of it was taken in");
    let hint = "qp pull, which may bring them; the file stays until then";
    Some(Error::new(Kind::Remote, "missing_prerequisite", message).hint(hint))
}

fn prune(app: &mut App) -> Result<()> {
    app.refuse_past()?;
    let store = app.store()?;
    let is_empty = store.outbox()?.is_empty();
    let removed = store.prune_outbox()?;
    if app.ui.json {
        return app.ui.document(&versioned(json!({ "removed": removed })));
    }
    removed.iter().try_for_each(|name| app.ui.line(format!("removed {}", one_line(name))))?;
    match removed.len() {
        0 if is_empty => app.ui.note("the outbox is empty"),
        0 => app.ui.note("nothing to prune: there is no file that the remote has everything of"),
        _ => app.ui.note("hint: git commit -m \"quipu outbox\" -- .quipu/outbox, where git knows them"),
    }
    Ok(())
}

fn save(app: &mut App) -> Result<()> {
    app.refuse_past()?;
    let store = app.store()?;
    let author = app.author(&store);
    // What is saved builds upon what is there. Where nothing can be taken in, the file there has it all.
    match store.absorb_outbox(&app.context, &author, OutboxSource::WorkTree) {
        Ok(absorbed) => {
            absorbed.warnings.iter().for_each(|warning| app.ui.warn(warning));
            if !absorbed.is_idle() {
                kept::took_in(app, &store.view()?.tracker, absorbed.operations, &absorbed.issues);
            }
        }
        Err(error) if error.code() == "read_only" => {}
        Err(error) => return Err(error),
    }
    let saved = store.ensure_outbox(&author.session)?;
    if app.ui.json {
        let name = saved.as_ref().map(|saved| saved.name.clone());
        let (tip, operations) =
            saved.map_or((None, 0), |Saved { tip, operations, .. }| (Some(tip), operations));
        let document = json!({ "outbox": name, "operations": operations, "tip": tip });
        return app.ui.document(&versioned(document));
    }
    let Some(saved) = saved else {
        app.ui.note("nothing to save: the remote has everything, as far as is known here");
        return Ok(());
    };
    app.ui.line(format!("saved {}: {}", counted(saved.operations, "operation"), one_line(&saved.name)))?;
    let step = kept::next_step(app, &store, &saved.name);
    app.ui.note(format!("hint: {step}"));
    Ok(())
}
