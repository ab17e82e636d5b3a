use std::collections::BTreeMap;

use super::{columns, random_filter, slow_rows};
use crate::index::town::Town;
use crate::model::{District, Entity, LayerName, Scope, Value};
use crate::query::{Filter, MAX_VALUES, column_values};

fn town(seed: u64) -> Town {
    let mut town = Town::new(seed, 600);
    let mut district = District::default();
    district.extra_columns[LayerName::Incidents.slot()] = columns();
    town.rows.district = Some(district);
    town
}

/// A text that sorts as the value does, for values of the towns.
fn sorted(value: &Value) -> String {
    match value {
        Value::Integer(number) => format!("{:012.6}", *number as f64 + 100.0),
        Value::Number(number) => format!("{:012.6}", number + 100.0),
        other => other.to_string(),
    }
}

#[test]
fn values_are_counted_as_one_would_by_hand() {
    for seed in 0..6 {
        let mut town = town(seed);
        let snapshot = town.snapshot();
        for round in 0..12 {
            let filter = if round == 0 {
                Filter::default()
            } else {
                random_filter(&mut town)
            };
            for column in ["备注", "金额", "日期", "source", "status"] {
                let layer = LayerName::Incidents;
                let found =
                    column_values(&snapshot, &Scope::all(), layer, column, &filter).unwrap();
                let mut slow: BTreeMap<String, u64> = BTreeMap::new();
                for row in slow_rows(&town, &filter) {
                    let value = row.value(column);
                    if !value.is_null() {
                        *slow.entry(sorted(&value)).or_default() += 1;
                    }
                }
                let mut ranked: Vec<(String, u64)> = slow.clone().into_iter().collect();
                ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
                assert_eq!(found.more, ranked.len().saturating_sub(MAX_VALUES));
                ranked.truncate(MAX_VALUES);
                let got: Vec<(String, u64)> = found
                    .values
                    .iter()
                    .map(|item| (sorted(&item.value), item.count))
                    .collect();
                assert_eq!(got, ranked, "{column} {filter:?}");
                let ends = slow.keys().next().zip(slow.keys().next_back());
                let ends = ends.map(|(a, b)| (a.clone(), b.clone()));
                let range = found.range.map(|(a, b)| (sorted(&a), sorted(&b)));
                match column {
                    "金额" | "日期" => assert_eq!(range, ends, "{column} {filter:?}"),
                    _ => assert_eq!(range, None),
                }
            }
        }
    }
}

#[test]
fn a_column_that_is_not_there_is_refused_with_those_that_are() {
    let town = town(1);
    let snapshot = town.snapshot();
    let ask =
        |layer, column| column_values(&snapshot, &Scope::all(), layer, column, &Filter::default());
    let refused = ask(LayerName::Incidents, "备主").unwrap_err();
    assert!(
        refused.zh().contains("备注") && refused.en().contains("status"),
        "{refused}"
    );
    assert!(ask(LayerName::Grids, "status").is_err());
    let sources = ask(LayerName::Grids, "source").unwrap();
    assert_eq!(sources.values[0].value, Value::Text("grids".to_owned()));
    assert_eq!(sources.values[0].count, snapshot.grids.len() as u64);
}
