//! Names of issues: short, never wrong, and never dead.

use proptest::prelude::*;
use quipu::model::{IssueId, KeyIndex, KeyMiss, Settings, is_valid_key, is_valid_prefix};

fn id(text: &str) -> IssueId {
    IssueId::parse(text).expect("a ULID")
}

const A: &str = "01kfn6tfn3n7h5b39ztztw7k2m";
/// Shares five characters with A.
const B: &str = "01kfn6s9n3n7h5b39zqqqw7k2m";
const C: &str = "01kfn7hv6pjr3a1m6v5t1xqzke";

fn index(issues: &[(&str, Option<&str>)]) -> KeyIndex {
    let mut settings = Settings::new("web");
    settings.prefixes.extend(["old".to_owned(), "two-words".to_owned()]);
    KeyIndex::new(&settings, issues.iter().map(|(i, key)| (id(i), key.map(str::to_owned))))
}

fn keys(issues: &[(&str, Option<&str>)]) -> Vec<String> {
    (0..issues.len()).map(|at| index(issues).key_of(at)).collect()
}

#[test]
fn a_key_is_the_shortest_tail_that_is_clear() {
    assert_eq!(keys(&[(A, None), (C, None)]), ["web-7k2m", "web-qzke"]);
    assert_eq!(keys(&[(A, None), (B, None), (C, None)]), ["web-tw7k2m", "web-qw7k2m", "web-qzke"]);
    let both = index(&[(A, None), (B, None)]);
    assert_eq!(both.resolve("web-7k2m"), Err(KeyMiss::Ambiguous(vec![0, 1])));
    assert_eq!(both.resolve("w7k2m"), Err(KeyMiss::Ambiguous(vec![0, 1])));
    assert!(!both.tail_is_free(id(A)) && both.tail_is_free(id(C)));
}

#[test]
fn explicit_beats_derived() {
    let issues = [(A, None), (C, Some("web-7k2m"))];
    assert_eq!(keys(&issues), ["web-w7k2m", "web-7k2m"]);
    assert_eq!(index(&issues).resolve("WEB-7K2M"), Ok(1));
    assert_eq!(index(&issues).resolve("web-w7k2m"), Ok(0));
    assert!(!index(&[(C, Some("web-7k2m"))]).tail_is_free(id(A)));
    assert_eq!(keys(&[(A, None), (C, Some("WEB-7K2M"))])[0], "web-w7k2m");
}

#[test]
fn two_issues_may_have_one_explicit_key() {
    let issues = [(A, Some("bd-a3f8.1")), (B, Some("BD-a3f8.1"))];
    assert_eq!(keys(&issues), ["bd-a3f8.1~tw7k2m", "BD-a3f8.1~qw7k2m"]);
    let index = index(&issues);
    assert_eq!(index.resolve("bd-a3f8.1"), Err(KeyMiss::Ambiguous(vec![0, 1])));
    assert_eq!(index.resolve("bd-a3f8.1~tw7k2m"), Ok(0));
    assert_eq!(index.resolve("bd-a3f8.1~7k2m"), Err(KeyMiss::Ambiguous(vec![0, 1])));
    assert_eq!(index.collisions(), [("bd-a3f8.1".to_owned(), vec![0, 1])]);
}

#[test]
fn every_way_to_name_an_issue() {
    let index = index(&[(A, None), (C, Some("bd-a3f8.1"))]);
    for name in [
        "web-7k2m",
        "old-7k2m",
        "two-words-7k2m",
        "Web-7K2M",
        " web-7k2m ",
        "7k2m",
        "w7k2m",
        "web-tw7k2m",
        A,
        "01kfn6tf",
        "01KFN6TFN3",
    ] {
        assert_eq!(index.resolve(name), Ok(0), "{name}");
    }
    for name in ["bd-a3f8.1", "a3f8.1", "web-qzke", "qzke", C, "bd-a3f8.1~qzke"] {
        assert_eq!(index.resolve(name), Ok(1), "{name}");
    }
    for name in ["", "  ", "null", "undefined", "NULL", "None", "nil"] {
        assert_eq!(index.resolve(name), Err(KeyMiss::Refused), "{name}");
    }
    for name in ["web-k2m", "k2m", "web-", "old-2m", "x"] {
        assert_eq!(index.resolve(name), Err(KeyMiss::TooShort), "{name}");
    }
    assert_eq!(index.resolve("jira-7k2m"), Err(KeyMiss::Prefix("jira".to_owned())));
    for name in [
        "web-zzzz",
        "web-ü7k2m",
        "zzzz",
        "01kfn6t",
        "01kfn6tfn3n7h5b39ztztw7k2n",
        "web-null",
        "bd-none~7k2m",
        "éééé",
    ] {
        assert_eq!(index.resolve(name), Err(KeyMiss::NotFound), "{name}");
    }
}

#[test]
fn an_explicit_key_cannot_take_what_is_not_its_own() {
    // One that no command would set may stand in a file all the same.
    for key in [A, "null", "", " x", "a~7k2m", "a b", "\u{1b}[31m", "-x"] {
        assert!(!is_valid_key(key), "{key}");
        let issues = [(A, None), (C, Some(key))];
        assert_eq!(keys(&issues)[1], "web-qzke");
        assert_eq!(index(&issues).resolve(A), Ok(0));
    }
    for key in ["bd-a3f8.1", "tbd-vm5s", "A_1", "7", &"x".repeat(100)] {
        assert!(is_valid_key(key), "{key}");
    }
    assert!(!is_valid_key(&"x".repeat(101)));
}

#[test]
fn prefixes() {
    for good in ["web", "w", "my-project", "a1-2b"] {
        assert!(is_valid_prefix(good), "{good}");
    }
    for bad in ["", "-web", "web-", "a--b", "Web", "1web", "we b", "wéb", &"w".repeat(33)] {
        assert!(!is_valid_prefix(bad), "{bad}");
    }
}

/// ULIDs that share long tails, and keys that look like other issues' derived ones.
fn tracker() -> impl Strategy<Value = Vec<(IssueId, Option<String>)>> {
    let bits = prop_oneof![
        any::<u128>(),
        (0u32..16, 0u128..4, 0u128..40).prop_map(|(shift, high, low)| high << (20 + 5 * (shift % 12)) | low),
    ];
    prop::collection::btree_map(bits.prop_map(|b| b >> 1), 0usize..8, 1..14).prop_map(|issues| {
        let ids: Vec<IssueId> = issues
            .keys()
            .map(|b| {
                let time = quipu::model::Timestamp::from_millis(i64::try_from(b >> 80).expect("47 bits"));
                IssueId::from_parts(time, *b)
            })
            .collect();
        let names = issues.values().enumerate().map(|(at, kind)| {
            let other = ids[(at + kind) % ids.len()];
            match kind {
                0..=3 => None,
                4 => Some(format!("web-{}", other.tail(4))),
                5 => Some(format!("WEB-{}", other.tail(5))),
                6 => Some(other.tail(4)),
                _ => Some("bd-1".to_owned()),
            }
        });
        ids.iter().copied().zip(names).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn every_key_that_is_shown_resolves(issues in tracker()) {
        let index = KeyIndex::new(&Settings::new("web"), issues.iter().cloned());
        let mut shown = std::collections::BTreeSet::new();
        for (at, (id, _)) in issues.iter().enumerate() {
            let key = index.key_of(at);
            prop_assert_eq!(index.resolve(&key), Ok(at), "{}", key);
            prop_assert_eq!(index.resolve(&key.to_uppercase()), Ok(at));
            prop_assert_eq!(index.resolve(&id.to_string()), Ok(at));
            prop_assert!(shown.insert(key.to_lowercase()));
        }
    }
}
