//! The parameters of the addresses, as the OpenAPI document describes them.

use utoipa::IntoParams;

/// Declares parameters for the document. The handlers read them from
/// [`Params`]; `tests/it/api_openapi.rs` holds the two together.
macro_rules! parameters {
    ($($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty),+ $(,)? })+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, IntoParams)]
            #[into_params(parameter_in = Query)]
            #[expect(dead_code, reason = "read by the document generator alone")]
            pub(super) struct $name { $($(#[$fmeta])* $field: $type),+ }
        )+
    };
}

parameters! {
    /// The form of the answer.
    FormatQuery {
        /// `json` or `html`; without it, the Accept header decides.
        #[param(inline, schema_with = format_schema)]
        f: Option<String>,
    }
    /// The language of the answer.
    LangQuery {
        /// `zh` or `en`; without it, the Accept-Language header decides.
        #[param(schema_with = lang_schema)]
        lang: Option<String>,
    }
    /// Which page.
    PageQuery {
        /// Features on a page; more than 10,000 count as 10,000.
        #[param(minimum = 1, maximum = 1_000_000_000, default = 100)]
        limit: Option<u32>,
        /// Features to pass over.
        #[param(minimum = 0, maximum = 1_000_000_000, default = 0)]
        offset: Option<u32>,
        /// A property to sort by, `-` before it for the largest first.
        #[param(example = "-occurred_at")]
        sort: Option<String>,
    }
    /// A filter over any property and the geometry.
    CqlQuery {
        /// CQL2 text (OGC 21-065) over the queryables of the layer.
        #[param(example = "kind = 'police' AND status IS NULL", max_length = 8192)]
        filter: Option<String>,
        /// The language of `filter`.
        #[param(rename = "filter-lang", schema_with = filter_lang_schema)]
        filter_lang: Option<String>,
        /// The reference system of shapes in `filter`.
        #[param(rename = "filter-crs", schema_with = filter_crs_schema)]
        filter_crs: Option<String>,
    }
    /// What editors need.
    EtagsQuery {
        /// Each feature carries an `etag` for a batch of edits.
        #[param(default = false)]
        etags: Option<bool>,
    }
    /// The filter grammar of items, tiles, counts and analyses.
    FilterQuery {
        /// West, south, east, north in degrees; or six numbers with heights,
        /// which select nothing away.
        #[param(style = Form, explode = false, min_items = 4, max_items = 6)]
        bbox: Option<Vec<f64>>,
        /// A day, an instant, or `A/B` with `..` for an open side. Bare local
        /// times are Asia/Shanghai; incidents count from A until before B.
        #[param(example = "2026-10-01/2026-11-01")]
        datetime: Option<String>,
        /// For incidents: `police`, `dispute`, `hotline`, comma-separated; for
        /// other layers, the kind as it is.
        #[param(example = "police,hotline")]
        kind: Option<String>,
        /// Category codes, each with all below it, comma-separated.
        category: Option<String>,
        /// Grid codes, comma-separated.
        grid: Option<String>,
        /// Local hours, e.g. `20-23,6`; ranges may pass midnight.
        #[param(pattern = r"^\d{1,2}(-\d{1,2})?(,\d{1,2}(-\d{1,2})?)*$", example = "22-5")]
        hour: Option<String>,
        /// ISO weekdays, 1 is Monday, e.g. `1-5,7`.
        #[param(pattern = r"^[1-7](-[1-7])?(,[1-7](-[1-7])?)*$", example = "6-7")]
        weekday: Option<String>,
        /// Sources, comma-separated.
        source: Option<String>,
        /// `resident`, `patrol`.
        found: Option<String>,
        /// Statuses as the source words them, comma-separated.
        status: Option<String>,
        /// Which grids count: those valid on the day it occurred, or today's.
        #[param(schema_with = grids_schema)]
        grids: Option<String>,
        /// Only incidents with a place, or only those without.
        placed: Option<bool>,
    }
    /// Of which content the tile is to be.
    VersionQuery {
        /// As the list of backgrounds has it; the answer to the current one
        /// may be kept for a year.
        #[param(example = "0b5c7f21")]
        v: Option<String>,
    }
    /// By what to count.
    ByQuery {
        /// By what to count.
        #[param(schema_with = by_schema)]
        by: String,
    }
    /// Width of a bin.
    StepQuery {
        /// Width of a bin; a day unless told.
        #[param(schema_with = step_schema)]
        step: Option<String>,
    }
    /// A place.
    PlaceQuery {
        /// WGS84 longitude in degrees.
        #[param(minimum = -180.0, maximum = 180.0)]
        lon: f64,
        /// WGS84 latitude in degrees.
        #[param(minimum = -90.0, maximum = 90.0)]
        lat: f64,
    }
    /// Which layer.
    LayerQuery {
        /// Which layer.
        #[param(schema_with = layer_schema)]
        layer: String,
    }
    /// How many.
    NearestQuery {
        /// How many.
        #[param(minimum = 1, maximum = 1000, default = 10)]
        k: Option<u32>,
    }
    /// How far.
    RadiusQuery {
        /// How far, metres on the ground.
        #[param(minimum = 0.0, maximum = 50_000.0)]
        radius_m: f64,
    }
    /// The most features to return.
    LimitQuery {
        /// The most features to return.
        #[param(minimum = 1, maximum = 1000, default = 100)]
        limit: Option<u32>,
    }
    /// Which route and how far from it.
    AlongQuery {
        /// Id of the route.
        #[param(minimum = 1)]
        route: i64,
        /// Which layer; incidents unless told.
        #[param(schema_with = layer_schema)]
        layer: Option<String>,
        /// How far from the line, metres on the ground.
        #[param(minimum = 0.0, maximum = 50_000.0, default = 50.0)]
        within_m: Option<f64>,
    }
    /// What to search for.
    SearchQuery {
        /// A code, a name, pinyin or its initials, or coordinates.
        #[param(max_length = 100, example = "ymmc")]
        q: String,
        /// The most items in a group.
        #[param(minimum = 1, maximum = 100, default = 10)]
        limit: Option<u32>,
    }
    /// Which column.
    ColumnQuery {
        /// Name of a column kept at import, `source`, or for incidents
        /// `status`.
        #[param(example = "status")]
        column: String,
    }
    /// The form of an export.
    ExportQuery {
        /// `csv` with a byte order mark, `geojson`, `xlsx`, `gpx`, `kml`, or `shp` in a zip.
        #[param(schema_with = export_schema)]
        format: Option<String>,
    }
    /// What a tile carries beside its fixed properties.
    FieldsQuery {
        /// Extra columns kept at import, comma-separated.
        fields: Option<String>,
    }
    /// The day of the grids.
    GridsOnQuery {
        /// Show the grids valid on this local day instead of today's; on items,
        /// for `grids` alone.
        #[param(format = Date, example = "2026-03-01")]
        grids_on: Option<String>,
    }
    /// What the coordinates of tiles are in.
    DatumQuery {
        /// `gcj02` for tiles that lie on a background of 高德 or 腾讯: every
        /// corner is moved by the shift of that datum.
        #[param(schema_with = datum_schema)]
        datum: Option<String>,
    }
    /// The size and content of a drawn map.
    ImageQuery {
        /// Pixels.
        #[param(minimum = 64, maximum = 4096, default = 1024)]
        width: Option<u32>,
        /// Pixels.
        #[param(minimum = 64, maximum = 4096, default = 768)]
        height: Option<u32>,
        /// Layers to draw, comma-separated.
        layers: Option<String>,
        /// What colors the grids: a count, a rate, or nothing.
        #[param(schema_with = measure_schema)]
        measure: Option<String>,
    }
    /// Which writes.
    WritesQuery {
        /// Only writes before this revision.
        #[param(minimum = 1)]
        before: Option<i64>,
        /// The most writes to return.
        #[param(minimum = 1, maximum = 1000, default = 50)]
        limit: Option<u32>,
    }
    /// Which rows of an import.
    ImportRowsQuery {
        /// All, those to be looked at, or the refused ones.
        #[param(schema_with = show_schema)]
        show: Option<String>,
        /// Rows to pass over.
        #[param(minimum = 0, maximum = 1_000_000_000, default = 0)]
        offset: Option<u32>,
        /// Rows on a page.
        #[param(minimum = 1, maximum = 200, default = 50)]
        limit: Option<u32>,
        /// Only rows with this kind of problem.
        problem: Option<String>,
    }
    /// Which colors.
    ThemeQuery {
        /// Which colors; light unless told.
        #[param(schema_with = theme_schema)]
        theme: Option<String>,
    }
}

/// Path parameter: a write.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document generator alone")]
pub(super) struct RevisionPath {
    /// The write's revision.
    #[param(minimum = 1)]
    revision: i64,
}

/// Path parameter: an import.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document generator alone")]
pub(super) struct ImportPath {
    /// The import's id.
    #[param(pattern = "^[0-9a-f]{32}$")]
    id: String,
}

/// Path parameter: a layer.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document generator alone")]
pub(super) struct LayerPath {
    /// Which layer.
    #[param(schema_with = layer_schema)]
    layer: String,
}

/// Path parameter: a feature.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document generator alone")]
pub(super) struct IdPath {
    /// The feature's id.
    #[param(minimum = 1)]
    id: i64,
}

/// Header: what the maker of a change saw.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the document generator alone")]
pub(super) struct IfMatch {
    /// The `ETag` that was read; 428 without it, 412 when it is outdated.
    #[param(rename = "If-Match")]
    if_match: String,
}

/// Path parameter: a setting.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document generator alone")]
pub(super) struct SettingPath {
    /// Which setting.
    #[param(schema_with = setting_schema)]
    name: String,
}

/// Path parameter: a proposal of grids.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document generator alone")]
pub(super) struct ProposalPath {
    /// The proposal.
    id: String,
}

/// Path parameters: a tile.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document generator alone")]
pub(super) struct TilePath {
    /// Layers of the tile, comma-separated.
    #[param(example = "grids,streets")]
    layers: String,
    /// Zoom.
    #[param(minimum = 0, maximum = 22)]
    z: u32,
    /// Column.
    #[param(minimum = 0)]
    x: u32,
    /// Row; `.mvt` may follow.
    #[param(pattern = r"^\d+(\.mvt|\.pbf)?$")]
    y: String,
}

/// Path parameters: a tile of the imported background.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document generator alone")]
pub(super) struct GroundTilePath {
    /// Zoom.
    #[param(minimum = 6, maximum = 16)]
    z: u32,
    /// Column.
    #[param(minimum = 0)]
    x: u32,
    /// Row; `.mvt` may follow.
    #[param(pattern = r"^\d+(\.mvt|\.pbf)?$")]
    y: String,
}

/// Path parameters: a tile of a background.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document generator alone")]
pub(super) struct BackgroundPath {
    /// Which background.
    #[param(example = "osm")]
    id: String,
    /// Zoom.
    #[param(minimum = 0, maximum = 22)]
    z: u32,
    /// Column.
    #[param(minimum = 0)]
    x: u32,
    /// Row.
    #[param(minimum = 0)]
    y: u32,
}

/// Path parameter: the layers of a tile set.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "read by the document generator alone")]
pub(super) struct LayersPath {
    /// Layers of the tiles, comma-separated; `.json` may follow.
    #[param(example = "grids,streets.json")]
    layers: String,
}

fn words(words: &[&str]) -> utoipa::openapi::schema::Schema {
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(words.iter().copied()))
        .into()
}

macro_rules! word_schemas {
    ($($name:ident: $words:expr;)+) => {
        $(fn $name() -> utoipa::openapi::schema::Schema { words(&$words) })+
    };
}

word_schemas! {
    show_schema: ["all", "confirm", "rejected"];
    format_schema: ["json", "geojson", "html"];
    lang_schema: ["zh", "en"];
    datum_schema: ["wgs84", "gcj02"];
    grids_schema: ["event", "today"];
    by_schema: ["grid", "community", "category", "kind", "hour", "weekday", "day"];
    step_schema: ["day", "week", "month"];
    layer_schema: ["grids", "compounds", "streets", "routes", "incidents"];
    export_schema: ["csv", "geojson", "xlsx", "gpx", "kml", "shp"];
    theme_schema: ["light", "dark"];
    setting_schema: ["teams", "visits", "shifts", "import_profiles", "source_crs", "backgrounds"];
    filter_lang_schema: ["cql2-text"];
    filter_crs_schema: [super::collections::CRS84];
    measure_schema: ["count", "rate", "none"];
}
