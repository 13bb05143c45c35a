//! `qp doctor --fix`: what can be repaired without losing anything.
//!
//! Repairs around the tracker are made one by one; those of its content are one commit. What cannot be made, in a
//! repository that cannot be written for one, is said beside the finding.

use std::collections::BTreeMap;

use super::app::App;
use crate::error::Result;
use crate::model::IssueId;
use crate::output::text::one_line;
use crate::query::{self, Finding, Mend};
use crate::store::{Store, Txn, View};

/// Most repairs that the commit names.
const NAMED: usize = 100;

/// What became of a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// Nothing was tried, or nothing can be.
    Open,
    /// It was repaired: how.
    Fixed(String),
    /// It would be repaired: how.
    WouldFix(String),
    /// It could not be repaired: why.
    NotFixed(String),
}

/// A finding, and what was done about it.
pub(super) struct Line {
    pub finding: Finding,
    pub fate: Fate,
}

impl Line {
    pub fn new(finding: Finding) -> Self {
        Line { finding, fate: Fate::Open }
    }

    /// Tells whether it is there no more.
    pub fn is_fixed(&self) -> bool {
        matches!(self.fate, Fate::Fixed(_))
    }
}

/// Mends what a loss of power has broken, before anything else is looked at. What was done is said with the first
/// finding that it concerns.
pub(super) fn heal(app: &mut App, store: &Store, damage: Vec<Finding>) -> Vec<Line> {
    let healed = match store.heal(&app.context, &app.author(store)) {
        Ok(healed) => healed,
        Err(error) => {
            let fate = Fate::NotFixed(error.message().to_owned());
            return damage.into_iter().map(|finding| Line { finding, fate: fate.clone() }).collect();
        }
    };
    let (lost, done): (Vec<_>, Vec<_>) = healed.into_iter().partition(|healed| healed.code == "lost");
    for lost in &lost {
        app.ui.warn(&lost.message);
    }
    let left = store.inspect_damage();
    let mut what = done.into_iter().map(|healed| healed.message).collect::<Vec<_>>().join("; ");
    let mut said = || Fate::Fixed(std::mem::replace(&mut what, "with the one above".to_owned()));
    let gone = damage.into_iter().filter(|finding| !left.contains(finding));
    let mut lines: Vec<Line> = gone.map(|finding| Line { finding, fate: said() }).collect();
    lines.extend(left.into_iter().map(Line::new));
    lines
}

/// Says what a repair would do.
pub(super) fn rehearse(lines: &mut [Line]) {
    for line in lines {
        if let Some(mend) = &line.finding.mend {
            line.fate = Fate::WouldFix(mend.planned());
        }
    }
}

/// Repairs what can be repaired; returns the tracker as it is then, where it was changed.
pub(super) fn fix(app: &mut App, store: &Store, lines: &mut Vec<Line>) -> Option<View> {
    for line in lines.iter_mut().filter(|line| line.fate == Fate::Open) {
        let Some(mend) = line.finding.mend.as_ref().filter(|mend| !mend.is_content()) else { continue };
        line.fate = match store.mend(&app.context, mend) {
            Ok(()) => Fate::Fixed(mend.done()),
            Err(error) => Fate::NotFixed(error.message().to_owned()),
        };
    }
    let is_content = |line: &Line| line.finding.mend.as_ref().is_some_and(Mend::is_content);
    if !lines.iter().any(is_content) {
        return None;
    }
    let done = app.transact("doctor", |txn| {
        let mended = content(txn)?;
        let sentence = |(finding, mend): &(Finding, Mend)| {
            let what = finding.issue.as_deref().or(finding.path.as_deref()).unwrap_or("the tracker");
            format!("{what}: {}", mend.done())
        };
        txn.subject(match &mended[..] {
            [only] => one_line(&format!("doctor: {}", sentence(only))),
            all => format!("doctor: {} repairs", all.len()),
        });
        for one in mended.iter().take(NAMED) {
            txn.trailer("Quipu-Repair", &format!("{} {}", one.0.code, sentence(one)));
        }
        Ok(mended.into_iter().map(|(_, mend)| mend).collect::<Vec<Mend>>())
    });
    for line in lines.iter_mut().filter(|line| is_content(line)) {
        let mend = line.finding.mend.as_ref().expect("a repair of the content");
        line.fate = match &done {
            Ok(done) if done.value.contains(mend) => Fate::Fixed(mend.done()),
            Ok(_) => Fate::NotFixed("somebody has changed it meanwhile".to_owned()),
            Err(error) => Fate::NotFixed(error.message().to_owned()),
        };
    }
    let done = done.ok()?;
    look_again(lines, &done.view, query::examine(&done.view.tracker, app.context.now()));
    Some(done.view)
}

/// Notes what the repairs have settled besides, and what a file that can be read again has brought to light.
fn look_again(lines: &mut Vec<Line>, after: &View, left: Vec<Finding>) {
    // Issues may have other keys now, so that only a kind that is gone is gone for certain.
    let is_settled = |line: &Line| line.finding.code == "ambiguous_reference" && line.fate == Fate::Open;
    if !left.iter().any(|one| one.code == "ambiguous_reference") {
        for line in lines.iter_mut().filter(|line| is_settled(line)) {
            line.fate = Fate::Fixed("settled by the other repairs".to_owned());
        }
    }
    let restored = |line: &Line| match &line.finding.mend {
        Some(Mend::Restore { path, .. }) if line.is_fixed() => Some(path.clone()),
        _ => None,
    };
    let restored: Vec<String> = lines.iter().filter_map(restored).collect();
    let is_new = |finding: &Finding| {
        let at = finding.issue.as_ref().and_then(|key| after.tracker.keys().resolve(key).ok());
        at.is_some_and(|at| restored.contains(&after.path(at)))
    };
    lines.extend(left.into_iter().filter(is_new).map(Line::new));
}

/// Finds again what is wrong in the state that the write starts from, and repairs it within the write.
fn content(txn: &mut Txn<'_>) -> Result<Vec<(Finding, Mend)>> {
    let mut findings = txn.view().inspect_files()?;
    findings.extend(query::examine(txn.tracker(), txn.now));
    let mends = findings.into_iter().filter_map(|finding| {
        let mend = finding.mend.clone().filter(Mend::is_content)?;
        Some((finding, mend))
    });
    let mut mended: Vec<(Finding, Mend)> = mends.collect();
    let mut by_issue: BTreeMap<IssueId, Vec<&Mend>> = BTreeMap::new();
    for (_, mend) in &mended {
        mend.issues().into_iter().for_each(|id| by_issue.entry(id).or_default().push(mend));
    }
    for (id, mends) in by_issue {
        let Some(at) = txn.tracker().position(id) else { continue };
        let mut issue = txn.issue(at)?;
        mends.into_iter().for_each(|mend| query::mend_issue(&mut issue.front, mend));
        txn.put(issue)?;
    }
    let restored = |txn: &mut Txn<'_>, mend: &Mend| match mend {
        Mend::Restore { path, .. } => txn.restore(path),
        _ => Ok(true),
    };
    let outcomes = mended.iter().map(|(_, mend)| restored(txn, mend)).collect::<Result<Vec<bool>>>()?;
    let mut outcomes = outcomes.into_iter();
    mended.retain(|_| outcomes.next().unwrap_or(false));
    Ok(mended)
}
