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
}

/// What a file's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    pub shape: Shape,
    pub compression: Option<Compression>,
    /// A container that is not read.
    pub container: Option<&'static str>,
}

/// How many first bytes [`container_of_magic`] and [`Compression::of_magic`] look at.
pub(super) const HEAD_BYTES: usize = 512;

/// Reads a file's name: `a.html.gz` is a compressed HTML document.
pub(super) fn of_name(name: &str) -> Named {
    let (stem, extension) = split(name);
    let compression = Compression::of_extension(&extension);
    let inner = if compression.is_some() { split(stem).1 } else { extension };
    let shape = match inner.as_str() {
        "jsonl" | "ndjson" => Shape::Records,
        "html" | "htm" | "xhtml" => Shape::Document(MediaType::Html),
        "txt" => Shape::Document(MediaType::Text),
        _ => Shape::Document(MediaType::Auto),
    };
    Named { shape, compression, container: container_of_extension(&inner) }
}

fn split(name: &str) -> (&str, String) {
    match name.rsplit_once('.') {
        // `.gz` alone is a hidden file, not an extension.
        Some((stem, extension)) if !stem.is_empty() && !stem.ends_with('/') => (stem, extension.to_ascii_lowercase()),
        _ => (name, String::new()),
    }
}

fn container_of_extension(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "zip" => "a ZIP archive",
        "tar" | "tgz" | "tzst" => "a tar archive",
        "warc" | "arc" => "a WARC archive",
        "parquet" => "a Parquet file",
        "7z" => "a 7-Zip archive",
        "rar" => "a RAR archive",
        "bz2" | "tbz" | "tbz2" => "bzip2 compression",
        "xz" | "txz" => "xz compression",
        _ => return None,
    })
}

/// The container that the first bytes show, if it is one that is not read.
pub(super) fn container_of_magic(head: &[u8]) -> Option<&'static str> {
    const MAGICS: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "a ZIP archive (or an office document)"),
        (b"PK\x05\x06", "a ZIP archive (or an office document)"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"\xfd7zXZ\x00", "xz compression"),
        (b"PAR1", "a Parquet file"),
        (b"WARC/0.", "a WARC archive"),
        (b"WARC/1.", "a WARC archive"),
    ];
    if head.starts_with(b"BZh") && head.get(4..10) == Some(b"1AY&SY") {
        return Some("bzip2 compression");
    }
    // The magic of POSIX tar stands behind the first member's name and numbers.
    if head.get(257..262) == Some(b"ustar") {
        return Some("a tar archive");
    }
    MAGICS.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_files_are() {
        use Compression::{Gzip, Zstd};
        use MediaType::{Auto, Html, Text};
        for (name, shape, compression, container) in [
            ("a.txt", Shape::Document(Text), None, false),
            ("a.md", Shape::Document(Auto), None, false),
            ("a", Shape::Document(Auto), None, false),
            ("A.HTM", Shape::Document(Html), None, false),
            ("a.html.gz", Shape::Document(Html), Some(Gzip), false),
            ("a.jsonl", Shape::Records, None, false),
            ("a.NDJSON.zst", Shape::Records, Some(Zstd), false),
            (".gz", Shape::Document(Auto), None, false),
            ("a/.gz", Shape::Document(Auto), None, false),
            ("a.tar.gz", Shape::Document(Auto), Some(Gzip), true),
            ("a.tgz", Shape::Document(Auto), None, true),
            ("a.warc.gz", Shape::Document(Auto), Some(Gzip), true),
            ("a.parquet", Shape::Document(Auto), None, true),
        ] {
            let named = of_name(name);
            assert_eq!(
                (named.shape, named.compression, named.container.is_some()),
                (shape, compression, container),
                "{name}"
            );
        }
    }

    #[test]
    fn first_bytes_show_containers() {
        let mut tar = vec![b'a'; 600];
        tar[257..262].copy_from_slice(b"ustar");
        for head in [&b"PK\x03\x04"[..], b"BZh91AY&SY", b"WARC/1.1\r\n", b"PAR1", &tar] {
            assert!(container_of_magic(head).is_some());
        }
        for head in [&b""[..], b"PK is a name", b"BZh", "正文".as_bytes(), b"WARC/ is a folder"] {
            assert!(container_of_magic(head).is_none());
        }
    }
}
