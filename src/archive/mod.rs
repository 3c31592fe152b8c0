//! Folders, JSONL, archives and compressed files, read as a stream of documents within limits; and texts written safely to a folder.
//!
//! [`documents`] gives one `Result` per document or failure, in a fixed order, and never stops early: what cannot be read is an
//! [`crate::document::ErrorRecord`] and the rest goes on. At any time one document, or one line of a JSONL file, is in memory.
//!
//! | file | what it does |
//! |---|---|
//! | `limits` | the limits and options of reading |
//! | `capped` | the reader that all sources go through |
//! | `compressed`, `gzip`, `pushback` | decoders, gzip files member by member, a reader that takes bytes back |
//! | `format`, `stream` | what a file is, from raw bytes to a capped stream |
//! | `input`, `walk`, `documents` | from INPUT arguments to files in order, and on to documents with their ids |
//! | `files` | files in order, to be read one by one |
//! | `received` | what a file is that came over the network |
//! | `container` | what files of many documents have in common |
//! | `jsonl`, `record`, `fields`, `scan` | lines, the record on a line, the names of its fields |
//! | `members`, `member_name` | the members of an archive, and their names as ids |
//! | `tar`, `pax`, `zip` | the archives themselves |
//! | `warc`, `skipped` | WARC files, and the counts of records that are no documents |
//! | `parquet` | tables |
//! | `body` | bodies of requests: their compression, and records that come line by line |
//! | `names` | ids seen so far |
//! | [`mod@write`] | writers of kept documents, WARC files written anew |
//! | `out`, `label` | the output folder, and names that cannot escape it |

mod body;
mod capped;
mod compressed;
mod container;
mod documents;
mod error;
mod fields;
mod files;
mod format;
mod gzip;
mod input;
mod jsonl;
mod label;
mod limits;
mod member_name;
mod members;
mod names;
mod out;
#[cfg(feature = "parquet")]
mod parquet;
mod pax;
mod pushback;
mod received;
mod record;
mod scan;
mod skipped;
mod stream;
mod tar;
mod walk;
mod warc;
pub mod write;
mod zip;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::document::ErrorRecord;
pub use body::{Decoded, line_id, record_of};
pub use capped::{CapError, Capped, Counter};
pub use compressed::{Coding, Compression};
pub use documents::Documents;
pub use error::ArchiveError;
pub use fields::{Fields, FieldsError};
pub use input::Input;
pub use limits::{IdDup, Limits, ReadOptions};
pub use out::{OutDir, OutError};
pub use received::received_name;
pub use skipped::{SkipCounter, Skipped};
pub use walk::Found;

/// The documents of all inputs, in the order of the inputs, folders in the order of file names.
///
/// Ids: a file is its path relative to its folder with `/` between (its file name when it was given directly), standard input
/// is `-`, a JSONL record its `id` field or `file:line`, a member of an archive `archive!path`, a record of a WARC file `file!N`
/// with N counting the records of the file from 1, a row of a table its `id` column or `file:N`. Each failure is an
/// [`crate::document::ErrorRecord`] in the place of its document.
pub fn documents(inputs: Vec<Input>, options: ReadOptions) -> Documents {
    Documents::new(inputs, options)
}

/// The files of all inputs in the order in which [`documents`] reads them, folders walked without those of `skip`. Read one by one with [`Documents::of_file`]
/// they give the same documents, but for ids that are repeated in another file: [`repeated`] says what becomes of those.
pub fn files(inputs: Vec<Input>, skip: &[PathBuf]) -> impl Iterator<Item = Result<Found, ErrorRecord>> + use<> {
    files::files(inputs, skip)
}

/// The failure of a document, standing at a place, whose id was there before.
pub fn repeated(place: String, id: String) -> ErrorRecord {
    files::repeated(place, id)
}

/// Whether a file of this name holds any number of documents, as JSONL and archives do.
pub fn holds_many(name: &str) -> bool {
    !matches!(format::of_name(name).shape, format::Shape::Document(_))
}

/// The bytes of a small file, such as a rule file or the configuration, of at most `limit` bytes. Not decompressed.
pub fn read_capped(path: &Path, limit: u64) -> Result<Vec<u8>, ArchiveError> {
    let place = path.display().to_string();
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| Capped::new(file, limit, "its kind of file").read_to_end(&mut bytes))
        .map_err(|error| ArchiveError::from_io(&error, &place, None))?;
    Ok(bytes)
}

/// Like [`read_capped`], but a file that is not there is `None`.
pub fn read_if_there(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, ArchiveError> {
    match path.try_exists() {
        Ok(false) => Ok(None),
        // A fault of looking comes back from reading, with its reason.
        _ => read_capped(path, limit).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_is_read_whole_and_a_larger_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        std::fs::write(&path, "12345678").unwrap();
        assert_eq!(read_capped(&path, 8).unwrap(), b"12345678");
        assert!(matches!(read_capped(&path, 7), Err(ArchiveError::TooLarge { limit: 7, .. })));
        assert_eq!(read_if_there(&folder.path().join("none"), 7).unwrap(), None);
        assert!(matches!(read_capped(&folder.path().join("none"), 7), Err(ArchiveError::Unreadable { .. })));
    }
}
