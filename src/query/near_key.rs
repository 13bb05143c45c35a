//! Did you mean: the issue whose key is nearest to what was typed.

use super::suggest::nearest_within;
use crate::model::Tracker;

/// Shortest part of a key that says anything.
const SHORTEST: usize = 3;

/// Returns the one issue that a wrong key may mean: one spelled otherwise, under another prefix, with a slip, or cut
/// off. It is for a hint only: nothing may be written on the strength of it.
pub fn near_key(tracker: &Tracker, input: &str) -> Option<usize> {
    let word =
        input.trim().trim_matches(['#', '"', '\'', '`', '[', ']', '(', ')', ',', '.', ':']).to_lowercase();
    let word = word.replace(['_', ' ', '/'], "-");
    let tail = word.rsplit('-').next().unwrap_or_default();
    let spelled = [word.as_str(), tail];
    if let Some(found) = spelled.iter().find_map(|key| tracker.keys().resolve(key).ok()) {
        return Some(found);
    }
    if word.len() < SHORTEST || word.len() > 100 {
        return None;
    }
    let fits = |at: &usize| {
        let key = tracker.key(*at).to_lowercase();
        let key_tail = key.rsplit('-').next().unwrap_or_default();
        let cut_off =
            key.ends_with(&word) || key.starts_with(&word) && word.len() > key.len() - key_tail.len() + 1;
        cut_off || is_near(&word, &key) || word == tail && is_near(tail, key_tail)
    };
    let mut found = (0..tracker.rows.len()).filter(fits);
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

fn is_near(word: &str, key: &str) -> bool {
    nearest_within(1, word, [key]).is_some()
}
