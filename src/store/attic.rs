//! The attic: the files that lost a merge, and what the merges say of them.

use std::collections::HashMap;

use gix::ObjectId;

use super::layout::{ATTIC, attic_folder, copy_path, issue_id};
use super::lost::Lost;
use super::{View, git_error, tree};
use crate::error::Result;
use crate::model::{IssueId, Timestamp};

/// One losing copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AtticEntry {
    /// Where it is kept on the branch.
    pub path: String,
    /// The path that the file had.
    pub original: String,
    /// When it was written.
    pub time: Timestamp,
    /// The object of its content, in hexadecimal.
    pub blob: String,
}

impl AtticEntry {
    /// Returns the issue, where it is the copy of one.
    pub fn issue_id(&self) -> Option<IssueId> {
        issue_id(&self.original)
    }
}

/// What the history says of a losing copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LostRecord {
    /// What the merge said.
    pub lost: Lost,
    /// The merge, in hexadecimal.
    pub merge: String,
    /// Who wrote the losing version, where that commit is here.
    pub actor: Option<String>,
    /// By which command.
    pub command: Option<String>,
}

impl View {
    /// Returns everything in the attic, the last written first. One look into the tree where there is none.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn attic(&self) -> Result<Vec<AtticEntry>> {
        self.attic_below(ATTIC)
    }

    /// Returns the losing copies of an issue, as [`View::attic`] does, looking at nothing else.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn attic_of(&self, id: IssueId) -> Result<Vec<AtticEntry>> {
        self.attic_below(&attic_folder(id))
    }

    fn attic_below(&self, folder: &str) -> Result<Vec<AtticEntry>> {
        let repo = &self.store().repo;
        let Some((folder_id, true)) = tree::lookup(repo, self.tree_id, folder)? else {
            return Ok(Vec::new());
        };
        let mut files = Vec::new();
        tree::differences(repo, None, Some(folder_id), folder, &mut files)?;
        let entry = |file: tree::Difference| {
            let copy = copy_path(&file.path)?;
            let blob = file.new?.to_string();
            Some(AtticEntry { path: file.path, original: copy.original, time: copy.time, blob })
        };
        let mut found: Vec<AtticEntry> = files.into_iter().filter_map(entry).collect();
        found.sort_by(|a, b| b.time.cmp(&a.time).then_with(|| a.path.cmp(&b.path)));
        Ok(found)
    }

    /// Returns the content of a losing copy.
    ///
    /// # Errors
    /// Environment, where the object is missing.
    pub fn attic_content(&self, entry: &AtticEntry) -> Result<Vec<u8>> {
        self.store().blob(object_id(&entry.blob)?)
    }

    /// Finds what the newest merge that names it says of each entry. The history is walked no further than it
    /// takes; where it is cut off, or the merge said nothing, there is `None`.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn attic_lost(&self, entries: &[AtticEntry]) -> Result<Vec<Option<LostRecord>>> {
        let mut wanted: HashMap<&str, usize> =
            entries.iter().enumerate().map(|(at, entry)| (entry.path.as_str(), at)).collect();
        let mut found = vec![None; entries.len()];
        if wanted.is_empty() {
            return Ok(found);
        }
        self.store().walk(self.commit_id, |commit| {
            if commit.is_merge() {
                for lost in Lost::all(&commit.message) {
                    if let Some(at) = wanted.remove(lost.path.as_str()) {
                        found[at] = Some(self.lost_record(lost, &commit.commit));
                    }
                }
            }
            Ok(!wanted.is_empty())
        })?;
        Ok(found)
    }

    /// Anybody may have written the trailer: a losing commit that cannot be read is one that is not here.
    fn lost_record(&self, lost: Lost, merge: &str) -> LostRecord {
        let repo = &self.store().repo;
        let id = ObjectId::from_hex(lost.commit.as_bytes()).ok().filter(|id| repo.has_object(*id));
        let writer = id.and_then(|id| self.store().entry(id).ok());
        LostRecord {
            actor: writer.as_ref().map(|entry| entry.actor().to_owned()),
            command: writer.and_then(|entry| entry.message.get("Quipu-Command").map(str::to_owned)),
            merge: merge.to_owned(),
            lost,
        }
    }
}

fn object_id(hex: &str) -> Result<ObjectId> {
    ObjectId::from_hex(hex.as_bytes()).map_err(git_error("read an object id"))
}
