//! Trees for people: what an issue waits for, what waits for it, and issues under their parents.
//!
//! Plain data; drawing is somebody else's.

use std::collections::HashMap;

use crate::model::Tracker;

use super::walk::{walk, walk_again};
use super::{Edge, Mark, Node};

/// Which way a dependency tree goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Direction {
    /// What the issue waits for.
    #[default]
    Down,
    /// What waits for the issue.
    Up,
    /// Both.
    Both,
}

/// How far a dependency tree goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TreeOptions {
    /// Which way.
    pub direction: Direction,
    /// The greatest depth that is shown; the root is at 0.
    pub max_depth: usize,
    /// Leaves out closed issues and what is only reached through them.
    pub open_only: bool,
    /// Opens an issue wherever it stands, not the first time only.
    pub all_paths: bool,
}

/// So many nodes a tree of all paths may have in one direction before what repeats is marked and not opened.
const MOST_NODES: usize = 5_000;

impl Default for TreeOptions {
    fn default() -> Self {
        TreeOptions { direction: Direction::Down, max_depth: 50, open_only: false, all_paths: false }
    }
}

/// A dependency tree. Each part begins with the root; a direction that was not asked for is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DepTree {
    /// What the root waits for.
    pub down: Vec<Node>,
    /// What waits for the root.
    pub up: Vec<Node>,
}

/// Builds the dependency tree of an issue.
pub fn dependency_tree(tracker: &Tracker, root: usize, options: TreeOptions) -> DepTree {
    let shown = |at: usize| !options.open_only || !tracker.is_closed(at);
    let keep = |mut found: Vec<(usize, Edge)>| {
        found.retain(|(at, _)| shown(*at));
        found
    };
    let most = if options.all_paths { MOST_NODES } else { 0 };
    let mut tree = DepTree::default();
    if options.direction != Direction::Up {
        tree.down = walk_again(root, options.max_depth, most, |at, edge| keep(below(tracker, at, edge)));
    }
    if options.direction != Direction::Down {
        tree.up = walk_again(root, options.max_depth, most, |at, edge| keep(above(tracker, at, edge)));
    }
    tree
}

/// Returns what an issue waits for. A part shown under its container leaves out what the container shows.
fn below(tracker: &Tracker, at: usize, edge: Option<Edge>) -> Vec<(usize, Edge)> {
    let graph = tracker.graph();
    let mut found: Vec<_> = graph.blockers(at).map(|b| (b, Edge::Blocker)).collect();
    if edge != Some(Edge::Child) {
        for ancestor in graph.ancestors(at) {
            found.extend(graph.blockers(ancestor).map(|b| (b, Edge::Inherited { ancestor })));
        }
    }
    found.extend(graph.children(at).map(|c| (c, Edge::Child)));
    each_once(found)
}

/// Returns what waits for an issue: what it blocks, the parts of what it blocks, and what it is a part of.
fn above(tracker: &Tracker, at: usize, edge: Option<Edge>) -> Vec<(usize, Edge)> {
    let graph = tracker.graph();
    let mut found: Vec<_> = graph.dependents(at).map(|d| (d, Edge::Dependent)).collect();
    if matches!(edge, Some(Edge::Dependent | Edge::WaitsWith)) {
        found.extend(graph.children(at).map(|c| (c, Edge::WaitsWith)));
    }
    if edge != Some(Edge::WaitsWith) {
        found.extend(graph.parent(at).map(|p| (p, Edge::Container)));
    }
    each_once(found)
}

fn each_once(mut found: Vec<(usize, Edge)>) -> Vec<(usize, Edge)> {
    let mut seen = std::collections::HashSet::new();
    found.retain(|(at, _)| seen.insert(*at));
    found
}

/// Puts issues under their parents, as far as these are among them. Siblings keep the given order, and every
/// issue stands there exactly once, also where parents form a cycle.
pub fn forest(tracker: &Tracker, positions: &[usize]) -> Vec<Node> {
    let graph = tracker.graph();
    let place: HashMap<usize, usize> = positions.iter().enumerate().map(|(i, at)| (*at, i)).collect();
    let parent = |at: usize| graph.parent(at).filter(|p| *p != at && place.contains_key(p));
    let mut children: HashMap<usize, Vec<(usize, Edge)>> = HashMap::new();
    for at in positions {
        if let Some(parent) = parent(*at) {
            children.entry(parent).or_default().push((*at, Edge::Child));
        }
    }
    let mut nodes = Vec::new();
    let mut shown = vec![false; positions.len()];
    let roots = positions.iter().filter(|at| parent(**at).is_none());
    // Whatever is left after the real roots lies on, or hangs off, a cycle of parents.
    for root in roots.chain(positions) {
        if shown[place[root]] {
            continue;
        }
        let tree = walk(*root, usize::MAX, |at, _| children.get(&at).cloned().unwrap_or_default());
        for node in tree {
            if node.mark != Mark::Cycle && !shown[place[&node.position]] {
                shown[place[&node.position]] = true;
                nodes.push(node);
            }
        }
    }
    nodes
}
