//! The words of every problem, in both languages and in this one place. A
//! reader says what is wrong with what; the sentences are made when somebody
//! reads them.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::fault::Fault;
use super::personal::MaskCounts;
use super::table::Kind;
use crate::crs::{Crs, CrsError};
use crate::model::{IncidentKind, LayerName, UnknownWord};

/// A value inside a sentence.
trait Argument {
    fn zh(&self) -> String;
    fn en(&self) -> String;
}

/// Values that read the same in both languages.
macro_rules! same {
    ($($type:ty),+) => {$(
        impl Argument for $type {
            fn zh(&self) -> String {
                self.to_string()
            }
            fn en(&self) -> String {
                self.to_string()
            }
        }
    )+};
}
same!(String, &'static str, u64, usize, f64, Crs);

impl Argument for Vec<String> {
    fn zh(&self) -> String {
        self.join("、")
    }
    fn en(&self) -> String {
        self.join(", ")
    }
}

impl Argument for LayerName {
    fn zh(&self) -> String {
        self.name_zh().to_owned()
    }
    fn en(&self) -> String {
        self.to_string()
    }
}

impl Argument for IncidentKind {
    fn zh(&self) -> String {
        self.name_zh().to_owned()
    }
    fn en(&self) -> String {
        self.to_string()
    }
}

impl Argument for Kind {
    fn zh(&self) -> String {
        self.name_zh().to_owned()
    }
    fn en(&self) -> String {
        self.name_en().to_owned()
    }
}

impl Argument for CrsError {
    fn zh(&self) -> String {
        CrsError::zh(self)
    }
    fn en(&self) -> String {
        self.to_string()
    }
}

impl Argument for UnknownWord {
    fn zh(&self) -> String {
        UnknownWord::zh(self)
    }
    fn en(&self) -> String {
        self.to_string()
    }
}

impl Argument for Fault {
    fn zh(&self) -> String {
        Fault::zh(self)
    }
    fn en(&self) -> String {
        Fault::en(self)
    }
}

impl Argument for MaskCounts {
    fn zh(&self) -> String {
        let one = |(kind, count): (super::MaskKind, u64)| format!("{} {count}", kind.name_zh());
        self.iter().map(one).collect::<Vec<_>>().join("、")
    }
    fn en(&self) -> String {
        let one = |(kind, count): (super::MaskKind, u64)| format!("{} {count}", kind.as_str());
        self.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// Declares the reasons: name, what it is about, English, Chinese. Every
/// argument is named in both sentences (a test sees to it).
macro_rules! reasons {
    ($( $name:ident $( { $($arg:ident: $type:ty),+ } )? $en:literal $zh:literal )+) => {
        /// What is wrong, with what it is about; a sentence in each language.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "the sentences say what each one means")]
        pub enum Reason {
            $( #[doc = $en] $name $( { $($arg: $type),+ } )?, )+
        }

        impl Reason {
            /// Where it is, if it is at a place.
            #[must_use]
            pub fn place(&self) -> Option<geo::Coord<f64>> {
                let (x, y) = match *self {
                    Self::RingCrosses { x, y }
                    | Self::RingTouches { x, y }
                    | Self::RingRunsOver { x, y }
                    | Self::RingsCross { x, y }
                    | Self::RingsShareSide { x, y } => (x, y),
                    _ => return None,
                };
                Some(geo::Coord { x, y })
            }

            /// The sentence in English.
            #[must_use]
            pub fn en(&self) -> String {
                match self {
                    $( Self::$name $( { $($arg),+ } )? => {
                        $( $( let $arg = Argument::en($arg); )+ )?
                        format!($en)
                    } )+
                }
            }

            /// The sentence in Chinese.
            #[must_use]
            pub fn zh(&self) -> String {
                match self {
                    $( Self::$name $( { $($arg),+ } )? => {
                        $( $( let $arg = Argument::zh($arg); )+ )?
                        format!($zh)
                    } )+
                }
            }
        }

        /// The sentences as they are written below.
        #[cfg(test)]
        const SENTENCES: &[(&str, &str)] = &[ $( ($en, $zh) ),+ ];
    };
}

reasons! {
    // The container, the sheet, the kind.
    Fault { cause: Fault } "{cause}" "{cause}"
    // The file as a whole.
    FileEmpty "the file is empty" "文件是空的"
    FileTooLarge { most_mb: usize }
        "the file is larger than {most_mb} MB; split it"
        "文件超过 {most_mb} MB，请拆分后再导入"
    NoRows "the file has no rows" "文件里没有数据行"
    Utf16Damaged
        "the file starts like UTF-16 but is damaged; save it as UTF-8"
        "文件开头像 UTF-16，但内容已损坏；请另存为 UTF-8"
    EncodingsMixed { line: usize }
        "line {line} is UTF-8 but others are not; the file mixes encodings, save it anew as UTF-8"
        "第 {line} 行是 UTF-8，其他行不是；文件混用了两种编码，请重新另存为 UTF-8"
    EncodingUnknown { line: usize }
        "the text is neither UTF-8 (see line {line}) nor GBK; save the file as UTF-8"
        "文字既不是 UTF-8（见第 {line} 行）也不是 GBK；请另存为 UTF-8"
    EncodingNotUtf8 { encoding: &'static str }
        "GeoJSON must be UTF-8; the file was read as {encoding}"
        "GeoJSON 应为 UTF-8；此文件按 {encoding} 读取"
    EncodingUnsaid { fits: &'static str }
        "the file does not say its encoding; {fits} fits"
        "文件没有注明编码；按 {fits} 读取"
    EncodingUnclear
        "the file does not say its encoding, and neither UTF-8 nor GBK fits"
        "文件没有注明编码，UTF-8 和 GBK 都不符合"
    EncodingContradicted { named: &'static str, found: &'static str }
        "the file says {named}, but its texts are {found}"
        "文件注明编码为 {named}，文字实际是 {found}"
    EncodingUnheardOf { name: String }
        "the .cpg file names `{name}`, which is not known"
        ".cpg 文件注明的编码“{name}”无法识别"
    NotInEncoding { encoding: &'static str }
        "the attributes are not {encoding}"
        "属性文字不是 {encoding} 编码"

    // Tables.
    QuoteOpen { line: u64 }
        "line {line}: a quote is opened and never closed"
        "第 {line} 行：引号没有成对"
    HeadingsUnreadable
        "line 1 cannot be read as headings"
        "第 1 行无法作为表头读取"
    HeadingsAreData
        "line 1 holds data; the first line must be the headings, such as 编号,类别,发生时间,经度,纬度"
        "第 1 行是数据；首行应为表头，如 编号,类别,发生时间,经度,纬度"
    TooManyColumns { count: usize, most: usize }
        "{count} columns; at most {most} are read"
        "共 {count} 列；最多读取 {most} 列"
    ColumnTwice { column: String }
        "two columns are called `{column}`; neither is used"
        "有两列都叫“{column}”；这两列都未采用"
    CellCount { cells: usize, wanted: usize }
        "the row has {cells} cells, the heading has {wanted}"
        "本行有 {cells} 个单元格，表头有 {wanted} 个"

    // JSON and GeoJSON.
    JsonSyntax { cause: String }
        "not readable as JSON: {cause}"
        "无法作为 JSON 读取：{cause}"
    NotGeojson
        "the file is JSON but no GeoJSON: a FeatureCollection with features is expected"
        "文件是 JSON 但不是 GeoJSON：应为含 features 的 FeatureCollection"
    KeyTwice { key: String }
        "the key `{key}` is there twice"
        "键“{key}”出现了两次"
    PropertyTwice { key: String }
        "the property `{key}` is there twice"
        "属性“{key}”出现了两次"
    NotAFeature "the item is no Feature" "此项不是要素（Feature）"
    PropertiesNoObject "properties is no object" "properties 不是对象"
    TooManyProperties { count: usize, most: usize }
        "{count} properties; at most {most} are read"
        "共 {count} 个属性；最多读取 {most} 个"
    IdNeither { most: usize }
        "an id must be a text of at most {most} characters or a whole number"
        "id 应为不超过 {most} 个字符的文字或整数"
    NoCoordinates "the geometry has no coordinates" "图形没有坐标"
    CoordinatesNoList "coordinates are no list" "coordinates 不是列表"
    NotAPosition { text: String }
        "`{text}` is no position: two numbers are expected"
        "“{text}”不是坐标：应为两个数"
    PositionTooShort "a position needs two numbers" "一个坐标应有两个数"
    NotAGeometryType { name: String }
        "`{name}` is no type of geometry"
        "没有“{name}”这种图形类型"

    // Shapefiles.
    ShpDamaged { record: usize, cause: String }
        "the .shp file is damaged at record {record}: {cause}"
        ".shp 文件在第 {record} 条记录处损坏：{cause}"
    DbfMissing
        "there is no .dbf file beside the .shp, so there are no attributes"
        ".shp 旁边没有 .dbf 文件，因此没有属性"
    DbfOfAnother { shp: usize, dbf: usize }
        "the .shp has {shp} records, the .dbf {dbf}; they do not belong together"
        ".shp 有 {shp} 条记录，.dbf 有 {dbf} 条；两个文件不配套"
    DbfWithoutHeader
        "the .dbf file is damaged: no header"
        ".dbf 文件损坏：没有文件头"
    DbfFieldsCut
        "the .dbf file is damaged: cut in the fields"
        ".dbf 文件损坏：字段定义不完整"
    DbfFieldsTooMany
        "the .dbf file is damaged: too many fields"
        ".dbf 文件损坏：字段过多"
    DbfFieldsDoNotFit
        "the .dbf file is damaged: the fields do not fit the records"
        ".dbf 文件损坏：字段与记录长度不符"
    DbfCut
        "the .dbf file is damaged: cut after the header"
        ".dbf 文件损坏：文件头之后缺失"
    DbfRecordsMissing { announced: usize, found: usize }
        "the .dbf file is damaged: {announced} records are announced, {found} are there"
        ".dbf 文件损坏：应有 {announced} 条记录，实有 {found} 条"
    Multipatch "a 3D multipatch is not read" "不读取三维多面体（multipatch）"

    // Which column is what.
    NoColumn { column: String, columns: Vec<String> }
        "there is no column `{column}`; the columns are {columns}"
        "没有“{column}”这一列；现有的列：{columns}"
    NoColumnToKeep { column: String, columns: Vec<String> }
        "there is no column `{column}` to keep; the columns are {columns}"
        "没有可保留的列“{column}”；现有的列：{columns}"
    NoField { field: String, layer: LayerName, fields: Vec<String> }
        "`{field}` is no field of {layer}; the fields are {fields}"
        "{layer}没有字段“{field}”；可用的字段：{fields}"
    ColumnUnclear { column: String, field: &'static str }
        "two columns are called `{column}`; rename one, or say --map {field}=COLUMN"
        "有两列都叫“{column}”；请改其中一列的名称，或用 --map {field}=列名 指定"
    TooManyToKeep { count: usize, most: usize }
        "{count} columns to keep; at most {most} are kept"
        "要保留 {count} 列；最多保留 {most} 列"
    PersonalColumn { column: String }
        "the column `{column}` is about persons and was dropped"
        "“{column}”列涉及个人信息，已舍弃"
    PersonalColumnMapped { column: String }
        "the column `{column}` is about persons and cannot be imported"
        "“{column}”列涉及个人信息，不能导入"
    PersonalColumnKept { column: String }
        "the column `{column}` is about persons and cannot be kept"
        "“{column}”列涉及个人信息，不能保留"
    NoTimeColumn { columns: Vec<String> }
        "no column was taken for the time; say --map occurred_at=COLUMN; the columns are {columns}"
        "没有找到时间列；请用 --map occurred_at=列名 指定；现有的列：{columns}"
    NoPlaceColumns { columns: Vec<String> }
        "no columns were taken for the place; say --map lon=COLUMN --map lat=COLUMN; the columns are {columns}"
        "没有找到位置列；请用 --map lon=列名 --map lat=列名 指定；现有的列：{columns}"
    NoGeometryColumn { columns: Vec<String> }
        "no column was taken for the geometry; say --map wkt=COLUMN for WKT, or import GeoJSON or a Shapefile; the columns are {columns}"
        "没有找到图形列；如有 WKT 请用 --map wkt=列名 指定，或导入 GeoJSON、Shapefile；现有的列：{columns}"

    // Coordinate systems and coordinates.
    Crs { cause: CrsError } "{cause}" "{cause}"
    CrsOverruled { named: Crs, said: Crs }
        "the file names {named}; {said} was used as told"
        "文件注明的坐标系是 {named}；已按指定的 {said} 读取"
    CrsDoubtful { named: Crs }
        "the file names {named}; say --crs {named} if that is right, else the right one"
        "文件注明的坐标系是 {named}；如无误请用 --crs {named} 确认，否则指定正确的坐标系"
    CrsNameUnknown { name: String }
        "the file names the coordinate system `{name}`, which is not known"
        "文件注明的坐标系“{name}”无法识别"
    NotACoordinate { cell: String } "`{cell}` is no coordinate" "“{cell}”不是坐标"
    NotAPair { cell: String }
        "`{cell}` is not two coordinates like 117.28,31.89"
        "“{cell}”不是形如 117.28,31.89 的一对坐标"
    NotFinite { cell: String } "`{cell}` is no finite number" "“{cell}”不是有限的数"
    LongitudeMissing
        "there is a latitude but no longitude"
        "有纬度，没有经度"
    LatitudeMissing
        "there is a longitude but no latitude"
        "有经度，没有纬度"
    NullIsland
        "0, 0 is no place here; leave the cells empty when the place is not known"
        "0, 0 不是本地位置；位置不明时请留空"
    FarAway { x: f64, y: f64 }
        "{x}, {y} is far from the other rows"
        "{x}, {y} 离其他行很远"

    // Geometry.
    NoGeometry "the row has no geometry" "本行没有图形"
    WkbUnread { cause: String }
        "the geometry cannot be read: {cause}"
        "图形无法读取：{cause}"
    NotWkt { cell: String } "`{cell}` is no WKT geometry" "“{cell}”不是 WKT 图形"
    WrongType { found: Kind, wanted: Kind }
        "{found} where this layer needs {wanted}"
        "图形是{found}，本图层需要{wanted}"
    TooManyCorners { count: usize, most: usize }
        "{count} corners; at most {most} are read, simplify the geometry first"
        "图形有 {count} 个顶点；最多读取 {most} 个，请先简化"
    AreaEmpty "the polygon is empty" "多边形是空的"
    AreaWithoutRings "a polygon has no rings" "多边形没有边界"
    LineEmpty "the line is empty" "线是空的"
    LineTooShort "a line needs two different places" "线至少要有两个不同的点"
    RingTooShort "a ring needs three different corners" "边界至少要有三个不同的顶点"
    RingClosed "a ring was open and has been closed" "边界没有闭合，已自动闭合"
    RepeatsTakenOut { count: usize }
        "{count} repeated corners were taken out"
        "已去掉 {count} 个重复的顶点"
    Antimeridian
        "the geometry crosses 180 degrees; cut it there first"
        "图形跨过 180 度经线；请先在该处切开"
    RingWithoutArea "a ring has no area" "一圈边界没有面积"
    RingCrosses { x: f64, y: f64 }
        "a ring crosses itself at {x}, {y}"
        "边界在 {x}, {y} 处自相交"
    RingTouches { x: f64, y: f64 }
        "a ring touches itself at {x}, {y}"
        "边界在 {x}, {y} 处碰到自己"
    RingRunsOver { x: f64, y: f64 }
        "a ring runs over itself at {x}, {y}"
        "边界在 {x}, {y} 处与自己重合"
    RingsCross { x: f64, y: f64 }
        "two rings cross at {x}, {y}"
        "两圈边界在 {x}, {y} 处相交"
    RingsShareSide { x: f64, y: f64 }
        "two rings share a side at {x}, {y}"
        "两圈边界在 {x}, {y} 处有一段重合"
    RingsTouchTwice
        "two rings touch in more than one place"
        "两圈边界相接不止一处"
    HoleOutside "a hole lies outside of its polygon" "洞在多边形之外"
    HoleInHole "a hole lies inside another hole" "一个洞在另一个洞里"
    PartsOverlap "two parts overlap" "两个部分重叠"
    PartOnPart "one part lies on another" "一个部分压在另一个部分上"
    GridsOverlap { one: String, other: String, area_m2: f64 }
        "`{one}` and `{other}` overlap by {area_m2} m²"
        "“{one}”与“{other}”重叠 {area_m2} 平方米"
    GridsGap { one: String, other: String, gap_m: f64 }
        "`{one}` and `{other}` do not quite touch: a gap of {gap_m} m"
        "“{one}”与“{other}”没有完全贴合：缝隙 {gap_m} 米"

    // Values.
    ControlCharacter { code: String }
        "the text has the control character {code}; take it out"
        "文字里有控制字符 {code}；请去掉"
    CombiningMarks
        "the text has more than 20 combining marks"
        "文字里的组合符号超过 20 个"
    TextTooLong { length: usize, most: usize }
        "the text has {length} characters, at most {most} are kept"
        "文字有 {length} 个字，最多保留 {most} 个"
    Mojibake { text: String }
        "`{text}` looks damaged by a wrong encoding before it came here"
        "“{text}”像是乱码，导入之前已损坏"
    NotANumber { cell: String } "`{cell}` is no number" "“{cell}”不是数"
    NotWhole { cell: String } "`{cell}` is no whole number" "“{cell}”不是整数"
    NeitherYesNorNo { cell: String } "`{cell}` is neither yes nor no" "“{cell}”不是“是”或“否”"
    NotAPriority { cell: String }
        "`{cell}` is no priority; write 1, 2 or 3"
        "“{cell}”不是等级；请写 1、2 或 3"
    UnknownWord { cause: UnknownWord } "{cause}" "{cause}"
    KindMissing
        "the kind is missing; name a column with --map kind=… or one kind for all rows with --set kind=police|dispute|hotline"
        "缺少类型；请用 --map kind=列名 指定列，或用 --set kind=police|dispute|hotline（警情、纠纷、诉求）给所有行定一个类型"
    KindUnclear { word: String }
        "`{word}` does not tell the kind; say --set kind=police|dispute|hotline"
        "从“{word}”看不出是哪类；请用 --set kind=police|dispute|hotline（警情、纠纷、诉求）指定"
    IdRounded { id: String }
        "`{id}` was rounded by a spreadsheet; format the column as text and save it anew"
        "“{id}”已被电子表格四舍五入；请把该列设为文本格式后重新保存"
    IdTaken { row: u64, id: String }
        "row {row} has the same id `{id}`"
        "与第 {row} 行的编号“{id}”相同"
    GridWithoutCode "a grid needs a code or a name" "网格应有编码或名称"
    CompoundWithoutPlace "a compound needs a place" "小区应有位置"
    CompoundWithoutName "the compound has no name" "小区没有名称"
    NotPlaces
        "not a list of places like [{{\"name\":\"东门\",\"lon\":117.28,\"lat\":31.89}}]"
        "不是形如 [{{\"name\":\"东门\",\"lon\":117.28,\"lat\":31.89}}] 的地点列表"
    PlacesWithoutPosition
        "the column holds no places and is left out"
        "该列没有位置，未采用"
    TimeMissing "the time is missing" "缺少时间"
    TimeInFuture "the time is in the future" "时间在未来"
    NotATime { cell: String }
        "`{cell}` is no time that is read here; write 2026-02-27 17:06"
        "“{cell}”不是可识别的时间；请写成 2026-02-27 17:06"
    TwoDays { cell: String }
        "`{cell}` may be two days; say whether the month or the day comes first"
        "“{cell}”可能是两个日期；请说明月在前还是日在前"
    BareNumber { cell: String }
        "`{cell}` is a bare number; format the column as a date in the spreadsheet and save it anew"
        "“{cell}”只是一个数；请在电子表格里把该列设为日期格式后重新保存"
    NotADay { cell: String }
        "`{cell}` is no day of the calendar (1950-2100)"
        "“{cell}”不是日历上的一天（1950-2100）"
    PersonalProperty { name: String }
        "`{name}` is about persons and cannot be stored"
        "“{name}”与个人有关，不能保存"
    NoProperty { name: String, layer: LayerName }
        "{layer} have no property `{name}`"
        "{layer}没有属性“{name}”"
    PersonalId { id: String }
        "the id `{id}` is a number of a person"
        "编号“{id}”是个人号码"
    NameForPost
        "this reads like the name of a person; write the post"
        "这像是人名；请填写岗位"
    EndsBeforeItBegins { from: String, to: String }
        "the grid would end on {to}, before it begins on {from}"
        "停用日期 {to} 早于启用日期 {from}"
    NoCategory { word: String }
        "there is no category `{word}`; choose one of the tree or add it there first"
        "没有类别“{word}”；请从类别表中选择，或先在类别表中添加"
    CategoryOfOther { word: String, other: IncidentKind, kind: IncidentKind }
        "the category `{word}` belongs to {other}, not to {kind}"
        "类别“{word}”属于{other}，不属于{kind}"
    Masked { kinds: MaskCounts }
        "masked in texts: {kinds}"
        "文字中已遮盖：{kinds}"

    // The category table.
    CategoryLine { cause: String } "{cause}" "无法读取：{cause}"
    CategoryCodeTwice { code: String }
        "the code `{code}` is there twice"
        "编码“{code}”出现了两次"
    CategoryParentKind { parent: String }
        "the parent `{parent}` is of another kind"
        "上级“{parent}”属于另一类型"
    CategoryParentLater { parent: String }
        "the parent `{parent}` must come before its children"
        "上级“{parent}”应排在下级之前"
    NotACategoryCode { code: String }
        "`{code}` is no code: use a-z, 0-9, `_`, `-` and dots"
        "“{code}”不是编码：请用 a-z、0-9、_、- 和点"
    CategoryWithoutName { code: String }
        "`{code}` has no name"
        "“{code}”没有名称"
    NotSensitive { word: String }
        "`{word}` in column sensitive: write true or false"
        "sensitive 列的“{word}”：请写 true 或 false"
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}

/// `reason` in English and `reason_zh`.
impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("reason", &self.en())?;
        map.serialize_entry("reason_zh", &self.zh())?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// What is in braces, and options of the command line.
    fn fixed_parts(sentence: &str) -> BTreeSet<String> {
        let bare = sentence.replace("{{", "").replace("}}", "");
        let arguments = bare
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| format!("{{{name}}}")));
        let options = bare
            .split_whitespace()
            .filter(|word| word.starts_with("--"));
        let name = |word: &str| word.split('=').next().unwrap_or(word).to_owned();
        arguments.chain(options.map(name)).collect()
    }

    #[test]
    fn both_sentences_tell_the_same() {
        let hanzi = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for (en, zh) in SENTENCES {
            assert_eq!(fixed_parts(en), fixed_parts(zh), "{en} / {zh}");
            assert!(hanzi(zh) || *zh == "{cause}", "{zh}");
        }
        let mut seen = BTreeSet::new();
        for (en, zh) in SENTENCES.iter().filter(|(en, _)| *en != "{cause}") {
            assert!(seen.insert(en), "{en} is there twice");
            assert!(seen.insert(zh), "{zh} is there twice");
        }
    }

    #[test]
    fn arguments_speak_the_language_of_the_sentence() {
        let reason = Reason::WrongType {
            found: Kind::Line,
            wanted: Kind::Polygon,
        };
        assert_eq!(reason.en(), "a line where this layer needs a polygon");
        assert_eq!(reason.zh(), "图形是线，本图层需要多边形");
        let reason = Reason::NoField {
            field: "who".to_owned(),
            layer: LayerName::Grids,
            fields: vec!["code".to_owned(), "name".to_owned()],
        };
        assert_eq!(
            reason.en(),
            "`who` is no field of grids; the fields are code, name"
        );
        assert_eq!(reason.zh(), "网格没有字段“who”；可用的字段：code、name");
        let unknown = "乙".parse::<crate::model::GridKind>().unwrap_err();
        let reason = Reason::UnknownWord { cause: unknown };
        assert!(
            reason.zh().starts_with("“乙”不是网格类型"),
            "{}",
            reason.zh()
        );
        let json = serde_json::to_value(Reason::NoRows).unwrap();
        assert_eq!(json["reason"], "the file has no rows");
        assert_eq!(json["reason_zh"], "文件里没有数据行");
    }
}
