//! Misspelled invocations made from the grammar: none panics, none writes, none prints more than six lines, and nine
//! of ten are answered with a command that the grammar takes.

use std::ffi::OsString;

use clap::{Arg, Command};

use super::edits::{Dice, KINDS, misspell, split};

/// A line that is right, and one that is not.
struct Slip {
    right: Vec<String>,
    wrong: Vec<String>,
}

/// Tells whether the program would take the line.
fn check(words: &[String]) -> Result<(), Option<quipu::error::Error>> {
    let program = std::iter::once("qp".to_owned()).chain(words.iter().cloned());
    quipu::cli::check(&program.map(OsString::from).collect::<Vec<_>>())
}

/// A value that an argument takes.
fn value(arg: &Arg) -> String {
    let possible = arg.get_possible_values();
    possible.first().map_or_else(|| "7".to_owned(), |first| first.get_name().to_owned())
}

/// A command with the least that it needs.
fn least(path: &[String], command: &Command) -> Vec<String> {
    let mut words = path.to_vec();
    for arg in command.get_positionals() {
        let count = arg.get_num_args().map_or(1, |range| range.min_values().max(1));
        if arg.is_required_set() {
            words.extend(std::iter::repeat_n(value(arg), count));
        }
    }
    for arg in command.get_arguments().filter(|arg| arg.is_required_set()) {
        if let Some(long) = arg.get_long() {
            words.extend([format!("--{long}"), value(arg)]);
        }
    }
    words
}

/// Every command with the words that lead to it.
fn collect(parent: &Command, before: &[String], found: &mut Vec<(Vec<String>, Command)>) {
    for command in parent.get_subcommands() {
        let path = [before, &[command.get_name().to_owned()]].concat();
        collect(command, &path, found);
        found.push((path, command.clone()));
    }
}

/// Replaces a word at a place by its misspellings.
fn slips(right: &[String], at: usize, kinds: impl Iterator<Item = usize>, dice: &mut Dice) -> Vec<Slip> {
    let dashes = right[at].len() - right[at].trim_start_matches('-').len();
    let (dashes, word) = right[at].split_at(dashes);
    let wrong = kinds.filter_map(|kind| misspell(word, kind, dice));
    let slip = |wrong: String| {
        let mut words = right.to_vec();
        words[at] = format!("{dashes}{wrong}");
        Slip { right: right.to_vec(), wrong: words }
    };
    wrong.map(slip).collect()
}

/// Misspelled commands, flags and values, of every command.
fn all(dice: &mut Dice) -> Vec<Slip> {
    let mut commands = Vec::new();
    collect(&quipu::cli::grammar(), &[], &mut commands);
    let mut found = Vec::new();
    for (path, command) in &commands {
        let right = least(path, command);
        if check(&right).is_err() {
            continue;
        }
        found.extend(slips(&right, path.len() - 1, 0..KINDS, dice));
        if path.len() == 2 {
            for joint in ["", "-", "_"] {
                let joined = [&[path.join(joint)], &right[2..]].concat();
                found.push(Slip { right: right.clone(), wrong: joined });
            }
        }
        for arg in command.get_arguments().filter(|arg| !arg.is_global_set()) {
            let Some(long) = arg.get_long().filter(|long| *long != "help") else { continue };
            let mut right = [&right[..], &[format!("--{long}")]].concat();
            if arg.get_action().takes_values() {
                right.push(value(arg));
            }
            if check(&right).is_ok() {
                let at = right.iter().rposition(|word| word.starts_with("--")).expect("the flag");
                let kind = dice.roll(KINDS);
                found.extend(slips(&right, at, [kind, kind + 3].map(|kind| kind % KINDS).into_iter(), dice));
                let is_word = !arg.get_possible_values().is_empty();
                let last = right.len() - 1;
                found.extend(is_word.then(|| slips(&right, last, 0..KINDS, dice)).into_iter().flatten());
            }
        }
    }
    found.retain(|slip| slip.right != slip.wrong);
    found
}

#[test]
fn nine_of_ten_are_answered_with_a_command_that_is_taken() {
    let mut dice = Dice::new(7);
    let (mut refused, mut named, mut restored) = (0, 0, 0);
    let mut missed = Vec::new();
    let slips = all(&mut dice);
    for slip in &slips {
        // Another command or flag by chance.
        let Err(Some(error)) = check(&slip.wrong) else { continue };
        refused += 1;
        let hint = error.remedy().unwrap_or_default();
        let lines = error.message().lines().count() + hint.lines().count();
        assert!(lines <= 6, "{:?}: {error}", slip.wrong);
        assert_eq!(error.kind(), quipu::error::Kind::Usage, "{:?}: {error}", slip.wrong);
        let words = split(hint);
        let takes = words.first().is_some_and(|word| word == "qp") && !hint.contains('<');
        if takes && !matches!(check(&words[1..]), Err(Some(_))) {
            named += 1;
            restored += usize::from(words[1..] == slip.right);
        } else {
            missed.push(format!("{}: {hint}", slip.wrong.join(" ")));
        }
    }
    assert!(refused > 500, "{refused} of {} were refused", slips.len());
    println!("{refused} misspelled lines: {named} name a command, {restored} the right line");
    let shown = missed.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
    assert!(named * 100 > refused * 95, "{named} of {refused} name a command; the others:\n{shown}");
    assert!(restored * 100 > refused * 85, "{restored} of {refused} give the right line back");
}

#[test]
fn the_program_neither_panics_nor_writes() {
    let env = super::tracker();
    let before = env.git_out(&["rev-parse", "quipu-sync"]);
    let mut dice = Dice::new(11);
    let slips: Vec<Slip> = all(&mut dice).into_iter().filter(|slip| check(&slip.wrong).is_err()).collect();
    for slip in slips.iter().step_by(slips.len() / 60) {
        let run = env.qp(&slip.wrong);
        assert!(run.code == 2 && run.stdout.is_empty(), "{:?}: {run}", slip.wrong);
        assert!(run.stderr.lines().count() <= 6, "{:?}: {run}", slip.wrong);
    }
    // Values that clap leaves to us.
    let flags =
        [("--status", "in_progress"), ("--type", "feature"), ("--priority", "P2x"), ("--sort", "priority")];
    for (flag, word) in flags {
        for kind in 0..5 {
            let Some(wrong) = misspell(word, kind, &mut dice) else { continue };
            let run = env.qp(["list", flag, &wrong]);
            assert!(run.code == 0 || run.stderr.lines().count() <= 6, "{flag} {wrong}: {run}");
            assert!(!run.stderr.contains("panicked"), "{flag} {wrong}: {run}");
            let update = env.qp(["update", "web-9zzz", flag, &wrong]);
            assert!(update.code != 0 && update.stderr.lines().count() <= 6, "{flag} {wrong}: {update}");
        }
    }
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), before);
}
