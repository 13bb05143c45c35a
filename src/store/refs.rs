//! Reading and swapping refs.
//!
//! gix reads the files backend. In a reftable repository it would see no ref at all, which would look like an
//! empty tracker, so there the git program does it.

use gix::ObjectId;
use gix::refs::transaction::{PreviousValue, RefEdit};

use super::git::Git;
use super::{Store, git_error, room};
use crate::error::{Error, Kind, Result};

/// How a swap ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Swap {
    /// The ref has the new value.
    Done,
    /// Somebody else changed the ref first, or holds its lock.
    Lost,
}

impl Store {
    pub(super) fn uses_reftable(&self) -> bool {
        self.config("extensions.refStorage").is_some_and(|v| v.eq_ignore_ascii_case("reftable"))
    }

    /// Returns the commit that a full ref name points to.
    pub(super) fn read_ref(&self, name: &str) -> Result<Option<ObjectId>> {
        if self.uses_reftable() {
            let output = Git::new(self).args(["rev-parse", "--verify", "--quiet", name]).output()?;
            return Ok(ObjectId::from_hex(output.stdout.trim().as_bytes()).ok());
        }
        let failed = |e: gix::Error| {
            self.lender_is_gone().unwrap_or_else(|| {
                Error::new(Kind::Environment, "bad_ref", format!("{name} cannot be read"))
                    .because(e)
                    .hint("qp doctor")
            })
        };
        let mut found = self.repo.try_find_reference(name).map_err(failed)?;
        if found.is_none() {
            // gix looks at the packed refs first. A `git pack-refs` may have moved the ref there in between.
            // Where there are no packed refs there is nothing to look at again.
            drop(self.repo.refs.force_refresh_packed_buffer());
            found = self.repo.try_find_reference(name).map_err(failed)?;
        }
        let Some(mut reference) = found else { return Ok(None) };
        Ok(Some(reference.peel_to_id().map_err(failed)?.detach()))
    }

    /// Returns the refs whose names begin with `prefix`, which ends with a slash.
    pub(super) fn refs_below(&self, prefix: &str) -> Result<Vec<(String, ObjectId)>> {
        if !self.uses_reftable() {
            let platform = self.repo.references().map_err(git_error("list the refs"))?;
            let refs = platform.prefixed(prefix).map_err(git_error("list the refs"))?.flatten();
            let read = |found: gix::Reference<'_>| {
                Some((found.name().as_bstr().to_string(), found.try_id()?.detach()))
            };
            return Ok(refs.filter_map(read).collect());
        }
        let output =
            Git::new(self).args(["for-each-ref", "--format=%(objectname) %(refname)", prefix]).output()?;
        let read = |line: &str| {
            let (id, name) = line.split_once(' ')?;
            Some((name.to_owned(), ObjectId::from_hex(id.as_bytes()).ok()?))
        };
        Ok(output.stdout.lines().filter_map(read).collect())
    }

    /// Returns what a revision, such as `quipu-sync~3`, names.
    pub(super) fn resolve(&self, spec: &str) -> Option<ObjectId> {
        if self.uses_reftable() {
            let output = Git::new(self).args(["rev-parse", "--verify", "--quiet", spec]).output().ok()?;
            return ObjectId::from_hex(output.stdout.trim().as_bytes()).ok();
        }
        self.repo.rev_parse_single(spec).ok().map(gix::Id::detach)
    }

    /// Sets `name` from `old` (absent: the ref must not exist) to `new`.
    pub(super) fn swap_ref(
        &self,
        name: &str,
        old: Option<ObjectId>,
        new: ObjectId,
        log: &str,
        who: gix::actor::SignatureRef<'_>,
    ) -> Result<Swap> {
        let _sharing = self.sharing();
        if self.uses_reftable() {
            return self.swap_by_git(name, old, new, log, who);
        }
        let expected =
            old.map_or(PreviousValue::MustNotExist, |id| PreviousValue::MustExistAndMatch(id.into()));
        let full = name.try_into().map_err(|_| Error::usage(format!("{name:?} is not a ref")))?;
        let edit = RefEdit::update(full, new, expected, log);
        match self.repo.edit_references_as([edit], Some(who)) {
            Ok(_) => Ok(Swap::Done),
            Err(e) if room::is_full(&e) => {
                Err(room::disk_full(&format!("{name} cannot be written")).because(e))
            }
            Err(e) if is_read_only(&e) => {
                self.take_back_in_reflog(name, old, new, who);
                Err(Error::new(Kind::Environment, "read_only", format!("{name} cannot be written"))
                    .because(e))
            }
            // gix wants this lock even to look a packed ref up; git does not.
            Err(_) if self.common_dir().join("packed-refs.lock").exists() => {
                self.swap_by_git(name, old, new, log, who)
            }
            Err(_) => Ok(Swap::Lost),
        }
    }

    /// Sets a ref of quipu's own, whatever it was. Where gix cannot, for a lock or a log in the way, git does it.
    pub(super) fn set_ref(&self, name: &str, id: ObjectId) -> Result<()> {
        let _sharing = self.sharing();
        if !self.uses_reftable() {
            let full = name.try_into().map_err(|_| Error::usage(format!("{name:?} is not a ref")))?;
            let edit = RefEdit::update(full, id, PreviousValue::Any, "");
            if self.repo.edit_references_as([edit], None).is_ok() {
                return Ok(());
            }
        }
        Git::new(self).args(["update-ref", name, &id.to_string()]).output()?;
        Ok(())
    }

    fn swap_by_git(
        &self,
        name: &str,
        old: Option<ObjectId>,
        new: ObjectId,
        log: &str,
        who: gix::actor::SignatureRef<'_>,
    ) -> Result<Swap> {
        let old = old.unwrap_or_else(|| self.repo.object_hash().null());
        let output = Git::new(self)
            .args(["update-ref", "-m", log, name, &new.to_string(), &old.to_string()])
            .identity(who.name.to_string(), who.email.to_string())
            .output()?;
        if room::told_by_git(&output.stderr) {
            return Err(room::disk_full(&format!("{name} cannot be written")));
        }
        Ok(if output.success { Swap::Done } else { Swap::Lost })
    }
}

/// Tells whether a failure comes from a place that cannot be written, which no retry will change.
pub(super) fn is_read_only(error: &(dyn std::error::Error + 'static)) -> bool {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    io_kind(error).is_some_and(|kind| matches!(kind, PermissionDenied | ReadOnlyFilesystem))
}

/// Tells whether a failure says that the repository must not be written: not that there is no room, and not that it
/// is somebody else's.
pub(super) fn is_locked_away(error: &Error) -> bool {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    let closed = error
        .cause()
        .and_then(io_kind)
        .is_some_and(|kind| matches!(kind, PermissionDenied | ReadOnlyFilesystem));
    closed && ["read_only", "git"].contains(&error.code())
}

/// Returns what the operating system said, where a failure comes from it.
pub(super) fn io_kind(error: &(dyn std::error::Error + 'static)) -> Option<std::io::ErrorKind> {
    let causes = std::iter::successors(Some(error), |e| e.source());
    causes.into_iter().find_map(|e| e.downcast_ref::<std::io::Error>()).map(std::io::Error::kind)
}
