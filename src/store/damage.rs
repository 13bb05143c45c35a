//! Objects of the newest state that cannot be read. A loss of power leaves files that are empty or torn, and git takes
//! them for what they should be: writing the same content again does not replace them.

use std::collections::HashSet;
use std::path::PathBuf;

use gix::ObjectId;
use gix::objs::Kind;

use super::Store;
use super::inspect::check_failed;
use super::tree_walk::DEEPEST;
use crate::error::Error;
use crate::query::{Finding, Mend, Severity};

/// What to do about it.
const REMEDY: &str = "qp doctor --fix moves it aside and brings back what the remote or the branch's log has";

/// An object that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Damage {
    pub id: ObjectId,
    pub kind: Kind,
    /// Where it stands in the tracker; nothing for the commit and its tree.
    pub path: String,
    /// Its file and how long that is; `None` where there is none.
    pub file: Option<(PathBuf, u64)>,
}

impl Damage {
    /// Tells whether nothing of the tracker can be read without it.
    pub fn blocks(&self) -> bool {
        self.kind != Kind::Blob
    }

    /// Says what is wrong.
    pub fn describe(&self) -> String {
        let what = match self.path.as_str() {
            "" => format!("the {} {}", self.kind, self.id),
            path => format!("the {} {} of {path}", self.kind, self.id),
        };
        match &self.file {
            None => format!("{what} is missing"),
            Some((file, 0)) => format!("{what} cannot be read: {} is empty", file.display()),
            Some((file, _)) => format!("{what} cannot be read: {} is damaged", file.display()),
        }
    }
}

impl Store {
    /// Finds what of the newest state cannot be read: of the local branch and of the remote-tracking one. Then nothing
    /// else can be said of them for certain.
    pub fn inspect_damage(&self) -> Vec<Finding> {
        let finding = |damage: &Damage| {
            let file = damage.file.as_ref()?.0.display().to_string();
            let finding = Finding::new(Severity::Error, "broken_object", damage.describe(), REMEDY);
            Some(finding.at(file).mended_by(Mend::Heal(None)))
        };
        // What is merely missing is found elsewhere.
        let mut found: Vec<Finding> = self.all_damage().iter().filter_map(finding).collect();
        if found.is_empty() {
            found.extend(self.inspect_empty());
            found.extend(self.tip().err().map(|error| self.broken_tip(&error)));
        }
        found
    }

    /// Finds each object once, whichever of the two branches it belongs to.
    pub(super) fn all_damage(&self) -> Vec<Damage> {
        let (mut seen, mut found) = (HashSet::new(), Vec::new());
        for tip in self.raw_tips() {
            self.damage_at(tip, &mut seen, &mut found);
        }
        found
    }

    /// The branch itself cannot be read. Its log knows where it stood.
    fn broken_tip(&self, error: &Error) -> Finding {
        let mut finding = check_failed(error);
        if error.code() != "bad_ref" {
            return finding;
        }
        let path = self.common_dir().join(self.branch_ref());
        if self.has_torn_branch() {
            finding.message = format!("{} is torn: it does not say where the branch stands", path.display());
        }
        let is_readable = |id: &ObjectId| !self.damage(*id).iter().any(Damage::blocks);
        let known = self.branch_log().into_iter().rev().map(|(_, new)| new).find(is_readable);
        let Some(id) = known else { return finding };
        finding.remedy = format!(
            "its log knows where it stood: qp doctor --fix moves it there, as does echo {id} > {}",
            path.display()
        );
        finding.mended_by(Mend::Heal(Some(id.to_string())))
    }

    /// Tells whether the branch has a file of its own that names no commit.
    pub(super) fn has_torn_branch(&self) -> bool {
        let name = self.branch_ref();
        !self.uses_reftable() && self.raw_ref(&name).is_none() && self.common_dir().join(name).is_file()
    }

    /// Empty files of objects that nothing points to yet: a write that makes the same object takes them for it.
    fn inspect_empty(&self) -> Option<Finding> {
        let empty = self.empty_objects();
        let first = empty.first()?.display().to_string();
        let message = match empty.len() {
            1 => format!("{first} is empty: an object that a crash has torn"),
            count => format!("{count} objects were torn by a crash; {first} is empty"),
        };
        let finding = Finding::new(Severity::Warning, "broken_object", message, REMEDY);
        Some(finding.at(first).mended_by(Mend::Heal(None)))
    }

    /// Finds the empty files among the single objects of the repository, whatever they belong to.
    pub(super) fn empty_objects(&self) -> Vec<PathBuf> {
        let list = |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten();
        let folders = list(self.common_dir().join("objects"));
        let folders = folders.filter(|folder| folder.file_name().len() == 2).map(|folder| folder.path());
        let is_empty = |file: &std::fs::DirEntry| file.metadata().is_ok_and(|m| m.is_file() && m.len() == 0);
        let mut found: Vec<PathBuf> = folders.flat_map(list).filter(is_empty).map(|f| f.path()).collect();
        found.sort();
        found
    }

    /// Returns the values of the local and the remote-tracking branch, whether they can be read or not.
    pub(super) fn raw_tips(&self) -> Vec<ObjectId> {
        let names = [Some(self.branch_ref()), self.tracking_ref()];
        names.into_iter().flatten().filter_map(|name| self.raw_ref(&name)).collect()
    }

    /// Returns what a ref says, without a look at what it points to.
    pub(super) fn raw_ref(&self, name: &str) -> Option<ObjectId> {
        if self.uses_reftable() {
            return self.read_ref(name).ok().flatten();
        }
        let reference = self.repo.try_find_reference(name).ok()??;
        reference.target().try_id().map(ToOwned::to_owned)
    }

    /// Finds what of the tracker at a commit cannot be read.
    pub(super) fn damage(&self, commit: ObjectId) -> Vec<Damage> {
        let mut found = Vec::new();
        self.damage_at(commit, &mut HashSet::new(), &mut found);
        found
    }

    fn damage_at(&self, commit: ObjectId, seen: &mut HashSet<ObjectId>, found: &mut Vec<Damage>) {
        if !seen.insert(commit) {
            return;
        }
        match self.commit_tree(commit) {
            Ok(tree) if seen.insert(tree) => self.damage_below(tree, "", seen, found),
            Ok(_) => {}
            Err(_) => found.extend(self.damaged(commit, Kind::Commit, "")),
        }
    }

    fn damage_below(
        &self,
        tree_id: ObjectId,
        path: &str,
        seen: &mut HashSet<ObjectId>,
        found: &mut Vec<Damage>,
    ) {
        let Ok(tree) = self.repo.find_tree(tree_id) else {
            found.extend(self.damaged(tree_id, Kind::Tree, path));
            return;
        };
        for entry in tree.iter().flatten() {
            let id = entry.object_id();
            let (is_tree, is_file) = (entry.mode().is_tree(), entry.mode().is_blob_or_symlink());
            if !seen.insert(id) {
                continue;
            }
            let name = entry.filename();
            let path = if path.is_empty() { name.to_string() } else { format!("{path}/{name}") };
            if is_tree && path.matches('/').count() < DEEPEST {
                self.damage_below(id, &path, seen, found);
            } else if is_file && self.repo.find_object(id).is_err() {
                found.extend(self.damaged(id, Kind::Blob, &path));
            }
        }
    }

    /// In a partial clone, the remote has what is not here.
    fn damaged(&self, id: ObjectId, kind: Kind, path: &str) -> Option<Damage> {
        let file = self.object_path(id);
        let file = std::fs::metadata(&file).ok().map(|metadata| (file, metadata.len()));
        (file.is_some() || !self.is_partial()).then(|| Damage { id, kind, path: path.to_owned(), file })
    }
}
