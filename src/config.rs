//! Settings as plain data.
