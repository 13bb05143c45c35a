//! `qp remember`, `qp memories`, `qp recall`, `qp forget`

use snapbox::str;

use crate::env::Env;
use crate::snapshot;

#[test]
fn a_memory_lives_and_goes() {
    let env = Env::new();
    snapshot!(
        env.qp(["remember", "the tests need TZ=UTC"]),
        str![[r#"
remembered the-tests-need-tz-utc: the tests need TZ=UTC

"#]]
    );
    snapshot!(
        env.qp(["remember", "Staging is rebuilt\nat night", "--key", "Staging"]),
        str![[r#"
remembered staging: Staging is rebuilt at night

"#]]
    );
    snapshot!(
        env.qp(["memories"]),
        str![[r#"
staging                Staging is rebuilt at night
the-tests-need-tz-utc  the tests need TZ=UTC

"#]]
    );
    snapshot!(
        env.qp(["memories", "tz", "tests"]),
        str![[r#"
the-tests-need-tz-utc  the tests need TZ=UTC

"#]]
    );
    snapshot!(
        env.qp(["recall", "staging"]),
        str![[r#"
Staging is rebuilt
at night

"#]]
    );
    assert_eq!(env.git_out(&["show", "quipu-sync:memories/staging.md"]), "Staging is rebuilt\nat night");
    snapshot!(
        env.qp(["forget", "staging", "the-tests-need-tz-utc"]),
        str![[r#"
forgot staging: Staging is rebuilt at night
forgot the-tests-need-tz-utc: the tests need TZ=UTC
[stderr]
qp undo brings back what was forgotten

"#]]
    );
    snapshot!(
        env.qp(["memories"]),
        str![[r#"
[stderr]
no memories yet: qp remember "TEXT"

"#]]
    );
    snapshot!(
        env.git_out(&["log", "--format=%s", "-3", "quipu-sync"]),
        str![[r#"
forget staging, the-tests-need-tz-utc
remember staging: Staging is rebuilt at night
remember the-tests-need-tz-utc: the tests need TZ=UTC

"#]]
    );
    env.qp(["undo"]).success();
    assert_eq!(env.qp(["recall", "the-tests-need-tz-utc"]).success().stdout, "the tests need TZ=UTC\n");
    env.fsck();
}

#[test]
fn the_same_again_is_no_commit() {
    let env = Env::new();
    env.qp(["remember", "the tests need TZ=UTC"]).success();
    let tip = env.git_out(&["rev-parse", "quipu-sync"]);
    snapshot!(
        env.qp(["remember", "the tests need TZ=UTC", "--json"]),
        str![[r#"
{
  "key": "the-tests-need-tz-utc",
  "value": "the tests need TZ=UTC",
  "action": "unchanged",
  "schema_version": 1
}

"#]]
    );
    assert_eq!(env.git_out(&["rev-parse", "quipu-sync"]), tip);
}

#[test]
fn another_text_of_the_same_words_has_a_key_of_its_own() {
    let env = Env::new();
    let key = |text: &str| env.json(["remember", text])["key"].as_str().expect("a key").to_owned();
    assert_eq!(
        key("one two three four five six seven eight nine"),
        "one-two-three-four-five-six-seven-eight"
    );
    assert_eq!(
        key("one two three four five six seven eight ten"),
        "one-two-three-four-five-six-seven-eight-2"
    );
    assert_eq!(
        key("one two three four five six seven eight nine"),
        "one-two-three-four-five-six-seven-eight"
    );
    assert_eq!(key("日本語 です"), "memory");
    assert_eq!(key("日本語 でした"), "memory-2");
    let long = "word".repeat(30) + " " + &"more".repeat(30);
    assert!(key(&long).len() <= 64);
}

#[test]
fn a_key_replaces_what_it_held() {
    let env = Env::new();
    env.qp(["remember", "first text", "--key", "k"]).success();
    snapshot!(
        env.qp(["remember", "second text", "--key", "k"]),
        str![[r#"
updated k: second text
[stderr]
qp undo brings back what it said before

"#]]
    );
    assert_eq!(env.json(["recall", "k"])["value"], "second text");
    env.qp(["undo"]).success();
    assert_eq!(env.json(["recall", "k"])["value"], "first text");
    assert_eq!(env.json(["memories"])["k"], "first text");
}

#[test]
fn one_word_asks_for_a_memory() {
    let env = Env::new();
    snapshot!(
        env.qp(["remember", "staging"]),
        str![[r#"
[stderr]
error: "staging" is one word, and no memory has that key
hint: qp remember "TEXT" --key staging
[exit 2]

"#]]
    );
    env.qp(["remember", "is rebuilt at night", "--key", "staging"]).success();
    snapshot!(
        env.qp(["remember", "staging"]),
        str![[r#"
is rebuilt at night
[stderr]
there is such a memory; qp remember "TEXT" --key staging replaces it

"#]]
    );
}

#[test]
fn a_text_comes_from_standard_input_too() {
    let env = Env::new();
    env.qp_stdin(["remember", "-", "--key", "a"], "from a pipe\n").success();
    env.qp_stdin(["remember", "--stdin", "--key", "b"], "- a list\n- of two\n").success();
    assert_eq!(env.json(["recall", "a"])["value"], "from a pipe");
    assert_eq!(env.json(["recall", "b"])["value"], "- a list\n- of two");
    env.qp_stdin(["remember", "-"], "").exits(5);
    env.qp(["remember", "  "]).exits(2);
    env.qp(["remember", "some text", "--key", "!!"]).exits(5);
}

#[test]
fn an_unknown_key_is_answered_with_the_nearest() {
    let env = Env::new();
    snapshot!(
        env.qp(["recall", "staging"]),
        str![[r#"
[stderr]
error: no memory staging
hint: there are none yet: qp remember "TEXT" --key KEY
[exit 3]

"#]]
    );
    env.qp(["remember", "some text", "--key", "staging-server"]).success();
    snapshot!(
        env.qp(["recall", "staging"]),
        str![[r#"
[stderr]
error: no memory staging
hint: qp recall staging-server
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["forget", "stagin-server", "--json"]),
        str![[r#"
[stderr]
{"error":"no memory stagin-server","code":"no_memory","exit":3,"hint":"did you mean staging-server?"}
[exit 3]

"#]]
    );
    snapshot!(
        env.qp(["forget", "staging-server", "else"]),
        str![[r#"
[stderr]
error: no memory else
hint: qp memories lists the keys
[exit 3]

"#]]
    );
    assert_eq!(env.json(["recall", "Staging Server"])["value"], "some text");
}

#[test]
fn what_others_put_there_is_shown_harmlessly() {
    let env = Env::new();
    env.commit_file("memories/By Hand.md", Some("\u{1b}[31mred\u{202e}\n"));
    env.commit_file("memories/folder/deep.md", Some("x"));
    env.commit_file("memories/no-ending", Some("x"));
    snapshot!(
        env.qp(["memories"]),
        str![[r#"
By Hand  ␛[31mred\u{202e}

"#]]
    );
    snapshot!(
        env.qp(["recall", "By Hand"]),
        str![[r#"
␛[31mred\u{202e}

"#]]
    );
    env.qp(["forget", "By Hand"]).success();
    assert_eq!(env.json(["memories"]), serde_json::json!({ "schema_version": 1 }));
}

#[test]
fn memories_travel_with_export_and_import() {
    let (one, two) = (Env::new(), Env::new());
    one.qp(["remember", "Two lines\nof text", "--key", "k"]).success();
    one.qp(["export", "-o", "../out.jsonl"]).success();
    let file = one.root().join("out.jsonl");
    two.qp(["import", file.to_str().expect("UTF-8")]).success();
    assert_eq!(two.json(["recall", "k"])["value"], "Two lines\nof text");
    let blob = |env: &Env| env.git_out(&["rev-parse", "quipu-sync:memories/k.md"]);
    assert_eq!(blob(&one), blob(&two));
}
