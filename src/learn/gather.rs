//! Pages as they arrive, kept by host; of very many, those with the smallest hashes.

use std::collections::{BTreeMap, BinaryHeap};

use super::error::LearnError;
use super::options::Options;
use super::page::{Page, Source};
use super::spool::{Spool, Stored};
use crate::clean::host;

/// Pages without a host that are kept, as a multiple of those of one site.
const SITES_WITHOUT_HOST: usize = 250;

/// A page that was kept. Ordered by the hash of its id.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// What orders pages, so that the order in which they came does not matter.
    hash: [u8; 16],
    /// The page's name.
    pub(super) id: String,
    /// Where its source lies.
    pub(super) stored: Stored,
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Kept {}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.hash, &self.id).cmp(&(other.hash, &other.id))
    }
}

/// The pages of one host.
#[derive(Debug, Default)]
struct Heap {
    kept: BinaryHeap<Kept>,
    given: usize,
}

/// The pages of one site, in an order of their own.
#[derive(Debug)]
pub(super) struct Site {
    /// The registrable domain, or `None` for all pages without a host.
    pub(super) host: Option<String>,
    /// Pages that were given.
    pub(super) given: usize,
    /// Those that are looked at.
    pub(super) pages: Vec<Kept>,
}

/// All pages so far.
#[derive(Debug)]
pub(super) struct Gather {
    spool: Spool,
    hosts: BTreeMap<Option<String>, Heap>,
    given: usize,
}

impl Gather {
    pub(super) fn new() -> Self {
        Self { spool: Spool::new(), hosts: BTreeMap::new(), given: 0 }
    }

    pub(super) fn add(&mut self, page: &Page, options: &Options) -> Result<(), LearnError> {
        self.given += 1;
        let host = match &options.host {
            Some(host) => Some(host.clone()),
            None => page.url.as_deref().and_then(host).map(|host| registrable(&host)),
        };
        let most = if host.is_some() { options.pages_per_site } else { options.pages_per_site * SITES_WITHOUT_HOST };
        let (source, html) = match &page.source {
            Source::Text(source) => (source, false),
            Source::Html(source) => (source, true),
        };
        // The text takes part, so that pages that carry one id by mistake are told apart.
        let mut hasher = blake3::Hasher::new();
        hasher.update(page.id.as_bytes()).update(&[0]).update(source.as_bytes());
        let mut hash = [0; 16];
        hash.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        let heap = self.hosts.entry(host).or_default();
        heap.given += 1;
        if heap.kept.len() >= most {
            if heap.kept.peek().is_some_and(|last| last.hash <= hash) {
                return Ok(());
            }
            heap.kept.pop();
        }
        let stored = self.spool.put(source, html)?;
        heap.kept.push(Kept { hash, id: page.id.clone(), stored });
        Ok(())
    }

    /// The pages by host, and what reads them.
    pub(super) fn finish(self) -> (usize, Vec<Site>, Spool) {
        let sites = self
            .hosts
            .into_iter()
            .map(|(host, heap)| Site { host, given: heap.given, pages: heap.kept.into_sorted_vec() })
            .collect();
        (self.given, sites, self.spool)
    }
}

/// The registrable domain of a host by the public suffix list; a host that has none, such as an address, is its own.
pub(super) fn registrable(host: &str) -> String {
    if host.parse::<std::net::IpAddr>().is_ok() {
        return host.to_owned();
    }
    psl::domain_str(host).unwrap_or(host).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_grouped_by_registrable_domain() {
        for (host, domain) in [
            ("www.example.com", "example.com"),
            ("a.b.example.com.cn", "example.com.cn"),
            ("example.gov.cn", "example.gov.cn"),
            ("192.0.2.7", "192.0.2.7"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(registrable(host), domain);
        }
    }

    #[test]
    fn of_too_many_pages_the_same_are_kept_in_any_order() {
        let options = Options { pages_per_site: 5, ..Options::default() };
        let kept = |order: &mut dyn Iterator<Item = usize>| {
            let mut gather = Gather::new();
            for n in order {
                let page = Page::text(format!("p{n}"), format!("text {n}")).with_url("https://www.example.com/");
                gather.add(&page, &options).unwrap();
            }
            let (given, sites, _) = gather.finish();
            assert_eq!((given, sites.len(), sites[0].given), (40, 1, 40));
            sites[0].pages.iter().map(|page| page.id.clone()).collect::<Vec<_>>()
        };
        let forward = kept(&mut (0..40));
        assert_eq!(forward.len(), 5);
        assert_eq!(forward, kept(&mut (0..40).rev()));
    }
}
