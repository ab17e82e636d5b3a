//! Features as pages for people.

use super::collections;
use super::feature::{fields, properties};
use super::html::{Page, plain};
use super::items::{Place, note};
use super::lang::Lang;
use super::link::Link;
use crate::index::Snapshot;
use crate::model::{FieldType, LayerName};
use crate::query::FeatureRef;

/// A page of a layer's features as a table.
pub(super) fn page(
    snapshot: &Snapshot,
    items: &[FeatureRef<'_>],
    place: &Place<'_>,
    links: &[Link],
    lang: Lang,
) -> Page {
    let mut page = Page::new(lang, collections::title(place.layer, lang), note(snapshot));
    let last = place.offset + items.len();
    let range = match (items.len(), lang) {
        (0, Lang::Zh) => format!("没有符合条件的要素，共 {} 个", place.total),
        (0, Lang::En) => format!("Nothing on this page; {} match", place.total),
        (_, Lang::Zh) => format!("第 {}–{last} 个，共 {} 个", place.offset + 1, place.total),
        (_, Lang::En) => format!("{}–{last} of {}", place.offset + 1, place.total),
    };
    page.element("p", &range);
    steps(&mut page, links);
    page.raw(
        "<div class=\"scroll\" tabindex=\"0\">\n<table>\n<thead><tr><th scope=\"col\">id</th>",
    );
    let columns = columns(snapshot, place.layer, lang);
    for column in &columns {
        page.raw("<th scope=\"col\">");
        page.text(&column.title);
        page.raw("</th>");
    }
    page.raw("</tr></thead>\n<tbody>\n");
    for item in items {
        let all = properties(snapshot, item);
        page.raw("<tr><td class=\"number\">");
        let href = format!("/collections/{}/items/{}?f=html", place.layer, item.id());
        page.anchor(&href, &item.id().to_string());
        page.raw("</td>");
        for column in &columns {
            let text = all.get(&column.name).map(plain).unwrap_or_default();
            page.cell(&text, column.number);
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody>\n</table>\n</div>\n");
    steps(&mut page, links);
    page.links(links);
    page
}

/// One feature with all its properties.
pub(super) fn single(
    snapshot: &Snapshot,
    feature: &FeatureRef<'_>,
    links: &[Link],
    lang: Lang,
) -> Page {
    let layer = feature.layer();
    let title = format!("{} {}", collections::title(layer, lang), feature.id());
    let mut page = Page::new(lang, &title, note(snapshot));
    page.raw("<div class=\"card\"><dl>\n");
    let all = properties(snapshot, feature);
    for column in columns(snapshot, layer, lang) {
        page.element("dt", &column.title);
        page.element("dd", &all.get(&column.name).map(plain).unwrap_or_default());
    }
    page.element("dt", lang.pick("几何", "Geometry"));
    let shape = feature.geometry().map_or_else(
        || lang.pick("未上图", "no place").to_owned(),
        |g| shape_of(&g, lang),
    );
    page.element("dd", &shape);
    page.raw("</dl></div>\n");
    page.links(links);
    page
}

/// A column of a table.
struct Column {
    name: String,
    title: String,
    number: bool,
}

fn columns(snapshot: &Snapshot, layer: LayerName, lang: Lang) -> Vec<Column> {
    let mut columns: Vec<Column> = fields(layer)
        .iter()
        .map(|field| Column {
            name: field.name.to_owned(),
            title: lang.pick(field.zh, field.en).to_owned(),
            number: field.field_type == FieldType::Integer,
        })
        .collect();
    if layer == LayerName::Incidents {
        for (name, zh, en) in [
            ("grid", "网格", "Grid"),
            ("special_grid", "专属网格", "Special grid"),
        ] {
            columns.push(Column {
                name: name.to_owned(),
                title: lang.pick(zh, en).to_owned(),
                number: false,
            });
        }
    }
    columns.extend(
        snapshot
            .district
            .extra_columns(layer)
            .iter()
            .map(|extra| Column {
                name: extra.name.clone(),
                title: extra.name.clone(),
                number: extra.extra_type == crate::model::ExtraType::Number,
            }),
    );
    columns
}

fn shape_of(shape: &geo::Geometry<f64>, lang: Lang) -> String {
    use geo::{BoundingRect, CoordsIter};
    let Some(bounds) = shape.bounding_rect() else {
        return String::new();
    };
    let (min, max) = (bounds.min(), bounds.max());
    if min == max {
        return format!("{:.6}, {:.6}", min.x, min.y);
    }
    let points = shape.coords_count();
    let corners = format!("{:.6}, {:.6} – {:.6}, {:.6}", min.x, min.y, max.x, max.y);
    match lang {
        Lang::Zh => format!("{corners}（{points} 个点）"),
        Lang::En => format!("{corners} ({points} points)"),
    }
}

fn steps(page: &mut Page, links: &[Link]) {
    let around = || {
        links
            .iter()
            .filter(|link| matches!(link.rel, "prev" | "next"))
    };
    if around().next().is_none() {
        return;
    }
    page.raw("<nav class=\"pages\">");
    for link in around() {
        page.anchor(&link.href, &link.title);
    }
    page.raw("</nav>\n");
}
