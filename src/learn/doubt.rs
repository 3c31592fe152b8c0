//! What the model of the main content says of blocks, against what pages of one site say by repeating them.
//!
//! The model has judged each block by what stands around it. That a block stands on several pages of a site speaks against it, the more
//! the more pages there are; on few pages it does not outweigh a model that is sure. Headings of sections, labels and names of products
//! stand on pages by the hundred and are content all the same.

use super::census::{Census, SMALL};
use super::sheet::Judged;

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

/// Whether what a step takes of pages of HTML is likelier content than not. Of pages of text nothing is known.
pub(super) fn is_content(census: &Census<'_>, kind: &str, pages: usize, hits: usize, judged: &[Judged]) -> bool {
    if judged.is_empty() {
        return false;
    }
    let few = census.pages < SMALL;
    let headings = judged.iter().filter(|judged| judged.heading).count();
    // A heading has its section behind it, and stays while that does.
    if few && (census.share(pages) < MOSTLY || (kind == "drop-line" && headings * 2 > judged.len())) {
        return true;
    }
    // On many pages lines that stand between comments repeat as well, and the steps were tried on pages that they were not learned from.
    let hits = if few { hits } else { pages };
    let over: f32 = judged.iter().map(|judged| weighed(judged.p, pages, hits) - judged.least).sum();
    over > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::options::Options;
    use crate::learn::sheet::Sheet;

    fn site(pages: usize) -> Vec<Sheet> {
        (0..pages).map(|page| Sheet::new(format!("{page}\n"))).collect()
    }

    #[test]
    fn few_pages_do_not_outweigh_a_model_that_is_sure() {
        let block = |p| [Judged { p, least: 0.4, heading: false }];
        let sheets = site(5);
        let census = Census::new(sheets.iter().collect(), &Options::default());
        let content = |p, pages, hits| is_content(&census, "drop-line", pages, hits, &block(p));
        assert!(content(0.9, 5, 5) && !content(0.5, 5, 5), "a sure block stays, a doubtful one goes");
        assert!(content(0.5, 3, 3), "three of five pages are too few");
        assert!(content(0.5, 5, 40), "a line of a list is not the template's");
        let heading = [Judged { heading: true, ..block(0.5)[0] }];
        assert!(is_content(&census, "drop-line", 5, 5, &heading) && !is_content(&census, "cut-after", 5, 5, &heading));
        assert!(!is_content(&census, "drop-line", 2, 2, &[]), "of text nothing is known");
    }

    #[test]
    fn many_pages_do() {
        let sheets = site(20);
        let census = Census::new(sheets.iter().collect(), &Options::default());
        assert!(!is_content(&census, "drop-line", 18, 18, &[Judged { p: 0.95, least: 0.5, heading: true }]));
    }
}
