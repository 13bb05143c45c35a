//! What a clone remembers from one sync to the next, in small files of its own: claims that are to leave the remote,
//! and claims that were lost and whose holder has not been told. Whoever loses these files loses a hint, nothing else.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gix::ObjectId;

use super::Store;
use super::remote_name::portable;
use crate::model::{Holder, IssueId};

/// Lines that are kept at most.
const MOST: usize = 1000;

/// A claim that somebody in this clone held and lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LostClaim {
    /// The issue.
    pub id: IssueId,
    /// Who held it.
    pub holder: Holder,
    /// What became of it, such as `claimed by bob`.
    pub to: String,
}

impl Store {
    /// Returns the claims that are to leave the remote.
    pub(super) fn leaving(&self) -> BTreeMap<IssueId, ObjectId> {
        let read = |line: &String| {
            let (id, token) = line.split_once('\t')?;
            Some((IssueId::parse(id)?, ObjectId::from_hex(token.as_bytes()).ok()?))
        };
        self.lines(&self.leaving_file()).iter().filter_map(read).collect()
    }

    /// Notes that claims are to leave the remote.
    pub(super) fn note_leaving(&self, claims: impl IntoIterator<Item = (IssueId, ObjectId)>) {
        let mut leaving = self.leaving();
        leaving.extend(claims);
        self.write_leaving(&leaving);
    }

    /// Forgets those that have left.
    pub(super) fn forget_leaving(&self, gone: impl IntoIterator<Item = IssueId>) {
        let mut leaving = self.leaving();
        let before = leaving.len();
        gone.into_iter().for_each(|id| leaving.retain(|known, _| *known != id));
        if leaving.len() < before {
            self.write_leaving(&leaving);
        }
    }

    fn write_leaving(&self, leaving: &BTreeMap<IssueId, ObjectId>) {
        let lines = leaving.iter().map(|(id, token)| format!("{id}\t{token}")).collect();
        self.write_lines(&self.leaving_file(), lines);
    }

    /// Each remote has its own: what is sent to one says nothing of another.
    fn leaving_file(&self) -> String {
        format!("claims-leaving-{}", portable(self.remote.as_deref().unwrap_or_default()))
    }

    /// Notes lost claims for their holders, whose next sync says so.
    pub fn note_lost(&self, lost: &[LostClaim]) {
        if lost.is_empty() {
            return;
        }
        let line = |lost: &LostClaim| {
            let words = [&lost.id.to_string(), &lost.holder.actor, &lost.holder.session, &lost.to];
            words.map(|word| word.replace(['\t', '\n'], " ")).join("\t")
        };
        let mut lines = self.lines("claims-lost");
        let new: Vec<String> = lost.iter().map(line).filter(|line| !lines.contains(line)).collect();
        lines.extend(new);
        self.write_lines("claims-lost", lines);
    }

    /// Takes the notes that are for `holder`.
    pub(super) fn take_lost(&self, holder: &Holder) -> Vec<LostClaim> {
        let lines = self.lines("claims-lost");
        let read = |line: &String| {
            let words: Vec<&str> = line.split('\t').collect();
            let [id, actor, session, to] = words[..] else { return None };
            let holder = Holder { actor: actor.to_owned(), session: session.to_owned() };
            Some(LostClaim { id: IssueId::parse(id)?, holder, to: to.to_owned() })
        };
        let is_for = |line: &String| read(line).is_some_and(|lost| lost.holder == *holder);
        let (mine, others): (Vec<String>, Vec<String>) = lines.into_iter().partition(is_for);
        if !mine.is_empty() {
            self.write_lines("claims-lost", others);
        }
        mine.iter().filter_map(read).collect()
    }

    fn note_file(&self, name: &str) -> PathBuf {
        self.private_dir().join(name)
    }

    /// Reads one of these files.
    pub(super) fn lines(&self, name: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.note_file(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Writes one of these files, where that is possible. Without lines there is none.
    pub(super) fn write_lines(&self, name: &str, mut lines: Vec<String>) {
        lines.drain(..lines.len().saturating_sub(MOST));
        drop(self.try_write_lines(name, &lines));
    }

    fn try_write_lines(&self, name: &str, lines: &[String]) -> std::io::Result<()> {
        let path = self.note_file(name);
        if lines.is_empty() {
            return std::fs::remove_file(path);
        }
        self.replace_private(&path, lines.iter().flat_map(|line| [line.as_bytes(), b"\n"]))
    }
}
