//! Recognises files that are not text, by their first bytes.
//!
//! Only formats a crawler really meets. Magics that are plain ASCII letters (`MZ`, `BM`) need a second sign, since
//! a text may begin with the same letters.

/// A magic: what the format is called, where its bytes stand, and the bytes.
type Magic = (&'static str, usize, &'static [u8]);

const MAGICS: &[Magic] = &[
    ("PNG image", 0, b"\x89PNG\r\n\x1a\n"),
    ("JPEG image", 0, b"\xFF\xD8\xFF"),
    ("GIF image", 0, b"GIF87a"),
    ("GIF image", 0, b"GIF89a"),
    ("TIFF image", 0, b"II*\0"),
    ("TIFF image", 0, b"MM\0*"),
    ("Windows icon", 0, b"\0\0\x01\0"),
    ("PDF document", 0, b"%PDF-1."),
    ("PDF document", 0, b"%PDF-2."),
    ("OLE compound file (.doc, .xls, .ppt)", 0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
    ("ZIP archive (.zip, .docx, .xlsx, .epub)", 0, b"PK\x03\x04"),
    ("ZIP archive (.zip, .docx, .xlsx, .epub)", 0, b"PK\x05\x06"),
    ("gzip data", 0, b"\x1F\x8B\x08"),
    ("bzip2 data", 4, b"1AY&SY"),
    ("xz data", 0, b"\xFD7zXZ\0"),
    ("zstd data", 0, b"\x28\xB5\x2F\xFD"),
    ("7z archive", 0, b"7z\xBC\xAF\x27\x1C"),
    ("RAR archive", 0, b"Rar!\x1A\x07"),
    ("tar archive", 257, b"ustar"),
    ("ELF program", 0, b"\x7FELF"),
    ("Mach-O program", 0, b"\xCF\xFA\xED\xFE"),
    ("Java class or fat Mach-O program", 0, b"\xCA\xFE\xBA\xBE"),
    ("WebAssembly module", 0, b"\0asm"),
    ("SQLite database", 0, b"SQLite format 3\0"),
    ("Parquet file", 0, b"PAR1\x15"),
    ("MP3 audio", 0, b"ID3\x02\0"),
    ("MP3 audio", 0, b"ID3\x03\0"),
    ("MP3 audio", 0, b"ID3\x04\0"),
    ("Ogg media", 0, b"OggS\0"),
    ("FLAC audio", 0, b"fLaC\0"),
    ("MP4 media", 4, b"ftyp"),
    ("Matroska or WebM media", 0, b"\x1A\x45\xDF\xA3"),
    ("Flash video", 0, b"FLV\x01"),
    ("WOFF font", 0, b"wOFF\0"),
    ("WOFF2 font", 0, b"wOF2\0"),
    ("TrueType font", 0, b"\0\x01\0\0\0"),
    ("UTF-32LE text", 0, b"\xFF\xFE\0\0"),
    ("UTF-32BE text", 0, b"\0\0\xFE\xFF"),
];

/// Name of the binary format `bytes` begins like, or `None` when no known magic stands there.
///
/// UTF-32 counts as binary: no crawler meets it and the Encoding Standard leaves it out on purpose.
#[must_use]
pub fn format_of(bytes: &[u8]) -> Option<&'static str> {
    let by_magic = MAGICS.iter().find(|(_, at, magic)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    if let Some((name, _, _)) = by_magic {
        return Some(name);
    }
    riff(bytes).or_else(|| windows_program(bytes)).or_else(|| bitmap(bytes))
}

/// RIFF containers name their content at byte 8.
fn riff(bytes: &[u8]) -> Option<&'static str> {
    if !bytes.starts_with(b"RIFF") {
        return None;
    }
    match bytes.get(8..12)? {
        b"WEBP" => Some("WebP image"),
        b"WAVE" => Some("WAV audio"),
        b"AVI " => Some("AVI video"),
        _ => None,
    }
}

/// `MZ` and, in the DOS header, the reserved words that are always zero (bytes 0x1C to 0x24).
fn windows_program(bytes: &[u8]) -> Option<&'static str> {
    let reserved = bytes.get(0x1C..0x24)?;
    (bytes.starts_with(b"MZ") && reserved.iter().all(|b| *b == 0)).then_some("Windows program")
}

/// `BM` and the four reserved zero bytes of the bitmap file header.
fn bitmap(bytes: &[u8]) -> Option<&'static str> {
    (bytes.starts_with(b"BM") && bytes.get(6..10)? == [0; 4]).then_some("BMP image")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magics_are_named() {
        assert_eq!(format_of(b"\x89PNG\r\n\x1a\n...."), Some("PNG image"));
        assert_eq!(format_of(b"%PDF-1.7\n"), Some("PDF document"));
        assert_eq!(format_of(b"RIFF\x10\0\0\0WEBPVP8 "), Some("WebP image"));
        let mut tar = vec![b'a'; 300];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(format_of(&tar), Some("tar archive"));
        let mut exe = vec![0u8; 64];
        exe[..2].copy_from_slice(b"MZ");
        assert_eq!(format_of(&exe), Some("Windows program"));
    }

    #[test]
    fn texts_that_begin_like_a_magic_stay_text() {
        for text in [
            "BMW的发动机",
            "MZ 是一个缩写，用在许多地方，比如这里和那里，还有别处。",
            "PK大赛",
            "GIF89的历史",
            "%PDF-格式",
            "ID3标签",
            "RIFF 是什么",
        ] {
            assert_eq!(format_of(text.as_bytes()), None, "{text}");
        }
    }
}
