//! Lines as tokens, and what some of them have in common.

use crate::text::class::{is_alphabetic_word, is_han};

/// Most lines that are aligned; more say nothing new.
pub(super) const MOST_LINES: usize = 48;
/// What most lines have: so many of them, in percent.
const MOST: usize = 60;
/// Marks that divide a line into fields: one of them is a literal by itself.
const MARKS: &str = ":>|»›/_【】[]()《》·•→←~#©®@*=+✦★☆■◆●▲▼-—–";

/// Kinds of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Number,
    Word,
    Char,
}

/// A number, a word of an alphabetic script, or a character of a folded line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'f> {
    /// Where in the line it begins, in bytes.
    pub(super) start: usize,
    pub(super) text: &'f str,
    pub(super) class: Class,
    /// Tells most tokens that differ apart at once.
    key: u32,
}

impl<'f> Token<'f> {
    fn new(start: usize, text: &'f str, class: Class) -> Self {
        let first = text.chars().next().map_or(0, u32::from);
        let key = match class {
            Class::Number => 0,
            Class::Char => first,
            Class::Word => first | (text.len() as u32) << 22,
        };
        Self { start, text, class, key }
    }

    /// The byte behind it.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether two are the same to the lines of a site: a number is a number.
    fn same(&self, other: &Self) -> bool {
        self.key == other.key && self.class == other.class && (self.class != Class::Word || self.text == other.text)
    }

    fn weight(&self) -> u32 {
        match self.class {
            Class::Number => 1,
            Class::Word => self.text.len().min(6) as u32 + 1,
            Class::Char if self.text == " " => 1,
            Class::Char => 2,
        }
    }

    fn is_mark(&self) -> bool {
        self.class == Class::Char && MARKS.contains(self.text)
    }
}

/// A folded line as numbers, words of alphabetic scripts, and single characters.
pub(super) fn tokens(fold: &str) -> Vec<Token<'_>> {
    let mut out: Vec<Token<'_>> = Vec::with_capacity(fold.len() / 3);
    let mut chars = fold.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let class = if c.is_ascii_digit() {
            Class::Number
        } else if is_alphabetic_word(c) {
            Class::Word
        } else {
            Class::Char
        };
        let mut end = at + c.len_utf8();
        if class != Class::Char {
            while let Some(&(next_at, next)) = chars.peek() {
                let goes_on = match class {
                    Class::Number => {
                        next.is_ascii_digit()
                            || (matches!(next, '.' | ',')
                                && fold[next_at + 1..].starts_with(|c: char| c.is_ascii_digit()))
                    }
                    _ => is_alphabetic_word(next),
                };
                if !goes_on {
                    break;
                }
                end = next_at + next.len_utf8();
                chars.next();
            }
        }
        out.push(Token::new(at, &fold[at..end], class));
    }
    out
}

/// What lines have in common so far: tokens, and before which of them (and behind the last) something may vary.
#[derive(Debug, Clone)]
pub(super) struct Common<'f> {
    tokens: Vec<Token<'f>>,
    pub(super) gaps: Vec<bool>,
}

impl<'f> Common<'f> {
    pub(super) fn of(tokens: Vec<Token<'f>>) -> Self {
        let gaps = vec![false; tokens.len() + 1];
        Self { tokens, gaps }
    }

    pub(super) fn weight(&self) -> u32 {
        self.tokens.iter().map(Token::weight).sum()
    }

    /// What of the first line most lines have, if that says anything. A line that agrees with another one by chance spoils nothing.
    pub(super) fn consensus(first: &[Token<'f>], lines: &[Vec<Token<'f>>]) -> Option<Self> {
        let sample = &lines[..lines.len().min(MOST_LINES)];
        let mut counts = vec![0_usize; first.len()];
        for line in sample {
            for (index, _) in align(first, line) {
                counts[index] += 1;
            }
        }
        let mut common = Self { tokens: Vec::new(), gaps: Vec::new() };
        let mut gap = false;
        for (token, count) in first.iter().zip(counts) {
            if count * 100 >= sample.len() * MOST {
                common.tokens.push(*token);
                common.gaps.push(gap);
                gap = false;
            } else {
                gap = true;
            }
        }
        common.gaps.push(gap);
        let says = rough(&common).iter().any(|run| is_piece(run));
        (says && sample.len() > 2).then_some(common)
    }

    /// What is left in common with one more line.
    pub(super) fn with(&self, line: &[Token<'_>]) -> Self {
        let pairs = align(&self.tokens, line);
        let mut tokens = Vec::with_capacity(pairs.len());
        let mut gaps = Vec::with_capacity(pairs.len() + 1);
        let (mut a, mut b) = (0, 0);
        for &(i, j) in &pairs {
            gaps.push(j > b || i > a || self.gaps[a..=i].contains(&true));
            tokens.push(self.tokens[i]);
            (a, b) = (i + 1, j + 1);
        }
        gaps.push(a < self.tokens.len() || b < line.len() || self.gaps[a..].contains(&true));
        Self { tokens, gaps }
    }
}

/// Pairs of equal tokens in order, of the greatest weight; runs weigh more than the same tokens scattered.
fn align(a: &[Token<'_>], b: &[Token<'_>]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    // best: of the rest from (i, j); run: of the rest when (i, j) is a pair.
    let mut best = vec![0_u32; (a.len() + 1) * width];
    let mut run = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let here = i * width + j;
            let next = here + width + 1;
            if a[i].same(&b[j]) {
                run[here] = a[i].weight() * 2 + best[next].max(if run[next] > 0 { run[next] + 2 } else { 0 });
            }
            best[here] = run[here].max(best[here + width]).max(best[here + 1]);
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let here = i * width + j;
        if run[here] > 0 && run[here] >= best[here + width] && run[here] >= best[here + 1] {
            // A run goes on as long as that is worth more than starting anew.
            pairs.push((i, j));
            let mut next = here + width + 1;
            (i, j) = (i + 1, j + 1);
            while i < a.len() && j < b.len() && run[next] > 0 && run[next] + 2 >= best[next] {
                pairs.push((i, j));
                next += width + 1;
                (i, j) = (i + 1, j + 1);
            }
        } else if best[here + width] >= best[here + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Pieces before they are measured: runs of tokens long enough to mean something, and gaps.
pub(super) fn rough<'f>(common: &Common<'f>) -> Vec<Vec<Token<'f>>> {
    // An empty run stands for a gap.
    let mut out: Vec<Vec<Token<'f>>> = Vec::new();
    let mut run: Vec<Token<'f>> = Vec::new();
    let mut close = |run: &mut Vec<Token<'f>>, gap: bool| {
        let anchored = out.is_empty() && !gap;
        if !run.is_empty() {
            if is_piece(run) || anchored {
                out.push(std::mem::take(run));
            } else {
                run.clear();
                if out.last().is_none_or(|last| !last.is_empty()) {
                    out.push(Vec::new());
                }
            }
        }
        if gap && out.last().is_none_or(|last| !last.is_empty()) {
            out.push(Vec::new());
        }
    };
    for (token, &gap) in common.tokens.iter().zip(&common.gaps) {
        if gap {
            close(&mut run, true);
        }
        run.push(*token);
    }
    close(&mut run, common.gaps.last().copied().unwrap_or(false));
    out
}

/// Whether a run between two gaps is there by design: two Han characters, a word, or a mark.
fn is_piece(run: &[Token<'_>]) -> bool {
    let han = run.iter().filter(|token| token.class == Class::Char && token.text.chars().all(is_han)).count();
    let word = run.iter().any(|token| token.class == Class::Word && token.text.len() > 3);
    let words = run.iter().filter(|token| token.class == Class::Word).count();
    han >= 2 || word || words >= 2 || run.iter().any(Token::is_mark)
}
