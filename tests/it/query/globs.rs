//! Whether two path globs could name the same file.

use proptest::prelude::*;
use quipu::query::Glob;

#[track_caller]
fn check(a: &str, b: &str, expected: bool) {
    assert_eq!(Glob::new(a).overlaps(&Glob::new(b)), expected, "{a} and {b}");
    assert_eq!(Glob::new(b).overlaps(&Glob::new(a)), expected, "{b} and {a}");
}

#[test]
fn names() {
    check("src/a.rs", "src/a.rs", true);
    check("src/a.rs", "src/b.rs", false);
    check("src/a.rs", "./src/a.rs", true);
    check("/src/a.rs", "src/a.rs", true);
    check("src/*.rs", "src/a.rs", true);
    check("src/*.rs", "src/*.md", false);
    check("src/a*", "src/*b", true);
    check("src/*.rs", "src/deep/a.rs", false);
    check("src/?.rs", "src/ab.rs", false);
    check("a?c", "abc", true);
    check("Über*", "Überall", true);
}

#[test]
fn folders() {
    check("src/auth/**", "src/auth/a/b.rs", true);
    check("src/auth/**", "src/authority/a.rs", false);
    check("**/a.rs", "a.rs", true);
    check("**/a.rs", "x/y/a.rs", true);
    check("**/a.rs", "x/ya.rs", false);
    check("**/a", "x/ya", true);
    check("src/**/a.rs", "src/a.rs", true);
    check("src/**/a.rs", "src/*/b/*.rs", true);
    check("src/**", "docs/**", false);
    check("**", "anything", true);
}

#[test]
fn a_plain_name_covers_what_is_below() {
    check("src/auth", "src/auth/a.rs", true);
    check("src/auth/", "src/auth/a.rs", true);
    check("src/auth", "src/auth/**", true);
    check("src/auth", "src/au", false);
    check("src", "src/a/b/c", true);
    check("src/*", "src/a/b", false);
    check(".github", ".github/workflows/ci.yml", true);
    check("docs/v1.2", "docs/v1.2/a.md", false);
    check("docs/v1.2/", "docs/v1.2/a.md", true);
    check("src/*/", "src/a/b", true);
    check(".", "src/a", true);
    check("", "src/a", true);
}

#[test]
fn what_is_not_understood_is_taken_wide() {
    check("src/[ab].rs", "src/a.rs", true);
    check("src/{a,b/c}.rs", "src/b/c.rs", true);
    check("src/[a", "src/[a", true);
    check("src/[a", "src/a", false);
    check(&"a".repeat(300), &"a".repeat(299), true);
    check(&"a".repeat(300), &"b".repeat(300), false);
}

/// Whether `path` matches `pattern`, by trying everything.
fn matches(pattern: &[u8], path: &[u8], starts_name: bool) -> bool {
    match pattern {
        [] => path.is_empty(),
        [b'*', b'*', b'/', rest @ ..] if starts_name => {
            matches(rest, path, true)
                || (0..path.len()).any(|at| path[at] == b'/' && matches(rest, &path[at + 1..], true))
        }
        [b'*', b'*', rest @ ..] => (0..=path.len()).any(|at| matches(rest, &path[at..], false)),
        [b'*', rest @ ..] => {
            let name = path.iter().position(|c| *c == b'/').unwrap_or(path.len());
            (0..=name).any(|at| matches(rest, &path[at..], false))
        }
        [b'?', rest @ ..] => path.first().is_some_and(|c| *c != b'/') && matches(rest, &path[1..], false),
        [c, rest @ ..] => path.first() == Some(c) && matches(rest, &path[1..], *c == b'/'),
    }
}

/// Whether `path`, or a folder it lies in, is what a pattern with a plain last name means.
fn covers(pattern: &str, path: &str) -> bool {
    let plain = !pattern.rsplit('/').next().unwrap_or(pattern).contains(['*', '?']);
    let below = (0..path.len()).filter(|at| path.as_bytes()[*at] == b'/');
    matches(pattern.as_bytes(), path.as_bytes(), true)
        || plain && below.into_iter().any(|at| matches(pattern.as_bytes(), &path.as_bytes()[..at], true))
}

/// All paths of up to `depth` of these names.
fn paths(names: &[&str], depth: usize) -> Vec<String> {
    let mut found: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let mut last = 0;
    for _ in 1..depth {
        let end = found.len();
        for at in last..end {
            let folder = found[at].clone();
            found.extend(names.iter().map(|name| format!("{folder}/{name}")));
        }
        last = end;
    }
    found
}

/// Patterns of up to three of these names.
fn pattern(name: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop::collection::vec(name, 1..4).prop_map(|names| names.join("/"))
}

/// Names for which a short path is always a witness, where there is one.
fn simple_name() -> impl Strategy<Value = String> {
    prop::sample::select(&["a", "b", "ab", "?", "*", "a*", "*b", "**"][..]).prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn agrees_with_trying_all_paths(a in pattern(simple_name()), b in pattern(simple_name())) {
        let both = paths(&["a", "b", "ab"], 6).iter().any(|path| covers(&a, path) && covers(&b, path));
        prop_assert_eq!(Glob::new(&a).overlaps(&Glob::new(&b)), both, "{} and {}", a, b);
    }

    #[test]
    fn never_misses_a_shared_path(a in pattern("[ab?*]{1,3}"), b in pattern("[ab?*]{1,3}")) {
        let shared = paths(&["a", "b", "ab", "bba"], 4).into_iter().find(|path| covers(&a, path) && covers(&b, path));
        if let Some(path) = shared {
            prop_assert!(Glob::new(&a).overlaps(&Glob::new(&b)), "{} and {} share {}", a, b, path);
        }
    }

    #[test]
    fn any_text_is_a_pattern(a in "\\PC{0,40}", b in "\\PC{0,40}") {
        let (a, b) = (Glob::new(&a), Glob::new(&b));
        prop_assert_eq!(a.overlaps(&b), b.overlaps(&a));
    }
}
