//! What the user can say.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::address::{StoreAddress, StoreArgs};
use crate::config::{DEFAULT_LISTEN, DEFAULT_TILE_CACHE_MB};
use crate::crs::Crs;
use crate::format::{Encoding, FileKind};
use crate::model::{LayerName, UnknownWord};
use crate::service::backgrounds::HostList;

/// A map server for neighbourhood grid work (网格化治理).
#[derive(Debug, Parser)]
#[command(name = "gridmap", version, about, propagate_version = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve the map of a folder to browsers on this machine
    Serve(ServeArgs),
    /// Read a file into a layer: Excel, CSV, GeoJSON, Shapefile, KML, GPX, DXF, GeoPackage, OSM
    Import(ImportArgs),
    /// Write a layer as CSV, GeoJSON, Excel, GPX, KML or Shapefile
    Export(ExportArgs),
    /// Make the invented demo district
    Sample(SampleArgs),
    /// Print the category table, or replace it
    Categories(CategoriesArgs),
    /// Write a whole copy of the store to a new file
    Backup(BackupArgs),
    /// Make a backup the store of a folder or database
    Restore(RestoreArgs),
    /// Copy all content of a store into another one
    Copy(CopyArgs),
    /// Print one line that is equal for equal content
    Hash(HashArgs),
    /// List what was written, newest first
    Writes(WritesArgs),
    /// Take a write back
    Undo(UndoArgs),
    /// Read an upload for a server, over pipes
    #[command(hide = true)]
    ReadChild,
}

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    pub(super) store: StoreArgs,
    /// Address and port to listen on; this machine only, port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value_t = DEFAULT_LISTEN)]
    pub(super) listen: SocketAddr,
    /// Serve the invented demo district from a folder in the user's cache
    #[arg(long, conflicts_with = "database_url")]
    pub(super) demo: bool,
    /// Make the demo district anew
    #[arg(long, requires = "demo")]
    pub(super) fresh: bool,
    /// Last day of the demo's incidents; yesterday unless given
    #[arg(long, value_name = "DATE", requires = "demo")]
    pub(super) until: Option<Date>,
    /// Certificate chain for HTTPS, PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// Private key for HTTPS, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// Memory for finished tiles, megabytes
    #[arg(long, value_name = "N", default_value_t = DEFAULT_TILE_CACHE_MB)]
    pub(super) tile_cache_mb: usize,
    /// Folder of *.pmtiles files to show as backgrounds; DIR/backgrounds unless given
    #[arg(long, value_name = "FOLDER")]
    pub(super) backgrounds: Option<PathBuf>,
    /// Ask only these hosts for tiles of backgrounds, e.g. .tianditu.gov.cn,10.0.0.8
    #[arg(long, value_name = "HOSTS", value_parser = hosts)]
    pub(super) background_hosts: Option<HostList>,
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// grids, compounds, streets, routes or incidents; background for the ground of an .osm.pbf
    #[arg(value_name = "LAYER")]
    pub(super) target: ImportTarget,
    /// .xlsx, .xls, .csv, .tsv, .geojson, .shp, .zip, .kml, .kmz, .gpx, .gpkg, .dxf or .osm.pbf
    #[arg(required_unless_present = "remove", value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) store: StoreArgs,
    /// Coordinate system of the files: wgs84, gcj02, bd09, cgcs2000, epsg:N
    #[arg(long)]
    pub(super) crs: Option<Crs>,
    /// Sheet of a workbook, or layer inside of the file
    #[arg(long, value_name = "NAME")]
    pub(super) sheet: Option<String>,
    /// Encoding of texts: utf-8, gbk, gb18030, big5
    #[arg(long, value_name = "NAME")]
    pub(super) encoding: Option<Encoding>,
    /// Kind of the files, if their content and ending mislead: csv, geojson, excel, kml, gpx, zip, dxf
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub(super) format: Option<FileKind>,
    /// Take a field from a column, e.g. occurred_at=发生时间
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = pair)]
    pub(super) map: Vec<(String, String)>,
    /// Give a field one value in all rows, e.g. kind=12345诉求
    #[arg(long, value_name = "FIELD=VALUE", value_parser = pair)]
    pub(super) set: Vec<(String, String)>,
    /// Keep a further column: COLUMN or COLUMN:text|number|date
    #[arg(long, value_name = "COLUMN")]
    pub(super) keep: Vec<String>,
    /// Source of rows that name none
    #[arg(long, value_name = "NAME")]
    pub(super) source: Option<String>,
    /// `keep` stores rows that repeat an id instead of refusing them
    #[arg(long, value_name = "keep")]
    pub(super) repeat: Option<RepeatArg>,
    /// The files have latitude before longitude
    #[arg(long)]
    pub(super) swap: bool,
    /// Table text,layer,name: where rows without coordinates go by their place text
    #[arg(long, value_name = "FILE.csv")]
    pub(super) places: Option<PathBuf>,
    /// Write only once however often this is repeated with the same key
    #[arg(long, value_name = "KEY", conflicts_with = "dry_run")]
    pub(super) key: Option<String>,
    /// Take the background away; only with `background` and without files
    #[arg(long, conflicts_with = "files")]
    pub(super) remove: bool,
    /// Only say what would happen
    #[arg(long, conflicts_with = "strict")]
    pub(super) dry_run: bool,
    /// Store nothing if any row is bad
    #[arg(long)]
    pub(super) strict: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// What files are read into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ImportTarget {
    /// A layer.
    Layer(LayerName),
    /// The ground under the layers.
    Background,
}

impl FromStr for ImportTarget {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word.trim().to_lowercase().as_str() {
            "background" | "ground" | "底图" => Ok(ImportTarget::Background),
            _ => word
                .parse()
                .map(ImportTarget::Layer)
                .map_err(|error: UnknownWord| UnknownWord {
                    allowed: "grids, compounds, streets, routes, incidents, background",
                    ..error
                }),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RepeatArg {
    /// Store both
    Keep,
}

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// grids, compounds, streets, routes or incidents; for gpkg also several, as a comma list
    #[arg(
        value_name = "LAYER",
        value_delimiter = ',',
        required = true,
        num_args = 1
    )]
    pub(super) layers: Vec<LayerName>,
    /// File format
    #[arg(long, value_enum)]
    pub(super) format: ExportFormat,
    #[command(flatten)]
    pub(super) store: StoreArgs,
    /// File to write; standard output unless given
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ExportFormat {
    /// One feature a line, WGS84
    Geojson,
    /// For spreadsheets
    Csv,
    /// A workbook with typed cells
    Xlsx,
    /// Tracks and waypoints
    Gpx,
    /// For Google Earth and 奥维
    Kml,
    /// A Shapefile in a zip
    Shp,
    /// A GeoPackage, for QGIS; needs -o
    Gpkg,
}

#[derive(Debug, Args)]
pub(super) struct SampleArgs {
    /// The same seed makes the same district
    #[arg(long, default_value_t = crate::config::DEMO_SEED)]
    pub(super) seed: u64,
    /// Last day of the incidents
    #[arg(long, value_name = "DATE")]
    pub(super) until: Date,
    /// Folder to write GeoJSON files into, instead of filling a store
    #[arg(long, value_name = "DIR", conflicts_with_all = ["data", "database_url"])]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) store: StoreArgs,
    /// Make this many incidents, to measure with
    #[arg(long, value_name = "N")]
    pub(super) count: Option<usize>,
}

#[derive(Debug, Args)]
pub(super) struct CategoriesArgs {
    #[command(flatten)]
    pub(super) store: StoreArgs,
    /// Category table to use from now on, CSV as this command prints it
    #[arg(long, value_name = "FILE.csv")]
    pub(super) set: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The new file
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) store: StoreArgs,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The backup
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) store: StoreArgs,
    /// Replace what is there
    #[arg(long)]
    pub(super) replace: bool,
}

#[derive(Debug, Args)]
pub(super) struct CopyArgs {
    /// Folder, or postgres:// address, to read
    #[arg(long, value_name = "STORE")]
    pub(super) from: StoreAddress,
    /// Folder, or postgres:// address, to write
    #[arg(long, value_name = "STORE")]
    pub(super) to: StoreAddress,
    /// Replace what is there
    #[arg(long)]
    pub(super) replace: bool,
}

#[derive(Debug, Args)]
pub(super) struct HashArgs {
    #[command(flatten)]
    pub(super) store: StoreArgs,
}

#[derive(Debug, Args)]
pub(super) struct WritesArgs {
    #[command(flatten)]
    pub(super) store: StoreArgs,
    /// Only writes before this revision
    #[arg(long, value_name = "REVISION")]
    pub(super) before: Option<i64>,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(super) limit: usize,
    /// Print them as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct UndoArgs {
    /// The write, as `gridmap writes` names it
    pub(super) revision: i64,
    #[command(flatten)]
    pub(super) store: StoreArgs,
    /// What to do with rows that were changed again since
    #[arg(long, value_enum)]
    pub(super) edited: Option<EditedArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum EditedArg {
    /// They stay as they are
    Keep,
    /// They are restored too
    Revert,
}

/// A kind of file that is read.
fn kind(word: &str) -> Result<FileKind, String> {
    match FileKind::named(word) {
        FileKind::Unknown => Err(format!(
            "`{word}` is no kind of file that is read; use csv, geojson, excel, kml, kmz, gpx, zip, dxf, gpkg or pbf"
        )),
        kind => Ok(kind),
    }
}

/// A list of hosts that is not empty: an empty one would look like no limit.
fn hosts(text: &str) -> Result<HostList, String> {
    let list = HostList::read(text);
    if list.is_empty() {
        return Err("name at least one host, such as .tianditu.gov.cn".to_owned());
    }
    Ok(list)
}

/// `field=value`, both non-empty.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, value)) if !field.trim().is_empty() && !value.is_empty() => {
            Ok((field.trim().to_owned(), value.to_owned()))
        }
        _ => Err(format!("`{text}` is not FIELD=VALUE")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn pairs_need_both_sides() {
        assert_eq!(
            pair("lon= 经度=x"),
            Ok(("lon".to_owned(), " 经度=x".to_owned()))
        );
        assert!(pair("lon").is_err() && pair("=x").is_err() && pair("lon=").is_err());
    }
}
