//! A Shapefile packed as one zip, as offices send it.

use super::archive::{Archive, Entry};
use super::encoding::Encoding;
use super::fault::Fault;
use super::open::{Inner, no_such_layer};
use super::problem::FileError;
use super::shapefile;
use super::table::{Features, Shape};
use crate::model::LayerName;

/// The most Shapefiles looked at in one archive.
const MAX_LAYERS: usize = 100;

/// The Shapefile that was read, and what others there are.
pub(super) struct Chosen {
    pub(super) features: Features,
    pub(super) prj: Option<Vec<u8>>,
    pub(super) name: String,
    pub(super) layers: Vec<Inner>,
}

/// Reads the Shapefile that was named, else the first whose shapes suit the
/// layer.
///
/// # Errors
/// When the archive cannot be read, or none of its Shapefiles can.
pub(super) fn read(
    bytes: &[u8],
    wanted: Option<&str>,
    layer: Option<LayerName>,
    said: Option<Encoding>,
) -> Result<Chosen, FileError> {
    let mut archive = Archive::open(bytes)?;
    let mut all = archive.with_ending("shp");
    all.truncate(MAX_LAYERS);
    if all.is_empty() {
        return Err(archive.nothing(Fault::ZipWithoutShapefile {}));
    }
    let mut layers = Vec::new();
    for entry in &all {
        let rows = match archive.beside(entry, "shx") {
            // Eight bytes a record after a header of a hundred.
            Some(index) => (archive.read(&index)?.len() as u64).saturating_sub(100) / 8,
            None => 0,
        };
        layers.push(Inner::new(&name(entry, &all), rows));
    }
    let candidates: Vec<usize> = match wanted {
        Some(wanted) => {
            let same = |n: &usize| {
                layers[*n].name.eq_ignore_ascii_case(wanted)
                    || all[*n].stem().eq_ignore_ascii_case(wanted)
            };
            let hits: Vec<usize> = (0..all.len()).filter(same).take(1).collect();
            if hits.is_empty() {
                return Err(no_such_layer(wanted, &layers));
            }
            hits
        }
        None => (0..all.len()).collect(),
    };
    let mut best: Option<(usize, Features, Option<Vec<u8>>)> = None;
    let mut refused = None;
    for n in candidates {
        match one(&mut archive, &all[n], said) {
            Ok((features, prj)) => {
                let suits = layer.is_none_or(|layer| suits(&features, layer));
                if suits || best.is_none() {
                    best = Some((n, features, prj));
                }
                if suits {
                    break;
                }
            }
            Err(e) => {
                refused.get_or_insert(e);
            }
        }
    }
    let Some((n, features, prj)) = best else {
        return Err(refused.unwrap_or_else(|| Fault::ZipWithoutShapefile {}.of_file()));
    };
    Ok(Chosen {
        features,
        prj,
        name: layers[n].name.clone(),
        layers,
    })
}

/// The stem, or the path where two are called the same.
fn name(entry: &Entry, all: &[Entry]) -> String {
    let twins = all.iter().filter(|e| e.stem() == entry.stem()).count();
    if twins > 1 {
        entry.path.clone()
    } else {
        entry.stem().to_owned()
    }
}

fn one(
    archive: &mut Archive<'_>,
    entry: &Entry,
    said: Option<Encoding>,
) -> Result<(Features, Option<Vec<u8>>), FileError> {
    let shp = archive.read(entry)?;
    let mut part = |ending: &str| {
        let found = archive.beside(entry, ending);
        found.map(|e| archive.read(&e)).transpose()
    };
    let (dbf, cpg, prj) = (part("dbf")?, part("cpg")?, part("prj")?);
    let features = shapefile::read(&shp, dbf.as_deref(), cpg.as_deref(), said)?;
    Ok((features, prj))
}

/// Whether the first shape is one that the layer takes.
fn suits(features: &Features, layer: LayerName) -> bool {
    let first = features.rows.iter().find_map(|f| f.shape.as_ref());
    first.is_none_or(|shape| match layer {
        LayerName::Grids => matches!(shape, Shape::Polygons(_)),
        LayerName::Streets | LayerName::Routes => matches!(shape, Shape::Lines(_)),
        LayerName::Incidents => matches!(shape, Shape::Point(_) | Shape::Points(_)),
        LayerName::Compounds => !matches!(shape, Shape::Lines(_)),
    })
}
