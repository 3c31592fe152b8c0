//! Archives made to do harm, or damaged on the way: each fault is named, and everything else is read.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)] // a test fails by panicking

use std::io::Write;
use std::path::Path;

use taoxi::archive::{Documents, Input, Limits, ReadOptions, Skipped};
use taoxi::document::{Content, Document, ErrorRecord};

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

/// A line for each result: the id with the text, or with the error code.
fn outline(results: &Results) -> Vec<String> {
    let text = |content: &Content| match content {
        Content::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Content::Text(text) => text.clone(),
    };
    let line = |result: &Result<Document, ErrorRecord>| match result {
        Ok(document) => format!("{} = {}", document.id, text(&document.content)),
        Err(record) => format!("{} ! {}", record.id, record.error.code.as_str()),
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

// ZIP

/// A ZIP file put together by hand, so that each part of it can lie.
#[derive(Default)]
struct Zip {
    members: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

struct Entry<'a> {
    name: &'a [u8],
    method: u16,
    flags: u16,
    packed: Vec<u8>,
    size: usize,
    crc: u32,
    mode: u32,
}

fn stored<'a>(name: &'a str, bytes: &[u8]) -> Entry<'a> {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let (name, packed) = (name.as_bytes(), bytes.to_vec());
    Entry { name, method: 0, flags: 0, packed, size: bytes.len(), crc: crc.sum(), mode: 0 }
}

fn deflated<'a>(name: &'a str, bytes: &[u8]) -> Entry<'a> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    Entry { method: 8, packed: encoder.finish().unwrap(), ..stored(name, bytes) }
}

impl Zip {
    fn add(mut self, entry: &Entry) -> Self {
        let start = self.members.len();
        self.members.extend(b"PK\x03\x04\x14\0");
        self.members.extend([0; 20]);
        self.members.extend((entry.name.len() as u16).to_le_bytes());
        self.members.extend([0; 2]);
        self.members.extend(entry.name);
        self.members.extend(&entry.packed);
        self.list(entry, start)
    }

    /// Only an entry of the directory, for a member at `start`.
    fn list(mut self, entry: &Entry, start: usize) -> Self {
        let out = &mut self.directory;
        out.extend(b"PK\x01\x02\x14\x03\x14\0");
        out.extend(entry.flags.to_le_bytes());
        out.extend(entry.method.to_le_bytes());
        out.extend([0; 4]);
        out.extend(entry.crc.to_le_bytes());
        out.extend((entry.packed.len() as u32).to_le_bytes());
        out.extend((entry.size as u32).to_le_bytes());
        out.extend((entry.name.len() as u16).to_le_bytes());
        out.extend([0; 8]);
        out.extend((entry.mode << 16).to_le_bytes());
        out.extend((start as u32).to_le_bytes());
        out.extend(entry.name);
        self.entries += 1;
        self
    }

    fn finish(self) -> Vec<u8> {
        let mut out = self.members;
        let start = out.len() as u32;
        out.extend(&self.directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend(self.entries.to_le_bytes());
        out.extend(self.entries.to_le_bytes());
        out.extend((self.directory.len() as u32).to_le_bytes());
        out.extend(start.to_le_bytes());
        out.extend([0; 2]);
        out
    }
}

#[test]
fn zip_members_are_read_whatever_their_names_and_neighbours() {
    let gbk = Entry { name: b"\xd6\xd0\xce\xc4.txt", ..stored("", b"gbk") };
    let zstd = Entry { method: 93, packed: zstd::encode_all(&b"zstd"[..], 1).unwrap(), ..stored("z.txt", b"zstd") };
    let zip = Zip::default()
        .add(&stored("folder/", b""))
        .add(&gbk)
        .add(&deflated("页.html", b"<p>a"))
        .add(&zstd)
        .add(&stored("../../etc/passwd", b"label"))
        .add(&stored("C:\\x\n", b"escaped"))
        .add(&stored("r.jsonl", b"{\"text\":\"a\"}\n{\"id\":\"k\",\"text\":\"b\"}\n"))
        .add(&stored("r.txt.gz", &gzip(b"unpacked")))
        .add(&stored("twice", b"1"))
        .add(&stored("twice", b"2"))
        .add(&stored("inner.tar", b""))
        .add(&Entry { method: 12, ..stored("bzip2", b"x") })
        .add(&Entry { flags: 1, ..stored("secret", b"x") })
        .add(&Entry { mode: 0o120_777, ..stored("link", b"/etc/passwd") })
        .add(&stored("__MACOSX/._a", b"x"))
        .finish();
    let expected = [
        "a.zip!中文.txt = gbk", "a.zip!页.html = <p>a", "a.zip!z.txt = zstd", "a.zip!../../etc/passwd = label",
        "a.zip!C:\\x\\n = escaped", "a.zip!r.jsonl:1 = a", "k = b", "a.zip!r.txt.gz = unpacked", "a.zip!twice = 1",
        "a.zip!twice ! repeated_id", "a.zip!inner.tar ! unsupported_format", "a.zip!bzip2 ! unsupported_format",
        "a.zip!secret ! unsupported_format", "a.zip!link ! unsupported_format",
    ];
    assert_eq!(outline(&read("a.zip", &zip)), expected);
    // By its first bytes alone, and behind bytes that were put before it.
    assert_eq!(read("a", &zip).len(), expected.len());
    assert_eq!(outline(&read("a.zip", &[b"#!/bin/sh\n", &zip[..]].concat())), expected);
}

#[test]
fn a_zip_bomb_is_refused_and_the_rest_is_read() {
    let zip = Zip::default().add(&deflated("bomb", &vec![0; 64 << 20])).add(&stored("a", b"a")).finish();
    let results = read("a.zip", &zip);
    assert_eq!(outline(&results), ["a.zip!bomb ! too_large", "a.zip!a = a"]);
    assert!(message(&results, 0).contains("swells to more than 200 times"));
}

#[test]
fn overlapping_zip_members_are_all_refused() {
    let kernel = deflated("kernel", &[b'0'; 1000]);
    let mut zip = Zip::default().add(&stored("a", b"a")).add(&kernel);
    let start = zip.members.len() - 30 - kernel.name.len() - kernel.packed.len();
    for name in ["x", "y"] {
        zip = zip.list(&Entry { name: name.as_bytes(), ..deflated("", &[b'0'; 1000]) }, start);
    }
    let results = read("a.zip", &zip.add(&stored("z", b"z")).finish());
    let expected = [
        "a.zip!a = a", "a.zip!kernel ! corrupt_archive", "a.zip!x ! corrupt_archive", "a.zip!y ! corrupt_archive",
        "a.zip!z = z",
    ];
    assert_eq!(outline(&results), expected);
    assert!(message(&results, 1).contains("overlap"));
}

#[test]
fn zip_members_that_lie_are_named() {
    let zip = Zip::default()
        .add(&Entry { crc: 7, ..stored("crc", b"x") })
        .add(&Entry { size: 3, ..deflated("short", b"longer") })
        .add(&Entry { size: 9, ..deflated("long", b"longer") })
        .add(&Entry { packed: b"\xff\xff\xff".to_vec(), ..deflated("garbage", b"x") })
        .list(&stored("nowhere", b"x"), 3)
        .list(&Entry { packed: vec![0; 1 << 20], ..stored("beyond", b"") }, 0)
        .add(&stored("a", b"a"))
        .finish();
    let results = read("a.zip", &zip);
    let expected = ["crc", "short", "long", "garbage", "nowhere", "beyond"];
    let mut expected = expected.map(|name| format!("a.zip!{name} ! corrupt_archive")).to_vec();
    expected.push("a.zip!a = a".to_owned());
    assert_eq!(outline(&results), expected);
}

#[test]
fn a_cut_zip_directory_is_named() {
    let zip = Zip::default().add(&stored("a", b"a")).add(&stored("b", b"b")).finish();
    for length in 4..zip.len() {
        let results = read("a.zip", &zip[..length]);
        let codes: Vec<_> =
            results.iter().filter_map(|it| it.as_ref().err()).map(|it| it.error.code.as_str()).collect();
        assert_eq!(codes, ["corrupt_archive"], "{length}");
    }
    // Damage inside the directory: what stands before it is read.
    let second = zip.len() - 22 - 47;
    let mut damaged = zip;
    damaged[second] = b'X';
    assert_eq!(outline(&read("a.zip", &damaged)), ["a.zip!a = a", "a.zip ! corrupt_archive"]);
}

#[test]
fn office_documents_are_no_archives_of_documents() {
    let zip = Zip::default().add(&stored("mimetype", b"application/epub+zip")).finish();
    assert_eq!(outline(&read("book.bin", &zip)), ["book.bin ! unsupported_format"]);
}

#[test]
fn members_and_bytes_of_an_archive_are_limited() {
    let zip = Zip::default().add(&stored("a", b"12345")).add(&stored("b", b"12345")).add(&stored("c", b"1")).finish();
    let few = ReadOptions { limits: Limits { archive_members: 2, ..Limits::default() }, ..ReadOptions::default() };
    let results = read_with("a.zip", &zip, few).0;
    assert_eq!(outline(&results), ["a.zip!a = 12345", "a.zip!b = 12345", "a.zip ! too_large"]);
    let small = ReadOptions { limits: Limits { total_bytes: 8, ..Limits::default() }, ..ReadOptions::default() };
    let results = read_with("a.zip", &zip, small).0;
    assert_eq!(outline(&results), ["a.zip!a = 12345", "a.zip!b ! too_large", "a.zip ! too_large"]);
    assert!(message(&results, 1).contains("limits.total_bytes"));
}

// tar

fn tar(members: &[(&[u8], tar::EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, bytes) in members {
        builder.append(&header(name, *kind, bytes.len() as u64), *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn header(name: &[u8], kind: tar::EntryType, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_cksum();
    header
}

use tar::EntryType as Kind;

#[test]
fn tar_members_are_read_and_links_and_devices_refused() {
    let pax = b"19 path=../../up.h\n22 GNU.sparse.major=1\n";
    let archive = tar(&[
        (b"folder", Kind::Directory, b""),
        (b"../../etc/passwd", Kind::Regular, b"label"),
        (b"/abs\\olute", Kind::Regular, b"label"),
        (b"\xd6\xd0.txt", Kind::Regular, b"gbk"),
        (b"link", Kind::Symlink, b""),
        (b"hard", Kind::Link, b""),
        (b"tty", Kind::Char, b""),
        (b"././@LongLink", Kind::GNULongName, &[b'l'; 300]),
        (b"short", Kind::Regular, b"long name"),
        (b"pax", Kind::XHeader, &pax[..19]),
        (b"short", Kind::Regular, b"pax name"),
        (b"pax", Kind::XHeader, &pax[19..]),
        (b"sparse", Kind::Regular, b"x"),
        (b"r.jsonl", Kind::Regular, b"{\"id\":\"k\",\"text\":\"b\"}\n"),
        (b"a.tar", Kind::Regular, b"x"),
        (b"end", Kind::Regular, b"end"),
    ]);
    let long = format!("a.tar!{} = long name", "l".repeat(300));
    let expected = [
        "a.tar!../../etc/passwd = label", "a.tar!/abs\\olute = label", "a.tar!中.txt = gbk",
        "a.tar!link ! unsupported_format", "a.tar!hard ! unsupported_format", "a.tar!tty ! unsupported_format", &long,
        "a.tar!../../up.h = pax name", "a.tar!sparse ! unsupported_format", "k = b",
        "a.tar!a.tar ! unsupported_format", "a.tar!end = end",
    ];
    assert_eq!(outline(&read("a.tar", &archive)), expected);
    for (name, bytes) in [("a.tgz", gzip(&archive)), ("a.tar.zst", zstd::encode_all(&archive[..], 1).unwrap())] {
        assert_eq!(outline(&read(name, &bytes)), expected.map(|line| line.replacen("a.tar!", &format!("{name}!"), 1)));
    }
    let mut stdin = Documents::new(vec![Input::Stdin], ReadOptions::default())
        .with_stdin(Box::new(std::io::Cursor::new(gzip(&archive))));
    assert_eq!(stdin.next().unwrap().unwrap().id, "-!../../etc/passwd");
}

#[test]
fn a_cut_tar_is_named_and_what_stands_before_is_read() {
    let archive = tar(&[(b"a", Kind::Regular, b"a"), (b"b", Kind::Regular, &[b'b'; 2000])]);
    for (length, expected) in [
        (3000, &["a.tar!a = a", "a.tar!b ! corrupt_archive"][..]),
        (1024 + 100, &["a.tar!a = a", "a.tar ! corrupt_archive"]),
        (1024, &["a.tar!a = a", "a.tar ! corrupt_archive"]),
        (100, &["a.tar ! corrupt_archive"]),
    ] {
        assert_eq!(outline(&read("a.tar", &archive[..length])), expected, "{length}");
    }
    let zipped = gzip(&archive);
    let results = read("a.tar.gz", &zipped[..zipped.len() - 12]);
    assert_eq!(results.iter().filter(|it| it.is_err()).count(), 1);
    assert_eq!(results.last().unwrap().as_ref().unwrap_err().error.code.as_str(), "corrupt_archive");
}

#[test]
fn a_damaged_tar_header_is_named_and_the_next_is_found() {
    let mut archive = tar(&[(b"a", Kind::Regular, b"a"), (b"b", Kind::Regular, b"b"), (b"c", Kind::Regular, b"c")]);
    archive[1024 + 3] ^= 0xff;
    assert_eq!(outline(&read("a.tar", &archive)), ["a.tar!a = a", "a.tar ! corrupt_archive", "a.tar!c = c"]);
    let lying = [header(b"x", Kind::Regular, u64::MAX / 2).as_bytes().to_vec(), vec![b'x'; 600]].concat();
    assert_eq!(outline(&read("a.tar", &lying)), ["a.tar!x ! corrupt_archive"]);
    assert_eq!(outline(&read("a.tar", b"no tar")), ["a.tar ! corrupt_archive"]);
    // A second archive behind the end mark of the first.
    let two = [tar(&[(b"a", Kind::Regular, b"a")]), tar(&[(b"b", Kind::Regular, b"b")])].concat();
    assert_eq!(outline(&read("a.tar", &two)), ["a.tar!a = a", "a.tar!b = b"]);
}

#[test]
fn a_long_name_over_its_cap_and_a_flood_of_links_stay_small() {
    let mut members: Vec<(&[u8], Kind, &[u8])> = vec![(b"l", Kind::Symlink, b""); 1500];
    let name = vec![b'n'; 2 << 20];
    members.push((b"././@LongLink", Kind::GNULongName, &name));
    members.push((b"cut", Kind::Regular, b"x"));
    members.push((b"a", Kind::Regular, b"a"));
    let results = read("a.tar", &tar(&members));
    assert_eq!(results.len(), 1000 + 3);
    assert_eq!(outline(&results)[1000..], ["a.tar!cut ! corrupt_archive", "a.tar!a = a", "a.tar ! unsupported_format"]);
    assert!(message(&results, 1002).contains("500 more links"));
}

#[test]
fn a_tar_bomb_is_refused() {
    let archive = tar(&[(b"a", Kind::Regular, b"a"), (b"bomb", Kind::Regular, &vec![0; 64 << 20])]);
    assert_eq!(outline(&read("a.tar.gz", &gzip(&archive))), ["a.tar.gz!a = a", "a.tar.gz!bomb ! too_large"]);
}

#[test]
fn many_tiny_members_are_read() {
    let count = 20_000;
    let mut archive = Vec::new();
    for n in 0..count {
        archive.extend(header(format!("{n}").as_bytes(), Kind::Regular, 1).as_bytes());
        archive.extend([b'x'; 512]);
    }
    archive.extend([0; 1024]);
    assert_eq!(read("a.tar.gz", &gzip(&archive)).iter().filter(|it| it.is_ok()).count(), count);
}

#[test]
fn archives_from_standard_input_that_need_seeking_are_refused_by_name() {
    let zip = Zip::default().add(&stored("a", b"a")).finish();
    let documents = |bytes: &[u8]| -> Results {
        let source = Box::new(std::io::Cursor::new(bytes.to_vec()));
        Documents::new(vec![Input::Stdin], ReadOptions::default()).with_stdin(source).collect()
    };
    assert_eq!(outline(&documents(&zip)), ["- ! unsupported_format"]);
    assert_eq!(outline(&documents(b"PAR1")), ["- ! unsupported_format"]);
    assert!(!Path::new("-").exists());
}
