//! The `gridmap` program: parse, run, exit code.

fn main() {}
