//! What a server says about a call, fit for a message: its reason first, no sentence twice, and never a page of it.

use super::redact::{LONGEST, one_line};
use super::words;

/// Lines of a server that a message holds at most.
const MOST_LINES: usize = 3;

/// Returns in one line why a server has rejected a ref: what git calls it, and what the server itself says.
pub(super) fn about(reason: &str, stderr: &str) -> String {
    let mut said = said(stderr);
    // A server that cannot keep what comes tells this to git alone; where a program of its own has failed, it says more.
    let unpack =
        words::unpack_failure(stderr).filter(|why| said.is_empty() || !why.ends_with("abnormal exit"));
    said.extend(unpack.map(one_line));
    let reason = one_line(reason);
    let is_said = said.iter().any(|line| line.to_lowercase().contains(&reason.to_lowercase()));
    match in_a_line(&said) {
        told if told.is_empty() => reason,
        told if is_said => told,
        told => format!("{reason}: {told}"),
    }
}

/// Returns in one line what the server itself says; nothing where it says nothing.
pub(super) fn of_remote(stderr: &str) -> String {
    in_a_line(&said(stderr))
}

/// Returns the lines of a server that say something, each once. Where some are marked as an error, what stands before
/// them is no reason.
fn said(stderr: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut has_error = false;
    for line in stderr.lines().filter_map(|line| line.strip_prefix("remote:")) {
        let line = one_line(line);
        let bare = unmarked(&line);
        if !bare.contains(char::is_alphanumeric) || words::is_echo(bare) {
            continue;
        }
        let is_error = words::is_marked(&line);
        if is_error && !has_error {
            lines.clear();
            has_error = true;
        }
        if !lines.iter().any(|known| known.trim_end_matches('.') == bare.trim_end_matches('.')) {
            lines.push(bare.to_owned());
        }
    }
    lines
}

/// Takes from a line what marks it as an error, or as one of a list.
fn unmarked(line: &str) -> &str {
    let mut line = line;
    loop {
        let rest = words::strip(line).trim_start_matches(['-', '*', '=', '#', '>', ' ', '\u{2022}']);
        if rest == line {
            return line;
        }
        line = rest;
    }
}

/// Joins the first lines as sentences, and shows where there are more.
fn in_a_line(lines: &[String]) -> String {
    let Some((first, others)) = lines.split_first() else { return String::new() };
    let mut told = first.clone();
    for (at, line) in others.iter().enumerate() {
        let gap = if told.ends_with(['.', ':', '!', '?', ',', ';']) { " " } else { "; " };
        let length = told.chars().count() + gap.len() + line.chars().count();
        if at + 2 > MOST_LINES || length > LONGEST {
            return told + " …";
        }
        told.push_str(gap);
        told.push_str(line);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], expected: &str) {
        let stderr: String = lines.iter().map(|line| format!("remote: {line}        \n")).collect();
        assert_eq!(about("pre-receive hook declined", &stderr), expected);
    }

    #[test]
    fn a_server_is_heard_once() {
        check(&[], "pre-receive hook declined");
        check(&["", "====", ""], "pre-receive hook declined");
        check(&["Pre-receive hook declined."], "Pre-receive hook declined.");
        check(&["error: hook declined to update refs/heads/x"], "pre-receive hook declined");
        check(&["not yours.", "not yours", "not yours."], "pre-receive hook declined: not yours.");
    }

    #[test]
    fn marks_and_frames_are_left_out() {
        let expected = "pre-receive hook declined: GH006: Protected branch update failed for refs/heads/x. \
                        Changes must be made through a pull request.";
        check(
            &[
                "error: GH006: Protected branch update failed for refs/heads/x.",
                "error: ",
                "error: - Changes must be made through a pull request.",
            ],
            expected,
        );
        check(
            &["=======", "", "ERROR: [KB-2] not allowed", "", "see https://u:p@host/x", "", "======="],
            "pre-receive hook declined: [KB-2] not allowed; see https://host/x",
        );
    }

    #[test]
    fn the_reason_comes_first_and_is_short() {
        check(
            &["Welcome", "checking", "fatal: quota exceeded", "Ask Bo", "or Al", "or Cy"],
            "pre-receive hook declined: quota exceeded; Ask Bo; or Al …",
        );
        let long = "x".repeat(LONGEST - 5);
        check(&[&long, "Another"], &format!("pre-receive hook declined: {long} …"));
    }

    #[test]
    fn what_a_disk_says_is_told() {
        let unpack = "error: remote unpack failed: unable to create temporary object directory\n";
        let expected = "unpacker error: unable to create temporary object directory";
        assert_eq!(about("unpacker error", unpack), expected);
        let full =
            "remote: fatal: No space left on device\nerror: remote unpack failed: index-pack abnormal exit\n";
        assert_eq!(about("unpacker error", full), "unpacker error: No space left on device");
    }
}
