//! Questions about a tracker: what is ready, what waits for what, what a filter selects, what may
//! be changed.
//!
//! Pure: it sees the model and nothing else. The time and the caller come as arguments; nothing is printed.

mod activity;
mod ailments;
mod changes;
mod claims;
mod count;
mod edit_check;
mod editing;
mod epics;
mod explain;
mod filter;
mod finding;
mod globs;
mod health;
mod inherit;
mod inverted;
pub mod lang;
mod layers;
mod lint;
mod mend;
mod mentions;
mod near_key;
mod order;
mod postings;
mod rank;
mod ready;
mod reason;
mod repair;
mod stale;
mod suggest;
mod summary;
mod text;
mod tree;
mod walk;
mod words;

pub use activity::Activity;
pub use ailments::{AILMENTS, Ailment, ailment};
pub use changes::{Changed, changes, happened};
pub use claims::{
    ClaimStep, CloseStep, ReleaseStep, claimed_by, held_by, may_change_state, may_claim, may_close, may_drop,
    may_release, may_renew, refuse_confirmed,
};
pub use count::{GroupKey, count_groups};
pub use edit_check::{EdgeCheck, EdgeKind, check_new_edge};
pub use editing::{check_references, manuscript, read_manuscript};
pub use epics::{Closing, Progress, eligible_epics, open_epics};
pub use explain::{Why, WhyNode, why};
pub use filter::{Filter, Period, select};
pub use finding::{Finding, Severity};
pub use globs::Glob;
pub use health::examine;
pub use inherit::open_blockers;
pub use inverted::{Builder, Dictionary, Inverted};
pub use layers::{Layers, layers};
pub use lint::{missing_sections, missing_texts};
pub use mend::{Excess, Mend};
pub use mentions::Mentions;
pub use near_key::near_key;
pub use order::{SortKey, sort};
pub use rank::{Candidate, UNBLOCK_LIMIT, in_order, next_candidates, overlap, ready_order};
pub use ready::{Claim, Readiness, State};
pub use reason::{describe, list_keys};
pub use repair::{mend_issue, repair};
pub use stale::{STALE_DAYS, is_for_later, is_stale, stale_before};
pub use suggest::{nearest, nearest_within};
pub use summary::Summary;
pub use text::{PlaceSet, TextFilter, Words};
pub use tree::{DepTree, Direction, TreeOptions, dependency_tree, forest};
pub use walk::{Edge, Mark, Node};
pub use words::{TYPES, meant_status, parse_priority, parse_relation, parse_status, parse_type};
