//! A claim against what ends it in another clone: closing, releasing, renewing. At most one side is told that it
//! has succeeded where both cannot be true, and after a sync everybody sees the same.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{HOUR_MS, Herd, Timed, at_once, claimed, rounds, timed};

/// Lets both clones and the remote come together, and checks that they tell one story.
fn settle(herd: &Herd, told: &str) {
    for agent in [0, 1, 0] {
        let run = timed(herd.command(agent, &["sync"])).run;
        assert!([0, 6].contains(&run.code), "{told}: {run}");
    }
    herd.nothing_is_lost(&herd.written());
    let issues = timed(herd.command(0, &["list", "--all", "--limit", "0", "--json"])).run.success().json();
    let issues: BTreeMap<&str, &Value> = issues
        .as_array()
        .expect("a list")
        .iter()
        .map(|issue| (issue["uid"].as_str().expect("an identity"), issue))
        .collect();
    for (uid, token) in herd.claims_at_server() {
        let issue = issues[uid.as_str()];
        assert_eq!(issue["status"], "in_progress", "{told}: a claim on {issue}");
        assert_eq!(issue["claimed_session"], herd.session_of(&token), "{told}");
        assert_eq!(issue["claim"], token, "{told}");
    }
}

fn both(herd: &Herd, one: &[&str], two: &[&str]) -> [Timed; 2] {
    let runs = at_once(vec![herd.command(0, one), herd.command(1, two)]);
    runs.try_into().unwrap_or_else(|_| panic!("two runs"))
}

/// Says who was told what, for the message of a failure.
fn told(key: &str, runs: &[Timed; 2]) -> String {
    format!("{key}:\n0: {}1: {}", runs[0].run, runs[1].run)
}

fn status(herd: &Herd, key: &str) -> String {
    let issue = timed(herd.command(0, &["show", key, "--json"])).run.success().json();
    issue[0]["status"].as_str().expect("a status").to_owned()
}

#[test]
fn closed_work_is_never_claimed() {
    let herd = Herd::new(2, rounds(10, 100));
    let mut closes = 0;
    for key in &herd.keys {
        let runs = both(&herd, &["close", key, "--sync"], &["claim", key, "--sync", "--json"]);
        let told = told(key, &runs);
        let closed = runs[0].run.code == 0;
        match (runs[0].run.code, runs[1].run.code) {
            (0, 6) => {}
            (6, 0) => assert_eq!(claimed(&runs[1].run)["confirmed"], true, "{told}"),
            _ => panic!("{told}"),
        }
        closes += usize::from(closed);
        settle(&herd, &told);
        assert_eq!(status(&herd, key), if closed { "closed" } else { "in_progress" }, "{told}");
    }
    println!("closed {closes} of {}", herd.keys.len());
}

#[test]
fn claimed_work_is_not_closed_by_who_has_not_looked() {
    let herd = Herd::new(2, rounds(4, 100));
    for key in &herd.keys {
        claimed(&timed(herd.command(1, &["claim", key, "--sync", "--json"])).run);
        let run = timed(herd.command(0, &["close", key, "--sync"])).run.exits(6);
        assert!(run.stderr.contains("a1 (session s1)"), "{run}");
        let runs = both(&herd, &["close", key, "--sync"], &["close", key, "-r", "done"]);
        let told = told(key, &runs);
        // The holder may close it; then it is closed for the other, too, and that is no failure.
        assert_eq!(runs[1].run.code, 0, "{told}");
        settle(&herd, &told);
        assert_eq!(status(&herd, key), "closed", "{told}");
        assert!(herd.claims_at_server().is_empty(), "{told}");
    }
}

#[test]
fn of_a_takeover_and_a_renewal_one_wins() {
    let mut herd = Herd::new(2, rounds(4, 100));
    for key in herd.keys.clone() {
        claimed(&timed(herd.command(0, &["claim", &key, "--sync", "--json"])).run);
        herd.now_ms += 3 * HOUR_MS;
        let runs = both(&herd, &["renew", &key, "--json"], &["claim", &key, "--sync", "--json"]);
        let told = told(&key, &runs);
        let winner = match (runs[0].run.code, runs[1].run.code) {
            (0, 6) => 0,
            (6, 0) => 1,
            _ => panic!("{told}"),
        };
        assert_eq!(claimed(&runs[winner].run)["confirmed"], true, "{told}");
        settle(&herd, &told);
        let holders = herd.claims_at_server();
        let (_, token) = holders.iter().next().expect("a claim");
        assert_eq!(herd.session_of(token), format!("s{winner}"), "{told}");
        timed(herd.command(winner, &["close", &key])).run.success();
    }
}

#[test]
fn a_release_does_not_end_a_takeover() {
    let mut herd = Herd::new(2, rounds(4, 100));
    for key in herd.keys.clone() {
        claimed(&timed(herd.command(0, &["claim", &key, "--sync", "--json"])).run);
        herd.now_ms += 3 * HOUR_MS;
        let runs = both(&herd, &["release", &key], &["claim", &key, "--sync", "--json"]);
        let told = told(&key, &runs);
        assert!([0, 6].contains(&runs[0].run.code), "{told}");
        assert_eq!(claimed(&runs[1].run)["confirmed"], true, "{told}");
        settle(&herd, &told);
        assert_eq!(status(&herd, &key), "in_progress", "{told}");
        timed(herd.command(1, &["close", &key])).run.success();
    }
}
