//! `qp query`: saved queries, which every clone shares.

use serde_json::{Value, json};

use super::app::App;
use super::list::{self, ListArgs};
use super::selection;
use crate::error::{Error, Kind, Result};
use crate::output::json::versioned;
use crate::output::text::{one_line, pad, width};
use crate::query::lang::{FIELDS_HELP, is_query_name};
use crate::query::nearest;

/// Save queries under a name, for every clone
///
/// A saved query is used as @NAME: in qp list @NAME, in ready, search, blocked and watch, and within other queries.
/// Without an action, the saved queries are listed.
#[derive(clap::Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = FIELDS_HELP,
    after_long_help = format!("Examples:
  qp query save mine 'is:open assignee:me'
  qp query list
  qp query run mine --sort updated
  qp list @mine label:auth
  qp query delete mine

Queries:
{FIELDS_HELP}")
)]
pub struct QueryCommand {
    #[command(subcommand)]
    action: Option<Action>,
}

// Built when they are called: what `list` says of --format holds once the flags of every command are there.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
enum Action {
    /// Save a query
    #[command(
        visible_aliases = ["add", "set"],
        after_long_help = "Examples:\n  qp query save mine 'is:open assignee:me'\n  qp query save urgent priority:0..1 -is:blocked"
    )]
    Save(SaveArgs),
    /// List the saved queries
    #[command(visible_alias = "ls", after_long_help = "Examples:\n  qp query list --json")]
    List,
    /// List the issues that a saved query selects
    #[command(
        after_long_help = "Examples:\n  qp query run mine\n  qp query run mine label:auth --sort updated"
    )]
    Run(Box<RunArgs>),
    /// Delete saved queries
    #[command(visible_alias = "rm", alias = "remove", after_long_help = "Examples:\n  qp query delete mine")]
    Delete(DeleteArgs),
}

/// What is saved.
#[derive(clap::Args, Debug)]
struct SaveArgs {
    /// Name: small letters, digits and hyphens
    #[arg(value_name = "NAME")]
    name: String,
    /// The query
    #[arg(value_name = "QUERY", required = true)]
    query: Vec<String>,
}

/// What is listed.
#[derive(clap::Args, Debug)]
struct RunArgs {
    /// Name
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    list: ListArgs,
}

/// What is deleted.
#[derive(clap::Args, Debug)]
struct DeleteArgs {
    /// Names
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
}

pub(super) fn run(args: &QueryCommand, app: &mut App) -> Result<()> {
    match &args.action {
        Some(Action::Save(args)) => save(args, app),
        Some(Action::Run(args)) => {
            let name = bare(&args.name);
            let further = args.list.query();
            let further = if further.trim().is_empty() { further } else { format!(" ({further})") };
            list::run_query(&args.list, app, &format!("@{name}{further}"))
        }
        Some(Action::Delete(args)) => delete(args, app),
        Some(Action::List) | None => list(app),
    }
}

/// The name may be written as it is used.
fn bare(name: &str) -> &str {
    name.strip_prefix('@').unwrap_or(name)
}

fn save(args: &SaveArgs, app: &mut App) -> Result<()> {
    let name = bare(&args.name);
    if !is_query_name(name) {
        return Err(Error::usage(format!("{:?} cannot be the name of a query", one_line(name)))
            .hint("1 to 64 small letters, digits and hyphens: my-bugs"));
    }
    let text = args.query.join(" ").trim().to_owned();
    app.refuse_past()?;
    check(app, name, &text)?;
    let done = app.transact("query save", |txn| {
        let mut settings = txn.tracker().settings.clone();
        let before = settings.queries().remove(name);
        if before.as_deref() == Some(&text) {
            return Ok("unchanged");
        }
        settings.set_query(name, Some(&text));
        txn.put_settings(settings);
        txn.subject(format!("save query {name}: {}", one_line(&text)));
        Ok(if before.is_some() { "replaced" } else { "saved" })
    })?;
    report(app, done.value, name, &text)
}

/// Refuses what could not be asked.
fn check(app: &App, name: &str, text: &str) -> Result<()> {
    let mut view = app.store()?.view()?;
    if selection::compile(app, &view.tracker, text)?.is_none() {
        return Err(
            Error::usage("the query is empty").hint(format!("qp query save {name} 'is:open label:auth'"))
        );
    }
    // Under its name it may be a part of itself.
    view.tracker.settings.set_query(name, Some(text));
    selection::compile(app, &view.tracker, &format!("@{name}")).map(drop)
}

fn delete(args: &DeleteArgs, app: &mut App) -> Result<()> {
    let names: Vec<&str> = args.names.iter().map(|name| bare(name)).collect();
    let done = app.transact("query delete", |txn| {
        let mut settings = txn.tracker().settings.clone();
        let saved = settings.queries();
        for name in &names {
            if !saved.contains_key(*name) {
                return Err(unknown(name, saved.keys().map(String::as_str)));
            }
            settings.set_query(name, None);
        }
        txn.put_settings(settings);
        txn.subject(one_line(&format!("delete query {}", names.join(", "))));
        Ok(())
    })?;
    drop(done);
    if app.ui.json {
        let documents: Vec<Value> =
            names.iter().map(|name| json!({ "name": name, "status": "deleted" })).collect();
        return app.ui.document(&documents.into());
    }
    names.iter().try_for_each(|name| app.ui.line(format!("deleted @{}", one_line(name))))
}

fn unknown<'n>(name: &str, saved: impl Iterator<Item = &'n str>) -> Error {
    let error = Error::new(Kind::NotFound, "no_such_query", format!("no saved query {:?}", one_line(name)));
    error.hint(match nearest(name, saved) {
        Some(near) => format!("did you mean {near}?"),
        None => "qp query list shows them".to_owned(),
    })
}

fn list(app: &mut App) -> Result<()> {
    let saved = app.view()?.tracker.settings.queries();
    if app.ui.json {
        let documents: Vec<Value> =
            saved.iter().map(|(name, query)| json!({ "name": name, "query": query })).collect();
        return app.ui.document(&documents.into());
    }
    if saved.is_empty() {
        app.ui.note("no saved queries: qp query save NAME 'QUERY'");
    }
    let columns = saved.keys().map(|name| width(&one_line(name))).max().unwrap_or(0);
    saved.iter().try_for_each(|(name, query)| {
        app.ui.line(format!("@{}  {}", pad(&one_line(name), columns), one_line(query)))
    })
}

fn report(app: &mut App, status: &str, name: &str, query: &str) -> Result<()> {
    if app.ui.json {
        let document = json!({ "name": name, "query": query, "status": status });
        return app.ui.document(&versioned(document));
    }
    app.ui.line(format!("{status} @{name}: {}", one_line(query)))?;
    app.ui.note(format!("next: qp list @{name}"));
    Ok(())
}
