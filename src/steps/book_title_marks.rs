//! `book-title-marks`: `?关于…的意见?` becomes `《关于…的意见》`.

use super::doc::{Example, Place, StepDoc};
use super::facts::Facts;
use super::params::Params;
use super::{Action, LineEdits, LineStep};
use crate::text::class::{Mask, is_han};

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "book-title-marks",
    what: "Puts 《》 back where a conversion left question marks around the title of a document.",
    why: "Certain only when what stands between two question marks reads as a title (it ends as documents are called, or begins with 关于) \
          and not as a question. Where one mark of the pair is left, the other is completed.",
    params: &[],
    examples: &[
        Example::plain("印发?关于加强管理的意见?的通知", "印发《关于加强管理的意见》的通知"),
        Example::plain("落实《某县教育规划?。", "落实《某县教育规划》。"),
        Example::stays("为什么?怎样才能写好工作报告?大家讨论。"),
    ],
    place: Place::Profiles,
};

#[derive(Debug)]
struct BookTitleMarks;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Lines(Box::new(BookTitleMarks)))
}

/// How official documents are called.
const ENDINGS: &[&str] = &[
    "意见", "通知", "办法", "方案", "条例", "规定", "规划", "纲要", "细则", "决定", "决议", "报告", "法", "计划",
    "制度", "指南", "标准", "公约", "章程", "要点", "预案", "批复", "公告", "通告", "公报", "准则", "规则", "规程",
    "协议", "协议书", "合同", "任务书", "责任书", "责任状", "倡议书", "承诺书", "手册", "守则", "规范", "大纲",
    "白皮书", "目录", "清单", "日报", "晚报", "教育报", "杂志", "学报", "周刊", "宣言", "声明", "说明", "讲话", "总结",
    "建议", "措施", "若干意见", "（试行）", "(试行)", "的信", "公开信", "一封信", "评价表", "登记表", "申请表",
    "考核表",
];

/// Words of questions.
const QUESTIONS: &[&str] = &[
    "什么", "怎么", "怎样", "如何", "为何", "为啥", "是否", "能否", "可否", "吗", "呢", "谁", "哪", "几", "多少",
    "是不是", "有没有", "会不会", "能不能", "何时", "何地", "难道", "岂", "吧", "啊", "何",
];

impl LineStep for BookTitleMarks {
    fn triggers(&self) -> Mask {
        Mask::QUESTION
    }

    fn run(&self, line: &str, _: &Facts, out: &mut LineEdits<'_>) {
        let marks: Vec<(usize, char)> =
            line.char_indices().filter(|&(_, c)| matches!(c, '?' | '？' | '《' | '》')).collect();
        let mut i = 0;
        while i + 1 < marks.len() {
            let (first, second) = (marks[i], marks[i + 1]);
            let inside = &line[first.0 + first.1.len_utf8()..second.0];
            let question = |c: char| matches!(c, '?' | '？');
            let fits = match (first.1, second.1) {
                ('《', close) if question(close) => is_title(inside),
                (open, close) if question(open) && (question(close) || close == '》') => {
                    is_title(inside) && opens(line, first.0)
                }
                _ => false,
            };
            if fits {
                if question(first.1) {
                    out.replace(first.0..first.0 + first.1.len_utf8(), "《");
                }
                if question(second.1) {
                    out.replace(second.0..second.0 + second.1.len_utf8(), "》");
                }
                i += 2;
            } else {
                i += 1;
            }
        }
    }
}

/// Whether a text reads as the title of a document.
fn is_title(text: &str) -> bool {
    let count = text.chars().count();
    let shape = (4..=60).contains(&count)
        && text.starts_with(|c: char| is_han(c) || c.is_ascii_alphanumeric() || matches!(c, '“' | '*' | '×' | '_'))
        && text.chars().filter(|&c| is_han(c)).count() * 2 > count;
    let stops = text.contains(['。', '！', '；', '，', ',', ';', '\t']) || text.ends_with(['、', '：']);
    shape
        && !stops
        && ENDINGS.iter().any(|end| text.ends_with(end))
        && !QUESTIONS.iter().any(|word| text.contains(word))
}

/// Whether the mark at a byte can open a title: a question would end right before it.
fn opens(line: &str, at: usize) -> bool {
    let clause: String = line[..at]
        .chars()
        .rev()
        .take(20)
        .take_while(|&c| !matches!(c, '。' | '，' | ',' | '；' | '！' | '?' | '？'))
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    !QUESTIONS.iter().any(|word| clause.contains(word))
}
