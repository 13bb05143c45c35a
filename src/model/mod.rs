//! The pure core: issues, their file format, keys and the tracker they form.
//!
//! Nothing in here knows about git, the file system, the clock or the command line.

mod bodies;
mod body;
mod column;
mod facts;
mod fast;
mod field;
mod file;
mod front;
mod front_write;
mod graph;
mod id;
mod key;
mod key_table;
mod lifecycle;
mod order;
mod packed;
mod packer;
mod percent;
mod relation;
mod rows;
mod scalar;
mod settings;
mod status;
mod time;
mod tracker;
mod value;
mod waiting;
pub mod yaml;
mod yaml_message;

pub use bodies::Bodies;
pub use body::{Body, Comment, RawSection, SECTIONS, trim_blank_end};
pub use facts::Facts;
pub use fast::read_fast;
pub use field::{FIELDS, FieldDef, Front, Rule};
pub use file::{FileError, Issue, MAX_FILE, read_row_parts};
pub use front::{MAX_UNKNOWN, read_front, read_front_yaml};
pub use front_write::write_front;
pub use graph::{Graph, WaitEdge};
pub use id::{IssueId, Link, Ref, ULID_LEN};
pub use key::{KeyIndex, KeyMiss, is_valid_key, is_valid_prefix};
pub use lifecycle::{ClaimRef, Holder, LEASE_GRACE_MS, Lease};
pub use packed::Packed;
pub use percent::{percent_decode, percent_encode};
pub use relation::{Added, Relation};
pub use rows::{Row, Rows};
pub use scalar::{Place, is_plain, write_scalar};
pub use settings::{FORMAT, Settings};
pub use status::{Priority, Status};
pub use time::{DAY_MS, Timestamp};
pub use tracker::{Tracker, Unreadable};
pub use value::{FieldType, Value};
