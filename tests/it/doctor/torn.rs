//! What a loss of power has torn: told of once, rehearsed, and told of also where it cannot be mended.

use std::path::PathBuf;

use snapbox::str;

use super::{finding, tracker};
use crate::env::Env;
use crate::snapshot;

/// A tracker whose newest commit has an empty file.
struct Torn {
    env: Env,
    commit: String,
    before: String,
    file: PathBuf,
}

impl Torn {
    fn new() -> Self {
        let env = tracker("");
        let id = |name: &str| env.git_out(&["rev-parse", name]).trim().to_owned();
        let (commit, before) = (id("quipu-sync"), id("quipu-sync~1"));
        let file = env.repo().join(".git/objects").join(&commit[..2]).join(&commit[2..]);
        // Git makes its objects so that nobody writes to them by mistake.
        std::fs::remove_file(&file).expect("a file");
        std::fs::write(&file, "").expect("a file");
        Torn { env, commit, before, file }
    }

    fn run(&self, args: &[&str]) -> String {
        let text = self.env.qp(args).to_string();
        let text = text.replace(self.file.to_str().expect("UTF-8"), "FILE").replace(&self.commit, "COMMIT");
        stable(&self.env, &text.replace(&self.before, "BEFORE"))
    }
}

fn stable(env: &Env, text: &str) -> String {
    text.replace(env.root().to_str().expect("UTF-8"), "ROOT")
}

/// As good as a `.git` that cannot be written: the lock of writers is a folder.
fn lock_away(env: &Env) {
    std::fs::remove_file(env.repo().join(".git/quipu/lock")).ok();
    std::fs::create_dir_all(env.repo().join(".git/quipu/lock")).expect("a folder");
}

#[test]
fn a_commit_that_is_torn_is_one_finding() {
    let torn = Torn::new();
    snapshot!(
        torn.run(&["doctor"]),
        str![[r#"
error: the commit COMMIT cannot be read: FILE is empty
  remedy: qp doctor --fix moves it aside and brings back what the remote or the branch's log has
no issue can be read, 1 error
[exit 1]

"#]]
    );
    snapshot!(
        torn.run(&["doctor", "--fix", "--dry-run"]),
        str![[r#"
error: the commit COMMIT cannot be read: FILE is empty
  --fix would move it aside, for what the remote, the branch's log or an earlier version has
no issue can be read, 1 error
[exit 1]

"#]]
    );
    lock_away(&torn.env);
    snapshot!(
        torn.run(&["doctor", "--fix"]),
        str![[r#"
error: the commit COMMIT cannot be read: FILE is empty
  not fixed: cannot write to ROOT/repo/.git/quipu
  remedy: qp doctor --fix moves it aside and brings back what the remote or the branch's log has
no issue can be read, 1 error
[exit 1]

"#]]
    );
    std::fs::remove_dir(torn.env.repo().join(".git/quipu/lock")).expect("a folder");
    snapshot!(
        torn.run(&["doctor", "--fix"]),
        str![[r#"
error: the commit COMMIT cannot be read: FILE is empty
  fixed: moved FILE to ROOT/repo/.git/quipu/broken; moved quipu-sync from COMMIT, which cannot be read, back to BEFORE, the newest state that can be read
1 issue, 1 fixed

"#]]
    );
    assert_eq!(torn.env.json(["doctor"])["findings"], serde_json::json!([]));
}

#[test]
fn a_branch_that_is_torn_says_where_it_would_be() {
    let env = tracker("");
    let commit = env.git_out(&["rev-parse", "quipu-sync"]);
    std::fs::write(env.repo().join(".git/refs/heads/quipu-sync"), "").expect("a file");
    let run = |args: &[&str]| stable(&env, &env.qp(args).to_string().replace(commit.trim(), "COMMIT"));
    snapshot!(
        run(&["doctor", "--fix", "--dry-run"]),
        str![[r#"
error: ROOT/repo/.git/refs/heads/quipu-sync is torn: it does not say where the branch stands
  --fix would move the branch to COMMIT, where its log says that it stood
no issue can be read, 1 error
[exit 1]

"#]]
    );
    lock_away(&env);
    snapshot!(
        run(&["doctor", "--fix"]),
        str![[r#"
error: ROOT/repo/.git/refs/heads/quipu-sync is torn: it does not say where the branch stands
  not fixed: cannot write to ROOT/repo/.git/quipu
  remedy: its log knows where it stood: qp doctor --fix moves it there, as does echo COMMIT > ROOT/repo/.git/refs/heads/quipu-sync
no issue can be read, 1 error
[exit 1]

"#]]
    );
    assert_eq!(finding(&env, "bad_ref")["severity"], "error");
    std::fs::remove_dir(env.repo().join(".git/quipu/lock")).expect("a folder");
    snapshot!(
        run(&["doctor", "--fix"]),
        str![[r#"
error: ROOT/repo/.git/refs/heads/quipu-sync is torn: it does not say where the branch stands
  fixed: moved the torn refs/heads/quipu-sync to ROOT/repo/.git/quipu/broken/refs-heads-quipu-sync; moved quipu-sync back to COMMIT, the newest state that can be read
2 issues, 1 fixed

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), commit);
}

/// The branch of somebody else below the tracker's name is not the tracker's own file.
#[test]
fn a_folder_of_branches_is_no_torn_branch() {
    let torn = Torn::new();
    let env = &torn.env;
    env.git_out(&["update-ref", "refs/remotes/origin/quipu-sync", &torn.before]);
    std::fs::write(env.repo().join(".git/refs/remotes/origin/quipu-sync"), format!("{}\n", torn.commit))
        .expect("a file");
    env.git_out(&["config", "remote.origin.url", "../nowhere.git"]);
    for name in [".git/refs/heads/quipu-sync", ".git/logs/refs/heads/quipu-sync"] {
        std::fs::remove_file(env.repo().join(name)).expect("a file");
    }
    env.git_out(&["update-ref", "refs/heads/quipu-sync/theirs", &torn.before]);
    let run = env.qp(["doctor", "--fix"]).exits(1);
    let said = [
        "  fixed: moved ",
        "; forgot refs/remotes/origin/quipu-sync",
        "error: no tracker here",
        "remedy: qp pull",
    ];
    assert!(said.iter().all(|words| run.stdout.contains(words)), "{run}");
    assert_eq!(env.git_out(&["rev-parse", "refs/heads/quipu-sync/theirs"]).trim(), torn.before);
}
