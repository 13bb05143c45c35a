//! The memories on the branch: short notes that outlive a session, a file each. They merge as a whole.

use super::layout::MEMORIES;
use super::{Txn, View, tree};
use crate::error::Result;
use crate::model::MAX_FILE;

/// A note and the key it is kept under.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Memory {
    /// The name of its file, without the ending.
    pub key: String,
    /// What it says, as the file has it.
    pub text: String,
}

impl View {
    /// Returns all memories, in the order of their keys.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn memories(&self) -> Result<Vec<Memory>> {
        let mut found = Vec::new();
        for name in self.names(MEMORIES)? {
            let Some(key) = name.strip_suffix(".md").filter(|key| !key.is_empty()) else { continue };
            let Some(blob_id) = tree::file(&self.store().repo, self.tree_id, &path(key))? else { continue };
            // No command writes a larger one; doctor tells of it.
            if let Ok(bytes) = self.store().blob_within(blob_id, MAX_FILE as u64)? {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                found.push(Memory { key: key.to_owned(), text });
            }
        }
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }
}

impl Txn<'_> {
    /// Writes or (with `None`) deletes a memory. `key` is one that a memory has, or a slug.
    pub fn put_memory(&mut self, key: &str, text: Option<&str>) {
        // As an import writes it: without an end that the text does not have, so that both are the same file.
        self.put_file(&path(key), text.map(|text| text.as_bytes().to_owned()));
    }
}

fn path(key: &str) -> String {
    format!("{MEMORIES}/{key}.md")
}
