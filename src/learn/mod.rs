//! Rules that write themselves: from pages of one or many sites to a rule file a site, with the evidence for each step.
//!
//! A [`Learner`] takes pages one by one ([`Learner::add`]) and proposes when all are there ([`Learner::finish`]). What it proposes is a
//! function of the set of pages and the options: neither their order nor the number of threads matters. Pages wait compressed, in a
//! temporary file when there are many; sites are learned one after the other, so memory holds the pages of one site a thread.
//!
//! | file | idea |
//! |---|---|
//! | [`page`], [`options`] | what comes in |
//! | [`learned`], [`error`] | what goes out |
//! | `spool`, `gather`, `sites` | pages kept until all are there, and grouped by site |
//! | `sheet`, `census`, `elsewhere` | a page as rows with shapes; what repeats on a site, and where; what other sites have |
//! | `edges`, `evidence` | where the text of a page lies, and its title; what speaks for a line being the site's |
//! | `align`, `template`, `words` | what lines that differ share; what is known of furniture and of documents beforehand |
//! | `lines`, `woven`, `cuts` | lines that go at the edges, and between sentences; lists and walls |
//! | `spans`, `brackets`, `serials` | inside lines: credits, what stands in brackets, numbers of pieces |
//! | `selectors` | where the content of HTML pages is |
//! | `doubt` | what the model of the main content says, against what repeats |
//! | `step`, `draft`, `trial`, `site` | steps, tried by the washing itself on pages they were not learned from |
//! | `compose`, `file`, [`merge`] | the rule file with comments and tests; an existing one brought up to date |

mod align;
mod brackets;
mod census;
mod compose;
mod cuts;
mod doubt;
mod draft;
mod edges;
mod elsewhere;
pub mod error;
mod evidence;
mod file;
mod gather;
pub mod learned;
mod lines;
pub mod merge;
pub mod options;
pub mod page;
mod selectors;
mod serials;
mod sheet;
mod site;
mod sites;
mod spans;
mod spool;
mod step;
mod template;
mod trial;
mod words;
mod woven;

pub use error::LearnError;
pub use learned::{Evidence, HtmlEvidence, Learned, PassedOver, Place, Proposal, Reason, Refusal, SelectorEvidence};
pub use merge::{Updated, is_same_site, update};
pub use options::Options;
pub use page::{Page, Source};

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::parallel;
use gather::Gather;

/// Takes pages and proposes rule files.
///
/// ```
/// use taoxi::learn::{Learner, Options, Page};
///
/// let mut learner = Learner::new(Options::default())?;
/// for n in 0..12 {
///     let text = format!("示例网 > 文章\n第{n}篇文章说的是第{n}件事，与别的都不相同。\n浏览次数：{}\n示例网版权所有\n", n * 37);
///     learner.add(&Page::text(format!("{n}"), text).with_url("https://www.example.com/a"))?;
/// }
/// let learned = learner.finish()?;
/// assert_eq!(learned.pages, 12);
/// # Ok::<(), taoxi::learn::LearnError>(())
/// ```
#[derive(Debug)]
pub struct Learner {
    options: Options,
    gather: Gather,
}

impl Learner {
    /// A learner without pages. Options out of range are refused.
    pub fn new(mut options: Options) -> Result<Self, LearnError> {
        if let Some(given) = &options.host {
            let host = crate::clean::host(given).filter(|host| is_host(host) && !given.contains('/'));
            options.host = Some(gather::registrable(&host.ok_or_else(|| LearnError::BadHost(given.clone()))?));
        }
        let bad = |name, value: String, wanted| Err(LearnError::BadOption { name, value, wanted });
        match (options.min_support, options.max_share) {
            (Some(support @ 0..2), _) => {
                return bad("min_support", support.to_string(), "what stands on one page does not repeat: 2 or more");
            }
            (_, share) if !(share > 0.0 && share <= 1.0) => {
                return bad("max_share", share.to_string(), "a share above 0, up to 1");
            }
            _ => {}
        }
        if options.pages_per_site < 2 {
            let value = options.pages_per_site.to_string();
            return bad("pages_per_site", value, "nothing repeats on fewer than 2 pages");
        }
        Ok(Self { options, gather: Gather::new() })
    }

    /// Takes a page.
    pub fn add(&mut self, page: &Page) -> Result<(), LearnError> {
        self.gather.add(page, &self.options)
    }

    /// Learns from all pages that were added.
    pub fn finish(self) -> Result<Learned, LearnError> {
        self.finish_unless(&AtomicBool::new(false))
    }

    /// The same, stopped with [`LearnError::Stopped`] when `stop` is set meanwhile.
    pub fn finish_unless(self, stop: &AtomicBool) -> Result<Learned, LearnError> {
        let (pages, hosts, spool) = self.gather.finish();
        let stopped = || stop.load(Ordering::Relaxed);
        let sites = sites::sites(hosts, &spool, &self.options, stop)?;
        let elsewhere = sites::elsewhere(&sites, &spool, &self.options, stop)?;
        let mut learned = Learned { pages, ..Learned::default() };
        let mut failed = None;
        let work = |site: &gather::Site| {
            let html = sites::selectors(site, &spool)?;
            let sheets = sites::sheets(site, &spool, html.as_ref())?;
            let about = site::About { host: site.host.clone(), given: site.given, html };
            Ok::<_, LearnError>(site::learn(&about, &sheets, &elsewhere, &self.options))
        };
        parallel::ordered(
            sites.iter(),
            self.options.threads,
            |_| usize::MAX,
            work,
            stop,
            |outcome| {
                match outcome {
                    Ok(site::Outcome::Proposed(file)) => learned.files.push(*file),
                    Ok(site::Outcome::PassedOver(site)) => learned.passed_over.push(site),
                    Err(error) => {
                        failed = Some(error);
                        return ControlFlow::Break(());
                    }
                }
                ControlFlow::Continue(())
            },
        );
        match failed {
            Some(error) => Err(error),
            None if stopped() => Err(LearnError::Stopped),
            None => {
                learned.files.sort_by(|a, b| a.id.cmp(&b.id));
                Ok(learned)
            }
        }
    }
}

/// Whether a text has the shape of a host.
fn is_host(host: &str) -> bool {
    host.contains('.') && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'))
}
