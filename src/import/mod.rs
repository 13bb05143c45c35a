//! Foreign formats in, model values out. Knows the model and nothing else.

pub mod plan;
