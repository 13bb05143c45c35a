//! `qp comment`, `qp comments`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

#[test]
fn comments_are_added_and_listed() {
    let env = Env::new();
    let key = env.create(["Title"]);
    snapshot!(
        env.qp(["comment", &key, "seen on **Safari**"]),
        str![[r#"
commented on web-r7j2: Title

"#]]
    );
    snapshot!(
        env.qp_as("bob smith", ["comments", "add", &key, "me", "too"]),
        str![[r#"
commented on web-r7j2: Title

"#]]
    );
    env.qp_stdin(["comment", "add", &key, "-"], "two\n\nparagraphs\n").success();
    env.qp_stdin(["comment", &key, "--stdin"], "- a list").success();
    std::fs::write(env.repo().join("c.md"), "from a file").expect("a file");
    env.qp(["comment", &key, "-f", "c.md", "--author", "carol"]).success();
    env.qp(["comment", &key, "-m", "--a flag"]).success();
    env.qp(["comment", &key, "- [ ] a list item"]).success();
    snapshot!(
        env.qp(["comments", &key]),
        str![[r#"
alice at 2026-01-07 10:02 UTC
seen on **Safari**

bob smith at 2026-01-07 10:03 UTC
me too

alice at 2026-01-07 10:04 UTC
two

paragraphs

alice at 2026-01-07 10:05 UTC
- a list

carol at 2026-01-07 10:06 UTC
from a file

alice at 2026-01-07 10:07 UTC
--a flag

alice at 2026-01-07 10:08 UTC
- [ ] a list item

"#]]
    );
    snapshot!(
        env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]),
        str![[r#"
comment on web-r7j2: Title

"#]]
    );
    env.fsck();
}

#[test]
fn documents() {
    let env = Env::new();
    let key = env.create(["Title"]);
    snapshot!(
        env.qp(["comments", &key, "--json"]),
        str![[r#"
[]

"#]]
    );
    snapshot!(
        env.qp(["comments", &key]),
        str![[r#"
[stderr]
no comments on web-r7j2

"#]]
    );
    snapshot!(
        env.qp(["comment", &key, "text", "--json"]),
        str![[r#"
{
  "id": "01kebykjm0rddc15sh9p9sedqr",
  "issue_id": "web-r7j2",
  "author": "alice",
  "text": "text",
  "created_at": "2026-01-07T10:04:00.000Z",
  "schema_version": 1
}

"#]]
    );
    snapshot!(
        env.qp(["comments", "list", &key, "--json"]),
        str![[r#"
[
  {
    "id": "01kebykjm0rddc15sh9p9sedqr",
    "issue_id": "web-r7j2",
    "author": "alice",
    "text": "text",
    "created_at": "2026-01-07T10:04:00.000Z"
  }
]

"#]]
    );
}

#[test]
fn asking_for_the_list_never_writes() {
    let env = Env::new();
    let key = env.create(["Title", "--id", "web-list"]);
    let other = env.create(["Other"]);
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    for verb in ["list", "ls", "show", "view", "get", "read"] {
        assert_eq!(env.json(["comment", verb, &other]), serde_json::json!([]));
        assert_eq!(env.json(["comments", verb, &other]), serde_json::json!([]));
    }
    snapshot!(
        env.qp(["comment", "list"]),
        str![[r#"
[stderr]
error: the following required arguments were not provided: <ID>
hint: qp comment list <ID>
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["comment", "list", &other, "text"]),
        str![[r#"
[stderr]
error: "text" is left over: this lists comments and adds none
hint: qp comment web-3ac9 "TEXT"
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["comments", &other, "text"]),
        str![[r#"
[stderr]
error: "text" is left over: this lists comments and adds none
hint: qp comment web-3ac9 "TEXT"
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["comment", "remove", &other]),
        str![[r#"
[stderr]
error: no issue remove
hint: qp list shows the open ones, qp search remove looks in all 2
[exit 3]

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
    env.qp(["comment", &key, "list"]).success();
    assert_eq!(env.json(["comments", &key])[0]["text"], "list");
}

#[test]
fn nothing_is_written_without_a_text_and_an_issue() {
    let env = Env::new();
    let key = env.create(["Title"]);
    snapshot!(
        env.qp(["comment", &key]),
        str![[r#"
[stderr]
error: there is no text
hint: qp comment web-r7j2 "TEXT"
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["comment", &key, " "]),
        str![[r#"
[stderr]
error: there is no text
hint: qp comment web-r7j2 "TEXT"
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["comment", &key, "-"]),
        str![[r#"
[stderr]
error: standard input is empty
hint: pass the text itself, or pipe it in
[exit 5]

"#]]
    );
    snapshot!(
        env.qp(["comment", &key, "text", "--bogus"]),
        str![[r#"
[stderr]
error: unexpected argument '--bogus' found
hint: qp comment --help lists its flags
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["comment", &key, "text", "--stdin"]),
        str![[r#"
[stderr]
error: the argument '[TEXT]' cannot be used with '--stdin'
hint: qp comment <ID> <TEXT>
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["comment"]),
        str![[r#"
[stderr]
error: the following required arguments were not provided: <ID>
hint: qp comment <ID> [TEXT]
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["comment", "null", "text"]),
        str![[r#"
[stderr]
error: "null" is not a key: something before this command gave no issue
hint: qp list shows the keys
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["comment", "web-0000", "text"]),
        str![[r#"
[stderr]
error: no issue web-0000
hint: qp list shows the open ones, qp search 0000 looks in all 1
[exit 3]

"#]]
    );
    assert_eq!(env.json(["comments", &key]), serde_json::json!([]));
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let env = Env::new();
    let key = env.create(["Title"]);
    env.qp(["comment", &key, "\u{1b}[2Jgone", "--author", "evil\u{7}"]).success();
    snapshot!(
        env.qp(["comments", &key]),
        str![[r#"
evil␇ at 2026-01-07 10:02 UTC
␛[2Jgone

"#]]
    );
}

/// The second key is an issue that was meant too; nothing is written on the first alone.
#[test]
fn a_second_key_is_not_the_beginning_of_a_text() {
    let env = Env::new();
    env.create(["One", "--id", "web-one"]);
    env.create(["Two", "--id", "web-two"]);
    snapshot!(
        env.qp(["comment", "web-one", "web-two", "text"]),
        str![[r#"
[stderr]
error: web-two is the key of an issue, and could begin the text
hint: one issue at a time; as a text in quotes: qp comment web-one "web-two …"
[exit 2]

"#]]
    );
    snapshot!(
        env.qp(["note", "web-one", "web-two", "text"]),
        str![[r#"
[stderr]
error: web-two is the key of an issue, and could begin the text
hint: qp note web-one,web-two "TEXT"; as a text in quotes: qp note web-one "web-two …"
[exit 2]

"#]]
    );
    assert_eq!(env.json(["comments", "web-one"]), serde_json::json!([]));
    env.qp(["note", "web-one,web-two", "text"]).success();
    env.qp(["comment", "web-one", "web-two is like it"]).success();
    env.qp(["comment", "web-one", "one", "and", "web-two"]).success();
}
