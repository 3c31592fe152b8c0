//! What the model of the main content says of blocks, against what pages of one site say by repeating them.
//!
//! The model has judged each block by what stands around it, and most of what a site adds is left out before any rule is learned. That a
//! block stands on several pages of a site speaks against it, the more the more pages there are; on few pages it does not outweigh a model
//! that is sure. Headings, names of fields, products and lines of code stand on pages by the hundred and are content all the same.

use super::census::{Census, SMALL};
use super::sheet::{Judged, Part};
use super::step::Step;
use super::words::{is_credit, is_furniture, is_opener, is_wall};
use crate::text::fold::fold;

/// What one page says against a block that repeats there: in log odds.
const PAGE: f32 = 0.25;
/// Furniture stands on a page once. What stands on its pages more often than this is part of a list, and its repeating says nothing.
const ONCE: f64 = 1.5;
/// On a site of few pages what the template adds stands on this share of them.
pub(super) const MOSTLY: f64 = 2.0 / 3.0;

/// How likely a block is content that stands on so many pages of the site, so often in all.
pub(super) fn weighed(p: f32, pages: usize, hits: usize) -> f32 {
    if p <= 0.0 || p >= 1.0 || hits as f64 > pages as f64 * ONCE {
        return p;
    }
    let odds = p / (1.0 - p) * (-PAGE * pages as f32).exp();
    odds / (1.0 + odds)
}

/// Whether what a step takes of pages of HTML is likelier content than not, as it acts on so many of them, so often in all. Of pages of text nothing
/// is known.
pub(super) fn is_content(census: &Census<'_>, step: &Step, (pages, hits): (usize, usize), judged: &[Judged]) -> bool {
    if judged.is_empty() {
        return false;
    }
    let many_are = |part: Part| judged.iter().filter(|judged| judged.part == part).count() * 2 > judged.len();
    if many_are(Part::Code) {
        return true;
    }
    if census.pages >= SMALL {
        // Many pages say more than the model, and the steps were tried on pages that they were not learned from.
        return false;
    }
    let known = is_known(&step.said);
    if census.share(pages) < MOSTLY || (!known && (many_are(Part::Frame) || !is_one_line(step))) {
        return true;
    }
    // What the model says of a line says nothing of a part of it.
    let over: f32 = judged.iter().map(|judged| weighed(judged.p, pages, hits) - judged.least).sum();
    step.kind != "drop-span" && over > 0.0
}

/// Whether sites are known to write so around a text.
fn is_known(said: &str) -> bool {
    let folded = fold(said);
    is_furniture(&folded) || is_opener(&folded) || is_wall(&folded) || is_credit(&folded)
}

/// Whether a step takes a line that never varies, and nothing but it.
fn is_one_line(step: &Step) -> bool {
    step.kind == "drop-line" && step.patterns.iter().all(|(_, pattern)| pattern.how == "equals")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::learned::Place;
    use crate::learn::options::Options;
    use crate::learn::sheet::Sheet;
    use crate::learn::step::Pattern;

    fn site(pages: usize) -> Vec<Sheet> {
        (0..pages).map(|page| Sheet::new(format!("{page}\n"))).collect()
    }

    fn step(kind: &'static str, how: &'static str, said: &str) -> Step {
        let pattern = Pattern { how, text: said.to_owned(), place: None, max_chars: None, always: false };
        Step {
            kind,
            place: Place::Tail,
            patterns: vec![("line", pattern)],
            max_lines: None,
            flag: None,
            examples: Vec::new(),
            pages: 5,
            said: said.to_owned(),
            spots: Vec::new(),
        }
    }

    fn block(p: f32, part: Part) -> [Judged; 1] {
        [Judged { p, least: 0.4, part }]
    }

    #[test]
    fn few_pages_do_not_outweigh_a_model_that_is_sure() {
        let sheets = site(5);
        let census = Census::new(sheets.iter().collect(), &Options::default());
        let line = step("drop-line", "equals", "晴朗小站");
        let content = |p, pages, hits| is_content(&census, &line, (pages, hits), &block(p, Part::Text));
        assert!(content(0.9, 5, 5) && !content(0.5, 5, 5), "a sure block stays, a doubtful one goes");
        assert!(content(0.5, 3, 3), "three of five pages are too few");
        assert!(content(0.5, 5, 40), "a line of a list is not the template's");
        assert!(!is_content(&census, &line, (2, 2), &[]), "of text nothing is known");
    }

    #[test]
    fn on_few_pages_only_a_line_that_never_varies_goes_unless_sites_are_known_to_write_so() {
        let sheets = site(5);
        let census = Census::new(sheets.iter().collect(), &Options::default());
        let content = |step: &Step, part| is_content(&census, step, (5, 5), &block(0.5, part));
        assert!(content(&step("drop-line", "equals", "内存:"), Part::Frame), "the name of a field");
        assert!(content(&step("drop-line", "regex", "处理器"), Part::Text), "a line that varies");
        assert!(content(&step("cut-after", "equals", "系统要求"), Part::Text), "all behind a line");
        assert!(!content(&step("cut-after", "equals", "相关推荐"), Part::Frame));
        assert!(!content(&step("drop-line", "regex", "责任编辑"), Part::Frame));
        assert!(content(&step("drop-line", "equals", "分享"), Part::Code), "a line of code");
    }

    #[test]
    fn many_pages_do() {
        let sheets = site(20);
        let census = Census::new(sheets.iter().collect(), &Options::default());
        let line = step("drop-line", "equals", "晴朗小站");
        assert!(!is_content(&census, &line, (18, 18), &block(0.95, Part::Frame)));
        assert!(is_content(&census, &line, (18, 18), &block(0.95, Part::Code)));
    }
}
