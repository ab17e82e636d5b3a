//! 警情, 纠纷, 12345 诉求: what happened, where and when; never who.

use geo::{Coord, Point};
use serde::{Deserialize, Serialize};

use super::{Entity, Field, FieldType, LayerName, Meta, Timestamp, Value, words};

words! {
    /// The three kinds of incident.
    IncidentKind, "incident kind", "事件类型", "police (警情), dispute (纠纷), hotline (12345诉求)",
    /// 警情
    Police = "police", "警情", "Police", ["110", "案件", "110警情"];
    /// 纠纷
    Dispute = "dispute", "纠纷", "Dispute", ["矛盾纠纷"];
    /// 12345 诉求
    Hotline = "hotline", "12345诉求", "Hotline", ["12345", "诉求", "12345 诉求", "热线", "12345热线", "工单"];
}

words! {
    /// Who found it: reports and patrol finds are counted apart, since more
    /// patrols find more.
    FoundBy, "finder", "发现来源", "resident (群众), patrol (巡防)",
    /// 群众
    Resident = "resident", "群众", "Resident", ["群众上报", "居民", "报警"];
    /// 巡防
    Patrol = "patrol", "巡防", "Patrol", ["巡防发现", "巡查", "巡查发现", "网格员"];
}

/// One incident. There is no field for a person, by design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Identity and origin.
    pub meta: Meta,
    /// 警情, 纠纷 or 12345 诉求.
    pub kind: IncidentKind,
    /// Code in the category tree; empty when unknown.
    pub category: String,
    /// Reported by residents or found by a patrol.
    pub found_by: FoundBy,
    /// When it happened; local midnight if only the day is known.
    pub occurred_at: Timestamp,
    /// Only the day of `occurred_at` is known.
    pub date_only: bool,
    /// When it was reported.
    pub reported_at: Option<Timestamp>,
    /// Status as the source words it, e.g. 处置中.
    pub status: String,
    /// What happened, masked before it got here.
    pub text: String,
    /// Where, WGS84 degrees; `None` is 未上图.
    pub at: Option<Coord<f64>>,
}

impl Entity for Incident {
    const LAYER: LayerName = LayerName::Incidents;

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }

    fn geometry(&self) -> Option<geo::Geometry<f64>> {
        self.at.map(|at| Point::from(at).into())
    }

    fn fields() -> &'static [Field] {
        const FIELDS: &[Field] = &[
            Field::new("kind", FieldType::Text, "种类", "Kind"),
            Field::new("category", FieldType::Text, "类别", "Category"),
            Field::new("occurred_at", FieldType::Instant, "发生时间", "Occurred"),
            Field::new("date_only", FieldType::Bool, "只有日期", "Date only"),
            Field::new("reported_at", FieldType::Instant, "上报时间", "Reported"),
            Field::new("status", FieldType::Text, "状态", "Status"),
            Field::new("found", FieldType::Text, "发现方式", "Found by"),
            Field::new("text", FieldType::Text, "内容", "Text"),
            Field::new("source", FieldType::Text, "来源", "Source"),
            Field::new("source_id", FieldType::Text, "来源编号", "Source id"),
        ];
        FIELDS
    }

    fn value(&self, name: &str) -> Value {
        match name {
            "kind" => Value::text(self.kind.as_str()),
            "category" => Value::text(&self.category),
            "occurred_at" => Value::Instant(self.occurred_at),
            "date_only" => Value::Bool(self.date_only),
            "reported_at" => self.reported_at.map_or(Value::Null, Value::Instant),
            "status" => Value::text(&self.status),
            "found" => Value::text(self.found_by.as_str()),
            "text" => Value::text(&self.text),
            _ => self.meta.value(name),
        }
    }
}
