//! Exchanging with a remote on the same disk: a bare repository, and two clones of it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::measure::{Figure, Machine, QP, median};

/// Issues that each clone changes before the two meet.
const CHANGED: usize = 100;

/// A bare repository and two clones of it.
pub struct Exchange<'a> {
    machine: &'a Machine,
    one: PathBuf,
    two: PathBuf,
    ids: Vec<String>,
}

impl<'a> Exchange<'a> {
    /// Clones a repository that has a tracker, by way of a bare one.
    pub fn new(machine: &'a Machine, tracker: &Path, size: usize) -> Self {
        let folder = tempfile::tempdir_in(machine.root.path()).expect("a temporary folder").keep();
        let git = |args: &[&str]| machine.time(&folder, "git", args);
        git(&["init", "-q", "--bare", "hub.git"]);
        let source = tracker.to_str().expect("UTF-8");
        git(&["-C", source, "push", "-q", folder.join("hub.git").to_str().expect("UTF-8"), "quipu-sync"]);
        for clone in ["one", "two"] {
            git(&["init", "-q", clone]);
            git(&["-C", clone, "remote", "add", "origin", "../hub.git"]);
            machine.time(&folder.join(clone), QP, &["sync"]);
            git(&["-C", clone, "gc", "-q"]);
        }
        let (one, two) = (folder.join("one"), folder.join("two"));
        let list =
            machine.command(&one, QP, &["list", "--limit", "0", "--json"]).stdout(Stdio::piped()).output();
        let list = serde_json::from_slice::<serde_json::Value>(&list.expect("a list").stdout).expect("JSON");
        let ids =
            list.as_array().into_iter().flatten().filter_map(|row| row["uid"].as_str().map(str::to_owned));
        let ids: Vec<String> = ids.collect();
        assert!(ids.len() >= 2 * CHANGED.min(size / 25), "{} open issues", ids.len());
        Exchange { machine, one, two, ids }
    }

    /// A sync that finds nothing to do. Beside it stands what it cannot avoid: asking the remote, and starting.
    pub fn idle(&self, runs: usize) -> (Figure, Duration) {
        self.machine.time(&self.one, QP, &["sync"]);
        let (mut times, mut gits, mut floor) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..runs {
            times.push(self.machine.time(&self.one, QP, &["sync"]));
            gits.push(self.machine.time(&self.one, "git", &["rev-parse", "--git-dir"]));
            let asked =
                self.machine.time(&self.one, "git", &["ls-remote", "origin", "refs/heads/quipu-sync"]);
            floor.push(asked + self.machine.time(&self.one, QP, &["--version"]));
        }
        let memory_kb = self.machine.peak(&self.one, QP, &["sync"]);
        let (time, git, floor) = (median(times), median(gits), median(floor));
        let goal = Some(1.3 * floor.as_secs_f64() / git.as_secs_f64());
        (Figure { time, git, memory_kb, written: 0, goal }, floor)
    }

    /// Both clones have changed many issues, the same ones or others; one has sent its work, and the other syncs.
    pub fn merge(&self, same: bool, runs: usize) -> Figure {
        let (mut times, mut gits, mut memory_kb) = (Vec::new(), Vec::new(), None);
        for run in 0..=runs {
            self.machine.time(&self.one, QP, &["sync"]);
            self.machine.time(&self.two, QP, &["sync"]);
            let count = CHANGED.min(self.ids.len() / 2);
            let theirs = if same { &self.ids[..count] } else { &self.ids[count..2 * count] };
            self.change(&self.one, &self.ids[..count], run * 2);
            self.change(&self.two, theirs, run * 2 + 1);
            self.machine.time(&self.one, QP, &["sync"]);
            if run == runs {
                memory_kb = self.machine.peak(&self.two, QP, &["sync"]);
                break;
            }
            times.push(self.machine.time(&self.two, QP, &["sync"]));
            gits.push(self.machine.time(&self.one, "git", &["rev-parse", "--git-dir"]));
        }
        Figure { time: median(times), git: median(gits), memory_kb, written: 0, goal: None }
    }

    /// An operation for each issue, as people would.
    fn change(&self, clone: &Path, ids: &[String], number: usize) {
        for id in ids {
            let title = format!("Changed in round {number}");
            self.machine.time(clone, QP, &["update", id, "--title", &title]);
        }
    }
}
