//! The one integration test binary: one file a subject.
fn main() {}
