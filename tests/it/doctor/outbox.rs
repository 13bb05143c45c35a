//! What `doctor` says of issues is what reads see, the branch together with the outbox; and what is wrong with the
//! files of the outbox. Nothing that may be the one copy of somebody's work is ever deleted.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use snapbox::str;

use super::fix::old;
use super::{LOGIN, finding, findings, tracker};
use crate::compat::fingerprint::Fingerprint;
use crate::compat::locked::locked;
use crate::compat::skip;
use crate::env::Env;
use crate::{history, snapshot};

fn outbox(env: &Env) -> PathBuf {
    env.repo().join(".quipu/outbox")
}

/// A clone of `repo`, whose operations get into the outbox of `repo` by files alone.
fn clone(env: &Env) -> PathBuf {
    env.run_git(env.root(), &["clone", "-q", "repo", "clone"]);
    env.root().join("clone")
}

/// Saves what a clone has done.
fn save(env: &Env, folder: &Path) -> PathBuf {
    let saved = env.qp_in(folder, ["outbox", "save", "--json"], &[], "").success().json();
    folder.join(saved["outbox"].as_str().expect("a name"))
}

/// Saves what a clone has done, and copies it to `repo` under a name.
fn carry(env: &Env, clone: &Path, name: &str) -> PathBuf {
    std::fs::create_dir_all(outbox(env)).expect("a folder");
    let file = outbox(env).join(name);
    std::fs::copy(save(env, clone), &file).expect("a file");
    file
}

fn fixes_nothing(env: &Env) {
    let before = Fingerprint::of(&outbox(env));
    env.qp(["doctor", "--fix"]).exits(1);
    assert_eq!(before.changes_until(&Fingerprint::of(&outbox(env))), [""; 0]);
}

#[test]
fn what_the_outbox_has_closed_is_closed() {
    let claim =
        "status: in_progress\nassignee: bob\nclaimed_at: 2026-01-07T08:00:00.000Z\nclaimed_session: b\n";
    let env = tracker(&format!("{claim}lease_until: 2026-01-07T09:00:00.000Z\n"));
    assert_eq!(findings(&env, "lapsed_claim").len(), 1);
    let clone = clone(&env);
    env.qp_in(&clone, ["close", LOGIN, "--force"], &[], "").success();
    env.qp_in(&clone, ["q", "From there"], &[], "").success();
    carry(&env, &clone, "s2.bundle");
    snapshot!(
        env.qp(["doctor"]),
        str![[r#"
3 issues, nothing wrong

"#]]
    );
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    assert_eq!(env.json(["doctor"])["issue_count"], 3);
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip, "looking takes nothing in");
}

#[test]
fn a_repository_that_has_nothing_but_the_outbox() {
    let env = Env::new();
    env.create(["One"]);
    env.run_git(env.root(), &["init", "-q", "-b", "main", "empty"]);
    let empty = env.root().join("empty");
    std::fs::create_dir_all(empty.join(".quipu/outbox")).expect("a folder");
    let file = save(&env, &env.repo());
    std::fs::copy(file, empty.join(".quipu/outbox/s1.bundle")).expect("a file");
    let run = env.qp_in(&empty, ["doctor"], &[], "").success();
    assert_eq!(run.to_string(), "1 issue, nothing wrong\n");
}

#[test]
fn what_was_mended_into_the_outbox_is_mended() {
    let gone = "01kfn6tfn3n7h5b39ztztw0000";
    let env = tracker(&format!("blocked_by: [{gone}]\n"));
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let script = "qp doctor --fix; qp doctor --fix; qp doctor";
    let Some(run) = locked(&env, &env.repo(), ".git", script) else {
        return skip("nothing can be locked here");
    };
    history!(
        run,
        str![[r#"
warning: web-7k2m refers to 01kfn6tfn3n7h5b39ztztw0000 (blocks), which is not in this tracker
  fixed: removed the reference to 01kfn6tfn3n7h5b39ztztw0000 (blocks)
2 issues, 1 fixed
2 issues, nothing wrong
2 issues, nothing wrong
[stderr]
saved, not shared: .quipu/outbox/s1-COMMIT.bundle (commit it with your work)

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
}

#[test]
fn a_file_that_is_torn() {
    let env = tracker("");
    let clone = clone(&env);
    env.qp_in(&clone, ["q", "From there"], &[], "").success();
    let file = carry(&env, &clone, "s2.bundle");
    let bytes = std::fs::read(&file).expect("a file");
    std::fs::write(outbox(&env).join("s3.bundle"), &bytes[..bytes.len() - 30]).expect("a file");
    let found = finding(&env, "outbox_unusable");
    assert_eq!((&found["severity"], &found["fixed"]), (&"warning".into(), &Value::Null));
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: .quipu/outbox/s3.bundle cannot be used: its pack is damaged: its checksum is wrong; what is in it is not seen
  remedy: move it out of .quipu/outbox, and get it whole: git log -- .quipu/outbox shows where it came from, and qp outbox save makes it anew in the session that wrote it
3 issues, 1 warning
[exit 1]

"#]]
    );
    // The other one is seen all the same.
    assert_eq!(env.json(["list"]).as_array().map(Vec::len), Some(3));
    std::fs::remove_file(&file).expect("a file");
    fixes_nothing(&env);
    // Somebody has brought it whole.
    std::fs::write(outbox(&env).join("s3.bundle"), &bytes).expect("a file");
    assert_eq!(env.json(["doctor"])["findings"], json!([]));
}

#[test]
fn a_file_of_another_branch_or_repository() {
    let env = tracker("");
    std::fs::create_dir_all(outbox(&env)).expect("a folder");
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["bundle", "create", "-q", ".quipu/outbox/code.bundle", "main"]);
    let id = "0123456789abcdef".repeat(4);
    let other = format!("# v3 git bundle\n@object-format=sha256\n{id} refs/heads/quipu-sync\n\nPACK");
    std::fs::write(outbox(&env).join("other.bundle"), other).expect("a file");
    std::fs::write(outbox(&env).join("none.bundle"), "nothing of the kind").expect("a file");
    let found = findings(&env, "outbox_unusable");
    let remedies: Vec<&str> = found.iter().filter_map(|f| f["remedy"].as_str()?.split(", ").nth(1)).collect();
    assert_eq!(
        remedies,
        [
            "to the repository or branch that it is of",
            "and get it whole: git log -- .quipu/outbox shows where it came from",
            "to the repository or branch that it is of"
        ]
    );
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: .quipu/outbox/code.bundle cannot be used: it is a bundle of refs/heads/main and not of refs/heads/quipu-sync; what is in it is not seen
  remedy: move it out of .quipu/outbox, to the repository or branch that it is of
warning: .quipu/outbox/none.bundle cannot be used: it is torn, or no git bundle; what is in it is not seen
  remedy: move it out of .quipu/outbox, and get it whole: git log -- .quipu/outbox shows where it came from, and qp outbox save makes it anew in the session that wrote it
warning: .quipu/outbox/other.bundle cannot be used: its object ids are of another kind than this repository's; what is in it is not seen
  remedy: move it out of .quipu/outbox, to the repository or branch that it is of
2 issues, 3 warnings
[exit 1]

"#]]
    );
    fixes_nothing(&env);
}

#[test]
fn a_file_of_a_newer_tracker() {
    let env = tracker("");
    let clone = clone(&env);
    env.commit_file("quipu.yml", Some("format: 2\nprefix: web\n"));
    let file = save(&env, &env.repo());
    std::fs::create_dir_all(clone.join(".quipu/outbox")).expect("a folder");
    std::fs::copy(file, clone.join(".quipu/outbox/s2.bundle")).expect("a file");
    let run = env.qp_in(&clone, ["doctor"], &[], "").exits(1);
    snapshot!(
        run,
        str![[r#"
warning: .quipu/outbox/s2.bundle cannot be used: its tracker has a newer format: install a qp that knows format 2; what is in it is not seen
  remedy: leave the file where it is, for a qp that knows that format
2 issues, 1 warning
[exit 1]

"#]]
    );
}

#[test]
fn a_file_that_waits_for_commits() {
    let env = tracker("");
    let clone = clone(&env);
    // What the clone has sent to a remote that this repository has not heard of.
    env.qp_in(&clone, ["q", "Sent"], &[], "").success();
    let sent = env.run_git(&clone, &["rev-parse", "quipu-sync"]);
    env.run_git(&clone, &["update-ref", "refs/remotes/origin/quipu-sync", sent.trim()]);
    env.qp_in(&clone, ["q", "Not sent"], &[], "").success();
    carry(&env, &clone, "s2.bundle");
    let found = finding(&env, "outbox_waiting");
    assert_eq!(found["severity"], "warning");
    let message = found["message"].as_str().expect("a message").replace(&sent[..12], "COMMIT");
    assert_eq!(
        message,
        ".quipu/outbox/s2.bundle builds upon COMMIT, which is not here: the operation in it is not seen"
    );
    fixes_nothing(&env);
    env.git_out(&["fetch", "-q", "../clone", &format!("{}:refs/heads/quipu-sync", sent.trim())]);
    assert_eq!(env.json(["doctor"])["findings"], json!([]));
    assert_eq!(env.json(["doctor"])["issue_count"], 4);
}

#[test]
fn something_else_in_the_place_of_the_folder() {
    let env = tracker("");
    let place = env.repo().join(".quipu");
    std::fs::write(&place, "a file of the project").expect("a file");
    assert_eq!(finding(&env, "bad_outbox")["severity"], "warning");
    let run = env.qp(["doctor"]).exits(1);
    let root = env.root().display().to_string();
    snapshot!(
        run.to_string().replace(&root, "ROOT"),
        str![[r#"
warning: ROOT/repo/.quipu is no folder, so there is no outbox
  remedy: move ROOT/repo/.quipu elsewhere: the outbox is a folder there
2 issues, 1 warning
[exit 1]

"#]]
    );
    env.qp(["doctor", "--fix"]).exits(1);
    assert_eq!(std::fs::read_to_string(&place).expect("a file"), "a file of the project");
    std::fs::remove_file(&place).expect("a file");
    std::fs::create_dir(&place).expect("a folder");
    std::fs::write(outbox(&env), "").expect("a file");
    assert!(
        finding(&env, "bad_outbox")["message"].as_str().is_some_and(|text| text.contains("outbox is no"))
    );
}

#[test]
fn half_written_files_of_a_writer_that_died() {
    let env = tracker("");
    std::fs::create_dir_all(outbox(&env)).expect("a folder");
    let stray = outbox(&env).join(".new-AbC123");
    std::fs::write(&stray, "half").expect("a file");
    let mine = outbox(&env).join(".new-plan.md");
    std::fs::write(&mine, "a file of the project").expect("a file");
    for file in [&stray, &mine] {
        old(file, 0);
    }
    assert_eq!(findings(&env, "stray_file").len(), 0, "it may be somebody's");
    env.pass(2 * 24 * 60 * 60 * 1000);
    assert!(finding(&env, "stray_file")["path"].as_str().is_some_and(|path| path.ends_with(".new-AbC123")));
    env.qp(["doctor", "--fix"]).success();
    assert!(!stray.exists() && mine.exists());
    // Where the folder is somebody else's, reached by a link, nothing is looked for in it.
    let elsewhere = env.root().join("elsewhere");
    std::fs::rename(outbox(&env), &elsewhere).expect("a folder");
    std::fs::write(elsewhere.join(".new-AbC123"), "half").expect("a file");
    old(&elsewhere.join(".new-AbC123"), 0);
    #[cfg(unix)]
    std::os::unix::fs::symlink(&elsewhere, outbox(&env)).expect("a link");
    env.qp(["doctor", "--fix"]);
    assert!(elsewhere.join(".new-AbC123").exists());
}
