//! The command line: one file a command, each an args struct whose doc comments are the help text and one
//! `run` that validates, asks the library and prints through [`Ui`].
//!
//! The only layer that knows clap.

mod app;
mod apply;
mod apply_report;
mod args;
mod attic;
mod attic_drop;
mod attic_entry;
mod attic_restore;
mod blocked;
mod change;
mod changed;
mod changes;
mod check;
mod children;
mod claim;
mod claimed;
mod close;
mod close_next;
mod comment;
mod completions;
mod confirm;
mod create;
mod create_report;
mod dates;
mod defer;
mod delete;
mod demo;
mod dep;
mod dep_list;
mod dep_tree;
mod diff;
mod doctor;
mod draft;
mod duplicate;
mod edges;
mod edit;
mod editor;
mod export;
mod fields;
mod filter;
mod graph_plan;
mod identity;
mod import;
mod init;
mod label;
mod lease;
mod list;
mod log;
mod man;
mod merge_driver;
mod moment;
mod news;
mod next;
mod operation;
mod operation_read;
mod plan;
mod quick;
mod ready;
mod record;
mod reference;
mod release;
mod renew;
mod reopen;
mod report;
mod search;
mod shortcut;
mod show;
mod status;
mod sync;
mod sync_report;
mod undo;
mod undo_plan;
mod unready;
mod update;
mod usage;
mod watch;
mod whoami;
mod why;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::output::{Ui, ui::READER_GONE};
use app::App;
pub use operation::operations;
pub use reference::reference;

/// Git-native issue tracker for coding agents, people and CI
///
/// Issues live as Markdown files on one branch of the repository. Nothing runs in the background and nothing
/// is written into your checkout.
#[derive(Parser, Debug)]
#[command(
    name = "qp",
    version,
    disable_help_subcommand = true,
    infer_subcommands = false,
    args_override_self = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Flags that every command takes.
#[derive(clap::Args, Debug, Default, Clone)]
pub struct Globals {
    /// Print one JSON document
    #[arg(long, global = true, help_heading = "Global options")]
    json: bool,
    /// Output format
    #[arg(long, global = true, hide = true, value_name = "FORMAT", value_parser = ["json", "text"])]
    format: Option<String>,
    /// Act under this name
    #[arg(long = "as", alias = "actor", global = true, value_name = "NAME", help_heading = "Global options")]
    actor: Option<String>,
    /// Tell this run apart from others of the same name
    #[arg(long, global = true, value_name = "ID", help_heading = "Global options")]
    session: Option<String>,
    /// Work in this folder
    #[arg(
        short = 'C',
        long = "directory",
        global = true,
        value_name = "DIR",
        help_heading = "Global options"
    )]
    directory: Option<PathBuf>,
    /// Use the tracker on this branch
    #[arg(long, global = true, value_name = "NAME", help_heading = "Global options")]
    branch: Option<String>,
    /// Read the tracker as it was: a commit, a date or a time
    #[arg(long, global = true, value_name = "COMMIT|DATE", help_heading = "Global options")]
    at: Option<String>,
    /// Print results and errors only
    #[arg(short, long, global = true, help_heading = "Global options")]
    quiet: bool,
}

#[derive(Subcommand, Debug)]
#[command(defer = true)]
enum Command {
    Init(init::InitArgs),
    #[command(visible_alias = "new")]
    Create(Box<create::CreateArgs>),
    Q(quick::QuickArgs),
    #[command(visible_alias = "view")]
    Show(show::ShowArgs),
    #[command(visible_alias = "ls")]
    List(Box<list::ListArgs>),
    #[command(visible_alias = "done")]
    Close(close::CloseArgs),
    #[command(alias = "find")]
    Search(Box<search::SearchArgs>),
    Update(Box<update::UpdateArgs>),
    Edit(edit::EditArgs),
    Reopen(reopen::ReopenArgs),
    Assign(shortcut::AssignArgs),
    Priority(shortcut::PriorityArgs),
    Tag(shortcut::TagArgs),
    Note(shortcut::NoteArgs),
    #[command(visible_alias = "rm", alias = "remove")]
    Delete(delete::DeleteArgs),
    Defer(defer::DeferArgs),
    Undefer(defer::UndeferArgs),
    Duplicate(duplicate::DuplicateArgs),
    Supersede(duplicate::SupersedeArgs),
    Label(label::LabelArgs),
    Dep(dep::DepArgs),
    Link(dep::LinkArgs),
    #[command(hide = true)]
    Relate(dep::PairArgs),
    #[command(hide = true)]
    Unrelate(dep::PairArgs),
    Comment(comment::CommentArgs),
    Comments(comment::CommentsArgs),
    Import(import::ImportArgs),
    Export(Box<export::ExportArgs>),
    Sync(sync::SyncArgs),
    Pull(sync::PullArgs),
    Push(sync::PushArgs),
    Log(log::LogArgs),
    Diff(diff::DiffArgs),
    Changes(Box<changes::ChangesArgs>),
    Watch(Box<watch::WatchArgs>),
    Undo(undo::UndoArgs),
    Attic(attic::AtticArgs),
    Doctor(doctor::DoctorArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Demo(demo::DemoArgs),
    Ready(Box<ready::ReadyArgs>),
    Blocked(Box<blocked::BlockedArgs>),
    Why(why::WhyArgs),
    #[command(aliases = ["start", "take"])]
    Claim(Box<claim::ClaimArgs>),
    Next(Box<next::NextArgs>),
    #[command(alias = "unclaim")]
    Release(release::ReleaseArgs),
    Renew(renew::RenewArgs),
    #[command(visible_alias = "stats")]
    Status(status::StatusArgs),
    Check(Box<check::CheckArgs>),
    Whoami(whoami::WhoamiArgs),
    Children(children::ChildrenArgs),
    Apply(apply::ApplyArgs),
    MergeDriver(merge_driver::MergeDriverArgs),
}

impl Command {
    fn run(&self, app: &mut App) -> Result<()> {
        match self {
            Command::Init(args) => init::run(args, app),
            Command::Create(args) => create::run(args, app),
            Command::Q(args) => quick::run(args, app),
            Command::Show(args) => show::run(args, app),
            Command::List(args) => list::run(args, app),
            Command::Close(args) => close::run(args, app),
            Command::Search(args) => search::run(args, app),
            Command::Update(args) => update::run(args, app),
            Command::Edit(args) => edit::run(args, app),
            Command::Reopen(args) => reopen::run(args, app),
            Command::Assign(args) => shortcut::assign(args, app),
            Command::Priority(args) => shortcut::priority(args, app),
            Command::Tag(args) => shortcut::tag(args, app),
            Command::Note(args) => shortcut::note(args, app),
            Command::Delete(args) => delete::run(args, app),
            Command::Defer(args) => defer::run(args, app),
            Command::Undefer(args) => defer::undefer(args, app),
            Command::Duplicate(args) => duplicate::run(args, app),
            Command::Supersede(args) => duplicate::supersede(args, app),
            Command::Label(args) => label::run(args, app),
            Command::Dep(args) => dep::run(args, app),
            Command::Link(args) => dep::link(args, app),
            Command::Relate(args) => dep::relate(args, app),
            Command::Unrelate(args) => dep::unrelate(args, app),
            Command::Comment(args) => comment::run(args, app),
            Command::Comments(args) => comment::run_list(args, app),
            Command::Import(args) => import::run(args, app),
            Command::Export(args) => export::run(args, app),
            Command::Sync(args) => sync::run(args, app),
            Command::Pull(args) => sync::pull(args, app),
            Command::Push(args) => sync::push(args, app),
            Command::Log(args) => log::run(args, app),
            Command::Diff(args) => diff::run(args, app),
            Command::Changes(args) => changes::run(args, app),
            Command::Watch(args) => watch::run(args, app),
            Command::Undo(args) => undo::run(args, app),
            Command::Attic(args) => attic::run(args, app),
            Command::Doctor(args) => doctor::run(args, app),
            Command::Completions(args) => completions::run(args, app),
            Command::Man(args) => man::run(args, app),
            Command::Demo(args) => demo::run(args, app),
            Command::Ready(args) => ready::run(args, app),
            Command::Blocked(args) => blocked::run(args, app),
            Command::Why(args) => why::run(args, app),
            Command::Claim(args) => claim::run(args, app),
            Command::Next(args) => next::run(args, app),
            Command::Release(args) => release::run(args, app),
            Command::Renew(args) => renew::run(args, app),
            Command::Status(args) => status::run(args, app),
            Command::Check(args) => check::run(args, app),
            Command::Whoami(args) => whoami::run(args, app),
            Command::Children(args) => children::run(args, app),
            Command::Apply(args) => apply::run(args, app),
            Command::MergeDriver(args) => merge_driver::run(args, app),
        }
    }
}

/// Runs the program with the arguments of the process, the first being its name.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let wants_json = usage::wants_json(&arguments);
    let context = match Context::from_process() {
        Ok(context) => context,
        Err(error) => return report(&mut Ui::for_process(true, None), &error),
    };
    let mut ui = Ui::for_process(
        context.var("NO_COLOR").is_some() || context.var("TERM") == Some("dumb"),
        context.var("COLUMNS").and_then(|c| c.parse().ok()).filter(|c| *c > 0),
    );
    ui.json = wants_json;
    let cli = match parse(&arguments) {
        Ok(cli) => cli,
        Err(usage::Stop::Print(text)) => {
            let printed = ui.raw(&text).and_then(|()| ui.finish());
            return printed.map_or_else(|e| report(&mut ui, &e), |()| ExitCode::SUCCESS);
        }
        Err(usage::Stop::Error(error)) => return report(&mut ui, &error),
    };
    ui.json = cli.globals.json || cli.globals.format.as_deref() == Some("json");
    ui.quiet = cli.globals.quiet;
    let context = context.in_folder(cli.globals.directory.as_deref());
    let mut app = App::new(context, cli.globals, ui);
    let outcome = match &cli.command {
        Some(command) => command.run(&mut app),
        None => status::bare(&mut app),
    };
    let outcome = outcome.and_then(|()| app.ui.finish());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if error.kind() == Kind::CheckFailed {
                drop(app.ui.finish());
            }
            report(&mut app.ui, &error)
        }
    }
}

/// Reads the arguments. Building the whole grammar costs more than most commands, so each command's part of it is
/// built when it is called. Help and errors speak of other commands too: for them it is read again, in full.
fn parse(arguments: &[OsString]) -> Result<Cli, usage::Stop> {
    let deferred = Cli::command();
    let arguments = usage::globals_first(arguments, &deferred);
    let matches = match deferred.try_get_matches_from(arguments.clone()) {
        Err(error) if error.kind() == ErrorKind::DisplayVersion => return Err(usage::explain(error)),
        Err(_) => grammar().try_get_matches_from(arguments).map_err(usage::explain)?,
        Ok(matches) => matches,
    };
    Cli::from_arg_matches(&matches).map_err(usage::explain)
}

fn report(ui: &mut Ui, error: &Error) -> ExitCode {
    if error.code() == READER_GONE {
        return ExitCode::SUCCESS;
    }
    if error.kind() != Kind::CheckFailed {
        ui.error(error);
    }
    ExitCode::from(error.kind().exit_code())
}

/// Returns the whole grammar, for completions, manual pages and the reference.
pub fn grammar() -> clap::Command {
    let mut whole = Cli::command();
    whole.build();
    whole
}
