//! Remotes under any name, and repositories of every shape.

use super::{BRANCH, Desk, Scene};

/// Writes on both sides and syncs until both have everything.
pub fn exchanges(one: &Desk<'_>, other: &Desk<'_>, args: &[&str]) {
    let sync = |desk: &Desk<'_>, args: &[&str]| desk.run(&[&["sync"], args].concat());
    one.create("There");
    sync(one, args);
    other.create("Back");
    sync(other, &[]);
    sync(one, args);
    for desk in [one, other] {
        let titles = desk.titles();
        assert!(titles.contains(&"There".to_owned()) && titles.contains(&"Back".to_owned()), "{titles:?}");
        desk.fsck();
    }
    assert_eq!(one.tip(), other.tip());
}

#[test]
fn a_clone_of_a_clone() {
    let scene = Scene::new();
    let bob = scene.clone("bob", &[]);
    bob.run(&["sync"]);
    scene.env.run_git(scene.env.root(), &["clone", "-q", "bob", "carol"]);
    let carol = scene.at(scene.env.root().join("carol"), "carol");
    carol.create("Deep");
    carol.run(&["sync"]);
    bob.run(&["sync"]);
    scene.alice().run(&["sync"]);
    assert_eq!(scene.alice().titles(), ["Deep", "Shared"]);
}

#[test]
fn a_remote_with_another_name() {
    let scene = Scene::new();
    let bob = scene.clone("bob", &["-o", "upstream"]);
    exchanges(&bob, &scene.alice(), &[]);
    assert_eq!(bob.rev("refs/remotes/upstream/quipu-sync"), scene.server_tip());
    assert_eq!(bob.rev("refs/remotes/origin/quipu-sync"), "");
}

#[test]
fn of_several_remotes_the_configured_one() {
    let scene = Scene::new();
    let bob = scene.clone("bob", &["-o", "one"]);
    scene.env.run_git(scene.env.root(), &["init", "-q", "--bare", "other.git"]);
    bob.git(&["remote", "add", "two", "../other.git"]);
    let error = bob.error(9, &["sync"]);
    assert_eq!(error["code"], "no_remote");
    let told = error.to_string();
    assert!(told.contains("one") && told.contains("two") && told.contains("quipu.remote"), "{told}");
    bob.git(&["config", "quipu.remote", "one"]);
    exchanges(&bob, &scene.alice(), &[]);
    // Another one for once.
    assert!(bob.run(&["push", "--remote", "two"]).stdout.starts_with("two: sent 4 operations"));
    assert_eq!(bob.rev("refs/remotes/two/quipu-sync"), bob.tip());
    assert_eq!(bob.error(9, &["sync", "--remote", "three"])["code"], "no_remote");
}

/// Where one of several remotes may have the tracker, nobody is sent to start a second one.
#[test]
fn of_several_remotes_none_is_known() {
    let env = crate::env::Env::bare();
    env.run_git(env.root(), &["init", "-q", "repo"]);
    for name in ["one", "two"] {
        env.git_out(&["remote", "add", name, "../server.git"]);
    }
    let run = env.qp(["list"]).exits(9);
    assert!(run.stderr.contains("hint: qp pull --remote NAME, if a remote has one; qp init starts"), "{run}");
}

#[test]
fn no_remote() {
    let env = crate::env::Env::new();
    crate::snapshot!(
        env.qp(["sync"]),
        "\
[stderr]
error: this repository has no remote to share the tracker through
hint: git remote add origin URL; without one, qp outbox save writes a file for your own branch
[exit 9]
"
    );
}

#[test]
fn a_path_or_a_url() {
    let scene = Scene::new();
    let bob = scene.clone("bob", &[]);
    bob.git(&["remote", "remove", "origin"]);
    bob.git(&["fetch", "-q", "../server.git", "quipu-sync:quipu-sync"]);
    let url = format!("file://{}", scene.server().display());
    let known = |desk: &Desk<'_>| desk.git(&["for-each-ref", "--format=%(refname)", "refs/remotes"]);
    for remote in ["../server.git", &url] {
        exchanges(&bob, &scene.alice(), &["--remote", remote]);
        assert_eq!(known(&bob), "");
        assert_eq!(bob.run(&["sync", "--remote", remote]).stdout, format!("{remote}: in sync\n"));
    }
    bob.git(&["config", "quipu.remote", &url]);
    exchanges(&bob, &scene.alice(), &[]);
    assert_eq!(bob.json(&["status"])["remote"]["ahead"], 0);
}

#[test]
fn another_branch() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.run(&["--branch", "second", "init", "--prefix", "two"]);
    alice.run(&["--branch", "second", "q", "Apart"]);
    alice.run(&["--branch", "second", "sync"]);
    let bob = scene.clone("bob", &[]);
    bob.run(&["--branch", "second", "pull"]);
    assert_eq!(bob.json(&["--branch", "second", "list"])[0]["title"], "Apart");
    assert_eq!(bob.titles(), ["Shared"]);
    assert_eq!(bob.tip(), "", "the other branch is nobody's business here");
}

#[test]
fn a_linked_worktree_and_a_bare_repository() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.git(&["worktree", "add", "-q", "-b", "side", "../side"]);
    let bob = scene.clone("bob", &[]);
    exchanges(&scene.at(scene.env.root().join("side"), "alice"), &bob, &[]);
    let carol = scene.clone("carol", &["--bare"]);
    carol.run(&["pull"]);
    exchanges(&carol, &bob, &[]);
}

#[test]
fn sha_256() {
    let scene = Scene::with(&["--object-format=sha256"]);
    scene.alice().run(&["sync"]);
    assert_eq!(scene.server_tip().len(), 64);
    exchanges(&scene.alice(), &scene.clone("bob", &[]), &[]);
}

#[test]
fn reftable() {
    let scene = Scene::with(&["--ref-format=reftable"]);
    scene.alice().run(&["sync"]);
    let bob = scene.clone("bob", &["--ref-format=reftable"]);
    exchanges(&scene.alice(), &bob, &[]);
    assert_eq!(bob.git(&["rev-parse", "--show-ref-format"]).trim(), "reftable");
}

#[test]
fn a_partial_clone() {
    let scene = Scene::new();
    scene.env.run_git(&scene.server(), &["config", "uploadpack.allowFilter", "true"]);
    scene.env.run_git(&scene.server(), &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let bob = scene.clone("bob", &["--filter=blob:none"]);
    let alice = scene.alice();
    alice.create("More");
    alice.run(&["sync"]);
    bob.run(&["sync"]);
    exchanges(&bob, &alice, &[]);
}

#[test]
fn the_branch_checked_out_in_a_worktree() {
    let scene = Scene::new();
    let bob = scene.clone("bob", &[]);
    bob.run(&["sync"]);
    bob.git(&["worktree", "add", "-q", "../shown", "quipu-sync"]);
    exchanges(&bob, &scene.alice(), &[]);
    let shown = scene.env.root().join("shown");
    assert_eq!(scene.env.run_git(&shown, &["status", "--porcelain"]), "", "it follows");
    assert_eq!(scene.env.run_git(&shown, &["rev-parse", "HEAD"]).trim(), bob.rev(BRANCH));
}
