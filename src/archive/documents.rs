//! The stream of documents: inputs one after the other, files of a folder one after the other, records of a file and
//! members of an archive likewise.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::vec;

use super::container::Container;
use super::error::ArchiveError;
use super::files;
use super::format::{self, Format, Named, Shape};
use super::input::{self, Input};
use super::jsonl::Records;
use super::limits::{IdDup, ReadOptions};
use super::members::Members;
use super::names::Names;
#[cfg(feature = "parquet")]
use super::parquet::Table;
use super::skipped::{SkipCounter, Skipped};
use super::stream::{self, Stream};
use super::tar::Tar;
use super::walk::{Found, Walk};
use super::warc::Warc;
use super::zip::Zip;
use crate::document::{Document, ErrorRecord, MediaType};

pub(super) const STDIN_ID: &str = "-";
pub(super) const STDIN_PLACE: &str = "standard input";

/// The documents of all inputs. See [`super::documents`].
pub struct Documents {
    inputs: vec::IntoIter<Input>,
    stdin: Option<Box<dyn Read + Send>>,
    options: ReadOptions,
    skip: Vec<PathBuf>,
    walk: Option<Walk>,
    /// A file that was found before.
    found: Option<Found>,
    container: Option<Box<dyn Container>>,
    ids: Names,
    /// Where the last document stood.
    place: String,
    skipped: SkipCounter,
    raw: RawWarc,
}

/// What is done with WARC files.
enum RawWarc {
    /// Their documents are read.
    No,
    /// They are handed out; one may be waiting for that.
    Yes(Option<(Box<Stream>, String)>),
}

/// One step of reading.
enum Step {
    Gives(Box<Result<Document, ErrorRecord>>),
    /// Something was opened or closed.
    Nothing,
    End,
}

/// What [`Documents::next_raw`] gives.
pub(super) enum RawItem {
    /// A document or failure of anything but a WARC file.
    Document(Result<Document, ErrorRecord>),
    /// A WARC file, with its id.
    Warc(Box<Stream>, String),
}

/// What an opened file gives: one document, or many one by one.
enum Opened {
    Document(Box<Document>, String),
    Container(Box<dyn Container>),
    Warc(Box<Stream>, String),
}

impl Documents {
    /// Nothing is opened before the first call of `next`.
    pub fn new(inputs: Vec<Input>, options: ReadOptions) -> Self {
        // A folder that is not there cannot be met either.
        let skip = options.skip.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
        let inputs = inputs.into_iter();
        Self {
            inputs,
            stdin: None,
            options,
            skip,
            walk: None,
            found: None,
            container: None,
            ids: Names::default(),
            place: String::new(),
            skipped: SkipCounter::default(),
            raw: RawWarc::No,
        }
    }

    /// The documents of one of the files that [`super::files`] gives.
    pub fn of_file(file: Found, options: ReadOptions) -> Self {
        Self { found: Some(file), ..Self::new(Vec::new(), options) }
    }

    /// Where the last document stood that was given: its file, and its line, member or row there.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Reads `-` from `source` and not from the process: for tests and for programs that embed the library.
    #[must_use]
    pub fn with_stdin(mut self, source: Box<dyn Read + Send>) -> Self {
        self.stdin = Some(source);
        self
    }

    /// What was passed over so far.
    pub fn skipped(&self) -> Skipped {
        self.skipped.get()
    }

    /// The counts of what is passed over, to be kept when the documents are handed on.
    pub fn skip_counter(&self) -> SkipCounter {
        self.skipped.clone()
    }

    fn start(&mut self, input: Input) -> Option<Result<Document, ErrorRecord>> {
        let path = match input {
            Input::Stdin => {
                let opened = self.open_stdin().map_err(|error| error.record(STDIN_ID));
                return self.opened(opened);
            }
            Input::Path(path) => path,
        };
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                self.walk = Some(Walk::new(path, self.skip.clone()));
                None
            }
            Ok(_) => self.file(&path, input::id_of_file(&path)),
            Err(error) => {
                let place = path.display().to_string();
                Some(Err(ArchiveError::from_io(&error, &place, None).record(input::id_of_file(&path))))
            }
        }
    }

    fn file(&mut self, path: &Path, id: String) -> Option<Result<Document, ErrorRecord>> {
        let opened = self.open_file(path, &id).map_err(|error| error.record(id));
        self.opened(opened)
    }

    fn opened(&mut self, opened: Result<Opened, ErrorRecord>) -> Option<Result<Document, ErrorRecord>> {
        match opened {
            Ok(Opened::Document(document, place)) => Some(self.claim(*document, place)),
            Ok(Opened::Container(container)) => {
                self.container = Some(container);
                None
            }
            Ok(Opened::Warc(stream, id)) => {
                match &mut self.raw {
                    RawWarc::Yes(waiting) => *waiting = Some((stream, id)),
                    RawWarc::No => {
                        self.container = Some(Box::new(Warc::new(*stream, id, self.skipped.clone())));
                    }
                }
                None
            }
            Err(record) => Some(Err(record)),
        }
    }

    fn open_file(&self, path: &Path, id: &str) -> Result<Opened, ArchiveError> {
        let place = path.display().to_string();
        let unreadable = |error: io::Error| ArchiveError::from_io(&error, &place, None);
        let named = format::of_name(id);
        let file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable).map(|metadata| plain_size(&metadata))?;
        let stream = Stream::open(Box::new(file), place.clone(), named, &self.options.limits)?;
        let media_type = match stream.shape {
            Shape::Document(media_type) => media_type,
            Shape::Records => return Ok(Opened::Container(Box::new(Records::new(stream, id.to_owned())))),
            Shape::Container(format) => return self.open_container(stream, format, id, Some(path)),
        };
        if stream.compression.is_none() {
            stream::check_size(size, &place, &self.options.limits)?;
        }
        let bytes = stream.into_bytes(Vec::new(), size)?;
        Ok(Opened::Document(Box::new(self.document(id, bytes, media_type)), place))
    }

    fn open_container(
        &self,
        stream: Stream,
        format: Format,
        id: &str,
        path: Option<&Path>,
    ) -> Result<Opened, ArchiveError> {
        let (place, limits, id) = (stream.place.clone(), &self.options.limits, id.to_owned());
        let container: Box<dyn Container> = match (format, path) {
            (Format::Tar, _) => Box::new(Members::new(Tar::new(stream), id, place)),
            (Format::Warc, _) => return Ok(Opened::Warc(Box::new(stream), id)),
            (Format::Zip, Some(path)) => Box::new(Members::new(Zip::open(path, limits)?, id, place)),
            #[cfg(feature = "parquet")]
            (Format::Parquet, Some(path)) => Box::new(Table::open(path, id, &self.options)?),
            #[cfg(not(feature = "parquet"))]
            (Format::Parquet, Some(_)) => {
                let format = "a Parquet file (this taoxi was built without the feature parquet)".to_owned();
                return Err(ArchiveError::Unsupported { place, format });
            }
            (Format::Zip | Format::Parquet, None) => {
                let reason =
                    format!("it is {}, whose table of contents stands at its end; give it as a file", format.as_str());
                return Err(ArchiveError::Refused { place, reason });
            }
        };
        Ok(Opened::Container(container))
    }

    /// Standard input has no name that says what it is: archives show it in their first bytes, and it holds records when its
    /// first line is a whole JSON object.
    fn open_stdin(&mut self) -> Result<Opened, ArchiveError> {
        let source = self.stdin.take().unwrap_or_else(|| Box::new(io::stdin()));
        let named = Named { shape: Shape::Document(MediaType::Auto), compression: None, foreign: None };
        let stream = Stream::open(source, STDIN_PLACE.to_owned(), named, &self.options.limits)?;
        if let Shape::Container(format) = stream.shape {
            return self.open_container(stream, format, STDIN_ID, None);
        }
        let mut records = Records::new(stream, STDIN_ID.to_owned());
        if records.begins_with_object(&self.options.limits)? {
            return Ok(Opened::Container(Box::new(records)));
        }
        let (stream, begun) = records.into_stream();
        let bytes = stream.into_bytes(begun, 0)?;
        Ok(Opened::Document(Box::new(self.document(STDIN_ID, bytes, MediaType::Auto)), STDIN_PLACE.to_owned()))
    }

    fn document(&self, id: &str, bytes: Vec<u8>, media_type: MediaType) -> Document {
        let mut document = Document::from_bytes(id, bytes);
        document.url.clone_from(&self.options.url);
        document.media_type = self.options.media_type_or(media_type);
        document
    }

    fn claim(&mut self, mut document: Document, place: String) -> Result<Document, ErrorRecord> {
        let Some(id) = self.claim_id(&document.id) else {
            return Err(files::repeated(place, document.id));
        };
        document.id = id;
        self.place = place;
        Ok(document)
    }

    /// Takes an id; `None` when it was taken before and repeated ids are errors.
    pub(super) fn claim_id(&mut self, id: &str) -> Option<String> {
        if self.options.id_dup == IdDup::Error {
            return self.ids.claim(id).then(|| id.to_owned());
        }
        let name_of = |suffix: Option<u64>| suffix.map_or_else(|| id.to_owned(), |number| format!("{id}-{number}"));
        let suffix = self.ids.claim_free(name_of, |_| true);
        Some(name_of(suffix))
    }

    /// Like `next`, but hands out WARC files whole.
    pub(super) fn next_raw(&mut self) -> Option<RawItem> {
        if matches!(self.raw, RawWarc::No) {
            self.raw = RawWarc::Yes(None);
        }
        loop {
            match self.advance() {
                Step::End => return None,
                Step::Gives(result) => return Some(RawItem::Document(*result)),
                Step::Nothing => {
                    if let RawWarc::Yes(waiting) = &mut self.raw
                        && let Some((stream, id)) = waiting.take()
                    {
                        return Some(RawItem::Warc(stream, id));
                    }
                }
            }
        }
    }

    fn advance(&mut self) -> Step {
        let result = if let Some(container) = &mut self.container {
            match container.next(&self.options) {
                Some(Ok(placed)) => Some(self.claim(placed.document, placed.place)),
                Some(Err(record)) => Some(Err(record)),
                None => {
                    self.container = None;
                    None
                }
            }
        } else if let Some(walk) = &mut self.walk {
            match walk.next() {
                Some(Ok(found)) => self.file(&found.path, found.id),
                Some(Err(record)) => Some(Err(record)),
                None => {
                    self.walk = None;
                    None
                }
            }
        } else if let Some(found) = self.found.take() {
            self.file(&found.path, found.id)
        } else {
            match self.inputs.next() {
                Some(input) => self.start(input),
                None => return Step::End,
            }
        };
        result.map_or(Step::Nothing, |result| Step::Gives(Box::new(result)))
    }
}

/// The size of a regular file; 0 for pipes and devices, which have none.
fn plain_size(metadata: &Metadata) -> u64 {
    if metadata.is_file() { metadata.len() } else { 0 }
}

impl Iterator for Documents {
    type Item = Result<Document, ErrorRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.advance() {
                Step::End => return None,
                Step::Gives(result) => return Some(*result),
                Step::Nothing => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Content;
    use crate::error::Code;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        folder
    }

    fn read(inputs: &[&Path], options: ReadOptions) -> Vec<Result<Document, ErrorRecord>> {
        Documents::new(inputs.iter().map(|path| Input::Path(path.to_path_buf())).collect(), options).collect()
    }

    fn outline(results: &[Result<Document, ErrorRecord>]) -> Vec<String> {
        results
            .iter()
            .map(|result| match result {
                Ok(document) => document.id.clone(),
                Err(record) => format!("{} {}", record.id, record.error.code.as_str()),
            })
            .collect()
    }

    fn from_stdin(bytes: &[u8]) -> Vec<Result<Document, ErrorRecord>> {
        let source = Box::new(io::Cursor::new(bytes.to_vec()));
        Documents::new(vec![Input::Stdin], ReadOptions::default()).with_stdin(source).collect()
    }

    #[test]
    fn a_folder_gives_all_its_documents_and_failures_in_order() {
        let gz = {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            io::Write::write_all(&mut encoder, "<p>页".as_bytes()).unwrap();
            encoder.finish().unwrap()
        };
        let folder = folder(&[
            ("a.txt", b"one"),
            ("b.html.gz", &gz),
            ("c.jsonl", b"{\"text\":\"x\"}\n{\"id\":\"k\",\"text\":\"y\"}\nno\n"),
            ("d.gz", &gz[..gz.len() - 3]),
            ("e.zip", b"PK\x03\x04"),
            ("f", b""),
        ]);
        let results = read(&[folder.path()], ReadOptions::default());
        let expected = [
            "a.txt", "b.html.gz", "c.jsonl:1", "k", "c.jsonl:3 bad_record", "d.gz corrupt_archive",
            "e.zip corrupt_archive", "f",
        ];
        assert_eq!(outline(&results), expected);
        let page = results[1].as_ref().unwrap();
        assert_eq!((page.media_type, &page.content), (MediaType::Html, &Content::Bytes("<p>页".as_bytes().to_vec())));
    }

    #[test]
    fn a_repeated_id_is_an_error_or_gets_a_suffix() {
        let folder = folder(&[
            ("a.txt", b"one"),
            ("b.jsonl", b"{\"id\":\"a.txt\",\"text\":\"x\"}\n{\"id\":\"a.txt\",\"text\":\"y\"}\n"),
        ]);
        let file = folder.path().join("a.txt");
        let inputs = [folder.path(), file.as_path()];
        let results = read(&inputs, ReadOptions::default());
        assert_eq!(outline(&results), ["a.txt", "a.txt repeated_id", "a.txt repeated_id", "a.txt repeated_id"]);
        assert!(results[2].as_ref().unwrap_err().error.message.ends_with("b.jsonl:2: the id `a.txt` was there before"));
        let results = read(&inputs, ReadOptions { id_dup: IdDup::Suffix, ..ReadOptions::default() });
        assert_eq!(outline(&results), ["a.txt", "a.txt-2", "a.txt-3", "a.txt-4"]);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_the_rest_goes_on() {
        let folder = folder(&[("a.txt", b"one")]);
        let (missing, file) = (folder.path().join("none.txt"), folder.path().join("a.txt"));
        let results = read(&[&missing, &file], ReadOptions::default());
        assert_eq!(outline(&results), ["none.txt unreadable_input", "a.txt"]);
    }

    #[test]
    fn a_document_over_its_limit_is_refused_by_name() {
        let folder = folder(&[("a.txt", &[b'a'; 2000]), ("b.txt", b"b")]);
        let mut options = ReadOptions::default();
        options.limits.document_bytes = 1999;
        let results = read(&[folder.path()], options);
        assert_eq!(outline(&results), ["a.txt too_large", "b.txt"]);
        assert!(results[0].as_ref().unwrap_err().error.message.contains("limits.document_bytes"));
    }

    #[test]
    fn the_url_and_the_media_type_of_the_run_reach_every_document() {
        let folder = folder(&[("a.txt", b"a"), ("b.jsonl", b"{\"url\":\"u\",\"text\":\"b\"}")]);
        let options = ReadOptions {
            url: Some("https://x.example/".to_owned()),
            media_type: MediaType::Html,
            ..ReadOptions::default()
        };
        let documents: Vec<_> = read(&[folder.path()], options).into_iter().map(Result::unwrap).collect();
        assert_eq!([documents[0].url.as_deref(), documents[1].url.as_deref()], [Some("https://x.example/"), Some("u")]);
        assert!(documents.iter().all(|document| document.media_type == MediaType::Html));
    }

    #[test]
    fn standard_input_is_one_document_unless_its_first_line_is_an_object() {
        for text in ["正文\n{\"text\":1}\n", "{\n \"text\": \"pretty\"\n}\n", "", "{"] {
            let results = from_stdin(text.as_bytes());
            assert_eq!(outline(&results), ["-"]);
            assert_eq!(results[0].as_ref().unwrap().content, Content::Bytes(text.as_bytes().to_vec()));
        }
        let records = b"{\"text\":\"x\"}\n{\"id\":7,\"text\":\"y\"}\n{}\n";
        assert_eq!(outline(&from_stdin(records)), ["-:1", "7", "-:3 bad_record"]);
        assert_eq!(outline(&from_stdin(&zstd::encode_all(&records[..], 1).unwrap())), ["-:1", "7", "-:3 bad_record"]);
    }

    #[test]
    fn the_stream_may_move_to_another_thread() {
        fn check<T: Send>(_: &T) {}
        check(&Documents::new(Vec::new(), ReadOptions::default()));
        assert_eq!(Code::UnsupportedFormat.status(), 415);
    }
}
