//! What takes more than one command to be printed: errors, two clones, lapsed claims, damage, foreign data.

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::json_docs::checker::Checker;

/// A repository and who works in it.
struct Desk<'e> {
    env: &'e Env,
    folder: PathBuf,
    who: &'static str,
}

impl Desk<'_> {
    fn run(&self, args: &[&str]) -> crate::env::Run {
        let own = [("QP_ACTOR", self.who), ("QP_SESSION", self.who)];
        self.env.qp_in(&self.folder, args, &own, "")
    }

    fn check(&self, checker: &mut Checker, args: &[&str]) {
        checker.result(args, &self.run(&[args, &["--json"]].concat()));
    }

    fn fails(&self, checker: &mut Checker, args: &[&str]) {
        checker.error(args, &self.run(&[args, &["--json"]].concat()));
    }
}

/// A scene adds to what was seen.
pub type Scene = fn(&mut Checker);

/// All of them.
pub const ALL: &[Scene] = &[
    work,
    inherited,
    lapsed,
    shapes,
    exchange,
    refused,
    equal_tails,
    damage,
    foreign,
    writing,
    listings,
    settings,
];

/// Plays one.
pub fn run(scene: Scene) -> Checker {
    let mut checker = Checker::default();
    scene(&mut checker);
    checker
}

fn alice(env: &Env) -> Desk<'_> {
    Desk { env, folder: env.repo(), who: "alice" }
}

fn create(env: &Env, args: &[&str]) {
    env.qp([&["create"], args].concat()).success();
}

fn work(checker: &mut Checker) {
    let env = Env::new();
    create(&env, &["Epic", "-t", "epic", "--id", "web-epic"]);
    create(&env, &["Base", "--id", "web-base", "--paths", "src/**"]);
    create(&env, &["Part", "--id", "web-part", "--parent", "web-epic", "--deps", "web-base"]);
    create(&env, &["Same", "--id", "web-same", "--paths", "src/main.rs"]);
    create(&env, &["Loose", "--id", "web-loose"]);
    let gone = "related: [01kfn6tfn3n7h5b39ztztw7kzz]\ncreated_at:";
    env.rewrite("web-loose", |text| text.replacen("created_at:", gone, 1));
    let desk = alice(&env);
    desk.check(checker, &["blocked"]);
    desk.check(checker, &["dep", "list", "web-loose"]);
    desk.check(checker, &["show", "web-loose"]);
    desk.check(checker, &["dep", "tree", "web-part"]);
    desk.check(checker, &["dep", "tree", "web-part", "--max-depth", "0"]);
    desk.check(checker, &["dep", "web-base", "--blocks", "web-same"]);
    desk.check(checker, &["dep", "web-base", "--blocks", "web-same"]);
    desk.check(checker, &["dep", "remove", "web-same", "web-base"]);
    desk.check(checker, &["ready", "--claim"]);
    desk.check(checker, &["ready"]);
    desk.check(checker, &["ready", "--explain"]);
    desk.check(checker, &["claim", "web-part"]);
    desk.check(checker, &["close", "web-base", "--suggest-next"]);
    desk.check(checker, &["log", "web-base"]);
    desk.check(checker, &["changes", "--since", "quipu-sync~4"]);
    desk.fails(checker, &["show", "web-none"]);
    desk.fails(checker, &["nonsense"]);
    desk.fails(checker, &["list", "--shiny"]);
    desk.fails(checker, &["list", "is:x"]);
    desk.check(checker, &["init"]);
}

/// A part that waits for what its parent waits for, by two roads.
fn inherited(checker: &mut Checker) {
    let env = Env::new();
    create(&env, &["Deep", "--id", "web-deep"]);
    create(&env, &["Left", "--id", "web-left", "--deps", "web-deep"]);
    create(&env, &["Right", "--id", "web-right", "--deps", "web-deep"]);
    create(&env, &["Epic", "-t", "epic", "--id", "web-epic"]);
    create(&env, &["Part", "--id", "web-part", "--parent", "web-epic"]);
    let desk = alice(&env);
    desk.check(checker, &["link", "web-epic", "web-left", "web-right"]);
    desk.check(checker, &["dep", "web-deep", "--blocks", "web-left,web-right"]);
    desk.check(checker, &["dep", "tree", "web-part"]);
    desk.check(checker, &["why", "web-part"]);
    desk.check(checker, &["ready", "--explain"]);
    env.qp(["close", "web-deep", "web-left", "web-right"]).success();
    desk.check(checker, &["next"]);
}

fn lapsed(checker: &mut Checker) {
    let env = Env::new();
    create(&env, &["Task", "--id", "web-task"]);
    let desk = alice(&env);
    desk.check(checker, &["claim", "web-task", "--for", "1min"]);
    env.pass(3 * 24 * 3_600_000);
    desk.check(checker, &["status"]);
    desk.check(checker, &["ready"]);
    desk.check(checker, &["doctor"]);
    let bob = Desk { who: "bob", ..alice(&env) };
    bob.check(checker, &["claim", "web-task"]);
}

/// Every form of a result that has several.
fn shapes(checker: &mut Checker) {
    let env = Env::new();
    std::fs::write(env.root().join("plan.md"), "## One\n\n## Two\n").expect("a file");
    let desk = alice(&env);
    desk.check(checker, &["create", "-f", "../plan.md", "--dry-run"]);
    desk.check(checker, &["create", "-f", "../plan.md"]);
    create(&env, &["A", "--id", "web-aaaa"]);
    create(&env, &["B", "--id", "web-bbbb"]);
    desk.check(checker, &["relate", "web-aaaa", "web-bbbb"]);
    desk.check(checker, &["unrelate", "web-aaaa", "web-bbbb"]);
    desk.check(checker, &["comment", "add", "web-aaaa", "one"]);
    desk.check(checker, &["comments", "add", "web-aaaa", "two"]);
    desk.check(checker, &["comment", "list", "web-aaaa"]);
    desk.check(checker, &["comments", "list", "web-aaaa"]);
    std::fs::write(
        env.root().join("edited.md"),
        env.qp(["show", "web-aaaa", "--raw"]).stdout.replace("title: A", "title: C"),
    )
    .expect("a file");
    desk.check(checker, &["edit", "web-aaaa", "--from", "../edited.md"]);
    desk.check(checker, &["comment", "web-aaaa", "three"]);
    desk.check(checker, &["log", "-p"]);
    desk.check(checker, &["export"]);
    desk.check(checker, &["undo"]);
    let first = env.git_out(&["rev-list", "--max-parents=0", "quipu-sync"]);
    desk.check(checker, &["diff", "--from", first.trim()]);
    desk.check(checker, &["delete", "web-aaaa"]);
    desk.check(checker, &["undo"]);
    desk.check(checker, &["delete", "web-aaaa", "web-bbbb", "--dry-run"]);
    // Two issues that wait for each other can only be made by hand.
    for (one, other) in [("web-aaaa", "web-bbbb"), ("web-bbbb", "web-aaaa")] {
        env.rewrite(one, |text| {
            text.replacen("created_at:", &format!("blocked_by: [{other}]\ncreated_at:"), 1)
        });
    }
    desk.check(checker, &["dep", "cycles"]);
    desk.check(checker, &["dep", "tree", "web-aaaa"]);
    desk.check(checker, &["why", "web-aaaa"]);
    desk.check(checker, &["ready", "--explain"]);
}

fn clones(env: &Env) -> (Desk<'_>, Desk<'_>) {
    env.run_git(env.root(), &["init", "-q", "--bare", "-b", "main", "hub.git"]);
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "first"]);
    env.git_out(&["remote", "add", "origin", "../hub.git"]);
    env.git_out(&["push", "-q", "origin", "main"]);
    alice(env).run(&["push"]).success();
    env.run_git(env.root(), &["clone", "-q", "hub.git", "bob"]);
    (alice(env), Desk { env, folder: env.root().join("bob"), who: "bob" })
}

fn exchange(checker: &mut Checker) {
    let env = Env::new();
    create(&env, &["Shared", "--id", "web-both"]);
    let (alice, bob) = clones(&env);
    alice.run(&["update", "web-both", "--title", "Hers"]).success();
    bob.run(&["update", "web-both", "--title", "His"]).success();
    bob.run(&["sync"]).success();
    alice.check(checker, &["sync", "--dry-run"]);
    alice.check(checker, &["sync"]);
    alice.check(checker, &["attic", "list"]);
    alice.check(checker, &["show", "web-both"]);
    alice.check(checker, &["status"]);
    bob.check(checker, &["pull"]);
    alice.check(checker, &["claim", "web-both"]);
    bob.check(checker, &["claim", "web-both", "--sync"]);
    bob.check(checker, &["sync"]);
    alice.fails(checker, &["sync"]);
    bob.check(checker, &["status"]);
    alice.check(checker, &["watch", "--timeout", "0", "--since", "quipu-sync~1"]);
    alice.check(checker, &["attic", "drop", "--all"]);
    env.git_out(&["config", "remote.origin.pushurl", &env.root().join("hub.git").display().to_string()]);
    alice.check(checker, &["sync"]);
}

/// A server that refuses the branch, and what is said of the outbox then.
fn refused(checker: &mut Checker) {
    let env = Env::new();
    create(&env, &["Shared", "--id", "web-both"]);
    let (alice, bob) = clones(&env);
    let program = |path: &str, text: &str| {
        let path = env.root().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a program");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&path, mode).expect("the mode of a program");
    };
    program("hub.git/hooks/update", "case $1 in *quipu-sync) echo 'not this one' >&2; exit 1;; esac");
    alice.run(&["q", "Hers"]).success();
    alice.check(checker, &["outbox", "save"]);
    alice.check(checker, &["sync"]);
    let to = bob.folder.join(".quipu/outbox");
    let bytes =
        std::fs::read(crate::outbox::bundle_of(&alice.folder, "alice")).expect("the file of a session");
    let end = bytes.windows(2).position(|two| two == b"\n\n").expect("the end of the header");
    let header = String::from_utf8(bytes[..end].to_vec()).expect("text");
    let (before, after) = header.split_once("\n-").expect("a prerequisite");
    let header = format!("{before}\n-{}{}", "1".repeat(40), &after[40..]);
    std::fs::create_dir_all(&to).expect("a folder");
    let write = |name: &str, bytes: &[u8]| std::fs::write(to.join(name), bytes).expect("a file");
    write("lost.bundle", &[header.as_bytes(), &bytes[end..]].concat());
    write("bad.bundle", b"nothing");
    bob.check(checker, &["outbox", "list"]);
    bob.check(checker, &["status"]);
    bob.fails(checker, &["sync"]);
    std::fs::remove_file(to.join("lost.bundle")).expect("a file");
    write("alice.bundle", &bytes);
    bob.check(checker, &["outbox", "absorb"]);
    bob.check(checker, &["outbox"]);
    bob.check(checker, &["outbox", "prune"]);
    alice.run(&["q", "Hers too"]).success();
    program(
        "bin/git",
        "case \" $* \" in *' ls-remote '*) echo 'fatal: unable to access: The requested URL returned error: 403' >&2; exit 128;; esac\nPATH=\"${PATH#*:}\" exec git \"$@\"",
    );
    let path =
        format!("{}:{}", env.root().join("bin").display(), std::env::var("PATH").expect("PATH is set"));
    let vars = [("QP_ACTOR", "alice"), ("QP_SESSION", "alice"), ("PATH", path.as_str())];
    checker.result(&["sync"], &env.qp_in(&alice.folder, ["sync", "--json"], &vars, ""));
    env.git_out(&["config", "quipu.fallbackBranch", "sessions/*"]);
    alice.check(checker, &["sync"]);
    // Whoever may push the branch takes that one in, once it can be fetched.
    std::fs::remove_file(env.root().join("hub.git/hooks/update")).expect("a hook");
    env.run_git(&bob.folder, &["config", "quipu.fallbackBranch", "sessions/*"]);
    program(
        "bin/git",
        "case \" $* \" in *' fetch '*sessions/*) exit 128;; esac\nPATH=\"${PATH#*:}\" exec git \"$@\"",
    );
    checker.result(&["sync"], &env.qp_in(&bob.folder, ["sync", "--json"], &vars, ""));
    bob.check(checker, &["sync", "--dry-run"]);
    bob.check(checker, &["sync"]);
}

/// Imports an issue whose key ends as that of another one does.
fn equal_tails(checker: &mut Checker) {
    let env = Env::new();
    create(&env, &["Shared", "--id", "web-both"]);
    let (alice, bob) = clones(&env);
    let created = alice.run(&["q", "Hers", "--json"]).success().json();
    let uid = created["uid"].as_str().expect("an identity");
    let other = if uid.as_bytes()[20] == b'0' { "1" } else { "0" };
    let times = "\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-01T00:00:00Z\"";
    let line = format!(
        "{{\"id\":\"web-{}\",\"uid\":\"{}{other}{}\",\"title\":\"His\",\"status\":\"open\",{times}}}\n",
        &uid[22..],
        &uid[..20],
        &uid[21..]
    );
    std::fs::write(bob.folder.join("twin.jsonl"), line).expect("a file");
    bob.check(checker, &["import", "twin.jsonl"]);
    alice.run(&["sync"]).success();
    bob.check(checker, &["sync"]);
    alice.check(checker, &["sync"]);
}

fn damage(checker: &mut Checker) {
    let env = Env::new();
    create(&env, &["Task", "--id", "web-task"]);
    env.rewrite("web-task", |text| text.replacen("status: open", "status: closed", 1));
    env.commit_file("issues/z/z/01kfn6tfn3n7h5b39ztztw7kzz.md", Some("---\ntitle: [\n---\n"));
    let desk = alice(&env);
    desk.check(checker, &["doctor"]);
    desk.check(checker, &["doctor", "--fix", "--dry-run"]);
    let lock = env.repo().join(".git/quipu/lock");
    std::fs::remove_file(&lock).expect("the lock of writers");
    std::fs::create_dir(&lock).expect("a folder in its place");
    desk.check(checker, &["doctor", "--fix"]);
    std::fs::remove_dir(&lock).expect("the folder");
    desk.check(checker, &["doctor", "--fix"]);
}

/// Records with what an import leaves alone or remarks on.
fn foreign(checker: &mut Checker) {
    let env = Env::new();
    let record = |title: &str| {
        format!(
            "{{\"id\":\"x-1\",\"title\":\"{title}\",\"status\":\"open\",\"priority\":1,\"created_at\":\
             \"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-01T00:00:00Z\",\"owner\":7}}\n"
        )
    };
    let write = |text: String| std::fs::write(env.repo().join("in.jsonl"), text).expect("a file");
    let desk = alice(&env);
    write(
        record("One")
            + "{\"id\":\"x-2\"\n"
            + &record("Again")
            + "{\"id\":\"x-3\",\"title\":\"\",\"priority\":9}\n",
    );
    desk.check(checker, &["import", "in.jsonl", "--from", "beads", "--source", "s"]);
    desk.run(&["update", "x-1", "--title", "Mine"]).success();
    write(record("Theirs"));
    desk.check(checker, &["import", "in.jsonl", "--from", "beads", "--source", "s"]);
    desk.run(&["delete", "x-1"]).success();
    desk.check(checker, &["import", "in.jsonl", "--from", "beads", "--source", "s"]);
}

/// An issue with every field, in an export.
fn writing(checker: &mut Checker) {
    let env = Env::new();
    create(&env, &["Epic", "-t", "epic", "--id", "web-epic"]);
    create(
        &env,
        &[
            "Rich",
            "--id",
            "web-rich",
            "-d",
            "d",
            "--design",
            "d",
            "--acceptance",
            "a",
            "--notes",
            "n",
            "-l",
            "x",
            "-a",
            "alice",
            "--due",
            "+2d",
            "--defer",
            "+1d",
            "--estimate",
            "2h",
            "--external-ref",
            "gh-1",
            "--spec",
            "s",
            "--metadata",
            r#"{"a": 1}"#,
            "--parent",
            "web-epic",
            "--paths",
            "src/**",
        ],
    );
    env.commit_file("memories/key.md", Some("x"));
    let desk = alice(&env);
    desk.check(checker, &["comment", "web-rich", "hello"]);
    desk.check(checker, &["claim", "web-epic"]);
    desk.check(checker, &["export"]);
    desk.check(checker, &["close", "web-rich", "-r", "done"]);
    desk.check(checker, &["export"]);
    desk.check(checker, &["export", "-o", "out.jsonl"]);
    let text = "---\ntitle: Done\n---\n";
    std::fs::write(Path::new(&env.repo()).join("x.md"), text).expect("a file");
    desk.check(checker, &["merge-driver", "none", "x.md", "x.md", "memories/x.md"]);
}

fn listings(checker: &mut Checker) {
    let env = Env::new();
    create(&env, &["Epic", "-t", "epic", "--id", "web-epic"]);
    create(&env, &["Part", "-t", "bug", "--id", "web-part", "--parent", "web-epic"]);
    create(&env, &["Wait", "--id", "web-wait", "--deps", "web-epic"]);
    env.git_out(&["commit", "-q", "--allow-empty", "-m", "begin (web-wait)"]);
    let desk = alice(&env);
    let bob = Desk { who: "bob", ..alice(&env) };
    for command in ["list", "ready", "blocked", "orphans"] {
        desk.check(checker, &[command, "--fields", "title"]);
    }
    desk.check(checker, &["search", "Part", "--fields", "title"]);
    desk.check(checker, &["ready", "--explain", "--fields", "title"]);
    desk.check(checker, &["stale", "--days", "0", "--fields", "title"]);
    desk.check(checker, &["stale", "--days", "0"]);
    desk.check(checker, &["orphans"]);
    desk.check(checker, &["lint"]);
    desk.check(checker, &["graph", "web-wait"]);
    desk.check(checker, &["show", "web-epic", "--children"]);
    desk.check(checker, &["show", "web-epic", "--refs"]);
    let operations = "{\"op\": \"claim\", \"id\": \"web-wait\"}\n";
    std::fs::write(env.repo().join("operations.jsonl"), operations).expect("a file");
    desk.check(checker, &["apply", "operations.jsonl"]);
    bob.check(checker, &["claim", "web-epic"]);
    desk.check(checker, &["close", "web-part", "--claim-next"]);
    desk.check(checker, &["epic"]);
    desk.check(checker, &["epic", "status"]);
    desk.check(checker, &["epic", "close-eligible", "--dry-run"]);
}

fn settings(checker: &mut Checker) {
    let env = Env::new();
    let desk = alice(&env);
    desk.check(checker, &["remember", "The port is 80", "--key", "port"]);
    desk.check(checker, &["recall", "port"]);
    desk.check(checker, &["memories"]);
    desk.check(checker, &["forget", "port"]);
    desk.check(checker, &["config", "list"]);
    let settings = env.git_out(&["show", "quipu-sync:quipu.yml"]) + "theirs: 1\n";
    env.commit_file("quipu.yml", Some(&settings));
    desk.check(checker, &["config", "get", "prefix"]);
    desk.check(checker, &["config", "set", "prefix", "app"]);
    desk.check(checker, &["config", "unset", "theirs"]);
    desk.check(checker, &["query", "save", "mine", "is:open"]);
    create(&env, &["Task"]);
    desk.check(checker, &["query", "run", "mine"]);
    desk.check(checker, &["query", "run", "mine", "--fields", "title"]);
    clones(&env);
    desk.check(checker, &["info"]);
}
