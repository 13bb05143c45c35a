//! When a remote was last reached, in a disposable file: whoever loses it is told "unknown", nothing more.

use std::io::Write as _;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::redact::redacted;
use super::{Store, slug};
use crate::model::Timestamp;

impl Store {
    /// Returns when the remote was last reached from this clone, where that is known.
    pub fn seen(&self, remote: &str) -> Option<Timestamp> {
        let text = std::fs::read_to_string(self.seen_file(remote)).ok()?;
        text.trim().parse().ok().map(Timestamp::from_millis)
    }

    /// Notes that the remote was reached. A note that cannot be written is not missed.
    pub fn note_seen(&self, remote: &str, now: Timestamp) {
        drop(self.write_seen(remote, now));
    }

    fn write_seen(&self, remote: &str, now: Timestamp) -> std::io::Result<()> {
        let folder = self.private_dir();
        std::fs::create_dir_all(&folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&folder)?;
        writeln!(file, "{}", now.millis())?;
        file.persist(self.seen_file(remote))?;
        Ok(())
    }

    /// A name that is not portable as it is gets a part of its hash, so that no two remotes share a file.
    fn seen_file(&self, remote: &str) -> PathBuf {
        let remote = redacted(remote);
        let plain = slug(&remote);
        let name = if plain == remote {
            plain
        } else {
            let hash = Sha256::digest(remote.as_bytes());
            format!("{plain}-{:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3])
        };
        self.private_dir().join(format!("seen-{name}"))
    }
}
