//! Writers of kept documents, one file per format; and WARC files written anew with what was found out about their records.
//!
//! | file | what it does |
//! |---|---|
//! | `file` | a file that appears whole or not at all |
//! | `jsonl`, `parquet` | kept documents as JSONL and as a table |
//! | [`warc`] | WARC files written anew |

mod file;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
pub mod warc;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::error::{Code, Coded};

/// A kept document, as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeptDocument<'a> {
    /// Its id.
    pub id: &'a str,
    /// Where it was published, if known.
    pub url: Option<&'a str>,
    /// When, if known.
    pub date: Option<&'a str>,
    /// Its text.
    pub text: &'a str,
    /// Its other fields.
    pub meta: &'a Map<String, Value>,
}

/// Writes kept documents, one after the other.
pub trait DocumentWriter {
    /// Writes a document.
    fn write(&mut self, document: &KeptDocument<'_>) -> Result<(), WriteError>;

    /// Writes what is still to be written, and puts the file in its place.
    fn finish(self: Box<Self>) -> Result<(), WriteError>;
}

/// Why something could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A file.
    #[error("{}: cannot be written: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system or the encoder says.
        reason: String,
    },
    /// The output that the caller gave.
    #[error("the output cannot be written: {reason}")]
    Output {
        /// What the system says.
        reason: String,
    },
    /// This taoxi cannot write the format.
    #[error("this taoxi was built without the feature {feature}")]
    Feature {
        /// The feature that is missing.
        feature: &'static str,
    },
}

impl Coded for WriteError {
    fn code(&self) -> Code {
        match self {
            Self::File { .. } | Self::Output { .. } => Code::Unwritable,
            Self::Feature { .. } => Code::UnsupportedFormat,
        }
    }
}

/// A format of kept documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `kept.jsonl`: an object on each line with `id`, `url`, `date`, `text`, then the other fields.
    Jsonl,
    /// `kept.jsonl.zst`: the same, compressed.
    JsonlZst,
    /// `kept.parquet`: a table with the string columns `id`, `url`, `date`, `text` and `meta`, the other fields as JSON.
    Parquet,
}

impl Format {
    /// The name of the file.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Jsonl => "kept.jsonl",
            Self::JsonlZst => "kept.jsonl.zst",
            Self::Parquet => "kept.parquet",
        }
    }
}

/// A writer of a format into a folder that is there. The file stands in its place only after [`DocumentWriter::finish`].
pub fn create(folder: &Path, format: Format) -> Result<Box<dyn DocumentWriter>, WriteError> {
    let path = folder.join(format.file_name());
    Ok(match format {
        Format::Jsonl => Box::new(jsonl::Jsonl::create(path)?),
        Format::JsonlZst => Box::new(jsonl::JsonlZst::create(path)?),
        #[cfg(feature = "parquet")]
        Format::Parquet => Box::new(parquet::Table::create(path)?),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => return Err(WriteError::Feature { feature: "parquet" }),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Input, ReadOptions, documents};
    use super::*;
    use crate::document::{Content, Document};

    fn meta(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).unwrap()
    }

    fn write(folder: &Path, format: Format) {
        let mut writer = create(folder, format).unwrap();
        let (one, two) = (meta(r#"{"站":"甲","n":[1],"text":"other"}"#), Map::new());
        let first =
            KeptDocument { id: "a", url: Some("https://a.example/"), date: Some("2024"), text: "正文\n", meta: &one };
        writer.write(&first).unwrap();
        for n in 0..1000 {
            let id = format!("b{n}");
            writer.write(&KeptDocument { id: &id, url: None, date: None, text: "二", meta: &two }).unwrap();
        }
        writer.finish().unwrap();
    }

    #[test]
    fn what_is_written_is_read_back_and_the_same_from_run_to_run() {
        for format in [Format::Jsonl, Format::JsonlZst, Format::Parquet] {
            if format == Format::Parquet && cfg!(not(feature = "parquet")) {
                continue;
            }
            let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
            for folder in &folders {
                write(folder.path(), format);
            }
            let bytes = folders.each_ref().map(|it| std::fs::read(it.path().join(format.file_name())).unwrap());
            assert!(bytes[0] == bytes[1], "{format:?}");
            assert_eq!(std::fs::read_dir(folders[0].path()).unwrap().count(), 1);
            let input = Input::Path(folders[0].path().to_owned());
            let read: Vec<Document> = documents(vec![input], ReadOptions::default()).map(Result::unwrap).collect();
            assert_eq!(read.len(), 1001);
            assert_eq!(
                (read[0].id.as_str(), read[0].url.as_deref(), read[0].date.as_deref()),
                ("a", Some("https://a.example/"), Some("2024"))
            );
            assert_eq!(read[0].content, Content::Text("正文\n".to_owned()));
            let fields = match format {
                Format::Parquet => meta(read[0].meta["meta"].as_str().unwrap()),
                _ => read[0].meta.clone(),
            };
            assert_eq!((fields["站"].as_str(), fields["n"][0].as_u64()), (Some("甲"), Some(1)));
            assert_eq!(read[1000].id, "b999");
        }
    }

    #[test]
    fn a_writer_that_is_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(create(folder.path(), Format::Jsonl).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let error = create(&folder.path().join("none"), Format::Jsonl).err().unwrap();
        assert_eq!(error.code(), Code::Unwritable);
    }
}
