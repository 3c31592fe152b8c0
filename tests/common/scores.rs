//! How much of what an invented site added went, and how much of its texts.

use taoxi::clean::Washed;
use taoxi::text::class::is_letter;
use taoxi::text::fold::fold;

use super::sites::Made;

/// What washing did to lines.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Score {
    /// Lines and stretches that the site added, and of those the ones that went.
    pub furniture: usize,
    pub removed: usize,
    /// Lines of the text, and of those the ones that lost letters.
    pub body: usize,
    pub lost: usize,
}

impl Score {
    pub fn add(&mut self, other: Self) {
        self.furniture += other.furniture;
        self.removed += other.removed;
        self.body += other.body;
        self.lost += other.lost;
    }

    pub fn removed_share(&self) -> f64 {
        self.removed as f64 / self.furniture.max(1) as f64
    }

    pub fn lost_share(&self) -> f64 {
        self.lost as f64 / self.body.max(1) as f64
    }
}

/// Letters, or all that is not white space where there are none.
fn measure(text: &str) -> usize {
    let letters = text.chars().filter(|&c| is_letter(c)).count();
    if letters > 0 { letters } else { text.chars().filter(|c| !c.is_whitespace()).count() }
}

/// Scores a washed page of text by its edits. `show` is called with what was judged wrong.
pub fn score_text(page: &Made, washed: &Washed, mut show: impl FnMut(&str, &str)) -> Score {
    let mut score = Score::default();
    let mut start = 0;
    for line in &page.lines {
        let end = start + line.text.len();
        if line.furniture {
            score.furniture += 1;
            let gone = kept(page, washed, start..end) == 0;
            score.removed += usize::from(gone);
            if !gone {
                show("stays", &line.text);
            }
        } else {
            let mut own = 0;
            let mut left = 0;
            let mut at = start;
            for added in
                line.added.iter().map(|range| start + range.start..start + range.end).chain(std::iter::once(end..end))
            {
                own += measure_all(&page.source[at..added.start]);
                left += kept(page, washed, at..added.start);
                if !added.is_empty() {
                    score.furniture += 1;
                    let gone = kept(page, washed, added.clone()) == 0;
                    score.removed += usize::from(gone);
                    if !gone {
                        show("stays", &page.source[added.clone()]);
                    }
                }
                at = added.end;
            }
            score.body += 1;
            if own > 0 && left * 20 < own * 19 {
                score.lost += 1;
                show("lost", &line.text);
            }
        }
        start = end + 1;
    }
    score
}

fn measure_all(text: &str) -> usize {
    text.chars().filter(|&c| is_letter(c)).count()
}

/// Letters of a stretch that are left: those no edit takes, and what edits inside it put there.
fn kept(page: &Made, washed: &Washed, range: std::ops::Range<usize>) -> usize {
    let text = &page.source[range.clone()];
    let count = if measure_all(text) > 0 { measure_all } else { measure };
    let mut left = count(text);
    for edit in washed.patch.edits() {
        let (from, to) = (edit.start.max(range.start), edit.end.min(range.end));
        if from < to {
            left -= count(&page.source[from..to]).min(left);
            if edit.start >= range.start && edit.end <= range.end {
                left += count(edit.after);
            }
        }
    }
    left
}

/// Scores a washed page of HTML by the lines that are left.
pub fn score_lines(page: &Made, text: &str, mut show: impl FnMut(&str, &str)) -> Score {
    let key = |line: &str| {
        let folded = fold(line);
        let letters: String = folded.chars().filter(|&c| is_letter(c)).collect();
        if letters.is_empty() { folded } else { letters }
    };
    let mut left: Vec<Option<String>> = text.lines().map(key).filter(|line| !line.is_empty()).map(Some).collect();
    let mut take = |wanted: &str| {
        let found = left.iter_mut().find(|line| {
            line.as_deref().is_some_and(|line| line == wanted || (wanted.chars().count() > 12 && line.contains(wanted)))
        });
        found.map(|line| *line = line.take().filter(|line| line != wanted)).is_some()
    };
    let mut score = Score::default();
    for line in page.lines.iter().filter(|line| !line.furniture) {
        let mut own = String::new();
        let mut at = 0;
        for added in line.added.iter().cloned().chain(std::iter::once(line.text.len()..line.text.len())) {
            own.push_str(&line.text[at..added.start]);
            at = added.end;
        }
        score.body += 1;
        if take(&key(&own)) {
            score.furniture += line.added.len();
            score.removed += line.added.len();
        } else {
            // A line with a credit left in it is there, too.
            let there = !line.added.is_empty() && take(&key(&line.text));
            score.lost += usize::from(!there);
            score.furniture += usize::from(there);
            if !there {
                show("lost", &line.text);
            }
        }
    }
    for line in page.lines.iter().filter(|line| line.furniture) {
        score.furniture += 1;
        let there = take(&key(&line.text));
        score.removed += usize::from(!there);
        if there {
            show("stays", &line.text);
        }
    }
    score
}
