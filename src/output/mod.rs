//! Renders the model for people and programs. Knows neither the store nor the command line.

pub mod changes;
pub mod doctor_doc;
pub mod folder;
pub mod format_doc;
pub mod json;
pub mod jsonl;
pub mod schema;
pub mod sheet;
pub mod speech;
pub mod table;
pub mod text;
pub mod ui;

pub use ui::Ui;
