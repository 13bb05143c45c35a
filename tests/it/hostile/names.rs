//! Names that are none of the tracker's: ignored, and told of by `qp doctor`.

use super::{FILE, FOLDER, goes_on, object, put, tracker, tree};

/// What stands below `issues/` and `memories/` under such names is never taken for an issue or a memory, and never
/// shown as it is.
#[test]
fn odd_names() {
    let names: [&[u8]; 18] = [
        b"..",
        b".",
        b".git",
        b".GIT",
        b"",
        b"/etc/passwd",
        b"../../x.md",
        b"a/b.md",
        b"new\nline.md",
        b"\x1b]0;title\x07.md",
        b"\xff\xfe.md",
        "\u{202e}dm.tac".as_bytes(),
        b"CON.md",
        b"nul",
        b"trailing. ",
        b"-rf.md",
        b"01KFN6TFN3N7H5B39ZTZTW7K2M.md",
        b"01kfn6tfn3n7h5b39ztztw7k2m.MD",
    ];
    for place in ["issues", "memories", "attic", "imports", "top"] {
        let env = tracker();
        let issue = object(&env, "blob", b"---\nid: 01kfn6tfn3n7h5b39ztztw7k2m\ntitle: Planted\n---\n");
        let entries: Vec<(&str, &[u8], &str)> =
            names.iter().map(|name| (FILE, *name, issue.as_str())).collect();
        let odd = tree(&env, &entries);
        let folder = tree(&env, &[(FOLDER, "m", odd.as_str())]);
        let folder = tree(&env, &[(FOLDER, "2", folder.as_str())]);
        put(&env, &[(FOLDER, place, if place == "memories" { &odd } else { &folder })]);
        if place == "issues" {
            // The one issue is replaced by these names.
            let list = env.qp(["list", "--all"]).success();
            assert!(!list.stdout.contains("Planted"), "{list}");
            env.create(["Goes on"]);
        } else {
            goes_on(&env);
        }
        let doctor = env.qp(["doctor"]).exits(1);
        assert!(doctor.stdout.contains("a name that git does not make"), "{place}: {doctor}");
        assert!(doctor.stdout.contains("whose name is not UTF-8"), "{place}: {doctor}");
        for text in [&doctor.stdout, &doctor.stderr] {
            assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{place}: {text:?}");
        }
        let export = env.root().join("out");
        env.qp(["export", "--markdown", "../out"]).success();
        let written = std::fs::read_dir(&export).unwrap().count();
        assert_eq!(written, env.json(["list", "--all"]).as_array().unwrap().len(), "{place}");
    }
}

/// A name with slashes in it looks like the path of an issue, and stands for a second file of that path.
#[test]
fn a_path_in_one_name() {
    let env = tracker();
    let uid = env.json(["show", "web-login"])[0]["uid"].as_str().unwrap().to_owned();
    let (first, second) = (&uid[24..25], &uid[25..]);
    let forged = object(&env, "blob", format!("---\nid: {uid}\ntitle: Forged\n---\n").as_bytes());
    let leaf = env.git_out(&["rev-parse", &format!("quipu-sync:issues/{first}")]);
    let name = format!("{first}/{second}/{uid}.md");
    let issues = tree(&env, &[(FOLDER, first, leaf.trim()), (FILE, &name, forged.as_str())]);
    put(&env, &[(FOLDER, "issues", &issues)]);
    let list = env.json(["list", "--all"]);
    assert_eq!((list.as_array().unwrap().len(), &list[0]["title"]), (1, &"Login".into()));
}

/// Entries that are not in order, and two of one name.
#[test]
fn trees_that_git_would_not_write() {
    let env = tracker();
    let uid = env.json(["show", "web-login"])[0]["uid"].as_str().unwrap().to_owned();
    let (first, second) = (&uid[24..25], &uid[25..]);
    let file = format!("{uid}.md");
    let blob = env.git_out(&["rev-parse", &format!("quipu-sync:issues/{first}/{second}/{file}")]);
    let forged = object(&env, "blob", format!("---\nid: {uid}\ntitle: Forged\n---\n").as_bytes());
    let leaf = tree(
        &env,
        &[
            (FILE, "zzz", blob.trim()),
            (FILE, &file, blob.trim()),
            (FILE, &file, &forged),
            (FILE, "a", &forged),
        ],
    );
    let leaf = tree(&env, &[(FOLDER, second, leaf.as_str())]);
    let issues = tree(&env, &[(FOLDER, "zz", leaf.as_str()), (FOLDER, first, leaf.as_str())]);
    put(&env, &[(FOLDER, "issues", &issues)]);
    let list = env.json(["list", "--all"]);
    assert_eq!((list.as_array().unwrap().len(), &list[0]["title"]), (1, &"Login".into()));
    let doctor = goes_on(&env);
    assert!(doctor.stdout.contains("is there twice"), "{doctor}");
}
