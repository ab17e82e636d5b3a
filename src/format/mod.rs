//! Files in and out. Readers take bytes, never paths; a bad row is a problem
//! with its number, column and reason, not an error. Nothing about a person
//! leaves this module.

mod category;
mod coordinate;
mod personal;
mod problem;
mod text;
mod time;
pub mod wkb;

pub use category::{CategoryError, default_categories, read_categories};
pub use personal::{MaskCounts, MaskKind, mask_text};
pub use problem::{Code, FileError, Problem, Severity};
pub use time::DateOrder;
