//! Did you mean: the nearest of some words.

/// Returns the candidate that is nearest to `word`, at most two slips away: a wrong, missing or needless
/// character, or two swapped. Short words allow one slip only, since everything is near them.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let short = word.trim().chars().count() <= 4;
    nearest_within(if short { 1 } else { 2 }, word, candidates)
}

/// Returns the candidate that is nearest to `word`, at most `most` slips away.
pub fn nearest_within<'c>(
    most: usize,
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let word = word.trim().to_lowercase();
    candidates
        .into_iter()
        .filter_map(|c| Some((distance(&word, &c.to_lowercase(), most)?, c)))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}

/// Counts the slips between two words, giving up above `most`.
fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(ca != cb)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *ca == b[j - 1] && a[i - 1] == *cb {
                cost = cost.min(before_last[j - 1] + 1);
            }
            row.push(cost);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    Some(last[b.len()]).filter(|slips| *slips <= most)
}
