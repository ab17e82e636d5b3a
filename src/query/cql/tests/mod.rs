//! The grammar by examples, and every filter against a slow walk over its tree
//! that shares no step with the quick way but the comparison of two spans.

mod slow;

use rand::prelude::*;

use self::slow::slow;
use super::ast::Comparison;
use super::span::{Relation, Span};
use super::*;
use crate::index::town::{Town, degrees};
use crate::model::Scope;
use crate::query::{ItemsQuery, items};

fn read(text: &str, layer: LayerName) -> Result<Cql, FilterError> {
    Cql::read(text, layer, &District::default())
}

fn error(text: &str) -> (usize, String) {
    match read(text, LayerName::Incidents) {
        Err(FilterError::Cql { at, en, zh }) => {
            assert!(!zh.is_empty());
            (at, en)
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn the_grammar_is_read() {
    for text in [
        "kind = 'police'",
        "kind='police' and not (status = '处置中' OR status IS NULL)",
        "status IS NOT NULL",
        "status LIKE '处%' AND text NOT LIKE '%\\_%'",
        "casei(source) = casei('ABC') AND accenti(source) LIKE accenti('é%')",
        "id IN (1, 2, 3) OR kind NOT IN ('police', 'hotline')",
        "id BETWEEN 1 AND 10 AND id NOT BETWEEN 3 AND 4",
        "id + 2 * 3 > 7 AND (id - 1) * 2 <= 10 ^ 2 / -4 % 3 div 2",
        "-id < -1e3 AND id <> .5",
        "date_only = true AND date_only <> FALSE AND date_only",
        "occurred_at >= TIMESTAMP('2026-10-01T00:00:00Z')",
        "occurred_at < DATE('2026-10-01') AND occurred_at >= '2026-09-01'",
        "T_AFTER(occurred_at, DATE('2026-10-01'))",
        "T_DURING(occurred_at, INTERVAL('2026-10-01', '..'))",
        "T_INTERSECTS(INTERVAL(occurred_at, reported_at), INTERVAL('..','2026-10-01T00:00:00Z'))",
        "S_INTERSECTS(geometry, POINT(117.28 31.83))",
        "S_WITHIN(geometry, POLYGON((117 31,118 31,118 32,117 31)))",
        "S_INTERSECTS(geometry, BBOX(117,31,118,32)) AND S_DISJOINT(geometry, BBOX(117,31,0,118,32,9))",
        "S_CROSSES(LINESTRING(0 0, 1 1), geometry)",
        "S_INTERSECTS(geometry, MULTIPOINT((1 2),(3 4))) OR S_INTERSECTS(geometry, MULTIPOINT(1 2,3 4))",
        "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT Z(1 2 3), LINESTRING(1 2,3 4)))",
        "S_INTERSECTS(geometry, MULTIPOLYGON(((0 1,1 1,1 2,0 1)),((5 5,6 5,6 6,5 5))))",
        "geometry IS NULL",
        "\"kind\" = 'it''s' OR \"kind\" = 'it\\'s'",
        "grid = 'WG001' AND special_grid IS NULL",
        "TRUE AND NOT FALSE",
    ] {
        let read = read(text, LayerName::Incidents);
        assert!(read.is_ok(), "{text}: {read:?}");
    }
    assert!(read("name = '一' AND households * 2 > 100", LayerName::Grids).is_ok());
    assert!(read("valid_from <= DATE('2026-01-01')", LayerName::Grids).is_ok());
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, at, part) in [
        ("", 1, "expected"),
        ("kind", 1, "condition"),
        ("kind = ", 8, "found the end"),
        ("kind == 'x'", 7, "expected"),
        ("kind = 'x", 8, "never ends"),
        ("status = '处' AND # = 1", 18, "no place"),
        ("knd = 'x'", 1, "did you mean `kind`"),
        ("id = 'x'", 6, "cannot be compared"),
        ("kind = 'x' id = 1", 12, "AND, OR"),
        ("occurred_at > 'yesterday'", 15, "a day or an instant"),
        ("occurred_at > DATE('2026-13-01')", 20, "a day"),
        ("occurred_at > TIMESTAMP('2026-10-01')", 25, "an instant"),
        (
            "T_DURING(occurred_at, INTERVAL('2026-10-02','2026-10-01'))",
            23,
            "after its end",
        ),
        ("S_INTERSECTS(geometry, POINT(1))", 31, "a number"),
        ("S_INTERSECTS(geometry, POINT(200 1))", 24, "longitude"),
        (
            "S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))",
            24,
            "crosses itself",
        ),
        (
            "S_INTERSECTS(geometry, POLYGON((0 0,1 1,0 0)))",
            24,
            "three different",
        ),
        (
            "S_INTERSECTS(geometry, BBOX(2,1,1,2))",
            24,
            "west not above east",
        ),
        ("S_INTERSECTS(geometry, kind)", 24, "a shape"),
        ("geometry = 1", 1, "S_INTERSECTS"),
        ("kind LIKE kind", 11, "LIKE needs"),
        ("date_only > true", 13, "= and <> only"),
        ("pg_sleep(5)", 1, "no function"),
        ("id = 1e999", 6, "too large"),
        ("kind NOT = 'x'", 10, "LIKE, IN or BETWEEN"),
        ("AND = 1", 1, "double quotes"),
    ] {
        let (found, words) = error(text);
        assert_eq!(found, at, "{text}: {words}");
        assert!(words.contains(part), "{text}: {words}");
    }
}

#[test]
fn no_depth_and_no_length_harms() {
    let deep = |open: &str, inner: &str, close: &str, n: usize| {
        format!("{}{inner}{}", open.repeat(n), close.repeat(n))
    };
    for text in [
        deep("(", "kind = 'x'", ")", 3000),
        deep("(", "kind = 'x'", ")", 10_000),
        deep("casei(", "kind", ")", 1000),
        "(".repeat(8000),
        format!("id{} = 1", "+1".repeat(3000)),
        format!("id = 1{}", "^1".repeat(3000)),
        format!(
            "S_INTERSECTS(geometry, {}",
            "GEOMETRYCOLLECTION(".repeat(400)
        ),
        format!("kind = '{}'", "x".repeat(MAX_LENGTH)),
        format!("kind LIKE '{}'", "a_".repeat(500)),
    ] {
        let short: String = text.chars().take(30).collect();
        assert!(read(&text, LayerName::Incidents).is_err(), "{short}");
    }
    // Long is not deep.
    for text in [
        format!("kind = 'x'{}", " AND kind = 'x'".repeat(500)),
        format!("{}kind = 'x'", "NOT ".repeat(1900)),
        format!("id = {}1", "-".repeat(3000)),
        deep("(", "kind = 'x'", ")", 30),
        format!("kind LIKE '{}a'", "%".repeat(1000)),
    ] {
        let short: String = text.chars().take(30).collect();
        assert!(read(&text, LayerName::Incidents).is_ok(), "{short}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_gives_an_answer(text in "(kind|id|AND|NOT|IN|LIKE|S_WITHIN|POINT|INTERVAL|geometry|[-(),='%<>0-9 .\"\u{4e00}]){0,25}") {
        let _ = read(&text, LayerName::Incidents);
        let _ = read(&text, LayerName::Grids);
    }
}

/// A random filter over a layer as text.
fn random_text(town: &mut Town, layer: LayerName, depth: usize) -> String {
    if depth > 0 && town.random.random_bool(0.7) {
        let mut below = || random_text(town, layer, depth - 1);
        let (a, b) = (below(), below());
        return match town.random.random_range(0..4) {
            0 => format!("({a}) AND ({b})"),
            1 => format!("{a} AND {b}"),
            2 => format!("({a} OR {b})"),
            _ => format!("NOT ({a})"),
        };
    }
    let how = town.pick(&["=", "<>", "<", "<=", ">", ">="]).to_owned();
    let not = town.pick(&["", "NOT "]).to_owned();
    let incidents = layer == LayerName::Incidents;
    match town.random.random_range(0..9) {
        0 => format!("id % {} {how} 1", town.random.random_range(2..5)),
        1 if incidents => {
            let field = town
                .pick(&["kind", "status", "category", "grid", "source"])
                .to_owned();
            let word = town.pick(&["police", "处置中", "p.theft", "340107", "110"]);
            format!("{field} {how} '{word}'")
        }
        1 => format!(
            "casei(name) {not}LIKE casei('%{}%')",
            town.pick(&["1", "网", "小", "路_"])
        ),
        2 if incidents => {
            let list = town.pick(&["'p', 'd'", "'p.theft'", "casei('D'), 'h'"]);
            format!("category {not}IN ({list})")
        }
        2 => format!("id {not}IN (1, 3, 5, 7, 40, 41)"),
        3 => format!("id {not}BETWEEN {} AND 60", town.random.random_range(0..50)),
        4 => {
            let field = if incidents {
                "reported_at"
            } else {
                "source_id"
            };
            format!("{field} IS {not}NULL")
        }
        5 => spatial_text(town),
        6 if incidents => time_text(town, &how),
        6 if layer == LayerName::Streets => "oneway OR class IN ('lane', 'rail')".to_owned(),
        6 => "households + 1 > 300 / (id - 7)".to_owned(),
        7 if incidents => format!("text {not}LIKE '%{}%'", town.pick(&["电", "_水", "x"])),
        7 if layer == LayerName::Streets => "NOT foot OR name > '路3'".to_owned(),
        7 => "households IS NULL OR households <> 400".to_owned(),
        _ if incidents => "date_only".to_owned(),
        _ => format!("source {how} 'grids'"),
    }
}

fn spatial_text(town: &mut Town) -> String {
    let how = town.pick(&[
        "INTERSECTS",
        "DISJOINT",
        "WITHIN",
        "CONTAINS",
        "EQUALS",
        "TOUCHES",
        "CROSSES",
        "OVERLAPS",
    ]);
    let how = how.to_owned();
    let at = |p: (i64, i64)| {
        let c = degrees(p);
        format!("{} {}", c.x, c.y)
    };
    let p = town.lattice_point();
    let shape = match town.random.random_range(0..5) {
        0 => format!("POINT({})", at(p)),
        1 => format!("LINESTRING({},{})", at(p), at((p.0 + 7, p.1 + 3))),
        2 => {
            let (a, b) = (degrees(p), degrees((p.0 + 9, p.1 + 6)));
            format!("BBOX({},{},{},{})", a.x, a.y, b.x, b.y)
        }
        _ => {
            let ring = [
                p,
                (p.0 + 12, p.1),
                (p.0 + 9, p.1 + 14),
                (p.0 - 2, p.1 + 8),
                p,
            ];
            let ring: Vec<String> = ring.into_iter().map(at).collect();
            format!("POLYGON(({}))", ring.join(","))
        }
    };
    if town.random.random_bool(0.5) {
        format!("S_{how}(geometry, {shape})")
    } else {
        format!("S_{how}({shape}, geometry)")
    }
}

fn time_text(town: &mut Town, how: &str) -> String {
    let mut row = || {
        town.rows
            .incidents
            .put
            .choose(&mut town.random)
            .unwrap()
            .occurred_at
    };
    let (a, b) = (row(), row());
    let (a, b) = (a.min(b), a.max(b));
    let (day, at) = (a.local_date(), a.to_rfc3339());
    let relation = town
        .pick(&[
            "AFTER",
            "BEFORE",
            "DURING",
            "INTERSECTS",
            "EQUALS",
            "DISJOINT",
            "MEETS",
            "STARTS",
        ])
        .to_owned();
    match town.random.random_range(0..6) {
        0 => format!("occurred_at {how} DATE('{day}')"),
        1 => format!("TIMESTAMP('{at}') {how} occurred_at"),
        2 => format!("T_{relation}(occurred_at, DATE('{day}'))"),
        3 => format!(
            "T_{relation}(occurred_at, INTERVAL('{day}', '{}'))",
            b.to_rfc3339()
        ),
        4 => format!("T_{relation}(INTERVAL(occurred_at, reported_at), INTERVAL('..', '{day}'))"),
        _ => format!("occurred_at BETWEEN '{day}' AND '{}'", b.local_date()),
    }
}

#[test]
fn every_filter_agrees_with_the_slow_walk() {
    let layers = [
        LayerName::Incidents,
        LayerName::Grids,
        LayerName::Compounds,
        LayerName::Streets,
    ];
    let (mut hits, mut asked) = (0, 0);
    for seed in 0..6 {
        let mut town = Town::new(seed, 150);
        let snapshot = town.snapshot();
        for round in 0..160 {
            let layer = layers[round % layers.len()];
            let text = random_text(&mut town, layer, 3);
            let cql = Cql::read(&text, layer, &snapshot.district)
                .unwrap_or_else(|error| panic!("{text}: {error}"));
            let tree = parse::parse(lex::lex(&text).unwrap()).unwrap();
            let query = |cql| ItemsQuery {
                cql,
                limit: 10_000,
                ..ItemsQuery::default()
            };
            let all = items(&snapshot, &Scope::all(), layer, &query(None));
            let wanted: Vec<_> = all
                .items
                .iter()
                .filter(|row| slow(&tree, &snapshot, row) == Some(true))
                .map(FeatureRef::id)
                .collect();
            let found = items(&snapshot, &Scope::all(), layer, &query(Some(cql)));
            let found: Vec<_> = found.items.iter().map(FeatureRef::id).collect();
            assert_eq!(found, wanted, "seed {seed}: {text}");
            hits += found.len();
            asked += all.items.len();
        }
    }
    assert!(
        hits * 20 > asked && hits * 20 < asked * 19,
        "{hits} of {asked}"
    );
}

#[test]
fn figures_agree_with_the_items_under_every_filter() {
    use crate::query::{By, Step, counts, grid_stats, histogram};
    let mut hits = 0;
    for seed in 0..4 {
        let mut town = Town::new(seed, 150);
        let snapshot = town.snapshot();
        let scope = Scope::all();
        for round in 0..60 {
            let text = random_text(&mut town, LayerName::Incidents, 3);
            let cql = Cql::read(&text, LayerName::Incidents, &snapshot.district).unwrap();
            let mut plain = Filter::default();
            match round % 4 {
                0 => {}
                1 => plain.placed = Some(round % 8 == 1),
                2 => plain.kinds = vec![crate::model::IncidentKind::Police],
                _ => plain.hours = Some(0xff),
            }
            let query = ItemsQuery {
                cql: Some(cql.clone()),
                filter: plain.clone(),
                limit: 10_000,
                ..ItemsQuery::default()
            };
            let found = items(&snapshot, &scope, LayerName::Incidents, &query);
            let total = found.total as u64;
            hits += found.total;
            let filter = Filter {
                cql: Some(std::sync::Arc::new(cql)),
                ..plain
            };
            let by_kind = counts(&snapshot, &scope, &filter, By::Kind);
            let said = format!("seed {seed}: {text} with {}", filter.canonical());
            assert_eq!(by_kind.total, total, "{said}");
            let sum: u64 = by_kind.items.iter().map(|item| item.count).sum();
            assert_eq!(sum, total, "{said}");
            let bins = histogram(&snapshot, &scope, &filter, Step::Day);
            assert_eq!(bins.counts.iter().sum::<u64>(), total, "{said}");
            assert_eq!(
                grid_stats(&snapshot, &scope, &filter).total,
                total,
                "{said}"
            );
            // One by one, as a tile asks.
            let selection = filter.compile(&snapshot, &scope);
            let rows = found.items.iter().all(|item| match item {
                FeatureRef::Incident(row) => selection.matches(*row),
                _ => false,
            });
            assert!(rows && selection.count() == total, "{said}");
            assert!(filter.canonical().len() < 200, "{said}");
        }
    }
    assert!(hits > 500, "{hits}");
}

#[test]
fn the_relations_of_time_exclude_each_other() {
    use Relation::*;
    let base = [
        After,
        Before,
        Contains,
        During,
        Equals,
        FinishedBy,
        Finishes,
        Meets,
        MetBy,
        OverlappedBy,
        Overlaps,
        StartedBy,
        Starts,
    ];
    for a in 0..5_i64 {
        for b in a + 1..6 {
            for c in 0..5_i64 {
                for d in c + 1..6 {
                    let (x, y) = (Span { first: a, last: b }, Span { first: c, last: d });
                    let holds: Vec<_> = base.iter().filter(|how| x.relates(**how, y)).collect();
                    assert_eq!(holds.len(), 1, "{x:?} {y:?}: {holds:?}");
                    let apart = x.relates(After, y) || x.relates(Before, y);
                    assert_eq!(x.relates(Disjoint, y), apart);
                    assert_eq!(x.relates(Intersects, y), !apart);
                }
            }
        }
    }
}

#[test]
fn a_day_is_all_of_its_seconds() {
    let day = Span::day(jiff::civil::date(2026, 10, 1)).unwrap();
    assert_eq!(day.last - day.first, 86_399);
    let noon = Span {
        first: day.first + 43_200,
        last: day.first + 43_200,
    };
    assert!(noon.compare(Comparison::Equal, day) && day.compare(Comparison::Equal, noon));
    assert!(
        noon.compare(Comparison::LessOrEqual, day) && noon.compare(Comparison::GreaterOrEqual, day)
    );
    assert!(!noon.compare(Comparison::Less, day) && !noon.compare(Comparison::Greater, day));
}
