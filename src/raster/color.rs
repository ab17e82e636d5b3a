//! Colours.

/// An opaque colour, or one with a share of what is below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Color {
    rgb: [u8; 3],
    opacity: f32,
}

impl Color {
    /// Reads `#RRGGBB`; anything else is black, which is easy to see.
    pub const fn hex(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut rgb = [0; 3];
        if bytes.len() == 7 && bytes[0] == b'#' {
            let mut i = 0;
            while i < 3 {
                rgb[i] = digit(bytes[1 + 2 * i]) * 16 + digit(bytes[2 + 2 * i]);
                i += 1;
            }
        }
        Self { rgb, opacity: 1.0 }
    }

    /// The colour with an opacity of 0 to 1.
    pub const fn with_opacity(self, opacity: f32) -> Self {
        Self { opacity, ..self }
    }

    pub(super) fn paint(self) -> tiny_skia::Paint<'static> {
        let alpha = (self.opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
        let [r, g, b] = self.rgb;
        let mut paint = tiny_skia::Paint::default();
        paint.set_color_rgba8(r, g, b, alpha);
        paint.anti_alias = true;
        paint
    }

    pub(super) fn opaque(self) -> tiny_skia::Color {
        let [r, g, b] = self.rgb;
        tiny_skia::Color::from_rgba8(r, g, b, 255)
    }
}

const fn digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => 0,
    }
}
