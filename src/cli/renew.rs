//! `qp renew`

use super::app::{App, resolve_all};
use super::claimed::{self, Claimed};
use super::lease::LeaseArgs;
use super::report;
use crate::error::Result;
use crate::query::may_renew;

/// Extend the leases of your claims
///
/// A claim that lapsed may be renewed as long as nobody has taken the issue over. All are renewed, or none.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp renew web-7k2m\n  qp renew 7k2m 3f9c --for 4h")]
pub struct RenewArgs {
    /// Keys
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    #[command(flatten)]
    lease: LeaseArgs,
}

pub(super) fn run(args: &RenewArgs, app: &mut App) -> Result<()> {
    let term = args.lease.read()?;
    let holder = app.holder(&app.store()?);
    let done = app.transact("renew", |txn| {
        let tracker = txn.tracker();
        let positions = resolve_all(tracker, &args.ids)?;
        let mut renewed = Vec::new();
        for position in &positions {
            let front = tracker.front(*position);
            may_renew(tracker, *position, &holder, txn.now)?;
            let until = term.end(front, &holder, txn.now);
            let mut issue = txn.issue(*position)?;
            issue.front.claim(&holder, txn.now, until);
            txn.put(issue)?;
            renewed.push(Claimed::renewal(front.clone(), until));
        }
        txn.subject(report::subject("renew", txn.view(), &positions));
        Ok(renewed)
    })?;
    claimed::print(app, &done)
}
