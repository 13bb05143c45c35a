//! Tests of the query layer, all on trackers built in memory.

mod build;
