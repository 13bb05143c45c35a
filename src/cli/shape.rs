//! How much of each issue a listing prints: the flags that `list`, `ready`, `search`, `blocked` and others share.

use std::collections::BTreeSet;

use super::app::App;
use super::args::split;
use crate::context::Program;
use crate::error::{Error, Result};
use crate::model::FIELDS;
use crate::output::json::{self, Object};
use crate::output::text::one_line;
use crate::query;
use crate::store::View;

/// How much of a listing is printed.
#[derive(clap::Args, Debug, Default)]
pub struct ShapeArgs {
    /// Most issues to print; 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 30)]
    pub limit: usize,
    /// With --json: the texts too
    #[arg(long)]
    full: bool,
    /// Print JSON with these fields and the id, no others
    #[arg(long, alias = "field", value_name = "FIELD,…")]
    fields: Vec<String>,
    /// Print one line an issue with single spaces, without colour
    #[arg(long)]
    plain: bool,
}

/// What the documents of rows hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RowShape {
    /// The texts too, which have to be read.
    pub texts: bool,
    /// These fields only.
    fields: Option<BTreeSet<String>>,
}

impl ShapeArgs {
    /// At most so many, as they are.
    pub fn of(limit: usize) -> Self {
        ShapeArgs { limit, ..ShapeArgs::default() }
    }

    /// Cuts a listing; returns how many were left out.
    pub fn cut<T>(&self, items: &mut Vec<T>) -> usize {
        let all = items.len();
        if self.limit > 0 {
            items.truncate(self.limit);
        }
        all - items.len()
    }

    /// Settles the form of the output. `own` are the fields that the command adds to its rows.
    ///
    /// # Errors
    /// Usage, where a field is not known.
    pub fn settle(&self, app: &mut App, own: &[&str]) -> Result<RowShape> {
        if self.plain {
            app.ui.make_plain();
        }
        let words = split(&self.fields);
        if words.is_empty() && !self.fields.is_empty() {
            return Err(Error::usage("--fields names no field").hint("--fields id,title,status"));
        }
        if words.is_empty() {
            return Ok(RowShape::for_caller(app, self.full));
        }
        app.ui.json = true;
        let known = [json::row_fields(), own.to_vec()].concat();
        let fields: BTreeSet<String> = words
            .iter()
            .map(|word| field(word, &known))
            .chain([Ok("id".to_owned())])
            .collect::<Result<_>>()?;
        Ok(RowShape { texts: fields.iter().any(|name| json::is_text(name)), fields: Some(fields) })
    }
}

/// Finds the JSON name of a field, which may also be given as it is in the file.
fn field(given: &str, known: &[&str]) -> Result<String> {
    let word = given.trim().to_lowercase().replace('-', "_");
    let name = match word.as_str() {
        "key" => "id",
        "type" => "issue_type",
        "acceptance" => "acceptance_criteria",
        other => FIELDS.iter().find(|f| f.key == other).map_or(other, |f| f.json),
    };
    if let Some(name) = [name, &word].into_iter().find(|name| known.contains(name)) {
        return Ok(name.to_owned());
    }
    let begins = |name: &&&str| !word.is_empty() && name.starts_with(&word);
    let near = query::nearest(&word, known.iter().copied()).or_else(|| known.iter().find(begins).copied());
    let error = Error::usage(format!("{:?} is not a field of these rows", one_line(&word)));
    Err(match near {
        Some(name) => error.hint(format!("did you mean {name}?")).meant(given.trim(), name),
        None => error.hint(format!("one of {}", known.join(", "))),
    })
}

impl RowShape {
    /// Rows with all fields but the texts, which are for who asks, and for scripts made for bd: these read whole rows.
    pub fn for_caller(app: &App, full: bool) -> Self {
        RowShape::whole(full || app.context.program() == Program::Bd)
    }

    /// Rows with or without their texts, and with all other fields.
    pub fn whole(texts: bool) -> Self {
        RowShape { texts, fields: None }
    }

    /// Returns the row of an issue, to which a command may add fields of its own before it is picked.
    pub fn row(&self, view: &View, position: usize) -> Result<Object> {
        let tracker = &view.tracker;
        Ok(match self.texts {
            true => json::full_row(tracker, position, &view.issue(position)?),
            false => json::row(tracker, position),
        })
    }

    /// Leaves the fields that were asked for.
    pub fn pick(&self, mut row: Object) -> Object {
        if let Some(fields) = &self.fields {
            row.retain(|name, _| fields.contains(name));
        }
        row
    }

    /// Prints rows as an array of documents.
    pub fn print(&self, app: &mut App, view: &View, positions: &[usize]) -> Result<()> {
        app.ui.documents(positions.iter().map(|at| Ok(self.pick(self.row(view, *at)?).into())))
    }
}
