//! The project's own files, as the checks see them.

use std::path::{Path, PathBuf};

/// A text file of the project.
#[derive(Debug)]
pub struct Source {
    /// Path from the top, with `/`.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

impl Source {
    /// A file that does not exist, for showing that a check can fail.
    pub fn sample(path: &str, text: &str) -> Self {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    /// Returns the text with comments and the insides of literals blanked out; the lines stay where they are.
    pub fn code(&self) -> String {
        blank(&self.text)
    }

    /// Names a place in the file.
    pub fn at(&self, offset: usize, complaint: &str) -> String {
        let line = 1 + self.text[..offset].matches('\n').count();
        format!("{}:{line}: {complaint}", self.path)
    }
}

/// Returns the project's folder.
pub fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Reads the Rust files of a folder.
pub fn rust(folder: &str) -> Vec<Source> {
    files(folder).into_iter().filter(|s| s.path.ends_with(".rs")).collect()
}

/// Reads the text files of a folder, or the one file, where it exists.
pub fn files(path: &str) -> Vec<Source> {
    let mut paths: Vec<PathBuf> = walkdir::WalkDir::new(top().join(path))
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = String::from_utf8(std::fs::read(&path).expect("a file of the project")).ok()?;
        let path = path.strip_prefix(top()).expect("a path in the project").to_str()?.replace('\\', "/");
        Some(Source { path, text })
    };
    paths.into_iter().filter_map(read).collect()
}

/// Returns where `word` stands in `code` as a whole word.
pub fn find_word(code: &str, word: &str) -> Option<usize> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .map(|(at, _)| at)
        .find(|at| !code[..*at].ends_with(part) && !code[at + word.len()..].starts_with(part))
}

/// Blanks comments and literals. Knows as much of Rust as it takes to tell them from code.
fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = literal(rest, out.chars().next_back()).unwrap_or(0);
        if length == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            // As many bytes as before, so that offsets still fit.
            out.extend(rest[..length].bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }));
            rest = &rest[length..];
        }
    }
    out
}

/// Returns the length of the comment or literal that `text` begins with.
fn literal(text: &str, before: Option<char>) -> Option<usize> {
    let end =
        |from: usize, close: &str| text[from..].find(close).map_or(text.len(), |at| from + at + close.len());
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(end(2, "*/"));
    }
    if text.starts_with('"') {
        return Some(end_of_string(text));
    }
    if !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
        && let Some(raw) = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))
    {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            return Some(end(text.len() - raw.len() + hashes + 1, &format!("\"{}", "#".repeat(hashes))));
        }
    }
    if let Some(inside) = text.strip_prefix('\'') {
        // A character, not a lifetime.
        let escaped = inside.starts_with('\\');
        let length = inside.chars().next()?.len_utf8();
        if escaped || inside[length..].starts_with('\'') {
            return Some(end(1 + length + usize::from(escaped), "'"));
        }
    }
    None
}

fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn comments_and_literals_are_no_code() {
    let text = "a(\"x \\\" // y\"); // b\nc('\"', '\\'', r#\"d\"e\"#, 'f: &'static str) /* g\n */ h";
    let code = blank(text);
    assert_eq!(code.len(), text.len());
    assert_eq!(code.matches('\n').count(), 2);
    let words: Vec<&str> = code.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    assert_eq!(words, ["a", "c", "f", "static", "str", "h"]);
}

#[test]
fn words_are_whole() {
    assert_eq!(find_word("let gixie = regix; gix::open()", "gix"), Some(19));
    assert_eq!(find_word("digix", "gix"), None);
}
