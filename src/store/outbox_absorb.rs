//! Taking the outbox into the branch: the same commits by another road. What the branch has already changes nothing,
//! so the same files may be taken in twice, and in several clones at once.

use std::collections::BTreeSet;

use gix::ObjectId;
use gix::objs::Kind as ObjectKind;

use super::bundle::{Bundle, Header};
use super::lost::Lost;
use super::outbox::{Content, FOLDER, OutboxFile, OutboxState};
use super::outbox_judge::{Judged, Source, Verdict, passed_over};
use super::outbox_name::session_of;
use super::outbox_pack::typed;
use super::overlay::Folded;
use super::patience::Patience;
use super::remote::Deadline;
use super::transaction::TakenIn;
use super::{Author, Store};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::IssueId;

/// How long a remote is asked for what it shows, in milliseconds.
const ASKED_MS: u64 = 20_000;
/// The code of an error: the history here is cut off.
const SHALLOW: &str = "shallow";

/// Where files of the outbox are looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutboxSource<'s> {
    /// The working tree.
    WorkTree,
    /// A branch, local or remote-tracking, or anything else that names a commit.
    Branch(&'s str),
}

/// What taking in the outbox did.
#[derive(Debug, Default)]
pub struct AbsorbedBundles {
    /// All files that were there, each as it stands now.
    pub files: Vec<OutboxFile>,
    /// How many of them brought something.
    pub taken: usize,
    /// Operations that came to the branch.
    pub operations: usize,
    /// The issues they changed.
    pub issues: BTreeSet<IssueId>,
    /// Whether two lines of history were merged.
    pub merged: bool,
    /// What a merge decided against.
    pub lost: Vec<Lost>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// Whether files build upon a past that is not here.
    pub lacks_history: bool,
    /// The names, as they are typed, of files that belong to another tracker of this repository.
    pub foreign: BTreeSet<String>,
}

impl AbsorbedBundles {
    /// Returns the files that had to stay, because commits that they build upon are not here.
    pub fn missing(&self) -> impl Iterator<Item = &OutboxFile> {
        self.files.iter().filter(|file| matches!(file.state, OutboxState::Missing(_)))
    }

    /// Returns the files of this tracker that cannot be used.
    pub fn unusable(&self) -> impl Iterator<Item = &OutboxFile> {
        let files = self.files.iter().filter(|file| matches!(file.state, OutboxState::Unreadable(_)));
        files.filter(|file| !self.foreign.contains(&file.name))
    }

    /// Tells whether the branch stayed as it was.
    pub fn is_idle(&self) -> bool {
        self.operations == 0 && !self.merged
    }
}

impl Store {
    /// Returns the files of the outbox in the working tree, and what is known of them here.
    ///
    /// # Errors
    /// Environment, where something else stands in the place of the folder, or git's files cannot be read.
    pub fn outbox(&self) -> Result<Vec<OutboxFile>> {
        let sources = self.outbox_sources()?;
        let bundles = sources.iter().map(|source| source.bundle().ok()).collect::<Vec<_>>();
        let store = Store { repo: self.repo.clone().with_object_memory(), ..self.clone() };
        // They are judged in the order of their names.
        let start = self.tip()?.map(|tip| tip.commit);
        let mut judged = store.judge(start, sources);
        // What cannot be merged is known once that is tried.
        let failed = store.fold(start, &judged).failed;
        for judged in &mut judged {
            if let Some((_, error)) = failed.iter().find(|(name, _)| *name == judged.name) {
                judged.verdict = Verdict::Unusable(error.message().to_owned());
            }
        }
        judged
            .into_iter()
            .zip(bundles)
            .map(|(judged, bundle)| self.outbox_file(judged, bundle.as_ref()))
            .collect()
    }

    pub(super) fn outbox_sources(&self) -> Result<Vec<Source<'static>>> {
        let Some(outbox) = self.outbox_place() else { return Ok(Vec::new()) };
        let intact = |content: Content| match content.bundle() {
            Ok(_) => content,
            Err(_) => {
                let header = content.bytes.as_ref().ok().and_then(|bytes| Header::read(bytes).ok());
                let header = header.map(|(header, _)| header);
                self.committed_outbox(&content.name, header.as_ref()).unwrap_or(content)
            }
        };
        outbox
            .look(|names| Ok(names.iter().map(|name| Source::Bytes(intact(outbox.content(name)))).collect()))
    }

    fn outbox_file(&self, judged: Judged, bundle: Option<&Bundle>) -> Result<OutboxFile> {
        let Judged { name, header, verdict } = judged;
        let (_, tracking) = self.both_tips()?;
        let is_shared = |tip| tracking.is_some_and(|tracking| self.contains(tracking, tip));
        let tip = header.as_ref().map(|header| header.tip);
        let state = match verdict {
            Verdict::Contained if tip.is_some_and(is_shared) => OutboxState::Shared,
            Verdict::Contained => OutboxState::Here,
            Verdict::New(_) => OutboxState::New,
            Verdict::Missing(ids) => OutboxState::Missing(ids.iter().map(ToString::to_string).collect()),
            Verdict::Unusable(reason) | Verdict::Foreign(reason) => OutboxState::Unreadable(reason),
        };
        let folder = self.outbox_folder().unwrap_or_else(|| FOLDER.iter().collect());
        let prerequisites = header.map(|header| header.prerequisites).unwrap_or_default();
        Ok(OutboxFile {
            path: folder.join(&name),
            session: session_of(&name, tip).to_owned(),
            name: typed(&name),
            tip: tip.map(|tip| tip.to_string()),
            prerequisites: prerequisites.iter().map(ToString::to_string).collect(),
            operations: bundle.map_or(0, |bundle| operations(bundle, self.repo.object_hash())),
            state,
        })
    }

    /// Takes the operations of the outbox into the branch. A file that builds upon commits that are not here stays, and
    /// so does one that cannot be read; both are in the answer.
    ///
    /// # Errors
    /// Not found, where there is no such branch; environment, where the repository cannot be written; busy.
    pub fn absorb_outbox(
        &self,
        context: &Context,
        author: &Author,
        source: OutboxSource<'_>,
    ) -> Result<AbsorbedBundles> {
        let sources = match source {
            OutboxSource::WorkTree => self.outbox_sources()?,
            OutboxSource::Branch(name) => self.outbox_of(name)?,
        };
        if sources.is_empty() {
            return Ok(AbsorbedBundles::default());
        }
        self.check_owner()?;
        let bundles = sources.iter().map(|source| source.bundle().ok()).collect::<Vec<_>>();
        let before = self.tip()?.map(|tip| tip.commit);
        let memory = Store { repo: self.repo.clone().with_object_memory(), ..self.clone() };
        let mut judged = memory.judge(before, sources);
        let mut outcome = AbsorbedBundles {
            taken: judged.iter().filter(|judged| judged.is_new()).count(),
            ..AbsorbedBundles::default()
        };
        if outcome.taken > 0 {
            let _lock = self.lock()?;
            let folded = self.take_in(context, author, &judged, &mut outcome.warnings)?;
            outcome.taken -= folded.failed.len();
            outcome.lacks_history = folded.failed.iter().any(|(_, error)| error.code() == SHALLOW);
            let store = self.reopen()?;
            if let Some(after) = folded.tip {
                (outcome.operations, outcome.issues) = store.between(before, after)?;
                for judged in judged.iter_mut().filter(|judged| judged.is_new()) {
                    judged.verdict = match folded.failed.iter().find(|(name, _)| *name == judged.name) {
                        Some((_, error)) => Verdict::Unusable(error.message().to_owned()),
                        None => Verdict::Contained,
                    };
                }
            }
            (outcome.merged, outcome.lost) = (folded.merged, folded.lost);
        }
        outcome.warnings.extend(judged.iter().filter_map(Judged::warning));
        let foreign = judged.iter().filter(|judged| matches!(judged.verdict, Verdict::Foreign(_)));
        outcome.foreign = foreign.map(|judged| typed(&judged.name)).collect();
        let store = self.reopen()?;
        let files = judged.into_iter().zip(bundles).map(|(j, bundle)| store.outbox_file(j, bundle.as_ref()));
        outcome.files = files.collect::<Result<_>>()?;
        outcome.lacks_history = outcome.lacks_history || outcome.missing().count() > 0;
        Ok(outcome)
    }

    /// Takes in what the outbox has and the branch has not, before a write: what a read shows can be written on. The
    /// caller holds the lock.
    pub(super) fn absorb_before_write(
        &self,
        context: &Context,
        author: &Author,
    ) -> Result<(TakenIn, Vec<String>)> {
        let mut taken_in = TakenIn::default();
        let Some(outbox) = self.outbox_place() else { return Ok((taken_in, Vec::new())) };
        let names = match outbox.names() {
            Ok(names) => names,
            Err(error) => return Ok((taken_in, vec![error.message().to_owned()])),
        };
        if names.is_empty() {
            return Ok((taken_in, Vec::new()));
        }
        let start = self.tip()?.map(|tip| tip.commit);
        let memory = Store { repo: self.repo.clone().with_object_memory(), ..self.clone() };
        let judged = outbox.look(|names| {
            Ok(memory.judge(start, names.into_iter().map(|name| Source::File(&outbox, name)).collect()))
        })?;
        let mut warnings: Vec<String> = judged.iter().filter_map(Judged::warning).collect();
        if judged.iter().any(Judged::is_new) {
            let folded = self.take_in(context, author, &judged, &mut warnings)?;
            warnings.extend(folded.failed.iter().map(|(name, error)| passed_over(name, error.message())));
            if let Some(after) = folded.tip {
                (taken_in.operations, taken_in.issues) = self.reopen()?.between(start, after)?;
            }
            taken_in.lost = folded.lost;
        }
        Ok((taken_in, warnings))
    }

    /// Writes the objects of new bundles, and moves the branch to what has them all.
    fn take_in(
        &self,
        context: &Context,
        author: &Author,
        judged: &[Judged],
        warnings: &mut Vec<String>,
    ) -> Result<Folded> {
        for judged in judged {
            if let Verdict::New(bundle) = &judged.verdict {
                self.write_bundle(bundle)?;
            }
        }
        let mut patience = Patience::new();
        loop {
            let store = self.reopen()?;
            let tip = store.tip()?;
            let start = tip.as_ref().map(|tip| tip.commit);
            let folded = store.fold(start, judged);
            let Some(new) = folded.tip.filter(|new| Some(*new) != start) else { return Ok(folded) };
            let local = tip.and_then(|tip| tip.local);
            let time = format!("{} +0000", context.now().millis().div_euclid(1000));
            let signature = author.signature(&time);
            let moved = store.move_branch(local, start.unwrap_or(new), new, "qp: outbox", signature)?;
            if let Some(warning) = moved {
                if let Some(start) = start {
                    store.end_absorbed_claims(start, new)?;
                }
                warnings.append(&mut patience.warnings);
                warnings.extend(warning);
                return Ok(folded);
            }
            patience.another_attempt(&store, context.now())?;
        }
    }

    /// Notes the confirmed claims that what was taken in has ended: the outbox could tell no remote of them.
    fn end_absorbed_claims(&self, before: ObjectId, after: ObjectId) -> Result<()> {
        let (before, after) = (self.view_commit(before)?.tracker, self.view_commit(after)?.tracker);
        let ended = (0..before.rows.len()).filter_map(|at| {
            let (id, token) = (before.rows.id(at), before.front(at).claim.as_deref()?);
            let is_over = after.position(id).is_none_or(|at| after.front(at).claim.is_none());
            is_over.then_some((id, token))
        });
        self.end_claims(ended);
        Ok(())
    }

    /// Writes what a bundle brings, commits last, so that none ever stands there without its tree.
    fn write_bundle(&self, bundle: &Bundle) -> Result<()> {
        let rank = |kind: ObjectKind| match kind {
            ObjectKind::Blob => 0,
            ObjectKind::Tree => 1,
            ObjectKind::Commit | ObjectKind::Tag => 2,
        };
        let missing = bundle.objects.iter().filter(|(id, ..)| !self.repo.has_object(*id));
        let mut objects: Vec<_> = missing.map(|(_, kind, data)| (*kind, data.clone())).collect();
        objects.sort_by_key(|(kind, _)| rank(*kind));
        self.write_objects(objects.iter())
    }

    /// Tells of each file whether the remote has everything of it. Where pushes go to another place than fetches come
    /// from, a push by plain git has moved what is known of the remote all the same, so that is asked.
    fn is_shown(&self) -> impl Fn(&OutboxFile) -> bool + '_ {
        let remote = self.remote.as_deref().unwrap_or_default();
        let remote = self.remote_named(remote, Deadline::after(ASKED_MS));
        let elsewhere = remote.ok().filter(|remote| remote.pushes_elsewhere().is_some());
        let shown = elsewhere.map(|remote| remote.list().ok().and_then(|listing| listing.branch));
        let has = move |tip: &String| {
            let tip = ObjectId::from_hex(tip.as_bytes()).ok();
            shown.is_none_or(|shown| shown.zip(tip).is_some_and(|(shown, tip)| self.contains(shown, tip)))
        };
        move |file: &OutboxFile| file.state == OutboxState::Shared && file.tip.as_ref().is_some_and(&has)
    }

    /// Removes the files that the remote has everything of, and returns their names as they are typed.
    ///
    /// # Errors
    /// Environment, where a file cannot be removed.
    pub fn prune_outbox(&self) -> Result<Vec<String>> {
        let Some(outbox) = self.outbox_place().filter(super::outbox::Outbox::is_there) else {
            return Ok(Vec::new());
        };
        // Also where the files came by a checkout, git shall not see the lock.
        let _lock = outbox.open()?;
        let mut removed = Vec::new();
        let is_on_disk = |file: &OutboxFile| std::fs::symlink_metadata(&file.path).is_ok();
        let is_shared = self.is_shown();
        let shared = self.outbox()?.into_iter().filter(is_shared);
        for file in shared.filter(is_on_disk) {
            std::fs::remove_file(&file.path).map_err(|e| {
                let message = format!("{} cannot be removed", file.name);
                Error::new(Kind::Environment, "read_only", message).because(e)
            })?;
            removed.push(file.name);
        }
        outbox.forget_latest();
        Ok(removed)
    }
}

/// Counts the commits of a bundle that are neither merges nor the first one, which is the same in every tracker.
fn operations(bundle: &Bundle, hash: gix::hash::Kind) -> usize {
    let commits = bundle.objects.iter().filter(|(_, kind, _)| *kind == ObjectKind::Commit);
    let parents = commits.filter_map(|(.., data)| gix::objs::CommitRef::from_bytes(data, hash).ok());
    parents.filter(|commit| commit.parents().count() == 1).count()
}
