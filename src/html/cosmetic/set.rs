//! All rules of the filter lists, found by host.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::{self, Display};

use super::line::{Domain, Domains, Line, read};
use crate::html::compiled::{Compiled, Role};
use crate::html::selector::{Selector, SelectorError};

/// Element hiding rules. Made once, used by any number of threads.
#[derive(Debug, Clone, Default)]
pub struct FilterSet {
    /// Rules that act everywhere.
    generic: Compiled,
    /// Rules that act on some hosts, and the numbers of these by host.
    specific: Vec<(u32, Selector)>,
    on: ByDomain,
    /// Rules taken back, by host.
    off: ByDomain,
    /// Hosts on which no rule acts, or only specific ones.
    excepted: HashMap<String, bool>,
    report: Report,
}

/// What came of reading filter lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rules that hide elements.
    pub hiding: usize,
    /// Rules that take others back.
    pub exceptions: usize,
    /// Rules about requests, which are not looked at.
    pub network: usize,
    /// What could not be evaluated, by its reason.
    pub refused: BTreeMap<String, Refused>,
}

/// Rules refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// How many.
    pub count: usize,
    /// The first of them.
    pub example: String,
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rules hide elements, {} are exceptions, {} are about requests",
            self.hiding, self.exceptions, self.network
        )?;
        if self.refused.is_empty() {
            return Ok(());
        }
        let total: usize = self.refused.values().map(|refused| refused.count).sum();
        write!(f, "; {total} cannot be evaluated here:")?;
        for (i, (reason, refused)) in self.refused.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(f, "{comma} {} with {reason} (such as `{}`)", refused.count, refused.example)?;
        }
        Ok(())
    }
}

/// Numbers of rules by host and by entity.
#[derive(Debug, Clone, Default)]
struct ByDomain {
    hosts: HashMap<String, Vec<u32>>,
    entities: HashMap<String, Vec<u32>>,
}

impl ByDomain {
    fn add(&mut self, domain: Domain<'_>, rule: u32) {
        let (map, name) = match domain {
            Domain::Host(name) => (&mut self.hosts, name),
            Domain::Entity(name) => (&mut self.entities, name),
        };
        map.entry(name.to_lowercase()).or_default().push(rule);
    }

    /// The rules of a host and of those above it.
    fn of(&self, host: &str) -> impl Iterator<Item = u32> {
        let hosts = suffixes(host).filter_map(|name| self.hosts.get(name));
        // The ending that `.*` stands for has one or two labels.
        let entities = suffixes(host).flat_map(|name| {
            let shorter = name.rsplit_once('.').map(|(rest, _)| rest);
            let shortest = shorter.and_then(|rest| rest.rsplit_once('.')).map(|(rest, _)| rest);
            [shorter, shortest].into_iter().flatten().filter_map(|name| self.entities.get(name))
        });
        hosts.chain(entities).flatten().copied()
    }
}

/// `a.b.c`, `b.c`, `c`.
fn suffixes(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors((!host.is_empty()).then_some(host), |name| name.split_once('.').map(|(_, rest)| rest))
}

/// Longest line read, in bytes, and how much of one is shown.
const MAX_LINE: usize = 16 << 10;
const MAX_SHOWN: usize = 80;

impl FilterSet {
    /// Reads filter lists, in their order.
    #[must_use]
    pub fn read<'l>(lists: impl IntoIterator<Item = &'l str>) -> Self {
        let mut set = Self::default();
        let mut numbers: HashMap<&str, Vec<u32>> = HashMap::new();
        let mut shown: Vec<(Domains<'_>, &str)> = Vec::new();
        let mut generic: Vec<(u32, Selector)> = Vec::new();
        let mut next = 0;
        for line in lists.into_iter().flat_map(str::lines) {
            match if line.len() > MAX_LINE { Line::Refused("a very long line") } else { read(line) } {
                Line::Nothing => {}
                Line::Network => set.report.network += 1,
                Line::Refused(reason) => set.refuse(reason, line),
                Line::Except { host, generic_only } => {
                    set.report.exceptions += 1;
                    *set.excepted.entry(host.to_lowercase()).or_insert(generic_only) &= generic_only;
                }
                Line::Show { domains, selector } => {
                    set.report.exceptions += 1;
                    shown.push((domains, selector));
                }
                Line::Hide { domains, selector } => match Selector::parse(selector) {
                    Err(error) => set.refuse(&reason(selector, &error), line),
                    Ok(parsed) => {
                        set.report.hiding += 1;
                        numbers.entry(selector).or_default().push(next);
                        for &domain in &domains.off {
                            set.off.add(domain, next);
                        }
                        for &domain in &domains.on {
                            set.on.add(domain, next);
                        }
                        if domains.on.is_empty() { &mut generic } else { &mut set.specific }.push((next, parsed));
                        next += 1;
                    }
                },
            }
        }
        set.take_back(&shown, &numbers, generic);
        set
    }

    /// Exceptions come last, whatever their place in the lists. One without a host takes its rule back everywhere.
    fn take_back(
        &mut self,
        shown: &[(Domains<'_>, &str)],
        numbers: &HashMap<&str, Vec<u32>>,
        generic: Vec<(u32, Selector)>,
    ) {
        let mut nowhere = HashSet::new();
        for (domains, selector) in shown {
            for &rule in numbers.get(selector).into_iter().flatten() {
                if domains.on.is_empty() {
                    nowhere.insert(rule);
                }
                for &domain in &domains.on {
                    self.off.add(domain, rule);
                }
            }
        }
        for (rule, selector) in generic.into_iter().filter(|(rule, _)| !nowhere.contains(rule)) {
            self.generic.add(&selector, Role::Remove, rule);
        }
        self.specific.retain(|(rule, _)| !nowhere.contains(rule));
    }

    fn refuse(&mut self, reason: &str, line: &str) {
        let example = || line.trim().chars().take(MAX_SHOWN).collect();
        let refused =
            self.report.refused.entry(reason.to_owned()).or_insert_with(|| Refused { count: 0, example: example() });
        refused.count += 1;
    }

    /// What came of reading.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The rules that act on pages of a host; without one, those that act everywhere.
    pub fn for_host(&self, host: Option<&str>) -> Scope<'_> {
        let host = host.unwrap_or_default();
        let excepted = suffixes(host).filter_map(|name| self.excepted.get(name)).min();
        let mut own = Compiled::default();
        if excepted != Some(&false) {
            let wanted: HashSet<u32> = self.on.of(host).collect();
            let mut wanted: Vec<u32> = wanted.into_iter().collect();
            wanted.sort_unstable();
            for rule in wanted {
                if let Ok(at) = self.specific.binary_search_by_key(&rule, |(rule, _)| *rule) {
                    own.add(&self.specific[at].1, Role::Remove, rule);
                }
            }
        }
        let generic = excepted.is_none().then_some(&self.generic);
        Scope { generic, own, off: self.off.of(host).collect() }
    }
}

/// The part of a selector that is not supported, by its name.
fn reason(selector: &str, error: &SelectorError) -> String {
    let SelectorError::Unsupported { offset, found } = error else {
        return "a selector that cannot be read".to_owned();
    };
    let rest = selector.get(*offset..).unwrap_or_default();
    let length = rest.char_indices().skip(1).find(|(_, c)| !c.is_ascii_alphanumeric() && *c != '-').map(|(at, _)| at);
    match found {
        ':' => format!("`{}`", &rest[..length.unwrap_or(rest.len())]),
        _ => format!("`{found}`"),
    }
}

/// The rules that act on one page.
#[derive(Debug, Clone, Default)]
pub struct Scope<'f> {
    generic: Option<&'f Compiled>,
    own: Compiled,
    /// Rules that do not act here after all.
    off: HashSet<u32>,
}

impl Scope<'_> {
    pub(in crate::html) fn sets(&self) -> impl Iterator<Item = &Compiled> {
        self.generic.into_iter().chain((!self.own.is_empty()).then_some(&self.own))
    }

    pub(in crate::html) fn acts(&self, rule: u32) -> bool {
        !self.off.contains(&rule)
    }

    pub(in crate::html) fn attribute_names(&self) -> impl Iterator<Item = &str> {
        self.sets().flat_map(Compiled::attribute_names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "! a list\n||ads.example^\n##.ad\n###top-ad\n##div[data-ad] > p\n##.box\nnews.example##.promo\n\
        shop.*##.offer\n~quiet.example##.banner\n#@#.box\nnews.example#@#.ad\n@@||plain.example^$generichide\n\
        plain.example##.own\n@@||free.example^$elemhide\nfree.example##.own\n##.a:has(.b)\n##.c:has(.d)\nx.example##+js(y)\n";

    /// The text of a page with a paragraph of each class, on a host.
    fn shown(host: &str) -> String {
        let set = FilterSet::read([LIST]);
        let scope = set.for_host(Some(host));
        let classes = ["ad", "box", "promo", "offer", "banner", "own", "text"];
        let source = classes.map(|class| format!("<p class='x {class}'>{class}</p>")).concat();
        let source = format!("{source}<b id=top-ad>id</b><div data-ad><p>child</p><i><p>deep</p></i></div>");
        let site = crate::html::Site { filters: Some(&scope), ..crate::html::Site::default() };
        crate::html::render(&source, site, &crate::html::Limits::default()).text.replace('\n', " ")
    }

    #[test]
    fn rules_act_where_they_are_meant_to() {
        for (host, expected) in [
            ("", "box promo offer own text deep"),
            ("news.example", "ad box offer own text deep"),
            ("www.news.example", "ad box offer own text deep"),
            ("badnews.example", "box promo offer own text deep"),
            ("shop.example", "box promo own text deep"),
            ("www.shop.co.example", "box promo own text deep"),
            ("quiet.example", "box promo offer banner own text deep"),
            ("plain.example", "ad box promo offer banner text id child deep"),
            ("free.example", "ad box promo offer banner own text id child deep"),
        ] {
            assert_eq!(shown(host), expected, "{host}");
        }
    }

    #[test]
    fn what_cannot_be_evaluated_is_counted_and_named() {
        let report = FilterSet::read([LIST]).report().clone();
        assert_eq!((report.hiding, report.exceptions, report.network), (9, 4, 1));
        let expected = [("+js()", 1, "x.example##+js(y)"), ("`:has`", 2, "##.a:has(.b)")];
        let refused: Vec<(&str, usize, &str)> = report
            .refused
            .iter()
            .map(|(reason, refused)| (reason.as_str(), refused.count, refused.example.as_str()))
            .collect();
        assert_eq!(refused, expected);
        assert!(
            report
                .to_string()
                .ends_with("1 with +js() (such as `x.example##+js(y)`), 2 with `:has` (such as `##.a:has(.b)`)")
        );
    }

    #[test]
    fn values_are_found_by_how_they_begin() {
        let list = "##[class^=\"adv\"]\n##p[class^=\"advert-\"]\n##[data-kind=\"sponsored-content-of-the-day\"]\n##[title$=\"ad\"]\n\
            ##a[href^=\"https://ads.example/click?\"]\n";
        let set = FilterSet::read([list]);
        let scope = set.for_host(None);
        let site = crate::html::Site { filters: Some(&scope), ..crate::html::Site::default() };
        for (source, is_shown) in [
            ("<p class=advert-1>x</p>", false),
            ("<b class=advice>x</b>", false),
            ("<b class='x advice'>x</b>", true),
            ("<b class=ad>x</b>", true),
            ("<p data-kind=sponsored-content-of-the-day>x</p>", false),
            ("<p data-kind=sponsored-content-of-the-days>x</p>", true),
            ("<p title='an ad'>x</p>", false),
            ("<a href='https://ads.example/click?a'>x</a>", false),
            ("<a href='https://ads.example/'>x</a>", true),
        ] {
            let text = crate::html::render(source, site, &crate::html::Limits::default()).text;
            assert_eq!(!text.is_empty(), is_shown, "{source}");
        }
    }

    #[test]
    fn a_large_list_is_found_by_hash() {
        let list = (0..50_000).map(|i| format!("##.ad-{i}")).collect::<Vec<_>>().join("\n");
        let set = FilterSet::read([list.as_str()]);
        let scope = set.for_host(None);
        let source = "<p class='a b c'>text</p>".repeat(20_000) + "<p class='x ad-49999'>ad</p>";
        let site = crate::html::Site { filters: Some(&scope), ..crate::html::Site::default() };
        let text = crate::html::render(&source, site, &crate::html::Limits::default()).text;
        assert!(!text.contains("ad") && text.lines().count() == 20_000);
    }
}
