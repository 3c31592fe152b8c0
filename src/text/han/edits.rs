//! Traditional to simplified as a list of edits.

use std::ops::Range;

use super::script::{Script, script};
use super::table::{CHANGES, PHRASE_HEAD, tables};

/// What to replace in a line to show it in simplified characters: byte ranges of `line` and their new text, in order.
///
/// As `OpenCC`'s `t2s`: at each place the longest known word decides, else the character, so 乾隆 and 瞭望 stay while
/// 乾淨 and 瞭解 change. Neighbouring changes are one edit; what does not change is in none. Besides `t2s`: in a line of
/// traditional script Taiwan's 著 becomes 着 except in words like 著作 and 顯著, 沈思 and its like change only there
/// because 沈 is a surname in both scripts, and 坏 is never taken for 坯.
///
/// Converting the converted line again gives no edits; a simplified line has none but for stray traditional spellings.
#[must_use]
pub fn simplify_edits(line: &str) -> Vec<(Range<usize>, String)> {
    let Some(mut settled) = converted(line) else {
        return Vec::new();
    };
    for _ in 1..PASSES {
        let Some(next) = converted(&settled) else { break };
        settled = next;
    }
    differences(line, &settled)
}

/// A change may put two characters side by side that are a word (迴覆 → 回覆 → 回复); conversion goes on until none is
/// left. Two passes suffice for all but crafted text; the limit keeps the work linear for that.
const PASSES: usize = 8;

/// The line after one pass, with as many characters; nothing when the pass changes nothing.
fn converted(line: &str) -> Option<String> {
    let tables = tables();
    let mut out = String::new();
    let mut copied = 0;
    let mut hant = None;
    let mut chars = line.chars();
    loop {
        let here = chars.as_str();
        let Some(c) = chars.next() else { break };
        let class = tables.class(c);
        if class & (CHANGES | PHRASE_HEAD) == 0 {
            continue;
        }
        let at = line.len() - here.len();
        let mut replace = |from: usize, to: &str| {
            if line.get(at..at + from) != Some(to) {
                out.push_str(line.get(copied..at).unwrap_or_default());
                out.push_str(to);
                copied = at + from;
            }
        };
        let is_hant = || *hant.get_or_insert_with(|| script(line) == Script::Hant);
        let phrase = (class & PHRASE_HEAD != 0).then(|| tables.phrase_at(here, is_hant)).flatten();
        if let Some(phrase) = phrase {
            replace(phrase.from.len(), phrase.to);
            chars = here.get(phrase.from.len()..).unwrap_or_default().chars();
        } else {
            replace(c.len_utf8(), tables.shown.get(c).encode_utf8(&mut [0; 4]));
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(line.get(copied..).unwrap_or_default());
    Some(out)
}

/// The runs of characters in which two lines of as many characters differ.
fn differences(old: &str, new: &str) -> Vec<(Range<usize>, String)> {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for ((at, was), is) in old.char_indices().zip(new.chars()).filter(|((_, was), is)| was != is) {
        let end = at + was.len_utf8();
        match edits.last_mut() {
            Some((range, text)) if range.end == at => {
                range.end = end;
                text.push(is);
            }
            _ => edits.push((at..end, String::from(is))),
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn simplified(line: &str) -> String {
        let mut out = line.to_owned();
        for (range, text) in simplify_edits(line).into_iter().rev() {
            out.replace_range(range, &text);
        }
        out
    }

    #[test]
    fn words_decide_before_characters() {
        for (line, want) in [
            ("乾隆年間的乾糧要保持乾淨", "乾隆年间的干粮要保持干净"),
            ("他找藉口說自己不瞭解情況", "他找借口说自己不了解情况"),
            ("反覆答覆，覆蓋全縣", "反复答复，覆盖全县"),
            ("士兵在塔上瞭望", "士兵在塔上瞭望"),
            ("魏徵應徵，宮商角徵羽", "魏徵应征，宫商角徵羽"),
            ("後天皇后到後宮", "后天皇后到后宫"),
            ("電視臺裡的檯燈和颱風", "电视台里的台灯和台风"),
            ("甦醒以後復甦", "苏醒以后复苏"),
            ("衞生間的屋簷", "卫生间的屋檐"),
            ("說話慰藉著她，藉著酒意", "说话慰藉着她，借着酒意"),
        ] {
            assert_eq!(simplified(line), want);
        }
    }

    #[test]
    fn taiwan_zhe_changes_in_traditional_lines_only() {
        assert_eq!(simplified("他看著專著說著話，顯著進步"), "他看着专著说着话，显著进步");
        assert_eq!(simplified("鲁迅的专著显著，他编著"), "鲁迅的专著显著，他编著");
        assert_eq!(simplified("他看著我"), "他看著我");
    }

    #[test]
    fn a_surname_and_a_broken_thing_stay() {
        assert_eq!(simplified("沈静说杯子打坏了"), "沈静说杯子打坏了");
        assert_eq!(simplified("她陷入沈思，不發一語"), "她陷入沉思，不发一语");
    }

    #[test]
    fn edits_are_minimal_and_in_order() {
        let edits = simplify_edits("我們說話，天乾物燥");
        assert_eq!(edits, [(3..12, "们说话".to_owned()), (18..21, "干".to_owned())]);
        assert!(simplify_edits("简体中文不变，plain text 123").is_empty());
    }

    /// Every character and every pair of phrases, also overlapping: whatever words the output forms, it stays.
    #[test]
    fn a_converted_line_has_no_edits() {
        let tables = tables();
        let stable = |line: &str| {
            let once = simplified(line);
            assert!(simplify_edits(&once).is_empty(), "{line} → {once} → {}", simplified(&once));
        };
        for c in '\u{3400}'..='\u{2FFFF}' {
            stable(c.encode_utf8(&mut [0; 4]));
        }
        // A new word across the seam of two phrases has two characters around the seam that some word has side by side.
        let pairs = |text: &'static str| text.chars().zip(text.chars().skip(1));
        let side_by_side: HashSet<_> = tables.phrases().iter().flat_map(|phrase| pairs(phrase.from)).collect();
        for a in tables.phrases() {
            for b in tables.phrases() {
                if let (Some(left), Some(right)) = (a.to.chars().next_back(), b.to.chars().next())
                    && side_by_side.contains(&(left, right))
                {
                    stable(&format!("{}{}", a.from, b.from));
                    stable(&format!("{}{}說", a.from, b.from));
                }
                let (head, tail) = (a.from.chars().next_back(), b.from.chars().next());
                if head == tail {
                    stable(&format!("{}{}", a.from, b.from.chars().skip(1).collect::<String>()));
                }
            }
        }
    }

    /// Every spelling of a phrase that the character table turns into it.
    #[test]
    fn no_conversion_completes_a_phrase() {
        let tables = tables();
        let all = ('\u{3400}'..='\u{2FFFF}').map(|c| (c, tables.shown.get(c)));
        let changing: Vec<_> = all.filter(|&(source, shown)| source != shown).collect();
        for phrase in tables.phrases().iter().filter(|phrase| phrase.from != phrase.to) {
            for &(source, shown) in changing.iter().filter(|&&(_, shown)| phrase.from.contains(shown)) {
                let line = phrase.from.replace(shown, source.encode_utf8(&mut [0; 4]));
                let once = simplified(&line);
                assert!(simplify_edits(&once).is_empty(), "{line} → {once} → {}", simplified(&once));
            }
        }
    }

    /// No character comes back once it was replaced, so repeated passes come to an end.
    #[test]
    fn replacements_never_run_in_a_circle() {
        let tables = tables();
        let pairs = tables.phrases().iter().flat_map(|phrase| phrase.from.chars().zip(phrase.to.chars()));
        let alone = ('\u{3400}'..='\u{2FFFF}').map(|c| (c, tables.shown.get(c)));
        let mut steps: HashSet<(char, char)> = pairs.chain(alone).filter(|(from, to)| from != to).collect();
        loop {
            let starts: HashSet<char> = steps.iter().map(|&(from, _)| from).collect();
            let before = steps.len();
            steps.retain(|(_, to)| starts.contains(to));
            if steps.len() == before {
                break;
            }
        }
        assert!(steps.is_empty(), "{steps:?}");
    }
}
