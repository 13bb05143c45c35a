//! The front matter: one pass over the field table, each field by its rule.

use std::collections::BTreeSet;

use super::conflict::{Past, Referee};
use super::parts::key_part;
use super::rule;
use crate::model::{FIELDS, FieldDef, Front, Rule, Value, write_front};

/// Merges two front matters.
pub(super) fn merge<P: Past>(
    base: Option<&Front>,
    ours: &Front,
    theirs: &Front,
    referee: &mut Referee<P>,
) -> Front {
    let mut merged = Front::default();
    for field in FIELDS {
        let [base, ours, theirs] = [base, Some(ours), Some(theirs)].map(|f| f.and_then(|f| field.get(f)));
        let value = match field.rule {
            // All fields of the state are one value, taken together below.
            Rule::State => continue,
            Rule::Fixed if base.is_some() => base,
            Rule::Fixed => earlier(ours, theirs),
            Rule::Clock => ours.max(theirs),
            Rule::Single => referee.single(
                [base.as_ref(), ours.as_ref(), theirs.as_ref()],
                || field.key.to_owned(),
                |value| show(field, value),
            ),
            Rule::Set => Some(set(base, ours, theirs)),
            Rule::Entries => Some(entries(field, [base, ours, theirs], referee)),
        };
        field.set(&mut merged, value);
    }
    let states = [base.map(state_of), Some(state_of(ours)), Some(state_of(theirs))];
    let [b, o, t] = states.each_ref().map(Option::as_ref);
    let state = referee.single([b, o, t], || "state".to_owned(), |state| show_state(state));
    for (field, value) in state_fields().zip(state.expect("both sides have a state")) {
        field.set(&mut merged, value);
    }
    let none = Front::default();
    let base = base.unwrap_or(&none);
    merged.extra = rule::map(&base.extra, &ours.extra, &theirs.extra, referee, key_part);
    merged
}

/// Two versions without a common past: the earlier, and a value rather than none.
fn earlier(ours: Option<Value>, theirs: Option<Value>) -> Option<Value> {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => Some(ours.min(theirs)),
        (ours, theirs) => ours.or(theirs),
    }
}

fn set(base: Option<Value>, ours: Option<Value>, theirs: Option<Value>) -> Value {
    macro_rules! merged {
        ($kind:ident) => {{
            let items = |side: Option<Value>| match side {
                Some(Value::$kind(items)) => items,
                _ => BTreeSet::new(),
            };
            Value::$kind(rule::set(&items(base), &items(ours), &items(theirs)))
        }};
    }
    match ours.as_ref().or(theirs.as_ref()) {
        Some(Value::RefSet(_)) => merged!(RefSet),
        Some(Value::LinkSet(_)) => merged!(LinkSet),
        _ => merged!(TextSet),
    }
}

fn entries<P: Past>(field: &FieldDef, sides: [Option<Value>; 3], referee: &mut Referee<P>) -> Value {
    let [base, ours, theirs] = sides.map(|side| match side {
        Some(Value::Map(map)) => map,
        _ => Default::default(),
    });
    Value::Map(rule::map(&base, &ours, &theirs, referee, |name| format!("{}.{name}", field.key)))
}

fn state_fields() -> impl Iterator<Item = &'static FieldDef> {
    FIELDS.iter().filter(|f| f.rule == Rule::State)
}

fn state_of(front: &Front) -> Vec<Option<Value>> {
    state_fields().map(|f| f.get(front)).collect()
}

/// Returns the lines of the state as they stand in a file.
fn show_state(state: &[Option<Value>]) -> String {
    let lines = state_fields().zip(state).filter_map(|(field, value)| {
        let text = show(field, value.as_ref()?);
        Some(format!("{}: {text}\n", field.key))
    });
    lines.collect()
}

/// Returns a value as it stands in a file.
fn show(field: &FieldDef, value: &Value) -> String {
    let mut alone = Front::default();
    field.set(&mut alone, Some(value.clone()));
    let mut text = String::new();
    write_front(&mut text, &alone);
    let prefix = format!("{}: ", field.key);
    let line = text.lines().find_map(|line| line.strip_prefix(&prefix));
    line.unwrap_or_default().to_owned()
}
