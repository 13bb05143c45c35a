//! Commands of `bd` that quipu does not have, and what to do instead.

/// Names, why there is no such command, and what to do instead.
type Entry = (&'static [&'static str], &'static str, &'static str);

const ENTRIES: &[Entry] = &[
    (
        &[
            "mol", "molecule", "formula", "cook", "pour", "wisp", "bond", "squash", "burn", "proto",
            "template",
        ],
        "quipu has no molecules or formulas: an epic with children is the plan",
        "qp create -f plan.md creates one from a file",
    ),
    (
        &["gate", "gates"],
        "quipu has no gates: an issue waits for other issues or for a date",
        "qp dep add ID BLOCKER, or qp defer ID --until DATE",
    ),
    (
        &["swarm", "slot", "agent", "rig", "role", "merge-slot", "mail", "ship", "convoy", "polecat"],
        "quipu runs no agents: each claims its own work",
        "qp claim --next",
    ),
    (
        &["dolt", "vc", "branch-db", "sql", "federation", "remote"],
        "quipu has no database: the issues are a branch of this repository",
        "qp sync, or qp log",
    ),
    (
        &["daemon", "daemons", "serve", "server", "start-daemon", "stop-daemon"],
        "nothing runs in the background, so nothing has to be started or stopped",
        "qp status",
    ),
    (
        &["commit", "stage", "stash"],
        "every write is a commit already, so nothing is left to commit",
        "qp sync exchanges them with the remote",
    ),
    (
        &["hook"],
        "quipu installs no git hooks: every write is a commit at once",
        "qp sync exchanges them with the remote",
    ),
    (
        &["compact", "compaction", "flatten", "gc", "prune", "purge"],
        "nothing has to be compacted: closed issues cost next to nothing",
        "qp list shows the open ones only",
    ),
    (
        &["cleanup", "clean", "reset", "nuke"],
        "closed issues stay, and nothing else is left behind",
        "qp list --status closed shows them",
    ),
    (
        &["admin", "repair", "fsck", "validate", "preflight", "detect-pollution", "repair-deps", "verify"],
        "checks and repairs are one command",
        "qp doctor",
    ),
    (
        &["migrate", "migrate-issues", "migrate-sync", "migrate-hash-ids", "upgrade", "bootstrap"],
        "the format needs no migration; other trackers are imported",
        "qp import FILE, or qp init",
    ),
    (
        &["rename-prefix", "renumber", "rename", "rename-id"],
        "keys are never renamed, so that references hold",
        "qp config set prefix PREFIX is for new ones; every prefix the tracker ever had still resolves",
    ),
    (
        &["worktree", "worktrees", "redirect", "repo", "repos"],
        "every worktree of a clone shares the tracker; there is nothing to set up",
        "git worktree add PATH, then qp -C PATH ready",
    ),
    (
        &["jira", "linear", "github", "gitlab", "notion", "ado"],
        "quipu does not talk to other services: issues come and go as files",
        "qp export -o issues.jsonl, or qp import FILE",
    ),
    (
        &["audit", "record", "activity", "feed"],
        "every write is a commit with its author, session and command",
        "qp log",
    ),
    (
        &["state", "set-state"],
        "quipu has no state dimensions: a label says it",
        "qp label add ID DIMENSION:VALUE, or qp update ID --status in_progress",
    ),
    (
        &["merge", "resolve-conflicts", "conflicts"],
        "merging is part of the exchange, and what loses is kept",
        "qp sync, then qp attic list",
    ),
    (
        &["restore", "backup", "snapshot"],
        "nothing is lost: every state is a commit",
        "qp undo, qp attic list, or qp show ID --at DATE",
    ),
    (
        &["quickstart", "tutorial", "upgrade-info", "thanks", "tips"],
        "there is no such page here",
        "qp --help, qp demo, or qp onboard for agents",
    ),
    (
        &["move", "refile", "transfer"],
        "an issue stays in its tracker",
        "qp update ID --parent OTHER moves it below another",
    ),
];

/// Returns why quipu lacks a command of `bd`, and what to do instead.
pub(super) fn instead_of(word: &str) -> Option<(&'static str, &'static str)> {
    let word = word.to_ascii_lowercase().replace('_', "-");
    let entry = ENTRIES.iter().find(|(names, ..)| names.contains(&word.as_str()))?;
    Some((entry.1, entry.2))
}

/// Returns all names of commands that quipu does not have.
pub fn names() -> Vec<&'static str> {
    ENTRIES.iter().flat_map(|(names, ..)| names.iter().copied()).collect()
}
