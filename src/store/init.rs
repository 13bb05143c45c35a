//! Starting a tracker: the constant root commit and the first settings.

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use super::layout::SETTINGS;
use super::message::Message;
use super::patience::Patience;
use super::refs::Swap;
use super::{Author, Store, git_error};
use crate::context::Context;
use crate::error::Result;
use crate::model::Settings;

/// The second of the root commit: 2026-01-01T00:00:00Z. With everything else of it fixed too, two clones that
/// both ran `init` before they met share a history.
const ROOT_SECONDS: &str = "1767225600 +0000";
/// The settings in the root commit. They stay what they are when the format grows.
const ROOT_SETTINGS: &str = "format: 1\n";

/// What `init` found or did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Initialised {
    /// A tracker was started.
    Created,
    /// There was one already.
    Existing,
}

impl Store {
    /// Starts a tracker, unless there is one, here or on the remote-tracking branch.
    ///
    /// # Errors
    /// Environment, where the repository cannot be written.
    pub fn init(&self, context: &Context, author: &Author, prefix: &str) -> Result<Initialised> {
        self.check_owner()?;
        if self.tip()?.is_some() {
            return Ok(Initialised::Existing);
        }
        let _lock = self.lock()?;
        let store = self.reopen()?;
        if store.tip()?.is_some() {
            return Ok(Initialised::Existing);
        }
        store.check_way()?;
        let root_id = store.write_root()?;
        let settings_tree_id = store.settings_tree(&Settings::new(prefix))?;
        let now = context.now();
        let mut message =
            Message { subject: format!("init: tracker with prefix {prefix}"), ..Message::default() };
        message.add("Quipu-Op", &context.fresh_id().to_string());
        message.add("Quipu-Time", &now.millis().to_string());
        message.add("Quipu-Command", "init");
        message.add("Quipu-Actor", &author.actor);
        message.add("Quipu-Session", &author.session);
        let time = format!("{} +0000", now.millis().div_euclid(1000));
        let signature = author.signature(&time);
        let commit_id = store.write_commit(settings_tree_id, &[root_id], signature, &message.write())?;
        let mut patience = Patience::new();
        loop {
            store.begin_swap(None, commit_id);
            match store.swap_ref(&store.branch_ref(), None, commit_id, "qp: init", signature)? {
                Swap::Done => return Ok(Initialised::Created),
                Swap::Lost if store.reopen()?.tip()?.is_some() => return Ok(Initialised::Existing),
                Swap::Lost => patience.another_attempt(&store, now)?,
            }
        }
    }

    /// Writes the root commit, the same in every tracker.
    pub(super) fn write_root(&self) -> Result<ObjectId> {
        let tree_id = self.tree_with_settings(ROOT_SETTINGS.as_bytes())?;
        let signature = gix::actor::SignatureRef {
            name: "quipu".into(),
            email: "quipu@quipu.invalid".into(),
            time: ROOT_SECONDS,
        };
        self.write_commit(tree_id, &[], signature, "quipu\n")
    }

    fn settings_tree(&self, settings: &Settings) -> Result<ObjectId> {
        self.tree_with_settings(settings.write().as_bytes())
    }

    fn tree_with_settings(&self, content: &[u8]) -> Result<ObjectId> {
        let blob_id = self.repo.write_blob(content).map_err(git_error("write to the repository"))?;
        let empty = self.repo.empty_tree().id;
        let mut editor = self.repo.edit_tree(empty).map_err(git_error("edit a tree"))?;
        editor.upsert(SETTINGS, EntryKind::Blob, blob_id).map_err(git_error("edit a tree"))?;
        Ok(editor.write().map_err(git_error("write to the repository"))?.detach())
    }
}
