//! The search file changes nothing but time: whole, torn, old, of another tree or repository, or absent, the same
//! issues are found.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::Config;
use quipu::context::Context;
use quipu::model::Issue;
use quipu::query::Words;
use quipu::store::{Match, Store, View};

use super::{context, issue, open, transact};
use crate::env::Env;

/// What is searched for: in many issues and in few, a part of a word, several terms, several words, a key's tail,
/// nothing's.
const SEARCHES: [&[&str]; 9] = [
    &["number"],
    &["5"],
    &["umbe", "TEXT"],
    &["text-7"],
    &["again"],
    &["a"],
    &["ÉTÉ"],
    &["alpha", "text"],
    &["nowhere"],
];

/// One step in the life of a tracker.
#[derive(Clone, Debug)]
enum Step {
    Create(usize),
    Rename(usize),
    Delete(usize),
    /// A file that cannot be read, in the place of an issue.
    Spoil(usize),
    /// Back to an earlier commit.
    Rewind(usize),
    /// One byte of the search file is another one.
    Flip(usize),
    /// The search file is cut off after so many thousandths.
    Cut(usize),
    /// As it was some time ago.
    Old(usize),
    Foreign,
    Gone,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (1..4_usize).prop_map(Step::Create),
        2 => (32..40_usize).prop_map(Step::Create),
        3 => any::<usize>().prop_map(Step::Rename),
        2 => any::<usize>().prop_map(Step::Delete),
        1 => any::<usize>().prop_map(Step::Spoil),
        1 => any::<usize>().prop_map(Step::Rewind),
        3 => any::<usize>().prop_map(Step::Flip),
        1 => (0..1000_usize).prop_map(Step::Cut),
        2 => any::<usize>().prop_map(Step::Old),
        1 => Just(Step::Foreign),
        1 => Just(Step::Gone),
    ];
    proptest::collection::vec(step, 4..14)
}

struct Life {
    env: Env,
    context: Context,
    /// Search files as they once were.
    past: Vec<Vec<u8>>,
}

impl Life {
    fn new(seed: u64) -> Self {
        let env = Env::new();
        let context = context(&env, seed);
        Life { env, context, past: Vec::new() }
    }

    fn path(&self) -> PathBuf {
        self.env.repo().join(".git/quipu/search")
    }

    fn store(&self) -> Store {
        open(&self.context)
    }

    fn view(&self) -> View {
        self.store().view().expect("a tracker")
    }

    fn create(&self, count: usize) {
        transact(&self.store(), &self.context, |txn| {
            let before = txn.tracker().rows.len();
            (before..before + count).try_for_each(|number| txn.put(numbered(issue(txn, ""), number)))
        });
    }

    fn change(&self, at: usize, change: impl Fn(&mut Issue)) {
        transact(&self.store(), &self.context, |txn| {
            let mut issue = txn.issue(at)?;
            change(&mut issue);
            txn.put(issue)
        });
    }

    fn live(&mut self, step: &Step, foreign: &[u8]) {
        let bytes = std::fs::read(self.path()).unwrap_or_default();
        let path = self.path();
        let write = |bytes: &[u8]| std::fs::write(&path, bytes).expect("the file can be written");
        let count = self.view().tracker.rows.len();
        match step {
            Step::Create(count) => self.create(*count),
            Step::Gone => drop(std::fs::remove_file(&path)),
            Step::Foreign => write(foreign),
            Step::Cut(thousandths) => write(&bytes[..bytes.len() * thousandths / 1000]),
            Step::Flip(at) if !bytes.is_empty() => write(&flipped(&bytes, *at)),
            Step::Old(at) if !self.past.is_empty() => write(&self.past[at % self.past.len()]),
            Step::Flip(_) | Step::Old(_) => {}
            Step::Rewind(back) => {
                let length = self.env.git_out(&["rev-list", "--count", "quipu-sync"]);
                let length: usize = length.trim().parse().expect("a number");
                let target = format!("quipu-sync~{}", back % (length - 1));
                self.env.git_out(&["update-ref", "refs/heads/quipu-sync", &target]);
            }
            _ if count == 0 => {}
            Step::Rename(at) => self.change(at % count, |issue| issue.front.title.push_str(", again")),
            Step::Delete(at) => {
                transact(&self.store(), &self.context, |txn| {
                    txn.delete(txn.tracker().rows.id(at % count));
                    Ok(())
                });
            }
            Step::Spoil(at) => {
                let path = self.view().path(at % count);
                self.env.commit_file(&path, Some("---\ntitle: [\n---\n"));
            }
        }
    }
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut other = bytes.to_owned();
    other[at % bytes.len()] ^= 1 << (at % 8);
    other
}

fn numbered(mut issue: Issue, number: usize) -> Issue {
    issue.front.title = format!("Number {number}");
    issue.body.description = format!("Its text-{}, in été", number % 10);
    if number.is_multiple_of(3) {
        issue.body.notes = format!("alpha/{number}");
    }
    issue
}

/// Searches by the index, and once more by reading everything.
fn both(view: &View, words: &[&str]) -> (Vec<Match>, Vec<Match>) {
    let words = Words::new(words.iter().copied());
    let found = view.search(&words, |_| true).expect("a search");
    let read = |at| words.places(&view.tracker.key(at), &view.issue(at).expect("an issue")).map(|p| (at, p));
    (found, (0..view.tracker.rows.len()).filter_map(read).collect())
}

fn foreign() -> Vec<u8> {
    let other = Life::new(99);
    other.create(40);
    both(&other.view(), &["number"]);
    std::fs::read(other.path()).expect("a search among 40 issues makes the file")
}

proptest! {
    #![proptest_config(Config { cases: 12, max_shrink_iters: 60, ..Config::default() })]
    #[test]
    fn the_same_is_found_with_and_without(steps in steps()) {
        let foreign = foreign();
        let mut life = Life::new(1);
        both(&life.view(), &["number"]);
        for (number, step) in steps.iter().enumerate() {
            life.live(step, &foreign);
            let view = life.view();
            // Not always the same one meets the file first.
            for turn in 0..SEARCHES.len() {
                let words = SEARCHES[(number + turn) % SEARCHES.len()];
                let (found, read) = both(&view, words);
                prop_assert_eq!(found, read, "{:?} after {:?}", words, step);
            }
            let past = std::fs::read(life.path());
            life.past.extend(past);
        }
    }
}

#[test]
fn it_is_written_when_much_has_changed_and_used() {
    let life = Life::new(1);
    let read = || std::fs::read(life.path()).ok();
    life.create(31);
    both(&life.view(), &["number"]);
    assert_eq!(read(), None, "31 files are quickly read");
    life.create(1);
    life.view();
    assert_eq!(read(), None, "only a search writes it");
    both(&life.view(), &["number"]);
    let written = read().expect("32 are worth a file");
    life.create(5);
    both(&life.view(), &["number"]);
    assert_eq!(read(), Some(written), "5 more are not");
}

#[test]
fn a_part_that_is_torn_is_noticed_when_it_is_read() {
    let life = Life::new(1);
    life.create(40);
    let view = life.view();
    let (found, _) = both(&view, &["number"]);
    assert_eq!(found.len(), 40);
    let bytes = std::fs::read(life.path()).expect("the file");
    std::fs::write(life.path(), flipped(&bytes, bytes.len() - 1)).expect("the file can be written");
    let (found, read) = both(&view, &["number"]);
    assert_eq!(found, read);
    assert_eq!(std::fs::read(life.path()).expect("the file"), bytes, "and made again");
}

#[test]
fn a_look_at_the_past_writes_nothing() {
    let life = Life::new(1);
    life.create(40);
    let head = life.env.git_out(&["rev-parse", "quipu-sync"]);
    life.create(40);
    let search = |args: &[&str]| life.env.json([&["search", "number", "-n", "0"], args].concat());
    assert_eq!(search(&["--at", head.trim()]).as_array().expect("hits").len(), 40);
    assert!(!life.path().exists());
    assert_eq!(search(&[]).as_array().expect("hits").len(), 80);
    let written = std::fs::read(life.path()).expect("the file");
    assert_eq!(search(&["--at", head.trim()]).as_array().expect("hits").len(), 40);
    assert_eq!(std::fs::read(life.path()).expect("the file"), written);
}

#[test]
fn where_it_cannot_be_written_the_search_goes_on() {
    let life = Life::new(1);
    life.create(40);
    std::fs::create_dir_all(life.path()).expect("a folder in its place");
    let (found, read) = both(&life.view(), &["text-7"]);
    assert_eq!((found.len(), &found), (4, &read));
    let left = |path: &Path| path.read_dir().expect("the folder").filter_map(Result::ok).count();
    let before = left(life.path().parent().expect("a folder"));
    both(&life.view(), &["text-7"]);
    assert_eq!(left(life.path().parent().expect("a folder")), before, "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn everybody_who_may_read_the_repository_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let life = Life::new(1);
    life.create(40);
    both(&life.view(), &["number"]);
    let mode = |path: &Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&life.path()), mode(&life.env.repo().join(".git/config")));
}
