//! Any weather: clones whose server refuses, limits, hangs, asks for a password and lets go by turns, whose `.git` is
//! locked now and then, and which end and are thrown away. What each of them does is drawn by lot, the same on every run.
//!
//! Whatever was written is seen by its own clone at once, and at the server at the end; and no command says that all is
//! shared while something is not.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::Value;

use super::{Desk, GENEROUS, Ground, OWN_BRANCHES, PATTERN};
use crate::compat::locked::locked;
use crate::compat::skip;
use crate::env::Run;
use crate::sync::proxy::Proxy;

/// Plans that are tried; `QP_WEATHER_PLANS` asks for more.
const PLANS: u64 = 2;
/// What is done in each.
const STEPS: usize = 60;
const CLONES: [&str; 3] = ["ann", "ben", "cat"];

#[test]
fn nothing_is_lost_in_any_weather() {
    let plans = std::env::var("QP_WEATHER_PLANS").ok().and_then(|text| text.parse().ok()).unwrap_or(PLANS);
    let first = std::env::var("QP_WEATHER_FIRST").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    for plan in first..first + plans {
        println!("plan {plan}");
        if Weather::new(plan).is_none_or(|mut weather| weather.play().is_none()) {
            return;
        }
    }
}

/// Numbers drawn by lot (xorshift*, Marsaglia 2003 and Vigna 2016).
struct Lot(u64);

impl Lot {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end
    }
}

struct Weather {
    ground: Ground,
    /// Servers of the one repository, each with its limits; the first has none.
    servers: Vec<Proxy>,
    lot: Lot,
    /// What each clone has written, and what the clones before it at this place had.
    written: [BTreeSet<String>; 3],
    count: usize,
}

impl Weather {
    fn new(plan: u64) -> Option<Self> {
        let ground = Ground::new();
        let limits: [&[&str]; 7] = [
            &[],
            OWN_BRANCHES,
            &["--methods", "GET,HEAD"],
            &["--ppm", "6"],
            &["--hang", "push"],
            &["--hang", "fetch"],
            &["--auth", "user:secret"],
        ];
        let servers = limits.iter().map(|limits| ground.serve(limits)).collect::<Option<Vec<_>>>()?;
        let mut lot = Lot(plan.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let settings = CLONES.map(|_| lot.below(3) == 0);
        for (who, falls_back) in CLONES.iter().zip(settings) {
            let desk = ground.sandbox(&servers[0], who);
            if falls_back {
                desk.allow_fallback();
            }
        }
        Some(Weather { ground, servers, lot, written: Default::default(), count: 0 })
    }

    /// Plays a plan; `None` where this machine cannot.
    fn play(&mut self) -> Option<()> {
        for _ in 0..STEPS {
            self.step()?;
        }
        self.clear_up();
        Some(())
    }

    fn desk(&self, at: usize) -> Desk<'_> {
        Desk { env: &self.ground.env, folder: self.ground.env.root().join(CLONES[at]), who: CLONES[at] }
    }

    fn title(&mut self, at: usize) -> String {
        self.count += 1;
        let title = format!("{} {}", CLONES[at], self.count);
        self.written[at].insert(title.clone());
        title
    }

    fn step(&mut self) -> Option<()> {
        let (at, action) = (self.lot.below(CLONES.len()), self.lot.below(16));
        match action {
            0..4 => {
                let title = self.title(at);
                self.desk(at).run(&["q", &title]);
            }
            4..7 => {
                let (title, who) = (self.title(at), CLONES[at]);
                let then = if action == 4 { " && qp sync" } else { "" };
                let script = format!("export QP_ACTOR={who} QP_SESSION={who}; qp q \"{title}\"{then}");
                let desk = self.desk(at);
                let Some(run) = locked(desk.env, &desk.folder, ".git", &script) else {
                    skip("nothing can be locked here");
                    return None;
                };
                assert!(run.code == 0 && run.stderr.contains("saved, not shared: "), "{run}");
            }
            7..11 => drop(self.sync(at)),
            11 => self.change_something(at),
            12 => self.bring_work(at),
            13 => self.merge_work(at),
            14 => drop(self.desk(at).run(&["outbox", "prune"])),
            _ => self.start_anew(at),
        }
        self.sees_its_own(at);
        Some(())
    }

    /// Syncs through a server drawn by lot, and checks what is said of it.
    fn sync(&mut self, at: usize) -> Run {
        // A server that hangs takes its time.
        let server = self.lot.below(self.servers.len() + 2).saturating_sub(2);
        let retry = self.lot.below(2) == 0;
        let desk = self.desk(at);
        desk.git(&["remote", "set-url", "origin", &self.servers[server].url("")]);
        let started = Instant::now();
        let mut args =
            vec!["sync", "--json", "--timeout", if server == 4 || server == 5 { "1" } else { "60" }];
        args.extend(retry.then_some("--retry"));
        let run = desk.qp(&args);
        assert!(matches!(run.code, 0 | 8), "{run}");
        assert!(started.elapsed() < GENEROUS, "{run}");
        if run.code == 0 && run.json()["in_sync"] == true {
            let shared = self.at_the_server();
            assert!(self.written[at].is_subset(&shared), "{run}: {:?} of {shared:?}", self.written[at]);
        }
        if run.code == 8 && run.stderr.contains("\"hint\"") {
            let step = ["sync", "pull", "git", "QP_", "log in"].iter().any(|word| run.stderr.contains(word));
            assert!(step, "no next step: {run}");
        }
        run
    }

    fn change_something(&mut self, at: usize) {
        let desk = self.desk(at);
        let issues = desk.json(&["list", "--limit", "0"]);
        let issues = issues.as_array().expect("an array");
        let drawn = self.lot.below(issues.len());
        let key = issues[drawn]["id"].as_str().expect("a key").to_owned();
        self.count += 1;
        let label = format!("by-{}-{}", CLONES[at], self.count);
        self.desk(at).run(&["label", "add", &key, &label]);
        self.written[at].insert(label);
    }

    /// Commits the outbox with the work, and pushes that.
    fn bring_work(&self, at: usize) {
        let desk = self.desk(at);
        desk.git(&["add", "-A"]);
        desk.git(&["commit", "-q", "--allow-empty", "-m", "work"]);
        desk.git(&["push", "-q", &self.disk(), &format!("HEAD:refs/heads/claude/{}", CLONES[at])]);
    }

    /// The server's repository by a road without weather.
    fn disk(&self) -> String {
        self.ground.env.root().join("srv.git").display().to_string()
    }

    /// Merges the work of all clones that was pushed.
    fn merge_work(&self, at: usize) {
        self.bring_work(at);
        let desk = self.desk(at);
        desk.git(&["fetch", "-q", &self.disk(), "+refs/heads/claude/*:refs/remotes/work/*"]);
        let work = desk.git(&["for-each-ref", "--format=%(refname)", "refs/remotes/work"]);
        for name in work.lines().filter(|name| !name.contains("quipu-sync-")) {
            desk.git(&["merge", "-q", "--no-edit", name]);
        }
    }

    /// A session ends as the page on environments says it should, and another one starts in its place.
    fn start_anew(&mut self, at: usize) {
        let run = self.sync(at);
        let stored = if run.code == 0 { run.json()["stored"].clone() } else { "local".into() };
        if stored != "branch" && stored != "shared" {
            self.desk(at).run(&["outbox", "save"]);
        }
        self.bring_work(at);
        let desk = self.desk(at);
        let falls_back = desk.git(&["config", "--local", "--list"]).contains(PATTERN);
        std::fs::remove_dir_all(&desk.folder).expect("a clone");
        let desk = self.ground.sandbox(&self.servers[0], CLONES[at]);
        desk.git(&["merge", "-q", "--ff-only", &format!("origin/claude/{}", CLONES[at])]);
        if falls_back {
            desk.allow_fallback();
            // What went to the branch of the session alone comes with the first sync.
            desk.run(&["sync"]);
        }
    }

    /// The way is free.
    fn clear_up(&mut self) {
        self.desk(0).allow_fallback();
        for at in 0..CLONES.len() {
            let desk = self.desk(at);
            desk.git(&["remote", "set-url", "origin", &self.servers[0].url("")]);
            self.merge_work(at);
            self.desk(at).run(&["sync", "--retry"]);
        }
        let all: BTreeSet<String> = self.written.iter().flatten().cloned().collect();
        let shared = self.at_the_server();
        assert!(all.is_subset(&shared), "lost: {:?}", all.difference(&shared).collect::<Vec<_>>());
        for at in 0..CLONES.len() {
            let desk = self.desk(at);
            let synced = desk.json(&["sync"]);
            assert_eq!((&synced["in_sync"], &synced["unsent"]), (&true.into(), &0.into()), "{synced}");
            desk.run(&["outbox", "prune"]);
            assert_eq!(desk.json(&["outbox"]), serde_json::json!([]));
            assert_eq!(seen(&desk), shared);
            desk.env.fsck_in(&desk.folder);
        }
        assert!(!self.ground.branches().iter().any(|name| name.contains("quipu-sync-")));
        self.ground.env.fsck_in(&self.ground.env.root().join("srv.git"));
    }

    #[track_caller]
    fn sees_its_own(&self, at: usize) {
        let seen = seen(&self.desk(at));
        let lost: Vec<_> = self.written[at].difference(&seen).collect();
        assert!(lost.is_empty(), "{} does not see {lost:?}", CLONES[at]);
    }

    fn at_the_server(&self) -> BTreeSet<String> {
        seen(&Desk { env: &self.ground.env, folder: self.disk().into(), who: "server" })
    }
}

/// The titles and labels of all issues.
fn seen(desk: &Desk<'_>) -> BTreeSet<String> {
    let issues = desk.json(&["list", "--all", "--limit", "0"]);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let labels =
        |issue: &Value| issue["labels"].as_array().map(|all| all.iter().map(text).collect::<Vec<_>>());
    let issues = issues.as_array().expect("an array").iter();
    issues
        .flat_map(|issue| [vec![text(&issue["title"])], labels(issue).unwrap_or_default()].concat())
        .collect()
}
