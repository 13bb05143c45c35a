//! Brings the issues of a source together: one for each identity, references resolved, in a fixed order.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{Batch, Options, Origin, Report};
use crate::model::{Issue, IssueId, MAX_FILE, Ref, is_valid_prefix};

/// Records up to this size cannot become a file over the limit, whatever the file adds to them.
const SMALL: usize = 64 << 10;
/// What a reference may grow by when its key is replaced by a ULID.
const REF_GROWTH: usize = 32;

/// An issue as read, with the keys of its source as references.
#[derive(Debug)]
pub(super) struct Draft {
    /// The issue. Its references are keys, or ULIDs where the source has them.
    pub issue: Issue,
    /// What the other records of the source call it.
    pub foreign: String,
    /// The prefix of its key.
    pub prefix: String,
    /// Whether the source brought the identity, so that it was not derived from the id.
    pub own_id: bool,
    /// Where it stands.
    pub at: Origin,
    /// Bytes it takes in the source.
    pub size: usize,
    /// Whether it holds raw text, so that its file has to be read once before it is trusted.
    pub check: bool,
    /// Whether the source says that it was deleted, and the import leaves such out.
    pub deleted: bool,
}

/// Collects drafts and what is to be reported about them.
#[derive(Debug, Default)]
pub(super) struct Collector {
    pub report: Report,
    drafts: Vec<Draft>,
    by_foreign: HashMap<String, usize>,
    by_id: HashMap<IssueId, usize>,
}

impl Collector {
    /// Adds an issue. Where it is there already, the one that was updated later stays (of two equal ones the
    /// later in the source), and the other is reported.
    pub fn add(&mut self, draft: Draft) {
        self.report.records += 1;
        let found = self.by_id.get(&draft.issue.front.id).copied().or_else(|| self.same_id(&draft));
        let at = match found {
            Some(at) => self.replace(at, draft),
            None => {
                self.by_foreign.entry(draft.foreign.clone()).or_insert(self.drafts.len());
                self.drafts.push(draft);
                self.drafts.len() - 1
            }
        };
        self.by_id.insert(self.drafts[at].issue.front.id, at);
    }

    /// Finds an earlier record of the same id. Two that brought different identities are two issues: two clones
    /// may show the same short key for different ones.
    fn same_id(&mut self, draft: &Draft) -> Option<usize> {
        let at = *self.by_foreign.get(&draft.foreign)?;
        let earlier = &self.drafts[at];
        if !(earlier.own_id && draft.own_id) {
            return Some(at);
        }
        let message =
            format!("a second issue with this id; references to the id mean the one of {}", earlier.at);
        self.report.warn(draft.at.clone(), Some(&draft.foreign), "ambiguous_id", message);
        None
    }

    fn replace(&mut self, at: usize, new: Draft) -> usize {
        let old = &mut self.drafts[at];
        let later = new.issue.front.updated_at >= old.issue.front.updated_at;
        let mut loser = new;
        if later {
            std::mem::swap(old, &mut loser);
            if loser.own_id && !old.own_id {
                // The identity that the source gave outlives the one that would be derived.
                old.issue.front.id = loser.issue.front.id;
                old.own_id = true;
            }
        }
        let same = old.issue == loser.issue;
        let (winner_at, loser_at) = (old.at.clone(), loser.at.clone());
        let (won, lost) = (old.issue.front.updated_at, loser.issue.front.updated_at);
        let message = match (same, won == lost) {
            (true, _) => format!("the same issue stands at {winner_at}"),
            (false, true) => {
                format!("{winner_at} has the same issue, updated at the same time; the later line was taken")
            }
            (false, false) => format!("{winner_at} has a newer version, of {won}; this one is of {lost}"),
        };
        self.report.warn(winner_at, Some(&loser.foreign), "duplicate_id", {
            format!("{loser_at} has this issue too; the one of {won} was taken over the one of {lost}")
        });
        self.report.skip(loser_at, Some(&loser.foreign), "duplicate_id", message);
        self.by_foreign.entry(loser.foreign).or_insert(at);
        at
    }

    /// Resolves the references and returns what there is.
    pub fn finish(
        mut self,
        kind: &'static str,
        options: &Options,
        memories: BTreeMap<String, String>,
    ) -> Batch {
        let drafts = std::mem::take(&mut self.drafts);
        let kept: Vec<Option<Draft>> = drafts.into_iter().map(|draft| self.admit(draft)).collect();
        let id_of = |at: &usize| kept[*at].as_ref().map(|d| d.issue.front.id);
        let names: HashMap<String, IssueId> =
            self.by_foreign.drain().filter_map(|(name, at)| Some((name, id_of(&at)?))).collect();
        let ids: HashSet<IssueId> = kept.iter().flatten().map(|d| d.issue.front.id).collect();
        let mut prefixes: BTreeMap<String, usize> = BTreeMap::new();
        let mut issues = Vec::with_capacity(ids.len());
        for mut draft in kept.into_iter().flatten() {
            *prefixes.entry(draft.prefix.to_ascii_lowercase()).or_default() += 1;
            resolve(&mut draft, &names, &ids, &mut self.report);
            issues.push(draft.issue);
        }
        issues.sort_unstable_by_key(|issue| issue.front.id);
        let mut report = self.report;
        report.imported = issues.len() + memories.len();
        report.records += memories.len();
        report.skipped.sort_by(|a, b| a.at.cmp(&b.at));
        report.warnings.sort_by(|a, b| a.at.cmp(&b.at));
        let namespace = options.source.clone().unwrap_or_else(|| commonest(&prefixes));
        let memories = memories.into_iter().collect();
        Batch { kind, namespace, prefixes: leading(&prefixes), issues, memories, report }
    }

    /// Returns the draft unless it is deleted, or its file could not be stored and read again.
    fn admit(&mut self, draft: Draft) -> Option<Draft> {
        let refusal = if draft.deleted {
            Some(("tombstone", "deleted in the source".to_owned()))
        } else if draft.size > SMALL || draft.check {
            unstorable(&draft.issue)
        } else {
            None
        };
        match refusal {
            None => Some(draft),
            Some((code, message)) => {
                self.report.skip(draft.at, Some(&draft.foreign), code, message);
                None
            }
        }
    }
}

fn unstorable(issue: &Issue) -> Option<(&'static str, String)> {
    let text = issue.write();
    let size = text.len() + issue.front.references().len() * REF_GROWTH;
    if size > MAX_FILE {
        return Some(("too_large", format!("its file would have {size} bytes, the limit is {MAX_FILE}")));
    }
    let mut expected = issue.clone();
    // Not resolved yet: a key that looks like a ULID is read as one.
    expected.front.map_references(|reference| Ref::parse(&reference.to_string()));
    match Issue::read(text.as_bytes(), Some(issue.front.id)) {
        Ok(same) if same == expected => None,
        Ok(_) => Some(("unstorable", "its raw text would be read as something else".to_owned())),
        Err(error) => Some(("unstorable", format!("its file could not be read again: {}", error.message))),
    }
}

fn resolve(draft: &mut Draft, names: &HashMap<String, IssueId>, ids: &HashSet<IssueId>, report: &mut Report) {
    let Draft { issue, foreign, at, .. } = draft;
    issue.front.map_references(|reference| {
        let resolved = match reference {
            Ref::Key(key) => names.get(key).map_or_else(|| Ref::parse(key), |id| Ref::Id(*id)),
            Ref::Id(_) => reference.clone(),
        };
        let known = resolved.id().is_some_and(|id| ids.contains(&id));
        // Beads writes references to other projects as `external:<project>:<capability>`.
        if !known && !matches!(&resolved, Ref::Key(key) if key.starts_with("external:")) {
            let message = format!("{resolved} is not among the imported issues; the reference is kept");
            report.warn(at.clone(), Some(foreign), "dangling_reference", message);
        }
        resolved
    });
}

/// Returns the prefix that most ids have.
fn commonest(prefixes: &BTreeMap<String, usize>) -> String {
    let best = prefixes.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
    best.map(|(prefix, _)| prefix.clone()).unwrap_or_default()
}

/// Returns the valid prefixes, less those that only extend one at least as common.
fn leading(prefixes: &BTreeMap<String, usize>) -> BTreeSet<String> {
    let extends = |longer: &str, count: usize| {
        longer.match_indices('-').any(|(at, _)| prefixes.get(&longer[..at]).is_some_and(|n| *n >= count))
    };
    (prefixes.iter())
        .filter(|(prefix, count)| is_valid_prefix(prefix) && !extends(prefix, **count))
        .map(|(prefix, _)| prefix.clone())
        .collect()
}
