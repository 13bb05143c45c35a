//! Other words for commands and flags, as people and agents guess them. None of them is taken: the answer is the
//! command line with the right word, so that a guess is made once.

/// Other words for a command, and the command.
pub(super) const COMMANDS: &[(&[&str], &str)] = &[
    (
        &["add", "addissue", "createissue", "newissue", "open", "file", "report", "task", "bug", "issue"],
        "create",
    ),
    (&["get", "cat", "display", "describe", "details", "read", "inspect", "detail", "print"], "show"),
    (&["issues", "tasks", "all", "index", "getall", "dir", "tickets", "todos"], "list"),
    (&["resolve", "finish", "complete", "fix", "fixed", "closed", "closeissue", "end", "wontfix"], "close"),
    (&["set", "modify", "change", "patch", "put", "alter", "updateissue"], "update"),
    (&["todo", "available", "work", "unblocked", "actionable", "backlog", "queue", "readywork"], "ready"),
    (&["grep", "lookup", "filter"], "search"),
    (&["erase", "destroy", "del", "drop", "trash"], "delete"),
    (
        &["pick", "grab", "acquire", "lock", "begin", "checkout", "claimnext", "reserve", "own", "workon"],
        "claim",
    ),
    (
        &["unassign", "abandon", "unlock", "giveup", "dropclaim", "stop", "free", "yield", "unstart"],
        "release",
    ),
    (&["heartbeat", "extend", "keepalive", "touch"], "renew"),
    (
        &["block", "depend", "dependson", "depends", "adddep", "adddependency", "blockedby", "needs"],
        "dep add",
    ),
    (&["unblock", "unlink", "removedep", "undepend", "deldep"], "dep remove"),
    (&["deps", "dependencies", "dependency"], "dep list"),
    (&["tree", "deptree", "dependencytree"], "dep tree"),
    (&["cycles", "cycle"], "dep cycles"),
    (&["labels", "tags", "labellist", "listlabels"], "label list-all"),
    (&["addlabel"], "label add"),
    (&["untag", "unlabel", "removelabel"], "label remove"),
    (&["history", "hist", "events", "timeline", "activitylog", "reflog"], "log"),
    (&["snooze", "postpone", "later", "hold", "pause", "park", "suspend"], "defer"),
    (&["unsnooze", "resume", "wake", "unpause", "unhold"], "undefer"),
    (&["dup", "dupe", "markduplicate", "duplicates"], "duplicate"),
    (&["supersedes", "replace", "replacedby"], "supersede"),
    (&["addcomment", "reply", "say", "commenton"], "comment"),
    (&["addnote", "appendnote", "appendnotes", "annotate"], "note"),
    (&["setpriority", "prio", "reprioritize", "bump"], "priority"),
    (&["assignee", "delegate", "assignto", "give", "reassign"], "assign"),
    (&["summary", "overview", "stat", "statistics", "dashboard", "st"], "status"),
    (&["unclose", "restart", "reactivate"], "reopen"),
    (&["subtasks", "kids", "parts", "sub", "subissues"], "children"),
    (&["fetch", "updatefromremote", "download"], "pull"),
    (&["upload", "publish", "send"], "push"),
    (&["flush", "syncnow", "share"], "sync"),
    (&["setuprepo", "starttracker", "initialize", "initialise"], "init"),
    (&["explain", "reason", "whyblocked"], "why"),
    (&["revert", "rollback", "undelete"], "undo"),
    (&["me", "who", "identity", "actor"], "whoami"),
    (&["follow", "tail", "monitor"], "watch"),
    (&["health", "diagnose"], "doctor"),
    (&["completion", "autocomplete"], "completions"),
    (&["dump", "save"], "export"),
    (&["load", "ingest"], "import"),
    (&["quick", "quickadd", "quickcreate"], "q"),
    (&["inprogress", "wip", "mine", "my", "active", "started"], "list --status in_progress"),
    (&["closedissues", "resolved"], "list --status closed"),
    (&["commands", "usage", "manpage"], "--help"),
    (&["compare", "whatchanged"], "diff"),
];

/// Other words for what stands behind a command such as `dep` or `label`; the first that there is.
pub(super) const SUBCOMMANDS: &[(&[&str], &[&str])] = &[
    (&["show", "get", "ls", "view", "print", "all"], &["list"]),
    (&["delete", "del", "drop", "unset", "rm", "unlink", "clear"], &["remove", "delete"]),
    (&["new", "create", "set", "put", "link", "append"], &["add", "save"]),
];

/// Other words for a flag, and the flags that may be meant: the first that the command has.
pub(super) const FLAGS: &[(&[&str], &[&str])] = &[
    (
        &["desc", "details", "content", "text", "msg", "m", "descr", "summary", "b"],
        &["description", "message", "reason"],
    ),
    (
        &["comment", "note", "why", "because", "resolution", "msg", "message", "closereason"],
        &["reason", "notes", "message"],
    ),
    (&["tag", "tags", "label", "labels", "l", "addtag", "addtags"], &["labels", "label", "add-label"]),
    (&["untag", "rmlabel", "removetag", "dellabel", "deletelabel"], &["remove-label"]),
    (&["owner", "user", "assigned", "assignedto", "assign", "who", "to"], &["assignee"]),
    (&["prio", "severity", "urgency", "importance", "level"], &["priority"]),
    (&["kind", "category", "issuetypes", "class"], &["type"]),
    (&["st", "stage", "phase", "in"], &["status"]),
    (
        &["max", "top", "first", "head", "count", "num", "take", "size", "maxresults", "perpage", "page"],
        &["limit"],
    ),
    (&["epic", "parentid", "childof", "under", "partof"], &["parent"]),
    (
        &["depends", "dependencies", "dependency", "requires", "needs", "after", "blocks", "dependson"],
        &["deps", "blocked-by"],
    ),
    (&["criteria", "ac", "acceptancecriterion", "dod"], &["acceptance"]),
    (&["name", "subject", "heading"], &["title"]),
    (&["asjson", "jsonoutput", "outputjson", "j", "machine", "porcelain"], &["json"]),
    (&["order", "orderby", "sortby", "sorted"], &["sort"]),
    (&["includeclosed", "closed", "everything", "a"], &["all"]),
    (&["desc", "descending", "rev", "reversed"], &["reverse"]),
    (&["until", "date", "when", "for", "deferuntil", "snooze"], &["until", "defer"]),
    (&["deadline", "duedate", "dueat", "by"], &["due"]),
    (&["file", "input", "fromfile", "path"], &["file", "body-file", "from"]),
    (&["simulate", "pretend", "check", "noop", "n", "preview", "whatif"], &["dry-run"]),
    (&["user", "author", "actorname", "me", "agent"], &["as"]),
    (&["cwd", "dir", "repo", "workdir", "project", "root"], &["directory"]),
    (&["silent", "noverbose", "s"], &["quiet"]),
    (&["duration", "lease", "ttl", "leasesecs", "leaseseconds"], &["for"]),
    (&["of", "original", "duplicateof", "target"], &["of", "with"]),
    (&["with", "by", "replacement", "successor"], &["with"]),
    (&["maxdepth", "levels"], &["depth", "max-depth"]),
    (&["appendnote", "addnote", "addnotes", "appendnotes"], &["notes", "message"]),
    (&["explainwhy", "reasons", "verbose"], &["explain"]),
    (&["externalid", "ref", "external", "url", "link"], &["external-ref"]),
    (&["estimated", "estimatedminutes", "hours", "points"], &["estimate"]),
    (&["me", "mine", "my", "assignedtome"], &["assignee"]),
];

/// Brings the spellings of a word together: case, dashes, underscores.
pub(super) fn squeeze(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '-' | '_' | ' ' | '.')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::{check, elsewhere, grammar};

    /// Flags that a row of the table names first and only some commands have.
    fn flags() -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![grammar()];
        while let Some(command) = open.pop() {
            let longs = command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned));
            found.extend(longs);
            open.extend(command.get_subcommands().cloned());
        }
        found
    }

    #[test]
    fn every_other_word_leads_somewhere() {
        let mut seen = BTreeSet::new();
        for (others, right) in COMMANDS {
            let words = right.split(' ').filter(|word| !word.starts_with('-') && *word != "in_progress");
            let words: Vec<&str> = words.filter(|word| *word != "closed").collect();
            let mut command = grammar();
            for word in words {
                let next = command.find_subcommand(word).cloned();
                command = next.unwrap_or_else(|| panic!("{right} is no command"));
            }
            for other in *others {
                assert!(seen.insert(squeeze(other)), "{other} stands twice");
                assert!(elsewhere::instead_of(other).is_none(), "{other} is answered already");
            }
        }
        let flags = flags();
        for (others, rights) in FLAGS {
            assert!(rights.iter().any(|right| flags.contains(*right)), "{rights:?} are no flags");
            assert!(others.iter().all(|other| squeeze(other) == *other), "{others:?} are not squeezed");
        }
        assert!(check(&["qp".into(), "list".into(), "--status".into(), "in_progress".into()]).is_ok());
    }
}
