//! `qp search`

use serde_json::Value;

use super::app::App;
use super::filter::FilterArgs;
use super::list::{ShapeArgs, more};
use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::output::{json, table};
use crate::query::{self, Filter, SortKey, TextFilter, Words};
use crate::store::View;

/// Search issues, open and closed
///
/// All words must occur, in any case: in the key, the title, a label, a text or a comment. Open issues come first, and
/// those before others that have the words in their title.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp search timeout
  qp search idle timer --status open -l auth
  qp search migration --json")]
pub struct SearchArgs {
    /// Words
    #[arg(value_name = "WORD", required = true)]
    words: Vec<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// With this text in the description
    #[arg(long, value_name = "TEXT", help_heading = "Selection")]
    desc_contains: Option<String>,
    /// With this text in the notes
    #[arg(long, value_name = "TEXT", help_heading = "Selection")]
    notes_contains: Option<String>,
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
    let words = Words::new(args.words.iter().flat_map(|text| text.split_whitespace()));
    if words.is_empty() {
        return Err(Error::usage("search for what?").hint("qp search WORD"));
    }
    let view = app.view()?;
    let mut filter = args.filter.resolve(app, &view.tracker)?;
    filter.all |= filter.statuses.is_empty();
    let texts = TextFilter {
        description_contains: args.desc_contains.clone(),
        notes_contains: args.notes_contains.clone(),
        ..TextFilter::default()
    };
    let key = args.sort.as_deref().map(SortKey::parse).transpose()?;
    let now = app.context.now();
    let mut hits = find(&view, &words, &filter, &texts, now)?;
    order(&view, &mut hits, key, args.reverse, now);
    let left_out = args.shape.cut(&mut hits);
    print(app, &view, &hits, args.shape.full)?;
    more(app, left_out);
    if hits.is_empty() {
        app.ui.note(format!("nothing found in {} issues", view.tracker.rows.len()));
    }
    Ok(())
}

/// Looks at titles and labels first, which are at hand; texts are read only where those do not settle it.
fn find(view: &View, words: &Words, filter: &Filter, texts: &TextFilter, now: Timestamp) -> Result<Vec<Hit>> {
    let tracker = &view.tracker;
    let mut hits = Vec::new();
    for position in query::select(tracker, filter, now) {
        let mut places = words.places_in_front(&tracker.key(position), tracker.front(position));
        let settled = places.is_some() && texts.is_unset();
        if !settled {
            let issue = view.issue(position)?;
            if places.is_none() {
                places = words.places(&tracker.key(position), &issue);
            }
            if !texts.matches(&issue) {
                continue;
            }
        }
        hits.extend(places.map(|places| Hit { position, places }));
    }
    Ok(hits)
}

fn order(view: &View, hits: &mut [Hit], key: Option<SortKey>, reverse: bool, now: Timestamp) {
    let tracker = &view.tracker;
    let mut positions: Vec<usize> = hits.iter().map(|hit| hit.position).collect();
    query::sort(tracker, &mut positions, key.unwrap_or_default(), reverse, now);
    let rank: std::collections::HashMap<usize, usize> = positions.into_iter().zip(0..).collect();
    hits.sort_by_key(|hit| {
        let closed = tracker.is_closed(hit.position);
        let best = hit.places.iter().any(|place| *place == "key" || *place == "title");
        let group = if key.is_some() { (false, false) } else { (closed, !best) };
        (group, rank[&hit.position])
    });
}

fn print(app: &mut App, view: &View, hits: &[Hit], full: bool) -> Result<()> {
    let tracker = &view.tracker;
    if app.ui.json {
        let document = |hit: &Hit| -> Result<Value> {
            let mut object = if full {
                json::full_row(tracker, hit.position, &view.issue(hit.position)?)
            } else {
                json::row(tracker, hit.position)
            };
            object.insert("matched_in".to_owned(), hit.places.clone().into());
            Ok(object.into())
        };
        return app.ui.document(&hits.iter().map(document).collect::<Result<_>>()?);
    }
    let remark = |hit: &Hit| match &hit.places[..] {
        ["title" | "key"] => String::new(),
        places => format!("(in {})", places.join(", ")),
    };
    let lines: Vec<table::Line> = hits
        .iter()
        .map(|hit| table::Line { position: hit.position, remark: remark(hit), ..table::Line::default() })
        .collect();
    table::print(&mut app.ui, tracker, &lines)
}
