//! `qp info`, `qp where`, `qp version`, `qp types`

use snapbox::str;

use crate::env::Env;
use crate::{history, snapshot};

#[test]
fn which_tracker_this_is() {
    let env = Env::new();
    let key = env.create(["One"]);
    env.create(["Two"]);
    env.qp(["close", &key]).success();
    let git_dir = env.repo().join(".git").canonicalize().expect("a folder").display().to_string();
    let run = env.qp(["info"]).success().to_string().replace(&git_dir, "GIT_DIR");
    history!(
        run,
        str![[r#"
qp 0.1.0, format 1
git directory: GIT_DIR
branch: quipu-sync at COMMIT
prefix: web
issues: 2, 1 of them closed
remote: none

"#]]
    );
    let run = env.qp(["where"]).success().to_string().replace(&git_dir, "GIT_DIR");
    snapshot!(
        run,
        str![[r#"
git directory: GIT_DIR
branch: quipu-sync
prefix: web

"#]]
    );
    let document = env.json(["info"]);
    assert_eq!(document["database_path"], git_dir);
    assert_eq!((&document["issue_count"], &document["closed_count"]), (&2.into(), &1.into()));
    assert_eq!(document["config"]["issue_prefix"], "web");
    assert_eq!(document["commit"], env.git_out(&["rev-parse", "quipu-sync"]).trim());
    // The same from a linked worktree.
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "begin"]);
    env.git_out(&["worktree", "add", "-q", "../linked"]);
    let linked = env.qp_in(&env.root().join("linked"), ["where", "--json"], &[], "").success().json();
    assert_eq!(linked["path"], git_dir);
}

#[test]
fn a_remote_is_named_without_its_secrets() {
    let env = Env::new();
    env.git_out(&["config", "quipu.remote", "https://user:secret@example.com/x.git"]);
    for args in [["info"].as_slice(), &["info", "--json"]] {
        let run = env.qp(args).success().stdout;
        assert!(run.contains("example.com") && !run.contains("secret"), "{run}");
    }
}

#[test]
fn the_version_needs_no_repository() {
    let env = Env::bare();
    let run = env.qp_in(env.root(), ["version"], &[], "").success().stdout;
    assert!(run.starts_with(&format!("qp {}\n", env!("CARGO_PKG_VERSION"))), "{run}");
    let json = env.qp_in(env.root(), ["version", "--json"], &[], "").success().json();
    assert_eq!((&json["version"], &json["format"]), (&env!("CARGO_PKG_VERSION").into(), &1.into()));
}

#[test]
fn types_that_are_known_and_types_in_use() {
    let env = Env::new();
    env.create(["Try it", "-t", "spike"]);
    snapshot!(
        env.qp(["types"]),
        str![[r#"
task      Work to be done; what an issue is unless told otherwise
bug       Something that is wrong
feature   Something new
epic      A whole that has other issues as its parts
chore     Upkeep that nobody outside will notice
decision  A choice to be made, or that was made, with its reasons
question  Something that somebody has to answer
also in use here: spike

"#]]
    );
    assert_eq!(env.json(["types"])["custom_types"], serde_json::json!(["spike"]));
    let outside = env.qp_in(env.root(), ["types", "--json"], &[], "").success().json();
    assert_eq!(outside["core_types"].as_array().map(Vec::len), Some(7));
    assert_eq!(outside["custom_types"], serde_json::json!([]));
}

/// Before the tracker began there was no prefix that a key could have been of.
#[test]
fn a_look_back_before_the_beginning() {
    let env = Env::new();
    let key = env.create(["One"]);
    let root = env.git_out(&["rev-list", "--max-parents=0", "quipu-sync"]);
    let run = env.qp(["show", &key, "--as-of", root.trim()]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""));
    assert!(run.stderr.contains(&format!("no issue {key}: there was no tracker yet")), "{run}");
}
