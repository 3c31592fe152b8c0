//! taoxi (淘洗) washes scraped documents and finds the copies among them. Chinese first, any language served.
//!
//! ```
//! use std::sync::Arc;
//! use taoxi::{Cleaner, Document, Options};
//!
//! let rules = Arc::new(taoxi::rules::load(None)?);
//! let cleaner = Cleaner::new(rules);
//! let document = Document::from_text("a", "总投入13。7亿元,增长4。6%。\n责任编辑：某某\n");
//! let cleaned = cleaner.clean(document, &Options::default())?;
//! assert_eq!(cleaned.text, "总投入13.7亿元，增长4.6%。\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what it is for |
//! |---|---|
//! | [`document`] | the nouns: a document, and what washing gives |
//! | [`clean`] | [`Cleaner`]: from the one to the other |
//! | [`rules`] | rule files, profiles, the set in force |
//! | [`trial`] | rule files tried before they act, and what a rule set does to a corpus |
//! | [`steps`] | the kinds of step that rules are made of |
//! | [`text`] | decoding, folding, lines, the edit list |
//! | [`html`] | the guard against hostile pages, text rendering |
//! | [`archive`] | folders, JSONL, ZIP, tar, WARC and Parquet, read within limits; written anew |
//! | [`learn`] | rule files proposed from the pages of sites |
//! | [`dedup`] | fingerprints, and the verdict on two texts |
//! | [`batch`] | the copies in an archive of any size |
//! | [`index`] | collections: documents remembered, and arriving ones compared with them |
//! | `jobs` | archives de-duplicated in the background (feature `server`) |
//! | `keys` | API keys (feature `server`) |
//! | `records` | small records on disk, for jobs and keys (feature `server`) |
//! | `server` | the HTTP service (feature `server`) |
//! | [`parallel`] | work spread over threads, in order
//! | [`clock`] | moments and spans of time as text |
//! | [`config`] | every setting with its origin |
//! | [`error`] | every error code |
//! | [`cli`] | the command line |

pub mod archive;
pub mod batch;
mod cache;
pub mod clean;
pub mod cli;
pub mod clock;
pub mod config;
pub mod dedup;
pub mod document;
pub mod error;
pub mod html;
pub mod index;
#[cfg(feature = "server")]
pub mod jobs;
#[cfg(feature = "server")]
pub mod keys;
pub mod learn;
pub mod parallel;
#[cfg(feature = "server")]
pub mod records;
pub mod rules;
#[cfg(feature = "server")]
pub mod server;
pub mod steps;
pub mod text;
pub mod trial;

pub use clean::{CleanError, Cleaner, Options};
pub use document::{Cleaned, Document};

/// The examples of the documentation, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/collections.md")]
struct CollectionsExamples;

#[cfg(doctest)]
#[doc = include_str!("../docs/tour.md")]
struct TourExamples;
