//! `repeated-punctuation`: punctuation marks in a row become one.

use super::doc::{Example, Place, StepDoc};
use super::facts::Facts;
use super::params::Params;
use super::{Action, LineEdits, LineStep};
use crate::text::class::Mask;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "repeated-punctuation",
    what: "Leaves one of repeated marks: `。。` becomes `。`, `，、` becomes `，`, `！！！！` becomes `！`.",
    why: "A sentence end in the run wins, else the first mark. Ellipses `……` and dashes `——` are no runs; `？！` is a mark of its own; three or \
          more full stops are the ellipsis they stand for.",
    params: &[],
    examples: &[
        Example::plain("进一步优化。。一是加强", "进一步优化。一是加强"),
        Example::plain("教师，、学生，。好！！！！", "教师，学生。好！"),
        Example::stays("什么？！他说……——是的。"),
    ],
    place: Place::Profiles,
};

#[derive(Debug)]
struct RepeatedPunctuation;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Lines(Box::new(RepeatedPunctuation)))
}

fn is_mark(c: char) -> bool {
    matches!(c, '，' | '。' | '、' | '；' | '！' | '？' | '：')
}

impl LineStep for RepeatedPunctuation {
    fn triggers(&self) -> Mask {
        Mask::RUN
    }

    fn run(&self, line: &str, _: &Facts, out: &mut LineEdits<'_>) {
        let mut chars = line.char_indices().peekable();
        while let Some((start, c)) = chars.next() {
            if !is_mark(c) {
                continue;
            }
            let mut run = vec![c];
            while let Some(&(_, next)) = chars.peek() {
                if !is_mark(next) {
                    break;
                }
                run.push(next);
                chars.next();
            }
            let end = start + run.iter().map(|c| c.len_utf8()).sum::<usize>();
            if run.len() > 1
                && let Some(one) = one_of(&run)
                && one != line[start..end]
            {
                out.replace(start..end, &one);
            }
        }
    }
}

/// What a run of marks becomes; `None` where nobody can tell.
fn one_of(run: &[char]) -> Option<String> {
    let first = run[0];
    if run.iter().all(|&c| c == first) {
        return Some(if first == '。' && run.len() > 2 { "……".to_owned() } else { first.to_string() });
    }
    if run.iter().all(|&c| matches!(c, '！' | '？')) {
        let other = if first == '！' { '？' } else { '！' };
        return Some([first, other].iter().collect());
    }
    if run.contains(&'：') {
        return None;
    }
    let ends: Vec<char> = run.iter().copied().filter(|c| matches!(c, '。' | '！' | '？')).collect();
    Some(match ends.as_slice() {
        [] => first.to_string(),
        [one] => one.to_string(),
        [one, rest @ ..] if rest.iter().all(|c| c == one) => one.to_string(),
        _ => return None,
    })
}
