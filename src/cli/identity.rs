//! Who acts: the actor and the session, and where each was found.

use std::io::Write as _;

use super::Globals;
use crate::context::Context;
use crate::store::{Store, slug};

/// A value and what it was taken from.
#[derive(Clone, Debug)]
pub(super) struct Sourced {
    pub value: String,
    pub source: &'static str,
}

/// Actor and session of this run.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub actor: Sourced,
    pub session: Sourced,
    /// The session id is new and should be kept for the next run in this worktree.
    pub fresh: bool,
    /// The session id is new and the git directory did not take it.
    pub unkept: bool,
}

/// Variables in which agents state their session, and the name that stands for each.
const AGENTS: [(&str, &str); 7] = [
    ("CLAUDE_CODE_SESSION_ID", "claude"),
    ("CLAUDE_CODE_REMOTE_SESSION_ID", "claude"),
    ("CODEX_THREAD_ID", "codex"),
    ("CODEX_SESSION_ID", "codex"),
    ("GEMINI_SESSION_ID", "gemini"),
    ("CURSOR_SESSION_ID", "cursor"),
    ("COPILOT_AGENT_SESSION_ID", "copilot"),
];
/// Characters of an agent's session id in its name.
const NAME_TAIL: usize = 6;
const SESSION_FILE: &str = "quipu-session";

/// Finds out who acts.
pub(super) fn identify(context: &Context, globals: &Globals, store: &Store) -> Identity {
    let (session, fresh) = session(context, globals, store);
    Identity { actor: actor(context, globals, store), session, fresh, unkept: false }
}

fn actor(context: &Context, globals: &Globals, store: &Store) -> Sourced {
    if let Some(name) = globals.actor.as_deref().map(str::trim).filter(|n| !n.is_empty()) {
        return Sourced { value: clean(name), source: "--as" };
    }
    for name in ["QP_ACTOR", "BEADS_ACTOR", "BD_ACTOR"] {
        if let Some(value) = context.var(name) {
            return Sourced { value: clean(value), source: name };
        }
    }
    for (variable, agent) in AGENTS {
        if let Some(id) = context.var(variable) {
            let letters: Vec<char> = id.chars().filter(char::is_ascii_alphanumeric).collect();
            let tail: String = letters.iter().take(NAME_TAIL).collect();
            return Sourced { value: format!("{agent}-{}", tail.to_ascii_lowercase()), source: variable };
        }
    }
    if let Some(name) = store.config("user.name") {
        return Sourced { value: clean(&name), source: "git user.name" };
    }
    match context.var("USER") {
        Some(user) => Sourced { value: clean(user), source: "$USER" },
        None => Sourced { value: "unknown".to_owned(), source: "nothing else said" },
    }
}

/// Names stand in commit headers: no line breaks, no angle brackets.
fn clean(name: &str) -> String {
    let kept: String = name.chars().filter(|c| !c.is_control() && !matches!(c, '<' | '>')).collect();
    let kept = kept.trim();
    if kept.is_empty() { "unknown".to_owned() } else { kept.to_owned() }
}

fn session(context: &Context, globals: &Globals, store: &Store) -> (Sourced, bool) {
    if let Some(id) = globals.session.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
        return (Sourced { value: clean(id), source: "--session" }, false);
    }
    let variables = ["QP_SESSION"].into_iter().chain(AGENTS.iter().map(|a| a.0));
    for name in variables {
        if let Some(value) = context.var(name) {
            return (Sourced { value: clean(value), source: name }, false);
        }
    }
    let kept = std::fs::read_to_string(store.git_dir().join(SESSION_FILE)).ok();
    let kept =
        kept.filter(|text| !text.trim().is_empty()).or_else(|| store.outbox_session()).unwrap_or_default();
    match kept.trim() {
        "" => (Sourced { value: context.fresh_id().tail(10), source: "new for this worktree" }, true),
        id => (Sourced { value: clean(id), source: "kept for this worktree" }, false),
    }
}

impl Identity {
    /// Keeps a new session id for this worktree; where another run was quicker, its id is taken over.
    /// Where nothing can be kept, each run is a session of its own.
    pub fn keep_session(&mut self, store: &Store) {
        if !std::mem::take(&mut self.fresh) {
            return;
        }
        let path = store.git_dir().join(SESSION_FILE);
        let _sharing = store.sharing();
        let mut builder = tempfile::Builder::new();
        // Whoever may work in this worktree is one session with it; the user's mask applies.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let kept = builder.tempfile_in(store.git_dir()).and_then(|mut file| {
            writeln!(file, "{}", self.session.value)?;
            file.persist_noclobber(&path).map(drop).map_err(|e| e.error)
        });
        if kept.is_err() {
            let other = std::fs::read_to_string(&path).unwrap_or_default();
            self.unkept = other.trim().is_empty();
            if !self.unkept {
                self.session.value = clean(other.trim());
            }
        }
    }

    /// Returns the address for git's history: the user's own where the actor is the user.
    pub fn email(&self, store: &Store) -> String {
        let own = if self.actor.source == "git user.name" { store.config("user.email") } else { None };
        own.map(|e| clean(&e)).unwrap_or_else(|| {
            let name = slug(&self.actor.value);
            format!("{}@quipu.invalid", if name.is_empty() { "unknown" } else { &name })
        })
    }
}
