//! How the writes of a history are made.

use quipu::error::Result;
use quipu::merge::{TakenBack, take_back};
use quipu::model::{Comment, Holder, Issue, IssueId, Priority, RawSection, Ref};
use quipu::store::testing::Put;
use quipu::store::{Txn, following};

use super::ops::{Op, Text};
use super::world::World;

const HOUR_MS: i64 = 3_600_000;

fn text_mut(issue: &mut Issue, text: Text) -> &mut String {
    match text {
        Text::Description => &mut issue.body.description,
        Text::Notes => &mut issue.body.notes,
        Text::Acceptance => &mut issue.body.acceptance,
    }
}

fn lines(text: &str) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { text.split('\n').map(str::to_owned).collect() }
}

/// A value: one of a few that others write too, or one that nobody else writes.
fn value(number: u8, step: i64) -> String {
    if number.is_multiple_of(6) { format!("same {}", number % 4) } else { format!("v{step}") }
}

/// A line of a text: every third is an entry of a checklist.
fn line(number: u8, step: i64) -> String {
    let value = value(number, step);
    if number.is_multiple_of(3) { format!("- [ ] {value}") } else { value }
}

impl World {
    /// Lets a clone do something, where that is possible.
    pub fn act(&mut self, clone: usize, op: &Op) -> Result<()> {
        let what = format!("{op:?}");
        match op {
            Op::Undo(n) => return self.undo(clone, *n),
            Op::Break(i, v) => return self.break_file(clone, *i, *v),
            Op::Drop(n) | Op::Restore(n) => return self.attic(clone, *n, matches!(op, Op::Drop(_))),
            _ => {}
        }
        let step = self.steps;
        let holder = Holder { actor: format!("actor-{clone}"), session: format!("s{clone}") };
        self.write(clone, what, |txn| write(txn, op, &holder, step)).map(drop)
    }

    /// Takes back one of the operations that a clone knows.
    fn undo(&mut self, clone: usize, number: u8) -> Result<()> {
        let past = &self.nodes[self.tips[clone]].past;
        let ops: Vec<usize> = past.iter().copied().filter(|at| self.nodes[*at].parents.len() == 1).collect();
        let op = &self.nodes[ops[usize::from(number) % ops.len()]];
        let (before, after) = (self.nodes[op.parents[0]].state.clone(), op.state.clone());
        let ids: Vec<IssueId> = before.issues.keys().chain(after.issues.keys()).copied().collect();
        let now = self.nodes[self.tips[clone]].state.clone();
        let mut plan: Vec<(IssueId, Option<Issue>)> = Vec::new();
        for id in ids {
            let [before, after, now] = [&before, &after, &now].map(|state| state.issues.get(&id));
            if before == after {
                continue;
            }
            match take_back(before, after, now) {
                Ok(TakenBack::Write(issue)) => plan.push((id, Some(*issue))),
                Ok(TakenBack::Delete) => plan.push((id, None)),
                Ok(TakenBack::Nothing) => {}
                Err(_) => return Ok(()),
            }
        }
        self.write(clone, format!("Undo {number}"), |txn| {
            for (id, issue) in plan {
                match issue {
                    None => txn.delete(id),
                    Some(mut issue) => {
                        if !now.issues.contains_key(&id) {
                            issue.front.updated_at = following(txn.now, issue.front.updated_at).0;
                        }
                        txn.put(issue)?;
                    }
                }
            }
            Ok(())
        })
        .map(drop)
    }

    /// Spoils the file of an issue, or makes it readable again, as an editor would: without a trailer.
    fn break_file(&mut self, clone: usize, issue: u8, number: u8) -> Result<()> {
        self.steps += 1;
        let tip = self.tips[clone];
        let state = self.nodes[tip].state.clone();
        let paths: Vec<&String> = state.files.keys().filter(|p| p.starts_with("issues/")).collect();
        let Some(path) = paths.get(usize::from(issue) % paths.len().max(1)) else { return Ok(()) };
        let Put::File(bytes) = &state.files[*path] else { return Ok(()) };
        let text = String::from_utf8_lossy(bytes).into_owned();
        let marker = "<<<<<<< HEAD\n";
        let text = match text.strip_prefix(marker) {
            Some(text) if number.is_multiple_of(2) => text.to_owned(),
            _ => format!("{marker}{text}v{}\n", self.steps),
        };
        let seconds = self.now(clone).millis().div_euclid(1000);
        let put = [(path.as_str(), Put::File(text.into_bytes()))];
        let commit = self.history.raw(&[&self.nodes[tip].commit], &put, seconds, "by hand\n")?;
        if self.history.view(&commit)?.tracker.graph().cycles().is_empty() {
            self.tips[clone] = self.add(commit, &[tip], format!("clone {clone}: by hand {path}"));
        }
        Ok(())
    }

    /// Drops a copy from the attic, or restores the issue from it.
    fn attic(&mut self, clone: usize, number: u8, drops: bool) -> Result<()> {
        let state = self.nodes[self.tips[clone]].state.clone();
        let copies: Vec<&String> = state.files.keys().filter(|p| p.starts_with("attic/")).collect();
        let Some(path) = copies.get(usize::from(number) % copies.len().max(1)) else { return Ok(()) };
        if drops {
            let drop_it = |txn: &mut Txn<'_>| {
                txn.put_file(path, None);
                Ok(())
            };
            return self.write(clone, format!("Drop {path}"), drop_it).map(drop);
        }
        let Put::File(bytes) = &state.files[*path] else { return Ok(()) };
        let Ok(copy) = Issue::read(bytes, None) else { return Ok(()) };
        let restore = |txn: &mut Txn<'_>| match txn.tracker().position(copy.front.id) {
            Some(at) => {
                let mut issue = txn.issue(at)?;
                issue.front.title.clone_from(&copy.front.title);
                issue.body.description.clone_from(&copy.body.description);
                txn.put(issue)
            }
            None => txn.put(copy.clone()),
        };
        self.write(clone, format!("Restore {path}"), restore).map(drop)
    }
}

/// Makes a write of one of the other kinds.
fn write(txn: &mut Txn<'_>, op: &Op, holder: &Holder, step: i64) -> Result<()> {
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
    let time = |ms| quipu::model::Timestamp::from_millis(ms);
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
            front.set_status(quipu::model::Status::Deferred, &holder.actor, time(now));
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

fn text(issue: &mut Issue, op: &Op, step: i64) {
    let (which, change): (Text, Box<dyn Fn(&mut Vec<String>) + '_>) = match op {
        Op::Append(_, t, v) => (*t, Box::new(move |lines| lines.push(line(*v, step)))),
        Op::InsertLine(_, t, at, v) => {
            (*t, Box::new(move |lines| lines.insert(usize::from(*at) % (lines.len() + 1), line(*v, step))))
        }
        Op::EditLine(_, t, at, v) => (*t, Box::new(move |lines| edit(lines, *at, |l| *l = line(*v, step)))),
        Op::RemoveLine(_, t, at) => (
            *t,
            Box::new(move |lines| {
                if !lines.is_empty() {
                    lines.remove(usize::from(*at) % lines.len());
                }
            }),
        ),
        Op::Tick(_, t, at) => (*t, Box::new(move |lines| tick(lines, *at))),
        Op::Empty(_, t) => (*t, Box::new(Vec::clear)),
        Op::Rewrite(_, t, v) => (*t, Box::new(move |lines| *lines = vec![line(*v, step), value(*v, step)])),
        Op::Section(_, m, v) => {
            let marker = ["<!-- qp:x-a -->", "<!-- qp:title -->"][usize::from(*m) % 2].to_owned();
            match v % 5 {
                0 => issue.body.unknown.retain(|s| s.marker != marker),
                _ => match issue.body.unknown.iter_mut().find(|s| s.marker == marker && v % 5 < 4) {
                    Some(section) => section.text = value(*v, step),
                    None => issue.body.unknown.push(RawSection { marker, text: value(*v, step) }),
                },
            }
            return;
        }
        _ => return,
    };
    let text = text_mut(issue, which);
    let mut found = lines(text);
    change(&mut found);
    *text = found.join("\n");
}

fn edit(lines: &mut [String], at: u8, change: impl Fn(&mut String)) {
    let at = usize::from(at) % lines.len().max(1);
    if let Some(line) = lines.get_mut(at) {
        change(line);
    }
}

/// Ticks an entry of a checklist, or takes the tick away.
fn tick(lines: &mut [String], at: u8) {
    let entries: Vec<usize> = (0..lines.len()).filter(|l| lines[*l].starts_with("- [")).collect();
    if let Some(entry) = entries.get(usize::from(at) % entries.len().max(1)) {
        let line = &mut lines[*entry];
        *line = match line.strip_prefix("- [ ]") {
            Some(rest) => format!("- [x]{rest}"),
            None => format!("- [ ]{}", &line[5..]),
        };
    }
}
