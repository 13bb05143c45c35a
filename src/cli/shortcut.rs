//! `qp assign`, `priority`, `tag`, `note`: one field each, for those who type what they mean.

use super::app::App;
use super::args::{self, WordsArgs};
use super::change::{Change, Condition, Notes};
use super::fields::FieldChanges;
use super::update::apply;
use crate::error::{Error, Result};
use crate::output::text::one_line;
use crate::query::parse_priority;

/// Set the assignee of an issue
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp assign web-7k2m bob\n  qp assign web-7k2m \"\"")]
pub struct AssignArgs {
    /// Key
    #[arg(value_name = "ID")]
    id: String,
    /// Who is to do it; "" for nobody
    #[arg(value_name = "NAME")]
    name: String,
}

/// Set the priority of an issue
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp priority web-7k2m 0")]
pub struct PriorityArgs {
    /// Key
    #[arg(value_name = "ID")]
    id: String,
    /// 0 (most urgent) to 4
    #[arg(value_name = "0-4")]
    priority: String,
}

/// Add labels to an issue
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp tag web-7k2m backend urgent")]
pub struct TagArgs {
    /// Key
    #[arg(value_name = "ID")]
    id: String,
    /// Labels
    #[arg(value_name = "LABEL", required = true)]
    labels: Vec<String>,
}

/// Add to the notes of an issue
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp note web-7k2m \"the timer is in session.ts\"\n  qp note web-7k2m - < findings.md"
)]
pub struct NoteArgs {
    /// Key
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    words: WordsArgs,
}

pub(super) fn assign(args: &AssignArgs, app: &mut App) -> Result<()> {
    let name = args.name.trim();
    let assignee = Some((!name.is_empty()).then(|| name.to_owned()));
    change(
        app,
        "assign",
        &args.id,
        Change { fields: FieldChanges { assignee, ..FieldChanges::default() }, ..Change::default() },
    )
}

pub(super) fn priority(args: &PriorityArgs, app: &mut App) -> Result<()> {
    let priority = Some(parse_priority(&args.priority)?);
    change(
        app,
        "priority",
        &args.id,
        Change { fields: FieldChanges { priority, ..FieldChanges::default() }, ..Change::default() },
    )
}

pub(super) fn tag(args: &TagArgs, app: &mut App) -> Result<()> {
    let mut wanted = Change::default();
    wanted.labels.add = args::labels(&args.labels)?;
    if wanted.labels.add.is_empty() {
        return Err(Error::usage("there is no label").hint(format!("qp tag {} LABEL", one_line(&args.id))));
    }
    change(app, "tag", &args.id, wanted)
}

pub(super) fn note(args: &NoteArgs, app: &mut App) -> Result<()> {
    let text = args.words.read(&app.context, &format!("qp note {}", one_line(&args.id)))?;
    change(app, "note", &args.id, Change { notes: Some(Notes::Append(text)), ..Change::default() })
}

fn change(app: &mut App, command: &str, id: &str, change: Change) -> Result<()> {
    apply(app, command, &[id.to_owned()], &change, &Condition::default())
}
