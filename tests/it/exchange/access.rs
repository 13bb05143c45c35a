//! The way to a server over HTTP: logins that CI systems put into git's configuration, and proxies.

use super::Scene;
use crate::sync::proxy::Proxy;

/// `Authorization: Basic` of the login `u:hunter2`.
const HEADER: &str = "Authorization: Basic dTpodW50ZXIy";

/// A server that wants a login; alice knows its URL and no password.
fn behind_a_login() -> Option<(Scene, Proxy)> {
    let scene = Scene::new();
    std::fs::rename(scene.server(), scene.env.root().join("srv.git")).expect("a folder");
    let proxy = Proxy::start(scene.env.root(), &["--auth", "u:hunter2"])?;
    scene.alice().git(&["remote", "set-url", "origin", &proxy.url("")]);
    scene.alice().create("Hers");
    assert_eq!(scene.alice().error(8, &["sync"])["code"], "authentication");
    Some((scene, proxy))
}

#[test]
fn a_login_in_the_environment_is_kept() {
    let Some((scene, _proxy)) = behind_a_login() else { return };
    let vars =
        [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "http.extraHeader"), ("GIT_CONFIG_VALUE_0", HEADER)];
    let run = scene.alice().qp_with(&vars, &["sync"]).success();
    assert!(run.stdout.contains("sent 1 operation"), "{run}");
    assert!(!run.stderr.contains("Basic"), "{run}");
}

/// As actions/checkout does it: the header stands in a file outside of the repository, which the configuration of the
/// clone includes for this git directory alone.
#[test]
fn a_login_that_is_included_for_this_repository_is_found() {
    let Some((scene, proxy)) = behind_a_login() else { return };
    let alice = scene.alice();
    let file = scene.env.root().join("credentials.config");
    let section = format!("[http \"http://127.0.0.1:{}/\"]\n\textraheader = {HEADER}\n", proxy.port);
    std::fs::write(&file, section).expect("a file");
    let git_dir = alice.folder.join(".git").canonicalize().expect("a path");
    let key = format!("includeIf.gitdir:{}.path", git_dir.display());
    alice.git(&["config", &key, file.to_str().expect("UTF-8")]);
    alice.run(&["sync"]);
    assert_eq!(alice.json(&["status"])["remote"]["ahead"], 0);
    // A worktree of it has another git directory, and says what is missing.
    alice.create("More");
    assert_eq!(alice.json(&["sync"])["in_sync"], true);
}

#[test]
fn a_proxy_that_is_not_there_is_told_and_one_may_go_past_it() {
    let scene = Scene::new();
    std::fs::rename(scene.server(), scene.env.root().join("srv.git")).expect("a folder");
    let Some(proxy) = Proxy::start(scene.env.root(), &[]) else { return };
    let alice = scene.alice();
    alice.git(&["remote", "set-url", "origin", &proxy.url("")]);
    alice.create("Hers");
    alice.git(&["config", "http.proxy", "http://127.0.0.1:1"]);
    let error = alice.error(8, &["sync"]);
    assert_eq!(error["code"], "unreachable", "{error}");
    alice.qp_with(&[("NO_PROXY", "127.0.0.1")], &["sync"]).success();
    alice.git(&["config", "--unset", "http.proxy"]);
    alice.create("More");
    let through = [("http_proxy", "http://127.0.0.1:1")];
    assert_eq!(alice.qp_with(&through, &["sync", "--json"]).exits(8).stdout, "");
    alice.run(&["sync"]);
}
