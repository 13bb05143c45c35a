//! The snapshot file changes nothing but time: whole, torn, old, of another tree or repository, or absent, the
//! answers are the same.

use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::Config;
use quipu::context::Context;
use quipu::model::{Status, Tracker};
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
    /// What happens to the snapshot file.
    Snapshot(Fate),
}

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
        4 => fate.prop_map(Step::Snapshot),
    ];
    proptest::collection::vec(step, 4..16)
}

/// A tracker, its snapshot file, and that of another tracker.
struct Life {
    env: Env,
    context: Context,
    /// Snapshot files as they once were.
    past: Vec<Vec<u8>>,
    foreign: Vec<u8>,
}

impl Life {
    fn new() -> Self {
        let foreign = {
            let other = Env::new();
            let context = context(&other, 99);
            create(&open(&context), &context, 40);
            let path = other.repo().join(".git/quipu/snapshot");
            std::fs::read(path).expect("40 new issues make a snapshot")
        };
        let env = Env::new();
        let context = context(&env, 1);
        Life { env, context, past: Vec::new(), foreign }
    }

    fn path(&self) -> PathBuf {
        self.env.repo().join(".git/quipu/snapshot")
    }

    fn store(&self) -> Store {
        open(&self.context)
    }

    fn live(&mut self, step: &Step) {
        let store = self.store();
        let count = store.view().expect("a tracker").tracker.rows.len();
        match step {
            Step::Create(new) => create(&store, &self.context, *new),
            Step::Snapshot(fate) => self.meet(fate),
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
        if let Ok(bytes) = std::fs::read(self.path()) {
            self.past.push(bytes);
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

    fn meet(&self, fate: &Fate) {
        let path = self.path();
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
            Fate::Old(at) if !self.past.is_empty() => write(&self.past[at % self.past.len()]),
            Fate::Old(_) => {}
            Fate::Foreign => write(&self.foreign),
            Fate::Garbage(bytes) => write(bytes),
            Fate::Folder => {
                drop(std::fs::remove_file(&path));
                std::fs::create_dir(&path).expect("a folder");
                std::fs::remove_dir(&path).expect("the folder goes again");
            }
        }
    }

    /// Reads the tracker as it is, and as it is without the snapshot file, which is put back.
    fn both(&self) -> (Tracker, Tracker) {
        let with = self.store().view().expect("a tracker").tracker;
        let kept = std::fs::read(self.path()).ok();
        drop(std::fs::remove_file(self.path()));
        let without = self.store().view().expect("a tracker").tracker;
        drop(std::fs::remove_file(self.path()));
        if let Some(bytes) = kept {
            std::fs::write(self.path(), bytes).expect("the file can be written");
        }
        (with, without)
    }
}

fn create(store: &Store, context: &Context, count: usize) {
    transact(store, context, |txn| {
        for number in 0..count {
            let mut issue = issue(txn, &format!("Number {number}"));
            if number % 3 == 0 && !txn.tracker().rows.is_empty() {
                issue.front.blocked_by.insert(txn.tracker().rows.id(0).into());
            }
            txn.put(issue)?;
        }
        Ok(())
    });
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
            prop_assert!((0..with.rows.len()).all(|at| with.key(at) == without.key(at)));
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
}

#[test]
fn the_program_prints_the_same_with_and_without() {
    let life = Life::new();
    create(&life.store(), &life.context, 50);
    let list = || life.env.qp(["list", "--all", "--json", "--limit", "0"]).success().stdout;
    let with = list();
    for fate in [Fate::Gone, Fate::Foreign, Fate::Torn(500), Fate::Garbage(b"QPSNAP".to_vec())] {
        life.meet(&fate);
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
