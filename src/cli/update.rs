//! `qp update`

use super::app::{App, resolve_all};
use super::args::{self, split};
use super::bulk::{KeysArgs, MatchArgs};
use super::change::{Change, Condition, Notes, Outcome, SetChange};
use super::fields::{FieldArgs, metadata as metadata_of, one_line_title};
use super::lease::LeaseArgs;
use super::{claim, claimed, report};
use crate::error::{Error, Result};
use crate::model::IssueId;
use crate::output::text::one_line;

/// Change fields of issues
///
/// Only what is given changes; an empty value empties a field. All issues are changed, or none. Status and assignee of
/// an issue under somebody else's claim are left alone, and closing is refused as qp close refuses it.
#[derive(clap::Args, Debug, Default)]
#[command(after_long_help = "Examples:
  qp update web-7k2m -p 1 --add-label urgent
  qp update web-7k2m --notes \"the timer is in session.ts\"
  qp update web-7k2m --claim
  qp update 7k2m 3f9c --parent web-8d1e
  qp update 'is:open label:auth' -p 1 --all-matching --dry-run
  qp update web-7k2m --status in_progress --if-status open --if-assignee \"\"")]
pub struct UpdateArgs {
    /// Keys; with --all-matching a query; --stdin alone reads keys
    #[arg(value_name = "ID", required_unless_present = "stdin")]
    ids: Vec<String>,
    #[command(flatten)]
    matching: MatchArgs,
    /// The title
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
    /// Status: open, in_progress, blocked, deferred, closed
    #[arg(short, long, alias = "state", value_name = "STATUS")]
    status: Option<String>,
    #[command(flatten)]
    fields: FieldArgs,
    /// Add to the notes; - reads standard input
    #[arg(long, visible_alias = "append-notes", value_name = "TEXT", allow_hyphen_values = true)]
    notes: Option<String>,
    /// Write the notes anew; - reads standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "notes")]
    replace_notes: Option<String>,
    /// Add labels, separated by commas
    #[arg(long, alias = "add-labels", value_name = "LABELS")]
    add_label: Vec<String>,
    /// Remove labels
    #[arg(long, alias = "remove-labels", value_name = "LABELS")]
    remove_label: Vec<String>,
    /// Replace all labels
    #[arg(long, value_name = "LABELS")]
    set_labels: Option<Vec<String>>,
    /// Add globs of files the work touches
    #[arg(long, alias = "add-paths", value_name = "GLOBS")]
    add_path: Vec<String>,
    /// Remove such globs
    #[arg(long, alias = "remove-paths", value_name = "GLOBS")]
    remove_path: Vec<String>,
    /// Set one entry of the metadata; a value that is not JSON is text
    #[arg(long, value_name = "NAME=VALUE")]
    set_metadata: Vec<String>,
    /// Remove one entry of the metadata
    #[arg(long, value_name = "NAME")]
    unset_metadata: Vec<String>,
    /// Claim them, for two hours
    #[arg(long)]
    claim: bool,
    /// Why it is closed
    #[arg(short, long, value_name = "TEXT", hide = true)]
    reason: Option<String>,
    /// Only if each has one of these statuses; else exit 6
    #[arg(long, value_name = "STATUS,…")]
    if_status: Vec<String>,
    /// Only if each is assigned to this name, "" for nobody; else exit 6
    #[arg(long, value_name = "NAME")]
    if_assignee: Option<String>,
    /// Only if this is its rev, or its updated_at, as --json shows them; else exit 6
    #[arg(long, value_name = "REV")]
    if_rev: Option<String>,
    /// Write all of the metadata anew: a JSON object, or @FILE
    #[arg(long, value_name = "JSON", conflicts_with = "metadata")]
    replace_metadata: Option<String>,
    /// Change the state in spite of blockers, children and other people's claims
    #[arg(short, long)]
    force: bool,
    /// Issues are persistent anyway
    #[arg(long, hide = true)]
    persistent: bool,
    /// Not taken: issues are persistent
    #[arg(long, aliases = ["no-history", "wisp"], hide = true)]
    ephemeral: bool,
}

pub(super) fn run(args: &UpdateArgs, app: &mut App) -> Result<()> {
    // Without a key, standard input can only be the keys.
    let mut fields = args.fields.clone();
    let keys = KeysArgs::from_stdin(args.ids.is_empty() && fields.take_stdin());
    let fields = if keys.reads_stdin() { &fields } else { &args.fields };
    let change = change(args, fields, app)?;
    refuse_ephemeral(args.ephemeral)?;
    if !(args.persistent && change == Change::default()) {
        check(&change, args.claim).map_err(|e| name_first(e, &args.ids))?;
    }
    let if_status = split(&args.if_status);
    let condition = Condition {
        statuses: (!if_status.is_empty()).then_some(if_status),
        assignee: args.if_assignee.as_ref().map(|a| (!a.trim().is_empty()).then(|| a.trim().to_owned())),
        rev: args.if_rev.clone(),
    };
    let Some(ids) = args.matching.keys(app, "update", &keys, &args.ids)? else { return Ok(()) };
    if args.claim {
        return claim(app, &ids, &change, &condition);
    }
    apply(app, "update", &ids, &change, &condition)
}

/// Says the remedy with the first of the keys, where it speaks of any.
fn name_first(error: Error, ids: &[String]) -> Error {
    let key = one_line(ids.first().map_or("ID", String::as_str));
    match error.remedy().map(|hint| hint.replacen("ID", &key, 1)) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// Refuses a change that changes nothing, and a reason for nothing.
pub(super) fn check(change: &Change, claim: bool) -> Result<()> {
    let closes = change.status.as_ref().is_some_and(|s| s.trim().eq_ignore_ascii_case("closed"));
    if change.reason.is_some() && !closes {
        return Err(Error::usage("a reason goes with --status closed").hint("qp close ID --reason TEXT"));
    }
    if !claim && *change == (Change { force: change.force, ..Change::default() }) {
        return Err(Error::usage("nothing is to be changed")
            .hint("qp update ID --priority 1; qp update --help names all fields"));
    }
    Ok(())
}

/// Every issue is on the branch, and every version of it in the history: nothing passes away by itself.
pub(super) fn refuse_ephemeral(wanted: bool) -> Result<()> {
    if wanted {
        return Err(Error::usage("no issue here is ephemeral: each is kept, and shared with the others")
            .hint("leave out --ephemeral; qp close ID once it has served"));
    }
    Ok(())
}

/// Changes issues and claims them, in one commit.
fn claim(app: &mut App, ids: &[String], change: &Change, condition: &Condition) -> Result<()> {
    let holder = app.holder(&app.store()?);
    let term = LeaseArgs::default().read()?;
    let done = app.transact("update", |txn| {
        let positions = resolve_all(txn.tracker(), ids)?;
        condition.check(txn, &positions)?;
        change.beside_claim(txn.tracker(), &holder)?.apply(txn, &positions, &holder)?;
        let claims = claim::take_all(txn, &positions, &holder, term)?;
        txn.subject(claim::subject(txn.view(), &positions, &claims));
        Ok(claims)
    })?;
    claimed::print(app, &done)
}

/// Changes issues in one commit and prints what became of them.
pub(super) fn apply(
    app: &mut App,
    command: &str,
    ids: &[String],
    change: &Change,
    condition: &Condition,
) -> Result<()> {
    let holder = app.holder(&app.store()?);
    let done = app.transact(command, |txn| {
        let positions = resolve_all(txn.tracker(), ids)?;
        condition.check(txn, &positions)?;
        change.apply(txn, &positions, &holder)
    })?;
    let lines: Vec<(IssueId, String)> =
        done.value.iter().map(|Outcome { id, verb }| (*id, (*verb).to_owned())).collect();
    report::changed(app, &done.view, &lines)
}

fn change(args: &UpdateArgs, fields: &FieldArgs, app: &mut App) -> Result<Change> {
    let notes = args.notes.as_ref().or(args.replace_notes.as_ref());
    let mut fields = fields.read(app, notes.map(String::as_str))?;
    fields.title = args.title.as_deref().map(one_line_title).transpose()?;
    let notes = match (&args.notes, &args.replace_notes) {
        (Some(text), _) => Some(Notes::Append(added(&args::text(text)?)?)),
        (None, Some(text)) => Some(Notes::Replace(args::text(text)?)),
        (None, None) => None,
    };
    // Given entries are set, the others stay; an empty value empties it all.
    let given = fields.metadata.take();
    fields.metadata = match &args.replace_metadata {
        Some(text) => Some(metadata_of(app, text)?),
        None => given.clone().filter(std::collections::BTreeMap::is_empty),
    };
    let mut metadata: Vec<(String, Option<String>)> =
        given.into_iter().flatten().map(|(name, json)| (name, Some(json))).collect();
    for text in &args.set_metadata {
        let (name, value) =
            text.split_once('=').filter(|(name, _)| !name.trim().is_empty()).ok_or_else(|| {
                Error::usage(format!("{text:?} is not NAME=VALUE")).hint("--set-metadata team=core")
            })?;
        let json = serde_json::from_str(value).unwrap_or_else(|_| serde_json::Value::from(value));
        metadata.push((name.trim().to_owned(), Some(json.to_string())));
    }
    metadata.extend(args.unset_metadata.iter().map(|name| (name.trim().to_owned(), None)));
    Ok(Change {
        fields,
        status: args.status.clone(),
        reason: args.reason.clone(),
        force: args.force,
        notes,
        labels: SetChange {
            replace: args.set_labels.as_deref().map(args::labels).transpose()?,
            add: args::labels(&args.add_label)?,
            remove: args::labels(&args.remove_label)?,
        },
        paths: SetChange {
            replace: None,
            add: split(&args.add_path).into_iter().collect(),
            remove: split(&args.remove_path).into_iter().collect(),
        },
        metadata,
    })
}

/// Adding nothing is a slip: the variable was empty.
pub(super) fn added(text: &str) -> Result<String> {
    let text = crate::model::trim_blank_end(text);
    if text.trim().is_empty() {
        return Err(Error::usage("there is no text to add to the notes")
            .hint("qp update ID --notes TEXT, or --replace-notes \"\" to empty them"));
    }
    Ok(text.to_owned())
}
