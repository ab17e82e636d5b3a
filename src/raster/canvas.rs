//! Areas, lines and symbols on pixels.

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use tiny_skia::{
    FillRule, LineCap, LineJoin, Mask, Path, PathBuilder, Pixmap, Rect, Stroke, StrokeDash,
    Transform,
};

use super::{Color, View};
use crate::tile::{Area, Path as Line, Point, Rings};

/// A picture in the making. Everything outside the view is cut off.
#[derive(Debug)]
pub struct Canvas {
    pub(super) pixmap: Pixmap,
    pub(super) clip: Option<Mask>,
    view: View,
}

/// How a line is drawn; lengths in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pen<'a> {
    /// Colour.
    pub color: Color,
    /// Width.
    pub width: f32,
    /// Lengths of dashes and gaps by turns; empty for a solid line.
    pub dash: &'a [f32],
}

impl Pen<'_> {
    /// A solid line.
    pub const fn solid(color: Color, width: f32) -> Self {
        Self {
            color,
            width,
            dash: &[],
        }
    }

    fn stroke(&self) -> Stroke {
        let even = !self.dash.is_empty() && self.dash.len().is_multiple_of(2);
        Stroke {
            width: self.width,
            line_cap: if even { LineCap::Butt } else { LineCap::Round },
            line_join: LineJoin::Round,
            dash: even
                .then(|| StrokeDash::new(self.dash.to_vec(), 0.0))
                .flatten(),
            ..Stroke::default()
        }
    }
}

/// The form of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// ▲
    Triangle,
    /// ■
    Square,
    /// ●
    Circle,
    /// ◆
    Diamond,
}

impl Canvas {
    /// A picture of one colour.
    pub fn new(view: View, background: Color) -> Self {
        let mut pixmap = Pixmap::new(view.width(), view.height())
            .expect("a view is at least one pixel and at most 4096 wide and high");
        pixmap.fill(background.opaque());
        Self {
            pixmap,
            clip: None,
            view,
        }
    }

    /// The window on the world.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Fills an area.
    pub fn fill(&mut self, area: &Area, color: Color) {
        if let Some(path) = self.rings(area.rings()) {
            let paint = color.paint();
            let rule = FillRule::EvenOdd;
            let (t, clip) = (Transform::identity(), self.clip.as_ref());
            self.pixmap.fill_path(&path, &paint, rule, t, clip);
        }
    }

    /// Fills an area with lines at 45° that are `gap` pixels apart.
    pub fn hatch(&mut self, area: &Area, pen: &Pen<'_>, gap: f32) {
        let Some(path) = self.rings(area.rings()) else {
            return;
        };
        let Some(mut mask) = Mask::new(self.view.width(), self.view.height()) else {
            return;
        };
        mask.fill_path(&path, FillRule::EvenOdd, true, Transform::identity());
        // The lines start at multiples of the gap from the picture's corner, so
        // that the hatching of neighbors runs on.
        let b = path.bounds();
        let (left, right) = (b.left().max(0.0), b.right().min(self.view.width() as f32));
        let (top, bottom) = (b.top().max(0.0), b.bottom().min(self.view.height() as f32));
        let gap = gap.max(1.0) * std::f32::consts::SQRT_2;
        let mut lines = PathBuilder::new();
        let first = ((left + top) / gap).floor() as i32;
        let last = ((right + bottom) / gap).ceil() as i32;
        for i in first..=last {
            let sum = i as f32 * gap;
            lines.move_to(sum - bottom, bottom);
            lines.line_to(sum - top, top);
        }
        if let Some(lines) = lines.finish() {
            let (paint, stroke) = (pen.color.paint(), pen.stroke());
            let t = Transform::identity();
            self.pixmap
                .stroke_path(&lines, &paint, &stroke, t, Some(&mask));
        }
    }

    /// Draws the borders of an area.
    pub fn outline(&mut self, area: &Area, pen: &Pen<'_>) {
        let path = self.rings(area.rings());
        self.stroke(path, pen);
    }

    /// Draws a line.
    pub fn line(&mut self, line: &Line, pen: &Pen<'_>) {
        let path = self.path(line.parts(), false);
        self.stroke(path, pen);
    }

    /// Until [`Canvas::unclip`], draws only inside these areas.
    pub fn clip_to<'a>(&mut self, areas: impl IntoIterator<Item = &'a Area>) {
        let Some(mut mask) = Mask::new(self.view.width(), self.view.height()) else {
            return;
        };
        for area in areas {
            if let Some(path) = self.rings(area.rings()) {
                mask.fill_path(&path, FillRule::EvenOdd, true, Transform::identity());
            }
        }
        self.clip = Some(mask);
    }

    /// Draws everywhere again.
    pub fn unclip(&mut self) {
        self.clip = None;
    }

    /// Draws a symbol of `size` pixels with a halo around it.
    pub fn symbol(
        &mut self,
        at: [f32; 2],
        symbol: Symbol,
        size: f32,
        color: Color,
        halo: &Pen<'_>,
    ) {
        if let Some(path) = outline_of(symbol, at, size) {
            let around = Pen {
                width: halo.width * 2.0,
                ..*halo
            };
            self.stroke(Some(path.clone()), &around);
            let (paint, t) = (color.paint(), Transform::identity());
            self.pixmap
                .fill_path(&path, &paint, FillRule::Winding, t, None);
        }
    }

    /// Fills a rectangle given in pixels: left, top, width, height.
    pub fn rectangle(&mut self, [x, y, w, h]: [f32; 4], color: Color) {
        if let Some(rect) = Rect::from_xywh(x, y, w, h) {
            self.pixmap
                .fill_rect(rect, &color.paint(), Transform::identity(), None);
        }
    }

    /// Draws a line through points given in pixels.
    pub fn polyline(&mut self, points: &[[f32; 2]], pen: &Pen<'_>) {
        let mut path = PathBuilder::new();
        for (i, [x, y]) in points.iter().enumerate() {
            if i == 0 {
                path.move_to(*x, *y);
            } else {
                path.line_to(*x, *y);
            }
        }
        self.stroke(path.finish(), pen);
    }

    /// The picture as a PNG file.
    pub fn png(&self) -> Vec<u8> {
        let rgb: Vec<u8> = self
            .pixmap
            .pixels()
            .iter()
            // The background is opaque, so premultiplied is plain.
            .flat_map(|p| [p.red(), p.green(), p.blue()])
            .collect();
        let mut out = Vec::new();
        // The fast setting: a third more bytes, a quarter of the time.
        PngEncoder::new(&mut out)
            .write_image(
                &rgb,
                self.view.width(),
                self.view.height(),
                ExtendedColorType::Rgb8,
            )
            .expect("writing to memory does not fail, and the buffer has the size of the picture");
        out
    }

    pub(super) fn stroke(&mut self, path: Option<Path>, pen: &Pen<'_>) {
        if let Some(path) = path {
            let (paint, stroke) = (pen.color.paint(), pen.stroke());
            let (t, clip) = (Transform::identity(), self.clip.as_ref());
            self.pixmap.stroke_path(&path, &paint, &stroke, t, clip);
        }
    }

    fn rings(&self, rings: &Rings) -> Option<Path> {
        self.path(rings, true)
    }

    fn path(&self, parts: &Rings, closed: bool) -> Option<Path> {
        let mut out = PathBuilder::new();
        for part in parts.iter() {
            if !self.visible(part) {
                continue;
            }
            for (i, p) in part.iter().enumerate() {
                let [x, y] = self.view.px(*p).map(near);
                if i == 0 {
                    out.move_to(x, y);
                } else {
                    out.line_to(x, y);
                }
            }
            if closed {
                out.close();
            }
        }
        out.finish()
    }

    fn visible(&self, part: &[Point]) -> bool {
        let margin = 20.0;
        let (w, h) = (self.view.width() as f32, self.view.height() as f32);
        let px = || part.iter().map(|p| self.view.px(*p));
        px().any(|p| p[0] > -margin)
            && px().any(|p| p[0] < w + margin)
            && px().any(|p| p[1] > -margin)
            && px().any(|p| p[1] < h + margin)
    }
}

/// Pixels far outside are moved closer: the rasterizer counts in 32 bits.
fn near(v: f32) -> f32 {
    v.clamp(-100_000.0, 100_000.0)
}

fn outline_of(symbol: Symbol, [x, y]: [f32; 2], size: f32) -> Option<Path> {
    let r = size / 2.0;
    let corners: &[[f32; 2]] = match symbol {
        Symbol::Circle => return PathBuilder::from_circle(x, y, r),
        // Set a little higher, so that the eye finds it centred.
        Symbol::Triangle => &[[0.0, -1.1], [1.1, 0.8], [-1.1, 0.8]],
        Symbol::Square => &[[-0.88, -0.88], [0.88, -0.88], [0.88, 0.88], [-0.88, 0.88]],
        Symbol::Diamond => &[[0.0, -1.2], [1.2, 0.0], [0.0, 1.2], [-1.2, 0.0]],
    };
    let mut path = PathBuilder::new();
    for (i, [dx, dy]) in corners.iter().enumerate() {
        let (px, py) = (x + dx * r, y + dy * r);
        if i == 0 {
            path.move_to(px, py);
        } else {
            path.line_to(px, py);
        }
    }
    path.close();
    path.finish()
}
