//! The layers that tiles have: names, fields, zooms.

use std::str::FromStr;

use crate::model::LayerName;

/// A layer of the vector tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TileLayer {
    /// Grid polygons valid today, or on the day asked for.
    Grids,
    /// One point in each grid.
    GridsLabel,
    /// Compound polygons.
    Compounds,
    /// One point for each compound, also those without an outline.
    CompoundsLabel,
    /// Streets.
    Streets,
    /// Patrol routes.
    Routes,
    /// Checkpoints of patrol routes.
    RoutesStop,
    /// Incidents; below [`AGGREGATED_BELOW_ZOOM`] sums by cell.
    Incidents,
}

/// Below this zoom the incidents layer holds counted cells.
pub const AGGREGATED_BELOW_ZOOM: u8 = 14;

/// The last zoom in TileJSON: a tile unit is then 2 cm on the ground here, and
/// clients enlarge the tiles further. Deeper tiles are served when asked for.
pub const MAX_ZOOM: u8 = 18;

/// What a layer's features look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Points.
    Point,
    /// Lines.
    Line,
    /// Polygons.
    Polygon,
}

/// A layer's description.
#[derive(Debug, Clone, Copy)]
pub struct LayerInfo {
    /// Which layer.
    pub layer: TileLayer,
    /// Its name in URLs and tiles.
    pub name: &'static str,
    /// The data it is made of.
    pub source: LayerName,
    /// What its features look like.
    pub shape: Shape,
    /// The first zoom with features.
    pub min_zoom: u8,
    /// Field names and what they mean.
    pub fields: &'static [(&'static str, &'static str)],
    /// One sentence for people.
    pub description: &'static str,
}

/// All layers, in drawing order.
pub const ALL: &[LayerInfo] = &[
    LayerInfo {
        layer: TileLayer::Grids,
        name: "grids",
        source: LayerName::Grids,
        shape: Shape::Polygon,
        min_zoom: 6,
        fields: &[
            ("code", "网格编号"),
            ("name", "名称"),
            ("kind", "basic 基础 | special 专属"),
            ("community", "社区"),
            ("households", "户数 (整数)"),
        ],
        description: "网格",
    },
    LayerInfo {
        layer: TileLayer::Compounds,
        name: "compounds",
        source: LayerName::Compounds,
        shape: Shape::Polygon,
        min_zoom: 11,
        fields: COMPOUND_FIELDS,
        description: "重点小区轮廓",
    },
    LayerInfo {
        layer: TileLayer::Streets,
        name: "streets",
        source: LayerName::Streets,
        shape: Shape::Line,
        min_zoom: 8,
        fields: &[
            ("name", "街名"),
            (
                "class",
                "arterial | secondary | branch | lane | path | rail",
            ),
            ("oneway", "单行 (布尔)"),
            ("foot", "可步行 (布尔)"),
        ],
        description: "街巷",
    },
    LayerInfo {
        layer: TileLayer::Routes,
        name: "routes",
        source: LayerName::Routes,
        shape: Shape::Line,
        min_zoom: 10,
        fields: &[
            ("code", "路线编号"),
            ("name", "名称"),
            ("mode", "foot 步行 | ebike 电动车 | car 汽车"),
        ],
        description: "巡防路线",
    },
    LayerInfo {
        layer: TileLayer::RoutesStop,
        name: "routes_stop",
        source: LayerName::Routes,
        shape: Shape::Point,
        min_zoom: 13,
        fields: &[
            ("route", "路线 id (整数)"),
            ("ordinal", "次序,从 1 起 (整数)"),
            ("name", "名称"),
        ],
        description: "巡防路线必到点",
    },
    LayerInfo {
        layer: TileLayer::Incidents,
        name: "incidents",
        source: LayerName::Incidents,
        shape: Shape::Point,
        min_zoom: 6,
        fields: &[
            ("kind", "police 警情 | dispute 纠纷 | hotline 12345诉求"),
            ("category", "类别编码"),
            ("occurred_at", "发生时间 (整数, Unix 秒)"),
            ("found", "resident 群众 | patrol 巡防"),
            ("status", "状态"),
            ("grid", "所在基础网格编号"),
            ("count", "z14 以下: 格内件数"),
            ("police", "z14 以下: 其中警情"),
            ("dispute", "z14 以下: 其中纠纷"),
            ("hotline", "z14 以下: 其中12345诉求"),
        ],
        description: "警情、纠纷、12345诉求;z14 以下为每格合计",
    },
    LayerInfo {
        layer: TileLayer::GridsLabel,
        name: "grids_label",
        source: LayerName::Grids,
        shape: Shape::Point,
        min_zoom: 11,
        fields: &[
            ("code", "网格编号"),
            ("name", "名称"),
            ("kind", "basic 基础 | special 专属"),
        ],
        description: "网格标注点",
    },
    LayerInfo {
        layer: TileLayer::CompoundsLabel,
        name: "compounds_label",
        source: LayerName::Compounds,
        shape: Shape::Point,
        min_zoom: 12,
        fields: COMPOUND_FIELDS,
        description: "重点小区标注点",
    },
];

const COMPOUND_FIELDS: &[(&str, &str)] = &[
    ("name", "名称"),
    (
        "kind",
        "residential | school | market | hospital | station | office | other",
    ),
    ("priority", "1 高 | 2 中 | 3 低"),
];

impl TileLayer {
    /// The layer's description.
    pub fn info(self) -> &'static LayerInfo {
        ALL.iter()
            .find(|info| info.layer == self)
            .expect("ALL lists every layer, which a test checks")
    }

    /// Its name in URLs and tiles.
    pub fn as_str(self) -> &'static str {
        self.info().name
    }
}

/// Why a list of layers cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayersError {
    /// No such layer.
    #[error("there is no tile layer `{0}`; there are {names}", names = names())]
    Unknown(String),
    /// Tiles must not hold two layers of one name.
    #[error("tile layer `{0}` is named twice")]
    Twice(String),
}

fn names() -> String {
    let names: Vec<_> = ALL.iter().map(|info| info.name).collect();
    names.join(", ")
}

/// One or several layers to be put in one tile, none twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Layers(Vec<TileLayer>);

impl Layers {
    /// Every layer.
    pub fn all() -> Self {
        Self(ALL.iter().map(|info| info.layer).collect())
    }

    /// The layers in the order they were named in.
    pub fn iter(&self) -> impl Iterator<Item = TileLayer> {
        self.0.iter().copied()
    }

    /// The data that the tiles depend on, for cache keys: incidents carry the
    /// code of the grid they are in.
    pub fn depends_on(&self) -> Vec<LayerName> {
        let mut out: Vec<LayerName> = self.iter().map(|l| l.info().source).collect();
        if self.0.contains(&TileLayer::Incidents) {
            out.push(LayerName::Grids);
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Whether the day of the grids matters to these layers.
    pub fn show_grids(&self) -> bool {
        let grids = [TileLayer::Grids, TileLayer::GridsLabel];
        grids.iter().any(|layer| self.0.contains(layer))
    }

    /// Whether the filter of a request matters to these layers.
    pub fn filtered(&self) -> bool {
        self.0.contains(&TileLayer::Incidents)
    }
}

impl FromStr for Layers {
    type Err = LayersError;

    /// Reads names separated by commas.
    fn from_str(text: &str) -> Result<Self, LayersError> {
        let mut out: Vec<TileLayer> = Vec::new();
        for name in text.split(',') {
            let info = ALL
                .iter()
                .find(|info| info.name == name)
                .ok_or_else(|| LayersError::Unknown(name.to_owned()))?;
            if out.contains(&info.layer) {
                return Err(LayersError::Twice(name.to_owned()));
            }
            out.push(info.layer);
        }
        Ok(Self(out))
    }
}

impl std::fmt::Display for Layers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.iter().map(TileLayer::as_str).collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_layers() {
        let layers: Layers = "grids,incidents".parse().unwrap();
        assert_eq!(layers.to_string(), "grids,incidents");
        assert_eq!(
            layers.depends_on(),
            [LayerName::Grids, LayerName::Incidents]
        );
        assert_eq!(
            "grids,grids".parse::<Layers>(),
            Err(LayersError::Twice("grids".into()))
        );
        for bad in ["", "grids,", "Grids", "roads", "grids, streets"] {
            assert!(bad.parse::<Layers>().is_err(), "{bad}");
        }
        assert_eq!(Layers::all().iter().count(), 8);
        for layer in Layers::all().iter() {
            assert_eq!(layer.info().layer, layer);
        }
    }
}
