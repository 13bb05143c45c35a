//! `qp setup`
//!
//! The one command that writes files of the user's: exactly one, only where it was asked to, and only its own part.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::app::App;
use super::setup_block::{self, State};
use super::setup_tools::{Tool, instructions};
use super::{setup_file, setup_json};
use crate::error::{Error, Kind, Result};
use crate::output::json::versioned;
use crate::output::text::{one_line, pad, width};

/// Set up a coding agent to work with this tracker, or list what is set up
///
/// Writes the file that the agent reads at the start of a session: hooks that run `qp prime`, or a marked part of its
/// instructions that leads there. Everything else in the file stays as it is. Running it again changes nothing, or
/// brings the part up to date. The file is yours to commit.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp setup
  qp setup claude
  qp setup codex --print
  qp setup cursor --check
  qp setup gemini --global
  qp setup copilot --remove")]
pub struct SetupArgs {
    /// The agent
    #[arg(value_name = "TOOL", value_enum)]
    tool: Option<Tool>,
    /// Only tell whether it is set up and up to date: exit code 0 or 1
    #[arg(long, requires = "tool", conflicts_with_all = ["remove", "print"])]
    check: bool,
    /// Take out what was put in
    #[arg(long, requires = "tool", conflicts_with = "print")]
    remove: bool,
    /// Print what would be put in, without writing
    #[arg(long, requires = "tool")]
    print: bool,
    /// In the file of this repository; this is what happens without the flag
    #[arg(long, conflicts_with = "global")]
    project: bool,
    /// In the file for all your repositories
    #[arg(long)]
    global: bool,
    /// List what is set up; this is what happens without a tool
    #[arg(long, hide = true, conflicts_with = "tool")]
    list: bool,
}

/// The file of a tool, in a repository or for all.
struct Target {
    tool: Tool,
    global: bool,
    /// As the user knows it.
    shown: PathBuf,
    /// Where it really stands.
    path: PathBuf,
    /// The top of the repository.
    root: Option<PathBuf>,
}

impl Target {
    fn new(app: &App, tool: Tool, global: bool) -> Result<Self> {
        if global {
            let shown = tool.global_file(&app.context)?;
            let path = setup_file::follow(&shown, &shown)?;
            return Ok(Target { tool, global, shown, path, root: None });
        }
        let store = app.store()?;
        let Some(root) = store.work_dir() else {
            return Err(Error::new(Kind::Environment, "bare", "a bare repository has no files to set up")
                .hint(format!("qp setup {} --global", tool.name())));
        };
        let shown = tool.project_file().to_owned();
        let path = setup_file::place(root, &shown)?;
        Ok(Target { tool, global, shown, path, root: Some(root.to_owned()) })
    }

    fn name(&self) -> String {
        one_line(&self.shown.display().to_string())
    }

    fn read(&self) -> Result<String> {
        Ok(setup_file::read(&self.path, &self.shown)?.unwrap_or_default())
    }

    fn content(&self) -> String {
        instructions(self.global)
    }

    fn state(&self, text: &str) -> Result<State> {
        let state = match self.tool.has_hooks() {
            true => setup_json::look(text),
            false => setup_block::look(text, &self.content()),
        };
        state.map_err(|e| e.within(&self.name()))
    }

    /// Refuses to change a part that somebody has edited: their words would be gone.
    fn refuse_edited(&self, state: State) -> Result<()> {
        if state != State::Edited {
            return Ok(());
        }
        let message = format!("{}: quipu's part was edited by hand, so it is left alone", self.name());
        Err(Error::new(Kind::Conflict, "edited_block", message).hint(format!(
            "move your lines out of it, delete the rest of it with both marks, then qp setup {}",
            self.tool.name()
        )))
    }

    fn put(&self, text: &str) -> Result<String> {
        let new = match self.tool.has_hooks() {
            true => setup_json::put(text),
            false if text.is_empty() => setup_block::put(self.tool.head(), &self.content()),
            false => setup_block::put(text, &self.content()),
        };
        new.map_err(|e| e.within(&self.name()))
    }

    /// Takes quipu's part out; `None` where nothing else is left.
    fn cut(&self, text: &str) -> Result<Option<String>> {
        let left = match self.tool.has_hooks() {
            true => setup_json::remove(text),
            false => setup_block::remove(text).map(|left| {
                let is_ours = left.replace("\r\n", "\n").trim() == self.tool.head().trim();
                (!is_ours).then_some(left)
            }),
        };
        left.map_err(|e| e.within(&self.name()))
    }
}

pub(super) fn run(args: &SetupArgs, app: &mut App) -> Result<()> {
    let Some(tool) = args.tool else { return list(args, app) };
    // Those who read and write files do not know for whom.
    set_up(args, tool, app).map_err(|error| {
        match error.remedy().map(|hint| hint.replace("TOOL", tool.name())) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    })
}

fn set_up(args: &SetupArgs, tool: Tool, app: &mut App) -> Result<()> {
    if args.print {
        return print(app, tool, args.global);
    }
    let target = Target::new(app, tool, args.global)?;
    let text = target.read()?;
    let state = target.state(&text)?;
    if args.check {
        return check(app, &target, state);
    }
    app.refuse_past()?;
    target.refuse_edited(state)?;
    let done = if args.remove { take_out(&target, &text, state)? } else { put_in(&target, &text, state)? };
    report(app, &target, done)
}

/// What was done, for programs and for people.
type Done = (&'static str, &'static str);

fn put_in(target: &Target, text: &str, state: State) -> Result<Done> {
    if state == State::Current {
        return Ok(("unchanged", "is up to date"));
    }
    setup_file::write(&target.path, &target.put(text)?)?;
    Ok(match state {
        State::Absent if text.is_empty() => ("created", "was written"),
        State::Absent => ("added", "has quipu's part now; everything else is as it was"),
        _ => ("updated", "was brought up to date"),
    })
}

fn take_out(target: &Target, text: &str, state: State) -> Result<Done> {
    if state == State::Absent {
        return Ok(("unchanged", "has nothing of quipu's"));
    }
    let is_link = target.root.as_ref().is_some_and(|root| root.join(&target.shown).is_symlink());
    match target.cut(text)? {
        Some(left) => setup_file::write(&target.path, &left)?,
        // A link would lead nowhere.
        None if is_link => setup_file::write(&target.path, "")?,
        None => {
            setup_file::delete(&target.path, target.root.as_deref())?;
            return Ok(("deleted", "had nothing but quipu's part and was deleted"));
        }
    }
    Ok(("removed", "has nothing of quipu's any more"))
}

fn report(app: &mut App, target: &Target, (action, said): Done) -> Result<()> {
    let name = target.name();
    if app.ui.json {
        let value = json!({
            "tool": target.tool.name(), "scope": scope(target.global), "file": name, "action": action,
        });
        return app.ui.document(&versioned(value));
    }
    app.ui.line(format!("{name} {said}"))?;
    let shadow = target.tool.overriding().map(|other| target.path.with_file_name(other));
    if let Some(other) = shadow.filter(|other| other.exists()) {
        let other = one_line(&other.file_name().unwrap_or_default().to_string_lossy());
        app.ui.warn(format!("{} reads {other} in its place, as long as that exists", target.tool.name()));
    }
    if matches!(action, "created" | "added") && !target.global && no_tracker(app) {
        app.ui.note("there is no tracker here yet: qp init");
    }
    Ok(())
}

fn no_tracker(app: &App) -> bool {
    app.store().and_then(|store| store.view()).is_err_and(|e| e.code() == "no_tracker")
}

fn scope(global: bool) -> &'static str {
    if global { "global" } else { "project" }
}

fn check(app: &mut App, target: &Target, state: State) -> Result<()> {
    let name = target.name();
    if app.ui.json {
        let value = json!({
            "tool": target.tool.name(), "scope": scope(target.global), "file": name, "state": state.name(),
        });
        app.ui.document(&versioned(value))?;
    } else {
        app.ui.line(format!("{name}: {}", state.name()))?;
    }
    match state {
        State::Current => Ok(()),
        _ => Err(Error::new(Kind::CheckFailed, "not_set_up", format!("{name} is {}", state.name()))),
    }
}

fn print(app: &mut App, tool: Tool, global: bool) -> Result<()> {
    let file = if global { tool.global_file(&app.context)? } else { tool.project_file().to_owned() };
    let text = match tool.has_hooks() {
        true => setup_json::render(),
        false => setup_block::put(tool.head(), &instructions(global))?,
    };
    if app.ui.json {
        let file = one_line(&file.display().to_string());
        let value = json!({ "tool": tool.name(), "scope": scope(global), "file": file, "text": text });
        return app.ui.document(&versioned(value));
    }
    app.ui.raw(&text)
}

/// A tool, its file, and the state of that or what is wrong with it.
type Row = (Tool, String, Result<State>);

/// Looks at the files of all tools. One that cannot be read does not hide the others.
fn rows(global: bool, app: &App) -> Result<Vec<Row>> {
    if !global && let Err(error) = app.store() {
        return Err(match error.code() {
            "no_repository" => error.hint("git init, or qp setup --global for all your repositories"),
            _ => error,
        });
    }
    let mut rows = Vec::new();
    for tool in Tool::ALL {
        let file = match global {
            true => match tool.global_file(&app.context) {
                // It has none.
                Err(error) if error.kind() == Kind::Usage => continue,
                file => file?,
            },
            false => tool.project_file().to_owned(),
        };
        let state = Target::new(app, tool, global).and_then(|target| target.state(&target.read()?));
        rows.push((tool, one_line(&file.display().to_string()), state));
    }
    Ok(rows)
}

fn list(args: &SetupArgs, app: &mut App) -> Result<()> {
    let rows = rows(args.global, app)?;
    if app.ui.json {
        let document = |(tool, file, state): &Row| {
            let state = state.as_ref().map_or("broken", |state| state.name());
            json!({ "tool": tool.name(), "scope": scope(args.global), "file": file, "state": state })
        };
        let documents: Vec<Value> = rows.iter().map(document).collect();
        return app.ui.document(&documents.into());
    }
    let columns = rows.iter().map(|(_, file, _)| width(file)).max().unwrap_or(0);
    for (tool, file, state) in &rows {
        let state = match state {
            Ok(state) => state.name().to_owned(),
            Err(error) => {
                let message = error.message();
                format!("broken: {}", message.strip_prefix(&format!("{file}: ")).unwrap_or(message))
            }
        };
        app.ui.line(format!("{}  {}  {}", pad(tool.name(), 9), pad(file, columns), one_line(&state)))?;
    }
    if rows.iter().all(|(.., state)| matches!(state, Ok(State::Absent))) {
        app.ui.note("qp setup TOOL sets one up; --print shows first what it writes");
    }
    Ok(())
}
