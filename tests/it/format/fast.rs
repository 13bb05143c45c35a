//! Whenever the fast reader answers, the YAML reader gives the same.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use quipu::model::{Front, read_fast, read_front_yaml, write_front};

use super::arbitrary;

fn written(front: &Front) -> String {
    let mut text = String::new();
    write_front(&mut text, front);
    text
}

fn check(text: &str) -> Result<bool, TestCaseError> {
    let Some(front) = read_fast(text, None) else { return Ok(false) };
    prop_assert_eq!(read_front_yaml(text, None), Ok(front), "{}", text);
    Ok(true)
}

#[derive(Clone, Debug)]
enum Change {
    Replace(Index, char),
    Insert(Index, String),
    Remove(Index, usize),
    SwapLines(Index, Index),
    CopyLine(Index, Index),
    RemoveLine(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let mark = select("\"\\[]{},: #-?!&*|>'%@`~=<\t\r\n0129afnuxyTZ\u{85}é".chars().collect::<Vec<_>>());
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), mark).prop_map(|(i, c)| Change::Replace(i, c)),
        2 => (at(), arbitrary::text()).prop_map(|(i, t)| Change::Insert(i, t)),
        2 => (at(), 1usize..8).prop_map(|(i, n)| Change::Remove(i, n)),
        1 => (at(), at()).prop_map(|(a, b)| Change::SwapLines(a, b)),
        1 => (at(), at()).prop_map(|(a, b)| Change::CopyLine(a, b)),
        1 => at().prop_map(Change::RemoveLine),
    ]
}

fn apply(text: &str, change: &Change) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut chars: Vec<char> = text.chars().collect();
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    match change {
        Change::Replace(at, c) => *at.get_mut(&mut chars) = *c,
        Change::Insert(at, more) => {
            let at = at.index(chars.len());
            chars.splice(at..at, more.chars());
        }
        Change::Remove(at, count) => {
            let at = at.index(chars.len());
            chars.drain(at..(at + count).min(chars.len()));
        }
        Change::SwapLines(a, b) => {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
            return lines.concat();
        }
        Change::CopyLine(a, b) => {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.insert(b, lines[a]);
            return lines.concat();
        }
        Change::RemoveLine(a) => {
            lines.remove(a.index(lines.len()));
            return lines.concat();
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { ..ProptestConfig::default() })]

    #[test]
    fn on_canonical_files_it_answers(front in arbitrary::front()) {
        let text = written(&Front { extra: BTreeMap::new(), ..front });
        // What it leaves to the YAML reader: empty texts, great files, great metadata.
        let exempt = text.contains(": \"\"\n") || text.len() > 60_000 || text.contains("\nmetadata: ");
        prop_assert!(check(&text)? || exempt, "{}", text);
    }

    #[test]
    fn on_canonical_files_with_changes_it_is_right(front in arbitrary::front(), changes in prop::collection::vec(change(), 0..4)) {
        let text = changes.iter().fold(written(&front), |text, change| apply(&text, change));
        check(&text)?;
    }

    #[test]
    fn on_any_text_it_is_right(text in arbitrary::text()) {
        check(&text)?;
        check(&format!("id: {}\ntitle: {text}\n", super::ID))?;
        check(&format!("id: {}\ntitle: x\nlabels: [{text}]\n", super::ID))?;
        check(&format!("id: {}\ntitle: x\nlinks: [{{type: {text}, id: {text}}}]\n", super::ID))?;
        check(&format!("id: {}\ntitle: x\nmetadata: {{\"a\": {text}}}\n", super::ID))?;
        check(&format!("id: {}\ntitle: x\nunknown: {text}\n", super::ID))?;
        check(&format!("id: {}\ntitle: x\nassignee: \"{text}\"\n", super::ID))?;
    }

    #[test]
    fn on_json_it_is_right(value in arbitrary::json(), digits in "-?[0-9]{1,25}(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?") {
        check(&format!("id: {}\ntitle: x\nmetadata: {{\"a\": {value}}}\n", super::ID))?;
        check(&format!("id: {}\ntitle: x\nmetadata: {{\"a\": {digits}}}\n", super::ID))?;
        check(&format!("id: {}\ntitle: x\nmetadata: {{\"a\": 1, \"a\": {digits}}}\n", super::ID))?;
    }
}

#[test]
fn a_typical_file_takes_the_fast_path() {
    let text = format!(
        "id: {id}\ntitle: \"Log users out: really\"\ntype: bug\nstatus: in_progress\npriority: 1\nlabels: [auth, \"2.5\"]\n\
         claimed_at: 2026-01-08T14:30:00.000Z\nblocked_by: [{id}]\nlinks: [{{type: tracks, id: {id}}}]\n\
         metadata: {{\"a\": [1, {{\"b\": \"c\"}}]}}\ncreated_at: 2026-01-08T14:30:00.000Z\nsprint: next one\n",
        id = super::ID
    );
    let front = read_fast(&text, None).expect("canonical");
    assert_eq!(read_front_yaml(&text, None).as_ref(), Ok(&front));
    assert_eq!(front.extra["sprint"], "sprint: next one\n");
}
