//! Commits that no tracker makes: forged trailers, a thousand parents, claims that are none.

use super::{FILE, bounded, goes_on, object, put, tracker};

/// A commit with 1000 parents, and a subject and trailers of a megabyte.
#[test]
fn a_commit_that_is_too_much() {
    let env = tracker();
    let tree = env.git_out(&["rev-parse", "quipu-sync^{tree}"]);
    let tip = env.git_out(&["rev-parse", "quipu-sync"]).trim().to_owned();
    let mut stream = String::new();
    for number in 0..1000 {
        let mark = number + 1;
        stream.push_str(&format!(
            "commit refs/heads/side{number}\nmark :{mark}\ncommitter x <x> {number} +0000\ndata 2\nx\nfrom {tip}\n\n"
        ));
    }
    env.git_stdin(&["fast-import", "--quiet"], &stream);
    let sides = env.git_out(&["for-each-ref", "--format=%(objectname)", "refs/heads/side*"]);
    let parents: String = sides.lines().map(|id| format!("parent {id}\n")).collect();
    let long = "x".repeat(1 << 20);
    let text = format!(
        "tree {}\nparent {tip}\n{parents}author {long} <x> 1 +0000\ncommitter x <x> 99999999999999999999 +9999\n\n{long}\n\n\
         Quipu-Actor: {long}\nQuipu-Op: {long}\nQuipu-Time: -9223372036854775808\nQuipu-Lost: {long}\n",
        tree.trim()
    );
    let commit = object(&env, "commit", text.as_bytes());
    env.git_out(&["update-ref", "refs/heads/quipu-sync", &commit]);
    goes_on(&env);
    bounded(&env, &["log", "--json"]).success();
    bounded(&env, &["undo", &commit]);
}

/// A history of 3000 merges, each of the two before.
#[test]
fn a_history_of_merges() {
    let env = tracker();
    let tip = env.git_out(&["rev-parse", "quipu-sync"]).trim().to_owned();
    let mut stream = format!(
        "commit refs/heads/quipu-sync\nmark :1\ncommitter x <x> 1 +0000\ndata 2\nx\nfrom {tip}\n\n\
         commit refs/heads/other\nmark :2\ncommitter x <x> 2 +0000\ndata 2\ny\nfrom {tip}\n\n"
    );
    for mark in (3..3000).step_by(2) {
        let (one, two) = (mark - 2, mark - 1);
        stream.push_str(&format!(
            "commit refs/heads/quipu-sync\nmark :{mark}\ncommitter x <x> {mark} +0000\ndata 2\nx\nfrom :{one}\nmerge :{two}\n\n\
             commit refs/heads/other\nmark :{next}\ncommitter x <x> {mark} +0000\ndata 2\ny\nfrom :{two}\nmerge :{one}\n\n",
            next = mark + 1
        ));
    }
    env.git_stdin(&["fast-import", "--quiet", "--force"], &stream);
    // Settings that cannot be read are looked for in all of it.
    put(&env, &[(FILE, "quipu.yml", &object(&env, "blob", b"format: [\n"))]);
    goes_on(&env);
    // The other line is at a remote: the two cross again and again.
    env.run_git(env.root(), &["init", "-q", "--bare", "server.git"]);
    env.git_out(&["remote", "add", "origin", "../server.git"]);
    env.git_out(&["push", "-q", "origin", "other:refs/heads/quipu-sync"]);
    bounded(&env, &["pull"]).success();
    bounded(&env, &["list"]).success();
}

/// A merge that names paths outside of the attic, and a copy whose path leads elsewhere: nothing is written there.
#[test]
fn forged_losses() {
    let env = tracker();
    let copy = object(&env, "blob", b"planted");
    let name = "1767882600000-9f3a1c22d4e5f607";
    for folder in ["..", ".git/hooks", "a/../../b", "/etc", ".GIT", "quipu.yml/../x"] {
        // git's own tools make no such path, so it is one name.
        let files = super::tree(&env, &[(FILE, format!("{folder}/{name}"), copy.as_str())]);
        let attic = super::tree(&env, &[(super::FOLDER, "files", files.as_str())]);
        put(&env, &[(super::FOLDER, "attic", &attic)]);
        let tip = env.git_out(&["rev-parse", "quipu-sync"]).trim().to_owned();
        let tree = env.git_out(&["rev-parse", "quipu-sync^{tree}"]);
        let lost = format!("{folder} issue attic/files/{folder}/{name} {tip}");
        let message = format!("merge\n\nQuipu-Lost: {lost}\nQuipu-Lost: a b ../../x c\n");
        let args = ["commit-tree", "-p", &tip, "-p", &format!("{tip}~1"), "-m", &message, tree.trim()];
        let merge = env.git_out(&args);
        env.git_out(&["update-ref", "refs/heads/quipu-sync", merge.trim()]);
        assert_eq!(env.json(["attic", "list"])["entries"].as_array().map_or(0, Vec::len), 0, "{folder}");
        for args in [
            &["attic", "restore", "9f3a1c2"][..],
            &["attic", "restore", &format!("attic/files/{folder}/{name}")],
        ] {
            assert_ne!(env.qp(args.iter()).code, 0, "{folder}");
        }
    }
    assert!(!env.repo().join(".git/hooks").join(name).exists());
}

/// What stands under the refs of claims may be anything.
#[test]
fn claims_that_are_none() {
    let env = tracker();
    env.run_git(env.root(), &["init", "-q", "--bare", "server.git"]);
    env.git_out(&["remote", "add", "origin", "../server.git"]);
    env.qp(["sync"]).success();
    let uid = env.json(["show", "web-login"])[0]["uid"].as_str().unwrap().to_owned();
    let big = object(&env, "blob", &vec![b'x'; 100 << 20]);
    let odd = object(
        &env,
        "blob",
        b"holder: \x1b[31mmallory\nsession: s\nclaimed_at: never\nlease_until: 9999-12-31T23:59:59Z\n",
    );
    let ids = [
        big,
        odd,
        env.git_out(&["rev-parse", "quipu-sync"]).trim().to_owned(),
        env.git_out(&["rev-parse", "quipu-sync^{tree}"]).trim().to_owned(),
    ];
    for id in &ids {
        for name in [uid.as_str(), "not-an-issue", "01kfn6tfn3n7h5b39ztztw7k2m/deeper", &uid.to_uppercase()] {
            let spec = format!("{id}:refs/quipu/claims/{name}");
            env.git_out(&["push", "-q", "-f", "origin", &spec]);
        }
        for command in
            [&["sync"][..], &["ready"], &["list"], &["show", "web-login"], &["status"], &["doctor"]]
        {
            let run = bounded(&env, command);
            assert!(run.code == 0 || command == ["doctor"] && run.code == 1, "{command:?}: {run}");
            assert!(!format!("{}{}", run.stdout, run.stderr).contains('\u{1b}'), "{command:?}: {run}");
        }
    }
}
