//! Slips of the hand, and reading a command line as a shell does.

/// Repeatable random numbers (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(seed)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).expect("a small number")
    }
}

/// How many kinds of slips there are.
pub const KINDS: usize = 8;

/// Misspells a word in one of the ways, where it can be done to it.
pub fn misspell(word: &str, kind: usize, dice: &mut Dice) -> Option<String> {
    let letters: Vec<char> = word.chars().collect();
    let count = letters.len();
    if count < 3 {
        return None;
    }
    let mut wrong = letters.clone();
    match kind {
        0 => drop(wrong.remove(dice.roll(count))),
        1 => {
            let at = dice.roll(count);
            wrong.insert(at, letters[at]);
        }
        2 => {
            let at = dice.roll(count - 1);
            wrong.swap(at, at + 1);
        }
        3 => wrong[dice.roll(count)] = char::from(b'a' + u8::try_from(dice.roll(26)).expect("a letter")),
        4 if letters.ends_with(&['s']) => drop(wrong.pop()),
        4 => wrong.push('s'),
        5 => wrong.iter_mut().filter(|c| **c == '-').for_each(|c| *c = '_'),
        6 => wrong.retain(|c| *c != '-'),
        _ => wrong[0] = letters[0].to_ascii_uppercase(),
    }
    (wrong != letters).then(|| wrong.into_iter().collect())
}

/// Splits a line into words as a POSIX shell would.
pub fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(c) = letters.next() {
        match (c, quote) {
            (c, Some(q)) if c == q => quote = None,
            ('\\', None) => word.get_or_insert_default().extend(letters.next()),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn lines_are_split_as_a_shell_does() {
    assert_eq!(split(r#"qp a  "b c" 'd "e"' "" 'it'\''s'"#), ["qp", "a", "b c", "d \"e\"", "", "it's"]);
}
