//! A scale bar of a round length.

use super::{Canvas, Color, Font, Pen, TextStyle};

/// The largest of 1, 2 and 5 times a power of ten that is not above `limit`.
/// `None` for what is no positive number.
pub fn round_length(limit: f64) -> Option<f64> {
    if !(limit.is_finite() && limit > 0.0) {
        return None;
    }
    let power = 10_f64.powf(limit.log10().floor());
    [5.0, 2.0, 1.0]
        .into_iter()
        .map(|step| step * power)
        .find(|length| *length <= limit)
}

impl Canvas {
    /// Draws a scale bar whose left end is at a point, about a seventh of the
    /// picture long, and returns its length in pixels.
    pub fn scale_bar(
        &mut self,
        font: Option<&Font>,
        [x, y]: [f32; 2],
        style: &TextStyle,
        color: Color,
    ) -> f32 {
        let metres_per_px = self.view().metres_per_px();
        let wanted = metres_per_px * f64::from(self.view().width()) / 7.0;
        let Some(metres) = round_length(wanted) else {
            return 0.0;
        };
        let length = (metres / metres_per_px) as f32;
        let bar = [[x, y - 5.0], [x, y], [x + length, y], [x + length, y - 5.0]];
        self.polyline(&bar, &Pen::solid(style.halo, 4.5));
        self.polyline(&bar, &Pen::solid(color, 1.6));
        if let Some(font) = font {
            let text = if metres >= 1000.0 {
                format!("{} km", metres / 1000.0)
            } else {
                format!("{metres} m")
            };
            self.text_from(font, &text, [x + length + 6.0, y - 3.0], style);
        }
        length
    }
}

#[cfg(test)]
mod tests {
    use super::round_length;

    #[test]
    fn lengths_are_round() {
        for (limit, length) in [
            (1.0, 1.0),
            (1.9, 1.0),
            (4.99, 2.0),
            (730.0, 500.0),
            (0.07, 0.05),
        ] {
            assert!(
                (round_length(limit).unwrap() - length).abs() < 1e-12,
                "{limit}"
            );
        }
        assert_eq!(round_length(0.0), None);
        assert_eq!(round_length(f64::NAN), None);
    }
}
