//! `qp outbox`

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::app::App;
use super::kept;
use super::outbox_list::{self, document};
use super::sync_report;
use crate::error::{Error, Kind, Result};
use crate::model::{IssueId, Tracker};
use crate::output::json::versioned;
use crate::output::text::{counted, one_line};
use crate::store::{AbsorbedBundles, OutboxSource, Saved, Store};

/// List, take in, remove and save the files of .quipu/outbox/
///
/// Where .git cannot be written or the remote refuses the branch, what you change is saved in a file of the working
/// tree, named after your session, to be committed with your work. Reads see what is in these files at once; qp sync and
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
        None | Some(Action::List) => outbox_list::run(app),
        Some(Action::Absorb(args)) => absorb(args, app),
        Some(Action::Prune) => prune(app),
        Some(Action::Save) => save(app),
    }
}

fn absorb(args: &AbsorbArgs, app: &mut App) -> Result<()> {
    app.refuse_past()?;
    let store = app.store()?;
    let author = app.author(&store);
    let source = args.from.as_deref().map_or(OutboxSource::WorkTree, OutboxSource::Branch);
    let absorbed =
        store.absorb_outbox(&app.context, &author, source).map_err(|error| match error.code() {
            "read_only" => {
                error.hint("qp outbox absorb where .git can be written; reads here see what is in the files")
            }
            _ => error,
        })?;
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
        sync_report::note_conflicts(app, &tracker, &absorbed.lost);
        app.ui.note("next: qp sync shares them");
    }
    let missing: Vec<String> = absorbed.missing().map(|file| file.name.clone()).collect();
    missing_error(&store, &missing, absorbed.lacks_history && store.is_cut_off()?).map_or(Ok(()), Err)
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
pub(super) fn missing_error(store: &Store, names: &[String], is_cut_off: bool) -> Option<Error> {
    if names.is_empty() {
        return None;
    }
    let (named, verb) = (one_line(&names.join(", ")), if names.len() == 1 { "builds" } else { "build" });
    let message = format!("{named} {verb} upon commits that are not here; nothing of it was taken in");
    let hint = match is_cut_off {
        true => format!("{}, then qp sync: this clone is shallow", store.deepening_command()),
        false => "qp pull, which may bring them; the file stays until then".to_owned(),
    };
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
    let mut is_locked = false;
    match store.absorb_outbox(&app.context, &author, OutboxSource::WorkTree) {
        Ok(absorbed) => {
            absorbed.warnings.iter().for_each(|warning| app.ui.warn(warning));
            if !absorbed.is_idle() {
                kept::took_in(
                    app,
                    &store.view()?.tracker,
                    absorbed.operations,
                    &absorbed.issues,
                    &absorbed.lost,
                );
            }
        }
        Err(error) if error.code() == "read_only" => is_locked = true,
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
    let step = match is_locked || store.seems_locked() {
        true => kept::locked_step(&saved.name),
        false => kept::next_step(app, &store, &saved.name),
    };
    app.ui.note(format!("hint: {step}"));
    Ok(())
}
