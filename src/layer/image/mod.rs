//! The map as a picture, for print and for browsers without WebGL.

mod ground;
mod incidents;
mod labels;
mod measure;

use super::{Drawing, Theme};
use crate::index::Snapshot;
use crate::model::{LayerName, Scope};
use crate::query::Filter;
use crate::raster::{Canvas, Color, Font, Occupied, TextStyle, View, ViewError};
use crate::tile::Bounds;
use measure::Choropleth;

/// What the colours of grids tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Incidents.
    Count,
    /// Incidents per thousand households.
    Rate,
}

/// What is asked of a picture.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// The box to be shown, whole and centred.
    pub bounds: Bounds,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Colours.
    pub theme: &'a Theme,
    /// What to draw.
    pub layers: &'a [LayerName],
    /// Which incidents.
    pub filter: &'a Filter,
    /// What the colours of grids tell; `None` for no colours.
    pub measure: Option<Measure>,
    /// The day whose grids are shown, as [`super::grids_day`] names it; `None`
    /// for today's.
    pub grids_on: Option<jiff::civil::Date>,
    /// The typeface; without one there is no text.
    pub font: Option<&'a Font>,
    /// Words in English instead of Chinese.
    pub english: bool,
}

/// What all parts of a picture draw from.
struct Scene<'a> {
    snapshot: &'a Snapshot,
    drawing: &'a Drawing,
    scope: &'a Scope,
    picture: &'a Picture<'a>,
    /// Zoom of a tile map of the same scale, for the widths in the design.
    zoom: f64,
    choropleth: Option<Choropleth>,
}

/// Draws the map and returns a PNG file.
///
/// # Errors
/// When the box or the size is out of range.
pub fn image(
    snapshot: &Snapshot,
    drawing: &Drawing,
    scope: &Scope,
    picture: &Picture<'_>,
) -> Result<Vec<u8>, ViewError> {
    let view = View::fit(&picture.bounds, picture.width, picture.height)?;
    let scene = Scene {
        snapshot,
        drawing: &drawing.on(picture.grids_on),
        scope,
        picture,
        zoom: view.zoom(),
        choropleth: picture
            .measure
            .map(|measure| Choropleth::new(snapshot, scope, picture.filter, measure)),
    };
    let mut canvas = Canvas::new(view, Color::hex(picture.theme.background));
    let mut occupied = Occupied::new(picture.width, picture.height);
    scene.ground(&mut canvas);
    scene.compounds(&mut canvas);
    scene.routes(&mut canvas, &mut occupied);
    scene.incidents(&mut canvas);
    scene.furniture(&mut canvas, &mut occupied);
    scene.labels(&mut canvas, &mut occupied);
    Ok(canvas.png())
}

impl Scene<'_> {
    fn shows(&self, layer: LayerName) -> bool {
        self.picture.layers.contains(&layer)
    }

    fn color(&self, pick: impl Fn(&Theme) -> &'static str) -> Color {
        Color::hex(pick(self.picture.theme))
    }

    /// A number that grows evenly between two zooms.
    fn by_zoom(&self, (z0, v0): (f64, f32), (z1, v1): (f64, f32)) -> f32 {
        let share = ((self.zoom - z0) / (z1 - z0)).clamp(0.0, 1.0) as f32;
        v0 + (v1 - v0) * share
    }

    fn text_style(&self, size: f32, color: Color) -> TextStyle {
        TextStyle {
            size,
            color,
            halo: self.color(|t| t.halo),
            halo_width: 1.5,
        }
    }

    /// The zoom whose simplified shapes have the right detail.
    fn detail(&self) -> u8 {
        self.zoom.round().clamp(0.0, 22.0) as u8
    }
}

#[cfg(test)]
mod tests;
