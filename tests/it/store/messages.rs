//! Commit messages: what is written is read again, and what anybody else wrote does no harm.

use proptest::prelude::*;
use quipu::store::{LOST, Lost, Message};

use super::{context, issue, open, transact};
use crate::env::Env;

/// Text without what a message cannot hold: it is put on one line and trimmed.
fn line() -> impl Strategy<Value = String> {
    "[\\PC]{0,60}".prop_map(|text| text.trim().to_owned())
}

fn name() -> impl Strategy<Value = String> {
    "[A-Z][a-zA-Z0-9-]{0,20}"
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        subject in line(),
        trailers in proptest::collection::vec((name(), line()), 0..6),
    ) {
        let mut message = Message { subject, ..Message::default() };
        for (name, value) in &trailers {
            message.add(name, value);
        }
        prop_assert_eq!(Message::parse(&message.write()), message);
    }

    #[test]
    fn nothing_breaks_out_of_its_line(subject in any::<String>(), value in any::<String>()) {
        let mut message = Message { subject, ..Message::default() };
        message.add("Quipu-Op", "01kebyhr10hb5e8x66d95shc1g");
        message.add("Quipu-Actor", &value);
        let read = Message::parse(&message.write());
        prop_assert!(read.op().is_some());
        prop_assert!(read.trailers.len() <= 2, "no trailer is smuggled in: {:?}", read.trailers);
        prop_assert!(!message.write().contains('\r'));
    }

    #[test]
    fn what_was_lost_is_read_again(
        what in "\\PC{1,20}",
        parts in proptest::collection::vec(any::<String>().prop_filter("named", |p| !p.is_empty()), 0..4),
        path in "attic/\\PC{1,20}",
    ) {
        let lost = Lost { what, parts, path, commit: "a".repeat(40) };
        let mut message = Message { subject: "merge".to_owned(), ..Message::default() };
        message.add(LOST, &lost.write());
        let read = Message::parse(&message.write());
        prop_assert_eq!(Lost::all(&read).collect::<Vec<_>>(), [lost]);
    }

    #[test]
    fn any_trailer_of_what_was_lost_can_be_read(value in any::<String>()) {
        drop(Lost::parse(&value));
    }

    #[test]
    fn any_text_can_be_read(text in any::<String>()) {
        let message = Message::parse(&text);
        prop_assert!(message.time().is_none_or(|t| t.millis() < i64::MAX));
    }
}

#[test]
fn git_reads_the_same_trailers() {
    let env = Env::new();
    let context = context(&env, 1);
    let store = open(&context);
    transact(&store, &context, |txn| {
        txn.subject("A subject\nwith: two lines\n\nQuipu-Op: smuggled");
        txn.trailer("Quipu-Source", "beads\nQuipu-Op: smuggled");
        let issue = issue(txn, "One");
        txn.put(issue)
    });
    let trailers = |key: &str| {
        let format = format!("--format=%(trailers:key={key},valueonly)");
        env.git_out(&["log", "-1", &format, "quipu-sync"]).trim().to_owned()
    };
    assert_eq!(trailers("Quipu-Actor"), "alice");
    assert_eq!(trailers("Quipu-Source"), "beads Quipu-Op: smuggled");
    assert_eq!(trailers("Quipu-Op").lines().count(), 1);
    let subject = env.git_out(&["log", "-1", "--format=%s", "quipu-sync"]);
    assert_eq!(subject.trim(), "A subject with: two lines  Quipu-Op: smuggled");
}

/// Adds an empty commit with a message of anybody's to the tracker's branch.
fn commit(env: &Env, message: &str) {
    let file = env.root().join("message");
    std::fs::write(&file, message).expect("a file");
    let script = "c=$(git -c user.name=m -c user.email=m@x commit-tree -p quipu-sync -F ../message 'quipu-sync^{tree}') \
                  && git update-ref refs/heads/quipu-sync $c";
    let run = env.shell(&env.repo(), script);
    assert_eq!(run.code, 0, "{run}");
}

#[test]
fn hostile_messages_do_no_harm() {
    let env = Env::new();
    let key = env.create(["One"]);
    for message in [
        "\n",
        "\u{1b}[31mred\u{1b}[0m \u{7}bell",
        "subject\n\nQuipu-Time: 99999999999999999999\nQuipu-Op: not-an-id",
        "subject\n\nQuipu-Time: -1\nQuipu-Time: 5\nQuipu-Actor: \u{1b}]0;title\u{7}",
        "subject\n\nQuipu-Time: 9223372036854775807",
        "subject\n\nQuipu-Op: 01kebyhr10hb5e8x66d95shc1g\nQuipu-Op: 01kebyhr10hb5e8x66d95shc1g",
        &format!("{}\n\n{}", "long ".repeat(20_000), "Quipu-Actor: x\n".repeat(5_000)),
        ": \n\n: \n:: : \n",
    ] {
        commit(&env, message);
        let log = env.qp(["log", "--limit", "3"]).success();
        assert!(!log.to_string().contains(['\u{1b}', '\u{7}']), "{log}");
        env.qp(["log", "--limit", "3", "--json"]).success().json();
        env.qp(["show", &key]).success();
        env.create(["Still works"]);
    }
    env.fsck();
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    let env = Env::new();
    env.create(["One"]);
    std::fs::write(env.root().join("message"), b"caf\xe9 \xff\xfe\n\nQuipu-Actor: \xff\n").expect("a file");
    let script = "c=$(git -c i18n.commitEncoding=latin1 -c user.name=m -c user.email=m@x commit-tree -p quipu-sync -F ../message 'quipu-sync^{tree}') \
                  && git update-ref refs/heads/quipu-sync $c";
    assert_eq!(env.shell(&env.repo(), script).code, 0);
    env.qp(["log"]).success();
    env.create(["Two"]);
}

#[test]
fn what_was_lost_is_four_words() {
    let id = "01kebyhr10hb5e8x66d95shc1g";
    let lost = Lost {
        what: id.to_owned(),
        parts: ["title", "metadata.a b", "<!-- qp:x,y -->"].map(str::to_owned).to_vec(),
        path: format!("attic/1/g/{id}/1-0123456789abcdef.md"),
        commit: "c0ffee".to_owned(),
    };
    let value = lost.write();
    assert_eq!(value, format!("{id} title,metadata.a%20b,<!--%20qp:x%2cy%20--> {} c0ffee", lost.path),);
    let comment = Lost { parts: vec![format!("comment {id}")], ..lost };
    assert_eq!(Lost::parse(&comment.write()).expect("it is one").parts, [format!("comment:{id}")]);
    for bad in ["", "a b c", "a  c", "a b c d e", "a b%2 c d", " b c d", "a b %ff d"] {
        assert_eq!(Lost::parse(bad), None, "{bad:?}");
    }
}
