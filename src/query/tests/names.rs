//! Search, and the check of grids.

use crate::index::town::Town;
use crate::model::{GridKind, LayerName, Scope};
use crate::query::{Finder, SearchGroup, check_grids};

fn names(groups: &[SearchGroup], layer: LayerName) -> Vec<&str> {
    let group = groups.iter().find(|group| group.layer == layer);
    let items = group.map_or(&[][..], |group| &group.items);
    items.iter().map(|item| item.name.as_str()).collect()
}

fn finder(compounds: &[&str]) -> Finder {
    let mut town = Town::new(1, 0);
    for (row, name) in town.rows.compounds.put.iter_mut().zip(compounds) {
        row.name = (*name).to_owned();
        row.code = format!("C{}", row.meta.id);
    }
    town.rows.compounds.put.truncate(compounds.len());
    Finder::new(&town.snapshot())
}

#[test]
fn equal_comes_before_prefix_and_prefix_before_infix() {
    let finder = finder(&[
        "新元一名城",
        "元一名城二期",
        "元一名城",
        "利港银河新城",
        "蓝光时代红街",
    ]);
    let find = |text: &str| finder.search(&Scope::all(), text, 10);
    let wanted = ["元一名城", "元一名城二期", "新元一名城"];
    for text in [
        "元一名城",
        "yymc",
        "yuanyimingcheng",
        " ＹＹＭＣ ",
        "yuan yi ming cheng",
    ] {
        assert_eq!(names(&find(text), LayerName::Compounds), wanted, "{text}");
    }
    assert_eq!(names(&find("银河"), LayerName::Compounds), ["利港银河新城"]);
    assert_eq!(names(&find("lgsd"), LayerName::Compounds), ["蓝光时代红街"]);
    assert_eq!(names(&find("lg"), LayerName::Compounds).len(), 2);
    assert!(find("").is_empty() && find("   ").is_empty());
    assert!(find("没有这个地方").is_empty());
    assert_eq!(
        names(&finder.search(&Scope::all(), "城", 2), LayerName::Compounds).len(),
        2
    );
}

#[test]
fn grids_are_found_by_code_and_community_and_streets_once_per_name() {
    let town = Town::new(2, 0);
    let snapshot = town.snapshot();
    let finder = Finder::new(&snapshot);
    let find = |text: &str| finder.search(&Scope::all(), text, 100);
    let groups = find("340107");
    let grids = &groups
        .iter()
        .find(|group| group.layer == LayerName::Grids)
        .expect("one")
        .items;
    assert_eq!(grids[0].code, "340107");
    let of_community = town
        .rows
        .grids
        .put
        .iter()
        .filter(|grid| grid.community == "七里塘");
    assert_eq!(
        names(&find("七里塘"), LayerName::Grids).len(),
        of_community.count()
    );
    assert_eq!(names(&find("路3"), LayerName::Streets), ["路3"]);
    assert_eq!(names(&find("r1"), LayerName::Routes), ["路线1"]);
    for group in find("网格") {
        for item in group.items {
            assert!(item.bounds.west <= item.at.x && item.at.x <= item.bounds.east);
            assert!(item.bounds.south <= item.at.y && item.at.y <= item.bounds.north);
        }
    }
}

#[test]
fn a_tiling_has_no_gaps_and_no_overlaps() {
    for seed in 0..5 {
        let town = Town::new(seed, 0);
        let checks = check_grids(&town.snapshot(), &Scope::all());
        let basic = checks
            .iter()
            .find(|check| check.kind == GridKind::Basic)
            .expect("both kinds");
        assert_eq!(basic.grids, 25);
        assert!(
            basic.overlaps.is_empty() && basic.gaps.is_empty(),
            "{basic:?}"
        );
    }
}

#[test]
fn a_missing_grid_is_a_gap_and_a_doubled_one_an_overlap() {
    let mut town = Town::new(1, 0);
    let row = |town: &Town, number: usize| {
        let basic = |grid: &&crate::model::Grid| grid.kind == GridKind::Basic;
        let valid = |grid: &&crate::model::Grid| grid.valid_on(crate::index::town::today());
        let mut rows = town.rows.grids.put.iter().filter(basic).filter(valid);
        rows.nth(number).expect("25 of them").clone()
    };
    // Number 12 is in the middle of 5 by 5.
    let middle = row(&town, 12);
    let mut doubled = row(&town, 3);
    let original = doubled.meta.id;
    town.rows
        .grids
        .put
        .retain(|grid| grid.meta.id != middle.meta.id);
    doubled.meta.id = crate::model::FeatureId(9_999);
    doubled.code.push('x');
    town.rows.grids.put.push(doubled.clone());
    let checks = check_grids(&town.snapshot(), &Scope::all());
    let basic = &checks[0];
    assert_eq!((basic.overlaps.len(), basic.gaps.len()), (1, 1));
    let overlap = &basic.overlaps[0];
    assert_eq!((overlap.a, overlap.b), (original, doubled.meta.id));
    let size = crate::crs::area_m2(&doubled.area);
    assert!((overlap.area_m2 / size - 1.0).abs() < 1e-6);
    assert!(crate::index::covers(&doubled.area, overlap.at));
    let gap = &basic.gaps[0];
    assert!((gap.area_m2 / crate::crs::area_m2(&middle.area) - 1.0).abs() < 1e-6);
    assert!(crate::index::covers(&middle.area, gap.at));
}
