//! `qp demo`: the main job, played for a reader. Every line is a real command and its real output.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::app::App;
use super::shell::quote;
use crate::error::{Error, Kind, Result};
use crate::output::text::lines;

/// Play a tour of quipu in a temporary folder
///
/// Makes a bare remote and two clones, and shows two agents at work in them. Nothing outside the temporary
/// folder is touched, and it is removed at the end.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp demo\n  qp demo --keep")]
pub struct DemoArgs {
    /// Leave the folder in place and say where it is
    #[arg(long)]
    keep: bool,
}

/// Where the play takes place.
struct Stage<'a> {
    app: &'a mut App,
    root: PathBuf,
    qp: PathBuf,
}

/// Who speaks, in which folder.
#[derive(Clone, Copy)]
struct Actor {
    name: &'static str,
    clone: &'static str,
}

const ALICE: Actor = Actor { name: "alice", clone: "laptop" };
const CLAUDE: Actor = Actor { name: "claude", clone: "sandbox" };
const CODEX: Actor = Actor { name: "codex", clone: "sandbox" };

pub(super) fn run(args: &DemoArgs, app: &mut App) -> Result<()> {
    let failed = |e: std::io::Error| {
        Error::new(Kind::Environment, "no_temporary_folder", "cannot make a temporary folder").because(e)
    };
    let folder = tempfile::Builder::new().prefix("qp-demo-").tempdir().map_err(failed)?;
    let qp = std::env::current_exe().map_err(failed)?;
    let root = if args.keep { folder.keep() } else { folder.path().to_owned() };
    let mut stage = Stage { app, root: root.clone(), qp };
    stage.play()?;
    if args.keep {
        app.ui.note(format!("\nthe folder is {}", root.display()));
    }
    Ok(())
}

impl Stage<'_> {
    fn play(&mut self) -> Result<()> {
        self.set_up()?;
        self.scene("alice plans the work on her laptop")?;
        self.qp(ALICE, &["init", "--prefix", "web"])?;
        let design = self.key(ALICE, &["q", "Design the session timeout", "-p", "1"])?;
        let idle = "idle means no key, no click, no request";
        self.qp(ALICE, &["update", &design, "--acceptance", &format!("- [ ] {idle}")])?;
        let build = self.key(
            ALICE,
            &["q", "Log users out after inactivity", "-t", "feature", "-p", "1", "--deps", &design],
        )?;
        self.qp(ALICE, &["create", "Write the release notes", "--deps", &build])?;
        let button = self.key(ALICE, &["q", "Button is off by one pixel", "-t", "bug", "-p", "3"])?;
        self.scene("two of the four can be started")?;
        self.qp(ALICE, &["ready"])?;
        self.qp(ALICE, &["why", &build])?;
        self.qp(ALICE, &["sync"])?;

        self.scene("two agents work in one sandbox")?;
        self.qp(CLAUDE, &["sync"])?;
        self.qp(CLAUDE, &["next", "--sync"])?;
        self.qp(CODEX, &["claim", &design])?;
        self.qp(CODEX, &["claim", "--next"])?;
        self.qp(CLAUDE, &["comment", &design, "A mouse move is not activity."])?;
        self.qp(CLAUDE, &["close", &design, "-r", "see the comment", "--suggest-next"])?;

        self.scene("the remote decides who holds an issue: --sync asks it")?;
        self.qp(CODEX, &["claim", &build, "--sync"])?;
        self.qp(ALICE, &["claim", &build, "--sync"])?;

        self.scene(
            "both clones change the same issue; the later write stands, the other is kept in the attic",
        )?;
        self.qp(ALICE, &["update", &button, "--title", "Button is off by two pixels", "-p", "2"])?;
        self.qp(CODEX, &["update", &button, "--title", "Save button is misplaced", "--add-label", "css"])?;
        self.qp(CODEX, &["sync"])?;
        self.qp(ALICE, &["sync"])?;
        self.qp(ALICE, &["show", &button])?;
        self.qp(ALICE, &["attic"])?;

        self.scene("nothing is lost: a value from the attic is put back by an ordinary write")?;
        self.qp(ALICE, &["attic", "diff", &button])?;
        self.qp(ALICE, &["attic", "restore", &button])?;
        self.qp(ALICE, &["sync"])?;

        self.scene("alice sees where the work stands")?;
        self.qp(ALICE, &["status"])?;
        self.qp(ALICE, &["check", &design, "--is", "closed"])?;
        self.scene("there is no database: the issue is a file on a branch, the history is git's")?;
        let path = self.path_of(&design)?;
        self.git(ALICE, &["show", &format!("origin/quipu-sync:{path}")])?;
        self.git(ALICE, &["log", "--format=%h %an: %s", "origin/quipu-sync"])?;
        Ok(())
    }

    fn set_up(&mut self) -> Result<()> {
        let root = self.root.clone();
        self.quietly(&root, &["init", "-q", "--bare", "hub.git"])?;
        for clone in [ALICE.clone, CLAUDE.clone] {
            self.quietly(&root, &["clone", "-q", "hub.git", clone])?;
        }
        self.app.ui.line("A bare remote, and two clones of it: laptop and sandbox.")
    }

    fn scene(&mut self, text: &str) -> Result<()> {
        self.app.ui.line("")?;
        let title = self.app.ui.paint(&format!("# {text}"), anstyle::Style::new().bold());
        self.app.ui.line(title)
    }

    /// Runs qp and prints command and outcome; returns what it printed.
    fn qp(&mut self, actor: Actor, args: &[&str]) -> Result<String> {
        let program = self.qp.clone();
        self.act(actor, "qp", &program, args)
    }

    fn git(&mut self, actor: Actor, args: &[&str]) -> Result<String> {
        self.act(actor, "git", Path::new("git"), args)
    }

    fn key(&mut self, actor: Actor, args: &[&str]) -> Result<String> {
        Ok(self.qp(actor, args)?.trim().to_owned())
    }

    fn act(&mut self, actor: Actor, name: &str, program: &Path, args: &[&str]) -> Result<String> {
        let words: Vec<String> = args.iter().map(|a| quote(a)).collect();
        let prompt = format!("{}@{}$", actor.name, actor.clone);
        let command = format!("{prompt} {name} {}", words.join(" "));
        let command = self
            .app
            .ui
            .paint(&command, anstyle::Style::new().fg_color(Some(anstyle::AnsiColor::Cyan.into())));
        self.app.ui.line(command)?;
        let output = self.output(actor.name, &self.root.join(actor.clone), program, args)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        self.app.ui.raw(&lines(&text))?;
        self.app.ui.raw(&lines(&String::from_utf8_lossy(&output.stderr)))?;
        match output.status.code() {
            Some(0) => {}
            // A refused claim is a part of the play.
            Some(code @ (1 | 6)) => self.app.ui.line(format!("[exit {code}]"))?,
            _ => return Err(Error::bug(format!("{name} {} failed", words.join(" ")))),
        }
        Ok(text)
    }

    fn path_of(&self, key: &str) -> Result<String> {
        let output =
            self.output(ALICE.name, &self.root.join(ALICE.clone), &self.qp, &["show", key, "--json"])?;
        let document: serde_json::Value = serde_json::from_slice(&output.stdout)
            .map_err(|e| Error::bug("show printed no JSON").because(e))?;
        let uid = document[0]["uid"].as_str().and_then(crate::model::IssueId::parse);
        uid.map(crate::store::issue_path).ok_or_else(|| Error::bug("an issue without an identity"))
    }

    fn quietly(&self, folder: &Path, args: &[&str]) -> Result<()> {
        let output = self.output("alice", folder, Path::new("git"), args)?;
        if output.status.success() {
            Ok(())
        } else {
            Err(Error::bug(format!("git {} failed", args.join(" "))))
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the play shows real commands")]
    fn output(
        &self,
        actor: &str,
        folder: &Path,
        program: &Path,
        args: &[&str],
    ) -> Result<std::process::Output> {
        let mut command = Command::new(program);
        let leaking = self.app.context.env().keys();
        for name in
            leaking.filter(|n| n.starts_with("GIT_") || n.starts_with("QP_") || n.starts_with("BEADS_"))
        {
            command.env_remove(name);
        }
        command
            .args(args)
            .current_dir(folder)
            .stdin(Stdio::null())
            .env("QP_ACTOR", actor)
            .env("QP_SESSION", actor)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.root.join("no-such-file"))
            .env("GIT_TERMINAL_PROMPT", "0");
        command.output().map_err(|e| {
            Error::new(Kind::Environment, "no_git", format!("{} cannot be run", program.display())).because(e)
        })
    }
}
