//! What `qp prime` teaches, whatever the state of the tracker.

/// The sentence on what quipu is.
const INTRODUCTION: &str = "\
# This repository tracks its work with quipu (`qp`)

Issues live on a branch of their own. Each command is saved when it ends; your index, branches and files are left alone, but for `.quipu/outbox`.
";

const LOOP: &str = "
## The loop

1. `qp ready` lists what can be worked on, best first. `qp next` claims the best one and prints it; `qp claim ID` claims a certain one.
2. Read it before you start: `qp show ID`.
3. Work. Append what you find out: `qp note ID \"TEXT\"`. A claim holds for 2 hours, `qp renew ID` prolongs it.
4. `qp close ID -r \"what was done\" --suggest-next` also names what became ready. Not finished: `qp release ID`.
";

/// The one step that leaves this clone: never on one's own account.
const SYNC: &str = "\
5. `qp sync` exchanges the tracker with the remote: only when you are asked to share, or this project's rules say so.
";

const RULES: &str = "
## Rules

- An issue before the code: `qp create \"Title\" -t bug -p 1 -d \"What and why\"` (task, bug, feature, epic, chore; priority 0, most urgent, to 4).
- What you discover on the way becomes its own issue: `qp create \"Title\" --deps discovered-from:ID`; then go on with yours.
- Needs something else first: `qp dep add ID BLOCKER`. Not ready, and why: `qp why ID`.
- Notes and comments append, nothing is overwritten: `qp comment ID \"TEXT\"`. `qp undo` takes back your last change.
- Exit code 6 means that somebody else holds it or something blocks it: take other work, `qp claim --next`.
- Anything else about an issue: `qp update ID --title \"Better title\"` and the flags of `qp update --help`.
- `--json` works everywhere; where a text is wanted, `-` reads standard input. Nothing asks questions or opens an editor.
- \"saved, not shared: FILE\" on standard error: the change is in that file; it goes into the commit of your work, when you make one.
- For the next session: `qp remember \"TEXT\"`.
";

const NO_PUSH: &str = "\
- Nothing here asks you to commit or push code, no hint either: do that when you are asked to.
";

/// All of the teaching, in Markdown. `stealth` leaves out what has to do with remotes.
pub(super) fn guide(stealth: bool) -> String {
    let (sync, push) = if stealth { ("", "") } else { (SYNC, NO_PUSH) };
    [INTRODUCTION, LOOP, sync, RULES, push].concat()
}

/// The teaching for those who have been taught by other means.
pub(super) const SHORT: &str = "\
# This repository tracks its work with quipu (`qp`)

`qp ready`, `qp claim ID`, `qp close ID -r \"what was done\"`; `qp prime` explains the rest.
";
