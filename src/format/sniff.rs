//! What kind of file it is: by its content first, by its ending second.

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::import::Input;
use super::problem::FileError;

/// How many bytes from the start tell the kind.
pub const SNIFF_BYTES: usize = 4096;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FileKind {
    /// Text with commas, semicolons or tabs.
    Csv,
    /// GeoJSON.
    GeoJson,
    /// .xlsx, .xls, or a web page with a table.
    Excel,
    /// KML.
    Kml,
    /// KMZ.
    Kmz,
    /// GPX.
    Gpx,
    /// Shapefiles in a zip.
    ShapefileZip,
    /// The `.shp` of a Shapefile, or another part of it.
    Shapefile,
    /// GeoPackage.
    GeoPackage,
    /// DXF.
    Dxf,
    /// DWG, which is not read.
    Dwg,
    /// OpenStreetMap extract.
    OsmPbf,
    /// FlatGeobuf, which is not read.
    FlatGeobuf,
    /// Nothing known.
    Unknown,
}

impl FileKind {
    /// The word in options.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::GeoJson => "geojson",
            Self::Excel => "excel",
            Self::Kml => "kml",
            Self::Kmz => "kmz",
            Self::Gpx => "gpx",
            Self::ShapefileZip => "shapefilezip",
            Self::Shapefile => "shapefile",
            Self::GeoPackage => "geopackage",
            Self::Dxf => "dxf",
            Self::Dwg => "dwg",
            Self::OsmPbf => "osmpbf",
            Self::FlatGeobuf => "flatgeobuf",
            Self::Unknown => "unknown",
        }
    }

    /// The kind that a word or an ending names.
    #[must_use]
    pub fn named(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" | "tab" => Self::Csv,
            "geojson" | "json" => Self::GeoJson,
            "xlsx" | "xls" | "xlsm" | "et" | "excel" => Self::Excel,
            "kml" => Self::Kml,
            "kmz" => Self::Kmz,
            "gpx" => Self::Gpx,
            "zip" | "shapefilezip" => Self::ShapefileZip,
            "shp" | "dbf" | "shx" | "prj" | "cpg" | "shapefile" => Self::Shapefile,
            "gpkg" | "geopackage" => Self::GeoPackage,
            "dxf" => Self::Dxf,
            "dwg" => Self::Dwg,
            "pbf" | "osmpbf" => Self::OsmPbf,
            "fgb" | "flatgeobuf" => Self::FlatGeobuf,
            _ => Self::Unknown,
        }
    }

    /// Whether a file of this kind usually says its coordinate system, or has
    /// one by its standard. The others must be asked for.
    #[must_use]
    pub const fn names_crs(self) -> bool {
        !matches!(self, Self::Csv | Self::Excel | Self::Dxf)
    }

    /// The input for a whole file's bytes.
    ///
    /// # Errors
    /// With what to do, for kinds that are not read from bytes alone.
    pub fn input(self, bytes: &[u8]) -> Result<Input<'_>, FileError> {
        Ok(match self {
            Self::Csv => Input::Csv(bytes),
            Self::GeoJson => Input::GeoJson(bytes),
            Self::Excel => Input::Excel(bytes),
            Self::Kml => Input::Kml(bytes),
            Self::Kmz => Input::Kmz(bytes),
            Self::Gpx => Input::Gpx(bytes),
            Self::ShapefileZip => Input::ShapefileZip(bytes),
            Self::Shapefile => return Err(Fault::ShapefilePart {}.of_file()),
            Self::GeoPackage => return Err(Fault::GeoPackageBytes {}.of_file()),
            Self::Dxf => Input::Dxf(bytes),
            Self::Dwg => return Err(Fault::Dwg {}.of_file()),
            Self::OsmPbf => Input::OsmPbf(bytes),
            Self::FlatGeobuf => return Err(Fault::FlatGeobuf {}.of_file()),
            Self::Unknown => return Err(Fault::UnknownFormat {}.of_file()),
        })
    }
}

/// The kind of a file, from its name and its first [`SNIFF_BYTES`].
#[must_use]
pub fn sniff(name: &str, head: &[u8]) -> FileKind {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let by_name = FileKind::named(ending);
    by_content(head, by_name).unwrap_or(by_name)
}

fn by_content(head: &[u8], by_name: FileKind) -> Option<FileKind> {
    const SIGNATURES: &[(&[u8], FileKind)] = &[
        (b"SQLite format 3\0", FileKind::GeoPackage),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind::Excel),
        (b"fgb\x03", FileKind::FlatGeobuf),
        (b"AC10", FileKind::Dwg),
        (b"AutoCAD Binary DXF", FileKind::Dxf),
        (b"\0\0\x27\x0a", FileKind::Shapefile),
    ];
    if let Some((_, kind)) = SIGNATURES.iter().find(|(s, _)| head.starts_with(s)) {
        return Some(*kind);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Some(zipped(head, by_name));
    }
    // A length, then the field that names the block.
    if head.get(4..6) == Some(b"\x0a\x09") && head.get(6..15) == Some(b"OSMHeader") {
        return Some(FileKind::OsmPbf);
    }
    text(head, by_name)
}

/// By the names of the entries that the start shows.
fn zipped(head: &[u8], by_name: FileKind) -> FileKind {
    let lower = String::from_utf8_lossy(head).to_ascii_lowercase();
    let names = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    if names(&["[content_types].xml", "xl/", "docprops/"]) {
        FileKind::Excel
    } else if names(&[".shp", ".dbf", ".shx", ".prj"]) {
        FileKind::ShapefileZip
    } else if names(&[".kml"]) {
        FileKind::Kmz
    } else if matches!(by_name, FileKind::Excel | FileKind::Kmz) {
        by_name
    } else {
        FileKind::ShapefileZip
    }
}

fn text(head: &[u8], by_name: FileKind) -> Option<FileKind> {
    // UTF-16 has a zero in every other byte of ASCII.
    let plain: Vec<u8> = if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        head.iter().copied().filter(|b| *b != 0).collect()
    } else {
        head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).to_vec()
    };
    let text = String::from_utf8_lossy(&plain).to_ascii_lowercase();
    let text = text.trim_start_matches(['\u{fffd}', '\u{feff}', ' ', '\r', '\n', '\t']);
    let start = |words: &[&str]| words.iter().any(|w| text.starts_with(w));
    if text.starts_with('<') {
        let has = |word: &str| text.contains(word);
        return if has("<kml") {
            Some(FileKind::Kml)
        } else if has("<gpx") {
            Some(FileKind::Gpx)
        } else if start(&["<html", "<!doctype html", "<table", "<meta", "<style"])
            || has("<table") && by_name == FileKind::Excel
        {
            // A web page named .geojson is no table, but an error message.
            Some(match by_name {
                FileKind::Excel | FileKind::Csv | FileKind::Unknown => FileKind::Excel,
                other => other,
            })
        } else {
            None
        };
    }
    if start(&["{", "["]) {
        return Some(match by_name {
            FileKind::Csv => FileKind::Csv,
            _ => FileKind::GeoJson,
        });
    }
    let mut lines = text.lines().map(str::trim);
    let dxf = matches!(
        (lines.next(), lines.next()),
        (Some("0"), Some("section")) | (Some("999"), Some(_))
    );
    if dxf {
        return Some(FileKind::Dxf);
    }
    // A table of text that is named .xls.
    let table = by_name == FileKind::Excel
        && !head.contains(&0)
        && (text.contains('\t') || text.contains(','));
    table.then_some(FileKind::Csv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_content_first() {
        let osm = b"\0\0\0\x0d\x0a\x09OSMHeader\x18\x7c";
        for (name, head, kind) in [
            ("a.xls", &b"<html><table>"[..], FileKind::Excel),
            ("a.xls", "编号\t类别\n1\t盗窃".as_bytes(), FileKind::Csv),
            (
                "a.csv",
                b"PK\x03\x04....[Content_Types].xml",
                FileKind::Excel,
            ),
            ("a.zip", b"PK\x03\x04....a.shp", FileKind::ShapefileZip),
            ("a.zip", b"PK\x03\x04....doc.kml", FileKind::Kmz),
            ("a.dat", b"\xef\xbb\xbf{\"type\":", FileKind::GeoJson),
            ("a.xml", b"<?xml version=\"1.0\"?><kml>", FileKind::Kml),
            ("a.xml", b"<?xml version=\"1.0\"?>\n<gpx>", FileKind::Gpx),
            ("a.db", b"SQLite format 3\0", FileKind::GeoPackage),
            ("a.dwg", b"AC1032", FileKind::Dwg),
            ("a.txt", b"  0\r\nSECTION\r\n", FileKind::Dxf),
            ("a.pbf", osm, FileKind::OsmPbf),
            ("a.fgb", b"fgb\x03fgb\0", FileKind::FlatGeobuf),
            ("a.geojson", b"<html>", FileKind::GeoJson),
            ("a.csv", b"a,b\n1,2", FileKind::Csv),
            ("a", b"whatever", FileKind::Unknown),
            ("a.SHP", b"", FileKind::Shapefile),
        ] {
            assert_eq!(sniff(name, head), kind, "{name}");
        }
    }
}
