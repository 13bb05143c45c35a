//! Plain words for what the YAML library reports, which speaks to programmers about itself.

use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;

use super::yaml::{MAX_ALIASES, MAX_DEPTH, MAX_NODES, Wish};

/// Returns the line of an error, from 1.
pub(super) fn line_of(error: &Error) -> usize {
    error.location().map_or(1, |l| usize::try_from(l.line()).unwrap_or(1).max(1))
}

/// Returns the message for a user. `place` is the key whose value was being read.
pub(super) fn in_words(error: &Error, place: Option<&(String, Wish)>) -> String {
    match error.without_snippet() {
        Error::AliasError { error, .. } => in_words(error, place),
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("{} stands twice", shown(key)),
        Error::DuplicateMappingKey { key: None, .. } => "a key stands twice".to_owned(),
        Error::Budget { breach, .. } => bound(breach),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => "its aliases stand for too much".to_owned(),
        Error::RecursiveReferencesRequireWeakTypes { .. } => "an alias that contains itself".to_owned(),
        Error::UnknownAnchor { .. } => {
            "an alias without its anchor; a text that begins with * needs quotes".to_owned()
        }
        Error::MultipleDocuments { .. } => bound(&BudgetBreach::Documents { documents: 2 }),
        Error::ExternalMessage { msg, .. } => syntax(msg),
        Error::Unexpected { .. }
        | Error::NullIntoString { .. }
        | Error::TaggedScalarCannotDeserializeIntoString { .. }
        | Error::SerdeInvalidType { .. }
        | Error::InvalidScalar { .. } => mismatch(place),
        other => cleaned(&other.to_string()),
    }
}

/// Quotes a key and keeps it short.
fn shown(key: &str) -> String {
    let short: String = key.chars().take(60).collect();
    format!("{short:?}")
}

fn mismatch(place: Option<&(String, Wish)>) -> String {
    let Some((key, wish)) = place else { return "expected lines of `key: value`".to_owned() };
    let expected = match wish {
        Wish::Text => "one text",
        Wish::List => "a list of texts",
        Wish::Maps => "a list of {type, id}",
        Wish::Json => "a value",
    };
    format!("{key}: expected {expected}")
}

fn bound(breach: &BudgetBreach) -> String {
    match breach {
        BudgetBreach::Depth { .. } => too_deep(),
        BudgetBreach::Documents { .. } => "more than one YAML document".to_owned(),
        BudgetBreach::Aliases { .. }
        | BudgetBreach::Anchors { .. }
        | BudgetBreach::AliasAnchorRatio { .. }
        | BudgetBreach::RecordedAnchorEvents { .. }
        | BudgetBreach::RecordedAnchorBytes { .. } => {
            format!("more than {MAX_ALIASES} anchors or aliases")
        }
        _ => format!("more than {MAX_NODES} values"),
    }
}

fn too_deep() -> String {
    format!("nested more than {MAX_DEPTH} deep")
}

/// Rewrites a message of the parser. Those that a hand-edited file is likely to meet say what to do.
fn syntax(message: &str) -> String {
    const KNOWN: [(&str, &str); 14] = [
        ("mapping values are not allowed", "a text that holds \": \" needs quotes"),
        ("illegal placement of ':'", "a text that holds \": \" needs quotes, or a bracket is not closed"),
        ("simple key expected ':'", "expected `key: value`"),
        ("did not find expected key", "expected `key: value` at the same indentation as the keys before"),
        ("tabs disallowed", "a tab, where YAML wants spaces"),
        ("tab cannot be used", "a tab, where YAML wants spaces"),
        ("invalid indentation in multiline quoted", "a quote is not closed"),
        ("unexpected document indicator", "a quote is not closed"),
        ("unknown escape character", "an unknown escape in a quoted text"),
        ("invalid trailing content after", "something follows a quoted text"),
        ("unclosed bracket", "a bracket is not closed"),
        ("unknown anchor", "an alias without its anchor; a text that begins with * needs quotes"),
        ("while scanning an anchor or alias", "a text that begins with * or & needs quotes"),
        ("block sequence entries are not allowed", "a list that begins with `- ` stands on lines of its own"),
    ];
    if message.contains("recursion limit") {
        return too_deep();
    }
    if let Some((_, words)) = KNOWN.iter().find(|(part, _)| message.contains(part)) {
        return (*words).to_owned();
    }
    if message.contains("unexpected EOF") || message.contains("expected ',' or") {
        return "a bracket is not closed".to_owned();
    }
    match message.split_once("unexpected character: `").and_then(|(_, rest)| rest.strip_suffix('\'')) {
        Some(c) if c.starts_with('\\') => "a control character, which needs quotes and an escape".to_owned(),
        Some(c) => format!("a text that begins with {c} needs quotes"),
        None => format!("not valid YAML: {}", cleaned(message)),
    }
}

/// Takes the position and the full stop off a message.
fn cleaned(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let line = line.split(" at line ").next().unwrap_or_default();
    line.trim_end_matches('.').to_owned()
}
