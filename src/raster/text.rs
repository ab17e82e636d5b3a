//! Text from an outline font, with a halo.

use ab_glyph::{Font as _, FontVec, OutlineCurve};
use tiny_skia::{FillRule, Path, PathBuilder, Transform};

use super::{Canvas, Color, Pen};

/// A typeface.
#[derive(Debug)]
pub struct Font {
    face: FontVec,
    units_per_em: f32,
}

/// How text is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextStyle {
    /// Height of an em in pixels.
    pub size: f32,
    /// Colour of the letters.
    pub color: Color,
    /// Colour around the letters.
    pub halo: Color,
    /// Width of the halo in pixels; 0 for none.
    pub halo_width: f32,
}

impl Font {
    /// Reads a TrueType or OpenType file; `index` chooses the face of a
    /// collection (in Noto Sans CJK the third, 2, is the one for mainland
    /// China). `None` when the bytes are no such font.
    pub fn from_bytes(bytes: Vec<u8>, index: u32) -> Option<Self> {
        let face = FontVec::try_from_vec_and_index(bytes, index).ok()?;
        let units_per_em = face.units_per_em().filter(|u| *u > 0.0)?;
        Some(Self { face, units_per_em })
    }

    /// The width of a line of text in pixels.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        let advance = |c| self.face.h_advance_unscaled(self.face.glyph_id(c));
        text.chars().map(advance).sum::<f32>() * size / self.units_per_em
    }

    /// From the baseline to the middle of a Chinese character, in pixels.
    fn middle(&self, size: f32) -> f32 {
        // Their box is from 0.12 em below the baseline to 0.88 em above it.
        0.38 * size
    }

    /// Adds the outline of a character whose baseline starts at the origin.
    fn glyph(&self, c: char, size: f32) -> Option<Path> {
        let outline = self.face.outline(self.face.glyph_id(c))?;
        let s = size / self.units_per_em;
        let at = |p: &ab_glyph::Point| (p.x * s, -p.y * s);
        let mut path = PathBuilder::new();
        let mut pen = None;
        for curve in &outline.curves {
            let (start, end) = match curve {
                OutlineCurve::Line(a, b)
                | OutlineCurve::Quad(a, _, b)
                | OutlineCurve::Cubic(a, _, _, b) => (at(a), at(b)),
            };
            if pen != Some(start) {
                path.move_to(start.0, start.1);
            }
            match curve {
                OutlineCurve::Line(..) => path.line_to(end.0, end.1),
                OutlineCurve::Quad(_, c, _) => {
                    let c = at(c);
                    path.quad_to(c.0, c.1, end.0, end.1);
                }
                OutlineCurve::Cubic(_, c, d, _) => {
                    let (c, d) = (at(c), at(d));
                    path.cubic_to(c.0, c.1, d.0, d.1, end.0, end.1);
                }
            }
            pen = Some(end);
        }
        path.finish()
    }
}

impl Canvas {
    /// Writes one line centred on a point.
    pub fn text(&mut self, font: &Font, text: &str, [x, y]: [f32; 2], style: &TextStyle) {
        let left = x - font.width(text, style.size) / 2.0;
        self.text_from(font, text, [left, y], style);
    }

    /// Writes one line that starts at a point and is centred on its height.
    pub fn text_from(&mut self, font: &Font, text: &str, [x, y]: [f32; 2], style: &TextStyle) {
        let mut pen = x;
        let baseline = y + font.middle(style.size);
        let mut glyphs = Vec::new();
        for c in text.chars() {
            glyphs.extend(placed(
                font,
                c,
                style.size,
                Transform::from_translate(pen, baseline),
            ));
            pen += font.width(c.encode_utf8(&mut [0; 4]), style.size);
        }
        self.glyphs(&glyphs, style);
    }

    /// Writes characters each at its own place: centre and angle in degrees.
    pub fn text_along(
        &mut self,
        font: &Font,
        letters: &[(char, [f32; 2], f32)],
        style: &TextStyle,
    ) {
        let mut glyphs = Vec::new();
        for (c, [x, y], degrees) in letters {
            let half = font.width(c.encode_utf8(&mut [0; 4]), style.size) / 2.0;
            let place = Transform::from_translate(-half, font.middle(style.size))
                .post_concat(Transform::from_rotate(*degrees))
                .post_translate(*x, *y);
            glyphs.extend(placed(font, *c, style.size, place));
        }
        self.glyphs(&glyphs, style);
    }

    /// All halos first, or each would cover the letter before it.
    fn glyphs(&mut self, glyphs: &[Path], style: &TextStyle) {
        if style.halo_width > 0.0 {
            let pen = Pen::solid(style.halo, style.halo_width * 2.0);
            for glyph in glyphs {
                self.stroke(Some(glyph.clone()), &pen);
            }
        }
        let paint = style.color.paint();
        for glyph in glyphs {
            let t = Transform::identity();
            self.pixmap
                .fill_path(glyph, &paint, FillRule::Winding, t, None);
        }
    }
}

fn placed(font: &Font, c: char, size: f32, place: Transform) -> Option<Path> {
    font.glyph(c, size)?.transform(place)
}
