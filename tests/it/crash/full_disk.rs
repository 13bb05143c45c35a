//! A disk without room or inodes, in steps from nothing to enough: a write is done or not done, says which, and works once
//! there is room.

use crate::compat::skip;
use crate::env::{Env, Run};

/// Runs a script in a namespace of its own, in a small disk that is mounted at `disk` and holds a copy of `base`, a
/// tracker; its remote stands elsewhere. `None` where this machine offers no way.
///
/// `fill N` leaves N KiB of room, `inodes N` N inodes, `room` takes that back.
fn in_small_disk(env: &Env, script: &str) -> Option<Run> {
    const PREPARE: &str = "
        set -eu
        mkdir -p disk; mount -t tmpfs -o size=24m,nr_inodes=4000 tmpfs disk; cp -a base/repo disk
        fill() { dd if=/dev/zero of=disk/filler bs=1k count=$(($(df --output=avail disk | tail -1) - $1)) 2>/dev/null || :; }
        inodes() {
            mkdir disk/many; for n in $(seq $(($(df --output=iavail disk | tail -1) - $1))); do : > disk/many/$n; done
        }
        room() { rm -rf disk/filler disk/many; }
        sound() { git -C disk/repo fsck --full --strict --no-dangling 2>&1 | grep -v '^notice' || :; }
        tip() { git -C disk/repo rev-parse --verify refs/heads/quipu-sync; }
        code() { (cd disk/repo; exec \"$@\" >../../out 2>../../err) && echo 0 || echo $?; }";
    let probe = env.shell(env.root(), "unshare -rm sh -c 'mkdir probe && mount -t tmpfs tmpfs probe'");
    if probe.code != 0 {
        skip("no small disk can be mounted here");
        return None;
    }
    std::fs::write(env.root().join("script"), format!("{PREPARE}\n{script}")).expect("the script");
    Some(env.shell(env.root(), "unshare -rm sh script"))
}

/// A tracker in `base/repo` with something to send to `base/server`.
fn tracker() -> Env {
    let env = Env::bare();
    let base = env.root().join("base");
    std::fs::create_dir(&base).expect("a folder");
    env.run_git(&base, &["init", "-q", "-b", "main", "repo"]);
    env.run_git(&base, &["init", "-q", "--bare", "server"]);
    let repo = base.join("repo");
    env.run_git(&repo, &["remote", "add", "origin", "../server"]);
    env.qp_in(&repo, ["init", "--prefix", "web", "--quiet"], &[], "").success();
    env.qp_in(&repo, ["q", "Kept"], &[], "").success();
    env.qp_in(&repo, ["sync"], &[], "").success();
    env.run_git(&base, &["clone", "-q", "server", "other"]);
    env.qp_in(&base.join("other"), ["q", "Theirs"], &[], "").success();
    env.qp_in(&base.join("other"), ["sync"], &[], "").success();
    env.qp_in(&repo, ["q", "Ours"], &[], "").success();
    let line = |n: usize| format!("{{\"id\":\"bd-{n}\",\"title\":\"Imported {n}\"}}\n");
    std::fs::write(repo.join("in.jsonl"), (0..520).map(line).collect::<String>()).expect("the input");
    env
}

/// Runs a command at every step, and reads `code|code of the error|0 where the branch stayed|faults|code with room`.
fn steps(limit: &str, sizes: &str, command: &str) -> Option<Vec<[String; 6]>> {
    let env = tracker();
    let script = format!(
        "for size in {sizes}; do
            rm -rf disk/repo server; cp -a base/repo disk; cp -a base/server .
            git -C disk/repo remote set-url origin $PWD/server
            old=$(tip); {limit} $size
            code=$(code qp {command} --json); cp err failure
            new=$(tip); reads=$(code qp list); faults=$(sound | head -c 200 | tr '\\n|' '  ')
            room; git -C disk/repo merge-base --is-ancestor $old $new || faults=\"$faults lost\"
            again=$(code qp {command})
            test $again = 0 || {{ cat err >&2; }}
            faults=\"$faults$(sound)\"
            same=moved; test $old = $new && same=stayed
            echo \"$size|$code|$(tr '\\n' ' ' < failure | grep -o '\"code\":\"[a-z_]*\"' | head -1)|$same$reads|$faults|$again\"
        done"
    );
    let run = in_small_disk(&env, &script)?.success();
    let line = |line: &str| -> [String; 6] {
        let fields: Vec<String> = line.split('|').map(str::to_owned).collect();
        fields.try_into().unwrap_or_else(|fields| panic!("{fields:?}"))
    };
    println!("{command}, {limit}\n{run}");
    Some(run.stdout.lines().map(line).collect())
}

/// Every step is sound, all failures say that the disk is full, the first step fails and the last does not.
fn hold(steps: &[[String; 6]], is_exchange: bool) {
    for step in steps {
        let [_, code, word, state, faults, again] = step;
        assert_eq!((faults.as_str(), again.as_str()), ("", "0"), "{step:?}");
        assert!(state.ends_with('0'), "reads fail: {step:?}");
        if code == "0" {
            continue;
        }
        // What an exchange has taken in stays; a write is done or not.
        assert!(is_exchange || state == "stayed0", "{step:?}");
        assert!(code == "9" && word == "\"code\":\"disk_full\"", "{step:?}");
    }
    assert_ne!(steps.first().expect("a step")[1], "0", "there was too much room from the beginning");
    assert_eq!(steps.last().expect("a step")[1], "0", "there was too little room at the end");
}

const KIB: &str = "0 4 8 12 16 20 24 28 32 40 48 64 96 128 192 256 400 600 900 1300 2000 3000 4500";
const INODES: &str = "0 1 2 3 4 5 6 7 8 9 10 12 14 17 20 25 30 60 200 600 1500";

#[test]
fn create() {
    for (limit, sizes) in [("fill", KIB), ("inodes", INODES)] {
        let Some(steps) = steps(limit, sizes, "q Made") else { return };
        hold(&steps, false);
    }
}

#[test]
fn import() {
    for (limit, sizes) in [("fill", KIB), ("inodes", INODES)] {
        let Some(steps) = steps(limit, sizes, "import in.jsonl") else { return };
        hold(&steps, false);
    }
}

#[test]
fn sync() {
    for (limit, sizes) in [("fill", KIB), ("inodes", INODES)] {
        let Some(steps) = steps(limit, sizes, "sync") else { return };
        hold(&steps, true);
    }
}

#[test]
fn a_full_disk_is_read() {
    let env = tracker();
    let script = "fill 0; for c in list status ready 'show web-kept' log 'search Kept' doctor; do echo $c $(code qp $c); done
        mkdir disk/tmp; TMPDIR=$PWD/disk/tmp; export TMPDIR; echo full $(code qp q Kept2); room; echo room $(code qp q Kept2)";
    let Some(run) = in_small_disk(&env, script) else { return };
    let run = run.success();
    let expected =
        "list 0\nstatus 0\nready 0\nshow web-kept 3\nlog 0\nsearch Kept 0\ndoctor 0\nfull 9\nroom 0\n";
    assert_eq!(run.stdout, expected, "{run}");
}
