//! A git that runs with a limit: its output is drained while it runs, and when the limit passes it is ended together
//! with every process that it has started.
//!
//! Nothing here can block: who still holds a pipe after git has ended, such as an ssh that stays for the next call,
//! is waited for only shortly.

use std::io::Read;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use super::git::Output;

/// How long git may take to tidy up its lock files after it was asked to end.
const FAREWELL: Duration = Duration::from_millis(500);
/// How long output is waited for after git has ended.
const LAST_WORDS: Duration = Duration::from_millis(1000);
/// How soon a child is looked at again, at the least and at the most.
const SHORTEST: Duration = Duration::from_micros(50);
const LONGEST: Duration = Duration::from_millis(20);
/// What is kept of standard output, in bytes: some 600,000 refs. An answer that is longer has failed.
const MOST_ANSWER: usize = 64 << 20;
/// What is kept of standard error, in bytes: a server may send any amount.
const MOST_TALK: usize = 1 << 20;

/// Waits for a child that leads its own process group, no longer than `limit`.
pub(super) fn collect(mut child: Child, limit: Duration) -> std::io::Result<Output> {
    let (sender, silence) = mpsc::channel();
    let stdout = child.stdout.take().map(|pipe| Drain::start(pipe, MOST_ANSWER, sender.clone()));
    let stderr = child.stderr.take().map(|pipe| Drain::start(pipe, MOST_TALK, sender));
    let ended = wait(&mut child, limit, &silence)?;
    let status = match ended {
        Some(status) => Some(status),
        None => end(&mut child, &silence)?,
    };
    let bytes = |drain: Option<Drain>| drain.map(Drain::take).unwrap_or_default();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (stdout, stderr) = (bytes(stdout), bytes(stderr));
    Ok(Output {
        success: ended.is_some_and(|status| status.success()) && stdout.len() < MOST_ANSWER,
        code: status.and_then(|status| status.code()),
        timed_out: ended.is_none(),
        stdout: text(stdout),
        stderr: text(stderr),
    })
}

/// Waits for the child; `None` when the limit has passed. A child that has closed its pipes is about to end, so from
/// then on it is looked at more often.
#[expect(clippy::disallowed_methods, reason = "bounds a wait")]
fn wait(
    child: &mut Child,
    limit: Duration,
    silence: &mpsc::Receiver<()>,
) -> std::io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    let mut pause = LONGEST;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = limit.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Ok(None);
        }
        match silence.recv_timeout(pause.min(left)) {
            Ok(()) => pause = SHORTEST,
            Err(mpsc::RecvTimeoutError::Timeout) => pause = (pause * 2).min(LONGEST),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                std::thread::sleep(pause.min(left));
                pause = (pause * 2).min(LONGEST);
            }
        }
    }
}

/// Ends the child and its group. Git removes its lock files when it is asked to end; who does not listen is killed.
fn end(child: &mut Child, silence: &mpsc::Receiver<()>) -> std::io::Result<Option<ExitStatus>> {
    signal(child, false)?;
    let status = wait(child, FAREWELL, silence)?;
    signal(child, true)?;
    match status {
        Some(status) => Ok(Some(status)),
        None => wait(child, FAREWELL, silence),
    }
}

/// Signals the group. It may be gone already, which is what is wanted.
#[cfg(unix)]
fn signal(child: &mut Child, force: bool) -> std::io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = if force { Signal::KILL } else { Signal::TERM };
    kill_process_group(Pid::from_child(child), signal).ok();
    Ok(())
}

/// Systems without process groups: the child alone.
#[cfg(not(unix))]
fn signal(child: &mut Child, force: bool) -> std::io::Result<()> {
    if force { child.kill() } else { Ok(()) }
}

/// A thread that reads a pipe to its end.
struct Drain {
    bytes: Arc<Mutex<Vec<u8>>>,
    done: mpsc::Receiver<()>,
}

impl Drain {
    /// Starts to read. `silence` hears when there is no more to come.
    fn start(mut pipe: impl Read + Send + 'static, most: usize, silence: mpsc::Sender<()>) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (sender, done) = mpsc::channel();
        let shared = Arc::clone(&bytes);
        std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            while let Some(count) = read(&mut pipe, &mut buffer) {
                let mut bytes = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let room = most.saturating_sub(bytes.len());
                bytes.extend_from_slice(&buffer[..count.min(room)]);
            }
            // Nobody listens any more once the last words have been waited for.
            sender.send(()).ok();
            silence.send(()).ok();
        });
        Drain { bytes, done }
    }

    fn take(self) -> Vec<u8> {
        // Whether or not the end was reached: what is there counts.
        self.done.recv_timeout(LAST_WORDS).ok();
        std::mem::take(&mut *self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads once; `None` at the end.
fn read(pipe: &mut impl Read, buffer: &mut [u8]) -> Option<usize> {
    loop {
        match pipe.read(buffer) {
            Ok(0) => return None,
            Ok(count) => return Some(count),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}
