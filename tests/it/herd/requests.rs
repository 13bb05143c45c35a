//! What an exchange costs: the calls of git, counted by a git that writes down what it is asked.

use std::os::unix::fs::PermissionsExt as _;

use super::{Herd, claimed, timed};

/// Puts a git that counts in front of the real one; returns what runs a command and tells the calls it made.
fn counting(herd: &Herd) -> impl Fn(usize, &[&str]) -> (crate::env::Run, String) + '_ {
    let folder = herd.env.root().join("bin");
    let calls = herd.env.root().join("calls");
    let path = std::env::var("PATH").expect("PATH is set");
    // Git itself calls git again; those calls have GIT_EXEC_PATH in front of their PATH and do not come here.
    let real = std::env::split_paths(&path).map(|dir| dir.join("git")).find(|git| git.exists());
    let script = format!(
        "#!/bin/sh\nfor word; do case $word in ls-remote|fetch|push|update-ref|for-each-ref|rev-parse|config) \
         echo $word >>'{}'; break;; esac; done\nexec '{}' \"$@\"\n",
        calls.display(),
        real.expect("git").display()
    );
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("git"), script).expect("a script");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.join("git"), mode).expect("the mode of a script");
    move |agent, args| {
        std::fs::write(&calls, "").expect("a file");
        let mut command = herd.command(agent, args);
        command.env("PATH", format!("{}:{path}", folder.display()));
        let run = timed(command).run;
        let text = std::fs::read_to_string(&calls).expect("a file");
        (run, text.lines().collect::<Vec<_>>().join(" "))
    }
}

#[test]
fn no_call_is_made_for_nothing() {
    let herd = Herd::new(2, 4);
    let run = counting(&herd);
    let first = run(0, &["sync"]);
    assert_eq!((first.0.code, first.1.as_str()), (0, "ls-remote"), "the clone has everything already");
    // An uncontended claim: look, bid, look again.
    let (claim, calls) = run(0, &["claim", "--next", "--sync", "--json"]);
    assert_eq!(claimed(&claim)["confirmed"], true);
    assert_eq!(calls, "ls-remote push ls-remote");
    let (_, calls) = run(0, &["sync"]);
    assert_eq!(calls, "ls-remote push");
    let (_, calls) = run(0, &["sync"]);
    assert_eq!(calls, "ls-remote", "also with a claim");
    // The other clone takes in a branch and a claim by one call.
    let (_, calls) = run(1, &["sync"]);
    assert_eq!(calls, "ls-remote fetch");
    let (_, calls) = run(1, &["sync"]);
    assert_eq!(calls, "ls-remote");
    // What is known need not be fetched again for a claim.
    let (claim, calls) = run(1, &["claim", "--next", "--sync", "--json"]);
    assert_eq!(claimed(&claim)["confirmed"], true);
    assert_eq!(calls, "ls-remote push ls-remote");
}
