//! The proposed rule file: header, steps with their evidence, tests that prove each of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::census::Census;
use super::compose;
use super::draft::Draft;
use super::elsewhere::Elsewhere;
use super::learned::{Evidence, HtmlEvidence, Place, Reason, SelectorEvidence};
use super::lines::Refused;
use super::site::About;
use super::step::Step;
use super::trial::{self, Trial};
use super::words::is_genre;
use crate::rules::load::shipped_sources;
use crate::text::class::{is_han, is_letter};
use crate::text::fold::fold;

/// Signs of a site without a host.
const SIGNS: usize = 6;
/// Fewest letters of a sign.
const SIGN_LETTERS: usize = 6;
/// Lines that show what stays between sentences.
const STAYING: usize = 3;

/// Sentences between which examples stand: made up, and said by no site.
const NEUTRAL_ZH: [&str; 2] = [
    "这一段先说明事情的经过，写清楚在什么时候、什么地方、有哪些人参加，也写清楚大家当时各自的看法和后来共同作出的决定，供以后的人查考。",
    "接着这一段谈到具体的做法，先做哪一步、后做哪一步、遇到困难时怎样商量，每一处都有记录，最后把得到的结果同原来的想法一一作了比较。",
];
const NEUTRAL_EN: [&str; 2] = [
    "The first paragraph tells what happened that spring, where it happened and who took part, and what each of them had thought of it before they agreed in the end.",
    "The second paragraph turns to what they did about it, step by step, with a note on every difficulty and on how the outcome differed from what had been planned.",
];

/// What stands at the top of a file.
pub(super) struct Header {
    pub(super) id: String,
    pub(super) signs: Vec<String>,
    host: Option<String>,
    given: usize,
    chinese: bool,
    html: Option<HtmlEvidence>,
}

impl Header {
    pub(super) fn new(about: &About, census: &Census<'_>, steps: &[Step], elsewhere: &Elsewhere) -> Self {
        let signs = if about.host.is_none() { signs(census, steps, elsewhere) } else { Vec::new() };
        let id = match &about.host {
            Some(host) => id_of(host),
            None => format!("site-{}", &blake3::hash(signs.join("\n").as_bytes()).to_hex()[..8]),
        };
        let (mut han, mut all) = (0, 0);
        for sheet in census.sheets.iter().take(20) {
            han += sheet.text.chars().filter(|&c| is_han(c)).count();
            all += sheet.letters();
        }
        Self {
            id,
            signs,
            host: about.host.clone(),
            given: about.given,
            chinese: han * 4 > all,
            html: about.html.clone(),
        }
    }

    fn toml(&self, learned_from: usize) -> String {
        let mut out = format!(
            "# Proposed by `taoxi rules learn` from {learned_from} pages. Read it and change what is wrong: learning again keeps your changes.\n\
             # A comment `learned: … [mark]` tells on how many pages a step acts; the mark tells whether the step was changed by hand.\n"
        );
        let name = self.host.as_deref().unwrap_or("a site known by its signs");
        let _ = writeln!(out, "id = \"{}\"", self.id);
        let _ = writeln!(out, "title = {}", compose::string(name));
        let _ =
            writeln!(out, "why = \"What stands on its pages around the text, learned from {} of them.\"", self.given);
        if let Some(host) = &self.host {
            let _ = writeln!(out, "hosts = [{}]", compose::string(host));
        }
        if !self.signs.is_empty() {
            let signs: Vec<String> = self.signs.iter().map(|sign| compose::string(sign)).collect();
            let _ = writeln!(out, "signs = [{}]", signs.join(", "));
        }
        out
    }
}

/// `example.com.cn` as `example-com-cn`. A shipped file of that name is left in force beside the learned one.
fn id_of(host: &str) -> String {
    let words: Vec<&str> = host.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let id = words.join("-").to_ascii_lowercase();
    let line = format!("id = \"{id}\"");
    let shipped = shipped_sources().any(|(_, _, source)| source.lines().take(3).any(|other| other.trim() == line));
    if shipped { format!("{id}-learned") } else { id }
}

/// Literals of furniture that no other site has, so that most pages have several: each time the one that helps most pages, of equal ones
/// the longest.
fn signs(census: &Census<'_>, steps: &[Step], elsewhere: &Elsewhere) -> Vec<String> {
    let mut candidates: Vec<(&Step, String)> = steps
        .iter()
        .filter(|step| step.place != Place::Inline)
        .filter_map(|step| {
            let (_, pattern) = step.patterns.first()?;
            let spot = step.spots.first()?;
            let shape = census.sheet(*spot).rows[spot.row as usize].shape;
            let text = if pattern.how == "equals" { &pattern.text } else { &step.said };
            let letters = fold(text).chars().filter(|&c| is_letter(c)).count();
            let sure = letters >= SIGN_LETTERS && !is_genre(text);
            (sure && elsewhere.sites(shape) == 0).then(|| (step, text.clone()))
        })
        .collect();
    candidates.sort_by_key(|(step, text)| {
        (std::cmp::Reverse(step.pages), std::cmp::Reverse(text.chars().count()), text.clone())
    });
    let mut having = vec![0_usize; census.sheets.len()];
    let mut out = Vec::new();
    while out.len() < SIGNS {
        let gain = |step: &Step| {
            let pages: BTreeSet<u32> = step.spots.iter().map(|spot| spot.page).collect();
            pages.into_iter().map(|page| [4, 2, 1][having[page as usize].min(2)]).sum::<usize>()
        };
        let best = (0..candidates.len()).max_by_key(|&at| (gain(candidates[at].0), std::cmp::Reverse(at)));
        let Some(best) = best else { break };
        let (step, text) = candidates.remove(best);
        for page in step.spots.iter().map(|spot| spot.page).collect::<BTreeSet<u32>>() {
            having[page as usize] += 1;
        }
        candidates.retain(|(_, other)| *other != text);
        out.push(text);
    }
    out
}

/// The file, with the steps that its tests prove; others are refused. `None` when no step is left, or nothing says where the file acts.
pub(super) fn write(
    header: &Header,
    census: &Census<'_>,
    draft: &mut Draft,
    evidence: &mut Vec<Evidence>,
) -> Option<String> {
    if header.host.is_none() && header.signs.is_empty() {
        return None;
    }
    for _ in 0..=draft.steps.len() {
        if draft.steps.is_empty() && header.html.is_none() {
            return None;
        }
        let trial = Trial::new(&draft.steps)?;
        let source = source(header, census, draft, evidence, &trial);
        let faults = trial::faults(&source);
        if faults.is_empty() {
            return Some(source);
        }
        let at_fault = |id: &str| {
            faults.iter().any(|fault| fault.contains(&format!("`{id}`")) || fault.contains(&format!("\"{id}:")))
        };
        let bad: Vec<bool> = evidence.iter().map(|evidence| at_fault(&evidence.step)).collect();
        if !bad.contains(&true) {
            return None;
        }
        for (step, _) in draft.steps.iter().zip(&bad).filter(|(_, bad)| **bad) {
            let text = step.pattern_text();
            draft.refused.push(Refused { text, reason: Reason::FailsTests, pages: step.pages });
        }
        let mut at = bad.iter();
        draft.steps.retain(|_| !at.next().copied().unwrap_or(false));
        let mut at = bad.iter();
        evidence.retain(|_| !at.next().copied().unwrap_or(false));
    }
    None
}

fn source(header: &Header, census: &Census<'_>, draft: &Draft, evidence: &mut [Evidence], trial: &Trial) -> String {
    let mut out = header.toml(census.pages);
    let mut used = Vec::new();
    let mut tests = String::new();
    for (step, evidence) in draft.steps.iter().zip(evidence.iter_mut()) {
        evidence.step = compose::name(step, &mut used);
        let body = compose::step(&evidence.step, step);
        let _ = write!(out, "\n{}{body}", compose::comment(evidence, census.pages, &body));
        let (input, flags) = (input(header, step), step.flag.as_slice());
        let expect = trial.wash(&input).map_or_else(|| input.clone(), |washed| washed.text);
        let _ = write!(
            tests,
            "\n{}",
            compose::test(&format!("{}: as on the site's pages", evidence.step), &input, Some(&expect), flags)
        );
    }
    if let Some(html) = header.html.as_ref().filter(|_| header.host.is_some()) {
        out.push_str(&selectors(html));
    }
    out.push_str(&tests);
    let stays = stays(header, draft, trial);
    let _ = write!(out, "\n{}", compose::test("the text itself stays", &stays, None, &[]));
    out
}

/// The selectors with their evidence.
fn selectors(html: &HtmlEvidence) -> String {
    let list = |evidence: &[SelectorEvidence]| {
        let each = evidence.iter().map(|one| {
            format!("    {}, # on {:.0} % of the pages\n", compose::string(&one.selector), one.share * 100.0)
        });
        format!("[\n{}]", each.collect::<String>())
    };
    let mut out = format!(
        "\n# learned: expected F1 {:.3} with these selectors, {:.3} without\n[html]\n",
        html.with, html.without
    );
    for (key, evidence) in [("content", &html.content), ("remove", &html.remove)] {
        if !evidence.is_empty() {
            let _ = writeln!(out, "{key} = {}", list(evidence));
        }
    }
    out
}

/// Examples of a step among made-up sentences, where the step looks for them.
fn input(header: &Header, step: &Step) -> String {
    let neutral = if header.chinese { NEUTRAL_ZH } else { NEUTRAL_EN };
    let examples: Vec<&str> = step.examples.iter().flatten().map(String::as_str).collect();
    // A cut takes all that follows: one example says it all.
    let examples = if step.kind == "drop-line" || step.kind == "drop-span" {
        examples.join("\n")
    } else {
        step.examples.first().map_or_else(String::new, |lines| lines.join("\n"))
    };
    match step.place {
        Place::Head => format!("{examples}\n{}\n{}\n", neutral[0], neutral[1]),
        Place::Tail => format!("{}\n{}\n{examples}\n", neutral[0], neutral[1]),
        Place::Woven | Place::Inline => format!("{}\n{examples}\n{}\n", neutral[0], neutral[1]),
    }
}

/// A text that stays: sentences, and between them lines that go at the edges of a page only.
fn stays(header: &Header, draft: &Draft, trial: &Trial) -> String {
    let neutral = if header.chinese { NEUTRAL_ZH } else { NEUTRAL_EN };
    let mut out = format!("{}\n", neutral[0]);
    let tail = format!("{}\n", neutral[1]);
    let mut shown = 0;
    for line in &draft.in_bodies {
        let next = format!("{out}{line}\n");
        let text = format!("{next}{tail}");
        if shown < STAYING && trial.wash(&text).is_some_and(|washed| washed.text == text) {
            out = next;
            shown += 1;
        }
    }
    out + &tail
}
