//! The store by its own interface: the clock of writes, commit messages, lost swaps, the snapshot file.

mod clock;
mod messages;
mod pack;
mod retry;
mod search;
mod snapshot;

use std::collections::BTreeMap;

use quipu::context::Context;
use quipu::model::Issue;
use quipu::store::{Author, Done, Store, Txn};

use crate::env::Env;

/// A context in `repo`, with random bytes that depend on `seed`.
pub fn context(env: &Env, seed: u64) -> Context {
    let vars = BTreeMap::from([("QP_TEST_SEED".to_owned(), seed.to_string())]);
    Context::new(vars, env.repo()).expect("a context")
}

pub fn open(context: &Context) -> Store {
    Store::discover(context, None).expect("a repository")
}

pub fn author() -> Author {
    Author { actor: "alice".into(), email: "alice@example.com".into(), session: "s1".into() }
}

fn transact<T>(
    store: &Store,
    context: &Context,
    change: impl FnMut(&mut Txn<'_>) -> quipu::error::Result<T>,
) -> Done<T> {
    store.transact(context, &author(), "test", change).expect("the write is done")
}

/// An issue with a fresh identity.
pub fn issue(txn: &Txn<'_>, title: &str) -> Issue {
    let mut issue = Issue::default();
    issue.front.id = txn.fresh_id();
    title.clone_into(&mut issue.front.title);
    "task".clone_into(&mut issue.front.kind);
    issue.front.created_at = txn.now;
    issue
}
