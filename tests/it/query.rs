//! Tests of the query layer, all on trackers built in memory.

mod build;
mod filter;
mod globs;
mod order;
mod rank;
mod ready;
mod tree;
