//! The repairs of `doctor --fix`: those of files on the branch, within its one commit, and those around the tracker.

use gix::ObjectId;

use super::git::Git;
use super::layout::{SETTINGS, attic_file_path, attic_path, issue_id};
use super::redact::one_line;
use super::remote::Deadline;
use super::{Store, Txn};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{Issue, Settings};
use crate::query::Mend;

/// How long git may take to pack, where somebody has asked for it, in milliseconds.
const PATIENCE_MS: u64 = 600_000;

impl Txn<'_> {
    /// Brings back the last version of a file that could be read. The text that cannot be read stays in the attic, under
    /// the time of the commit that brought it; tells whether there was anything to do.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read; invalid, where the old version cannot be written any more.
    pub fn restore(&mut self, path: &str) -> Result<bool> {
        let view = self.view();
        let Some(broken) = view.last_readable(path)? else { return Ok(false) };
        if path == SETTINGS {
            let text = String::from_utf8_lossy(&broken.before);
            let settings = Settings::read(&text).map_err(|e| Error::bug(e.message))?;
            self.put_settings(settings);
        } else {
            let issue = Issue::read(&broken.before, issue_id(path)).map_err(|e| Error::bug(e.message))?;
            self.put_exact(issue)?;
        }
        if let Some(bytes) = view.file(path)? {
            let blob = broken.blob.map(|id| id.to_string()).unwrap_or_default();
            let copy = match issue_id(path) {
                Some(id) => attic_path(id, broken.since, &blob),
                None => attic_file_path(path, broken.since, &blob),
            };
            self.put_file(&copy, Some(bytes));
        }
        Ok(true)
    }
}

impl Store {
    /// Makes a repair that is not one of the content.
    ///
    /// # Errors
    /// Why it could not be made; nothing is half done then.
    pub fn mend(&self, context: &Context, mend: &Mend) -> Result<()> {
        let done = match mend {
            Mend::DropSnapshot => self.drop_snapshot(),
            Mend::DropSearchFile => self.drop_search_file(),
            Mend::DropFile(path) => {
                std::fs::remove_file(path).map_err(|e| failed(&format!("{path} cannot be deleted: {e}")))?;
                true
            }
            Mend::DropRefs(folder) => self.drop_refs(folder)?,
            Mend::SetAside(_) => self.set_old_lock_aside(context.now())?,
            Mend::FreeMaintenance(_) => self.free_maintenance(context.now())?,
            Mend::Keep { commit, name } => self.keep_commit(commit, name)?,
            Mend::Follow(folder) => self.follow_checkout(folder.as_ref())?,
            Mend::Fetch(missing) => {
                self.fetch_promised(missing.iter().filter_map(|id| ObjectId::from_hex(id.as_bytes()).ok()))?;
                true
            }
            // The first of several has taken them all away.
            Mend::PruneOutbox(name) => {
                self.prune_outbox()?;
                !self.outbox()?.iter().any(|file| file.name == *name)
            }
            // What can be done about it comes before everything else.
            Mend::Heal(_) => return Err(failed("there is nothing here that could take its place")),
            Mend::Pack => {
                self.pack_loose(Deadline::after(PATIENCE_MS))?;
                self.too_many_loose().is_none()
            }
            Mend::State(..)
            | Mend::Unlink(..)
            | Mend::Rename(_)
            | Mend::Release(_)
            | Mend::Restore { .. } => {
                return Err(Error::bug("a repair of the content is a commit"));
            }
        };
        if done { Ok(()) } else { Err(self.refused()) }
    }

    /// Says why a repair may have failed, of which nothing else is known.
    fn refused(&self) -> Error {
        match self.is_locked_away() {
            true => failed(&format!("{} cannot be written", self.common_dir().display())),
            false => failed("it has changed meanwhile, or another program is at it"),
        }
    }

    /// Deletes refs, each if it is still what it was a moment ago.
    fn drop_refs(&self, folder: &str) -> Result<bool> {
        let lines: String =
            self.refs_below(folder)?.iter().map(|(name, id)| format!("delete {name} {id}\n")).collect();
        let output = Git::new(self).args(["update-ref", "--stdin"]).input(lines).output()?;
        if output.success {
            return Ok(true);
        }
        let why = output.stderr.lines().next().unwrap_or("git does not say why");
        Err(failed(&format!("git cannot delete them: {}", one_line(why.trim_start_matches("fatal: ")))))
    }

    fn keep_commit(&self, commit: &str, name: &str) -> Result<bool> {
        let Ok(id) = ObjectId::from_hex(commit.as_bytes()) else { return Ok(false) };
        self.set_ref(name, id)?;
        Ok(self.read_ref(name)? == Some(id))
    }
}

fn failed(why: &str) -> Error {
    Error::new(Kind::Environment, "not_mended", why.to_owned())
}
