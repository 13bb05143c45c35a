//! Files of the outbox as git has them: on another branch, and in HEAD.

use gix::ObjectId;

use super::bundle::{Bundle, Header, MOST_BYTES};
use super::outbox::{Content, ENDING, FOLDER};
use super::outbox_judge::Source;
use super::{Store, tree};
use crate::error::{Error, Kind, Result};

impl Store {
    /// Reads the outbox in the tree of another branch.
    pub(super) fn outbox_of(&self, branch: &str) -> Result<Vec<Source<'static>>> {
        let tree_id = self.commit_tree(self.commit_of_branch(branch)?)?;
        let files = self.outbox_blobs(tree_id)?;
        let fetched = self.fetch_promised(files.iter().map(|(_, id)| *id));
        let source = |(name, id): (String, ObjectId)| {
            let header = self.repo.find_header(id);
            let is_small = header.is_ok_and(|header| header.size() <= MOST_BYTES as u64);
            let bytes = match &fetched {
                _ if is_small => self.blob(id).map_err(|e| e.message().to_owned()),
                Ok(()) => Err("it is too large: it has more than 16 MiB".to_owned()),
                Err(error) => Err(error.message().to_owned()),
            };
            Source::Bytes(Content { name, bytes })
        };
        Ok(files.into_iter().map(source).collect())
    }

    /// Returns the files of the outbox in a tree.
    fn outbox_blobs(&self, tree_id: ObjectId) -> Result<Vec<(String, ObjectId)>> {
        let names = tree::names(&self.repo, tree_id, &FOLDER.join("/"))?;
        let mut files = Vec::new();
        for name in names.into_iter().filter(|name| name.ends_with(ENDING)) {
            files.extend(self.outbox_blob(tree_id, &name)?.map(|id| (name, id)));
        }
        Ok(files)
    }

    /// Returns the names of the files that HEAD has and a sparse checkout may leave out.
    pub(super) fn hidden_outbox(&self) -> Vec<String> {
        if !self.is_sparse() {
            return Vec::new();
        }
        let files = self.head_tree().map(|tree_id| self.outbox_blobs(tree_id).unwrap_or_default());
        files.unwrap_or_default().into_iter().map(|(name, _)| name).collect()
    }

    fn head_tree(&self) -> Option<ObjectId> {
        self.commit_tree(self.repo.head_id().ok()?.detach()).ok()
    }

    /// Tells whether HEAD has a file of the outbox.
    pub(super) fn is_in_head(&self, name: &str) -> bool {
        self.head_tree().is_some_and(|tree_id| matches!(self.outbox_blob(tree_id, name), Ok(Some(_))))
    }

    /// Returns a file of the working tree's outbox as HEAD has it, where that is an intact one. A checkout may have
    /// changed it on its way to the disk: `eol=crlf`, a filter, a download that was cut off. Where the header can still be
    /// read, it must be that of the same file.
    pub(super) fn committed_outbox(&self, name: &str, header: Option<&Header>) -> Option<Content> {
        let id = self.outbox_blob(self.head_tree()?, name).ok()??;
        if self.repo.find_header(id).ok()?.size() > MOST_BYTES as u64 {
            return None;
        }
        let content = Content { name: name.to_owned(), bytes: Ok(self.blob(id).ok()?) };
        let is_same = |bundle: Bundle| header.is_none_or(|header| *header == bundle.header);
        content.bundle().is_ok_and(is_same).then_some(content)
    }

    fn outbox_blob(&self, tree_id: ObjectId, name: &str) -> Result<Option<ObjectId>> {
        let found = tree::lookup(&self.repo, tree_id, &format!("{}/{name}", FOLDER.join("/")))?;
        Ok(found.filter(|(_, is_tree)| !is_tree).map(|(id, _)| id))
    }

    fn commit_of_branch(&self, branch: &str) -> Result<ObjectId> {
        let names = [format!("refs/heads/{branch}"), format!("refs/remotes/{branch}")];
        let tracking = self.remote.iter().map(|remote| format!("refs/remotes/{remote}/{branch}"));
        for name in names.into_iter().chain(tracking) {
            if gix::validate::reference::name(name.as_str().into()).is_ok()
                && let Some(id) = self.read_ref(&name)?
            {
                return Ok(id);
            }
        }
        let spec = format!("{branch}^{{commit}}");
        let found = self.repo.rev_parse_single(spec.as_str()).ok().filter(|_| !branch.starts_with('-'));
        found.map(gix::Id::detach).ok_or_else(|| {
            Error::new(Kind::NotFound, "no_such_branch", format!("no branch {branch:?} in this repository"))
                .hint("git fetch, or name the branch")
        })
    }
}
