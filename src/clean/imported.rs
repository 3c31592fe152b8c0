//! Tests for imported rule files: made-up pages are tried, and those that show what the rules do are kept.

use super::input::read_page;
use super::{CleanError, Limits};
use crate::html::SiteRules;
use crate::rules::import::{Draft, Kept, Trial};

/// Most tests of one file.
const MAX_TESTS: usize = 40;

/// What the tests of a draft exercise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exercised {
    /// Entries that a test exercises: alternatives of content, removals, and the title, author and date.
    pub entries: usize,
    /// Of so many entries. Of each of title, author and date one counts.
    pub of: usize,
}

/// Gives a draft its tests: one for each alternative of content, the first with every removal that can be shown, and one
/// for title, author and date. A page is kept only if the rules do on it what they are meant to do, and if without them
/// it would come out otherwise.
pub fn prove(draft: &mut Draft) -> Exercised {
    let parsed = draft.parsed();
    let rules = parsed.rules();
    let tries = |trial: &Trial| tried(draft, &rules, trial);
    let first = (draft.alternatives() > 0).then_some(0);
    let mut exercised = Exercised { entries: 0, of: draft.alternatives() + draft.removals() };
    // One by one, what can be shown; then all of it on one page, if it gets on with each other.
    let shown: Vec<usize> = (0..draft.removals())
        .filter(|&at| draft.trial(first, &[at], false).is_some_and(|trial| tries(&trial).is_some()))
        .collect();
    let mut tests = Vec::new();
    let together = draft.trial(first, &shown, false).and_then(|trial| tries(&trial));
    match together {
        Some(test) if first.is_some() || !shown.is_empty() => {
            exercised.entries += shown.len() + usize::from(first.is_some());
            tests.push(test);
        }
        _ => {
            let alone = shown.iter().take(MAX_TESTS / 2).filter_map(|&at| tries(&draft.trial(first, &[at], false)?));
            tests.extend(alone);
            exercised.entries += tests.len() + usize::from(first.is_some() && !tests.is_empty());
        }
    }
    for at in 1..draft.alternatives() {
        if tests.len() < MAX_TESTS
            && let Some(test) = draft.trial(Some(at), &[], false).and_then(|trial| tries(&trial))
        {
            exercised.entries += 1;
            tests.push(test);
        }
    }
    let wanted = [&rules.title, &rules.author, &rules.date].into_iter().filter(|list| !list.is_empty()).count();
    exercised.of += wanted;
    if let Some(trial) = draft.trial(None, &[], true)
        && let Some(test) = tries(&trial)
    {
        exercised.entries += trial.finds.iter().flatten().count();
        tests.push(test);
    }
    draft.tests = tests;
    exercised
}

/// The trial as a test, if it holds.
fn tried(draft: &Draft, rules: &SiteRules<'_>, trial: &Trial) -> Option<Kept> {
    let replaced = draft.replacements();
    let rules = SiteRules { replace: replaced.collect(), ..rules.clone() };
    let url = format!("https://{}/", draft.host);
    let read = |rules: &SiteRules<'_>| -> Result<_, CleanError> {
        let input = read_page(&trial.html, rules, None, Some(&url), &Limits::default())?;
        let page = input.page.unwrap_or_default();
        Ok((input.text, [input.title, page.author, page.date]))
    };
    let (text, found) = read(&rules).ok()?;
    let (whole, unruled) = read(&SiteRules::default()).ok()?;
    let holds = trial.keeps.iter().all(|kept| text.contains(kept))
        && trial.loses.iter().all(|lost| !text.contains(lost) && whole.contains(lost))
        && trial.finds.iter().zip(&found).all(|(wanted, found)| wanted.is_none() || wanted == found)
        && (trial.finds.iter().all(Option::is_none) || unruled != found);
    let [title, author, date] = trial.finds.clone();
    holds.then(|| Kept { name: trial.name.clone(), html: trial.html.clone(), expect: text, title, author, date })
}
