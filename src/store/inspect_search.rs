//! Whether the search file says what the texts say.

use std::collections::HashMap;

use gix::ObjectId;

use super::layout::{ISSUES, issue_id};
use super::search_file::SearchFile;
use super::{Store, tree};
use crate::error::Result;
use crate::model::{Issue, IssueId};
use crate::query::{Builder, Dictionary, Finding, Mend, Severity};

impl Store {
    /// Compares the search file with the tree that it was made from.
    ///
    /// # Errors
    /// Environment, where git's files cannot be read.
    pub fn inspect_search_file(&self) -> Result<Vec<Finding>> {
        let path = self.search_path();
        let finding = |severity, message: &str| {
            let remedy = "qp doctor --fix deletes it; the next search makes a new one";
            let finding = Finding::new(severity, "search_file", message, remedy);
            vec![finding.at(path.display().to_string()).mended_by(Mend::DropSearchFile)]
        };
        let Some(file) = self.open_search_file() else {
            let message = "the search file cannot be used and is passed over";
            return Ok(if path.exists() { finding(Severity::Note, message) } else { Vec::new() });
        };
        let Some(tree_id) = file.tree() else {
            return Ok(finding(Severity::Note, "the search file names no tree"));
        };
        if !self.repo.has_object(tree_id) || self.agrees(&file, tree_id)? {
            return Ok(Vec::new());
        }
        Ok(finding(Severity::Error, "the search file disagrees with the branch"))
    }

    /// Makes the index once more, with the same numbers, and compares.
    fn agrees(&self, file: &SearchFile, tree_id: ObjectId) -> Result<bool> {
        let mut files = Vec::new();
        tree::differences(&self.repo, None, Some(tree_id), ISSUES, &mut files)?;
        let blobs = files.iter().filter_map(|d| Some((issue_id(&d.path)?, d.new?)));
        let blobs: HashMap<IssueId, ObjectId> = blobs.collect();
        self.fetch_promised(blobs.values().copied())?;
        let mut builder = Builder::default();
        let ids = file.ids().unwrap_or_default();
        for (document, id) in (0..).zip(&ids) {
            let Some(blob) = blobs.get(id) else { return Ok(false) };
            let Ok(issue) = Issue::read(&self.blob(*blob)?, Some(*id)) else { return Ok(false) };
            builder.add(document, &issue);
        }
        let afresh = builder.finish(Dictionary::default(), &[], &[]).unwrap_or_default();
        let same = |old: Dictionary<'_>| old.terms == afresh.terms && old.lengths == afresh.lengths;
        let lists = file.lists().and_then(|mut lists| lists.all());
        Ok(file.dictionary().is_some_and(same) && lists.is_some_and(|lists| lists == afresh.lists))
    }

    /// Deletes the search file, which costs the next search some time and nothing else.
    pub fn drop_search_file(&self) -> bool {
        std::fs::remove_file(self.search_path()).is_ok()
    }
}
