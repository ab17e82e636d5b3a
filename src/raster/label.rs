//! Labels that do not cover one another.

/// A rectangle in pixels: left, top, right, bottom.
pub type PxBox = [f32; 4];

/// The places already taken on a picture.
#[derive(Debug, Default)]
pub struct Occupied {
    boxes: Vec<PxBox>,
    width: f32,
    height: f32,
}

impl Occupied {
    /// Nothing is taken yet on a picture of this size.
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            boxes: Vec::new(),
            width: width as f32,
            height: height as f32,
        }
    }

    /// Takes the places if all of them are free and on the picture.
    pub fn take(&mut self, wanted: &[PxBox]) -> bool {
        let free = wanted.iter().all(|b| {
            let on_picture =
                b[0] >= 0.0 && b[1] >= 0.0 && b[2] <= self.width && b[3] <= self.height;
            on_picture && !self.boxes.iter().any(|other| overlap(b, other))
        });
        if free {
            self.boxes.extend_from_slice(wanted);
        }
        free
    }

    /// Takes a place whether it is free or not, for what is drawn already.
    pub fn block(&mut self, place: PxBox) {
        self.boxes.push(place);
    }
}

fn overlap(a: &PxBox, b: &PxBox) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/// The box of a line of text centred on a point, with a little air.
pub fn text_box([x, y]: [f32; 2], width: f32, size: f32) -> PxBox {
    let (w, h) = (width / 2.0 + 3.0, size * 0.62 + 2.0);
    [x - w, y - h, x + w, y + h]
}

/// Where the characters of a name go on a line given in pixels: centred on the
/// line's middle, each turned with the line; on steep lines upright, one under
/// the other. `widths` are those of the characters. `None` when the line is too
/// short or bends too sharply for the name.
pub fn along_line(line: &[[f32; 2]], widths: &[f32]) -> Option<Vec<([f32; 2], f32)>> {
    let total: f32 = widths.iter().sum();
    let length: f32 = line.windows(2).map(|w| distance(w[0], w[1])).sum();
    if widths.is_empty() || length < total * 1.15 {
        return None;
    }
    let from = (length - total) / 2.0;
    let (a, b) = (at(line, from)?.0, at(line, from + total)?.0);
    let lean = (b[1] - a[1]).atan2(b[0] - a[0]).to_degrees();
    let steep = (60.0..120.0).contains(&lean.abs());
    // Names read from left to right, and from above when they stand upright.
    let backwards = if steep { b[1] < a[1] } else { b[0] < a[0] };
    let mut out = Vec::with_capacity(widths.len());
    let mut walked = from;
    let mut last: Option<f32> = None;
    for i in 0..widths.len() {
        let width = if backwards {
            widths[widths.len() - 1 - i]
        } else {
            widths[i]
        };
        let (place, direction) = at(line, walked + width / 2.0)?;
        walked += width;
        if last.is_some_and(|l| turn(l, direction) > 25.0) {
            return None;
        }
        last = Some(direction);
        let angle = match (steep, backwards) {
            (true, _) => 0.0,
            (false, true) => direction + 180.0,
            (false, false) => direction,
        };
        out.push((place, angle));
    }
    if backwards {
        out.reverse();
    }
    Some(out)
}

/// The point some pixels along a line, and the line's direction there.
fn at(line: &[[f32; 2]], mut along: f32) -> Option<([f32; 2], f32)> {
    for w in line.windows(2) {
        let d = distance(w[0], w[1]);
        if along <= d && d > 0.0 {
            let (dx, dy) = ((w[1][0] - w[0][0]) / d, (w[1][1] - w[0][1]) / d);
            let place = [w[0][0] + dx * along, w[0][1] + dy * along];
            return Some((place, dy.atan2(dx).to_degrees()));
        }
        along -= d;
    }
    None
}

fn turn(a: f32, b: f32) -> f32 {
    let d = (a - b).abs() % 360.0;
    d.min(360.0 - d)
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_once() {
        let mut taken = Occupied::new(100, 50);
        assert!(taken.take(&[[0.0, 0.0, 40.0, 20.0]]));
        assert!(!taken.take(&[[30.0, 10.0, 60.0, 30.0]]));
        assert!(!taken.take(&[[50.0, 0.0, 60.0, 20.0], [90.0, 0.0, 101.0, 20.0]]));
        assert!(taken.take(&[[50.0, 0.0, 60.0, 20.0]]));
    }

    #[test]
    fn names_follow_lines_and_never_stand_on_their_head() {
        let widths = [10.0, 10.0, 10.0];
        let east = along_line(&[[0.0, 0.0], [100.0, 0.0]], &widths).unwrap();
        let west = along_line(&[[100.0, 0.0], [0.0, 0.0]], &widths).unwrap();
        for (a, b) in east.iter().zip(&west) {
            assert!(distance(a.0, b.0) < 0.01, "{east:?} {west:?}");
            assert!(turn(a.1, b.1) < 0.01);
        }
        let up = along_line(&[[0.0, 100.0], [0.0, 0.0]], &widths).unwrap();
        assert!(up[0].0[1] < up[2].0[1] && up.iter().all(|l| l.1 == 0.0));
        assert!(along_line(&[[0.0, 0.0], [30.0, 0.0]], &widths).is_none());
        let corner = [[0.0, 0.0], [50.0, 0.0], [50.0, 50.0]];
        assert!(along_line(&corner, &[20.0; 4]).is_none());
    }
}
