//! Compressions: of files, told apart by their first bytes or the file's name; and of parts of containers. Decoded by streaming.

use std::io::{self, BufRead, Read};

use super::gzip::GzipMembers;
use super::pushback::PushBack;

/// A compression of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1952, any number of members.
    Gzip,
    /// RFC 8878, any number of frames.
    Zstd,
}

impl Compression {
    /// Its name in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The compression that the first bytes of a file show.
    pub fn of_magic(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // A frame, or a skippable one (RFC 8878, 3.1.2): some writers begin with it.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The compression that a file's last extension names, in lower case.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "gz" | "gzip" => Some(Self::Gzip),
            "zst" | "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// A decoder of a whole file. What comes out has no cap yet: only `stream` calls this, and puts [`super::Capped`] around it.
    #[expect(clippy::disallowed_methods, reason = "the one place where decoders are made; the caller caps them")]
    pub(super) fn decoder<R: BufRead>(self, source: PushBack<R>) -> io::Result<Decoder<R>> {
        Ok(match self {
            Self::Gzip => Decoder::Gzip(Box::new(GzipMembers::new(source))),
            // zstd itself refuses frames whose window is over 128 MiB.
            Self::Zstd => Decoder::Zstd(zstd::stream::read::Decoder::with_buffer(source)?),
        })
    }
}

/// A file being decompressed, or read as it is.
pub(super) enum Decoder<R: BufRead> {
    Plain(PushBack<R>),
    Gzip(Box<GzipMembers<R>>),
    Zstd(zstd::stream::read::Decoder<'static, PushBack<R>>),
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(source) => source.read(buffer),
            Self::Gzip(members) => members.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

/// How a part of a container is encoded: a ZIP member, the body of an HTTP response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952, any number of members.
    Gzip,
    /// Deflate as ZIP uses it, RFC 1951.
    Deflate,
    /// Deflate as HTTP defines it, RFC 1950.
    Zlib,
    /// RFC 7932.
    Brotli,
    /// RFC 8878, any number of frames.
    Zstd,
}

impl Coding {
    /// The codings that a client may send, as HTTP names them.
    pub const OF_HTTP: [&'static str; 3] = ["gzip", "zstd", "br"];

    /// The coding of a name of [`Coding::OF_HTTP`], in any case of letters.
    pub fn of_http(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "zstd" => Some(Self::Zstd),
            "br" => Some(Self::Brotli),
            _ => None,
        }
    }

    /// Its name in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate | Self::Zlib => "deflate",
            Self::Brotli => "brotli",
            Self::Zstd => "zstd",
        }
    }

    /// A decoder of a part. What comes out has no cap yet: the caller puts [`super::Capped`] around it.
    #[expect(clippy::disallowed_methods, reason = "the one place where decoders are made; the caller caps them")]
    pub(super) fn decoder<'a, R: BufRead + Send + 'a>(self, source: R) -> io::Result<Box<dyn Read + Send + 'a>> {
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(source)),
            Self::Deflate => Box::new(flate2::bufread::DeflateDecoder::new(source)),
            Self::Zlib => Box::new(flate2::bufread::ZlibDecoder::new(source)),
            Self::Brotli => Box::new(brotli_decompressor::Decompressor::new(source, 4096)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(source)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn decode(compression: Compression, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        compression.decoder(PushBack::new(io::Cursor::new(bytes)))?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn all_members_of_a_gzip_file_are_read() {
        let both = [gzip(b"one "), gzip(b"two")].concat();
        assert_eq!(Compression::of_magic(&both), Some(Compression::Gzip));
        assert_eq!(decode(Compression::Gzip, both).unwrap(), b"one two");
    }

    #[test]
    fn all_frames_of_a_zstd_file_are_read_and_skippable_ones_skipped() {
        let frame = |text: &[u8]| zstd::encode_all(text, 1).unwrap();
        let skippable = vec![0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7];
        let all = [skippable, frame(b"one "), frame(b"two")].concat();
        assert_eq!(Compression::of_magic(&all), Some(Compression::Zstd));
        assert_eq!(decode(Compression::Zstd, all).unwrap(), b"one two");
    }

    #[test]
    fn a_cut_or_altered_stream_is_an_error() {
        let mut altered = gzip(b"some text that is long enough");
        let crc = altered.len() - 6;
        altered[crc] ^= 1;
        assert!(decode(Compression::Gzip, altered).is_err());
        for (compression, whole) in [
            (Compression::Gzip, gzip(b"some text")),
            (Compression::Zstd, zstd::encode_all(&b"some text"[..], 1).unwrap()),
        ] {
            for length in 4..whole.len() {
                assert!(decode(compression, whole[..length].to_vec()).is_err(), "{compression:?} cut at {length}");
            }
        }
    }
}
