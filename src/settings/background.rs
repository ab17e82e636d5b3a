//! Backgrounds as they are kept, read for use: where a tile of one is.

use std::fmt::Write as _;

use serde_json::Value;

use crate::layer::Datum;
use crate::tile::TileCoord;

/// A background that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Background {
    /// Its name, which no other has.
    pub name: String,
    /// Where its tiles come from.
    pub source: BackgroundSource,
    /// What its tiles are in; `None` for one that cannot be shown.
    pub datum: Option<Datum>,
    /// Whom to name; may be empty.
    pub attribution: String,
    /// The approval number of the map (审图号); may be empty.
    pub approval: String,
    /// First zoom with tiles, if told.
    pub minzoom: Option<u8>,
    /// Last zoom with tiles, if told.
    pub maxzoom: Option<u8>,
    /// Pixels on a side of a tile, 256 or 512, if told.
    pub tile_size: Option<u16>,
}

/// Where the tiles of a background come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackgroundSource {
    /// A tile service.
    Service(BackgroundService),
    /// A file of the folder of backgrounds, by its name.
    File(String),
}

/// A tile service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackgroundService {
    /// The address template.
    pub url: String,
    /// The template of a second picture to lay above.
    pub labels: Option<String>,
    /// What `{s}` stands for.
    pub subdomains: Vec<String>,
    /// Rows count from the south.
    pub tms: bool,
    /// The variable that holds the key.
    pub key_ref: Option<String>,
}

impl BackgroundService {
    /// The address of a tile by one of the templates.
    ///
    /// The key is put in last and encoded, so that whatever it holds it stays
    /// one value of the query.
    pub fn address(&self, template: &str, tile: TileCoord, key: &str) -> String {
        let row = if self.tms {
            (1_u32 << tile.z()) - 1 - tile.y()
        } else {
            tile.y()
        };
        // Neighbours come from different hosts, a tile always from the same.
        let turn = (tile.x() as usize + tile.y() as usize) % self.subdomains.len().max(1);
        let host = self.subdomains.get(turn).map_or("", String::as_str);
        template
            .replace("{s}", host)
            .replace("{z}", &tile.z().to_string())
            .replace("{x}", &tile.x().to_string())
            .replace("{y}", &row.to_string())
            .replace("{key}", &encoded(key))
    }

    /// The hosts that a template may name, in small letters, without ports and
    /// brackets.
    pub fn hosts<'s>(&'s self, template: &'s str) -> impl Iterator<Item = String> + use<'s> {
        let one = template.contains("{s}").then_some(&self.subdomains[..]);
        let parts = one
            .unwrap_or_default()
            .iter()
            .map(String::as_str)
            .chain(one.is_none().then_some(""));
        parts.filter_map(|part| host_of(&template.replace("{s}", part)))
    }
}

/// The host of an address, in small letters, without port and brackets.
pub fn host_of(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The backgrounds of a kept setting, in order; what is no entry is passed
/// over.
pub fn all(kept: &Value) -> Vec<Background> {
    let items = kept.as_array().map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(read).collect()
}

fn read(item: &Value) -> Option<Background> {
    let text = |name: &str| item[name].as_str().map(str::to_owned);
    let url = text("url")?;
    let source = match url.strip_prefix("pmtiles:") {
        Some(file) => BackgroundSource::File(file.to_owned()),
        None => BackgroundSource::Service(BackgroundService {
            labels: text("labels_url"),
            subdomains: item["subdomains"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|part| part.as_str().map(str::to_owned))
                .collect(),
            tms: item["scheme"] == "tms",
            key_ref: text("key_ref"),
            url,
        }),
    };
    let number = |name: &str| item[name].as_u64();
    Some(Background {
        name: text("name")?,
        source,
        datum: match item["datum"].as_str() {
            Some("gcj02") => Some(Datum::Gcj02),
            Some("wgs84" | "cgcs2000") => Some(Datum::Wgs84),
            _ => None,
        },
        attribution: text("attribution").unwrap_or_default(),
        approval: text("approval").unwrap_or_default(),
        minzoom: number("minzoom").and_then(|z| u8::try_from(z).ok()),
        maxzoom: number("maxzoom").and_then(|z| u8::try_from(z).ok()),
        tile_size: number("tile_size").and_then(|size| u16::try_from(size).ok()),
    })
}
