//! `qp list --format`: the listed issues as a graph, for other programs to draw or to walk.

use std::collections::BTreeSet;

use super::app::App;
use super::dep_tree;
use crate::error::{Error, Result};
use crate::model::{Relation, Tracker};
use crate::query;

/// A form of output that `--format` names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    /// The same as `--json`.
    Json,
    /// Lines.
    Text,
    /// A graph for Graphviz.
    Dot,
    /// Two keys a line: the first depends on the second.
    Digraph,
}

impl Format {
    const NAMES: [(&str, Format); 4] =
        [("json", Format::Json), ("text", Format::Text), ("dot", Format::Dot), ("digraph", Format::Digraph)];

    /// Reads the name of a format.
    pub fn parse(text: &str) -> Result<Self> {
        let word = text.trim().to_lowercase();
        if let Some((_, format)) = Format::NAMES.iter().find(|(name, _)| *name == word) {
            return Ok(*format);
        }
        if word.contains("template") || word.contains("{{") {
            return Err(Error::usage("there are no templates here").hint("qp list --fields id,title,status"));
        }
        let names = Format::NAMES.map(|(name, _)| name);
        let hint = match query::nearest(&word, names) {
            Some(name) => format!("did you mean {name}?"),
            None => format!("one of {}", names.join(", ")),
        };
        Err(Error::usage(format!("unknown format {text:?}")).hint(hint))
    }
}

/// Prints the relations whose two ends are both listed.
pub(super) fn print(
    app: &mut App,
    tracker: &Tracker,
    positions: &[usize],
    format: Option<Format>,
) -> Result<()> {
    let listed: BTreeSet<usize> = positions.iter().copied().collect();
    if format == Some(Format::Dot) {
        let graph = tracker.graph();
        let waits = listed.iter().flat_map(|at| graph.blockers(*at).map(|other| (*at, other, "waits for")));
        let parts = listed.iter().flat_map(|at| graph.parent(*at).map(|parent| (parent, *at, "contains")));
        let edges = waits.chain(parts).filter(|(a, b, _)| listed.contains(a) && listed.contains(b)).collect();
        return app.ui.raw(&dep_tree::dot_of(tracker, &listed, &edges));
    }
    for at in positions {
        let references = tracker.front(*at).references();
        let holds = |kind: &str| kind == Relation::Blocker.as_str() || kind == Relation::Parent.as_str();
        let targets = references.iter().filter(|(kind, _)| holds(kind));
        let targets: BTreeSet<usize> =
            targets.filter_map(|(_, target)| tracker.keys().resolve_ref(target)).collect();
        for target in targets.intersection(&listed) {
            app.ui.line(format!("{} {}", tracker.key(*at), tracker.key(*target)))?;
        }
    }
    Ok(())
}
