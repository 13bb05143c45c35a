//! The waits between attempts, and when a remote was last reached.

use std::collections::BTreeMap;

use quipu::context::Context;
use quipu::model::Timestamp;
use quipu::store::Outcome;
use quipu::store::testing::{waits, waits_within};

use super::Scene;
use crate::env::Env;

fn seeded(env: &Env, seed: u64) -> Context {
    let vars = BTreeMap::from([("QP_TEST_SEED".to_owned(), seed.to_string())]);
    Context::new(vars, env.repo()).expect("a context")
}

#[test]
fn waits_grow_within_bounds_and_differ() {
    let env = Env::git();
    let mut firsts = Vec::new();
    for seed in 0..50 {
        let waits = waits(&seeded(&env, seed), &[const { Outcome::LostRace }; 30]);
        let mut previous = 300;
        for wait in &waits {
            assert!((300..=20_000).contains(wait) && *wait <= 3 * previous, "{waits:?}");
            previous = *wait;
        }
        firsts.push(waits[0]);
    }
    firsts.sort_unstable();
    firsts.dedup();
    assert!(firsts.len() > 30, "{firsts:?}");
}

#[test]
fn a_server_that_asks_for_it_is_given_time() {
    let env = Env::git();
    for seed in 0..20 {
        let limited = Outcome::Limited(String::new());
        let waits = waits(&seeded(&env, seed), &[limited.clone(), limited]);
        assert!(waits.iter().all(|wait| (5_000..=20_000).contains(wait)), "{waits:?}");
    }
    assert!(!waits_within(&seeded(&env, 1), 100), "there is no time for it");
}

#[test]
fn a_remote_was_seen() {
    let scene = Scene::new();
    let store = scene.store();
    let at = Timestamp::parse("2026-01-07T10:00:00.123Z").expect("a time");
    let secret = "https://u:hunter2@host/x.git";
    for (number, remote) in ["origin", "Origin", "a/b", "a-b", secret].into_iter().enumerate() {
        assert_eq!(store.seen(remote), None);
        let at = at.plus_millis(i64::try_from(number).expect("few"));
        store.note_seen(remote, at);
        assert_eq!(store.seen(remote), Some(at));
    }
    let files = std::fs::read_dir(store.private_dir()).expect("a folder").flatten();
    let names: Vec<String> = files.map(|f| f.file_name().to_string_lossy().into_owned()).collect();
    assert!(names.contains(&"seen-origin".to_owned()) && names.len() == 5, "{names:?}");
    assert!(!names.iter().any(|name| name.contains("hunter")), "{names:?}");
    std::fs::write(store.private_dir().join("seen-origin"), "nonsense").expect("a file");
    assert_eq!(store.seen("origin"), None);
}
