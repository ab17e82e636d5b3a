//! The `gridmap` program: parse, run, exit code.

use std::process::ExitCode;

/// Many small allocations by many threads: 1.3 to 2 times faster than the
/// system's allocator when tiles are made.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    gridmap::cli::main(give_back)
}

/// Gives memory that is free back to the system: loading a million incidents
/// takes several times what they need afterwards, and the allocator keeps it
/// until somebody allocates again.
fn give_back() {
    #[allow(
        unsafe_code,
        reason = "the allocator's one call that its crate does not wrap"
    )]
    // SAFETY: may be called at any time by any thread; it frees nothing that
    // is in use.
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}
