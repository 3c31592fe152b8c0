//! From kept pages to sites: those with a host are grouped already, the others by the furniture they share.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use super::elsewhere::Elsewhere;
use super::error::LearnError;
use super::gather::{Kept, Site};
use super::learned::{HtmlEvidence, SelectorEvidence};
use super::lines::label;
use super::options::Options;
use super::selectors;
use super::sheet::{Sheet, hash};
use super::spool::Spool;
use crate::html::xpath::Budget;
use crate::html::{self, Limits, Locator, Selector, SiteRules};
use crate::parallel;

/// Rows at the start and the end of a page that tell its site.
const HEAD_ROWS: usize = 10;
const TAIL_ROWS: usize = 16;
/// Pages of one site share this much of what they share with any page.
const SHARED: f64 = 0.35;
/// What stands on fewer pages than this is as telling as what stands on this many.
const RARE: u32 = 20;
/// What stands on so many pages is no chance.
const SURE: u32 = 5;
/// Sites that are compared with a page: those that share its rarest rows.
const MOST_COMPARED: usize = 64;

/// The sites of a run, by host, then those without one.
pub(super) fn sites(
    hosts: Vec<Site>,
    spool: &Spool,
    options: &Options,
    stop: &AtomicBool,
) -> Result<Vec<Site>, LearnError> {
    let (mut out, mut free) = (Vec::new(), Vec::new());
    for site in hosts {
        if site.host.is_some() {
            out.push(site);
        } else {
            free = site.pages;
        }
    }
    if free.is_empty() {
        return Ok(out);
    }
    let mut held = Vec::with_capacity(free.len());
    each(free.iter(), options, stop, |_| 4096, |page| Ok(keys(&rows_of(page, spool)?)), |keys| held.push(keys))?;
    let groups = grouped(&held);
    let mut pages: Vec<Option<Kept>> = free.into_iter().map(Some).collect();
    for group in groups {
        let given = group.len();
        let kept = group.into_iter().filter_map(|page| pages[page].take()).take(options.pages_per_site).collect();
        out.push(Site { host: None, given, pages: kept });
    }
    Ok(out)
}

/// Maps items on all threads, and takes what comes of them in order.
fn each<T: Send, R: Send>(
    items: impl Iterator<Item = T> + Send,
    options: &Options,
    stop: &AtomicBool,
    weigh: impl Fn(&T) -> usize + Sync,
    work: impl Fn(T) -> Result<R, LearnError> + Sync,
    mut take: impl FnMut(R),
) -> Result<(), LearnError> {
    let mut failed = None;
    parallel::ordered(items, options.threads, weigh, work, stop, |result| match result {
        Ok(result) => {
            take(result);
            ControlFlow::Continue(())
        }
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    });
    match failed {
        Some(error) => Err(error),
        None if stop.load(Ordering::Relaxed) => Err(LearnError::Stopped),
        None => Ok(()),
    }
}

/// A page's text for comparing sites: of HTML all of it, which costs less than choosing.
fn rows_of(page: &Kept, spool: &Spool) -> Result<Sheet, LearnError> {
    let source = spool.get(page.stored)?;
    let text =
        if page.stored.html { html::render(&source, html::Site::default(), &Limits::default()).text } else { source };
    Ok(Sheet::new(text))
}

/// What selectors of a site do with its HTML pages, if any are proposed.
pub(super) fn selectors(site: &Site, spool: &Spool) -> Result<Option<HtmlEvidence>, LearnError> {
    let pages: Result<Vec<String>, LearnError> = site
        .pages
        .iter()
        .filter(|page| page.stored.html)
        .take(selectors::MOST_PAGES)
        .map(|page| Ok(spool.get(page.stored)?))
        .collect();
    Ok(selectors::learn(&pages?))
}

/// The text of each page of a site as rules see it, once the selectors are in force.
pub(super) fn sheets(site: &Site, spool: &Spool, html: Option<&HtmlEvidence>) -> Result<Vec<Sheet>, LearnError> {
    let parsed = |of: fn(&HtmlEvidence) -> &Vec<SelectorEvidence>| -> Vec<Locator> {
        let evidence = html.map_or(&[][..], |html| of(html).as_slice());
        evidence.iter().filter_map(|evidence| Selector::parse(&evidence.selector).ok()).map(Locator::Css).collect()
    };
    let (content, remove) = (parsed(|html| &html.content), parsed(|html| &html.remove));
    let rules =
        SiteRules { content: content.iter().collect(), remove: remove.iter().collect(), ..SiteRules::default() };
    let limits = Limits::default();
    site.pages
        .iter()
        .map(|page| {
            let source = spool.get(page.stored)?;
            if !page.stored.html {
                return Ok(Sheet::new(source));
            }
            let page = html::Page::read(&source, &limits);
            // Nothing of these rules is evaluated, so no budget is spent.
            let budget = &mut Budget::new(u64::MAX);
            let chosen = rules.apply(&page, &source, None, &limits, budget);
            Ok(chosen.map(|(content, _)| Sheet::of_content(content)).unwrap_or_default())
        })
        .collect()
}

/// What sites have in common.
pub(super) fn elsewhere(
    sites: &[Site],
    spool: &Spool,
    options: &Options,
    stop: &AtomicBool,
) -> Result<Elsewhere, LearnError> {
    if sites.len() < 2 {
        return Ok(Elsewhere::default());
    }
    let mut table = Elsewhere::new();
    let work = |site: &Site| {
        let mut shapes: BTreeMap<u64, bool> = BTreeMap::new();
        for page in &site.pages {
            let sheet = rows_of(page, spool)?;
            let first = sheet.rows.iter().position(|row| row.prose).unwrap_or(sheet.rows.len());
            let last = sheet.rows.iter().rposition(|row| row.prose).unwrap_or(0);
            for (at, row) in sheet.rows.iter().enumerate() {
                *shapes.entry(row.shape).or_default() |= at > first && at < last;
            }
        }
        Ok(shapes.into_iter().collect::<Vec<_>>())
    };
    each(sites.iter(), options, stop, |_| usize::MAX, work, |shapes| table.add(&shapes))?;
    Ok(table)
}

/// What may tell a page's site: shapes and labels at its edges.
fn keys(sheet: &Sheet) -> Vec<u64> {
    let rows = sheet.rows.len();
    let edge = (0..rows).filter(|row| *row < HEAD_ROWS || *row + TAIL_ROWS >= rows);
    let mut keys = BTreeSet::new();
    for row in edge {
        keys.insert(sheet.rows[row].shape);
        if let Some(label) = label(sheet.fold(row)) {
            keys.insert(hash(&format!("label {label}")));
        }
    }
    keys.into_iter().collect()
}

/// Pages grouped by what they share: each joins the group that has most of its keys, rare ones counting more, or begins one.
fn grouped(pages: &[Vec<u64>]) -> Vec<Vec<usize>> {
    let mut counts: HashMap<u64, u32> = HashMap::new();
    for key in pages.iter().flatten() {
        *counts.entry(*key).or_default() += 1;
    }
    let mut groups: Vec<(HashMap<u64, u32>, Vec<usize>)> = Vec::new();
    let mut having: HashMap<u64, Vec<usize>> = HashMap::new();
    for (page, keys) in pages.iter().enumerate() {
        let mut keys: Vec<u64> = keys.iter().copied().filter(|key| counts[key] > 1).collect();
        keys.sort_by_key(|key| (counts[key], *key));
        // What stands on two or three pages may be a link from one to the other.
        let weight = |key: &u64| f64::from(counts[key].min(SURE)) / f64::from(counts[key].max(RARE));
        let all: f64 = keys.iter().map(weight).sum();
        let mut candidates: Vec<usize> = Vec::new();
        for key in &keys {
            let groups = having.get(key).map_or(&[][..], Vec::as_slice);
            candidates.extend(groups.iter().take(MOST_COMPARED));
            if candidates.len() >= MOST_COMPARED {
                break;
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        let share = |group: usize| -> f64 {
            let (of, members) = &groups[group];
            let part = |key: &u64| f64::from(of.get(key).copied().unwrap_or(0)) / members.len() as f64;
            // What most of the group has counts in full.
            keys.iter().map(|key| weight(key) * (part(key) * 2.0).min(1.0)).sum::<f64>() / all
        };
        let best = candidates
            .into_iter()
            .map(|group| (share(group), group))
            .filter(|(share, _)| *share >= SHARED)
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let group = best.map_or(groups.len(), |(_, group)| group);
        if group == groups.len() {
            groups.push((HashMap::new(), Vec::new()));
        }
        groups[group].1.push(page);
        for key in keys {
            let count = groups[group].0.entry(key).or_default();
            *count += 1;
            if *count == 1 {
                having.entry(key).or_default().push(group);
            }
        }
    }
    groups.into_iter().map(|(_, pages)| pages).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_grouped_by_what_they_share_and_not_by_what_all_share() {
        let page = |site: u64, n: u64| vec![1, 2, site * 100, site * 100 + 1, site * 100 + 2 + n % 2, 10_000 + n];
        let pages: Vec<Vec<u64>> = (0..60).map(|n| page(1 + n % 3, n)).collect();
        let groups = grouped(&pages);
        assert_eq!(groups.len(), 3);
        assert!(groups.iter().all(|group| group.len() == 20 && group.iter().all(|page| page % 3 == group[0] % 3)));
    }
}
