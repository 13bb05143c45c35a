//! `qp pull`, `qp push` and `qp sync`: exchanging the tracker with a remote.

use serde_json::json;

use super::app::App;
use super::dates;
use super::kept;
use super::outbox;
use super::sync_report::{self, failure};
use crate::error::{Error, Result};
use crate::output::json::versioned;
use crate::store::{Deadline, OutboxSource, Store, SyncRequest, Synced};

/// How long an exchange may take unless told otherwise, in milliseconds.
pub(super) const TIMEOUT_MS: i64 = 60 * 1000;

/// Send what is new here and take in what is new at the remote
///
/// What both sides changed is merged field by field; where both changed the same field, the later write stands and
/// the other is kept in the attic. The branch is never forced: where somebody else is quicker, it merges and tries
/// again until the timeout. Exit 8 where the remote is not reached; everything is still here then. Exit 6 where a claim
/// of yours turned out to be somebody else's.
///
/// Where the remote refuses the branch, the changes go to the branch that quipu.fallbackBranch of git's configuration
/// names (its * stands for the session), else into a file of .quipu/outbox, to travel with your own branch: they are
/// saved then and not shared, and the exit is 0, or 8 with --strict; .in_sync of --json is false. What was refused is not tried again for an
/// hour. The same where .git cannot be written.
///
/// It also takes in what the outbox of the working tree has (exit 8 where that builds upon commits that are not here),
/// and the branches that fit quipu.fallbackBranch, which it deletes once the tracker's branch was taken.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp sync\n  qp sync --dry-run\n  qp sync --strict\n  qp sync --remote upstream --timeout 20s --json"
)]
pub struct SyncArgs {
    #[command(flatten)]
    exchange: ExchangeArgs,
    /// Every write is a commit already: there is no file to write, to read or to merge
    #[arg(long, aliases = ["import-only", "merge"], hide = true, conflicts_with = "strict")]
    flush_only: bool,
    /// What would be exchanged
    #[arg(long, hide = true)]
    status: bool,
    #[command(flatten)]
    send: SendArgs,
    #[command(flatten)]
    take: TakeArgs,
}

/// Take in what is new at the remote
///
/// As `qp sync`, but nothing is sent: also what the outbox of the working tree has. Exit 9 where .git cannot be written.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp pull\n  qp pull --dry-run --json")]
pub struct PullArgs {
    #[command(flatten)]
    exchange: ExchangeArgs,
    #[command(flatten)]
    take: TakeArgs,
}

/// Send what is new here
///
/// Where the remote has something new, too, that is merged first, because it could not be sent otherwise. Where the
/// remote refuses the branch, or .git cannot be written, as `qp sync`: saved on another branch or in .quipu/outbox, exit 0.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp push\n  qp push --remote backup")]
pub struct PushArgs {
    #[command(flatten)]
    exchange: ExchangeArgs,
    #[command(flatten)]
    send: SendArgs,
}

/// What whoever sends may ask for.
#[derive(clap::Args, Debug, Default, Clone, Copy)]
pub struct SendArgs {
    /// Try at once what the remote has refused within the last hour
    #[arg(long)]
    retry: bool,
    /// Exit 8 unless everything of this clone and its outbox is on the remote's branch, for CI jobs
    #[arg(long, conflicts_with = "dry_run")]
    strict: bool,
}

/// The flags of whoever takes something in.
#[derive(clap::Args, Debug, Default)]
struct TakeArgs {
    /// Make one tracker of two that were started apart and hold issues under different prefixes
    #[arg(long)]
    join: bool,
    /// Also take in what the outbox of this branch has: qp outbox absorb --from
    #[arg(long, value_name = "BRANCH", conflicts_with = "dry_run")]
    from: Option<String>,
}

/// What every exchange takes.
#[derive(clap::Args, Debug, Default, Clone)]
pub struct ExchangeArgs {
    /// The remote, by its name or URL [default: quipu.remote, else the branch's, else the only one, else origin]
    #[arg(long, value_name = "NAME")]
    remote: Option<String>,
    /// Give up after this time; a bare number counts seconds [default: 60s]
    #[arg(long, value_name = "DURATION")]
    timeout: Option<String>,
    /// Say what would be sent, received and merged, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// The flag that sends what a command has written.
#[derive(clap::Args, Debug, Default)]
pub struct ShareArgs {
    /// Also send it: as qp push right after
    #[arg(long)]
    sync: bool,
}

impl ShareArgs {
    /// Tells whether the flag was given.
    pub fn is_given(&self) -> bool {
        self.sync
    }

    /// Sends what was written, where that is wanted. The end of a claim that the remote has confirmed is sent without
    /// being asked for; where that fails the next exchange makes up for it.
    pub fn share(&self, app: &mut App, ended_claims: bool) -> Result<()> {
        if self.sync {
            let synced = share(app)?;
            sync_report::note(app, &synced)?;
        } else if ended_claims {
            match share(app) {
                Ok(synced) => {
                    kept::tell(app, &app.store()?, &synced);
                    sync_report::warn_lost(app, &synced)?;
                }
                Err(error) => app.ui.warn(format!("{}; the next qp sync makes up for it", error.message())),
            }
        }
        Ok(())
    }
}

/// Which directions an exchange goes.
#[derive(Clone, Copy, Default)]
struct Ways<'a> {
    pull: bool,
    push: bool,
    join: bool,
    from: Option<&'a str>,
    send: SendArgs,
}

pub(super) fn run(args: &SyncArgs, app: &mut App) -> Result<()> {
    if args.flush_only {
        let text = "nothing to do: every write is a commit at once; qp sync exchanges them";
        app.ui.note(text);
        return if app.ui.json { app.ui.document(&versioned(json!({ "text": text }))) } else { Ok(()) };
    }
    let dry_run = args.exchange.dry_run || args.status;
    let wanted = ExchangeArgs { dry_run, ..args.exchange.clone() };
    let TakeArgs { join, from } = &args.take;
    let ways = Ways { pull: true, push: true, join: *join, from: from.as_deref(), send: args.send };
    exchange(app, &wanted, ways)
}

pub(super) fn pull(args: &PullArgs, app: &mut App) -> Result<()> {
    let TakeArgs { join, from } = &args.take;
    let ways = Ways { pull: true, join: *join, from: from.as_deref(), ..Ways::default() };
    exchange(app, &args.exchange, ways)
}

pub(super) fn push(args: &PushArgs, app: &mut App) -> Result<()> {
    exchange(app, &args.exchange, Ways { push: true, send: args.send, ..Ways::default() })
}

fn exchange(app: &mut App, args: &ExchangeArgs, ways: Ways<'_>) -> Result<()> {
    app.refuse_past()?;
    let store = app.store()?;
    let timeout = args.timeout.as_deref().map_or(Ok(TIMEOUT_MS), timeout)?;
    let deadline = Deadline::after(u64::try_from(timeout).unwrap_or_default());
    let Ways { pull, push, join, from, send: SendArgs { retry, strict } } = ways;
    let request = SyncRequest { remote: args.remote.as_deref(), deadline, pull, push, join, retry };
    let author = app.author(&store);
    let source = from.map(OutboxSource::Branch);
    let absorb = |source| store.within(deadline).absorb_outbox(&app.context, &author, source);
    let from_branch = source.map(absorb).transpose()?;
    let mut synced = if args.dry_run {
        store.rehearse_sync(&app.context, &author, request)?
    } else {
        store.sync(&app.context, &author, request)?
    };
    if let Some(mut absorbed) = from_branch {
        // The exchange may have brought what it builds upon.
        if let Some(source) = source.filter(|_| absorbed.missing().count() > 0) {
            absorbed = absorb(source)?;
            if absorbed.operations > 0 && push {
                let again = store.sync(&app.context, &author, request)?;
                synced =
                    Synced { received: synced.received, received_issues: synced.received_issues, ..again };
            }
        }
        synced.count_absorbed(absorbed);
    }
    let is_strict = strict && !args.dry_run;
    let not_shared = sync_report::not_shared(app, &store, &synced).filter(|_| is_strict);
    sync_report::print(app, &store, &synced, args.dry_run, not_shared.is_some())?;
    // What a rehearsal has found is its result.
    if args.dry_run {
        return Ok(());
    }
    finish(&store, &synced)?;
    not_shared.map_or(Ok(()), Err)
}

/// Reads a timeout. A bare number counts seconds, as it does with every other program that waits for a network.
fn timeout(text: &str) -> Result<i64> {
    let is_bare = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let read = dates::duration(&if is_bare { format!("{text}s") } else { text.to_owned() });
    read.map_err(|_| Error::invalid(format!("{text:?} is no time to wait")).hint("--timeout 20s, or 2m"))
}

/// Turns what went wrong into the exit.
fn finish(store: &Store, synced: &Synced) -> Result<()> {
    if let Some(outcome) = synced.failure.as_ref().filter(|_| synced.kept.is_none()) {
        return Err(failure(store, synced, outcome));
    }
    match synced.claims_lost.is_empty() {
        true => {
            let found = &synced.from_outbox;
            outbox::missing_error(store, &found.missing, found.is_cut_off).map_or(Ok(()), Err)
        }
        false => Err(sync_report::claims_lost(store, synced)?),
    }
}

/// Sends what a command has just written: its `--sync`.
///
/// # Errors
/// Remote, where it was not sent; what was written is here all the same, and the message says so.
pub(super) fn share(app: &mut App) -> Result<Synced> {
    let store = app.store()?;
    let author = app.author(&store);
    let deadline = Deadline::after(u64::try_from(TIMEOUT_MS).unwrap_or_default());
    let request = SyncRequest { remote: None, deadline, pull: false, push: true, join: false, retry: false };
    let said = |error: Error| {
        let message = format!("this is saved here and not shared: {}", error.message());
        let kept = Error::new(error.kind(), error.code(), message);
        kept.hint(error.remedy().unwrap_or("qp sync").to_owned())
    };
    let synced = store.sync(&app.context, &author, request).map_err(said)?;
    match &synced.failure {
        Some(outcome) if synced.kept.is_none() => {
            sync_report::warn_lost(app, &synced)?;
            Err(said(failure(&store, &synced, outcome)))
        }
        _ => Ok(synced),
    }
}
