//! `qp watch`

use super::app::App;
use super::dates;
use super::filter::FilterArgs;
use super::moment;
use super::news::{self, News, NewsArgs};
use super::selection::QueryArgs;
use crate::error::{Error, Kind, Result};
use crate::output::text::one_line;
use crate::store::{Pace, Sighting};

/// Wait until issues change, on the remote or here, and print what happened to them
///
/// Exits 0 as soon as something changed in an issue that the flags select, and prints it as `qp changes` does. Exits
/// 1 when the time is over. Nothing is changed here: qp sync brings what others did.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp watch
  qp watch --id web-7k2m --timeout 1h
  qp watch -l auth --since yesterday --interval 30s --json
  qp watch 'assignee:me OR blocks:web-7k2m'
  qp watch --timeout 0")]
pub struct WatchArgs {
    #[command(flatten)]
    query: QueryArgs,
    /// What counts as new: changes after this commit, operation, date or time; now unless given
    #[arg(long, visible_alias = "from", value_name = "MOMENT", allow_hyphen_values = true)]
    since: Option<String>,
    /// How long to wait; 0 looks once
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    timeout: String,
    /// How often to look at the remote
    #[arg(long, value_name = "DURATION", default_value = "15s")]
    interval: String,
    #[command(flatten)]
    shape: NewsArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

pub(super) fn run(args: &WatchArgs, app: &mut App) -> Result<()> {
    if app.globals.at.is_some() {
        return Err(Error::usage("--at looks back, and watch waits for what comes").hint("leave out --at"));
    }
    let pace = Pace {
        interval_ms: span("--interval", &args.interval)?,
        timeout_ms: span("--timeout", &args.timeout)?,
    };
    if pace.interval_ms == 0 {
        return Err(Error::usage("--interval 0 never rests").hint("--interval 15s"));
    }
    let store = app.store()?;
    let here = app.view()?;
    let old = args.since.as_deref().map(|text| moment::since(app, &store, text)).transpose()?;
    let old = old.as_ref().unwrap_or(&here);
    let filter = news::filter(&args.filter.with(&args.query.text()), app, old, &here)?;
    let found = store.watch(&app.context, pace, |sighting| match sighting {
        Sighting::Tracker { view, away } => {
            let news = News::between(old, *view, &filter, app.context.now())?;
            Ok((!news.is_empty()).then_some((news, away)))
        }
        Sighting::Unreachable(error) => {
            app.ui.warn(format!("{error}; still trying"));
            Ok(None)
        }
    })?;
    let Some((news, away)) = found else {
        let message = match pace.timeout_ms {
            0 => "nothing has changed".to_owned(),
            _ => format!("nothing changed in {}", one_line(&args.timeout)),
        };
        app.ui.note(&message);
        return Err(Error::new(Kind::CheckFailed, "timeout", message));
    };
    news.print(app, &args.shape)?;
    if away {
        app.ui.note("not all of it is here yet: qp sync brings it");
    }
    Ok(())
}

/// Reads a duration in milliseconds. A number without a unit could mean anything, but for 0.
fn span(flag: &str, text: &str) -> Result<i64> {
    let text = text.trim();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(number) = text.strip_suffix("ms").filter(|number| is_number(number)) {
        return number.parse().map_err(|_| Error::usage(format!("{flag} {text} is too long")));
    }
    if is_number(text) {
        return match text.trim_start_matches('0') {
            "" => Ok(0),
            _ => Err(Error::usage(format!("{flag} {text} has no unit"))
                .hint(format!("{flag} {text}s, or {text}m"))),
        };
    }
    dates::duration(text)
}
