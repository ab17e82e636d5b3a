use super::*;
use crate::model::GridKind;
use geo::MultiPolygon;

#[test]
fn demo_try() {
    let town = crate::sample::town(1);
    let basic: Vec<_> = town
        .grids
        .iter()
        .filter(|g| g.kind == GridKind::Basic)
        .collect();
    let t = std::time::Instant::now();
    let boundary: MultiPolygon = dissolve::dissolve(basic.iter().flat_map(|g| &g.area.0));
    println!(
        "boundary parts {} holes {} corners {}",
        boundary.0.len(),
        boundary.0[0].interiors().len(),
        boundary.0[0].exterior().0.len()
    );
    let total: f64 = basic.iter().map(|g| f64::from(g.households.unwrap())).sum();
    let mut points = vec![];
    use geo::{BoundingRect, Contains};
    for g in &basic {
        let mine: Vec<_> = town
            .compounds
            .iter()
            .filter(|c| {
                g.area
                    .contains(&geo::InteriorPoint::interior_point(&c.shape).unwrap())
            })
            .collect();
        let housed: u32 = mine.iter().filter_map(|c| c.households).sum();
        let r = g.area.bounding_rect().unwrap();
        let mut at = vec![];
        let step = 0.0002;
        let mut x = r.min().x;
        while x < r.max().x {
            let mut y = r.min().y;
            while y < r.max().y {
                let c = geo::Coord { x, y };
                if g.area.contains(&c) && !mine.iter().any(|m| m.shape.contains(&c)) {
                    at.push(c);
                }
                y += step;
            }
            x += step;
        }
        let each = f64::from(g.households.unwrap().saturating_sub(housed)) / at.len() as f64;
        points.extend(at.into_iter().map(|at| HouseholdPoint {
            at,
            households: each,
        }));
    }
    let ground = Ground {
        lines: town.streets.iter().map(BorderLine::from).collect(),
        boundary,
        compounds: town.compounds.iter().map(Site::from).collect(),
        points: if std::env::var("PTS").is_ok() {
            points
        } else {
            vec![]
        },
        total_households: Some(total),
    };
    let options = Options {
        starts: std::env::var("ST").map_or(1, |s| s.parse().unwrap()),
        rounds: std::env::var("RO").map_or(4, |s| s.parse().unwrap()),
        ..Options::default()
    };
    let faces = Faces::new(&ground, &options).unwrap();
    println!(
        "{:?} faces {} total {total} known {}",
        t.elapsed(),
        faces.len(),
        faces.compound_households.iter().sum::<f64>()
    );
    let mut h = faces.households.clone();
    h.sort_by(f64::total_cmp);
    println!("largest {:?}", &h[h.len() - 10..]);
    let t = std::time::Instant::now();
    let p = propose_from(faces, &options).unwrap();
    println!("{:?} {} grids {:#?}", t.elapsed(), p.grids.len(), p.balance);
    for x in &p.problems {
        println!("{} / {}", x.en(), x.zh());
    }
    for g in &p.grids {
        print!("{:.0}{} ", g.households, g.why.map_or("", |_| "!"));
    }
    println!();
    for g in &p.grids {
        if g.why.is_some() {
            println!(
                "{:.0} {:?} faces {:?} beside {:?}",
                g.households,
                g.why,
                g.faces
                    .iter()
                    .map(|f| p.faces.households[*f as usize] as i64)
                    .collect::<Vec<_>>(),
                g.neighbours
                    .iter()
                    .map(|n| p.grids[*n as usize].households as i64)
                    .collect::<Vec<_>>()
            );
        }
    }
}
