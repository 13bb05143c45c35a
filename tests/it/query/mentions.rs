//! Keys in commit messages.

use quipu::query::Mentions;

use super::build::{names, tracker};

#[track_caller]
fn check(text: &str, expected: &str) {
    let tracker = tracker(&["web-a", "web-b", "bd-a3f8.1", "t-7k2m"]);
    let mut mentions = Mentions::new(&tracker);
    assert_eq!(names(&tracker, mentions.of(text)), expected, "{text}");
    // What was looked up before is found again.
    assert_eq!(names(&tracker, mentions.of(text)), expected, "{text}");
}

#[test]
fn keys_stand_between_whatever_is_no_part_of_one() {
    check("Fix it (web-b), as in web-a: web-b again", "web-b web-a");
    check("WEB-A's tests; closes bd-a3f8.1. [t-7k2m]", "web-a bd-a3f8.1 t-7k2m");
    check("merge origin/web-a into 'fix/web-b'", "web-a web-b");
    check("「web-a」を直す", "web-a");
    check("", "");
}

#[test]
fn what_only_looks_like_a_key() {
    check("web-ab xweb-a web-a-1 web- -a a 7k2m null undefined web_a", "");
    check("-web-a- --web-b", "web-a web-b");
}
