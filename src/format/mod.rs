//! Files in and out. Readers take bytes, never paths; a bad row is a problem
//! with its number, column and reason, not an error. Nothing about a person
//! leaves this module.

mod category;
pub mod wkb;

pub use category::{CategoryError, default_categories, read_categories};
