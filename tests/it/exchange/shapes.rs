//! Clones of every shape exchange what they write with an ordinary one.

use std::path::PathBuf;

use super::places::exchanges;
use super::{BRANCH, Desk, Scene};

/// Lets the server give parts of what it has.
fn gives_parts(scene: &Scene) {
    for setting in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
        scene.env.run_git(&scene.server(), &["config", setting, "true"]);
    }
}

#[test]
fn a_clone_without_folders() {
    let scene = Scene::new();
    gives_parts(&scene);
    for title in ["Second", "Third"] {
        scene.env.create([title]);
    }
    scene.alice().run(&["sync"]);
    let bob = scene.clone("bob", &["--filter=tree:0", "--no-checkout"]);
    let missing = bob.git(&["rev-list", "--objects", "--missing=print", "origin/quipu-sync"]);
    if !missing.contains('?') {
        return crate::compat::skip("git makes no clones without folders");
    }
    assert_eq!(bob.titles(), ["Second", "Shared", "Third"]);
    // What comes later comes with its folders, and both sides are merged.
    scene.env.create(["Hers"]);
    scene.alice().run(&["sync"]);
    exchanges(&bob, &scene.alice(), &[]);
    let carol = scene.clone("carol", &["--filter=tree:0", "--no-checkout"]);
    carol.run(&["sync"]);
    assert_eq!(carol.titles(), bob.titles());
    let config = std::fs::read_to_string(bob.folder.join(".git/config")).expect("the configuration");
    assert!(config.contains("partialclonefilter = tree:0"), "the clone stays what it is: {config}");
}

#[test]
fn a_sparse_checkout() {
    let scene = Scene::new();
    let bob = scene.clone("bob", &["--sparse"]);
    exchanges(&bob, &scene.alice(), &[]);
    assert_eq!(bob.git(&["status", "--porcelain"]), "");
}

#[test]
fn one_branch_of_a_depth_of_one() {
    let scene = Scene::new();
    let bob = scene.clone("bob", &["--depth", "1", "--single-branch"]);
    bob.run(&["pull"]);
    exchanges(&bob, &scene.alice(), &[]);
    scene.env.fsck_in(&scene.server());
}

#[test]
fn a_detached_head() {
    let scene = Scene::new();
    let bob = scene.clone("bob", &[]);
    bob.git(&["checkout", "-q", "--detach"]);
    exchanges(&bob, &scene.alice(), &[]);
    assert_eq!(bob.git(&["branch", "--show-current"]), "");
}

#[test]
fn a_git_directory_elsewhere() {
    let scene = Scene::new();
    let elsewhere = scene.env.root().join("elsewhere").display().to_string();
    let bob = scene.clone("bob", &["--separate-git-dir", &elsewhere]);
    // A relative URL counts from where the files are.
    bob.git(&["remote", "set-url", "origin", "../server.git"]);
    exchanges(&bob, &scene.alice(), &[]);
}

#[test]
fn a_folder_of_worktrees_around_a_bare_repository() {
    let scene = Scene::new();
    let folder = scene.env.root().join("box");
    std::fs::create_dir(&folder).expect("a folder");
    scene.env.run_git(&folder, &["clone", "-q", "--bare", "../server.git", ".bare"]);
    std::fs::write(folder.join(".git"), "gitdir: ./.bare\n").expect("a file");
    scene.env.run_git(&folder, &["worktree", "add", "-q", "main"]);
    for place in [folder.clone(), folder.join("main"), folder.join(".bare")] {
        let bob = scene.at(place, "bob");
        bob.run(&["sync"]);
        exchanges(&bob, &scene.alice(), &[]);
    }
}

#[test]
fn a_submodule() {
    let scene = Scene::new();
    let outer = scene.env.root().join("outer");
    scene.env.run_git(scene.env.root(), &["init", "-q", "outer"]);
    let url = scene.server().display().to_string();
    let add = ["-c", "protocol.file.allow=always", "submodule", "add", "-q", &url, "part"];
    scene.env.run_git(&outer, &add);
    let bob = scene.at(outer.join("part"), "bob");
    exchanges(&bob, &scene.alice(), &[]);
    assert_eq!(scene.env.run_git(&outer, &["for-each-ref"]), "", "the outer repository has none of it");
}

/// A clone that borrows from `lender`.
fn borrower(scene: &Scene) -> (Desk<'_>, PathBuf) {
    scene.env.run_git(scene.env.root(), &["clone", "-q", "--bare", "server.git", "lender"]);
    scene.env.run_git(scene.env.root(), &["clone", "-q", "--shared", "lender", "bob"]);
    let bob = scene.at(scene.env.root().join("bob"), "bob");
    bob.git(&["remote", "set-url", "origin", "../server.git"]);
    (bob, scene.env.root().join("lender"))
}

#[test]
fn a_clone_that_borrows_objects() {
    let scene = Scene::new();
    let (bob, _) = borrower(&scene);
    exchanges(&bob, &scene.alice(), &[]);
}

#[test]
fn a_lender_that_is_gone_is_named() {
    let scene = Scene::new();
    let (bob, lender) = borrower(&scene);
    let away = scene.env.root().join("away");
    std::fs::rename(&lender, &away).expect("a folder");
    for command in [&["list"][..], &["q", "His"], &["sync"]] {
        let error = bob.error(9, command);
        assert_eq!(error["code"], "alternates", "{error}");
        let told = error["error"].as_str().expect("a message");
        assert!(told.contains("lender/objects, and that folder is not there"), "{told}");
    }
    std::fs::rename(&away, &lender).expect("a folder");
    exchanges(&bob, &scene.alice(), &[]);
}

/// The sandbox has taken the remotes away and made a branch `work`; what was fetched is still there.
#[test]
fn what_a_remote_has_left_behind_is_read() {
    for init in [&[][..], &["--ref-format=reftable"]] {
        let scene = Scene::new();
        let bob = scene.clone("bob", init);
        bob.git(&["checkout", "-q", "-b", "work"]);
        bob.git(&["config", "--remove-section", "remote.origin"]);
        assert_eq!(bob.titles(), ["Shared"]);
        bob.create("His");
        assert_eq!(bob.rev("quipu-sync^"), bob.rev("origin/quipu-sync"));
        let error = bob.error(9, &["sync"]);
        assert_eq!(error["code"], "no_remote");
        assert!(error["hint"].as_str().is_some_and(|h| h.starts_with("git remote add origin")), "{error}");
        bob.git(&["remote", "add", "origin", "../server.git"]);
        exchanges(&bob, &scene.alice(), &[]);
    }
}

/// Exactly what actions/checkout runs for a pull request: one commit by its id, no branch, no other ref.
#[test]
fn a_job_that_has_one_commit_and_no_branch() {
    let scene = Scene::new();
    let url = format!("file://{}", scene.server().display());
    let sha = scene.env.run_git(&scene.server(), &["rev-parse", "main"]).trim().to_owned();
    let job = scene.at(scene.env.root().join("job"), "ci");
    scene.env.run_git(scene.env.root(), &["init", "-q", "job"]);
    job.git(&["remote", "add", "origin", &url]);
    job.git(&["config", "--local", "gc.auto", "0"]);
    let spec = format!("+{sha}:refs/remotes/pull/1/merge");
    job.git(&[
        "fetch",
        "-q",
        "--no-tags",
        "--prune",
        "--no-recurse-submodules",
        "--depth=1",
        "origin",
        &spec,
    ]);
    job.git(&["checkout", "-q", "--force", "refs/remotes/pull/1/merge"]);
    let error = job.error(9, &["ready"]);
    assert_eq!(error["code"], "no_tracker");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.starts_with("qp pull")), "{error}");
    job.run(&["pull"]);
    assert_eq!(job.titles(), ["Shared"]);
    // Files that nobody tracks go; the tracker is none of them.
    job.git(&["clean", "-ffdxq"]);
    exchanges(&job, &scene.alice(), &[]);
    assert_eq!(job.git(&["branch", "--show-current"]), "");
    scene.env.fsck_in(&scene.server());
}

/// Origin is the user's own copy and has no tracker; the project's is upstream.
#[test]
fn a_fork_reads_the_tracker_of_upstream() {
    let scene = Scene::new();
    scene
        .env
        .run_git(scene.env.root(), &["clone", "-q", "--bare", "--single-branch", "server.git", "fork.git"]);
    scene.env.run_git(scene.env.root(), &["clone", "-q", "fork.git", "bob"]);
    let bob = scene.at(scene.env.root().join("bob"), "bob");
    bob.git(&["remote", "add", "upstream", "../server.git"]);
    assert_eq!(bob.error(9, &["list"])["code"], "no_tracker");
    bob.git(&["fetch", "-q", "upstream"]);
    let error = bob.error(9, &["list"]);
    let hint = error["hint"].as_str().expect("a hint");
    let (remedy, _) = hint.split_once(", ").expect("a command");
    assert_eq!(remedy, "git config quipu.remote upstream");
    // Once, or for good.
    bob.run(&["sync", "--remote", "upstream"]);
    assert_eq!(bob.titles(), ["Shared"]);
    assert_eq!(scene.env.shell(&bob.folder, remedy).code, 0);
    exchanges(&bob, &scene.alice(), &[]);
    assert_eq!(bob.rev("refs/remotes/origin/quipu-sync"), "", "the fork is not written to");
}

#[test]
fn who_may_not_write_upstream_sends_to_the_fork() {
    let scene = Scene::new();
    scene.env.run_git(scene.env.root(), &["clone", "-q", "--bare", "server.git", "fork.git"]);
    let bob = scene.clone("bob", &["-o", "upstream"]);
    bob.git(&["remote", "add", "origin", "../fork.git"]);
    bob.git(&["config", "quipu.remote", "upstream"]);
    let hook = scene.hook("pre-receive", "echo 'you may not' >&2; exit 1");
    bob.create("His");
    let run = bob.run(&["sync"]);
    assert!(run.stderr.starts_with("saved, not shared: upstream refuses quipu-sync"), "{run}");
    assert_eq!(bob.titles(), ["His", "Shared"], "reads still follow upstream, and nothing is lost");
    bob.run(&["push", "--remote", "origin"]);
    let fork = scene.env.root().join("fork.git");
    assert_eq!(scene.env.run_git(&fork, &["rev-parse", BRANCH]).trim(), bob.tip());
    // Whoever may write takes it from there.
    std::fs::remove_file(hook).expect("the hook is there");
    scene.alice().run(&["pull", "--remote", "../fork.git"]);
    scene.alice().run(&["sync"]);
    bob.run(&["sync"]);
    assert_eq!((bob.tip(), scene.server_tip()), (scene.alice().tip(), bob.tip()));
}
