//! WARC files written anew: nothing is lost, copies are said to be copies in WARC's own words, and other readers understand it.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // a test fails by panicking

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use taoxi::archive::write::warc::{Verdict, WarcCounts, rewrite};
use taoxi::archive::{Documents, Input, ReadOptions, Skipped};

fn record(kind: &str, id: u32, content_type: &str, block: &[u8]) -> Vec<u8> {
    let header = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{id:012}>\r\n\
         WARC-Date: 2024-05-01T00:00:0{}Z\r\nWARC-Target-URI: https://a.example/{id}\r\nContent-Type: {content_type}\r\n\
         Content-Length: {}\r\n\r\n",
        id % 10,
        block.len()
    );
    [header.as_bytes(), block, b"\r\n\r\n"].concat()
}

fn page(id: u32, text: &str) -> Vec<u8> {
    let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Id: {id}\r\n\r\n{text}");
    record("response", id, "application/http; msgtype=response", block.as_bytes())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A folder of one crawl, one page, and one JSONL file.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let records = [
        record("warcinfo", 1, "application/warc-fields", b"software: crawler\r\n"),
        page(2, "<p>one"),
        page(3, "<p>the same"),
        page(4, "<p>one"),
        page(5, "<p>nearly the same"),
        record(
            "response",
            6,
            "application/http",
            b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\r\n\0",
        ),
        record(
            "response",
            7,
            "application/http",
            b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\r\n\0",
        ),
        record("metadata", 8, "application/warc-fields", b"via: x\r\n"),
    ];
    let crawl: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
    std::fs::write(folder.path().join("a.warc.gz"), crawl).unwrap();
    std::fs::write(folder.path().join("b.html"), "<p>页").unwrap();
    std::fs::write(
        folder.path().join("c.jsonl"),
        "{\"id\":\"k\",\"text\":\"正文\",\"url\":\"https://k.example/\"}\nno record\n",
    )
    .unwrap();
    folder
}

fn written(folder: &Path) -> (Vec<u8>, WarcCounts) {
    let verdict = |id: &str| {
        match id {
            "a.warc.gz!5" => Some(("near", "a.warc.gz!3")),
            "k" => Some(("truncated", "z")),
            _ => None,
        }
        .map(|(kind, of): (&str, &str)| Verdict {
            kind: kind.to_owned(),
            of: of.to_owned(),
            a_in_b: 0.91,
            b_in_a: 0.605,
        })
    };
    let mut out = Vec::new();
    let inputs = vec![Input::Path(folder.to_owned())];
    let counts = rewrite(inputs, &ReadOptions::default(), &verdict, &mut out).unwrap();
    (out, counts)
}

/// The records of a file: header fields and block.
fn records(bytes: &[u8]) -> Vec<(BTreeMap<String, String>, Vec<u8>)> {
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut text).unwrap();
    let mut records = Vec::new();
    let mut rest = &text[..];
    while !rest.is_empty() {
        let end = rest.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8(rest[..end].to_vec()).unwrap();
        let fields: BTreeMap<String, String> =
            head.lines().filter_map(|line| line.split_once(": ")).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let length: usize = fields["Content-Length"].parse().unwrap();
        records.push((fields, rest[end..end + length].to_vec()));
        assert_eq!(&rest[end + length..end + length + 4], b"\r\n\r\n");
        rest = &rest[end + length + 4..];
    }
    records
}

#[test]
fn copies_are_revisits_or_are_explained_and_the_rest_is_copied() {
    let folder = folder();
    let (bytes, counts) = written(folder.path());
    assert_eq!(counts, WarcCounts { records: 13, copied: 6, revisits: 2, metadata: 2, resources: 2, failed: 1 });
    let records = records(&bytes);
    let kinds: Vec<&str> = records.iter().map(|(fields, _)| fields["WARC-Type"].as_str()).collect();
    let expected = [
        "warcinfo", "warcinfo", "response", "response", "revisit", "response", "metadata", "response", "revisit",
        "metadata", "resource", "resource", "metadata",
    ];
    assert_eq!(kinds, expected);
    let (revisit, head) = &records[4];
    assert_eq!(head, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Id: 4\r\n\r\n");
    assert_eq!(revisit["WARC-Profile"], "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest");
    assert_eq!(revisit["WARC-Refers-To"], records[2].0["WARC-Record-ID"]);
    assert_eq!(revisit["WARC-Refers-To-Target-URI"], "https://a.example/2");
    assert_eq!(revisit["WARC-Refers-To-Date"], "2024-05-01T00:00:02Z");
    assert_eq!(revisit["WARC-Record-ID"], "<urn:uuid:00000000-0000-4000-8000-000000000004>");
    let (metadata, block) = &records[6];
    assert_eq!(metadata["WARC-Refers-To"], records[5].0["WARC-Record-ID"]);
    let said = "taoxi-id: a.warc.gz!5\r\ntaoxi-relation: near\r\ntaoxi-copy-of: a.warc.gz!3\r\n\
                taoxi-copy-of-uri: https://a.example/3\r\ntaoxi-a-in-b: 0.9100\r\ntaoxi-b-in-a: 0.6050\r\n";
    assert_eq!(std::str::from_utf8(block).unwrap(), said);
    let (resource, block) = &records[10];
    assert_eq!(
        (resource["WARC-Target-URI"].as_str(), resource["Content-Type"].as_str()),
        ("urn:taoxi:b.html", "text/html")
    );
    assert_eq!((block.as_slice(), resource["WARC-Date"].as_str()), ("<p>页".as_bytes(), "1970-01-01T00:00:00Z"));
    assert_eq!(records[11].0["WARC-Target-URI"], "https://k.example/");
    assert_eq!(written(folder.path()).0, bytes, "the same from run to run");
}

#[test]
fn copied_records_are_the_same_byte_for_byte() {
    let folder = folder();
    let text = |bytes: &[u8]| {
        let mut text = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut text).unwrap();
        text
    };
    let out = text(&written(folder.path()).0);
    for record in [
        page(2, "<p>one"),
        page(5, "<p>nearly the same"),
        record("metadata", 8, "application/warc-fields", b"via: x\r\n"),
    ] {
        assert!(out.windows(record.len()).any(|it| it == record));
    }
}

#[test]
fn what_is_written_is_read_back() {
    let folder = folder();
    let out = tempfile::tempdir().unwrap();
    std::fs::write(out.path().join("kept.warc.gz"), written(folder.path()).0).unwrap();
    let mut documents = Documents::new(vec![Input::Path(out.path().to_owned())], ReadOptions::default());
    let read: Vec<_> = documents.by_ref().map(Result::unwrap).map(|it| (it.id, it.url.unwrap())).collect();
    let expected = [
        ("kept.warc.gz!3", "https://a.example/2"),
        ("kept.warc.gz!4", "https://a.example/3"),
        ("kept.warc.gz!6", "https://a.example/5"),
        ("kept.warc.gz!11", "urn:taoxi:b.html"),
        ("kept.warc.gz!12", "https://k.example/"),
    ];
    assert_eq!(read, expected.map(|(id, url)| (id.to_owned(), url.to_owned())));
    assert_eq!(documents.skipped(), Skipped { revisits: 2, other_types: 1, other_status: 0 });
}

#[test]
fn damaged_records_are_counted_and_large_ones_copied() {
    let folder = tempfile::tempdir().unwrap();
    let mut lying = page(2, "<p>lies");
    let at = lying.windows(16).position(|it| it == b"Content-Length: ").unwrap() + 16;
    lying[at] = b'9';
    let large = vec![b'x'; 300_000];
    let video = |id| record("resource", id, "video/mp4", &large);
    std::fs::write(
        folder.path().join("a.warc"),
        [page(1, "<p>one"), lying, page(3, "<p>three"), video(4), video(5)].concat(),
    )
    .unwrap();
    let mut options = ReadOptions::default();
    options.limits.document_bytes = 100_000;
    let mut out = Vec::new();
    let inputs = vec![Input::Path(folder.path().to_owned())];
    let counts = rewrite(inputs, &options, &|_| None, &mut out).unwrap();
    assert_eq!(counts, WarcCounts { records: 5, copied: 3, revisits: 1, metadata: 0, resources: 0, failed: 1 });
    let records = records(&out);
    assert_eq!((records[3].1.len(), records[4].1.len()), (300_000, 0));
}

/// The Python that has `warcio`: one named by the environment, or the system's.
fn python_with_warcio() -> Option<PathBuf> {
    let named = std::env::var_os("PYTHON_WITH_WARCIO").map(PathBuf::from);
    [named, Some(PathBuf::from("python3"))].into_iter().flatten().find(|python| {
        Command::new(python).args(["-c", "import warcio"]).output().is_ok_and(|output| output.status.success())
    })
}

#[test]
fn warcio_reads_and_checks_what_is_written() {
    let Some(python) = python_with_warcio() else {
        println!(
            "SKIPPED: warcio is not installed (pip install warcio); PYTHON_WITH_WARCIO names a Python that has it"
        );
        return;
    };
    let folder = folder();
    let file = folder.path().join("out.warc.gz");
    std::fs::write(&file, written(folder.path()).0).unwrap();
    let check = "import sys; from warcio.archiveiterator import ArchiveIterator\n\
                 for r in ArchiveIterator(open(sys.argv[1], 'rb'), check_digests='raise'):\n  \
                 r.content_stream().read(); print(r.rec_type, r.rec_headers.get_header('WARC-Target-URI'))";
    let output = Command::new(&python).args(["-c", check]).arg(&file).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(text.lines().count(), 13, "{text}");
    assert!(text.contains("revisit https://a.example/4") && text.contains("resource urn:taoxi:b.html"));
    let index = Command::new(&python).args(["-m", "warcio.cli", "check"]).arg(&file).output().unwrap();
    assert!(
        index.status.success(),
        "{}{}",
        String::from_utf8_lossy(&index.stdout),
        String::from_utf8_lossy(&index.stderr)
    );
}
