//! Servers that limit, hang, and ask for a password: exit 8 within the time, nothing lost, and all of it arrives.

use super::{Desk, Ground};
use crate::sync::proxy::Proxy;

/// Writes and syncs in two clones against a hindered server, then against a free one: everything arrives.
#[track_caller]
fn arrives(ground: &Ground, hindered: &Proxy, code: &str, commands: &[&[&str]]) {
    let Some(open) = ground.serve(&[]) else { return };
    let (s1, s2) = (ground.sandbox(hindered, "s1"), ground.sandbox(hindered, "s2"));
    for desk in [&s1, &s2] {
        desk.run(&["q", &format!("Of {}", desk.who)]);
        for command in commands {
            desk.fails(code, &[*command, &["--timeout", "3s"]].concat());
        }
        assert_eq!(desk.titles(), [&format!("Of {}", desk.who), "Shared"]);
    }
    let all = ["Of s1", "Of s2", "Shared"];
    let free = |desk: &Desk<'_>| {
        desk.git(&["remote", "set-url", "origin", &open.url("")]);
        desk.run(&["sync"]);
    };
    [&s1, &s2, &s1].into_iter().for_each(free);
    assert_eq!((s1.titles(), s2.titles()), (all.map(str::to_owned).into(), all.map(str::to_owned).into()));
    assert_eq!(s1.tip(), s2.tip());
    ground.env.fsck_in(&s1.folder);
}

#[test]
fn a_server_that_hangs_on_pushes() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(&["--hang", "push"]) else { return };
    arrives(&ground, &proxy, "timeout", &[&["sync"], &["push"]]);
}

#[test]
fn a_server_that_hangs_on_fetches() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(&["--hang", "fetch"]) else { return };
    arrives(&ground, &proxy, "timeout", &[&["sync"], &["pull"], &["push"]]);
}

#[test]
fn a_server_that_wants_a_password() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(&["--auth", "user:pw"]) else { return };
    arrives(&ground, &proxy, "authentication", &[&["sync"], &["pull"], &["push"]]);
}

#[test]
fn a_server_that_limits_pushes() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(&["--ppm", "6"]) else { return };
    let (s1, free) = (ground.sandbox(&proxy, "s1"), ground.free());
    for number in 0..6 {
        s1.run(&["create", &format!("Taken {number}"), "--sync"]);
    }
    s1.run(&["q", "Waits"]);
    let before = ground.pushes().len();
    s1.fails("rate_limited", &["sync", "--timeout", "3s"]);
    assert!(ground.pushes().len() <= before + 2, "{:?}", ground.pushes());
    assert_eq!(s1.titles().len(), 8);
    let Some(open) = ground.serve(&[]) else { return };
    s1.git(&["remote", "set-url", "origin", &open.url("")]);
    s1.run(&["sync"]);
    free.run(&["sync"]);
    assert_eq!(free.titles(), s1.titles());
}
