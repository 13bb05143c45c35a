//! What a push may do, how several refs of one push fare, and which remotes are taken.

use quipu::store::Outcome;
use quipu::store::testing::{Wire, read_push};

use super::proxy::Proxy;
use super::{BRANCH, CLAIM, FETCH, OTHER_CLAIM, PLENTY_MS, Scene, word};
use crate::snapshot;

#[test]
fn whoever_finds_the_very_same_claim_has_not_won_it() {
    let scene = Scene::new();
    let blob = scene.blob("claim");
    assert_eq!(scene.push("origin", CLAIM, &blob, "absent"), Outcome::Pushed);
    assert_eq!(scene.push("origin", CLAIM, &blob, "absent"), Outcome::LostRace);
    assert_eq!(scene.push("origin", CLAIM, &blob, &blob), Outcome::UpToDate);
    let next = scene.blob("next");
    assert_eq!(scene.push("origin", CLAIM, &next, &blob), Outcome::Pushed);
    // What was expected is gone, although the ref has the wanted value.
    assert_eq!(scene.push("origin", CLAIM, &next, &blob), Outcome::LostRace);
    assert_eq!(scene.push("origin", CLAIM, "-", &blob), Outcome::LostRace);
    assert_eq!(scene.push("origin", CLAIM, "-", &next), Outcome::Pushed);
    assert_eq!(scene.push("origin", CLAIM, "-", &next), Outcome::LostRace);
    assert_eq!(scene.on_server(CLAIM), "");
}

#[test]
fn force_and_deletion_stay_below_our_own_refs() {
    let scene = Scene::new();
    let mine = scene.commit(&scene.base, "mine");
    let base = scene.base.clone();
    for (name, new, expect) in [
        (BRANCH, mine.as_str(), base.as_str()),
        (BRANCH, "-", base.as_str()),
        (BRANCH, "-", "forward"),
        ("refs/heads/new", mine.as_str(), "absent"),
        ("refs/quipu/../heads/main", mine.as_str(), "absent"),
        ("HEAD", mine.as_str(), "forward"),
        ("+refs/heads/x", mine.as_str(), "forward"),
    ] {
        let outcome = scene.push("origin", name, new, expect);
        assert_eq!(word(&outcome), "refused", "{name} {new} {expect}: {outcome}");
    }
    assert_eq!(scene.on_server(BRANCH), scene.base);
}

#[test]
fn an_atomic_push_is_all_or_none() {
    let scene = Scene::new();
    let (one, two) = (scene.blob("one"), scene.blob("two"));
    let mine = scene.commit(&scene.base, "mine");
    let store = scene.store();
    let wire = scene.wire(&store, "origin");
    let stale = [(BRANCH, mine.as_str(), "forward"), (CLAIM, one.as_str(), two.as_str())];
    assert_eq!(wire.push(&stale, true), [Outcome::LostRace, Outcome::LostRace]);
    assert_eq!(scene.on_server(BRANCH), scene.base);
    let good = [(BRANCH, mine.as_str(), "forward"), (CLAIM, one.as_str(), "absent")];
    assert_eq!(wire.push(&good, true), [Outcome::Pushed, Outcome::Pushed]);
    assert_eq!(wire.push(&good, true), [Outcome::UpToDate, Outcome::LostRace]);
    assert_eq!(wire.push(&[], true), []);
}

#[test]
fn a_ref_that_was_held_back_shares_the_reason() {
    let stdout = "To x\n!\ta:refs/a\t[remote rejected] (atomic push failure)\n\
                  !\tb:refs/b\t[remote rejected] (hook declined)\nDone\n";
    let outcomes = read_push(false, stdout, "remote: no        \n", &["refs/a", "refs/b"]);
    assert_eq!(outcomes, [(); 2].map(|()| Outcome::Refused("hook declined: no".to_owned())));
}

#[test]
fn a_server_that_knows_no_atomic_push_gets_one_after_the_other() {
    let scene = Scene::new();
    scene.env.run_git(&scene.server(), &["config", "receive.advertiseAtomic", "false"]);
    let (one, two) = (scene.blob("one"), scene.blob("two"));
    let mine = scene.commit(&scene.base, "mine");
    let store = scene.store();
    let wire = scene.wire(&store, "origin");
    let pushes = [
        (BRANCH, mine.as_str(), "forward"),
        (CLAIM, one.as_str(), two.as_str()),
        (OTHER_CLAIM, one.as_str(), "absent"),
    ];
    assert_eq!(wire.push(&pushes, true), [Outcome::Pushed, Outcome::LostRace, Outcome::LostRace]);
    assert_eq!((scene.on_server(BRANCH), scene.on_server(OTHER_CLAIM)), (mine, String::new()));
}

#[test]
fn a_ref_without_a_line_was_not_pushed() {
    let silent = read_push(true, "Done\n", "", &[BRANCH]);
    assert_eq!(word(&silent[0]), "unreachable");
    // Local trouble after the remote has taken it.
    let taken = format!("To x\n \ta:{BRANCH}\ta..b\nDone\n");
    assert_eq!(
        read_push(false, &taken, "fatal: ref updates aborted by hook\n", &[BRANCH]),
        [Outcome::Pushed]
    );
}

#[test]
fn a_listing_is_the_branch_and_the_claims() {
    let scene = Scene::new();
    let blob = scene.blob("claim");
    assert_eq!(scene.push("origin", CLAIM, &blob, "absent"), Outcome::Pushed);
    for name in [
        "refs/quipu/claims/nonsense",
        "refs/quipu/claims/01KF0000000000000000000002",
        "refs/x/refs/heads/quipu-sync",
    ] {
        scene.env.git_out(&["push", "-q", "origin", &format!("{blob}:{name}")]);
    }
    let store = scene.store();
    let claim = format!("01kf0000000000000000000000 {blob}");
    assert_eq!(scene.wire(&store, "origin").list(), Ok((Some(scene.base.clone()), vec![claim])));
}

#[test]
fn the_whole_history_can_be_asked_for() {
    let scene = Scene::new();
    let next = scene.other(&scene.base);
    scene.other(&next);
    let url = format!("file://{}", scene.server().display());
    scene.env.git_out(&["remote", "set-url", "origin", &url]);
    scene.env.git_out(&["fetch", "-q", "--depth=1", "origin", FETCH]);
    let count = || scene.env.git_out(&["rev-list", "--count", "origin/quipu-sync"]).trim().to_owned();
    let store = scene.store();
    let wire = scene.wire(&store, "origin");
    assert_eq!(wire.fetch(FETCH, false), Ok(()));
    assert_eq!(count(), "1");
    assert_eq!(wire.fetch(FETCH, true), Ok(()));
    assert_eq!(count(), "3");
    assert_eq!(wire.fetch(FETCH, true), Ok(()));
}

#[test]
fn only_remotes_are_taken_for_remotes() {
    let scene = Scene::new();
    scene.env.git_out(&["remote", "add", "program", "ext::sh -c date"]);
    let store = scene.store();
    let names =
        ["--upload-pack=date", "", "nosuch", "ext::sh -c date", "https::http://u:hunter2@host/", "program"];
    let refusal = |name: &&str| {
        let error = Wire::open(&store, name, PLENTY_MS, &[]).err().expect("no remote");
        format!("{}: {error}\n  {}\n", error.kind().exit_code(), error.remedy().expect("a remedy"))
    };
    snapshot!(
        names.iter().map(refusal).collect::<String>(),
        snapbox::str![[r#"
2: "--upload-pack=date" is not the name of a remote
  git remote -v
2: "" is not the name of a remote
  git remote -v
9: no remote nosuch here
  git remote add nosuch URL
2: ext::sh -c date names a program and not a repository
  give a path or a URL, or configure it: git remote add NAME URL
2: https::http://host/ names a program and not a repository
  give a path or a URL, or configure it: git remote add NAME URL
9: the URL of the remote program runs a program, which quipu does not do
  name another remote, or a path or URL; git remote -v shows what there is

"#]]
    );
    for name in ["origin", "../srv.git", "git@host.invalid:x.git", "ssh://[::1]/x.git"] {
        assert!(Wire::open(&store, name, PLENTY_MS, &[]).is_ok(), "{name}");
    }
    // A path counts from the top of the files, as in the user's own calls.
    assert!(scene.wire(&store, "../srv.git").list().expect("it is there").0.is_some());
}

#[test]
fn the_proxy_also_lets_things_through() {
    let scene = Scene::new();
    let Some(proxy) = Proxy::start(scene.env.root(), &[]) else { return };
    let store = scene.store();
    let wire = scene.wire(&store, &proxy.url(""));
    let mine = scene.commit(&scene.base, "mine");
    assert_eq!(wire.push(&[(BRANCH, &mine, "forward")], true), [Outcome::Pushed]);
    assert_eq!(wire.fetch(FETCH, false), Ok(()));
    assert_eq!(wire.list().expect("it is there").0, Some(mine));
}
