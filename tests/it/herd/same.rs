//! Two clones want the same issue in the same moment under the same name. Everything that git writes down is equal,
//! down to the second: only what is random tells them apart.

use super::{Herd, at_once, claimed, rounds};

#[test]
fn of_two_equal_claims_one_wins() {
    let rounds = rounds(15, 100);
    let herd = Herd::new(2, rounds);
    for key in &herd.keys {
        let claim = |agent: usize| {
            let args = ["claim", key, "--sync", "--json"];
            herd.program(&herd.clone_of(agent), super::QP, "claude", &format!("s{agent}"), &args)
        };
        let runs = at_once(vec![claim(0), claim(1)]);
        let codes: Vec<i32> = runs.iter().map(|timed| timed.run.code).collect();
        let winner = codes.iter().position(|code| *code == 0).unwrap_or_else(|| panic!("{}", runs[0].run));
        let (won, lost) = (&runs[winner].run, &runs[1 - winner].run);
        assert_eq!(lost.code, 6, "{key}: {won}{lost}");
        let issue = claimed(won);
        assert_eq!(
            (&issue["confirmed"], &issue["claimed_session"]),
            (&true.into(), &format!("s{winner}").into())
        );
        assert!(lost.stderr.contains(&format!("s{winner}")), "{lost}");
        let claims = herd.claims_at_server();
        let token = &claims[issue["uid"].as_str().expect("an identity")];
        assert_eq!(herd.session_of(token), format!("s{winner}"));
        assert_eq!(issue["claim"], **token);
    }
    let written = herd.written();
    // One after the other, so that the last has everything and the first gets it, too.
    for agent in [0, 1, 0] {
        super::timed(herd.program(
            &herd.clone_of(agent),
            super::QP,
            "claude",
            &format!("s{agent}"),
            &["sync"],
        ))
        .run
        .success();
    }
    herd.nothing_is_lost(&written);
}
