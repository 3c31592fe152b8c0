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
//! | `spool`, `gather` | pages kept until all are there, and grouped by site |

pub mod error;
mod gather;
pub mod learned;
pub mod options;
pub mod page;
mod spool;

pub use error::LearnError;
pub use learned::{Evidence, HtmlEvidence, Learned, PassedOver, Place, Proposal, Reason, Refusal, SelectorEvidence};
pub use options::Options;
pub use page::{Page, Source};

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
        self.finish_unless(&std::sync::atomic::AtomicBool::new(false))
    }

    /// The same, stopped with [`LearnError::Stopped`] when `stop` is set meanwhile.
    pub fn finish_unless(self, stop: &std::sync::atomic::AtomicBool) -> Result<Learned, LearnError> {
        let (pages, sites, _spool) = self.gather.finish();
        if stop.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(LearnError::Stopped);
        }
        let passed_over = sites
            .into_iter()
            .map(|site| PassedOver {
                host: site.host,
                pages: site.given,
                why: "nothing repeats on its pages".to_owned(),
                refused: Vec::new(),
            })
            .collect();
        Ok(Learned { pages, files: Vec::new(), passed_over })
    }
}

/// Whether a text has the shape of a host.
fn is_host(host: &str) -> bool {
    host.contains('.') && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'))
}
