//! `QP_OFFLINE`: no remote is asked for anything.

use super::Ground;
use snapbox::str;

use crate::snapshot;

const OFFLINE: &[(&str, &str)] = &[("QP_OFFLINE", "1")];

#[test]
fn exchanges_say_so_at_once() {
    let ground = Ground::new();
    let free = ground.free();
    free.run(&["q", "Kept"]);
    snapshot!(
        free.qp_with(OFFLINE, &["sync"]),
        str![[r#"
[stderr]
error: QP_OFFLINE is set, so origin is not asked
hint: qp sync where QP_OFFLINE is not set, or qp outbox save
[exit 8]

"#]]
    );
    for command in [&["sync"][..], &["pull"], &["push"], &["sync", "--dry-run"], &["watch", "--timeout", "0"]]
    {
        let run = free.qp_with(OFFLINE, &[command, &["--json"]].concat()).exits(8);
        assert!(run.stderr.contains("\"code\":\"offline\""), "{run}");
    }
    let run = free.qp_with(OFFLINE, &["create", "Also kept", "--sync"]).exits(8);
    assert!(run.stderr.contains("this is saved here and not shared: QP_OFFLINE is set"), "{run}");
    // The words that mean no.
    for no in ["", "0", "false", "False"] {
        free.qp_with(&[("QP_OFFLINE", no)], &["sync"]).success();
    }
    assert_eq!(free.json(&["sync"])["in_sync"], true);
}

#[test]
fn claims_are_made_here_only() {
    let ground = Ground::new();
    let free = ground.free();
    let run = free.qp_with(OFFLINE, &["claim", "--next", "--sync", "--json"]).success();
    assert!(run.stderr.contains("not confirmed") && run.stderr.contains("QP_OFFLINE is set"), "{run}");
    assert_eq!(run.json()[0]["confirmed"], false);
    let key = run.json()[0]["id"].as_str().expect("a key").to_owned();
    let run = free.qp_with(OFFLINE, &["close", &key]).success();
    assert_eq!(run.stderr, "", "{run}");
}

#[test]
fn a_partial_clone_fetches_nothing() {
    let ground = Ground::new();
    let server = ground.env.root().join("srv.git");
    ground.env.run_git(&server, &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", server.display());
    ground
        .env
        .run_git(ground.env.root(), &["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "part"]);
    let part = super::Desk { env: &ground.env, folder: ground.env.root().join("part"), who: "part" };
    let run = part.qp_with(OFFLINE, &["list", "--json"]).exits(9);
    assert!(run.stderr.contains("\"code\":\"partial_clone\""), "{run}");
    assert!(run.stderr.contains("QP_OFFLINE is set"), "{run}");
    assert_eq!(part.titles(), ["Shared"]);
    part.qp_with(OFFLINE, &["list"]).success();
}
