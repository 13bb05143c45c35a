//! Hooks and settings of git's that break others: under each of them two clones exchange what they wrote, by a real
//! push and a real fetch, and nothing but the tracker's branch goes or comes.

use std::path::Path;

use super::{BRANCH, Desk, Scene, script};

/// Hooks that would stop git, and leave a trace.
const HOOKS: [&str; 8] = [
    "pre-push",
    "reference-transaction",
    "post-checkout",
    "post-merge",
    "post-rewrite",
    "pre-auto-gc",
    "post-index-change",
    "pre-commit",
];

/// What stands around a setting: tags and branches on both sides that must neither go nor come nor be pruned.
fn surroundings(scene: &Scene) {
    let alice = scene.alice();
    alice.git(&["tag", "-a", "-m", "of the user", "hers", "quipu-sync"]);
    alice.git(&["branch", "side"]);
    alice.git(&["update-ref", "refs/remotes/origin/gone", "main"]);
    scene.env.run_git(&scene.server(), &["update-ref", "refs/tags/theirs", &scene.server_tip()]);
}

fn names(scene: &Scene, folder: &Path) -> Vec<String> {
    let list = scene.env.run_git(folder, &["for-each-ref", "--format=%(refname)"]);
    list.lines().map(str::to_owned).collect()
}

/// Both sides write, and both have everything after it. Of the refs only the tracker's have changed.
fn exchanges(scene: &Scene, vars: &[(&str, &str)]) {
    let (alice, bob) = (scene.alice(), scene.at(scene.env.root().join("bob"), "bob"));
    if !bob.folder.exists() {
        scene.clone("bob", &[]);
    }
    let config = std::fs::read(alice.folder.join(".git/config")).expect("the configuration");
    let (here, there) = (names(scene, &alice.folder), names(scene, &scene.server()));
    let as_alice = |args: &[&str]| alice.qp_with(vars, args).success();
    bob.create("Hïs");
    bob.run(&["sync"]);
    as_alice(&["q", "Hérs"]);
    let run = as_alice(&["sync"]);
    assert!(run.stdout.contains("sent 1 operation") && run.stdout.contains("received 1"), "{run}");
    assert_eq!(run.stderr, "");
    assert_eq!(as_alice(&["sync"]).stdout.lines().count(), 1);
    bob.run(&["sync"]);
    assert_eq!(bob.titles(), ["Hérs", "Hïs", "Shared"]);
    assert_eq!((bob.tip(), scene.server_tip()), (alice.tip(), alice.tip()));
    assert_eq!(names(scene, &scene.server()), there);
    assert_eq!(names(scene, &alice.folder), here);
    assert_eq!(std::fs::read(alice.folder.join(".git/config")).expect("the configuration"), config);
    assert!(!alice.folder.join(".git/FETCH_HEAD").exists());
    let traces = || std::fs::read_dir(scene.env.root()).expect("a folder").flatten();
    let ran: Vec<_> =
        traces().map(|e| e.file_name()).filter(|n| n.to_string_lossy().ends_with(".ran")).collect();
    assert!(ran.is_empty(), "{ran:?}");
    bob.fsck();
}

/// Alice has these settings.
fn under(settings: &[(&str, &str)]) {
    let scene = Scene::new();
    surroundings(&scene);
    for (name, value) in settings {
        scene.alice().git(&["config", "--add", name, value]);
    }
    exchanges(&scene, &[]);
}

/// One test a setting.
macro_rules! settings {
    ($($test:ident: $($name:literal = $value:literal),+;)+) => {
        $(#[test] fn $test() { under(&[$(($name, $value)),+]); })+
    };
}

settings! {
    push_gpg_sign: "push.gpgSign" = "true";
    push_follow_tags: "push.followTags" = "true";
    push_recurse_submodules: "push.recurseSubmodules" = "on-demand", "submodule.recurse" = "true";
    push_default_nothing: "push.default" = "nothing";
    push_option: "push.pushOption" = "ci.skip";
    remote_mirror: "remote.origin.mirror" = "true";
    remote_push_refspecs: "remote.origin.push" = "refs/heads/*:refs/heads/*", "remote.origin.push" = "+refs/tags/*:refs/tags/*";
    remote_tag_opt: "remote.origin.tagOpt" = "--tags";
    remote_skips: "remote.origin.skipDefaultUpdate" = "true", "remote.origin.skipFetchAll" = "true";
    fetch_prune: "fetch.prune" = "true", "remote.origin.prune" = "true";
    fetch_prune_tags: "fetch.prune" = "true", "fetch.pruneTags" = "true", "remote.origin.pruneTags" = "true";
    fetch_all: "fetch.all" = "true", "fetch.recurseSubmodules" = "true", "fetch.parallel" = "4";
    commit_gpg_sign: "commit.gpgSign" = "true", "tag.gpgSign" = "true", "gpg.program" = "/nonexistent";
    user_use_config_only: "user.useConfigOnly" = "true";
    log_show_signature: "log.showSignature" = "true", "log.follow" = "true", "format.pretty" = "oneline";
    core_fsmonitor: "core.fsmonitor" = "/nonexistent", "core.untrackedCache" = "true";
    core_autocrlf: "core.autocrlf" = "true", "core.eol" = "crlf", "core.safecrlf" = "true";
    core_precompose_unicode: "core.precomposeUnicode" = "true", "core.ignoreCase" = "true", "core.quotePath" = "true";
    core_no_reflogs: "core.logAllRefUpdates" = "false";
    core_alternate_refs_command: "core.alternateRefsCommand" = "false";
    core_attributes: "core.attributesFile" = "/nonexistent", "core.excludesFile" = "/nonexistent";
    commit_encoding: "i18n.commitEncoding" = "iso-8859-1", "i18n.logOutputEncoding" = "utf-16";
    gc_auto: "gc.auto" = "1", "gc.autoPackLimit" = "1", "gc.pruneExpire" = "now";
    maintenance_auto: "maintenance.auto" = "true", "maintenance.strategy" = "incremental";
    fsck_objects: "transfer.fsckObjects" = "true", "fetch.fsckObjects" = "true";
    protocol_version_0: "protocol.version" = "0";
    protocol_version_1: "protocol.version" = "1";
    pull_and_merge: "pull.ff" = "only", "pull.rebase" = "true", "merge.ff" = "only", "merge.verifySignatures" = "true";
    aliases: "alias.push" = "!false", "alias.fetch" = "!false", "alias.sync" = "!false", "alias.quipu" = "!false", "alias.ls-remote" = "!false";
    colours_and_pager: "color.ui" = "always", "core.pager" = "false", "column.ui" = "always", "advice.pushUpdateRejected" = "false";
}

/// Puts all hooks there, each of which says no.
fn hooks(folder: &Path, root: &Path) {
    for hook in HOOKS {
        let trace = root.join(hook).display().to_string();
        script(&folder.join(hook), &format!("#!/bin/sh\ntouch '{trace}.ran'\nexit 1\n"));
    }
}

#[test]
fn no_hook_runs() {
    let scene = Scene::new();
    surroundings(&scene);
    scene.clone("bob", &[]);
    hooks(&scene.alice().folder.join(".git/hooks"), scene.env.root());
    exchanges(&scene, &[]);
}

#[test]
fn no_hook_of_a_hooks_path_runs() {
    let scene = Scene::new();
    surroundings(&scene);
    let folder = scene.env.root().join("hooks");
    hooks(&folder, scene.env.root());
    scene.alice().git(&["config", "core.hooksPath", folder.to_str().expect("UTF-8")]);
    exchanges(&scene, &[]);
}

#[test]
fn a_server_that_checks_every_object_takes_ours() {
    let scene = Scene::unsent();
    let server = scene.server();
    scene.env.run_git(&server, &["config", "receive.fsckObjects", "true"]);
    scene.env.run_git(&server, &["config", "receive.denyNonFastForwards", "true"]);
    let key = scene.env.create(["Größe\u{301}", "-d", "A text.", "-l", "a"]);
    scene.env.qp(["comment", &key, "A word"]).success();
    assert!(scene.alice().run(&["sync"]).stdout.contains("sent 3 operations"));
    scene.env.fsck_in(&server);
}

#[test]
fn of_a_remote_with_files_another_branch_must_be_checked_out() {
    let scene = Scene::new();
    let root = scene.env.root();
    scene.env.run_git(root, &["clone", "-q", "-b", "quipu-sync", "server.git", "desk"]);
    let alice = scene.alice();
    alice.create("Hers");
    let run = alice.run(&["sync", "--remote", "../desk"]);
    assert!(
        run.stderr.starts_with("saved, not shared: ../desk refuses quipu-sync: it has that branch"),
        "{run}"
    );
    assert!(!run.stderr.contains("--hard"), "{run}");
    scene.env.run_git(&root.join("desk"), &["checkout", "-q", "--detach"]);
    alice.run(&["sync", "--retry", "--remote", "../desk"]);
    assert_eq!(scene.env.run_git(&root.join("desk"), &["rev-parse", BRANCH]).trim(), alice.tip());
}

#[test]
fn a_url_may_be_rewritten() {
    let scene = Scene::new();
    let alice = scene.alice();
    let base = format!("url.{}/.insteadOf", scene.env.root().display());
    alice.git(&["config", &base, "hub:"]);
    alice.git(&["remote", "set-url", "origin", "hub:server.git"]);
    exchanges(&scene, &[]);
    assert!(alice.json(&["sync"]).get("sent_to").is_none(), "both ways are the same");
}

/// A second repository, to which alice pushes what she fetches from the first.
fn with_another_place(scene: &Scene) -> Desk<'_> {
    scene.env.run_git(scene.env.root(), &["clone", "-q", "--bare", "server.git", "other.git"]);
    scene.alice()
}

#[test]
fn where_pushes_go_is_told() {
    for setting in ["remote.origin.pushurl", "url.../other.git.pushInsteadOf"] {
        let scene = Scene::new();
        let alice = with_another_place(&scene);
        let value = if setting.starts_with("url") { "../server.git" } else { "../other.git" };
        alice.git(&["config", setting, value]);
        let key = alice.create("Hers");
        let run = alice.run(&["sync"]);
        let sent = format!("origin: sent 1 operation ({key}) to ../other.git");
        assert_eq!(run.stdout, format!("{sent}, 1 operation there that origin does not show\n"));
        // Whoever fetches has none of it: that is told until it is otherwise, and nothing is sent twice.
        let told = "origin: 1 operation at ../other.git that origin does not show";
        for command in ["sync", "push", "pull"] {
            let again = alice.run(&[command]);
            assert_eq!((again.stdout, again.stderr), (format!("{told}\n"), String::new()), "{command}");
            let document = alice.json(&[command]);
            assert_eq!((&document["in_sync"], &document["unsent"]), (&false.into(), &1.into()), "{command}");
            assert_eq!(document["stored"], "elsewhere");
            assert_eq!(document["sent_to"], "../other.git");
        }
        assert_eq!(alice.rev("origin/quipu-sync"), scene.server_tip(), "what the remote shows, nothing else");
        assert!(alice.run(&["status"]).stdout.contains(&format!("{told} (last reached")));
        let status = alice.json(&["status"])["remote"].clone();
        assert_eq!(status["ahead"], 1);
        // A file of the outbox is for those who fetch.
        let file = alice.json(&["outbox", "save"]);
        assert_eq!(file["operations"], 1);
        assert_eq!(alice.json(&["outbox"])[0]["prerequisites"][0], scene.server_tip());
        assert_eq!(alice.json(&["outbox", "prune"])["removed"], serde_json::json!([]));
        // What comes after it goes there, too; then somebody takes it over.
        alice.create("More");
        let document = alice.json(&["sync"]);
        assert_eq!((&document["sent"]["operations"], &document["unsent"]), (&1.into(), &2.into()));
        scene.env.run_git(&scene.server(), &["fetch", "-q", "../other.git", "quipu-sync:quipu-sync"]);
        let document = alice.json(&["sync"]);
        assert_eq!((&document["in_sync"], &document["unsent"]), (&true.into(), &0.into()), "{document}");
        assert_eq!(alice.rev("origin/quipu-sync"), alice.tip());
        assert_eq!(alice.titles(), ["Hers", "More", "Shared"]);
    }
}

/// Git takes its own push elsewhere for one to the remote. A look at the remote puts that right, and nothing is lost.
#[test]
fn a_push_of_gits_own_to_another_place_is_put_right() {
    let scene = Scene::new();
    let alice = with_another_place(&scene);
    alice.git(&["config", "remote.origin.pushurl", "../other.git"]);
    alice.create("Hers");
    alice.git(&["push", "-q", "origin", "quipu-sync"]);
    assert_eq!(alice.rev("origin/quipu-sync"), alice.tip(), "as git does it");
    let run = alice.run(&["pull"]);
    assert!(run.stderr.contains("quipu-sync is pushed to ../other.git, and origin does not show"), "{run}");
    assert_eq!(alice.rev("origin/quipu-sync"), scene.server_tip());
    assert_eq!(alice.run(&["pull"]).stdout, "origin: 1 operation to send: qp push\n");
    let run = alice.run(&["sync"]);
    assert_eq!(run.stdout, "origin: 1 operation at ../other.git that origin does not show\n");
    assert_eq!(alice.titles(), ["Hers", "Shared"]);
}

/// Git pushes to every URL of a remote and fetches from the first.
#[test]
fn a_remote_may_have_several_urls() {
    let scene = Scene::new();
    let alice = with_another_place(&scene);
    alice.git(&["remote", "set-url", "--add", "origin", "../other.git"]);
    let key = alice.create("Hers");
    let run = alice.run(&["sync"]);
    let sent = format!("origin: sent 1 operation ({key})\n");
    assert_eq!((run.stdout, run.stderr), (sent, String::new()));
    assert_eq!(alice.json(&["sync"])["in_sync"], true);
}

/// A claim that others do not see decides nothing, and is not called confirmed.
#[test]
fn a_claim_that_goes_elsewhere_is_not_confirmed() {
    let scene = Scene::new();
    let alice = with_another_place(&scene);
    alice.git(&["config", "remote.origin.pushurl", "../other.git"]);
    let key = alice.create("Hers");
    let run = alice.run(&["claim", &key, "--sync", "--json"]);
    assert_eq!((&run.json()[0]["confirmed"], &run.json()[0]["stored"]), (&false.into(), &"local".into()));
    let why = "claims are pushed to ../other.git, and origin does not show them";
    assert!(run.stderr.contains(why), "{run}");
    let other = scene.env.root().join("other.git");
    assert_eq!(scene.env.run_git(&other, &["for-each-ref", "refs/quipu"]), "");
    alice.run(&["close", &key, "--sync"]);
    // Where both URLs are of one repository, it is.
    alice.git(&["config", "remote.origin.pushurl", &format!("file://{}", scene.server().display())]);
    let key = alice.create("More");
    assert_eq!(alice.json(&["claim", &key, "--sync"])[0]["confirmed"], true);
}

/// A path or a URL is no remote by name; what rewrites it for pushes counts all the same.
#[test]
fn a_bare_url_may_be_pushed_elsewhere_too() {
    let scene = Scene::new();
    let alice = with_another_place(&scene);
    alice.git(&["config", "url.../other.pushInsteadOf", "../server"]);
    alice.create("Hers");
    let document = alice.json(&["sync", "--remote", "../server.git"]);
    assert_eq!((&document["sent_to"], &document["in_sync"]), (&"../other.git".into(), &false.into()));
    let other = scene.env.root().join("other.git");
    assert_eq!(scene.env.run_git(&other, &["rev-parse", BRANCH]).trim(), alice.tip());
}

#[test]
fn two_urls_of_one_repository_are_one_remote() {
    let scene = Scene::new();
    let url = format!("file://{}", scene.server().display());
    scene.alice().git(&["remote", "set-url", "--push", "origin", &url]);
    let (alice, bob) = (scene.alice(), scene.clone("bob", &[]));
    alice.create("Hers");
    let run = alice.run(&["sync"]);
    assert!(run.stdout.ends_with(&format!("to {url}\n")) && run.stderr.is_empty(), "{run}");
    assert_eq!(alice.run(&["sync"]).stderr, "");
    bob.run(&["sync"]);
    assert_eq!(bob.tip(), alice.tip());
}

#[test]
fn what_others_push_to_the_other_place_ends_the_attempts() {
    let scene = Scene::new();
    let alice = with_another_place(&scene);
    scene.env.run_git(scene.env.root(), &["clone", "-q", "other.git", "bob"]);
    let bob = scene.at(scene.env.root().join("bob"), "bob");
    bob.create("His");
    bob.run(&["sync"]);
    alice.git(&["config", "remote.origin.pushurl", "../other.git"]);
    alice.create("Hers");
    let error = alice.error(8, &["sync"]);
    let told = error["error"].as_str().expect("a message");
    assert!(told.contains("../other.git, where pushes go, has what origin does not show"), "{told}");
    let (_, remedy) = told.rsplit_once(": qp ").expect("a command");
    alice.run(&remedy.split(' ').collect::<Vec<_>>());
    assert_eq!(alice.titles(), ["Hers", "His", "Shared"]);
    alice.run(&["sync"]);
}

#[test]
fn traces_of_git_and_its_language_change_nothing() {
    let scene = Scene::new();
    surroundings(&scene);
    let vars = [
        ("GIT_TRACE", "1"),
        ("GIT_TRACE_PACKET", "1"),
        ("GIT_TRACE_SETUP", "1"),
        ("GIT_TRACE_PERFORMANCE", "1"),
        ("GIT_CURL_VERBOSE", "1"),
        ("LC_ALL", "de_DE.UTF-8"),
        ("LANG", "de_DE.UTF-8"),
        ("LANGUAGE", "de"),
    ];
    exchanges(&scene, &vars);
    scene.server_is_away();
    let run = scene.alice().qp_with(&vars, &["sync", "--json"]).exits(8);
    let error: serde_json::Value = serde_json::from_str(&run.stderr).expect("one JSON object and no trace");
    assert_eq!(error["code"], "unreachable");
}

#[test]
fn configuration_of_the_environment_counts() {
    let scene = Scene::new();
    let alice = scene.alice();
    alice.git(&["remote", "set-url", "origin", "/nowhere/server.git"]);
    let key = format!("url.{}/.insteadOf", scene.env.root().display());
    let vars =
        [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", key.as_str()), ("GIT_CONFIG_VALUE_0", "/nowhere/")];
    exchanges(&scene, &vars);
    assert_eq!(alice.error(8, &["sync"])["code"], "unreachable", "without them there is no way");
}
