//! A few clones, the commits they made, and who knows which.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::OnceLock;

use quipu::context::Context;
use quipu::error::Result;
use quipu::model::{Settings, Timestamp};
use quipu::store::testing;
use quipu::store::{Author, Message, Store, Txn};

use super::check;
use super::ops::{History, Op, Step};
use super::state::State;

/// 2026-01-07T10:00:00Z, in milliseconds.
const START_MS: i64 = 1_767_780_000_000;
const MINUTE_MS: i64 = 60_000;

/// A commit.
pub struct Node {
    pub commit: String,
    pub parents: Vec<usize>,
    /// The commit and all it follows.
    pub past: BTreeSet<usize>,
    pub state: Rc<State>,
    pub time: Timestamp,
    /// What happened.
    pub what: String,
}

pub struct World {
    pub history: testing::History,
    /// Another one that shares nothing but the files with the first.
    pub other: Option<testing::History>,
    pub nodes: Vec<Node>,
    known: HashMap<String, usize>,
    pub tips: Vec<usize>,
    hub: usize,
    uses_hub: bool,
    clocks: Vec<i64>,
    folder: PathBuf,
    /// Kept until the world ends.
    _root: Option<tempfile::TempDir>,
    pub steps: i64,
}

impl World {
    pub fn new(history: &History, in_memory: bool) -> Self {
        let root = (!in_memory).then(repository);
        let folder = root.as_ref().map_or_else(|| shared().to_owned(), |root| root.path().to_owned());
        let open = |vars: &[(&str, &str)]| {
            let vars = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            let context = Context::new(vars, folder.clone()).expect("a context");
            testing::History::new(Store::discover(&context, None).expect("a repository"), in_memory)
        };
        if !in_memory {
            // Neither a snapshot file, whatever stands in it, nor the environment has a say.
            std::fs::create_dir(folder.join("quipu")).expect("a folder");
            std::fs::write(folder.join("quipu/snapshot"), "torn").expect("a file");
        }
        let mut world = World {
            history: open(&[]),
            other: (!in_memory)
                .then(|| open(&[("QP_TEST_NOW", "2099-01-01T00:00:00Z"), ("QP_ACTOR", "bob")])),
            nodes: Vec::new(),
            known: HashMap::new(),
            tips: Vec::new(),
            hub: 0,
            uses_hub: history.hub,
            clocks: history.clocks.clone(),
            folder,
            _root: root,
            steps: 0,
        };
        let root = world.history.root().expect("a root");
        let root = world.add(root, &[], "root".to_owned());
        for clone in 0..history.clocks.len() {
            let tip = if clone == 0 || history.apart {
                world.tips.push(root);
                let prefix = if clone < 2 { "web" } else { "app" };
                let init = |txn: &mut Txn<'_>| {
                    txn.put_settings(Settings::new(prefix));
                    Ok(())
                };
                world.write(clone, "init".to_owned(), init).expect("a tracker").expect("a commit");
                (0..history.issues).for_each(|n| world.act(clone, &Op::Create(n + 1)).expect("an issue"));
                world.tips[clone]
            } else {
                world.tips.push(root);
                world.tips[0]
            };
            world.tips[clone] = tip;
        }
        world.hub = world.tips[0];
        world
    }

    /// Adds a commit, once.
    pub fn add(&mut self, commit: String, parents: &[usize], what: String) -> usize {
        if let Some(known) = self.known.get(&commit) {
            return *known;
        }
        let at = self.nodes.len();
        let mut past: BTreeSet<usize> = parents.iter().flat_map(|p| self.nodes[*p].past.clone()).collect();
        past.insert(at);
        let state = Rc::new(State::new(self.history.files(&commit).expect("files")));
        let message = Message::parse(&self.history.message(&commit).expect("a message"));
        let time = message.time().unwrap_or_else(|| self.history.author_time(&commit).expect("a commit"));
        self.known.insert(commit.clone(), at);
        self.nodes.push(Node { commit, parents: parents.to_vec(), past, state, time, what });
        at
    }

    /// Returns the clone that a number means.
    pub fn clone_of(&self, number: u8) -> usize {
        usize::from(number) % self.clocks.len()
    }

    /// Returns the present time by the clock of a clone.
    pub fn now(&self, clone: usize) -> Timestamp {
        Timestamp::from_millis(START_MS + (self.steps + self.clocks[clone]) * MINUTE_MS)
    }

    pub fn author(clone: usize) -> Author {
        Author {
            actor: format!("actor-{clone}"),
            email: "a@example.com".to_owned(),
            session: format!("s{clone}"),
        }
    }

    /// Lets a clone write. `None` where nothing changed.
    pub fn write(
        &mut self,
        clone: usize,
        what: String,
        change: impl FnOnce(&mut Txn<'_>) -> Result<()>,
    ) -> Result<Option<usize>> {
        self.steps += 1;
        let vars = BTreeMap::from([
            ("QP_TEST_SEED".to_owned(), format!("{}", self.steps * 1000 + clone as i64)),
            ("QP_TEST_NOW".to_owned(), self.now(clone).to_string()),
        ]);
        let context = Context::new(vars, self.folder.clone())?;
        let tip = self.tips[clone];
        let commit = self.history.write(&context, &World::author(clone), &self.nodes[tip].commit, change)?;
        let Some(commit) = commit else { return Ok(None) };
        // A cycle that one clone makes by itself is not the subject.
        if !self.history.view(&commit)?.tracker.graph().cycles().is_empty() {
            return Ok(None);
        }
        let at = self.add(commit, &[tip], format!("clone {clone}: {what}"));
        self.tips[clone] = at;
        Ok(Some(at))
    }

    pub fn step(&mut self, step: &Step) -> std::result::Result<(), String> {
        match step {
            Step::Write(clone, op) => {
                let clone = self.clone_of(*clone);
                self.act(clone, op).map_err(|e| format!("{op:?}: {e:?}"))?;
            }
            Step::Hub(clone) => self.visit_hub(self.clone_of(*clone))?,
            Step::Meet(one, other) => {
                let [one, other] = [*one, *other].map(|clone| self.clone_of(clone));
                self.exchange(one, other)?;
            }
            Step::Take(one, other) => {
                let [one, other] = [*one, *other].map(|clone| self.clone_of(clone));
                self.tips[one] = self.bring_together(self.tips[one], self.tips[other])?;
            }
        }
        Ok(())
    }

    fn visit_hub(&mut self, clone: usize) -> std::result::Result<(), String> {
        self.hub = self.bring_together(self.tips[clone], self.hub)?;
        self.tips[clone] = self.hub;
        Ok(())
    }

    fn exchange(&mut self, one: usize, other: usize) -> std::result::Result<(), String> {
        let met = self.bring_together(self.tips[one], self.tips[other])?;
        self.tips[one] = met;
        self.tips[other] = met;
        Ok(())
    }

    /// Everybody meets everybody, and after a second round all must have the same.
    pub fn meet_all(&mut self) -> std::result::Result<(), String> {
        for _ in 0..2 {
            for one in 0..self.tips.len() {
                if self.uses_hub {
                    self.visit_hub(one)?;
                    continue;
                }
                for other in 0..one {
                    self.exchange(one, other)?;
                }
            }
        }
        let all: BTreeSet<usize> = self.tips.iter().copied().collect();
        if all.len() == 1 { Ok(()) } else { Err(format!("the clones end at {all:?}")) }
    }

    /// Brings two commits together: the newer one, or their merge, which is checked.
    fn bring_together(&mut self, one: usize, other: usize) -> std::result::Result<usize, String> {
        check::meeting(self, one, other)?;
        if self.nodes[one].past.contains(&other) {
            return Ok(one);
        }
        if self.nodes[other].past.contains(&one) {
            return Ok(other);
        }
        let [a, b] = [one, other].map(|at| self.nodes[at].commit.clone());
        let merge = self.history.merge(&a, &b).map_err(|e| format!("merging {one} and {other}: {e:?}"))?;
        let again = self.other.as_ref().unwrap_or(&self.history);
        let swapped = again.merge(&b, &a).map_err(|e| format!("merging {other} and {one}: {e:?}"))?;
        if merge != swapped {
            return Err(format!("merging {one} and {other} depends on who does it"));
        }
        let at = self.add(merge, &[one, other], format!("merge of {one} and {other}"));
        check::merge(self, at)?;
        Ok(at)
    }

    /// Tells all that happened, for whoever has to find out why a law was broken.
    pub fn story(&self) -> String {
        let line = |(at, node): (usize, &Node)| {
            format!("{at} {:?} {} ({}) {}", node.parents, node.what, node.time, &node.commit[..9])
        };
        self.nodes.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Makes an empty repository, in memory where the system has such a place.
pub fn repository() -> tempfile::TempDir {
    let memory = PathBuf::from("/dev/shm");
    let place = if memory.is_dir() { memory } else { std::env::temp_dir() };
    let root = tempfile::Builder::new().prefix("qp-laws-").tempdir_in(place).expect("a temporary folder");
    init(root.path());
    root
}

fn init(folder: &std::path::Path) {
    let status = std::process::Command::new("git")
        .args(["init", "-q", "--bare"])
        .arg(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status();
    assert!(status.expect("git runs").success());
}

/// Returns a repository for histories in memory, to which no object is written. It stays in the build's own folder.
pub fn shared() -> &'static std::path::Path {
    static SHARED: OnceLock<PathBuf> = OnceLock::new();
    SHARED.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("laws.git");
        if !folder.join("HEAD").exists() {
            init(&folder);
        }
        // A large snapshot that an earlier run left would be read for every commit.
        drop(std::fs::remove_file(folder.join("quipu/snapshot")));
        folder
    })
}
