//! Did you mean: the whole command line again, with the wrong word replaced by the one that was meant.

use std::ffi::OsString;

use clap::Command;

use super::grammar;
use super::place::{Place, find, knows, takes_next};
use super::shell;
use super::spellings::{COMMANDS, FLAGS, SUBCOMMANDS, squeeze};
use crate::context::Program;
use crate::error::{Error, Kind};
use crate::query::{nearest, nearest_within};

/// `qp help close` is `qp close --help`.
pub(super) fn help_last(arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_none_or(|word| word != "help") {
        return arguments;
    }
    let (program, words) = arguments.split_at(1);
    let words = words.iter().skip(1).filter(|word| !word.to_string_lossy().starts_with('-'));
    program.iter().chain(words).cloned().chain([OsString::from("--help")]).collect()
}

/// The arguments as words, without the name of the program.
pub(super) fn words(arguments: &[OsString]) -> Vec<String> {
    arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect()
}

/// Gives an error that knows the right word the whole corrected command line for a hint.
pub(super) fn corrected(error: Error, arguments: &[OsString], program: Program) -> Error {
    let words = words(arguments);
    if let Some((given, right)) = error.correction() {
        let grammar = grammar();
        let place = find(&words, &grammar);
        if error.kind() == Kind::NotFound && place.depth == 1 && takes_away(place.command.get_name()) {
            // Whoever follows the hint without a look would lose another issue than the one that was named.
            return error;
        }
        let line = with_value(&words, given, right).and_then(|words| shell::line(program, &words));
        return match line {
            Some(line) => error.hint(line),
            None => error,
        };
    }
    if !matches!(error.kind(), Kind::NotFound | Kind::Usage) {
        return error;
    }
    // A word that is no key may have been meant for a command: `qp dep ad`, `qp comment lst`.
    match subcommand(&words).and_then(|words| shell::line(program, &words)) {
        Some(line) => error.hint(line),
        None => error,
    }
}

/// Corrects the word after a command that leads to others and takes a key as well.
fn subcommand(words: &[String]) -> Option<Vec<String>> {
    let grammar = grammar();
    let place = find(words, &grammar);
    let at = place.next?;
    let word = words[at].as_str();
    if !place.command.has_subcommands() || word.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    command(words, &place, word)
}

/// Replaces the command that does not exist.
pub(super) fn command(words: &[String], place: &Place<'_>, word: &str) -> Option<Vec<String>> {
    let at = place.next.filter(|at| words[*at] == word)?;
    // `re open` is nearer to `reopen` than to anything that `re` is near to.
    if let Some(next) = words.get(at + 1).filter(|next| !next.starts_with('-')) {
        let joined = squeeze(&format!("{word}{next}"));
        if let Some(whole) = paths(place.command).into_iter().find(|path| squeeze(&path.concat()) == joined) {
            return Some(spliced(words, at, 2, &whole));
        }
    }
    if let Some(next) = words.get(at + 1) {
        // `issue close ID`, as other programs have it, and the name of the program said twice.
        if place.is_root() && is_needless(word) && place.command.find_subcommand(next).is_some() {
            return Some(spliced(words, at, 1, &[]));
        }
        if let Some(singular) = singular(place.command, word, next) {
            return Some(spliced(words, at, 1, &[singular.to_owned()]));
        }
    }
    let goes_on = words.get(at + 1).is_some_and(|next| !next.starts_with('-'));
    let right = command_for(place.command, place.is_root(), word);
    if right.is_none() && place.command.get_name() == "label" {
        // `label ID x` adds, `label ID` lists.
        let action = if goes_on { "add" } else { "list" };
        return Some(spliced(words, at, 0, &[action.to_owned()]));
    }
    let mut right = right?;
    if goes_on && right == ["label", "list-all"] {
        // Not all labels there are, but those of the issue that is named.
        right = ["label", "list"].map(str::to_owned).to_vec();
    }
    Some(spliced(words, at, 1, &right))
}

fn is_needless(word: &str) -> bool {
    let bare = squeeze(word);
    let bare = bare.strip_suffix('s').unwrap_or(&bare);
    ["issue", "task", "ticket", "bug", "todo", "item", "bead", "qp", "bd", "br", "quipu"].contains(&bare)
}

/// `deps add A B` is `dep add A B`, and `tags ID x` is `tag ID x`; without what follows both ask for a list.
fn singular<'w>(parent: &Command, word: &'w str, next: &str) -> Option<&'w str> {
    let singular = word.strip_suffix('s')?;
    let command = parent.find_subcommand(singular)?;
    let goes_on = if command.has_subcommands() {
        command.find_subcommand(next).is_some()
    } else {
        !next.starts_with('-')
    };
    goes_on.then_some(singular)
}

/// Tells whether a command takes away what it is given.
fn takes_away(command: &str) -> bool {
    ["delete", "remove", "rm", "forget"].contains(&command)
}

/// Tells whether a command may be proposed for a word that is like its name. One that takes something away must be meant
/// beyond doubt: nobody who types `select` or `format` wants anything to be gone.
pub(super) fn may_propose(command: &str, word: &str) -> bool {
    let is_beginning = word.len() >= 4 && command.starts_with(word);
    !takes_away(command) || is_beginning || nearest_within(1, word, [command]).is_some()
}

/// Finds the command that was meant: another word for it, another spelling, or one with a slip or two.
fn command_for(parent: &Command, is_root: bool, word: &str) -> Option<Vec<String>> {
    let bare = squeeze(word);
    let paths = paths(parent);
    let exact = paths.iter().find(|path| squeeze(&path.concat()) == bare);
    if let Some(path) = exact {
        return Some(path.clone());
    }
    let means = |others: &&[&str]| others.iter().any(|other| squeeze(other) == bare);
    if is_root && let Some((_, right)) = COMMANDS.iter().find(|(others, _)| means(others)) {
        return Some(right.split(' ').map(str::to_owned).collect());
    }
    let other = SUBCOMMANDS.iter().find(|(others, _)| !is_root && others.contains(&bare.as_str()));
    if let Some(right) =
        other.and_then(|(_, rights)| rights.iter().find(|r| parent.find_subcommand(r).is_some()))
    {
        return Some(vec![(*right).to_owned()]);
    }
    let names: Vec<(String, &Vec<String>)> =
        paths.iter().map(|path| (squeeze(&path.concat()), path)).collect();
    let single = names.iter().filter(|(name, path)| path.len() == 1 && may_propose(name, &bare));
    let double = names.iter().filter(|(_, path)| path.len() > 1);
    let near = nearest(&bare, single.clone().map(|(name, _)| name.as_str()))
        .or_else(|| beginning(&bare, single.map(|(name, _)| name.as_str())))
        .or_else(|| nearest(&bare, double.map(|(name, _)| name.as_str())))?;
    names.iter().find(|(name, _)| name == near).map(|(_, path)| (*path).clone())
}

/// The commands below one, and those below these; names before aliases.
fn paths(parent: &Command) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for sub in parent.get_subcommands() {
        found.push(vec![sub.get_name().to_owned()]);
        let below =
            sub.get_subcommands().map(|low| vec![sub.get_name().to_owned(), low.get_name().to_owned()]);
        found.extend(below);
    }
    for sub in parent.get_subcommands() {
        found.extend(sub.get_all_aliases().map(|alias| vec![alias.to_owned()]));
    }
    found
}

/// Replaces the flag that does not exist. `given` is the flag with its dashes, without a value.
pub(super) fn flag(words: &[String], place: &Place<'_>, given: &str) -> Option<Vec<String>> {
    let is_short = given.len() == 2;
    let is_it = |word: &&String| {
        let rest = word.strip_prefix(given);
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('=') || is_short && !given.starts_with("--")
        })
    };
    let at = words.iter().position(|word| is_it(&word))?;
    let value = words[at].strip_prefix(given).unwrap_or_default();
    let bare = given.trim_start_matches('-');
    if ["output", "o", "out"].contains(&bare)
        && (value == "=json" || words.get(at + 1).is_some_and(|w| w == "json"))
    {
        return Some(spliced(words, at, if value.is_empty() { 2 } else { 1 }, &["--json".to_owned()]));
    }
    if let Some(words) = behind_command(words, at) {
        return Some(words);
    }
    let right = flag_for(place.command, bare).filter(|_| value.is_empty() || value.starts_with('='))?;
    if right == "assignee"
        && value.is_empty()
        && ["me", "mine", "my", "assignedtome"].contains(&squeeze(bare).as_str())
    {
        return Some(spliced(words, at, 1, &["--assignee".to_owned(), "me".to_owned()]));
    }
    Some(spliced(words, at, 1, &[format!("--{right}{value}")]))
}

/// Puts a flag that stands before its command behind it.
fn behind_command(words: &[String], at: usize) -> Option<Vec<String>> {
    let grammar = grammar();
    let before = find(&words[..at], &grammar);
    let command = words[at..].iter().position(|word| before.command.find_subcommand(word).is_some())? + at;
    let place = find(&words[command..=command], before.command);
    let name = words[at].split('=').next().unwrap_or_default();
    let count = 1 + usize::from(takes_next(&words[at], place.command));
    if !knows(name, place.command) || at + count > command {
        return None;
    }
    let mut moved = words.to_vec();
    moved[at..=command].rotate_left(count);
    Some(moved)
}

/// Finds the flag that was meant.
fn flag_for(command: &Command, bare: &str) -> Option<String> {
    let mut names: Vec<&str> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
    names.extend(command.get_arguments().flat_map(|arg| arg.get_all_aliases().unwrap_or_default()));
    names.dedup();
    let squeezed = squeeze(bare);
    let exact = names.iter().find(|name| squeeze(name) == squeezed).copied();
    let known = |right: &&str| names.contains(right);
    let meant = || {
        let rights = FLAGS.iter().filter(|(others, _)| others.contains(&squeezed.as_str()));
        rights.flat_map(|(_, rights)| rights.iter().copied()).find(known)
    };
    let found = exact.or_else(meant);
    let found = found.or_else(|| if bare.len() > 1 { nearest(bare, names.iter().copied()) } else { None });
    let found = found.or_else(|| beginning(bare, names.iter().copied()));
    found.map(str::to_owned)
}

/// The only word that begins so.
fn beginning<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut fitting = names.filter(|name| word.len() >= 3 && name.starts_with(word));
    let only = fitting.next()?;
    fitting.all(|other| other == only).then_some(only)
}

/// Puts the words of an unquoted title together.
pub(super) fn title(words: &[String], place: &Place<'_>, given: &str) -> Option<Vec<String>> {
    let first = place.next?;
    let takes_title = place.command.get_positionals().next().is_some_and(|arg| arg.get_id() == "title");
    let is_next = words.get(first + 1).is_some_and(|word| word == given);
    if !takes_title || !is_next {
        return None;
    }
    let count = words[first..].iter().take_while(|word| !word.starts_with('-')).count();
    Some(spliced(words, first, count, &[words[first..first + count].join(" ")]))
}

/// Git's own commands are told the remote by a bare word, and often the branch: `qp push origin main`.
pub(super) fn remote(words: &[String], place: &Place<'_>, given: &str) -> Option<Vec<String>> {
    let first = place.next?;
    let has_flag = place.command.get_arguments().any(|arg| arg.get_id() == "remote");
    if !has_flag || place.command.get_positionals().next().is_some() || words.get(first)? != given {
        return None;
    }
    let count = words[first..].iter().take_while(|word| !word.starts_with('-')).count();
    Some(spliced(words, first, count, &["--remote".to_owned(), given.to_owned()]))
}

/// Replaces a value: the word itself, or a part of it behind `--flag=` or between commas. What follows a flag is
/// more likely to be it than any other word.
pub(super) fn with_value(words: &[String], given: &str, right: &str) -> Option<Vec<String>> {
    let found = (0..words.len()).filter_map(|at| Some((at, in_word(&words[at], given, right)?)));
    let follows_flag = |at: usize| words[at].starts_with('-') || at > 0 && words[at - 1].starts_with('-');
    let (at, word) = found.max_by_key(|(at, _)| (follows_flag(*at), *at))?;
    Some(spliced(words, at, 1, &[word]))
}

fn in_word(word: &str, given: &str, right: &str) -> Option<String> {
    let trimmed = word.trim();
    if trimmed == given {
        return Some(right.to_owned());
    }
    if trimmed.starts_with('-') {
        let (flag, value) = match trimmed.split_once('=') {
            Some((flag, value)) => (format!("{flag}="), value),
            None if trimmed.starts_with("--") => return None,
            None => trimmed.split_at_checked(2).map(|(flag, value)| (flag.to_owned(), value))?,
        };
        return Some(format!("{flag}{}", in_word(value, given, right)?));
    }
    let part = |part: &str| match part.split_once(':') {
        _ if part.trim() == given => right.to_owned(),
        Some((kind, rest)) if kind.trim() == given => format!("{right}:{rest}"),
        Some((kind, rest)) if rest.trim() == given => format!("{kind}:{right}"),
        _ => part.to_owned(),
    };
    let parts: Vec<String> = trimmed.split(',').map(part).collect();
    let parts = parts.join(",");
    (parts != trimmed && !trimmed.contains(' ')).then_some(parts)
}

fn spliced(words: &[String], at: usize, count: usize, new: &[String]) -> Vec<String> {
    let mut words = words.to_vec();
    words.splice(at..at + count, new.iter().cloned());
    words
}
