//! The `gridmap` program: parse, run, exit code.

use std::process::ExitCode;

/// Many small allocations by many threads: 1.3 to 2 times faster than the
/// system's allocator when tiles are made.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    be_sparing();
    gridmap::cli::main(give_back)
}

/// Options of the allocator, by their numbers in `mimalloc.h` of version 3:
/// the crate names none of them.
mod option {
    use libmimalloc_sys::mi_option_t;

    /// Whether room that is set aside is the program's at once, not piece by
    /// piece.
    pub(super) const ARENA_EAGER_COMMIT: mi_option_t = 4;
    /// Milliseconds until free memory goes back to the system.
    pub(super) const PURGE_DELAY: mi_option_t = 15;
}

/// Has the allocator take memory as it is needed, and give it back soon: a
/// server with a million incidents then keeps a third less.
fn be_sparing() {
    #[allow(
        unsafe_code,
        reason = "the allocator's calls that its crate does not wrap"
    )]
    // SAFETY: sets a number, and is called before there is another thread.
    unsafe {
        libmimalloc_sys::mi_option_set(option::ARENA_EAGER_COMMIT, 0);
        libmimalloc_sys::mi_option_set(option::PURGE_DELAY, 1);
    }
}

/// Gives memory that is free back to the system: loading a million incidents
/// takes several times what they need afterwards, and the allocator keeps it
/// until somebody allocates again.
fn give_back() {
    #[allow(
        unsafe_code,
        reason = "the allocator's calls that its crate does not wrap"
    )]
    // SAFETY: may be called at any time by any thread; it frees nothing that
    // is in use.
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}
