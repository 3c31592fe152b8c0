//! Winnowing: of every 16 neighbouring grams, the smallest hash is kept, so two texts that share a run of 16 grams share a hash.
//!
//! Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting", 2003, section 3 (robust winnowing).

use super::grams::{self, Atom, Size};

/// A gram is eight characters, or twelve letters, of which one in two is kept.
const GRAM: Size = Size { character: 3, letter: 2, whole: 24, one_in: 2 };
/// Grams in a window.
const WINDOW: usize = 16;

/// Replaces `out` by the kept hashes of a text, ascending, each once. A text of fewer than 16 grams has one; below one gram, none.
pub(super) fn winnow(atoms: &[Atom], out: &mut Vec<u64>) {
    out.clear();
    let mut ring = [u64::MAX; WINDOW];
    let mut at = 0;
    // The smallest of the window and where it stands; the last of equal ones, so that a run of one character keeps few.
    let (mut least, mut place) = (u64::MAX, 0);
    let mut pending = None;
    grams::each(atoms, GRAM, |hash, _, _| {
        ring[at % WINDOW] = hash;
        if hash <= least {
            (least, place) = (hash, at);
            pending = Some(hash);
        } else if at >= place + WINDOW {
            least = u64::MAX;
            for back in at + 1 - WINDOW..=at {
                if ring[back % WINDOW] <= least {
                    (least, place) = (ring[back % WINDOW], back);
                }
            }
            pending = Some(least);
        }
        at += 1;
        if at >= WINDOW
            && let Some(kept) = pending.take()
        {
            out.push(kept);
        }
    });
    out.extend(pending);
    out.sort_unstable();
    out.dedup();
}

#[cfg(test)]
mod tests {
    use super::super::units::Units;
    use super::*;
    use proptest::prelude::*;

    fn atoms(text: &str) -> Vec<Atom> {
        let mut out = Vec::new();
        grams::atoms(&Units::of(text), &mut out, |_| {});
        out
    }

    fn kept(text: &str) -> Vec<u64> {
        let mut out = Vec::new();
        winnow(&atoms(text), &mut out);
        out
    }

    /// The definition, word for word.
    fn plain(text: &str) -> Vec<u64> {
        let mut all = Vec::new();
        grams::each(&atoms(text), GRAM, |hash, _, _| all.push(hash));
        let mut out: Vec<u64> =
            all.windows(WINDOW.min(all.len()).max(1)).filter_map(|window| window.iter().min().copied()).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    proptest! {
        #[test]
        fn the_smallest_of_each_window_is_kept(text in "[一-十a-c ]{0,200}") {
            prop_assert_eq!(kept(&text), plain(&text));
        }
    }

    #[test]
    fn texts_that_share_a_run_share_a_hash() {
        let run: String = (0..WINDOW as u32 + 7).filter_map(|n| char::from_u32(0x5000 + n * 37)).collect();
        let (a, b) = (kept(&format!("甲乙丙丁{run}戊己")), kept(&format!("子丑{run}寅卯辰巳午未")));
        assert!(a.iter().any(|hash| b.contains(hash)));
    }

    #[test]
    fn a_short_text_has_one_and_a_tiny_one_none() {
        assert_eq!(kept("甲乙丙丁戊己庚").len(), 0);
        assert_eq!(kept("甲乙丙丁戊己庚辛").len(), 1);
        assert_eq!(kept("a few words").len(), 0);
        assert!(!kept("one sentence of some twenty letters and more, to be sure").is_empty());
    }

    #[test]
    fn spaces_inside_words_make_no_difference() {
        let text = "The committee published its annual report on the state of rural schools in the northern counties.";
        assert_eq!(kept(text), kept(&text.replace("re", "r e").replace(' ', "  ").replace("on the", "onthe")));
    }
}
