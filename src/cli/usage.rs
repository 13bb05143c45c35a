//! What clap has to say, in our words: one error, the corrected command, never a page of usage.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::spellings::squeeze;
use super::{elsewhere, grammar, guess, place, shell};
use crate::context::Program;
use crate::error::Error;
use crate::output::text;
use crate::query;

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
    (1..arguments.len()).any(|at| {
        is(at, "--json")
            || is(at, "--robot")
            || is(at, "--format=json")
            || is(at, "--format") && is(at + 1, "json")
    })
}

/// Puts the flags of every command before the command. A command that takes a text as its last words would take
/// whatever follows for text, and `--json` at the end is what agents type.
pub(super) fn globals_first(arguments: &[OsString], grammar: &Command) -> Vec<OsString> {
    let end = arguments.iter().position(|a| a == "--").unwrap_or(arguments.len());
    let (mut globals, mut rest) = (Vec::new(), Vec::new());
    let mut at = 1;
    while at < end {
        // Without its value it stays where it is, for clap to complain about.
        let words = global_length(&arguments[at..end], grammar);
        let place = if words > 0 { &mut globals } else { &mut rest };
        place.extend_from_slice(&arguments[at..at + words.max(1)]);
        at += words.max(1);
    }
    let program = arguments.iter().take(1).cloned();
    program.chain(globals).chain(rest).chain(arguments[end..].iter().cloned()).collect()
}

/// Finds the word that names the command: the first behind the flags that every command takes.
pub(super) fn command_at(arguments: &[OsString], common: &Command) -> Option<usize> {
    let mut at = 1;
    while let Some(word) = arguments.get(at)?.to_str().filter(|word| word.starts_with('-')) {
        at += 1 + usize::from(place::takes_next(word, common));
    }
    Some(at)
}

/// Returns how many words a flag of every command takes, itself included; 0 where the first word is no such flag,
/// or has a value that only a command's own flag of the same name takes (`dep tree --format dot`).
fn global_length(words: &[OsString], grammar: &Command) -> usize {
    let Some(name) = words[0].to_str().and_then(|word| word.strip_prefix("--")) else { return 0 };
    let (name, joined) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
    let is_named = |arg: &&Arg| {
        let aliases = arg.get_all_aliases().unwrap_or_default();
        arg.get_long() == Some(name) || aliases.contains(&name)
    };
    let Some(arg) = grammar.get_arguments().filter(|arg| arg.is_global_set()).find(is_named) else {
        return 0;
    };
    if !arg.get_action().takes_values() {
        return 1;
    }
    let Some(value) = joined.or_else(|| words.get(1)?.to_str()) else { return 0 };
    let possible = arg.get_possible_values();
    let fits = possible.is_empty() || possible.iter().any(|p| p.matches(value, false));
    match joined {
        _ if !fits => 0,
        Some(_) => 1,
        None => 2,
    }
}

/// Most characters of clap's message that are repeated.
const LONGEST: usize = 300;

/// Turns clap's answer into ours.
pub(super) fn explain(error: clap::Error, arguments: &[OsString], program: Program) -> Stop {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Stop::Print(error.render().to_string());
    }
    if let Some(instead) = elsewhere(&error) {
        return Stop::Error(instead);
    }
    let words = guess::words(arguments);
    let line = corrected(&error, &words).and_then(|words| shell::line(program, &words));
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Stop::Error(Error::usage("this command needs a word more").hint(commands(&error)));
    }
    let rendered = error.render().to_string();
    let message = message(&rendered);
    let hint = line.or_else(|| suggestion(&error)).unwrap_or_else(|| remedy(&error, &words, &rendered));
    Stop::Error(Error::usage(message).hint(hint))
}

/// Takes clap's own sentence from what it would print.
fn message(rendered: &str) -> String {
    let ends = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("Usage:") || line.starts_with("For more information") || line.starts_with("tip:")
    };
    let lines = rendered.lines().take_while(|line| !ends(line));
    let message = lines.map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ");
    text::cut(message.trim_start_matches("error: "), LONGEST)
}

/// A command of bd that quipu does not have.
fn elsewhere(error: &clap::Error) -> Option<Error> {
    let word = given(error, ContextKind::InvalidSubcommand)?;
    let (why, instead) = elsewhere::instead_of(&word)?;
    Some(Error::usage(format!("no command {}; {why}", text::one_line(&word))).hint(instead))
}

/// Replaces the word that clap complains about by what was meant.
fn corrected(error: &clap::Error, words: &[String]) -> Option<Vec<String>> {
    let grammar = grammar();
    let place = place::find(words, &grammar);
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            guess::command(words, &place, &given(error, ContextKind::InvalidSubcommand)?)
        }
        ErrorKind::UnknownArgument => {
            let word = given(error, ContextKind::InvalidArg)?;
            if word.starts_with('-') {
                guess::flag(words, &place, &word)
            } else if place.is_root() || place.command.has_subcommands() {
                guess::command(words, &place, &word)
            } else {
                guess::title(words, &place, &word).or_else(|| guess::remote(words, &place, &word))
            }
        }
        ErrorKind::InvalidValue => {
            let value = given(error, ContextKind::InvalidValue)?;
            let right = right_value(error, &value)?;
            guess::with_value(words, &value, &right)
        }
        _ => None,
    }
}

fn given(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(word) => Some(word.clone()),
        _ => None,
    }
}

/// The nearest of the values that are possible.
fn right_value(error: &clap::Error, value: &str) -> Option<String> {
    let Some(ContextValue::Strings(possible)) = error.get(ContextKind::ValidValue) else { return None };
    let same = possible.iter().find(|p| squeeze(p) == squeeze(value)).map(String::as_str);
    let near = same.or_else(|| query::nearest(value, possible.iter().map(String::as_str)))?;
    Some(near.to_owned())
}

/// The nearest valid word, where clap found any.
fn suggestion(error: &clap::Error) -> Option<String> {
    let kinds = [
        (ContextKind::InvalidArg, ContextKind::SuggestedArg),
        (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand),
        (ContextKind::InvalidValue, ContextKind::SuggestedValue),
    ];
    let (given, words) = kinds.iter().find_map(|(given, suggested)| {
        let words = match error.get(*suggested)? {
            ContextValue::String(word) => vec![word.clone()],
            ContextValue::Strings(words) => words.clone(),
            _ => return None,
        };
        Some((error.get(*given).map(ToString::to_string).unwrap_or_default(), words))
    })?;
    let is_command = error.kind() == ErrorKind::InvalidSubcommand;
    let words: Vec<String> =
        words.into_iter().filter(|word| !is_command || guess::may_propose(word, &given)).collect();
    // clap lists all that are somehow alike, the best last.
    let best = query::nearest(&given, words.iter().map(String::as_str));
    // A flag that is not near would mislead.
    let best = best.or_else(|| words.last().map(String::as_str).filter(|word| !word.starts_with('-')))?;
    Some(format!("did you mean {best}?"))
}

fn commands(error: &clap::Error) -> String {
    match error.get(ContextKind::ValidSubcommand) {
        Some(ContextValue::Strings(words)) => format!("one of {}", words.join(", ")),
        _ => "qp --help".to_owned(),
    }
}

/// How the command is called, or which commands there are.
fn remedy(error: &clap::Error, words: &[String], rendered: &str) -> String {
    let grammar = grammar();
    let place = place::find(words, &grammar);
    let name = place.command.get_bin_name().unwrap_or("qp");
    if place.is_root() {
        return "qp --help lists the commands".to_owned();
    }
    if error.kind() == ErrorKind::InvalidSubcommand {
        let subs = place.command.get_subcommands().filter(|c| !c.is_hide_set());
        let names: Vec<String> = subs.map(|sub| format!("{name} {}", sub.get_name())).collect();
        return format!("one of {}", names.join(", "));
    }
    // How the command is called says nothing about a flag that it does not have.
    if error.kind() == ErrorKind::UnknownArgument
        && given(error, ContextKind::InvalidArg).is_some_and(|word| word.starts_with('-'))
    {
        return format!("{name} --help lists its flags");
    }
    let line = rendered.lines().find_map(|line| line.strip_prefix("Usage: "));
    line.map_or_else(|| format!("{name} --help"), |line| line.trim().to_owned())
}
