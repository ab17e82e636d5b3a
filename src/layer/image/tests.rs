use image::GenericImageView;
use jiff::civil::date;

use super::super::tests::town;
use super::*;
use crate::model::Revision;

const BOUNDS: Bounds = Bounds {
    west: 117.278,
    south: 31.858,
    east: 117.296,
    north: 31.872,
};

fn draw(picture: &Picture<'_>) -> image::DynamicImage {
    let snapshot = Snapshot::build(town(), Revision(1), date(2026, 11, 22));
    let drawing = Drawing::new(&snapshot, None);
    let png = image(&snapshot, &drawing, &Scope::all(), picture).unwrap();
    ::image::load_from_memory(&png).unwrap()
}

fn picture<'a>(filter: &'a Filter, layers: &'a [LayerName]) -> Picture<'a> {
    Picture {
        bounds: BOUNDS,
        width: 900,
        height: 700,
        theme: &Theme::LIGHT,
        layers,
        filter,
        grids_on: None,
        measure: None,
        font: None,
        english: false,
    }
}

fn share_of(image: &::image::DynamicImage, rgb: [u8; 3]) -> f64 {
    let all = image.pixels().count() as f64;
    let same = image.pixels().filter(|(_, _, p)| p.0[..3] == rgb).count() as f64;
    same / all
}

#[test]
fn a_plain_map_shows_ground_grids_and_kinds() {
    let filter = Filter::default();
    let image = draw(&picture(&filter, LayerName::ALL));
    assert_eq!(image.dimensions(), (900, 700));
    assert!(share_of(&image, [0xF4, 0xF3, 0xEF]) > 0.1, "ground");
    for kind in [[0xC2, 0x41, 0x0C], [0x5B, 0x3F, 0xB5], [0x08, 0x91, 0xB2]] {
        assert!(share_of(&image, kind) > 0.001, "{kind:?}");
    }
}

#[test]
fn a_choropleth_shows_classes_and_ink_and_no_kind_colours() {
    let filter = Filter::default();
    let image = draw(&Picture {
        grids_on: None,
        measure: Some(Measure::Count),
        ..picture(&filter, LayerName::ALL)
    });
    assert!(
        share_of(&image, [0xA2, 0x3A, 0x3A]) > 0.01,
        "strongest class"
    );
    assert!(share_of(&image, [0x16, 0x20, 0x2E]) > 0.001, "ink");
    assert!(
        share_of(&image, [0xC2, 0x41, 0x0C]) < 1e-4,
        "no kind colours"
    );
}

#[test]
fn an_empty_map_and_the_smallest_one_are_pictures_too() {
    let filter = Filter::default();
    let nothing = draw(&picture(&filter, &[]));
    assert!(share_of(&nothing, [0xF4, 0xF3, 0xEF]) > 0.95);
    let dot = draw(&Picture {
        width: 1,
        height: 1,
        grids_on: None,
        measure: Some(Measure::Rate),
        ..picture(&filter, LayerName::ALL)
    });
    assert_eq!(dot.dimensions(), (1, 1));
    let snapshot = Snapshot::build(Default::default(), Revision(0), date(2026, 11, 22));
    let drawing = Drawing::new(&snapshot, None);
    let empty = Picture {
        grids_on: None,
        measure: Some(Measure::Count),
        ..picture(&filter, LayerName::ALL)
    };
    assert!(image(&snapshot, &drawing, &Scope::all(), &empty).is_ok());
    let huge = Picture {
        width: 100_000,
        ..empty
    };
    assert_eq!(
        image(&snapshot, &drawing, &Scope::all(), &huge),
        Err(ViewError::Size)
    );
}
