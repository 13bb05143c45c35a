//! Reads the project itself and fails on what no compiler sees: a layer that reaches past its place, a file that
//! grew too long, a word left behind, a command without a test. Each check comes with a sample it rejects.

pub mod commands;
mod layers;
mod places;
pub mod sources;
mod texts;

/// Fails with every complaint, a line each.
#[track_caller]
fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
