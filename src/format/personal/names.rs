//! Names after 报警人, 当事人, 联系人 and the like.

use super::signs::Signs;
use super::{MaskKind, Span, is_hanzi};

/// Words that a person's name follows.
const ROLES: &[&str] = &[
    "报警人",
    "报案人",
    "当事人",
    "联系人",
    "举报人",
    "投诉人",
    "反映人",
    "诉求人",
    "来电人",
    "求助人",
    "申请人",
    "受害人",
    "被害人",
    "嫌疑人",
    "涉案人",
    "违法人",
    "被告人",
    "证人",
    "户主",
    "房东",
    "租客",
    "死者",
    "伤者",
    "事主",
    "失主",
    "车主",
    "姓名",
    "网格长",
    "网格员",
    "负责人",
    "经办人",
    "民警",
];

/// Common surnames; two-character ones apart.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔汤尚温庞樊殷施翟倪葛章鲁毕俞柯岳安耿詹欧阮焦涂聂齐易梅庄辛管祝左童霍纪舒屈项祁鲍卞蒲费奚褚卫邬窦裴计伏成谈茅娄危阚戚柏瞿鄢";
const DOUBLE: &[&str] = &[
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "夏侯",
];

static ROLE_STARTS: Signs = Signs::first_of(ROLES);

/// Characters that are no given name.
const NOT_GIVEN: &str = "称说报的了在，。、；：,;:.()（）";
/// Characters that go on after a short name and are rarely its end.
const AFTER: &str = "发称说报电在反投与和及到于的因来被将向从对是有打要去已等住系，。、；：,;:.()（）[]【】 0123456789+\"“”'/\n\r\t";

pub(super) fn find(text: &[char], spans: &mut Vec<Span>) {
    let mut colon = false;
    for (at, &c) in text.iter().enumerate() {
        colon |= c == ':';
        if !ROLE_STARTS.has(c) {
            continue;
        }
        for role in ROLES {
            if let Some(end) = super::starts(text, at, role) {
                after_role(text, end, spans);
                break;
            }
        }
    }
    if colon {
        english(text, spans);
    }
}

/// Names from `at` on: one, or several joined by 和, 与, 、.
fn after_role(text: &[char], mut at: usize, spans: &mut Vec<Span>) {
    loop {
        while matches!(
            text.get(at),
            Some(' ' | ':' | '：' | '(' | '"' | '“' | '为' | '是' | '叫')
        ) {
            at += 1;
        }
        let Some(len) = name_length(&text[at..]) else {
            return;
        };
        spans.push((at, at + len, MaskKind::Name));
        at += len;
        if !matches!(text.get(at), Some('和' | '与' | '、' | '及' | ',' | '/')) {
            return;
        }
        at += 1;
    }
}

/// Length of the name at the start, if one is there.
pub(super) fn name_length(text: &[char]) -> Option<usize> {
    let double = text
        .get(..2)
        .is_some_and(|two| DOUBLE.iter().any(|d| d.chars().eq(two.iter().copied())));
    let surname = if double {
        2
    } else if text.first().is_some_and(|c| SURNAMES.contains(*c)) {
        1
    } else {
        return None;
    };
    let given = |at: usize, not: &str| {
        text.get(surname + at)
            .is_some_and(|c| (is_hanzi(*c) || matches!(c, '*' | 'X' | 'x')) && !not.contains(*c))
    };
    match (given(0, NOT_GIVEN), given(1, AFTER)) {
        (true, true) => Some(surname + 2),
        (true, false) => Some(surname + 1),
        _ => None,
    }
}

/// `caller: John Smith`.
fn english(text: &[char], spans: &mut Vec<Span>) {
    const ROLES: &[&str] = &[
        "caller",
        "complainant",
        "reporter",
        "victim",
        "suspect",
        "contact",
        "name",
        "witness",
    ];
    for colon in 0..text.len() {
        if text[colon] != ':' {
            continue;
        }
        let before: String = text[..colon]
            .iter()
            .rev()
            .take_while(|c| c.is_ascii_alphabetic())
            .map(char::to_ascii_lowercase)
            .collect::<Vec<_>>()
            .iter()
            .rev()
            .collect();
        if !ROLES.contains(&before.as_str()) {
            continue;
        }
        let start = colon + 1 + text[colon + 1..].iter().take_while(|c| **c == ' ').count();
        let (mut at, mut end) = (start, start);
        for _ in 0..3 {
            let word = text[at..]
                .iter()
                .take_while(|c| {
                    c.is_alphabetic() && !is_hanzi(**c) || matches!(c, '\'' | '-' | '.')
                })
                .count();
            if word == 0 || !text[at].is_uppercase() {
                break;
            }
            end = at + word;
            at = end + usize::from(text.get(end) == Some(&' '));
            if at == end {
                break;
            }
        }
        if end > start {
            spans.push((start, end, MaskKind::Name));
        }
    }
}
