//! What a record gives: a document, nothing, or a fault. The same for reading and for writing a file anew.

use super::super::capped::CapError;
use super::super::error::ArchiveError;
use super::super::limits::Limits;
use super::body::{self, BodyFault};
use super::header::Header;
use super::http::{self, Kind, Response};
use crate::document::MediaType;

/// Why a record gives no document, though nothing failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::archive) enum Pass {
    /// It holds no page: a request, metadata and the like.
    Quiet,
    Revisit,
    OtherType,
    OtherStatus,
}

/// What can be said of a record from its header, and the beginning of its block.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::archive) enum Early {
    Pass(Pass),
    /// It should be a document and cannot be read.
    Refused(&'static str),
    /// There is no HTTP response in it, though its type says so.
    NoResponse,
    /// It may be a document: the whole block must be read.
    Whole,
}

/// The document of a record.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::archive) struct Payload {
    pub bytes: Vec<u8>,
    pub media_type: MediaType,
    pub charset: Option<String>,
    /// The status line of its response.
    pub status: Option<String>,
}

/// Whether a header says that the block is an HTTP response.
pub(in crate::archive) fn is_http(header: &Header) -> bool {
    let content_type = header.get("Content-Type").unwrap_or_default().trim_start();
    header.kind() == "response" && content_type.to_ascii_lowercase().starts_with("application/http")
}

/// Judges a record by its header and the beginning of its block; `whole` when there is no more of it.
pub(in crate::archive) fn early(header: &Header, head: &[u8], whole: bool) -> Early {
    match header.kind().as_str() {
        "revisit" => return Early::Pass(Pass::Revisit),
        "response" | "resource" | "conversion" => {}
        _ => return Early::Pass(Pass::Quiet),
    }
    if header.get("WARC-Segment-Number").is_some() {
        return Early::Refused("it is a part of a record that goes over several");
    }
    if !is_http(header) {
        return match http::kind_of(header.get("Content-Type")) {
            Kind::Other => Early::Pass(Pass::OtherType),
            _ => Early::Whole,
        };
    }
    match Response::parse(head) {
        None if head.starts_with(b"HTTP/") && !whole => Early::Whole,
        None => Early::NoResponse,
        Some(response) if !(200..300).contains(&response.status) => Early::Pass(Pass::OtherStatus),
        Some(response) if http::kind_of(response.get("Content-Type")) == Kind::Other => Early::Pass(Pass::OtherType),
        Some(_) => Early::Whole,
    }
}

/// The document of a record that [`early`] let through, and that is whole; else why there is none.
pub(in crate::archive) fn payload(
    header: &Header,
    block: Vec<u8>,
    limits: &Limits,
    place: &str,
) -> Result<Result<Payload, Pass>, ArchiveError> {
    let (bytes, kind, status) = if is_http(header) {
        let Some(response) = Response::parse(&block) else {
            return Err(super::corrupt(place, super::NO_RESPONSE.to_owned()));
        };
        let truncated = header.get("WARC-Truncated").is_some();
        let bytes = body::payload(&response, block, truncated, limits).map_err(|fault| body_error(fault, place))?;
        (bytes, http::kind_of(response.get("Content-Type")), Some(response.status_line))
    } else {
        (block, http::kind_of(header.get("Content-Type")), None)
    };
    Ok(match kind {
        Kind::Document(media_type, charset) => Ok(Payload { bytes, media_type, charset, status }),
        Kind::Unknown if http::looks_like_text(&bytes) => {
            Ok(Payload { bytes, media_type: MediaType::Auto, charset: None, status })
        }
        Kind::Unknown | Kind::Other => Err(Pass::OtherType),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(fields: &str, block: &str) -> Early {
        early(&Header::parse(format!("WARC/1.1\n{fields}\n").as_bytes()), block.as_bytes(), true)
    }

    #[test]
    fn records_are_judged_before_they_are_read_whole() {
        let http = "WARC-Type: response\nContent-Type: application/http;msgtype=response";
        for (fields, block, expected) in [
            ("WARC-Type: Request", "", Early::Pass(Pass::Quiet)),
            ("WARC-Type: revisit", "", Early::Pass(Pass::Revisit)),
            ("WARC-Type: resource\nContent-Type: image/png", "", Early::Pass(Pass::OtherType)),
            ("WARC-Type: response\nContent-Type: text/dns", "", Early::Pass(Pass::OtherType)),
            ("WARC-Type: resource", "", Early::Whole),
            ("WARC-Type: conversion\nContent-Type: text/plain", "", Early::Whole),
            (http, "HTTP/1.1 301 Moved\r\n\r\n", Early::Pass(Pass::OtherStatus)),
            (http, "HTTP/1.1 200 OK\r\nContent-Type: text/css\r\n\r\n", Early::Pass(Pass::OtherType)),
            (http, "HTTP/1.1 200 OK\r\n\r\n", Early::Whole),
            (http, "<html>", Early::NoResponse),
        ] {
            assert_eq!(judge(fields, block), expected, "{fields} {block}");
        }
        assert!(matches!(judge("WARC-Type: resource\nWARC-Segment-Number: 1", ""), Early::Refused(_)));
    }
}
