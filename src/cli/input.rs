//! Files of the user as bytes for the readers.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::told::{While as _, told};
use crate::format::{Input, MAX_FILE_BYTES};

/// A file and its companions, read whole.
#[derive(Debug)]
pub(super) enum Bytes {
    Csv(Vec<u8>),
    GeoJson(Vec<u8>),
    Shapefile {
        shp: Vec<u8>,
        dbf: Option<Vec<u8>>,
        cpg: Option<Vec<u8>>,
        prj: Option<Vec<u8>>,
    },
}

impl Bytes {
    /// Reads a file by its ending.
    pub(super) fn read(path: &Path) -> anyhow::Result<Bytes> {
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Ok(Bytes::Csv(read(path)?)),
            "geojson" | "json" => Ok(Bytes::GeoJson(read(path)?)),
            "shp" => Ok(Bytes::Shapefile {
                shp: read(path)?,
                dbf: companion(path, "dbf")?,
                cpg: companion(path, "cpg")?,
                prj: companion(path, "prj")?,
            }),
            "xls" | "xlsx" | "et" => Err(told(
                format!("{}：请先把工作表另存为 CSV UTF-8", path.display()),
                format!("{}: save the sheet as CSV first", path.display()),
            )),
            _ => Err(told(
                format!(
                    "{}：请使用 .csv、.tsv、.geojson、.json 或 .shp 文件",
                    path.display()
                ),
                format!(
                    "{}: use a .csv, .tsv, .geojson, .json or .shp file",
                    path.display()
                ),
            )),
        }
    }

    /// What the readers take.
    pub(super) fn input(&self) -> Input<'_> {
        match self {
            Bytes::Csv(bytes) => Input::Csv(bytes),
            Bytes::GeoJson(bytes) => Input::GeoJson(bytes),
            Bytes::Shapefile { shp, dbf, cpg, prj } => Input::Shapefile {
                shp,
                dbf: dbf.as_deref(),
                cpg: cpg.as_deref(),
                prj: prj.as_deref(),
            },
        }
    }

    /// True if the file says itself in which coordinates it is: GeoJSON is
    /// WGS84 by its standard, a Shapefile may have a .prj.
    pub(super) fn names_crs(&self) -> bool {
        match self {
            Bytes::Csv(_) => false,
            Bytes::GeoJson(_) => true,
            Bytes::Shapefile { prj, .. } => prj.is_some(),
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || {
        let path = path.display();
        (format!("无法读取 {path}"), format!("cannot read {path}"))
    };
    let length = std::fs::metadata(path).while_doing(cannot)?.len();
    if length > MAX_FILE_BYTES as u64 {
        let (path, most_mb) = (path.display(), MAX_FILE_BYTES >> 20);
        return Err(told(
            format!("{path} 超过 {most_mb} MB，请拆分后再导入"),
            format!("{path} is larger than {most_mb} MB; split it"),
        ));
    }
    std::fs::read(path).while_doing(cannot)
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
    let entries = std::fs::read_dir(folder).while_doing(|| {
        let folder = folder.display();
        (
            format!("无法读取文件夹 {folder}"),
            format!("cannot read the folder {folder}"),
        )
    })?;
    let found = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(wanted);
    found.map(|path| read(&path)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companions_are_found_in_any_case() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["网格.shp", "网格.DBF", "网格.Prj", "别的.cpg"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let Bytes::Shapefile { dbf, cpg, prj, .. } =
            Bytes::read(&folder.path().join("网格.shp")).unwrap()
        else {
            panic!("a shapefile");
        };
        assert_eq!(dbf.as_deref(), Some("网格.DBF".as_bytes()));
        assert_eq!(prj.as_deref(), Some("网格.Prj".as_bytes()));
        assert_eq!(cpg, None);
    }

    #[test]
    fn a_file_that_cannot_be_read_says_what_to_do() {
        let error = Bytes::read(Path::new("诉求.xlsx")).unwrap_err();
        assert!(error.to_string().contains("CSV"), "{error}");
        assert!(Bytes::read(Path::new("/nowhere/a.csv")).is_err());
    }
}
