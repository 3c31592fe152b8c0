//! Whether a noun and a unit speak of the same kind of quantity: a rate is not measured in metres, nor a floor space in yuan.
//!
//! `平均分为85。3%的学生` holds two sentences, because no average mark is a share.

/// A kind of quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Share,
    Score,
    Money,
    Length,
    Area,
    Mass,
    Warmth,
    Age,
}

use Quantity::{Age, Area, Length, Mass, Money, Score, Share, Warmth};

/// Nouns that have one kind of quantity and no other.
const NOUNS: &[(&str, Quantity)] = &[
    ("比例", Share),
    ("占比", Share),
    ("比重", Share),
    ("合格率", Share),
    ("及格率", Share),
    ("优秀率", Share),
    ("升学率", Share),
    ("就业率", Share),
    ("入学率", Share),
    ("覆盖率", Share),
    ("满意率", Share),
    ("满意度", Share),
    ("增长率", Share),
    ("收视率", Share),
    ("平均分", Score),
    ("得分", Score),
    ("总分", Score),
    ("均分", Score),
    ("分数", Score),
    ("分数线", Score),
    ("评分", Score),
    ("投资", Money),
    ("收入", Money),
    ("支出", Money),
    ("金额", Money),
    ("经费", Money),
    ("费用", Money),
    ("价格", Money),
    ("售价", Money),
    ("单价", Money),
    ("成本", Money),
    ("产值", Money),
    ("利润", Money),
    ("工资", Money),
    ("预算", Money),
    ("身高", Length),
    ("高度", Length),
    ("长度", Length),
    ("宽度", Length),
    ("深度", Length),
    ("厚度", Length),
    ("里程", Length),
    ("距离", Length),
    ("全长", Length),
    ("水深", Length),
    ("直径", Length),
    ("海拔", Length),
    ("面积", Area),
    ("体重", Mass),
    ("重量", Mass),
    ("气温", Warmth),
    ("温度", Warmth),
    ("体温", Warmth),
    ("水温", Warmth),
    ("年龄", Age),
];

/// The kind of quantity a unit measures; `None` where it may be several.
fn of_unit(unit: &str) -> Option<Quantity> {
    let unit = unit.trim_start_matches(['万', '亿', '千', '百', '十', ' ']);
    let starts = |words: &[&str]| words.iter().any(|word| unit.starts_with(word));
    Some(match unit {
        _ if starts(&["%", "％", "‰", "个百分点", "百分点"]) => Share,
        _ if starts(&["平方", "亩", "公顷", "㎡"]) => Area,
        _ if starts(&["元", "美元", "欧元", "英镑", "港", "日元", "块钱"]) => Money,
        _ if starts(&["米", "公里", "千米", "厘米", "毫米", "海里", "英里", "英寸"]) => Length,
        _ if starts(&["公斤", "吨", "千克", "克", "斤"]) => Mass,
        _ if starts(&["摄氏度", "℃", "度"]) => Warmth,
        _ if starts(&["岁"]) => Age,
        "分" => Score,
        _ => return None,
    })
}

/// Whether a unit measures something, so that no count goes with it: 人数 is not in yuan.
#[must_use]
pub fn is_measured(unit: &str) -> bool {
    of_unit(unit).is_some()
}

/// How soon after its noun a number belongs to it, in characters.
const NEAR: usize = 7;

/// Whether the last noun before a number measures something else than the unit after it.
#[must_use]
pub fn mismatch(clause: &str, unit: &str) -> bool {
    let last = NOUNS
        .iter()
        .filter_map(|(noun, quantity)| clause.rfind(noun).map(|at| (at + noun.len(), *quantity)))
        .max_by_key(|&(end, _)| end)
        .filter(|&(end, _)| clause[end..].chars().count() <= NEAR);
    // Any quantity may grow or shrink by a share.
    let changes = ["增", "降", "升", "提高", "减", "占", "高出", "涨", "跌"].iter().any(|word| clause.contains(word));
    match (last, of_unit(unit)) {
        (Some((_, noun)), Some(unit)) => noun != unit && !(changes && unit == Share),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_want_their_own_units() {
        for (clause, unit, wrong) in [
            ("平均分为", "%", true),
            ("平均分为", "分", false),
            ("总投资约", "亿元", false),
            ("总面积为", "万元", true),
            ("总面积为", "万平方米", false),
            ("收入增长", "%", false),
            ("人数为", "米", false),
        ] {
            assert_eq!(mismatch(clause, unit), wrong, "{clause}{unit}");
        }
    }
}
