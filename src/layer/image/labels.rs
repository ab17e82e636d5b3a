//! Text of a picture: names, legend, scale, attribution.

use super::measure::Choropleth;
use super::{Measure, Scene};
use crate::model::LayerName;
use crate::raster::{Canvas, Color, Font, Occupied, Pen, PxBox, along_line, text_box};
use crate::tile::WorldPoint;

impl Scene<'_> {
    /// Legend, scale bar and attribution, along the lower edge.
    pub(super) fn furniture(&self, canvas: &mut Canvas, occupied: &mut Occupied) {
        let height = canvas.view().height() as f32;
        let width = canvas.view().width() as f32;
        // A thumbnail has no room for them.
        if width < 240.0 || height < 160.0 {
            return;
        }
        let style = self.text_style(12.0, self.color(|t| t.text));
        let place = [16.0, height - 14.0];
        let font = self.picture.font;
        let length = canvas.scale_bar(font, place, &style, self.color(|t| t.text));
        occupied.block([0.0, height - 34.0, 16.0 + length + 70.0, height]);
        let Some(font) = font else { return };
        let district = &self.snapshot.district;
        let parts = [district.note.as_deref(), district.attribution.as_deref()];
        let said: Vec<&str> = parts
            .into_iter()
            .flatten()
            .filter(|s| !s.is_empty())
            .collect();
        if !said.is_empty() {
            let text = said.join(" · ");
            let style = self.text_style(11.0, self.color(|t| t.text_2));
            let left = (width - font.width(&text, 11.0) - 12.0).max(16.0 + length + 76.0);
            canvas.text_from(font, &text, [left, height - 14.0], &style);
            occupied.block([left - 4.0, height - 26.0, width, height]);
        }
        if let Some(choropleth) = &self.choropleth {
            self.legend(canvas, occupied, font, choropleth);
        }
    }

    fn legend(
        &self,
        canvas: &mut Canvas,
        occupied: &mut Occupied,
        font: &Font,
        choropleth: &Choropleth,
    ) {
        let (swatch, row) = ([44.0, 14.0], 18.0);
        let notes = self.notes(choropleth);
        let height = 26.0 + 32.0 + row * notes.len() as f32;
        let classes = choropleth.breaks.len() + 1;
        let widest = notes
            .iter()
            .map(|n| font.width(n, 11.0))
            .fold(0.0, f32::max);
        let title = self.title(choropleth.measure);
        let width = (swatch[0] * classes as f32)
            .max(widest)
            .max(font.width(title, 13.0))
            + 24.0;
        let frame = [12.0, 12.0, width, height];
        canvas.rectangle(frame, self.color(|t| t.halo).with_opacity(0.94));
        occupied.block([frame[0], frame[1], frame[0] + width, frame[1] + height]);
        let mut style = self.text_style(13.0, self.color(|t| t.text));
        style.halo_width = 0.0;
        canvas.text_from(font, title, [24.0, 27.0], &style);
        style.size = 11.0;
        style.color = self.color(|t| t.text_2);
        for class in 0..classes {
            let left = 24.0 + swatch[0] * class as f32;
            let color = Color::hex(choropleth.class_color(class, self.picture.theme));
            canvas.rectangle([left, 38.0, swatch[0] - 1.0, swatch[1]], color);
            let from = if class == 0 {
                0.0
            } else {
                choropleth.breaks[class - 1]
            };
            let last = class > 0 && class + 1 == classes;
            let text = format!("{}{}", number(from), if last { "+" } else { "" });
            canvas.text_from(font, &text, [left, 60.0], &style);
        }
        // The ground is hardly lighter than the frame.
        let edge = [
            [24.0, 38.0],
            [67.0, 38.0],
            [67.0, 52.0],
            [24.0, 52.0],
            [24.0, 38.0],
        ];
        canvas.polyline(
            &edge,
            &Pen::solid(self.color(|t| t.control).with_opacity(0.5), 0.8),
        );
        for (i, note) in notes.iter().enumerate() {
            canvas.text_from(font, note, [24.0, 78.0 + row * i as f32], &style);
        }
    }

    fn title(&self, measure: Measure) -> &'static str {
        match (measure, self.picture.english) {
            (Measure::Count, false) => "件数",
            (Measure::Count, true) => "Incidents",
            (Measure::Rate, false) => "件/千户",
            (Measure::Rate, true) => "Incidents per 1000 households",
        }
    }

    /// What the colours do not show.
    fn notes(&self, choropleth: &Choropleth) -> Vec<String> {
        let mut out = Vec::new();
        let english = self.picture.english;
        if choropleth.has_unknown() {
            let text = if english {
                "hatched: households unknown or fewer than 5 incidents"
            } else {
                "斜线: 户数缺失或不足 5 件"
            };
            out.push(text.to_owned());
        }
        if choropleth.unplaced > 0 {
            let n = choropleth.unplaced;
            out.push(if english {
                format!("{n} not on the map")
            } else {
                format!("{n} 件未上图")
            });
        }
        out
    }

    /// Names of grids, then streets, then compounds; none covers another.
    pub(super) fn labels(&self, canvas: &mut Canvas, occupied: &mut Occupied) {
        let Some(font) = self.picture.font else {
            return;
        };
        if self.shows(LayerName::Grids) && self.zoom >= 12.5 {
            let slots: Vec<u32> = self
                .grid_areas()
                .into_iter()
                .map(|(slot, _)| slot)
                .collect();
            for slot in slots {
                let grid = self.drawing.grids.source.get(slot);
                let at = self.drawing.grids.labels[slot as usize];
                let name = if grid.name.is_empty() {
                    &grid.code
                } else {
                    &grid.name
                };
                // A division code of fifteen digits is for the inspector.
                let short = grid.code.len() <= 8 && !grid.name.is_empty();
                let text = if self.zoom >= 15.0 && short {
                    format!("{name} {}", grid.code)
                } else {
                    name.clone()
                };
                let color = self.color(|t| t.text);
                self.label(canvas, occupied, font, (&text, at, 13.0, color));
            }
        }
        if self.shows(LayerName::Streets) && self.zoom >= 14.0 {
            self.street_names(canvas, occupied, font);
        }
        if self.shows(LayerName::Compounds) && self.zoom >= 14.5 {
            let shapes = &self.drawing.compounds;
            for slot in shapes.source.touching(&canvas.view().bounds()) {
                let name = &shapes.source.get(slot).name;
                let at = shapes.labels[slot as usize];
                let color = self.color(|t| t.text_2);
                self.label(canvas, occupied, font, (name, at, 12.0, color));
            }
        }
    }

    fn label(
        &self,
        canvas: &mut Canvas,
        occupied: &mut Occupied,
        font: &Font,
        (text, at, size, color): (&str, Option<WorldPoint>, f32, Color),
    ) {
        let Some(at) = at else { return };
        let at = canvas.view().px([at.x.into(), at.y.into()]);
        let place = text_box(at, font.width(text, size), size);
        if !text.is_empty() && occupied.take(&[place]) {
            canvas.text(font, text, at, &self.text_style(size, color));
        }
    }

    /// Each name once, on the longest line that bears it.
    fn street_names(&self, canvas: &mut Canvas, occupied: &mut Occupied, font: &Font) {
        let shapes = &self.drawing.streets;
        let style = self.text_style(12.0, self.color(|t| t.text_2));
        let mut lines: Vec<(f32, &str, Vec<[f32; 2]>)> = Vec::new();
        for slot in shapes.source.touching(&canvas.view().bounds()) {
            let name = shapes.source.get(slot).name.as_str();
            let Some(path) = shapes.paths[slot as usize]
                .as_ref()
                .filter(|_| !name.is_empty())
            else {
                continue;
            };
            for part in path.parts().iter() {
                let line: Vec<[f32; 2]> = part.iter().map(|p| canvas.view().px(*p)).collect();
                let length = line
                    .windows(2)
                    .map(|w| (w[0][0] - w[1][0]).hypot(w[0][1] - w[1][1]))
                    .sum();
                lines.push((length, name, line));
            }
        }
        lines.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        let mut written = std::collections::HashSet::new();
        for (_, name, line) in &lines {
            if written.contains(name) {
                continue;
            }
            let letters: Vec<char> = name.chars().collect();
            let width = |c: &char| font.width(c.encode_utf8(&mut [0; 4]), style.size) + 1.0;
            let widths: Vec<f32> = letters.iter().map(width).collect();
            let Some(places) = along_line(line, &widths) else {
                continue;
            };
            let half = style.size * 0.55;
            let boxes: Vec<PxBox> = places
                .iter()
                .map(|([x, y], _)| [x - half, y - half, x + half, y + half])
                .collect();
            if occupied.take(&boxes) {
                written.insert(*name);
                let placed: Vec<(char, [f32; 2], f32)> = letters
                    .iter()
                    .zip(places)
                    .map(|(c, (at, turn))| (*c, at, turn))
                    .collect();
                canvas.text_along(font, &placed, &style);
            }
        }
    }
}

/// A number without needless digits.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
