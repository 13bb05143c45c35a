//! The catalogue: everything that is known to come back from a push, a fetch or a listing, made by the real git.

use quipu::store::Outcome;
use quipu::store::testing::read_push;

use super::proxy::Proxy;
use super::{BRANCH, CLAIM, FETCH, Scene, path, script, told, word};
use crate::snapshot;

#[test]
fn others_were_quicker() {
    let scene = Scene::new();
    let other = scene.other(&scene.base);
    let mine = scene.commit(&scene.base, "mine");
    // The object is not known here, then it is.
    assert_eq!(scene.push("origin", BRANCH, &mine, "forward"), Outcome::LostRace);
    let store = scene.store();
    assert_eq!(scene.wire(&store, "origin").fetch(FETCH, false), Ok(()));
    assert_eq!(scene.push("origin", BRANCH, &mine, "forward"), Outcome::LostRace);
    assert_eq!(scene.on_server(BRANCH), other);
    // The lease on a claim: not what was seen, there although it should not be.
    let (one, two) = (scene.blob("one"), scene.blob("two"));
    assert_eq!(scene.push("origin", CLAIM, &one, "absent"), Outcome::Pushed);
    assert_eq!(scene.push("origin", CLAIM, &two, &two), Outcome::LostRace);
    assert_eq!(scene.push("origin", CLAIM, &two, "absent"), Outcome::LostRace);
    assert_eq!(scene.on_server(CLAIM), one);
    snapshot!(
        told(&Outcome::LostRace, "origin"),
        "\
origin: others changed quipu-sync at the same time
hint: qp sync
"
    );
}

#[test]
fn others_were_quicker_while_the_server_was_at_work() {
    let scene = Scene::new();
    script(
        &scene.server().join("hooks/pre-receive"),
        "#!/bin/sh\nunset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n\
         export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x\n\
         b=refs/heads/quipu-sync\ngit update-ref $b $(git commit-tree -p $b -m racer $b^{tree})\n",
    );
    let mine = scene.commit(&scene.base, "mine");
    assert_eq!(scene.push("origin", BRANCH, &mine, "forward"), Outcome::LostRace);
}

#[test]
fn a_force_that_the_server_denies_is_a_lost_race() {
    let scene = Scene::new();
    let other = scene.other(&scene.base);
    scene.env.run_git(&scene.server(), &["config", "receive.denyNonFastForwards", "true"]);
    let lease = format!("--force-with-lease={BRANCH}:{other}");
    let mine = scene.commit(&scene.base, "mine");
    scene.env.git_out(&["fetch", "-q", "origin"]);
    let spec = format!("{mine}:{BRANCH}");
    let run = scene.env.try_git(&scene.env.repo(), &["push", "--porcelain", &lease, "origin", &spec]);
    assert!(run.stdout.contains("[remote rejected] (non-fast-forward)"), "{run}");
    assert_eq!(read_push(run.code == 0, &run.stdout, &run.stderr, &[BRANCH]), [Outcome::LostRace]);
}

#[test]
fn policy_is_told_in_the_servers_words() {
    let scene = Scene::new();
    let mine = scene.commit(&scene.base, "mine");
    let hook = scene.server().join("hooks/pre-receive");
    script(
        &hook,
        "#!/bin/sh\necho 'error: GH006: Protected branch update failed for refs/heads/quipu-sync.' >&2\n\
         echo 'see https://bot:hunter2@example.com/rules' >&2\nexit 1\n",
    );
    snapshot!(
        told(&scene.push("origin", BRANCH, &mine, "forward"), "origin"),
        "\
origin refuses quipu-sync: pre-receive hook declined: GH006: Protected branch update failed for refs/heads/quipu-sync. see https://example.com/rules
hint: let its owner allow this push, then qp sync; nothing is lost
"
    );
    std::fs::remove_file(hook).expect("the hook is there");
    script(&scene.server().join("hooks/update"), "#!/bin/sh\nexit 1\n");
    let outcome = scene.push("origin", BRANCH, &mine, "forward");
    assert_eq!(word(&outcome), "refused", "{outcome}");
    assert!(outcome.to_string().contains("hook declined"), "{outcome}");
}

#[test]
fn a_name_in_the_way_is_no_race() {
    let scene = Scene::new();
    scene.env.run_git(&scene.server(), &["update-ref", "refs/heads/dir/below", &scene.base]);
    let outcome = scene.push("origin", "refs/heads/dir", &scene.base, "forward");
    assert_eq!(word(&outcome), "refused", "{outcome}");
}

#[test]
fn what_is_there_already_is_up_to_date() {
    let scene = Scene::new();
    assert_eq!(scene.push("origin", BRANCH, &scene.base, "forward"), Outcome::UpToDate);
    let next = scene.commit(&scene.base, "next");
    assert_eq!(scene.push("origin", BRANCH, &next, "forward"), Outcome::Pushed);
    assert_eq!(scene.on_server(BRANCH), next);
}

#[test]
fn what_is_not_reached_never_looks_empty() {
    let scene = Scene::new();
    let gone = path(&scene.env.root().join("gone.git"));
    scene.env.git_out(&["remote", "add", "gone", &gone]);
    for remote in ["gone", "https://nosuch.invalid/x.git", "http://u:hunter2@127.0.0.1:1/x.git"] {
        let store = scene.store();
        let wire = scene.wire(&store, remote);
        let listed = wire.list().expect_err("nothing is there");
        let fetched = wire.fetch(FETCH, false).expect_err("nothing is there");
        let pushed = scene.push(remote, BRANCH, &scene.base, "forward");
        for outcome in [listed, fetched, pushed] {
            assert_eq!(word(&outcome), "unreachable", "{remote}: {outcome}");
            let error = told(&outcome, remote);
            assert!(!error.contains("hunter2") && !outcome.may_retry(), "{error}");
        }
    }
}

#[test]
fn a_missing_ref_is_not_a_missing_remote() {
    let scene = Scene::new();
    let store = scene.store();
    let wire = scene.wire(&store, "origin");
    let outcome = wire.fetch("+refs/heads/nosuch:refs/remotes/origin/nosuch", false);
    assert_eq!(outcome, Err(Outcome::MissingRef("refs/heads/nosuch".to_owned())));
    scene.env.run_git(&scene.server(), &["update-ref", "-d", BRANCH]);
    assert_eq!(wire.list(), Ok((None, Vec::new())));
}

#[test]
fn a_login_is_missing_or_wrong() {
    let scene = Scene::new();
    let Some(proxy) = Proxy::start(scene.env.root(), &["--auth", "u:hunter2"]) else { return };
    let store = scene.store();
    for user in ["", "u@", "u:hunter3@", "hunter3@"] {
        let url = proxy.url(user);
        let outcomes = [
            scene.push(&url, BRANCH, &scene.base, "forward"),
            scene.wire(&store, &url).list().expect_err("nobody is let in"),
            scene.wire(&store, &url).fetch(FETCH, false).expect_err("nobody is let in"),
        ];
        for outcome in outcomes {
            assert_eq!(word(&outcome), "authentication", "{user}: {outcome}");
            assert!(!told(&outcome, &url).contains("hunter"), "{outcome}");
        }
    }
    assert_eq!(scene.push(&proxy.url("u:hunter2@"), BRANCH, &scene.base, "forward"), Outcome::UpToDate);
}

#[test]
fn an_egress_policy_is_a_refusal() {
    let scene = Scene::new();
    let Some(proxy) = Proxy::start(scene.env.root(), &["--methods", "GET,HEAD"]) else { return };
    let url = proxy.url("");
    let mine = scene.commit(&scene.base, "mine");
    let pushed = scene.push(&url, BRANCH, &mine, "forward");
    assert_eq!(pushed, Outcome::Refused("the server answers HTTP 403".to_owned()));
    let store = scene.store();
    let wire = scene.wire(&store, &url);
    assert_eq!(word(&wire.fetch(FETCH, false).expect_err("POST is refused")), "refused");
    assert_eq!(word(&wire.list().expect_err("POST is refused")), "refused");
    assert_eq!(scene.on_server(BRANCH), scene.base);
}

#[test]
fn a_server_asks_to_wait() {
    let scene = Scene::new();
    let Some(proxy) = Proxy::start(scene.env.root(), &["--ppm", "1"]) else { return };
    let mine = scene.commit(&scene.base, "mine");
    assert_eq!(scene.push(&proxy.url(""), BRANCH, &mine, "forward"), Outcome::Pushed);
    let next = scene.commit(&mine, "next");
    let limited = scene.push(&proxy.url(""), BRANCH, &next, "forward");
    assert_eq!(limited, Outcome::Limited("the server answers HTTP 429".to_owned()));
    let Some(busy) = Proxy::start(scene.env.root(), &["--push-allow", "none", "--deny-code", "503"]) else {
        return;
    };
    let limited = scene.push(&busy.url(""), BRANCH, &next, "forward");
    assert_eq!(limited, Outcome::Limited("the server answers HTTP 503".to_owned()));
    assert!(limited.may_retry() && !limited.is_success());
}

/// What hosts and newer versions of git print, which no server here does.
#[test]
fn the_words_of_hosts_are_known() {
    let url = "fatal: unable to access 'https://u:hunter2@host/x.git/': The requested URL returned error:";
    for (stderr, expected) in [
        (format!("remote: Permission to o/r.git denied to bot.\n{url} 403\n"), "refused"),
        (format!("remote: You have exceeded a secondary rate limit.\n{url} 403\n"), "rate_limited"),
        (format!("{url} 401\n"), "authentication"),
        (format!("{url} 500\n"), "rate_limited"),
        (
            "remote: Repository not found.\nfatal: repository 'https://host/x.git/' not found\n".into(),
            "unreachable",
        ),
        (
            "ERROR: Permission to o/r.git denied to bot.\nfatal: Could not read from remote repository.\n"
                .into(),
            "refused",
        ),
        (
            "ERROR: The key you are authenticating with has been marked as read only.\nfatal: Could not read"
                .into(),
            "refused",
        ),
        (
            "Host key verification failed.\nfatal: Could not read from remote repository.\n".into(),
            "authentication",
        ),
        ("ssh: connect to host h port 22: Connection timed out\nfatal: Could not read".into(), "unreachable"),
        ("error: RPC failed; curl 28 Operation too slow. Less than 1000 bytes/sec".into(), "timeout"),
        ("fatal: unable to access 'https://h/': CONNECT tunnel failed, response 403\n".into(), "unreachable"),
    ] {
        let outcome = &read_push(false, "Done\n", &stderr, &[BRANCH])[0];
        assert_eq!(word(outcome), expected, "{stderr}{outcome}");
        assert!(!outcome.to_string().contains("hunter2"), "{outcome}");
    }
    for (reason, expected) in [
        ("[rejected] (needs force)", "lost_race"),
        ("[remote rejected] (cannot lock ref 'refs/x': is at 1 but expected 2)", "lost_race"),
        ("[remote rejected] (incorrect old value provided)", "lost_race"),
        ("[remote rejected] (reference already exists)", "lost_race"),
        ("[remote rejected] (push declined due to repository rule violations)", "refused"),
        ("[remote rejected] (deny updating a hidden ref)", "refused"),
        ("[remote rejected] (Internal Server Error)", "rate_limited"),
        ("[remote rejected] (unpacker error)", "server_error"),
        ("[remote failure] (remote failed to report status)", "unreachable"),
    ] {
        let line = format!("To x\n!\ta:{BRANCH}\t{reason}\nDone\n");
        assert_eq!(word(&read_push(false, &line, "", &[BRANCH])[0]), expected, "{reason}");
    }
}

#[test]
fn a_fetch_that_this_clone_does_not_take_is_told() {
    let scene = Scene::new();
    let store = scene.store();
    scene.env.git_out(&["update-ref", "-d", "refs/remotes/origin/quipu-sync"]);
    scene.env.git_out(&["update-ref", "refs/remotes/origin/quipu-sync/below", &scene.base]);
    let outcome = scene.wire(&store, "origin").fetch(FETCH, false).expect_err("a name is in the way");
    assert_eq!(word(&outcome), "refused", "{outcome}");
    assert!(outcome.to_string().contains("cannot create"), "{outcome}");
}
