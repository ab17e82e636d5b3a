use serde_json::Value;

use super::*;

fn corpus() -> Vec<(String, Vec<String>)> {
    include_str!("../../../tests/fixtures/hostile/pii/texts.jsonl")
        .lines()
        .map(|line| {
            let case: Value = serde_json::from_str(line).unwrap();
            let find = case["find"].as_array().unwrap();
            (
                case["text"].as_str().unwrap().to_owned(),
                find.iter()
                    .map(|f| f.as_str().unwrap().to_owned())
                    .collect(),
            )
        })
        .collect()
}

#[test]
fn the_whole_corpus() {
    let corpus = corpus();
    assert_eq!(corpus.len(), 34);
    for (text, find) in corpus {
        let (masked, found) = mask_text(&text);
        let mut found: Vec<String> = found
            .into_iter()
            .filter(|k| *k != MaskKind::Door)
            .map(|k| k.as_str().to_owned())
            .collect();
        for wanted in find {
            let name = wanted.trim_end_matches('?');
            let name = if name == "id15" { "id" } else { name };
            match found.iter().position(|f| f == name) {
                Some(at) => drop(found.remove(at)),
                None => assert!(wanted.ends_with('?'), "{text}: no {wanted} in {masked}"),
            }
        }
        assert!(found.is_empty(), "{text}: {found:?} too much: {masked}");
    }
}

#[test]
fn texts_read_on_after_masking() {
    for (text, masked) in [
        ("报警人张三电话13800138000", "报警人[姓名]电话[电话]"),
        (
            "报警人：李建国报警称与王五打架",
            "报警人：[姓名]报警称与王五打架",
        ),
        ("当事人王强和李伟发生纠纷", "当事人[姓名]和[姓名]发生纠纷"),
        ("联系人 欧阳某某 15912345678", "联系人 [姓名] [电话]"),
        ("报警人称楼上漏水", "报警人称楼上漏水"),
        (
            "Caller: John Smith reports noise",
            "Caller: [姓名] reports noise",
        ),
        ("车牌皖A·D12345的车", "车牌[车牌]的车"),
        ("皖AF12345停在消防通道", "[车牌]停在消防通道"),
        ("卡号6222021234567890128转账", "卡号[卡号]转账"),
        ("邮箱a.b@c.cn，谢谢", "邮箱[邮箱]，谢谢"),
        ("电话62345678无人接", "电话[电话]无人接"),
        ("0551-62345678", "[电话]"),
        ("+86 138 0013 8000", "[电话]"),
        ("8613800138000", "[电话]"),
    ] {
        assert_eq!(mask_text(text).0, masked);
    }
}

#[test]
fn door_numbers_are_cut_to_the_building() {
    for (text, masked) in [
        ("元一名城3栋2单元501室漏水", "元一名城3栋漏水"),
        ("3号楼1601室", "3号楼"),
        ("A座1203", "A座"),
        ("3栋501", "3栋"),
        ("三栋二单元五楼", "三栋"),
        ("样例小区3-2-501", "样例小区3"),
        ("幸福路1号501室", "幸福路1号"),
        ("２栋１单元３０２室", "２栋"),
        ("5幢 2单元 301", "5幢"),
        ("样例路94号", "样例路94号"),
        ("2026-03-15 08:30", "2026-03-15 08:30"),
        ("3栋楼下有人打架", "3栋楼下有人打架"),
        ("3号楼2023年加装电梯", "3号楼2023年加装电梯"),
        ("涉及12户居民", "涉及12户居民"),
    ] {
        assert_eq!(mask_text(text).0, masked);
    }
}

#[test]
fn headings() {
    for personal in [
        "姓名",
        "报警人姓名",
        "身份证号",
        "联系电话",
        "手 机 号",
        "联系人",
        "车牌号",
        "当事人",
        "Phone",
        "caller_name",
        "ReporterPhone",
        "ID Card",
        "email",
        "License Plate",
        "First Name",
        "户主",
    ] {
        assert!(is_personal_header(personal), "{personal}");
    }
    for plain in [
        "编号",
        "类别",
        "发生时间",
        "地址",
        "经度",
        "name",
        "户数",
        "描述",
        "报警时间",
        "社区",
        "victims",
        "Unique Key",
        "Complaint Type",
        "Location Type",
        "template",
        "报警人数",
        "Community Board",
    ] {
        assert!(!is_personal_header(plain), "{plain}");
    }
}

#[test]
fn cells() {
    for personal in [
        "13800138000",
        "138-0013-8000",
        "110101188503120114",
        "皖A12345",
        "a@b.cn",
        " 0551-62345678 ",
    ] {
        assert!(is_personal_cell(personal), "{personal}");
    }
    for plain in [
        "",
        "219027252",
        "64345465",
        "SJ202600001",
        "2026-02-27 17:06:00",
        "117.2868290",
        "电话13800138000报警",
        "样例路94号",
    ] {
        assert!(!is_personal_cell(plain), "{plain}");
    }
    assert!(
        looks_like_name("王小明")
            && !looks_like_name("网格长1号岗")
            && !looks_like_name("七里塘社区")
    );
}

#[test]
fn what_is_cut_out_brings_no_room_to_its_building() {
    let (masked, found) = mask_text("住3栋2单元501室aa13800138000");
    assert_eq!(masked, "住3栋[电话]");
    assert_eq!(mask_text(&masked).0, masked);
    assert_eq!(
        found,
        [MaskKind::Door, MaskKind::Mobile, MaskKind::Door],
        "the room, the number, and what stood where the room was"
    );
}

proptest::proptest! {
    #[test]
    fn a_mobile_number_never_survives(before in "[^0-9]{0,8}", n in 13_000_000_000u64..20_000_000_000, after in "[^0-9Xx.]{0,8}") {
        let number = n.to_string();
        // A point before it makes it a fraction only after a digit.
        let (masked, _) = mask_text(&format!("{before}{number}{after}"));
        proptest::prop_assert!(!masked.contains(&number), "{masked}");
    }

    #[test]
    fn any_text_gives_an_answer(text in "\\PC{0,60}") {
        let (masked, found) = mask_text(&text);
        proptest::prop_assert!(!found.is_empty() || masked == text);
        let _ = (is_personal_cell(&text), is_personal_header(&text));
    }
}
