//! POST /v1/clean and /v1/compare as clients use them: every kind of body, every fault of one.

#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::io::Write as _;

use common::service::{Service, chunked, request};
use serde_json::json;

const PAGE: &str = "总投入13。7亿元,增长4。6%。\n责任编辑：某某\n";
const CLEAN: &str = "总投入13.7亿元，增长4.6%。\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// RFC 7932, 9.1 and 9.2: a window of 16 bits, one uncompressed meta-block, an empty last one.
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let head = (u32::try_from(bytes.len()).unwrap() - 1) << 4 | 1 << 20;
    [&head.to_le_bytes()[..3], bytes, &[3]].concat()
}

#[test]
fn a_json_document_is_washed_with_its_edits() {
    let service = Service::start();
    let answer = service.post_json("/v1/clean", &json!({"id": "x", "text": PAGE, "title": "题", "meta": {"k": 1}}));
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let record = answer.json();
    assert_eq!((record["id"].as_str(), record["text"].as_str()), (Some("x"), Some(CLEAN)));
    assert_eq!(record["meta"], json!({"k": 1, "title": "题"}));
    let mut source = PAGE.to_owned();
    for edit in record["edits"].as_array().unwrap().iter().rev() {
        let range = |end: &str| usize::try_from(edit[end].as_u64().unwrap()).unwrap();
        assert_eq!(&source[range("start")..range("end")], edit["before"].as_str().unwrap());
        source.replace_range(range("start")..range("end"), edit["after"].as_str().unwrap());
    }
    assert_eq!(source, CLEAN);
    let short = service.post_json("/v1/clean", &json!({"text": PAGE, "edits": "none", "profile": "keep"})).json();
    assert!(short.get("edits").is_none() && short["id"] == "-");
    assert!(short["text"].as_str().unwrap().starts_with("总投入13。7亿元"));
}

#[test]
fn html_base64_and_rules_are_taken() {
    let service = Service::start();
    let page =
        service.post_json("/v1/clean", &json!({"html": "<title>题</title><p>正文一段。<script>x</script>"})).json();
    assert_eq!((page["title"].as_str(), page["source"]["media_type"].as_str()), (Some("题"), Some("text/html")));
    let (bytes, ..) = encoding_rs::GB18030.encode("正文一段，后面还有一段。");
    let body = json!({"base64": common::service::base64(&bytes), "encoding": "gb18030"});
    let record = service.post_json("/v1/clean", &body).json();
    assert_eq!(record["text"], "正文一段，后面还有一段。");
    assert_eq!(record["source"]["encoding"].as_str().map(str::to_ascii_lowercase).as_deref(), Some("gb18030"));
    let body = json!({"text": PAGE, "rules": {"without": ["page-records"]}});
    assert!(service.post_json("/v1/clean", &body).json()["text"].as_str().unwrap().contains("责任编辑"));
    let unknown = service.post_json("/v1/clean", &json!({"text": PAGE, "rules": {"only": ["nope"]}}));
    assert_eq!((unknown.status, unknown.problem().as_str()), (400, "unknown_rule"));
}

#[test]
fn a_raw_body_is_read_by_its_content_type_and_query() {
    let service = Service::start();
    let answer = service.post(
        "/v1/clean?id=a&url=https%3A%2F%2Fa.example%2F&edits=none",
        "text/plain; charset=utf-8",
        PAGE.as_bytes(),
    );
    let record = answer.json();
    assert_eq!((record["id"].as_str(), record["text"].as_str()), (Some("a"), Some(CLEAN)));
    assert_eq!(record["meta"]["url"], "https://a.example/");
    let (bytes, ..) = encoding_rs::GB18030.encode("<p>正文一段，后面还有。</p>");
    let record = service.post("/v1/clean", "text/html; charset=gb18030", &bytes).json();
    assert_eq!(
        (record["text"].as_str(), record["source"]["media_type"].as_str()),
        (Some("正文一段，后面还有。"), Some("text/html"))
    );
    let record = service.post("/v1/clean", "application/octet-stream", b"<html><body><p>text of a page</p>").json();
    assert_eq!(record["source"]["media_type"], "text/html");
    let binary = service.post(
        "/v1/clean",
        "application/octet-stream",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0",
    );
    assert_eq!((binary.status, binary.problem().as_str()), (415, "binary_input"));
    let empty = service.post("/v1/clean", "text/plain", b"").json();
    assert_eq!(empty["flags"], json!(["empty"]));
}

#[test]
fn compressed_and_chunked_bodies_are_read() {
    let service = Service::start();
    for (coding, body) in [
        ("gzip", gzip(PAGE.as_bytes())),
        ("zstd", zstd::encode_all(PAGE.as_bytes(), 1).unwrap()),
        ("br", brotli(PAGE.as_bytes())),
        ("identity", PAGE.as_bytes().to_vec()),
    ] {
        let headers = [("content-type", "text/plain"), ("content-encoding", coding)];
        let answer = service.connect().ask(&request("POST", "/v1/clean", &headers, &body));
        assert_eq!(answer.json()["text"], CLEAN, "{coding}");
    }
    let headers = [("content-type", "text/plain"), ("transfer-encoding", "chunked")];
    let pieces: Vec<&[u8]> = PAGE.as_bytes().chunks(3).collect();
    let answer = service.connect().ask(&request("POST", "/v1/clean", &headers, &chunked(&pieces)));
    assert_eq!(answer.json()["text"], CLEAN);
    for (coding, body, status, code) in [
        ("deflate", vec![1], 415, "unsupported_media_type"),
        ("gzip", b"no gzip".to_vec(), 400, "corrupt_archive"),
        ("gzip", gzip(PAGE.as_bytes())[..20].to_vec(), 400, "corrupt_archive"),
        ("zstd", zstd::encode_all(&vec![b'a'; 64 << 20][..], 3).unwrap(), 413, "too_large"),
        ("gzip", gzip(&vec![b'a'; 64 << 20]), 413, "too_large"),
    ] {
        let headers = [("content-type", "text/plain"), ("content-encoding", coding)];
        let answer = service.connect().ask(&request("POST", "/v1/clean", &headers, &body));
        assert_eq!((answer.status, answer.problem().as_str()), (status, code), "{coding}");
    }
}

#[test]
fn bad_bodies_are_named_with_their_place() {
    let service = Service::start();
    for (body, detail) in [
        ("{", "EOF"),
        ("[]", "JSON object"),
        ("{}", "exactly one of"),
        (r#"{"text":"a","txt":"b"}"#, "unknown field `txt`"),
        (r#"{"text":3}"#, "expected a string"),
        ("", "EOF"),
    ] {
        let answer = service.post("/v1/clean", "application/json", body.as_bytes());
        assert_eq!((answer.status, answer.problem().as_str()), (400, "bad_request"), "{body}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(detail), "{body}: {}", answer.text());
    }
    let placed = service.post("/v1/clean", "application/json", b"{\n \"text\": 3}").json();
    assert_eq!((placed["line"].as_u64(), placed["column"].as_u64()), (Some(2), Some(10)));
    for (path, media_type, status, code) in [
        ("/v1/clean?ulr=x", "text/plain", 400, "bad_request"),
        ("/v1/clean?encoding=nope", "text/plain", 400, "unknown_encoding"),
        ("/v1/clean?profile=nope", "text/plain", 400, "unknown_rule"),
        ("/v1/clean", "application/pdf", 415, "unsupported_media_type"),
        ("/v1/clean?profile=nope", "application/x-ndjson", 400, "unknown_rule"),
        ("/v1/compare", "text/plain", 415, "unsupported_media_type"),
    ] {
        let answer = service.post(path, media_type, b"text");
        assert_eq!((answer.status, answer.problem().as_str()), (status, code), "{path} {media_type}");
    }
    let untyped = service.connect().ask(&request("POST", "/v1/clean", &[], b"text"));
    assert_eq!(untyped.status, 415);
}

#[test]
fn a_body_over_the_limit_is_refused_whether_announced_or_not() {
    let service = Service::with(&[], &[("TAOXI_LIMITS_BODY", "1MiB")]);
    let announced = service.post("/v1/clean", "text/plain", &vec![b'a'; (1 << 20) + 1]);
    assert_eq!((announced.status, announced.problem().as_str()), (413, "too_large"));
    let piece = vec![b'a'; 1 << 19];
    let headers = [("content-type", "text/plain"), ("transfer-encoding", "chunked")];
    let body = chunked(&[&piece, &piece, b"a"]);
    let answer = service.connect().ask(&request("POST", "/v1/clean", &headers, &body));
    assert_eq!((answer.status, answer.problem().as_str()), (413, "too_large"));
    assert_eq!(service.post("/v1/clean", "text/plain", &vec![b'a'; 1 << 20]).status, 200);
}

#[test]
fn two_documents_are_compared() {
    let service = Service::start();
    let text = |name: &str| std::fs::read_to_string(format!("tests/fixtures/pair/{name}.txt")).unwrap();
    let pair = json!({"a": {"text": text("a")}, "b": {"text": text("b")}});
    let relation = service.post_json("/v1/compare", &pair).json();
    assert_eq!((relation["kind"].as_str(), relation["a"].as_str()), (Some("truncated"), Some("b")));
    let pair = json!({"a": {"id": "x", "text": text("b")}, "b": {"id": "y", "text": text("a")}});
    let relation = service.post_json("/v1/compare", &pair).json();
    assert_eq!((relation["a"].as_str(), relation["b"].as_str()), (Some("x"), Some("y")));
    for pair in [
        json!([]),
        json!({"a": {"text": "x"}}),
        json!({"a": [], "b": {"text": "x"}}),
        json!({"a": {}, "b": {"text": "x"}}),
    ] {
        let answer = service.post_json("/v1/compare", &pair);
        assert_eq!((answer.status, answer.problem().as_str()), (400, "bad_request"), "{pair}");
    }
}
