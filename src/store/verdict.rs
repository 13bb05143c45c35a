//! What a remote has refused, remembered for an hour, so that no command pays twice for a push that is not taken.
//!
//! It is kept for each ref and for the address that was asked, in a small file that nobody needs: whoever loses it, or
//! cannot write it, pushes once more.

use sha2::{Digest as _, Sha256};

use super::Store;
use super::outcome::Outcome;
use super::remote_name::portable;
use crate::model::Timestamp;

/// How long a refusal is believed, in milliseconds.
const BELIEVED_MS: i64 = 60 * 60 * 1000;

/// A refusal that is still believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Verdict {
    /// What the remote said.
    pub outcome: Outcome,
    /// When it is asked again.
    pub until: Timestamp,
}

/// One line of the file.
struct Line<'l> {
    time: Timestamp,
    address: &'l str,
    name: &'l str,
    outcome: Outcome,
}

impl<'l> Line<'l> {
    fn read(line: &'l str) -> Option<Self> {
        let words: Vec<&str> = line.split('\t').collect();
        let [time, address, name, code, why] = words[..] else { return None };
        let outcome = match code {
            "refused" => Outcome::Refused(why.to_owned()),
            "authentication" => Outcome::Unauthorised(why.to_owned()),
            _ => return None,
        };
        Some(Line { time: Timestamp::from_millis(time.parse().ok()?), address, name, outcome })
    }

    /// A time ahead of the clock is none that this clone has noted.
    fn is_believed(&self, now: Timestamp) -> bool {
        (0..BELIEVED_MS).contains(&now.since(self.time))
    }
}

impl Store {
    /// Returns what the remote has refused within the hour.
    pub(super) fn verdict(&self, name: &str, now: Timestamp) -> Option<Verdict> {
        let lines = self.lines(&self.verdict_file());
        if lines.is_empty() {
            return None;
        }
        let address = self.address();
        let lines = lines.iter().filter_map(|line| Line::read(line));
        let mut found = lines.filter(|line| line.name == name && line.address == address);
        let line = found.find(|line| line.is_believed(now))?;
        Some(Verdict { until: line.time.plus_millis(BELIEVED_MS), outcome: line.outcome })
    }

    /// Notes a refusal.
    pub(super) fn note_refusal(&self, name: &str, outcome: &Outcome, now: Timestamp) {
        let (code, why) = match outcome {
            Outcome::Refused(why) => ("refused", why),
            Outcome::Unauthorised(why) => ("authentication", why),
            _ => return,
        };
        let why = why.replace(['\t', '\n'], " ");
        let mut lines = self.other_verdicts(name, now);
        lines.push(format!("{}\t{}\t{name}\t{code}\t{why}", now.millis(), self.address()));
        self.write_lines(&self.verdict_file(), lines);
    }

    /// Forgets a refusal: the remote has taken it.
    pub(super) fn forget_refusal(&self, name: &str, now: Timestamp) {
        let file = self.verdict_file();
        if !self.lines(&file).is_empty() {
            self.write_lines(&file, self.other_verdicts(name, now));
        }
    }

    /// Returns the lines that are believed and speak of something else.
    fn other_verdicts(&self, name: &str, now: Timestamp) -> Vec<String> {
        let mut lines = self.lines(&self.verdict_file());
        lines.retain(|line| Line::read(line).is_some_and(|line| line.name != name && line.is_believed(now)));
        lines
    }

    fn verdict_file(&self) -> String {
        format!("refused-{}", portable(self.remote.as_deref().unwrap_or_default()))
    }

    /// Returns a mark of where pushes go. A remote that has moved has refused nothing yet.
    fn address(&self) -> String {
        let remote = self.remote.as_deref().unwrap_or_default();
        let url = ["pushurl", "url"].iter().find_map(|key| self.config(&format!("remote.{remote}.{key}")));
        let hash = Sha256::digest(url.as_deref().unwrap_or(remote).as_bytes());
        hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
