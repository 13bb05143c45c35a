//! Files of the outbox as git has them: on another branch, and in HEAD.

use gix::ObjectId;

use super::bundle::MOST_BYTES;
use super::outbox::{Content, ENDING, FOLDER};
use super::outbox_judge::Source;
use super::{Store, tree};
use crate::error::{Error, Kind, Result};

impl Store {
    /// Reads the outbox in the tree of another branch.
    pub(super) fn outbox_of(&self, branch: &str) -> Result<Vec<Source<'static>>> {
        let tree_id = self.commit_tree(self.commit_of_branch(branch)?)?;
        let names = tree::names(&self.repo, tree_id, &FOLDER.join("/"))?;
        let mut sources = Vec::new();
        for name in names.into_iter().filter(|name| name.ends_with(ENDING)) {
            let Some(id) = self.outbox_blob(tree_id, &name)? else { continue };
            let header = self.repo.find_header(id);
            let is_small = header.is_ok_and(|header| header.size() <= MOST_BYTES as u64);
            let bytes = match self.fetch_promised([id]) {
                Ok(()) if is_small || self.is_partial() => self.blob(id).map_err(|e| e.message().to_owned()),
                Ok(()) => Err("it is too large: it has more than 16 MiB".to_owned()),
                Err(error) => Err(error.message().to_owned()),
            };
            sources.push(Source::Bytes(Content { name, bytes }));
        }
        Ok(sources)
    }

    /// Returns a file of the working tree's outbox as HEAD has it, where that is an intact one. A checkout may have
    /// changed it on its way to the disk: `eol=crlf`, a filter, a download that was cut off.
    pub(super) fn committed_outbox(&self, name: &str) -> Option<Content> {
        let head = self.repo.head_id().ok()?.detach();
        let id = self.outbox_blob(self.commit_tree(head).ok()?, name).ok()??;
        if self.repo.find_header(id).ok()?.size() > MOST_BYTES as u64 {
            return None;
        }
        let content = Content { name: name.to_owned(), bytes: Ok(self.blob(id).ok()?) };
        content.bundle().is_ok().then_some(content)
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
