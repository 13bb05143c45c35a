//! The one integration test binary: one file a subject.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests run programs, say what they skip, and hold what commands print"
)]

mod env;

mod attic;
mod bd_reader;
mod changes;
mod check;
mod claim;
mod comment;
mod compat;
mod create;
mod defer;
mod delete;
mod demo;
mod dep;
mod diff;
mod docs;
mod doctor;
mod duplicate;
mod edit;
mod exchange;
mod format;
mod grammar;
mod graph;
mod herd;
mod import;
mod importing;
mod json_docs;
mod keys;
mod label;
mod laws;
mod log;
mod merge;
mod merge_driver;
mod plan;
mod query;
mod race;
mod ready;
mod real_data;
mod schema;
mod search;
mod status;
mod store;
mod sync;
mod tidy;
mod undo;
mod update;
mod watch;
