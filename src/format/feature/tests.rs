use serde_json::{Value as Json, json};

use super::*;
use crate::format::Code;
use crate::model::{FoundBy, IncidentKind};

fn incident(properties: Json) -> Result<Typed, Problem> {
    let feature = json!({"type": "Feature", "properties": properties,
        "geometry": {"type": "Point", "coordinates": [117.28, 31.83]}});
    read_feature(
        LayerName::Incidents,
        &feature,
        &Options::default(),
        &[],
        None,
    )
}

fn only(typed: &Typed) -> &Incident {
    Incident::of(&typed.item).unwrap()
}

#[test]
fn a_typed_incident_is_masked_and_checked() {
    let typed = incident(json!({
        "kind": "police", "category": "police.theft.ebike", "occurred_at": "2026-11-22 21:40",
        "found": "巡防", "text": "报警人张三电话13800138000，电动车被盗", "status": null,
    }))
    .unwrap();
    let row = only(&typed);
    assert_eq!(row.text, "报警人[姓名]电话[电话]，电动车被盗");
    assert_eq!(typed.masked.total(), 2);
    assert_eq!(row.kind, IncidentKind::Police);
    assert_eq!(row.found_by, FoundBy::Patrol);
    assert_eq!(row.occurred_at.to_rfc3339(), "2026-11-22T21:40:00+08:00");
    assert_eq!(
        (row.meta.source.as_str(), row.meta.source_id.as_str()),
        ("", "")
    );
    let day = incident(
        json!({"kind": "hotline", "occurred_at": "2026-11-22T21:40:00+08:00",
        "date_only": true}),
    )
    .unwrap();
    assert_eq!(
        only(&day).occurred_at.to_rfc3339(),
        "2026-11-22T00:00:00+08:00"
    );
}

#[test]
fn what_a_file_may_guess_a_form_must_say() {
    let base = || json!({"kind": "police", "occurred_at": "2026-11-22T21:40:00+08:00"});
    for (name, value, code) in [
        ("kind", json!("policce"), Code::Kind),
        ("kind", json!(null), Code::Kind),
        ("found", json!("dog"), Code::BadValue),
        ("date_only", json!("maybe"), Code::BadValue),
        ("category", json!("没有这类"), Code::BadValue),
        ("category", json!("hotline.noise"), Code::BadValue),
        ("occurred_at", json!(null), Code::TimeParse),
        ("occurred_at", json!("2026-02-30"), Code::TimeParse),
        ("text", json!("a\u{0}b"), Code::BadText),
        ("手机号", json!("x"), Code::PiiColumn),
        ("remark", json!("13800138000"), Code::PiiColumn),
        ("remark", json!("x"), Code::Mapping),
        ("source_id", json!("13800138000"), Code::PiiColumn),
    ] {
        let mut properties = base();
        properties[name] = value.clone();
        let refused = incident(properties).unwrap_err();
        assert_eq!(refused.code, code, "{name}: {value}");
        assert_eq!(refused.row, None);
    }
    assert!(incident(base()).is_ok());
}

#[test]
fn geometry_passes_the_same_door() {
    let grid = |geometry: Json| {
        let feature = json!({"type": "Feature", "geometry": geometry,
            "properties": {"code": "WG1", "name": "一", "post": "网格长岗"}});
        read_feature(LayerName::Grids, &feature, &Options::default(), &[], None)
    };
    let ring = |points: &[[f64; 2]]| json!({"type": "Polygon", "coordinates": [points]});
    let open = grid(ring(&[[117.0, 31.0], [117.1, 31.0], [117.1, 31.1]])).unwrap();
    assert_eq!(open.notes[0].code, Code::RingNotClosed);
    for (geometry, code) in [
        (json!(null), Code::NoGeometry),
        (
            json!({"type": "Point", "coordinates": [117.0, 31.0]}),
            Code::GeomType,
        ),
        (
            ring(&[
                [117.0, 31.0],
                [117.1, 31.1],
                [117.1, 31.0],
                [117.0, 31.1],
                [117.0, 31.0],
            ]),
            Code::SelfIntersection,
        ),
        (
            ring(&[[31.0, 117.0], [31.0, 117.1], [31.1, 117.1]]),
            Code::Swapped,
        ),
        (
            ring(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]),
            Code::NullIsland,
        ),
    ] {
        assert_eq!(grid(geometry.clone()).unwrap_err().code, code, "{geometry}");
    }
}

#[test]
fn posts_are_kept_and_names_are_not() {
    let grid = |post: &str, from: &str, to: &str| {
        let feature = json!({"type": "Feature",
            "geometry": {"type": "Polygon", "coordinates":
                [[[117.0, 31.0], [117.1, 31.0], [117.1, 31.1], [117.0, 31.0]]]},
            "properties": {"code": "WG1", "post": post, "valid_from": from, "valid_to": to}});
        read_feature(LayerName::Grids, &feature, &Options::default(), &[], None)
    };
    assert_eq!(grid("张伟", "", "").unwrap_err().code, Code::PiiColumn);
    assert!(grid("一号网格长岗", "2026-01-01", "2026-06-01").is_ok());
    let backwards = grid("", "2026-06-01", "2026-01-01").unwrap_err();
    assert_eq!(backwards.column.as_deref(), Some("valid_to"));
}

#[test]
fn what_the_row_says_already_is_taken() {
    let mut current = only(
        &incident(json!({"kind": "police", "occurred_at": "2026-11-22T21:40:00+08:00"})).unwrap(),
    )
    .clone();
    current.category = "旧码".to_owned();
    current.meta.extra = vec![
        ("乙".to_owned(), Value::Number(3.5)),
        ("甲".to_owned(), Value::text("有")),
    ];
    let feature = json!({"type": "Feature",
        "geometry": {"type": "Point", "coordinates": [117.28, 31.83]},
        "properties": {"kind": "police", "category": "旧码", "乙": 3.5, "甲": "有",
            "occurred_at": "2026-11-22T21:40:00+08:00", "grid": "WG1"}});
    let read = read_feature(
        LayerName::Incidents,
        &feature,
        &Options::default(),
        &[],
        Some(&Items::Incidents(vec![current.clone()])),
    );
    assert_eq!(only(&read.unwrap()), &current);
}

#[test]
fn a_doubled_key_is_found_at_any_depth() {
    assert_eq!(
        doubled_key(br#"{"a":[{"b":1,"b":2}]}"#).as_deref(),
        Some("b")
    );
    assert_eq!(doubled_key(br#"{"a":[{"b":1},{"b":2}]}"#), None);
}

#[test]
fn names_and_numbers_of_persons_are_known() {
    for bad in ["张伟", "13800138000", "联系人李娜", "皖A12345"] {
        assert!(!is_impersonal(bad), "{bad}");
    }
    for good in ["一组", "夜班", "东片巡防队", "2-3 组"] {
        assert!(is_impersonal(good), "{good}");
    }
}

proptest::proptest! {
    /// What is masked once stays as it is, so that an edit of another property
    /// changes no text.
    #[test]
    fn masking_is_done_once(text in "(报警人|张三|13800138000|[电话]|住3栋2单元501室|，|a|1){0,8}") {
        let once = mask_text(&text).0;
        proptest::prop_assert_eq!(mask_text(&once).0, once);
    }
}
