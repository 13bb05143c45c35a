//! A repository with a tracker of a given size, and the commands that are measured in it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use quipu::context::Context;
use quipu::model::Issue;
use quipu::store::{Author, Store};

use crate::generate;
use crate::measure::{Figure, Inventory, Machine, QP, median};

/// One measured command line.
pub struct Case {
    pub name: &'static str,
    /// The command, which must exist.
    pub command: &'static str,
    /// Its arguments: `{open}` is an issue that can be worked on, another one in each run, `{any}` some issue,
    /// `{n}` the number of the run.
    arguments: &'static [&'static str],
    writes: bool,
    /// What it may cost at 1,000, 10,000 and 100,000 issues, in units.
    goals: [f64; 3],
}

/// What a command finds when it starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// The snapshot file of the tracker as it is.
    Warm,
    /// A snapshot file, and one change since by somebody else.
    Changed,
    /// No snapshot file, as in a fresh clone.
    Cold,
}

impl Case {
    /// Tells whether it changes the tracker.
    pub fn writes(&self) -> bool {
        self.writes
    }
}

impl State {
    pub const ALL: [State; 3] = [State::Warm, State::Changed, State::Cold];

    /// Returns the word for it in the table.
    pub fn name(self) -> &'static str {
        match self {
            State::Warm => "warm",
            State::Changed => "one change",
            State::Cold => "cold",
        }
    }

    /// Returns what a command may cost in this state.
    fn goals(self, case: &Case) -> Option<[f64; 3]> {
        match self {
            State::Warm => Some(case.goals),
            _ if case.writes || case.command == "search" || case.name.ends_with("all") => None,
            State::Changed => Some([3.0, 5.0, 22.0]),
            State::Cold => Some([20.0, 80.0, 700.0]),
        }
    }
}

const READ: [f64; 3] = [2.0, 4.0, 20.0];
const WRITE: [f64; 3] = [4.0, 5.0, 10.0];
const NONE: [f64; 3] = [f64::INFINITY; 3];

const fn read(
    name: &'static str,
    command: &'static str,
    arguments: &'static [&'static str],
    goals: [f64; 3],
) -> Case {
    Case { name, command, arguments, writes: false, goals }
}

const fn write(name: &'static str, command: &'static str, arguments: &'static [&'static str]) -> Case {
    Case { name, command, arguments, writes: true, goals: WRITE }
}

/// What is measured, a line each.
pub const CASES: &[Case] = &[
    read("ready --json", "ready", &["ready", "--json"], READ),
    read("list --json", "list", &["list", "--json"], READ),
    read("status", "status", &["status"], READ),
    read("show KEY --json", "show", &["show", "{any}", "--json"], [2.0, 3.0, 8.0]),
    write(
        "create",
        "create",
        &["create", "Measured for the {n}th time", "-t", "bug", "-l", "auth", "-d", "A text."],
    ),
    write("claim", "claim", &["claim", "{open}"]),
    write("close", "close", &["close", "{open}", "-r", "done"]),
    read("search word --json", "search", &["search", "keyboard", "--json"], [3.0, 8.0, 60.0]),
    read("list --json, all", "list", &["list", "--all", "--limit", "0", "--json"], NONE),
];

/// What an import of a thousand issues may cost, in units.
const IMPORT_GOAL: f64 = 80.0;

/// A repository to measure in.
pub struct Scene<'a> {
    machine: &'a Machine,
    folder: PathBuf,
    issues: Vec<Issue>,
    runs: Cell<usize>,
    /// How many startable issues have been used up.
    used: Cell<usize>,
}

impl<'a> Scene<'a> {
    /// Makes a repository with a tracker, packed like a clone.
    pub fn new(machine: &'a Machine, size: usize) -> Self {
        let folder = machine.root.path().join(format!("tracker-{size}"));
        let issues = make(machine, &folder, size);
        Scene { machine, folder, issues, runs: Cell::new(0), used: Cell::new(0) }
    }

    /// Returns the folder of the repository.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the number of issues.
    pub fn size(&self) -> usize {
        self.issues.len()
    }

    /// Measures a command in a state. The cheapest git command runs in turn with it: on a busy machine the ratio of the
    /// two says more than either.
    pub fn measure(&self, case: &Case, state: State, runs: usize) -> Figure {
        // Whatever is made by the first run of a kind is there.
        self.machine.time(&self.folder, QP, &words(&self.arguments(case)));
        self.machine.time(&self.folder, QP, &["list", "--json"]);
        let (mut times, mut gits) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            let arguments = self.prepare(case, state);
            times.push(self.machine.time(&self.folder, QP, &words(&arguments)));
            gits.push(self.time_git());
        }
        let arguments = self.prepare(case, state);
        let before = Inventory::of(&self.folder);
        let memory_kb = self.machine.peak(&self.folder, QP, &words(&arguments));
        let written = if case.writes { before.written_until(&Inventory::of(&self.folder)) } else { 0 };
        let goal = state.goals(case).and_then(|goals| self.goal(goals));
        Figure { time: median(times), git: median(gits), memory_kb, written, goal }
    }

    fn goal(&self, goals: [f64; 3]) -> Option<f64> {
        let at = [1_000, 10_000, 100_000].iter().position(|size| *size == self.size())?;
        Some(goals[at]).filter(|goal| goal.is_finite())
    }

    /// Fills in the arguments, and sees to it that the command finds what it is to find.
    fn prepare(&self, case: &Case, state: State) -> Vec<String> {
        let arguments = self.arguments(case);
        match state {
            State::Warm => {}
            State::Changed => {
                let at = self.runs.get() * 104_729 % self.issues.len();
                let id = self.issues[at].front.id.to_string();
                let title = format!("Changed before run {}", self.runs.get());
                self.machine.time(&self.folder, QP, &["update", &id, "--title", &title]);
            }
            // There may be none.
            State::Cold => drop(std::fs::remove_dir_all(self.folder.join(".git/quipu"))),
        }
        arguments
    }

    fn time_git(&self) -> Duration {
        self.machine.time(&self.folder, "git", &["rev-parse", "--git-dir"])
    }

    /// Measures what the disk takes for the files of one `create`: six objects, most of them in folders that a packed
    /// repository does not have, and the branch, each under another name first. It is a part of every write.
    pub fn measure_files(&self, runs: usize) -> Figure {
        let (mut times, mut gits) = (Vec::new(), Vec::new());
        for run in 0..runs {
            times.push(make_files(&self.folder.join(".git"), run));
            gits.push(self.time_git());
        }
        Figure { time: median(times), git: median(gits), ..Figure::default() }
    }

    /// Measures the import of the same issues into an empty tracker.
    pub fn measure_import(&self, runs: usize) -> Figure {
        let file = self.machine.root.path().join("issues.jsonl");
        std::fs::write(&file, generate::json_lines(&self.issues)).expect("a file of issues");
        let words = ["import", file.to_str().expect("UTF-8")];
        let (mut times, mut gits, mut written) = (Vec::new(), Vec::new(), 0);
        for _ in 0..runs {
            let folder = self.empty_tracker();
            let before = Inventory::of(&folder);
            times.push(self.machine.time(&folder, QP, &words));
            gits.push(self.time_git());
            written = before.written_until(&Inventory::of(&folder));
        }
        let folder = self.empty_tracker();
        let memory_kb = self.machine.peak(&folder, QP, &words);
        let goal = Some(IMPORT_GOAL * self.size() as f64 / 1000.0);
        Figure { time: median(times), git: median(gits), memory_kb, written, goal }
    }

    /// Makes a repository with an empty tracker, which goes when everything goes.
    fn empty_tracker(&self) -> PathBuf {
        let folder = tempfile::tempdir_in(self.machine.root.path()).expect("a temporary folder").keep();
        self.machine.time(&folder, "git", &["init", "-q"]);
        self.machine.time(&folder, QP, &["init", "--prefix", "app"]);
        folder
    }

    fn arguments(&self, case: &Case) -> Vec<String> {
        let number = self.runs.replace(self.runs.get() + 1);
        let fill = |word: &&str| match *word {
            "{open}" => self.next_open(),
            "{any}" => self.issues[number * 7919 % self.issues.len()].front.id.to_string(),
            word => word.replace("{n}", &number.to_string()),
        };
        case.arguments.iter().map(fill).collect()
    }

    /// Another startable issue each time; a small tracker gets new ones when it has run out.
    fn next_open(&self) -> String {
        let at = self.used.replace(self.used.get() + 1);
        if let Some(issue) = generate::startable(&self.issues).nth(at) {
            return issue.front.id.to_string();
        }
        let output = self
            .machine
            .command(&self.folder, QP, &["q", "One more"])
            .stdout(std::process::Stdio::piped())
            .output();
        String::from_utf8_lossy(&output.expect("the program starts").stdout).trim().to_owned()
    }
}

fn words(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// Makes the files of a write in a git directory. Git passes over their names.
#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
fn make_files(git: &Path, run: usize) -> Duration {
    let objects = git.join("objects");
    let begin = Instant::now();
    let file = |from: PathBuf, to: PathBuf| {
        std::fs::write(&from, [0; 200]).expect("a file is made");
        std::fs::rename(&from, &to).expect("a file is renamed");
    };
    for object in 0..6 {
        let folder = objects.join(format!("files-{run}-{object}"));
        std::fs::create_dir(&folder).expect("a folder is made");
        file(objects.join(format!(".tmp-{run}-{object}")), folder.join("object"));
    }
    file(git.join("measured.lock"), git.join("measured"));
    begin.elapsed()
}

/// Makes a repository with a tracker of so many issues.
pub fn make(machine: &Machine, folder: &Path, size: usize) -> Vec<Issue> {
    let name = folder.to_str().expect("a UTF-8 path");
    machine.time(machine.root.path(), "git", &["init", "-q", "-b", "main", name]);
    let folder = machine.root.path().join(folder);
    let issues = generate::issues(size);
    fill(&folder, &issues);
    machine.time(&folder, "git", &["gc", "-q"]);
    issues
}

/// Writes the issues by one commit.
fn fill(folder: &Path, issues: &[Issue]) {
    let context = Context::new(BTreeMap::new(), folder.to_owned()).expect("a context");
    let store = Store::discover(&context, None).expect("a repository");
    let author = Author { actor: "alice".into(), email: "alice@example.com".into(), session: "s1".into() };
    store.init(&context, &author, "app").expect("a tracker");
    let written = store.transact(&context, &author, "import", |txn| {
        txn.subject("many issues");
        issues.iter().try_for_each(|issue| txn.put_exact(issue.clone()))
    });
    written.expect("the issues are written");
}
