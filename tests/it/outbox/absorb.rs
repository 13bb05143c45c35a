//! Bundles that travel with a branch of code, and what other clones make of them.

use quipu::store::{OutboxSource, OutboxState};

use super::{Desk, Scene, bring, store};

/// Commits the outbox on a branch of code, as an agent does with its work.
fn carry(desk: &Desk<'_>) {
    desk.git(&["checkout", "-q", "-B", "work"]);
    desk.git(&["add", ".quipu/outbox"]);
    desk.git(&["commit", "-q", "-m", "work"]);
    desk.git(&["push", "-q", "-f", "origin", "work"]);
}

#[test]
fn what_arrives_with_the_code_is_read_at_once_and_taken_in_by_a_write() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    bob.create("From bob");
    bob.qp(&["close", &scene.shared]).success();
    let saved = bob.save();
    let name = format!(".quipu/outbox/bob-{}.bundle", &bob.tip()[..9]);
    assert_eq!((saved.name.as_str(), saved.operations), (name.as_str(), 2));
    assert_eq!(saved.tip, bob.tip());
    carry(&bob);
    carol.git(&["fetch", "-q"]);
    carol.git(&["checkout", "-q", "work"]);
    assert_eq!(carol.titles(), ["From bob", "Shared"]);
    assert_eq!(carol.states(), [OutboxState::New]);
    assert_eq!(carol.env.try_git(&carol.folder, &["rev-parse", "-q", "--verify", super::BRANCH]).code, 1);
    carol.create("From carol");
    assert_eq!(carol.titles(), ["From bob", "From carol", "Shared"]);
    assert_eq!(carol.git(&["rev-parse", "quipu-sync^"]), bob.tip(), "the same commit by another road");
    assert_eq!(carol.states(), [OutboxState::Here]);
    carol.git(&["push", "-q", "origin", "quipu-sync"]);
    assert_eq!(carol.states(), [OutboxState::Shared]);
    carol.env.fsck_in(&carol.folder);
}

#[test]
fn absorbing_twice_changes_nothing() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    bob.create("From bob");
    bob.save();
    carry(&bob);
    carol.git(&["fetch", "-q"]);
    let first = carol.absorb(OutboxSource::Branch("work"));
    assert_eq!((first.taken, first.operations, first.issues.len(), first.merged), (1, 1, 1, false));
    assert_eq!(first.files.len(), 1);
    assert_eq!(first.files[0].state, OutboxState::Here);
    let tip = carol.tip();
    for source in [OutboxSource::Branch("work"), OutboxSource::Branch("origin/work"), OutboxSource::WorkTree]
    {
        let again = carol.absorb(source);
        assert!(again.is_idle() && again.taken == 0 && again.warnings.is_empty(), "{again:?}");
    }
    assert_eq!(carol.tip(), tip);
    assert!(!carol.folder.join(".quipu").exists());
    let missing = store(&carol.folder).absorb_outbox(
        &super::context(&carol.folder),
        &quipu::store::Author { actor: "c".into(), email: "c@c".into(), session: "c".into() },
        OutboxSource::Branch("--upload-pack=x"),
    );
    assert_eq!(missing.expect_err("no branch").code(), "no_such_branch");
}

#[test]
fn clones_that_absorb_the_same_agree() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    bob.create("From bob");
    bob.qp(&["update", &scene.shared, "--title", "By bob"]).success();
    carol.create("From carol");
    carol.qp(&["update", &scene.shared, "--title", "By carol"]).success();
    bob.save();
    carol.save();
    let tips = ["dave", "erin"].map(|who| {
        let desk = scene.clone(who);
        bring(&bob, &desk);
        bring(&carol, &desk);
        let seen = desk.titles();
        let done = desk.absorb(OutboxSource::WorkTree);
        assert!(done.merged && done.taken == 2 && done.lost.len() == 1, "{done:?}");
        assert_eq!(desk.titles(), seen);
        desk.env.fsck_in(&desk.folder);
        desk.tip()
    });
    assert_eq!(tips[0], tips[1]);
    // The same again, by the road of the remote.
    bob.qp(&["sync"]).success();
    carol.qp(&["sync"]).success();
    assert_eq!(carol.tip(), tips[0]);
}

#[test]
fn a_file_is_cumulative_and_replaces_the_one_before() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    assert_eq!(bob.store().save_outbox("bob").expect("an outbox"), None);
    assert!(!bob.folder.join(".quipu").exists());
    bob.create("One");
    let first = bob.save();
    bob.create("Two");
    let second = bob.save();
    assert_eq!((first.operations, second.operations), (1, 2));
    assert!(!first.path.exists() && second.path == bob.bundle());
    let files = std::fs::read_dir(bob.file("")).expect("a folder").count();
    assert_eq!(files, 5, "file, note, lock, .gitignore, .gitattributes");
    let file = &bob.store().outbox().expect("an outbox")[0];
    assert_eq!((file.session.as_str(), file.operations, &file.state), ("bob", 2, &OutboxState::Here));
    assert_eq!(file.prerequisites, [bob.git(&["rev-parse", "origin/quipu-sync"])]);
}

#[test]
fn a_missing_prerequisite_keeps_the_file() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    bob.create("Between");
    bob.git(&["push", "-q", "origin", "quipu-sync"]);
    bob.create("From bob");
    let name = bob.save().name;
    bring(&bob, &carol);
    let run = carol.qp(&["list"]).success();
    let between = bob.git(&["rev-parse", "--short=12", "quipu-sync^"]);
    let expected =
        format!("warning: {name} is passed over: it builds upon {between}, which is not here: qp pull\n");
    assert_eq!(run.stderr, expected);
    let done = carol.absorb(OutboxSource::WorkTree);
    assert_eq!((done.taken, done.missing().count(), done.warnings.len()), (0, 1, 1));
    carol.create("From carol");
    assert_eq!(carol.titles(), ["From carol", "Shared"]);
    carol.git(&["fetch", "-q"]);
    assert_eq!(carol.absorb(OutboxSource::WorkTree).taken, 1);
    carol.qp(&["sync"]).success();
    assert_eq!(carol.titles(), ["Between", "From bob", "From carol", "Shared"]);
}

#[test]
fn a_bundle_of_gits_own_making_is_taken_in_once_git_has_unpacked_it() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    for n in 0..10 {
        bob.qp(&["update", &scene.shared, "-d", &format!("{}{n}", "A text. ".repeat(200 + n))]).success();
    }
    bob.create("From bob");
    std::fs::create_dir_all(carol.file("")).expect("a folder");
    let file = carol.file("git.bundle");
    let file = file.to_str().expect("UTF-8");
    bob.git(&["bundle", "create", "-q", file, "quipu-sync"]);
    let run = carol.qp(&["list"]).success();
    assert!(run.stderr.contains("git must unpack it") && !run.stdout.contains("From bob"), "{run}");
    carol.git(&["fetch", "-q", "--no-write-fetch-head", file, "quipu-sync"]);
    let run = carol.qp(&["list"]).success();
    assert!(run.stderr.is_empty() && run.stdout.contains("From bob"), "{run}");
    assert_eq!(carol.absorb(OutboxSource::WorkTree).taken, 1);
    assert_eq!(carol.tip(), bob.tip());
}

#[test]
fn only_what_the_remote_has_is_pruned() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    bob.create("From bob");
    let saved = bob.save();
    std::fs::write(bob.file("broken.bundle"), "nothing").expect("a file");
    assert_eq!(bob.store().prune_outbox().expect("an outbox"), [""; 0]);
    bob.git(&["push", "-q", "origin", "quipu-sync"]);
    assert_eq!(bob.store().prune_outbox().expect("an outbox"), [saved.name]);
    assert!(bob.file("broken.bundle").exists() && !saved.path.exists());
}

#[test]
fn a_bundle_without_a_past_starts_a_clone_that_has_none() {
    let scene = Scene::new();
    let env = &scene.env;
    env.git_out(&["remote", "remove", "origin"]);
    let saved = store(&env.repo()).save_outbox("s1").expect("an outbox").expect("everything");
    env.run_git(env.root(), &["init", "-q", "-b", "main", "empty"]);
    let empty = env.root().join("empty");
    std::fs::create_dir_all(empty.join(".quipu/outbox")).expect("a folder");
    std::fs::copy(saved.path, empty.join(saved.name)).expect("a file");
    assert_eq!(super::titles(env, &empty), ["Shared"]);
    env.qp_in(&empty, ["q", "Next"], &[], "").success();
    assert_eq!(super::titles(env, &empty), ["Next", "Shared"]);
    env.fsck_in(&empty);
}

/// The tracker is what it was before again and again, all within a second: a commit whose tree an earlier one has had is
/// not taken for that one's past. Their ids put them into any order.
#[test]
fn what_was_taken_back_is_whole_in_the_file() {
    let scene = Scene::new();
    let (bob, carol) = (scene.clone("bob"), scene.clone("carol"));
    let run = |args: &[&str]| {
        let vars = [("QP_TEST_NOW", "2026-01-09T12:00:00Z")];
        bob.env.qp_in(&bob.folder, args, &vars, "").success();
    };
    run(&["create", "From bob"]);
    for _ in 0..8 {
        run(&["query", "save", "mine", "is:open"]);
        run(&["query", "delete", "mine"]);
    }
    bob.save();
    carry(&bob);
    carol.git(&["fetch", "-q"]);
    carol.git(&["checkout", "-q", "work"]);
    assert_eq!(carol.states(), [OutboxState::New]);
    assert_eq!(carol.titles(), ["From bob", "Shared"]);
    carol.create("From carol");
    carol.env.fsck_in(&carol.folder);
}

/// A rule of the project for its texts does not reach the bundles.
#[test]
fn line_ends_stay_as_they_are() {
    let scene = Scene::new();
    let bob = scene.clone("bob");
    std::fs::write(bob.folder.join(".gitattributes"), "* text eol=lf\n").expect("a file");
    bob.create("From bob");
    let name = bob.save().name;
    let said = bob.git(&["check-attr", "text", "merge", "--", &name]);
    assert!(said.contains("text: unset") && said.contains("merge: unset"), "{said}");
}
