//! Names for streets and lanes. Invented or as common as 和平; no persons.

use super::dice::Dice;

const STREETS: &[&str] = &[
    "香樟路",
    "银杏路",
    "柳岸路",
    "育才路",
    "文苑路",
    "长宁路",
    "永兴路",
    "和睦路",
    "丰收路",
    "青禾路",
    "石塘路",
    "芦花路",
    "望塘路",
    "桂苑路",
    "梧桐路",
    "新安路",
    "同乐路",
    "康宁路",
    "站前街",
    "货场路",
    "机务路",
    "信号街",
    "道口街",
    "石桥路",
    "沟沿街",
    "塘岗路",
    "麦田路",
    "双岗街",
    "杏林路",
    "春晓路",
    "枫林路",
    "锦绣街",
    "荷塘路",
    "竹园路",
    "朝霞路",
    "星光街",
    "众兴路",
    "裕民路",
    "百花街",
    "云谷路",
    "瓦窑路",
    "砖桥路",
    "北渠路",
    "南渠路",
    "槐荫路",
    "榴园街",
    "松涛路",
    "翠微路",
    "鹭洲路",
    "茶园路",
    "平塘路",
    "田埂路",
    "老闸路",
    "新渠路",
    "广和街",
    "玉兰路",
    "紫薇路",
    "海棠路",
    "芙蓉路",
    "木槿路",
    "蔷薇路",
    "白鹭路",
    "青藤路",
    "云杉路",
    "雪松路",
    "金桂路",
    "学塘路",
    "书香路",
    "安和路",
    "康和路",
    "泰和路",
    "祥和路",
    "瑞和街",
    "兴华街",
    "通和路",
];

const LANES: &[&str] = &[
    "水井巷",
    "铁匠巷",
    "豆腐巷",
    "竹器巷",
    "柴市巷",
    "磨坊巷",
    "槐树巷",
    "枣园巷",
    "石榴巷",
    "桑园巷",
    "油坊巷",
    "染坊巷",
    "木桥巷",
    "塘埂巷",
    "菜园巷",
    "米市巷",
    "灯笼巷",
    "酱园巷",
    "糖坊巷",
    "渡口巷",
    "车站巷",
    "工房巷",
    "煤场巷",
    "信号巷",
    "扳道巷",
    "枕木巷",
    "月台巷",
    "汽笛巷",
    "站后巷",
    "道岔巷",
    "同心里",
    "安居里",
    "和平里",
    "勤俭里",
    "团结里",
    "幸福里",
    "向阳里",
    "民生里",
    "光明里",
    "友爱里",
    "一人巷",
    "七步巷",
    "三拐巷",
    "九曲巷",
    "双井巷",
    "半边巷",
    "东头巷",
    "西头巷",
    "后塘巷",
    "前塘巷",
    "小桥巷",
    "短巷",
    "长巷",
    "斜巷",
    "仓库巷",
    "校场巷",
    "书院巷",
    "茶馆巷",
    "瓦匠巷",
    "篾匠巷",
    "桂花巷",
    "梅园巷",
    "柳荫巷",
    "梨园巷",
    "杏花巷",
    "芦席巷",
    "蒲草巷",
    "荷叶巷",
    "稻香巷",
    "麦秸巷",
    "永安里",
    "长乐里",
    "福康里",
    "吉庆里",
    "仁和里",
    "德邻里",
    "新风里",
    "春光里",
    "清泉里",
    "晨曦里",
];

/// Hands out each name once, in an order of the seed's.
#[derive(Debug)]
pub(crate) struct Names {
    left: Vec<&'static str>,
    spare: &'static str,
    count: usize,
}

impl Names {
    /// Names of streets (路, 街).
    pub(crate) fn streets(dice: &mut Dice) -> Self {
        Names::new(STREETS, "新村路", dice)
    }

    /// Names of lanes (巷, 里).
    pub(crate) fn lanes(dice: &mut Dice) -> Self {
        Names::new(LANES, "", dice)
    }

    fn new(all: &[&'static str], spare: &'static str, dice: &mut Dice) -> Self {
        let mut left = all.to_vec();
        dice.shuffle(&mut left);
        Names {
            left,
            spare,
            count: 0,
        }
    }

    /// The next name. Once the list has run out streets are numbered, and
    /// lanes go without.
    pub(crate) fn next(&self) -> String {
        match self.left.last() {
            Some(name) => (*name).to_owned(),
            None if self.spare.is_empty() => String::new(),
            None => format!("第{}{}", self.count + 1, self.spare),
        }
    }

    /// Says that the name that [`Names::next`] gave is in use.
    pub(crate) fn used(&mut self) {
        if self.left.pop().is_none() {
            self.count += 1;
        }
    }

    /// A name that is in use from now on.
    pub(crate) fn take(&mut self) -> String {
        let name = self.next();
        self.used();
        name
    }
}
