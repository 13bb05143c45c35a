//! `qp search`

use serde_json::Value;

use super::app::App;
use super::filter::FilterArgs;
use super::list::more;
use super::selection;
use super::shape::{RowShape, ShapeArgs};
use super::texts::TextArgs;
use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::output::table;
use crate::query::lang::{Loose, split_words};
use crate::query::{self, Filter, SortKey, Words};
use crate::store::View;

/// Search issues, open and closed
///
/// All words must occur, in any case: in the key, the title, a label, a text or a comment. Open issues come first, and
/// those before others that have the words in their title. Conditions such as label:auth, -is:closed or updated:<7d
/// among the words select; everything else is a word, also what qp list would read otherwise.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp search timeout
  qp search idle timer --status open -l auth
  qp search idle timer is:open label:auth
  qp search migration --json")]
pub struct SearchArgs {
    /// Words
    #[arg(value_name = "WORD", required = true)]
    words: Vec<String>,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    texts: TextArgs,
    #[command(flatten)]
    shape: ShapeArgs,
    /// Order, instead of the best first: priority, created, updated, closed, due, title, status, type, assignee, id
    #[arg(long, value_name = "KEY")]
    sort: Option<String>,
    /// Turn the order round
    #[arg(short, long, requires = "sort")]
    reverse: bool,
}

/// An issue that was found, and where the words stand in it.
struct Hit {
    position: usize,
    places: Vec<&'static str>,
}

pub(super) fn run(args: &SearchArgs, app: &mut App) -> Result<()> {
    let view = app.view()?;
    let saved = view.tracker.settings.queries();
    let Loose { query, words } =
        split_words(args.words.iter().map(String::as_str), |name| saved.contains_key(name));
    let words = Words::new(words.iter().map(String::as_str));
    if words.is_empty() && query.is_empty() {
        return Err(Error::usage("search for what?").hint("qp search WORD"));
    }
    let shape = args.shape.settle(app, &["matched_in"])?;
    let mut filter = args.filter.with(&query).resolve(app, &view.tracker)?;
    filter.all |= filter.statuses.is_empty();
    let key = args.sort.as_deref().map(SortKey::parse).transpose()?;
    let now = app.context.now();
    let mut hits = find(&view, &words, &filter, now)?;
    args.texts.keep(&view, &mut hits, |hit| hit.position)?;
    let mut hits = order(&view, hits, key, args.reverse, now);
    let left_out = args.shape.cut(&mut hits);
    print(app, &view, &hits, &shape)?;
    more(app, left_out);
    if hits.is_empty() {
        app.ui.note(format!("nothing found in {} issues", view.tracker.rows.len()));
    }
    Ok(())
}

/// Finds the words first, which an index is for; only what has them is read where its texts matter too.
fn find(view: &View, words: &Words, filter: &Filter, now: Timestamp) -> Result<Vec<Hit>> {
    let found = if words.is_empty() {
        query::select(&view.tracker, filter, now).into_iter().map(|position| (position, Vec::new())).collect()
    } else {
        view.search(words, |position| filter.matches(&view.tracker, position, now))?
    };
    let mut hits = Vec::new();
    for (position, places) in found {
        if selection::texts_fit(view, filter, position, now)? {
            hits.push(Hit { position, places });
        }
    }
    Ok(hits)
}

/// Puts the hits, which come in the order of their positions, into that of the answer.
fn order(view: &View, hits: Vec<Hit>, key: Option<SortKey>, reverse: bool, now: Timestamp) -> Vec<Hit> {
    let tracker = &view.tracker;
    let mut positions: Vec<usize> = hits.iter().map(|hit| hit.position).collect();
    let before = positions.clone();
    query::sort(tracker, &mut positions, key.unwrap_or_default(), reverse, now);
    let mut hits: Vec<Option<Hit>> = hits.into_iter().map(Some).collect();
    let mut take = |position| hits[before.binary_search(&position).expect("only their order changed")].take();
    let mut ordered: Vec<Hit> = positions.into_iter().filter_map(&mut take).collect();
    if key.is_none() {
        ordered.sort_by_key(|hit| {
            let best = hit.places.iter().any(|place| *place == "key" || *place == "title");
            (tracker.is_closed(hit.position), !best)
        });
    }
    ordered
}

fn print(app: &mut App, view: &View, hits: &[Hit], shape: &RowShape) -> Result<()> {
    let tracker = &view.tracker;
    if app.ui.json {
        let document = |hit: &Hit| -> Result<Value> {
            let mut object = shape.row(view, hit.position)?;
            object.insert("matched_in".to_owned(), hit.places.clone().into());
            Ok(shape.pick(object).into())
        };
        return app.ui.document(&hits.iter().map(document).collect::<Result<_>>()?);
    }
    let remark = |hit: &Hit| match &hit.places[..] {
        [] | ["title" | "key"] => String::new(),
        places => format!("(in {})", places.join(", ")),
    };
    let lines: Vec<table::Line> = hits
        .iter()
        .map(|hit| table::Line { position: hit.position, remark: remark(hit), ..table::Line::default() })
        .collect();
    table::print(&mut app.ui, tracker, &lines)
}
