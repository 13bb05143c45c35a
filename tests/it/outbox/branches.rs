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

/// What a file of the same working tree replaces goes with the same commit; what the remote has by then is left to who
/// prunes it, on whichever branch.
#[test]
fn a_file_is_replaced_until_it_is_shared() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    bob.git(&["checkout", "-q", "-b", "work"]);
    bob.create("One");
    bob.save();
    commit(&bob);
    bob.create("Two");
    bob.save();
    commit(&bob);
    assert_eq!(files_of(&bob, "work"), ["bob-COMMIT.bundle"]);
    assert_eq!(bob.git(&["status", "--porcelain"]), "");
    // Both are shared by another road, and pruned on main, while the work goes on.
    bob.git(&["checkout", "-q", "main"]);
    bob.git(&["merge", "-q", "--no-ff", "--no-edit", "work"]);
    bob.git(&["push", "-q", "origin", "quipu-sync"]);
    bob.qp(&["outbox", "prune"]).success();
    commit(&bob);
    bob.git(&["checkout", "-q", "work"]);
    bob.create("Three");
    let third = bob.save();
    assert_eq!(third.operations, 1);
    commit(&bob);
    bob.git(&["checkout", "-q", "main"]);
    bob.git(&["merge", "-q", "--no-edit", "work"]);
    assert_eq!(files_of(&bob, "main"), ["bob-COMMIT.bundle"]);
    assert_eq!(bob.bundle(), third.path);
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
