//! `join-chunks`: a text that a previewer cut into numbered chunks becomes whole.

use super::doc::{Example, Place, StepDoc};
use super::params::Params;
use super::{Action, TextEdits, TextStep};
use crate::document::Flag;
use crate::text::class::{Mask, letters};
use crate::text::lines::Line;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "join-chunks",
    what: "Joins lines numbered `1、` `2、` … that cut sentences, and drops those numbers.",
    why: "Previewers number their pages in the middle of sentences. A run of three or more consecutive numbers over long lines, most of which \
          do not end a sentence, is such a cut; the numbers of real lists inside the chunks stay. The document is flagged `chunked`.",
    params: &[],
    examples: &[
        Example::plain(
            "1、本校今年工作稳步推进，各项任务按计划完成，师生员工齐心协力，取得了较好的成绩。一是狠抓教学质量，全年组织公开课四十二节，听课评课蔚然成风，青年教师成长迅速，\n2、骨干教师作用明显；二是改善办学条件，新建运动场一个，维修校舍十八间，图书馆新添图书五千余册，学生的课余生活更加丰富，家长的满意度也随之提高，社会各\n3、界反响良好。三是加强安全管理，全年未发生一起责任事故，校园周边环境得到整治，师生安全意识普遍增强，值班值守制度落实到位，应急演练每月举行一次，效果良好。\n",
            "本校今年工作稳步推进，各项任务按计划完成，师生员工齐心协力，取得了较好的成绩。一是狠抓教学质量，全年组织公开课四十二节，听课评课蔚然成风，青年教师成长迅速，骨干教师作用明显；二是改善办学条件，新建运动场一个，维修校舍十八间，图书馆新添图书五千余册，学生的课余生活更加丰富，家长的满意度也随之提高，社会各界反响良好。三是加强安全管理，全年未发生一起责任事故，校园周边环境得到整治，师生安全意识普遍增强，值班值守制度落实到位，应急演练每月举行一次，效果良好。\n",
        ),
        Example::stays("1、认真学习。\n2、努力工作。\n3、按时总结。\n"),
    ],
    place: Place::Profiles,
};

/// Fewest letters of a chunk, the last one aside.
const MIN_CHUNK: usize = 60;

#[derive(Debug)]
struct JoinChunks;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Text(Box::new(JoinChunks)))
}

/// A numbered line.
struct Chunk {
    /// Index among the lines.
    line: usize,
    number: u64,
    /// Length of the number with its mark, in bytes.
    label: usize,
}

impl TextStep for JoinChunks {
    fn run(&self, text: &str, lines: &[Line], out: &mut TextEdits) {
        let mut run: Vec<Chunk> = Vec::new();
        for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.start < line.end) {
            let content = line.of(text);
            if content.trim().is_empty() {
                continue;
            }
            let follows =
                label(content).filter(|&(number, _)| run.last().map_or(number == 1, |last| number == last.number + 1));
            if let Some((number, label)) = follows {
                run.push(Chunk { line: index, number, label });
            } else {
                join(text, lines, &run, out);
                run.clear();
                if let Some((1, label)) = label(content) {
                    run.push(Chunk { line: index, number: 1, label });
                }
            }
        }
        join(text, lines, &run, out);
    }
}

/// The number that a line begins with, and the bytes it takes: `12、`.
fn label(line: &str) -> Option<(u64, usize)> {
    let trimmed = line.trim_start();
    let digits = trimmed.len() - trimmed.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 || digits > 4 || !trimmed[digits..].starts_with('、') {
        return None;
    }
    let number = trimmed[..digits].parse().ok()?;
    let mark = digits + '、'.len_utf8();
    let rest = &trimmed[mark..];
    let spaces = rest.len() - rest.trim_start().len();
    Some((number, line.len() - trimmed.len() + mark + spaces))
}

/// Whether a line stops in the middle of a sentence.
fn is_cut(line: &str) -> bool {
    let line = line.trim_end();
    !line.ends_with(['。', '！', '？', '；', '：', '”', '）', '…', '.', '!', '?', ';', ':', ')', '》', '、'])
}

fn join(text: &str, lines: &[Line], run: &[Chunk], out: &mut TextEdits) {
    let [chunks @ .., last] = run else { return };
    if chunks.len() < 2 {
        return;
    }
    let long = chunks.iter().filter(|chunk| letters(lines[chunk.line].of(text)) >= MIN_CHUNK).count();
    let cut = chunks.iter().filter(|chunk| is_cut(lines[chunk.line].of(text))).count();
    if long < chunks.len() || cut * 2 < chunks.len() || !lines[last.line].mask.meets(Mask::HAN) {
        return;
    }
    for (i, chunk) in run.iter().enumerate() {
        let line = &lines[chunk.line];
        let start = if i == 0 { line.start } else { gap_start(text, &lines[run[i - 1].line]) };
        let end = line.start + chunk.label;
        let glue = if i > 0 && latin_joint(text, start, end) { " " } else { "" };
        out.replace(start..end, glue);
    }
    out.flags.push(Flag::Chunked);
}

/// Where the end of a chunk's text is, its trailing spaces aside.
fn gap_start(text: &str, line: &Line) -> usize {
    line.start + line.of(text).trim_end().len()
}

/// Whether two Latin words would run together.
fn latin_joint(text: &str, left: usize, right: usize) -> bool {
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    latin(text[..left].chars().next_back()) && latin(text[right..].chars().next())
}
