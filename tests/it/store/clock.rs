//! The time of a write that follows another: never before it, and never led far ahead by it.

use proptest::prelude::*;
use quipu::model::Timestamp;
use quipu::store::following;

const TEN_MINUTES: i64 = 10 * 60 * 1000;

fn check(now: i64, last: i64, expected: (i64, bool)) {
    let (time, poisoned) = following(Timestamp::from_millis(now), Timestamp::from_millis(last));
    assert_eq!((time.millis(), poisoned), expected, "now {now}, last {last}");
}

#[test]
fn a_later_clock_says_the_time() {
    check(1_000, 0, (1_000, false));
    check(1_000, 999, (1_000, false));
}

#[test]
fn an_equal_or_slower_clock_follows_by_a_millisecond() {
    check(1_000, 1_000, (1_001, false));
    check(1_000, 5_000, (5_001, false));
}

#[test]
fn ten_minutes_ahead_are_followed_and_no_more() {
    check(1_000, 1_000 + TEN_MINUTES - 1, (1_000 + TEN_MINUTES, false));
    check(1_000, 1_000 + TEN_MINUTES, (1_000, true));
    check(1_000, i64::MAX, (1_000, true));
}

proptest! {
    #[test]
    fn it_moves_forward_within_reach(now in -1_000_000_i64..4_000_000_000_000, last in any::<i64>()) {
        let (now, last) = (Timestamp::from_millis(now), Timestamp::from_millis(last));
        let (time, poisoned) = following(now, last);
        prop_assert!(time >= now, "never before the clock");
        prop_assert!(time.since(now) <= TEN_MINUTES, "never far ahead of it");
        prop_assert_eq!(poisoned, time <= last, "behind the last one only where that is told");
        prop_assert_eq!(poisoned, last.since(now) >= TEN_MINUTES);
    }
}
