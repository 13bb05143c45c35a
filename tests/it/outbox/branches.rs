//! Files of the outbox on branches of code, which git merges and checks out.

use quipu::store::{OutboxSource, OutboxState};

use super::{Desk, Scene};
use crate::env::without_commits;

/// Commits the outbox as the hint of a sync says.
fn commit(desk: &Desk<'_>) {
    desk.git(&["add", ".quipu/outbox"]);
    desk.git(&["commit", "-q", "-m", "quipu outbox", "--", ".quipu/outbox"]);
}

fn files_of(desk: &Desk<'_>, branch: &str) -> Vec<String> {
    let list = desk.git(&["ls-tree", "--name-only", branch, ".quipu/outbox/"]);
    list.lines().map(|name| without_commits(name).replace(".quipu/outbox/", "")).collect()
}

/// One session that goes on in two clones, and in each on a branch of its own: merging the branches is no conflict, and
/// every operation arrives.
#[test]
fn branches_of_one_session_merge() {
    let scene = Scene::new();
    let clones = ["bob", "carol"].map(|who| Desk { session: "same", ..scene.clone(who) });
    for desk in &clones {
        for part in ["one", "two"] {
            desk.git(&["checkout", "-q", "-b", &format!("{}-{part}", desk.who), "origin/main"]);
            desk.create(&format!("{} {part}", desk.who));
            desk.save();
            commit(desk);
        }
        desk.git(&["push", "-q", "origin", "--all"]);
        desk.git(&["push", "-q", "-d", "origin", "quipu-sync"]);
        scene.env.git_out(&["push", "-q", "origin", "quipu-sync"]);
    }
    let dave = scene.clone("dave");
    for branch in ["bob-one", "bob-two", "carol-one", "carol-two"] {
        dave.git(&["merge", "-q", "--no-edit", &format!("origin/{branch}")]);
    }
    let expected = ["Shared", "bob one", "bob two", "carol one", "carol two"];
    assert_eq!(dave.titles(), expected);
    assert_eq!(files_of(&dave, "HEAD"), ["same-COMMIT.bundle"; 4]);
    let absorbed = dave.absorb(OutboxSource::WorkTree);
    assert_eq!((absorbed.operations, absorbed.files.len()), (4, 4));
    assert!(absorbed.files.iter().all(|file| file.session == "same"), "{absorbed:?}");
    assert_eq!(dave.titles(), expected);
}

/// A file is replaced until git has it. What is committed may be merged and pruned elsewhere while the work goes on: git
/// finds no conflict then, however much alike the files are.
#[test]
fn a_file_is_replaced_until_it_is_committed() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    bob.git(&["checkout", "-q", "-b", "work"]);
    for n in 0..5 {
        bob.create(&format!("Number {n}"));
        bob.save();
    }
    assert_eq!(bob.states().len(), 1);
    commit(&bob);
    let first = bob.bundle();
    // Merged and pruned on main, as somebody else does it.
    let carol = scene.clone("carol");
    carol.git(&["pull", "-q", "../bob", "work"]);
    carol.qp(&["sync"]).success();
    carol.qp(&["outbox", "prune"]).success();
    commit(&carol);
    carol.git(&["push", "-q", "origin", "HEAD:main"]);
    bob.create("Later");
    let later = bob.save();
    assert!(first.exists() && later.operations == 6);
    commit(&bob);
    bob.git(&["fetch", "-q", "origin", "main"]);
    bob.git(&["rebase", "-q", "FETCH_HEAD"]);
    assert!(!first.exists() && bob.bundle() == later.path);
    carol.git(&["pull", "-q", "../bob", "work"]);
    assert!(carol.titles().contains(&"Later".to_owned()));
}

/// A sparse checkout takes the folder off the disk; HEAD has it.
#[test]
fn what_a_sparse_checkout_leaves_out_is_read_from_git() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    bob.create("From bob");
    bob.git(&["checkout", "-q", "-b", "work"]);
    bob.save();
    commit(&bob);
    bob.git(&["push", "-q", "origin", "work"]);
    carol.git(&["sparse-checkout", "set", "--cone", "src"]);
    carol.git(&["fetch", "-q"]);
    carol.git(&["checkout", "-q", "work"]);
    assert!(!carol.file("").exists());
    assert_eq!(carol.titles(), ["From bob", "Shared"]);
    assert_eq!(carol.states(), [OutboxState::New]);
    let synced = carol.qp(&["sync", "--json", "--strict"]).success().json();
    assert_eq!((&synced["absorbed"]["operations"], &synced["in_sync"]), (&1.into(), &true.into()));
    assert_eq!(carol.qp(&["outbox", "prune", "--json"]).success().json()["removed"], serde_json::json!([]));
}

/// What is in HEAD under the same name stands in for a damaged file, and for no other one.
#[test]
fn another_file_of_the_same_name_is_not_read_instead() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    bob.create("First");
    let first = bob.save();
    bob.create("Second");
    let second = std::fs::read(bob.save().path).expect("a file");
    carol.git(&["checkout", "-q", "-b", "work"]);
    std::fs::create_dir_all(carol.file("")).expect("a folder");
    std::fs::write(bob.file("first"), "").expect("a folder is there");
    let old = bob.store().outbox().expect("an outbox").len();
    assert!(old == 1 && !first.path.exists());
    bob.git(&["update-ref", "refs/heads/quipu-sync", &first.tip]);
    let first = std::fs::read(bob.save().path).expect("a file");
    std::fs::write(carol.file("given.bundle"), first).expect("a file");
    commit(&carol);
    std::fs::write(carol.file("given.bundle"), &second[..second.len() - 40]).expect("a file");
    assert!(matches!(carol.states()[..], [OutboxState::Unreadable(_)]), "{:?}", carol.states());
    assert!(carol.qp(&["list"]).success().stderr.contains("given.bundle is passed over"));
    assert_eq!(carol.qp(&["sync", "--json"]).success().json()["in_sync"], false);
}

/// A file of the same name is written anew where it would lack something, and stays where another one lacks something.
#[test]
fn a_file_has_what_it_is_said_to_have() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    bob.create("First");
    bob.git(&["push", "-q", "origin", "quipu-sync"]);
    bob.create("Second");
    assert_eq!(bob.save().operations, 1);
    // The remote was put back.
    bob.git(&["push", "-q", "-f", "origin", "quipu-sync~2:quipu-sync"]);
    let saved = bob.save();
    assert_eq!((saved.operations, bob.store().outbox().expect("an outbox")[0].operations), (2, 2));
    // As far as another remote has it, less is to be saved; the file for the first one stays.
    scene.env.run_git(scene.env.root(), &["clone", "-q", "--bare", "server.git", "backup.git"]);
    bob.git(&["remote", "add", "backup", "../backup.git"]);
    bob.git(&["push", "-q", "backup", "quipu-sync"]);
    bob.git(&["config", "quipu.remote", "backup"]);
    bob.create("Third");
    let third = bob.save();
    assert!(third.operations == 1 && saved.path.exists());
    // Another tracker of the same repository has its own.
    bob.git(&["branch", "other", "quipu-sync"]);
    bob.qp(&["--branch", "other", "q", "Fourth"]).success();
    bob.qp(&["--branch", "other", "outbox", "save"]).success();
    assert!(third.path.exists());
}

/// A file that another working tree wrote stays, and so does one of another session.
#[test]
fn nothing_is_replaced_that_was_written_elsewhere() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), Desk { session: "bob", ..scene.clone("carol") });
    bob.create("One");
    bob.save();
    super::bring(&bob, &carol);
    carol.create("Two");
    let saved = carol.save();
    assert_eq!(saved.operations, 2);
    assert_eq!(carol.states(), [OutboxState::Here, OutboxState::Here]);
    // A note that came with a checkout names a file of the folder or nothing.
    let outside = carol.folder.join("mine.bundle");
    std::fs::copy(&saved.path, &outside).expect("a file");
    std::fs::write(carol.file("bob.latest"), "../../mine.bundle\n").expect("a file");
    carol.create("Three");
    carol.save();
    assert!(outside.exists());
    assert_eq!(carol.states().len(), 3);
}

/// A rule of the project turns line ends round on checkout: what git has is intact, and is read instead.
#[test]
fn a_file_that_a_checkout_has_changed_is_read_from_git() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    std::fs::write(bob.folder.join(".gitattributes"), "* text eol=crlf\n").expect("a file");
    bob.git(&["checkout", "-q", "-b", "work"]);
    bob.git(&["add", ".gitattributes"]);
    for n in 0..8 {
        bob.create(&format!("From bob {n}"));
    }
    let saved = bob.save();
    commit(&bob);
    bob.git(&["commit", "-q", "-m", "rules"]);
    bob.git(&["push", "-q", "origin", "work"]);
    carol.git(&["fetch", "-q"]);
    carol.git(&["checkout", "-q", "work"]);
    let intact = std::fs::read(&saved.path).expect("a file");
    assert_ne!(std::fs::read(super::bundle_of(&carol.folder, "bob")).expect("a file"), intact);
    assert_eq!(carol.titles().len(), 9);
    assert_eq!(carol.qp(&["list"]).success().stderr, "");
    assert_eq!(carol.states(), [OutboxState::New]);
    assert_eq!(carol.absorb(OutboxSource::WorkTree).operations, 8);
    carol.env.fsck_in(&carol.folder);
}

/// Git takes the remote to have what was pushed to another place; the remote itself is asked before a file goes.
#[test]
fn what_plain_git_has_pushed_elsewhere_is_not_pruned() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    scene.env.run_git(scene.env.root(), &["clone", "-q", "--bare", "server.git", "fork.git"]);
    bob.create("One");
    let saved = bob.save();
    bob.git(&["config", "remote.origin.pushurl", "../fork.git"]);
    bob.git(&["push", "-q", "origin", "quipu-sync"]);
    bob.qp(&["outbox", "prune"]).success();
    assert!(saved.path.exists());
    bob.git(&["config", "--unset", "remote.origin.pushurl"]);
    bob.git(&["push", "-q", "origin", "quipu-sync"]);
    bob.qp(&["outbox", "prune"]).success();
    assert!(!saved.path.exists());
}

/// Whoever holds the lock does not keep an exchange beyond its time.
#[test]
fn a_lock_is_waited_for_within_the_time_of_an_exchange() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    bob.create("From bob");
    bob.save();
    super::bring(&bob, &carol);
    carol.create("Makes the lock");
    carol.git(&["update-ref", "refs/heads/quipu-sync", "origin/quipu-sync"]);
    let lock = std::fs::File::open(carol.folder.join(".git/quipu/lock")).expect("a lock");
    lock.lock().expect("the lock");
    let run = carol.qp(&["sync", "--timeout", "1s"]).exits(7);
    assert!(run.stderr.contains("has been writing to this tracker for 1 s"), "{run}");
    drop(lock);
    carol.qp(&["sync"]).success();
    assert_eq!(carol.titles().len(), 2);
}
