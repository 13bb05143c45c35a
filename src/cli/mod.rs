//! The command line: one file a command, each an args struct whose doc comments are the help text and one
//! `run` that validates, asks the library and prints through [`Ui`].
//!
//! The only layer that knows clap.

mod accepted;
mod activity;
mod app;
mod apply;
mod apply_report;
mod args;
mod attic;
mod attic_drop;
mod attic_entry;
mod attic_restore;
mod blocked;
mod bulk;
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
mod config;
mod confirm;
mod count;
mod create;
mod create_report;
mod dates;
mod defer;
mod delete;
mod demo;
mod dep;
mod dep_list;
mod dep_tree;
mod diagram;
mod diff;
mod doctor;
mod doctor_fix;
mod documents;
mod draft;
mod duplicate;
mod edges;
mod edit;
mod editor;
mod elsewhere;
mod epic;
mod export;
mod fetch;
mod fields;
mod filter;
mod foreign;
mod graph;
mod graph_plan;
mod guess;
mod identity;
mod import;
mod info;
mod init;
mod kept;
mod label;
mod lease;
mod lint;
mod list;
mod list_format;
mod log;
mod man;
mod memory;
mod merge_driver;
mod moment;
mod news;
mod next;
mod operation;
mod operation_read;
mod orphans;
mod outbox;
mod outbox_list;
mod place;
mod plan;
mod pointers;
mod prime;
mod prime_guide;
mod query;
mod quick;
mod ready;
mod record;
mod reference;
mod related;
mod release;
mod renew;
mod reopen;
mod report;
mod schema;
mod search;
mod selection;
mod setup;
mod setup_block;
mod setup_file;
mod setup_json;
mod setup_tools;
mod shape;
mod shell;
mod shortcut;
mod show;
mod spellings;
mod stale;
mod status;
mod status_json;
mod sync;
mod sync_report;
mod texts;
mod types;
mod undo;
mod undo_plan;
mod unready;
mod update;
mod usage;
mod version;
mod watch;
mod whoami;
mod why;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args as _, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::context::{Context, Program};
use crate::error::{Error, Kind, Result};
use crate::output::{Ui, speech::as_called, ui::READER_GONE};
use app::App;
pub use documents::{COMMANDS, documents, json_page, printed_by};
pub use elsewhere::names as names_elsewhere;
pub use operation::operations;
pub use reference::reference;

/// Git-native issue tracker for coding agents, people and CI
///
/// Issues live as Markdown files on one branch of the repository. Nothing runs in the background, and nothing
/// is written into your checkout but, where there is no other place, .quipu/outbox.
#[derive(Parser, Debug)]
#[command(name = "qp")]
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
    #[arg(long, alias = "robot", global = true, help_heading = "Global options")]
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
    #[arg(long, alias = "as-of", global = true, value_name = "COMMIT|DATE", help_heading = "Global options")]
    at: Option<String>,
    /// Print results and errors only
    #[arg(short, long, global = true, help_heading = "Global options")]
    quiet: bool,
    /// Every command that writes is refused.
    #[arg(skip)]
    readonly: bool,
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
    Outbox(outbox::OutboxArgs),
    Log(log::LogArgs),
    Diff(diff::DiffArgs),
    Changes(Box<changes::ChangesArgs>),
    Watch(Box<watch::WatchArgs>),
    Undo(undo::UndoArgs),
    Attic(attic::AtticArgs),
    Doctor(doctor::DoctorArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Schema(schema::SchemaArgs),
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
    Count(Box<count::CountArgs>),
    Stale(Box<stale::StaleArgs>),
    Orphans(Box<orphans::OrphansArgs>),
    Lint(Box<lint::LintArgs>),
    #[command(alias = "epics")]
    Epic(epic::EpicArgs),
    Graph(graph::GraphArgs),
    Info(info::InfoArgs),
    Where(info::WhereArgs),
    Version(version::VersionArgs),
    Types(types::TypesArgs),
    Apply(apply::ApplyArgs),
    MergeDriver(merge_driver::MergeDriverArgs),
    Prime(prime::PrimeArgs),
    Setup(setup::SetupArgs),
    Remember(memory::RememberArgs),
    #[command(alias = "memory")]
    Memories(memory::MemoriesArgs),
    Recall(memory::RecallArgs),
    Forget(memory::ForgetArgs),
    Config(config::ConfigArgs),
    Onboard(pointers::OnboardArgs),
    #[command(hide = true)]
    Human(pointers::HumanArgs),
    #[command(hide = true)]
    Hooks(pointers::HooksArgs),
    Query(Box<query::QueryCommand>),
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
            Command::Outbox(args) => outbox::run(args, app),
            Command::Log(args) => log::run(args, app),
            Command::Diff(args) => diff::run(args, app),
            Command::Changes(args) => changes::run(args, app),
            Command::Watch(args) => watch::run(args, app),
            Command::Undo(args) => undo::run(args, app),
            Command::Attic(args) => attic::run(args, app),
            Command::Doctor(args) => doctor::run(args, app),
            Command::Completions(args) => completions::run(args, app),
            Command::Man(args) => man::run(args, app),
            Command::Schema(args) => schema::run(args, app),
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
            Command::Count(args) => count::run(args, app),
            Command::Stale(args) => stale::run(args, app),
            Command::Orphans(args) => orphans::run(args, app),
            Command::Lint(args) => lint::run(args, app),
            Command::Epic(args) => epic::run(args, app),
            Command::Graph(args) => graph::run(args, app),
            Command::Info(args) => info::info(args, app),
            Command::Where(args) => info::location(args, app),
            Command::Version(args) => version::run(args, app),
            Command::Types(args) => types::run(args, app),
            Command::Apply(args) => apply::run(args, app),
            Command::MergeDriver(args) => merge_driver::run(args, app),
            Command::Prime(args) => prime::run(args, app),
            Command::Setup(args) => setup::run(args, app),
            Command::Remember(args) => memory::remember(args, app),
            Command::Memories(args) => memory::memories(args, app),
            Command::Recall(args) => memory::recall(args, app),
            Command::Forget(args) => memory::forget(args, app),
            Command::Config(args) => config::run(args, app),
            Command::Onboard(args) => pointers::onboard(args, app),
            Command::Human(args) => pointers::human(args, app),
            Command::Hooks(args) => pointers::hooks(args, app),
            Command::Query(args) => query::run(args, app),
        }
    }
}

/// Runs the program with the arguments of the process, the first being its name.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let wants_json = usage::wants_json(&arguments);
    let program = Program::called_as(arguments.first().map(OsString::as_os_str));
    let context = match Context::from_process() {
        Ok(context) => context.called(program),
        Err(error) => return report(&mut Ui::for_process(true, None), &error),
    };
    let mut ui = Ui::for_process(
        context.var("NO_COLOR").is_some() || context.var("TERM") == Some("dumb"),
        context.var("COLUMNS").and_then(|c| c.parse().ok()).filter(|c| *c > 0),
    );
    if context.var("QP_TEST_TERMINAL").is_some() {
        ui.assume_terminal(context.var("NO_COLOR").is_some());
    }
    ui.json = wants_json;
    ui.program = program.words();
    ui.envelope = program == Program::Bd && context.var("BD_JSON_ENVELOPE") == Some("1");
    let (arguments, readonly) = accepted::strip(guess::help_last(arguments));
    let cli = match parse(&arguments, program) {
        Ok(cli) => Cli { globals: Globals { readonly, ..cli.globals }, ..cli },
        Err(usage::Stop::Print(text)) => {
            let printed = ui.raw(&as_called(&text, program.words())).and_then(|()| ui.finish());
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
    let code = match outcome.map_err(|error| guess::corrected(error, &arguments, program)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if error.kind() == Kind::CheckFailed {
                drop(app.ui.finish());
            }
            report(&mut app.ui, &error)
        }
    };
    // The process ends here: to give the memory of a large tracker back piece by piece is time for nothing.
    std::mem::forget(app);
    code
}

/// Reads the arguments. Building the whole grammar costs more than most commands, so only the part of the command that
/// is called is built. Help and errors speak of other commands too: for them it is read again, in full.
fn parse(given: &[OsString], program: Program) -> Result<Cli, usage::Stop> {
    let common = common();
    let arguments = usage::globals_first(given, &common);
    let arguments = selection::conditions_as_words(arguments, &common);
    let explain = |error| usage::explain(error, given, program);
    let needed = match usage::command_at(&arguments, &common).map(|at| command_named(&arguments[at])) {
        None => common,
        Some(Some(called)) => common.subcommand(called),
        Some(None) => whole(),
    };
    let matches = match needed.try_get_matches_from(arguments.clone()) {
        Err(error) if error.kind() == ErrorKind::DisplayVersion => return Err(explain(error)),
        Err(error) => match accepted::without(given, &error) {
            Some(fewer) => return parse(&fewer, program),
            None => grammar().try_get_matches_from(arguments).map_err(explain)?,
        },
        Ok(matches) => matches,
    };
    Cli::from_arg_matches(&matches).map_err(explain)
}

/// The whole grammar, each command's own part of it still to be built.
fn whole() -> clap::Command {
    settled(Cli::command())
}

/// What holds for the program, however much of its grammar is built.
fn settled(program: clap::Command) -> clap::Command {
    let program = program.version(env!("CARGO_PKG_VERSION")).disable_help_subcommand(true);
    program.args_override_self(true).max_term_width(100)
}

/// The grammar of what stands in front of a command.
fn common() -> clap::Command {
    Globals::augment_args(settled(clap::Command::default().name("qp")))
}

/// Returns the grammar of one command. Its own part is built when it is used.
fn command_named(word: &OsStr) -> Option<clap::Command> {
    let all = Command::augment_subcommands(clap::Command::default());
    let is_named = |command: &&clap::Command| {
        word == command.get_name() || command.get_all_aliases().any(|alias| word == alias)
    };
    all.get_subcommands().find(is_named).cloned()
}

/// Reads arguments as the program does, without running anything.
///
/// # Errors
/// What the program would say of them; `None` where it would print help or the version.
pub fn check(arguments: &[OsString]) -> Result<(), Option<Error>> {
    let program = Program::called_as(arguments.first().map(OsString::as_os_str));
    let (arguments, _) = accepted::strip(guess::help_last(arguments.to_vec()));
    match parse(&arguments, program) {
        Ok(_) => Ok(()),
        Err(usage::Stop::Print(_)) => Err(None),
        Err(usage::Stop::Error(error)) => Err(Some(error)),
    }
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
    let mut whole = whole();
    whole.build();
    whole
}
