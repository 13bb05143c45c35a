//! Searching the texts of all issues. What the search file knows is not read again; files that differ from the tree
//! it was made from are, and once they are many the file is written anew.

use std::collections::HashSet;

use gix::ObjectId;

use super::cache_changes::WORTH_A_SNAPSHOT;
use super::layout::{ISSUES, issue_id};
use super::search_file::{NewSearchFile, SearchFile};
use super::tree::{self, Difference};
use super::{Store, View};
use crate::error::{Error, Result};
use crate::model::{Issue, IssueId};
use crate::query::{Builder, Dictionary, Words};

/// The search file is written anew once one in so many files differs from it, and no less than [`WORTH_A_SNAPSHOT`].
const STALE_PART: usize = 500;

/// An issue that was found: its position, and where the words stand.
pub type Match = (usize, Vec<&'static str>);

/// A search file that is used, and what it lacks.
struct Start {
    file: SearchFile,
    ids: Vec<IssueId>,
    /// Files that are others by now.
    differing: Vec<Difference>,
    /// Their issues.
    stale: HashSet<IssueId>,
}

impl View {
    /// Finds the issues that have all of the words, of those that `select` takes; in order.
    ///
    /// # Errors
    /// Environment, where an object is missing.
    pub fn search(&self, words: &Words, select: impl Fn(usize) -> bool) -> Result<Vec<Match>> {
        let issues = tree::lookup(&self.store().repo, self.tree_id, ISSUES)?;
        let issues = issues.and_then(|(id, is_tree)| is_tree.then_some(id));
        let start = self.search_start(issues);
        let known = start.as_ref().and_then(|start| self.search_known(start, words, &select));
        // A file that turns out to be torn is as good as none.
        let (start, mut found) =
            start.zip(known).map_or_else(Default::default, |(s, found)| (Some(s), found));
        self.search_rest(issues, start, words, &select, &mut found)?;
        found.sort_by_key(|(position, _)| *position);
        Ok(found)
    }

    /// Opens the search file and compares its tree with this one. Together with what differs it must know every
    /// issue; where it does not, it is of no use.
    fn search_start(&self, issues: Option<ObjectId>) -> Option<Start> {
        let store = self.store();
        let file = store.open_search_file()?;
        let (old, ids) = (file.tree()?, file.ids()?);
        let mut differing = Vec::new();
        if Some(old) != issues {
            // A tree that has been collected cannot be compared.
            tree::differences(&store.repo, Some(old), issues, ISSUES, &mut differing).ok()?;
        }
        let stale: HashSet<IssueId> = differing.iter().filter_map(|d| issue_id(&d.path)).collect();
        let gone = if stale.is_empty() { 0 } else { ids.iter().filter(|id| stale.contains(id)).count() };
        let fresh = stale.iter().filter(|id| self.tracker.position(**id).is_some()).count();
        let complete = ids.len() - gone + fresh == self.tracker.rows.len();
        complete.then_some(Start { file, ids, differing, stale })
    }

    /// Asks the search file about all issues that have not changed since; `None` where it is torn.
    fn search_known(
        &self,
        start: &Start,
        words: &Words,
        select: impl Fn(usize) -> bool,
    ) -> Option<Vec<Match>> {
        let named = words.named(&self.tracker);
        let mut lists = start.file.lists()?;
        let dictionary = start.file.dictionary()?;
        let stands = dictionary.look_up(words, start.ids.len(), |range| lists.get(range))?;
        let mut found = Vec::new();
        for (document, id) in start.ids.iter().enumerate() {
            let stand = |word: usize| {
                let ids: &HashSet<IssueId> = &named[word];
                (!ids.is_empty() && ids.contains(id), stands[word][document])
            };
            let Some(places) = words.join(stand) else { continue };
            if !start.stale.contains(id) {
                let position = self.tracker.position(*id)?;
                found.extend(select(position).then_some((position, places)));
            }
        }
        Some(found)
    }

    /// Reads what the search file does not know, or everything where there is none.
    fn search_rest(
        &self,
        issues: Option<ObjectId>,
        start: Option<Start>,
        words: &Words,
        select: impl Fn(usize) -> bool,
        found: &mut Vec<Match>,
    ) -> Result<()> {
        let store = self.store();
        let mut all = Vec::new();
        let differing = match &start {
            Some(start) => &start.differing,
            None => {
                tree::differences(&store.repo, None, issues, ISSUES, &mut all)?;
                &all
            }
        };
        let mut renewal = self.renewal(start.as_ref(), differing.len());
        let readable = |d: &Difference| Some((self.tracker.position(issue_id(&d.path)?)?, d.new?));
        let changed: Vec<(usize, ObjectId)> = differing.iter().filter_map(readable).collect();
        if renewal.is_some() {
            store.fetch_promised(changed.iter().map(|(_, blob)| *blob))?;
        }
        for (position, blob) in changed {
            let places = match &mut renewal {
                Some(renewal) => {
                    let issue = self.read_issue(position, blob)?;
                    renewal.add(&issue);
                    // Looked for before it is selected: that takes the front matter, which most need not decode.
                    words.places(&self.tracker.key(position), &issue).filter(|_| select(position))
                }
                None if select(position) => self.search_one(position, words)?,
                None => None,
            };
            found.extend(places.map(|places| (position, places)));
        }
        if let (Some(renewal), Some(tree)) = (renewal, issues) {
            renewal.finish(store, tree, start.as_ref());
        }
        Ok(())
    }

    fn read_issue(&self, position: usize, blob: ObjectId) -> Result<Issue> {
        let bytes = self.store().blob(blob)?;
        Issue::read(&bytes, Some(self.tracker.rows.id(position))).map_err(|e| {
            Error::bug(format!("{} was readable before: {}", self.tracker.key(position), e.message))
        })
    }

    /// Looks at key, title and labels first, which are at hand.
    fn search_one(&self, position: usize, words: &Words) -> Result<Option<Vec<&'static str>>> {
        let key = self.tracker.key(position);
        match words.places_in_front(&key, self.tracker.front(position)) {
            Some(places) => Ok(Some(places)),
            None => Ok(words.places(&key, &self.issue(position)?)),
        }
    }

    /// Begins a new search file, where enough differs and one can be written. A look at the past writes none.
    fn renewal(&self, start: Option<&Start>, differing: usize) -> Option<Renewal> {
        let known = start.map_or(0, |start| start.ids.len());
        let worth = self.tip.is_some() && differing >= WORTH_A_SNAPSHOT.max(known / STALE_PART);
        worth.then(|| Renewal::begin(self.store(), start)).flatten()
    }
}

/// A search file in the making.
struct Renewal {
    file: NewSearchFile,
    /// The new documents of the old ones.
    numbers: Vec<Option<u32>>,
    /// The issue of each new document.
    ids: Vec<IssueId>,
    builder: Builder,
}

impl Renewal {
    fn begin(store: &Store, start: Option<&Start>) -> Option<Self> {
        let file = store.new_search_file()?;
        let (mut numbers, mut ids) = (Vec::new(), Vec::new());
        for id in start.iter().flat_map(|start| &start.ids) {
            let kept = start.is_some_and(|start| !start.stale.contains(id));
            numbers.push(if kept { Some(u32::try_from(ids.len()).ok()?) } else { None });
            ids.extend(kept.then_some(*id));
        }
        Some(Renewal { file, numbers, ids, builder: Builder::default() })
    }

    fn add(&mut self, issue: &Issue) {
        let document = u32::try_from(self.ids.len()).expect("a tracker has fewer issues than numbers");
        self.ids.push(issue.front.id);
        self.builder.add(document, issue);
    }

    fn finish(self, store: &Store, tree: ObjectId, start: Option<&Start>) {
        let (old, lists) = match start {
            Some(Start { file, .. }) => (file.dictionary(), file.lists().and_then(|mut lists| lists.all())),
            None => (Some(Dictionary::default()), Some(Vec::new())),
        };
        let joined = old.zip(lists).and_then(|(old, lists)| self.builder.finish(old, &lists, &self.numbers));
        match joined {
            Some(index) => self.file.write(tree, &self.ids, &index),
            // Torn where this search did not look: the next one begins anew.
            None => drop(store.drop_search_file()),
        }
    }
}
