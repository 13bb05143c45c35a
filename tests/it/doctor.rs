//! `qp doctor`: every fault is planted with git's own tools and must be found, named and told how to mend.

mod files;
mod fix;
mod growth;
mod issues;
mod outbox;
mod repository;
mod sentences;
mod table;
mod torn;

use serde_json::Value;
use snapbox::str;

use crate::env::Env;
use crate::history;

const LOGIN: &str = "01kfn6tfn3n7h5b39ztztw7k2m";
const NOTES: &str = "01kfn6tfn3n7h5b39ztztw7k3n";

fn path(id: &str) -> String {
    format!("issues/{}/{}/{id}.md", &id[24..25], &id[25..])
}

/// A tracker with the issues web-7k2m and web-7k3n, written by hand; `front` goes into the first.
fn tracker(front: &str) -> Env {
    let env = Env::new();
    let times = "created_at: 2026-01-07T09:00:00.000Z\nupdated_at: 2026-01-07T09:00:00.000Z";
    env.commit_file(&path(NOTES), Some(&format!("---\ntitle: Notes\n{times}\n---\n")));
    env.commit_file(&path(LOGIN), Some(&format!("---\ntitle: Login\n{front}{times}\n---\n")));
    env
}

/// The findings of a code.
#[track_caller]
fn findings(env: &Env, code: &str) -> Vec<Value> {
    let run = env.qp(["doctor", "--json"]);
    let document = run.json();
    let all = document["findings"].as_array().expect("a list").clone();
    let bad = all.iter().any(|finding| finding["severity"] != "note");
    assert_eq!(document["ok"], !bad, "{run}");
    assert_eq!(run.code, i32::from(bad), "{run}");
    assert_eq!(run.stderr, "", "{run}");
    for finding in &all {
        for name in ["message", "remedy", "code", "severity"] {
            assert!(finding[name].as_str().is_some_and(|text| !text.is_empty()), "{finding}");
        }
    }
    all.into_iter().filter(|finding| finding["code"] == code).collect()
}

/// The one finding of a code.
#[track_caller]
fn finding(env: &Env, code: &str) -> Value {
    let found = findings(env, code);
    assert_eq!(found.len(), 1, "{code}: {found:?}: {}", env.qp(["doctor"]));
    found[0].clone()
}

#[test]
fn finds_nothing_in_a_sound_tracker() {
    let env = tracker("");
    history!(
        env.qp(["doctor"]),
        str![[r#"
2 issues, nothing wrong

"#]]
    );
    assert_eq!(env.json(["doctor"])["ok"], true);
    history!(
        Env::git().qp(["doctor"]),
        str![[r#"
[stderr]
error: no tracker here: there is no branch quipu-sync
hint: qp init
[exit 9]

"#]]
    );
    history!(
        env.qp(["doctor", "--at", "2026-01-07"]),
        str![[r#"
[stderr]
error: --at 2026-01-07 looks back; doctor looks at the present
hint: qp doctor
[exit 2]

"#]]
    );
}
