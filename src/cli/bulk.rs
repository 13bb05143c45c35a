//! Several issues at once: keys from standard input, and everything that a query selects.

use super::app::App;
use super::args::{keys_from_stdin, split};
use super::filter::FilterArgs;
use super::selection;
use super::shape::RowShape;
use super::shell::in_single_quotes;
use crate::error::{Error, Result};
use crate::output::table::{self, Line};
use crate::output::text::one_line;
use crate::query::lang::looks_like_query;
use crate::query::{self, SortKey};

/// Where keys come from besides the command line.
#[derive(clap::Args, Debug, Default)]
pub struct KeysArgs {
    /// Read keys from standard input too, one a line or separated by spaces
    #[arg(long)]
    stdin: bool,
}

impl KeysArgs {
    /// For a command that has a flag of that name already.
    pub fn from_stdin(stdin: bool) -> Self {
        KeysArgs { stdin }
    }

    /// Tells whether standard input is read.
    pub fn reads_stdin(&self) -> bool {
        self.stdin
    }

    /// Returns the keys that were given, one way or the other.
    ///
    /// # Errors
    /// Usage, where there is none, or something else than a key.
    pub fn all(&self, command: &str, given: &[String]) -> Result<Vec<String>> {
        let mut keys = separated(given);
        refuse_query(command, &keys)?;
        if self.stdin {
            keys.extend(keys_from_stdin()?);
        }
        if keys.is_empty() {
            return Err(Error::usage("no issue is named").hint(format!("qp {command} ID")));
        }
        Ok(keys)
    }
}

/// Keys are separated by spaces, or by commas in one word. What stands for nothing stays, to be refused as such.
pub(super) fn separated(given: &[String]) -> Vec<String> {
    let parts = |word: &String| {
        let parts = split(std::slice::from_ref(word));
        if parts.is_empty() { vec![word.clone()] } else { parts }
    };
    given
        .iter()
        .flat_map(|word| if looks_like_query(word) { vec![word.clone()] } else { parts(word) })
        .collect()
}

/// Refuses a query where a key is expected, for a command that takes keys only.
fn refuse_query(command: &str, keys: &[String]) -> Result<()> {
    let Some(query) = keys.iter().find(|key| looks_like_query(key)) else { return Ok(()) };
    let quoted = in_single_quotes(&one_line(query));
    let hint = match command {
        "show" => format!("qp list {quoted} --long"),
        _ => format!("qp list {quoted} --json | jq -r '.[].id' | qp {command} --stdin"),
    };
    Err(Error::usage(format!("{:?} is a query, not a key", one_line(query))).hint(hint))
}

/// Changes of everything that a query selects.
#[derive(clap::Args, Debug, Default)]
pub struct MatchArgs {
    /// Take the words as a query, and every issue that it selects (see qp query)
    #[arg(long)]
    all_matching: bool,
    /// With --all-matching: show the issues, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl MatchArgs {
    /// Tells whether the words are a query.
    pub fn takes_query(&self) -> bool {
        self.all_matching
    }

    /// Returns the keys to work on: those given, or the identities of what the query selects. `None` where all is said,
    /// because nothing is selected or nothing is to be changed.
    ///
    /// # Errors
    /// Usage, where a query stands without the flag, or the flag without a query.
    pub fn keys(
        &self,
        app: &mut App,
        command: &str,
        keys: &KeysArgs,
        given: &[String],
    ) -> Result<Option<Vec<String>>> {
        if self.dry_run && !self.all_matching {
            return Err(Error::usage("--dry-run shows what --all-matching selects")
                .hint(format!("qp {command} 'QUERY' … --all-matching --dry-run")));
        }
        if !self.all_matching {
            self.refuse_query(command, given)?;
            return keys.all(command, given).map(Some);
        }
        if keys.reads_stdin() {
            return Err(
                Error::usage("keys and a query were given").hint("leave out --stdin or --all-matching")
            );
        }
        self.select(app, command, &given.join(" "))
    }

    fn refuse_query(&self, command: &str, given: &[String]) -> Result<()> {
        let Some(found) = given.iter().find(|word| looks_like_query(word)) else { return Ok(()) };
        let message = format!("{:?} is a query, not a key", one_line(found));
        let query = in_single_quotes(&one_line(&given.join(" ")));
        Err(Error::usage(message)
            .hint(format!("qp {command} {query} … --all-matching; --dry-run shows what it selects")))
    }

    fn select(&self, app: &mut App, command: &str, query: &str) -> Result<Option<Vec<String>>> {
        if query.trim().is_empty() {
            return Err(Error::usage("--all-matching goes with a query")
                .hint(format!("qp {command} is:open --all-matching takes all that are open")));
        }
        app.refuse_past()?;
        let view = app.store()?.view()?;
        let tracker = &view.tracker;
        let filter = FilterArgs::default().with(query).resolve(app, tracker)?;
        let now = app.context.now();
        let mut found = selection::select(&view, &filter, now)?;
        query::sort(tracker, &mut found, SortKey::Priority, false, now);
        if !found.is_empty() && !self.dry_run {
            return Ok(Some(found.iter().map(|at| tracker.rows.id(*at).to_string()).collect()));
        }
        if app.ui.json {
            RowShape::default().print(app, &view, &found)?;
        } else {
            let lines: Vec<Line> = found.iter().map(|at| Line { position: *at, ..Line::default() }).collect();
            table::print(&mut app.ui, tracker, &lines)?;
        }
        app.ui.note(match found.len() {
            0 => "no issue fits: nothing is changed".to_owned(),
            1 => "1 issue is selected; without --dry-run it is changed".to_owned(),
            count => format!("{count} issues are selected; without --dry-run they are changed"),
        });
        Ok(None)
    }
}
