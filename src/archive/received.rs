//! The name for a file that was received over the network, under which it is read as what it is.
//!
//! Its first bytes come first, then what its sender called it (a media type), then its name.

use std::fs::File;
use std::path::Path;

use super::compressed::Compression;
use super::error::ArchiveError;
use super::format::{self, Format, Named, Shape};
use super::jsonl::Records;
use super::limits::Limits;
use super::stream::Stream;
use crate::document::MediaType;

/// Most characters of a name, without its extensions.
const MAX_STEM: usize = 60;
/// The name of what came without one.
const NAMELESS: &str = "upload";

/// Looks at a received file and gives the name it is to be stored under: one part of a path, made of letters, digits, `-`, `_` and `.`,
/// that keeps what it can of `name`. A format that is not read is an error that calls the file by that name.
pub fn received_name(
    path: &Path,
    media_type: Option<&str>,
    name: Option<&str>,
    limits: &Limits,
) -> Result<String, ArchiveError> {
    let given = plain(name.unwrap_or_default());
    let called = if given.is_empty() { NAMELESS } else { &given };
    let by_name = format::of_name(called);
    if let Some(format) = by_name.foreign {
        return Err(ArchiveError::Unsupported { place: called.to_owned(), format: format.to_owned() });
    }
    let (shape, compression) = look(path, called, limits)?;
    let shape = shape.or_else(|| media_type.and_then(of_media_type)).unwrap_or(by_name.shape);
    if (by_name.shape, by_name.compression) == (shape, compression) {
        return Ok(given).map(|given| if given.is_empty() { format!("{NAMELESS}.txt") } else { given });
    }
    let stem: String = stem(called).chars().take(MAX_STEM).collect();
    let packed = match compression {
        None => "",
        Some(Compression::Gzip) => ".gz",
        Some(Compression::Zstd) => ".zst",
    };
    Ok(format!("{}{}{packed}", if stem.is_empty() { NAMELESS } else { &stem }, extension(shape)))
}

/// What the first bytes show: a container, or records when the first line is a whole object; and the compression.
fn look(path: &Path, called: &str, limits: &Limits) -> Result<(Option<Shape>, Option<Compression>), ArchiveError> {
    let unreadable = |error: std::io::Error| ArchiveError::from_io(&error, called, None);
    let file = File::open(path).map_err(unreadable)?;
    let named = Named { shape: Shape::Document(MediaType::Auto), compression: None, foreign: None };
    let stream = Stream::open(Box::new(file), called.to_owned(), named, limits)?;
    let (shape, compression) = (stream.shape, stream.compression);
    if let Shape::Container(_) = shape {
        return Ok((Some(shape), compression));
    }
    // A line that cannot be read is told by whoever reads the documents.
    let records = Records::new(stream, String::new()).begins_with_object(limits).unwrap_or(false);
    Ok((records.then_some(Shape::Records), compression))
}

fn of_media_type(media_type: &str) -> Option<Shape> {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Some(match essence.as_str() {
        "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/x-jsonlines"
        | "application/json-lines"
        | "application/json" => Shape::Records,
        "application/zip" | "application/x-zip-compressed" => Shape::Container(Format::Zip),
        "application/x-tar" | "application/x-gtar" => Shape::Container(Format::Tar),
        "application/warc" => Shape::Container(Format::Warc),
        "application/vnd.apache.parquet" => Shape::Container(Format::Parquet),
        "text/html" | "application/xhtml+xml" => Shape::Document(MediaType::Html),
        // Everything that a sender does not know is called plain text or a stream of octets.
        _ => return None,
    })
}

const fn extension(shape: Shape) -> &'static str {
    match shape {
        Shape::Records => ".jsonl",
        Shape::Document(MediaType::Html) => ".html",
        Shape::Document(_) => ".txt",
        Shape::Container(Format::Zip) => ".zip",
        Shape::Container(Format::Tar) => ".tar",
        Shape::Container(Format::Warc) => ".warc",
        Shape::Container(Format::Parquet) => ".parquet",
    }
}

/// The last part of a path, with what might not be a plain character of a name replaced.
fn plain(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim_start_matches('.');
    let kept = last.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' });
    let chars: Vec<char> = kept.collect();
    // Of a name that is too long the end is kept, where the extensions stand.
    let name: String = chars[chars.len().saturating_sub(MAX_STEM)..].iter().collect();
    name.trim_start_matches('.').to_owned()
}

/// A name without the extensions that say what the file is.
fn stem(name: &str) -> &str {
    let mut stem = name;
    for _ in 0..2 {
        let Some((rest, extension)) = stem.rsplit_once('.').filter(|(rest, _)| !rest.is_empty()) else { break };
        let named = format::of_name(&format!("x.{extension}"));
        let known = named.compression.is_some() || named.shape != Shape::Document(MediaType::Auto);
        if !known {
            break;
        }
        stem = rest;
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    const LINE: &[u8] = "{\"id\":\"a\",\"text\":\"正文\"}\n".as_bytes();

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn stored(bytes: &[u8], media_type: Option<&str>, name: Option<&str>) -> Result<String, ArchiveError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part");
        std::fs::write(&path, bytes).unwrap();
        received_name(&path, media_type, name, &Limits::default())
    }

    #[test]
    fn first_bytes_come_before_media_types_and_those_before_names() {
        let mut tar = vec![b'a'; 600];
        tar[257..262].copy_from_slice(b"ustar");
        for (bytes, media_type, name, expected) in [
            (LINE, None, None, "upload.jsonl"),
            (LINE, Some("application/zip"), Some("a.zip"), "a.jsonl"),
            (LINE, Some("text/plain"), Some("crawl.ndjson"), "crawl.ndjson"),
            (&gzip(LINE), Some("application/x-ndjson"), Some("crawl.jsonl"), "crawl.jsonl.gz"),
            (&gzip(LINE), None, Some("crawl.jsonl.gz"), "crawl.jsonl.gz"),
            (&zstd::encode_all(LINE, 1).unwrap(), Some("application/octet-stream"), None, "upload.jsonl.zst"),
            (LINE, None, Some("crawl.jsonl.gz"), "crawl.jsonl"),
            (b"PK\x03\x04 and so on", Some("application/x-ndjson"), Some("a.jsonl"), "a.zip"),
            (&gzip(&tar), None, Some("site.tgz"), "site.tgz"),
            (&gzip(&tar), None, Some("site"), "site.tar.gz"),
            (b"WARC/1.1\r\n", Some("application/gzip"), Some("2024.w"), "2024.w.warc"),
            (b"not json\n", Some("application/x-ndjson; charset=utf-8"), Some("a.txt"), "a.jsonl"),
            (b"not json\n", Some("application/octet-stream"), Some("a.jsonl"), "a.jsonl"),
            (b"<p>page</p>", Some("text/html"), None, "upload.html"),
            (b"plain", None, None, "upload.txt"),
            (b"", None, Some("a.parquet"), "a.parquet"),
        ] {
            assert_eq!(stored(bytes, media_type, name).unwrap(), expected, "{media_type:?} {name:?}");
        }
    }

    #[test]
    fn no_name_leads_anywhere() {
        for (name, expected) in [
            ("../../etc/passwd", "passwd.jsonl"),
            ("C:\\x\\a.jsonl", "a.jsonl"),
            ("..", "upload.jsonl"),
            (".hidden.jsonl", "hidden.jsonl"),
            ("a b\0c\n.jsonl", "a_b_c_.jsonl"),
            ("页面.jsonl", "页面.jsonl"),
            ("a/", "upload.jsonl"),
        ] {
            assert_eq!(stored(LINE, None, Some(name)).unwrap(), expected, "{name:?}");
        }
        let long = stored(LINE, None, Some(&format!("{}.jsonl", "长".repeat(300)))).unwrap();
        assert!(long.len() < 255 && Path::new(&long).extension().is_some_and(|extension| extension == "jsonl"));
    }

    #[test]
    fn formats_that_are_not_read_are_refused_by_name() {
        for (bytes, name) in [(&b"Rar!\x1a\x07"[..], "a.rar"), (b"Rar!\x1a\x07", "a.jsonl"), (b"PK\x03\x04", "a.docx")]
        {
            assert!(
                matches!(stored(bytes, None, Some(name)), Err(ArchiveError::Unsupported { place, .. }) if place == name)
            );
        }
    }
}
