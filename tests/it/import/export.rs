//! Whatever an issue holds, the export brings it back.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use quipu::model::{
    Body, Comment, Front, Issue, IssueId, Link, Priority, RawSection, Ref, Status, Timestamp, trim_blank_end,
};

use super::fixed_point;

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z<>&\"\\\\ \n\t\u{2028}é#:{}-]{0,24}", "(a|\r\n|<!-- qp:notes -->|## Notes|---|\n){0,6}",]
        .prop_map(|text| trim_blank_end(&text).to_owned())
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        "[a-zA-Z0-9<&:,'\" .é-]{1,12}",
        Just("null".to_owned()),
        Just("1.50".to_owned())
    ]
}

fn time() -> impl Strategy<Value = Timestamp> {
    (1_600_000_000_000_i64..1_900_000_000_000).prop_map(Timestamp::from_millis)
}

fn ulid() -> impl Strategy<Value = IssueId> {
    (time(), any::<u128>()).prop_map(|(at, bits)| IssueId::from_parts(at, bits))
}

/// A reference by number; the numbers of a whole tracker become ULIDs at the end.
fn reference() -> impl Strategy<Value = Ref> {
    prop_oneof![
        4 => (0..8_usize).prop_map(|n| Ref::Key(format!("#{n}"))),
        1 => "gone-[a-z]{4,5}".prop_map(Ref::Key),
        1 => ulid().prop_map(Ref::Id),
    ]
}

fn link() -> impl Strategy<Value = Link> {
    let known =
        ["blocks", "parent-child", "related", "relates-to", "duplicates", "supersedes", "discovered-from"];
    let kind = prop_oneof![word(), prop::sample::select(known.to_vec()).prop_map(str::to_owned)];
    (kind, reference()).prop_map(|(kind, target)| Link { kind, target })
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        (-1000..1000_i32).prop_map(|n| (f64::from(n) / 8.0).into()),
        word().prop_map(Into::into),
    ];
    let tree = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(serde_json::Value::from),
            btree_map(word(), inner, 0..3).prop_map(|map| map.into_iter().collect()),
        ]
    });
    tree.prop_map(|value| value.to_string())
}

/// Names that an import gives, those that only look so, and others.
fn entry() -> impl Strategy<Value = String> {
    let names = [
        "beads.owner",
        "beads.title",
        "beads.priority",
        "beads.dependencies",
        "beads.comments",
        "beads.metadata",
        "beads.metadata.x",
        "beads.metadata.beads.x",
        "beads.\\metadata.x",
        "beads.\\x",
        "beads.quipu",
        "beads.uid",
        "beads.content_hash",
        "beads.",
        "metadata.x",
    ];
    prop_oneof![word(), prop::sample::select(names.to_vec()).prop_map(str::to_owned)]
}

fn metadata() -> impl Strategy<Value = BTreeMap<String, String>> {
    let edge = (word(), 0..8_usize).prop_map(|(by, n)| {
        format!(r##"[{{"type":"blocks","depends_on_id":"web-{n}","created_by":{by:?}}}]"##)
    });
    let edges = (any::<bool>(), edge).prop_map(|(wanted, text)| wanted.then_some(text));
    (btree_map(entry(), json(), 0..4), edges).prop_map(|(mut map, edges)| {
        map.extend(edges.map(|text| ("beads.dependencies".to_owned(), text)));
        map
    })
}

fn body() -> impl Strategy<Value = Body> {
    let comment = (ulid(), time(), prop_oneof![word(), Just(String::new())], text())
        .prop_map(|(id, at, by, text)| Comment { id, at, by, text });
    let section = ("[a-z]{1,3}", text()).prop_map(|(name, text)| RawSection {
        marker: format!("<!-- qp:x{name} -->"),
        text: text.replace("<!--", "<!"),
    });
    (text(), text(), text(), text(), vec(section, 0..2), vec(comment, 0..3)).prop_map(
        |(description, design, acceptance, notes, unknown, comments)| {
            let mut body = Body { description, design, acceptance, notes, unknown, comments };
            body.sort_comments();
            body
        },
    )
}

fn references() -> impl Strategy<Value = Front> {
    let set = || btree_set(reference(), 0..3);
    let one = || option::of(reference());
    (set(), set(), set(), one(), one(), one(), btree_set(link(), 0..4)).prop_map(
        |(blocked_by, related, discovered_from, parent, duplicate_of, superseded_by, links)| Front {
            blocked_by,
            related,
            discovered_from,
            parent,
            duplicate_of,
            superseded_by,
            links,
            ..Front::default()
        },
    )
}

fn claim() -> impl Strategy<Value = Front> {
    let times =
        (option::of(time()), option::of(time()), option::of(time()), option::of(time()), option::of(time()));
    let words =
        (option::of(word()), option::of(word()), option::of(word()), option::of(word()), option::of(word()));
    (times, words, option::of(time()), btree_set(word(), 0..3)).prop_map(
        |(times, words, started_at, paths)| Front {
            claimed_at: times.0,
            lease_until: times.1,
            due_at: times.2,
            defer_until: times.3,
            closed_at: times.4,
            started_at,
            assignee: words.0,
            claimed_session: words.1,
            claim: words.2,
            closed_by: words.3,
            close_reason: words.4,
            paths,
            ..Front::default()
        },
    )
}

fn issue(number: usize) -> impl Strategy<Value = Issue> {
    let words = (option::of(word()), option::of(word()), option::of(word()), word(), word());
    // Some issues have no key, some share one, and one looks like a derived key.
    let keys = vec![format!("web-{number}"), "web-0".to_owned(), "web-7k2m".to_owned()];
    let key = option::of(prop::sample::select(keys));
    let plain =
        (ulid(), key, words, 0..5_u8, btree_set(word(), 0..3), time(), time(), option::of(any::<u32>()));
    let extra = any::<bool>().prop_map(|some| {
        let raw = some.then(|| ("later".to_owned(), "later: {a: [1, 2.50]}\n".to_owned()));
        raw.into_iter().collect::<BTreeMap<_, _>>()
    });
    let kinds = prop_oneof![Just("open"), Just("in_progress"), Just("closed"), Just("hooked")];
    (plain.boxed(), references().boxed(), claim().boxed(), metadata().boxed(), extra, kinds, body().boxed())
        .prop_map(|(plain, references, claim, metadata, extra, status, body)| {
            let (id, key, words, priority, labels, created_at, updated_at, estimate_minutes) = plain;
            let Front {
                blocked_by,
                related,
                discovered_from,
                parent,
                duplicate_of,
                superseded_by,
                links,
                ..
            } = references;
            let front = Front {
                id,
                key,
                title: words.3,
                kind: words.4,
                status: Status::from_text(status),
                priority: Priority::new(priority).unwrap(),
                labels,
                created_by: words.0,
                external_ref: words.1,
                spec: words.2,
                created_at,
                updated_at,
                estimate_minutes,
                metadata,
                extra,
                blocked_by,
                related,
                discovered_from,
                parent,
                duplicate_of,
                superseded_by,
                links,
                ..claim
            };
            Issue { front, body }
        })
}

/// The same number is never drawn twice, except where a failing case is made smaller.
fn distinct(issues: &[Issue]) -> bool {
    let ids: BTreeSet<_> = issues.iter().map(|i| i.front.id).collect();
    let comments = |issue: &Issue| issue.body.comments.iter().map(|c| c.id).collect::<BTreeSet<_>>().len();
    ids.len() == issues.len() && issues.iter().all(|i| comments(i) == i.body.comments.len())
}

/// Some issues that refer to one another by ULID, as a tracker holds them.
fn tracker() -> impl Strategy<Value = Vec<Issue>> {
    let issues = (issue(0).boxed(), issue(1).boxed(), issue(2).boxed(), issue(3).boxed());
    let issues = issues.prop_map(|(a, b, c, d)| vec![a, b, c, d]).prop_filter("distinct", |i| distinct(i));
    issues.prop_map(|mut issues| {
        let ids: Vec<IssueId> = issues.iter().map(|i| i.front.id).collect();
        for issue in &mut issues {
            issue.front.map_references(|reference| match reference {
                Ref::Key(key) if key.starts_with('#') => {
                    let number: usize = key[1..].parse().unwrap();
                    Ref::Id(ids[number % ids.len()])
                }
                other => other.clone(),
            });
            // What a file cannot hold is not what an export has to bring back.
            *issue = Issue::read(issue.write().as_bytes(), None).unwrap();
        }
        issues
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tracker_comes_back(issues in tracker()) {
        fixed_point(&issues);
    }
}

#[test]
fn fields_stand_in_the_order_of_beads() {
    let front = Front {
        id: IssueId::parse("01kfn6tfn3n7h5b39ztztw7k2m").unwrap(),
        title: "a <b>".to_owned(),
        kind: "bug".to_owned(),
        paths: BTreeSet::from(["src/**".to_owned()]),
        metadata: BTreeMap::from([("beads.owner".to_owned(), "\"o\"".to_owned())]),
        ..Front::default()
    };
    let text = super::export(&[Issue { front, body: Body::default() }]);
    let expected = r#"{"id":"web-7k2m","title":"a \u003cb\u003e","status":"open","priority":2,"issue_type":"bug","owner":"o","created_at":"1970-01-01T00:00:00.000Z","updated_at":"1970-01-01T00:00:00.000Z","uid":"01kfn6tfn3n7h5b39ztztw7k2m","quipu":{"paths":["src/**"]}}"#;
    assert_eq!(text.trim_end(), expected);
}
