//! The snapshot file changes nothing but time: whole, torn, old, of another tree or repository, or absent, the
//! answers are the same.

use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::Config;
use quipu::context::Context;
use quipu::model::{Ref, Status, Timestamp, Tracker};
use quipu::query::{self, Filter, Readiness, SortKey, State, Summary};
use quipu::store::Store;

use super::{context, issue, open, transact};
use crate::env::Env;

/// One step in the life of a tracker.
#[derive(Clone, Debug)]
enum Step {
    /// So many new issues in one write. 32 or more make a new snapshot.
    Create(usize),
    /// Another title for an issue.
    Rename(usize),
    Close(usize),
    Delete(usize),
    /// A file that cannot be read, in the place of an issue.
    Spoil(usize),
    /// Back to an earlier commit.
    Rewind(usize),
    /// What happens to the snapshot file, or to the file of changes beside it.
    Files(&'static str, Fate),
}

/// The files that may be lost, torn or another's.
const FILES: [&str; 2] = ["snapshot", "snapshot-changes"];

#[derive(Clone, Debug)]
enum Fate {
    Gone,
    /// Cut off after so many thousandths.
    Torn(usize),
    /// One byte is another one.
    Flipped(usize),
    /// As it was some time ago.
    Old(usize),
    /// That of another repository.
    Foreign,
    Garbage(Vec<u8>),
    /// A folder in its place.
    Folder,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let fate = prop_oneof![
        Just(Fate::Gone),
        (0..1000_usize).prop_map(Fate::Torn),
        any::<usize>().prop_map(Fate::Flipped),
        any::<usize>().prop_map(Fate::Old),
        Just(Fate::Foreign),
        proptest::collection::vec(any::<u8>(), 0..200).prop_map(Fate::Garbage),
        Just(Fate::Folder),
    ];
    let step = prop_oneof![
        3 => (1..4_usize).prop_map(Step::Create),
        2 => (32..45_usize).prop_map(Step::Create),
        3 => any::<usize>().prop_map(Step::Rename),
        2 => any::<usize>().prop_map(Step::Close),
        2 => any::<usize>().prop_map(Step::Delete),
        1 => any::<usize>().prop_map(Step::Spoil),
        1 => any::<usize>().prop_map(Step::Rewind),
        2 => (8..20_usize).prop_map(Step::Create),
        4 => (0..2_usize, fate).prop_map(|(file, fate)| Step::Files(FILES[file], fate)),
    ];
    proptest::collection::vec(step, 4..16)
}

/// A tracker, its files, and those of another tracker.
struct Life {
    env: Env,
    context: Context,
    /// Files as they once were.
    past: Vec<(&'static str, Vec<u8>)>,
    foreign: [Vec<u8>; 2],
}

impl Life {
    fn new() -> Self {
        let foreign = {
            let other = Env::new();
            let context = context(&other, 99);
            create(&open(&context), &context, 80);
            create(&open(&context), &context, 9);
            let path = |name| other.repo().join(".git/quipu").join(name);
            FILES.map(|name| std::fs::read(path(name)).expect("80 new issues make a snapshot, 9 are changes"))
        };
        let env = Env::new();
        let context = context(&env, 1);
        Life { env, context, past: Vec::new(), foreign }
    }

    fn path(&self) -> PathBuf {
        self.file("snapshot")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.env.repo().join(".git/quipu").join(name)
    }

    fn store(&self) -> Store {
        open(&self.context)
    }

    fn live(&mut self, step: &Step) {
        let store = self.store();
        let count = store.view().expect("a tracker").tracker.rows.len();
        match step {
            Step::Create(new) => create(&store, &self.context, *new),
            Step::Files(name, fate) => self.meet(name, fate),
            Step::Rewind(back) => {
                let length: usize =
                    self.git(&["rev-list", "--count", "quipu-sync"]).parse().expect("a number");
                let target = format!("quipu-sync~{}", back % (length - 1));
                self.git(&["update-ref", "refs/heads/quipu-sync", &target]);
            }
            _ if count == 0 => {}
            Step::Rename(at) => self.change(at % count, |issue| issue.front.title.push_str(", again")),
            Step::Close(at) => self.change(at % count, |issue| issue.front.status = Status::Closed),
            Step::Delete(at) => {
                transact(&store, &self.context, |txn| {
                    txn.delete(txn.tracker().rows.id(at % count));
                    Ok(())
                });
            }
            Step::Spoil(at) => {
                let path = store.view().expect("a tracker").path(at % count);
                self.env.commit_file(&path, Some("---\ntitle: [\n---\n"));
            }
        }
        for name in FILES {
            self.past.extend(std::fs::read(self.file(name)).ok().map(|bytes| (name, bytes)));
        }
    }

    fn git(&self, args: &[&str]) -> String {
        self.env.git_out(args).trim().to_owned()
    }

    fn change(&self, at: usize, change: impl Fn(&mut quipu::model::Issue)) {
        transact(&self.store(), &self.context, |txn| {
            let mut issue = txn.issue(at)?;
            change(&mut issue);
            txn.put(issue)
        });
    }

    fn meet(&self, name: &str, fate: &Fate) {
        let path = self.file(name);
        let past: Vec<&Vec<u8>> = self.past.iter().filter(|(n, _)| *n == name).map(|(_, b)| b).collect();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let write = |bytes: &[u8]| std::fs::write(&path, bytes).expect("the file can be written");
        match fate {
            Fate::Gone => drop(std::fs::remove_file(&path)),
            Fate::Torn(thousandths) => write(&bytes[..bytes.len() * thousandths / 1000]),
            Fate::Flipped(_) if bytes.is_empty() => {}
            Fate::Flipped(at) => {
                let mut other = bytes.clone();
                other[at % bytes.len()] ^= 1 << (at % 8);
                write(&other);
            }
            Fate::Old(at) if !past.is_empty() => write(past[at % past.len()]),
            Fate::Old(_) => {}
            Fate::Foreign => write(&self.foreign[usize::from(name != FILES[0])]),
            Fate::Garbage(bytes) => write(bytes),
            Fate::Folder => {
                drop(std::fs::remove_file(&path));
                std::fs::create_dir(&path).expect("a folder");
                std::fs::remove_dir(&path).expect("the folder goes again");
            }
        }
    }

    /// Reads the tracker as it is, and as it is without the files, which are put back.
    fn both(&self) -> (Tracker, Tracker) {
        let with = self.store().view().expect("a tracker").tracker;
        let kept = FILES.map(|name| std::fs::read(self.file(name)).ok());
        let gone = || FILES.iter().for_each(|name| drop(std::fs::remove_file(self.file(name))));
        // Rows are read from the file when they are looked at, also once it has gone.
        gone();
        let without = self.store().view().expect("a tracker").tracker;
        gone();
        for (name, bytes) in FILES.iter().zip(kept) {
            let put_back = |bytes| std::fs::write(self.file(name), bytes);
            bytes.map(put_back).transpose().expect("the file can be written");
        }
        (with, without)
    }
}

fn create(store: &Store, context: &Context, count: usize) {
    transact(store, context, |txn| {
        for number in 0..count {
            let mut issue = issue(txn, &format!("Number {number}"));
            if number % 3 == 0 && !txn.tracker().rows.is_empty() {
                let first = txn.tracker().rows.id(0);
                issue.front.blocked_by.insert(first.into());
                issue.front.related.insert(first.into());
                issue.front.parent = Some(txn.tracker().rows.id(txn.tracker().rows.len() / 2).into());
            }
            txn.put(issue)?;
        }
        Ok(())
    });
}

/// What is known of an issue besides its front matter.
fn seen(tracker: &Tracker, at: usize) -> impl PartialEq + std::fmt::Debug + use<> {
    let mut references: Vec<Ref> = tracker.rows.references(at).into_iter().cloned().collect();
    references.sort();
    let graph = tracker.graph();
    let lists: [Vec<usize>; 4] = [
        graph.blockers(at).collect(),
        graph.dependents(at).collect(),
        graph.children(at).collect(),
        graph.referrers(at).into_iter().collect(),
    ];
    let (key, id) = (tracker.key(at), tracker.rows.id(at));
    let found = (tracker.keys().resolve(&key), tracker.keys().resolve(&id.tail(6)), tracker.position(id));
    (key, tracker.facts(at), graph.parent(at), lists, references, found)
}

/// The answers of `ready`, `list` and `status`.
fn answers(tracker: &Tracker, now: Timestamp) -> impl PartialEq + std::fmt::Debug + use<> {
    let readiness = Readiness::new(tracker, now);
    let mut listed = query::select(tracker, &Filter::default(), now);
    query::sort(tracker, &mut listed, SortKey::Updated, false, now);
    let states: Vec<State> = (0..tracker.rows.len()).map(|at| readiness.state(at).clone()).collect();
    let summary = Summary::new(tracker, &readiness, |_| true);
    (query::ready_order(tracker, &readiness), states, listed, summary)
}

proptest! {
    #![proptest_config(Config { cases: 10, max_shrink_iters: 60, ..Config::default() })]
    #[test]
    fn the_answers_are_the_same_with_and_without(steps in steps()) {
        let mut life = Life::new();
        for step in &steps {
            life.live(step);
            let (with, without) = life.both();
            prop_assert_eq!(with.rows.len(), without.rows.len(), "after {:?}", step);
            prop_assert!(with.rows == without.rows, "after {:?}", step);
            prop_assert_eq!(&with.settings, &without.settings);
            prop_assert_eq!(&with.unreadable, &without.unreadable, "after {:?}", step);
            for at in 0..with.rows.len() {
                prop_assert_eq!(seen(&with, at), seen(&without, at), "after {:?}", step);
            }
            let now = life.context.now();
            prop_assert_eq!(answers(&with, now), answers(&without, now), "after {:?}", step);
        }
    }
}

#[test]
fn it_is_written_when_much_has_changed_and_used() {
    let life = Life::new();
    let store = life.store();
    create(&store, &life.context, 31);
    assert!(!life.path().exists(), "31 files are quickly read");
    create(&store, &life.context, 1);
    life.store().view().expect("a tracker");
    assert!(life.path().exists(), "32 are worth a snapshot");
    let written = std::fs::read(life.path()).expect("the file");
    create(&store, &life.context, 5);
    life.store().view().expect("a tracker");
    assert_eq!(std::fs::read(life.path()).expect("the file"), written, "5 more are not");
    assert!(!life.file("snapshot-changes").exists());
    create(&store, &life.context, 3);
    life.store().view().expect("a tracker");
    assert_eq!(std::fs::read(life.path()).expect("the file"), written);
    assert!(life.file("snapshot-changes").exists(), "8 are worth being kept beside it");
    create(&store, &life.context, 30);
    life.store().view().expect("a tracker");
    assert_ne!(std::fs::read(life.path()).expect("the file"), written, "so many are worth a new one");
    assert!(!life.file("snapshot-changes").exists());
}

#[test]
fn a_damaged_row_is_read_from_the_branch() {
    let life = Life::new();
    create(&life.store(), &life.context, 40);
    let list = || life.env.qp(["list", "--all", "--long", "--limit", "0"]).success().stdout;
    let whole = list();
    let mut bytes = std::fs::read(life.path()).expect("the file");
    let at = bytes.windows(9).rposition(|w| w == b"Number 33").expect("the title stands in its row");
    bytes[at] = b'n';
    std::fs::write(life.path(), bytes).expect("the file can be written");
    assert_eq!(list(), whole);
    assert!(!life.path().exists(), "a damaged file is of no use to the next command");
    assert_eq!(list(), whole);
}

#[test]
fn the_program_prints_the_same_with_and_without() {
    let life = Life::new();
    create(&life.store(), &life.context, 50);
    let list = || life.env.qp(["list", "--all", "--json", "--limit", "0"]).success().stdout;
    let with = list();
    for fate in [Fate::Gone, Fate::Foreign, Fate::Torn(500), Fate::Garbage(b"QPSNAP".to_vec())] {
        life.meet("snapshot", &fate);
        assert_eq!(list(), with, "{fate:?}");
        assert_eq!(list(), with, "once more, after {fate:?}");
    }
    std::fs::remove_file(life.path()).expect("a file");
    std::fs::create_dir(life.path()).expect("a folder");
    assert_eq!(list(), with, "a folder in its place");
}

#[test]
fn everybody_who_may_read_the_repository_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let life = Life::new();
    create(&life.store(), &life.context, 40);
    let mode = |path: &str| {
        let path = life.env.repo().join(".git").join(path);
        std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
    };
    assert_eq!(mode("quipu/snapshot"), mode("config"));
}

#[test]
fn many_files_are_read_at_once() {
    let mut life = Life::new();
    create(&life.store(), &life.context, 1100);
    life.live(&Step::Spoil(7));
    let (with, without) = life.both();
    assert_eq!(with.rows.len(), 1099);
    assert!(with.rows == without.rows);
    assert_eq!(with.unreadable, without.unreadable);
    assert!((0..with.rows.len()).step_by(50).all(|at| seen(&with, at) == seen(&without, at)));
}
