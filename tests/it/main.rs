//! The one integration test binary: one file a subject.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests run programs, say what they skip, and hold what commands print"
)]

mod env;

mod apply;
mod attic;
mod bd;
mod bd_reader;
mod bulk;
mod called;
mod changes;
mod check;
mod claim;
mod comment;
mod compat;
mod config;
mod count;
mod crash;
mod create;
mod dates;
mod defer;
mod delete;
mod demo;
mod dep;
mod diff;
mod docs;
mod doctor;
mod duplicate;
mod edit;
mod environments;
mod epic;
mod exchange;
mod format;
mod grammar;
mod graph;
mod graph_command;
mod guess;
mod herd;
mod hostile;
mod import;
mod importing;
mod info;
mod json_docs;
mod keys;
mod label;
mod ladder;
mod laws;
mod lint;
mod listing;
mod log;
mod look;
mod memory;
mod merge;
mod merge_driver;
mod orphans;
mod outbox;
mod plan;
mod prime;
mod query;
mod race;
mod ready;
mod real_data;
mod saved;
mod scene;
mod schema;
mod search;
mod setup;
mod stale;
mod status;
mod store;
mod sync;
mod tidy;
mod undo;
mod update;
mod watch;
mod writing;
