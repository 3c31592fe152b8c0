//! Values of the slots of invented sites: titles, names, remarks, all made up.

use super::Random;

const PLACES: &[&str] = &["青河", "柳林", "东坪", "石桥", "南湾", "白塔", "临江", "松岭", "云溪", "大田"];
const SUBJECTS: &[&str] = &[
    "小学语文", "乡村道路", "社区卫生", "安全生产", "图书馆", "春季造林", "青年教师", "防汛", "垃圾分类", "校园读书",
    "老旧小区", "食品检查",
];
const KINDS: &[&str] =
    &["工作总结", "实施方案", "调查报告", "心得体会", "活动通知", "管理办法", "年度计划", "经验材料", "发言稿", "简讯"];
const THINGS: &[&str] =
    &["harbour", "orchard", "library", "railway", "garden", "market", "bridge", "school", "river", "theatre"];
const DEEDS: &[&str] = &[
    "reopens after repairs", "seeks volunteers", "marks its first year", "faces a dry summer", "plans a new wing",
    "changes its hours",
];

pub fn title(random: &mut Random, english: bool) -> String {
    if english {
        return format!(
            "Old {} in {} {}",
            random.pick(THINGS),
            random.pick(&["Ashford", "Milbrook", "Fernley", "Holt"]),
            random.pick(DEEDS)
        );
    }
    match random.below(3) {
        0 => format!("{}{}{}", random.pick(PLACES), random.pick(SUBJECTS), random.pick(KINDS)),
        1 => format!(
            "20{}年{}{}{}",
            10 + random.below(14),
            random.pick(PLACES),
            random.pick(SUBJECTS),
            random.pick(KINDS)
        ),
        _ => format!("关于{}县{}的{}", random.pick(PLACES), random.pick(SUBJECTS), random.pick(KINDS)),
    }
}

/// The months.
pub const MONTHS: &[&str] = &[
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
];

/// What a reader says under a text.
pub fn remark(random: &mut Random, english: bool) -> String {
    if english {
        let start = random.pick(&["I think", "Honestly,", "My neighbour says", "No idea why", "Last summer", "So"]);
        let middle = random.pick(&["the old", "every second", "their new", "that funny little", "our"]);
        let end = random
            .pick(&["never worked for me", "is worth a look", "was much better", "costs too much", "made my day"]);
        return format!("{start} {middle} {} {end}{}", random.pick(THINGS), random.pick(&["", ".", "!", "?"]));
    }
    let start =
        random.pick(&["我们那边", "其实", "楼上说得对，", "求问", "上个月去看了", "不懂就问，", "哈哈，", "隔壁的"]);
    let middle = [*random.pick(PLACES), *random.pick(SUBJECTS)].concat();
    let end = random
        .pick(&["还真不错", "到底怎么样", "变化挺大", "我持保留意见", "值得一去", "记下了", "太难了", "比想的好"]);
    format!("{start}{middle}{end}{}", random.pick(&["", "。", "！", "～", "……"]))
}

pub fn default_names(english: bool) -> Vec<String> {
    let names: &[&str] = if english {
        &["Jane Miller", "Tom Baker", "Ann Cook", "Peter van Dale", "Lucy Gray"]
    } else {
        &["甲某", "乙某某", "丙小明", "丁编辑", "戊某", "己老师", "晨光", "小河流水"]
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub fn default_categories(english: bool) -> Vec<String> {
    let kinds: &[&str] = if english {
        &["News", "Town life", "Opinion", "Archive"]
    } else {
        &["工作总结", "心得体会", "公文", "教育资讯", "范文"]
    };
    kinds.iter().map(|kind| (*kind).to_owned()).collect()
}
