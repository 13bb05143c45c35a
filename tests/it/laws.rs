//! The laws of merging, over random histories of a few clones that write, meet and write again.

mod act;
mod check;
mod ops;
mod state;
mod world;

use proptest::prelude::*;
use proptest::test_runner::Config;

use ops::{History, histories};
use world::World;

/// How many histories are tried, unless `QP_LAWS_CASES` says otherwise.
const CASES: u32 = 1000;

fn config() -> Config {
    let cases = std::env::var("QP_LAWS_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES);
    Config { cases, failure_persistence: None, max_shrink_iters: 3000, ..Config::default() }
}

/// Lets a history happen, and checks every merge in it.
fn run(history: &History, in_memory: bool) -> Result<(), TestCaseError> {
    let mut world = World::new(history, in_memory);
    let outcome = history.steps.iter().try_for_each(|step| world.step(step)).and_then(|()| world.meet_all());
    if std::env::var("QP_STATS").is_ok() {
        let m: Vec<_> = world.nodes.iter().filter(|n| n.parents.len() == 2).collect();
        eprintln!(
            "STAT nodes {} merges {} lostmerges {} attic {} issues {}",
            world.nodes.len(),
            m.len(),
            m.iter().filter(|n| n.state.attic.len() > 0).count(),
            world.nodes[world.tips[0]].state.files.keys().filter(|f| f.starts_with("attic")).count(),
            world.nodes[world.tips[0]].state.issues.len()
        );
    }
    outcome.map_err(|why| TestCaseError::fail(format!("{why}\n{}", world.story())))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn merges_keep_the_laws(history in histories(4..60)) {
        run(&history, true)?;
    }
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    fn merges_on_disk_are_the_same_for_everybody(history in histories(4..30)) {
        run(&history, false)?;
    }
}
