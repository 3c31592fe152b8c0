//! WARC files (ISO 28500, WARC/1.1): the pages that a crawler stored, compressed record by record, as a whole, or not at all.
//!
//! `response` and `resource` records give documents, and `conversion` records do (the texts of Common Crawl). A `revisit` only says
//! that a page was the same as before: it is passed over and counted, and so are pictures and other types than text, and responses
//! of another status than success. Requests, metadata and the like are passed over.
//!
//! | file | what it does |
//! |---|---|
//! | `header` | the header of a record |
//! | `source` | from record to record, and back on the way where a length lies or data is damaged |
//! | `rescue` | records swallowed by a length that lies |
//! | `judge` | whether a record gives a document |
//! | `http`, `body` | the response in a record, its type; its encodings taken off |

mod body;
mod header;
mod http;
pub(super) mod judge;
mod rescue;
mod source;

use serde_json::{Map, Value};

use super::container::{Container, Placed};
use super::error::ArchiveError;
use super::limits::ReadOptions;
use super::skipped::SkipCounter;
use super::stream::{DOCUMENT, Stream};
use crate::document::{Content, Document, ErrorRecord};

pub(super) use header::Header;
pub(super) use http::Response;
pub(super) use judge::Early;
pub(super) use source::{Block, Fault, Source};

use judge::{Pass, Payload};

const FORMAT: &str = "WARC";
const NO_RESPONSE: &str = "there is no whole HTTP response in it";
/// How much of a block is read to see what it is. Longer heads of responses are rare, and cost the whole block.
pub(super) const HEAD_BYTES: u64 = 64 << 10;

/// A WARC file being read.
pub(super) struct Warc {
    source: Source,
    id: String,
    /// The number of the current record, from 1.
    number: u64,
    skipped: SkipCounter,
    done: bool,
}

impl Warc {
    pub(super) fn new(stream: Stream, id: String, skipped: SkipCounter) -> Self {
        Self { source: Source::new(stream), id, number: 0, skipped, done: false }
    }

    /// The next record; `None` when it gives no document.
    fn step(&mut self, options: &ReadOptions) -> Option<Result<Placed, ErrorRecord>> {
        match self.source.find() {
            Ok(true) => {}
            Ok(false) => {
                self.done = true;
                return None;
            }
            Err(fault) => {
                let at = self.source.at();
                let place = format!("{} ({at})", self.source.place());
                return Some(Err(self.error(fault, &place).record(self.id.clone())));
            }
        }
        let at = self.source.at();
        self.number += 1;
        let place = format!("{}!{} ({at})", self.source.place(), self.number);
        let limit = options.limits.archive_members;
        if self.number > limit {
            self.done = true;
            let place = self.source.place().to_owned();
            return Some(Err(ArchiveError::ManyMembers { place, limit }.record(self.id.clone())));
        }
        let id = format!("{}!{}", self.id, self.number);
        match self.record(&id, &place, options) {
            Ok(document) => document.map(|document| Ok(Placed { document, place })),
            Err(error) => Some(Err(error.record(id))),
        }
    }

    fn record(&mut self, id: &str, place: &str, options: &ReadOptions) -> Result<Option<Document>, ArchiveError> {
        let (header, mut block) = self.source.header().map_err(|fault| self.error(fault, place))?;
        if judge::is_http(&header) {
            self.source.read(&mut block, HEAD_BYTES).map_err(|fault| self.error(fault, place))?;
        }
        let whole = block.is_read();
        match judge::early(&header, &block.bytes, whole) {
            Early::Whole => {}
            Early::Pass(pass) => {
                self.count(pass);
                return self.skip(block, place, options).map(|()| None);
            }
            Early::Refused(reason) => {
                self.skip(block, place, options)?;
                return Err(ArchiveError::Refused { place: place.to_owned(), reason: reason.to_owned() });
            }
            Early::NoResponse => {
                self.skip(block, place, options)?;
                return Err(corrupt(place, NO_RESPONSE.to_owned()));
            }
        }
        self.whole(&mut block, place, options)?;
        // The head of a response may have been longer than what was looked at first.
        if !whole && let Early::Pass(pass) = judge::early(&header, &block.bytes, true) {
            self.count(pass);
            return Ok(None);
        }
        match judge::payload(&header, block.bytes, &options.limits, place)? {
            Ok(payload) => Ok(Some(document(id, &header, payload, options))),
            Err(pass) => {
                self.count(pass);
                Ok(None)
            }
        }
    }

    fn count(&self, pass: Pass) {
        match pass {
            Pass::Quiet => {}
            Pass::Revisit => self.skipped.revisit(),
            Pass::OtherType => self.skipped.other_type(),
            Pass::OtherStatus => self.skipped.other_status(),
        }
    }

    /// Reads all of a block, and sees whether it ends where its length says.
    fn whole(&mut self, block: &mut Block, place: &str, options: &ReadOptions) -> Result<(), ArchiveError> {
        let limit = options.limits.document_bytes;
        if block.length() > limit {
            let skipped = self.source.skip(block, true, |_| Ok(()));
            skipped.map_err(|fault| self.error(fault, place))?.ok();
            return Err(ArchiveError::TooLarge { place: place.to_owned(), limit, what: DOCUMENT });
        }
        let read = self.source.read(block, u64::MAX).and_then(|()| self.source.end(block));
        read.map_err(|fault| self.error(fault, place))
    }

    fn skip(&mut self, mut block: Block, place: &str, options: &ReadOptions) -> Result<(), ArchiveError> {
        let implausible = block.length() > options.limits.document_bytes;
        let skipped = self.source.skip(&mut block, implausible, |_| Ok(()));
        skipped.map(|_| ()).map_err(|fault| self.error(fault, place))
    }

    fn error(&mut self, fault: Fault, place: &str) -> ArchiveError {
        match fault {
            Fault::Record(reason) => corrupt(place, reason),
            Fault::End(error) => {
                self.done = true;
                error.at(place.to_owned())
            }
        }
    }
}

fn document(id: &str, header: &Header, payload: Payload, options: &ReadOptions) -> Document {
    Document {
        id: id.to_owned(),
        url: header.uri("WARC-Target-URI").map(str::to_owned).or_else(|| options.url.clone()),
        date: header.get("WARC-Date").map(str::to_owned),
        content: Content::Bytes(payload.bytes),
        media_type: options.media_type_or(payload.media_type),
        charset: payload.charset,
        meta: meta(header, payload.status),
    }
}

fn meta(header: &Header, status: Option<String>) -> Map<String, Value> {
    let fields = [
        ("warc_record_id", header.uri("WARC-Record-ID").map(str::to_owned)),
        ("payload_digest", header.get("WARC-Payload-Digest").map(str::to_owned)),
        ("http_status", status),
        ("warc_truncated", header.get("WARC-Truncated").map(str::to_owned)),
    ];
    let there = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))));
    there.collect()
}

fn corrupt(place: &str, reason: String) -> ArchiveError {
    ArchiveError::Corrupt { place: place.to_owned(), format: FORMAT, reason }
}

impl Container for Warc {
    fn next(&mut self, options: &ReadOptions) -> Option<Result<Placed, ErrorRecord>> {
        while !self.done {
            if let Some(result) = self.step(options) {
                return Some(result);
            }
        }
        None
    }
}
