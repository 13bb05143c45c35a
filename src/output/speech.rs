//! Hints speak with the name the program was called by.
//!
//! All texts are written with `qp`. Here, at the one place, the word is replaced where it begins a command.

use std::borrow::Cow;

/// Words after which `qp` is the program itself and no command that could be typed.
const SPEAKS_OF_IT: [&str; 3] = ["this", "a", "the"];

/// Returns `text` with the name the program was called by in the place of `qp`.
pub fn as_called<'t>(text: &'t str, program: &str) -> Cow<'t, str> {
    if program == "qp" || !text.contains("qp ") {
        return Cow::Borrowed(text);
    }
    let mut said = String::with_capacity(text.len() + 16);
    let mut done = 0;
    for (at, _) in text.match_indices("qp ") {
        if begins_command(text, at) {
            said.push_str(&text[done..at]);
            said.push_str(program);
            done = at + 2;
        }
    }
    said.push_str(&text[done..]);
    Cow::Owned(said)
}

/// Tells whether the `qp ` at this place begins a command: a word of its own, outside double quotes (titles are
/// quoted so), and followed by a command, a flag or a placeholder.
fn begins_command(text: &str, at: usize) -> bool {
    let before = &text[..at];
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_word = before.is_empty() || before.ends_with(|c: char| c.is_whitespace() || "(`'[$!".contains(c));
    let is_quoted = line.matches('"').count() % 2 == 1 && !line.ends_with("$(");
    let last = before.split_whitespace().next_back().unwrap_or_default();
    let next = text[at + 3..].chars().next();
    let leads = next.is_some_and(|c| c.is_ascii_alphabetic() || "-<[{\"'$…".contains(c));
    is_word && !is_quoted && leads && !SPEAKS_OF_IT.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_commands_are_said_with_another_name() {
        let said = |text| as_called(text, "git quipu").into_owned();
        assert_eq!(said("qp list, or qp show ID"), "git quipu list, or git quipu show ID");
        assert_eq!(
            said("Usage: qp [OPTIONS]\n  id=$(qp q \"A b\")"),
            "Usage: git quipu [OPTIONS]\n  id=$(git quipu q \"A b\")"
        );
        for same in [
            "this qp writes format 2",
            "install a qp that knows format 2",
            "qp create \"run qp close\"",
            "share/qp list",
            "qp 0.1.0",
        ] {
            let rest = same.strip_prefix("qp create");
            let expected = rest.map_or_else(|| same.to_owned(), |rest| format!("git quipu create{rest}"));
            assert_eq!(said(same), expected);
        }
        assert_eq!(as_called("qp list", "qp"), "qp list");
    }
}
