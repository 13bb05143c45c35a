//! Hooks and settings of the clone that must not matter, and files that must stay as they are.

use quipu::store::Outcome;

use super::{BRANCH, FETCH, Scene, path, script};

#[test]
fn hooks_and_settings_do_not_matter() {
    let scene = Scene::new();
    let env = &scene.env;
    for hook in ["pre-push", "reference-transaction"] {
        script(&env.repo().join(".git/hooks").join(hook), "#!/bin/sh\ntouch \"$0.ran\"\nexit 1\n");
    }
    for (name, value) in [
        ("push.gpgSign", "true"),
        ("push.followTags", "true"),
        ("push.recurseSubmodules", "on-demand"),
        ("push.pushOption", "ci.skip"),
        ("push.default", "matching"),
        ("remote.origin.mirror", "true"),
        ("remote.origin.tagOpt", "--tags"),
        ("remote.origin.prune", "true"),
        ("fetch.prune", "true"),
        ("color.ui", "always"),
        ("color.push", "always"),
        ("core.fsmonitor", "/nosuch/program"),
    ] {
        env.git_out(&["config", name, value]);
    }
    let mine = scene.commit(&scene.base, "mine");
    env.git_out(&["-c", "core.hooksPath=/dev/null", "tag", "-a", "-m", "a tag", "v1", &mine]);
    env.run_git(&scene.server(), &["update-ref", "refs/tags/theirs", &scene.base]);
    env.git_out(&["-c", "core.hooksPath=/dev/null", "update-ref", "refs/remotes/origin/kept", &mine]);
    let config = std::fs::read(env.repo().join(".git/config")).expect("the configuration");

    assert_eq!(scene.push("origin", BRANCH, &mine, "forward"), Outcome::Pushed);
    assert_eq!(scene.push("origin", BRANCH, &scene.base, "forward"), Outcome::LostRace);
    let store = scene.store();
    assert_eq!(scene.wire(&store, "origin").fetch(FETCH, false), Ok(()));

    let on_server = env.run_git(&scene.server(), &["for-each-ref", "--format=%(refname)"]);
    assert_eq!(on_server, "refs/heads/quipu-sync\nrefs/tags/theirs\n");
    let here = env.git_out(&["for-each-ref", "--format=%(refname)"]);
    assert_eq!(here, "refs/remotes/origin/kept\nrefs/remotes/origin/quipu-sync\nrefs/tags/v1\n");
    assert_eq!(std::fs::read(env.repo().join(".git/config")).expect("the configuration"), config);
    assert!(!env.repo().join(".git/FETCH_HEAD").exists());
    let ran = |hook: &str| env.repo().join(format!(".git/hooks/{hook}.ran")).exists();
    assert!(!ran("pre-push") && !ran("reference-transaction"), "no hook ran");
}

#[test]
fn a_program_that_answers_for_passwords_is_asked() {
    let scene = Scene::new();
    let Some(proxy) = super::proxy::Proxy::start(scene.env.root(), &["--auth", "u:hunter2"]) else { return };
    let answer = scene.env.root().join("answer");
    script(&answer, "#!/bin/sh\necho hunter2\n");
    scene.env.git_out(&["config", "core.askPass", &path(&answer)]);
    let store = scene.store();
    let listed = scene.wire(&store, &proxy.url("u@")).list();
    assert_eq!(listed.expect("let in").0, Some(scene.base.clone()));
}
