//! The words of git and of servers: what is in a ref line, in the lines of `remote:`, and behind `fatal:`.

/// One ref line of `git push --porcelain`: `<flag>\t<from>:<to>\t<summary> (<reason>)`.
pub(super) struct Line<'o> {
    pub flag: char,
    /// The full name of the remote's ref.
    pub name: &'o str,
    pub summary: &'o str,
}

impl<'o> Line<'o> {
    pub fn parse(line: &'o str) -> Option<Self> {
        let mut parts = line.splitn(3, '\t');
        let mut flag = parts.next()?.chars();
        let (flag, None) = (flag.next()?, flag.next()) else { return None };
        let name = parts.next()?.rsplit(':').next()?;
        Some(Line { flag, name, summary: parts.next()? })
    }

    /// Returns what stands in the last parentheses, or everything.
    pub fn reason(&self) -> &'o str {
        let inner = self.summary.split_once(" (").map(|(_, rest)| rest.strip_suffix(')').unwrap_or(rest));
        inner.unwrap_or(self.summary)
    }

    /// Tells whether the ref itself was well, and only another one of an atomic push was not.
    pub fn is_atomic_victim(&self) -> bool {
        self.flag == '!' && self.reason().contains("atomic")
    }
}

/// Tells whether a ref was rejected because it is no longer what it was taken for.
pub(super) fn is_race(reason: &str) -> bool {
    const RACES: [&str; 14] = [
        "fetch first",
        "non-fast-forward",
        "stale info",
        "already exists",
        "needs force",
        "remote ref updated since checkout",
        "failed to update ref",
        "failed to lock",
        "cannot lock ref",
        "unable to lock",
        "incorrect old value",
        "reference does not exist",
        "but expected",
        "atomic",
    ];
    contains_any(reason, &RACES)
}

/// Tells whether a ref cannot be written for a reason that will not go away by itself.
pub(super) fn is_obstacle(stderr: &str) -> bool {
    const OBSTACLES: [&str; 5] =
        ["; cannot create", "permission denied", "no space left", "read-only file system", "quota exceeded"];
    contains_any(stderr, &OBSTACLES)
}

/// How a repository with files refuses the branch that they are of.
pub(super) const CHECKED_OUT: &str = "branch is currently checked out";

/// Tells whether a server has failed at its own work, whoever asks.
pub(super) fn is_servers_fault(reason: &str) -> bool {
    contains_any(reason, &["unpacker error", "unable to migrate objects"])
}

/// Tells whether a server says that it is asked too often, or has a bad moment.
pub(super) fn asks_to_wait(text: &str) -> bool {
    const WAITS: [&str; 5] = [
        "rate limit",
        "too many requests",
        "internal server error",
        "try again later",
        "temporarily unavailable",
    ];
    contains_any(text, &WAITS)
}

/// Returns the first line that says that a login is missing or wrong.
pub(super) fn login_line(stderr: &str) -> Option<&str> {
    const LOGINS: [&str; 8] = [
        "authentication failed",
        "could not read username",
        "could not read password",
        "unable to get password",
        "permission denied (",
        "host key verification failed",
        "no supported authentication methods",
        "too many authentication failures",
    ];
    line_with(stderr, &LOGINS)
}

/// Returns the first line that says that the login is known but may not do this.
pub(super) fn refusal_line(stderr: &str) -> Option<&str> {
    const REFUSALS: [&str; 6] = [
        "permission to ",
        "write access to ",
        "does not allow",
        "access denied",
        "not allowed to push",
        "marked as read only",
    ];
    line_with(stderr, &REFUSALS)
}

/// Returns the line in which a host says over ssh that there is no such repository, or none for this login.
pub(super) fn gone_line(stderr: &str) -> Option<&str> {
    line_with(stderr, &["repository not found", "could not be found or you don't have permission"])
}

/// Returns the ref that the remote does not have.
pub(super) fn missing_ref(stderr: &str) -> Option<&str> {
    let line = line_with(stderr, &["couldn't find remote ref", "no such remote ref"])?;
    line.rsplit(' ').next().filter(|name| !name.is_empty())
}

/// Returns the status with which a server ended a call over HTTP.
pub(super) fn http_status(stderr: &str) -> Option<u16> {
    let after = |mark: &str| {
        let number = stderr.lines().find_map(|line| line.split_once(mark))?.1;
        number.get(..3)?.parse().ok().filter(|status| (400..600).contains(status))
    };
    let missing = || {
        let gone = |line: &str| line.starts_with("fatal: repository '") && line.ends_with("' not found");
        stderr.lines().any(gone).then_some(404)
    };
    after("RPC failed; HTTP ").or_else(|| after("returned error: ")).or_else(missing)
}

/// Returns why the server could not keep what came, as git tells it.
pub(super) fn unpack_failure(stderr: &str) -> Option<&str> {
    stderr.lines().find_map(|line| line.strip_prefix("error: remote unpack failed: ")).map(str::trim)
}

/// Tells whether a line of a server only repeats what the ref line says.
pub(super) fn is_echo(line: &str) -> bool {
    line.starts_with("hook declined to update ")
}

/// Returns the line that says most about why a call failed, where there is any.
pub(super) fn reason(stderr: &str) -> Option<&str> {
    const EMPTY: [&str; 12] = [
        "failed to push some refs",
        "could not read from remote repository",
        "please make sure you have the correct access",
        "and the repository exists",
        "hint:",
        "warning:",
        "** warning",
        "unexpected disconnect",
        "the remote end hung up",
        "from ",
        "to ",
        "fetch-pack:",
    ];
    let lines = || stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let telling =
        || lines().filter(|line| !starts_with_any(strip(line), &EMPTY) && !starts_with_any(line, &EMPTY));
    let first = telling().find(|line| strip(line) != *line).or_else(|| telling().next());
    first.or_else(|| lines().next()).map(strip)
}

/// What stands before the words of an error.
const MARKS: [&str; 3] = ["fatal:", "error:", "ERROR:"];

/// Tells whether a line calls itself an error.
pub(super) fn is_marked(line: &str) -> bool {
    MARKS.iter().any(|mark| line.starts_with(mark))
}

/// Takes from a line what only says that it is an error, and whose.
pub(super) fn strip(line: &str) -> &str {
    let mut line = line;
    while let Some(rest) = MARKS.iter().chain(&["remote:"]).find_map(|mark| line.strip_prefix(mark)) {
        line = rest.trim_start();
    }
    line
}

fn line_with<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    text.lines().find(|line| contains_any(line, words)).map(|line| strip(line.trim()))
}

fn contains_any(text: &str, words: &[&str]) -> bool {
    let text = text.to_ascii_lowercase();
    words.iter().any(|word| text.contains(word))
}

fn starts_with_any(text: &str, words: &[&str]) -> bool {
    let text = text.to_ascii_lowercase();
    words.iter().any(|word| text.starts_with(word))
}
