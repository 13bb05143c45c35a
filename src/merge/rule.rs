//! The rules that need no referee, and collections whose entries are merged one by one.

use std::collections::{BTreeMap, BTreeSet};

use super::conflict::{Past, Referee};

/// Additions of both sides, removals of both sides. There is nothing to disagree about.
pub(super) fn set<T: Ord + Clone>(
    base: &BTreeSet<T>,
    ours: &BTreeSet<T>,
    theirs: &BTreeSet<T>,
) -> BTreeSet<T> {
    let stays = |item: &&T| !base.contains(*item) || ours.contains(*item) && theirs.contains(*item);
    ours.union(theirs).filter(stays).cloned().collect()
}

/// A map: each entry alone.
pub(super) fn map<P: Past>(
    base: &BTreeMap<String, String>,
    ours: &BTreeMap<String, String>,
    theirs: &BTreeMap<String, String>,
    referee: &mut Referee<P>,
    name: impl Fn(&str) -> String,
) -> BTreeMap<String, String> {
    let keys: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let merged = keys.into_iter().filter_map(|key| {
        let sides = [base.get(key), ours.get(key), theirs.get(key)];
        let value = referee.single(sides, || name(key), Clone::clone)?;
        Some((key.clone(), value))
    });
    merged.collect()
}

/// A list whose entries have an identity: each entry alone. Ours keep their order, what only they have follows.
///
/// A file written by hand may hold the same identity twice; then the first is matched with the first.
pub(super) fn list<T: PartialEq + Clone, K: Ord + Clone, P: Past>(
    [base, ours, theirs]: [&[T]; 3],
    referee: &mut Referee<P>,
    identity: impl Fn(&T) -> K,
    name: impl Fn(&T) -> String,
    show: impl Fn(&T) -> String,
) -> Vec<T> {
    if ours == theirs || theirs == base && referee.has_true_base() {
        return ours.to_vec();
    }
    if ours == base && referee.has_true_base() {
        return theirs.to_vec();
    }
    let [base, ours_by, theirs_by] = [base, ours, theirs].map(|side| numbered(side, &identity));
    let order = keys(ours, &identity).chain(keys(theirs, &identity).filter(|k| !ours_by.contains_key(k)));
    let merged = order.filter_map(|key| {
        let sides = [base.get(&key), ours_by.get(&key), theirs_by.get(&key)].map(|side| side.copied());
        let any = sides[1].or(sides[2]).expect("the key comes from one of the sides");
        referee.single(sides, || name(any), &show)
    });
    merged.collect()
}

/// The identities of a list in its order, each with the number of its occurrence.
fn keys<T, K: Ord + Clone>(items: &[T], identity: impl Fn(&T) -> K) -> impl Iterator<Item = (K, usize)> {
    let mut seen: BTreeMap<K, usize> = BTreeMap::new();
    items.iter().map(move |item| {
        let key = identity(item);
        let number = seen.entry(key.clone()).or_default();
        *number += 1;
        (key, *number)
    })
}

fn numbered<T, K: Ord + Clone>(items: &[T], identity: impl Fn(&T) -> K) -> BTreeMap<(K, usize), &T> {
    keys(items, identity).zip(items).collect()
}
