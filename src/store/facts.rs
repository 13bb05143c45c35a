//! What a commit says, as far as it can be read. Anybody may have written it: a date that is none must not make the
//! whole branch unreadable.

use gix::ObjectId;

use super::message::Message;
use crate::model::Timestamp;

/// A commit, taken apart.
pub(super) struct CommitFacts {
    pub tree: ObjectId,
    pub parents: Vec<ObjectId>,
    /// The author's name, and when that was, in seconds; nothing and 0 where that cannot be read.
    pub author: String,
    pub written: i64,
    /// When it was committed, in seconds.
    pub committed: i64,
    pub message: Message,
}

impl CommitFacts {
    /// Reads a commit. Only the tree must be there.
    pub fn read(commit: &gix::Commit<'_>) -> Result<Self, gix::Error> {
        let tree = commit.tree_id()?.detach();
        let parents = commit.parent_ids().map(gix::Id::detach).collect();
        let text = String::from_utf8_lossy(&commit.data);
        let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
        let line = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let seconds = |line: Option<&str>| {
            let after = line.and_then(|line| line.rsplit_once("> "))?.1;
            after.split(' ').next()?.parse().ok()
        };
        let author = line("author");
        let name = author.and_then(|line| line.split_once(" <")).map_or("", |(name, _)| name);
        Ok(CommitFacts {
            tree,
            parents,
            author: name.trim().to_owned(),
            written: seconds(author).unwrap_or_default(),
            committed: seconds(line("committer")).unwrap_or_default(),
            message: Message::parse(message),
        })
    }

    /// Returns when it was written: by its trailer, else by its author's clock.
    pub fn time(&self) -> Timestamp {
        let written = || Timestamp::from_millis(self.written.saturating_mul(1000));
        self.message.time().unwrap_or_else(written)
    }
}
