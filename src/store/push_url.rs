//! Remotes that are pushed to at another URL than they are fetched from: `pushurl` and `pushInsteadOf`.
//!
//! Often both lead to the same repository. Where they do not, whoever fetches sees nothing of what was sent, so only
//! what the fetched place shows counts as shared. What went to the other place is noted, to be told.

use gix::ObjectId;

use super::Store;
use super::git::Git;
use super::redact::redacted;
use super::remote::{Deadline, Remote};
use super::remote_name::portable;
use crate::error::Result;

/// The name under which such a remote is pushed to. Git moves the branches that follow a remote with every push to it,
/// wherever that goes; none follow this name.
const UNFOLLOWED: &str = "quipu-push-elsewhere";
/// Between several places: git pushes to each of them, and does not say which has failed.
pub(super) const OR: &str = " or ";
/// The settings of a remote that say how it is reached.
const ROAD: [&str; 6] = ["url", "pushurl", "proxy", "proxyAuthMethod", "receivepack", "vcs"];

/// What was sent to the place that pushes go to, and is not known to be where fetches come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    /// The URL, without its password.
    pub url: String,
    /// How many operations.
    pub operations: usize,
}

impl Remote<'_> {
    /// Returns the URL that pushes go to, where it is another one than that of fetches; without its password. Where they
    /// go to several places, all of them.
    pub fn pushes_elsewhere(&self) -> Option<String> {
        if !self.may_push_elsewhere() {
            return None;
        }
        let (fetch, push) = if self.is_named() {
            let urls = |flags: &[&str]| {
                let get = ["remote", "get-url"];
                let output = Git::new(self.store).args(get).args(flags).args(["--", &self.name]).output();
                output.ok().map(|output| output.stdout.lines().map(str::to_owned).collect::<Vec<_>>())
            };
            (urls(&[])?, urls(&["--push", "--all"])?)
        } else {
            let fetch = self.rewritten("insteadOf").unwrap_or_else(|| self.name.clone());
            (vec![fetch.clone()], vec![self.rewritten("pushInsteadOf").unwrap_or(fetch)])
        };
        let shown: Vec<String> = push.iter().map(|url| redacted(url)).collect();
        (fetch != push && !shown.is_empty()).then(|| shown.join(OR))
    }

    /// Returns the arguments in front of a push, and the name that is pushed to.
    pub(super) fn push_target(&self) -> (Vec<String>, String) {
        if !self.is_named() || !self.may_push_elsewhere() {
            return (Vec::new(), self.name.clone());
        }
        let config = self.store.repo.config_snapshot();
        let mut settings = Vec::new();
        for section in config.plumbing().sections_by_name("remote").into_iter().flatten() {
            if section.header().subsection_name().is_none_or(|name| *name != self.name.as_str()) {
                continue;
            }
            for key in ROAD {
                for value in section.values(key) {
                    settings.extend(["-c".to_owned(), format!("remote.{UNFOLLOWED}.{key}={value}")]);
                }
            }
        }
        (settings, UNFOLLOWED.to_owned())
    }

    /// Tells whether it has a name, and is no bare path or URL.
    fn is_named(&self) -> bool {
        self.store.config(&format!("remote.{}.url", self.name)).is_some()
    }

    fn may_push_elsewhere(&self) -> bool {
        let config = self.store.repo.config_snapshot();
        let count = |key: &str| {
            let values = config.plumbing().strings(&format!("remote.{}.{key}", self.name));
            values.map_or(0, |values| values.len())
        };
        let own = count("pushurl") > 0 || count("url") > 1;
        let mut sections = config.plumbing().sections_by_name("url").into_iter().flatten();
        own || sections.any(|section| section.value("pushInsteadOf").is_some())
    }

    /// Returns what a bare URL becomes by the longest prefix that is to be replaced.
    fn rewritten(&self, key: &str) -> Option<String> {
        let config = self.store.repo.config_snapshot();
        let sections = config.plumbing().sections_by_name("url").into_iter().flatten();
        let rules = sections.flat_map(|section| {
            let base = section.header().subsection_name().map(ToString::to_string).unwrap_or_default();
            section.values(key).into_iter().map(move |prefix| (prefix.to_string(), base.clone()))
        });
        let fitting =
            rules.filter_map(|(prefix, base)| Some((prefix.len(), base, self.name.strip_prefix(&prefix)?)));
        let (_, base, rest) = fitting.max_by_key(|(length, ..)| *length)?;
        Some(format!("{base}{rest}"))
    }
}

impl Store {
    /// Returns what of `mine` was sent to where pushes go and is not in `shown`, as far as is known here.
    pub(super) fn elsewhere(&self, mine: ObjectId, shown: Option<ObjectId>) -> Result<Option<Elsewhere>> {
        let Some((url, id)) = self.sent_elsewhere() else { return Ok(None) };
        if !self.contains(mine, id) {
            return Ok(None);
        }
        let operations = self.count_beyond(id, shown.as_slice())?;
        Ok((operations > 0).then_some(Elsewhere { url, operations }))
    }

    /// Returns where pushes of the branch go and what went there last. A note of another place than today's says
    /// nothing.
    pub(super) fn sent_elsewhere(&self) -> Option<(String, ObjectId)> {
        let branch = self.branch_ref();
        let lines = self.lines(&self.elsewhere_file());
        let (url, id) = lines.iter().find_map(|line| read(line, &branch))?;
        let id = ObjectId::from_hex(id.as_bytes()).ok()?;
        let name = self.remote.clone().unwrap_or_default();
        let remote = Remote { store: self, name, deadline: Deadline::after(0), variables: Vec::new() };
        (remote.pushes_elsewhere().as_deref() == Some(url)).then(|| (url.to_owned(), id))
    }

    /// Notes what was sent to where pushes go; `None` where the remote shows all of it.
    pub(super) fn note_elsewhere(&self, sent: Option<(&str, ObjectId)>) {
        let (file, branch) = (self.elsewhere_file(), self.branch_ref());
        let mut lines = self.lines(&file);
        if lines.is_empty() && sent.is_none() {
            return;
        }
        lines.retain(|line| read(line, &branch).is_none());
        lines.extend(sent.map(|(url, id)| format!("{branch}\t{id}\t{}", url.replace(['\t', '\n'], " "))));
        self.write_lines(&file, lines);
    }

    fn elsewhere_file(&self) -> String {
        format!("sent-{}", portable(self.remote.as_deref().unwrap_or_default()))
    }
}

/// Reads a line on a branch: where it went, and which commit.
fn read<'l>(line: &'l str, branch: &str) -> Option<(&'l str, &'l str)> {
    let (id, url) = line.strip_prefix(branch)?.strip_prefix('\t')?.split_once('\t')?;
    Some((url, id))
}
