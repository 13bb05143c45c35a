//! Nothing is written outside of the folder that was named: not by way of names made from titles and keys, nor by way
//! of links that somebody has put there before.

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::env::Env;

use super::tracker;

/// A file that must stay as it is.
fn canary(env: &Env) -> std::path::PathBuf {
    let path = env.root().join("canary");
    std::fs::write(&path, "alive").unwrap();
    path
}

#[track_caller]
fn is_alive(path: &Path) {
    assert_eq!(std::fs::read_to_string(path).unwrap(), "alive");
}

/// Links in the folder of an export, under the names that will be written and under those of halves.
#[test]
fn an_export_follows_no_links() {
    let env = tracker();
    let canary = canary(&env);
    let out = env.root().join("out");
    std::fs::create_dir(&out).unwrap();
    for name in ["web-login.md", "web-login.md.part", "issues.jsonl", "issues.jsonl.part"] {
        symlink(&canary, out.join(name)).unwrap();
    }
    env.qp(["export", "--markdown", "../out"]).success();
    env.qp(["export", "-o", "../out/issues.jsonl"]).success();
    is_alive(&canary);
    for name in ["web-login.md", "issues.jsonl"] {
        assert!(out.join(name).symlink_metadata().unwrap().is_file(), "{name}");
        assert!(std::fs::read_to_string(out.join(name)).unwrap().contains("Login"), "{name}");
    }
}

/// A prefix that is a path, from the branch: the file of settings is none, and the last that was one holds.
#[test]
fn a_prefix_that_leads_away() {
    for prefix in ["../../x", "a/b", "\\e[31mred", "\\u202ex", "a b", "-rf"] {
        let env = tracker();
        env.create(["A derived key"]);
        env.commit_file(
            "quipu.yml",
            Some(&format!("format: 1\nprefix: \"{prefix}\"\nprefixes: [\"{prefix}\"]\n")),
        );
        let list = env.qp(["list"]).success();
        assert!(list.stderr.contains("cannot begin a key") && list.stdout.contains("web-"), "{list}");
        env.qp(["export", "--markdown", "../out"]).success();
        for entry in std::fs::read_dir(env.root().join("out")).unwrap() {
            assert!(entry.unwrap().file_name().to_str().unwrap().starts_with("web-"));
        }
        let settings = env.qp(["config", "get", "prefix"]);
        assert!(!format!("{settings}").contains('\u{1b}'), "{settings}");
    }
}

/// Explicit keys that are paths are not keys, and the issue has a derived one.
#[test]
fn keys_that_lead_away() {
    for key in ["../../x", "/etc/passwd", "..", "a/b", "CON", "-rf", "x\\ny"] {
        let env = tracker();
        env.rewrite("web-login", |text| text.replace("key: web-login", &format!("key: \"{key}\"")));
        env.qp(["export", "--markdown", "../out"]).success();
        let names: Vec<String> = std::fs::read_dir(env.root().join("out"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(names.len(), 1, "{key}: {names:?}");
        let name = &names[0];
        assert!(name.starts_with("web-") || name == "%43ON.md", "{key}: {name}");
    }
}

/// The text that an editor is given stands in a file for this user alone, and its name and content reach no shell.
#[test]
fn drafts_are_private_and_titles_are_no_commands() {
    let mut env = tracker();
    let canary = env.root().join("touched");
    let title = format!("$(touch {0}) `touch {0}` ; touch {0} \" && touch {0} '", canary.display());
    env.qp(["create", &title, "--id", "web-shell"]).success();
    let seen = env.root().join("seen");
    let editor = format!("stat -c %a \"$1\" >> '{}'", seen.display());
    if crate::edit::edit_in_terminal(&mut env, "web-shell", &editor).is_none() {
        return;
    }
    let seen = std::fs::read_to_string(&seen).unwrap();
    assert!(!seen.is_empty() && seen.lines().all(|mode| mode == "600"), "{seen}");
    assert!(!canary.exists());
}

/// Settings on the branch choose no remote, no program and no path.
#[test]
fn settings_on_the_branch_choose_nothing() {
    let env = tracker();
    let canary = env.root().join("touched");
    let touch = format!("touch {}", canary.display());
    env.commit_file(
        "quipu.yml",
        Some(&format!(
            "format: 1\nprefix: web\nprefixes: [web]\nremote: \"ext::sh -c '{touch}'\"\nquipu.remote: \"{touch}\"\n\
             editor: \"{touch}\"\ncore.editor: \"{touch}\"\ncore.sshCommand: \"{touch}\"\nbranch: main\nalias.x: \"!{touch}\"\n"
        )),
    );
    env.qp(["sync"]).exits(9);
    env.qp(["edit", "web-login"]);
    env.qp(["x"]).exits(2);
    assert_eq!(env.json(["list"]).as_array().unwrap().len(), 1);
    assert!(!canary.exists());
}
