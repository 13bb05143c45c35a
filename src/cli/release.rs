//! `qp release`

use super::app::{App, resolve_all};
use super::bulk::KeysArgs;
use super::sync::ShareArgs;
use super::{confirm, report};
use crate::error::Result;
use crate::model::{Holder, Issue, IssueId, Status};
use crate::output::text::one_line;
use crate::query::{ReleaseStep, may_release};
use crate::store::Txn;

/// Give claimed issues back
///
/// They are open and without an assignee again. Refused with exit 6 while somebody else's claim on one of them
/// runs. All are released, or none. What the remote has confirmed is given back there, too.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp release web-7k2m\n  qp release 7k2m 3f9c")]
pub struct ReleaseArgs {
    /// Keys
    #[arg(value_name = "ID", required_unless_present = "stdin")]
    ids: Vec<String>,
    #[command(flatten)]
    keys: KeysArgs,
    /// Also where somebody else's claim runs
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    share: ShareArgs,
}

/// What became of one issue.
pub(super) struct Released {
    pub id: IssueId,
    pub step: ReleaseStep,
    /// Who else held it.
    from: Option<String>,
    /// A claim that only the remote has: its token.
    pub token: Option<String>,
}

pub(super) fn run(args: &ReleaseArgs, app: &mut App) -> Result<()> {
    app.refuse_past()?;
    let ids = args.keys.all("release", &args.ids)?;
    let holder = app.holder(&app.store()?);
    if !args.force {
        confirm::look_again(app, &ids, &holder)?;
    }
    let done = app.transact("release", |txn| {
        let positions = resolve_all(txn.tracker(), &ids)?;
        let released = positions.iter().map(|position| release(txn, *position, &holder, args.force));
        let released: Vec<Released> = released.collect::<Result<_>>()?;
        txn.subject(report::subject("release", txn.view(), &positions));
        Ok(released)
    })?;
    let tokens = done.value.iter().filter_map(|one| Some((one.id, one.token.as_deref()?)));
    let only_there = app.store()?.end_claims(tokens);
    for one in &done.value {
        if let (ReleaseStep::Release, Some(name)) = (one.step, &one.from) {
            app.ui.note(format!("{} was claimed by {}", done.view.tracker.key_of(one.id), one_line(name)));
        }
    }
    let lines: Vec<_> = done.value.iter().map(|one| (one.id, verb(one.step).to_owned())).collect();
    report::changed(app, &done.view, &lines)?;
    args.share.share(app, done.ended_claims || only_there)
}

/// The word for what became of an issue.
pub(super) fn verb(step: ReleaseStep) -> &'static str {
    match step {
        ReleaseStep::Release => "released",
        ReleaseStep::Nothing => "free already",
    }
}

/// Gives an issue back within a write.
pub(super) fn release(txn: &mut Txn<'_>, position: usize, holder: &Holder, force: bool) -> Result<Released> {
    let mut issue = txn.issue(position)?;
    let step = if force { held(&issue) } else { may_release(txn.tracker(), position, holder, txn.now)? };
    let id = issue.front.id;
    if step == ReleaseStep::Release {
        let from = issue.front.assignee.clone().filter(|name| *name != holder.actor);
        issue.front.release();
        txn.put(issue)?;
        return Ok(Released { id, step, from, token: None });
    }
    // A claim that the remote has confirmed and that was never written to the branch.
    let claim = txn.tracker().claims.get(&id).filter(|claim| force || claim.holder == *holder);
    let step = if claim.is_some() { ReleaseStep::Release } else { step };
    let from = claim.map(|claim| claim.holder.actor.clone()).filter(|name| *name != holder.actor);
    Ok(Released { id, step, from, token: claim.map(|claim| claim.token.clone()) })
}

fn held(issue: &Issue) -> ReleaseStep {
    if issue.front.status == Status::InProgress { ReleaseStep::Release } else { ReleaseStep::Nothing }
}
