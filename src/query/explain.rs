//! Why an issue is not ready: what it waits for, down to what can be worked on.

use crate::model::Tracker;

use super::walk::walk;
use super::{Edge, Mark, Readiness, State, describe, open_blockers};

/// The answer to *why is this not ready*.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Why {
    /// Everything that keeps it from being ready, a sentence each; or that it is ready.
    pub reasons: Vec<String>,
    /// What it waits for, as a tree that begins with the issue itself.
    pub nodes: Vec<WhyNode>,
    /// The ready issues in that tree: what to do to get on with it.
    pub workable: Vec<usize>,
}

/// One issue in the tree of what is waited for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WhyNode {
    /// The issue.
    pub position: usize,
    /// How deep it stands; the root is at 0.
    pub depth: usize,
    /// The issue above it, and why that one waits for it.
    pub above: Option<(usize, Edge)>,
    /// Where it stands.
    pub state: State,
    /// The same in a sentence.
    pub reason: String,
    /// Whether it is shown above already, or waits for itself.
    pub mark: Mark,
}

/// Explains where the issue at `position` stands.
pub fn why(tracker: &Tracker, readiness: &Readiness, position: usize) -> Why {
    let say = |at: usize, state: &State| describe(tracker, readiness, at, state);
    let nodes: Vec<WhyNode> = walk(position, usize::MAX, |at, edge| waits_for(tracker, readiness, at, edge))
        .into_iter()
        .map(|node| {
            let state = readiness.state(node.position).clone();
            let reason = say(node.position, &state);
            WhyNode {
                position: node.position,
                depth: node.depth,
                above: node.above,
                state,
                reason,
                mark: node.mark,
            }
        })
        .collect();
    let mut workable: Vec<usize> = nodes.iter().filter(|n| n.state.is_ready()).map(|n| n.position).collect();
    workable.sort_unstable();
    workable.dedup();
    let reasons = readiness.reasons(position).into_iter().map(|state| say(position, state)).collect();
    Why { reasons, nodes, workable }
}

/// Returns the open issues that this one waits for now.
fn waits_for(tracker: &Tracker, readiness: &Readiness, at: usize, edge: Option<Edge>) -> Vec<(usize, Edge)> {
    if *readiness.state(at) == State::Closed {
        return Vec::new();
    }
    let mut found: Vec<_> = open_blockers(tracker, at).into_iter().map(|b| (b, Edge::Blocker)).collect();
    if edge != Some(Edge::Child) {
        let inherited = readiness.inherited(tracker, at).into_iter();
        found.extend(inherited.map(|(ancestor, blocker)| (blocker, Edge::Inherited { ancestor })));
    }
    let children = tracker.graph().children(at).filter(|c| *readiness.state(*c) != State::Closed);
    found.extend(children.map(|c| (c, Edge::Child)));
    let mut seen = std::collections::HashSet::new();
    found.retain(|(at, _)| seen.insert(*at));
    found
}
