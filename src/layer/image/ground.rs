//! Ground, grids, streets, compounds and routes of a picture.

use super::super::plan::first_zoom;
use super::super::style::street_width;
use super::Scene;
use crate::model::{LayerName, StreetClass};
use crate::raster::{Canvas, Color, Occupied, Pen, Symbol};
use crate::tile::Area;

/// How much of the streets outside the grids is veiled.
const VEIL: f32 = 0.62;

impl Scene<'_> {
    /// The grids valid today that the caller may see, with their slots.
    pub(super) fn grid_areas(&self) -> Vec<(u32, &Area)> {
        let shapes = &self.drawing.grids;
        let (basic, special) = (
            shapes.basic.at(self.detail()),
            shapes.special.at(self.detail()),
        );
        let seen = |slot: u32| self.scope.sees_grid(&shapes.source.get(slot).code);
        let basic = (0_u32..).zip(basic);
        // Special grids lie over basic ones.
        let all = basic.chain((0_u32..).zip(special));
        all.filter_map(|(slot, area)| Some((slot, area.as_ref()?)))
            .filter(|(slot, _)| seen(*slot))
            .collect()
    }

    /// Streets outside the grids faded, the grids, and on them the streets.
    pub(super) fn ground(&self, canvas: &mut Canvas) {
        let grids = if self.shows(LayerName::Grids) {
            self.grid_areas()
        } else {
            Vec::new()
        };
        let (width, height) = (canvas.view().width() as f32, canvas.view().height() as f32);
        let all = [0.0, 0.0, width, height];
        if grids.is_empty() {
            canvas.rectangle(all, self.color(|t| t.land));
            self.streets(canvas);
            return;
        }
        self.streets(canvas);
        canvas.rectangle(all, self.color(|t| t.background).with_opacity(VEIL));
        // The outer border shows where no grid is drawn over it.
        let border = self.by_zoom((12.0, 1.5), (14.0, 3.0));
        for (_, area) in &grids {
            canvas.outline(area, &Pen::solid(self.color(|t| t.halo), border * 3.0));
        }
        for (_, area) in &grids {
            canvas.outline(area, &Pen::solid(self.color(|t| t.line), border * 2.0));
        }
        for (slot, area) in &grids {
            self.fill_grid(canvas, *slot, area);
        }
        canvas.clip_to(grids.iter().map(|(_, area)| *area));
        self.streets(canvas);
        canvas.unclip();
        let line = Pen::solid(
            self.color(|t| t.line),
            self.by_zoom((12.0, 0.5), (16.0, 1.5)),
        );
        for (_, area) in &grids {
            canvas.outline(area, &line);
        }
    }

    fn fill_grid(&self, canvas: &mut Canvas, slot: u32, area: &Area) {
        let Some(choropleth) = &self.choropleth else {
            canvas.fill(area, self.color(|t| t.land));
            return;
        };
        let fill = choropleth.color(slot, self.picture.theme);
        canvas.fill(area, Color::hex(fill.unwrap_or(self.picture.theme.land)));
        if fill.is_none() {
            canvas.hatch(area, &Pen::solid(self.color(|t| t.control), 1.0), 6.0);
        }
    }

    fn streets(&self, canvas: &mut Canvas) {
        if !self.shows(LayerName::Streets) {
            return;
        }
        let shapes = &self.drawing.streets;
        let slots = shapes.source.touching(&canvas.view().bounds());
        let shown: Vec<_> = slots
            .into_iter()
            .filter_map(|slot| {
                Some((
                    shapes.source.get(slot).class,
                    shapes.paths[slot as usize].as_ref()?,
                ))
            })
            .filter(|(class, _)| f64::from(first_zoom(*class)) <= self.zoom + 0.5)
            .collect();
        let scale = 1.5_f64.powf(self.zoom - 14.0).clamp(0.25, 5.0) as f32;
        let width = |class: StreetClass| street_width(class.as_str()) as f32 * scale;
        let casing = self.color(|t| t.line).with_opacity(0.38);
        let road = |class: &StreetClass| !matches!(class, StreetClass::Path | StreetClass::Rail);
        for (class, path) in shown.iter().filter(|(class, _)| road(class)) {
            canvas.line(path, &Pen::solid(casing, width(*class) + 1.2));
        }
        for (class, path) in shown.iter().filter(|(class, _)| road(class)) {
            canvas.line(path, &Pen::solid(self.color(|t| t.halo), width(*class)));
        }
        for (class, path) in shown.iter().filter(|(class, _)| !road(class)) {
            let (dash, width): (&[f32], f32) = match class {
                StreetClass::Rail => (&[8.0, 4.0], 1.4),
                _ => (&[3.0, 2.0], 0.7),
            };
            let color = self.color(|t| t.line).with_opacity(0.7);
            canvas.line(path, &Pen { color, width, dash });
        }
    }

    /// Hatched outlines; at small scale, and where no outline is known, hollow
    /// diamonds.
    pub(super) fn compounds(&self, canvas: &mut Canvas) {
        if !self.shows(LayerName::Compounds) {
            return;
        }
        let shapes = &self.drawing.compounds;
        let control = self.color(|t| t.control);
        let areas = shapes.areas.at(self.detail());
        for slot in shapes.source.touching(&canvas.view().bounds()) {
            match (&areas[slot as usize], shapes.labels[slot as usize]) {
                (Some(area), _) if self.zoom >= 13.0 => {
                    canvas.hatch(area, &Pen::solid(control.with_opacity(0.55), 0.8), 5.0);
                    canvas.outline(area, &Pen::solid(control, 1.0));
                }
                (_, Some(at)) if self.zoom >= 11.0 => {
                    let at = canvas.view().px([at.x.into(), at.y.into()]);
                    let rim = Pen::solid(self.color(|t| t.text_2), 0.7);
                    canvas.symbol(at, Symbol::Diamond, 7.0, self.color(|t| t.halo), &rim);
                }
                _ => {}
            }
        }
    }

    /// Dashed lines on a halo, with numbered stops.
    pub(super) fn routes(&self, canvas: &mut Canvas, occupied: &mut Occupied) {
        if !self.shows(LayerName::Routes) {
            return;
        }
        let shapes = &self.drawing.routes;
        let (route, halo) = (self.color(|t| t.route), self.color(|t| t.halo));
        let width = self.by_zoom((12.0, 1.5), (14.0, 3.0));
        let slots = shapes.source.touching(&canvas.view().bounds());
        let paths = || {
            slots
                .iter()
                .filter_map(|slot| shapes.paths[*slot as usize].as_ref())
        };
        for path in paths() {
            canvas.line(path, &Pen::solid(halo, width + 2.5));
        }
        let dash: &[f32] = &[width * 4.0, width * 3.0];
        for path in paths() {
            canvas.line(
                path,
                &Pen {
                    color: route,
                    width,
                    dash,
                },
            );
        }
        if self.zoom < 13.5 {
            return;
        }
        for stop in &shapes.stops {
            let at = canvas.view().px([stop.at.x.into(), stop.at.y.into()]);
            let (r, rim) = (9.0, Pen::solid(halo, 1.5));
            canvas.symbol(at, Symbol::Circle, 2.0 * r, route, &rim);
            occupied.block([at[0] - r, at[1] - r, at[0] + r, at[1] + r]);
            if let Some(font) = self.picture.font {
                let mut style = self.text_style(11.0, halo);
                style.halo_width = 0.0;
                canvas.text(font, &stop.ordinal.to_string(), at, &style);
            }
        }
    }
}
