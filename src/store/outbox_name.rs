//! The names of the files in the outbox, and which of them a new one replaces.
//!
//! A file is named after its session and after the newest commit in it, and is never changed. So two branches of code
//! never have two files of one name, and merging them keeps both: a session may go on in several clones, or on several
//! branches of one. What a new file makes superfluous is removed only where this working tree wrote it, which a note
//! beside it says, and git does not have it yet: what is committed may be pruned elsewhere, and what two sides both move or
//! remove is a conflict for git.

use std::io::Read as _;

use gix::ObjectId;

use super::Store;
use super::bundle::Header;
use super::layout::slug;
use super::outbox::{ENDING, Outbox, regular};

/// Digits of a commit id in a name.
const DIGITS: usize = 9;
/// How the notes end that name a session's file.
const NOTE: &str = ".latest";

/// Returns the name of the file that a session writes.
pub(super) fn file_name(session: &str, tip: ObjectId) -> String {
    format!("{}-{}{ENDING}", stem(session), tip.to_hex_with_len(DIGITS))
}

/// Returns the session that a name speaks of; all of it, where somebody else has named the file.
pub(super) fn session_of(name: &str, tip: Option<ObjectId>) -> &str {
    let name = name.strip_suffix(ENDING).unwrap_or(name);
    let digits = tip.map(|tip| tip.to_hex_with_len(DIGITS).to_string());
    let session = digits.and_then(|digits| name.strip_suffix(digits.as_str())?.strip_suffix('-'));
    session.filter(|session| !session.is_empty()).unwrap_or(name)
}

fn stem(session: &str) -> String {
    Some(slug(session)).filter(|slug| !slug.is_empty()).unwrap_or_else(|| "session".to_owned())
}

impl Store {
    /// Notes which file a session has written, and removes the one before it, which has nothing else. The caller holds the
    /// lock of the outbox. What goes wrong here leaves a file too many.
    pub(super) fn replace_latest(&self, outbox: &Outbox, session: &str, name: &str, new: &Header) {
        let note = format!("{}{NOTE}", stem(session));
        let before = latest(outbox, &note);
        if before.as_deref() == Some(name) {
            return;
        }
        let superfluous = before.filter(|before| self.is_superfluous(outbox, session, before, new));
        if outbox.write(&note, format!("{name}\n").as_bytes()).is_ok()
            && let Some(before) = superfluous
        {
            drop(std::fs::remove_file(outbox.path(&before)));
        }
    }

    /// Tells whether a file has nothing that a new one of the session lacks. One that git has may have been merged, and
    /// pruned elsewhere: it is left to who prunes.
    fn is_superfluous(&self, outbox: &Outbox, session: &str, name: &str, new: &Header) -> bool {
        let Ok(old) = outbox.header(name) else { return false };
        let is_left_out = |commit: &ObjectId| {
            self.contains(old.tip, *commit) && !old.prerequisites.iter().any(|id| self.contains(*id, *commit))
        };
        name == file_name(session, old.tip)
            && old.name == new.name
            && self.contains(new.tip, old.tip)
            && !new.prerequisites.iter().any(is_left_out)
            && !self.is_in_head(name)
    }
}

impl Outbox {
    /// Removes the notes of files that are not there any more. The caller holds the lock.
    pub fn forget_latest(&self) {
        let Ok(entries) = std::fs::read_dir(self.folder()) else { return };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        for note in names.filter(|name| name.ends_with(NOTE)) {
            if latest(self, &note).is_some_and(|name| std::fs::symlink_metadata(self.path(&name)).is_err()) {
                drop(std::fs::remove_file(self.path(&note)));
            }
        }
    }
}

/// Reads a note. It may have come with a checkout, so it names a file of the folder or nothing.
fn latest(outbox: &Outbox, note: &str) -> Option<String> {
    let mut text = String::new();
    regular(&outbox.path(note)).ok()?.take(1024).read_to_string(&mut text).ok()?;
    let name = text.trim_end().to_owned();
    (name.ends_with(ENDING) && !name.contains(['/', '\\', '\0'])).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_session_and_the_commit() {
        let tip = ObjectId::from_hex(b"0123456789abcdef0123456789abcdef01234567").expect("an id");
        for (session, name, read) in [
            ("s1", "s1-012345678.bundle", "s1"),
            ("CON", "con-012345678.bundle", "con"),
            ("a/b c", "a-b-c-012345678.bundle", "a-b-c"),
            ("日本", "session-012345678.bundle", "session"),
        ] {
            assert_eq!(file_name(session, tip), name);
            assert_eq!(session_of(name, Some(tip)), read);
        }
        for name in ["s1.bundle", "s1-01234567.bundle", "012345678.bundle", "-012345678.bundle"] {
            assert_eq!(session_of(name, Some(tip)), name.trim_end_matches(".bundle"));
        }
        assert_eq!(session_of("s1-012345678.bundle", None), "s1-012345678");
    }
}
