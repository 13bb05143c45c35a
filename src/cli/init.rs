//! `qp init`

use serde_json::json;

use super::app::App;
use crate::error::{Error, Result};
use crate::model::is_valid_prefix;
use crate::output::json::{Object, versioned};
use crate::store::{Author, Initialised, slug};

/// Start a tracker in this repository
///
/// Does nothing where there is one already, on the local branch or on the remote-tracking one.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp init\n  qp init --prefix web")]
pub struct InitArgs {
    /// What keys begin with; from the repository's name unless given
    #[arg(short, long, value_name = "PREFIX")]
    prefix: Option<String>,
    /// Agents type these; there is nothing to ask, to hide or to hook into
    #[arg(long = "non-interactive", aliases = ["stealth", "skip-hooks", "team", "contributor"], hide = true)]
    ignored: bool,
    /// Nothing is written into the files that agents read
    #[arg(long, hide = true, value_name = "NAME")]
    agents_profile: Option<String>,
    /// Nothing is ever begun anew
    #[arg(long, aliases = ["discard-remote", "force", "reset"], hide = true)]
    reinit_local: bool,
    /// Nothing is destroyed, so there is no token for it
    #[arg(long, hide = true, value_name = "TOKEN")]
    destroy_token: Option<String>,
    /// Importing is a command of its own
    #[arg(long, hide = true)]
    from_jsonl: bool,
}

/// Longest prefix taken from a repository's name.
const LONGEST_DEFAULT: usize = 12;

/// Refuses what would destroy a tracker elsewhere, and what another command does.
fn refuse(args: &InitArgs) -> Result<()> {
    if args.reinit_local || args.destroy_token.is_some() {
        return Err(Error::usage("init destroys nothing, so there is nothing to force").hint(
            "qp init starts a tracker, or finds the one that is there; qp undo takes operations back",
        ));
    }
    if args.from_jsonl {
        return Err(Error::usage("init takes no issues in").hint("qp init, then qp import FILE"));
    }
    Ok(())
}

pub(super) fn run(args: &InitArgs, app: &mut App) -> Result<()> {
    app.refuse_past()?;
    refuse(args)?;
    let store = app.store()?;
    let prefix = match &args.prefix {
        Some(given) => {
            let prefix = given.trim_end_matches('-').to_ascii_lowercase();
            if !is_valid_prefix(&prefix) {
                return Err(Error::invalid(format!("{given:?} is not a prefix"))
                    .hint("small letters and digits, such as --prefix web"));
            }
            prefix
        }
        None => default_prefix(&store.repository_name().unwrap_or_default()),
    };
    let identity = app.writer(&store);
    let author = Author {
        email: identity.email(&store),
        actor: identity.actor.value,
        session: identity.session.value,
    };
    let outcome = store.init(&app.context, &author, &prefix)?;
    let view = store.view()?;
    let settings = &view.tracker.settings;
    if app.ui.json {
        let document = json!({
            "created": outcome == Initialised::Created,
            "branch": store.branch(),
            "prefix": settings.prefix,
            "issue_count": view.tracker.rows.len(),
        });
        let Some(object) = document.as_object() else { return Ok(()) };
        return app.ui.document(&versioned(Object::clone(object)));
    }
    match outcome {
        Initialised::Created => {
            app.ui.line(format!(
                "started a tracker on the branch {} with prefix {}",
                store.branch(),
                settings.prefix
            ))?;
            app.ui.note("next: qp create \"What is to be done\"");
        }
        Initialised::Existing => {
            app.ui.line(format!(
                "there is a tracker on the branch {} already, with prefix {} and {} issues",
                store.branch(),
                settings.prefix,
                view.tracker.rows.len()
            ))?;
            if args.prefix.is_some() && prefix != settings.prefix {
                app.ui
                    .warn(format!("its prefix stays {}; --prefix {prefix} was not applied", settings.prefix));
            }
        }
    }
    Ok(())
}

/// Makes a prefix of a repository's name: whole words as far as they fit.
fn default_prefix(name: &str) -> String {
    let name = slug(name);
    let mut prefix = String::new();
    for word in name.split('-') {
        if prefix.len() + word.len() >= LONGEST_DEFAULT && !prefix.is_empty() {
            break;
        }
        if !prefix.is_empty() {
            prefix.push('-');
        }
        prefix.push_str(&word[..word.len().min(LONGEST_DEFAULT)]);
    }
    let prefix = prefix.trim_start_matches(|c: char| !c.is_ascii_lowercase()).to_owned();
    if is_valid_prefix(&prefix) { prefix } else { "qp".to_owned() }
}
