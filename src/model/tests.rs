use std::str::FromStr;

use proptest::prelude::*;

use super::time::date_of_day;
use super::*;

fn category(code: &str, parent: Option<&str>, name: &str) -> Category {
    Category {
        code: code.to_owned(),
        parent: parent.map(str::to_owned),
        kind: IncidentKind::Police,
        name_zh: name.to_owned(),
        name_en: String::new(),
        sensitive: false,
        aliases: vec!["Alias".to_owned()],
    }
}

#[test]
fn words_are_read_by_code_name_and_alias() {
    assert_eq!(
        IncidentKind::from_str(" 12345诉求 ").unwrap(),
        IncidentKind::Hotline
    );
    assert_eq!(
        IncidentKind::from_str("POLICE").unwrap(),
        IncidentKind::Police
    );
    assert_eq!(
        StreetClass::from_str("motorway_link").unwrap(),
        StreetClass::Arterial
    );
    let error = LayerName::from_str("people").unwrap_err();
    assert!(error.to_string().contains("`people`"));
}

#[test]
fn layer_slots_follow_the_display_order() {
    for (slot, layer) in LayerName::ALL.iter().enumerate() {
        assert_eq!(layer.slot(), slot);
    }
}

#[test]
fn categories_know_their_ancestors_and_circles_are_cut() {
    let tree = CategoryTree::from(vec![
        category("a", Some("c"), "甲"),
        category("b", Some("a"), "乙"),
        category("c", Some("b"), "丙"),
        category("d", Some("nowhere"), "丁"),
        category("d", None, "again"),
    ]);
    assert_eq!(tree.items().len(), 4);
    assert_eq!(tree.get("d").unwrap().parent, None);
    assert!(tree.is_within("b", "b"));
    assert_eq!(
        tree.items().iter().filter(|c| c.parent.is_none()).count(),
        2
    );
    assert_eq!(tree.find("alias", None).unwrap().code, "a");
    assert!(tree.find("甲", Some(IncidentKind::Dispute)).is_none());
    assert_eq!(tree.find("甲", None).unwrap().code, "a");
}

#[test]
fn local_time_honours_summer_time_before_1992() {
    // 1988-07-01 12:00 in Shanghai was UTC+9.
    let at = Timestamp::from_local(jiff::civil::date(1988, 7, 1).at(12, 0, 0, 0)).unwrap();
    assert_eq!(at.to_rfc3339(), "1988-07-01T12:00:00+09:00");
    assert_eq!(at.local_hour(), 12);
    let at = Timestamp::from_local(jiff::civil::date(2026, 11, 22).at(21, 40, 0, 0)).unwrap();
    assert_eq!(at.to_rfc3339(), "2026-11-22T21:40:00+08:00");
    assert_eq!(at.local_weekday(), 7);
}

#[test]
fn grids_are_valid_from_the_first_day_until_before_the_last() {
    let day = |d| jiff::civil::date(2026, 1, d);
    let grid = Grid {
        meta: Meta::default(),
        code: "1".to_owned(),
        name: String::new(),
        kind: GridKind::Basic,
        community: String::new(),
        post: String::new(),
        households: None,
        valid_from: Some(day(2)),
        valid_to: Some(day(4)),
        area: geo::MultiPolygon(vec![]),
    };
    let valid: Vec<bool> = (1..=4).map(|d| grid.valid_on(day(d))).collect();
    assert_eq!(valid, [false, true, true, false]);
}

proptest! {
    #[test]
    fn quick_local_parts_agree_with_the_time_zone_table(seconds in -2_000_000_000i64..4_000_000_000) {
        let at = Timestamp(seconds);
        let local = at.to_local();
        prop_assert_eq!(i32::from(at.local_hour()), i32::from(local.hour()));
        prop_assert_eq!(at.local_weekday(), u8::try_from(local.date().weekday().to_monday_one_offset()).unwrap());
        prop_assert_eq!(date_of_day(at.local_day()), local.date());
    }
}
