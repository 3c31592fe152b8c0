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
//! | `http`, `body` | the response in a record, its type; its encodings taken off |

mod body;
mod header;
mod http;
mod rescue;
mod source;

use serde_json::{Map, Value};

use super::capped::CapError;
use super::container::{Container, Placed};
use super::error::ArchiveError;
use super::limits::ReadOptions;
use super::skipped::SkipCounter;
use super::stream::{DOCUMENT, Stream};
use crate::document::{Content, Document, ErrorRecord, MediaType};
use body::BodyFault;
use header::Header;
use http::{Kind, Response};
use source::{Block, Fault, Source};

const FORMAT: &str = "WARC";
/// How much of a block is read to see what it is. Longer heads of responses are rare, and cost the whole block.
const HEAD_BYTES: u64 = 64 << 10;

/// A WARC file being read.
pub(super) struct Warc {
    source: Source,
    id: String,
    /// The number of the current record, from 1.
    number: u64,
    skipped: SkipCounter,
    done: bool,
}

/// What a record is to be read as.
enum Plan {
    /// Not at all.
    Skip,
    /// As it stands.
    Plain(MediaType, Option<String>),
    /// As it stands, if it looks like text.
    Sniffed,
    /// As the body of a response.
    Http,
    /// Not at all, and that is a fault.
    Refused(&'static str),
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
                return Some(Err(self.error(fault, place).record(self.id.clone())));
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
        let (header, mut block) = self.source.header().map_err(|fault| self.error(fault, place.to_owned()))?;
        let document = match self.plan(&header) {
            Plan::Skip => {
                self.skip(block, place, options)?;
                return Ok(None);
            }
            Plan::Refused(reason) => {
                self.skip(block, place, options)?;
                return Err(ArchiveError::Refused { place: place.to_owned(), reason: reason.to_owned() });
            }
            Plan::Http => self.response(&header, block, place, options)?,
            Plan::Plain(media_type, charset) => {
                self.whole(&mut block, place, options)?;
                Some((block.bytes, media_type, charset, None))
            }
            Plan::Sniffed => {
                self.whole(&mut block, place, options)?;
                self.sniffed(block.bytes).map(|bytes| (bytes, MediaType::Auto, None, None))
            }
        };
        Ok(document.map(|(bytes, media_type, charset, status)| Document {
            id: id.to_owned(),
            url: header.uri("WARC-Target-URI").map(str::to_owned).or_else(|| options.url.clone()),
            date: header.get("WARC-Date").map(str::to_owned),
            content: Content::Bytes(bytes),
            media_type: options.media_type_or(media_type),
            charset,
            meta: meta(&header, status),
        }))
    }

    fn plan(&self, header: &Header) -> Plan {
        let kind = header.kind();
        if kind == "revisit" {
            self.skipped.revisit();
            return Plan::Skip;
        }
        if !matches!(kind.as_str(), "response" | "resource" | "conversion") {
            return Plan::Skip;
        }
        if header.get("WARC-Segment-Number").is_some() {
            return Plan::Refused("it is a part of a record that goes over several");
        }
        let content_type = header.get("Content-Type");
        let is_http =
            content_type.is_some_and(|text| text.trim_start().to_ascii_lowercase().starts_with("application/http"));
        if is_http && kind == "response" {
            return Plan::Http;
        }
        match http::kind_of(content_type) {
            Kind::Document(media_type, charset) => Plan::Plain(media_type, charset),
            Kind::Unknown => Plan::Sniffed,
            Kind::Other => {
                self.skipped.other_type();
                Plan::Skip
            }
        }
    }

    fn response(
        &mut self,
        header: &Header,
        mut block: Block,
        place: &str,
        options: &ReadOptions,
    ) -> Result<Option<Payload>, ArchiveError> {
        let fail = |this: &mut Self, fault| this.error(fault, place.to_owned());
        self.source.read(&mut block, HEAD_BYTES).map_err(|fault| fail(self, fault))?;
        let mut response = Response::parse(&block.bytes);
        if response.is_none() && block.bytes.starts_with(b"HTTP/") {
            self.whole(&mut block, place, options)?;
            response = Response::parse(&block.bytes);
        }
        let Some(response) = response else {
            self.skip(block, place, options)?;
            return Err(corrupt(place, "there is no whole HTTP response in it".to_owned()));
        };
        if !(200..300).contains(&response.status) {
            self.skipped.other_status();
            return self.skip(block, place, options).map(|()| None);
        }
        let kind = http::kind_of(response.get("Content-Type"));
        if kind == Kind::Other {
            self.skipped.other_type();
            return self.skip(block, place, options).map(|()| None);
        }
        self.whole(&mut block, place, options)?;
        let truncated = header.get("WARC-Truncated").is_some();
        let payload = body::payload(&response, block.bytes, truncated, &options.limits);
        let payload = payload.map_err(|fault| body_error(fault, place))?;
        Ok(match kind {
            Kind::Document(media_type, charset) => Some((payload, media_type, charset, Some(response.status_line))),
            _ => self.sniffed(payload).map(|payload| (payload, MediaType::Auto, None, Some(response.status_line))),
        })
    }

    fn sniffed(&self, payload: Vec<u8>) -> Option<Vec<u8>> {
        if http::looks_like_text(&payload) {
            return Some(payload);
        }
        self.skipped.other_type();
        None
    }

    /// Reads all of a block, and sees whether it ends where its length says.
    fn whole(&mut self, block: &mut Block, place: &str, options: &ReadOptions) -> Result<(), ArchiveError> {
        let limit = options.limits.document_bytes;
        if block.length() > limit {
            let skipped = self.source.skip(block, true, |_| Ok(()));
            skipped.map_err(|fault| self.error(fault, place.to_owned()))?.ok();
            return Err(ArchiveError::TooLarge { place: place.to_owned(), limit, what: DOCUMENT });
        }
        if block.is_whole() {
            return Ok(());
        }
        let read = self.source.read(block, u64::MAX).and_then(|()| self.source.end(block));
        read.map_err(|fault| self.error(fault, place.to_owned()))
    }

    fn skip(&mut self, mut block: Block, place: &str, options: &ReadOptions) -> Result<(), ArchiveError> {
        let implausible = block.length() > options.limits.document_bytes;
        let skipped = self.source.skip(&mut block, implausible, |_| Ok(()));
        skipped.map(|_| ()).map_err(|fault| self.error(fault, place.to_owned()))
    }

    fn error(&mut self, fault: Fault, place: String) -> ArchiveError {
        match fault {
            Fault::Record(reason) => corrupt(&place, reason),
            Fault::End(error) => {
                self.done = true;
                error.at(place)
            }
        }
    }
}

/// The bytes of a document, its type, its charset and the status line it came with.
type Payload = (Vec<u8>, MediaType, Option<String>, Option<String>);

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

fn body_error(fault: BodyFault, place: &str) -> ArchiveError {
    let place = place.to_owned();
    match fault {
        BodyFault::Damaged(reason) => ArchiveError::Corrupt { place, format: "HTTP", reason },
        BodyFault::Unknown(what) => ArchiveError::Refused { place, reason: format!("{what} is not known") },
        BodyFault::Cap(CapError::Bytes { limit, what }) => ArchiveError::TooLarge { place, limit, what },
        BodyFault::Cap(CapError::Ratio { ratio }) => ArchiveError::Ratio { place, ratio },
    }
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
