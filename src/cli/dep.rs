//! `qp dep`, `link`: relations between issues.

use std::path::{Path, PathBuf};

use super::app::App;
use super::args::{self, split};
use super::edges::Wish;
use super::{dep_list, dep_tree, edges, operation_read};
use crate::error::{Error, Result};
use crate::model::Relation;
use crate::output::text::one_line;
use crate::query::parse_relation;

/// Say what an issue waits for, and how issues belong together
///
/// In `dep add A B` A waits for B. A relation by which an issue would wait for itself is refused.
#[derive(clap::Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_long_help = "Examples:
  qp dep add web-7k2m web-3f9c
  qp dep add web-7k2m web-8d1e --type discovered-from
  qp dep web-3f9c --blocks web-7k2m
  qp dep remove web-7k2m web-3f9c
  qp dep relate web-7k2m web-8d1e
  qp dep unrelate web-7k2m web-8d1e
  qp dep tree web-7k2m --direction up
  qp dep add --file edges.jsonl
  qp dep cycles"
)]
pub struct DepArgs {
    #[command(subcommand)]
    action: Option<Action>,
    /// Key
    #[arg(value_name = "ID", required = true)]
    id: Option<String>,
    /// Not taken: which way is meant?
    #[arg(hide = true)]
    more: Vec<String>,
    /// What is to wait for it
    #[arg(long, value_name = "ID,…")]
    blocks: Vec<String>,
    /// What it waits for
    #[arg(long, visible_alias = "depends-on", value_name = "ID,…")]
    blocked_by: Vec<String>,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Make the first issue wait for the others, or refer to them in another way
    #[command(after_long_help = "Examples:
  qp dep add web-7k2m web-3f9c
  qp dep add web-7k2m web-3f9c web-8d1e
  qp dep add web-7k2m web-8d1e --type discovered-from
  qp dep add --file edges.jsonl

A file of edges:
  {\"from\": \"web-7k2m\", \"to\": \"web-3f9c\"}
  {\"from\": \"web-7k2m\", \"to\": \"web-8d1e\", \"type\": \"related\"}")]
    Add(AddManyArgs),
    /// Take relations of the first issue to the others away
    #[command(
        visible_alias = "rm",
        aliases = ["delete", "del"],
        after_long_help = "Examples:\n  qp dep remove web-7k2m web-3f9c\n  qp dep rm web-7k2m web-3f9c --type related"
    )]
    Remove(AddArgs),
    #[command(visible_alias = "ls")]
    List(dep_list::DepListArgs),
    Tree(dep_tree::DepTreeArgs),
    /// List the circles in which issues wait for each other
    #[command(after_long_help = "Examples:\n  qp dep cycles")]
    Cycles,
    /// Make two issues refer to each other as related
    #[command(after_long_help = "Examples:\n  qp dep relate web-7k2m web-3f9c")]
    Relate(PairArgs),
    /// Take back that two issues are related
    #[command(after_long_help = "Examples:\n  qp dep unrelate web-7k2m web-3f9c")]
    Unrelate(PairArgs),
}

/// Relations to add, named or from a file.
#[derive(clap::Args, Debug)]
pub struct AddManyArgs {
    #[command(flatten)]
    add: AddArgs,
    /// Read them from a file of JSON Lines, from waiting for to; - reads standard input
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["ids", "kind", "blocked_by"])]
    file: Option<PathBuf>,
    /// Not taken: no issue may come to wait for itself
    #[arg(long, hide = true)]
    no_cycle_check: bool,
}

/// An issue and those it refers to.
#[derive(clap::Args, Debug)]
pub struct AddArgs {
    /// Key of the issue, then of those it waits for
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Type: blocks, parent-child, related, discovered-from, duplicates, supersedes, or a word of your own
    #[arg(short = 't', long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// What it waits for
    #[arg(long, visible_alias = "depends-on", value_name = "ID,…")]
    blocked_by: Vec<String>,
}

/// Make the first issue wait for the others, or refer to them in another way
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp link web-7k2m web-3f9c\n  qp link web-7k2m web-3f9c -t related")]
pub struct LinkArgs {
    #[command(flatten)]
    add: AddArgs,
}

/// Two issues.
#[derive(clap::Args, Debug)]
pub struct PairArgs {
    /// Key
    #[arg(value_name = "ID")]
    first: String,
    /// Another key
    #[arg(value_name = "ID")]
    second: String,
}

pub(super) fn run(args: &DepArgs, app: &mut App) -> Result<()> {
    match &args.action {
        Some(Action::Add(args)) => add_many(args, app),
        Some(Action::Remove(args)) => remove(args, app),
        Some(Action::List(args)) => dep_list::run(args, app),
        Some(Action::Tree(args)) => dep_tree::run(args, app),
        Some(Action::Cycles) => dep_list::cycles(app),
        Some(Action::Relate(args)) => relate(args, app),
        Some(Action::Unrelate(args)) => unrelate(args, app),
        None => {
            let id = args.id.clone().unwrap_or_default();
            let waiting = split(&args.blocks).into_iter().map(|other| (other, id.clone()));
            let blockers = split(&args.blocked_by).into_iter().map(|other| (id.clone(), other));
            let pairs: Vec<(String, String)> = waiting.chain(blockers).collect();
            if pairs.is_empty() || !args.more.is_empty() {
                let others = if args.more.is_empty() { "BLOCKER".to_owned() } else { args.more.join(" ") };
                return Err(Error::usage("add, remove, list or tree?")
                    .hint(one_line(&format!("qp dep add {id} {others}, or qp dep list {id}"))));
            }
            edges::add_pairs(app, &pairs, &Relation::Blocker)
        }
    }
}

fn add_many(args: &AddManyArgs, app: &mut App) -> Result<()> {
    if args.no_cycle_check {
        let message = "--no-cycle-check is not taken: issues that wait for themselves are never ready";
        return Err(
            Error::usage(message).hint("leave it out; qp dep add --file FILE checks many edges at once")
        );
    }
    match &args.file {
        Some(file) => add_file(app, file),
        None => add(&args.add, app),
    }
}

/// Adds the relations of a file, all or none.
fn add_file(app: &mut App, path: &Path) -> Result<()> {
    let (text, file) = args::bulk_file(&app.context, path)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let wishes = lines.map(|(at, line)| operation_read::edge(format!("{file} line {}", at + 1), line));
    let wishes: Vec<Wish> = wishes.collect::<Result<_>>()?;
    if wishes.is_empty() {
        return Err(Error::invalid(format!("{file} holds no dependency"))
            .hint("{\"from\": \"ID\", \"to\": \"BLOCKER\"}, one a line"));
    }
    edges::add_wishes(app, &wishes, true)
}

/// `qp link A B` is `qp dep add A B`.
fn add(args: &AddArgs, app: &mut App) -> Result<()> {
    let relation = parse_relation(args.kind.as_deref().unwrap_or_default())?;
    if !args.blocked_by.is_empty() && relation != Relation::Blocker {
        return Err(Error::usage("--blocked-by adds blockers; it does not go with another --type"));
    }
    edges::add_pairs(app, &pairs(args)?, &relation)
}

/// Returns (issue, other) for all that is named.
pub(super) fn link(args: &LinkArgs, app: &mut App) -> Result<()> {
    add(&args.add, app)
}

fn pairs(args: &AddArgs) -> Result<Vec<(String, String)>> {
    let [first, others @ ..] = &args.ids[..] else {
        return Err(Error::usage("two issues are needed").hint("qp dep add ID BLOCKER"));
    };
    let others: Vec<String> = others.iter().cloned().chain(split(&args.blocked_by)).collect();
    if others.is_empty() {
        return Err(Error::usage("a second issue is needed").hint(format!("qp dep add {first} BLOCKER")));
    }
    Ok(others.into_iter().map(|other| (first.clone(), other)).collect())
}

fn remove(args: &AddArgs, app: &mut App) -> Result<()> {
    let relation = args.kind.as_deref().map(parse_relation).transpose()?;
    edges::remove_pairs(app, &pairs(args)?, relation.as_ref())
}

pub(super) fn relate(args: &PairArgs, app: &mut App) -> Result<()> {
    edges::relate(app, [&args.first, &args.second])
}

pub(super) fn unrelate(args: &PairArgs, app: &mut App) -> Result<()> {
    edges::unrelate(app, [&args.first, &args.second])
}
