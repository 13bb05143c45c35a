//! The kinds of reference between issues, and where each stands in the front matter.

use super::{Front, Link, Ref};

/// What one issue says of another. Names are those that listings and exports use.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Relation {
    /// `blocks`: this issue waits for the other.
    Blocker,
    /// `parent-child`: this issue is a part of the other.
    Parent,
    /// `related`: worth reading together.
    Related,
    /// `discovered-from`: found while the other was worked on.
    DiscoveredFrom,
    /// `duplicates`: this issue repeats the other.
    Duplicate,
    /// `supersedes`: the other replaces this issue.
    Successor,
    /// Any other word.
    Other(String),
}

/// What adding a reference came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Added {
    /// It is there now.
    Added,
    /// It was there already.
    Present,
    /// The field holds one reference, and it holds this one.
    Taken(Ref),
}

impl Relation {
    /// The relations with a field of their own, in the order of the field table.
    pub const KNOWN: [Relation; 6] = [
        Relation::Blocker,
        Relation::Parent,
        Relation::Related,
        Relation::DiscoveredFrom,
        Relation::Duplicate,
        Relation::Successor,
    ];

    /// Reads a relation by its name: every word is one.
    pub fn from_text(text: &str) -> Self {
        let known = Relation::KNOWN.into_iter().find(|r| r.as_str() == text);
        known.unwrap_or_else(|| Relation::Other(text.to_owned()))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        match self {
            Relation::Blocker => "blocks",
            Relation::Parent => "parent-child",
            Relation::Related => "related",
            Relation::DiscoveredFrom => "discovered-from",
            Relation::Duplicate => "duplicates",
            Relation::Successor => "supersedes",
            Relation::Other(word) => word,
        }
    }

    /// Says the relation between an issue and another in words: `is blocked by`.
    pub fn phrase(&self) -> String {
        match self {
            Relation::Blocker => "is blocked by".to_owned(),
            Relation::Parent => "is a part of".to_owned(),
            Relation::Related => "is related to".to_owned(),
            Relation::DiscoveredFrom => "was discovered from".to_owned(),
            Relation::Duplicate => "is a duplicate of".to_owned(),
            Relation::Successor => "is superseded by".to_owned(),
            Relation::Other(word) => format!("has a link \"{word}\" to"),
        }
    }
}

impl Front {
    /// Adds a reference. A field that holds only one is not overwritten.
    pub fn add_reference(&mut self, relation: &Relation, target: Ref) -> Added {
        let single = match relation {
            Relation::Blocker => return of(self.blocked_by.insert(target)),
            Relation::Related => return of(self.related.insert(target)),
            Relation::DiscoveredFrom => return of(self.discovered_from.insert(target)),
            Relation::Other(kind) => return of(self.links.insert(Link { kind: kind.clone(), target })),
            Relation::Parent => &mut self.parent,
            Relation::Duplicate => &mut self.duplicate_of,
            Relation::Successor => &mut self.superseded_by,
        };
        match single {
            Some(there) if *there == target => Added::Present,
            Some(there) => Added::Taken(there.clone()),
            None => {
                *single = Some(target);
                Added::Added
            }
        }
    }

    /// Removes a reference; tells whether it was there.
    pub fn remove_reference(&mut self, relation: &Relation, target: &Ref) -> bool {
        let single = match relation {
            Relation::Blocker => return self.blocked_by.remove(target),
            Relation::Related => return self.related.remove(target),
            Relation::DiscoveredFrom => return self.discovered_from.remove(target),
            Relation::Other(kind) => {
                return self.links.remove(&Link { kind: kind.clone(), target: target.clone() });
            }
            Relation::Parent => &mut self.parent,
            Relation::Duplicate => &mut self.duplicate_of,
            Relation::Successor => &mut self.superseded_by,
        };
        single.take_if(|there| there == target).is_some()
    }
}

fn of(inserted: bool) -> Added {
    if inserted { Added::Added } else { Added::Present }
}
