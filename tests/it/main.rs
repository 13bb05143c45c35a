//! The one integration test binary: one file a subject.

mod env;

mod create;
mod format;
mod graph;
mod import;
mod importing;
mod keys;
mod merge;
mod query;
mod real_data;
