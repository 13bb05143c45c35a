//! `qp changes`

use super::app::App;
use super::filter::FilterArgs;
use super::list;
use super::moment;
use super::news::{self, News, NewsArgs};
use crate::error::{Error, Result};

/// Show what happened to issues since a moment, a line each and what changed below it
///
/// Newest first, with who did it last. What happened is created, changed, claimed, released, deferred, closed,
/// reopened or deleted. An issue is selected where it fits before or after; closed ones are selected too.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp changes --since yesterday
  qp changes --since 2h --assignee me
  qp changes --since 3fa9c21d0 -l auth --short
  qp changes --since 2026-01-05 --json")]
pub struct ChangesArgs {
    /// The moment before: a commit, an operation, a date, a time, or how long ago (2h, 3d)
    #[arg(long, visible_alias = "from", value_name = "MOMENT", allow_hyphen_values = true)]
    since: Option<String>,
    /// Most issues to print; 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 0)]
    limit: usize,
    #[command(flatten)]
    shape: NewsArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

pub(super) fn run(args: &ChangesArgs, app: &mut App) -> Result<()> {
    let Some(since) = &args.since else {
        return Err(Error::usage("--since is missing: a commit, an operation or a date")
            .hint("qp changes --since yesterday"));
    };
    let new = app.view()?;
    let old = moment::since(app, new.store(), since)?;
    let filter = news::filter(&args.filter, app, &old, &new)?;
    let mut news = News::between(&old, new, &filter, app.context.now())?;
    let left_out = news.cut(args.limit);
    news.print(app, &args.shape)?;
    list::more(app, left_out);
    if news.is_empty() {
        app.ui.note("no changes");
    }
    Ok(())
}
