//! Builds small trackers from one line an issue: its name, which is also its key and title, then marks.
//!
//! `<b` blocked by b, `^p` part of p, `@alice` assigned, `#x` labelled, `p0` priority, `!bug` type, `~src/**`
//! path, `=closed` status, `session:s` claiming session, `title:Two_words`, and times in minutes from now:
//! `lease+60`, `defer-5`, `due+1`, `created-9`, `updated-9`, `closed-9`. A name that no line has dangles.

use proptest::prelude::*;
use quipu::model::{Front, IssueId, Priority, Ref, Row, Settings, Status, Timestamp, Tracker};

/// The moment all these tests take place.
pub fn now() -> Timestamp {
    Timestamp::parse("2026-01-10T12:00:00Z").expect("a time")
}

/// The moment `minutes` from now.
pub fn moment(minutes: i64) -> Timestamp {
    now().plus_millis(minutes * 60_000)
}

pub fn tracker(lines: &[&str]) -> Tracker {
    let names: Vec<&str> = lines.iter().map(|l| l.split(' ').next().expect("never empty")).collect();
    let rows = lines.iter().enumerate().map(|(at, line)| row(front(at, line, &names))).collect();
    Tracker::new(Settings::new("t"), rows, Vec::new())
}

pub fn row(front: Front) -> Row {
    Row { front, blob: Vec::new(), comments: 0 }
}

/// The identity of the issue in line `at`; later lines have later ones.
pub fn id(at: usize) -> IssueId {
    IssueId::from_parts(moment(-1000).plus_millis(at as i64), at as u128)
}

/// The issue in line `at` without any marks.
pub fn plain(at: usize, name: &str) -> Front {
    let created_at = id(at).created_at();
    Front {
        id: id(at),
        key: Some(name.to_owned()),
        title: name.to_owned(),
        kind: "task".to_owned(),
        created_at,
        updated_at: moment(-60),
        ..Front::default()
    }
}

fn front(at: usize, line: &str, names: &[&str]) -> Front {
    let mut front = plain(at, names[at]);
    let refer = |name: &str| match names.iter().position(|n| *n == name) {
        Some(at) => Ref::Id(id(at)),
        None => Ref::Key(name.to_owned()),
    };
    for mark in line.split(' ').skip(1) {
        let rest = &mark[1..];
        match &mark[..1] {
            "<" => drop(front.blocked_by.insert(refer(rest))),
            "^" => front.parent = Some(refer(rest)),
            "@" => front.assignee = Some(rest.to_owned()),
            "#" => drop(front.labels.insert(rest.to_owned())),
            "!" => front.kind = rest.to_owned(),
            "~" => drop(front.paths.insert(rest.to_owned())),
            "=" => front.status = Status::from_text(rest),
            _ => word(&mut front, mark),
        }
    }
    front
}

fn word(front: &mut Front, mark: &str) {
    if let Some(priority) = Priority::parse(mark) {
        front.priority = priority;
    } else if let Some(title) = mark.strip_prefix("title:") {
        front.title = title.replace('_', " ");
    } else if let Some(session) = mark.strip_prefix("session:") {
        front.claimed_session = Some(session.to_owned());
    } else {
        let sign = mark.find(['+', '-']).unwrap_or_else(|| panic!("what is {mark}?"));
        let time = moment(mark[sign..].parse().expect("minutes"));
        match &mark[..sign] {
            "lease" => front.lease_until = Some(time),
            "defer" => front.defer_until = Some(time),
            "due" => front.due_at = Some(time),
            "created" => front.created_at = time,
            "updated" => front.updated_at = time,
            "closed" => front.closed_at = Some(time),
            other => panic!("what is {other}?"),
        }
    }
}

/// The position of the issue of that name.
pub fn at(tracker: &Tracker, name: &str) -> usize {
    tracker.keys().resolve(name).unwrap_or_else(|miss| panic!("{name}: {miss:?}"))
}

/// The names of the issues at these positions.
pub fn names(tracker: &Tracker, positions: impl IntoIterator<Item = usize>) -> String {
    positions.into_iter().map(|at| tracker.key(at)).collect::<Vec<_>>().join(" ")
}

/// Any small tracker: every status, dangling references, cycles and all.
pub fn any_tracker() -> impl Strategy<Value = Tracker> {
    (1usize..9).prop_flat_map(|count| prop::collection::vec(any_front(count), count)).prop_map(|fronts| {
        let complete = |(at, mut front): (usize, Front)| {
            let plain = plain(at, &format!("i{at}"));
            (front.id, front.key, front.title) = (plain.id, plain.key, plain.title);
            (front.created_at, front.updated_at) = (plain.created_at, plain.updated_at);
            row(front)
        };
        let rows = fronts.into_iter().enumerate().map(complete).collect();
        Tracker::new(Settings::new("t"), rows, Vec::new())
    })
}

fn any_front(count: usize) -> impl Strategy<Value = Front> {
    const WORDS: [&str; 8] =
        ["open", "open", "open", "in_progress", "blocked", "deferred", "closed", "pinned"];
    let status = prop::sample::select(&WORDS[..]).prop_map(Status::from_text);
    // One past the last issue: a reference that dangles.
    let refs = || (0..=count).prop_map(|at| Ref::Id(id(at)));
    let minutes = || prop::option::of(-20i64..20);
    let blockers = prop::collection::btree_set(refs(), 0..3);
    (status, blockers, prop::option::weighted(0.4, refs()), minutes(), minutes()).prop_map(
        |(status, blocked_by, parent, lease, defer)| Front {
            status,
            blocked_by,
            parent,
            lease_until: lease.map(moment),
            defer_until: defer.map(moment),
            ..Front::default()
        },
    )
}
