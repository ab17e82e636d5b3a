use super::{random_filter, slow_rows};
use crate::index::town::Town;
use crate::model::{
    District, Entity, ExtraColumn, ExtraType, FeatureId, Incident, LayerName, Scope, Value,
};
use crate::query::{Filter, FilterError, ItemsQuery, Sort, feature, items};

fn district() -> District {
    let mut district = District::default();
    let column = |name: &str, extra_type| ExtraColumn {
        name: name.to_owned(),
        extra_type,
    };
    district.extra_columns[LayerName::Incidents.slot()] = vec![
        column("备注", ExtraType::Text),
        column("金额", ExtraType::Number),
    ];
    district
}

fn parse(layer: LayerName, pairs: &[(&str, &str)]) -> Result<ItemsQuery, FilterError> {
    ItemsQuery::parse(layer, &district(), pairs.iter().copied(), &["f"])
}

#[test]
fn pages_are_slices_of_the_sorted_whole() {
    for seed in 0..4 {
        let mut town = Town::new(seed, 300);
        let snapshot = town.snapshot();
        for field in [
            "id",
            "occurred_at",
            "status",
            "reported_at",
            "金额",
            "date_only",
        ] {
            for descending in [false, true] {
                let mut query = ItemsQuery {
                    filter: random_filter(&mut town),
                    limit: 7,
                    ..ItemsQuery::default()
                };
                query.sort = Some(Sort {
                    field: field.to_owned(),
                    descending,
                });
                let rows = slow_rows(&town, &query.filter);
                let mut seen: Vec<FeatureId> = Vec::new();
                loop {
                    query.offset = seen.len();
                    let page = items(&snapshot, &Scope::all(), LayerName::Incidents, &query);
                    assert_eq!(page.total, rows.len());
                    if page.items.is_empty() {
                        break;
                    }
                    assert!(page.items.len() <= 7);
                    seen.extend(page.items.iter().map(|row| row.id()));
                }
                let mut slow = rows;
                slow.sort_by(|a, b| slow_order(a, b, field, descending));
                let slow: Vec<FeatureId> = slow.iter().map(|row| row.meta.id).collect();
                assert_eq!(seen, slow, "{field} {descending}");
            }
        }
    }
}

fn slow_order(a: &Incident, b: &Incident, field: &str, descending: bool) -> std::cmp::Ordering {
    let key = |row: &Incident| match (field, row.value(field)) {
        ("id", _) => (false, row.meta.id.0 as f64, String::new()),
        (_, Value::Null) => (true, 0.0, String::new()),
        (_, Value::Instant(at)) => (false, at.0 as f64, String::new()),
        (_, Value::Number(n)) => (false, n, String::new()),
        (_, Value::Integer(n)) => (false, n as f64, String::new()),
        (_, Value::Bool(yes)) => (false, f64::from(u8::from(yes)), String::new()),
        (_, other) => (false, 0.0, other.to_string()),
    };
    let (a_key, b_key) = (key(a), key(b));
    let order = (a_key.1, &a_key.2)
        .partial_cmp(&(b_key.1, &b_key.2))
        .expect("finite");
    let order = if descending { order.reverse() } else { order };
    a_key
        .0
        .cmp(&b_key.0)
        .then(order)
        .then(a.meta.id.cmp(&b.meta.id))
}

#[test]
fn properties_of_every_type_are_compared() {
    let town = Town::new(3, 300);
    let snapshot = town.snapshot();
    let total = |layer, pairs: &[(&str, &str)]| {
        let query = parse(layer, pairs).expect("in the grammar");
        items(&snapshot, &Scope::all(), layer, &query).total
    };
    let rows = &town.rows.incidents.put;
    let count = |test: &dyn Fn(&Incident) -> bool| rows.iter().filter(|row| test(row)).count();
    let layer = LayerName::Incidents;
    assert_eq!(
        total(layer, &[("备注", "有")]),
        count(&|row| row.meta.extra("备注") == Some(&Value::Text("有".to_owned())))
    );
    assert_eq!(
        total(layer, &[("date_only", "true")]),
        count(&|row| row.date_only)
    );
    assert_eq!(
        total(layer, &[("text", "电动车被盗")]),
        count(&|row| row.text == "电动车被盗")
    );
    let first = &rows[0];
    assert_eq!(total(layer, &[("source_id", &first.meta.source_id)]), 1);
    assert_eq!(
        total(layer, &[("kind", "police"), ("date_only", "false")]),
        count(&|row| row.kind.as_str() == "police" && !row.date_only)
    );
    assert_eq!(total(LayerName::Grids, &[("kind", "special")]), 4);
    assert_eq!(total(LayerName::Grids, &[("households", "400")]), {
        town.rows
            .grids
            .put
            .iter()
            .filter(|grid| grid.households.is_some())
            .count()
    });
    assert_eq!(total(LayerName::Grids, &[("code", "none")]), 0);
    // Grids that were valid on some day of the window.
    let early = total(LayerName::Grids, &[("datetime", "2026-01-01/2026-06-15")]);
    let slow = town.rows.grids.put.iter().filter(|grid| {
        grid.valid_from
            .is_none_or(|from| from < jiff::civil::date(2026, 6, 15))
    });
    assert_eq!(early, slow.count());
}

#[test]
fn names_and_values_are_checked_by_layer() {
    let incidents = LayerName::Incidents;
    for (layer, name, value, code) in [
        (LayerName::Streets, "hour", "1", "unknown_parameter"),
        (LayerName::Grids, "oneway", "true", "unknown_parameter"),
        (LayerName::Grids, "households", "many", "bad_value"),
        (LayerName::Streets, "oneway", "yes", "bad_value"),
        (incidents, "金额", "nan", "bad_value"),
        (incidents, "limit", "0", "bad_value"),
        (incidents, "limit", "-1", "bad_value"),
        (incidents, "limit", "ten", "bad_value"),
        (incidents, "offset", "1.5", "bad_value"),
        (incidents, "sort", "nothing", "bad_value"),
    ] {
        let error = parse(layer, &[(name, value)]).expect_err(name);
        assert_eq!(error.code(), code, "{name}={value}");
    }
    let query = parse(
        incidents,
        &[("limit", "99999999999999999999999"), ("f", "json")],
    )
    .unwrap();
    assert_eq!(query.limit, 1000);
    assert_eq!(parse(incidents, &[]).unwrap(), ItemsQuery::default());
    let sort = parse(incidents, &[("sort", "-occurred_at")])
        .unwrap()
        .sort
        .unwrap();
    assert!(sort.descending && sort.field == "occurred_at");
    let error = parse(LayerName::Streets, &[("onewey", "true")]).unwrap_err();
    assert!(error.en().contains("did you mean `oneway`"), "{error}");
    let twice = parse(incidents, &[("offset", "1"), ("offset", "2")]).unwrap_err();
    assert_eq!(twice.code(), "repeated_parameter");
}

#[test]
fn a_feature_is_found_by_its_id() {
    let town = Town::new(3, 50);
    let snapshot = town.snapshot();
    let all = Scope::all();
    let get = |layer, id| feature(&snapshot, &all, layer, id);
    for row in &town.rows.incidents.put {
        let found = get(LayerName::Incidents, row.meta.id).expect("there");
        assert_eq!(found.geometry(), row.geometry());
        assert_eq!(found.extra(), row.meta.extra);
    }
    let grid = &town.rows.grids.put[0];
    let found = get(LayerName::Grids, grid.meta.id).expect("there");
    assert_eq!(
        (found.layer(), found.id()),
        (LayerName::Grids, grid.meta.id)
    );
    assert!(get(LayerName::Streets, grid.meta.id).is_none());
    let everything = ItemsQuery {
        filter: Filter::default(),
        limit: 1000,
        ..ItemsQuery::default()
    };
    let page = items(&snapshot, &all, LayerName::Compounds, &everything);
    assert_eq!(page.total, town.rows.compounds.put.len());
}
