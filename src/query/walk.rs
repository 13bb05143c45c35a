//! Walking relations as a tree: what repeats is marked and not opened again, cycles are cut.
//!
//! Holds the walk and its result; what the relations are, `tree` and `explain` say.

use std::collections::HashSet;

/// Why an issue stands below another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Edge {
    /// The one above is blocked by it.
    Blocker,
    /// An ancestor of the one above is blocked by it.
    Inherited {
        /// That ancestor.
        ancestor: usize,
    },
    /// It is a part of the one above.
    Child,
    /// It is blocked by the one above.
    Dependent,
    /// It is a part of the one above, and waits with it.
    WaitsWith,
    /// The one above is a part of it.
    Container,
}

/// What is special about a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// Nothing: what is below it follows.
    Plain,
    /// It stands above already, with everything below it.
    Repeated,
    /// It is an ancestor of itself in this tree.
    Cycle,
    /// There is more below it, past the greatest depth.
    Cut,
}

/// One line of a tree. The nodes of a tree come in the order in which they are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node {
    /// The issue.
    pub position: usize,
    /// How deep it stands; the root is at 0.
    pub depth: usize,
    /// The issue above it, and why it stands below that.
    pub above: Option<(usize, Edge)>,
    /// What is special about it.
    pub mark: Mark,
}

/// Walks from `root` along `next`, which says what stands below an issue that was reached by an edge.
pub(super) fn walk(
    root: usize,
    max_depth: usize,
    next: impl FnMut(usize, Option<Edge>) -> Vec<(usize, Edge)>,
) -> Vec<Node> {
    walk_again(root, max_depth, 0, next)
}

/// As [`walk`], but what repeats is opened again, as long as there are fewer than `most` nodes: the ways through a
/// graph may be beyond number.
pub(super) fn walk_again(
    root: usize,
    max_depth: usize,
    most: usize,
    mut next: impl FnMut(usize, Option<Edge>) -> Vec<(usize, Edge)>,
) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut seen = HashSet::new();
    let mut path: Vec<usize> = Vec::new();
    let mut on_path = HashSet::new();
    let mut open = vec![Node { position: root, depth: 0, above: None, mark: Mark::Plain }];
    while let Some(mut node) = open.pop() {
        for left in path.drain(node.depth..) {
            on_path.remove(&left);
        }
        let edge = node.above.map(|(_, edge)| edge);
        // A container opens less than the same issue reached as one that waits, so it does not stand for it.
        let view = (node.position, edge == Some(Edge::Container));
        if on_path.contains(&node.position) {
            node.mark = Mark::Cycle;
        } else if seen.contains(&view) && nodes.len() >= most {
            node.mark = Mark::Repeated;
        } else {
            let below = next(node.position, edge);
            if node.depth >= max_depth && !below.is_empty() {
                node.mark = Mark::Cut;
            } else {
                seen.insert(view);
                path.push(node.position);
                on_path.insert(node.position);
                open.extend(below.into_iter().rev().map(|(position, edge)| Node {
                    position,
                    depth: node.depth + 1,
                    above: Some((node.position, edge)),
                    mark: Mark::Plain,
                }));
            }
        }
        nodes.push(node);
    }
    nodes
}
