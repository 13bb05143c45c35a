//! Times as people type them: in the zone of the user, stored in UTC.

use crate::env::Env;

/// Central European time with its summer time, written out so that no zone files are needed.
const CET: &str = "CET-1CEST,M3.5.0,M10.5.0/3";
/// New York, west of Greenwich.
const EST: &str = "EST5EDT,M3.2.0,M11.1.0";

/// Checks what a due date becomes. The clock stands at 2026-01-07T10:05:00Z, a Wednesday, in winter.
#[track_caller]
fn check(zone: &str, text: &str, expected: &str) {
    let env = Env::new();
    let vars = [("TZ", zone), ("QP_TEST_NOW", "2026-01-07T10:05:00Z")];
    let run = env.qp_in(&env.repo(), ["create", "x", "--due", text, "--json"], &vars, "").success();
    assert_eq!(run.json()["due_at"], expected, "{text} in {zone}");
}

#[test]
fn days_begin_where_the_user_is() {
    check(CET, "2026-01-31", "2026-01-30T23:00:00.000Z");
    check(CET, "2026-07-01", "2026-06-30T22:00:00.000Z");
    check(EST, "2026-01-31", "2026-01-31T05:00:00.000Z");
    check("UTC", "2026-01-31", "2026-01-31T00:00:00.000Z");
    check(CET, "today", "2026-01-06T23:00:00.000Z");
    check(CET, "tomorrow", "2026-01-07T23:00:00.000Z");
    check(EST, "Tomorrow", "2026-01-08T05:00:00.000Z");
    check(CET, "yesterday", "2026-01-05T23:00:00.000Z");
    check(CET, "next monday", "2026-01-11T23:00:00.000Z");
    check(CET, "next  Wednesday", "2026-01-13T23:00:00.000Z");
    check(CET, "friday", "2026-01-08T23:00:00.000Z");
    check(CET, "last monday", "2026-01-04T23:00:00.000Z");
    check(CET, "next week", "2026-01-13T23:00:00.000Z");
    check(CET, "next month", "2026-02-06T23:00:00.000Z");
    check(CET, "eod", "2026-01-07T22:59:59.000Z");
}

#[test]
fn times_without_a_zone_are_the_users() {
    check(CET, "2026-01-31T09:00", "2026-01-31T08:00:00.000Z");
    check(CET, "2026-07-01 09:00", "2026-07-01T07:00:00.000Z");
    check(CET, "2026-01-31T09:00:00Z", "2026-01-31T09:00:00.000Z");
    check(CET, "2026-01-31T09:00:00-05:00", "2026-01-31T14:00:00.000Z");
    // The clock jumps from two to three: half past two is three.
    check(CET, "2026-03-29T02:30", "2026-03-29T01:00:00.000Z");
}

#[test]
fn spans_are_counted_from_now() {
    check(CET, "+6h", "2026-01-07T16:05:00.000Z");
    check(CET, "6h", "2026-01-07T16:05:00.000Z");
    check(CET, "+1d", "2026-01-08T10:05:00.000Z");
    check(CET, "+2w", "2026-01-21T10:05:00.000Z");
    check(CET, "+3m", "2026-04-07T10:05:00.000Z");
    check(CET, "+1y", "2027-01-07T10:05:00.000Z");
    check(CET, "+30min", "2026-01-07T10:35:00.000Z");
    check(CET, "in 3 days", "2026-01-10T10:05:00.000Z");
    check(CET, "3 days ago", "2026-01-04T10:05:00.000Z");
    check(CET, "in 2 weeks", "2026-01-21T10:05:00.000Z");
    check(CET, "now", "2026-01-07T10:05:00.000Z");
}

#[test]
fn spans_may_begin_with_a_hyphen() {
    check(CET, "-1d", "2026-01-06T10:05:00.000Z");
    let env = Env::new();
    env.create(["New"]);
    let rows = |flag: &str| env.json(["list", flag, "-1d"]).as_array().expect("rows").len();
    assert_eq!([rows("--created-after"), rows("--updated-before")], [1, 0]);
}

#[test]
fn other_words_are_refused_with_the_forms() {
    let env = Env::new();
    for text in
        ["soon", "2026-13-01", "2026-02-30", "+", "+2", "+2q", "next", "in days", "ago", "+99999999999999w"]
    {
        let run = env.qp(["create", "x", "--due", text]).exits(5);
        assert!(run.stderr.contains("is not a time") && run.stderr.contains("+2d"), "{run}");
    }
}

#[test]
fn a_query_takes_a_day_as_the_user_has_it() {
    let env = Env::new();
    // Half past midnight in Berlin is still the day before in UTC.
    let create = |title: &str, now: &str| {
        env.qp_in(&env.repo(), ["q", title], &[("QP_TEST_NOW", now), ("TZ", CET)], "").success();
    };
    create("late", "2026-01-06T22:30:00Z");
    create("early", "2026-01-06T23:30:00Z");
    let titles = |query: &str, zone: &str| {
        let vars = [("TZ", zone), ("QP_TEST_NOW", "2026-01-07T10:05:00Z")];
        let rows = env.qp_in(&env.repo(), ["list", query, "--json"], &vars, "").success().json();
        let titles = rows.as_array().expect("rows").iter().map(|row| row["title"].to_string());
        titles.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(titles("created:2026-01-07", CET), r#""early""#);
    assert_eq!(titles("created:today", CET), r#""early""#);
    assert_eq!(titles("created:yesterday", CET), r#""late""#);
    assert_eq!(titles("created:2026-01-06", "UTC"), r#""late" "early""#);
    assert_eq!(titles("created:<11h", CET), r#""early""#);
    assert_eq!(titles("created:>\"11 h\"", CET), r#""late""#);
    assert_eq!(titles("created:\"last monday\"..today", CET), r#""late" "early""#);
}
