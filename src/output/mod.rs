//! Renders the model for people and programs. Knows nothing of the store or the command line.

pub mod format_doc;
