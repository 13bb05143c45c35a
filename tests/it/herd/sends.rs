//! Many clones and worktrees send what they have written at the same moment.

use super::{Herd, at_once, print_times, pushes, serve, timed};

const MANY: usize = 20;
/// Pushes a minute that a hosted server recommends.
const ALLOWED: &str = "6";

#[test]
fn all_clones_send_at_once() {
    let herd = Herd::new(MANY, 0);
    let Some((_proxy, log)) = serve(&herd, &["--latency", "150"]) else { return };
    for timed in herd.all(&["create", "an issue", "--quiet"]) {
        timed.run.success();
    }
    let written = herd.written();
    let runs = herd.all(&["sync", "--json"]);
    print_times("a sync", &runs);
    println!("{} pushes for {MANY} commits", pushes(&log));
    runs.into_iter().for_each(|timed| drop(timed.run.success()));
    assert!(pushes(&log) <= 6 * MANY, "{} pushes", pushes(&log));
    herd.all(&["pull"]).into_iter().for_each(|timed| drop(timed.run.success()));
    herd.nothing_is_lost(&written);
}

#[test]
fn worktrees_send_together() {
    let herd = Herd::new(1, 0);
    let Some((_proxy, log)) = serve(&herd, &["--latency", "150"]) else { return };
    let clone = herd.clone_of(0);
    herd.env.run_git(&clone, &["commit", "-q", "--allow-empty", "-m", "code"]);
    let worktree = |number: usize| herd.env.root().join(format!("w{number}"));
    for number in 0..MANY {
        let folder = worktree(number).display().to_string();
        herd.env.run_git(&clone, &["worktree", "add", "-q", "--detach", &folder]);
    }
    let script = format!("{0} create 'an issue' --quiet && {0} sync --json", super::QP);
    let command = |number: usize| {
        let name = format!("a{number}");
        herd.program(&worktree(number), "sh", &name, &name, &["-c", &script])
    };
    let runs = at_once((0..MANY).map(command).collect());
    print_times("create and sync", &runs);
    println!("{} pushes for {MANY} worktrees", pushes(&log));
    runs.into_iter().for_each(|timed| drop(timed.run.success()));
    assert!(pushes(&log) <= 10, "{} pushes", pushes(&log));
    assert!(herd.operations(&clone).len() >= MANY);
    herd.nothing_is_lost(&herd.written());
}

#[test]
fn a_limited_server_is_asked_again_later() {
    let herd = Herd::new(9, 0);
    let Some((proxy, log)) = serve(&herd, &["--ppm", ALLOWED]) else { return };
    for timed in herd.all(&["create", "an issue", "--quiet"]) {
        timed.run.success();
    }
    let written = herd.written();
    // One after the other: what the server refuses then is refused because of its limit alone.
    let mut limited = 0;
    for agent in 0..herd.clones {
        let run = timed(herd.command(agent, &["sync", "--timeout", "8s"])).run;
        if run.code != 0 {
            let run = run.exits(8);
            let asked = run.stderr.contains("asks to wait") && run.stderr.contains("429");
            // On a machine that is busy with other things the time may be up before the server was asked.
            assert!(asked || run.stderr.contains("did not answer in time"), "{run}");
            limited += usize::from(asked);
        }
    }
    println!("{limited} of {} were asked to wait, {} pushes", herd.clones, pushes(&log));
    assert!(limited > 0);
    assert_eq!(herd.written(), written, "what is not sent is here");
    drop(proxy);
    let Some((_proxy, _)) = serve(&herd, &["--ppm", "1000"]) else { return };
    for _ in 0..2 {
        (0..herd.clones).for_each(|agent| drop(timed(herd.command(agent, &["sync"])).run.success()));
    }
    herd.nothing_is_lost(&written);
}
