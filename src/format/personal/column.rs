//! Columns about persons, by heading and by content.

use super::{MaskKind, fold, is_hanzi, mask_text, names};

/// Parts of Chinese headings that speak of persons.
const HEADINGS: &[&str] = &[
    "姓名",
    "身份证",
    "证件号",
    "证件名",
    "电话",
    "手机",
    "联系方式",
    "联系人",
    "联系号码",
    "报警人",
    "报案人",
    "当事人",
    "举报人",
    "投诉人",
    "反映人",
    "诉求人",
    "来电人",
    "来电号码",
    "主叫",
    "求助人",
    "受害人",
    "被害人",
    "嫌疑人",
    "涉案人",
    "事主",
    "失主",
    "车主",
    "户主",
    "房东",
    "车牌",
    "号牌",
    "微信",
    "QQ",
    "邮箱",
    "银行卡",
    "卡号",
    "护照",
    "住址",
    "户籍",
    "出生日期",
    "生日",
    "性别",
    "民族",
    "年龄",
    "门牌号",
    "房号",
    "室号",
];
/// Endings that make a heading a count or a sort of them.
const HARMLESS: &[&str] = &["数", "数量", "人数", "类型", "类别"];
/// English words in headings that speak of persons.
const WORDS: &[&str] = &[
    "phone",
    "phones",
    "telephone",
    "tel",
    "mobile",
    "cellphone",
    "cell",
    "fax",
    "email",
    "mail",
    "passport",
    "ssn",
    "plate",
    "caller",
    "complainant",
    "victim",
    "suspect",
    "offender",
    "witness",
    "contact",
    "dob",
    "birthdate",
    "birthday",
    "birth",
    "gender",
    "sex",
    "ethnicity",
    "surname",
    "firstname",
    "lastname",
    "fullname",
    "idcard",
    "wechat",
    "qq",
    "licence",
    "license",
    "driver",
    "owner",
    "tenant",
    "apartment",
    "unitno",
];
/// English word pairs.
const PAIRS: &[(&str, &str)] = &[
    ("first", "name"),
    ("last", "name"),
    ("full", "name"),
    ("person", "name"),
    ("user", "name"),
    ("id", "card"),
    ("identity", "card"),
    ("identity", "number"),
    ("id", "number"),
    ("reporter", "name"),
    ("customer", "name"),
    ("household", "head"),
    ("e", "mail"),
    ("bank", "card"),
];

/// Whether a heading says that its column is about persons.
pub(in crate::format) fn is_personal_header(header: &str) -> bool {
    let folded: String = header.chars().map(fold).filter(|c| *c != ' ').collect();
    if HARMLESS.iter().any(|end| folded.ends_with(end)) {
        return false;
    }
    if HEADINGS.iter().any(|part| folded.contains(part)) {
        return true;
    }
    let words = words(header);
    words.iter().any(|w| WORDS.contains(&w.as_str()))
        || words
            .windows(2)
            .any(|w| PAIRS.contains(&(w[0].as_str(), w[1].as_str())))
}

/// `ReporterPhone_no` to reporter, phone, no.
fn words(header: &str) -> Vec<String> {
    let mut out: Vec<String> = vec![String::new()];
    let mut lower_before = false;
    for c in header.chars().map(fold) {
        let new_word = !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && lower_before);
        if new_word {
            out.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(last) = out.last_mut()
        {
            last.push(c.to_ascii_lowercase());
        }
        lower_before = c.is_ascii_lowercase();
    }
    out.retain(|w| !w.is_empty());
    out
}

/// Whether a whole cell is a personal number, plate or address of mail.
pub(in crate::format) fn is_personal_cell(cell: &str) -> bool {
    let cell = cell.trim();
    // The longest is an identity number with spaces, or an address of mail.
    if cell.len() > 80 || !cell.contains(|c: char| c == '@' || fold(c).is_ascii_digit()) {
        return false;
    }
    let (rest, found) = mask_text(cell);
    let whole = found
        .iter()
        .any(|kind| !matches!(kind, MaskKind::Name | MaskKind::Door));
    let left: String = found
        .iter()
        .fold(rest, |rest, kind| rest.replacen(kind.stand_in(), "", 1));
    whole && !left.contains(char::is_alphanumeric)
}

/// Whether a whole cell reads like the name of a person.
pub(in crate::format) fn looks_like_name(cell: &str) -> bool {
    let chars: Vec<char> = cell.trim().chars().collect();
    (2..=4).contains(&chars.len())
        && chars.iter().all(|c| is_hanzi(*c))
        && names::name_length(&chars) == Some(chars.len())
}
