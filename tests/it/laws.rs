//! The laws of merging, over random histories of a few clones that write, meet and write again.

mod act;
mod check;
mod files;
mod meeting;
mod ops;
mod state;
mod texts;
mod world;
mod writes;

use proptest::prelude::*;
use proptest::test_runner::Config;

use ops::{History, Op, Step, Text, histories};
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

/// Clones that only ever meet their neighbours have more than one common past at every meeting.
#[test]
fn gossip_without_a_hub_keeps_the_laws() {
    let round = |round: u8| {
        let op = if round.is_multiple_of(2) { Op::Append(0, Text::Notes, 1) } else { Op::Title(0, 1) };
        let writes = (0..5).map(move |clone| Step::Write(clone, op.clone()));
        let takes = (0..5).flat_map(|clone| [Step::Take(clone, clone + 1), Step::Take(clone, clone + 2)]);
        writes.chain(takes)
    };
    let steps = (0..4).flat_map(round).collect();
    let history = History { clocks: vec![0; 5], apart: false, hub: false, issues: 2, steps };
    run(&history, true).unwrap_or_else(|why| panic!("{why}"));
}

/// Two sides that know a change and a deletion, but have them by different ways: one of them has also taken back what
/// was written before the deletion.
#[test]
fn what_was_written_before_a_deletion_is_known_to_both_sides() {
    let steps = vec![
        Step::Write(3, Op::Priority(1, 113)),
        Step::Hub(3),
        Step::Write(0, Op::Close(1, 0)),
        Step::Take(1, 0),
        Step::Write(1, Op::Reopen(1)),
        Step::Hub(1),
        Step::Take(3, 0),
        Step::Write(0, Op::Delete(1)),
        Step::Take(3, 0),
    ];
    let history = History { clocks: vec![0; 4], apart: false, hub: false, issues: 2, steps };
    run(&history, true).unwrap_or_else(|why| panic!("{why}"));
}

/// The other way round: both sides lack what was written before the deletion, and one of them has written it again.
#[test]
fn what_is_written_again_after_a_deletion_stays() {
    let steps = vec![
        Step::Write(0, Op::Comment(0, 0)),
        Step::Write(1, Op::Close(0, 0)),
        Step::Write(0, Op::Parent(2, 91)),
        Step::Take(2, 1),
        Step::Write(0, Op::Delete(2)),
        Step::Write(1, Op::Append(0, Text::Description, 0)),
        Step::Take(2, 0),
        Step::Take(0, 1),
        Step::Write(2, Op::Parent(2, 67)),
    ];
    let history = History { clocks: vec![0; 4], apart: false, hub: false, issues: 2, steps };
    run(&history, true).unwrap_or_else(|why| panic!("{why}"));
}
