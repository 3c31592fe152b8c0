//! WARC files whose lengths lie, whose data is damaged, and whose bodies are nonsense: each fault is named, the rest is read.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)] // a test fails by panicking

use std::io::Write;

use taoxi::archive::{Documents, Input, Limits, ReadOptions, Skipped};
use taoxi::document::{Content, Document, ErrorRecord, MediaType};

type Results = Vec<Result<Document, ErrorRecord>>;

fn read_with(name: &str, bytes: &[u8], options: ReadOptions) -> (Results, Skipped) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    let mut documents = Documents::new(vec![Input::Path(folder.path().to_owned())], options);
    let results = documents.by_ref().collect();
    (results, documents.skipped())
}

fn read(name: &str, bytes: &[u8]) -> Results {
    read_with(name, bytes, ReadOptions::default()).0
}

/// A line for each result, without the file's name: the record's number with the text, or with the error code.
fn outline(results: &Results) -> Vec<String> {
    let number = |id: &str| id.split_once('!').map_or("file", |(_, number)| number).to_owned();
    let line = |result: &Result<Document, ErrorRecord>| match result {
        Ok(document) => match &document.content {
            Content::Bytes(bytes) => format!("{} = {}", number(&document.id), String::from_utf8_lossy(bytes)),
            Content::Text(text) => format!("{} = {text}", number(&document.id)),
        },
        Err(record) => format!("{} ! {}", number(&record.id), record.error.code.as_str()),
    };
    results.iter().map(line).collect()
}

fn message(results: &Results, at: usize) -> &str {
    &results[at].as_ref().unwrap_err().error.message
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A record that says it has `length` bytes.
fn lying(kind: &str, content_type: &str, block: &str, length: u64) -> Vec<u8> {
    format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:0>\r\nWARC-Date: 2024-05-01T00:00:00Z\r\n\
         WARC-Target-URI: https://a.example/\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{block}\r\n\r\n"
    )
    .into_bytes()
}

fn record(kind: &str, content_type: &str, block: &str) -> Vec<u8> {
    lying(kind, content_type, block, block.len() as u64)
}

fn page(text: &str) -> Vec<u8> {
    response("200 OK", "text/html", text)
}

fn response(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    record(
        "response",
        "application/http; msgtype=response",
        &format!("HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n\r\n{body}"),
    )
}

/// The same records in every way they are stored.
fn forms(records: &[Vec<u8>]) -> [(&'static str, Vec<u8>); 4] {
    [
        ("a.warc", records.concat()),
        ("a.warc.gz", records.iter().flat_map(|record| gzip(record)).collect()),
        ("b.warc.gz", gzip(&records.concat())),
        ("a.warc.zst", zstd::encode_all(&records.concat()[..], 1).unwrap()),
    ]
}

#[test]
fn records_give_documents_in_every_form_of_compression() {
    let records = [
        record("warcinfo", "application/warc-fields", "software: x\r\n"),
        record("request", "application/http; msgtype=request", "GET / HTTP/1.1\r\n\r\n"),
        page("<p>page"),
        response("404 Not Found", "text/html", "<p>none"),
        response("200 OK", "image/png", "\u{fffd}PNG"),
        response("200 OK", "application/json", "{}"),
        record("revisit", "application/http; msgtype=response", "HTTP/1.1 200 OK\r\n\r\n"),
        record("resource", "text/plain", "resource"),
        record("conversion", "text/plain", "正文"),
        record("metadata", "application/warc-fields", "a: b\r\n"),
        response("200 OK", "", "sniffed"),
        response("200 OK", "", "\0\0"),
    ];
    for (name, bytes) in forms(&records) {
        let (results, skipped) = read_with(name, &bytes, ReadOptions::default());
        assert_eq!(outline(&results), ["3 = <p>page", "8 = resource", "9 = 正文", "11 = sniffed"], "{name}");
        assert_eq!(skipped, Skipped { revisits: 1, other_types: 3, other_status: 1 }, "{name}");
        let page = results[0].as_ref().unwrap();
        assert_eq!(
            (page.url.as_deref(), page.date.as_deref()),
            (Some("https://a.example/"), Some("2024-05-01T00:00:00Z"))
        );
        assert_eq!((page.media_type, page.id.as_str()), (MediaType::Html, format!("{name}!3").as_str()));
        assert_eq!(
            (page.meta["http_status"].as_str(), page.meta["warc_record_id"].as_str()),
            (Some("HTTP/1.1 200 OK"), Some("urn:uuid:0"))
        );
    }
    // From standard input, by the first bytes.
    let source = Box::new(std::io::Cursor::new(forms(&records)[1].1.clone()));
    let results: Results = Documents::new(vec![Input::Stdin], ReadOptions::default()).with_stdin(source).collect();
    assert_eq!(results[0].as_ref().unwrap().id, "-!3");
}

#[test]
fn a_length_beyond_the_record_is_named_and_what_it_swallowed_is_read() {
    for (kind, content_type) in [("resource", "text/plain"), ("metadata", "application/warc-fields")] {
        // Into the next record, beyond the end of the file, and so far that no document is so large.
        for length in [200, 100_000, 1 << 40] {
            let records = [page("one"), lying(kind, content_type, "lies", length), page("three"), page("four")];
            for (name, bytes) in forms(&records) {
                let results = read(name, &bytes);
                assert_eq!(
                    outline(&results),
                    ["1 = one", "2 ! corrupt_archive", "3 = three", "4 = four"],
                    "{name} {kind} {length}"
                );
                assert!(message(&results, 1).contains("(byte "), "{}", message(&results, 1));
            }
        }
    }
}

#[test]
fn a_length_short_of_the_record_is_named_and_the_next_is_found() {
    for (kind, content_type) in [("resource", "text/plain"), ("metadata", "application/warc-fields")] {
        let block = "line\nline\nWARC/1.1 is a format\nline";
        let records = [page("one"), lying(kind, content_type, block, 7), page("three")];
        for (name, bytes) in forms(&records) {
            assert_eq!(outline(&read(name, &bytes)), ["1 = one", "2 ! corrupt_archive", "3 = three"], "{name} {kind}");
        }
    }
}

#[test]
fn lengths_that_are_no_numbers_are_named() {
    for length in ["-1", "x", "99999999999999999999999", ""] {
        let broken = String::from_utf8(page("two"))
            .unwrap()
            .replace("Content-Length: ", &format!("Content-Length: {length}\r\nX: "));
        let records = [page("one"), broken.into_bytes(), page("three")];
        for (name, bytes) in forms(&records) {
            assert_eq!(
                outline(&read(name, &bytes)),
                ["1 = one", "2 ! corrupt_archive", "3 = three"],
                "{name} {length}"
            );
        }
    }
}

#[test]
fn a_file_cut_anywhere_gives_what_is_whole_and_one_error() {
    let records = [page("one"), page("two")];
    for (name, bytes) in forms(&records) {
        for length in (20..bytes.len() - 5).step_by(7) {
            let results = read(name, &bytes[..length]);
            let errors = results.iter().filter(|it| it.is_err()).count();
            let texts: Vec<_> = outline(&results).into_iter().filter(|line| line.contains('=')).collect();
            assert!(errors <= 1 && texts.len() <= 2, "{name} {length} {:?}", outline(&results));
            assert!(texts.iter().all(|text| text == "1 = one" || text == "2 = two"), "{name} {length} {texts:?}");
            assert!(errors == 1 || texts.len() == 2 || (name == "a.warc" || name == "a.warc.gz"), "{name} {length}");
        }
    }
}

#[test]
fn behind_a_damaged_gzip_member_the_next_record_is_read() {
    let members: Vec<Vec<u8>> =
        [page("one"), page(&"two".repeat(1000)), page("three")].iter().map(|it| gzip(it)).collect();
    for at in 0..members[1].len() {
        let mut damaged = members.clone();
        damaged[1][at] ^= 0x55;
        let results = read("a.warc.gz", &damaged.concat());
        let lines = outline(&results);
        assert_eq!(lines.first().map(String::as_str), Some("1 = one"), "{at}");
        assert!(lines.last().unwrap().ends_with(" = three"), "{at} {lines:?}");
        // Some bytes of a gzip header, such as the time, matter to nobody.
        assert!((3..=4).contains(&lines.len()) || (4..10).contains(&at), "{at} {lines:?}");
    }
    let mut first = members.clone();
    first[0][20] ^= 0x55;
    assert!(outline(&read("a.warc.gz", &first.concat())).last().unwrap().ends_with(" = three"));
}

#[test]
fn nonsense_bodies_are_named_and_the_rest_is_read() {
    let body = |headers: &str, body: &str| {
        record(
            "response",
            "application/http",
            &format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{headers}\r\n\r\n{body}"),
        )
    };
    let records = [
        body("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFF\r\nx"),
        body("Transfer-Encoding: chunked", "4\r\nsome\r\n-5\r\nx"),
        body("Content-Encoding: gzip", "\x1f"),
        body("Content-Encoding: secret", "x"),
        record("response", "application/http", "no response"),
        record("response", "application/http", "HTTP/1.1 200 OK"),
        record("response", "application/http", ""),
        page("end"),
    ];
    for (name, bytes) in forms(&records) {
        let expected = [
            "1 ! corrupt_archive", "2 ! corrupt_archive", "3 = \x1f", "4 ! unsupported_format", "5 ! corrupt_archive",
            "6 ! corrupt_archive", "7 ! corrupt_archive", "8 = end",
        ];
        assert_eq!(outline(&read(name, &bytes)), expected, "{name}");
    }
}

#[test]
fn a_body_that_swells_is_refused_and_the_rest_is_read() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n".as_bytes();
    let block = [head, &gzip(&vec![b' '; 64 << 20])].concat();
    let header = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    let bytes = [header.as_bytes(), &block, b"\r\n\r\n", &page("two")].concat();
    assert_eq!(outline(&read("a.warc", &bytes)), ["1 ! too_large", "2 = two"]);
}

#[test]
fn records_over_their_limits_are_named() {
    let options = |limits| ReadOptions { limits, ..ReadOptions::default() };
    let records = [page("one"), record("resource", "text/plain", &"x".repeat(500)), page("three")];
    let small = Limits { document_bytes: 400, ..Limits::default() };
    for (name, bytes) in forms(&records) {
        let results = read_with(name, &bytes, options(small.clone())).0;
        assert_eq!(outline(&results), ["1 = one", "2 ! too_large", "3 = three"], "{name}");
    }
    let few = Limits { archive_members: 2, ..Limits::default() };
    let results = read_with("a.warc", &records.concat(), options(few)).0;
    assert!(results.len() == 3 && message(&results, 2).contains("limits.archive_members"));
}

#[test]
fn garbage_is_one_error_whatever_surrounds_it() {
    let records =
        [b"garbage\n".repeat(1000), page("one"), b"more\ngarbage".to_vec(), b"\r\n\r\n".to_vec(), page("two")];
    let results = read("a.warc", &records.concat());
    assert_eq!(outline(&results), ["file ! corrupt_archive", "1 ! corrupt_archive", "2 = two"]);
    assert_eq!(outline(&read("a.warc", b"no WARC file")), ["file ! corrupt_archive"]);
    assert!(read("a.warc", b"").is_empty());
    let long = [b"WARC/1.1\r\n".to_vec(), vec![b'x'; 2 << 20], b"\r\n".to_vec(), page("two")].concat();
    assert_eq!(outline(&read("a.warc", &long)), ["1 ! corrupt_archive", "2 = two"]);
}
