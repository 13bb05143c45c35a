//! One line a command of the grammar, to run every command in a repository that is compared before and after.
//! A new command is a new line; a command without one fails a test.

/// What a command may change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Nothing, but for quipu's own disposable files.
    Reads,
    /// The tracker's branch, by exactly one commit.
    Writes,
    /// The branch of the server, and the remote-tracking branch with its reflog.
    Exchanges,
    /// The branch named, which is new.
    Starts(&'static str),
    /// Files whose path begins so, which it was told to write.
    WritesFile(&'static str),
    /// Nothing: it only leads to other commands, and says so.
    Refuses,
}

use Effect::{Exchanges, Reads, Refuses, Starts, Writes, WritesFile};

/// A command, what it may change, and how it is called. In the arguments `{open}` and `{other}` are open issues
/// without relations, `{mine}` one that the caller has claimed, `{closed}` a closed one, `{epic}` one with an open
/// part, `{waiting}` one that waits for `{open}`, `{related}` one that is related to it, `{lost}` one with a copy in
/// the attic.
pub const LINES: &[(&str, Effect, &[&str])] = &[
    ("init", Starts("second"), &["init", "--branch", "second", "--prefix", "two"]),
    ("init", Reads, &["init"]),
    (
        "create",
        Writes,
        &["create", "A new one", "-t", "bug", "-l", "a,b", "--parent", "{epic}", "--deps", "{open}"],
    ),
    ("create", Reads, &["create", "A new one", "--dry-run"]),
    ("create", Writes, &["create", "-f", "../plan.md"]),
    ("q", Writes, &["q", "A new one"]),
    ("show", Reads, &["show", "{open}", "{epic}"]),
    ("list", Reads, &["list", "--all", "--tree"]),
    ("close", Writes, &["close", "{open}", "{waiting}", "-r", "done"]),
    ("close", Reads, &["close", "{closed}"]),
    ("update", Writes, &["update", "{open}", "--title", "Another title", "--add-label", "new"]),
    ("edit", Refuses, &["edit", "{open}"]),
    ("edit", Writes, &["edit", "{open}", "--from", "../edited.md"]),
    ("reopen", Writes, &["reopen", "{closed}"]),
    ("assign", Writes, &["assign", "{open}", "bob"]),
    ("priority", Writes, &["priority", "{open}", "0"]),
    ("tag", Writes, &["tag", "{open}", "new"]),
    ("note", Writes, &["note", "{open}", "A note"]),
    ("comment", Writes, &["comment", "{open}", "A comment"]),
    ("comment add", Writes, &["comment", "add", "{open}", "A comment"]),
    ("comment list", Reads, &["comment", "list", "{open}"]),
    ("comments", Reads, &["comments", "{open}"]),
    ("comments add", Writes, &["comments", "add", "{open}", "A comment"]),
    ("comments list", Reads, &["comments", "list", "{open}"]),
    ("import", Writes, &["import", "../issues.jsonl"]),
    ("import", Reads, &["import", "../issues.jsonl", "--dry-run"]),
    ("export", Reads, &["export"]),
    ("export", WritesFile("repo/out.jsonl"), &["export", "-o", "out.jsonl"]),
    ("sync", Exchanges, &["sync"]),
    ("sync", Reads, &["sync", "--dry-run"]),
    ("pull", Reads, &["pull"]),
    ("push", Exchanges, &["push"]),
    ("log", Reads, &["log"]),
    ("diff", Reads, &["diff", "{open}"]),
    ("undo", Writes, &["undo"]),
    ("undo", Reads, &["undo", "--dry-run"]),
    ("attic", Reads, &["attic"]),
    ("attic list", Reads, &["attic", "list", "{lost}"]),
    ("attic show", Reads, &["attic", "show", "{lost}"]),
    ("attic diff", Reads, &["attic", "diff", "{lost}"]),
    ("attic restore", Writes, &["attic", "restore", "{lost}", "--whole"]),
    ("attic restore", Reads, &["attic", "restore", "{lost}", "--whole", "--dry-run"]),
    ("attic drop", Writes, &["attic", "drop", "{lost}"]),
    ("attic drop", Reads, &["attic", "drop", "--all", "--dry-run"]),
    ("demo", Reads, &["demo"]),
    ("ready", Reads, &["ready", "--explain"]),
    ("blocked", Reads, &["blocked"]),
    ("why", Reads, &["why", "{waiting}"]),
    ("claim", Writes, &["claim", "{open}"]),
    ("claim", Writes, &["claim", "--next"]),
    ("next", Writes, &["next"]),
    ("release", Writes, &["release", "{mine}"]),
    ("renew", Writes, &["renew", "{mine}"]),
    ("status", Reads, &["status"]),
    ("check", Reads, &["check", "{closed}", "--is", "closed"]),
    ("whoami", Reads, &["whoami"]),
    ("children", Reads, &["children", "{epic}"]),
    ("search", Reads, &["search", "open"]),
    ("delete", Writes, &["delete", "{other}"]),
    ("delete", Reads, &["delete", "{other}", "--dry-run"]),
    ("defer", Writes, &["defer", "{open}", "--until", "+2w"]),
    ("undefer", Writes, &["undefer", "{deferred}"]),
    ("duplicate", Writes, &["duplicate", "{other}", "--of", "{open}"]),
    ("supersede", Writes, &["supersede", "{other}", "--with", "{open}"]),
    ("label", Refuses, &["label"]),
    ("label add", Writes, &["label", "add", "{open}", "new"]),
    ("label remove", Writes, &["label", "remove", "{labelled}", "old"]),
    ("label list", Reads, &["label", "list", "{labelled}"]),
    ("label list-all", Reads, &["label", "list-all"]),
    ("dep", Writes, &["dep", "{open}", "--blocks", "{other}"]),
    ("dep add", Writes, &["dep", "add", "{other}", "{open}"]),
    ("dep remove", Writes, &["dep", "remove", "{waiting}", "{open}"]),
    ("dep list", Reads, &["dep", "list", "{waiting}"]),
    ("dep tree", Reads, &["dep", "tree", "{waiting}"]),
    ("dep cycles", Reads, &["dep", "cycles"]),
    ("dep relate", Writes, &["dep", "relate", "{other}", "{open}"]),
    ("dep unrelate", Writes, &["dep", "unrelate", "{related}", "{open}"]),
    ("link", Writes, &["link", "{other}", "{open}", "-t", "related"]),
    ("relate", Writes, &["relate", "{other}", "{open}"]),
    ("unrelate", Writes, &["unrelate", "{related}", "{open}"]),
    ("doctor", Reads, &["doctor"]),
    ("doctor", Reads, &["doctor", "--fix"]),
    ("completions", Reads, &["completions", "bash"]),
    ("man", Reads, &["man"]),
    ("man", WritesFile("repo/man/qp"), &["man", "man"]),
];
