//! The one value through which everything is printed: results to stdout, talk to stderr.

use std::io::{self, IsTerminal, Write};

use anstyle::Style;
use serde::Serializer as _;
use serde::ser::SerializeSeq;
use serde_json::Value;

use super::json;
use super::speech::as_called;
use crate::error::{Error, Kind, Result};

/// Where output goes and how it looks.
pub struct Ui {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// The document, until it is certain that the command succeeds.
    held: Option<String>,
    /// Print JSON documents instead of text.
    pub json: bool,
    /// Say nothing but results and errors.
    pub quiet: bool,
    /// The name that hints speak with.
    pub program: &'static str,
    /// Put every document into an object under `data`, as `BD_JSON_ENVELOPE` asks of `bd`.
    pub envelope: bool,
    /// Print lines without alignment.
    pub plain: bool,
    /// A terminal would obey control characters.
    terminal: bool,
    colour: bool,
    width: Option<usize>,
    /// A person sits at both ends.
    pub interactive: bool,
}

impl std::fmt::Debug for Ui {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ui(json: {})", self.json)
    }
}

impl Ui {
    /// Prints to the process's own streams. `columns` is the width that the environment states.
    pub fn for_process(no_colour: bool, columns: Option<usize>) -> Self {
        let terminal = io::stdout().is_terminal();
        Ui {
            out: Box::new(io::BufWriter::new(io::stdout())),
            err: Box::new(io::stderr()),
            held: None,
            json: false,
            quiet: false,
            program: "qp",
            envelope: false,
            plain: false,
            terminal,
            colour: terminal && !no_colour,
            width: if terminal { Some(columns.unwrap_or(80)) } else { columns },
            interactive: terminal && io::stdin().is_terminal(),
        }
    }

    /// Takes standard output for a terminal, so that tests can see what a person sees.
    pub fn assume_terminal(&mut self, no_colour: bool) {
        self.terminal = true;
        self.colour = !no_colour;
        self.width = self.width.or(Some(80));
    }

    /// Prints lines without alignment and colour, of whatever length.
    pub fn make_plain(&mut self) {
        self.plain = true;
        self.colour = false;
        self.width = None;
    }

    /// Tells whether the result goes to a terminal.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Returns the width of the terminal in columns; `None` where lines may be as long as they like.
    pub fn width(&self) -> Option<usize> {
        self.width
    }

    /// Prints a line of the result.
    ///
    /// # Errors
    /// The reader has gone away.
    pub fn line(&mut self, text: impl AsRef<str>) -> Result<()> {
        self.raw(text.as_ref())?;
        self.raw("\n")
    }

    /// Prints a line of the result that tells of commands, and holds nobody's words but ours.
    ///
    /// # Errors
    /// The reader has gone away.
    pub fn advice(&mut self, text: &str) -> Result<()> {
        self.line(as_called(text, self.program))
    }

    /// Prints a part of the result as it is.
    ///
    /// # Errors
    /// The reader has gone away.
    pub fn raw(&mut self, text: &str) -> Result<()> {
        self.out.write_all(text.as_bytes()).map_err(gone)
    }

    /// Prints a file as it is, byte for byte; to a terminal with its control characters made visible.
    ///
    /// # Errors
    /// The reader has gone away.
    pub fn bytes(&mut self, content: &[u8]) -> Result<()> {
        if self.terminal {
            return self.raw(&super::text::lines(&String::from_utf8_lossy(content)));
        }
        self.out.write_all(content).map_err(gone)
    }

    /// Prints a JSON document: two spaces of indentation, control characters escaped.
    ///
    /// # Errors
    /// The reader has gone away.
    pub fn document(&mut self, value: &Value) -> Result<()> {
        let text = serde_json::to_string_pretty(value).expect("a JSON value can be written");
        self.hold(escape_controls(text))
    }

    /// Where a command fails after its document was made, the document becomes a part of the error: on stdout there
    /// is a whole result or nothing.
    fn hold(&mut self, text: String) -> Result<()> {
        let text = if self.envelope { enclosed(&text) } else { text };
        if !self.json || self.held.is_some() {
            return self.line(text);
        }
        self.held = Some(text);
        Ok(())
    }

    /// Prints a JSON array as [`Ui::document`] would, taking one element after the other: of a long one only the
    /// text is kept. Nothing is printed where an element fails.
    ///
    /// # Errors
    /// That of an element; or the reader has gone away.
    pub fn documents(&mut self, elements: impl Iterator<Item = Result<Value>>) -> Result<()> {
        let mut text = Vec::new();
        let mut serializer = serde_json::Serializer::pretty(&mut text);
        let written = "memory takes what is written";
        let mut array = serializer.serialize_seq(None).expect(written);
        for element in elements {
            array.serialize_element(&element?).expect(written);
        }
        SerializeSeq::end(array).expect(written);
        self.hold(escape_controls(String::from_utf8(text).expect("JSON is UTF-8")))
    }

    /// Returns `text` in a style, where the terminal shows colours.
    pub fn paint(&self, text: &str, style: Style) -> String {
        if self.colour && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Prints a note for the user, not a result.
    pub fn note(&mut self, text: impl AsRef<str>) {
        if !self.quiet {
            self.say(&as_called(text.as_ref(), self.program));
        }
    }

    /// Says something that must be known although the command succeeds: also with `--quiet`.
    pub fn tell(&mut self, text: impl AsRef<str>) {
        self.say(&as_called(text.as_ref(), self.program));
    }

    /// Prints a warning.
    pub fn warn(&mut self, text: impl AsRef<str>) {
        self.say(&format!("warning: {}", as_called(text.as_ref(), self.program)));
    }

    /// Prints an error: as one JSON object where JSON was asked for, else in at most six lines.
    pub fn error(&mut self, error: &Error) {
        let message = error.to_string();
        let message = as_called(&message, self.program);
        let hint = error.remedy().map(|hint| as_called(hint, self.program));
        if self.json {
            let mut object = serde_json::Map::new();
            object.insert("error".to_owned(), message.into());
            object.insert("code".to_owned(), error.code().into());
            object.insert("exit".to_owned(), error.kind().exit_code().into());
            if let Some(hint) = hint {
                object.insert("hint".to_owned(), hint.into());
            }
            object.extend(error.excerpt().map(|place| ("column".to_owned(), place.column().into())));
            let done = self.held.take().and_then(|text| serde_json::from_str(&text).ok());
            object.extend(done.map(|done: Value| ("result".to_owned(), done)));
            let text = serde_json::to_string(&object).expect("a JSON value can be written");
            self.say(&escape_controls(text));
            return;
        }
        let mut text = format!("error: {message}");
        if let Some(place) = error.excerpt() {
            text.push_str(&super::text::pointed_out(place));
        }
        if let Some(hint) = hint {
            text.push_str(&format!("\nhint: {hint}"));
        }
        self.say(&text);
    }

    fn say(&mut self, text: &str) {
        // What came before is read before. A reader that has gone shows at the next line of the result.
        drop(self.out.flush());
        // Where nobody listens to stderr there is nobody to tell.
        drop(writeln!(self.err, "{}", super::text::lines(text)));
    }

    /// Makes sure that everything printed has left the process.
    ///
    /// # Errors
    /// The reader has gone away.
    pub fn finish(&mut self) -> Result<()> {
        if let Some(text) = self.held.take() {
            self.line(text)?;
        }
        self.out.flush().map_err(gone)
    }
}

/// The code of the error that means: nobody reads our output any more. `main` ends quietly on it.
pub const READER_GONE: &str = "reader_gone";

fn gone(error: io::Error) -> Error {
    let code = if error.kind() == io::ErrorKind::BrokenPipe { READER_GONE } else { "output" };
    Error::new(Kind::Environment, code, "the output cannot be written").because(error)
}

/// Puts a document into the envelope of `bd`, which carries the version for what is in it.
fn enclosed(document: &str) -> String {
    let mut data: Value = serde_json::from_str(document).unwrap_or_default();
    if let Some(object) = data.as_object_mut() {
        object.shift_remove("schema_version");
    }
    let whole = serde_json::json!({ "schema_version": json::SCHEMA_VERSION, "data": data });
    escape_controls(serde_json::to_string_pretty(&whole).expect("a JSON value can be written"))
}

/// JSON allows DEL and the C1 controls raw; a terminal would obey them.
fn escape_controls(text: String) -> String {
    if !text.chars().any(|c| matches!(c, '\u{7f}'..='\u{9f}')) {
        return text;
    }
    let escape = |c: char| match c {
        '\u{7f}'..='\u{9f}' => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}
