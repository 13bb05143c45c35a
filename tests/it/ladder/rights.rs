//! Hosts that say "no such repository" to whoever may read it and not write to it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Ground;

const NO_PUSHES: &str = "refs/heads/none";

fn program(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).expect("a program");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("the mode of a program");
}

#[test]
fn not_found_after_a_listing_is_a_refusal() {
    for code in ["404", "410"] {
        let ground = Ground::new();
        let Some(proxy) = ground.serve(&["--push-allow", NO_PUSHES, "--deny-code", code]) else { return };
        let s1 = ground.sandbox(&proxy, "s1");
        s1.allow_fallback();
        s1.run(&["q", "One"]);
        let run = s1.run(&["sync"]);
        let told = format!("saved, not shared: origin refuses quipu-sync: the server answers HTTP {code} (");
        assert!(run.stderr.contains(&told), "{run}");
        assert!(run.stderr.contains("a login that may read and not write"), "{run}");
        // Neither of the two branches is tried again within the hour.
        let pushes = ground.pushes();
        assert_eq!(pushes.len(), 2, "{pushes:?}");
        let document = s1.json(&["sync"]);
        assert_eq!((&document["stored"], ground.pushes().len()), (&"outbox".into(), 2));
    }
}

#[test]
fn a_repository_that_goes_in_between_is_away_and_not_remembered() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(&[]) else { return };
    let s1 = ground.sandbox(&proxy, "s1");
    s1.run(&["q", "One"]);
    let root = ground.env.root();
    let text = format!(
        "PATH=\"${{PATH#*:}}\"\ncase \" $* \" in *' push '*) mv {0}/srv.git {0}/away.git;; esac\nexec git \"$@\"",
        root.display()
    );
    program(&root.join("late/git"), &text);
    let path = format!("{}:{}", root.join("late").display(), std::env::var("PATH").expect("PATH is set"));
    let run = s1.qp_with(&[("PATH", &path)], &["sync", "--json"]).exits(8);
    assert!(run.stderr.contains("\"code\":\"unreachable\"") && run.stderr.contains("HTTP 404"), "{run}");
    std::fs::rename(root.join("away.git"), root.join("srv.git")).expect("a folder");
    assert_eq!(s1.json(&["sync"])["in_sync"], true);
}

/// Git pushes to every URL of a remote and fetches from the first. That another one has taken it says nothing of that.
#[test]
fn of_several_urls_the_one_that_is_fetched_from_counts() {
    let ground = Ground::new();
    let Some(proxy) = ground.serve(&["--push-allow", NO_PUSHES]) else { return };
    let s1 = ground.sandbox(&proxy, "s1");
    ground.env.run_git(ground.env.root(), &["clone", "-q", "--bare", "srv.git", "other.git"]);
    s1.git(&["remote", "set-url", "--add", "origin", "../other.git"]);
    s1.run(&["q", "One"]);
    let run = s1.run(&["sync"]);
    let document = s1.json(&["sync", "--retry"]);
    assert_eq!((&document["in_sync"], &document["unsent"]), (&false.into(), &1.into()), "{run}{document}");
    assert_ne!(document["stored"], "shared");
    assert_ne!(s1.git(&["rev-parse", "origin/quipu-sync"]), s1.tip());
    assert!(
        run.stdout.ends_with("srv.git or ../other.git, 1 operation there that origin does not show\n"),
        "{run}"
    );
}

#[test]
fn the_same_over_ssh() {
    let ground = Ground::new();
    let free = ground.free();
    let root = ground.env.root();
    free.run(&["q", "One"]);
    free.git(&["remote", "set-url", "origin", &format!("ssh://host{}/srv.git", root.display())]);
    for said in ["Repository not found.", "The key you are authenticating with has been marked as read only."]
    {
        let answer = format!("echo 'ERROR: {said}' >&2; exit 1");
        let text =
            format!("for last; do :; done\ncase $last in git-receive-pack*) {answer};; esac\neval \"$last\"");
        program(&root.join("ssh"), &text);
        let ssh = root.join("ssh").display().to_string();
        let run = free.qp_with(&[("GIT_SSH_COMMAND", &ssh)], &["sync", "--retry"]).success();
        assert!(run.stderr.contains("saved, not shared: origin refuses quipu-sync: "), "{run}");
        assert!(run.stderr.contains(said), "{run}");
    }
}
