//! Queries and globs that others have saved.

use super::{bounded, tracker};

/// Each of twenty saved queries names the next twice: a million in all.
#[test]
fn saved_queries_that_double() {
    let env = tracker();
    let mut settings = String::from("format: 1\nprefix: web\nprefixes: [web]\n");
    for number in 0..19 {
        settings.push_str(&format!("query.q{number}: \"@q{0} OR @q{0}\"\n", number + 1));
    }
    settings.push_str("query.q19: \"is:open\"\n");
    for number in 0..100 {
        settings.push_str(&format!("query.d{number}: \"-(-(@d{}))\"\n", number + 1));
    }
    settings.push_str("query.d100: \"is:open\"\n");
    env.commit_file("quipu.yml", Some(&settings));
    for query in ["@q0", "@d0"] {
        for command in ["list", "count", "ready"] {
            let run = bounded(&env, &[command, query]).exits(2);
            assert!(run.stderr.contains("leads to too many saved queries"), "{run}");
        }
    }
    bounded(&env, &["list", "@q15"]).success();
    bounded(&env, &["query", "list"]).success();
}

/// Globs of many stars, in files and on the command line, against each other.
#[test]
fn globs_of_many_stars() {
    let env = tracker();
    let stars = "*a".repeat(100) + "**/*?[a-z]{b,c}";
    for number in 0..20 {
        let glob = format!("src/{}{number}", stars.repeat(20));
        env.qp(["create", &format!("Stars {number}"), "--path", &glob]).success();
    }
    bounded(&env, &["claim", "web-login"]).success();
    bounded(&env, &["next"]).success();
    bounded(&env, &["ready"]).success();
    bounded(&env, &["list", &format!("path:{}", "*a".repeat(900))]).success();
}
