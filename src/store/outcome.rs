//! How a call to a remote ended. Pure: it reads what git printed, and knows the words of git and of the known hosts.
//!
//! A push is judged by its `--porcelain` ref lines, never by the exit code: where hooks or configuration get in the
//! way, git ends badly after the remote has taken everything, or well without having said anything.

use std::fmt;

use super::git::Output;
use super::redact::{one_line, redacted};
use super::room;
use super::told;
use super::words::{self, Line};
use crate::error::{Error, Kind};

/// How a call to a remote ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The remote took what was sent; for a fetch, something new came.
    Pushed,
    /// The remote has it already; for a fetch, nothing new came.
    UpToDate,
    /// Somebody else was quicker: fetch, merge, try again.
    LostRace,
    /// A rule of the remote forbids it: its own words.
    Refused(String),
    /// The remote took it and could not keep it: what it says.
    Broken(String),
    /// Where pushes go is not where fetches come from, and the two have come apart: a sentence.
    Elsewhere(String),
    /// The remote wants a login that git does not have, or does not take it.
    Unauthorised(String),
    /// The remote was not reached, or does not exist, or the connection broke.
    Unreachable(String),
    /// The server says that there is no such repository. Some say so to whoever may not see it, or not write to it.
    Gone(String),
    /// The server asks to wait: HTTP 429 or 5xx.
    Limited(String),
    /// There was no answer before the deadline. A push may have been taken all the same.
    TimedOut,
    /// There was no room on the disk of this clone.
    NoRoom,
    /// The remote was reached and has no such ref: its name.
    MissingRef(String),
    /// `QP_OFFLINE` is set: the remote was not asked.
    Offline,
}

impl Outcome {
    /// Tells whether the remote now has what was sent, or this clone what the remote has.
    pub fn is_success(&self) -> bool {
        matches!(self, Outcome::Pushed | Outcome::UpToDate)
    }

    /// Tells whether the same may succeed within this command.
    pub fn may_retry(&self) -> bool {
        matches!(self, Outcome::LostRace | Outcome::Limited(_))
    }

    /// Tells whether the remote does not take this, now or in a minute: only another road or its owner helps.
    pub fn is_policy(&self) -> bool {
        matches!(self, Outcome::Refused(_) | Outcome::Unauthorised(_))
    }

    /// Returns the error that a user meets. The remote may be a URL: its password is left out.
    pub fn error(&self, remote: &str, branch: &str) -> Error {
        const LATER: &str = "qp sync again later, or qp outbox save where this clone will not last";
        let remote = redacted(remote);
        let error = |code, message: String| Error::new(Kind::Remote, code, message);
        match self {
            Outcome::Pushed | Outcome::UpToDate => Error::bug(format!("{remote}: {self} is no failure")),
            Outcome::LostRace => {
                error("lost_race", format!("{remote}: others changed {branch} at the same time"))
                    .hint("qp sync")
            }
            Outcome::Refused(why) => error("refused", format!("{remote} refuses {branch}: {why}"))
                .hint("let its owner allow this push, then qp sync; nothing is lost"),
            Outcome::Broken(why) => {
                error("server_error", format!("{remote} could not keep {branch}: {why}")).hint(LATER)
            }
            Outcome::Elsewhere(why) => error("elsewhere", why.clone()).hint("nothing is lost"),
            Outcome::Unauthorised(why) => {
                error("authentication", format!("{remote} does not let git in: {why}")).hint(login(&remote))
            }
            Outcome::Unreachable(why) | Outcome::Gone(why) => {
                error("unreachable", format!("{remote} cannot be reached: {why}")).hint(LATER)
            }
            Outcome::Limited(why) => {
                error("rate_limited", format!("{remote} asks to wait: {why}")).hint(LATER)
            }
            Outcome::TimedOut => error("timeout", format!("{remote} did not answer in time")).hint(LATER),
            Outcome::NoRoom => {
                room::disk_full(&format!("what {remote} and this clone have cannot be exchanged"))
            }
            Outcome::MissingRef(name) => {
                error("missing_ref", format!("{remote} has no {name}")).hint("qp sync, which looks again")
            }
            Outcome::Offline => error("offline", format!("QP_OFFLINE is set, so {remote} is not asked"))
                .hint("qp sync where QP_OFFLINE is not set, or qp outbox save"),
        }
    }
}

/// Says how to see what the login needs: by hand, git may ask.
fn login(remote: &str) -> String {
    if remote.contains([':', '/']) {
        return "give git a login for it, then qp sync; nothing is lost".to_owned();
    }
    format!("git ls-remote {remote}, which asks for the login, then qp sync; nothing is lost")
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Pushed => f.write_str("pushed"),
            Outcome::UpToDate => f.write_str("up to date"),
            Outcome::LostRace => f.write_str("lost the race"),
            Outcome::Refused(why) => write!(f, "refused: {why}"),
            Outcome::Broken(why) => write!(f, "not kept: {why}"),
            Outcome::Elsewhere(why) => f.write_str(why),
            Outcome::Unauthorised(why) => write!(f, "not let in: {why}"),
            Outcome::Unreachable(why) | Outcome::Gone(why) => write!(f, "not reached: {why}"),
            Outcome::Limited(why) => write!(f, "asked to wait: {why}"),
            Outcome::TimedOut => f.write_str("no answer in time"),
            Outcome::NoRoom => f.write_str("the disk is full"),
            Outcome::MissingRef(name) => write!(f, "no {name}"),
            Outcome::Offline => f.write_str("QP_OFFLINE is set"),
        }
    }
}

impl std::error::Error for Outcome {}

/// Reads how a push ended: one outcome for each of `refs`, in their order.
pub(super) fn of_push(output: &Output, refs: &[&str]) -> Vec<Outcome> {
    let lines: Vec<Line<'_>> = output.stdout.lines().filter_map(Line::parse).collect();
    let said = |name: &&str| {
        let line = lines.iter().find(|line| line.name == *name)?;
        Some((line.is_atomic_victim(), of_line(line, output)))
    };
    let said: Vec<_> = refs.iter().map(said).collect();
    // What was only held back shares the fate of the ref that held it back.
    let culprit = said.iter().flatten().find(|(victim, outcome)| !victim && !outcome.is_success());
    let culprit = culprit.map_or(Outcome::LostRace, |(_, outcome)| outcome.clone());
    let outcome = |said: Option<(bool, Outcome)>| match said {
        Some((true, _)) => culprit.clone(),
        Some((false, outcome)) => outcome,
        None => of_transport(output),
    };
    said.into_iter().map(outcome).collect()
}

fn of_line(line: &Line<'_>, output: &Output) -> Outcome {
    let reason = line.reason();
    let told = || told::about(reason, &output.stderr);
    match line.flag {
        ' ' | '+' | '-' | '*' => Outcome::Pushed,
        '=' => Outcome::UpToDate,
        _ if line.summary.starts_with("[remote failure]") => Outcome::Unreachable(one_line(reason)),
        _ if words::asks_to_wait(reason) => Outcome::Limited(told()),
        _ if words::is_race(reason) && !words::is_obstacle(&output.stderr) => Outcome::LostRace,
        _ if words::is_servers_fault(reason) => Outcome::Broken(told()),
        // What git advises then is for the owner of that repository, and would cost them their work here and there.
        _ if reason == words::CHECKED_OUT => {
            Outcome::Refused("it has that branch checked out; check out another one there".to_owned())
        }
        _ => Outcome::Refused(told()),
    }
}

/// Reads how a fetch or a listing ended.
pub(super) fn of_fetch(output: &Output) -> Outcome {
    if output.success {
        let news = output.stderr.lines().any(|line| line.contains(" -> ") && !line.starts_with(" = "));
        return if news { Outcome::Pushed } else { Outcome::UpToDate };
    }
    // Another process of this clone has moved the same ref.
    let lost = output.stderr.lines().any(|line| line.starts_with("error: cannot lock ref"));
    if lost && !output.timed_out && !words::is_obstacle(&output.stderr) {
        return Outcome::LostRace;
    }
    if room::told_by_git(&output.stderr) {
        return Outcome::NoRoom;
    }
    // A ref of this clone does not take what came: the remote was reached.
    if !output.timed_out && output.stderr.lines().any(|line| line.starts_with(" ! [")) {
        return Outcome::Refused(words::reason(&output.stderr).map(one_line).unwrap_or_default());
    }
    of_transport(output)
}

/// Says why there was no word on a ref. Never a success.
fn of_transport(output: &Output) -> Outcome {
    let stderr = &output.stderr;
    let why = || match (words::reason(stderr), output.code) {
        (Some(reason), _) => one_line(reason),
        (None, Some(code)) => format!("git ends with exit code {code} and does not say why"),
        (None, None) => "git was ended by a signal".to_owned(),
    };
    if room::told_by_git(stderr) {
        return Outcome::NoRoom;
    }
    if output.timed_out || stderr.contains("Operation too slow") {
        return Outcome::TimedOut;
    }
    if let Some(name) = words::missing_ref(stderr) {
        return Outcome::MissingRef(one_line(name));
    }
    if let Some(status) = words::http_status(stderr) {
        return of_status(status, stderr);
    }
    if let Some(line) = words::login_line(stderr) {
        return Outcome::Unauthorised(one_line(line));
    }
    if words::asks_to_wait(stderr) {
        return Outcome::Limited(why());
    }
    if let Some(line) = words::gone_line(stderr) {
        return Outcome::Gone(one_line(line));
    }
    if let Some(line) = words::refusal_line(stderr) {
        return Outcome::Refused(one_line(line));
    }
    Outcome::Unreachable(why())
}

fn of_status(status: u16, stderr: &str) -> Outcome {
    let answer = format!("the server answers HTTP {status}");
    let told = told::of_remote(stderr);
    let why = if told.is_empty() { answer } else { format!("{answer}: {told}") };
    match status {
        401 => Outcome::Unauthorised(why),
        404 | 410 => Outcome::Gone(why),
        408 | 425 | 429 | 500.. => Outcome::Limited(why),
        _ if words::asks_to_wait(stderr) => Outcome::Limited(why),
        _ => Outcome::Refused(why),
    }
}
