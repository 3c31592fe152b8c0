//! In which encoding a page is read: byte order mark, HTTP header, declarations in the page, and the bytes themselves.
//!
//! The order is that of the HTML standard (13.2.3.2), with two departures: what reads as UTF-8 is UTF-8, and a declaration
//! in which the bytes do not read as text is not believed.

#![allow(clippy::expect_used)] // a page that cannot be read fails the test

use std::sync::Arc;

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, WINDOWS_1251, WINDOWS_1252};
use taoxi::{Cleaner, Document, Options};

const SIMPLIFIED: &str = "河道清淤工程昨天全部完工，沿岸的居民又能在堤上散步了。";
const TRADITIONAL: &str = "河道清淤工程昨天全部完工，沿岸的居民又能在堤上散步了，學校也開學了。";
const JAPANESE: &str = "川の工事は昨日すべて終わり、住民はまた堤を散歩できるようになりました。";
const KOREAN: &str = "강 준설 공사가 어제 모두 끝나 주민들이 다시 둑길을 걸을 수 있게 되었습니다.";
const RUSSIAN: &str = "Работы по очистке русла закончены, жители снова гуляют по набережной.";
const FRENCH: &str = "Les travaux sont finis ; les habitués se promènent à nouveau près du canal où l’été s’achève.";

/// A page whose head holds `head`, and `bytes` in its body.
fn page(head: &str, text: &str, encoding: &'static Encoding) -> Vec<u8> {
    let source = format!("<html><head>{head}<title>x</title></head><body><p>{text}</p></body></html>");
    encoding.encode(&source).0.into_owned()
}

struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    header: Option<&'static str>,
    text: &'static str,
    encoding: &'static str,
}

fn read(case: &Case) -> (String, String) {
    let cleaner = Cleaner::new(Arc::new(taoxi::rules::load(None).expect("the shipped rules")));
    let mut document = Document::from_bytes("page", case.bytes.clone());
    document.media_type = taoxi::document::MediaType::Html;
    document.charset = case.header.map(str::to_owned);
    let read = cleaner.read(document, &Options::default()).expect(case.name);
    (read.text, read.source.encoding)
}

fn check(cases: impl IntoIterator<Item = Case>) {
    for case in cases {
        let (text, encoding) = read(&case);
        assert_eq!((text.as_str(), encoding.as_str()), (case.text, case.encoding), "{}", case.name);
    }
}

fn case(
    name: &'static str,
    bytes: Vec<u8>,
    header: Option<&'static str>,
    text: &'static str,
    encoding: &'static str,
) -> Case {
    Case { name, bytes, header, text, encoding }
}

#[test]
fn a_declaration_in_the_page_is_believed() {
    check([
        case("gb2312", page("<meta charset=gb2312>", SIMPLIFIED, GBK), None, SIMPLIFIED, "GBK"),
        case("big5", page("<meta charset=big5>", TRADITIONAL, BIG5), None, TRADITIONAL, "Big5"),
        case("shift_jis", page("<meta charset=Shift_JIS>", JAPANESE, SHIFT_JIS), None, JAPANESE, "Shift_JIS"),
        case("euc-kr", page("<meta charset=euc-kr>", KOREAN, EUC_KR), None, KOREAN, "EUC-KR"),
        case("windows-1251", page("<meta charset=windows-1251>", RUSSIAN, WINDOWS_1251), None, RUSSIAN, "windows-1251"),
        case(
            "http-equiv",
            page("<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>", RUSSIAN, WINDOWS_1251),
            None,
            RUSSIAN,
            "windows-1251",
        ),
        case("latin1", page("<meta charset=iso-8859-1>", FRENCH, WINDOWS_1252), None, FRENCH, "windows-1252"),
    ]);
}

#[test]
fn characters_beyond_the_declared_standard_are_read() {
    // U+3A6E4 does not exist in GB 2312 nor in GBK; these four bytes are its code in GB 18030.
    let text = "河道清淤工程昨天全部完工，\u{20BB7}沿岸的居民又能在堤上散步了。";
    check([
        case("gb18030 as gb2312", page("<meta charset=gb2312>", text, GB18030), None, text, "GB18030"),
        case("gb18030 as gbk", page("<meta charset=gbk>", text, GB18030), None, text, "GB18030"),
    ]);
}

#[test]
fn a_declaration_far_into_the_page_is_found() {
    let padding = format!("<script>{}</script>", "var a = 1;\n".repeat(200));
    let late = format!("{padding}<meta charset=windows-1251>");
    assert!(late.len() > 2048);
    let far = format!("{}<meta charset=windows-1251>", padding.repeat(8));
    assert!(far.len() > 16_384);
    let short = "Да, вот.";
    check([
        case("beyond 1,024 bytes", page(&late, RUSSIAN, WINDOWS_1251), None, RUSSIAN, "windows-1251"),
        case("beyond 16,384 bytes", page(&far, short, WINDOWS_1251), None, short, "windows-1251"),
    ]);
}

#[test]
fn a_declaration_that_cannot_be_true_is_not_believed() {
    check([
        case("utf-16 in ascii bytes", page("<meta charset=utf-16>", SIMPLIFIED, UTF_8), None, SIMPLIFIED, "UTF-8"),
        case("utf-16le in gbk", page("<meta charset=utf-16le>", SIMPLIFIED, GBK), None, SIMPLIFIED, "GBK"),
        case("utf-8 in gbk", page("<meta charset=utf-8>", SIMPLIFIED, GBK), None, SIMPLIFIED, "GBK"),
        case("gbk in utf-8", page("<meta charset=gbk>", SIMPLIFIED, UTF_8), None, SIMPLIFIED, "UTF-8"),
        case("unknown", page("<meta charset=klingon>", SIMPLIFIED, GBK), None, SIMPLIFIED, "GBK"),
        case("none", page("", TRADITIONAL, BIG5), None, TRADITIONAL, "Big5"),
    ]);
}

#[test]
fn the_header_goes_before_the_page() {
    let short = "Да, вот.";
    check([
        case("both right", page("<meta charset=gbk>", SIMPLIFIED, GBK), Some("gbk"), SIMPLIFIED, "GBK"),
        case(
            "page wrong",
            page("<meta charset=iso-8859-5>", short, WINDOWS_1251),
            Some("windows-1251"),
            short,
            "windows-1251",
        ),
        case("header wrong", page("<meta charset=big5>", TRADITIONAL, BIG5), Some("utf-8"), TRADITIONAL, "Big5"),
        case(
            "header vague",
            page("<meta charset=windows-1251>", short, WINDOWS_1251),
            Some("iso-8859-1"),
            short,
            "windows-1251",
        ),
        case(
            "header unknown",
            page("<meta charset=windows-1251>", short, WINDOWS_1251),
            Some("x-none"),
            short,
            "windows-1251",
        ),
    ]);
}

#[test]
fn a_byte_order_mark_goes_before_everything() {
    let utf16: Vec<u8> =
        "\u{FEFF}<html><meta charset=gbk><p>淘洗 x</p>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut utf8 = vec![0xEF, 0xBB, 0xBF];
    utf8.extend(page("<meta charset=gbk>", SIMPLIFIED, UTF_8));
    check([
        case("utf-16", utf16, Some("gbk"), "淘洗 x", "UTF-16LE"),
        case("utf-8", utf8, Some("big5"), SIMPLIFIED, "UTF-8"),
    ]);
}

#[test]
fn an_xml_declaration_counts() {
    let source = format!("<?xml version=\"1.0\" encoding=\"windows-1251\"?><html><body><p>{RUSSIAN}</p></body></html>");
    let bytes = WINDOWS_1251.encode(&source).0.into_owned();
    let short =
        "<?xml version=\"1.0\" encoding='Shift_JIS'?><html><meta charset=utf-8><body><p>はい、川です</p></body></html>";
    check([
        case("cyrillic", bytes, None, RUSSIAN, "windows-1251"),
        case("before a meta", SHIFT_JIS.encode(short).0.into_owned(), None, "はい、川です", "Shift_JIS"),
    ]);
}
