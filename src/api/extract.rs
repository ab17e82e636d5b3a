//! Door types: what an address or a body must look like before anything else
//! sees it.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use geo::Coord;
use serde::de::DeserializeOwned;

use super::edge::authority;
use super::error::Error;
use super::params::Params;
use crate::crs;
use crate::model::{ExtraColumn, FeatureId, LayerName};
use crate::query::{Filter, FilterError, ItemsQuery};
use crate::tile::{CoordError, TileCoord};

/// The largest body that is read.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// Time for a client to send a body.
const BODY_WITHIN: std::time::Duration = std::time::Duration::from_secs(10);

/// The parts of a path, percent-decoded as UTF-8.
#[derive(Debug)]
pub struct Segments<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Segments(value)),
            Err(_not_decodable) => Err(Error::new(
                StatusCode::BAD_REQUEST,
                "bad-path",
                "地址不是合法的 UTF-8 百分号编码",
                "the path is not percent-encoded UTF-8",
            )),
        }
    }
}

/// A layer by its one name in addresses; the other words for layers are for
/// files.
pub fn layer_named(name: &str) -> Option<LayerName> {
    LayerName::ALL
        .iter()
        .copied()
        .find(|layer| layer.as_str() == name)
}

/// A layer named by a path.
///
/// # Errors
/// 404 when there is none of that name.
pub fn layer(name: &str) -> Result<LayerName, Error> {
    layer_named(name).ok_or_else(|| {
        Error::not_found(
            "这个图层；可用 grids、compounds、streets、routes、incidents",
            "such layer; use grids, compounds, streets, routes or incidents",
        )
    })
}

/// A positive whole number without sign or leading zeros.
pub fn id_named(text: &str) -> Option<FeatureId> {
    let plain = !text.is_empty()
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit());
    let id = plain.then(|| text.parse().ok()).flatten();
    id.map(FeatureId)
}

/// A feature id in a path.
///
/// # Errors
/// 404 for what is no id, since nothing can have it.
pub fn feature_id(text: &str) -> Result<FeatureId, Error> {
    id_named(text).ok_or_else(no_feature)
}

/// 404 for a feature.
pub fn no_feature() -> Error {
    Error::not_found("这个要素", "such feature")
}

/// A canonical tile address; `.mvt` or `.pbf` may follow the row.
///
/// # Errors
/// 400 when it is not canonical or no such tile exists.
pub fn tile_coord(z: &str, x: &str, y: &str) -> Result<TileCoord, Error> {
    let y = y
        .strip_suffix(".mvt")
        .or_else(|| y.strip_suffix(".pbf"))
        .unwrap_or(y);
    TileCoord::parse(z, x, y).map_err(|error| {
        let zh = match &error {
            CoordError::NotANumber { part } => {
                format!("瓦片的 {part} 应为没有正负号和前导零的整数")
            }
            CoordError::Zoom(z) => format!("级别 {z} 不在 0 到 {} 之间", TileCoord::MAX_ZOOM),
            CoordError::Outside {
                part, zoom, last, ..
            } => format!("第 {zoom} 级没有这块瓦片，{part} 最大为 {last}"),
        };
        Error::new(StatusCode::BAD_REQUEST, "bad-tile", zh, error.to_string())
    })
}

impl Params {
    /// `lon` and `lat` in WGS84 degrees.
    ///
    /// # Errors
    /// 400 when one is missing, not finite, or off the globe.
    pub fn place(&mut self) -> Result<Coord, Error> {
        let missing = |name| Error::parameter(name, "必须给出", "it is required");
        let lon = self.number("lon", -180.0..=180.0)?;
        let lat = self.number("lat", -90.0..=90.0)?;
        let x = lon.ok_or_else(|| missing("lon"))?;
        let y = lat.ok_or_else(|| missing("lat"))?;
        crs::on_globe(Coord { x, y }).map_err(|e| Error::parameter("lon", e.zh(), e))
    }

    /// The `limit` of a list that is not paged.
    ///
    /// # Errors
    /// 400 when outside 1 to 1000.
    pub fn short_limit(&mut self, default: usize) -> Result<usize, Error> {
        Ok(self.integer("limit", 1..=1000)?.unwrap_or(default))
    }

    /// A parameter that names a layer.
    ///
    /// # Errors
    /// 400 when it is missing or names none.
    pub fn layer(&mut self) -> Result<LayerName, Error> {
        let name = self.required("layer")?;
        layer_named(&name).ok_or_else(|| {
            let names = "grids, compounds, streets, routes, incidents";
            Error::parameter(
                "layer",
                format!("应为 {names} 之一"),
                format!("must be one of {names}"),
            )
        })
    }

    /// Everything not taken yet, as a filter of a layer that keeps these extra
    /// columns.
    ///
    /// # Errors
    /// 400 for an unknown parameter or a value out of the grammar.
    pub fn filter(self, columns: &[ExtraColumn]) -> Result<Filter, Error> {
        let (pairs, known) = self.rest()?;
        Filter::parse_with(columns, pairs, &known).map_err(Error::from)
    }

    /// Everything not taken yet, as a query for the items of a layer.
    ///
    /// # Errors
    /// 400 for an unknown parameter or a value out of the grammar.
    pub fn items(
        self,
        layer: LayerName,
        district: &crate::model::District,
    ) -> Result<ItemsQuery, Error> {
        let (pairs, known) = self.rest()?;
        ItemsQuery::parse(layer, district, pairs, &known).map_err(Error::from)
    }
}

impl From<FilterError> for Error {
    fn from(error: FilterError) -> Error {
        Error::new(
            StatusCode::BAD_REQUEST,
            match error {
                FilterError::Unknown { .. } => "unknown-parameter",
                FilterError::Repeated { .. } => "duplicate-parameter",
                FilterError::Cql { .. } => "bad-filter",
                _ => "bad-parameter",
            },
            error.zh(),
            error.en(),
        )
    }
}

impl From<crate::service::Error> for Error {
    fn from(error: crate::service::Error) -> Error {
        match error {
            crate::service::Error::Busy => Error::busy(),
            crate::service::Error::Store(error) => error.into(),
            other => Error::internal(other),
        }
    }
}

impl From<crate::store::Error> for Error {
    /// What the client can do something about is told as it is; the rest is
    /// only logged.
    fn from(error: crate::store::Error) -> Error {
        use crate::store::Error as E;
        let (status, code) = match &error {
            E::Busy => return Error::busy(),
            E::Unreachable(_) => return Error::no_database(&error),
            E::DiskFull => (StatusCode::INSUFFICIENT_STORAGE, "disk-full"),
            E::Conflict { .. } => (StatusCode::CONFLICT, "conflict"),
            E::KeyReused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "key-reused"),
            E::Forgotten(_) => (StatusCode::GONE, "forgotten"),
            E::Text { .. } | E::Geometry { .. } | E::ReservedSetting(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "not-storable")
            }
            _ => return Error::internal(error),
        };
        Error::new(status, code, error.zh(), error.to_string())
    }
}

/// A JSON body of at most [`MAX_BODY`] bytes, sent within [`BODY_WITHIN`].
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        check_media_type(request.headers())?;
        let bytes = read_bytes(request, MAX_BODY).await?;
        serde_json::from_slice(&bytes)
            .map(JsonBody)
            .map_err(|e| Error::body(format!("不是所要的 JSON（{e}）"), e))
    }
}

/// A body of at most `most` bytes, sent within [`BODY_WITHIN`].
///
/// # Errors
/// 413 when it is larger or breaks off, 408 when it comes too slowly.
pub(super) async fn read_bytes(request: Request, most: usize) -> Result<Bytes, Error> {
    let reading = axum::body::to_bytes(request.into_body(), most);
    match tokio::time::timeout(BODY_WITHIN, reading).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Error::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            format!("请求内容超过 {most} 字节，或没有传完"),
            format!("the body is larger than {most} bytes or broke off"),
        )),
        Err(_) => Err(Error::new(
            StatusCode::REQUEST_TIMEOUT,
            "body-too-slow",
            "请求内容传得太慢",
            "the body came too slowly",
        )),
    }
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Error> {
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|media| {
            let media = media.split(';').next().unwrap_or_default().trim();
            media.eq_ignore_ascii_case("application/json")
                || media.eq_ignore_ascii_case("application/geo+json")
        });
    let plain = headers
        .get(header::CONTENT_ENCODING)
        .is_none_or(|coding| coding == "identity");
    if json && plain {
        return Ok(());
    }
    Err(Error::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not-json",
        "请求内容应为未压缩的 application/json",
        "the body must be application/json without a content encoding",
    ))
}

/// Scheme, host and port as the client named them, without a final slash. The
/// guard has checked the name, so it may appear in links.
#[derive(Debug, Clone)]
pub struct Base(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Base {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let secure = parts.extensions.get::<super::server::Secure>().is_some();
        let scheme = if secure { "https" } else { "http" };
        let host = authority(&parts.uri, &parts.headers).unwrap_or("localhost");
        Ok(Base(format!("{scheme}://{host}")))
    }
}
