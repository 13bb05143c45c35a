//! The one integration test binary: one file a subject.

mod env;

mod create;
mod diff;
mod format;
mod graph;
mod keys;
mod log;
mod merge;
mod query;
mod undo;
