//! What tests need of the transport and of merges before any command uses them. Not part of the interface of the
//! crate.

mod history;

use std::rc::Rc;

use gix::ObjectId;

pub use history::{History, Met, Put};

use super::backoff::Backoff;
pub use super::bundle::BundleError;
use super::bundle::{Bundle, Header, Object};
use super::git::Output;
use super::outcome::of_push;
use super::push::{Expect, RefPush};
use super::remote::{Deadline, Depth, Remote};
use super::{Outcome, Store};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::IssueId;

/// A place in the course of a write where a test can do something of its own: everything is written and nothing is
/// published.
#[derive(Clone, Default)]
pub struct Seam(Option<Rc<dyn Fn()>>);

impl Seam {
    pub(super) fn pass(&self) {
        if let Some(action) = &self.0 {
            action();
        }
    }
}

/// Returns a store whose writes and merges call `action` before they swap the branch.
pub fn before_swap(store: &Store, action: impl Fn() + 'static) -> Store {
    Store { seam: Seam(Some(Rc::new(action))), ..store.clone() }
}

/// A remote, with ids as text.
pub struct Wire<'s>(Remote<'s>);

impl<'s> Wire<'s> {
    /// Opens a remote for calls that end within `ms` milliseconds; git gets `variables` on top of its own.
    ///
    /// # Errors
    /// As for every use of a remote.
    pub fn open(store: &'s Store, name: &str, ms: u64, variables: &[(String, String)]) -> Result<Self> {
        let mut remote = store.remote_named(name, Deadline::after(ms))?;
        remote.variables = variables.to_vec();
        Ok(Wire(remote))
    }

    /// Returns the branch, and the claims as `identity object`.
    ///
    /// # Errors
    /// The outcome, where the remote does not answer.
    pub fn list(&self) -> Result<(Option<String>, Vec<String>), Outcome> {
        let listing = self.0.list()?;
        let claims = listing.claims.iter().map(|(issue, id)| format!("{issue} {id}"));
        Ok((listing.branch.map(|id| id.to_string()), claims.collect()))
    }

    /// Fetches, `whole` or as the clone is.
    ///
    /// # Errors
    /// The outcome, where nothing was fetched.
    pub fn fetch(&self, spec: &str, whole: bool) -> Result<(), Outcome> {
        self.0.fetch(&[spec.to_owned()], if whole { Depth::Whole } else { Depth::AsIs })
    }

    /// Pushes (ref, new value or `-`, `forward`, `absent` or the expected value).
    pub fn push(&self, pushes: &[(&str, &str, &str)], atomic: bool) -> Vec<Outcome> {
        let id = |text: &str| ObjectId::from_hex(text.as_bytes()).expect("an id");
        let push = |(name, new, expect): &(&str, &str, &str)| RefPush {
            name: (*name).to_owned(),
            new: (*new != "-").then(|| id(new)),
            expect: match *expect {
                "forward" => Expect::FastForward,
                "absent" => Expect::Absent,
                other => Expect::Is(id(other)),
            },
        };
        self.0.push(&pushes.iter().map(push).collect::<Vec<_>>(), atomic)
    }

    /// Returns the error for an outcome at this remote.
    pub fn error(&self, outcome: &Outcome) -> Error {
        self.0.error(outcome)
    }
}

/// Returns the waits, in milliseconds, that follow the outcomes.
pub fn waits(context: &Context, outcomes: &[Outcome]) -> Vec<u128> {
    let mut backoff = Backoff::new(context);
    outcomes.iter().map(|outcome| backoff.next(outcome).as_millis()).collect()
}

/// Waits once, where there are `ms` milliseconds left.
pub fn waits_within(context: &Context, ms: u64) -> bool {
    Backoff::new(context).sleep(Deadline::after(ms))
}

/// Reads what a push printed.
pub fn read_push(success: bool, stdout: &str, stderr: &str, refs: &[&str]) -> Vec<Outcome> {
    let (stdout, stderr) = (stdout.to_owned(), stderr.to_owned());
    of_push(&Output { success, code: None, timed_out: false, stdout, stderr }, refs)
}

/// Reads the lines of a claim, as they are taken from anybody; tells whether they are one.
pub fn read_claim(text: &str) -> bool {
    super::claims::parse(IssueId::default(), ObjectId::null(gix::hash::Kind::Sha1), text).is_some()
}

/// Reads a line of a ref's log; tells whether it is one.
pub fn read_reflog_line(line: &str) -> bool {
    super::inspect_log::step(line).is_some()
}

/// Reads the path of a losing copy, and returns the path that the file had.
pub fn read_copy_path(path: &str) -> Option<String> {
    super::layout::copy_path(path).map(|copy| copy.original)
}

/// Reads a bundle as the outbox does and returns its newest commit and the number of its objects.
///
/// # Errors
/// Whatever is wrong with it.
pub fn read_bundle(bytes: &[u8]) -> Result<(String, usize), BundleError> {
    let bundle = Bundle::read(bytes)?;
    Ok((bundle.header.tip.to_string(), bundle.objects.len()))
}

/// Writes a bundle of these objects, each with its type; the ref points to the one at `tip`.
///
/// # Errors
/// Too large.
pub fn write_bundle(
    sha256: bool,
    name: &str,
    prerequisites: &[&str],
    tip: usize,
    objects: &[(&str, Vec<u8>)],
) -> Result<Vec<u8>, BundleError> {
    let hash = if sha256 { gix::hash::Kind::Sha256 } else { gix::hash::Kind::Sha1 };
    let object = |(kind, data): &(&str, Vec<u8>)| {
        let kind = gix::objs::Kind::from_bytes(kind.as_bytes()).expect("a type");
        let id = gix::objs::compute_hash(hash, kind, data).expect("an id");
        (id, kind, data.clone())
    };
    let objects: Vec<Object> = objects.iter().map(object).collect();
    let prerequisites = prerequisites.iter().map(|id| ObjectId::from_hex(id.as_bytes()).expect("an id"));
    let tip = objects[tip].0;
    let header = Header { hash, prerequisites: prerequisites.collect(), name: name.to_owned(), tip };
    Bundle { header, objects }.write()
}
