//! `qp list --format`: the listed issues as a graph, for other programs to draw or to walk.

use std::collections::BTreeSet;

use super::app::App;
use super::diagram::Diagram;
use crate::error::{Error, Result};
use crate::model::Tracker;
use crate::query;

/// A form of output that `--format` names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    /// The same as `--json`.
    Json,
    /// Lines.
    Text,
    /// A diagram for Graphviz.
    Dot,
    /// A diagram for Mermaid.
    Mermaid,
    /// Two keys a line: the first depends on the second.
    Digraph,
}

impl Format {
    const NAMES: [(&str, Format); 5] = [
        ("json", Format::Json),
        ("text", Format::Text),
        ("dot", Format::Dot),
        ("mermaid", Format::Mermaid),
        ("digraph", Format::Digraph),
    ];

    /// Tells whether it shows relations, and not issues.
    pub fn is_graph(self) -> bool {
        matches!(self, Format::Dot | Format::Mermaid | Format::Digraph)
    }

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
        let error = Error::usage(format!("unknown format {text:?}"));
        Err(match query::nearest(&word, names) {
            Some(name) => error.hint(format!("did you mean {name}?")).meant(text.trim(), name),
            None => error.hint(format!("one of {}", names.join(", "))),
        })
    }
}

/// Prints the relations whose two ends are both listed; nothing where the format is none for relations.
pub(super) fn print(app: &mut App, tracker: &Tracker, positions: &[usize], format: Format) -> Result<()> {
    match format {
        Format::Json | Format::Text => Ok(()),
        Format::Dot => app.ui.raw(&Diagram::among(tracker, positions).dot(tracker)),
        Format::Mermaid => app.ui.raw(&Diagram::among(tracker, positions).mermaid(tracker)),
        Format::Digraph => digraph(app, tracker, positions),
    }
}

fn digraph(app: &mut App, tracker: &Tracker, positions: &[usize]) -> Result<()> {
    let listed: BTreeSet<usize> = positions.iter().copied().collect();
    for at in positions {
        let graph = tracker.graph();
        let targets: BTreeSet<usize> = graph.blockers(*at).chain(graph.parent(*at)).collect();
        for target in targets.intersection(&listed) {
            app.ui.line(format!("{} {}", tracker.key(*at), tracker.key(*target)))?;
        }
    }
    Ok(())
}
