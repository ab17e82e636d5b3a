//! What the reading process forbids itself before it looks at a file.

use std::io;

/// No more memory and time than allowed, no file written, no picture of the
/// memory left behind when it is ended.
#[cfg(unix)]
pub(super) fn confine(memory_bytes: u64, cpu_s: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limits = [
        (Resource::As, memory_bytes, memory_bytes),
        // The soft limit ends it by a signal of its own, the hard one for sure.
        (Resource::Cpu, cpu_s, cpu_s + 1),
        (Resource::Core, 0, 0),
        (Resource::Fsize, 0, 0),
        (Resource::Nofile, 32, 32),
    ];
    for (resource, soft, hard) in limits {
        let limit = Rlimit {
            current: Some(soft),
            maximum: Some(hard),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn confine(_memory_bytes: u64, _cpu_s: u64) -> io::Result<()> {
    Ok(())
}
