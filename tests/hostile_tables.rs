//! Parquet files of the wrong schema, cut, damaged, or with headers that lie: each fault is named, and memory stays small.

#![cfg(feature = "parquet")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)] // a test fails by panicking

use std::sync::Arc;

use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use taoxi::archive::{Fields, Input, Limits, ReadOptions, documents};
use taoxi::document::{Content, Document, ErrorRecord, MediaType};

type Results = Vec<Result<Document, ErrorRecord>>;

fn read_with(bytes: &[u8], options: ReadOptions) -> Results {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.parquet"), bytes).unwrap();
    documents(vec![Input::Path(folder.path().to_owned())], options).collect()
}

fn read(bytes: &[u8]) -> Results {
    read_with(bytes, ReadOptions::default())
}

fn outline(results: &Results) -> Vec<String> {
    let line = |result: &Result<Document, ErrorRecord>| match result {
        Ok(Document { id, content: Content::Text(text), .. }) => format!("{id} = {text}"),
        Ok(document) => format!("{} = bytes", document.id),
        Err(record) => format!("{} ! {}", record.id, record.error.code.as_str()),
    };
    results.iter().map(line).collect()
}

/// A column: strings, of which some are null, or whole numbers.
enum Column {
    Strings(Vec<Option<Vec<u8>>>),
    Numbers(Vec<i64>),
}

fn strings(values: &[Option<&str>]) -> Column {
    Column::Strings(values.iter().map(|value| value.map(|text| text.as_bytes().to_vec())).collect())
}

fn write(schema: &str, groups: &[Vec<Column>], properties: WriterProperties) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(&format!("message t {{ {schema} }}")).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    for group in groups {
        let mut row_group = writer.next_row_group().unwrap();
        for column in group {
            let mut out = row_group.next_column().unwrap().unwrap();
            match (out.untyped(), column) {
                (ColumnWriter::ByteArrayColumnWriter(out), Column::Strings(values)) => {
                    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
                    let values: Vec<ByteArray> = values.iter().flatten().map(|value| value.clone().into()).collect();
                    out.write_batch(&values, Some(&levels), None).unwrap();
                }
                (ColumnWriter::Int64ColumnWriter(out), Column::Numbers(values)) => {
                    out.write_batch(values, None, None).unwrap();
                }
                _ => panic!("another type"),
            }
            out.close().unwrap();
        }
        row_group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

const PAGES: &str = "optional binary id (UTF8); optional binary text (UTF8); optional binary html; required int64 n;";

fn pages(properties: WriterProperties) -> Vec<u8> {
    let group = |from: i64, ids: &[Option<&str>]| {
        vec![
            strings(ids),
            strings(&[Some("one"), None, Some("")]),
            strings(&[None, Some("<p>two"), Some("<p>three")]),
            Column::Numbers(vec![from, from + 1, from + 2]),
        ]
    };
    write(PAGES, &[group(0, &[Some("a"), None, Some("")]), group(3, &[Some("b"), Some("a"), None])], properties)
}

fn every_encoding() -> Vec<WriterProperties> {
    let base = WriterProperties::builder;
    vec![
        base().build(),
        base().set_compression(Compression::SNAPPY).set_dictionary_enabled(false).build(),
        base().set_compression(Compression::GZIP(GzipLevel::default())).build(),
        base()
            .set_compression(Compression::BROTLI(BrotliLevel::default()))
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .build(),
        base()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .build(),
        base().set_compression(Compression::LZ4_RAW).set_data_page_row_count_limit(1).set_write_batch_size(1).build(),
        base()
            .set_compression(Compression::GZIP(GzipLevel::default()))
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .build(),
        base()
            .set_dictionary_enabled(false)
            .set_encoding(Encoding::DELTA_LENGTH_BYTE_ARRAY)
            .set_column_encoding("n".into(), Encoding::DELTA_BINARY_PACKED)
            .build(),
        base()
            .set_dictionary_enabled(false)
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_encoding(Encoding::DELTA_BYTE_ARRAY)
            .set_column_encoding("n".into(), Encoding::PLAIN)
            .build(),
    ]
}

#[test]
fn rows_are_documents_in_every_encoding() {
    for (number, properties) in every_encoding().into_iter().enumerate() {
        let results = read(&pages(properties));
        let expected = [
            "a = one", "t.parquet:2 = <p>two", "t.parquet:3 = <p>three", "b = one", "a ! repeated_id",
            "t.parquet:6 = <p>three",
        ];
        assert_eq!(outline(&results), expected, "{number}");
        let (one, three) = (results[0].as_ref().unwrap(), results[2].as_ref().unwrap());
        assert_eq!((one.media_type, three.media_type), (MediaType::Text, MediaType::Html));
        assert_eq!(serde_json::to_string(&one.meta).unwrap(), r#"{"html":null,"n":0}"#);
        assert_eq!(serde_json::to_string(&three.meta).unwrap(), r#"{"n":2,"text":""}"#);
    }
}

#[test]
fn a_wrong_schema_lists_the_columns_that_are_there() {
    let schema = "required int64 id; required binary content (UTF8);";
    let rows = vec![Column::Numbers(vec![7]), strings(&[Some("text")])];
    let bytes = write(schema, &[rows], WriterProperties::builder().build());
    let results = read(&bytes);
    assert_eq!(outline(&results), ["t.parquet ! bad_record"]);
    let message = &results[0].as_ref().unwrap_err().error.message;
    assert!(
        message.contains("only `id` (whole numbers), `content` (strings)") && message.contains("--fields text="),
        "{message}"
    );
    let fields = Fields::parse("text=content").unwrap();
    assert_eq!(outline(&read_with(&bytes, ReadOptions { fields, ..ReadOptions::default() })), ["7 = text"]);
    let fields = Fields::parse("text=id,id=content").unwrap();
    let results = read_with(&bytes, ReadOptions { fields, ..ReadOptions::default() });
    assert!(results[0].as_ref().unwrap_err().error.message.contains("`id` is whole numbers, not of strings"));
}

#[test]
fn a_column_of_nulls_is_read() {
    let rows = vec![strings(&[None, None]), strings(&[Some("a"), Some("b")])];
    let results = read(&write(
        "optional binary id (UTF8); optional binary text (UTF8);",
        &[rows],
        WriterProperties::builder().build(),
    ));
    assert_eq!(outline(&results), ["t.parquet:1 = a", "t.parquet:2 = b"]);
}

#[test]
fn a_row_without_content_is_one_error() {
    let rows = vec![strings(&[Some("a"), None, Some("c")])];
    let results = read(&write("optional binary text (UTF8);", &[rows], WriterProperties::builder().build()));
    assert_eq!(outline(&results), ["t.parquet:1 = a", "t.parquet:2 ! bad_record", "t.parquet:3 = c"]);
}

#[test]
fn a_cut_file_is_named() {
    let bytes = pages(WriterProperties::builder().build());
    for length in 4..bytes.len() {
        let results = read(&bytes[..length]);
        assert!(matches!(&results[..], [Err(record)] if record.error.code.as_str() == "corrupt_archive"), "{length}");
    }
}

#[test]
fn a_document_over_its_limit_is_named_and_the_next_row_is_read() {
    let long = "x".repeat(5000);
    let rows = vec![strings(&[Some("a"), Some(&long), Some("c")])];
    let limits = Limits { document_bytes: 4000, ..Limits::default() };
    let bytes = write("optional binary text (UTF8);", &[rows], WriterProperties::builder().build());
    let results = read_with(&bytes, ReadOptions { limits, ..ReadOptions::default() });
    assert_eq!(outline(&results), ["t.parquet:1 = a", "t.parquet:2 ! too_large", "t.parquet:3 = c"]);
}

/// Where the first page header stands, and how long its two sizes are written: Thrift's compact numbers.
fn first_sizes(bytes: &[u8]) -> std::ops::Range<usize> {
    // Behind the magic: field 1 (kind), field 2 (size), field 3 (packed).
    assert_eq!((bytes[4], bytes[6]), (0x15, 0x15));
    let number = |at: usize| at + bytes[at..].iter().take_while(|byte| **byte >= 128).count() + 1;
    7..number(number(7) + 1)
}

#[test]
fn a_page_header_that_lies_is_named_before_memory_is_taken() {
    let bytes = pages(WriterProperties::builder().set_compression(Compression::GZIP(GzipLevel::default())).build());
    let sizes = first_sizes(&bytes);
    // Of the same length as before: the size when decompressed, then the size in the file.
    for lie in [[0xff, 0x7f], [0x7f, 0x7f], [0x01, 0x01], [0x00, 0x00]] {
        let mut damaged = bytes.clone();
        damaged[sizes.start] = lie[0] & 0x7f;
        damaged[sizes.end - 1] = lie[1] & 0x7f;
        let results = read(&damaged);
        assert_eq!(
            results.first().map(|it| it.as_ref().err().map(|it| it.error.code.as_str())),
            Some(Some("corrupt_archive"))
        );
        assert_eq!(outline(&results)[1..], ["b = one", "a = <p>two", "t.parquet:6 = <p>three"], "the second row group");
    }
}

#[test]
fn damage_anywhere_ends_in_errors_and_never_in_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    for (number, properties) in every_encoding().into_iter().enumerate() {
        let bytes = pages(properties);
        for at in (4 + number % 3..bytes.len()).step_by(3) {
            let mut damaged = bytes.clone();
            damaged[at] ^= [0x01, 0x80, 0xff][at % 7 % 3];
            std::fs::write(&path, &damaged).unwrap();
            // Whatever comes out, it comes to an end: damage inside a text is not always seen.
            let results = documents(vec![Input::Path(path.clone())], ReadOptions::default());
            assert!(results.count() <= 64, "{number} {at}");
        }
    }
}
