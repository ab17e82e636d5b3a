//! 警情, 纠纷, 12345 诉求: what happened, where and when; never who.

use geo::{Coord, Point};
use serde::{Deserialize, Serialize};

use super::{Meta, Timestamp, Value, entity, words};

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

entity! {
    Incident, Incidents, |this| this.at.map(|at| Point::from(at).into()),
    "kind": Text, "种类", "Kind" = Value::text(this.kind.as_str());
    "category": Text, "类别", "Category" = Value::text(&this.category);
    "occurred_at": Instant, "发生时间", "Occurred" = Value::Instant(this.occurred_at);
    "date_only": Bool, "只有日期", "Date only" = Value::Bool(this.date_only);
    "reported_at": Instant, "上报时间", "Reported" = this.reported_at.map_or(Value::Null, Value::Instant);
    "status": Text, "状态", "Status" = Value::text(&this.status);
    "found": Text, "发现方式", "Found by" = Value::text(this.found_by.as_str());
    "text": Text, "内容", "Text" = Value::text(&this.text);
}
