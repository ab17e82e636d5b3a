use super::{columns, local, random_box, random_filter, slow_rows};
use crate::index::GridsOf;
use crate::index::town::Town;
use crate::model::{FoundBy, IncidentKind, Scope, TimeWindow, Timestamp};
use crate::query::selection::world_box;
use crate::query::{Filter, FilterError};

fn parse(name: &str, value: &str) -> Result<Filter, FilterError> {
    Filter::parse([(name, value)], &[])
}

#[test]
fn every_parameter_is_read() {
    let pairs = [
        ("bbox", "117.1,31.1,117.2,31.2"),
        ("datetime", "2026-10-24/2026-11-23"),
        ("kind", "hotline,police,police"),
        ("category", "b,a"),
        ("grid", "340102001"),
        ("hour", "20-23,6"),
        ("weekday", "1-5,7"),
        ("source", "x"),
        ("found", "patrol"),
        ("status", "处置中"),
        ("grids", "today"),
        ("placed", "false"),
        ("lang", "en"),
    ];
    let filter = Filter::parse(pairs, &["lang"]).unwrap();
    assert_eq!(filter.kinds, [IncidentKind::Police, IncidentKind::Hotline]);
    assert_eq!(filter.categories, ["a", "b"]);
    assert_eq!(filter.hours, Some(0b1111 << 20 | 1 << 6));
    assert_eq!(filter.weekdays, Some(0b1011_1110));
    assert_eq!(filter.found, [FoundBy::Patrol]);
    assert_eq!(filter.grids_of, GridsOf::Today);
    assert_eq!(filter.placed, Some(false));
    assert_eq!(filter.window.start, local("2026-10-24T00:00:00"));
    assert_eq!(filter.window.end, local("2026-11-23T00:00:00"));
    assert_eq!(
        filter.canonical(),
        "bbox=117.1,31.1,117.2,31.2&category=a,b&datetime=1792771200/1795363200&found=patrol\
         &grid=340102001&grids=today&hour=6,20-23&kind=hotline,police&placed=false&source=x\
         &status=处置中&weekday=1-5,7"
    );
    assert_eq!(Filter::default().canonical(), "");
}

#[test]
fn extra_columns_are_parameters() {
    let read = |name: &str, value: &str| Filter::parse_with(&columns(), [(name, value)], &[]);
    let filter = read("x.备注", "乙,甲%2C丙,乙,50%").unwrap();
    assert_eq!(filter.extras[0].column, "备注");
    assert_eq!(filter.canonical(), "x.备注=50%25,乙,甲%2C丙");
    let again = filter.canonical();
    let (name, value) = again.split_once('=').unwrap();
    assert_eq!(
        read(name, value).unwrap(),
        filter,
        "it reads as a query string"
    );
    for (name, value, canonical) in [
        (
            "x.金额",
            "10..20, 3,..-1.5,7..,3.0",
            "x.金额=..-1.5,3,7..,10..20",
        ),
        ("x.金额", "-0..0", "x.金额=0"),
        (
            "x.日期",
            "2026-10-02,..2026-10-01",
            "x.日期=..2026-10-01,2026-10-02",
        ),
    ] {
        assert_eq!(read(name, value).unwrap().canonical(), canonical);
    }
    for (name, value) in [
        ("x.备注", ""),
        ("x.备注", "甲,"),
        ("x.金额", ".."),
        ("x.金额", "20..10"),
        ("x.金额", "ten"),
        ("x.金额", "nan"),
        ("x.金额", "inf.."),
        ("x.金额", "1..2..3"),
        ("x.日期", "2026-02-30"),
        ("x.日期", "2026-10-02..2026-10-01"),
        ("x.日期", "2026-1-1"),
        ("x.日期", "20261001"),
    ] {
        let error = read(name, value).expect_err(value);
        assert_eq!(
            (error.code(), error.param()),
            ("bad_value", name),
            "{value}"
        );
    }
    let unknown = read("x.备主", "甲").unwrap_err();
    assert_eq!(unknown.zh(), "没有参数“x.备主”，是否指“x.备注”？");
    assert!(parse("x.备注", "甲").is_err(), "no such column is kept");
    let twice = [("x.备注", "甲"), ("x.备注", "乙")];
    assert!(Filter::parse_with(&columns(), twice, &[]).is_err());
    // One spelling, one order.
    let both = |a: &str, b: &str| {
        let value = |name: &str| if name == "x.备注" { "甲" } else { "1" };
        let pairs = [(a, value(a)), (b, value(b))];
        Filter::parse_with(&columns(), pairs, &[]).unwrap()
    };
    assert_eq!(both("x.备注", "x.金额"), both("x.金额", "x.备注"));
}

#[test]
fn windows_are_half_open_and_local() {
    let window = |text: &str| parse("datetime", text).unwrap().window;
    let day = TimeWindow {
        start: local("2026-11-22T00:00:00"),
        end: local("2026-11-23T00:00:00"),
    };
    assert_eq!(window("2026-11-22"), day);
    assert_eq!(window("2026-11-22T00:00/2026-11-23T00:00:00"), day);
    assert_eq!(window("2026-11-21T16:00:00Z/2026-11-22T16:00:00.000Z"), day);
    assert_eq!(window("2026-11-21T17:00:00+01:00/2026-11-23"), day);
    // An unescaped plus sign.
    assert_eq!(window("2026-11-21T17:00:00 01:00/2026-11-23"), day);
    assert_eq!(window("../.."), TimeWindow::ALWAYS);
    assert_eq!(window("/2026-11-23").start, None);
    assert_eq!(window("2026-11-22/..").start, day.start);
    let instant = window("2026-11-22T08:00:00Z");
    assert_eq!(instant.end.unwrap().0 - instant.start.unwrap().0, 1);
}

#[test]
fn what_is_out_of_the_grammar_is_refused() {
    for (name, value) in [
        ("bbox", ""),
        ("bbox", "1,2,3"),
        ("bbox", "nan,1,2,3"),
        ("bbox", "1,2,inf,3"),
        ("bbox", "3,1,2,2"),
        ("bbox", "0,-91,1,1"),
        ("bbox", "0,0,181,1"),
        ("datetime", ""),
        ("datetime", ".."),
        ("datetime", "yesterday"),
        ("datetime", "2026-13-01"),
        ("datetime", "2026-02-30"),
        ("datetime", "2026-11-22/2026-11-21"),
        ("datetime", "2026-11-22T25:00"),
        ("datetime", "2026-11-22T10:00:00+99:00"),
        ("datetime", "2026-11-22T10:00é0"),
        ("datetime", "9999-12-31"),
        ("datetime", "2026-01-01/2026-02-01/2026-03-01"),
        ("kind", "theft"),
        ("kind", "police,"),
        ("hour", "24"),
        ("hour", "-1"),
        ("hour", "1-"),
        ("hour", "+1"),
        ("weekday", "0"),
        ("weekday", "8"),
        ("grid", ""),
        ("grids", "yesterday"),
        ("placed", "1"),
    ] {
        let error = parse(name, value).expect_err(value);
        assert_eq!(
            (error.code(), error.param()),
            ("bad_value", name),
            "{value}"
        );
        assert!(error.zh().contains(name) && error.en().contains(name));
    }
    let many = vec!["a"; 201].join(",");
    assert!(parse("grid", &many).is_err());
}

#[test]
fn unknown_names_point_at_the_nearest_known_one() {
    let nearest = |name: &str| match Filter::parse([(name, "1")], &["limit"]).unwrap_err() {
        FilterError::Unknown { nearest, .. } => nearest,
        other => unreachable!("{other}"),
    };
    assert_eq!(nearest("dateime").as_deref(), Some("datetime"));
    assert_eq!(nearest("Kinds").as_deref(), Some("kind"));
    assert_eq!(nearest("limt").as_deref(), Some("limit"));
    assert_eq!(nearest("xyzzy"), None);
    let twice = Filter::parse([("kind", "police"), ("kind", "police")], &[]).unwrap_err();
    assert_eq!(twice.code(), "repeated_parameter");
    assert_eq!(
        Filter::parse([("hours", "1")], &[]).unwrap_err().zh(),
        "没有参数“hours”，是否指“hour”？"
    );
}

#[test]
fn canonical_text_tells_filters_apart() {
    let mut town = Town::new(1, 50);
    let filters: Vec<Filter> = (0..200).map(|_| random_filter(&mut town)).collect();
    for a in &filters {
        for b in &filters {
            assert_eq!(a == b, a.canonical() == b.canonical(), "{a:?} {b:?}");
        }
    }
    let one = parse("status", "a,b").unwrap();
    let two = Filter {
        statuses: vec!["a,b".to_owned()],
        ..Filter::default()
    };
    assert_ne!(one.canonical(), two.canonical());
}

#[test]
fn a_selection_is_what_the_conditions_say() {
    for seed in 0..8 {
        let mut town = Town::new(seed, 500);
        let snapshot = town.snapshot();
        for _ in 0..60 {
            let filter = random_filter(&mut town);
            let selection = filter.compile(&snapshot, &Scope::all());
            let slow = slow_rows(&town, &filter);
            assert_eq!(selection.count(), slow.len() as u64, "{filter:?}");
            let mut fast = Vec::new();
            selection.visit(|row| fast.push(row.id()));
            fast.sort();
            let slow_ids: Vec<_> = slow.iter().map(|row| row.meta.id).collect();
            assert_eq!(fast, slow_ids, "{filter:?}");
            for row in snapshot.incidents.rows() {
                let wanted = slow_ids.binary_search(&row.id()).is_ok();
                assert_eq!(selection.matches(row), wanted);
            }
            let area = world_box(&random_box(&mut town));
            let mut in_area = Vec::new();
            selection.visit_in(&area, |row| in_area.push(row.id()));
            in_area.sort();
            let rows = snapshot.incidents.rows().filter(|row| {
                row.world().is_some_and(|at| area.contains(at)) && fast.contains(&row.id())
            });
            let mut slow_in: Vec<_> = rows.map(|row| row.id()).collect();
            slow_in.sort();
            assert_eq!(in_area, slow_in);
        }
    }
}

#[test]
fn an_old_snapshot_keeps_its_answers() {
    let mut town = Town::new(3, 100);
    let snapshot = town.snapshot();
    let everything = Filter::default();
    let selection = everything.compile(&snapshot, &Scope::all());
    let mut changes = crate::model::ChangeSet::default();
    changes.incidents.delete = town
        .rows
        .incidents
        .put
        .iter()
        .map(|row| row.meta.id)
        .collect();
    changes.incidents.put.push(town.incident());
    let next = snapshot.apply(&changes, crate::model::Revision(2));
    assert_eq!(selection.count(), 100);
    assert_eq!(everything.compile(&next, &Scope::all()).count(), 1);
    let stranger = next.incidents.rows().next().expect("one is left");
    assert!(everything.compile(&next, &Scope::all()).matches(stranger));
    assert_eq!(Timestamp(0).local_hour(), 8);
}
