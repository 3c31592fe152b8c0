//! From a record of the input to those of the output.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use super::super::super::limits::ReadOptions;
use super::super::super::stream::Stream;
use super::super::super::warc::{Block, Early, Fault, HEAD_BYTES, Header, Response, Source, judge};
use super::super::super::{Documents, names};
use super::record::{self, NO_DATE, NewHeader};
use super::seen::{Seen, Written};
use super::{Verdict, WarcCounts, content_of};
use crate::document::Document;

const PROFILE: &str = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";
const FIELDS_TYPE: &str = "application/warc-fields";

/// Fields of a header that say something else of a revisit than of the record it was.
const REPLACED: &[&str] = &[
    "WARC-Type", "Content-Length", "WARC-Block-Digest", "WARC-Payload-Digest", "WARC-Profile", "WARC-Truncated",
    "WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date",
];

/// Writes records.
pub(super) struct Copier<'a, W: Write> {
    pub out: W,
    pub counts: WarcCounts,
    options: &'a ReadOptions,
    verdict: &'a dyn Fn(&str) -> Option<Verdict>,
    payloads: Seen,
    documents: Seen,
}

/// The block of a record: in memory, or, where it is larger than any document, in a temporary file.
enum Body {
    Memory(Cursor<Vec<u8>>),
    File(File),
}

/// A record as it goes out.
struct Outgoing<'h> {
    header: &'h Header,
    body: Body,
    length: u64,
    /// Where its payload begins, for kinds of record that have one.
    payload: Option<u64>,
}

impl<'a, W: Write> Copier<'a, W> {
    pub(super) fn new(
        out: W,
        options: &'a ReadOptions,
        verdict: &'a dyn Fn(&str) -> Option<Verdict>,
    ) -> io::Result<Self> {
        let (payloads, documents) = (Seen::new()?, Seen::new()?);
        Ok(Self { out, counts: WarcCounts::default(), options, verdict, payloads, documents })
    }

    /// The record that says who wrote the file.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        let block = format!(
            "software: taoxi/{}\r\nformat: WARC File Format 1.1\r\nconformsTo: \
             http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n",
            env!("CARGO_PKG_VERSION")
        );
        let header = NewHeader::new("warcinfo")
            .field("WARC-Record-ID", &record::id_of(&[b"warcinfo", block.as_bytes()]))
            .field("WARC-Date", NO_DATE)
            .field("Content-Type", FIELDS_TYPE);
        self.put(&header.bytes(block.len() as u64), block.as_bytes())
    }

    /// Writes a document that came from no WARC file.
    pub(super) fn document(&mut self, document: &Document) -> io::Result<()> {
        let (bytes, content_type) = content_of(document);
        let digest = record::digest(bytes);
        let uri = document.url.clone().unwrap_or_else(|| record::uri_of(&document.id));
        let id = record::id_of(&[b"resource", document.id.as_bytes(), &digest]);
        let written = Written { uri, date: NO_DATE.to_owned(), id, digest: record::digest_text(digest) };
        let header = |kind| {
            NewHeader::new(kind)
                .field("WARC-Record-ID", &written.id)
                .field("WARC-Target-URI", &written.uri)
                .field("WARC-Date", &written.date)
                .field("WARC-Payload-Digest", &written.digest)
                .field_if("Content-Type", content_type.as_deref())
        };
        if let Some(first) = self.payloads.get(key(&digest))?.filter(|_| !bytes.is_empty()) {
            self.counts.revisits += 1;
            self.put(&refer(header("revisit"), &first).bytes(0), &b""[..])?;
        } else {
            self.counts.resources += 1;
            self.payloads.add(key(&digest), &written)?;
            self.put(&header("resource").bytes(bytes.len() as u64), bytes)?;
            self.relation(&document.id, &written)?;
        }
        self.documents.add(key_of(&document.id), &written)
    }

    /// Copies a WARC file.
    pub(super) fn file(&mut self, stream: Stream, file: &str, documents: &mut Documents) -> io::Result<()> {
        let mut source = Source::new(stream);
        let mut number = 0_u64;
        loop {
            match source.find() {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(fault) => {
                    self.counts.failed += 1;
                    match fault {
                        Fault::Record(_) => continue,
                        Fault::End(_) => return Ok(()),
                    }
                }
            }
            number += 1;
            if number > self.options.limits.archive_members {
                self.counts.failed += 1;
                return Ok(());
            }
            match self.record(&mut source, &format!("{file}!{number}"), documents) {
                Ok(written) => written?,
                Err(fault) => {
                    self.counts.failed += 1;
                    if matches!(fault, Fault::End(_)) {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Copies a record. Faults of the input and of the output are told apart.
    fn record(&mut self, source: &mut Source, id: &str, documents: &mut Documents) -> Result<io::Result<()>, Fault> {
        let (header, mut block) = source.header()?;
        let length = block.length();
        let body = match self.body(source, &mut block)? {
            Ok(body) => body,
            Err(error) => return Ok(Err(error)),
        };
        let head = match &body {
            Body::Memory(bytes) => bytes.get_ref().as_slice(),
            Body::File(_) => block.bytes.as_slice(),
        };
        let payload = match header.kind().as_str() {
            "response" if judge::is_http(&header) => Response::parse(head).map(|response| response.body as u64),
            "response" | "resource" => Some(0),
            _ => None,
        };
        let id = match &body {
            Body::Memory(bytes) if self.gives_document(&header, bytes.get_ref()) => documents.claim_id(id),
            _ => None,
        };
        Ok(self.outgoing(Outgoing { header: &header, body, length, payload }, id.as_deref()))
    }

    fn body(&self, source: &mut Source, block: &mut Block) -> Result<io::Result<Body>, Fault> {
        if block.length() <= self.options.limits.document_bytes {
            source.read(block, u64::MAX)?;
            source.end(block)?;
            return Ok(Ok(Body::Memory(Cursor::new(std::mem::take(&mut block.bytes)))));
        }
        // The head of a response is wanted in memory too.
        source.read(block, HEAD_BYTES)?;
        let mut file = match tempfile::tempfile() {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        if let Err(error) = file.write_all(&block.bytes) {
            return Ok(Err(error));
        }
        Ok(source.skip(block, true, |bytes| file.write_all(bytes))?.map(|()| Body::File(file)))
    }

    /// Whether reading gives a document for this record: only then was its id taken.
    fn gives_document(&self, header: &Header, block: &[u8]) -> bool {
        judge::early(header, block, true) == Early::Whole
            && judge::payload(header, block.to_vec(), &self.options.limits, "").is_ok_and(|payload| payload.is_ok())
    }

    fn outgoing(&mut self, mut record: Outgoing, document: Option<&str>) -> io::Result<()> {
        let header = record.header;
        let digest = match record.payload {
            Some(from) if from < record.length => Some(record.body.digest(from)?),
            _ => None,
        };
        let own_id = header.get("WARC-Record-ID").map_or_else(
            || record::id_of(&[b"record", &header.raw, document.unwrap_or_default().as_bytes()]),
            str::to_owned,
        );
        let written = Written {
            uri: header.uri("WARC-Target-URI").unwrap_or_default().to_owned(),
            date: header.get("WARC-Date").unwrap_or(NO_DATE).to_owned(),
            id: own_id,
            digest: header
                .get("WARC-Payload-Digest")
                .map(str::to_owned)
                .or(digest.map(record::digest_text))
                .unwrap_or_default(),
        };
        if let Some(document) = document {
            self.documents.add(key_of(document), &written)?;
        }
        if let Some(digest) = digest {
            if let Some(first) = self.payloads.get(key(&digest))? {
                return self.revisit(record, &written, &first);
            }
            self.payloads.add(key(&digest), &written)?;
        }
        self.counts.copied += 1;
        let raw = [&with_line_ends(&header.raw)[..], b"\r\n"].concat();
        record.body.go_to(0)?;
        self.put(&raw, record.body)?;
        document.map_or(Ok(()), |document| self.relation(document, &written))
    }

    /// Writes a revisit in the place of a record: its header and the head of its response, without the payload.
    fn revisit(&mut self, mut record: Outgoing, written: &Written, first: &Written) -> io::Result<()> {
        self.counts.revisits += 1;
        let mut header = NewHeader::new("revisit");
        for (name, value) in &record.header.fields {
            if !REPLACED.iter().any(|replaced| name.eq_ignore_ascii_case(replaced)) {
                header = header.field(name, value);
            }
        }
        if record.header.get("WARC-Record-ID").is_none() {
            header = header.field("WARC-Record-ID", &written.id);
        }
        header = refer(header.field("WARC-Payload-Digest", &first.digest), first);
        let length = record.payload.unwrap_or(0);
        record.body.go_to(0)?;
        self.put(&header.bytes(length), record.body.take(length))
    }

    /// Writes what was found out about a document behind its record, if it is a copy.
    fn relation(&mut self, id: &str, written: &Written) -> io::Result<()> {
        let Some(verdict) = (self.verdict)(id) else { return Ok(()) };
        let line = |name: &str, value: &str| format!("{name}: {}\r\n", value.replace(['\r', '\n'], " "));
        let mut block = line("taoxi-id", id);
        block += &line("taoxi-relation", &verdict.kind);
        block += &line("taoxi-copy-of", &verdict.of);
        // Known only where the kept document stands before its copy.
        if let Some(kept) = self.documents.get(key_of(&verdict.of))? {
            block += &line("taoxi-copy-of-uri", &kept.uri);
        }
        block += &line("taoxi-a-in-b", &format!("{:.4}", verdict.a_in_b));
        block += &line("taoxi-b-in-a", &format!("{:.4}", verdict.b_in_a));
        let header = NewHeader::new("metadata")
            .field("WARC-Record-ID", &record::id_of(&[b"metadata", written.id.as_bytes(), block.as_bytes()]))
            .field("WARC-Target-URI", &written.uri)
            .field("WARC-Date", &written.date)
            .field("WARC-Refers-To", &written.id)
            .field("WARC-Concurrent-To", &written.id)
            .field("Content-Type", FIELDS_TYPE);
        self.counts.metadata += 1;
        self.put(&header.bytes(block.len() as u64), block.as_bytes())
    }

    fn put(&mut self, header: &[u8], block: impl Read) -> io::Result<()> {
        self.counts.records += 1;
        record::write(&mut self.out, header, block)
    }
}

impl Body {
    fn go_to(&mut self, place: u64) -> io::Result<()> {
        match self {
            Self::Memory(bytes) => bytes.set_position(place),
            Self::File(file) => {
                file.seek(SeekFrom::Start(place))?;
            }
        }
        Ok(())
    }

    /// The digest of what stands from a place on.
    fn digest(&mut self, from: u64) -> io::Result<[u8; 20]> {
        self.go_to(from)?;
        record::digest_of(self)
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => bytes.read(buffer),
            Self::File(file) => file.read(buffer),
        }
    }
}

/// Says of which record a revisit is one.
fn refer(header: NewHeader, first: &Written) -> NewHeader {
    header
        .field("WARC-Profile", PROFILE)
        .field("WARC-Refers-To", &first.id)
        .field("WARC-Refers-To-Target-URI", &first.uri)
        .field("WARC-Refers-To-Date", &first.date)
}

/// The key of a payload: sixteen bytes of its digest.
fn key(digest: &[u8; 20]) -> [u8; 16] {
    digest.first_chunk().copied().unwrap_or_default()
}

/// The key of a document.
fn key_of(id: &str) -> [u8; 16] {
    names::digest(id).to_be_bytes()
}

/// A header whose lines end as they should: in CR LF.
fn with_line_ends(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 16);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        out.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
        out.extend_from_slice(b"\r\n");
    }
    out
}
