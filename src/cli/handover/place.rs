//! Where the socket is: in the folder, or, when that path is too long for a
//! socket address (about 100 bytes), in a short folder that a file names.

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::store::DataDir;

/// Bytes that every system allows: 104 on BSD and macOS, 108 on Linux, with
/// the closing NUL.
const LONGEST: usize = 100;

/// The file that names a socket elsewhere.
fn pointer(folder: &DataDir) -> PathBuf {
    folder.path().join("gridmap.sock.path")
}

/// Where a client finds the socket, if there may be one.
pub(super) fn find(folder: &DataDir) -> Option<PathBuf> {
    let direct = folder.socket();
    if fits(&direct) {
        return direct.exists().then_some(direct);
    }
    let named = std::fs::read(pointer(folder)).ok()?;
    let path = PathBuf::from(std::ffi::OsStr::from_bytes(&named));
    path.exists().then_some(path)
}

/// Where the server binds; the caller holds the folder's lock, so what is
/// there is a leftover of a process that was killed.
pub(super) fn claim(folder: &DataDir) -> io::Result<PathBuf> {
    let direct = folder.socket();
    let path = if fits(&direct) {
        direct
    } else {
        elsewhere(folder)?
    };
    release(folder, &path);
    if path != folder.socket() {
        std::fs::write(pointer(folder), path.as_os_str().as_bytes())?;
    }
    Ok(path)
}

/// Takes the socket away.
pub(super) fn release(folder: &DataDir, path: &Path) {
    // Both may be missing, which is what is wanted.
    let _ = std::fs::remove_file(path);
    let _ = std::fs::remove_file(pointer(folder));
}

/// Only the owner may connect.
pub(super) fn restrict(path: &Path) -> io::Result<()> {
    std::fs::set_permissions(path, Permissions::from_mode(0o600))
}

fn fits(path: &Path) -> bool {
    path.as_os_str().len() <= LONGEST
}

/// A folder of the user's own with a name that differs by data folder.
fn elsewhere(folder: &DataDir) -> io::Result<PathBuf> {
    let hash = blake3::hash(folder.path().as_os_str().as_bytes()).to_hex();
    let short = std::env::temp_dir().join(format!("gridmap-{}", &hash[..16]));
    match DirBuilder::new().mode(0o700).create(&short) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // Somebody else's folder, or a link to one, cannot be made private.
    let kind = std::fs::symlink_metadata(&short)?;
    if !kind.is_dir() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    std::fs::set_permissions(&short, Permissions::from_mode(0o700))?;
    Ok(short.join("sock"))
}
