//! A process may be killed at any moment, and a disk may be full: the branch is what it was or what it was to be, git
//! finds no fault, nothing is lost, and the next command works.

mod full_disk;
mod matrix;
mod power;
mod pruned;
