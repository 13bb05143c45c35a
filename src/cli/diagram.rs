//! Issues and their relations as a diagram: in the languages of Mermaid and of Graphviz.

use std::collections::BTreeSet;

use super::app::App;
use super::dep_tree::edge_type;
use crate::error::{Error, Result};
use crate::model::Tracker;
use crate::output::text::one_line;
use crate::query::{DepTree, Edge};

/// The word on an arrow to what an issue waits for.
pub(super) const WAITS: &str = "waits for";
/// The word on an arrow to a part.
pub(super) const CONTAINS: &str = "contains";

/// What a diagram shows: issues, and who waits for whom and contains what.
#[derive(Clone, Debug, Default)]
pub(super) struct Diagram {
    pub issues: BTreeSet<usize>,
    /// From, to, and the word on the arrow.
    pub edges: BTreeSet<(usize, usize, &'static str)>,
}

/// Refuses to draw where a document was asked for.
///
/// # Errors
/// Usage, where both were.
pub(super) fn refuse_json(app: &App) -> Result<()> {
    if app.ui.json {
        return Err(Error::usage("a diagram is no JSON document").hint("leave out --json, or the diagram"));
    }
    Ok(())
}

impl Diagram {
    /// Takes issues and relations from a tree.
    pub fn of_tree(tree: &DepTree) -> Self {
        let all = || tree.down.iter().chain(&tree.up);
        let edges = all().filter_map(|node| {
            let (above, edge) = node.above?;
            let word = if edge_type(edge) == "blocks" { WAITS } else { CONTAINS };
            Some(match edge {
                Edge::Dependent | Edge::Container => (node.position, above, word),
                _ => (above, node.position, word),
            })
        });
        Diagram { issues: all().map(|node| node.position).collect(), edges: edges.collect() }
    }

    /// Takes issues with the relations that files state between them.
    pub fn among(tracker: &Tracker, positions: &[usize]) -> Self {
        let issues: BTreeSet<usize> = positions.iter().copied().collect();
        let mut edges = BTreeSet::new();
        for at in &issues {
            let blockers = tracker.graph().blockers(*at).filter(|other| issues.contains(other));
            edges.extend(blockers.map(|blocker| (*at, blocker, WAITS)));
            let parent = tracker.graph().parent(*at).filter(|other| issues.contains(other));
            edges.extend(parent.map(|parent| (parent, *at, CONTAINS)));
        }
        Diagram { issues, edges }
    }

    /// Draws it for Mermaid.
    pub fn mermaid(&self, tracker: &Tracker) -> String {
        // Unescaped, a title could bring its own HTML into the page that shows the diagram, or settings of Mermaid's,
        // which are taken from anywhere in the text: %%{init: …}%%.
        let escapes = [
            ("#", "#35;"),
            ("\"", "#quot;"),
            ("<", "#lt;"),
            (">", "#gt;"),
            ("&", "#amp;"),
            ("%%", "#37;#37;"),
            ("`", "#96;"),
        ];
        let escape = |text: String| escapes.iter().fold(text, |text, (from, to)| text.replace(from, to));
        let mut out = String::from("flowchart TD\n");
        for at in &self.issues {
            out.push_str(&format!("  i{at}[\"{}\"]\n", escape(label(tracker, *at))));
        }
        for (from, to, kind) in &self.edges {
            out.push_str(&format!("  i{from} -->|{kind}| i{to}\n"));
        }
        out
    }

    /// Draws it for Graphviz.
    pub fn dot(&self, tracker: &Tracker) -> String {
        let quote = |text: String| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let mut out = String::from("digraph dependencies {\n");
        for at in &self.issues {
            let label = quote(label(tracker, *at));
            out.push_str(&format!("  {} [label={label}];\n", quote(tracker.key(*at))));
        }
        for (from, to, kind) in &self.edges {
            let (from, to) = (quote(tracker.key(*from)), quote(tracker.key(*to)));
            out.push_str(&format!("  {from} -> {to} [label=\"{kind}\"];\n"));
        }
        out.push_str("}\n");
        out
    }
}

fn label(tracker: &Tracker, at: usize) -> String {
    let front = tracker.front(at);
    format!("{}: {} [{}]", tracker.key(at), one_line(&front.title), one_line(front.status.as_str()))
}
