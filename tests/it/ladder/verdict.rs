//! What a remote has refused is remembered for an hour.

use super::{Ground, OWN_BRANCHES};

const HOUR_MS: i64 = 60 * 60 * 1000;

#[test]
fn a_refused_push_is_not_tried_twice_within_the_hour() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(OWN_BRANCHES) else { return };
    let (free, s1) = (ground.free(), ground.sandbox(&proxy, "s1"));
    s1.run(&["q", "One"]);
    s1.run(&["sync"]);
    assert_eq!(ground.pushes().len(), 1);
    free.run(&["q", "Free"]);
    free.run(&["sync"]);
    // What others do is read all the same, and no command pushes.
    for command in [&["sync"][..], &["push"], &["create", "Two", "--sync"], &["pull"]] {
        s1.run(command);
    }
    assert_eq!(s1.titles(), ["Free", "One", "Shared", "Two"]);
    assert_eq!(ground.pushes().len(), 1);
    assert_eq!(s1.json(&["sync", "--retry"])["unsent"], 2);
    assert_eq!(ground.pushes().len(), 2);
    ground.env.pass(HOUR_MS);
    s1.run(&["sync"]);
    assert_eq!(ground.pushes().len(), 3);
}

#[test]
fn what_was_taken_or_is_asked_of_another_address_is_tried_at_once() {
    let ground = Ground::new();
    let Some(strict) = ground.serve(OWN_BRANCHES) else { return };
    let Some(open) = ground.serve(&[]) else { return };
    let s1 = ground.sandbox(&strict, "s1");
    s1.run(&["q", "One"]);
    s1.run(&["sync"]);
    s1.git(&["remote", "set-url", "origin", &open.url("")]);
    assert_eq!(s1.json(&["sync"])["in_sync"], true);
    // The push that was taken has ended the verdict, also for the address before.
    s1.git(&["remote", "set-url", "origin", &strict.url("")]);
    s1.run(&["q", "Two"]);
    let before = ground.pushes().len();
    s1.run(&["sync"]);
    assert_eq!(ground.pushes().len(), before + 1);
    s1.git(&["remote", "set-url", "origin", &open.url("")]);
    s1.run(&["sync"]);
    let free = ground.free();
    free.run(&["sync"]);
    assert_eq!(free.titles(), ["One", "Shared", "Two"]);
}

#[test]
fn a_verdict_that_is_damaged_or_of_the_future_costs_one_push() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(OWN_BRANCHES) else { return };
    let s1 = ground.sandbox(&proxy, "s1");
    s1.run(&["q", "One"]);
    s1.run(&["sync"]);
    let file = s1.folder.join(".git/quipu/refused-origin");
    let line = std::fs::read_to_string(&file).expect("the verdict");
    let time = line.split('\t').next().expect("a time");
    for (number, text) in ["\0\n", "", &line.replace(time, "99999999999999")].into_iter().enumerate() {
        std::fs::write(&file, text).expect("the verdict");
        s1.run(&["sync"]);
        assert_eq!(ground.pushes().len(), number + 2, "{text:?}");
    }
    std::fs::remove_file(&file).expect("the verdict");
    s1.run(&["sync"]);
    assert_eq!(ground.pushes().len(), 5);
}
