//! `qp comment`, `qp comments`
//!
//! Both take `add` and `list`, and a word that is one of these is never taken for a key: a comment must not land on
//! an issue that nobody named.

use serde_json::Value;

use super::app::{App, resolve, written};
use super::args::WordsArgs;
use super::report;
use crate::error::{Error, Result};
use crate::model::{Comment, Issue};
use crate::output::json;
use crate::output::sheet::short;
use crate::output::text::{lines, one_line};
use crate::store::Txn;

/// Comment on an issue
#[derive(clap::Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_long_help = "Examples:
  qp comment web-7k2m \"seen again on Safari\"
  qp comment web-7k2m -f report.md
  git log -1 | qp comment web-7k2m -
  qp comment list web-7k2m"
)]
pub struct CommentArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    add: AddArgs,
}

/// List the comments of an issue
#[derive(clap::Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_long_help = "Examples:\n  qp comments web-7k2m\n  qp comments add web-7k2m \"seen again\""
)]
pub struct CommentsArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Comment on an issue
    #[command(
        aliases = ["new", "create", "post", "write"],
        after_long_help = "Examples:\n  qp comment add web-7k2m \"seen again on Safari\"\n  qp comments add web-7k2m -f report.md"
    )]
    Add(AddArgs),
    /// List the comments of an issue
    #[command(
        aliases = ["ls", "show", "view", "get", "read"],
        after_long_help = "Examples:\n  qp comment list web-7k2m\n  qp comments list web-7k2m --json"
    )]
    List(ListArgs),
}

/// A new comment.
#[derive(clap::Args, Debug)]
pub struct AddArgs {
    /// Key
    #[arg(value_name = "ID", required = true)]
    id: Option<String>,
    #[command(flatten)]
    words: WordsArgs,
    /// Who says it, where that is not you
    #[arg(short, long, value_name = "NAME")]
    author: Option<String>,
}

/// Whose comments are listed.
#[derive(clap::Args, Debug)]
pub struct ListArgs {
    /// Key
    #[arg(value_name = "ID", required = true)]
    id: Option<String>,
    /// Not taken: listing writes nothing
    #[arg(hide = true)]
    words: Vec<String>,
}

pub(super) fn run(args: &CommentArgs, app: &mut App) -> Result<()> {
    match &args.action {
        Some(Action::List(args)) => list(args, app),
        Some(Action::Add(args)) => add(args, app),
        None => add(&args.add, app),
    }
}

pub(super) fn run_list(args: &CommentsArgs, app: &mut App) -> Result<()> {
    match &args.action {
        Some(Action::Add(args)) => add(args, app),
        Some(Action::List(args)) => list(args, app),
        None => list(&args.list, app),
    }
}

/// A key as the first of several words is more likely a second issue than the beginning of a text.
pub(super) fn refuse_key(app: &App, words: &WordsArgs, hint: impl Fn(&str) -> String) -> Result<()> {
    // Words of a text may be tails of keys: only a whole key is taken for one.
    let Some(word) = words.first_of_several().filter(|word| word.contains('-')) else { return Ok(()) };
    let tracker = app.store()?.view()?.tracker;
    match tracker.keys().resolve(word) {
        Ok(at) if tracker.key(at).eq_ignore_ascii_case(word) => {
            let key = tracker.key(at);
            let message = format!("{key} is the key of an issue, and could begin the text");
            Err(Error::usage(message).hint(hint(&key)))
        }
        _ => Ok(()),
    }
}

fn add(args: &AddArgs, app: &mut App) -> Result<()> {
    let id = args.id.as_deref().unwrap_or_default();
    refuse_key(app, &args.words, |key| {
        let id = one_line(id);
        format!("one issue at a time; as a text in quotes: qp comment {id} \"{key} …\"")
    })?;
    let text = args.words.read(&app.context, &format!("qp comment {}", one_line(id)))?;
    let by = match args.author.as_deref().map(str::trim).filter(|a| !a.is_empty()) {
        Some(author) => author.to_owned(),
        None => app.identity(&app.store()?).actor.value,
    };
    let done = app.transact("comment", |txn| {
        let position = resolve(txn.tracker(), id)?;
        let comment = put(txn, position, &by, &text)?;
        txn.subject(report::subject("comment on", txn.view(), &[position]));
        Ok((txn.tracker().front(position).id, comment))
    })?;
    let (id, comment) = done.value;
    if app.ui.json {
        let position = written(&done.view, id)?;
        let document = json::comment(&done.view.tracker, position, &comment);
        return app.ui.document(&json::versioned(document));
    }
    report::changed(app, &done.view, &[(id, "commented on".to_owned())])
}

/// Comments on an issue within a write.
pub(super) fn put(txn: &mut Txn<'_>, position: usize, by: &str, text: &str) -> Result<Comment> {
    let mut issue = txn.issue(position)?;
    let comment = append(txn, &mut issue, by, text);
    txn.put(issue)?;
    Ok(comment)
}

/// Adds a comment to an issue that is being written.
pub(super) fn append(txn: &Txn<'_>, issue: &mut Issue, by: &str, text: &str) -> Comment {
    let comment = Comment { id: txn.fresh_id(), at: txn.now, by: by.to_owned(), text: text.to_owned() };
    issue.body.comments.push(comment.clone());
    issue.body.sort_comments();
    comment
}

fn list(args: &ListArgs, app: &mut App) -> Result<()> {
    let id = args.id.as_deref().unwrap_or_default();
    if let [first, ..] = &args.words[..] {
        let message = format!("{:?} is left over: this lists comments and adds none", one_line(first));
        return Err(Error::usage(message).hint(format!("qp comment {} \"TEXT\"", one_line(id))));
    }
    let view = app.view()?;
    let position = resolve(&view.tracker, id)?;
    let comments = view.issue(position)?.body.comments;
    if app.ui.json {
        let documents: Vec<Value> =
            comments.iter().map(|c| json::comment(&view.tracker, position, c)).collect();
        return app.ui.document(&documents.into());
    }
    if comments.is_empty() {
        app.ui.note(format!("no comments on {}", view.tracker.key(position)));
    }
    for (at, comment) in comments.iter().enumerate() {
        if at > 0 {
            app.ui.line("")?;
        }
        app.ui.line(format!("{} at {}", one_line(&comment.by), short(comment.at)))?;
        app.ui.line(lines(&comment.text))?;
    }
    Ok(())
}
