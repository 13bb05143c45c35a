//! Renders the model for people and programs. Knows neither the store nor the command line.

pub mod changes;
pub mod json;
pub mod sheet;
pub mod table;
pub mod text;
pub mod ui;

pub use ui::Ui;
