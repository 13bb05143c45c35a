//! In which order issues can be done: layer after layer, each waiting only for those before it.

use std::collections::HashMap;

use crate::model::Tracker;

/// Issues in the order in which they can be done.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Layers {
    /// The first waits for nothing among the issues, each further one for something in the layer before it.
    pub layers: Vec<Vec<usize>>,
    /// What waits for itself, or for something that does.
    pub circular: Vec<usize>,
}

/// Puts issues into layers, by what they wait for among each other. Each layer keeps the given order.
pub fn layers(tracker: &Tracker, positions: &[usize]) -> Layers {
    let place: HashMap<usize, usize> = positions.iter().enumerate().map(|(place, at)| (*at, place)).collect();
    let mut waiting: Vec<usize> = vec![0; positions.len()];
    let mut freed: Vec<Vec<usize>> = vec![Vec::new(); positions.len()];
    for (number, at) in positions.iter().enumerate() {
        for blocker in tracker.graph().waits_on(*at).iter().filter_map(|blocker| place.get(blocker)) {
            // An issue may wait for another in several ways; each is counted, and each taken off again.
            waiting[number] += 1;
            freed[*blocker].push(number);
        }
    }
    let mut found = Layers::default();
    let mut layer: Vec<usize> = (0..positions.len()).filter(|number| waiting[*number] == 0).collect();
    while !layer.is_empty() {
        let mut next = Vec::new();
        for other in layer.iter().flat_map(|number| &freed[*number]) {
            waiting[*other] -= 1;
            if waiting[*other] == 0 {
                next.push(*other);
            }
        }
        next.sort_unstable();
        found.layers.push(layer.iter().map(|number| positions[*number]).collect());
        layer = next;
    }
    let left = (0..positions.len()).filter(|number| waiting[*number] > 0);
    found.circular = left.map(|number| positions[number]).collect();
    found
}
