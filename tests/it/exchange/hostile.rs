//! What arrives by a fetch may be anything, and disables no command.

use super::{BRANCH, Scene};

/// A commit whose date is none, pushed by somebody's broken program.
#[test]
fn a_commit_with_a_date_that_is_none() {
    let scene = Scene::new();
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    bob.run(&["pull"]);
    let server = scene.server();
    let tree = scene.env.run_git(&server, &["rev-parse", "quipu-sync^{tree}"]);
    let parent = scene.server_tip();
    let text = format!(
        "tree {}\nparent {parent}\nauthor x <x> abc +0000\ncommitter x <x> abc +0000\n\nodd\n",
        tree.trim()
    );
    let file = scene.env.root().join("commit");
    std::fs::write(&file, text).expect("a file");
    let file = file.to_str().expect("UTF-8");
    let commit = scene.env.run_git(&server, &["hash-object", "-t", "commit", "--literally", "-w", file]);
    scene.env.run_git(&server, &["update-ref", BRANCH, commit.trim()]);
    bob.create("Of his own");
    for desk in [&alice, &bob] {
        desk.run(&["sync"]);
        desk.run(&["list"]);
        desk.create("Another");
        desk.run(&["log"]);
        // An object that is not as it must be is what doctor is for.
        desk.qp(&["doctor"]).exits(1);
    }
    alice.run(&["sync"]);
    assert_eq!(alice.titles(), ["Another", "Of his own", "Shared"]);
}

/// A file where the folder of the issues belongs.
#[test]
fn a_file_in_the_place_of_the_issues() {
    let scene = Scene::new();
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    bob.run(&["pull"]);
    let server = scene.server();
    let settings = scene.env.run_git(&server, &["rev-parse", "quipu-sync:quipu.yml"]);
    let listing = format!("100644 blob {0}\tissues\n100644 blob {0}\tquipu.yml\n", settings.trim());
    std::fs::write(scene.env.root().join("listing"), listing).expect("a file");
    let tree = scene.env.shell(&server, "git mktree < ../listing").success().stdout;
    let commit = ["commit-tree", "-p", "quipu-sync", "-m", "odd", tree.trim()];
    let commit = scene.env.run_git(&server, &commit);
    scene.env.run_git(&server, &["update-ref", BRANCH, commit.trim()]);
    bob.create("Of his own");
    for desk in [&alice, &bob] {
        desk.run(&["sync"]);
        desk.run(&["list"]);
    }
    assert!(bob.titles().contains(&"Of his own".to_owned()));
    alice.run(&["sync"]);
    alice.create("One more");
}
