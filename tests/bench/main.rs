//! Measures whole commands, as a shell starts them, on trackers of 100, 1,000 and 10,000 issues.
//!
//! `cargo bench` prints one table in Markdown; `-- --quick` leaves out the largest tracker and takes few runs;
//! `-- --write` puts the table into `docs/performance.md`; `-- --make FOLDER COUNT` measures nothing and leaves a
//! repository with so many issues, to look into.

mod generate;
mod measure;
mod scene;
mod table;

use measure::Machine;
use scene::Scene;
use table::{Row, Table};

/// How thoroughly is measured.
struct Plan {
    sizes: &'static [usize],
    runs: usize,
    /// Runs of what takes seconds.
    few: usize,
    write: bool,
}

impl Plan {
    fn from_arguments(arguments: &[String]) -> Self {
        let has = |flag: &str| arguments.iter().any(|a| a == flag);
        let write = has("--write");
        if has("--quick") {
            Plan { sizes: &[100, 1_000], runs: 5, few: 1, write }
        } else {
            Plan { sizes: &[100, 1_000, 10_000], runs: 9, few: 5, write }
        }
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
    let mut table = Table::new(plan.sizes);
    for size in plan.sizes {
        measure(&plan, &machine, *size, &mut table);
    }
    let text = table.markdown();
    say(&text);
    if plan.write {
        table::write_into_docs(&text);
    }
}

fn measure(plan: &Plan, machine: &Machine, size: usize, table: &mut Table) {
    eprint(&format!("{size} issues, memory by {}", machine.gauge_name()));
    let scene = Scene::new(machine, size);
    for case in scene::CASES {
        if !exists(case.command) {
            eprint(&format!("  {}: there is no such command", case.name));
            continue;
        }
        for warm in [true, false] {
            eprint(&format!("  {}, {} snapshot", case.name, if warm { "with" } else { "without" }));
            let row = Row { name: case.name.to_owned(), warm: Some(warm) };
            table.add(&row, size, scene.measure(case, warm, plan.runs));
        }
    }
    if exists("import") {
        eprint("  import");
        let row = Row { name: "import of JSON Lines".to_owned(), warm: None };
        table.add(&row, size, scene.measure_import(plan.few));
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
