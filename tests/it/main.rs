//! The one integration test binary: one file a subject.

mod format;
mod graph;
mod keys;
