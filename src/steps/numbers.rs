//! Reading numbers in running text: what stands before a number, what unit follows, what the clause before it counts.
//!
//! Shared by `decimal-point` and `thousands`. Everything looks at a bounded window around the number, so that a line may be
//! of any length.

use crate::text::class::is_han;

/// How far back a clause is read, in characters.
const CLAUSE: usize = 40;

/// The value of a digit, full-width ones included.
#[must_use]
pub fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => Some(c as u32 - '0' as u32),
        '０'..='９' => Some(c as u32 - '０' as u32),
        _ => None,
    }
}

/// A run of digits as a byte range of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digits {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// How many digits.
    pub count: usize,
    /// Their value, saturating.
    pub value: u64,
}

impl Digits {
    /// The run that starts at a byte.
    #[must_use]
    pub fn starting(line: &str, start: usize) -> Option<Self> {
        let mut run = Self { start, end: start, count: 0, value: 0 };
        for c in line[start..].chars() {
            let Some(value) = digit(c) else { break };
            run.end += c.len_utf8();
            run.count += 1;
            run.value = run.value.saturating_mul(10).saturating_add(u64::from(value));
        }
        (run.count > 0).then_some(run)
    }

    /// The run that ends at a byte.
    #[must_use]
    pub fn ending(line: &str, end: usize) -> Option<Self> {
        let start = line[..end].char_indices().rev().take_while(|&(_, c)| digit(c).is_some()).last()?.0;
        Self::starting(line, start)
    }

    /// Four digits that read as a year of our times.
    #[must_use]
    pub fn is_year(&self) -> bool {
        self.count == 4 && (1900..2100).contains(&self.value)
    }
}

/// What follows a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A multiple that turns any count into a measure: 万, 亿, 千万.
    Multiple,
    /// A measure that takes decimals: 元, %, 米, 倍 …
    Measure,
    /// A span of time or age, which takes decimals only where the clause speaks of a duration or an average.
    Duration,
    /// A counter or part of a date, which never takes decimals.
    Counter,
    /// None that is known.
    None,
}

const MULTIPLES: &[&str] = &["万", "亿", "千万", "百万", "十万", "千亿", "百亿"];

/// Longer ones first where one begins another.
const MEASURES: &[&str] = &[
    "个百分点", "百分点", "平方公里", "平方千米", "平方米", "平方厘米", "平方毫米", "平方", "立方米", "立方厘米",
    "立方", "公里", "千米", "厘米", "毫米", "微米", "纳米", "分米", "海里", "英里", "英寸", "英尺", "公顷", "公斤",
    "千克", "毫克", "微克", "毫升", "千瓦时", "千瓦", "兆瓦", "千伏", "千卡", "千元", "摄氏度", "分贝", "美元", "欧元",
    "英镑", "港元", "港币", "日元", "元", "米", "亩", "吨", "克", "斤", "升", "度", "倍", "分", "秒", "尺", "丈", "℃",
    "°", "%", "％", "‰", "㎡", "m²", "km", "mmol", "μmol", "umol", "mol", "nmol", "μg", "ug", "ng", "cm", "mm", "nm",
    "μm", "kg", "mg", "ml", "kW", "kWh", "MW", "mL", "dB", "eV", "mAh", "TB", "GB", "MB", "KB", "Mbps", "Gbps", "MPa",
    "kPa", "Hz", "GHz", "MHz", "安培", "赫兹", "焦耳", "块钱", "光年",
];

/// Measures whose character begins many words: units only where their phrase ends.
const WEAK_MEASURES: &[&str] = &[
    "安", "伏", "瓦", "帕", "码", "成", "石", "里", "级", "两", "角", "折", "点", "寸", "股", "帕", "千帕", "兆帕",
    "毫安", "微摩尔", "克拉", "盎司", "桶", "度电", "标准箱", "马力",
];

const DURATIONS: &[&str] = &[
    "分钟", "小时", "个小时", "年", "天", "岁", "周岁", "个月", "个学时", "学时", "课时", "周", "个星期", "个工作日",
    "个学期", "刻钟",
];

const COUNTERS: &[&str] = &[
    "所", "名", "人", "个", "项", "月", "日", "号", "家", "位", "次", "件", "套", "台", "辆", "座", "栋", "间", "条",
    "本", "册", "篇", "章", "场", "届", "期", "批", "支", "只", "头", "棵", "株", "户", "村", "县", "市", "区", "省",
    "班", "级", "年级", "岁以", "点", "时", "世纪", "年代", "份", "张", "部", "门", "组", "队", "处", "艘", "架", "枚",
    "颗", "顶", "面", "道", "句", "字", "页", "题", "行", "列", "人次", "户次", "例", "宗", "起", "笔", "对", "双",
    "种", "类",
];

/// Words that begin like a unit but are none.
const NOT_UNITS: &[&str] = &[
    "分别", "分为", "分布", "分析", "分成", "分管", "分校", "分局", "分公司", "分配", "分之", "分类", "分组", "分工",
    "分数", "分析", "分批", "分层", "分享", "分离", "分子", "分母", "分行", "分会", "分级", "分院", "分区", "分支",
    "分段", "分流", "度过", "度假", "度日", "元旦", "元月", "元宵", "元素", "元件", "元年", "克服", "克隆", "升级",
    "升学", "升入", "升至", "升到", "升温", "升值", "升降", "升旗", "升本", "米饭", "米粉", "米面", "米其林", "米兰",
    "两个", "两种", "两项", "两者", "两名", "两所", "两年", "两次", "两地", "两边", "两手", "两级", "里面", "里程",
    "里的", "里有", "里约", "石头", "石油", "石化", "石家庄", "节能", "节约", "节目", "节日", "节省", "节水", "安排",
    "倍感", "倍受", "倍加", "角度", "角色", "角落", "尺寸", "丈夫", "万一", "万物", "万事", "斤斤", "度数", "秒杀",
    "折合", "折算", "折叠", "折旧", "平方根", "瓦解", "帕金",
];

/// What unit a text begins with, and its length in bytes. A space before the unit is allowed for.
#[must_use]
pub fn unit(after: &str) -> (Unit, usize) {
    let text = after.strip_prefix(' ').unwrap_or(after);
    let skipped = after.len() - text.len();
    let longest =
        |list: &[&str]| list.iter().filter(|word| text.starts_with(**word)).map(|word| word.len()).max().unwrap_or(0);
    // Speeds at sea; 节 is a holiday or a lesson elsewhere.
    if text.starts_with("节左右") || text.starts_with("节以上") {
        return (Unit::Measure, skipped + "节".len());
    }
    if let Some(word) = WEAK_MEASURES.iter().find(|word| text.starts_with(**word)) {
        let rest = &text[word.len()..];
        if phrase_ends(rest)
            || ["左右", "上下", "以上", "以下", "以内", "多", "的", "优惠", "地震", "路", "强震", "大风"]
                .iter()
                .any(|more| rest.starts_with(more))
        {
            let kind = if *word == "点" || (*word == "级" && !rest.starts_with(['地', '强'])) {
                Unit::Counter
            } else {
                Unit::Measure
            };
            return (kind, skipped + word.len());
        }
    }
    let durations = longest(DURATIONS);
    let (multiples, measures, counters) = (longest(MULTIPLES), longest(MEASURES), longest(COUNTERS));
    let best = durations.max(multiples).max(measures).max(counters);
    if best == 0 || NOT_UNITS.iter().any(|word| text.starts_with(word)) || cut_word(text, best) {
        return (Unit::None, 0);
    }
    let kind = if best == multiples {
        Unit::Multiple
    } else if best == durations {
        Unit::Duration
    } else if best == measures {
        Unit::Measure
    } else {
        Unit::Counter
    };
    (kind, skipped + best)
}

/// A Latin unit must end where its word ends.
fn cut_word(text: &str, length: usize) -> bool {
    let ends_latin = text[..length].ends_with(|c: char| c.is_ascii_alphabetic());
    ends_latin && text[length..].starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// The clause that leads up to a byte: at most 40 characters, from the last mark that ends a clause.
#[must_use]
pub fn clause_before(line: &str, at: usize) -> &str {
    let head = &line[..at];
    let mut start = at;
    for (index, c) in head.char_indices().rev().take(CLAUSE) {
        // A stop between digits is a lost decimal point, not the end of a clause.
        let between = c == '。'
            && head[..index].chars().next_back().is_some_and(|c| digit(c).is_some())
            && line[index + c.len_utf8()..].chars().next().is_some_and(|c| digit(c).is_some());
        if matches!(c, '。' | '，' | '；' | ',' | ';' | '！' | '？' | '（' | '(' | '\n') && !between {
            break;
        }
        start = index;
    }
    &line[start..at]
}

/// Nouns that count wholes: a number soon after them has no decimals, unless a multiple follows.
const COUNT_NOUNS: &[&str] = &[
    "样本量", "样本", "问卷", "人数", "总数", "个数", "次数", "户数", "班数", "件数", "页数", "份数", "期数", "席位",
    "名额", "数量", "票数", "天数", "场次", "届数", "队数", "床位", "投诉量", "座位数", "总人口", "人口", "员数",
    "生数", "师数", "校数", "业数", "户", "辆数", "制数", "目数", "故数", "本数", "级数", "庭数", "间数", "围数",
    "时数", "园数", "店数", "村数", "组数", "项数", "类数",
];

/// Nouns that name something by a number.
const NAME_NOUNS: &[&str] = &[
    "编号", "号码", "电话", "邮编", "编码", "学号", "证号", "车次", "房号", "门牌", "门牌号", "代码", "座位号", "分机",
    "尾号", "热线", "名次", "排名", "型号", "版次", "答案", "集合时间", "密码", "账号", "卡号", "工号", "展位", "考号",
    "公交", "换乘", "乘坐", "线路", "案号", "文号", "字号", "批号", "单号", "车牌", "办公室在", "教室在", "会议室在",
    "房间在", "家在", "住在",
];

/// Words right before a number that say it names something.
const NAME_BEFORE: &[&str] =
    &["第", "附件", "附表", "附图", "附录", "见图", "见表", "如图", "如表", "下图", "下表", "上图", "上表", "题", "号"];

/// Words right before a year.
const YEAR_BEFORE: &[&str] =
    &["建于", "创办于", "成立于", "始于", "建校于", "生于", "截至", "截止", "直到", "到了", "自从", "早在"];

/// How soon after its noun a number belongs to it, in characters.
const NEAR: usize = 7;

/// Whether one of the nouns stands near the end of a clause.
fn near(clause: &str, nouns: &[&str]) -> bool {
    nouns.iter().any(|noun| clause.rfind(noun).is_some_and(|at| clause[at + noun.len()..].chars().count() <= NEAR))
}

/// Whether the clause before a number names or dates something rather than measures it.
#[must_use]
pub fn names_something(clause: &str, number: Digits) -> bool {
    let clause = clause.trim_end();
    NAME_BEFORE.iter().any(|word| clause.ends_with(word))
        || matches!(clause, "图" | "表")
        || (number.is_year() && YEAR_BEFORE.iter().any(|word| clause.ends_with(word)))
        || near(clause, NAME_NOUNS)
}

/// Whether the clause before a number counts wholes.
#[must_use]
pub fn counts_wholes(clause: &str) -> bool {
    (near(clause, COUNT_NOUNS) || ends_in_number_of(clause))
        && !clause.contains("平均")
        && !clause.contains("占")
        && !clause.contains("人均")
        && !clause.contains("率")
        && !clause.contains("比")
}

/// `…数为`, `…数增至`: the number of something, whatever it is.
fn ends_in_number_of(clause: &str) -> bool {
    const NO_COUNTS: &[&str] = &[
        "分数", "指数", "系数", "倍数", "度数", "读数", "基数", "参数", "对数", "均数", "位数", "常数", "函数", "岁数",
        "比数",
    ];
    let noun = clause.trim_end_matches([
        '为', '是', '达', '到', '约', '增', '升', '降', '至', '共', '仅', '超', '过', '了', '只', '有', '近', '：',
        ':', '即', '已', '在',
    ]);
    noun.ends_with('数') && !NO_COUNTS.iter().any(|word| noun.ends_with(word))
}

/// Words after which a time or an age may have decimals.
const DURATION_WORDS: &[&str] = &[
    "平均", "人均", "教龄", "工龄", "年龄", "为期", "历时", "用时", "耗时", "时长", "时间为", "时间是", "时间约",
    "时间达", "时间只有", "时间仅", "时间长", "时间缩", "时间延", "时间不", "时间超", "时间控", "寿命", "年限", "学制",
    "周期", "车程", "工期", "需", "持续", "长达", "将近", "近", "约", "超过", "不足", "保质期", "树龄", "党龄", "校龄",
    "缩短", "延长",
];

/// Whether the clause before a number speaks of a duration or an average.
#[must_use]
pub fn speaks_of_duration(clause: &str) -> bool {
    DURATION_WORDS.iter().any(|word| clause.contains(word))
}

/// Characters right before a number that lead up to a measure.
#[must_use]
pub fn leads_to_measure(clause: &str) -> bool {
    clause.chars().next_back().is_some_and(|c| {
        matches!(
            c,
            '为' | '是'
                | '达'
                | '到'
                | '约'
                | '占'
                | '积'
                | '资'
                | '高'
                | '长'
                | '宽'
                | '深'
                | '厚'
                | '重'
                | '率'
                | '均'
                | '值'
                | '额'
                | '款'
                | '入'
                | '出'
                | '过'
                | '超'
                | '了'
                | '至'
                | '共'
                | '计'
                | '比'
                | '近'
                | '于'
                | '价'
                | '量'
                | '度'
                | '分'
                | '成'
                | '的'
                | '元'
                | '加'
                | '升'
                | '降'
                | '少'
                | '龄'
                | '录'
                | '口'
                | '仅'
                | '产'
                | '离'
                | '径'
                | '温'
                | '差'
                | '费'
                | '本'
                | '金'
                | '程'
                | '距'
                | '需'
                | '有'
                | '用'
                | '以'
                | '得'
                | '绩'
                | '幅'
                | '数'
                | '：'
                | ':'
        )
    })
}

/// Whether a text begins with something that ends a phrase.
#[must_use]
pub fn phrase_ends(after: &str) -> bool {
    match after.chars().next() {
        None => true,
        Some(c) => {
            matches!(c, '，' | '。' | '；' | '、' | '！' | '？' | '）' | ')' | ',' | ';' | '】' | '”' | '\n' | '：')
                || (c == ' ')
        }
    }
}

/// The character before a byte.
#[must_use]
pub fn before(line: &str, at: usize) -> Option<char> {
    line[..at].chars().next_back()
}

/// The character at a byte.
#[must_use]
pub fn at(line: &str, at: usize) -> Option<char> {
    line[at..].chars().next()
}

/// Whether a character is Han.
#[must_use]
pub fn han(c: Option<char>) -> bool {
    c.is_some_and(is_han)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_told_apart() {
        for (text, kind) in [
            ("万名学生", Unit::Multiple),
            ("亿元", Unit::Multiple),
            ("个百分点", Unit::Measure),
            ("%，", Unit::Measure),
            ("分。", Unit::Measure),
            ("分别", Unit::None),
            ("分钟", Unit::Duration),
            ("年来", Unit::Duration),
            ("个班", Unit::Counter),
            ("月起", Unit::Counter),
            ("km/h", Unit::Measure),
            ("kmx", Unit::None),
            ("全员", Unit::None),
            (" 平方米", Unit::Measure),
        ] {
            assert_eq!(unit(text).0, kind, "{text}");
        }
    }

    #[test]
    fn clauses_end_at_marks_but_not_at_lost_points() {
        let line = "共12所。总投资13。7亿元";
        assert_eq!(clause_before(line, line.find("亿").expect("there")), "总投资13。7");
        assert_eq!(clause_before(line, line.find("13").expect("there")), "总投资");
    }
}
