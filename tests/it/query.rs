//! Tests of the query layer, all on trackers built in memory.

mod build;
mod claims;
mod edges;
mod filter;
mod globs;
mod lang;
mod layers;
mod mentions;
mod order;
mod postings;
mod rank;
mod ready;
mod tree;
mod words;
