//! The grammar of the command line: invariants of every command and flag, and the pages made from it.

use std::collections::BTreeMap;
use std::path::Path;

use clap::{Arg, Command};

use crate::env::Env;
use crate::snapshot;
use snapbox::str;

/// Every visible command below `qp`, with its full name.
fn commands() -> Vec<(String, Command)> {
    let mut root = quipu::cli::grammar();
    root.build();
    let mut found = Vec::new();
    collect(&root, "qp", &mut found);
    assert!(found.len() > 20, "the grammar was not walked");
    found
}

fn collect(command: &Command, name: &str, found: &mut Vec<(String, Command)>) {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let name = format!("{name} {}", sub.get_name());
        collect(sub, &name, found);
        found.push((name, sub.clone()));
    }
}

/// Runs a check on every command and reports all that fail, not the first.
#[track_caller]
fn every_command(check: impl Fn(&str, &Command) -> Vec<String>) {
    let failures: Vec<String> = commands()
        .iter()
        .flat_map(|(name, command)| {
            check(name, command).into_iter().map(move |text| format!("{name}: {text}"))
        })
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn text(styled: Option<&clap::builder::StyledStr>) -> String {
    styled.map(ToString::to_string).unwrap_or_default()
}

fn arguments(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| !arg.is_hide_set())
}

#[test]
fn clap_accepts_it() {
    quipu::cli::grammar().debug_assert();
}

#[test]
fn summaries_are_imperative_sentences() {
    every_command(|_, command| {
        let about = text(command.get_about());
        let word = about.split(' ').next().unwrap_or_default();
        let mut wrong = Vec::new();
        let mut must = |holds: bool, what: &str| wrong.extend((!holds).then(|| format!("{what}: {about:?}")));
        must(about.starts_with(|c: char| c.is_ascii_uppercase()), "no upper-case beginning");
        must(!about.ends_with('.'), "a full stop");
        must(about.lines().count() == 1, "not one line");
        let imperative =
            !["s", "ing"].iter().any(|end| word.ends_with(end)) || ["Pass", "Bring"].contains(&word);
        must(imperative, "not imperative");
        wrong
    });
}

#[test]
fn long_help_has_examples() {
    let all = commands();
    let examples = |name: &str| {
        let found = all.iter().find(|(other, _)| other == name);
        text(found.and_then(|(_, command)| command.get_after_long_help()))
    };
    every_command(|name, _| {
        let own = examples(name);
        // A command below another may be shown among the examples of that one.
        let above = name.rsplit_once(' ').map(|(above, _)| examples(above)).unwrap_or_default();
        let shows = |text: &str, name: &str| {
            text.starts_with("Examples:\n")
                && text.lines().any(|line| line.starts_with("  ") && line.contains(name))
        };
        let first = name.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let shown = shows(&own, &first) || shows(&above, name);
        (!shown).then(|| "no example under \"Examples:\"".to_owned()).into_iter().collect()
    });
}

#[test]
fn flags_are_documented_without_full_stops() {
    every_command(|_, command| {
        let mut wrong = Vec::new();
        for arg in arguments(command) {
            let help = text(arg.get_help());
            let id = arg.get_id();
            if help.is_empty() {
                wrong.push(format!("{id} is not documented"));
            } else if help.ends_with('.') || text(arg.get_long_help()).ends_with('.') {
                wrong.push(format!("{id} ends in a full stop: {help:?}"));
            } else if help.starts_with(|c: char| c.is_ascii_lowercase()) {
                wrong.push(format!("{id} begins in lower case: {help:?}"));
            }
        }
        wrong
    });
}

#[test]
fn names_and_aliases_do_not_collide() {
    every_command(|_, command| {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let mut wrong = Vec::new();
        for arg in command.get_arguments() {
            let longs = arg.get_long_and_visible_aliases().unwrap_or_default();
            let hidden = arg.get_all_aliases().unwrap_or_default();
            let mut names: Vec<String> =
                longs.iter().chain(&hidden).map(|name| format!("--{name}")).collect();
            let shorts = arg.get_short_and_visible_aliases().unwrap_or_default();
            let hidden = arg.get_all_short_aliases().unwrap_or_default();
            names.extend(shorts.iter().chain(&hidden).map(|c| format!("-{c}")));
            names.sort();
            names.dedup();
            for name in names {
                if let Some(other) = seen.insert(name.clone(), arg.get_id().to_string()) {
                    wrong.push(format!("{name} is both {other} and {}", arg.get_id()));
                }
            }
        }
        wrong
    });
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for command in quipu::cli::grammar().get_subcommands() {
        for name in std::iter::once(command.get_name()).chain(command.get_all_aliases()) {
            let other = seen.insert(name.to_owned(), command.get_name().to_owned());
            assert_eq!(other, None, "{name} is also {}", command.get_name());
        }
    }
}

#[test]
fn short_help_fits_in_a_hundred_columns() {
    every_command(|_, command| {
        let help = command.clone().render_help().to_string();
        let long = help.lines().filter(|line| unicode_width::UnicodeWidthStr::width(*line) > 100);
        long.map(|line| format!("too wide: {line:?}")).collect()
    });
}

#[test]
fn the_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference.md");
    let expected = quipu::cli::reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).expect("the checkout is writable");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/reference.md is out of date: UPDATE_DOCS=1 cargo test --test it grammar"
    );
}

#[test]
fn the_reference_names_everything() {
    let page = quipu::cli::reference();
    for (name, command) in commands() {
        let heading = format!("# {name}\n");
        let section = page.split(&heading).nth(1).unwrap_or_else(|| panic!("{name} is missing"));
        let section = section.split("\n## ").next().expect("never empty");
        for arg in arguments(&command).filter(|arg| !arg.is_global_set()) {
            if let Some(long) = arg.get_long().filter(|long| *long != "help") {
                assert!(section.contains(&format!("`--{long}")), "{name}: --{long} is missing");
            }
        }
    }
    for kind in quipu::error::Kind::ALL {
        assert!(page.contains(&format!("| {} | {} |", kind.exit_code(), kind.meaning())));
    }
}

#[test]
fn completions_for_every_shell() {
    let env = Env::bare();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = env.qp_in(env.root(), ["completions", shell], &[], "").success();
        assert!(run.stdout.contains("undo") && run.stdout.contains("dry-run"), "{shell}");
        let json = env.qp_in(env.root(), ["completions", shell, "--json"], &[], "").success().json();
        assert_eq!(json["script"], run.stdout);
    }
    snapshot!(
        env.qp_in(env.root(), ["completions", "tcsh"], &[], ""),
        str![[r#"
[stderr]
error: invalid value 'tcsh' for '<SHELL>' [possible values: bash, elvish, fish, powershell, zsh]
hint: did you mean zsh?
[exit 2]

"#]]
    );
}

#[test]
fn manual_pages() {
    let env = Env::bare();
    let page = env.qp_in(env.root(), ["man"], &[], "").success().stdout;
    assert!(page.contains(".TH qp 1") && page.contains("qp\\-undo(1)"), "{page}");
    env.qp_in(env.root(), ["man", "share/man1"], &[], "").success();
    let folder = env.root().join("share/man1");
    assert_eq!(std::fs::read_to_string(folder.join("qp.1")).expect("a page"), page);
    for (name, _) in commands() {
        let text =
            std::fs::read_to_string(folder.join(format!("{}.1", name.replace(' ', "-")))).expect("a page");
        let top = name.split(' ').count() == 2;
        assert!(text.contains(".SH EXAMPLES\n") || !top, "{name} shows no examples");
    }
    std::fs::write(env.root().join("file"), "").expect("a file");
    snapshot!(
        env.qp_in(env.root(), ["man", "file"], &[], ""),
        str![[r#"
[stderr]
error: file cannot be written: File exists (os error 17)
[exit 9]

"#]]
    );
}
