//! `qp remember`, `qp memories`, `qp recall`, `qp forget`

use serde_json::{Value, json};

use super::app::App;
use super::args::WordsArgs;
use crate::error::{Error, Kind, Result};
use crate::output::json::{Object, versioned};
use crate::output::text::{cut, lines, one_line, pad, width};
use crate::query;
use crate::store::{Memory, slug};

/// Words of a text that its key is made of, and the longest key made so.
const KEY_WORDS: usize = 8;
const LONGEST_KEY: usize = 60;
/// Columns of a text in a listing, where the terminal does not say.
const LISTED: usize = 160;

/// Keep a note that outlives the session
///
/// `qp prime` shows it to whoever comes next, in every clone. With --key it replaces what is kept under that key.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp remember \"the tests need TZ=UTC\"
  qp remember \"staging is rebuilt at night\" --key staging
  git log -1 | qp remember - --key last-release")]
pub struct RememberArgs {
    #[command(flatten)]
    words: WordsArgs,
    /// Keep it under this key; from its first words unless given
    #[arg(short, long, alias = "name", value_name = "KEY")]
    key: Option<String>,
}

/// List memories, or those that contain all given words
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp memories\n  qp memories tests\n  qp memories --json")]
pub struct MemoriesArgs {
    /// Words to look for, in the key and in the text
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
}

/// Print a memory
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp recall staging")]
pub struct RecallArgs {
    /// The key of the memory
    #[arg(value_name = "KEY")]
    key: String,
}

/// Delete memories
///
/// One commit; `qp undo` brings them back.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:\n  qp forget staging\n  qp forget staging last-release")]
pub struct ForgetArgs {
    /// The keys of the memories
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<String>,
}

pub(super) fn remember(args: &RememberArgs, app: &mut App) -> Result<()> {
    let text = args.words.read(&app.context, "qp remember")?;
    let named = args.key.as_deref().map(parse_key).transpose()?;
    if named.is_none() && is_bare_key(&text) {
        return recall_bare(&text, app);
    }
    let done = app.transact("remember", |txn| {
        let memories = txn.view().memories()?;
        let key = named.clone().unwrap_or_else(|| free_key(&memories, &text));
        let action = match memories.iter().find(|memory| memory.key == key) {
            None => "remembered",
            Some(before) if before.text == text => return Ok((key, "unchanged")),
            Some(_) => "updated",
        };
        txn.put_memory(&key, Some(&text));
        txn.subject(format!("remember {key}: {}", cut(&one_line(&text), KEY_WORDS * 8)));
        Ok((key, action))
    })?;
    let (key, action) = done.value;
    if app.ui.json {
        return document(app, json!({ "key": key, "value": text, "action": action }));
    }
    let said = if action == "unchanged" { "remembered already" } else { action };
    app.ui.line(format!("{said} {key}: {}", cut(&one_line(&text), 80)))?;
    if action == "updated" {
        app.ui.note("qp undo brings back what it said before");
    }
    Ok(())
}

/// Reads a key as it was typed; what is no key becomes one.
fn parse_key(given: &str) -> Result<String> {
    let key = slug(given);
    if key.is_empty() {
        return Err(Error::invalid(format!("{:?} is not a key", one_line(given)))
            .hint("small letters, digits and hyphens, such as --key staging"));
    }
    Ok(key)
}

/// A single word that could be a key is one that somebody wants to read: a note says more.
fn is_bare_key(text: &str) -> bool {
    slug(text) == text
}

/// Whoever asks to `remember staging` wants to be told, not to keep the word "staging".
fn recall_bare(key: &str, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let memories = view.memories()?;
    let Some(memory) = memories.iter().find(|memory| memory.key == key) else {
        let message = format!("{key:?} is one word, and no memory has that key");
        return Err(Error::usage(message).hint(format!("qp remember \"TEXT\" --key {key}")));
    };
    app.ui.note(format!("there is such a memory; qp remember \"TEXT\" --key {key} replaces it"));
    print(app, memory)
}

/// Returns a key for a new text: its first words, with a number where that key is taken by another text.
fn free_key(memories: &[Memory], text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(KEY_WORDS).collect();
    let mut base = slug(&words.join(" "));
    if base.len() > LONGEST_KEY {
        base.truncate(base[..LONGEST_KEY].rfind('-').unwrap_or(LONGEST_KEY));
    }
    if base.is_empty() {
        base.push_str("memory");
    }
    let numbered = (2_u32..).map(|number| format!("{base}-{number}"));
    let mut keys = std::iter::once(base.clone()).chain(numbered);
    let is_free = |key: &String| memories.iter().all(|m| m.key != *key || m.text == text);
    keys.find(is_free).expect("there are more numbers than memories")
}

pub(super) fn memories(args: &MemoriesArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let mut found = view.memories()?;
    let all = found.len();
    let words: Vec<String> =
        args.query.iter().flat_map(|q| q.split_whitespace()).map(str::to_lowercase).collect();
    found.retain(|memory| {
        let (key, text) = (memory.key.to_lowercase(), memory.text.to_lowercase());
        words.iter().all(|word| key.contains(word) || text.contains(word))
    });
    if app.ui.json {
        let object: Object = found.into_iter().map(|m| (m.key, Value::from(m.text))).collect();
        return app.ui.document(&versioned(object));
    }
    let columns = found.iter().map(|m| width(&one_line(&m.key))).max().unwrap_or(0);
    let room = app.ui.width().map_or(LISTED, |w| w.saturating_sub(columns + 2).max(20));
    for Memory { key, text } in &found {
        app.ui.line(format!(
            "{}  {}",
            pad(&one_line(key), columns),
            cut(&one_line(text.trim_end()), room)
        ))?;
    }
    if found.is_empty() && all == 0 {
        app.ui.note("no memories yet: qp remember \"TEXT\"");
    } else if found.is_empty() {
        app.ui.note(format!("none of {all} memories contains that: qp memories"));
    }
    Ok(())
}

pub(super) fn recall(args: &RecallArgs, app: &mut App) -> Result<()> {
    let memories = app.view()?.memories()?;
    print(app, find(&memories, &args.key)?)
}

fn print(app: &mut App, Memory { key, text }: &Memory) -> Result<()> {
    if app.ui.json {
        return document(app, json!({ "key": key, "value": text, "found": true }));
    }
    app.ui.line(lines(text.trim_end()))
}

pub(super) fn forget(args: &ForgetArgs, app: &mut App) -> Result<()> {
    let done = app.transact("forget", |txn| {
        let memories = txn.view().memories()?;
        let mut gone: Vec<Memory> = Vec::new();
        for key in &args.keys {
            let memory = find(&memories, key)?;
            if !gone.contains(memory) {
                gone.push(memory.clone());
            }
        }
        for memory in &gone {
            txn.put_memory(&memory.key, None);
        }
        let keys: Vec<&str> = gone.iter().map(|memory| memory.key.as_str()).collect();
        txn.subject(one_line(&format!("forget {}", keys.join(", "))));
        Ok(gone)
    })?;
    let gone = done.value;
    if app.ui.json {
        let keys: Vec<&str> = gone.iter().map(|memory| memory.key.as_str()).collect();
        let key = if let [only] = keys[..] { json!(only) } else { json!(keys) };
        return document(app, json!({ "key": key, "deleted": true }));
    }
    for Memory { key, text } in &gone {
        app.ui.line(format!("forgot {}: {}", one_line(key), cut(&one_line(text.trim_end()), 80)))?;
    }
    app.ui.note("qp undo brings back what was forgotten");
    Ok(())
}

/// Finds a memory by its key, or by a text that makes this key.
fn find<'m>(memories: &'m [Memory], given: &str) -> Result<&'m Memory> {
    let wanted = slug(given);
    let found = memories.iter().find(|memory| memory.key == given);
    if let Some(memory) = found.or_else(|| memories.iter().find(|memory| memory.key == wanted)) {
        return Ok(memory);
    }
    let keys = || memories.iter().map(|memory| memory.key.as_str());
    let partly = || keys().find(|key| wanted.len() > 2 && key.contains(&wanted));
    let near = query::nearest(&wanted, keys()).or_else(partly);
    let error = Error::new(Kind::NotFound, "no_memory", format!("no memory {}", one_line(given)));
    Err(match near {
        Some(key) => error.hint(format!("did you mean {}?", one_line(key))).meant(given.trim(), key),
        None if memories.is_empty() => error.hint("there are none yet: qp remember \"TEXT\" --key KEY"),
        None => error.hint("qp memories lists the keys"),
    })
}

fn document(app: &mut App, value: Value) -> Result<()> {
    app.ui.document(&versioned(value))
}
