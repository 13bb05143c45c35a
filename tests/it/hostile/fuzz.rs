//! The fuzz targets as ordinary tests: over the corpus, and over what becomes of it by a few random changes. More of
//! these with `QP_FUZZ_CASES=100000 cargo test --test it hostile::fuzz`.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

#[path = "../../fuzz/targets.rs"]
mod targets;

/// A target and its name, which is that of its folder in the corpus.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 10] = [
    ("beads", targets::beads),
    ("bundle", targets::bundle),
    ("issue", targets::issue),
    ("lines", targets::lines),
    ("markdown", targets::markdown),
    ("merge", targets::merge),
    ("plan", targets::plan),
    ("query", targets::query),
    ("settings", targets::settings),
    ("tbd", targets::tbd),
];
/// Changed inputs of each target, unless told otherwise.
const CASES: u32 = 150;
/// Words that mean something to one of the readers.
const WORDS: [&[u8]; 32] = [
    b"---\n",
    b"\n=====\n",
    b"<!-- qp:comment",
    b"-->",
    b"## Design\n",
    b"&a ",
    b"*a",
    b"<<: ",
    b"!!binary ",
    b"? ",
    b"- ",
    b"{",
    b"[",
    b"\"",
    b"\\",
    b"\0",
    b"\x1b[31m",
    b"\xff",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b" OR ",
    b"-(",
    b"@q0 ",
    b"label:",
    b"9223372036854775808",
    b"\\ud800",
    b"null",
    b"<<<<<<< a\n",
    b"**/",
    b"%2e%2e/",
    b"2026-02-30T25:61:61Z",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder().join("corpus").join(name))
        .unwrap_or_else(|e| panic!("corpus of {name}: {e}"))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// One small change.
#[derive(Clone, Debug)]
enum Change {
    Flip(usize, u8),
    Insert(usize, usize),
    Remove(usize, usize),
    Double(usize, usize, usize),
    Splice(usize, usize),
    Cut(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<usize>;
    prop_oneof![
        (at(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (at(), 0..WORDS.len()).prop_map(|(at, word)| Change::Insert(at, word)),
        (at(), 1..40_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (at(), 1..60_usize, 1..30_usize).prop_map(|(at, length, times)| Change::Double(at, length, times)),
        (at(), at()).prop_map(|(at, other)| Change::Splice(at, other)),
        at().prop_map(Change::Cut),
    ]
}

fn apply(mut bytes: Vec<u8>, change: &Change, other: &[u8]) -> Vec<u8> {
    let place = |at: usize, length: usize| at % (length + 1);
    match *change {
        Change::Flip(at, bit) => {
            let length = bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(at % length) {
                *byte ^= 1 << bit;
            }
        }
        Change::Insert(at, word) => {
            let at = place(at, bytes.len());
            bytes.splice(at..at, WORDS[word].iter().copied());
        }
        Change::Remove(at, length) => {
            let at = place(at, bytes.len());
            bytes.drain(at..(at + length).min(bytes.len()));
        }
        Change::Double(at, length, times) => {
            let at = place(at, bytes.len());
            let part = bytes[at..(at + length).min(bytes.len())].repeat(times);
            bytes.splice(at..at, part);
        }
        Change::Splice(at, from) => {
            bytes.truncate(place(at, bytes.len()));
            bytes.extend_from_slice(&other[place(from, other.len())..]);
        }
        Change::Cut(at) => bytes.truncate(place(at, bytes.len())),
    }
    bytes
}

#[test]
fn the_corpus() {
    for (name, target) in TARGETS {
        let inputs = corpus(name);
        assert!(inputs.len() >= 3, "the corpus of {name} is poor");
        for (path, bytes) in inputs {
            println!("{}", path.display());
            target(&bytes);
        }
    }
}

/// Every target has its program for cargo-fuzz, and every program its target.
#[test]
fn targets_and_programs() {
    let manifest = std::fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        let program = std::fs::read_to_string(folder().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("targets::{name}(data)")), "{name}");
        assert!(
            manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")),
            "{name}"
        );
    }
    assert_eq!(std::fs::read_dir(folder().join("fuzz_targets")).unwrap().count(), TARGETS.len());
}

fn mutations(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(other, _)| *other == name).unwrap();
    let inputs: Vec<Vec<u8>> = corpus(name).into_iter().map(|(_, bytes)| bytes).collect();
    let cases = std::env::var("QP_FUZZ_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let seed = std::env::var("QP_FUZZ_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7_u8);
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let changes = proptest::collection::vec(change(), 1..8);
    let strategy = (0..inputs.len(), 0..inputs.len(), changes);
    let result = runner.run(&strategy, |(one, other, changes)| {
        let bytes = changes.iter().fold(inputs[one].clone(), |bytes, c| apply(bytes, c, &inputs[other]));
        let caught = std::panic::catch_unwind(|| target(&bytes));
        caught.map_err(|panic| {
            let said = panic.downcast_ref::<String>().map_or("a panic", String::as_str);
            TestCaseError::fail(format!("{said}\ninput: {:?}", String::from_utf8_lossy(&bytes)))
        })
    });
    if let Err(failure) = result {
        panic!("{name}: {failure}");
    }
}

macro_rules! mutated {
    ($($name:ident)*) => { mod mutated { $(#[test] fn $name() { super::mutations(stringify!($name)); })* } };
}

mutated!(beads bundle issue lines markdown merge plan query settings tbd);
