//! Measures whole commands, as a shell starts them, on trackers of 1,000, 10,000 and 100,000 issues.
//!
//! `cargo bench` prints one table in Markdown; `-- --quick` leaves out the largest trackers and takes few runs;
//! `-- --size N` measures one size only; `-- --write` puts the table into `docs/performance.md`; `-- --make FOLDER COUNT`
//! measures nothing and leaves a repository with so many issues, to look into; `-- --only WORD` measures what has the
//! word in its name; `-- --against PATH` measures another program that takes the same commands beside this one;
//! `-- --tokens` counts the bytes that a session prints; `-- --count` counts instructions instead, and fails where a command takes more than `tests/bench/ceilings.txt` says.

mod against;
mod count;
mod exchange;
mod generate;
mod grow;
mod measure;
mod scene;
mod table;
mod tokens;

use measure::Machine;
use scene::{Scene, State};
use table::{Row, Table};

/// How thoroughly is measured.
struct Plan {
    sizes: Vec<usize>,
    runs: usize,
    /// Runs of what takes seconds.
    few: usize,
    write: bool,
    /// Only what has this word in its name.
    only: Option<String>,
}

impl Plan {
    fn from_arguments(arguments: &[String]) -> Self {
        let has = |flag: &str| arguments.iter().any(|a| a == flag);
        let write = has("--write");
        let only = arguments.iter().skip_while(|a| *a != "--only").nth(1).cloned();
        let one = arguments.iter().skip_while(|a| *a != "--size").nth(1).and_then(|n| n.parse().ok());
        let sizes = |all: &[usize]| one.map_or_else(|| all.to_vec(), |size| vec![size]);
        if has("--quick") {
            Plan { sizes: sizes(&[1_000]), runs: 5, few: 1, write, only }
        } else {
            Plan { sizes: sizes(&[1_000, 10_000, 100_000]), runs: 9, few: 3, write, only }
        }
    }
}

impl Plan {
    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|word| name.contains(word.as_str()))
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|a| a == "--make") {
        let count = arguments.get(at + 2).and_then(|n| n.parse().ok()).expect("--make FOLDER COUNT");
        scene::make(&Machine::new(), std::path::Path::new(&arguments[at + 1]), count);
        return;
    }
    let plan = Plan::from_arguments(&arguments);
    let machine = Machine::new();
    if arguments.iter().any(|a| a == "--tokens") {
        return tokens::run(&machine, plan.write);
    }
    let sizes = arguments.iter().skip_while(|a| *a != "--grow").skip(1);
    let sizes: Vec<usize> = sizes.map_while(|n| n.parse().ok()).collect();
    if !sizes.is_empty() {
        return say(&grow::run(&machine, &sizes));
    }
    if arguments.iter().any(|a| a == "--count") {
        return count::run(&machine, plan.write);
    }
    if let Some(other) = arguments.iter().skip_while(|a| *a != "--against").nth(1) {
        return say(&against::run(&machine, std::path::Path::new(other), &plan.sizes, plan.runs));
    }
    eprint(&format!("preparing; memory is measured by {}", machine.gauge_name()));
    // The largest first, and what is removed stays until the end: file systems are slow to create files for some
    // seconds after many were removed.
    let mut scenes: Vec<Scene> = plan.sizes.iter().rev().map(|size| Scene::new(&machine, *size)).collect();
    scenes.reverse();
    let mut table = Table::new(&plan.sizes);
    for scene in &scenes {
        commands(&plan, scene, &mut table);
    }
    for scene in scenes.iter().filter(|_| plan.wants("create")) {
        eprint(&format!("{} issues: the files of a create", scene.size()));
        let row = Row { name: "(the files of a create, without the command)".to_owned(), state: None };
        table.add(&row, scene.size(), scene.measure_files(plan.runs));
    }
    for scene in scenes.iter().filter(|_| plan.wants("import")) {
        eprint(&format!("{} issues: import", scene.size()));
        let row = Row { name: "import of JSON Lines".to_owned(), state: None };
        table.add(&row, scene.size(), scene.measure_import(plan.few));
    }
    for scene in scenes.iter().filter(|_| plan.wants("sync")) {
        exchanges(&plan, scene, &machine, &mut table);
    }
    let text = table.markdown();
    say(&text);
    if plan.write {
        table::write_into_docs(&text);
    }
}

fn commands(plan: &Plan, scene: &Scene, table: &mut Table) {
    for case in scene::CASES {
        if !plan.wants(case.name) {
            continue;
        }
        if !exists(case.command) {
            eprint(&format!("  {}: there is no such command", case.name));
            continue;
        }
        for state in State::ALL {
            // Cold, everything is read once, whatever is asked; the state after a change is that of reads.
            if case.writes() && state != State::Warm {
                continue;
            }
            eprint(&format!("{} issues: {}, {}", scene.size(), case.name, state.name()));
            let row = Row { name: case.name.to_owned(), state: Some(state) };
            let runs = if state == State::Cold { plan.few } else { plan.runs };
            table.add(&row, scene.size(), scene.measure(case, state, runs));
        }
    }
}

/// Sync, with a remote on the same disk.
fn exchanges(plan: &Plan, scene: &Scene, machine: &Machine, table: &mut Table) {
    let size = scene.size();
    eprint(&format!("{size} issues: sync"));
    let exchange = exchange::Exchange::new(machine, scene.folder(), size);
    let (idle, floor) = exchange.idle(plan.runs);
    let ratio = idle.time.as_secs_f64() / floor.as_secs_f64();
    eprint(&format!("  nothing to do: {ratio:.2} times git ls-remote and a start"));
    let row = |name: &str| Row { name: name.to_owned(), state: None };
    table.add(&row("sync, nothing to do"), size, idle);
    table.add(&row("`git ls-remote` and `qp --version`"), size, measure::Figure { time: floor, ..idle });
    for (name, same) in
        [("sync, 100 changed on each side", false), ("sync, the same 100 on both sides", true)]
    {
        eprint(&format!("{size} issues: {name}"));
        table.add(&row(name), size, exchange.merge(same, plan.few));
    }
}

fn exists(command: &str) -> bool {
    quipu::cli::grammar().find_subcommand(command).is_some()
}

#[expect(clippy::print_stdout, reason = "the table is the result")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "whoever waits wants to see that something happens")]
fn eprint(text: &str) {
    eprintln!("{text}");
}
