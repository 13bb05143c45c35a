//! The one integration test binary: one file a subject.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests run programs and say what they skip"
)]

mod env;

mod check;
mod claim;
mod comment;
mod create;
mod defer;
mod delete;
mod dep;
mod diff;
mod docs;
mod doctor;
mod duplicate;
mod edit;
mod format;
mod grammar;
mod graph;
mod import;
mod importing;
mod json_docs;
mod keys;
mod label;
mod log;
mod merge;
mod plan;
mod query;
mod ready;
mod real_data;
mod search;
mod status;
mod undo;
mod update;
