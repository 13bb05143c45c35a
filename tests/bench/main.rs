//! Measures whole commands. See `docs/performance.md`.
fn main() {}
