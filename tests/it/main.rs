//! The one integration test binary: one file a subject.

mod env;

mod check;
mod claim;
mod create;
mod query;
mod race;
mod ready;
mod status;
