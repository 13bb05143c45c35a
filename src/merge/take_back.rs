//! Taking a change back: the three-way merge the other way round.

use super::strictly;
use crate::model::{FIELDS, FieldDef, Front, Issue, Rule, Status};

/// What taking a change back does to an issue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TakenBack {
    /// The issue is already as if the change had not been made.
    Nothing,
    /// The issue becomes this.
    Write(Box<Issue>),
    /// The issue goes away.
    Delete,
}

/// Takes the change from `before` to `after` out of `now`.
///
/// Only what the change wrote is touched, and only where nobody has written it since. A claim does not come
/// back: what would be in progress under a claim again is open.
///
/// # Errors
/// The names of the parts that were written since; `issue` where it as a whole was created, deleted or
/// changed and the change did the like.
pub fn take_back(
    before: Option<&Issue>,
    after: Option<&Issue>,
    now: Option<&Issue>,
) -> Result<TakenBack, Vec<String>> {
    let whole = || Err(vec!["issue".to_owned()]);
    match (before, after, now) {
        (None, None, _) | (None, Some(_), None) => Ok(TakenBack::Nothing),
        (None, Some(after), Some(now)) => match differing(after, now) {
            parts if parts.is_empty() => Ok(TakenBack::Delete),
            parts => Err(parts),
        },
        (Some(before), None, None) => Ok(TakenBack::Write(Box::new(unclaimed(before.clone())))),
        (Some(before), None, Some(now)) => {
            let restored =
                differing(before, now).is_empty() || differing(&unclaimed(before.clone()), now).is_empty();
            if restored { Ok(TakenBack::Nothing) } else { whole() }
        }
        (Some(_), Some(_), None) => whole(),
        (Some(before), Some(after), Some(now)) => {
            let merged = strictly(Some(after), now, &as_if_released(before, now));
            if !merged.conflicts.is_empty() {
                return Err(merged.conflicts.into_iter().map(|conflict| conflict.field).collect());
            }
            let mut issue = merged.issue;
            if state(&issue.front) != state(&now.front) {
                issue = unclaimed(issue);
            }
            Ok(if differing(&issue, now).is_empty() {
                TakenBack::Nothing
            } else {
                TakenBack::Write(Box::new(issue))
            })
        }
    }
}

/// Where the state is what taking it back would make it, it counts as taken back: somebody released the claim, or
/// an earlier step of this kind did. When work first began stays known.
fn as_if_released(before: &Issue, now: &Issue) -> Issue {
    let state_of = |issue: &Issue| {
        let mut front = issue.front.clone();
        front.started_at = None;
        state(&front)
    };
    let mut before = before.clone();
    if state_of(&unclaimed(before.clone())) == state_of(now) {
        for field in FIELDS.iter().filter(|f| f.rule == Rule::State) {
            field.set(&mut before.front, field.get(&now.front));
        }
    }
    before
}

/// The issue, open where it was under a claim.
pub(super) fn unclaimed(mut issue: Issue) -> Issue {
    let front = &mut issue.front;
    let claimed = front.claimed_at.is_some() || front.lease_until.is_some() || front.claim.is_some();
    if front.status == Status::InProgress && claimed {
        front.release();
    }
    issue
}

fn state(front: &Front) -> Vec<Option<crate::model::Value>> {
    FIELDS.iter().filter(|f| f.rule == Rule::State).map(|f| f.get(front)).collect()
}

/// Names the parts in which two versions differ. The time of the last change is none of them.
fn differing(one: &Issue, other: &Issue) -> Vec<String> {
    let differs = |f: &&FieldDef| f.rule != Rule::Clock && f.get(&one.front) != f.get(&other.front);
    let name = |f: &FieldDef| if f.rule == Rule::State { "state" } else { f.key }.to_owned();
    let mut parts: Vec<String> = FIELDS.iter().filter(differs).map(name).collect();
    parts.sort();
    parts.dedup();
    parts.extend((one.front.extra != other.front.extra).then(|| "unknown keys".to_owned()));
    for name in ["description", "design", "acceptance", "notes"] {
        parts.extend((one.body.section(name) != other.body.section(name)).then(|| name.to_owned()));
    }
    parts.extend((one.body.comments != other.body.comments).then(|| "comments".to_owned()));
    parts.extend((one.body.unknown != other.body.unknown).then(|| "unknown sections".to_owned()));
    parts
}
