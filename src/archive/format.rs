//! What a file is, by its name and its first bytes.

use super::compressed::Compression;
use crate::document::MediaType;

/// What a file holds once decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One document.
    Document(MediaType),
    /// A JSON object on each line.
    Records,
    /// A container of documents.
    Container(Format),
}

/// A container that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Zip,
    Tar,
    Warc,
    Parquet,
}

impl Format {
    /// Its name in messages.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Zip => "a ZIP archive",
            Self::Tar => "a tar archive",
            Self::Warc => "a WARC file",
            Self::Parquet => "a Parquet file",
        }
    }

    /// Whether its table of contents stands at its end, so that it cannot be read from front to back.
    pub(super) const fn needs_seeking(self) -> bool {
        matches!(self, Self::Zip | Self::Parquet)
    }
}

/// What a file's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    pub shape: Shape,
    pub compression: Option<Compression>,
    /// A format that is not read.
    pub foreign: Option<&'static str>,
}

/// What first bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Magic {
    Container(Format),
    /// A format that is not read.
    Foreign(&'static str),
}

/// How many first bytes [`of_magic`] and [`Compression::of_magic`] look at.
pub(super) const HEAD_BYTES: usize = 512;

/// ZIP files that are not archives of documents but one document, or a program.
pub(super) const PACKAGE: &str = "an office document, e-book or program package";

/// Reads a file's name: `a.html.gz` is a compressed HTML document.
pub(super) fn of_name(name: &str) -> Named {
    let (stem, extension) = split(name);
    let (compression, inner) = match extension.as_str() {
        "tgz" => (Some(Compression::Gzip), "tar".to_owned()),
        "tzst" => (Some(Compression::Zstd), "tar".to_owned()),
        _ => match Compression::of_extension(&extension) {
            Some(compression) => (Some(compression), split(stem).1),
            None => (None, extension),
        },
    };
    let shape = match inner.as_str() {
        "jsonl" | "ndjson" => Shape::Records,
        "html" | "htm" | "xhtml" => Shape::Document(MediaType::Html),
        "txt" => Shape::Document(MediaType::Text),
        "zip" => Shape::Container(Format::Zip),
        "tar" => Shape::Container(Format::Tar),
        "warc" => Shape::Container(Format::Warc),
        "parquet" => Shape::Container(Format::Parquet),
        _ => Shape::Document(MediaType::Auto),
    };
    Named { shape, compression, foreign: foreign_extension(&inner) }
}

fn split(name: &str) -> (&str, String) {
    match name.rsplit_once('.') {
        // `.gz` alone is a hidden file, not an extension.
        Some((stem, extension)) if !stem.is_empty() && !stem.ends_with('/') => (stem, extension.to_ascii_lowercase()),
        _ => (name, String::new()),
    }
}

fn foreign_extension(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp" | "epub" | "jar" | "apk" | "whl" => PACKAGE,
        "arc" => "an ARC archive",
        "7z" => "a 7-Zip archive",
        "rar" => "a RAR archive",
        "bz2" | "tbz" | "tbz2" => "bzip2 compression",
        "xz" | "txz" => "xz compression",
        _ => return None,
    })
}

/// What the first bytes show, if they show anything.
pub(super) fn of_magic(head: &[u8]) -> Option<Magic> {
    const MAGICS: &[(&[u8], Magic)] = &[
        (b"PK\x03\x04", Magic::Container(Format::Zip)),
        (b"PK\x05\x06", Magic::Container(Format::Zip)),
        (b"PAR1", Magic::Container(Format::Parquet)),
        (b"7z\xbc\xaf\x27\x1c", Magic::Foreign("a 7-Zip archive")),
        (b"Rar!\x1a\x07", Magic::Foreign("a RAR archive")),
        (b"\xfd7zXZ\x00", Magic::Foreign("xz compression")),
    ];
    if head.starts_with(b"BZh") && head.get(4..10) == Some(b"1AY&SY") {
        return Some(Magic::Foreign("bzip2 compression"));
    }
    if is_warc(head) {
        return Some(Magic::Container(Format::Warc));
    }
    // The magic of POSIX tar stands behind the first member's name and numbers.
    if head.get(257..262) == Some(b"ustar") {
        return Some(Magic::Container(Format::Tar));
    }
    MAGICS.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, magic)| *magic)
}

/// Whether bytes begin with the version line of a WARC record: `WARC/1.1` and a line end. A text may begin with `WARC/1.1 is`.
pub(super) fn is_warc(head: &[u8]) -> bool {
    let Some(version) = head.strip_prefix(b"WARC/") else { return false };
    let length = version.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    (3..=6).contains(&length) && matches!(version.get(length), Some(b'\r' | b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_files_are() {
        use Compression::{Gzip, Zstd};
        use MediaType::{Auto, Html, Text};
        for (name, shape, compression, foreign) in [
            ("a.txt", Shape::Document(Text), None, false),
            ("a.md", Shape::Document(Auto), None, false),
            ("a", Shape::Document(Auto), None, false),
            ("A.HTM", Shape::Document(Html), None, false),
            ("a.html.gz", Shape::Document(Html), Some(Gzip), false),
            ("a.jsonl", Shape::Records, None, false),
            ("a.NDJSON.zst", Shape::Records, Some(Zstd), false),
            (".gz", Shape::Document(Auto), None, false),
            ("a/.gz", Shape::Document(Auto), None, false),
            ("a.tar.gz", Shape::Container(Format::Tar), Some(Gzip), false),
            ("a.tgz", Shape::Container(Format::Tar), Some(Gzip), false),
            ("a.tar.zst", Shape::Container(Format::Tar), Some(Zstd), false),
            ("a.warc.gz", Shape::Container(Format::Warc), Some(Gzip), false),
            ("a.parquet", Shape::Container(Format::Parquet), None, false),
            ("a.Zip", Shape::Container(Format::Zip), None, false),
            ("a.docx", Shape::Document(Auto), None, true),
            ("a.tar.xz", Shape::Document(Auto), None, true),
        ] {
            let named = of_name(name);
            assert_eq!(
                (named.shape, named.compression, named.foreign.is_some()),
                (shape, compression, foreign),
                "{name}"
            );
        }
    }

    #[test]
    fn first_bytes_show_containers() {
        let mut tar = vec![b'a'; 600];
        tar[257..262].copy_from_slice(b"ustar");
        for (head, format) in [
            (&b"PK\x03\x04"[..], Format::Zip),
            (b"WARC/1.1\r\n", Format::Warc),
            (b"WARC/0.17\n", Format::Warc),
            (b"PAR1", Format::Parquet),
            (&tar, Format::Tar),
        ] {
            assert_eq!(of_magic(head), Some(Magic::Container(format)));
        }
        assert!(matches!(of_magic(b"BZh91AY&SY"), Some(Magic::Foreign(_))));
        for head in
            [&b""[..], b"PK is a name", b"BZh", "正文".as_bytes(), b"WARC/ is a folder", b"WARC/1.1 is a format"]
        {
            assert!(of_magic(head).is_none());
        }
    }
}
