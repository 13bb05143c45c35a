//! When a remote was last reached, in a disposable file: whoever loses it is told "unknown", nothing more.

use std::path::PathBuf;

use super::Store;
use super::remote_name::portable;
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
        self.replace_private(&self.seen_file(remote), [format!("{}\n", now.millis()).as_bytes()])
    }

    fn seen_file(&self, remote: &str) -> PathBuf {
        self.private_dir().join(format!("seen-{}", portable(remote)))
    }
}
