use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::Error;

/// The folder of one store and the names of the files in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// Uses the folder, creating it if need be.
    pub fn create(path: &Path) -> Result<DataDir, Error> {
        let io = |source| Error::Io {
            path: path.to_owned(),
            source,
        };
        std::fs::create_dir_all(path).map_err(io)?;
        Ok(DataDir(std::path::absolute(path).map_err(io)?))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The GeoPackage.
    pub fn store(&self) -> PathBuf {
        self.0.join("gridmap.gpkg")
    }

    /// Where a running server takes imports.
    pub fn socket(&self) -> PathBuf {
        self.0.join("gridmap.sock")
    }

    /// Where files of backgrounds are.
    pub fn backgrounds(&self) -> PathBuf {
        self.0.join("backgrounds")
    }

    /// Takes the write lock of the folder if nobody has it.
    ///
    /// The lock ends with the value, or with the process however it ends; the
    /// file stays.
    pub fn try_lock(&self) -> Result<WriteLock, Error> {
        let path = self.0.join("gridmap.lock");
        let io = |source| Error::Io {
            path: path.clone(),
            source,
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(WriteLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked(self.0.clone())),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }
}

/// The right to write into a folder; one process has it at a time.
#[derive(Debug)]
pub struct WriteLock {
    _file: File,
}
