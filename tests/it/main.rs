//! The one integration test binary: one file a subject.

mod import;
