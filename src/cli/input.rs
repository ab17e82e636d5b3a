//! Files of the user as bytes for the readers.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::folder::file_name;
use crate::format::{FileKind, ForeignTable, Input, MAX_FILE_BYTES, SNIFF_BYTES, sniff};
use crate::model::LayerName;
use crate::store::gpkg::foreign;

/// A file and its companions, read whole.
#[derive(Debug)]
pub(super) enum UserFile {
    Plain {
        kind: FileKind,
        bytes: Vec<u8>,
    },
    Shapefile {
        shp: Vec<u8>,
        dbf: Option<Vec<u8>>,
        cpg: Option<Vec<u8>>,
        prj: Option<Vec<u8>>,
    },
    Table(Box<ForeignTable>),
}

impl UserFile {
    /// Reads a file by its content and ending, or as the kind it is said to
    /// be; of a GeoPackage the table called `sheet`.
    pub(super) async fn read(
        path: &Path,
        said: Option<FileKind>,
        sheet: Option<&str>,
        layer: LayerName,
    ) -> anyhow::Result<UserFile> {
        let kind = match said {
            Some(kind) => kind,
            None => sniff(&file_name(path), &head(path)?),
        };
        match kind {
            FileKind::Shapefile => Ok(UserFile::Shapefile {
                shp: read(path)?,
                dbf: companion(path, "dbf")?,
                cpg: companion(path, "cpg")?,
                prj: companion(path, "prj")?,
            }),
            FileKind::GeoPackage => {
                let table = foreign::read(path, sheet, Some(layer)).await?;
                Ok(UserFile::Table(Box::new(table)))
            }
            kind => {
                let bytes = read(path)?;
                // What is not read at all is told before anything is asked.
                kind.input(&bytes)
                    .with_context(|| path.display().to_string())?;
                Ok(UserFile::Plain { kind, bytes })
            }
        }
    }

    /// What the readers take.
    pub(super) fn input(&self) -> Result<Input<'_>, crate::format::FileError> {
        match self {
            UserFile::Plain { kind, bytes } => kind.input(bytes),
            UserFile::Shapefile { shp, dbf, cpg, prj } => Ok(Input::Shapefile {
                shp,
                dbf: dbf.as_deref(),
                cpg: cpg.as_deref(),
                prj: prj.as_deref(),
            }),
            UserFile::Table(table) => Ok(Input::Features(table)),
        }
    }

    /// True if the file says itself in which coordinates it is: GeoJSON is
    /// WGS84 by its standard, a Shapefile may have a .prj.
    pub(super) fn names_crs(&self) -> bool {
        match self {
            UserFile::Plain { kind, .. } => kind.names_crs(),
            UserFile::Shapefile { prj, .. } => prj.is_some(),
            UserFile::Table(table) => table.crs.is_some(),
        }
    }
}

fn head(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    let file = std::fs::File::open(path).with_context(cannot)?;
    let mut head = Vec::new();
    file.take(SNIFF_BYTES as u64)
        .read_to_end(&mut head)
        .with_context(cannot)?;
    Ok(head)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    let length = std::fs::metadata(path).with_context(cannot)?.len();
    if length > MAX_FILE_BYTES as u64 {
        bail!(
            "{} is larger than {} MB; split it",
            path.display(),
            MAX_FILE_BYTES >> 20
        );
    }
    std::fs::read(path).with_context(cannot)
}

/// The file beside it with the same stem and another ending, in whatever case
/// the ending is written.
fn companion(path: &Path, ending: &str) -> anyhow::Result<Option<Vec<u8>>> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let wanted = |candidate: &PathBuf| {
        let suffix = candidate.extension().and_then(OsStr::to_str);
        candidate.file_stem() == path.file_stem()
            && suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case(ending))
    };
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let found = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(wanted);
    found.map(|path| read(&path)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn companions_are_found_in_any_case() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["网格.shp", "网格.DBF", "网格.Prj", "别的.cpg"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let read = UserFile::read(
            &folder.path().join("网格.shp"),
            None,
            None,
            LayerName::Grids,
        )
        .await;
        let UserFile::Shapefile { dbf, cpg, prj, .. } = read.unwrap() else {
            panic!("a shapefile");
        };
        assert_eq!(dbf.as_deref(), Some("网格.DBF".as_bytes()));
        assert_eq!(prj.as_deref(), Some("网格.Prj".as_bytes()));
        assert_eq!(cpg, None);
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("图.dwg");
        std::fs::write(&path, b"AC1032").unwrap();
        let error = UserFile::read(&path, None, None, LayerName::Grids)
            .await
            .unwrap_err();
        assert!(format!("{error:#}").contains("DXF"), "{error:#}");
        assert!(
            UserFile::read(Path::new("/nowhere/a.csv"), None, None, LayerName::Grids)
                .await
                .is_err()
        );
    }
}
