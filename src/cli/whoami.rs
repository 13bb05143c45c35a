//! `qp whoami`

use super::app::App;
use super::lease::LEASE_MS;
use crate::error::Result;
use crate::model::Timestamp;
use crate::output::json::{Object, versioned};
use crate::output::table::distance;
use crate::output::text::one_line;

/// Show under which name and session you act, where both come from, and which tracker it is
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp whoami\n  qp whoami --as alice --json | jq -r .session")]
pub struct WhoamiArgs {}

pub(super) fn run(_args: &WhoamiArgs, app: &mut App) -> Result<()> {
    let store = app.store()?;
    let identity = app.identity(&store);
    // An id that no write has kept yet would be another one in the next run.
    let session = (!identity.fresh).then_some(&identity.session.value);
    if app.ui.json {
        let mut object = Object::new();
        let mut add = |name: &str, value: Option<&str>| {
            object.extend(value.map(|v| (name.to_owned(), v.into())));
        };
        add("actor", Some(&identity.actor.value));
        add("actor_source", Some(identity.actor.source));
        add("session", session.map(String::as_str));
        add("session_source", Some(identity.session.source));
        add("branch", Some(store.branch()));
        add("remote", store.remote());
        object.insert("lease_minutes".to_owned(), (LEASE_MS / 60_000).into());
        return app.ui.document(&versioned(object));
    }
    let actor = one_line(&identity.actor.value);
    app.ui.line(format!("actor: {actor} ({})", origin(identity.actor.source)))?;
    app.ui.line(match session {
        Some(session) => format!("session: {} ({})", one_line(session), origin(identity.session.source)),
        None => "session: none yet; the first write in this worktree starts one".to_owned(),
    })?;
    let zero = Timestamp::default();
    app.ui
        .line(format!("lease: {} unless --for says otherwise", distance(zero, zero.plus_millis(LEASE_MS))))?;
    app.ui.line(format!("branch: {}", store.branch()))?;
    app.ui.line(format!("remote: {}", store.remote().map_or("none".to_owned(), one_line)))
}

/// Says where something comes from: a variable, a flag or a setting has a name, all else is a sentence.
fn origin(source: &str) -> String {
    let is_name = !source.contains(' ') || source.starts_with("git ");
    if is_name { format!("from {source}") } else { source.to_owned() }
}
