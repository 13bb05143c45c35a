//! What a clone does in a history.

use quipu::error::Result;
use quipu::merge::{TakenBack, take_back};
use quipu::model::{Holder, Issue, IssueId};
use quipu::store::testing::Put;
use quipu::store::{Txn, following};

use super::ops::Op;
use super::world::World;
use super::writes::write;

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
