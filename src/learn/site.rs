//! One site: pages in, a proposed rule file or the reason why there is none out.

use std::collections::{BTreeMap, BTreeSet};

use super::census::{Census, Spot, Zone};
use super::doubt;
use super::draft::Draft;
use super::elsewhere::Elsewhere;
use super::file::{Header, write};
use super::learned::{Evidence, HtmlEvidence, PassedOver, Proposal, Reason, Refusal};
use super::lines::Refused;
use super::options::Options;
use super::sheet::{Judged, Sheet};
use super::step::Step;
use super::trial::{Act, Trial};
use crate::text::class::is_letter;

/// Parts that pages are cut into for learning on the others.
const FOLDS: usize = 4;
/// Pages of a site, at least.
const FEWEST_PAGES: usize = 2;
/// Times that steps are tried, those at fault thrown out each time.
const ROUNDS: usize = 12;
/// Refusals that are reported.
const MOST_REFUSED: usize = 60;
/// Examples in the report.
const EXAMPLES: usize = 3;
/// Longest example in the report, in characters.
const EXAMPLE_CHARS: usize = 200;
/// A row of so many letters that only one page has is text.
const TEXT_LETTERS: usize = 40;

/// A text of so many letters that stays the same makes a line the site's, beside others.
const SAID: usize = 10;

/// What came of a site.
pub(super) enum Outcome {
    Proposed(Box<Proposal>),
    PassedOver(PassedOver),
}

/// What is known of a site before its pages are looked at.
pub(super) struct About {
    pub(super) host: Option<String>,
    pub(super) given: usize,
    pub(super) html: Option<HtmlEvidence>,
}

pub(super) fn learn(about: &About, sheets: &[Sheet], elsewhere: &Elsewhere, options: &Options) -> Outcome {
    let census = Census::new(sheets.iter().collect(), options);
    let passed = |why: String, refused: Vec<Refusal>| {
        Outcome::PassedOver(PassedOver { host: about.host.clone(), pages: about.given, why, refused })
    };
    if census.pages < FEWEST_PAGES.max(options.min_support.unwrap_or(0)) {
        let why = format!("{} pages, copies counted once, are too few for anything to repeat", census.pages);
        return passed(why, Vec::new());
    }
    let mut draft = Draft::new(&census, elsewhere);
    let harm = held_out(sheets, &census, elsewhere, options);
    let mut evidence = settle(&census, &mut draft, &harm, options);
    let header = Header::new(about, &census, &draft.steps, elsewhere);
    let toml = write(&header, &census, &mut draft, &mut evidence);
    let refused = refusals(&census, draft.refused);
    let Some(toml) = toml else {
        return passed("nothing that repeats on its pages is sure to be the site's".to_owned(), refused);
    };
    Outcome::Proposed(Box::new(Proposal {
        id: header.id,
        host: about.host.clone(),
        signs: header.signs,
        pages: about.given,
        learned_from: census.pages,
        toml,
        steps: evidence,
        html: about.html.clone(),
        refused,
    }))
}

/// Learns on all parts of the pages but one, tries that on the one, and gives the rows that went and stand nowhere else.
fn held_out(sheets: &[Sheet], census: &Census<'_>, elsewhere: &Elsewhere, options: &Options) -> BTreeSet<Spot> {
    let folds = FOLDS.min(sheets.len());
    let mut harm = BTreeSet::new();
    for fold in 0..folds {
        let others = sheets.iter().enumerate().filter(|(page, _)| page % folds != fold).map(|(_, sheet)| sheet);
        let steps = Draft::new(&Census::new(others.collect(), options), elsewhere).steps;
        let Some(trial) = Trial::new(&steps) else { continue };
        for page in (fold..sheets.len()).step_by(folds) {
            let acts = trial.run(&sheets[page]).unwrap_or_default();
            harm.extend(acts.iter().flat_map(|act| texts_taken(census, page, act, &steps)));
        }
    }
    harm
}

/// Rows that an act takes whole and that are a page's own text: long sentences, and lines between sentences that stand nowhere else.
fn texts_taken(census: &Census<'_>, page: usize, act: &Act, steps: &[Step]) -> Vec<Spot> {
    // A span is a literal, and so stands elsewhere.
    if act.steps.first().is_some_and(|&step| steps[step].kind == "drop-span") {
        return Vec::new();
    }
    rows_of(census, page, act)
        .filter(|&spot| {
            let row = &census.sheet(spot).rows[spot.row as usize];
            let own = census.shared(row.shape) < 2 && !census.is_beyond(spot);
            own && !is_short_woven(census, spot, act, steps)
                && !says_much(census, spot, act, steps)
                && (row.prose && row.letters >= TEXT_LETTERS || census.zone(spot) == Zone::Middle)
        })
        .collect()
}

/// Whether a step for lines of the middle takes a short row: what varies of such lines stands nowhere else either.
fn is_short_woven(census: &Census<'_>, spot: Spot, act: &Act, steps: &[Step]) -> bool {
    let woven = |step: &usize| steps[*step].kind == "drop-line" && steps[*step].place == super::Place::Woven;
    let row = &census.sheet(spot).rows[spot.row as usize];
    act.steps.iter().any(woven) && (!row.prose || row.letters < TEXT_LETTERS)
}

/// Whether a row beside the site's lines goes by a step for such lines that keeps a long piece of them.
fn says_much(census: &Census<'_>, spot: Spot, act: &Act, steps: &[Step]) -> bool {
    let long = |step: &Step| step.said.chars().filter(|&c| is_letter(c)).count() >= SAID && step.kind == "drop-line";
    census.zone(spot) != Zone::Middle && act.steps.first().is_some_and(|&step| long(&steps[step]))
}

/// The rows that an act takes whole.
fn rows_of<'c>(census: &'c Census<'_>, page: usize, act: &'c Act) -> impl Iterator<Item = Spot> + 'c {
    let sheet = census.sheets[page];
    (sheet.first_from(act.range.start)..sheet.rows.len())
        .take_while(|&row| sheet.place(row).end <= act.range.end)
        .map(move |row| Spot { page: page as u32, row: row as u32 })
}

/// What the model of the main content says of the rows that an act takes something of.
fn judged<'c>(census: &'c Census<'_>, page: usize, act: &Act) -> impl Iterator<Item = Judged> + 'c {
    let sheet = census.sheets[page];
    let end = act.range.end;
    let first = sheet.first_from(act.range.start + 1).saturating_sub(1);
    (first..sheet.rows.len())
        .take_while(move |&row| sheet.place(row).start < end)
        .filter_map(|row| sheet.rows[row].judged)
}

/// Tries the steps on all pages, throws out those that take what they must not and those that never act, and gathers the evidence.
fn settle(census: &Census<'_>, draft: &mut Draft, harm: &BTreeSet<Spot>, options: &Options) -> Vec<Evidence> {
    for _ in 0..ROUNDS {
        let Some(trial) = Trial::new(&draft.steps) else { break };
        let mut found: Vec<Found> = draft.steps.iter().map(|_| Found::default()).collect();
        for (page, sheet) in census.sheets.iter().enumerate() {
            let acts = trial.run(sheet).unwrap_or_default();
            note(census, page, &acts, draft, harm, options, &mut found);
        }
        for (step, found) in draft.steps.iter().zip(&mut found) {
            let pages = census.count(found.pages.iter().copied());
            if doubt::is_content(census, step, (pages, found.hits), &found.judged) {
                found.fault.get_or_insert(Reason::Content);
            }
        }
        let kept: Vec<bool> = found.iter().map(|found| found.fault.is_none() && !found.pages.is_empty()).collect();
        if kept.iter().all(|kept| *kept) {
            return evidence(census, &draft.steps, found);
        }
        for (step, found) in draft.steps.iter().zip(&found) {
            if let Some(reason) = found.fault {
                let text = step.pattern_text();
                draft.refused.push(Refused { text, reason, pages: step.pages });
            }
        }
        let mut kept = kept.iter();
        draft.steps.retain(|_| kept.next().copied().unwrap_or(false));
    }
    draft.steps.clear();
    Vec::new()
}

/// What was seen of a step on the pages.
#[derive(Debug, Default)]
struct Found {
    pages: BTreeSet<Spot>,
    hits: usize,
    examples: Vec<String>,
    /// What the model of the main content says of the rows that it takes, and of those that it takes something of.
    judged: Vec<Judged>,
    fault: Option<Reason>,
}

fn note(
    census: &Census<'_>,
    page: usize,
    acts: &[Act],
    draft: &Draft,
    harm: &BTreeSet<Spot>,
    options: &Options,
    found: &mut [Found],
) {
    let letters = census.sheets[page].letters();
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    for act in acts {
        let text = &census.sheets[page].text[act.range.clone()];
        let harmed = rows_of(census, page, act)
            .any(|spot| harm.contains(&spot) && !is_short_woven(census, spot, act, &draft.steps))
            || !texts_taken(census, page, act, &draft.steps).is_empty();
        for (at, &step) in act.steps.iter().enumerate() {
            let found = &mut found[step];
            found.pages.insert(Spot { page: page as u32, row: 0 });
            found.hits += 1;
            if at > 0 {
                continue;
            }
            found.judged.extend(judged(census, page, act));
            // What stands on many pages is no one page's text.
            let repeated: usize = rows_of(census, page, act)
                .map(|spot| &census.sheet(spot).rows[spot.row as usize])
                .filter(|row| census.shared(row.shape) >= census.support)
                .map(|row| row.letters)
                .sum();
            *taken.entry(step).or_default() += crate::text::class::letters(text).saturating_sub(repeated);
            if harmed {
                found.fault = Some(Reason::TakesText);
            }
            let example: String = text.trim().chars().take(EXAMPLE_CHARS).collect();
            if found.examples.len() < EXAMPLES && !found.examples.contains(&example) {
                found.examples.push(example);
            }
        }
    }
    for (step, taken) in taken {
        if taken as f64 > letters as f64 * options.max_share {
            found[step].fault.get_or_insert(Reason::TakesTooMuch);
        }
    }
}

fn evidence(census: &Census<'_>, steps: &[Step], found: Vec<Found>) -> Vec<Evidence> {
    steps
        .iter()
        .zip(found)
        .map(|(step, found)| {
            let pages = census.count(found.pages);
            let pattern: Vec<String> =
                step.patterns.iter().map(|(name, pattern)| format!("{name} = {}", pattern.toml())).collect();
            Evidence {
                step: String::new(),
                kind: step.kind,
                place: step.place,
                pattern: pattern.join(", "),
                pages,
                share: rounded(census.share(pages)),
                hits: found.hits,
                examples: found.examples,
            }
        })
        .collect()
}

fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}

fn refusals(census: &Census<'_>, mut refused: Vec<Refused>) -> Vec<Refusal> {
    refused.sort_by(|a, b| {
        (std::cmp::Reverse(a.pages), &a.text, a.reason).cmp(&(std::cmp::Reverse(b.pages), &b.text, b.reason))
    });
    let mut seen = BTreeSet::new();
    refused.retain(|refused| seen.insert(refused.text.clone()));
    refused
        .into_iter()
        .take(MOST_REFUSED)
        .map(|Refused { text, reason, pages }| Refusal {
            why: reason.why().to_owned(),
            text: text.chars().take(EXAMPLE_CHARS).collect(),
            reason,
            pages,
            share: rounded(census.share(pages)),
        })
        .collect()
}
