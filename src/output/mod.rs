//! Renders the model as text. Does not know the store.

pub mod folder;
pub mod jsonl;
