//! The `gridmap` program: parse, run, exit code.

use std::process::ExitCode;

/// Many small allocations by many threads: 1.3 to 2 times faster than the
/// system's allocator when tiles are made.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    gridmap::cli::main(give_back)
}

/// Options of the allocator, by their numbers in `mimalloc.h` of version 3:
/// the crate names none of them.
#[cfg(target_os = "linux")]
mod option {
    use libmimalloc_sys::mi_option_t;

    /// Whether room that is set aside is the program's at once, not piece by
    /// piece.
    pub(super) const ARENA_EAGER_COMMIT: mi_option_t = 4;
    /// Milliseconds until free memory goes back to the system.
    pub(super) const PURGE_DELAY: mi_option_t = 15;
}

/// Has the allocator take memory as it is needed, and give it back soon: a
/// server with a million incidents then keeps half as much. Once `main` runs
/// the allocator has set its first gigabyte aside, so the system calls this
/// before; elsewhere than on Linux the defaults stay.
#[cfg(target_os = "linux")]
extern "C" fn be_sparing() {
    #[allow(
        unsafe_code,
        reason = "the allocator's calls that its crate does not wrap"
    )]
    // SAFETY: sets a number, needs nothing of the runtime, and there is no
    // other thread yet.
    unsafe {
        libmimalloc_sys::mi_option_set(option::ARENA_EAGER_COMMIT, 0);
        libmimalloc_sys::mi_option_set(option::PURGE_DELAY, 1);
    }
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "names the section of what runs before `main`")]
// SAFETY: the section holds pointers to functions that are called without
// looking at an answer.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = be_sparing;

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
