//! No command touches anything of the user's: the index, HEAD, the configuration, hooks, other refs and the working
//! tree are byte for byte what they were, around every command there is.

use std::collections::{BTreeMap, BTreeSet};

use super::fingerprint::Fingerprint;
use super::lines::{Effect, LINES};
use quipu::model::Timestamp;
use quipu::store::attic_path;

use crate::env::Env;
use crate::tidy::commands::commands;

/// A repository in the middle of somebody's work: staged, changed and untracked files, a stash, a merge that is not
/// finished, a linked worktree, a remote, packed and loose refs, hooks. `{name}` → key of the prepared issues.
struct Stage {
    env: Env,
    keys: BTreeMap<&'static str, String>,
}

impl Stage {
    fn new() -> Self {
        Stage::with(&[])
    }

    /// As before, with variables that say which repositories git makes.
    fn with(variables: &[(&str, &str)]) -> Self {
        let mut env = Env::bare();
        for (name, value) in variables {
            env.set(name, value);
        }
        env.run_git(env.root(), &["init", "-q", "-b", "main", "repo"]);
        env.qp(["init", "--prefix", "web", "--quiet"]).success();
        work_of_a_user(&env);
        let create = |args: &[&str]| env.create(args);
        let open = create(&["Open", "-d", "A text."]);
        let epic = create(&["Epic", "-t", "epic"]);
        create(&["Part", "--parent", &epic]);
        let waiting = create(&["Waiting", "--deps", &open]);
        let closed = create(&["Closed"]);
        env.qp(["close", &closed]).success();
        let mine = create(&["Mine"]);
        env.qp(["claim", &mine]).success();
        let other = create(&["Other"]);
        let labelled = create(&["Labelled", "-l", "old"]);
        let deferred = create(&["Deferred", "--defer", "+1w"]);
        env.qp(["query", "save", "urgent", "priority:0..1"]).success();
        let related = create(&["Related", "--deps", &format!("related:{open}")]);
        env.git_out(&["push", "-q", "origin", "quipu-sync"]);
        let lost = create(&["Lost"]);
        keep_a_copy(&env, &lost);
        env.qp(["remember", "Something that is known", "--key", "known"]).success();
        let settings = env.git_out(&["show", "quipu-sync:quipu.yml"]);
        env.commit_file("quipu.yml", Some(&(settings + "theirs: 1\n")));
        // The last operation, for undo.
        env.qp(["update", &other, "--title", "Other again"]).success();
        let keys = BTreeMap::from([
            ("{open}", open),
            ("{epic}", epic),
            ("{waiting}", waiting),
            ("{closed}", closed),
            ("{mine}", mine),
            ("{other}", other),
            ("{labelled}", labelled),
            ("{deferred}", deferred),
            ("{related}", related),
            ("{lost}", lost),
        ]);
        for (folder, kept) in [("repo", "kept"), ("hub.git", "kept-hub")] {
            std::fs::rename(env.root().join(folder), env.root().join(kept)).expect("a folder can be moved");
        }
        Stage { env, keys }
    }

    /// Puts everything back to where it was prepared.
    fn reset(&self) {
        let script = "rm -rf repo hub.git && cp -a kept repo && cp -a kept-hub hub.git";
        assert_eq!(self.env.shell(self.env.root(), script).code, 0, "{script}");
    }

    fn arguments(&self, words: &[&str]) -> Vec<String> {
        words.iter().map(|word| self.keys.get(word).map_or((*word).to_owned(), Clone::clone)).collect()
    }

    fn tip(&self, branch: &str) -> String {
        self.env.git_out(&["rev-parse", branch]).trim().to_owned()
    }
}

/// Puts another version of an issue into the attic.
fn keep_a_copy(env: &Env, key: &str) {
    let uid = env.json(["show", key])[0]["uid"].as_str().expect("an identity").to_owned();
    let id = quipu::model::IssueId::parse(&uid).expect("a ULID");
    let text = env.qp(["show", key, "--raw"]).success().stdout.replace("title: Lost", "title: Won");
    let path = attic_path(id, Timestamp::from_millis(1), &"0123456789abcdef".repeat(3));
    env.commit_file(&path, Some(&text));
}

fn work_of_a_user(env: &Env) {
    let script = "set -e
        git config user.name alice; git config user.email alice@example.com; git config alias.x 'log -1'
        echo one >tracked; echo one >staged; printf 'a\\r\\nb' >crlf; ln -s tracked link; mkdir -p a/b; echo deep >a/b/c
        echo ignored >.gitignore; echo ignored >ignored
        git add .; git commit -qm first; git tag v1; git tag -a -m annotated v2
        git branch side; git branch packed; git pack-refs --all; git branch loose
        git worktree add -q -b linked ../linked; echo changed >../linked/tracked
        git init -q --bare ../hub.git; git remote add origin ../hub.git; git push -q origin main v1; git fetch -q
        git checkout -q side; echo side >tracked; git commit -qam side; git checkout -q main
        echo stashed >tracked; git stash -q; echo mine >tracked; git commit -qam mine
        git merge side >/dev/null || true
        echo staged >staged; git add staged; echo changed >>staged; echo untracked >untracked
        printf '#!/bin/sh\\ntouch \"$0.ran\"\\n' >.git/hooks/post-commit; chmod +x .git/hooks/post-commit
        printf '{\"op\": \"create\", \"title\": \"Applied\"}\n' >../operations.jsonl
        printf '## One\\n\\n## Two\\n' >../plan.md
        printf -- '---\\ntitle: Edited\\n---\\nA text.\\n' >../edited.md
        printf '{\"id\":\"bd-a1\",\"title\":\"Imported\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-01T00:00:00Z\"}\\n' >../issues.jsonl
    ";
    let run = env.shell(&env.repo(), script);
    assert_eq!(run.code, 0, "{run}");
    assert!(env.repo().join(".git/MERGE_HEAD").exists(), "a merge is not finished");
}

/// Tells whether a change is one that an effect allows.
fn allowed(change: &str, effect: Effect) -> bool {
    let (kind, path) = change.split_at(2);
    let added = kind == "+ ";
    let of_branch = |branch: &str| {
        [format!("repo/.git/refs/heads/{branch}"), format!("repo/.git/logs/refs/heads/{branch}")]
    };
    let own = path.starts_with("repo/.git/quipu/");
    let objects = added && path.starts_with("repo/.git/objects/");
    match effect {
        Effect::Reads => own,
        Effect::Writes => own || objects || of_branch("quipu-sync").iter().any(|p| p == path),
        // Nothing is to be taken in: the branch stays, the server's and what is known of it go forward.
        Effect::Exchanges => {
            let known =
                ["repo/.git/refs/remotes/origin/quipu-sync", "repo/.git/logs/refs/remotes/origin/quipu-sync"];
            let server = ["hub.git/refs/heads/quipu-sync", "hub.git/objects/"];
            own || known.contains(&path) || server.iter().any(|part| path.starts_with(part))
        }
        Effect::Starts(branch) => own || objects || added && of_branch(branch).iter().any(|p| p == path),
        Effect::WritesFile(file) => own || added && path.starts_with(file),
        Effect::Refuses => false,
    }
}

#[test]
fn nothing_of_the_users_is_touched() {
    let stage = Stage::new();
    let env = &stage.env;
    let mut complaints = Vec::new();
    for (command, effect, words) in LINES {
        stage.reset();
        let before = Fingerprint::of(env.root());
        let tip = stage.tip("quipu-sync");
        let run = env.qp(stage.arguments(words));
        if run.code != (if *effect == Effect::Refuses { 2 } else { 0 }) {
            complaints.push(format!("qp {}: {run}", words.join(" ")));
            continue;
        }
        let changes = before.changes_until(&Fingerprint::of(env.root()));
        let wrong: Vec<String> = changes.into_iter().filter(|change| !allowed(change, *effect)).collect();
        if !wrong.is_empty() {
            complaints.push(format!("qp {} touches {wrong:?}", words.join(" ")));
        }
        let new = stage.tip("quipu-sync");
        let parent_is_old = || stage.tip("quipu-sync^") == tip;
        if (*effect == Effect::Writes) != (new != tip) || new != tip && !parent_is_old() {
            complaints.push(format!("qp {command} is said to be {effect:?}, and the tip went {tip} → {new}"));
        }
        if new != tip {
            env.fsck();
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Every command does what it should in repositories that git makes under these variables.
fn every_command_works(variables: &[(&str, &str)], question: &[&str], answer: &str) {
    let stage = Stage::with(variables);
    let env = &stage.env;
    if env.try_git(&env.root().join("kept"), question).stdout.trim() != answer {
        return super::skip("this git makes no such repositories");
    }
    let mut complaints = Vec::new();
    stage.reset();
    let tip = stage.tip("quipu-sync");
    for (command, effect, words) in LINES {
        if *command == "doctor" {
            // It finds what was taken back below.
            stage.reset();
        }
        let run = env.qp(stage.arguments(words));
        let new = stage.tip("quipu-sync");
        let fails = run.code != (if *effect == Effect::Refuses { 2 } else { 0 });
        if fails || (*effect == Effect::Writes) != (new != tip) {
            complaints.push(format!("qp {}: {tip} → {new}: {run}", words.join(" ")));
        }
        match effect {
            Effect::Reads | Effect::Refuses => {}
            // Taking the branch back is quicker than making everything anew.
            Effect::Writes => drop(env.git_out(&["update-ref", "refs/heads/quipu-sync", &tip])),
            Effect::Exchanges | Effect::Starts(_) | Effect::WritesFile(_) => stage.reset(),
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn every_command_works_with_reftable() {
    let variables = [("GIT_DEFAULT_REF_FORMAT", "reftable")];
    every_command_works(&variables, &["rev-parse", "--show-ref-format"], "reftable");
}

#[test]
fn every_command_works_with_sha256() {
    let variables = [("GIT_DEFAULT_HASH", "sha256")];
    every_command_works(&variables, &["rev-parse", "--show-object-format"], "sha256");
}

#[test]
fn a_linked_worktree_is_not_touched_either() {
    let stage = Stage::new();
    let env = &stage.env;
    stage.reset();
    let before = Fingerprint::of(env.root());
    let linked = env.root().join("linked");
    env.qp_in(&linked, ["q", "From there"], &[], "").success();
    let changes = before.changes_until(&Fingerprint::of(env.root()));
    let wrong: Vec<_> = changes.iter().filter(|change| !allowed(change, Effect::Writes)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn without_a_session_its_id_is_all_that_is_kept() {
    let mut stage = Stage::new();
    stage.env.unset("QP_SESSION");
    stage.reset();
    let before = Fingerprint::of(stage.env.root());
    stage.env.qp(["list"]).success();
    stage.env.qp(["status"]).success();
    let changes = before.changes_until(&Fingerprint::of(stage.env.root()));
    assert!(changes.iter().all(|change| allowed(change, Effect::Reads)), "{changes:?}");
    stage.env.create(["One"]);
    let mut changes = before.changes_until(&Fingerprint::of(stage.env.root()));
    changes.retain(|change| !allowed(change, Effect::Writes));
    assert_eq!(changes, ["+ repo/.git/quipu-session"]);
}

#[test]
fn every_command_has_a_line() {
    let known: BTreeSet<&str> = LINES.iter().map(|(command, ..)| *command).collect();
    let grammar = commands();
    let missing: Vec<_> = grammar.iter().filter(|c| !known.contains(c.as_str())).collect();
    assert!(missing.is_empty(), "add a line to tests/it/compat/lines.rs for {missing:?}");
    let stale: Vec<_> = known.iter().filter(|c| !grammar.iter().any(|g| g == *c)).collect();
    assert!(stale.is_empty(), "there are no such commands any more: {stale:?}");
}

#[test]
fn a_touch_is_seen() {
    for change in [
        "* repo/.git/index",
        "* repo/.git/HEAD",
        "* repo/tracked",
        "+ repo/new",
        "* repo/.git/config",
        "- repo/.git/objects/aa/bb",
        "* linked/tracked",
        "* repo/.git/packed-refs",
        "* repo/.git/refs/heads/main",
        "+ repo/.git/hooks/post-commit.ran",
        "* hub.git/HEAD",
        "+ repo/.git/refs/heads/second",
    ] {
        assert!(!allowed(change, Effect::Writes), "{change}");
    }
    assert!(allowed("* repo/.git/refs/heads/quipu-sync", Effect::Writes));
    assert!(!allowed("* repo/.git/refs/heads/quipu-sync", Effect::Reads));
    assert!(!allowed("* repo/.git/refs/remotes/origin/main", Effect::Exchanges));
    assert!(!allowed("+ repo/.git/FETCH_HEAD", Effect::Exchanges));
}
