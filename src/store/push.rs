//! Pushing: every ref is a compare-and-swap, and the branch is never forced.

use gix::ObjectId;

use super::outcome::{Outcome, of_push};
use super::remote::Remote;

/// Below here refs may be replaced and deleted; elsewhere nothing is replaced, and deleted only what is merged.
const OURS: &str = "refs/quipu/";

/// What the remote's ref must be for a push to succeed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Expect {
    /// An ancestor of what is pushed, or absent. The remote decides.
    FastForward,
    /// Absent.
    Absent,
    /// Exactly this.
    Is(ObjectId),
    /// Exactly this branch, which the remote's own has all of: it may be deleted.
    Merged(ObjectId),
}

/// One ref of a push.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct RefPush {
    /// The full name at the remote.
    pub name: String,
    /// The new value; `None` deletes.
    pub new: Option<ObjectId>,
    pub expect: Expect,
}

impl RefPush {
    /// Tells whether quipu may do this at all: force and deletion stay below its own refs.
    fn is_allowed(&self) -> bool {
        let named = gix::validate::reference::name(self.name.as_str().into()).is_ok();
        let own = self.name.starts_with(OURS);
        match self.expect {
            Expect::FastForward => named && self.name.starts_with("refs/") && self.new.is_some(),
            Expect::Absent => named && own && self.new.is_some(),
            Expect::Is(_) => named && own,
            Expect::Merged(_) => named && self.name.starts_with("refs/heads/") && self.new.is_none(),
        }
    }

    fn lease(&self) -> Option<String> {
        match self.expect {
            Expect::FastForward => None,
            Expect::Absent => Some(format!("--force-with-lease={}:", self.name)),
            Expect::Is(id) | Expect::Merged(id) => Some(format!("--force-with-lease={}:{id}", self.name)),
        }
    }

    fn spec(&self) -> String {
        format!("{}:{}", self.new.map(|id| id.to_string()).unwrap_or_default(), self.name)
    }

    /// Two clones can make the very same object. Git then calls the second push "up to date", although the ref was
    /// not what it had to be: whoever finds the ref set has not won it.
    fn judge(&self, outcome: Outcome) -> Outcome {
        let found_as_expected = match self.expect {
            Expect::FastForward => true,
            Expect::Absent => false,
            Expect::Is(id) => self.new == Some(id),
            Expect::Merged(_) => false,
        };
        if outcome == Outcome::UpToDate && !found_as_expected { Outcome::LostRace } else { outcome }
    }
}

impl Remote<'_> {
    /// Pushes refs and returns how each of them fared, in the same order. `atomic` means all or none; where the
    /// server cannot do that, they go one after the other, and after the first failure none any more.
    pub fn push(&self, pushes: &[RefPush], atomic: bool) -> Vec<Outcome> {
        if let Some(wrong) = pushes.iter().find(|push| !push.is_allowed()) {
            let why = format!("quipu itself does not push {} in this way", wrong.name);
            return vec![Outcome::Refused(why); pushes.len()];
        }
        if pushes.is_empty() {
            return Vec::new();
        }
        self.push_together(pushes, atomic).unwrap_or_else(|| self.push_in_turn(pushes))
    }

    /// Pushes by one call; `None` where the server does not know atomic pushes.
    fn push_together(&self, pushes: &[RefPush], atomic: bool) -> Option<Vec<Outcome>> {
        const PLAIN: [&str; 6] = [
            "push",
            "--porcelain",
            "--no-verify",
            "--no-signed",
            "--no-follow-tags",
            "--recurse-submodules=no",
        ];
        let (settings, name) = self.push_target();
        let output = self.run(|git| {
            git.args(settings)
                .args(PLAIN)
                .args(atomic.then_some("--atomic"))
                .args(pushes.iter().filter_map(RefPush::lease))
                .args(["--", name.as_str()])
                .args(pushes.iter().map(RefPush::spec))
        });
        let output = match output {
            Ok(output) => output,
            Err(outcome) => return Some(vec![outcome; pushes.len()]),
        };
        if atomic && output.stderr.contains("does not support --atomic push") {
            return None;
        }
        let names: Vec<&str> = pushes.iter().map(|push| push.name.as_str()).collect();
        let outcomes = of_push(&output, &names);
        Some(pushes.iter().zip(outcomes).map(|(push, outcome)| push.judge(outcome)).collect())
    }

    fn push_in_turn(&self, pushes: &[RefPush]) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for push in pushes {
            let outcome = self.push_together(std::slice::from_ref(push), false);
            outcomes.extend(outcome.into_iter().flatten());
            if outcomes.last().is_none_or(|last| !last.is_success()) {
                break;
            }
        }
        outcomes.resize(pushes.len(), Outcome::LostRace);
        outcomes
    }
}
