//! Everywhere git runs, with git as the judge: kinds of repositories, surroundings that git copes with, and the
//! promise that nothing of the user's is touched.

mod checkout;
mod clones;
pub mod fingerprint;
mod folders;
mod hooks;
pub mod lines;
pub mod locked;
mod refs;
mod shapes;
mod shared;
mod surroundings;
mod untouched;

use std::path::Path;

use crate::env::Env;

/// Returns the titles of all issues, in the order of the tracker.
fn titles(env: &Env, folder: &Path) -> Vec<String> {
    let run =
        env.qp_in(folder, ["list", "--all", "--sort", "created", "--reverse", "--json"], &[], "").success();
    let document = run.json();
    let titles = document.as_array().expect("an array").iter();
    titles.map(|issue| issue["title"].as_str().expect("a title").to_owned()).collect()
}

/// Starts a tracker, works with it, and asks git whether all is well.
fn lives(env: &Env, folder: &Path) {
    env.qp_in(folder, ["init", "--prefix", "web"], &[], "").success();
    works(env, folder);
    let count = env.run_git(folder, &["rev-list", "--count", "quipu-sync"]);
    assert_eq!(count.trim(), "5", "the root, init, and one commit a change");
}

/// Works with an empty tracker.
fn works(env: &Env, folder: &Path) {
    let qp = |args: &[&str]| env.qp_in(folder, args, &[], "").success().stdout;
    let key = qp(&["q", "First"]);
    qp(&["q", "Second"]);
    qp(&["close", key.trim(), "-r", "done"]);
    assert_eq!(titles(env, folder), ["First", "Second"]);
    let shown = env.qp_in(folder, ["show", key.trim(), "--json"], &[], "").success().json();
    assert_eq!(shown[0]["close_reason"], "done");
    let subject = env.run_git(folder, &["log", "-1", "--format=%s", "quipu-sync"]);
    assert_eq!(subject.trim(), format!("close {}: First", key.trim()));
    env.fsck_in(folder);
}

/// Says why a test could not be run here.
pub fn skip(why: &str) {
    println!("not runnable here: {why}");
}
