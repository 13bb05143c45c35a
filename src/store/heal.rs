//! Mending the tracker after a loss of power: what is broken is moved aside, never deleted; what the remote has is
//! fetched again; and where the branch itself cannot be read, it goes back to the newest state that can.

use std::collections::BTreeSet;
use std::path::PathBuf;

use gix::ObjectId;

use super::damage::Damage;
use super::git::Git;
use super::{Author, Store};
use crate::context::Context;
use crate::error::{Error, Kind, Result};

/// How long the remote is asked for what is broken here, in milliseconds.
const ASKING_MS: u64 = 60_000;

/// Something that was broken, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Healed {
    /// A stable word: `set_aside`, `fetched`, `moved_back`, `earlier_version` or `lost`.
    pub code: &'static str,
    /// The sentence for the user.
    pub message: String,
}

impl Healed {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Healed { code, message: message.into() }
    }
}

impl Store {
    /// Mends what [`Store::inspect_damage`] finds. Returns what was done; nothing where nothing is broken.
    ///
    /// # Errors
    /// Environment, where the repository cannot be written; busy, where no turn was to be had.
    pub fn heal(&self, context: &Context, author: &Author) -> Result<Vec<Healed>> {
        self.check_owner()?;
        self.sweep_leftovers(context.now());
        let mut healed = Vec::new();
        {
            let _lock = self.lock()?;
            let store = self.reopen()?;
            let time = format!("{} +0000", context.now().millis().div_euclid(1000));
            store.mend_objects(&mut healed, author.signature(&time))?;
        }
        let store = self.reopen()?;
        if !healed.is_empty() {
            store.put_earlier_versions(context, author, &mut healed)?;
            self.drop_snapshot();
            self.drop_search_file();
        }
        Ok(healed)
    }

    fn mend_objects(&self, healed: &mut Vec<Healed>, signature: gix::actor::SignatureRef<'_>) -> Result<()> {
        let branch = self.branch_ref();
        let was = self.raw_ref(&branch);
        let is_torn = self.has_torn_branch();
        let damages = self.all_damage();
        let empty = self.empty_objects();
        if damages.is_empty() && empty.is_empty() && !is_torn {
            return Ok(());
        }
        if is_torn {
            let kept = self.set_file_aside(self.common_dir().join(&branch), &branch.replace('/', "-"))?;
            healed.push(Healed::new("set_aside", format!("moved the torn {branch} to {}", kept.display())));
        }
        let torn = damages.iter().filter_map(|damage| Some(damage.file.as_ref()?.0.clone()));
        self.set_objects_aside(torn.chain(empty).collect(), healed)?;
        let store = self.reopen()?;
        if !damages.is_empty() && store.fetch_broken(&damages) {
            let left = store.reopen()?.all_damage();
            let count = damages.iter().filter(|d| !left.iter().any(|l| l.id == d.id)).count();
            let plural = if count == 1 { "" } else { "s" };
            let remote = self.remote().unwrap_or_default();
            healed.extend((count > 0).then(|| {
                Healed::new("fetched", format!("fetched {count} broken object{plural} from {remote}"))
            }));
        }
        self.reopen()?.move_back(was, is_torn, healed, signature)
    }

    fn set_objects_aside(&self, files: BTreeSet<PathBuf>, healed: &mut Vec<Healed>) -> Result<()> {
        for file in &files {
            let names = file.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy());
            let [rest, two] = [names.clone().next(), names.clone().nth(1)].map(Option::unwrap_or_default);
            self.set_file_aside(file.clone(), &format!("{two}{rest}"))?;
        }
        let folder = self.private_dir().join("broken");
        let message = match files.first() {
            None => return Ok(()),
            Some(file) if files.len() == 1 => format!("moved {} to {}", file.display(), folder.display()),
            Some(_) => format!("moved {} files of broken objects to {}", files.len(), folder.display()),
        };
        healed.push(Healed::new("set_aside", message));
        Ok(())
    }

    /// Moves a file into our own folder, where it is kept under a name that is free.
    fn set_file_aside(&self, file: PathBuf, name: &str) -> Result<PathBuf> {
        let folder = self.private_dir().join("broken");
        let failed = |e: std::io::Error| {
            let message = format!("{} cannot be moved to {}", file.display(), folder.display());
            Error::new(Kind::Environment, "read_only", message).because(e)
        };
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let names = std::iter::once(name.to_owned()).chain((2_u32..).map(|n| format!("{name}.{n}")));
        let target = names.map(|name| folder.join(name)).find(|path| !path.exists());
        let target = target.unwrap_or_else(|| folder.join(name));
        std::fs::rename(&file, &target).map_err(failed)?;
        Ok(target)
    }

    /// Asks the remote for objects, and tells whether it gave any. They are asked for by name, each with all that it
    /// stands on: what this clone seems to have is not to be relied upon.
    fn fetch_broken(&self, damages: &[Damage]) -> bool {
        let Some(remote) = self.remote() else { return false };
        let Ok(remote) = self.remote_named(remote, super::Deadline::after(ASKING_MS)) else {
            return false;
        };
        // One by one: a remote that lacks one of them gives none of them. A commit brings all that it stands on.
        let mut got = false;
        for damage in damages {
            if !self.repo.has_object(damage.id) {
                remote.fetch_object(damage.id);
            }
            got |= self.repo.has_object(damage.id);
        }
        got
    }

    /// Moves the branch back to the newest state that can be read, where its own cannot.
    fn move_back(
        &self,
        was: Option<ObjectId>,
        is_torn: bool,
        healed: &mut Vec<Healed>,
        signature: gix::actor::SignatureRef<'_>,
    ) -> Result<()> {
        self.forget_broken_tracking(healed)?;
        let was = was.filter(|_| !is_torn);
        let is_readable = |id: ObjectId| !self.damage(id).iter().any(Damage::blocks);
        if !is_torn && was.is_none_or(is_readable) {
            return Ok(());
        }
        let logged = self.branch_log();
        let steps = logged.iter().rev().map(|(_, new)| *new).filter(|id| !id.is_null());
        let tracking = self.tracking_ref().and_then(|name| self.raw_ref(&name));
        let Some(good) = steps.chain(tracking).find(|id| is_readable(*id)) else {
            healed.push(Healed::new(
                "lost",
                format!(
                    "no state of {} can be read here; what was moved aside stays there, and qp pull takes the remote's",
                    self.branch()
                ),
            ));
            return Ok(());
        };
        let name = self.branch_ref();
        let log = "qp: move back to what can be read";
        if self.swap_ref(&name, was, good, log, signature)? != super::refs::Swap::Done {
            return Err(Error::new(Kind::Busy, "busy", format!("{name} cannot be moved to {good}"))
                .hint("qp doctor --fix, once more"));
        }
        let from = was.map_or_else(String::new, |id| match self.repo.find_commit(id).ok() {
            Some(commit) => format!(" from {id} ({}), which cannot be read,", subject(&commit)),
            None => format!(" from {id}, which cannot be read,"),
        });
        let message =
            format!("moved {}{from} back to {good}, the newest state that can be read", self.branch());
        healed.push(Healed::new("moved_back", message));
        // What stood on a broken tree is of no use to anybody, and git finds fault with it.
        let left = logged.iter().rev().map(|(_, new)| *new).take_while(|id| *id != good);
        let hollow = left.chain(was).map(|id| self.object_path(id)).filter(|file| file.exists());
        self.set_objects_aside(hollow.collect(), &mut Vec::new())?;
        self.reopen()?.mend_log(is_torn)
    }

    /// Leaves lines out of the branch's log that speak of what is gone, or say nothing: git calls the repository broken
    /// for them. The whole log is kept aside. The step back is left out, too: without the broken steps it leads from a
    /// state to itself.
    fn mend_log(&self, is_torn: bool) -> Result<()> {
        let name = self.branch_ref();
        let path = self.common_dir().join("logs").join(&name);
        let Ok(bytes) = std::fs::read(&path) else { return Ok(()) };
        let text = String::from_utf8_lossy(&bytes);
        let is_whole = |line: &&str| {
            let ids = super::inspect_log::step(line);
            ids.is_some_and(|(old, new)| {
                [old, new].iter().all(|id| id.is_null() || self.repo.has_object(*id))
            })
        };
        let mut kept: Vec<&str> = text.lines().collect();
        if is_torn {
            kept.pop();
        }
        kept.retain(is_whole);
        if kept.len() == text.lines().count() {
            return Ok(());
        }
        self.set_file_aside(path.clone(), &format!("log-{}", name.replace('/', "-")))?;
        let text: String = kept.iter().flat_map(|line| [line, "\n"]).collect();
        std::fs::write(&path, text).map_err(|e| {
            Error::new(Kind::Environment, "read_only", format!("{} cannot be written", path.display()))
                .because(e)
        })
    }

    /// A remote-tracking branch that cannot be read stands in the way of every read; the next exchange makes it anew.
    fn forget_broken_tracking(&self, healed: &mut Vec<Healed>) -> Result<()> {
        let Some(name) = self.tracking_ref() else { return Ok(()) };
        let Some(id) = self.raw_ref(&name) else { return Ok(()) };
        if !self.damage(id).iter().any(Damage::blocks) {
            return Ok(());
        }
        let output = Git::new(self).args(["update-ref", "--no-deref", "-d", &name]).output()?;
        if output.success {
            let message = format!("forgot {name}, which was at {id}; qp sync fetches it again");
            healed.push(Healed::new("moved_back", message));
        }
        Ok(())
    }

    /// Files that are broken and came from nowhere get the newest content that they had before.
    fn put_earlier_versions(
        &self,
        context: &Context,
        author: &Author,
        healed: &mut Vec<Healed>,
    ) -> Result<()> {
        let Ok(Some(tip)) = self.tip() else { return Ok(()) };
        let broken: Vec<Damage> = self.damage(tip.commit).into_iter().filter(|d| !d.blocks()).collect();
        if broken.is_empty() {
            return Ok(());
        }
        let mut earlier = Vec::new();
        for damage in broken {
            match self.earlier_version(tip.commit, &damage) {
                Some((commit, bytes)) => earlier.push((damage.path, commit, bytes)),
                None => healed
                    .push(Healed::new("lost", format!("{}; no earlier version is here", damage.describe()))),
            }
        }
        if earlier.is_empty() {
            return Ok(());
        }
        self.transact(context, author, "doctor", |txn| {
            for (path, _, bytes) in &earlier {
                txn.put_file(path, Some(bytes.clone()));
            }
            let what = match &earlier[..] {
                [(path, ..)] => path.clone(),
                several => format!("{} files", several.len()),
            };
            txn.subject(format!("doctor: {what} as before the damage"));
            Ok(())
        })?;
        healed.extend(earlier.into_iter().map(|(path, commit, _)| {
            let short = commit.to_hex_with_len(9);
            Healed::new(
                "earlier_version",
                format!("{path} is again as it was at {short}: its last change is lost"),
            )
        }));
        Ok(())
    }

    /// Finds the newest content of a file before the broken one.
    fn earlier_version(&self, tip: ObjectId, damage: &Damage) -> Option<(ObjectId, Vec<u8>)> {
        let walk = self.repo.rev_walk([tip]).all().ok()?;
        for commit in walk.map_while(std::result::Result::ok) {
            let Ok(tree) = self.commit_tree(commit.id) else { continue };
            let Ok(Some((id, false))) = super::tree::lookup(&self.repo, tree, &damage.path) else { continue };
            if let Ok(object) = self.repo.find_object(id) {
                return Some((commit.id, object.detach().data));
            }
        }
        None
    }
}

fn subject(commit: &gix::Commit<'_>) -> String {
    let message = commit.message_raw_sloppy().to_string();
    message.lines().next().unwrap_or_default().to_owned()
}
