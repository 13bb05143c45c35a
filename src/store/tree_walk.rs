//! Walking trees that anybody may have pushed: folders that stand in each other without end, that hold a million names,
//! or that hold each other ten times over, so that a few objects become more paths than there is memory.
//!
//! What is beyond the bounds belongs to nobody's tracker and is left out; `qp doctor` says so. An issue in its place is
//! always found, because there can be no more of these than names that were sent.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use super::git_error;
use super::layout::issue_id;
use super::tree::Difference;
use crate::error::Result;

/// So many folders may stand in each other. The attic adds two to the path of a file.
pub(super) const DEEPEST: usize = 32;
/// So many names that are not those of issues are looked at in one walk.
pub(super) const MOST_NAMES: usize = 300_000;
/// The longest tree that is read, in bytes: some 400,000 issues in one folder, and there are 1024 folders.
pub(super) const LONGEST_TREE: u64 = 32 << 20;

/// Names in a tree that is kept during a walk, and how many of these are.
const SHORT: usize = 64;
const MOST_SHORT: usize = 4096;

/// One entry of a tree.
pub(super) struct Entry {
    pub name: String,
    pub id: ObjectId,
    pub is_tree: bool,
}

/// Tells whether git itself would make an entry of this name. Another may lead out of a folder or stand for two.
fn is_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.eq_ignore_ascii_case(".git") && !name.contains(['/', '\0'])
}

/// Tells whether every git writes an entry of this name and every system a file.
pub(super) fn is_portable(name: &str) -> bool {
    let options = gix::validate::path::component::Options {
        protect_windows: true,
        protect_hfs: true,
        protect_ntfs: true,
    };
    is_name(name) && gix::validate::path::component(name.into(), None, options).is_ok()
}

/// Tells whether an object is a tree that can be read; one that is missing is an error.
fn is_readable(repo: &gix::Repository, id: ObjectId) -> Result<bool> {
    let header = repo.find_header(id).map_err(git_error("read a tree"))?;
    Ok(header.kind() == gix::objs::Kind::Tree && header.size() <= LONGEST_TREE)
}

/// Reads a tree, in the order of the names. Names that are not UTF-8 or that git would not make, links and submodules
/// are not ours and are left out, and so is a second entry of the same name.
pub(super) fn entries(repo: &gix::Repository, tree_id: ObjectId) -> Result<Vec<Entry>> {
    if !is_readable(repo, tree_id)? {
        return Ok(Vec::new());
    }
    let tree = repo.find_tree(tree_id).map_err(git_error("read a tree"))?;
    let mut found = Vec::new();
    for entry in tree.iter() {
        let entry = entry.map_err(git_error("read a tree"))?;
        let is_tree = match entry.mode().kind() {
            EntryKind::Tree => true,
            EntryKind::Blob | EntryKind::BlobExecutable => false,
            EntryKind::Link | EntryKind::Commit => continue,
        };
        if let Some(name) = std::str::from_utf8(entry.filename()).ok().filter(|name| is_name(name)) {
            found.push(Entry { name: name.to_owned(), id: entry.object_id(), is_tree });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.dedup_by(|later, first| later.name == first.name);
    Ok(found)
}

/// Returns a path with one more name.
fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

/// A walk through two trees at once.
pub(super) struct Walk<'w> {
    repo: &'w gix::Repository,
    found: &'w mut Vec<Difference>,
    /// How many names that are not those of issues may still come.
    left: usize,
    /// What was compared already. Once nothing may come any more, it is not compared again.
    seen: HashSet<(Option<ObjectId>, Option<ObjectId>)>,
    /// Short trees: what holds itself many times over is not unpacked as often.
    short: HashMap<ObjectId, Rc<Vec<Entry>>>,
}

impl<'w> Walk<'w> {
    pub fn new(repo: &'w gix::Repository, found: &'w mut Vec<Difference>) -> Self {
        Walk { repo, found, left: MOST_NAMES, seen: HashSet::new(), short: HashMap::new() }
    }

    fn list(&mut self, tree: Option<ObjectId>) -> Result<Rc<Vec<Entry>>> {
        let Some(id) = tree else { return Ok(Rc::default()) };
        if let Some(known) = self.short.get(&id) {
            return Ok(Rc::clone(known));
        }
        let read = Rc::new(entries(self.repo, id)?);
        if read.len() <= SHORT && self.short.len() < MOST_SHORT {
            self.short.insert(id, Rc::clone(&read));
        }
        Ok(read)
    }

    /// Finds the files that differ. Either tree may be absent.
    pub fn differences(&mut self, old: Option<ObjectId>, new: Option<ObjectId>, path: &str) -> Result<()> {
        if old == new || path.matches('/').count() >= DEEPEST {
            return Ok(());
        }
        if !self.seen.insert((old, new)) && self.left == 0 {
            return Ok(());
        }
        let (old, new) = (self.list(old)?, self.list(new)?);
        let (mut a, mut b) = (old.iter().peekable(), new.iter().peekable());
        loop {
            let (left, right) = match (a.peek(), b.peek()) {
                (None, None) => return Ok(()),
                (Some(l), Some(r)) if l.name == r.name => (a.next(), b.next()),
                (Some(l), Some(r)) if l.name > r.name => (None, b.next()),
                (None, Some(_)) => (None, b.next()),
                (Some(_), _) => (a.next(), None),
            };
            if left.map(|e| (e.id, e.is_tree)) != right.map(|e| (e.id, e.is_tree)) {
                self.entry(left, right, path)?;
            }
        }
    }

    /// Takes an entry that differs.
    fn entry(&mut self, left: Option<&Entry>, right: Option<&Entry>, folder: &str) -> Result<()> {
        let path = below(folder, &left.or(right).expect("one of them is there").name);
        let is_spent = self.left == 0;
        let is_issue = issue_id(&path).is_some();
        if !is_issue {
            self.left = self.left.saturating_sub(1);
        }
        let trees = |e: Option<&Entry>| e.filter(|e| e.is_tree).map(|e| e.id);
        let files = |e: Option<&Entry>| e.filter(|e| !e.is_tree).map(|e| e.id);
        if files(left) != files(right) && (is_issue || !is_spent) {
            self.found.push(Difference { path: path.clone(), old: files(left), new: files(right) });
        }
        self.differences(trees(left), trees(right), &path)
    }
}

/// What is no file of anybody's, and why: links, submodules, names that no git makes, and what no walk enters.
pub(super) struct Oddities<'w> {
    repo: &'w gix::Repository,
    left: usize,
    seen: HashSet<ObjectId>,
    /// (path, what it is)
    pub found: Vec<(String, &'static str)>,
    /// Whether there was more than is looked at.
    pub is_cut: bool,
}

impl<'w> Oddities<'w> {
    pub fn new(repo: &'w gix::Repository) -> Self {
        Oddities { repo, left: MOST_NAMES, seen: HashSet::new(), found: Vec::new(), is_cut: false }
    }

    /// Looks at a tree and everything in it, and at one that stands in several places once.
    pub fn look(&mut self, tree_id: ObjectId, path: &str) -> Result<()> {
        if path.matches('/').count() >= DEEPEST {
            self.found.push((path.to_owned(), "a folder too deep in others to be entered"));
            return Ok(());
        }
        if !self.seen.insert(tree_id) {
            return Ok(());
        }
        if !is_readable(self.repo, tree_id)? {
            self.found.push((path.to_owned(), "a folder too long to be read"));
            return Ok(());
        }
        let tree = self.repo.find_tree(tree_id).map_err(git_error("read a tree"))?;
        let mut names = HashSet::new();
        for entry in tree.iter() {
            let entry = entry.map_err(git_error("read a tree"))?;
            self.left = self.left.saturating_sub(1);
            let name = String::from_utf8_lossy(entry.filename());
            let path = below(path, &name);
            let is_text = std::str::from_utf8(entry.filename()).is_ok();
            let what = match entry.mode().kind() {
                EntryKind::Link => "a symbolic link",
                EntryKind::Commit => "a submodule",
                _ if !is_text => "a file whose name is not UTF-8",
                _ if !is_name(&name) => "a name that git does not make",
                _ if !names.insert(entry.filename().to_owned()) => "there twice",
                EntryKind::Tree => {
                    self.look(entry.object_id(), &path)?;
                    continue;
                }
                EntryKind::Blob | EntryKind::BlobExecutable => continue,
            };
            if self.left > 0 {
                self.found.push((path, what));
            } else {
                self.is_cut = true;
            }
        }
        Ok(())
    }
}
