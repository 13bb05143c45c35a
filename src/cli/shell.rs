//! A command line as it is typed: words quoted for a POSIX shell.

use crate::context::Program;

/// Longer lines are not repeated: they would hide what is wrong in them.
const LONGEST: usize = 400;

/// Returns the line that calls the program with these words; `None` where it would be long or not one line.
pub(super) fn line<S: AsRef<str>>(program: Program, words: &[S]) -> Option<String> {
    let fits = |text: &str| !text.chars().any(|c| c.is_control() || is_hidden(c));
    let quoted = words.iter().map(|word| quote(word.as_ref()));
    let line: Vec<String> = std::iter::once(program.words().to_owned()).chain(quoted).collect();
    let line = line.join(" ");
    (line.chars().count() <= LONGEST && fits(&line)).then_some(line)
}

/// Characters that reorder or hide what stands around them.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Quotes a word where a shell would change it, in double quotes where these are enough.
pub(super) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if word.contains(['"', '$', '`', '\\', '!']) {
        return in_single_quotes(word);
    }
    format!("\"{word}\"")
}

/// Puts a text between single quotes, whatever is in it.
pub(super) fn in_single_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_change_them() {
        let words = ["create", "Log out, at last", "-p", "1", "", "it's $5", "a\"b", "src/**"];
        let shown = r#"qp create "Log out, at last" -p 1 "" 'it'\''s $5' 'a"b' "src/**""#;
        assert_eq!(line(Program::Qp, &words).as_deref(), Some(shown));
        assert_eq!(line(Program::GitQuipu, &["list"]).as_deref(), Some("git quipu list"));
        assert_eq!(line(Program::Bd, &["note", "web-1", "two\nlines"]), None);
        assert_eq!(line(Program::Bd, &["note", &"x".repeat(500)]), None);
    }
}
