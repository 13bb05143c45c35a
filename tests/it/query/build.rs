//! Builds small trackers from one line an issue.
