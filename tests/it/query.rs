//! Tests of the query layer, all on trackers built in memory.

mod build;
mod globs;
mod rank;
mod ready;
