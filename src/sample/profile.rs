//! What happens in a town, how often, where, when, and in which words.

use super::rhythm::{EVENING, Hours, NIGHT, NOTICED, OFFICE, Season, TRADE, TRAFFIC};
use crate::model::IncidentKind::{self, Dispute, Hotline, Police};

/// Where a category happens: weights of homes, street fronts, lanes, trade
/// (markets, malls, shop fronts), schools and hospitals, works and yards.
pub(crate) type Where = [f64; 6];

/// One category of the town.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    pub(crate) kind: IncidentKind,
    /// Code in `geodata/codes/categories.csv`.
    pub(crate) code: &'static str,
    /// Share of all incidents, in thousandths.
    pub(crate) share: f64,
    pub(crate) place: Where,
    pub(crate) hours: &'static Hours,
    /// Factor of Saturdays and Sundays.
    pub(crate) weekend: f64,
    pub(crate) season: Season,
    /// Share found by patrols.
    pub(crate) patrol: f64,
    /// What the text says after the place.
    pub(crate) texts: &'static [&'static str],
}

const HOME: Where = [1.0, 0.03, 0.5, 0.0, 0.0, 0.02];
const STREET: Where = [0.05, 1.0, 0.35, 0.4, 0.15, 0.1];
const SHOP: Where = [0.02, 0.5, 0.15, 1.6, 0.05, 0.0];
const MIXED: Where = [0.6, 0.6, 0.5, 0.5, 0.1, 0.1];
const CARE: Where = [0.3, 0.1, 0.1, 0.1, 2.0, 0.0];
const YARD: Where = [0.1, 0.5, 0.3, 0.2, 0.0, 1.0];

#[expect(clippy::too_many_arguments, reason = "a row of the table below")]
const fn row(
    kind: IncidentKind,
    code: &'static str,
    share: f64,
    place: Where,
    hours: &'static Hours,
    weekend: f64,
    season: Season,
    patrol: f64,
    texts: &'static [&'static str],
) -> Profile {
    Profile {
        kind,
        code,
        share,
        place,
        hours,
        weekend,
        season,
        patrol,
        texts,
    }
}

use Season::{Even, Rain, Summer, Winter, YearEnd};

/// The table; shares need not add up to a thousand.
#[rustfmt::skip] // one category a line, to be read as a table
pub(crate) const PROFILES: &[Profile] = &[
    row(Police, "police.fraud.rebate", 12.0, HOME, &OFFICE, 0.9, Even, 0.0, &["刷单返利被骗", "网上兼职刷单被骗"]),
    row(Police, "police.fraud.investment", 5.0, HOME, &OFFICE, 0.8, Even, 0.0, &["虚假投资平台被骗"]),
    row(Police, "police.fraud.service", 8.0, HOME, &OFFICE, 0.9, Even, 0.0, &["接冒充客服电话被骗", "冒充快递理赔被骗"]),
    row(Police, "police.fraud.authority", 3.0, HOME, &OFFICE, 0.7, Even, 0.0, &["接冒充公检法电话，已劝阻"]),
    row(Police, "police.fraud.loan", 4.0, HOME, &OFFICE, 0.8, YearEnd, 0.0, &["虚假贷款被骗"]),
    row(Police, "police.elder_fraud.health", 3.0, MIXED, &OFFICE, 0.6, Even, 0.25, &["保健品讲座涉嫌养老诈骗", "以赠品招揽老人推销保健品"]),
    row(Police, "police.elder_fraud.investment", 1.2, HOME, &OFFICE, 0.6, Even, 0.0, &["养老项目投资被骗"]),
    row(Police, "police.pyramid", 1.6, HOME, &EVENING, 0.9, Even, 0.3, &["出租屋疑似传销聚集", "反映有人拉人头听课"]),
    row(Police, "police.theft.ebike", 30.0, [0.9, 0.7, 0.6, 0.9, 0.2, 0.1], &NOTICED, 1.1, Even, 0.02, &["电动车被盗", "电瓶被盗", "停放的电动车不见"]),
    row(Police, "police.theft.burglary", 5.0, HOME, &NOTICED, 1.0, YearEnd, 0.02, &["入室盗窃", "家中财物被盗"]),
    row(Police, "police.theft.from_vehicle", 8.0, [0.6, 1.0, 0.4, 0.5, 0.1, 0.1], &NOTICED, 1.0, Even, 0.03, &["车内财物被盗", "拉车门盗窃"]),
    row(Police, "police.theft.snatch", 4.0, SHOP, &TRADE, 1.2, YearEnd, 0.06, &["扒窃", "手机被扒"]),
    row(Police, "police.theft.shop", 7.0, SHOP, &TRADE, 1.15, Even, 0.02, &["超市被盗", "店内商品被盗"]),
    row(Police, "police.theft.other", 6.0, [0.4, 0.5, 0.4, 0.4, 0.2, 0.8], &NOTICED, 1.0, Even, 0.03, &["工地材料被盗", "快递被盗"]),
    row(Police, "police.vice.gambling", 5.0, [0.8, 0.1, 1.0, 0.3, 0.0, 0.1], &NIGHT, 1.2, YearEnd, 0.2, &["棋牌室涉嫌赌博", "有人聚众打牌赌博"]),
    row(Police, "police.vice.prostitution", 1.5, [0.3, 0.4, 1.0, 0.4, 0.0, 0.0], &NIGHT, 1.1, Even, 0.2, &["足浴店涉黄举报"]),
    row(Police, "police.gang", 0.6, MIXED, &OFFICE, 0.7, Even, 0.2, &["涉恶线索举报"]),
    row(Police, "police.order.assault", 13.0, [0.4, 0.7, 0.5, 1.0, 0.1, 0.1], &NIGHT, 1.25, Summer, 0.03, &["发生打架", "酒后打架"]),
    row(Police, "police.order.disturbance", 9.0, [0.3, 0.8, 0.4, 1.0, 0.3, 0.0], &NIGHT, 1.25, Summer, 0.06, &["有人酒后滋事", "有人扰乱秩序"]),
    row(Police, "police.order.damage", 6.0, MIXED, &NOTICED, 1.0, Even, 0.03, &["车辆被划", "门禁被砸"]),
    row(Police, "police.order.noise", 16.0, [0.9, 0.4, 0.5, 0.6, 0.0, 0.1], &NIGHT, 1.2, Summer, 0.02, &["夜间噪音报警", "邻近商户音响扰民"]),
    row(Police, "police.traffic.collision", 34.0, STREET, &TRAFFIC, 0.85, Even, 0.02, &["两车刮擦", "电动车与汽车碰撞", "车辆追尾"]),
    row(Police, "police.traffic.parking", 17.0, STREET, &TRADE, 1.05, Even, 0.15, &["车辆违停堵路", "消防通道被占"]),
    row(Police, "police.fire", 3.0, MIXED, &EVENING, 1.05, Winter, 0.08, &["垃圾桶起火", "电动车充电冒烟", "厨房起火"]),
    row(Police, "police.help.lost", 3.0, MIXED, &TRADE, 1.1, Even, 0.05, &["老人走失求助", "儿童走散求助"]),
    row(Police, "police.help.property", 18.0, [0.3, 0.8, 0.3, 1.0, 0.5, 0.0], &TRADE, 1.1, Even, 0.05, &["遗失钱包求助", "遗失手机求助"]),
    row(Police, "police.family", 5.0, HOME, &NIGHT, 1.25, Even, 0.0, &["家庭暴力警情"]),
    row(Police, "police.other", 12.0, MIXED, &EVENING, 1.0, Even, 0.02, &["其他求助"]),
    row(Dispute, "dispute.neighbor.noise", 26.0, HOME, &NIGHT, 1.25, Summer, 0.02, &["楼上噪音纠纷", "装修噪音纠纷"]),
    row(Dispute, "dispute.neighbor.leak", 20.0, HOME, &OFFICE, 1.0, Rain, 0.01, &["楼上漏水纠纷", "卫生间渗水纠纷"]),
    row(Dispute, "dispute.neighbor.space", 16.0, HOME, &EVENING, 1.1, Even, 0.12, &["楼道堆物纠纷", "公共空间占用纠纷"]),
    row(Dispute, "dispute.neighbor.pet", 7.0, HOME, &EVENING, 1.2, Summer, 0.04, &["遛狗不牵绳引发争执"]),
    row(Dispute, "dispute.property.fee", 13.0, HOME, &OFFICE, 0.7, YearEnd, 0.0, &["物业费纠纷"]),
    row(Dispute, "dispute.property.service", 16.0, HOME, &OFFICE, 0.9, Even, 0.03, &["物业服务不到位引发纠纷"]),
    row(Dispute, "dispute.parking", 40.0, [1.0, 0.4, 0.5, 0.3, 0.1, 0.0], &EVENING, 1.1, Even, 0.05, &["争抢车位纠纷", "车位被占纠纷", "挪车引发争执"]),
    row(Dispute, "dispute.family.marriage", 14.0, HOME, &NIGHT, 1.2, Even, 0.0, &["家庭矛盾调解", "感情纠纷调解"]),
    row(Dispute, "dispute.family.support", 5.0, HOME, &OFFICE, 0.9, YearEnd, 0.0, &["赡养问题调解"]),
    row(Dispute, "dispute.labor", 12.0, YARD, &OFFICE, 0.6, YearEnd, 0.0, &["拖欠工资纠纷", "工地讨薪"]),
    row(Dispute, "dispute.consumer", 22.0, SHOP, &TRADE, 1.3, Even, 0.0, &["退费纠纷", "预付卡纠纷", "商品质量纠纷"]),
    row(Dispute, "dispute.tenancy", 15.0, HOME, &OFFICE, 1.0, Even, 0.0, &["退租押金纠纷", "群租纠纷"]),
    row(Dispute, "dispute.debt", 8.0, MIXED, &OFFICE, 0.7, YearEnd, 0.0, &["借贷纠纷调解"]),
    row(Dispute, "dispute.injury", 7.0, STREET, &TRAFFIC, 0.9, Even, 0.0, &["碰撞赔偿纠纷"]),
    row(Dispute, "dispute.medical", 3.0, CARE, &OFFICE, 0.6, Even, 0.0, &["诊疗收费纠纷"]),
    row(Dispute, "dispute.demolition", 3.0, [0.1, 0.1, 1.5, 0.0, 0.0, 0.6], &OFFICE, 0.4, Even, 0.0, &["征迁补偿纠纷"]),
    row(Hotline, "hotline.noise.construction", 26.0, [0.7, 0.5, 0.2, 0.1, 0.0, 0.9], &NIGHT, 0.95, Summer, 0.03, &["夜间施工噪音", "附近工地噪音扰民"]),
    row(Hotline, "hotline.noise.living", 38.0, [1.0, 0.5, 0.5, 0.6, 0.0, 0.0], &EVENING, 1.25, Summer, 0.03, &["广场舞噪音扰民", "商铺音响噪音扰民"]),
    row(Hotline, "hotline.noise.traffic", 8.0, [0.5, 1.0, 0.1, 0.0, 0.0, 0.6], &NIGHT, 1.0, Summer, 0.0, &["车辆鸣笛噪音", "铁路噪音"]),
    row(Hotline, "hotline.parking", 62.0, [0.7, 1.0, 0.6, 0.7, 0.3, 0.0], &TRADE, 1.05, Even, 0.16, &["人行道违停", "小区周边停车难", "车辆乱停乱放"]),
    row(Hotline, "hotline.parking.ebike", 24.0, [0.4, 1.0, 0.5, 0.9, 0.3, 0.0], &TRADE, 0.9, Even, 0.3, &["共享单车乱停", "电动车占用盲道"]),
    row(Hotline, "hotline.parking.charging", 21.0, [1.0, 0.05, 0.9, 0.1, 0.0, 0.0], &EVENING, 0.95, Even, 0.25, &["飞线充电", "电动车进楼道", "充电桩故障"]),
    row(Hotline, "hotline.property", 60.0, [1.0, 0.0, 0.15, 0.1, 0.0, 0.0], &OFFICE, 0.7, Even, 0.01, &["物业服务投诉", "公共部位维修不及时", "门禁损坏未修"]),
    row(Hotline, "hotline.sanitation.garbage", 40.0, [0.7, 0.5, 1.0, 0.5, 0.0, 0.2], &OFFICE, 0.9, Summer, 0.3, &["垃圾未清运", "建筑垃圾堆放", "垃圾桶满溢"]),
    row(Hotline, "hotline.sanitation.stall", 32.0, [0.05, 1.0, 0.5, 1.4, 0.5, 0.0], &EVENING, 1.15, Summer, 0.35, &["流动摊贩占道", "店外经营"]),
    row(Hotline, "hotline.sanitation.ads", 9.0, [0.5, 0.6, 0.9, 0.3, 0.0, 0.0], &OFFICE, 0.8, Even, 0.5, &["楼道小广告", "墙面乱贴小广告"]),
    row(Hotline, "hotline.illegal_building", 22.0, [1.0, 0.05, 1.0, 0.0, 0.0, 0.2], &OFFICE, 0.7, Even, 0.12, &["阳台违建", "屋顶搭建", "院内私搭乱建"]),
    row(Hotline, "hotline.utility.water", 22.0, [1.0, 0.05, 0.7, 0.1, 0.0, 0.0], &OFFICE, 1.0, Summer, 0.0, &["停水", "水压不足"]),
    row(Hotline, "hotline.utility.power", 17.0, [1.0, 0.05, 0.8, 0.3, 0.0, 0.1], &EVENING, 1.05, Summer, 0.0, &["停电", "电压不稳"]),
    row(Hotline, "hotline.utility.gas", 9.0, [1.0, 0.0, 0.5, 0.3, 0.0, 0.0], &OFFICE, 0.95, Winter, 0.02, &["燃气异味", "燃气报装问题"]),
    row(Hotline, "hotline.utility.heat", 9.0, [1.0, 0.0, 0.1, 0.0, 0.1, 0.0], &EVENING, 1.0, Winter, 0.0, &["供暖温度不达标"]),
    row(Hotline, "hotline.road", 18.0, STREET, &OFFICE, 0.7, Even, 0.2, &["路面破损", "人行道地砖松动"]),
    row(Hotline, "hotline.road.manhole", 9.0, STREET, &OFFICE, 0.8, Rain, 0.3, &["井盖松动", "井盖破损"]),
    row(Hotline, "hotline.road.flooding", 8.0, [0.3, 1.0, 0.8, 0.1, 0.0, 0.1], &OFFICE, 1.0, Rain, 0.2, &["雨后道路积水"]),
    row(Hotline, "hotline.drainage", 20.0, [0.9, 0.2, 1.0, 0.3, 0.0, 0.0], &OFFICE, 0.9, Rain, 0.1, &["下水道堵塞", "污水外溢"]),
    row(Hotline, "hotline.fumes", 20.0, [0.4, 0.7, 0.5, 0.9, 0.0, 0.0], &EVENING, 1.1, Summer, 0.05, &["餐饮油烟扰民", "烧烤油烟"]),
    row(Hotline, "hotline.facility.light", 13.0, [0.5, 1.0, 0.9, 0.0, 0.0, 0.0], &EVENING, 0.9, Winter, 0.25, &["路灯不亮"]),
    row(Hotline, "hotline.facility.lift", 20.0, [1.0, 0.0, 0.0, 0.15, 0.05, 0.0], &EVENING, 1.0, Even, 0.0, &["电梯故障", "电梯困人", "加装电梯意见"]),
    row(Hotline, "hotline.green", 14.0, [1.0, 0.4, 0.2, 0.0, 0.0, 0.0], &OFFICE, 0.8, Summer, 0.08, &["树木遮挡采光", "毁绿种菜"]),
    row(Hotline, "hotline.animal", 13.0, [1.0, 0.2, 0.5, 0.0, 0.0, 0.0], &EVENING, 1.15, Summer, 0.06, &["流浪犬扰民", "遛狗不牵绳"]),
    row(Hotline, "hotline.fire_safety", 17.0, [1.0, 0.2, 0.9, 0.4, 0.0, 0.1], &OFFICE, 0.8, Even, 0.35, &["消防通道被占", "楼道堆放杂物"]),
    row(Hotline, "hotline.consumer", 28.0, SHOP, &OFFICE, 0.95, Even, 0.0, &["商家拒绝退款", "食品质量投诉"]),
    row(Hotline, "hotline.labor", 11.0, YARD, &OFFICE, 0.4, YearEnd, 0.0, &["拖欠工资投诉"]),
    row(Hotline, "hotline.education", 8.0, CARE, &OFFICE, 0.4, Even, 0.0, &["入学政策咨询", "学校周边拥堵"]),
    row(Hotline, "hotline.health", 6.0, CARE, &OFFICE, 0.6, Winter, 0.0, &["就诊服务意见"]),
    row(Hotline, "hotline.traffic", 13.0, STREET, &TRAFFIC, 0.8, Even, 0.0, &["路口信号灯配时不合理", "公交站点意见"]),
    row(Hotline, "hotline.fraud", 4.0, MIXED, &OFFICE, 0.7, Even, 0.0, &["传销线索举报", "涉诈电话举报"]),
    row(Hotline, "hotline.other", 18.0, MIXED, &OFFICE, 0.7, Even, 0.0, &["其他咨询", "其他建议"]),
];
