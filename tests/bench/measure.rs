//! Running programs and measuring them: time, peak memory, bytes written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;

/// The program that is measured.
pub const QP: &str = env!("CARGO_BIN_EXE_qp");

/// A clean environment, and what this machine offers for measuring memory.
pub struct Machine {
    pub root: TempDir,
    path: String,
    gauge: Option<Gauge>,
}

/// A program that tells the peak memory of another one.
#[derive(Clone, Copy)]
enum Gauge {
    /// GNU time prints it.
    Time,
    /// Python asks the kernel for it. Its own 10 MB are the least it can tell.
    Python,
}

const PYTHON: &str = "import resource,subprocess,sys
subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,file=sys.stderr)";

/// What was measured of one command.
#[derive(Clone, Copy, Default)]
pub struct Figure {
    pub time: Duration,
    /// The cheapest git command, at the same time.
    pub git: Duration,
    /// Peak resident memory in kB.
    pub memory_kb: Option<u64>,
    /// Bytes of the files that are new or changed.
    pub written: u64,
    /// What it may cost, in units.
    pub goal: Option<f64>,
}

impl Machine {
    #[expect(clippy::disallowed_methods, reason = "the programs are found where this one was")]
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("qp-bench-").tempdir().expect("a temporary folder");
        std::fs::create_dir(root.path().join("home")).expect("a home");
        let path = std::env::var_os("PATH").expect("PATH is set").into_string().expect("a UTF-8 PATH");
        // As an installation does: of a file that the linker has just written, the kernel maps smaller pieces at once,
        // and each start takes half a millisecond more.
        std::fs::copy(QP, root.path().join("qp")).expect("the program is copied");
        let mut machine = Machine { root, path, gauge: None };
        machine.gauge = machine.find_gauge();
        machine
    }

    fn find_gauge(&self) -> Option<Gauge> {
        let works = |gauge: &Gauge| self.peak_with(*gauge, self.root.path(), QP, &["--version"]).is_some();
        [Gauge::Time, Gauge::Python].into_iter().find(works)
    }

    /// Returns how peak memory is measured here.
    pub fn gauge_name(&self) -> &'static str {
        match self.gauge {
            Some(Gauge::Time) => "GNU time",
            Some(Gauge::Python) => "getrusage",
            None => "nothing",
        }
    }

    /// Prepares a program in a folder. It is named by its path: where the child has to search for it, the standard
    /// library forks, which takes as long as this process is large, up to 28 ms, and only programs without a path
    /// would pay it.
    #[expect(clippy::disallowed_methods, reason = "programs are what is measured")]
    pub fn command(&self, folder: &Path, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(self.find(program));
        command.env_clear().current_dir(folder).args(args);
        command.env("PATH", &self.path).env("HOME", self.root.path().join("home"));
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("QP_ACTOR", "alice").env("QP_SESSION", "s1");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    fn find(&self, program: &str) -> PathBuf {
        if program == QP {
            return self.root.path().join("qp");
        }
        let folders = std::env::split_paths(&self.path).filter(|_| !program.contains('/'));
        folders
            .map(|folder| folder.join(program))
            .find(|path| path.is_file())
            .unwrap_or_else(|| program.into())
    }

    /// Runs a program, which must succeed, and returns how long it took.
    #[expect(clippy::disallowed_methods, reason = "time is what is measured")]
    pub fn time(&self, folder: &Path, program: &str, args: &[&str]) -> Duration {
        let mut command = self.command(folder, program, args);
        let begin = Instant::now();
        let output = command.output().expect("the program starts");
        let time = begin.elapsed();
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {args:?}: {talk}");
        time
    }

    /// Returns the peak memory of a program in kB, where this machine can tell.
    pub fn peak(&self, folder: &Path, program: &str, args: &[&str]) -> Option<u64> {
        self.peak_with(self.gauge?, folder, program, args)
    }

    fn peak_with(&self, gauge: Gauge, folder: &Path, program: &str, args: &[&str]) -> Option<u64> {
        let (gauge, before): (_, &[&str]) = match gauge {
            Gauge::Time => ("/usr/bin/time", &["-f", "%M"]),
            Gauge::Python => ("python3", &["-c", PYTHON]),
        };
        let mut command = self.command(folder, gauge, before);
        let output =
            command.arg(self.find(program)).args(args).output().ok().filter(|o| o.status.success())?;
        String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse().ok()
    }
}

/// Sizes and times of the files in a folder, to see what a command wrote.
pub struct Inventory(BTreeMap<PathBuf, (u64, Option<SystemTime>)>);

impl Inventory {
    pub fn of(folder: &Path) -> Self {
        let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
        let known = files.filter(|f| f.file_type().is_file()).filter_map(|f| {
            let data = f.metadata().ok()?;
            Some((f.into_path(), (data.len(), data.modified().ok())))
        });
        Inventory(known.collect())
    }

    /// Returns the size of the files that are new or changed in `later`.
    pub fn written_until(&self, later: &Inventory) -> u64 {
        let changed = later.0.iter().filter(|(path, facts)| self.0.get(*path) != Some(facts));
        changed.map(|(_, (size, _))| size).sum()
    }
}

/// Returns the middle one of some times.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
