//! `qp release`

use super::app::{App, resolve_all};
use super::report;
use super::sync::ShareArgs;
use crate::error::Result;
use crate::model::{Issue, Status};
use crate::output::text::one_line;
use crate::query::{ReleaseStep, may_release};

/// Give claimed issues back
///
/// They are open and without an assignee again. Refused with exit 6 while somebody else's claim on one of them
/// runs. All are released, or none. What the remote has confirmed is given back there, too.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp release web-7k2m\n  qp release 7k2m 3f9c")]
pub struct ReleaseArgs {
    /// Keys
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Also where somebody else's claim runs
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    share: ShareArgs,
}

pub(super) fn run(args: &ReleaseArgs, app: &mut App) -> Result<()> {
    let holder = app.holder(&app.store()?);
    let done = app.transact("release", |txn| {
        let positions = resolve_all(txn.tracker(), &args.ids)?;
        let mut released = Vec::new();
        for position in &positions {
            let mut issue = txn.issue(*position)?;
            let step = if args.force {
                held(&issue)
            } else {
                may_release(txn.tracker(), *position, &holder, txn.now)?
            };
            let from = issue.front.assignee.clone().filter(|name| *name != holder.actor);
            released.push((issue.front.id, step, from));
            if step == ReleaseStep::Release {
                issue.front.release();
                txn.put(issue)?;
            }
        }
        txn.subject(report::subject("release", txn.view(), &positions));
        Ok(released)
    })?;
    let verb = |step: &ReleaseStep| match step {
        ReleaseStep::Release => "released",
        ReleaseStep::Nothing => "free already",
    };
    for (id, step, from) in &done.value {
        if let (ReleaseStep::Release, Some(name)) = (step, from) {
            app.ui.note(format!("{} was claimed by {}", done.view.tracker.key_of(*id), one_line(name)));
        }
    }
    let lines: Vec<_> = done.value.iter().map(|(id, step, _)| (*id, verb(step).to_owned())).collect();
    report::changed(app, &done.view, &lines)?;
    args.share.share(app, done.ended_claims)
}

fn held(issue: &Issue) -> ReleaseStep {
    if issue.front.status == Status::InProgress { ReleaseStep::Release } else { ReleaseStep::Nothing }
}
