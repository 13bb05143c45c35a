//! Many agents ask for the next issue at the same moment, again and again: each gets another one, and what it was
//! told is what everybody else is told.

use std::collections::{BTreeMap, BTreeSet};

use super::{HOUR_MS, Herd, Timed, at_once, claimed, print_times, pushes, rounds, serve};

const AGENTS: usize = 20;

/// What was confirmed: the identity of the issue to the agent.
type Held = BTreeMap<String, usize>;

#[test]
fn every_agent_has_an_issue_of_its_own() {
    let mut herd = Herd::new(AGENTS, AGENTS);
    let Some((_proxy, log)) = serve(&herd, &["--latency", "150"]) else { return };
    let rounds = rounds(2, 8);
    let (mut times, mut sent) = (Vec::new(), 0);
    for round in 0..rounds {
        let before = pushes(&log);
        let runs = herd.all(&["claim", "--next", "--sync", "--json"]);
        let of_round = pushes(&log) - before;
        println!("round {round}: {of_round} pushes");
        sent += of_round;
        let held = beliefs(&runs);
        assert_eq!(held.len(), AGENTS, "two agents have the same issue");
        the_server_agrees(&herd, &held);
        times.extend(runs);
        if round + 1 < rounds {
            end_claims(&mut herd, &held);
        } else {
            everybody_agrees(&herd, &held);
        }
    }
    print_times("a claim", &times);
    println!("{sent} pushes for {} claims", times.len());
    // In the first round nobody knows that there are others: all want the best one. That is made up for later.
    let first = if rounds < 8 { AGENTS } else { 0 };
    assert!(2 * sent <= 3 * (times.len() + first), "{sent} pushes for {} claims", times.len());
    all_sync(&herd, &log);
}

/// Returns who was told what.
fn beliefs(runs: &[Timed]) -> Held {
    let belief = |(agent, timed): (usize, &Timed)| {
        let issue = claimed(&timed.run);
        assert_eq!(
            (&issue["confirmed"], &issue["stored"]),
            (&true.into(), &"shared".into()),
            "{}",
            timed.run
        );
        assert_eq!(issue["assignee"], format!("a{agent}"));
        (issue["uid"].as_str().expect("an identity").to_owned(), agent)
    };
    runs.iter().enumerate().map(belief).collect()
}

/// What an agent was told is what the server's ref says, and there is no other ref.
fn the_server_agrees(herd: &Herd, held: &Held) {
    let at_server = herd.claims_at_server().into_iter();
    let at_server: BTreeMap<_, _> = at_server.map(|(uid, token)| (uid, herd.session_of(&token))).collect();
    let told: BTreeMap<_, _> = held.iter().map(|(uid, agent)| (uid.clone(), format!("s{agent}"))).collect();
    assert_eq!(at_server, told);
}

/// Whoever looks is told of the same holders: by what it keeps of the remote, and when it wants what is taken.
fn everybody_agrees(herd: &Herd, held: &Held) {
    herd.all(&["pull", "--quiet"]).into_iter().for_each(|timed| drop(timed.run.success()));
    let at_server = herd.claims_at_server();
    let (uid, holder) = held.iter().next().expect("a claim");
    for agent in 0..AGENTS {
        assert_eq!(herd.claims_in(&herd.clone_of(agent)), at_server, "agent {agent}");
    }
    let others: Vec<_> = (0..AGENTS).filter(|agent| agent != holder).collect();
    let refused =
        at_once(others.iter().map(|agent| herd.command(*agent, &["claim", uid, "--json"])).collect());
    for timed in refused {
        let run = timed.run.exits(6);
        assert!(run.stderr.contains(&format!("a{holder} (session s{holder})")), "{run}");
    }
}

/// Half of the agents give back what they have; the others do not come back, and their leases lapse.
fn end_claims(herd: &mut Herd, held: &Held) {
    let leaving = held.iter().filter(|(_, agent)| **agent % 2 == 0);
    let commands = leaving.map(|(uid, agent)| herd.command(*agent, &["release", uid, "--quiet"])).collect();
    let runs = at_once(commands);
    print_times("a release", &runs);
    runs.into_iter().for_each(|timed| drop(timed.run.success()));
    let released: BTreeSet<_> =
        held.iter().filter(|(_, agent)| **agent % 2 == 0).map(|(uid, _)| uid).collect();
    assert!(
        herd.claims_at_server().keys().all(|uid| !released.contains(uid)),
        "a claim outlives its release"
    );
    herd.now_ms += 2 * HOUR_MS + HOUR_MS / 10;
}

/// In the end everything that anybody did is with everybody.
fn all_sync(herd: &Herd, log: &std::path::Path) {
    let written = herd.written();
    let before = pushes(log);
    let runs = herd.all(&["sync", "--json"]);
    let sent = pushes(log) - before;
    print_times("a sync", &runs);
    println!("{sent} pushes for {AGENTS} syncs");
    for timed in runs {
        // Exit 6: the agent's lapsed claim is somebody else's now, and that is said once.
        assert!([0, 6].contains(&timed.run.code), "{}", timed.run);
    }
    assert!(sent <= 6 * AGENTS, "{sent} pushes");
    for timed in herd.all(&["sync", "--quiet"]) {
        timed.run.success();
    }
    herd.nothing_is_lost(&written);
}
