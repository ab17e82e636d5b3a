//! Areas of an extract: closed ways, and relations of ways that close.

use std::collections::HashMap;

use geo::{Coord, LineString, MultiPolygon, Polygon};

use super::scan::Places;
use crate::format::rings::check;
use crate::format::shapefile::holds;

/// An area from rings of points, if it is a valid one.
pub(super) fn area(
    outer: Vec<Vec<i64>>,
    inner: Vec<Vec<i64>>,
    places: &Places,
) -> Option<MultiPolygon> {
    let ring = |points: Vec<i64>| {
        let line = places.line(&points)?;
        (line.len() >= 4 && line.first() == line.last()).then_some(LineString(line))
    };
    let mut parts: Vec<Polygon> = Vec::new();
    for points in outer {
        parts.push(Polygon::new(ring(points)?, vec![]));
    }
    for points in inner {
        let hole = ring(points)?;
        let holder = parts.iter_mut().find(|part| {
            let inside = |p: &Coord| holds(&part.exterior().0, *p);
            // A corner may lie on the border; most decide.
            hole.0.iter().filter(|p| inside(p)).count() * 2 > hole.0.len()
        })?;
        holder.interiors_push(hole);
    }
    let area = MultiPolygon(parts);
    (!area.0.is_empty() && check(&area).is_ok()).then_some(area)
}

/// Ways put end to end to rings; `None` when one does not close.
pub(super) fn close(ways: &[&[i64]]) -> Option<Vec<Vec<i64>>> {
    let mut rings = Vec::new();
    let mut used = vec![false; ways.len()];
    // Ways by their ends.
    let mut at: HashMap<i64, Vec<usize>> = HashMap::new();
    for (n, way) in ways.iter().enumerate() {
        at.entry(*way.first()?).or_default().push(n);
        at.entry(*way.last()?).or_default().push(n);
    }
    for start in 0..ways.len() {
        if std::mem::replace(&mut used[start], true) {
            continue;
        }
        let mut ring = ways[start].to_vec();
        while ring.first() != ring.last() {
            let end = *ring.last()?;
            let next = *at.get(&end)?.iter().find(|n| !used[**n])?;
            used[next] = true;
            let way = ways[next];
            if way.first() == Some(&end) {
                ring.extend(&way[1..]);
            } else {
                ring.extend(way.iter().rev().skip(1));
            }
        }
        rings.push(ring);
    }
    Some(rings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_close_in_any_direction() {
        let rings = close(&[&[1, 2, 3], &[5, 4, 3], &[5, 1], &[7, 8, 9, 7]]).unwrap();
        assert_eq!(rings, [vec![1, 2, 3, 4, 5, 1], vec![7, 8, 9, 7]]);
        assert!(close(&[&[1, 2, 3], &[3, 4]]).is_none());
        assert!(close(&[&[]]).is_none());
    }
}
