//! `decimal-point`: a decimal point that became a full stop, a space or a 、 comes back.

use std::ops::Range;

use super::doc::{Example, Place, StepDoc};
use super::facts::Facts;
use super::numbers::{
    Digits, Unit, at, before, clause_before, counts_wholes, digit, han, leads_to_measure, names_something, phrase_ends,
    speaks_of_duration, unit,
};
use super::params::Params;
use super::{Action, LineEdits, LineStep, dates, quantities};
use crate::text::class::Mask;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "decimal-point",
    what: "Repairs numbers whose decimal point was lost: `13。7亿`, `26 5%`, `12、5平方米`, `V2。0。1`, and numbers and dates with a stray space.",
    why: "Converters turn every full stop into 。 and scanners lose the point altogether. The unit after the number decides (万, 亿, %, \
          元 and other measures take decimals, counters and dates never do, 年 and 岁 only in averages and durations), with the digits, \
          the clause before, and the way the document writes its other numbers. What is not certain stays.",
    params: &[],
    examples: &[
        Example::plain("总投入13。7亿元，占比81。37%。", "总投入13.7亿元，占比81.37%。"),
        Example::plain("提升工程2。0培训升级到V2。0。1。", "提升工程2.0培训升级到V2.0.1。"),
        Example::plain("面积1808 84平方公里，人均12、5平方米。", "面积1808.84平方公里，人均12.5平方米。"),
        Example::plain("于2019 年1 0月1 日施行。", "于2019年10月1日施行。"),
        Example::stays("共12所。2023年新建2所，人数达100。3月起施行。"),
        Example::stays("定于3、4、5月举行。"),
    ],
    place: Place::Profiles,
};

#[derive(Debug)]
struct DecimalPoint;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Lines(Box::new(DecimalPoint)))
}

impl LineStep for DecimalPoint {
    fn triggers(&self) -> Mask {
        Mask::NUMBER
    }

    fn run(&self, line: &str, facts: &Facts, out: &mut LineEdits<'_>) {
        let mut from = 0;
        while let Some(gap) = next_gap(line, from) {
            from = gap.mark.end;
            if gap.mark.start < out.end() {
                continue;
            }
            if let Some((range, after)) = repair(line, &gap, facts)
                && range.start >= out.end()
            {
                from = from.max(range.end);
                out.replace(range, &after);
            }
        }
    }
}

/// What stands between two runs of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Stop,
    Comma,
    Space,
    /// A decimal point with a space beside it.
    SpacedPoint,
}

#[derive(Debug)]
struct Gap {
    left: Digits,
    kind: Mark,
    mark: Range<usize>,
    right: Digits,
}

/// The next place at or after `from` where a mark stands between digits.
fn next_gap(line: &str, mut from: usize) -> Option<Gap> {
    loop {
        let (found, c) = line[from..].char_indices().find(|&(_, c)| matches!(c, '。' | '、' | ' '))?;
        let start = from + found;
        from = start + c.len_utf8();
        // A space beside a point belongs to the point.
        let start = if c == ' ' && before(line, start) == Some('.') { start - 1 } else { start };
        let mut end = from;
        let mut kind = match c {
            '。' => Mark::Stop,
            '、' => Mark::Comma,
            _ if line[start..].starts_with('.') => Mark::SpacedPoint,
            _ => Mark::Space,
        };
        if kind == Mark::Space && at(line, end) == Some('.') {
            kind = Mark::SpacedPoint;
            end += 1;
        }
        let Some(left) = Digits::ending(line, start) else { continue };
        let Some(right) = Digits::starting(line, end) else { continue };
        return Some(Gap { left, kind, mark: start..end, right });
    }
}

/// The replacement for a gap, if it is certain.
fn repair(line: &str, gap: &Gap, facts: &Facts) -> Option<(Range<usize>, String)> {
    let point = (gap.mark.clone(), ".".to_owned());
    match gap.kind {
        Mark::Stop => stop_is_point(line, gap, facts).then_some(point),
        Mark::Comma => comma_is_point(line, gap).then_some(point),
        Mark::SpacedPoint => spaced_point(line, gap).then_some(point),
        Mark::Space => dates::joined(line, gap.mark.start).or_else(|| space_is_point(line, gap).then_some(point)),
    }
}

/// What the number stands in: vetoes that hold for every mark.
fn barred(line: &str, gap: &Gap) -> bool {
    let lead = before(line, gap.left.start);
    let range = matches!(lead, Some('-' | '~' | '～' | '—' | '–'))
        && before(line, gap.left.start - lead.map_or(0, char::len_utf8)).is_some_and(|c| digit(c).is_some());
    let stuck = matches!(lead, Some('.' | ':' | '：' | '/' | '-' | '—' | '–' | '~' | '～' | '×' | '*' | '#' | '第'))
        && !range
        && !is_label(line, gap.left.start, lead)
        && !is_sign(line, gap.left.start, lead);
    stuck || lead.is_some_and(|c| c.is_ascii_alphabetic()) || gap.left.count > 6 || gap.right.count > 6
}

/// A colon before a number is a label's (`平均分：82。5`) unless digits stand before it (`8:30`).
fn is_label(line: &str, start: usize, lead: Option<char>) -> bool {
    let Some(colon @ (':' | '：')) = lead else { return false };
    before(line, start - colon.len_utf8()).is_none_or(|c| digit(c).is_none())
}

/// A minus sign: nothing of a word or number stands before it.
fn is_sign(line: &str, start: usize, lead: Option<char>) -> bool {
    lead == Some('-') && before(line, start - 1).is_none_or(|c| !c.is_ascii_alphanumeric())
}

fn stop_is_point(line: &str, gap: &Gap, facts: &Facts) -> bool {
    if is_version(line, gap) {
        return true;
    }
    let chained = |mark: usize, next: bool| {
        let (stop, beyond) = if next { (at(line, mark), mark + '。'.len_utf8()) } else { (before(line, mark), mark) };
        stop == Some('。')
            && if next {
                at(line, beyond).is_some_and(|c| digit(c).is_some())
            } else {
                before(line, mark - '。'.len_utf8()).is_some_and(|c| digit(c).is_some())
            }
    };
    if barred(line, gap) || chained(gap.right.end, true) || chained(gap.left.start, false) {
        return false;
    }
    let clause = clause_before(line, gap.left.start);
    let after = &line[gap.right.end..];
    // A short number that a line begins with is a list number.
    if line[..gap.left.start].trim_start().is_empty() && gap.left.count <= 2 && gap.left.value > 0 {
        return false;
    }
    if gap.left.count > 1 && line[gap.left.start..].starts_with(['0', '０']) || names_something(clause, gap.left) {
        return false;
    }
    if gap.left.is_year()
        && (!measures_something(clause) || clause.ends_with(['于', '到', '至', '年', '在', '自', '从'].as_slice()))
    {
        return false;
    }
    if point_zero(gap, clause, after) {
        return true;
    }
    let kind = measured(after);
    // A multiple has its own unit behind it: `8万平方米`.
    let unit_end = kind.1 + if kind.0 == Unit::Multiple { unit(&after[kind.1..]).1 } else { 0 };
    let unit_text = &after[..unit_end];
    let counted_money = kind.0 == Unit::Multiple && counts_wholes(clause) && quantities::is_measured(unit_text);
    if quantities::mismatch(clause, unit_text) || counted_money || is_clock(clause, unit_text) {
        return false;
    }
    if matches!(kind.0, Unit::Multiple | Unit::Measure)
        && !stands_alone(line, gap.left.start)
        && opens_phrase(&after[unit_end..])
        && !is_nought(gap)
        && !measures_something(clause)
    {
        return false;
    }
    match kind {
        (Unit::Multiple, _) => !round_amount(gap),
        (Unit::Measure, length) => (!counts_wholes(clause) || compares(&after[..length])) && !long_round(gap),
        (Unit::Duration, length) => {
            speaks_of_duration(clause)
                && !counts_wholes(clause)
                && !continues_time(&after[length..])
                && gap.right.count <= 2
        }
        (Unit::Counter, length) => {
            averages(clause)
                && phrase_ends(&after[length..])
                && !after.starts_with(['月', '日', '号', '年', '点', '时'])
                && gap.right.count <= 2
        }
        (Unit::None, _) => bare_average(gap, clause, after, facts),
    }
}

/// Averages of counted things have decimals: `人均藏书0。58册，`.
fn averages(clause: &str) -> bool {
    ["人均", "生均", "户均", "平均每", "师均", "班均"].iter().any(|word| clause.contains(word))
}

/// `，2。1万多名`: a clause that is nothing but a number ends no sentence.
fn stands_alone(line: &str, start: usize) -> bool {
    matches!(before(line, start), Some('，' | ',' | '、' | '（' | '('))
}

/// `98%的家长`, `3万元以上的支出`, `5公里的路程`: after the unit a noun phrase goes on, as at the start of a sentence.
fn opens_phrase(rest: &str) -> bool {
    [
        "的", "以上", "以下", "以内", "高的", "长的", "宽的", "深的", "重的", "厚的", "多", "外", "处", "开外", "之",
        "赛", "跑", "短跑", "接力", "栏",
    ]
    .iter()
    .any(|word| rest.starts_with(word))
}

/// `上午9。30分`: a time of day.
fn is_clock(clause: &str, unit: &str) -> bool {
    unit == "分"
        && ["上午", "下午", "晚上", "早上", "早晨", "凌晨", "中午", "傍晚", "时间", "定于", "每天"]
            .iter()
            .any(|word| clause.contains(word))
}

/// Whether the clause before a number speaks of a quantity with decimals.
fn measures_something(clause: &str) -> bool {
    const NOUNS: &[&str] = &[
        "率", "比", "占", "积", "额", "资", "价", "金", "费", "款", "收入", "产值", "总值", "高度", "长度", "宽度",
        "深度", "厚度", "距", "重", "温", "速", "量为", "量达", "量约", "平均", "均", "指数", "系数", "身高", "增长",
        "下降", "提高", "上升", "降低", "减少", "增加", "达", "约", "超过", "不足", "近", "仅", "只有", "高于", "低于",
    ];
    // Words that no sentence ends on, a bare number behind them or not.
    const OPEN: &[&str] =
        &["以", "用", "采用", "普遍在", "保持在", "一台", "一块", "一条", "每", "需要", "发烧到", "烧到"];
    NOUNS.iter().any(|noun| clause.contains(noun)) || OPEN.iter().any(|word| clause.ends_with(word))
}

/// Units that compare one count with another.
fn compares(unit: &str) -> bool {
    ["倍", "个百分点", "百分点", "‰", "成"].iter().any(|word| unit.ends_with(word))
}

/// The unit after a number, or after the second number of a range: `2。5—3。5万元`.
fn measured(after: &str) -> (Unit, usize) {
    let direct = unit(after);
    let mut rest = after.char_indices();
    if direct.0 == Unit::None && matches!(rest.next(), Some((_, '-' | '~' | '～' | '—' | '–' | '至' | '到'))) {
        let tail = after.trim_start_matches(['-', '~', '～', '—', '–', '至', '到']);
        let number = tail.trim_start_matches(|c| digit(c).is_some() || matches!(c, '.' | '。'));
        if number.len() < tail.len() {
            let (kind, length) = unit(number);
            return (kind, after.len() - number.len() + length);
        }
    }
    direct
}

/// `100。30万元`, `135。500万`: the right side reads as an amount of its own.
fn round_amount(gap: &Gap) -> bool {
    long_round(gap)
        || (gap.right.count >= 2
            && gap.right.value.is_multiple_of(10)
            && gap.left.value >= 100
            && gap.left.value.is_multiple_of(5))
}

fn long_round(gap: &Gap) -> bool {
    gap.right.count >= 3 && gap.right.value.is_multiple_of(10)
}

/// Time words that begin a new sentence's phrase: `300。5年来`, `3天后`.
fn continues_time(after: &str) -> bool {
    after.starts_with(['来', '前', '后', '内', '间', '以', '之', '级', '代', '底', '初', '末', '里', '中', '多'])
}

/// Numbers of a version, but for two. A longer chain is none, and looking back ends there.
const MAX_LINKS: usize = 8;

/// `V2。0。1`, `版本号为5。6。2`, `Python3。8版本`.
fn is_version(line: &str, gap: &Gap) -> bool {
    // The first number of a chain of stops, so that every link is judged alike.
    let (mut start, mut links) = (gap.left.start, 0);
    while before(line, start) == Some('。') || before(line, start) == Some('.') {
        let mark = start - before(line, start).map_or(0, char::len_utf8);
        let Some(more) = Digits::ending(line, mark) else { break };
        (start, links) = (more.start, links + 1);
        if links > MAX_LINKS {
            return false;
        }
    }
    let after = &line[gap.right.end..];
    if gap.right.is_year()
        || matches!(unit(after).0, Unit::Multiple | Unit::Measure | Unit::Duration)
        || after.starts_with(['月', '日', '号'])
    {
        return false;
    }
    let lead = before(line, start);
    let clause = clause_before(line, start);
    let marked = matches!(lead, Some('V' | 'v' | 'Ｖ'))
        && !before(line, start - lead.map_or(0, char::len_utf8)).is_some_and(|c| c.is_ascii_alphabetic());
    let latin = lead.is_some_and(|c| c.is_ascii_alphabetic())
        && (after.starts_with('版') || (gap.right.value == 0 && gap.left.count == 1));
    // The one number that everyone writes after these letters.
    let particles = line[..start].ends_with("PM") && gap.left.value == 2 && gap.right.value == 5;
    let chain =
        start < gap.left.start || after.strip_prefix('。').is_some_and(|more| more.starts_with(|c| digit(c).is_some()));
    let said = ["版本号为", "版本为", "版本号", "版本是"].iter().any(|word| clause.ends_with(word))
        || (chain && ["版", "升级", "更新", "固件", "系统", "软件"].iter().any(|word| clause.contains(word)));
    let said = said && !after.starts_with(|c| han(Some(c)));
    if unit(after).0 == Unit::Counter && !chain && gap.right.value != 0 {
        return false;
    }
    (marked || latin || said || particles) && gap.left.count <= 3 && gap.right.count <= 3
}

/// What comes in generations.
const GENERATIONS: &[&str] = &[
    "行动", "时代", "版", "工程", "计划", "方案", "战略", "阶段", "平台", "系统", "模式", "培训", "建设", "项目",
    "标准", "体系", "网站", "接口", "技术", "课程", "改革", "升级", "推进", "全员", "应用", "试点", "规划", "芯片",
    "协议", "耳机", "音箱", "内核", "标准版", "引擎",
];

/// `工程2。0培训`: a generation number before a noun.
fn point_zero(gap: &Gap, clause: &str, after: &str) -> bool {
    let fits = gap.left.count == 1 && (1..=9).contains(&gap.left.value) && gap.right.count == 1 && gap.right.value == 0;
    if !fits || counts_wholes(clause) {
        return false;
    }
    if GENERATIONS.iter().any(|word| after.starts_with(word)) {
        return true;
    }
    let next = after.chars().next();
    // What comes in generations ends like this: 信息化, 工程, 工业, 课堂, 校园, 平台 …
    let led = clause.ends_with(
        [
            '化', '程', '业', '统', '堂', '园', '台', '划', '案', '育', '代', '态', '务', '式', '学', '网', '源', '城',
            '村', '商', '造', '库', '动', '目', '版',
        ]
        .as_slice(),
    );
    let onward = after.starts_with(['到', '至', '向']) && after.chars().nth(1).is_some_and(|c| digit(c).is_none());
    let timed = after.starts_with(['比', '点', '时', '分', '秒', '后', '以', '至', '到', '起', '的']);
    led && unit(after).0 == Unit::None
        && (phrase_ends(after) || after.starts_with(['”', '》']) || onward || (han(next) && !timed))
}

/// `平均分82。5，`: no unit, but an average, and nothing follows that the digits could belong to.
fn bare_average(gap: &Gap, clause: &str, after: &str, facts: &Facts) -> bool {
    let average = [
        "均分", "平均", "指数", "系数", "值", "人均", "视力", "震级", "汇率", "绩点", "容积率", "评分", "浓度", "密度",
        "倍率",
    ]
    .iter()
    .any(|word| clause.contains(word));
    let consistent = facts.stops >= facts.points;
    (average || is_nought(gap))
        && consistent
        && (gap.right.count <= 2 || is_nought(gap))
        && !counts_wholes(clause)
        && (after.is_empty() || after.starts_with(['，', '。', '；', '）', ',', ';', ')']))
}

fn comma_is_point(line: &str, gap: &Gap) -> bool {
    let chained = before(line, gap.left.start) == Some('、') || at(line, gap.right.end) == Some('、');
    let long = gap.right.count > 2 && (gap.left.count > 1 || gap.right.count > 4);
    if barred(line, gap) || chained || long {
        return false;
    }
    let clause = clause_before(line, gap.left.start);
    let after = &line[gap.right.end..];
    let (kind, length) = unit(after);
    if !matches!(kind, Unit::Multiple | Unit::Measure)
        || clause.is_empty()
        || names_something(clause, gap.left)
        || !(leads_to_measure(clause) || clause.ends_with(['由', '从', '自']) || is_nought(gap) || gap.right.count > 2)
    {
        return false;
    }
    if kind == Unit::Measure && counts_wholes(clause) {
        return false;
    }
    let rest = &after[length..];
    let listed = ["分别", "各", "依次", "每隔"].iter().any(|word| clause.contains(word))
        || rest.starts_with(['两', '三', '等', '组'])
        || clause.ends_with(['有', '设', '以', '在', '分'].as_slice());
    let decimal_shape = match gap.right.count {
        // One rate grows by one share; several would be `分别`.
        1 => {
            gap.left.value >= 10
                || is_nought(gap)
                || (after.starts_with(['%', '％']) && clause.ends_with(['长', '降', '高', '升', '速', '幅']))
        }
        _ if is_nought(gap) => true,
        _ => {
            !(gap.left.value.is_multiple_of(5) && gap.right.value.is_multiple_of(5) && gap.right.value > gap.left.value)
        }
    };
    !listed && decimal_shape
}

/// `0。85`: nobody counts from nought.
fn is_nought(gap: &Gap) -> bool {
    gap.left.count == 1 && gap.left.value == 0
}

/// `13 .7亿`, `2. 36万平方米`.
fn spaced_point(line: &str, gap: &Gap) -> bool {
    let clause = clause_before(line, gap.left.start);
    let after = &line[gap.right.end..];
    !barred(line, gap)
        && !clause.is_empty()
        && !names_something(clause, gap.left)
        && gap.right.count <= 4
        && matches!(unit(after).0, Unit::Multiple | Unit::Measure)
}

fn space_is_point(line: &str, gap: &Gap) -> bool {
    let clause = clause_before(line, gap.left.start);
    let after = &line[gap.right.end..];
    if barred(line, gap)
        || gap.right.count > 2
        || gap.mark.len() > 1
        || !han(before(line, gap.left.start))
        || names_something(clause, gap.left)
    {
        return false;
    }
    let fits = match unit(after).0 {
        Unit::Multiple => true,
        Unit::Measure => !counts_wholes(clause),
        _ => false,
    };
    let strong = is_nought(gap) || unit(after).0 == Unit::Multiple;
    fits && (strong || leads_to_measure(clause))
        && !(gap.left.is_year() && clause.ends_with(['于', '到', '至', '的', '为', '是', '在'].as_slice()))
        && !clause.ends_with(['年', '月', '日', '班', '组', '号', '室'].as_slice())
}
