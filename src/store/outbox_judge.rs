//! Looking at files that may hold bundles: which of them have anything new, and which are of no use.
//!
//! The files may be anybody's. What cannot be used has a reason, and never keeps anything else from being used.

use gix::ObjectId;
use gix::objs::Write as _;

use super::bundle::{Bundle, Header};
use super::layout::{ISSUES, SETTINGS};
use super::outbox::{Content, Outbox};
use super::{Store, complete, tree};
use crate::error::{Error, Kind, Result};

/// How the reason begins why a file is of no use yet.
pub(super) const NEWER: &str = "its tracker has a newer format";
/// Characters of a commit id in a message.
const SHORT: usize = 12;

/// A file that may hold a bundle.
pub(super) enum Source<'o> {
    /// One of the working tree.
    File(&'o Outbox, String),
    /// One that has been read.
    Bytes(Content),
}

impl Source<'_> {
    fn name(&self) -> &str {
        match self {
            Source::File(_, name) => name,
            Source::Bytes(content) => &content.name,
        }
    }

    fn header(&self) -> std::result::Result<Header, String> {
        match self {
            Source::File(outbox, name) => outbox.header(name),
            Source::Bytes(content) => {
                let bytes = content.bytes.as_ref().map_err(String::clone)?;
                Header::read(bytes).map(|(header, _)| header).map_err(|e| e.to_string())
            }
        }
    }

    pub fn bundle(&self) -> std::result::Result<Bundle, String> {
        match self {
            Source::File(outbox, name) => outbox.content(name).bundle(),
            Source::Bytes(content) => content.bundle(),
        }
    }
}

/// What is to be done about a file.
pub(super) enum Verdict {
    /// The commit that was compared with has everything in it.
    Contained,
    /// Its objects are in memory now.
    New(Bundle),
    /// Commits that it builds upon are not here.
    Missing(Vec<ObjectId>),
    /// It belongs to another tracker of this repository: a sentence.
    Foreign(String),
    /// It is of no use: the reason.
    Unusable(String),
}

/// What a file is, before anything else is known.
enum Looked {
    At(Option<Header>, Verdict),
    /// A bundle that has something new, if what it builds upon is here.
    Into(Bundle),
}

/// A file that was looked at.
pub(super) struct Judged {
    pub name: String,
    pub header: Option<Header>,
    pub verdict: Verdict,
}

impl Store {
    /// Looks at files. The objects of those that `start` does not contain are put into the memory of this store.
    pub(super) fn judge(&self, start: Option<ObjectId>, sources: Vec<Source<'_>>) -> Vec<Judged> {
        let mut judged = Vec::new();
        let mut waiting: Vec<(String, Bundle)> = Vec::new();
        for source in sources {
            let (name, header) = (source.name().to_owned(), source.header().ok());
            let mut looked = self.look_at(start, source);
            if matches!(looked, Looked::At(_, Verdict::Unusable(_)))
                && let Some(content) = self.committed_outbox(&name, header.as_ref())
            {
                looked = self.look_at(start, Source::Bytes(content));
            }
            match looked {
                Looked::At(header, verdict) => judged.push(Judged { name, header, verdict }),
                Looked::Into(bundle) => waiting.push((name, bundle)),
            }
        }
        // One may build upon another.
        loop {
            let (ready, rest): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|(_, bundle)| self.missing(&bundle.header).is_empty());
            waiting = rest;
            if ready.is_empty() {
                break;
            }
            judged.extend(ready.into_iter().map(|(name, bundle)| self.take_into_memory(name, bundle)));
        }
        judged.extend(waiting.into_iter().map(|(name, Bundle { header, .. })| {
            let verdict = Verdict::Missing(self.missing(&header));
            Judged { name, header: Some(header), verdict }
        }));
        judged.sort_by(|a, b| a.name.cmp(&b.name));
        judged
    }

    /// Looks at one file, apart from the others.
    fn look_at(&self, start: Option<ObjectId>, source: Source<'_>) -> Looked {
        let header =
            match source.header().map_err(Verdict::Unusable).and_then(|header| self.check_header(header)) {
                Ok(header) => header,
                Err(verdict) => return Looked::At(None, verdict),
            };
        if start.is_some_and(|start| self.contains(start, header.tip)) {
            return Looked::At(Some(header), Verdict::Contained);
        }
        match source.bundle() {
            Ok(bundle) if bundle.header == header => Looked::Into(bundle),
            Ok(_) => Looked::At(Some(header), Verdict::Unusable("it changes while it is read".to_owned())),
            // Somebody had git unpack it.
            Err(_) if self.repo.has_object(header.tip) => {
                Looked::Into(Bundle { header, objects: Vec::new() })
            }
            Err(reason) => Looked::At(Some(header), Verdict::Unusable(reason)),
        }
    }

    fn check_header(&self, header: Header) -> std::result::Result<Header, Verdict> {
        if header.hash != self.repo.object_hash() {
            let reason = "its object ids are of another kind than this repository's";
            return Err(Verdict::Unusable(reason.to_owned()));
        }
        if header.name == self.branch_ref() {
            return Ok(header);
        }
        let name: String = header.name.chars().take(100).filter(|c| !c.is_control()).collect();
        let reason = format!("it is a bundle of {name} and not of {}", self.branch_ref());
        // A branch may have been given another name; what stands beside this one is a tracker of its own.
        let other = name.strip_prefix("refs/heads/").and_then(|name| self.beside_this(name));
        // What that one lacks is nowhere else.
        let is_there = other.is_some_and(|other| self.contains(other, header.tip));
        Err(if is_there { Verdict::Foreign(reason) } else { Verdict::Unusable(reason) })
    }

    /// Returns the tip of another branch, here or at the remote.
    fn beside_this(&self, branch: &str) -> Option<ObjectId> {
        let here = format!("refs/heads/{branch}");
        let there = self.remote.iter().map(|remote| format!("refs/remotes/{remote}/{branch}"));
        let is_name = |name: &String| gix::validate::reference::name(name.as_str().into()).is_ok();
        let mut names = std::iter::once(here).chain(there).filter(is_name);
        names.find_map(|name| self.read_ref(&name).ok().flatten())
    }

    fn missing(&self, header: &Header) -> Vec<ObjectId> {
        header.prerequisites.iter().copied().filter(|id| !self.repo.has_object(*id)).collect()
    }

    /// Tells whether `other` is `commit` or one of its ancestors.
    pub(super) fn contains(&self, commit: ObjectId, other: ObjectId) -> bool {
        commit == other
            || self.repo.has_object(other)
                && matches!(self.base(commit, other), Ok(Some(base)) if base == other)
    }

    fn take_into_memory(&self, name: String, bundle: Bundle) -> Judged {
        let taken = complete::check(&self.repo, &bundle, self.is_partial()).and_then(|()| {
            for (id, kind, data) in &bundle.objects {
                let written = self.repo.objects.write_buf_with_known_id(*kind, data, *id);
                written.map_err(|e| e.to_string())?;
            }
            self.check_tracker(bundle.header.tip).map_err(|e| match e.code() {
                "newer_format" => format!("{NEWER}: {}", e.remedy().unwrap_or_default()),
                _ => e.message().to_owned(),
            })
        });
        let header = Some(bundle.header.clone());
        let verdict = taken.map_or_else(Verdict::Unusable, |()| Verdict::New(bundle));
        Judged { name, header, verdict }
    }

    /// Refuses a commit that is none of a tracker, or of a newer one.
    fn check_tracker(&self, commit: ObjectId) -> Result<()> {
        let tree_id = self.commit_tree(commit)?;
        let has = |path| Ok::<_, Error>(tree::lookup(&self.repo, tree_id, path)?.is_some());
        if !has(SETTINGS)? && !has(ISSUES)? {
            return Err(Error::new(Kind::Conflict, "no_tracker_there", "what it holds is no tracker"));
        }
        self.check_format_at(commit)
    }
}

impl Judged {
    /// Tells whether it has anything that is to be taken in.
    pub fn is_new(&self) -> bool {
        matches!(self.verdict, Verdict::New(_))
    }

    /// Says why the file is passed over, if it is.
    pub fn warning(&self) -> Option<String> {
        match &self.verdict {
            Verdict::Contained | Verdict::New(_) => None,
            Verdict::Unusable(reason) | Verdict::Foreign(reason) => Some(passed_over(&self.name, reason)),
            Verdict::Missing(commits) => {
                let first =
                    commits.first().map(|id| id.to_hex_with_len(SHORT).to_string()).unwrap_or_default();
                let reason = format!("it builds upon {first}, which is not here: qp pull");
                Some(passed_over(&self.name, &reason))
            }
        }
    }
}

pub(super) fn passed_over(name: &str, reason: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    format!(".quipu/outbox/{name} is passed over: {reason}")
}
