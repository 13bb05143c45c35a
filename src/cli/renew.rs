//! `qp renew`

use super::app::{App, resolve_all};
use super::bulk::KeysArgs;
use super::claimed::{self, Claimed};
use super::confirm::{self, Confirmed};
use super::lease::LeaseArgs;
use super::report;
use crate::error::Result;
use crate::model::Holder;
use crate::query::may_renew;

/// Extend the leases of your claims
///
/// A claim that lapsed may be renewed as long as nobody has taken the issue over. All are renewed, or none. What the
/// remote has confirmed is renewed there, too.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp renew web-7k2m\n  qp renew 7k2m 3f9c --for 4h")]
pub struct RenewArgs {
    /// Keys
    #[arg(value_name = "ID", required_unless_present = "stdin")]
    ids: Vec<String>,
    #[command(flatten)]
    keys: KeysArgs,
    #[command(flatten)]
    lease: LeaseArgs,
}

pub(super) fn run(args: &RenewArgs, app: &mut App) -> Result<()> {
    let term = args.lease.read()?;
    app.refuse_past()?;
    let ids = args.keys.all("renew", &args.ids)?;
    let holder = app.holder(&app.store()?);
    if is_confirmed(app, &ids, &holder)? {
        match confirm::by_keys(app, &ids, &holder, term)? {
            Confirmed::Won(won) => {
                let done = confirm::write(app, &won, &holder, "renew")?;
                return claimed::print(app, &done);
            }
            Confirmed::Unavailable(outcome) => {
                app.told_unconfirmed = true;
                app.ui.warn(format!("renewed here only, the remote still has the old lease: {outcome}"));
            }
        }
    }
    let done = app.transact("renew", |txn| {
        let tracker = txn.tracker();
        let positions = resolve_all(tracker, &ids)?;
        let mut renewed = Vec::new();
        for position in &positions {
            let front = tracker.front(*position);
            may_renew(tracker, *position, &holder, txn.now)?;
            let until = term.end(front, &holder, txn.now);
            let mut issue = txn.issue(*position)?;
            issue.front.claim(&holder, txn.now, until);
            txn.put(issue)?;
            renewed.push(Claimed::renewal(front.clone(), until, false));
        }
        txn.subject(report::subject("renew", txn.view(), &positions));
        Ok(renewed)
    })?;
    claimed::print(app, &done)
}

/// Tells whether a remote has confirmed one of the claims. All of them must be the caller's.
fn is_confirmed(app: &App, keys: &[String], holder: &Holder) -> Result<bool> {
    let tracker = app.store()?.view()?.tracker;
    let positions = resolve_all(&tracker, keys)?;
    let now = app.context.now();
    positions.iter().try_for_each(|at| may_renew(&tracker, *at, holder, now))?;
    Ok(confirm::any_confirmed(&tracker, &positions, holder))
}
