//! quipu: an issue tracker that lives in one git branch.
//!
//! The layers, each knowing only those before it: [`error`], [`model`], [`merge`] and [`query`], [`context`],
//! [`store`], [`import`], [`output`], [`cli`]. `docs/architecture.md` shows the house in a page.

pub mod cli;
pub mod context;
pub mod error;
pub mod import;
pub mod merge;
pub mod model;
pub mod output;
pub mod query;
pub mod store;
