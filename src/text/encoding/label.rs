//! Names of encodings: what a user, a header or a meta tag writes, and what we answer.
//!
//! Lookup follows the label table of the WHATWG Encoding Standard (§4.2), plus the code-page names common in
//! Chinese tools (`cp936`, `ms950`, `euc-cn`).

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

const ALIASES: &[(&str, &Encoding)] = &[
    ("cp936", GBK),
    ("ms936", GBK),
    ("936", GBK),
    ("windows-936", GBK),
    ("euc-cn", GBK),
    ("euccn", GBK),
    ("gb-2312", GBK),
    ("gb2312-80", GBK),
    ("gb-18030", GB18030),
    ("gb18030-2005", GB18030),
    ("gb18030-2022", GB18030),
    ("cp54936", GB18030),
    ("cp950", BIG5),
    ("ms950", BIG5),
    ("950", BIG5),
    ("windows-950", BIG5),
    ("big-5", BIG5),
    ("cp932", SHIFT_JIS),
    ("windows-932", SHIFT_JIS),
    ("shiftjis", SHIFT_JIS),
    ("cp949", EUC_KR),
    ("uhc", EUC_KR),
    ("eucjp", EUC_JP),
    ("cp65001", UTF_8),
    ("utf8mb4", UTF_8),
    ("utf-8-sig", UTF_8),
    ("utf16", UTF_16LE),
    ("utf16le", UTF_16LE),
    ("utf-16-le", UTF_16LE),
    ("utf16be", UTF_16BE),
    ("utf-16-be", UTF_16BE),
    ("latin-1", WINDOWS_1252),
    ("iso8859-1", WINDOWS_1252),
];

/// Names worth suggesting: what people mean when they mistype.
const SUGGESTED: &[&str] = &[
    "UTF-8", "GBK", "GB18030", "GB2312", "Big5", "UTF-16LE", "UTF-16BE", "UTF-16", "Shift_JIS", "EUC-JP", "EUC-KR",
    "ISO-2022-JP", "windows-1250", "windows-1251", "windows-1252", "windows-1258", "windows-874", "ISO-8859-1",
    "ISO-8859-2", "ISO-8859-15", "KOI8-R", "macintosh", "cp936", "cp950", "latin1",
];

/// The encoding `name` stands for, or `None`. Case, surrounding blanks, quotes and `_` for `-` do not matter.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Encoding> {
    let name = name.trim().trim_matches(['"', '\'', ';', ',']).trim().to_ascii_lowercase();
    let dashed = name.replace('_', "-");
    Encoding::for_label_no_replacement(name.as_bytes())
        .or_else(|| Encoding::for_label_no_replacement(dashed.as_bytes()))
        .or_else(|| ALIASES.iter().find(|(alias, _)| *alias == dashed).map(|(_, encoding)| *encoding))
}

/// The known name nearest to `name`; some name is always nearest, so this is a hint and not an answer.
#[must_use]
pub fn nearest(name: &str) -> &'static str {
    let typed = name.trim().to_ascii_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&typed, &known.to_ascii_lowercase());
    SUGGESTED.iter().copied().min_by_key(|known| distance(known)).unwrap_or("UTF-8")
}

/// The name shown to users: IANA's preferred spelling where `encoding_rs` writes lower case.
#[must_use]
pub fn display(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 { "GB18030" } else { encoding.name() }
}

/// True when `name` is plain "UTF-16", which leaves the byte order to the BOM.
#[must_use]
pub fn leaves_byte_order_open(name: &str) -> bool {
    let name = name.trim().replace('_', "-");
    name.eq_ignore_ascii_case("utf-16") || name.eq_ignore_ascii_case("utf16")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_spellings_are_known() {
        for (name, shown) in [
            ("gb2312", "GBK"),
            ("GB_18030", "GB18030"),
            ("CP936", "GBK"),
            ("\"utf-8\"", "UTF-8"),
            ("utf_8", "UTF-8"),
            ("big5-hkscs", "Big5"),
            ("sjis", "Shift_JIS"),
            ("UTF16-LE", "none"),
            ("latin1", "windows-1252"),
        ] {
            assert_eq!(lookup(name).map_or("none", display), shown, "{name}");
        }
    }

    #[test]
    fn a_typo_gets_the_near_name() {
        assert_eq!(nearest("gbk2"), "GBK");
        assert_eq!(nearest("utf-88"), "UTF-8");
        assert_eq!(nearest("bigg5"), "Big5");
        assert_eq!(nearest("gb18300"), "GB18030");
    }
}
