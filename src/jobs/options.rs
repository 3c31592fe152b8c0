//! What a job is asked to do: the options of `taoxi dedupe` that make sense for an archive that was sent.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::JobError;
use super::settings::Settings;
use crate::archive::{self, Fields, ReadOptions};
use crate::batch;
use crate::clean::{self, Cleaner, Edits};
use crate::dedup;
use crate::document::{self, Document};

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident as $target:ty { $($(#[$of:meta])* $choice:ident => $value:expr,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$of])* $choice,)* }

        impl From<$name> for $target {
            fn from(choice: $name) -> Self {
                match choice { $($name::$choice => $value,)* }
            }
        }
    )*};
}

choices! {
    /// Which of several copies is kept.
    Keep as dedup::Keep {
        /// The longest.
        Longest => Self::Longest,
        /// The one with the least noise, among those of about the same length.
        Cleanest => Self::Cleanest,
        /// The one with the earliest date, among those of about the same length.
        Earliest => Self::Earliest,
        /// The one that came first, among those of about the same length.
        First => Self::First,
    }
    /// A file of kept documents besides the result files.
    Write as batch::WriteFormat {
        /// kept.jsonl.
        Jsonl => Self::Jsonl,
        /// kept.parquet.
        Parquet => Self::Parquet,
        /// kept.warc.gz, the archive anew.
        Warc => Self::Warc,
    }
    /// What happens to a second document with an id.
    IdDup as archive::IdDup {
        /// It is an error record.
        Error => Self::Error,
        /// It is renamed.
        Suffix => Self::Suffix,
    }
    /// What every document is.
    MediaType as document::MediaType {
        /// Look and see.
        Auto => Self::Auto,
        /// Plain text.
        Text => Self::Text,
        /// HTML.
        Html => Self::Html,
    }
    /// A compression of result files.
    Compress as bool {
        /// Zstandard.
        Zst => true,
    }
}

/// What is done with passages that many documents share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Passages {
    /// They are listed in passages.ndjson.
    Report,
    /// They are also left in the first document only.
    Drop,
}

/// The options of a job. What is not given is as `taoxi dedupe` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct JobOptions {
    /// Which of several copies is kept; longest by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// The profile that documents are washed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Rule files, or steps as file/step, that do not act.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Whether texts are taken as they are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_clean: bool,
    /// Simhashes that differ in at most so many bits are compared: 0 to 6, 3 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius: Option<u32>,
    /// Threads, at most those of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// Memory in bytes, at most that of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// A file of kept documents besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write: Option<Write>,
    /// Whether result files are compressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compress: Option<Compress>,
    /// Whether copies.ndjson is written, too: the records of the documents that go, to be reviewed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub copies: bool,
    /// Whether passages that many documents share are reported, or dropped; neither by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passages: Option<Passages>,
    /// The fewest documents that a passage stands in; 10 by default, at least 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passage_min_documents: Option<u32>,
    /// The least length of a passage: a Han character counts 1, a letter two fifths; 30 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passage_min_length: Option<u32>,
    /// Names of the fields of a JSONL record: `id=…,text=…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<String>,
    /// What happens to a second document with an id; error by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_dup: Option<IdDup>,
    /// What every document is; auto by default.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub media_type: Option<MediaType>,
    /// The encoding, whatever the bytes say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// A collection whose documents are compared with and never given out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
}

/// The names that [`JobOptions::set`] knows.
const NAMES: &str = "keep, profile, without, no_clean, radius, threads, memory, write, compress, copies, passages, \
                     passage_min_documents, passage_min_length, fields, id_dup, type, encoding and collection";

impl JobOptions {
    /// Sets an option by its name, as a query or a form gives it. `without` may be given again, or hold commas.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), JobError> {
        match name {
            "keep" => self.keep = Some(choice(name, value)?),
            "write" => self.write = Some(choice(name, value)?),
            "compress" => self.compress = Some(choice(name, value)?),
            "id_dup" => self.id_dup = Some(choice(name, value)?),
            "type" => self.media_type = Some(choice(name, value)?),
            "passages" => self.passages = Some(choice(name, value)?),
            "passage_min_documents" => self.passage_min_documents = Some(number(name, value)?),
            "passage_min_length" => self.passage_min_length = Some(number(name, value)?),
            "radius" => self.radius = Some(number(name, value)?),
            "threads" => self.threads = Some(number(name, value)?),
            "memory" => self.memory = Some(number(name, value)?),
            "no_clean" => self.no_clean = yes(name, value)?,
            "copies" => self.copies = yes(name, value)?,
            "without" => {
                let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
                self.without.extend(names.map(str::to_owned));
            }
            "profile" => self.profile = Some(value.to_owned()),
            "fields" => self.fields = Some(value.to_owned()),
            "encoding" => self.encoding = Some(value.to_owned()),
            "collection" => self.collection = Some(value.to_owned()),
            _ => {
                return Err(JobError::Option(format!("there is no option `{}`; the options are {NAMES}", short(name))));
            }
        }
        Ok(())
    }

    /// Refuses what cannot be done: before an archive is received, so that nobody sends one in vain.
    pub(super) fn check(&self, settings: &Settings, cleaner: &Cleaner, exports: bool) -> Result<(), JobError> {
        if self.radius.is_some_and(|radius| radius > 6) {
            return Err(JobError::Option("`radius` must be from 0 to 6".to_owned()));
        }
        if self.passage_min_documents.is_some_and(|documents| documents < 2) || self.passage_min_length == Some(0) {
            let message = "`passage_min_documents` must be 2 or more, and `passage_min_length` 1 or more";
            return Err(JobError::Option(message.to_owned()));
        }
        if self.threads.is_some_and(|threads| threads == 0 || threads > settings.threads) {
            return Err(JobError::Option(format!("`threads` must be from 1 to {} (threads)", settings.threads)));
        }
        if self.memory.is_some_and(|memory| memory == 0 || memory > settings.memory) {
            return Err(JobError::Option(format!("`memory` must be from 1 to {} bytes (memory)", settings.memory)));
        }
        if self.collection.is_some() && !exports {
            return Err(JobError::Option("this service has no collections to compare with".to_owned()));
        }
        if self.write == Some(Write::Parquet) && cfg!(not(feature = "parquet")) {
            return Err(JobError::Option("this taoxi was built without the feature parquet".to_owned()));
        }
        fields(self.fields.as_deref())?;
        cleaner.clean(Document::from_bytes("", Vec::new()), &self.clean(settings))?;
        Ok(())
    }

    fn clean(&self, settings: &Settings) -> clean::Options {
        clean::Options {
            profile: Some(self.profile.clone().unwrap_or_else(|| settings.profile.clone())),
            without: self.without.clone(),
            only: Vec::new(),
            encoding: self.encoding.clone(),
            edits: Edits::None,
            markdown: false,
        }
    }

    /// How the archive is read.
    pub(super) fn read(&self, settings: &Settings) -> Result<ReadOptions, JobError> {
        Ok(ReadOptions {
            fields: fields(self.fields.as_deref())?,
            media_type: self.media_type.map_or_else(document::MediaType::default, Into::into),
            id_dup: self.id_dup.map_or_else(archive::IdDup::default, Into::into),
            limits: settings.limits.clone(),
            ..ReadOptions::default()
        })
    }

    /// What the run is asked to do.
    pub(super) fn batch(&self, settings: &Settings) -> batch::Options {
        batch::Options {
            clean: self.clean(settings),
            wash: !self.no_clean,
            keep: self.keep.map_or_else(dedup::Keep::default, Into::into),
            radius: self.radius.unwrap_or(3),
            threads: self.threads.unwrap_or(settings.threads).min(settings.threads),
            memory: self.memory.unwrap_or(settings.memory).min(settings.memory),
            tmp: None,
            compress: self.compress.is_some(),
            copies: self.copies,
            passages: self.passages.map(|what| batch::Passages {
                drop: what == Passages::Drop,
                documents: self.passage_min_documents.unwrap_or(batch::Passages::DOCUMENTS),
                length: self.passage_min_length.unwrap_or(batch::Passages::LENGTH),
            }),
        }
    }
}

/// The fields that a text names.
pub(super) fn fields(text: Option<&str>) -> Result<Fields, JobError> {
    let fields = text.map(Fields::parse).transpose();
    fields
        .map(Option::unwrap_or_default)
        .map_err(|error| JobError::Option(error.to_string().replace("--fields", "fields")))
}

/// A value of a choice; the message lists those there are.
pub(super) fn choice<T: DeserializeOwned>(name: &str, value: &str) -> Result<T, JobError> {
    serde_json::from_value(value.into()).map_err(|error| JobError::Option(format!("`{name}`: {error}")))
}

fn yes(name: &str, value: &str) -> Result<bool, JobError> {
    match value {
        "" | "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(wrong(name, value, "true or false")),
    }
}

pub(super) fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, JobError> {
    value.parse().map_err(|_| wrong(name, value, "a whole number"))
}

fn wrong(name: &str, value: &str, wanted: &str) -> JobError {
    JobError::Option(format!("`{name}` must be {wanted}, not `{}`", short(value)))
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_set_by_name_and_stored_as_given() {
        let mut options = JobOptions::default();
        for (name, value) in [
            ("keep", "earliest"),
            ("write", "warc"),
            ("compress", "zst"),
            ("without", "a, b"),
            ("without", "c/d"),
            ("no_clean", ""),
            ("radius", "6"),
            ("type", "html"),
            ("collection", "news"),
        ] {
            options.set(name, value).unwrap();
        }
        let json = serde_json::to_string(&options).unwrap();
        assert_eq!(
            json,
            r#"{"keep":"earliest","without":["a","b","c/d"],"no_clean":true,"radius":6,"write":"warc","compress":"zst","type":"html","collection":"news"}"#
        );
        assert_eq!(serde_json::from_str::<JobOptions>(&json).unwrap(), options);
        assert_eq!(serde_json::to_string(&JobOptions::default()).unwrap(), "{}");
    }

    #[test]
    fn faults_name_the_option_and_what_it_takes() {
        for (name, value, message) in [
            (
                "keep",
                "best",
                "`keep`: unknown variant `best`, expected one of `longest`, `cleanest`, `earliest`, `first`",
            ),
            ("radius", "-1", "`radius` must be a whole number, not `-1`"),
            ("no_clean", "maybe", "`no_clean` must be true or false, not `maybe`"),
        ] {
            assert_eq!(JobOptions::default().set(name, value).unwrap_err().to_string(), message);
        }
        let error = JobOptions::default().set("tmp", "/").unwrap_err().to_string();
        assert!(error.starts_with("there is no option `tmp`; the options are keep, profile"), "{error}");
    }
}
