//! The parts of an issue by their names, and the value of one: what the history is asked for.

use crate::model::{Body, FIELDS, Issue, Rule};

/// The name of the part that is a whole file.
pub const WHOLE: &str = "issue";
/// The name of the part that is all fields of the state together.
pub const STATE: &str = "state";

/// What the name of an unknown key begins with where it would be taken for another part.
const KEY: &str = "key:";

/// Returns the name of the part that is an unknown key: the key itself, unless that names something else.
pub(super) fn key_part(key: &str) -> String {
    let is_section = Body::default().section(key).is_some();
    let is_taken = is_section || key == WHOLE || key == STATE || key.contains([':', '.', '<']);
    if is_taken { format!("{KEY}{key}") } else { key.to_owned() }
}

/// Returns the value of a part as text to compare; `None` where the issue has none. Parts are named as in
/// [`FieldConflict::field`](super::FieldConflict::field); further ones are `issue` for everything and
/// `blocked_by:ULID` for one blocker.
pub fn part_value(issue: &Issue, part: &str) -> Option<String> {
    match part {
        WHOLE => return Some(issue.write()),
        STATE => {
            let state = FIELDS.iter().filter(|f| f.rule == Rule::State).map(|f| f.get(&issue.front));
            return Some(format!("{:?}", state.collect::<Vec<_>>()));
        }
        _ => {}
    }
    let mut found: Vec<String> = Vec::new();
    if let Some(key) = part.strip_prefix(KEY) {
        return issue.front.extra.get(key).cloned();
    }
    found.extend(
        FIELDS.iter().filter(|f| f.key == part).filter_map(|f| f.get(&issue.front)).map(|v| format!("{v:?}")),
    );
    found.extend(issue.front.extra.get(part).filter(|_| key_part(part) == part).cloned());
    found.extend(issue.body.section(part).filter(|text| !text.is_empty()).map(str::to_owned));
    found.extend(issue.body.unknown.iter().filter(|s| s.marker == part).map(|s| format!("{s:?}")));
    if let Some(name) = part.strip_prefix("metadata.") {
        found.extend(issue.front.metadata.get(name).cloned());
    }
    if let Some(id) = part.strip_prefix("comment:") {
        found.extend(issue.body.comments.iter().filter(|c| c.id.to_string() == id).map(|c| format!("{c:?}")));
    }
    if let Some(id) = part.strip_prefix("blocked_by:") {
        found.extend(issue.front.blocked_by.iter().map(ToString::to_string).filter(|r| r == id));
    }
    (!found.is_empty()).then(|| found.join("\n"))
}
