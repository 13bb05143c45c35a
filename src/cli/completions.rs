//! `qp completions`

use clap_complete::Shell;
use serde_json::json;

use super::app::App;
use super::grammar;
use crate::error::Result;
use crate::output::json::versioned;

/// Print a completion script for a shell
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  qp completions bash > ~/.local/share/bash-completion/completions/qp\n  qp completions zsh > ~/.zfunc/_qp\n  qp completions fish > ~/.config/fish/completions/qp.fish"
)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, app: &mut App) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut grammar(), "qp", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    if app.ui.json {
        let value = json!({ "shell": args.shell.to_string(), "script": script });
        return app.ui.document(&versioned(value));
    }
    app.ui.raw(&script)
}
