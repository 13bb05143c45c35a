//! `qp prime`
//!
//! It runs at the start of every session, in whatever folder that begins: it is silent where it has nothing to say,
//! and never the reason why a session does not start.

use std::path::Path;

use serde_json::json;

use super::app::{App, readiness};
use super::kept;
use super::prime_guide::{SHORT, guide};
use super::setup_file;
use crate::error::Result;
use crate::model::{Lease, Status, Tracker};
use crate::output::json::versioned;
use crate::output::sheet::short;
use crate::output::speech::as_called;
use crate::output::text::{counted, cut, lines, one_line};
use crate::query::{Readiness, STALE_DAYS, Summary, held_by, is_stale};
use crate::store::{Kept, OutboxCount, Refusal, Standing, Store, View};

/// Print what an agent needs to know: how to work with qp, and where this tracker stands
///
/// At most 3 kB, made to be read at the start of a session (qp setup arranges that). Prints nothing, with exit code 0,
/// where there is no tracker. The file .quipu/PRIME.md in the working tree replaces the part that teaches.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "Examples:
  qp prime
  qp prime --export > .quipu/PRIME.md")]
pub struct PrimeArgs {
    /// Show claims and memories whole, however long that is
    #[arg(long)]
    full: bool,
    /// Leave out the teaching, for those who have it from elsewhere
    #[arg(long)]
    mcp: bool,
    /// Leave out what has to do with remotes
    #[arg(long)]
    stealth: bool,
    /// Print the part that teaches as it is built in, to start a file of your own
    #[arg(long)]
    export: bool,
}

/// Most bytes of the whole.
const MOST: usize = 3000;
/// Bytes that the state may take at least, however long a teaching of the project's own is.
const STATE: usize = 1000;
/// The file that replaces the teaching.
const OWN: &str = ".quipu/PRIME.md";
/// Most claims that are named, and columns of a title and of a memory.
const CLAIMS: usize = 3;
const TITLE: usize = 60;
const MEMORY: usize = 160;

pub(super) fn run(args: &PrimeArgs, app: &mut App) -> Result<()> {
    let text = if args.export { guide(args.stealth) } else { compose(args, app).unwrap_or_default() };
    if text.is_empty() {
        return Ok(());
    }
    if app.ui.json {
        let value = json!({ "text": text });
        return app.ui.document(&versioned(value));
    }
    app.ui.raw(&text)
}

/// A text that takes lines as long as there is room.
struct Sheet {
    text: String,
    most: usize,
    /// Room that a last line may need to say what is left out.
    reserve: usize,
    /// The name that commands are called by.
    program: &'static str,
}

impl Sheet {
    /// Adds a line that holds nobody's words but ours, where it fits.
    fn advise(&mut self, line: &str) -> bool {
        self.add(&as_called(line, self.program))
    }

    /// Adds a line where it fits.
    fn add(&mut self, line: &str) -> bool {
        let fits = self.text.len() + line.len() + 1 + self.reserve <= self.most;
        if fits {
            self.text.push_str(line);
            self.text.push('\n');
        }
        fits
    }
}

fn compose(args: &PrimeArgs, app: &App) -> Result<String> {
    let store = app.store()?;
    let view = app.view_in_silence()?;
    let own = if args.mcp { None } else { own_guide(&store) };
    let program = app.ui.program;
    let built_in = || if args.mcp { SHORT.to_owned() } else { guide(args.stealth) };
    let text = own.unwrap_or_else(|| as_called(&built_in(), program).into_owned());
    let most = if args.full { usize::MAX } else { MOST.max(text.len() + STATE) };
    // The last line of the memories: "- … 12345 more: `qp memories`".
    let mut sheet = Sheet { text, most, reserve: if args.full { 0 } else { 40 }, program };
    state(args, app, &view, &mut sheet)?;
    memories(args, &view, &mut sheet)?;
    Ok(sheet.text)
}

/// Reads the project's own teaching. A link that leads out of the repository is not followed: whatever it names would
/// be read to an agent.
fn own_guide(store: &Store) -> Option<String> {
    let root = store.work_dir()?;
    let text = setup_file::read_within(root, Path::new(OWN)).ok().flatten()?;
    let text = lines(text.trim_end());
    (!text.is_empty()).then(|| text + "\n")
}

fn state(args: &PrimeArgs, app: &App, view: &View, sheet: &mut Sheet) -> Result<()> {
    let tracker = &view.tracker;
    let readiness = readiness(view, app.context.now());
    sheet.add("\n## Now\n");
    sheet.add(&counts(tracker, &readiness));
    claims(args, app, view, &readiness, sheet);
    let stale = neglected(tracker, &readiness);
    if stale > 0 {
        sheet.advise(&format!(
            "- {stale} in progress without a running lease, free to be taken over: `qp status`"
        ));
    }
    let quiet = (0..tracker.rows.len()).filter(|at| is_stale(tracker, *at, readiness.now())).count();
    if quiet > 0 {
        sheet.advise(&format!("- {quiet} not closed and unchanged for {STALE_DAYS} days: `qp stale`"));
    }
    let kept = view.attic()?.len();
    if kept > 0 {
        let copies = counted(kept, "copy");
        sheet.advise(&format!("- {copies} of edits that lost a merge in the attic: `qp attic list`"));
    }
    if !tracker.unreadable.is_empty() {
        let files = counted(tracker.unreadable.len(), "file");
        sheet.advise(&format!("- {files} that cannot be read: `qp doctor`"));
    }
    let outbox = view.store().count_outbox()?.unwrap_or_default();
    if let Some(standing) = view.store().standing()?.filter(|_| !args.stealth) {
        match kept::refusal(app, view.store(), &standing)? {
            Some(refusal) => sheet.add(&refused(&standing, view.store().branch(), &refusal)),
            None => sheet.add(&shared(&standing, outbox.new > 0)),
        };
    }
    if let Some(line) = waiting(&outbox) {
        sheet.advise(&line);
    }
    Ok(())
}

fn counts(tracker: &Tracker, readiness: &Readiness) -> String {
    let summary = Summary::new(tracker, readiness, |_| true);
    let counts = [
        (summary.ready, "ready"),
        (summary.in_progress, "in progress"),
        (summary.blocked, "blocked"),
        (summary.deferred, "deferred"),
        (summary.other, "of another status"),
        (summary.closed, "closed"),
    ];
    let shown: Vec<String> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let prefix = one_line(&tracker.settings.prefix);
    match shown.is_empty() {
        true => format!("- no issues yet (keys begin with {prefix}-)"),
        false => {
            let issues = counted(summary.total, "issue");
            format!("- {issues}: {} (keys such as {prefix}-7k2m)", shown.join(", "))
        }
    }
}

/// What the caller holds: after a lost memory, that is the work to go on with.
fn claims(args: &PrimeArgs, app: &App, view: &View, readiness: &Readiness, sheet: &mut Sheet) {
    let tracker = &view.tracker;
    let holder = app.reader(view.store());
    let mine: Vec<usize> = held_by(tracker, &holder).collect();
    let most = if args.full { mine.len() } else { CLAIMS };
    for at in mine.iter().take(most) {
        let front = tracker.front(*at);
        let until = match front.lease(readiness.now()) {
            Lease::Live(until) => format!(", yours until {}", short(until)),
            Lease::Lapsed | Lease::Stale => ", yours, but free to be taken over".to_owned(),
            Lease::Free | Lease::Unleased => ", yours".to_owned(),
        };
        let title = cut(&one_line(&front.title), if args.full { usize::MAX } else { TITLE });
        sheet.add(&format!("- go on with {}: {title}{until}", one_line(&tracker.key(*at))));
    }
    if mine.len() > most {
        sheet.advise(&format!("- and {} more that you hold: `qp status`", mine.len() - most));
    }
}

/// Counts what nobody seems to work on any more.
fn neglected(tracker: &Tracker, readiness: &Readiness) -> usize {
    let is_neglected = |at: &usize| {
        tracker.facts(*at).status() == Some(&Status::InProgress)
            && matches!(tracker.front(*at).lease(readiness.now()), Lease::Lapsed | Lease::Stale)
    };
    (0..tracker.rows.len()).filter(is_neglected).count()
}

/// Says how this clone stands to the remote, without asking for anything.
fn shared(standing: &Standing, with_outbox: bool) -> String {
    let remote = cut(&one_line(&standing.remote), TITLE);
    match (standing.is_shared, standing.ahead, standing.behind) {
        (false, ..) => format!("- the tracker has not been shared through {remote}"),
        (true, 0, 0) if with_outbox => format!("- {remote} has the branch as it is here"),
        (true, 0, 0) => format!("- nothing to share with {remote}"),
        (true, ahead, 0) => format!("- {} not shared with {remote} yet", counted(ahead, "change")),
        (true, 0, behind) => format!("- {} of {remote} not taken in yet", counted(behind, "change")),
        (true, ahead, behind) => {
            format!("- {} not shared with {remote} yet, {behind} not taken in", counted(ahead, "change"))
        }
    }
}

/// Says what the remote refuses, and where the changes are.
fn refused(standing: &Standing, branch: &str, refusal: &Refusal) -> String {
    let remote = cut(&one_line(&standing.remote), TITLE);
    let changes = counted(standing.ahead, "change");
    let kept = refusal.kept.as_ref().map_or_else(String::new, |(kept, count)| {
        let some = if *count < standing.ahead { format!("{count} of them") } else { "saved".to_owned() };
        match kept {
            Kept::Branch(place) => format!(", {some} on {}", one_line(place)),
            Kept::Outbox(place) => format!(", {some} in {}", one_line(place)),
        }
    });
    format!("- {remote} refuses {branch} until {}: {changes} not shared{kept}", short(refusal.until))
}

/// Says what of the outbox is not on the branch; `None` where it has no such thing.
fn waiting(outbox: &OutboxCount) -> Option<String> {
    let mut parts = Vec::new();
    match (outbox.new, outbox.operations) {
        (0, _) => {}
        (new, 0) => parts.push(format!("{} not on the branch here yet", counted(new, "file"))),
        (_, count) => parts.push(format!("{} not on the branch here yet", counted(count, "change"))),
    }
    let unusable = outbox.waiting + outbox.unusable;
    if unusable > 0 {
        parts.push(format!("{} of no use yet: `qp outbox`", counted(unusable, "file")));
    }
    let place = outbox.only.as_ref().filter(|_| unusable == 0);
    let place = place.map_or_else(|| "the outbox".to_owned(), |name| cut(&one_line(name), TITLE));
    (!parts.is_empty()).then(|| format!("- in {place}: {}", parts.join("; ")))
}

fn memories(args: &PrimeArgs, view: &View, sheet: &mut Sheet) -> Result<()> {
    let memories = view.memories()?;
    if memories.is_empty()
        || !sheet.advise("\n## Memories: notes of earlier sessions, `qp recall KEY` prints one\n")
    {
        return Ok(());
    }
    let line = |key: &str, text: &str| match args.full {
        true => format!("- {}: {}", one_line(key), lines(text.trim_end()).replace('\n', "\n  ")),
        false => format!("- {}: {}", one_line(key), cut(&one_line(text.trim_end()), MEMORY)),
    };
    let shown = memories.iter().take_while(|memory| sheet.add(&line(&memory.key, &memory.text))).count();
    if shown < memories.len() {
        sheet.reserve = 0;
        sheet.advise(&format!("- … {} more: `qp memories`", memories.len() - shown));
    }
    Ok(())
}
