//! The words of a reason for the page of an import. The readers tell the
//! options of the command line; a page has a choice of its own for each.

use crate::format::Reason;

/// What is wrong and what to do about it on the page: Chinese, English.
pub(super) fn words(reason: &Reason) -> (String, String) {
    match reason {
        Reason::ColumnUnclear { column, .. } => (
            format!("有两列都叫“{column}”；请在“列的对应”里选用哪一列，或改其中一列的名称"),
            format!("two columns are called `{column}`; choose one under “Columns”, or rename one"),
        ),
        Reason::NoTimeColumn { columns } => (
            format!(
                "没有找到时间列；请在“列的对应”里选哪一列是发生时间；现有的列：{}",
                columns.join("、")
            ),
            format!(
                "no column was taken for the time; choose it under “Columns”; the columns are {}",
                columns.join(", ")
            ),
        ),
        Reason::NoPlaceColumns { columns } => (
            format!(
                "没有找到位置列；请在“列的对应”里选哪两列是经度、纬度；现有的列：{}",
                columns.join("、")
            ),
            format!(
                "no columns were taken for the place; choose longitude and latitude under “Columns”; the columns are {}",
                columns.join(", ")
            ),
        ),
        Reason::NoGeometryColumn { columns } => (
            format!(
                "没有找到图形列；如有 WKT 请在“列的对应”里选它，或换 GeoJSON、Shapefile；现有的列：{}",
                columns.join("、")
            ),
            format!(
                "no column was taken for the geometry; choose one of WKT under “Columns”, or take GeoJSON or a Shapefile; the columns are {}",
                columns.join(", ")
            ),
        ),
        Reason::CrsDoubtful { named } => (
            format!("文件注明的坐标系是 {named}；请在“坐标”一步看地图确认，或选正确的坐标系"),
            format!(
                "the file names {named}; look at the map in the step “Coordinates” and confirm it, or choose the right one"
            ),
        ),
        Reason::KindMissing => (
            "缺少类型；请在“列的对应”里选类型列，或给所有行定一个类型（警情、纠纷、诉求）"
                .to_owned(),
            "the kind is missing; choose its column under “Columns”, or one kind for all rows"
                .to_owned(),
        ),
        Reason::KindUnclear { word } => (
            format!(
                "从“{word}”看不出是哪类；请选一个类别，或给所有行定一个类型（警情、纠纷、诉求）"
            ),
            format!("`{word}` does not tell the kind; choose a category, or one kind for all rows"),
        ),
        other => (other.zh(), other.en()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_on_the_page_is_told_to_type_options() {
        let columns = || vec!["时刻".to_owned(), "地点".to_owned()];
        let reasons = [
            Reason::ColumnUnclear {
                column: "时间".to_owned(),
                field: "occurred_at",
            },
            Reason::NoTimeColumn { columns: columns() },
            Reason::NoPlaceColumns { columns: columns() },
            Reason::NoGeometryColumn { columns: columns() },
            Reason::CrsDoubtful {
                named: crate::crs::Crs::Gcj02,
            },
            Reason::KindMissing,
            Reason::KindUnclear {
                word: "其他".to_owned(),
            },
        ];
        for reason in &reasons {
            // The command line still hears its option.
            assert!(reason.zh().contains("--"), "{reason:?}");
            let (zh, en) = words(reason);
            assert!(!zh.contains("--") && !en.contains("--"), "{zh} {en}");
        }
        let (zh, en) = words(&reasons[1]);
        assert!(zh.contains("时刻、地点") && zh.contains("列的对应"));
        assert!(en.contains("时刻, 地点") && en.contains("Columns"));
    }

    #[test]
    fn other_reasons_stay_as_they_are() {
        let reason = Reason::TimeMissing;
        assert_eq!(words(&reason), (reason.zh(), reason.en()));
    }
}
