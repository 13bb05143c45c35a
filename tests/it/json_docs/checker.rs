//! Runs commands and holds what they print against their schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

use quipu::cli::{COMMANDS, documents, printed_by};
use quipu::output::schema::{Shape, Type, schema};

use super::validator::Validator;
use crate::env::Run;

/// What was printed so far, and what was wrong with it.
#[derive(Default)]
pub struct Checker {
    schemas: BTreeMap<String, Value>,
    seen: BTreeSet<(String, String)>,
    forms: BTreeSet<(String, usize)>,
    pub failures: Vec<String>,
}

/// Returns the command that the arguments begin with, as the table names it.
pub fn command(args: &[&str]) -> Option<String> {
    static GRAMMAR: OnceLock<clap::Command> = OnceLock::new();
    let first = GRAMMAR.get_or_init(quipu::cli::grammar).find_subcommand(args.first()?)?;
    let second = args.get(1).and_then(|word| first.find_subcommand(word));
    let below = second.map(|second| format!("{} {}", first.get_name(), second.get_name()));
    below.or_else(|| Some(first.get_name().to_owned())).filter(|name| printed_by(name).is_some())
}

/// Holds a document that a test has read against the schema of its command.
#[track_caller]
pub fn hold(args: &[&str], document: &Value) {
    let Some(name) = command(args) else { return };
    let mut checker = Checker::default();
    checker.value(&name, args, document);
    assert!(checker.failures.is_empty(), "not as src/output/schema/ has it: {:#?}", checker.failures);
}

impl Checker {
    /// Adds what another has seen.
    pub fn add(&mut self, other: Checker) {
        self.seen.extend(other.seen);
        self.forms.extend(other.forms);
        self.failures.extend(other.failures);
    }

    /// Checks the result of a command that ended well, or with an answer.
    pub fn result(&mut self, args: &[&str], run: &Run) {
        if run.code > 1 {
            return self.failures.push(format!("{args:?} failed: {run}"));
        }
        let Some(name) = command(args) else {
            return self.failures.push(format!("{args:?} is not in src/cli/documents.rs"));
        };
        let lines = name == "export" && !run.stdout.starts_with("{\n");
        match lines {
            true => run.stdout.lines().for_each(|line| {
                self.value(&name, args, &serde_json::from_str(line).expect("a line of JSON"));
            }),
            false => self.value(&name, args, &run.json()),
        }
    }

    /// Checks the error of a command that failed, and the result in it.
    pub fn error(&mut self, args: &[&str], run: &Run) {
        if run.code == 0 || !run.stdout.is_empty() {
            return self.failures.push(format!("{args:?} did not fail: {run}"));
        }
        let last = run.stderr.lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(last).unwrap_or_else(|e| panic!("{e}: {run}"));
        assert_eq!(error["exit"], run.code, "{run}");
        self.value("Error", args, &error);
        if let (Some(name), Some(result)) = (command(args), error.get("result")) {
            self.value(&name, args, result);
        }
    }

    /// Checks a value against the schema of a command or a document.
    pub fn value(&mut self, name: &str, args: &[&str], value: &Value) {
        let make = || match documents().get(name) {
            Some(document) => schema(name, &[Shape::part(Type::Of(document))]),
            None => schema(name, printed_by(name).expect("a command of the table")),
        };
        let schema = self.schemas.entry(name.to_owned()).or_insert_with(make);
        let found = Validator::new(schema).check(value);
        self.failures.extend(found.errors.iter().map(|error| format!("{args:?} {error}")));
        // Rows of chosen fields may lack anything, so nothing else may pass as one.
        let picked =
            |form: usize| printed_by(name).is_some_and(|shapes| shapes[form].when.contains("--fields"));
        if found.form.is_some_and(picked) && !args.iter().any(|arg| arg.starts_with("--fields")) {
            self.failures.push(format!("{args:?} lacks a field that is always there"));
        }
        if found.errors.is_empty() && *value != Value::Array(Vec::new()) {
            self.seen.extend(found.seen);
            self.forms.extend(found.form.map(|form| (name.to_owned(), form)));
        }
    }

    /// Returns the fields that are described and were never there, and the forms that no command printed.
    pub fn missing(&self) -> Vec<String> {
        let documents = documents();
        let mut owned = BTreeSet::new();
        for (definition, name) in &self.seen {
            let fields = documents[definition.as_str()].fields();
            owned
                .extend(fields.iter().filter(|(_, f)| f.name == name).map(|(owner, f)| (owner.name, f.name)));
        }
        let own = documents.values().flat_map(|d| d.own_fields().into_iter().map(|f| (d.name, f.name)));
        let fields = own.filter(|field| !owned.contains(field));
        let fields = fields.map(|(document, field)| format!("no command printed {document}.{field}"));
        let forms =
            COMMANDS.iter().flat_map(|(name, shapes)| (0..shapes.len()).map(move |at| (*name, at, *shapes)));
        let forms = forms.filter(|(name, at, _)| !self.forms.contains(&((*name).to_owned(), *at)));
        let forms = forms.map(|(name, at, shapes)| format!("nothing was qp {name}: {}", shapes[at].text()));
        fields.chain(forms).collect()
    }
}
