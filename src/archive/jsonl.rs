//! The lines of a JSONL stream as documents, with one buffer for all of them.

use super::container::{Container, Placed};
use super::error::ArchiveError;
use super::limits::{Limits, ReadOptions};
use super::record::{self, LineFault};
use super::scan;
use super::stream::Stream;
use crate::document::{Document, ErrorRecord};

/// Lines shorter than this many bytes cannot hold too many values to matter.
const VALUES_FREE_BYTES: usize = 1 << 20;

/// A JSONL stream being read.
pub(super) struct Records {
    stream: Stream,
    /// The file's id: records without one of their own are `file:line`.
    file: String,
    buffer: Vec<u8>,
    line: u64,
    /// A line was read to look at it and waits; whether it is whole.
    waiting: Option<bool>,
    done: bool,
}

impl Records {
    pub(super) fn new(stream: Stream, file: String) -> Self {
        Self { stream, file, buffer: Vec::new(), line: 0, waiting: None, done: false }
    }

    /// Looks at the first line: whether it is a whole JSON object, as no text and no HTML page begins.
    pub(super) fn begins_with_object(&mut self, limits: &Limits) -> Result<bool, ArchiveError> {
        let whole = self.stream.line(&mut self.buffer, limits.record_bytes)?;
        self.waiting = Some(whole);
        let records = whole
            && self.buffer.contains(&b'{')
            && std::str::from_utf8(text_of(&self.buffer, 1)).is_ok_and(record::is_object);
        if records {
            self.stream.set_records(limits);
        }
        Ok(records)
    }

    /// The stream with what was read of it.
    pub(super) fn into_stream(self) -> (Stream, Vec<u8>) {
        (self.stream, self.buffer)
    }

    fn step(&mut self, options: &ReadOptions) -> Result<Option<Result<Placed, ErrorRecord>>, ArchiveError> {
        let whole = match self.waiting.take() {
            Some(whole) => whole,
            None => self.stream.line(&mut self.buffer, options.limits.record_bytes)?,
        };
        if self.buffer.is_empty() {
            self.done = true;
            return Ok(None);
        }
        self.line += 1;
        if !whole {
            self.stream.skip_rest(&self.buffer)?;
            let what = "one record (limits.record_bytes)";
            return Ok(Some(Err(self.failed(&ArchiveError::TooLarge {
                place: self.place(),
                limit: options.limits.record_bytes,
                what,
            }))));
        }
        if self.line == 1 && matches!(self.buffer.as_slice(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
            self.done = true;
            let message = "the file is UTF-16; convert it to UTF-8".to_owned();
            return Ok(Some(Err(self.failed(&self.bad(1, message)))));
        }
        let text = text_of(&self.buffer, self.line);
        if text.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        Ok(Some(self.document(options)))
    }

    fn document(&self, options: &ReadOptions) -> Result<Placed, ErrorRecord> {
        let document = parse(text_of(&self.buffer, self.line), self.line, &self.stream.place, options, || self.id())?;
        Ok(Placed { document, place: self.place() })
    }

    fn bad(&self, column: usize, message: String) -> ArchiveError {
        ArchiveError::BadRecord { place: self.stream.place.clone(), line: self.line, column, message }
    }

    fn failed(&self, error: &ArchiveError) -> ErrorRecord {
        error.record(self.id())
    }

    fn id(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    fn place(&self) -> String {
        format!("{}:{}", self.stream.place, self.line)
    }
}

impl Container for Records {
    /// The next record, or a line that is none.
    fn next(&mut self, options: &ReadOptions) -> Option<Result<Placed, ErrorRecord>> {
        while !self.done {
            match self.step(options) {
                Ok(Some(result)) => return Some(result),
                Ok(None) => {}
                // A fault of the stream itself: there is nothing behind it.
                Err(error) => {
                    self.done = true;
                    let mut record = error.record(self.file.clone());
                    if self.line > 0 {
                        record.error.message = format!("{} (behind line {})", record.error.message, self.line);
                    }
                    return Some(Err(record));
                }
            }
        }
        None
    }
}

/// The document on a line of `place`; `named` is its id where the record has none.
pub(super) fn parse(
    bytes: &[u8],
    number: u64,
    place: &str,
    options: &ReadOptions,
    named: impl Fn() -> String,
) -> Result<Document, ErrorRecord> {
    let bad = |column, message| ArchiveError::BadRecord { place: place.to_owned(), line: number, column, message };
    let line = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let column = 1 + String::from_utf8_lossy(&bytes[..at]).chars().count();
        bad(column, format!("not UTF-8: the byte {:#04x} is wrong here", bytes[at])).record(named())
    })?;
    let limit = options.limits.record_values;
    if line.len() > VALUES_FREE_BYTES && scan::has_more_values(line, limit) {
        return Err(ArchiveError::ManyValues { place: format!("{place}:{number}"), limit }.record(named()));
    }
    match record::read(line, options) {
        Ok((id, document)) => Ok(Document { id: id.unwrap_or_else(named), ..document }),
        Err(LineFault { id, at, message }) => {
            // JSON counts bytes; people count characters.
            let column = 1 + line.char_indices().take_while(|(start, _)| *start < at).count();
            Err(bad(column, message).record(id.unwrap_or_else(named)))
        }
    }
}

/// A line without its end, and without the byte order mark of the first one.
pub(super) fn text_of(line: &[u8], number: u64) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line }
}

#[cfg(test)]
mod tests {
    use super::super::format;
    use super::*;
    use crate::error::Code;

    fn read(name: &str, bytes: &[u8], options: &ReadOptions) -> Vec<Result<Document, (String, Code, String)>> {
        let source = Box::new(std::io::Cursor::new(bytes.to_vec()));
        let stream = Stream::open(source, name.to_owned(), format::of_name(name), &options.limits).unwrap();
        let mut records = Records::new(stream, name.to_owned());
        std::iter::from_fn(|| records.next(options))
            .map(|result| {
                result
                    .map(|placed| placed.document)
                    .map_err(|record| (record.id, record.error.code, record.error.message))
            })
            .collect()
    }

    fn ids(results: &[Result<Document, (String, Code, String)>]) -> Vec<String> {
        results
            .iter()
            .map(|result| result.as_ref().map_or_else(|error| format!("!{}", error.0), |it| it.id.clone()))
            .collect()
    }

    #[test]
    fn blank_lines_a_mark_and_crlf_are_no_records_and_lines_still_count() {
        let text = "\u{feff}{\"text\":\"a\"}\r\n\r\n  \n{\"text\":\"b\"}";
        assert_eq!(ids(&read("f.jsonl", text.as_bytes(), &ReadOptions::default())), ["f.jsonl:1", "f.jsonl:4"]);
    }

    #[test]
    fn bad_lines_are_named_and_the_rest_goes_on() {
        let mut text = "{\"text\":\"a\"}\n{\"text\":\"正文\",}\n".as_bytes().to_vec();
        text.extend(b"{\"text\":\"\xe6\xad\xa3\xd6\xd0\"}\n{\"text\":\"d\"}\n");
        let results = read("f.jsonl", &text, &ReadOptions::default());
        assert_eq!(ids(&results), ["f.jsonl:1", "!f.jsonl:2", "!f.jsonl:3", "f.jsonl:4"]);
        let (_, code, message) = results[1].clone().unwrap_err();
        assert_eq!((code, message.as_str()), (Code::BadRecord, "f.jsonl:2:14: not a JSON object: trailing comma"));
        let message = results[2].clone().unwrap_err().2;
        assert_eq!(message, "f.jsonl:3:11: not UTF-8: the byte 0xd6 is wrong here");
    }

    #[test]
    fn a_bad_record_is_named_by_its_id_where_it_has_one() {
        let text = "{\"id\":\"a\"}\n{\"id\":7,\"text\":[]}\n{\"id\":[],\"text\":\"\"}\n{\"date\":{},\"text\":\"\"}\n";
        let results = read("f.jsonl", text.as_bytes(), &ReadOptions::default());
        assert_eq!(ids(&results), ["!a", "!7", "!f.jsonl:3", "!f.jsonl:4"]);
    }

    #[test]
    fn a_line_over_its_limit_is_passed_over() {
        let options =
            ReadOptions { limits: Limits { record_bytes: 20, ..Limits::default() }, ..ReadOptions::default() };
        let text = format!("{{\"text\":\"a\"}}\n{{\"text\":\"{}\"}}\n{{\"text\":\"c\"}}\n", "b".repeat(100_000));
        let results = read("f.jsonl", text.as_bytes(), &options);
        assert_eq!(ids(&results), ["f.jsonl:1", "!f.jsonl:2", "f.jsonl:3"]);
        let (_, code, message) = results[1].clone().unwrap_err();
        assert_eq!(code, Code::TooLarge);
        assert_eq!(message, "f.jsonl:2: larger than the limit of 20 bytes for one record (limits.record_bytes)");
    }

    #[test]
    fn a_record_of_too_many_values_is_refused_before_it_is_built() {
        let text = format!("{{\"text\":\"a\",\"m\":[{}0]}}\n", "0,".repeat(1_100_000));
        assert_eq!(read("f.jsonl", text.as_bytes(), &ReadOptions::default())[0].clone().unwrap_err().1, Code::TooLarge);
    }

    #[test]
    fn records_before_the_damage_are_given_and_the_damage_is_named() {
        let text = (0..20_000).map(|n| format!("{{\"id\":{n},\"text\":\"{n}\"}}")).collect::<Vec<_>>().join("\n");
        let whole = zstd::encode_all(text.as_bytes(), 1).unwrap();
        let results = read("f.jsonl.zst", &whole[..whole.len() - 9], &ReadOptions::default());
        let (last, rest) = results.split_last().unwrap();
        let (id, code, message) = last.clone().unwrap_err();
        assert_eq!((id.as_str(), code), ("f.jsonl.zst", Code::CorruptArchive));
        assert!(message.starts_with("f.jsonl.zst: damaged zstd data: it ends too early"), "{message}");
        assert!(rest.iter().all(Result::is_ok));
    }

    #[test]
    fn utf_16_is_one_error_and_not_one_a_line() {
        let text: Vec<u8> = "\u{feff}{}\n{}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let results = read("f.jsonl", &text, &ReadOptions::default());
        assert_eq!(results.len(), 1);
        assert!(results[0].clone().unwrap_err().2.contains("UTF-16"));
    }
}
