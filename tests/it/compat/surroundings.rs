//! What is around a process: its environment, the user's configuration, and where its output goes.

use super::{lives, skip, titles};
use crate::env::Env;

#[test]
fn no_home_is_needed() {
    let mut env = Env::git();
    env.unset("HOME");
    lives(&env, &env.repo());
}

#[test]
fn a_home_that_does_not_exist_is_no_matter() {
    let mut env = Env::git();
    env.set("HOME", "/nonexistent");
    lives(&env, &env.repo());
}

#[test]
fn no_identity_is_needed() {
    let mut env = Env::git();
    env.unset("QP_ACTOR").unset("QP_SESSION");
    lives(&env, &env.repo());
    let author = env.git_out(&["log", "-1", "--format=%an <%ae>", "quipu-sync"]);
    assert_eq!(author.trim(), "unknown <unknown@quipu.invalid>");
}

#[test]
fn the_identity_of_git_is_taken() {
    let mut env = Env::git();
    env.unset("QP_ACTOR");
    env.git_out(&["config", "user.name", "Alice Smith"]);
    env.git_out(&["config", "user.email", "alice@example.org"]);
    lives(&env, &env.repo());
    let author = env.git_out(&["log", "-1", "--format=%an <%ae>", "quipu-sync"]);
    assert_eq!(author.trim(), "Alice Smith <alice@example.org>");
}

#[test]
fn strict_identities_and_signatures_are_gits_own_business() {
    let env = Env::git();
    for (name, value) in [
        ("user.useConfigOnly", "true"),
        ("commit.gpgSign", "true"),
        ("gpg.program", "/nonexistent"),
        ("core.fsmonitor", "/nonexistent"),
        ("core.autocrlf", "true"),
        ("core.bare", "false"),
        ("i18n.commitEncoding", "iso-8859-1"),
        ("transfer.fsckObjects", "true"),
    ] {
        env.git_out(&["config", name, value]);
    }
    env.qp(["init", "--prefix", "web"]).success();
    env.create(["Überraschung\u{301}"]);
    assert_eq!(titles(&env, &env.repo()), ["Überraschung\u{301}"]);
    env.fsck();
}

#[test]
fn an_empty_environment_is_enough() {
    let env = Env::git();
    let run = env.shell(&env.repo(), "qp=$(command -v qp); env -i PATH=\"$PATH\" \"$qp\" init --prefix web && env -i PATH=\"$PATH\" \"$qp\" q One && env -i \"$qp\" list");
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(titles(&env, &env.repo()), ["One"]);
    assert!(env.repo().join(".git/quipu-session").exists(), "the session is kept for the next command");
    env.fsck();
}

#[test]
fn a_user_whom_the_system_does_not_know_is_one_too() {
    let env = Env::git();
    if env.shell(env.root(), "chmod 755 . && chown -R 54321:54321 repo").code != 0 {
        return skip("only root can become somebody else");
    }
    let script = "cp \"$(command -v qp)\" ../qp && setpriv --reuid 54321 --regid 54321 --clear-groups env -i PATH=\"$PATH\" sh -c '../qp init --prefix web && ../qp q One'";
    let run = env.shell(&env.repo(), script);
    if run.stderr.contains("setpriv") {
        return skip("there is no setpriv");
    }
    assert_eq!(run.code, 0, "{run}");
    let owner = env.shell(&env.repo(), "find .git -not -user 54321");
    assert_eq!(owner.stdout, "", "all files belong to that user");
}

#[test]
fn a_broken_configuration_of_the_user_is_named() {
    let env = Env::new();
    let path = env.root().join("home/.gitconfig");
    std::fs::write(&path, "[user]\n\tname = x\n[broken").expect("a file");
    let run = env.qp(["list"]).exits(9);
    assert!(run.stderr.contains("bad config line"), "{run}");
    assert!(run.stderr.contains(&format!("in file {}", path.display())), "{run}");
    assert_eq!(run.stderr.lines().count(), 2, "{run}");
    let ignoring = [("GIT_CONFIG_GLOBAL", "/dev/null")];
    env.qp_in(&env.repo(), ["list"], &ignoring, "").success();
    env.qp_in(&env.repo(), ["q", "One"], &ignoring, "").success();
}

#[test]
fn a_broken_configuration_of_the_repository_is_named() {
    let env = Env::new();
    let path = env.repo().join(".git/config");
    let text = std::fs::read_to_string(&path).expect("a file") + "[broken\n";
    std::fs::write(&path, text).expect("a file");
    let run = env.qp(["list"]).exits(9);
    assert!(run.stderr.contains("bad config line") && run.stderr.contains(".git/config"), "{run}");
}

#[test]
fn the_configuration_is_where_git_says_it_is() {
    let mut env = Env::git();
    env.unset("QP_ACTOR");
    let path = env.root().join("elsewhere");
    std::fs::write(&path, "[user]\n\tname = Elsewhere\n[quipu]\n\tbranch = tracker\n").expect("a file");
    env.set("GIT_CONFIG_GLOBAL", path.to_str().expect("UTF-8"));
    env.qp(["init"]).success();
    assert_eq!(env.git_out(&["log", "-1", "--format=%an", "tracker"]).trim(), "Elsewhere");
}

#[test]
fn a_repository_of_somebody_else_is_read_only_until_it_is_trusted() {
    let env = Env::new();
    env.create(["One"]);
    if env.shell(env.root(), "chown -R 54321:54321 repo").code != 0 {
        return skip("only root can give files away");
    }
    assert_eq!(titles(&env, &env.repo()), ["One"]);
    let run = env.qp(["q", "Two"]).exits(9);
    let remedy = format!(
        "git config --global --add safe.directory {}",
        env.repo().canonicalize().expect("a path").display()
    );
    assert!(run.stderr.contains(&remedy), "{run}");
    assert_eq!(env.shell(&env.repo(), "find .git -user 0").stdout, "", "nothing was written");
    assert_eq!(env.qp(["q", "Two", "--json"]).exits(9).stdout, "");
    assert_eq!(env.shell(&env.repo(), &remedy).code, 0);
    env.create(["Two"]);
    assert_eq!(titles(&env, &env.repo()), ["One", "Two"]);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let env = Env::new();
    let plan: String =
        (0..200).map(|n| format!("## Issue number {n} with a title of some length\n\n")).collect();
    std::fs::write(env.root().join("plan.md"), plan).expect("a file");
    env.qp(["create", "-f", "../plan.md"]).success();
    for script in [
        "set -e; qp list --limit 0 | head -1 >/dev/null",
        "qp list --all --limit 0 --json >&-",
        "qp list >&- 2>&-",
        "qp show nothing >&- 2>&-; test $? = 3",
        "{ qp list --limit 0 --json; echo $? >status; } | head -c 1 >/dev/null; test $(cat status) = 0",
    ] {
        let run = env.shell(&env.repo(), script);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{script}");
    }
    let run = env.shell(&env.repo(), "qp q 'Written all the same' >&-");
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(titles_of_last(&env), "Written all the same");
}

fn titles_of_last(env: &Env) -> String {
    let newest = env.json(["list", "--sort", "created", "--limit", "1"]);
    newest[0]["title"].as_str().expect("a title").to_owned()
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let env = Env::new();
    env.create(["One"]);
    if env.shell(&env.repo(), "test -c /dev/full").code != 0 {
        return skip("there is no /dev/full");
    }
    let run = env.shell(&env.repo(), "qp list >/dev/full").exits(9);
    assert!(run.stderr.contains("the output cannot be written"), "{run}");
}

#[test]
fn standard_input_that_never_ends_is_not_read() {
    let env = Env::new();
    let run = env
        .shell(&env.repo(), "mkfifo never; exec 3<>never; timeout 20 qp q One <&3 && timeout 20 qp list <&3");
    assert_eq!(run.code, 0, "{run}");
}

#[test]
fn a_terminal_without_utf8_or_colours_gets_plain_text() {
    let env = Env::new();
    env.create(["Größe der Schrift"]);
    let plain = [("LC_ALL", "C"), ("LANG", "POSIX"), ("TERM", "dumb"), ("COLUMNS", "1")];
    let run = env.qp_in(&env.repo(), ["list"], &plain, "").success();
    assert!(!run.stdout.contains('\u{1b}'), "{run}");
    let run = env.qp_in(&env.repo(), ["list", "--json"], &plain, "").success();
    assert_eq!(run.json()[0]["title"], "Größe der Schrift");
}
