//! What clap has to say, in our words: one error, the corrected command, never a page of usage.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::error::Error;

/// Why parsing the arguments did not lead to a command.
#[derive(Debug)]
pub(super) enum Stop {
    /// Help or version was asked for.
    Print(String),
    /// The arguments are wrong.
    Error(Error),
}

/// Tells whether JSON is asked for, before the arguments are parsed: an error in them is JSON too.
pub(super) fn wants_json(arguments: &[OsString]) -> bool {
    let is = |at: usize, text: &str| arguments.get(at).is_some_and(|a| a == text);
    (1..arguments.len())
        .any(|at| is(at, "--json") || is(at, "--format=json") || is(at, "--format") && is(at + 1, "json"))
}

/// Turns clap's answer into ours.
pub(super) fn explain(error: clap::Error) -> Stop {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Stop::Print(error.render().to_string());
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Stop::Error(Error::usage("this command needs a word more").hint(commands(&error)));
    }
    let rendered = error.render().to_string();
    let message = rendered
        .lines()
        .take_while(|l| !l.starts_with("Usage:") && !l.trim_start().starts_with("tip:"))
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let message = message.trim_start_matches("error: ").to_owned();
    let hint = suggestion(&error).unwrap_or_else(|| usage_line(&rendered));
    Stop::Error(Error::usage(message).hint(hint))
}

/// The nearest valid word, where clap found one.
fn suggestion(error: &clap::Error) -> Option<String> {
    let kinds = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    kinds.iter().find_map(|kind| match error.get(*kind)? {
        ContextValue::String(word) => Some(format!("did you mean {word}?")),
        ContextValue::Strings(words) => words.first().map(|word| format!("did you mean {word}?")),
        _ => None,
    })
}

fn commands(error: &clap::Error) -> String {
    match error.get(ContextKind::ValidSubcommand) {
        Some(ContextValue::Strings(words)) => format!("one of {}", words.join(", ")),
        _ => "qp --help".to_owned(),
    }
}

fn usage_line(rendered: &str) -> String {
    let line = rendered.lines().find_map(|l| l.strip_prefix("Usage: ")).unwrap_or("qp --help");
    line.trim().to_owned()
}
