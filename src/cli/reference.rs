//! `docs/reference.md`: every command with its flags and examples, rendered from the grammar.

use clap::{Arg, ArgAction, Command};

use super::grammar;
use crate::error::Kind;

/// Heading of the flags that every command takes.
const GLOBAL: &str = "Global options";

/// Renders the reference of the command line.
pub fn reference() -> String {
    let mut root = grammar();
    root.build();
    let mut out = String::from(HEAD);
    out.push_str("## Exit codes\n\n| code | meaning |\n|---|---|\n| 0 | done; an empty list is done |\n");
    for kind in Kind::ALL {
        out.push_str(&format!("| {} | {} |\n", kind.exit_code(), kind.meaning()));
    }
    out.push_str("\n## Options of every command\n\n");
    let globals: Vec<&Arg> =
        root.get_arguments().filter(|arg| arg.get_help_heading() == Some(GLOBAL)).collect();
    out.push_str(&table(&globals));
    out.push_str("\n## Commands\n\n");
    let commands: Vec<&Command> = root.get_subcommands().filter(|command| !command.is_hide_set()).collect();
    for command in &commands {
        let name = format!("qp {}", command.get_name());
        out.push_str(&format!("- [`{name}`](#{}): {}\n", name.replace(' ', "-"), about(command)));
    }
    for command in commands {
        section(&mut out, command, "qp", 2);
    }
    out
}

const HEAD: &str = "<!-- Generated from the command line's grammar; UPDATE_DOCS=1 cargo test --test it grammar rewrites it. -->
# Reference

`qp COMMAND --help` says the same. stdout is the result, stderr the talk; with `--json` the result is one document,
which [json.md](json.md) describes. Keys may be given whole (`web-7k2m`), by their tail (`7k2m`, at least four
characters) or as ULIDs.

";

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn section(out: &mut String, command: &Command, parent: &str, level: usize) {
    let name = format!("{parent} {}", command.get_name());
    out.push_str(&format!("\n{} {name}\n\n", "#".repeat(level)));
    let long = command.get_long_about().map(ToString::to_string);
    out.push_str(&format!("{}\n", long.unwrap_or_else(|| about(command)).trim_end()));
    let aliases: Vec<String> = command.get_visible_aliases().map(|alias| format!("`{alias}`")).collect();
    if !aliases.is_empty() {
        out.push_str(&format!("\nAlso: {}.\n", aliases.join(", ")));
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").lines().map(str::trim).collect::<Vec<_>>().join("\n");
    out.push_str(&format!("\n```text\n{}\n```\n", usage.trim()));
    let own: Vec<&Arg> = command.get_arguments().filter(|arg| is_own(arg)).collect();
    if !own.is_empty() {
        out.push_str(&format!("\n{}", table(&own)));
    }
    if let Some(examples) = command.get_after_long_help() {
        let examples = examples.to_string();
        let examples: Vec<&str> = examples.lines().filter(|line| !line.starts_with("Examples:")).collect();
        let examples: Vec<&str> =
            examples.iter().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
        out.push_str(&format!("\nExamples:\n\n```sh\n{}\n```\n", examples.join("\n").trim()));
    }
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        section(out, sub, &name, level + 1);
    }
}

fn is_own(arg: &Arg) -> bool {
    !arg.is_hide_set() && !arg.is_global_set() && !["help", "version"].contains(&arg.get_id().as_str())
}

fn table(arguments: &[&Arg]) -> String {
    let mut out = String::from("| argument | meaning |\n|---|---|\n");
    let (named, positional): (Vec<&Arg>, Vec<&Arg>) =
        arguments.iter().copied().filter(|arg| !arg.is_hide_set()).partition(|arg| !arg.is_positional());
    for arg in positional.into_iter().chain(named) {
        out.push_str(&format!("| {} | {} |\n", forms(arg), meaning(arg)));
    }
    out
}

/// Returns how an argument is written: `-p`, `--priority 0-4`.
fn forms(arg: &Arg) -> String {
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let names: Vec<String> =
        arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let value = names.join(" ");
    if arg.is_positional() {
        return format!("`{value}`");
    }
    let mut forms: Vec<String> =
        arg.get_short_and_visible_aliases().unwrap_or_default().iter().map(|c| format!("-{c}")).collect();
    forms.extend(
        arg.get_long_and_visible_aliases().unwrap_or_default().iter().map(|name| format!("--{name}")),
    );
    if takes_value && let Some(last) = forms.last_mut() {
        last.push_str(&format!(" {value}"));
    }
    forms.iter().map(|form| format!("`{}`", form.replace('|', "\\|"))).collect::<Vec<_>>().join(", ")
}

fn meaning(arg: &Arg) -> String {
    let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut text = help.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let defaults: Vec<String> =
        arg.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
    if !defaults.is_empty() && arg.get_action().takes_values() {
        text.push_str(&format!(" (default: {})", defaults.join(", ")));
    }
    let possible = arg.get_possible_values();
    if !possible.is_empty() && arg.get_action().takes_values() {
        let names: Vec<&str> = possible.iter().filter(|v| !v.is_hide_set()).map(|v| v.get_name()).collect();
        text.push_str(&format!(" (one of {})", names.join(", ")));
    }
    text
}
