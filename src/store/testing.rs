//! What tests need of the transport and of merges before any command uses them. Not part of the interface of the
//! crate.

mod history;

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
