//! `qp edit`: with a fake editor in a terminal, and without a terminal through `--from`.

use snapbox::str;

use crate::env::{Env, QP, Run};
use crate::snapshot;

/// A tracker with a blocker, an epic and an issue that refers to both.
fn some() -> (Env, String) {
    let env = Env::new();
    env.create(["Blocker", "--id", "web-block"]);
    env.create(["Epic", "--id", "web-epic"]);
    let key =
        env.create(["Title", "--id", "web-a", "--deps", "web-block", "--parent", "web-epic", "-d", "Text."]);
    env.qp(["comment", "web-a", "seen again"]).success();
    (env, key)
}

/// Edits through `--from`: takes the file as it stands and replaces one text by another.
fn edit(env: &Env, key: &str, from: &str, to: &str) -> Run {
    let raw = env.qp(["show", key, "--raw"]).success().stdout;
    assert!(raw.contains(from), "no {from:?} in {raw}");
    env.qp_stdin(["edit", key, "--from", "-"], &raw.replacen(from, to, 1))
}

#[test]
fn without_a_terminal_it_names_the_way() {
    let (env, key) = some();
    snapshot!(
        env.qp(["edit", &key, "--at", "2026-01-01"]),
        str![[r#"
[stderr]
error: --at 2026-01-01 looks back; the past cannot be changed
hint: leave out --at
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["edit", &key]),
        str![[r#"
[stderr]
error: an editor needs a terminal
hint: qp update web-a changes single fields, qp edit web-a --from FILE takes a text
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["edit", &key, "--json"]),
        str![[r#"
[stderr]
{"error":"an editor needs a terminal","code":"usage","exit":2,"hint":"qp update web-a changes single fields, qp edit web-a --from FILE takes a text"}
[exit 2]

"#]]
    );
}

#[test]
fn fields_texts_and_references_by_key() {
    let (env, key) = some();
    snapshot!(
        edit(&env, &key, "title: Title", "title: New title\nlabels: a"),
        str![[r#"
edited web-a: New title

"#]]
    );
    edit(&env, &key, "Text.\n", "Other text.\n\n<!-- qp:notes -->\nLearnt.\n").success();
    env.create(["Other", "--id", "web-other"]);
    edit(&env, &key, "blocked_by: [", "blocked_by: [web-other, ").success();
    edit(&env, &key, "seen again", "seen twice").success();
    snapshot!(
        env.qp(["show", &key]),
        str![[r#"
web-a: New title
open  P2  task  #a
created: 2026-01-07 10:03 UTC by alice
updated: 2026-01-07 10:13 UTC
part of: web-epic [open] Epic
blocked by: web-block [open] Blocker
blocked by: web-other [open] Other

Other text.

Notes
Learnt.

alice at 2026-01-07 10:04 UTC
seen twice

"#]]
    );
    let documents = edit(&env, &key, "priority: 2", "priority: P0").success();
    snapshot!(
        documents,
        str![[r#"
edited web-a: New title

"#]]
    );
    snapshot!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]),
        str![[r#"
edit web-a: New title

"#]]
    );
    snapshot!(
        edit(&env, &key, "New title", "New title"),
        str![[r#"
unchanged web-a: New title

"#]]
    );
    env.fsck();
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let (env, key) = some();
    let cases = [
        ("priority: 2", "priority: high"),
        ("type: task", "type: fature"),
        ("status: open", "status: done"),
        ("title: Title", "title: \"two\\nlines\""),
        ("title: Title\n", ""),
        ("title: Title", "title: [a"),
        ("blocked_by: [", "blocked_by: [web-zzzz, "),
        ("created_by: alice", "created_by: bob"),
        ("created_by: alice", "created_by: alice\nlease_until: 2026-01-07T10:00:00Z"),
        ("id: 01", "id: 02"),
        (" by=alice", ""),
        ("---\n", ""),
    ];
    let said = |(from, to): &(&str, &str)| format!("{to:?}\n{}", edit(&env, &key, from, to));
    snapshot!(
        cases.iter().map(said).collect::<Vec<_>>().join("\n"),
        str![[r#"
"priority: high"
[stderr]
error: line 7: priority: "high" is not 0 to 4
[exit 5]

"type: fature"
[stderr]
error: line 5: unknown type "fature"; use feature
[exit 5]

"status: done"
[stderr]
error: line 6: unknown status "done"; use closed
[exit 5]

"title: \"two\\nlines\""
[stderr]
error: line 4: the title has more than one line
[exit 5]

""
[stderr]
error: line 2: title is missing
[exit 5]

"title: [a"
[stderr]
error: line 4: title: expected one text
[exit 5]

"blocked_by: [web-zzzz, "
[stderr]
error: line 9: no issue web-zzzz
[exit 5]

"created_by: bob"
[stderr]
error: line 11: created_by is not edited: it never changes
[exit 5]

"created_by: alice\nlease_until: 2026-01-07T10:00:00Z"
[stderr]
error: line 12: lease_until is not edited: qp renew sets it
[exit 5]

"id: 02"
[stderr]
error: line 2: id is 02kebyhr10hb5e8x66d95shc1g, but the file is named 01kebyhr10hb5e8x66d95shc1g
[exit 5]

""
[stderr]
error: line 16: this line begins no comment any more; comments are added with qp comment
[exit 5]

""
[stderr]
error: line 1: the first line is not ---
[exit 5]

"#]]
    );
    assert_eq!(env.json(["show", &key])[0]["title"], "Title");
}

#[test]
fn relations_that_wait_for_themselves_are_refused() {
    let (env, _) = some();
    snapshot!(
        edit(&env, "web-block", "priority: 2", "priority: 2\nblocked_by: [web-a]"),
        str![[r#"
[stderr]
error: web-block cannot be blocked by web-a, that closes a cycle of waiting: web-block → web-a → web-block
hint: qp dep remove web-a web-block
[exit 6]

"#]]
    );
    snapshot!(
        edit(&env, "web-epic", "priority: 2", "priority: 2\nparent: web-a"),
        str![[r#"
[stderr]
error: web-epic cannot be a part of web-a, that closes a cycle of waiting: web-a → web-epic → web-a
hint: qp dep tree web-a
[exit 6]

"#]]
    );
}

#[test]
fn the_state_changes_by_its_rules() {
    let (env, key) = some();
    snapshot!(
        edit(&env, &key, "status: open", "status: closed"),
        str![[r#"
[stderr]
error: web-a has an open blocker: web-block
hint: qp dep tree web-a
[exit 6]

"#]]
    );
    env.qp(["close", "web-block"]).success();
    edit(&env, &key, "status: open", "status: closed\nclose_reason: by hand").success();
    let issue = &env.json(["show", &key])[0];
    assert_eq!((&issue["closed_by"], &issue["close_reason"]), (&"alice".into(), &"by hand".into()));
    edit(&env, &key, "status: closed", "status: open").success();
    assert_eq!(env.json(["show", &key])[0]["closed_at"], serde_json::Value::Null);
    env.qp_as("bob", ["update", &key, "--claim"]).success();
    snapshot!(
        edit(&env, &key, "assignee: bob", "assignee: carol"),
        str![[r#"
[stderr]
error: web-a is claimed by bob (session bob) until 2026-01-07T12:14:00.000Z
hint: qp show web-a
[exit 6]

"#]]
    );
    snapshot!(
        edit(&env, &key, "lease_until: ", "x: "),
        str![[r#"
[stderr]
error: line 1: lease_until is not edited: qp renew sets it
[exit 5]

"#]]
    );
}

#[test]
fn a_text_made_from_an_older_version_is_refused() {
    let (env, key) = some();
    let raw = env.qp(["show", &key, "--raw"]).success().stdout;
    env.qp(["update", &key, "-p", "0"]).success();
    snapshot!(
        env.qp_stdin(["edit", &key, "--from", "-"], &raw),
        str![[r#"
[stderr]
error: web-a was changed at 2026-01-07T10:06:00.000Z, and the text says updated_at: 2026-01-07T10:04:00.000Z
hint: compare with qp show web-a --raw, then write updated_at: 2026-01-07T10:06:00.000Z into the text
[exit 6]

"#]]
    );
}

/// Runs `qp edit` in a terminal that `script` provides; `None` where that is not the program of util-linux.
pub(super) fn edit_in_terminal(env: &mut Env, key: &str, editor: &str) -> Option<Run> {
    let version = std::process::Command::new("script").arg("--version").output();
    if !version.is_ok_and(|v| String::from_utf8_lossy(&v.stdout).contains("util-linux")) {
        crate::compat::skip("no terminal, because there is no script of util-linux");
        return None;
    }
    let folder = env.root().display().to_string();
    std::fs::write(env.root().join("editor.sh"), editor).expect("a file");
    env.set("VISUAL", &format!("sh {folder}/editor.sh")).set("TMPDIR", &folder);
    let qp = env.command(&env.repo());
    let mut script = std::process::Command::new("script");
    script.env_clear().current_dir(env.repo());
    script.envs(qp.get_envs().filter_map(|(name, value)| Some((name, value?))));
    script.args(["-q", "-e", "-c", &format!("{QP} edit {key}"), "/dev/null"]);
    let output = script.stdin(std::process::Stdio::null()).output().expect("script runs");
    env.unset("VISUAL");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8").replace('\r', "");
    Some(Run { stdout, stderr: String::new(), code: output.status.code().unwrap_or(-1) })
}

#[test]
fn in_a_terminal_the_editor_gets_keys_and_its_text_is_written() {
    let (mut env, key) = some();
    let editor = "cp \"$1\" seen.md; sed -i 's/^title: .*/title: Edited/' \"$1\"";
    let Some(run) = edit_in_terminal(&mut env, &key, editor) else { return };
    assert!(run.success().stdout.contains("edited web-a: Edited"));
    let seen = std::fs::read_to_string(env.repo().join("seen.md")).expect("what the editor saw");
    assert!(seen.contains("parent: web-epic\nblocked_by: [web-block]\n"), "{seen}");
    assert_eq!(env.json(["show", &key])[0]["title"], "Edited");
}

#[test]
fn in_a_terminal_nothing_changed_is_nothing_written() {
    let (mut env, key) = some();
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    let Some(run) = edit_in_terminal(&mut env, &key, "true") else { return };
    assert!(run.success().stdout.contains("unchanged web-a: Title"));
    let Some(run) = edit_in_terminal(&mut env, &key, "exit 3") else { return };
    assert!(run.exits(9).stdout.contains("failed: exit status: 3"));
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
}

#[test]
fn in_a_terminal_a_bad_text_is_kept() {
    let (mut env, key) = some();
    let editor = "sed -i 's/^priority: .*/priority: high/; s/Text/Kept/' \"$1\"";
    let Some(run) = edit_in_terminal(&mut env, &key, editor) else { return };
    let said = run.exits(5).stdout;
    let (_, rest) = said.split_once("qp edit web-a --from ").expect("the way on");
    let path = rest.lines().next().expect("a path").trim();
    let text = std::fs::read_to_string(path).expect("the text was kept");
    assert!(text.contains("priority: high") && text.contains("Kept."), "{text}");
    std::fs::write(path, text.replace("high", "1")).expect("corrected");
    env.qp(["edit", &key, "--from", path]).success();
    assert_eq!(env.json(["show", &key])[0]["description"], "Kept.");
}

#[test]
fn in_a_terminal_changes_of_others_are_brought_together() {
    let (mut env, key) = some();
    let other = format!("{QP} update web-a --as bob --session b");
    let editor = format!("sed -i 's/^title: .*/title: Mine/' \"$1\"; {other} -p 0 >/dev/null");
    let Some(run) = edit_in_terminal(&mut env, &key, &editor) else { return };
    run.success();
    let issue = &env.json(["show", &key])[0];
    assert_eq!((&issue["title"], &issue["priority"]), (&"Mine".into(), &0.into()));
    let editor = format!("sed -i 's/^title: .*/title: Again/' \"$1\"; {other} --title Theirs >/dev/null");
    let Some(run) = edit_in_terminal(&mut env, &key, &editor) else { return };
    assert!(run.exits(6).stdout.contains("was changed meanwhile in the same place: title"));
    assert_eq!(env.json(["show", &key])[0]["title"], "Theirs");
}
