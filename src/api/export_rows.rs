//! Rows of a layer for the writers of files.

use super::feature::{fields, grid_codes};
use super::lang::Lang;
use crate::format::write::{Column, ColumnType, Row, Sheet};
use crate::index::Snapshot;
use crate::model::{LayerName, Value};
use crate::query::FeatureRef;

/// Columns and titles of a layer.
pub(super) fn sheet(snapshot: &Snapshot, layer: LayerName, lang: Lang) -> Sheet {
    let mut columns: Vec<Column> = fields(layer)
        .iter()
        .map(|field| {
            let column_type = match field.name {
                "checkpoints" => ColumnType::Places,
                _ => field.field_type.into(),
            };
            column(field.name, field.zh, field.en, column_type)
        })
        .collect();
    match layer {
        LayerName::Incidents => {
            columns.push(column("grid", "网格", "Grid", ColumnType::Text));
            columns.push(column(
                "special_grid",
                "专属网格",
                "Special grid",
                ColumnType::Text,
            ));
        }
        LayerName::Compounds => {
            columns.push(column("gates", "出入口", "Gates", ColumnType::Places));
        }
        _ => {}
    }
    for extra in snapshot.district.extra_columns(layer) {
        let name = extra.name.as_str();
        columns.push(column(name, name, name, extra.extra_type.into()));
    }
    Sheet {
        name: layer.to_string(),
        title: lang.pick(layer.name_zh(), layer.name_en()).to_owned(),
        columns,
        points: layer == LayerName::Incidents,
        chinese: lang == Lang::Zh,
        note: snapshot.district.note.clone(),
        attribution: snapshot.district.attribution.clone(),
        made_at: None,
        encoding: None,
    }
}

fn column(name: &str, zh: &str, en: &str, column_type: ColumnType) -> Column {
    Column {
        name: name.to_owned(),
        zh: zh.to_owned(),
        en: en.to_owned(),
        column_type,
    }
}

/// One feature.
pub(super) fn row(snapshot: &Snapshot, sheet: &Sheet, feature: &FeatureRef<'_>) -> Row {
    let codes = match feature {
        FeatureRef::Incident(row) => grid_codes(snapshot, *row),
        _ => (None, None),
    };
    // An extra column may be called like one of these; the built-in one wins.
    let code = |code: Option<&str>| code.map_or(Value::Null, Value::text);
    let values = sheet
        .columns
        .iter()
        .map(|column| match (feature, column.name.as_str()) {
            (FeatureRef::Incident(_), "grid") => code(codes.0),
            (FeatureRef::Incident(_), "special_grid") => code(codes.1),
            (_, name) => feature.value(name),
        })
        .collect();
    let places = match feature {
        FeatureRef::Route(route) => {
            let stops = route.checkpoints.iter();
            stops.map(|c| (c.name.clone(), c.at)).collect()
        }
        FeatureRef::Compound(compound) => {
            let gates = compound.gates.iter();
            gates.map(|at| (String::new(), *at)).collect()
        }
        _ => Vec::new(),
    };
    Row {
        id: feature.id().0,
        values,
        geometry: feature.geometry(),
        places,
    }
}
