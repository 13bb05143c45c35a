//! The agents that `qp setup` knows: which file each of them reads, and what is put there.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::context::Context;
use crate::error::{Error, Kind, Result};

/// An agent, or a convention that several follow.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tool {
    /// Claude Code: hooks that run qp prime
    #[value(alias = "claude-code")]
    Claude,
    /// Codex: a part of AGENTS.md
    #[value(alias = "codex-cli")]
    Codex,
    /// Cursor: a rule of its own
    Cursor,
    /// Gemini CLI: a part of GEMINI.md
    #[value(alias = "gemini-cli")]
    Gemini,
    /// GitHub Copilot: a part of its instructions
    #[value(alias = "github-copilot")]
    Copilot,
    /// Everything that reads AGENTS.md
    // Those that follow are agents that read it.
    #[value(
        name = "agents-md",
        aliases = ["agents", "agents.md", "AGENTS.md", "agentsmd", "amp", "factory", "opencode", "windsurf", "zed"]
    )]
    AgentsMd,
}

impl Tool {
    /// All of them, in the order of the listing.
    pub const ALL: [Tool; 6] =
        [Tool::Claude, Tool::Codex, Tool::Cursor, Tool::Gemini, Tool::Copilot, Tool::AgentsMd];

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Claude => "claude",
            Tool::Codex => "codex",
            Tool::Cursor => "cursor",
            Tool::Gemini => "gemini",
            Tool::Copilot => "copilot",
            Tool::AgentsMd => "agents-md",
        }
    }

    /// The file in a repository, from its top.
    pub fn project_file(self) -> &'static Path {
        Path::new(match self {
            Tool::Claude => ".claude/settings.json",
            Tool::Codex | Tool::AgentsMd => "AGENTS.md",
            Tool::Cursor => ".cursor/rules/quipu.mdc",
            Tool::Gemini => "GEMINI.md",
            Tool::Copilot => ".github/copilot-instructions.md",
        })
    }

    /// The file for all of a user's repositories.
    ///
    /// # Errors
    /// Usage, where the tool has no such file; environment, where there is no home.
    pub fn global_file(self, context: &Context) -> Result<PathBuf> {
        let (variable, folder, file) = match self {
            Tool::Claude => ("CLAUDE_CONFIG_DIR", ".claude", "settings.json"),
            Tool::Codex => ("CODEX_HOME", ".codex", "AGENTS.md"),
            // What stands in no variable of its own stands in the home.
            Tool::Gemini => ("", ".gemini", "GEMINI.md"),
            Tool::Copilot => ("", ".copilot", "copilot-instructions.md"),
            Tool::Cursor | Tool::AgentsMd => {
                let name = self.name();
                return Err(Error::usage(format!("{name} has no file for all repositories"))
                    .hint(format!("qp setup {name} in each repository, or paste qp setup {name} --print")));
            }
        };
        if let Some(own) = context.var(variable) {
            return Ok(context.cwd().join(own).join(file));
        }
        let home = context.var("HOME").or_else(|| context.var("USERPROFILE")).ok_or_else(|| {
            Error::new(Kind::Environment, "no_home", "there is no HOME, so no place for all repositories")
                .hint("set HOME, or leave out --global")
        })?;
        Ok(Path::new(home).join(folder).join(file))
    }

    /// Tells whether the file is JSON with hooks; others hold a block of Markdown.
    pub fn has_hooks(self) -> bool {
        self == Tool::Claude
    }

    /// What a new file begins with, before the block.
    pub fn head(self) -> &'static str {
        match self {
            Tool::Cursor => "---\ndescription: How this project tracks its work\nalwaysApply: true\n---\n",
            _ => "",
        }
    }

    /// A file that takes the place of this one for the same tool.
    pub fn overriding(self) -> Option<&'static str> {
        (self == Tool::Codex).then_some("AGENTS.override.md")
    }
}

/// The part of instructions that leads to `qp prime`; the agents that read it run no hooks.
pub(super) fn instructions(global: bool) -> String {
    let opening = if global { GLOBAL } else { PROJECT };
    [opening, COMMANDS].concat()
}

const PROJECT: &str = "\
## Issue tracking

This project tracks its work with quipu (`qp`). Run `qp prime` before you start: it prints how to work with it, what
is in progress, and what earlier sessions left to know. In short:

";

const GLOBAL: &str = "\
## Issue tracking

Some repositories track their work with quipu (`qp`). Run `qp prime` before you start: it prints how to work with it
where there is a tracker, and nothing elsewhere. In short:

";

const COMMANDS: &str = "\
- `qp ready` lists what can be worked on; `qp next` claims the best issue and prints it
- `qp create \"Title\" -d \"What and why\"` before you write code; with `--deps discovered-from:ID` for what you find on
  the way
- `qp note ID \"TEXT\"` appends what you learn; `qp close ID -r \"what was done\"` ends it
- each command is saved when it ends; commit, push and `qp sync` only when you are asked to share
";
