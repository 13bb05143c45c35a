//! `qp schema`

use serde_json::{Value, json};

use super::app::App;
use super::documents::{COMMANDS, documents, printed_by};
use super::grammar;
use crate::error::{Error, Kind, Result};
use crate::output::json::versioned;
use crate::output::schema::{Shape, Type, schema};
use crate::output::text::{one_line, pad};
use crate::query::nearest;

/// Print the JSON Schema of what a command prints
///
/// With a command, the schema of its results with --json; with the name of a document, such as Row or Error, the
/// schema of that. Without either, what there are schemas of.
///
/// A field that a schema names stays as it is; new ones may come at any time, so what is not named is allowed.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp schema
  qp schema ready
  qp schema dep tree
  qp schema Error")]
pub struct SchemaArgs {
    /// A command, in one word or two, or a document
    #[arg(value_name = "COMMAND")]
    words: Vec<String>,
}

pub(super) fn run(args: &SchemaArgs, app: &mut App) -> Result<()> {
    if args.words.is_empty() {
        return overview(app);
    }
    let schema = find(&args.words.join(" "))?;
    app.ui.document(&versioned(schema))
}

fn find(name: &str) -> Result<Value> {
    let name = name.trim().trim_start_matches("qp ").trim();
    let command = canonical(name);
    if let Some((name, shapes)) = command.as_deref().and_then(|name| Some((name, printed_by(name)?))) {
        return Ok(schema(&format!("qp {name} --json"), shapes));
    }
    let documents = documents();
    let document = documents.values().find(|document| document.name.eq_ignore_ascii_case(name));
    if let Some(document) = document {
        return Ok(schema(document.name, &[Shape::part(Type::Of(document))]));
    }
    let message = format!("there is no schema of {}", one_line(name));
    let names = COMMANDS.iter().map(|(command, _)| *command).chain(documents.keys().copied());
    let below: Vec<&str> =
        COMMANDS.iter().map(|(c, _)| *c).filter(|c| c.starts_with(&format!("{name} "))).collect();
    let hint = match (below.first(), nearest(name, names)) {
        (Some(below), _) => format!("qp schema {below}; qp schema lists all"),
        (None, Some(near)) => format!("qp schema {near}; qp schema lists all"),
        (None, None) => "qp schema lists all".to_owned(),
    };
    Err(Error::new(Kind::NotFound, "no_schema", message).hint(hint))
}

/// Returns the name of a command that may be given by another of its names.
fn canonical(name: &str) -> Option<String> {
    let whole = grammar();
    let mut command = &whole;
    let mut words = Vec::new();
    for word in name.split_whitespace() {
        command = command.find_subcommand(word)?;
        words.push(command.get_name());
    }
    Some(words.join(" "))
}

/// Lists commands and documents.
fn overview(app: &mut App) -> Result<()> {
    let documents = documents();
    if app.ui.json {
        let shape = |shape: &Shape| match shape.when {
            "" => json!({ "type": shape.text() }),
            when => json!({ "type": shape.text(), "when": when }),
        };
        let printed = |(command, shapes): &(&str, &[Shape])| {
            let shapes: Vec<Value> = shapes.iter().map(shape).collect();
            json!({ "command": command, "documents": shapes })
        };
        let commands: Vec<Value> = COMMANDS.iter().map(printed).collect();
        let names: Vec<&str> = documents.keys().copied().collect();
        let value = json!({ "commands": commands, "documents": names });
        return app.ui.document(&versioned(value));
    }
    let columns = COMMANDS.iter().map(|(command, _)| command.len()).max().unwrap_or(0);
    for (command, shapes) in COMMANDS {
        let shapes: Vec<String> = shapes.iter().map(Shape::text).collect();
        app.ui.line(format!("{}  {}", pad(command, columns), shapes.join("; ")))?;
    }
    app.ui.note("qp schema COMMAND or qp schema DOCUMENT prints one; Error is what goes to standard error");
    Ok(())
}
