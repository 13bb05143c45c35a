//! `qp onboard`, `qp human`, `qp hooks`: commands that people and agents look for, and what there is in their place.

use serde_json::json;

use super::app::App;
use crate::error::Result;
use crate::output::json::versioned;
use crate::output::speech::as_called;

/// Print how to introduce a coding agent to this tracker
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp onboard")]
pub struct OnboardArgs {}

/// Print how issues for people are marked and found
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp human")]
pub struct HumanArgs {
    /// Whatever follows
    #[arg(hide = true)]
    words: Vec<String>,
}

/// Print what there is in place of git hooks
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp hooks install")]
pub struct HooksArgs {
    /// Whatever follows
    #[arg(hide = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

const ONBOARD: &str = "\
qp setup claude      Claude Code: hooks that run qp prime at the start of a session
qp setup agents-md   Codex, and everything else that reads AGENTS.md
qp setup             lists the other agents, and what is set up

qp prime             what an agent is told: how to work, and where the tracker stands
qp remember \"TEXT\"   what the next session should know";
const HUMAN: &str = "people find their issues by a label: qp tag ID human, then qp list -l human";
const HOOKS: &str =
    "quipu needs no git hooks and installs none; qp setup claude sets up the hooks of an agent";

pub(super) fn onboard(_args: &OnboardArgs, app: &mut App) -> Result<()> {
    say(app, ONBOARD)
}

pub(super) fn human(_args: &HumanArgs, app: &mut App) -> Result<()> {
    say(app, HUMAN)
}

pub(super) fn hooks(_args: &HooksArgs, app: &mut App) -> Result<()> {
    say(app, HOOKS)
}

fn say(app: &mut App, text: &str) -> Result<()> {
    if app.ui.json {
        let value = json!({ "text": as_called(text, app.ui.program) });
        return app.ui.document(&versioned(value));
    }
    app.ui.advice(text)
}
