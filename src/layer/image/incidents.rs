//! Incidents of a picture: symbols by kind, or counted discs.

use std::collections::BTreeMap;

use super::super::AGGREGATED_BELOW_ZOOM;
use super::Scene;
use crate::model::{IncidentKind, LayerName};
use crate::raster::{Canvas, Pen, Symbol};
use crate::tile::{WorldBox, WorldPoint};

/// More symbols than this are a cloud, whatever the scale.
const MOST_SYMBOLS: usize = 6_000;

/// From this many on, symbols over coloured grids are small.
const CROWD: usize = 400;

/// Side of a cell of counted incidents, pixels.
const CELL: f32 = 22.0;

impl Scene<'_> {
    pub(super) fn incidents(&self, canvas: &mut Canvas) {
        if !self.shows(LayerName::Incidents) {
            return;
        }
        let mut found: Vec<(IncidentKind, [f32; 2])> = Vec::new();
        let view = *canvas.view();
        if let Some(area) = world_of(&view.bounds()) {
            let selection = self.picture.filter.compile(self.snapshot, self.scope);
            selection.visit_in(&area, |row| {
                if let Some(at) = row.world() {
                    found.push((row.kind(), view.px([at.x.into(), at.y.into()])));
                }
            });
        }
        let near = self.zoom + 0.01 >= f64::from(AGGREGATED_BELOW_ZOOM);
        if near && found.len() <= MOST_SYMBOLS {
            self.symbols(canvas, &mut found);
        } else {
            self.discs(canvas, &found);
        }
    }

    fn symbols(&self, canvas: &mut Canvas, found: &mut [(IncidentKind, [f32; 2])]) {
        // From north to south, so that the order in the store does not show.
        found.sort_by(|a, b| a.1[1].total_cmp(&b.1[1]).then(a.1[0].total_cmp(&b.1[0])));
        let mut size = self.by_zoom((14.0, 8.0), (17.0, 14.0));
        let mut halo = Pen::solid(self.color(|t| t.halo), 1.6);
        if self.choropleth.is_some() && found.len() > CROWD {
            // The colours count already; the ink must not cover them.
            (size, halo.width) = (size * 0.6, 0.8);
        }
        for (kind, at) in found {
            let symbol = match kind {
                IncidentKind::Police => Symbol::Triangle,
                IncidentKind::Dispute => Symbol::Square,
                IncidentKind::Hotline => Symbol::Circle,
            };
            // One colour variable at a time: on coloured grids shape alone
            // tells the kinds apart.
            let color = match self.choropleth {
                Some(_) => self.color(|t| t.text),
                None => self.color(|t| t.kinds[*kind as usize]),
            };
            canvas.symbol(*at, symbol, size, color, &halo);
        }
    }

    fn discs(&self, canvas: &mut Canvas, found: &[(IncidentKind, [f32; 2])]) {
        if self.choropleth.is_some() {
            // The colours count already.
            return;
        }
        let mut cells: BTreeMap<(i32, i32), (f32, [f32; 2])> = BTreeMap::new();
        for (_, [x, y]) in found {
            let key = ((y / CELL) as i32, (x / CELL) as i32);
            let (count, sum) = cells.entry(key).or_default();
            *count += 1.0;
            sum[0] += x;
            sum[1] += y;
        }
        let halo = Pen::solid(self.color(|t| t.halo), 1.0);
        for (count, sum) in cells.values() {
            let at = [sum[0] / count, sum[1] / count];
            let size = (3.0 + 2.2 * count.sqrt()).min(CELL * 1.3);
            let ink = self.color(|t| t.text).with_opacity(0.78);
            canvas.symbol(at, Symbol::Circle, size, ink, &halo);
            if let Some(font) = self.picture.font
                && size >= 15.0
            {
                let mut style = self.text_style(10.0, self.color(|t| t.halo));
                style.halo_width = 0.0;
                canvas.text(font, &format!("{count}"), at, &style);
            }
        }
    }
}

/// A box of degrees in world units.
pub(super) fn world_of(bounds: &crate::tile::Bounds) -> Option<WorldBox> {
    WorldBox::around([
        WorldPoint::from_lon_lat(bounds.west, bounds.north)?,
        WorldPoint::from_lon_lat(bounds.east, bounds.south)?,
    ])
}
