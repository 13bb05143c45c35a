//! Where in the grammar a command line that does not fit it went wrong.

use clap::{Arg, Command};

/// How far the commands of a line are known.
#[derive(Debug)]
pub(super) struct Place<'g> {
    /// The last command that exists.
    pub command: &'g Command,
    /// How many commands lead to it.
    pub depth: usize,
    /// The first word after it that is no flag and no flag's value.
    pub next: Option<usize>,
}

impl Place<'_> {
    /// Tells whether no command was recognized.
    pub fn is_root(&self) -> bool {
        self.depth == 0
    }
}

/// Follows the commands in `words`, which do not hold the program's name.
pub(super) fn find<'g>(words: &[String], grammar: &'g Command) -> Place<'g> {
    let mut place = Place { command: grammar, depth: 0, next: None };
    let mut at = 0;
    while at < words.len() && words[at] != "--" {
        let word = words[at].as_str();
        if word.len() > 1 && word.starts_with('-') {
            at += 1 + usize::from(takes_next(word, place.command));
            continue;
        }
        match place.command.find_subcommand(word) {
            Some(command) => place = Place { command, depth: place.depth + 1, next: None },
            None => {
                place.next = Some(at);
                break;
            }
        }
        at += 1;
    }
    place
}

/// Tells whether a command has a flag, which is given with its dashes.
pub(super) fn knows(flag: &str, command: &Command) -> bool {
    let mut arguments = command.get_arguments();
    match flag.strip_prefix("--") {
        Some(long) => arguments.any(|arg| is_long(arg, long)),
        None => arguments.any(|arg| is_short(arg, flag)),
    }
}

/// Tells whether the word after a flag is its value.
pub(super) fn takes_next(word: &str, command: &Command) -> bool {
    let takes = |arg: Option<&Arg>| arg.is_some_and(|arg| arg.get_action().takes_values());
    let mut arguments = command.get_arguments();
    match word.strip_prefix("--") {
        Some(long) => !long.contains('=') && takes(arguments.find(|arg| is_long(arg, long))),
        None => word.chars().count() == 2 && takes(arguments.find(|arg| is_short(arg, word))),
    }
}

fn is_long(arg: &Arg, name: &str) -> bool {
    arg.get_long() == Some(name) || arg.get_all_aliases().unwrap_or_default().contains(&name)
}

fn is_short(arg: &Arg, word: &str) -> bool {
    let Some(letter) = word.chars().nth(1) else { return false };
    arg.get_short() == Some(letter) || arg.get_all_short_aliases().unwrap_or_default().contains(&letter)
}
