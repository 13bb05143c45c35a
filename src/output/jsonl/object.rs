//! A JSON object written piece by piece, escaped as Go escapes it: `<`, `>`, `&` and two line separators too.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// An object whose fields stand in the order in which they are written.
pub(super) struct Object(String);

impl Object {
    pub fn new() -> Self {
        Object("{".to_owned())
    }

    pub fn is_empty(&self) -> bool {
        self.0.len() == 1
    }

    fn name(&mut self, name: &str) {
        if !self.is_empty() {
            self.0.push(',');
        }
        push_quoted(&mut self.0, name);
        self.0.push(':');
    }

    /// Adds a text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        push_quoted(&mut self.0, text);
    }

    /// Adds a value that is JSON already.
    pub fn json(&mut self, name: &str, json: &str) {
        self.name(name);
        push_json(&mut self.0, json);
    }

    /// Adds a list of JSON values, where there are any.
    pub fn list(&mut self, name: &str, items: &[String]) {
        if !items.is_empty() {
            self.json(name, &format!("[{}]", items.join(",")));
        }
    }

    /// Adds an object of JSON values, where there are any.
    pub fn object_if_any(&mut self, name: &str, items: &BTreeMap<&str, String>) {
        if !items.is_empty() {
            let mut inner = Object::new();
            items.iter().for_each(|(name, json)| inner.json(name, json));
            self.json(name, &inner.finish());
        }
    }

    /// Returns the text.
    pub fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// Returns a text as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

/// Returns the JSON of an entry of `metadata`; what is none counts as text, as it does in the file.
pub(super) fn valid_json(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text).map_or_else(|_| quoted(text), |value| value.to_string())
}

fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' || is_special(c) => push_escape(out, c),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Appends JSON. The special characters can only stand in its strings, where an escape means the same.
fn push_json(out: &mut String, json: &str) {
    for c in json.chars() {
        if is_special(c) { push_escape(out, c) } else { out.push(c) }
    }
}

fn is_special(c: char) -> bool {
    matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}')
}

fn push_escape(out: &mut String, c: char) {
    write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_as_go_does() {
        let mut object = Object::new();
        object.text("a", "<b> & \"c\"\n\u{1}\u{2028}");
        object.json("j", "{\"x\":\"<\"}");
        assert_eq!(object.finish(), r#"{"a":"\u003cb\u003e \u0026 \"c\"\n\u0001\u2028","j":{"x":"\u003c"}}"#);
    }
}
