//! The one integration test binary: one file a subject.

mod env;

mod create;
mod plan;
mod query;
mod update;
