//! Faults of the repository around the tracker.

use snapbox::str;

use super::{LOGIN, finding, findings, path, tracker};
use crate::{history, snapshot};

#[test]
fn commits_that_the_branch_has_lost() {
    let env = tracker("");
    // Somebody moved the branch back.
    env.git_out(&["update-ref", "refs/heads/quipu-sync", "quipu-sync~1"]);
    history!(
        env.qp(["doctor"]),
        str![[r#"
warning: COMMIT was on quipu-sync and is no longer part of it
  remedy: qp doctor --fix keeps it by a ref; qp diff --from quipu-sync --to COMMIT shows what it has
1 issue, 1 warning
[exit 1]

"#]]
    );
    assert_eq!(finding(&env, "left_behind")["severity"], "warning");
    let remedy = finding(&env, "left_behind")["remedy"].as_str().unwrap().to_owned();
    let diff = remedy.split("qp ").nth(2).unwrap().split(" shows").next().unwrap().to_owned();
    assert!(env.qp(diff.split(' ')).success().stdout.contains("created web-7k2m"), "{diff}");
    // Two writers did not see each other.
    let log = env.repo().join(".git/logs/refs/heads/quipu-sync");
    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without_last = lines[..lines.len() - 1].join("\n") + "\n";
    let old = env.git_out(&["rev-parse", "quipu-sync"]);
    let gap = format!("{without_last}{} {} a <a@b> 1767780000 +0000\tqp: x\n", old.trim(), old.trim());
    std::fs::write(&log, gap).unwrap();
    assert_eq!(finding(&env, "reflog_gap")["severity"], "note");
    assert_eq!(finding(&env, "left_behind")["severity"], "error");
    // A log that was cut short, but nothing is lost.
    std::fs::write(&log, lines[lines.len() - 3..lines.len() - 2].join("\n") + "\n").unwrap();
    assert_eq!(env.json(["doctor"])["ok"], true);
}

#[test]
fn a_lock_that_nobody_holds() {
    let env = tracker("");
    let lock = env.repo().join(".git/refs/heads/quipu-sync.lock");
    std::fs::write(&lock, "").unwrap();
    let found = finding(&env, "stale_lock");
    assert!(found["path"].as_str().unwrap().ends_with("quipu-sync.lock"));
    assert_eq!(found["severity"], "error");
    std::fs::remove_file(lock).unwrap();
    assert_eq!(env.json(["doctor"])["ok"], true);
    // In a linked worktree it is named by its own path, and not by the way from there.
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["worktree", "add", "-q", "-b", "feature", "../linked"]);
    let lock = env.repo().join(".git/packed-refs.lock");
    std::fs::write(&lock, "").unwrap();
    let run = env.qp_in(&env.root().join("linked"), ["doctor"], &[], "").exits(1);
    snapshot!(
        run.to_string().replace(env.root().to_str().unwrap(), "ROOT"),
        str![[r#"
error: ROOT/repo/.git/packed-refs.lock has been there for a while; no ref can be deleted as long as it is
  remedy: when no git command runs any more: mv ROOT/repo/.git/packed-refs.lock ROOT/repo/.git/quipu/left-behind-packed-refs.lock
2 issues, 1 error
[exit 1]

"#]]
    );
    assert!(env.qp(["q", "Written all the same"]).success().stderr.is_empty());
}

#[test]
fn a_branch_that_cannot_be_read() {
    let env = tracker("");
    let file = env.repo().join(".git/refs/heads/quipu-sync");
    let before = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, "").unwrap();
    let found = finding(&env, "bad_ref");
    assert!(found["remedy"].as_str().unwrap().contains(&format!("echo {}", before.trim())), "{found}");
    std::fs::write(&file, before).unwrap();
    assert_eq!(env.json(["doctor"])["ok"], true);
}

/// Returns the id of the tree that the branch has, as raw bytes.
fn tree(env: &crate::env::Env) -> Vec<u8> {
    let hex = env.git_out(&["rev-parse", "quipu-sync^{tree}"]);
    let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
    (0..hex.trim().len() / 2).map(|byte| digits(2 * byte)).collect()
}

#[test]
fn a_snapshot_that_disagrees() {
    let env = tracker("");
    let snapshot = env.repo().join(".git/quipu/snapshot");
    std::fs::write(&snapshot, "torn").unwrap();
    assert_eq!(finding(&env, "snapshot")["severity"], "note");
    env.qp(["doctor", "--fix"]).success();
    assert!(!snapshot.exists());
    let many: String = (10..50).map(|n| format!("{{\"id\":\"bd-{n}\",\"title\":\"Issue {n}\"}}\n")).collect();
    env.qp_stdin(["import", "-"], &many).success();
    assert_eq!(env.json(["doctor"])["ok"], true);
    let mut bytes = std::fs::read(&snapshot).unwrap();
    let before = tree(&env);
    env.qp(["update", "bd-33", "--title", "Right 33"]).success();
    // The same snapshot, as if it were of the tree there is now.
    let at = bytes.windows(before.len()).position(|w| w == before).unwrap();
    bytes[at..at + before.len()].copy_from_slice(&tree(&env));
    let length = |at: usize| u64::from_le_bytes(*bytes[at..].first_chunk().unwrap()) as usize;
    let mut sum = flate2::Crc::new();
    sum.update(&bytes[12..36]);
    sum.update(&bytes[40..40 + length(12) + length(20)]);
    bytes[36..40].copy_from_slice(&sum.sum().to_le_bytes());
    std::fs::write(&snapshot, bytes).unwrap();
    assert!(!env.qp(["list", "-n", "0"]).stdout.contains("Right 33"));
    assert_eq!(finding(&env, "snapshot")["severity"], "error");
    let fixed = env.json(["doctor", "--fix"]);
    assert_eq!(fixed["findings"][0]["fixed"], "deleted the snapshot file");
    assert!(env.qp(["list", "-n", "0"]).stdout.contains("Right 33"));
    assert_eq!(env.json(["doctor"])["ok"], true);
}

#[test]
fn a_search_file_that_disagrees() {
    let env = tracker("");
    let many: String = (10..50).map(|n| format!("{{\"id\":\"bd-{n}\",\"title\":\"Issue {n}\"}}\n")).collect();
    env.qp_stdin(["import", "-"], &many).success();
    env.qp(["search", "issue"]).success();
    assert_eq!(env.json(["doctor"])["ok"], true);
    let file = env.repo().join(".git/quipu/search");
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes.windows(4).position(|w| w == b"\n33\n").unwrap();
    bytes[at + 2] = b'x';
    let head = 16..16 + u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let mut sum = flate2::Crc::new();
    sum.update(&bytes[head]);
    bytes[8..12].copy_from_slice(&sum.sum().to_le_bytes());
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(finding(&env, "search_file")["severity"], "error");
    assert_eq!(env.json(["doctor", "--fix"])["findings"][0]["fixed"], "deleted the search file");
    assert!(!file.exists());
    std::fs::write(&file, "torn").unwrap();
    assert_eq!(finding(&env, "search_file")["severity"], "note");
    assert_eq!(env.json(["search", "33"])[0]["title"], "Issue 33");
    assert_eq!(env.json(["doctor"])["findings"], serde_json::json!([]));
}

#[test]
fn a_branch_that_has_diverged() {
    let env = tracker("");
    env.git_out(&["remote", "add", "origin", "https://example.invalid/x.git"]);
    let tree = env.git_out(&["rev-parse", "quipu-sync~1^{tree}"]);
    let other = env.git_out(&["commit-tree", "-p", "quipu-sync~1", "-m", "theirs", tree.trim()]);
    env.git_out(&["update-ref", "refs/remotes/origin/quipu-sync", other.trim()]);
    let found = finding(&env, "diverged");
    assert_eq!((&found["severity"], &found["remedy"]), (&"note".into(), &"qp sync merges them".into()));
}

#[test]
fn a_claim_that_nobody_needs() {
    let env = tracker("");
    env.git_out(&["remote", "add", "origin", "https://example.invalid/x.git"]);
    let claim = "holder: bob\nsession: b\nclaimed_at: 2026-01-07T09:00:00.000Z\n\
                 lease_until: 2026-01-07T11:00:00.000Z\nnonce: 1\n";
    std::fs::write(env.repo().join("claim"), claim).unwrap();
    let blob = env.git_out(&["hash-object", "-w", "claim"]);
    let uid = env.json(["show", LOGIN])[0]["uid"].as_str().unwrap().to_owned();
    let name = format!("refs/quipu/remotes/origin/claims/{uid}");
    env.git_out(&["update-ref", &name, blob.trim()]);
    assert_eq!(findings(&env, "claim_leftover").len(), 0, "it may be needed");
    assert!(env.qp_as("carol", ["close", LOGIN]).exits(6).stderr.contains("claimed by bob"));
    env.qp_as("carol", ["close", LOGIN, "--force"]).success();
    let found = finding(&env, "claim_leftover");
    assert_eq!((&found["severity"], &found["remedy"]), (&"note".into(), &"qp sync removes it".into()));
    assert!(found["message"].as_str().unwrap().contains("bob, whose issue is closed"), "{found}");
    env.git_out(&["update-ref", "-d", &name]);
    assert_eq!(findings(&env, "claim_leftover").len(), 0);
}

#[test]
fn a_checkout_that_lags_behind() {
    let env = tracker("");
    env.git_out(&["worktree", "add", "-q", "../tracker", "quipu-sync"]);
    assert_eq!(env.json(["doctor"])["ok"], true);
    // Changed by hand, so that it does not follow the next write.
    std::fs::write(env.root().join("tracker/quipu.yml"), "format: 1\n").unwrap();
    env.qp(["create", "One more"]).success();
    let found = finding(&env, "checkout_behind");
    assert!(found["path"].as_str().unwrap().ends_with("tracker"), "{found}");
}

#[test]
fn objects_that_are_missing() {
    let env = tracker("");
    let blob = env.git_out(&["rev-parse", &format!("quipu-sync:{}", path(LOGIN))]);
    let blob = blob.trim();
    std::fs::remove_file(env.repo().join(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).unwrap();
    assert!(finding(&env, "missing_objects")["message"].as_str().unwrap().contains(blob));
    assert_eq!(findings(&env, "unreadable").len(), 0);
    // The rest of the tracker is served.
    assert!(env.qp(["list"]).success().stdout.contains("Notes"));
    let tree = env.git_out(&["rev-parse", "quipu-sync:issues"]);
    let tree = tree.trim();
    std::fs::remove_file(env.repo().join(format!(".git/objects/{}/{}", &tree[..2], &tree[2..]))).unwrap();
    env.qp(["doctor"]).exits(1);
}

#[test]
fn objects_that_hold_nothing() {
    let env = tracker("");
    let blob = env.git_stdin(&["hash-object", "-w", "--stdin"], "cut off");
    let file = env.repo().join(format!(".git/objects/{}/{}", &blob[..2], blob[2..].trim()));
    // Git makes its objects so that nobody writes to them by mistake.
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, "").unwrap();
    let found = finding(&env, "broken_object");
    assert_eq!(found["path"].as_str(), file.to_str());
    assert_eq!(found["severity"], "warning");
    env.qp(["doctor", "--fix"]).success();
    assert!(!file.exists());
    assert_eq!(env.json(["doctor"])["findings"], serde_json::json!([]));
}

#[test]
fn outbox_files_that_have_arrived() {
    let env = tracker("");
    let folder = env.repo().join(".quipu/outbox");
    std::fs::create_dir_all(&folder).unwrap();
    env.git_out(&["config", "remote.origin.url", "../server.git"]);
    env.git_out(&["update-ref", "refs/remotes/origin/quipu-sync", "quipu-sync~1"]);
    env.git_out(&["bundle", "create", "-q", ".quipu/outbox/s1.bundle", "quipu-sync~1..quipu-sync"]);
    std::fs::write(folder.join("s2.bundle"), "no bundle").unwrap();
    // What is on the branch here alone has not arrived.
    assert_eq!(findings(&env, "outbox_absorbed").len(), 0);
    env.git_out(&["update-ref", "refs/remotes/origin/quipu-sync", "quipu-sync"]);
    let found = finding(&env, "outbox_absorbed");
    assert!(found["path"].as_str().unwrap().ends_with("s1.bundle"), "{found}");
    assert_eq!((&found["severity"], &found["remedy"]), (&"note".into(), &"qp outbox prune".into()));
    env.qp(["doctor", "--fix"]);
    assert!(!folder.join("s1.bundle").exists() && folder.join("s2.bundle").exists());
}

#[test]
fn a_check_that_cannot_be_made() {
    let env = tracker("");
    let tree = env.git_out(&["rev-parse", "quipu-sync:issues"]);
    let file = env.repo().join(format!(".git/objects/{}/{}", &tree[..2], tree[2..].trim()));
    std::fs::remove_file(&file).unwrap();
    assert!(!findings(&env, "check_failed").is_empty(), "{}", env.qp(["doctor"]));
}

#[test]
#[cfg(unix)]
fn git_that_is_missing_or_old() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut env = tracker("");
    let git = String::from_utf8(
        std::process::Command::new("sh").args(["-c", "command -v git"]).output().unwrap().stdout,
    )
    .unwrap();
    let bin = env.root().join("bin");
    std::fs::create_dir(&bin).unwrap();
    env.set("PATH", bin.to_str().unwrap());
    assert_eq!(finding(&env, "no_git")["severity"], "warning");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *version*) echo git version 2.20.1;; *) exec {} \"$@\";; esac\n",
        git.trim()
    );
    std::fs::write(bin.join("git"), script).unwrap();
    std::fs::set_permissions(bin.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(finding(&env, "old_git")["message"], "git version 2.20.1 is older than 2.29");
}

#[test]
#[cfg(unix)]
fn a_repository_that_belongs_to_somebody_else() {
    let env = tracker("");
    let git = env.repo().join(".git");
    if std::os::unix::fs::chown(&git, Some(12345), None).is_err() {
        println!("only root can give a folder away; nothing is checked");
        return;
    }
    let found = finding(&env, "foreign_owner");
    assert!(
        found["remedy"].as_str().unwrap().starts_with("git config --global --add safe.directory"),
        "{found}"
    );
    assert!(env.qp(["list"]).success().stdout.contains("Notes"));
    env.qp(["create", "No"]).exits(9);
}
