//! The index of all texts: it says what reading them says, of any words, however it came to be.

use proptest::prelude::*;
use quipu::model::{Comment, Issue, IssueId};
use quipu::query::{Builder, Dictionary, Inverted, Words};

/// Pieces of texts and words: cases, accents in one character and in two, letters whose small form is longer or
/// depends on what follows, alphabets without spaces, and what stands between words.
const BITS: [&str; 30] = [
    "a", "B", "ab", "timer", "Timer", "TIMER", "é", "E\u{301}", "İ", "ΟΔΟΣ", "Σ", "ß", "ẞ", "日本", "語",
    "7k2m", "42", "-", "_", ".", "::", "'", "\"", "->", "🦙", " ", "\n", "\u{a0}", "\u{3000}", "\t",
];

fn text() -> impl Strategy<Value = String> {
    let bit = prop_oneof![4 => proptest::sample::select(&BITS[..]).prop_map(str::to_owned), 1 => ".{0,3}"];
    proptest::collection::vec(bit, 0..8).prop_map(|bits| bits.concat())
}

fn issue() -> impl Strategy<Value = Issue> {
    let texts = proptest::collection::vec(text(), 6..12);
    texts.prop_map(|texts| {
        let mut issue = Issue::default();
        let (front, body) = (&mut issue.front, &mut issue.body);
        let all = [
            &mut front.title,
            &mut body.description,
            &mut body.design,
            &mut body.acceptance,
            &mut body.notes,
        ];
        all.into_iter().zip(&texts).for_each(|(place, text)| place.clone_from(text));
        front.labels.insert(texts[5].clone());
        front.external_ref = texts.get(6).cloned();
        body.comments = texts[6..].iter().map(|text| comment(text)).collect();
        issue
    })
}

fn comment(text: &str) -> Comment {
    Comment { id: IssueId::default(), at: Default::default(), by: "alice".into(), text: text.to_owned() }
}

fn index(issues: &[(u32, &Issue)], old: &Inverted, numbers: &[Option<u32>]) -> Inverted {
    let mut builder = Builder::default();
    issues.iter().for_each(|(document, issue)| builder.add(*document, issue));
    builder.finish(dictionary(old), &old.lists, numbers).expect("a sound index")
}

fn dictionary(index: &Inverted) -> Dictionary<'_> {
    Dictionary { terms: &index.terms, lengths: &index.lengths }
}

/// Returns what the index says of each document.
fn ask(index: &Inverted, words: &Words, count: usize) -> Vec<Option<Vec<&'static str>>> {
    let list = |range| index.lists.get(range).map(<[u8]>::to_vec);
    let stands = dictionary(index).look_up(words, count, list).expect("a sound index");
    (0..count).map(|document| words.join(|word| (false, stands[word][document]))).collect()
}

proptest! {
    #[test]
    fn it_says_what_reading_says(
        issues in proptest::collection::vec(issue(), 1..8),
        words in proptest::collection::vec(text(), 1..3),
        cut in (0..20_usize, 1..6_usize),
    ) {
        // A word that stands somewhere, in the middle of others.
        let some: String = issues[0].body.description.chars().skip(cut.0 % 7).take(cut.1).collect();
        let all: Vec<(u32, &Issue)> = (0..).zip(&issues).collect();
        let index = index(&all, &Inverted::default(), &[]);
        for words in [Words::new(words.iter().map(String::as_str)), Words::new([some.as_str()])] {
            for (known, issue) in ask(&index, &words, issues.len()).into_iter().zip(&issues) {
                prop_assert_eq!(known, words.places("web-0000", issue), "{:?} in {:?}", words, issue);
            }
        }
    }

    #[test]
    fn one_that_grew_is_one_made_at_once(
        issues in proptest::collection::vec(issue(), 1..8),
        gone in proptest::collection::vec(any::<bool>(), 8),
        before in 0..8_usize,
    ) {
        let (old, new) = issues.split_at(before.min(issues.len()));
        let first: Vec<(u32, &Issue)> = (0..).zip(old).collect();
        let first = index(&first, &Inverted::default(), &[]);
        let mut next = 0..;
        let numbers: Vec<Option<u32>> =
            old.iter().zip(&gone).map(|(_, gone)| if *gone { None } else { next.next() }).collect();
        let added: Vec<(u32, &Issue)> = next.zip(new).collect();
        let grown = index(&added, &first, &numbers);
        let kept = old.iter().zip(&gone).filter(|(_, gone)| !**gone).map(|(issue, _)| issue);
        let at_once: Vec<(u32, &Issue)> = (0..).zip(kept.chain(new)).collect();
        prop_assert_eq!(grown, index(&at_once, &Inverted::default(), &[]));
    }
}

#[test]
fn parts_of_words_and_paths_are_found_with_their_places() {
    let mut issue = Issue::default();
    "Fix the multitimers".clone_into(&mut issue.front.title);
    "`src/timer.rs:42` is slow".clone_into(&mut issue.body.notes);
    let index = index(&[(0, &issue)], &Inverted::default(), &[]);
    let ask = |word: &str| ask(&index, &Words::new([word]), 1).remove(0);
    assert_eq!(ask("time"), Some(vec!["title"]), "what the title has is not looked for elsewhere");
    assert_eq!(ask("TIMER.rs:4"), Some(vec!["notes"]));
    assert_eq!(ask("fix slow"), Some(vec!["title", "notes"]));
    assert_eq!(ask("`"), Some(vec!["notes"]));
    assert_eq!(ask("timer42"), None);
    assert_eq!(ask("fixthe"), None);
}

#[test]
fn lists_that_make_no_sense_are_refused() {
    let mut issue = Issue::default();
    "Timer".clone_into(&mut issue.front.title);
    let index = index(&[(7, &issue)], &Inverted::default(), &[]);
    let look_up = |documents, list: Option<Vec<u8>>| {
        dictionary(&index).look_up(&Words::new(["timer"]), documents, |_| list.clone())
    };
    assert!(look_up(8, Some(index.lists.clone())).is_some());
    assert_eq!(look_up(7, Some(index.lists.clone())), None, "more documents than there are");
    assert_eq!(look_up(8, None), None);
    assert!(Builder::default().finish(dictionary(&index), &[], &[Some(0); 8]).is_none());
}
