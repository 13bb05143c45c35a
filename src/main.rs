//! The `qp` binary.
fn main() {}
