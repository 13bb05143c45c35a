//! Flags of other trackers that every command takes and none needs: there is no daemon, no database and no file to
//! keep in step, so what they ask for is so anyway. Refusing them would only cost whoever has learnt them a try.
//!
//! They are no part of the grammar, so no help shows them. They are gone before a command sees them: none may have a flag
//! of the same name, but for those that are taken away only where they are unknown.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

const FLAGS: &[&str] = &[
    "--no-daemon",
    "--no-db",
    "--no-auto-flush",
    "--no-auto-import",
    "--no-auto-sync",
    "--no-git-hooks",
    "--allow-stale",
    "--sandbox",
    "--no-color",
    "--no-colour",
    "--no-pager",
    "--no-input",
];
const WITH_VALUE: &[&str] = &["--db", "--lock-timeout", "--busy-timeout", "--dolt-auto-commit"];
/// Taken away only from commands that do not know them.
const WHERE_UNKNOWN: &[&str] = &["-v", "--verbose", "--debug", "--non-interactive"];
const READONLY: &str = "--readonly";

/// Takes the flags without an effect away, and tells whether writing is forbidden.
pub(super) fn strip(arguments: Vec<OsString>) -> (Vec<OsString>, bool) {
    let mut kept = Vec::with_capacity(arguments.len());
    let mut readonly = false;
    let mut rest = arguments.into_iter();
    kept.extend(rest.next());
    while let Some(word) = rest.next() {
        let text = word.to_str().unwrap_or_default();
        let (name, joined) = text.split_once('=').map_or((text, false), |(name, _)| (name, true));
        if text == "--" {
            kept.push(word);
            break;
        } else if text == READONLY {
            readonly = true;
        } else if WITH_VALUE.contains(&name) {
            drop(if joined { None } else { rest.next() });
        } else if !FLAGS.contains(&text) {
            kept.push(word);
        }
    }
    kept.extend(rest);
    (kept, readonly)
}

/// Takes away the flag that clap does not know, where it is one of these.
pub(super) fn without(arguments: &[OsString], error: &clap::Error) -> Option<Vec<OsString>> {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return None };
    if error.kind() != ErrorKind::UnknownArgument || !WHERE_UNKNOWN.contains(&flag.as_str()) {
        return None;
    }
    let at = arguments.iter().position(|word| word == flag.as_str())?;
    Some([&arguments[..at], &arguments[at + 1..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{grammar, place};

    #[test]
    fn no_command_waits_for_a_flag_that_is_taken_away() {
        let mut open = vec![grammar()];
        while let Some(command) = open.pop() {
            for flag in FLAGS.iter().chain(WITH_VALUE).chain([&READONLY]) {
                assert!(!place::knows(flag, &command), "{} has {flag}", command.get_name());
            }
            open.extend(command.get_subcommands().cloned());
        }
    }
}
