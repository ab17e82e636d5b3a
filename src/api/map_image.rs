//! `GET /map.png`: the map drawn by the server, for browsers without WebGL2
//! and for print.

use std::path::Path;
use std::sync::OnceLock;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::encode::{is_fresh, not_modified, tagged};
use super::error::Error;
use super::extract::layer_named;
use super::lang::Lang;
use super::params::Params;
use super::respond::{Asked, tag_of};
use super::state::AppState;
use crate::index::Snapshot;
use crate::layer::{Datum, Measure, Picture, grids_day, image};
use crate::model::LayerName;
use crate::query::Filter;
use crate::raster::Font;
use crate::tile::Bounds;

/// Share of the extent that is left free around the data.
const MARGIN: f64 = 0.04;

/// Where systems keep a typeface with Chinese characters, and which face of
/// the file is the one for mainland China.
const FONTS: [(&str, u32); 9] = [
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 2),
    (
        "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
        2,
    ),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/System/Library/Fonts/PingFang.ttc", 0),
    ("/System/Library/Fonts/STHeiti Light.ttc", 0),
    ("C:\\Windows\\Fonts\\msyh.ttc", 0),
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 0),
];

/// The map drawn by the server.
///
/// `bbox` is what the picture shows; without it, everything.
#[utoipa::path(get, path = "/map.png", tag = "map", operation_id = "getMapImage",
    params(super::openapi::ImageQuery, super::openapi::ThemeQuery, super::openapi::GridsOnQuery,
         super::openapi::CqlQuery, super::openapi::FilterQuery, super::openapi::LangQuery),
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/png"),
        (status = "4XX", description = "Refused", body = super::error::Problem, content_type = "application/problem+json")))]
pub(super) async fn map_image(
    State(state): State<AppState>,
    asked: Asked,
    mut params: Params,
) -> Result<Response, Error> {
    let bounds = params.take("bbox").map(bounds).transpose()?;
    let width = params.integer("width", 64..=4096)?.unwrap_or(1024);
    let height = params.integer("height", 64..=4096)?.unwrap_or(768);
    let theme = params.theme()?;
    let layers = layers(&mut params)?;
    let measure = measure(&mut params)?;
    let grids_on = params.grids_on()?;
    let filter = state.filter(params, LayerName::Incidents)?;
    let tag = tag_of(&state, &state.service.snapshot(), asked.lang, &asked.uri);
    if is_fresh(&asked.headers, &tag) {
        return Ok(not_modified(tag));
    }
    let (lang, drawing) = (asked.lang, state.clone());
    let drawn = state.ask(move |snapshot, scope| {
        let picture = Picture {
            bounds: bounds.unwrap_or_else(|| everything(snapshot)),
            width,
            height,
            theme: &theme,
            layers: &layers,
            filter: &filter,
            measure,
            grids_on: grids_on.and_then(|day| grids_day(snapshot, day)),
            font: font(),
            english: lang == Lang::En,
        };
        image(
            snapshot,
            &drawing.drawing(snapshot, Datum::Wgs84),
            scope,
            &picture,
        )
        .map_err(|error| Error::parameter("bbox", "范围或尺寸不合适", error))
    });
    Ok(tagged(tag, "image/png", drawn.await?).into_response())
}

/// The box that a picture shows.
fn bounds(text: String) -> Result<Bounds, Error> {
    let filter = Filter::parse([("bbox", text)], &[])?;
    filter
        .bbox
        .ok_or_else(|| Error::parameter("bbox", "不能为空", "it must not be empty"))
}

/// All data with a margin; the whole world when there are none.
fn everything(snapshot: &Snapshot) -> Bounds {
    let world = Bounds {
        west: -180.0,
        south: -85.0,
        east: 180.0,
        north: 85.0,
    };
    snapshot.extent().map_or(world, |extent| {
        // A single point still needs a street's width around it.
        let dx = ((extent.east - extent.west) * MARGIN).max(0.001);
        let dy = ((extent.north - extent.south) * MARGIN).max(0.001);
        Bounds {
            west: (extent.west - dx).max(-180.0),
            south: (extent.south - dy).max(-90.0),
            east: (extent.east + dx).min(180.0),
            north: (extent.north + dy).min(90.0),
        }
    })
}

fn layers(params: &mut Params) -> Result<Vec<LayerName>, Error> {
    let layers = params.parsed("layers", |text| {
        let names = text.split(',').map(layer_named);
        names.collect::<Option<Vec<LayerName>>>().ok_or_else(|| {
            let names = "grids, compounds, streets, routes, incidents";
            (format!("可用 {names}"), format!("use {names}"))
        })
    })?;
    Ok(layers.unwrap_or_else(|| LayerName::ALL.to_vec()))
}

fn measure(params: &mut Params) -> Result<Option<Measure>, Error> {
    let measure = params.parsed("measure", |word| match word {
        "count" => Ok(Some(Measure::Count)),
        "rate" => Ok(Some(Measure::Rate)),
        "none" => Ok(None),
        _ => Err((
            "应为 count、rate 或 none".to_owned(),
            "must be count, rate or none".to_owned(),
        )),
    })?;
    Ok(measure.unwrap_or(None))
}

/// The machine's typeface, read once; pictures have no text without one.
fn font() -> Option<&'static Font> {
    static FONT: OnceLock<Option<Font>> = OnceLock::new();
    let found = FONT.get_or_init(|| {
        let found = FONTS.iter().find_map(|(path, face)| {
            let bytes = std::fs::read(Path::new(path)).ok()?;
            Font::from_bytes(bytes, *face)
        });
        if found.is_none() {
            tracing::warn!("no typeface found; server-drawn maps have no text");
        }
        found
    });
    found.as_ref()
}
