//! The query language: what is read, what it means, and where it is wrong.

use proptest::prelude::*;
use quipu::error::{Error, Kind, Result};
use quipu::model::{Body, Front, Issue, IssueId, Timestamp, Tracker};
use quipu::query::lang::{
    Expr, Is, Loose, Predicate, Query, Surroundings, Term, Test, Word, compile, looks_like_query, parse,
    split_words,
};
use quipu::query::{Filter, Period, Readiness, select};

use super::build::{any_tracker, at, moment, names, now, tracker};

/// A caller named alice, for whom `today` is the day of these tests in UTC.
struct Alice<'t>(&'t Tracker);

impl Surroundings for Alice<'_> {
    fn me(&self) -> String {
        "alice".to_owned()
    }

    fn time(&self, text: &str) -> Result<Period> {
        let unknown = || Error::invalid(format!("{text:?} is not a time"));
        let period =
            |after: Timestamp, ms| Period { after: Some(after), before: Some(after.plus_millis(ms)) };
        let day = Timestamp::parse(if text == "today" { "2026-01-10" } else { text });
        if let Some(day) = day {
            return Ok(period(day, 24 * 60 * 60 * 1000));
        }
        let span = text.strip_suffix("min").ok_or_else(unknown)?;
        Ok(period(moment(span.parse().map_err(|_| unknown())?), 1))
    }

    fn issue(&self, key: &str) -> Result<IssueId> {
        let found = self.0.keys().resolve(key).ok();
        let missing = || Error::new(Kind::NotFound, "not_found", format!("no issue {key}"));
        found.map(|at| self.0.rows.id(at)).ok_or_else(missing)
    }
}

fn compiled(tracker: &Tracker, text: &str) -> Result<Option<Query>> {
    parse(text)?.map(|expr| compile(&expr, text, tracker, &Alice(tracker))).transpose()
}

fn filter(tracker: &Tracker, text: &str) -> Filter {
    let query = compiled(tracker, text).unwrap_or_else(|e| panic!("{text}: {e}")).expect("a query");
    Filter { all: query.closed_too, query: Some(query.predicate), ..Filter::default() }
}

#[track_caller]
fn check(lines: &[&str], text: &str, expected: &str) {
    let tracker = tracker(lines);
    assert_eq!(names(&tracker, select(&tracker, &filter(&tracker, text), now())), expected, "{text}");
}

/// Checks an error, written as the message, the marked text and the hint.
#[track_caller]
fn wrong(text: &str, expected: &str) {
    let tracker = tracker(&["web-a #auth title:Log_out", "web-b"]);
    let error = compiled(&tracker, text).expect_err("not a query");
    let place = error.excerpt().map(|e| (e.column(), e.text[e.span.clone()].to_owned()));
    let (column, marked) = place.unwrap_or_default();
    let hint = error.remedy().unwrap_or_default();
    assert_eq!(format!("{} | {column} {marked} | {hint}", error.message()), expected);
}

const ISSUES: [&str; 6] = [
    "a p0 #auth #wip !bug @alice",
    "b p1 #auth created-5 updated-5 due+10",
    "c p2 #ui =in_progress @bob",
    "d p3 <b ^e title:Log_users_out",
    "e p4 !epic",
    "f #auth =closed closed-30",
];

#[test]
fn fields_select_by_any_of_their_values() {
    check(&ISSUES, "label:auth", "a b");
    check(&ISSUES, "label:ui,wip", "a c");
    check(&ISSUES, "status:open,in-progress type:task", "b c d");
    check(&ISSUES, "assignee:me,bob", "a c");
    check(&ISSUES, "assignee:\"\"", "b d e");
    check(&ISSUES, "type:bug,epic", "a e");
    check(&ISSUES, "parent:e", "d");
    check(&ISSUES, "blocks:d", "b");
    check(&ISSUES, "blocked-by:b", "d");
    check(&ISSUES, "id:a,f", "a f");
    check(&ISSUES, "title:\"users out\"", "d");
    check(&ISSUES, "STATE:Open Tag:wip", "a");
}

#[test]
fn conditions_are_joined() {
    check(&ISSUES, "label:auth -label:wip", "b");
    check(&ISSUES, "label:auth NOT label:wip", "b");
    check(&ISSUES, "label:auth not label:wip", "b");
    check(&ISSUES, "label:wip OR type:epic", "a e");
    check(&ISSUES, "label:auth (priority:1 OR is:closed)", "b f");
    check(&ISSUES, "label:auth priority:1 OR type:epic", "b e");
    check(&ISSUES, "-(label:auth OR label:ui)", "d e");
    check(&ISSUES, "--label:ui", "c");
    check(&ISSUES, "label:ui AND label:ui", "c");
}

#[test]
fn words_are_looked_for_in_titles() {
    check(&ISSUES, "OUT log", "d");
    check(&ISSUES, "\"users out\"", "d");
    check(&ISSUES, "\"out users\"", "");
    check(&["a title:not_found", "b title:found"], "not found", "a");
    check(&["a title:std::io", "b title:http://x"], "std::io", "a");
    check(&["a title:std::io", "b title:http://x"], "http://x", "b");
}

#[test]
fn keys_and_states_alone_are_what_they_say() {
    check(&ISSUES, "closed", "f");
    check(&ISSUES, "open", "a b c d e");
    check(&ISSUES, "in-progress closed", "c f");
    check(&ISSUES, "all", "a b c d e f");
    check(&ISSUES, "mine", "a");
    check(&ISSUES, "\"closed\"", "");
    check(&["web-a =closed", "web-b", "web-c"], "web-a web-b", "web-a web-b");
    check(&["web-a title:first", "web-b title:web-a_again"], "\"web-a\"", "web-b");
    // The end of a key that a title has is a word.
    check(&["web-fast title:slow", "b title:go_fast"], "fast", "b");
    check(&["web-fast title:slow =closed", "b"], "fast", "web-fast");
}

#[test]
fn closed_issues_are_left_out_unless_the_query_speaks_of_them() {
    check(&ISSUES, "label:auth", "a b");
    check(&ISSUES, "-label:ui", "a b d e");
    check(&ISSUES, "label:auth status:all", "a b f");
    check(&ISSUES, "label:auth is:all", "a b f");
    check(&ISSUES, "-is:open", "f");
    check(&ISSUES, "closed:today", "f");
    check(&ISSUES, "-is:blocked label:auth", "a b");
}

#[test]
fn states() {
    check(&ISSUES, "is:ready", "a b");
    check(&ISSUES, "is:blocked", "d");
    check(&ISSUES, "is:container", "e");
    check(&ISSUES, "is:claimed", "c");
    check(&ISSUES, "is:bug,epic", "a e");
    check(&ISSUES, "is:mine", "a");
    check(&["a due-1", "b due+1", "c due-1 =closed", "d"], "is:overdue", "a");
    check(&["a defer+5", "b =deferred", "c =deferred defer-5"], "is:deferred", "a b");
    check(&["a updated-50000", "b"], "is:stale", "a");
    check(&ISSUES, "no:labels", "d e");
    check(&ISSUES, "has:due,parent", "b d");
    check(&["a ~src/auth/**", "b ~docs/*.md", "c"], "path:src/auth/login.rs", "a");
}

#[test]
fn priorities_and_times_are_compared() {
    check(&ISSUES, "priority:0..1", "a b");
    check(&ISSUES, "priority:P3..", "d e");
    check(&ISSUES, "priority:<2", "a b");
    check(&ISSUES, "priority:>=p3", "d e");
    check(&ISSUES, "p:0,4", "a e");
    let ages = ["a updated-5", "b updated-50", "c updated-500"];
    check(&ages, "updated:<10min", "a");
    check(&ages, "updated:>10min", "b c");
    check(&ages, "updated:10min..100min", "b");
    check(&ages, "updated:..100min", "a b");
    check(&ages, "updated:100min..", "c");
    check(&ages, "updated:>-10min", "a");
    check(&["a due+5", "b due-5", "c due+50", "d"], "due:<10min", "a b");
    check(&["a due+5", "b due-5", "c due+50", "d"], "due:>10min", "c");
    check(&["a due+5", "b due+5000"], "due:today", "a");
    check(&["a due+5", "b due+5000"], "due:>today", "b");
    check(&["a due+5", "b due+5000"], "due:<=today", "a");
    check(&["a due+5", "b due+5000"], "due:2026-01-10..2026-01-31", "a b");
    check(&["a due-1", "b due+1"], "due:<2026-01-10T12:00:00Z", "a");
}

#[test]
fn errors_point_at_their_place() {
    wrong("lable:auth", "unknown field \"lable\" | 1 lable | did you mean label:auth?");
    wrong("is:open -is:opne", "unknown state \"opne\" | 13 opne | did you mean open?");
    wrong("is:done", "unknown state \"done\" | 4 done | did you mean closed?");
    wrong("status:open,done", "unknown status \"done\" | 13 done | use closed");
    wrong("priority:high", "unknown priority \"high\" | 10 high | use 1");
    wrong("type:taks", "unknown type \"taks\" | 6 taks | use task");
    wrong("no:lables", "unknown part of an issue \"lables\" | 4 lables | did you mean labels?");
    wrong("id:web-zzzz", "no issue web-zzzz | 4 web-zzzz | ");
    wrong("sort:updated", "unknown field \"sort\" | 1 sort | --sort updated");
    wrong("é (a", "this parenthesis is never closed | 3 ( | in quotes it is an ordinary character");
    wrong("a )", "nothing is open that this could close | 3 ) | in quotes it is an ordinary character");
    wrong("\"a", "this quote is never closed | 1 \" | write \\\" inside quotes for a quote itself");
    wrong("a OR", "a term is missing here | 5  | label:NAME, is:open, or a word of the title");
    wrong("OR a", "OR stands between two terms | 1 OR | in quotes it is a word: \"OR\"");
    wrong("updated:7d", "\"7d\" is not a time | 9 7d | ");
    wrong("updated:7min", "7min is neither a day nor a comparison | 9 7min | <7min is newer, >7min is older");
    wrong("priority:3..1", "the range ends before it begins | 10 3..1 | 1..3");
    wrong("@mine", "no saved query \"@mine\" | 1 @mine | qp query save mine 'QUERY'");
    let far = "label: is:open";
    wrong(
        far,
        "label: has no value | 1 label | label:VALUE without a space, or \"label:\" for the word itself",
    );
}

#[test]
fn no_query_is_too_long_or_too_deep() {
    for text in ["(".repeat(3000), "-".repeat(3000) + "a", "NOT ".repeat(900) + "a", "a ".repeat(3000)] {
        assert_eq!(parse(&text).expect_err("too much").code(), "invalid_query");
    }
    assert!(parse(&"(a OR ".repeat(20).replace("OR ", "OR (")).is_err());
    assert_eq!(parse(" \n\t").expect("nothing is wrong"), None);
}

#[test]
fn saved_queries_stand_for_themselves() {
    let mut tracker = tracker(&ISSUES);
    for (name, query) in
        [("auth", "label:auth OR label:ui"), ("again", "@auth -label:wip"), ("loop", "-@loop")]
    {
        tracker.settings.set_query(name, Some(query));
    }
    let found = |text: &str| names(&tracker, select(&tracker, &filter(&tracker, text), now()));
    assert_eq!(found("@auth"), "a b c");
    assert_eq!(found("@again priority:2"), "c");
    assert_eq!(found("-@auth"), "d e");
    let error = compiled(&tracker, "@loop").expect_err("a loop");
    assert_eq!(error.message(), "@loop: @loop is a part of itself");
    let error = compiled(&tracker, "@agian").expect_err("a slip");
    assert_eq!(error.remedy(), Some("did you mean @again?"));
}

#[test]
fn texts_are_asked_for_only_where_they_decide() {
    let tracker = tracker(&["a #x", "b"]);
    let query = compiled(&tracker, "label:x desc:timer").expect("a query").expect("a query").predicate;
    assert!(query.needs_texts());
    assert_eq!(query.by_front(&tracker, 0, now()), None);
    assert_eq!(query.by_front(&tracker, 1, now()), Some(false));
    let issue = |description: &str| Issue {
        front: Front::clone(tracker.front(0)),
        body: Body { description: description.to_owned(), ..Body::default() },
    };
    assert!(query.matches(&tracker, 0, now(), &issue("the TIMER")));
    assert!(!query.matches(&tracker, 0, now(), &issue("")));
    let none = compiled(&tracker, "no:description").expect("a query").expect("a query").predicate;
    assert!(none.matches(&tracker, 0, now(), &issue(" \n")));
}

#[test]
fn search_keeps_its_words() {
    let split = |text: &str| {
        let Loose { query, words } = split_words([text], |name| name == "mine");
        format!("{query} | {}", words.join(" "))
    };
    assert_eq!(split("idle timer"), " | idle timer");
    assert_eq!(split("idle label:auth timer -is:closed"), "label:auth -is:closed | idle timer");
    assert_eq!(
        split("foo:bar http://x label: (a OR -b) \"two words\""),
        " | foo:bar http://x label: (a OR -b) \"two words\""
    );
    assert_eq!(split("title:\"log out\" now"), "title:\"log out\" | now");
    assert_eq!(split("\"label:auth\""), " | label:auth");
    assert_eq!(split("label:\"open"), " | label:\"open");
    assert_eq!(split("@mine @alice"), "@mine | @alice");
}

#[test]
fn a_query_is_told_from_a_key() {
    for text in ["is:open", "-label:x", "auth label:x", "@mine", "(a OR b)"] {
        assert!(looks_like_query(text), "{text}");
    }
    for text in ["web-7k2m", "7k2m", "null", "", "foo:bar", "web-7k2m~9f"] {
        assert!(!looks_like_query(text), "{text}");
    }
}

/// A field value, or a word in quotes: anything at all.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9.<>@-]{1,6}", "[ -~é\\t]{1,8}", "\\PC{1,5}"]
}

fn any_term() -> impl Strategy<Value = Term> {
    let names = vec!["is", "label", "title", "created", "meta.x", "nonsense"];
    let values = prop::collection::vec(any_text().prop_map(|text| Word::new(&text)), 1..3);
    prop_oneof![
        any_text().prop_map(|text| Term::Text { word: Word::new(&text), quoted: true }),
        "[a-z]{4,8}".prop_map(|text| Term::Text { word: Word::new(&text), quoted: false }),
        (prop::sample::select(names), values)
            .prop_map(|(name, values)| Term::Field { name: Word::new(name), values }),
    ]
}

fn any_expr() -> impl Strategy<Value = Expr> {
    any_term().prop_map(Expr::Term).prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Any),
            inner.prop_map(|part| Expr::Not(Box::new(part))),
        ]
    })
}

/// What a query of some words means, by the sets that its parts select.
fn naive(expr: &Expr, tracker: &Tracker) -> Vec<bool> {
    let each = |parts: &[Expr]| parts.iter().map(|part| naive(part, tracker)).collect::<Vec<_>>();
    let count = tracker.rows.len();
    match expr {
        Expr::All(parts) => (0..count).map(|at| each(parts).iter().all(|part| part[at])).collect(),
        Expr::Any(parts) => (0..count).map(|at| each(parts).iter().any(|part| part[at])).collect(),
        Expr::Not(part) => naive(part, tracker).into_iter().map(|held| !held).collect(),
        Expr::Term(Term::Text { .. }) => vec![false; count],
        Expr::Term(Term::Field { values, .. }) => {
            let readiness = Readiness::new(tracker, now());
            let holds = |at: usize, word: &str| match word {
                "open" => !tracker.is_closed(at),
                "closed" => tracker.is_closed(at),
                "ready" => readiness.state(at).is_ready(),
                other => readiness.reasons(at).iter().any(|state| state.name() == other),
            };
            (0..count).map(|at| values.iter().any(|value| holds(at, &value.text))).collect()
        }
    }
}

fn any_states() -> impl Strategy<Value = Expr> {
    let words = vec!["open", "closed", "ready", "claimed", "deferred", "container"];
    let values = prop::collection::vec(prop::sample::select(words).prop_map(Word::new), 1..3);
    let term = values.prop_map(|values| Expr::Term(Term::Field { name: Word::new("is"), values }));
    term.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Any),
            inner.prop_map(|part| Expr::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,40}", signs in "[-a-z:()\"\\\\,.<>=@ OR]{0,40}") {
        let tracker = tracker(&["web-a", "b"]);
        for text in [text, signs] {
            drop(compiled(&tracker, &text));
            drop(split_words([text.as_str()], |_| true));
            if let Ok(Some(expr)) = parse(&text) {
                prop_assert_eq!(parse(&expr.to_string()).expect("it was written by us"), Some(expr));
            }
        }
    }

    #[test]
    fn what_is_written_is_read_again(expr in any_expr()) {
        prop_assert_eq!(parse(&expr.to_string()).map_err(|e| e.to_string()), Ok(Some(expr)));
    }

    #[test]
    fn a_query_means_what_its_parts_mean(tracker in any_tracker(), expr in any_states()) {
        let text = expr.to_string();
        let query = compiled(&tracker, &text).expect("a query").expect("a query").predicate;
        let naive = naive(&expr, &tracker);
        let twice = Predicate::Not(Box::new(Predicate::Not(Box::new(query.clone()))));
        for (at, held) in naive.into_iter().enumerate() {
            prop_assert_eq!(query.by_front(&tracker, at, now()), Some(held), "{}", text);
            prop_assert_eq!(twice.by_front(&tracker, at, now()), Some(held));
        }
    }
}

#[test]
fn a_query_is_what_the_flags_are() {
    let tracker = tracker(&ISSUES);
    let set = |word: &str| std::collections::BTreeSet::from([word.to_owned()]);
    let pairs = [
        ("label:auth", Filter { labels: set("auth"), ..Filter::default() }),
        ("-label:auth", Filter { exclude_labels: set("auth"), ..Filter::default() }),
        ("no:labels", Filter { no_labels: true, ..Filter::default() }),
        ("type:epic", Filter { types: set("epic"), ..Filter::default() }),
        ("assignee:bob", Filter { assignee: Some("bob".to_owned()), ..Filter::default() }),
        ("no:assignee", Filter { unassigned: true, ..Filter::default() }),
        ("no:parent", Filter { no_parent: true, ..Filter::default() }),
        ("title:log", Filter { title_contains: Some("log".to_owned()), ..Filter::default() }),
    ];
    for (text, flags) in pairs {
        let found = select(&tracker, &filter(&tracker, text), now());
        assert_eq!(names(&tracker, found), names(&tracker, select(&tracker, &flags, now())), "{text}");
    }
    let closed = Predicate::Test(Test::Is(Is::Closed));
    assert_eq!(closed.by_front(&tracker, at(&tracker, "f"), now()), Some(true));
}
