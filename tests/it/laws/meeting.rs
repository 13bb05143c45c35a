//! Where two histories meet, whatever the clocks said.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use quipu::context::Context;
use quipu::store::Store;
use quipu::store::testing::{History, Put};

use super::world::shared;

/// 2026-06-01 and 1990-01-01, in seconds.
const NOW: i64 = 1_780_272_000;
const LONG_AGO: i64 = 631_152_000;

pub fn history() -> History {
    let context = Context::new(BTreeMap::new(), shared().to_owned()).expect("a context");
    History::new(Store::discover(&context, None).expect("a repository"), true)
}

/// A commit with a file of its own.
fn commit(history: &History, parents: &[&str], name: &str, seconds: i64) -> String {
    let put = (format!("other/{name}"), Put::File(name.as_bytes().to_vec()));
    history.raw(parents, &[(&put.0, put.1.clone())], seconds, name).expect("a commit")
}

fn set(commits: &[&String]) -> BTreeSet<String> {
    commits.iter().map(|commit| (*commit).clone()).collect()
}

#[test]
fn a_long_line_of_old_dates_hides_no_common_past() {
    let history = history();
    let root = history.root().expect("a root");
    let shared = commit(&history, &[&root], "shared", NOW);
    // A clone whose clock stands at 1990 writes for long.
    let mut base = shared.clone();
    for n in 0..400 {
        base = commit(&history, &[&base], &format!("old-{n}"), LONG_AGO);
    }
    let early = commit(&history, &[&shared], "early", NOW);
    let one = commit(&history, &[&base, &early], "one", NOW);
    let two = commit(&history, &[&base], "two", NOW);
    let met = history.meet(&one, &two).expect("a meeting");
    assert_eq!(met.bases, set(&[&base]));
    assert_eq!(met.own, [set(&[&one, &early]), set(&[&two])]);
}

#[test]
fn several_bases_are_all_found() {
    let history = history();
    let root = history.root().expect("a root");
    let [a, b] = ["a", "b"].map(|name| commit(&history, &[&root], name, NOW));
    let [one, two] = [("one", NOW), ("two", LONG_AGO)].map(|(n, at)| commit(&history, &[&a, &b], n, at));
    let met = history.meet(&one, &two).expect("a meeting");
    assert_eq!(met.bases, set(&[&a, &b]));
    assert_eq!(met.own, [set(&[&one]), set(&[&two])]);
}

proptest! {
    #[test]
    fn meeting_is_exact(commits in prop::collection::vec((0..3_i64, 0..6_usize, 0..6_usize, 0..9_i64), 2..24)) {
        let history = history();
        let root = history.root().expect("a root");
        let mut ids = vec![root];
        let mut pasts = vec![BTreeSet::from([0])];
        for (n, (kind, one, other, date)) in commits.into_iter().enumerate() {
            let [one, other] = [one, other].map(|back| ids.len() - 1 - back.min(ids.len() - 1));
            let parents = if kind == 0 && one != other { vec![one, other] } else { vec![one] };
            let names: Vec<&str> = parents.iter().map(|p| ids[*p].as_str()).collect();
            ids.push(commit(&history, &names, &n.to_string(), LONG_AGO + date * 10_000_000));
            let mut past: BTreeSet<usize> = parents.iter().flat_map(|p| pasts[*p].clone()).collect();
            past.insert(ids.len() - 1);
            pasts.push(past);
        }
        let last = ids.len() - 1;
        for one in 0..last {
            let common: BTreeSet<usize> = pasts[one].intersection(&pasts[last]).copied().collect();
            let best = |c: &&usize| !common.iter().any(|o| o != *c && pasts[*o].contains(*c));
            let names = |at: BTreeSet<usize>| at.into_iter().map(|at| ids[at].clone()).collect::<BTreeSet<_>>();
            let met = history.meet(&ids[one], &ids[last]).expect("a meeting");
            prop_assert_eq!(met.bases, names(common.iter().filter(best).copied().collect()));
            prop_assert_eq!(met.own, [names(&pasts[one] - &pasts[last]), names(&pasts[last] - &pasts[one])]);
        }
    }
}
