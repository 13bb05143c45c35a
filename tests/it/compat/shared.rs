//! Several users in one repository: what one of them makes, the others may read and write as `core.sharedRepository`
//! says, whatever their masks are.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::skip;
use crate::env::{Env, Run};

/// A repository shared in this way; everything in it belongs to the first of two users of one group.
fn stage(shared: &str) -> Option<Env> {
    let env = Env::bare();
    env.run_git(env.root(), &["init", "-q", "-b", "main", &format!("--shared={shared}"), "repo"]);
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    let script = "chmod 755 . && cp \"$(command -v qp)\" qp && chown -R 6001:5000 repo && command -v setpriv";
    (env.shell(env.root(), script).code == 0).then_some(env)
}

/// Runs qp as a user of the group, with a mask and no session of their own.
fn by(env: &Env, user: u32, mask: &str, command: &str) -> Run {
    std::fs::write(env.root().join("trust"), "[safe]\n\tdirectory = *\n").expect("a file");
    let script = format!(
        "setpriv --reuid {user} --regid {user} --groups 5000 env -i PATH=\"$PATH\" GIT_CONFIG_NOSYSTEM=1 \
         GIT_CONFIG_GLOBAL=$(realpath ../trust) QP_ACTOR=u{user} sh -c 'umask {mask}; ../qp {command}'"
    );
    env.shell(&env.repo(), &script)
}

/// The rights of everything below a folder, each once: the kind, then octal digits.
fn rights(folder: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(folder).min_depth(1).into_iter().flatten();
    let mut found: Vec<String> = entries
        .map(|entry| {
            let mode = entry.metadata().expect("an entry").permissions().mode() & 0o777;
            format!("{} {mode:03o}", if entry.file_type().is_dir() { "folder" } else { "file" })
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn the_second_user_is_not_locked_out() {
    let Some(env) = stage("group") else { return skip("only root can become somebody else") };
    by(&env, 6001, "077", "init --prefix web").success();
    let key = by(&env, 6001, "077", "q First").success().stdout;
    for number in 0..40 {
        by(&env, [6002, 6001][number % 2], ["022", "077"][number % 2], &format!("q More-{number}")).success();
    }
    // Reads write their own files, which must not stop the other one either.
    for user in [6001, 6002, 6001] {
        by(&env, user, "077", "search More").success();
        by(&env, user, "077", "list").success();
    }
    by(&env, 6002, "077", &format!("close {}", key.trim())).success();
    env.shell(env.root(), "chown -R 0:0 repo");
    assert_eq!(env.json(["list", "--all", "-n", "0"]).as_array().map(Vec::len), Some(41));
    env.fsck();
}

#[test]
fn both_users_exchange_with_a_remote() {
    let Some(env) = stage("group") else { return skip("only root can become somebody else") };
    let script = "git init -q --bare --shared=group hub.git && chown -R 6001:5000 hub.git && \
                  git -C repo -c safe.directory='*' remote add origin ../hub.git && chown -R 6001:5000 repo";
    assert_eq!(env.shell(env.root(), script).code, 0);
    by(&env, 6001, "077", "init --prefix web").success();
    for user in [6001, 6002, 6001, 6002] {
        by(&env, user, "077", "q One").success();
        by(&env, user, "077", "sync").success();
        by(&env, user, "077", "claim --next --sync").success();
    }
    let refused = env.shell(&env.repo(), "find .git ! -perm -g=r -o -type d ! -perm -g=rwx").stdout;
    assert_eq!(refused, "", "the group can read everything and make something everywhere");
}

#[test]
fn rights_are_those_that_git_gives() {
    for (shared, folders, files, objects) in [
        ("group", "folder 770", "file 660", "file 440"),
        ("all", "folder 775", "file 664", "file 444"),
        ("0640", "folder 750", "file 640", "file 440"),
        ("umask", "folder 700", "file 600", "file 400"),
    ] {
        let env = Env::bare();
        env.run_git(env.root(), &["init", "-q", "-b", "main", &format!("--shared={shared}"), "repo"]);
        let script =
            "umask 077; qp init --prefix web -q && qp q One && qp search One && rm -f .git/objects/info/*";
        let run = env.shell(&env.repo(), script);
        assert_eq!(run.code, 0, "{run}");
        let git_dir = env.repo().join(".git");
        let made: Vec<String> =
            ["quipu", "logs"].iter().flat_map(|folder| rights(&git_dir.join(folder))).collect();
        let expected = |found: &String| *found == folders || *found == files;
        assert!(made.iter().all(expected), "{shared}: {made:?}");
        let objects_made = rights(&git_dir.join("objects"));
        let of_git = |found: &&String| found.starts_with("file");
        assert_eq!(objects_made.iter().filter(of_git).collect::<Vec<_>>(), [objects], "{shared}");
        let branch = git_dir.join("refs/heads/quipu-sync");
        let mode = branch.metadata().expect("the branch").permissions().mode() & 0o777;
        assert_eq!(format!("file {mode:03o}"), files, "{shared}");
    }
}

/// What is written for the user keeps the user's own rights.
#[test]
fn files_outside_of_the_repository_are_not_shared() {
    let env = Env::bare();
    env.run_git(env.root(), &["init", "-q", "-b", "main", "--shared=all", "repo"]);
    let script = "umask 077; qp init --prefix web -q && qp q One && qp export -o out.jsonl && qp q Two";
    assert_eq!(env.shell(&env.repo(), script).code, 0);
    let mode = env.repo().join("out.jsonl").metadata().expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

#[test]
fn two_users_of_one_worktree_are_one_session() {
    let Some(env) = stage("group") else { return skip("only root can become somebody else") };
    by(&env, 6001, "022", "init --prefix web").success();
    for user in [6001, 6002, 6002] {
        by(&env, user, "022", "q One").success();
    }
    let list = ["log", "-3", "--format=%(trailers:key=Quipu-Session,valueonly,separator=)", "quipu-sync"];
    let log = env.run_git(&env.repo(), &[&["-c", "safe.directory=*"][..], &list].concat());
    let mut sessions: Vec<&str> = log.lines().collect();
    sessions.dedup();
    assert_eq!(sessions.len(), 1, "{log}");
}

/// CI jobs have it in the environment, where git takes it from.
#[test]
fn trust_in_the_environment_counts() {
    let env = Env::new();
    if env.shell(env.root(), "chown -R 6001:5000 repo").code != 0 {
        return skip("only root can give files away");
    }
    env.qp(["q", "One"]).exits(9);
    let trust =
        [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "safe.directory"), ("GIT_CONFIG_VALUE_0", "*")];
    env.qp_in(&env.repo(), ["q", "One"], &trust, "").success();
}
