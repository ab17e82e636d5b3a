use serde_json::{Value, json};

use super::*;
use crate::layer::Datum;
use crate::tile::TileCoord;

fn wrongs(name: SettingName, value: &Value) -> Vec<String> {
    match name.check(value, None, &|id| id < 10) {
        Ok(_) => Vec::new(),
        Err(wrongs) => {
            assert!(wrongs.iter().all(|w| !w.zh.is_empty() && !w.en.is_empty()));
            wrongs.into_iter().map(|w| w.at).collect()
        }
    }
}

#[test]
fn what_is_unset_is_sound() {
    for name in SettingName::ALL {
        assert_eq!(
            name.check(&name.unset(), None, &|_| false),
            Ok(name.unset())
        );
        assert_eq!(SettingName::named(name.as_str()), Some(name));
        assert!(!wrongs(name, &json!(7)).is_empty(), "{name:?}");
    }
    assert_eq!(SettingName::named("district"), None);
}

#[test]
fn teams_have_no_persons() {
    let team =
        |name: &str, size: Value, mode: &str| json!({"name": name, "size": size, "mode": mode});
    let good = json!([
        team("一组", json!(4), "foot"),
        team("夜间车巡", json!(2), "car")
    ]);
    assert!(wrongs(SettingName::Teams, &good).is_empty());
    for (bad, at) in [
        (team("张伟", json!(4), "foot"), "/0/name"),
        (team("组长李娜13800138000", json!(4), "foot"), "/0/name"),
        (team("一组", json!(0), "foot"), "/0/size"),
        (team("一组", json!(2.5), "foot"), "/0/size"),
        (team("一组", json!(2), "horse"), "/0/mode"),
        (team(" 一组", json!(2), "foot"), "/0/name"),
        (json!({"name": "一组", "size": 3}), "/0/mode"),
        (
            json!({"name": "一组", "size": 3, "mode": "foot", "members": ["张伟"]}),
            "/0/members",
        ),
        (json!("一组"), "/0"),
    ] {
        assert_eq!(wrongs(SettingName::Teams, &json!([bad])), [at], "{bad}");
    }
    let twice = json!([
        team("一组", json!(4), "foot"),
        team("一组", json!(2), "car")
    ]);
    assert_eq!(wrongs(SettingName::Teams, &twice), ["/1/name"]);
    // Everything is told at once.
    let many = json!([team("", json!(0), ""), team("二组", json!(1), "x")]);
    assert_eq!(wrongs(SettingName::Teams, &many).len(), 4);
}

#[test]
fn shifts_may_pass_midnight() {
    let shift = |start: &str, end: &str, days: Value| json!([{"name": "夜班", "start": start, "end": end, "days": days}]);
    assert!(
        wrongs(
            SettingName::Shifts,
            &shift("22:00", "06:00", json!([1, 2, 7]))
        )
        .is_empty()
    );
    for (bad, at) in [
        (shift("24:00", "06:00", json!([1])), "/0/start"),
        (shift("8:00", "06:00", json!([1])), "/0/start"),
        (shift("08:00", "08:60", json!([1])), "/0/end"),
        (shift("08:00", "08:00", json!([1])), "/0"),
        (shift("08:00", "09:00", json!([])), "/0/days"),
        (shift("08:00", "09:00", json!([8])), "/0/days/0"),
        (shift("08:00", "09:00", json!([1, 1])), "/0/days/1"),
    ] {
        assert_eq!(wrongs(SettingName::Shifts, &bad), [at], "{bad}");
    }
}

#[test]
fn visits_are_of_compounds_that_exist() {
    let visits = |priority: Value, compounds: Value| json!({"by_priority": priority, "by_compound": compounds});
    let good = visits(
        json!({"1": {"per": "day", "times": 2}, "3": {"per": "week", "times": 1}}),
        json!([{"compound": 4, "per": "day", "times": 3}]),
    );
    assert!(wrongs(SettingName::Visits, &good).is_empty());
    for (bad, at) in [
        (
            visits(json!({"4": {"per": "day", "times": 2}}), json!([])),
            "/by_priority/4",
        ),
        (
            visits(json!({"1": {"per": "year", "times": 2}}), json!([])),
            "/by_priority/1/per",
        ),
        (
            visits(
                json!({}),
                json!([{"compound": 44, "per": "day", "times": 1}]),
            ),
            "/by_compound/0/compound",
        ),
        (
            visits(
                json!({}),
                json!([{"compound": 4, "per": "day", "times": 1}, {"compound": 4, "per": "day", "times": 1}]),
            ),
            "/by_compound/1/compound",
        ),
        (json!({"by_priority": {}}), "/by_compound"),
    ] {
        assert_eq!(wrongs(SettingName::Visits, &bad), [at], "{bad}");
    }
}

#[test]
fn profiles_name_fields_and_no_personal_columns() {
    let profile = |profile: Value| json!({"110 平台": profile});
    let good = profile(
        json!({"layer": "incidents", "map": {"occurred_at": "报警时间", "text": ["标题", "内容"]},
        "set": {"kind": "police"}, "keep": [{"column": "金额", "type": "number"}],
        "encoding": null, "repeat": "reject"}),
    );
    assert!(wrongs(SettingName::ImportProfiles, &good).is_empty());
    for (bad, at) in [
        (json!({"layer": "people"}), "/110 平台/layer"),
        (
            json!({"layer": "incidents", "map": {"area": "x"}}),
            "/110 平台/map/area",
        ),
        (json!({"map": {"text": "报警人电话"}}), "/110 平台/map/text"),
        (
            json!({"keep": [{"column": "身份证号"}]}),
            "/110 平台/keep/0/column",
        ),
        (json!({"repeat": "twice"}), "/110 平台/repeat"),
        (json!({"columns": []}), "/110 平台/columns"),
    ] {
        assert_eq!(
            wrongs(SettingName::ImportProfiles, &profile(bad.clone())),
            [at],
            "{bad}"
        );
    }
    assert!(
        wrongs(
            SettingName::SourceCrs,
            &json!({"12345": "gcj02", "测绘院": "epsg:4548"})
        )
        .is_empty()
    );
    assert_eq!(
        wrongs(SettingName::SourceCrs, &json!({"a": "epsg:2384"})),
        ["/a"]
    );
}

#[test]
fn keys_of_backgrounds_stay_on_the_server() {
    let background = json!({"name": "天地图", "url": "https://t0.tianditu.gov.cn/vec_w/wmts?x={x}&y={y}&z={z}&tk={key}",
        "minzoom": 1, "maxzoom": 18, "tile_size": 256, "scheme": "xyz",
        "attribution": "天地图", "approval": "GS(2024)0001号", "datum": "cgcs2000",
        "key_ref": "GRIDMAP_TIANDITU_KEY"});
    let none = |_| false;
    let name = SettingName::Backgrounds;
    let kept = name.check(&json!([background]), None, &none).unwrap();
    assert_eq!(kept[0]["key_ref"], "GRIDMAP_TIANDITU_KEY");
    let shown = name.shown(&kept);
    assert!(!shown.to_string().contains("GRIDMAP"), "{shown}");
    assert_eq!(shown[0]["has_key"], true);
    // Sent back as it was shown, it keeps its key; said otherwise, it loses it.
    assert_eq!(name.check(&shown, Some(&kept), &none).unwrap(), kept);
    let mut without = shown.clone();
    without[0]["has_key"] = json!(false);
    let without = name.check(&without, Some(&kept), &none).unwrap();
    assert_eq!(without[0].get("key_ref"), None);
    for (member, bad, at) in [
        ("url", json!("https://x/{z}/{x}.png"), "/0/url"),
        ("url", json!("javascript:alert(1)//{z}{x}{y}"), "/0/url"),
        (
            "url",
            json!("https://x/{z}/{x}/{y}?tk=0123456789abcdef"),
            "/0/url",
        ),
        ("minzoom", json!(19), "/0"),
        ("tile_size", json!(300), "/0/tile_size"),
        ("scheme", json!("wmts"), "/0/scheme"),
        ("datum", json!("xian80"), "/0/datum"),
        ("datum", json!("bd09"), "/0/datum"),
        ("url", json!("https://x/{z}/{x}/{y}/{q}"), "/0/url"),
        ("url", json!("https://{key}.x/{z}/{x}/{y}"), "/0/url"),
        ("url", json!("https://u@x/{z}/{x}/{y}"), "/0/url"),
        ("url", json!("https://t{s}.x/{z}/{x}/{y}"), "/0/url"),
        (
            "labels_url",
            json!("https://x/{z}/{x}.png"),
            "/0/labels_url",
        ),
        (
            "labels_url",
            json!("https://t{s}.x/{z}/{x}/{y}"),
            "/0/labels_url",
        ),
        (
            "labels_url",
            json!("https://x/{z}/{x}/{y}?tk=0123456789abcdef"),
            "/0/labels_url",
        ),
        ("subdomains", json!([]), "/0/subdomains"),
        ("subdomains", json!(["a.b"]), "/0/subdomains/0"),
        ("subdomains", json!(["a", "x/"]), "/0/subdomains/1"),
        ("subdomains", json!(vec!["a"; 11]), "/0/subdomains"),
        ("key_ref", json!("0123456789abcdef"), "/0/key_ref"),
        ("key_ref", json!("PATH"), "/0/key_ref"),
    ] {
        let mut value = json!([background]);
        value[0][member] = bad.clone();
        assert_eq!(wrongs(name, &value), [at], "{member}: {bad}");
    }
}

#[test]
fn a_background_may_have_labels_and_several_hosts() {
    let name = SettingName::Backgrounds;
    let wmts = |layer: &str| {
        format!(
            "https://t{{s}}.tianditu.gov.cn/{layer}/wmts?SERVICE=WMTS&REQUEST=GetTile&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{key}}"
        )
    };
    let value = json!([{"name": "天地图", "url": wmts("vec_w"), "labels_url": wmts("cva_w"),
        "subdomains": ["0", "1", "7"], "minzoom": 1, "maxzoom": 18, "tile_size": 256,
        "scheme": "xyz", "datum": "cgcs2000", "key_ref": "GRIDMAP_TIANDITU_KEY"}]);
    assert_eq!(wrongs(name, &value), [""; 0]);
    let all = background::all(&value);
    let BackgroundSource::Service(service) = &all[0].source else {
        panic!("{all:?}");
    };
    assert_eq!(all[0].datum, Some(Datum::Wgs84));
    let tile = TileCoord::new(3, 6, 2).unwrap();
    let template = service.labels.as_ref().unwrap();
    let address = service.address(template, tile, "a+b/c");
    assert_eq!(
        address,
        "https://t7.tianditu.gov.cn/cva_w/wmts?SERVICE=WMTS&REQUEST=GetTile&TILEMATRIX=3&TILEROW=2&TILECOL=6&tk=a%2Bb%2Fc"
    );
    let hosts: Vec<String> = service.hosts(template).collect();
    assert_eq!(
        hosts,
        [
            "t0.tianditu.gov.cn",
            "t1.tianditu.gov.cn",
            "t7.tianditu.gov.cn"
        ]
    );
}

#[test]
fn rows_of_tms_count_from_the_south() {
    let value = json!([{"name": "内网", "url": "http://[::1]:8080/{z}/{x}/{y}.png", "minzoom": 1, "maxzoom": 18,
        "tile_size": 256, "scheme": "tms", "datum": "gcj02"}]);
    assert_eq!(wrongs(SettingName::Backgrounds, &value), [""; 0]);
    let all = background::all(&value);
    let BackgroundSource::Service(service) = &all[0].source else {
        panic!("{all:?}");
    };
    let address = service.address(&service.url, TileCoord::new(3, 6, 2).unwrap(), "");
    assert_eq!(address, "http://[::1]:8080/3/6/5.png");
    assert_eq!(service.hosts(&service.url).collect::<Vec<_>>(), ["::1"]);
    assert_eq!(all[0].datum, Some(Datum::Gcj02));
}

#[test]
fn a_background_may_be_a_file_of_the_folder() {
    let name = SettingName::Backgrounds;
    let file = |url: &str| json!({"name": "合肥", "url": url, "datum": "wgs84", "approval": "皖S(2026)1号"});
    assert_eq!(
        wrongs(name, &json!([file("pmtiles:合肥 2026.pmtiles")])),
        [""; 0]
    );
    for bad in [
        "pmtiles:",
        "pmtiles:.pmtiles",
        "pmtiles:a.mbtiles",
        "pmtiles:../a.pmtiles",
        "pmtiles:/etc/a.pmtiles",
        "pmtiles:b\\a.pmtiles",
        "pmtiles:c:a.pmtiles",
        "file:a.pmtiles",
    ] {
        let told = wrongs(name, &json!([file(bad)]));
        assert_eq!(told[0], "/0/url", "{bad}");
    }
    for (member, value) in [
        ("key_ref", json!("GRIDMAP_A_KEY")),
        ("labels_url", json!("http://x/{z}/{x}/{y}")),
        ("subdomains", json!(["a"])),
        ("scheme", json!("tms")),
        ("tile_size", json!(100)),
    ] {
        let mut item = file("pmtiles:a.pmtiles");
        item[member] = value;
        assert_eq!(wrongs(name, &json!([item])), [format!("/0/{member}")]);
    }
    let mut other = file("pmtiles:a.pmtiles");
    other["name"] = json!("又一个");
    let twice = json!([file("pmtiles:a.pmtiles"), other]);
    assert_eq!(wrongs(name, &twice), ["/1/url"], "one file, one entry");
    let all = background::all(&json!([file("pmtiles:a.pmtiles"), 7, {"name": "x"}]));
    assert_eq!(all.len(), 1, "what is no entry is passed over");
    assert!(matches!(&all[0].source, BackgroundSource::File(f) if f == "a.pmtiles"));
    // Kept before this was refused.
    let old = json!([{"name": "x", "url": "http://a/{z}/{x}/{y}", "datum": "bd09"}]);
    assert_eq!(background::all(&old)[0].datum, None);
}

#[test]
fn the_category_tree_is_one() {
    let item = |code: &str, parent: Value, kind: &str| json!({"code": code, "parent": parent, "kind": kind, "name_zh": "盗窃", "name_en": "Theft"});
    let tree = |items: Vec<Value>| json!({"categories": items});
    let good = tree(vec![
        item("police.theft", json!("police"), "police"),
        item("police", json!(null), "police"),
    ]);
    let change = check_categories(&good).unwrap();
    assert_eq!(change.tree.items()[0].code, "police", "parents come first");
    assert!(change.tree.is_within("police.theft", "police"));
    for (bad, at) in [
        (
            tree(vec![item("A", json!(null), "police")]),
            "/categories/0/code",
        ),
        (
            tree(vec![item("a", json!("b"), "police")]),
            "/categories/0/parent",
        ),
        (
            tree(vec![
                item("a", json!(null), "police"),
                item("a", json!(null), "police"),
            ]),
            "/categories/1/code",
        ),
        (
            tree(vec![
                item("a", json!(null), "police"),
                item("b", json!("a"), "hotline"),
            ]),
            "/categories/1/parent",
        ),
        (
            tree(vec![item("a", json!(null), "crime")]),
            "/categories/0/kind",
        ),
        (
            json!({"categories": [item("a", json!(null), "police")], "replace": {"x": "y"}}),
            "/replace/x",
        ),
        (json!({}), "/categories"),
    ] {
        let wrongs = check_categories(&bad).unwrap_err();
        assert_eq!(wrongs[0].at, at, "{bad}");
    }
    let circle = tree(vec![
        item("a", json!("b"), "police"),
        item("b", json!("a"), "police"),
    ]);
    assert_eq!(check_categories(&circle).unwrap_err().len(), 2);
}

#[test]
fn the_tree_that_comes_with_the_program_can_be_saved_again() {
    let tree = crate::format::default_categories();
    let value = json!({"categories": tree.items()});
    assert_eq!(check_categories(&value).map(|change| change.tree), Ok(tree));
    let mut secret = value;
    secret["categories"][0]["name_zh"] = json!("13800138000");
    let wrongs = check_categories(&secret).unwrap_err();
    assert_eq!(wrongs[0].at, "/categories/0/name_zh");
}
