//! Many issues at once go into the repository as one pack. Git is the judge of it, and the branch is the same as when
//! every issue is an object of its own.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::env::Env;

/// Records enough for a pack; some long, some empty, one larger than a kilobyte's worth of lengths.
fn records() -> String {
    let mut text = String::new();
    for number in 0..620 {
        let description = "A line of text.\\n".repeat(number % 7 * (number % 13) * 9);
        writeln!(
            text,
            r#"{{"id":"bd-{number:04}","title":"Issue {number}","status":"open","priority":2,"issue_type":"task","created_at":"2025-12-01T10:00:00Z","updated_at":"2025-12-01T10:00:00Z","description":"{description}"}}"#
        )
        .expect("text");
    }
    text
}

fn env_with(object_format: &str) -> Env {
    let env = Env::bare();
    let format = format!("--object-format={object_format}");
    env.run_git(env.root(), &["init", "-q", "-b", "main", &format, "repo"]);
    env.qp(["init", "--prefix", "web", "--quiet"]).success();
    std::fs::write(env.repo().join("in.jsonl"), records()).expect("the input is written");
    env
}

fn packs(env: &Env) -> Vec<PathBuf> {
    let folder = env.repo().join(".git/objects/pack");
    let files = std::fs::read_dir(folder).expect("a folder").filter_map(|f| Some(f.ok()?.path()));
    files.filter(|path| path.extension().is_some_and(|e| e == "pack")).collect()
}

fn issues_tree(env: &Env) -> String {
    env.git_out(&["rev-parse", "quipu-sync:issues"])
}

/// Puts a git in front of the real one that does not know how to index a pack.
fn without_index_pack(env: &mut Env) {
    let bin = env.root().join("bin");
    std::fs::create_dir(&bin).expect("a folder");
    let path = std::env::var("PATH").expect("PATH is set");
    let script = format!(
        "#!/bin/sh\nfor word; do [ \"$word\" = index-pack ] && exit 128; done\nPATH='{path}' exec git \"$@\"\n"
    );
    write_program(&bin.join("git"), &script);
    env.set("PATH", &format!("{}:{path}", bin.display()));
}

fn write_program(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a program");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(path, mode).expect("it can be run");
}

#[test]
fn git_accepts_the_pack() {
    for object_format in ["sha1", "sha256"] {
        let env = env_with(object_format);
        env.qp(["import", "in.jsonl"]).success();
        let packs = packs(&env);
        assert_eq!(packs.len(), 2, "{object_format}");
        let verify = |pack: &PathBuf| env.git_out(&["verify-pack", "-v", pack.to_str().expect("UTF-8")]);
        let listing: String = packs.iter().map(verify).collect();
        let count = |kind: &str| listing.lines().filter(|line| line.contains(kind)).count();
        assert_eq!(count(" blob "), 620);
        assert!(count(" tree ") > 500, "the folders of so many issues are many too");
        let loose = env.git_out(&["count-objects"]);
        let loose: usize = loose.split(' ').next().and_then(|n| n.parse().ok()).expect("a number");
        assert!(loose < 20, "{loose} objects stand alone");
        env.git_out(&["fsck", "--strict", "--full"]);
        let count = env.git_out(&["ls-tree", "-r", "--name-only", "quipu-sync", "issues/"]);
        assert_eq!(count.lines().count(), 620);
    }
}

#[test]
fn single_objects_give_the_same_branch() {
    let packed = env_with("sha1");
    packed.qp(["import", "in.jsonl"]).success();
    let mut loose = env_with("sha1");
    without_index_pack(&mut loose);
    loose.qp(["import", "in.jsonl"]).success();
    assert_eq!(packs(&loose), Vec::<PathBuf>::new());
    assert_eq!(issues_tree(&packed), issues_tree(&loose));
    loose.git_out(&["fsck", "--strict", "--full"]);
}
