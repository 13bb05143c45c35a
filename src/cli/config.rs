//! `qp config`
//!
//! Two kinds of settings: those of `quipu.yml`, which every clone shares and which are written here, and those of git's
//! own configuration, which quipu reads and never writes.

use serde_json::{Value, json};

use super::app::App;
use super::shell::quote;
use crate::error::{Error, Kind, Result};
use crate::model::{Settings, is_valid_prefix};
use crate::output::json::versioned;
use crate::output::text::{lines, one_line, pad, width};
use crate::query;
use crate::store::{DEFAULT_BRANCH, Store};

/// Show and change the settings of the tracker
///
/// Shared settings stand in quipu.yml on the tracker's branch; changing one is a commit that `qp undo` takes back.
/// Settings of one clone stand in git's configuration, which quipu reads and never writes.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp config
  qp config get prefix
  qp config set prefix app")]
pub struct ConfigArgs {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// List all settings with their values, and where each comes from
    #[command(visible_alias = "ls", alias = "show", after_long_help = "Examples:\n  qp config list --json")]
    List,
    /// Print the value of a setting
    #[command(after_long_help = "Examples:\n  qp config get prefix")]
    Get(KeyArgs),
    /// Change a shared setting
    #[command(after_long_help = "Examples:\n  qp config set prefix app")]
    Set(SetArgs),
    /// Take a shared setting out
    #[command(after_long_help = "Examples:\n  qp config unset theirs")]
    Unset(KeyArgs),
}

/// Which setting.
#[derive(clap::Args, Debug)]
struct KeyArgs {
    /// The setting
    #[arg(value_name = "KEY")]
    key: String,
}

/// Which setting, and what to.
#[derive(clap::Args, Debug)]
struct SetArgs {
    /// The setting
    #[arg(value_name = "KEY")]
    key: String,
    /// Its value
    #[arg(value_name = "VALUE")]
    value: String,
}

/// Settings of `quipu.yml`, and what they say.
const SHARED: [(&str, &str); 3] = [
    ("prefix", "what new keys begin with"),
    ("prefixes", "every prefix this tracker ever had; all of them resolve"),
    ("format", "version of the files on the branch"),
];

/// Settings of git's configuration, and what they say.
const GIT: [(&str, &str); 4] = [
    ("quipu.branch", "the branch that the tracker lives on"),
    ("quipu.remote", "the remote that it is shared through"),
    ("quipu.claim.sync", "whether the remote confirms claims without --sync"),
    (FALLBACK, "the branch to push to where the remote refuses the tracker's; * is the session"),
];
const FALLBACK: &str = "quipu.fallbackBranch";

/// What scripts for other trackers call the same.
const ALIASES: [(&str, &str); 6] = [
    ("issue_prefix", "prefix"),
    ("issue-prefix", "prefix"),
    ("id.prefix", "prefix"),
    ("branch", "quipu.branch"),
    ("remote", "quipu.remote"),
    ("claim.sync", "quipu.claim.sync"),
];

/// A setting as it holds here.
struct Setting {
    key: String,
    value: Option<String>,
    origin: String,
    about: &'static str,
}

impl Setting {
    fn document(&self) -> Value {
        json!({
            "key": self.key,
            "value": self.value,
            "origin": self.origin,
            "description": self.about,
        })
    }
}

pub(super) fn run(args: &ConfigArgs, app: &mut App) -> Result<()> {
    match &args.action {
        None | Some(Action::List) => list(app),
        Some(Action::Get(args)) => get(args, app),
        Some(Action::Set(args)) => set(args, app),
        Some(Action::Unset(args)) => unset(args, app),
    }
}

/// Returns all settings. Without a tracker those of the clone are left.
fn settings(app: &mut App) -> Result<Vec<Setting>> {
    let store = app.store()?;
    let mut found = match app.view() {
        Ok(view) => shared(&view.tracker.settings),
        Err(error) if error.code() == "no_tracker" => Vec::new(),
        Err(error) => return Err(error),
    };
    found.extend(GIT.map(|(key, about)| of_git(app, &store, key, about)));
    Ok(found)
}

fn shared(settings: &Settings) -> Vec<Setting> {
    let value = |key: &str| match key {
        "prefix" => settings.prefix.clone(),
        "prefixes" => settings.prefixes.iter().cloned().collect::<Vec<_>>().join(", "),
        _ => settings.format.to_string(),
    };
    let known = SHARED.iter().map(|(key, about)| ((*key).to_owned(), value(key), *about));
    let queries = settings.queries();
    // Comments are kept among the keys that quipu does not know.
    let foreign = settings.extra.iter().filter(|(key, _)| !key.starts_with('#')).map(|(key, text)| {
        let value = text.split_once(':').map_or(text.as_str(), |(_, value)| value);
        let is_query = key.strip_prefix("query.").is_some_and(|name| queries.contains_key(name));
        let about = match is_query {
            true => "a saved query: qp query list",
            false => "not a setting of this version; kept as it is",
        };
        (key.clone(), value.trim().to_owned(), about)
    });
    known
        .chain(foreign)
        .map(|(key, value, about)| Setting { key, value: Some(value), origin: "quipu.yml".to_owned(), about })
        .collect()
}

fn of_git(app: &App, store: &Store, key: &str, about: &'static str) -> Setting {
    let configured = store.config(key);
    let from_git = || format!("git config {key}");
    let (value, origin) = match key {
        "quipu.branch" if app.globals.branch.is_some() => (Some(store.branch()), "--branch".to_owned()),
        "quipu.branch" if app.context.var("QP_BRANCH").is_some() => {
            (Some(store.branch()), "QP_BRANCH".to_owned())
        }
        "quipu.branch" if configured.is_some() => (Some(store.branch()), from_git()),
        "quipu.branch" => (Some(DEFAULT_BRANCH), "default".to_owned()),
        "quipu.remote" if configured.is_some() => (store.remote(), from_git()),
        "quipu.remote" => (store.remote(), "chosen among git's remotes".to_owned()),
        FALLBACK if app.context.var("QP_FALLBACK_BRANCH").is_some() => {
            (app.context.var("QP_FALLBACK_BRANCH"), "QP_FALLBACK_BRANCH".to_owned())
        }
        FALLBACK if configured.is_none() => (None, String::new()),
        _ if configured.is_some() => (configured.as_deref(), from_git()),
        _ => (Some("false"), "default".to_owned()),
    };
    let origin = if value.is_none() { "there is none".to_owned() } else { origin };
    Setting { key: key.to_owned(), value: value.map(str::to_owned), origin, about }
}

fn list(app: &mut App) -> Result<()> {
    let found = settings(app)?;
    if app.ui.json {
        let documents: Vec<Value> = found.iter().map(Setting::document).collect();
        return app.ui.document(&documents.into());
    }
    let shown = |setting: &Setting| {
        let value = setting.value.as_deref().unwrap_or("none");
        (one_line(&setting.key), one_line(value), format!("({})", one_line(&setting.origin)))
    };
    let rows: Vec<_> = found.iter().map(shown).collect();
    let columns =
        |of: fn(&(String, String, String)) -> &str| rows.iter().map(|r| width(of(r))).max().unwrap_or(0);
    let (keys, values, origins) = (columns(|r| &r.0), columns(|r| &r.1).min(40), columns(|r| &r.2).min(40));
    for ((key, value, origin), setting) in rows.iter().zip(&found) {
        let line = format!(
            "{}  {}  {}  {}",
            pad(key, keys),
            pad(value, values),
            pad(origin, origins),
            setting.about
        );
        app.ui.line(line)?;
    }
    Ok(())
}

fn get(args: &KeyArgs, app: &mut App) -> Result<()> {
    let key = canonical(&args.key);
    let found = settings(app)?;
    let Some(setting) = found.iter().find(|setting| setting.key == key) else {
        if SHARED.iter().any(|(known, _)| *known == key) {
            // Without a tracker there are no shared settings: say so, as every command does.
            app.view()?;
        }
        return Err(unknown(&args.key, found.iter().map(|setting| setting.key.as_str())));
    };
    if app.ui.json {
        return app.ui.document(&versioned(setting.document()));
    }
    match &setting.value {
        Some(value) => app.ui.line(lines(value)),
        None => {
            app.ui.note(format!("{key} is not set"));
            Ok(())
        }
    }
}

fn set(args: &SetArgs, app: &mut App) -> Result<()> {
    let key = canonical(&args.key);
    if let Some((key, _)) = GIT.iter().find(|(known, _)| *known == key) {
        let command = format!("git config {key} {}", quote(&args.value));
        return Err(of_this_clone(key).hint(one_line(&command)));
    }
    match key {
        "prefix" => set_prefix(&args.value, app),
        "prefixes" => Err(Error::usage("prefixes grows by itself: no written key ever dies")
            .hint("qp config set prefix PREFIX")),
        "format" => {
            Err(Error::usage("format says how the files are written; it is not chosen")
                .hint("qp config list"))
        }
        _ => Err(unknown(&args.key, known())),
    }
}

fn set_prefix(value: &str, app: &mut App) -> Result<()> {
    let prefix = value.trim().trim_end_matches('-').to_ascii_lowercase();
    if !is_valid_prefix(&prefix) {
        return Err(Error::invalid(format!("{:?} is not a prefix", one_line(value)))
            .hint("small letters and digits, such as qp config set prefix web"));
    }
    let done = app.transact("config set", |txn| {
        let mut settings = txn.tracker().settings.clone();
        let before = std::mem::replace(&mut settings.prefix, prefix.clone());
        if before == prefix {
            return Ok(None);
        }
        settings.prefixes.extend([before.clone(), prefix.clone()].into_iter().filter(|p| !p.is_empty()));
        txn.put_settings(settings);
        txn.subject(format!("config: prefix {prefix}, before {before}"));
        Ok(Some(before))
    })?;
    if app.ui.json {
        let setting = shared(&done.view.tracker.settings).swap_remove(0);
        return app.ui.document(&versioned(setting.document()));
    }
    match done.value {
        None => app.ui.line(format!("prefix is {prefix} already")),
        Some(before) => {
            app.ui.line(format!("prefix is {prefix} now"))?;
            app.ui.note(format!("keys that begin with {}- are still understood", one_line(&before)));
            Ok(())
        }
    }
}

fn unset(args: &KeyArgs, app: &mut App) -> Result<()> {
    let key = canonical(&args.key);
    if let Some((key, _)) = GIT.iter().find(|(known, _)| *known == key) {
        return Err(of_this_clone(key).hint(format!("git config --unset {key}")));
    }
    if SHARED.iter().any(|(known, _)| *known == key) {
        return Err(
            Error::usage(format!("a tracker cannot be without {key}")).hint(format!("qp config get {key}"))
        );
    }
    app.transact("config unset", |txn| {
        let mut settings = txn.tracker().settings.clone();
        if key.starts_with('#') || settings.extra.remove(key).is_none() {
            return Err(unknown(key, settings.extra.keys().map(String::as_str)));
        }
        txn.put_settings(settings);
        txn.subject(one_line(&format!("config: without {key}")));
        Ok(())
    })?;
    if app.ui.json {
        let value = json!({ "key": key, "value": null });
        return app.ui.document(&versioned(value));
    }
    app.ui.line(format!("{} is not set any more", one_line(key)))
}

fn canonical(given: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(given)).map_or(given, |(_, key)| *key)
}

fn known() -> impl Iterator<Item = &'static str> {
    SHARED.iter().chain(&GIT).map(|(key, _)| *key)
}

fn unknown<'k>(given: &str, keys: impl Iterator<Item = &'k str>) -> Error {
    let error = Error::new(Kind::NotFound, "no_setting", format!("no setting {}", one_line(given)));
    match query::nearest(given, keys) {
        Some(near) => error.hint(format!("did you mean {}?", one_line(near))),
        None => error.hint("qp config list"),
    }
}

fn of_this_clone(key: &str) -> Error {
    Error::usage(format!("{key} belongs to git's configuration, which quipu never writes"))
}
