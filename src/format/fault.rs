//! What can be wrong with a file as another program wrote it: the container,
//! the sheet, the encoding, the kind. Each fault has its code and a sentence
//! in both languages that says what to do.

use super::problem::{Code, FileError, Problem, Refusal, Severity};
use super::reason::Reason;

/// Declares the faults with code and sentences.
macro_rules! faults {
    ($( $(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty),* } = $code:ident, $zh:literal, $en:literal; )+) => {
        /// A fault of a file; the fields are what the sentences name.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Fault { $(
            $(#[$doc])*
            #[allow(missing_docs, reason = "the fields are the words of the sentence")]
            $name { $($field: $kind),* },
        )+ }

        impl Fault {
            /// The code, for programs.
            #[must_use]
            pub const fn code(&self) -> Code {
                match self { $(Self::$name { .. } => Code::$code),+ }
            }

            /// The sentence in Chinese.
            #[must_use]
            #[allow(unused_variables, reason = "a field may be a word of the other language")]
            pub fn zh(&self) -> String {
                match self { $(Self::$name { $($field),* } => format!($zh)),+ }
            }

            /// The sentence in English.
            #[must_use]
            #[allow(unused_variables, reason = "a field may be a word of the other language")]
            pub fn en(&self) -> String {
                match self { $(Self::$name { $($field),* } => format!($en)),+ }
            }
        }
    };
}

faults! {
    /// No zip, or a damaged one.
    NotZip {} = NotZip, "这不是可读的 zip 压缩包（也许是 RAR、7z 或文件不完整）；请重新压缩为 zip", "this is no readable zip archive (perhaps RAR, 7z, or cut short); pack it anew as zip";
    /// A password is needed.
    ZipEncrypted {} = Encrypted, "压缩包有密码；请去掉密码后重新压缩", "the archive has a password; pack it anew without one";
    /// More in it than is unpacked.
    ZipTooLarge { most_mb: u64 } = ZipLimits, "压缩包解开后超过 {most_mb} MB；请拆分后再导入", "the archive unpacks to more than {most_mb} MB; split it";
    /// Too many entries.
    ZipTooMany { entries: usize, most: usize } = ZipLimits, "压缩包里有 {entries} 个文件，最多读 {most} 个", "{entries} entries in the archive; at most {most} are read";
    /// Names that climb out of the archive.
    ZipPath { name: String } = ZipPath, "压缩包里的文件名“{name}”不安全，已拒绝", "the entry name `{name}` leads out of the archive and is refused";
    /// A damaged entry.
    ZipEntry { name: String } = Corrupt, "压缩包里的“{name}”已损坏；请重新压缩", "`{name}` in the archive is damaged; pack it anew";
    /// Nothing in the archive that is read.
    ZipWithoutShapefile {} = MissingPart, "压缩包里没有 .shp 文件；请把 .shp .dbf .prj .cpg 一起压缩", "no .shp file in the archive; pack .shp, .dbf, .prj and .cpg together";
    /// A KMZ without KML.
    KmzWithoutKml {} = MissingPart, "KMZ 里没有 .kml 文件", "no .kml file in the KMZ";
    /// Several layers, one was taken.
    SeveralLayers { taken: String, others: String } = Ambiguous, "文件里有多个图层或工作表，已读取“{taken}”；另有：{others}（可改选）", "the file holds several layers or sheets; `{taken}` was read, the others are {others}";
    /// The layer asked for is not there.
    NoSuchLayer { wanted: String, found: String } = Mapping, "没有名为“{wanted}”的图层或工作表；文件里有：{found}", "there is no layer or sheet `{wanted}`; there are {found}";
    /// A Shapefile that does not say its system.
    NoPrj {} = Crs, "没有 .prj 文件，按 WGS84 读取；如果不对，请选择坐标系", "there is no .prj file, so WGS84 was assumed; name the coordinate system if that is wrong";

    /// Degrees where the system has metres.
    DegreesInMetres { crs: String } = Crs, "坐标是度，而坐标系 {crs} 以米为单位；请选择 wgs84、cgcs2000、gcj02 或 bd09", "these are degrees, but {crs} is in metres; say wgs84, cgcs2000, gcj02 or bd09";

    /// A DOCTYPE.
    XmlDoctype {} = XmlDoctype, "文件含有 DOCTYPE 声明，出于安全不予读取；请另存后再导入", "the file has a DOCTYPE, which is not read; save it anew without one";
    /// Not well-formed.
    XmlSyntax { line: usize, cause: String } = XmlSyntax, "第 {line} 行不是正确的 XML（{cause}）；文件可能不完整", "line {line} is no well-formed XML ({cause}); the file may be cut short";
    /// Nested too deep.
    XmlTooDeep { most: usize } = TooDeep, "嵌套超过 {most} 层，不予读取", "nested more than {most} levels deep";
    /// The root is another one.
    XmlRoot { wanted: String, found: String } = WrongFormat, "这是 XML，但根元素是 {found} 而不是 {wanted}", "this is XML, but its root is {found} and not {wanted}";
    /// A coordinate that cannot be read.
    CoordText { text: String } = CoordParse, "“{text}”不是坐标（应为 经度,纬度）", "`{text}` is no coordinate; longitude,latitude is expected";

    /// A spreadsheet that cannot be read.
    BookDamaged { cause: String } = Corrupt, "表格文件已损坏或不是 Excel 文件（{cause}）；请在 Excel 或 WPS 里另存为 .xlsx", "the workbook is damaged or no Excel file ({cause}); save it anew as .xlsx";
    /// A password on the workbook.
    BookEncrypted {} = Encrypted, "表格有打开密码；请去掉密码后另存", "the workbook has a password; save it without one";
    /// More cells than are read.
    BookTooLarge { most: usize } = TooManyFields, "工作表的单元格超过 {most} 个；请拆分后再导入", "the sheet has more than {most} cells; split it";
    /// No row that could be a heading.
    SheetWithoutHeader {} = CsvColumns, "工作表里没有找到表头行；表头应为 编号、类别、发生时间、经度、纬度 这样的列名", "no heading row was found in the sheet; headings look like 编号, 类别, 发生时间, 经度, 纬度";
    /// Nothing in the book.
    SheetEmpty {} = Empty, "工作表是空的", "the sheet is empty";
    /// Where the headings are.
    HeaderBelow { row: usize, first: usize } = CsvColumns, "表头在第 {row} 行，下面的第 1 行数据是表格的第 {first} 行", "the headings are in row {row} of the sheet; row 1 of the data is row {first} there";
    /// Rows that are sums or repeated headings.
    RowsSkipped { count: u64 } = CsvColumns, "跳过了 {count} 行合计或重复表头", "{count} rows with totals or repeated headings were skipped";
    /// Dates kept as numbers.
    DatesAsNumbers { column: String, count: u64 } = TimeParse, "“{column}”列有 {count} 个单元格是 Excel 日期序号，已按日期读取", "{count} cells of `{column}` are Excel day numbers and were read as dates";
    /// Merged cells filled.
    MergedFilled { count: u64 } = CsvColumns, "合并单元格已填充到 {count} 个单元格", "merged cells were filled into {count} cells";

    /// Rows of another geometry left out.
    OtherGeometry { count: u64, kept_zh: String, kept_en: String } = GeomType, "有 {count} 个要素不是{kept_zh}，未读取", "{count} features are not {kept_en} and were left out";
    /// Closed lines read as areas.
    LinesClosed { count: u64 } = RingNotClosed, "有 {count} 条首尾相接的线已按面读取", "{count} closed lines were read as areas";
    /// Label points beside areas.
    LabelPoints { count: u64 } = GeomType, "有 {count} 个要素除面以外还带一个点，点未读取", "{count} features have a point beside their area; the point was left out";
    /// Waypoints far from every track.
    FarWaypoints { count: u64 } = OutsideArea, "有 {count} 个航点离所有轨迹都超过 200 米，未作为必到点", "{count} waypoints are over 200 m from every track and were left out";

    /// Drawings that must be saved otherwise.
    Dwg {} = WrongFormat, "DWG 不能直接读取；请在 CAD 里另存为 DXF（ASCII）", "DWG is not read; save the drawing as DXF (ASCII)";
    /// Binary DXF.
    DxfBinary {} = WrongFormat, "这是二进制 DXF；请另存为 ASCII DXF", "this is binary DXF; save it as ASCII DXF";
    /// A DXF that breaks off.
    DxfDamaged { line: usize } = Corrupt, "DXF 第 {line} 行应为组码；文件已损坏", "line {line} of the DXF should be a group code; the file is damaged";
    /// A DXF without outlines.
    DxfNothing {} = Empty, "DXF 里没有闭合的多段线、填充边界或首尾相接的直线", "the DXF has no closed polylines, hatch boundaries or lines that close";
    /// Lines that do not close.
    DxfOpen { count: u64 } = RingNotClosed, "有 {count} 条线没有闭合成面，未读取", "{count} lines do not close to an area and were left out";
    /// Blocks.
    DxfBlocks { count: u64 } = GeomType, "有 {count} 个块参照未读取；需要时请先炸开（EXPLODE）", "{count} block inserts were not read; explode them first if they are needed";
    /// A drawing has no system.
    DxfNoCrs {} = Crs, "DXF 不含坐标系；请选择坐标系（合肥常用 epsg:4548）", "a DXF names no coordinate system; say it, e.g. epsg:4548";
    /// FlatGeobuf.
    FlatGeobuf {} = WrongFormat, "FlatGeobuf 不能读取；请另存为 GeoPackage 或 GeoJSON", "FlatGeobuf is not read; save it as GeoPackage or GeoJSON";
    /// A GeoPackage as bytes.
    GeoPackageBytes {} = WrongFormat, "GeoPackage 要作为文件打开，不能作为数据流读取", "a GeoPackage is opened as a file, not read as bytes";
    /// A single part of a Shapefile.
    ShapefilePart {} = MissingPart, "Shapefile 由多个文件组成；请把 .shp .dbf .prj .cpg 压缩为一个 zip", "a Shapefile is several files; pack .shp, .dbf, .prj and .cpg into one zip";
    /// Not known.
    UnknownFormat {} = WrongFormat, "不认识这种文件；可用 .xlsx .xls .csv .tsv .geojson .zip(shp) .kml .kmz .gpx .gpkg .dxf .osm.pbf", "this kind of file is not known; use .xlsx, .xls, .csv, .tsv, .geojson, .zip (Shapefile), .kml, .kmz, .gpx, .gpkg, .dxf or .osm.pbf";
    /// Another format than named.
    WrongKind { found: String } = WrongFormat, "这不是所选的格式，而像是 {found}", "this is not the chosen format but looks like {found}";

    /// An encoding that does not fit.
    EncodingRefused { name: String } = Encoding, "按 {name} 解码失败；请换一种编码", "the text is not {name}; choose another encoding";
    /// An encoding that is not known.
    EncodingUnknown { name: String } = Encoding, "不认识编码“{name}”；可用 utf-8、gbk、gb18030、big5、utf-16le", "the encoding `{name}` is not known; use utf-8, gbk, gb18030, big5 or utf-16le";

    /// A damaged extract.
    OsmDamaged { cause: String } = Corrupt, ".osm.pbf 文件不完整或已损坏，请重新复制或下载后再导入（{cause}）", "the .osm.pbf file is incomplete or damaged; copy or download it again ({cause})";
    /// An extract that is too big.
    OsmTooLarge { most_million: usize } = TooManyFields, "所需的点超过 {most_million} 百万；请先用 osmium 裁剪到本区范围", "more than {most_million} million points are needed; cut the extract to the district first, e.g. with osmium";
    /// A layer that OSM does not give.
    OsmLayer {} = Mapping, ".osm.pbf 只能导入街巷图层或底图", "an .osm.pbf gives the streets layer or the background, no other layer";
    /// Things that could not be put together.
    OsmBroken { count: u64 } = NoGeometry, "有 {count} 条路缺少节点，未读取（常见于裁剪边缘）", "{count} ways lack points and were left out, as is usual at the edge of an extract";
}

impl Fault {
    /// The file as a whole is refused.
    pub(super) fn of_file(self) -> FileError {
        FileError::new(self.code(), Reason::Fault { cause: self })
    }

    /// A row is refused.
    pub(super) fn of_row(self) -> Refusal {
        Refusal::new(self.code(), Reason::Fault { cause: self })
    }

    /// The file is taken; this is worth knowing.
    pub(super) fn note(self) -> Problem {
        self.problem(Severity::Warning)
    }

    /// The file is taken after a repair that loses nothing.
    pub(super) fn repair(self) -> Problem {
        self.problem(Severity::Repaired)
    }

    fn problem(self, severity: Severity) -> Problem {
        Problem {
            row: None,
            column: None,
            code: self.code(),
            reason: Reason::Fault { cause: self },
            severity,
        }
    }
}
