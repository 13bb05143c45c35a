//! The writes of a history: one issue, or another file.

use quipu::error::Result;
use quipu::model::{Comment, Holder, Issue, IssueId, Priority, Ref, Status, Timestamp};
use quipu::store::Txn;

use super::ops::Op;
use super::texts::text;

const HOUR_MS: i64 = 3_600_000;

/// A value: one of a few that others write too, or one that nobody else writes.
pub fn value(number: u8, step: i64) -> String {
    if number.is_multiple_of(6) { format!("same {}", number % 4) } else { format!("v{step}") }
}

/// Makes a write of one of the other kinds.
pub fn write(txn: &mut Txn<'_>, op: &Op, holder: &Holder, step: i64) -> Result<()> {
    if let Op::Create(number) = op {
        return create(txn, *number, step);
    }
    if files(txn, op, step)? {
        return Ok(());
    }
    let count = txn.tracker().rows.len();
    if count == 0 {
        return Ok(());
    }
    let at = usize::from(target(op)) % count;
    let mut issue = txn.issue(at)?;
    match op {
        Op::Delete(_) => {
            txn.delete(issue.front.id);
            return Ok(());
        }
        Op::Block(_, other) | Op::Parent(_, other) => {
            let other = txn.tracker().front(usize::from(*other) % count).id;
            if other == issue.front.id {
                return Ok(());
            }
            match op {
                Op::Block(..) => drop(issue.front.blocked_by.insert(Ref::Id(other))),
                _ => issue.front.parent = Some(Ref::Id(other)),
            }
        }
        _ => {
            let comment = txn.fresh_id();
            front(&mut issue, op, step);
            state(&mut issue, op, holder, txn.now.millis(), step);
            thread(&mut issue, op, holder, comment, step);
            text(&mut issue, op, step);
        }
    }
    txn.put(issue)
}

fn create(txn: &mut Txn<'_>, number: u8, step: i64) -> Result<()> {
    let mut issue = Issue::default();
    issue.front.id = txn.fresh_id();
    issue.front.title = format!("issue v{step}");
    issue.front.kind = "task".to_owned();
    issue.front.created_at = txn.now;
    issue.front.key = number.is_multiple_of(4).then(|| format!("web-{}", number % 3));
    if number % 3 == 1 {
        issue.body.description = "one\n\ntwo\nthree\n- [ ] four\n- [ ] five\n\nsix".to_owned();
    }
    txn.put(issue)
}

/// Returns the number of the issue that an operation is about.
fn target(op: &Op) -> u8 {
    match op {
        Op::Title(i, _) | Op::Priority(i, _) | Op::Spec(i, _) | Op::Key(i, _) => *i,
        Op::Label(i, _) | Op::Unlabel(i, _) | Op::Block(i, _) | Op::Unblock(i, _) => *i,
        Op::Parent(i, _) | Op::NoParent(i) | Op::Comment(i, _) | Op::EditComment(i, ..) => *i,
        Op::RemoveComment(i, _) | Op::Append(i, ..) | Op::InsertLine(i, ..) | Op::EditLine(i, ..) => *i,
        Op::RemoveLine(i, ..) | Op::Tick(i, ..) | Op::Empty(i, _) | Op::Rewrite(i, ..) => *i,
        Op::Section(i, ..) | Op::Extra(i, ..) | Op::Metadata(i, ..) | Op::Claim(i, _) => *i,
        Op::Release(i) | Op::Close(i, _) | Op::Reopen(i) | Op::Defer(i) | Op::Delete(i) => *i,
        _ => 0,
    }
}

/// Files that are no issues. Tells whether the operation was about one.
fn files(txn: &mut Txn<'_>, op: &Op, step: i64) -> Result<bool> {
    let content = |v: u8| Some(format!("{}\n", value(v, step)).into_bytes());
    match op {
        Op::Setting(key, v) => {
            let mut settings = txn.tracker().settings.clone();
            let key = ["prefix-of", "x-a"][usize::from(*key) % 2];
            settings.extra.insert(key.to_owned(), format!("{key}: {}\n", value(*v, step)));
            txn.put_settings(settings);
        }
        Op::Prefix(v) => {
            let mut settings = txn.tracker().settings.clone();
            settings.prefix = format!("p{}", v % 5);
            settings.prefixes.insert(settings.prefix.clone());
            txn.put_settings(settings);
        }
        Op::Memory(key, v) => txn.put_file(&format!("memories/m{}.md", key % 2), content(*v)),
        Op::Forget(key) => txn.put_file(&format!("memories/m{}.md", key % 2), None),
        Op::Path(key, v) => {
            let path = ["other", "other/file", "other/file/deep"][usize::from(*key) % 3];
            txn.put_file(path, content(*v).filter(|_| !v.is_multiple_of(5)));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn front(issue: &mut Issue, op: &Op, step: i64) {
    let front = &mut issue.front;
    let label = |v: u8| ["a", "b", "c"][usize::from(v) % 3].to_owned();
    match op {
        Op::Title(_, v) => front.title = value(*v, step),
        Op::Priority(_, v) => front.priority = Priority::new(v % 5).expect("0 to 4"),
        Op::Spec(_, v) => front.spec = (!v.is_multiple_of(4)).then(|| value(*v, step)),
        Op::Key(_, v) => front.key = (!v.is_multiple_of(4)).then(|| format!("web-{}", v % 3)),
        Op::Label(_, v) => drop(front.labels.insert(label(*v))),
        Op::Unlabel(_, v) => drop(front.labels.remove(&label(*v))),
        Op::Unblock(_, v) => {
            let blocker = front.blocked_by.iter().nth(usize::from(*v) % front.blocked_by.len().max(1));
            if let Some(blocker) = blocker.cloned() {
                front.blocked_by.remove(&blocker);
            }
        }
        Op::NoParent(_) => front.parent = None,
        Op::Extra(_, key, v) => {
            let key = ["x-a", "description", "state", "notes"][usize::from(*key) % 4];
            match v % 4 {
                0 => drop(front.extra.remove(key)),
                _ => drop(front.extra.insert(key.to_owned(), format!("{key}: {}\n", value(*v, step)))),
            }
        }
        Op::Metadata(_, key, v) => {
            let key = ["a", "b"][usize::from(*key) % 2];
            match v % 4 {
                0 => drop(front.metadata.remove(key)),
                _ => drop(front.metadata.insert(key.to_owned(), format!("\"{}\"", value(*v, step)))),
            }
        }
        _ => {}
    }
}

fn state(issue: &mut Issue, op: &Op, holder: &Holder, now: i64, step: i64) {
    let time = Timestamp::from_millis;
    let front = &mut issue.front;
    match op {
        Op::Claim(_, confirmed) => {
            front.claim(holder, time(now), time(now + HOUR_MS));
            front.claim = confirmed.then(|| format!("{step:040}"));
        }
        Op::Release(_) => front.release(),
        Op::Close(_, v) => front.close(&holder.actor, Some(value(*v, step)), time(now)),
        Op::Reopen(_) => front.reopen(),
        Op::Defer(_) => {
            front.set_status(Status::Deferred, &holder.actor, time(now));
            front.defer_until = Some(time(now + HOUR_MS));
        }
        _ => {}
    }
}

fn thread(issue: &mut Issue, op: &Op, holder: &Holder, fresh: IssueId, step: i64) {
    let comments = &mut issue.body.comments;
    let place = |c: u8, len: usize| usize::from(c) % len.max(1);
    match op {
        Op::Comment(_, v) => comments.push(Comment {
            id: fresh,
            at: fresh.created_at(),
            by: holder.actor.clone(),
            text: value(*v, step),
        }),
        Op::EditComment(_, c, v) => {
            let at = place(*c, comments.len());
            if let Some(comment) = comments.get_mut(at) {
                comment.text = value(*v, step);
            }
        }
        Op::RemoveComment(_, c) if !comments.is_empty() => {
            comments.remove(place(*c, comments.len()));
        }
        _ => {}
    }
    issue.body.sort_comments();
}
