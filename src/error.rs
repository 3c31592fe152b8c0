//! Every error code in one table: the code users and scripts see, the HTTP status the service answers, and a hint.
//!
//! Errors are enums by area, each next to the code that raises them; all of them map to a [`Code`] through [`Coded`].

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident, $code:literal, $status:literal, $hint:literal;)*) => {
        /// A stable error code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as users see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status that the service answers with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$name => $hint,)* }
            }
        }
    };
}

codes! {
    /// The input is not text.
    Binary, "binary_input", 415, "Convert the file to text or HTML first; taoxi washes text.";
    /// The named encoding does not exist.
    UnknownEncoding, "unknown_encoding", 400, "Use a WHATWG label such as utf-8, gb18030, big5, utf-16le or shift_jis.";
    /// A file or stream could not be read.
    Unreadable, "unreadable_input", 400, "Check that the file exists and may be read.";
    /// A file or stream could not be written.
    Unwritable, "unwritable_output", 500, "Check that the folder exists, may be written and has room.";
    /// A compressed stream is damaged or cut off.
    CorruptArchive, "corrupt_archive", 400, "Fetch the file again; a document or record that the damage cut off was not used.";
    /// A container or compression that is not read.
    UnsupportedFormat, "unsupported_format", 415, "Unpack it first; taoxi reads files, folders, .jsonl, .zip, .tar, .warc, .parquet, and .gz or .zst of one file, .tar or .warc.";
    /// An input is larger than its limit.
    TooLarge, "too_large", 413, "Split the input, or raise the limit in taoxi.toml.";
    /// A line of a JSONL input is not a document.
    BadRecord, "bad_record", 422, "Each line is a JSON object with a string field text or html; name other fields with --fields.";
    /// Two documents of one run carry the same id.
    RepeatedId, "repeated_id", 409, "Give each document its own id, or run with --id-dup suffix.";
    /// A request without the key it needs.
    NoKey, "missing_key", 401, "Send Authorization: Bearer with an API key; taoxi keys create makes one.";
    /// A key that is not known.
    UnknownKey, "unknown_key", 401, "Check the key: it may have been revoked; taoxi keys list shows what is there.";
    /// A key past its time.
    ExpiredKey, "expired_key", 401, "Make a new key with taoxi keys create.";
    /// A key that may not do this.
    MissingScope, "missing_scope", 403, "Use a key with the scope that the message names; taoxi keys create --scopes makes one.";
    /// A job that is not there, or no longer.
    UnknownJob, "unknown_job", 404, "GET /v1/jobs lists the jobs; finished ones are kept as long as jobs.keep says.";
    /// A result file that a job did not write.
    UnknownFile, "unknown_file", 404, "GET /v1/jobs/{job}/files lists the files of a job.";
    /// A range of a file that the file does not have.
    OutsideRange, "outside_range", 416, "GET /v1/jobs/{job}/files tells how long each file is.";
    /// A job that has no results yet, or none at all.
    JobUnfinished, "job_unfinished", 409, "Wait until the state of the job is done; /v1/jobs/{job}/events tells when.";
    /// As many jobs wait as may.
    QueueFull, "queue_full", 503, "Try again when a job has finished, or raise jobs.queue.";
    /// One Idempotency-Key with two different requests.
    IdempotencyConflict, "idempotency_conflict", 422, "Use a new Idempotency-Key for each request, and the same one only to repeat it.";
    /// A request with an Idempotency-Key that is being answered right now.
    IdempotencyBusy, "idempotency_busy", 409, "Wait for the answer to the first request, or repeat this one a little later.";
    /// A file of records is damaged.
    CorruptStore, "corrupt_store", 500, "Stop taoxi, and put a backup of the file in its place or move it away; the message names it.";
    /// A rule file does not follow the schema.
    BadRule, "bad_rule", 400, "See docs/rules.md, or run taoxi rules check for every fault at once.";
    /// A name of a rule, pack or profile that is not there.
    UnknownRule, "unknown_rule", 400, "taoxi rules list shows what is there.";
    /// Rules kept changing each other's result.
    UnstableRules, "unstable_rules", 422, "taoxi rules explain shows the edits; switch one of the quarrelling rules off with --without.";
    /// A document asked for more matching work than its budget.
    WorkExceeded, "work_exceeded", 422, "Split the document, or raise limits.work_per_byte in taoxi.toml.";
    /// The configuration has a fault.
    BadConfig, "bad_config", 400, "taoxi config check names the file and line; taoxi config show lists every setting.";
    /// The disk has too little room.
    NoSpace, "no_space", 507, "Free some space, or name another folder for temporary files with --tmp.";
    /// More documents than the memory allows.
    MemoryExceeded, "memory_exceeded", 507, "Raise --memory, or split the input and compare the pieces with --against.";
    /// Stopped from outside.
    Stopped, "stopped", 503, "Run the same command again: it goes on from the stages that were finished.";
    /// There is no such collection.
    NoCollection, "no_collection", 404, "Make it first: PUT /v1/collections/NAME, or see taoxi collection list.";
    /// There is no such document.
    NoDocument, "no_document", 404, "GET /v1/collections/NAME/documents lists what is stored.";
    /// A name that a collection cannot have.
    BadName, "bad_name", 400, "Use 1 to 64 of a-z, 0-9, '-', '_' and '.', the first a letter or digit.";
    /// There is no such crawl.
    NoCrawl, "no_crawl", 404, "Documents wait under a crawl only until it is committed or rolled back.";
    /// A file of a collection is damaged.
    CorruptIndex, "corrupt_index", 500, "Stop the service and run taoxi collection verify, then repair: it keeps every document that can be read.";
    /// A file was written by a version with other fingerprints.
    OtherVersion, "other_version", 409, "Run taoxi collection rebuild: it makes the signatures anew from the stored texts.";
    /// A disk failed.
    Storage, "storage", 500, "Look at the disk and at the rights of the data folder; nothing that was acknowledged is lost.";
    /// The database with the collections does not answer.
    StoreAway, "store_away", 503, "Try again after Retry-After; if it stays, look at the database and at the setting store. Nothing that was acknowledged is lost.";
    /// The database with the collections refuses.
    StoreRefused, "store_refused", 500, "The message is the database's own: look at the rights of its user, and at its log.";
    /// A collection has other settings.
    OtherSettings, "other_settings", 409, "Settings stay as they were at first; use another name, or delete the collection.";
    /// Another process uses the data folder.
    InUse, "in_use", 409, "Stop the other taoxi first, or ask the running service.";
    /// More collections or documents than allowed.
    IndexFull, "index_full", 507, "Delete what is not needed, or raise the limit.";
    /// A request whose body or parameters cannot be understood.
    BadRequest, "bad_request", 400, "The detail says what and where; /docs shows each call with its fields.";
    /// A request from a page of another site, or for another host.
    Forbidden, "forbidden", 403, "Without API keys the service answers only requests for localhost that come from no other site.";
    /// A path that is not there, or a thing of that name.
    NotFound, "not_found", 404, "/docs lists every path.";
    /// A method that a path does not know.
    MethodNotAllowed, "method_not_allowed", 405, "The header Allow lists the methods.";
    /// A body that did not come in time.
    Timeout, "timeout", 408, "Send the body without pauses, or raise timeouts.body in taoxi.toml.";
    /// A body of a kind or compression that the call does not take.
    UnsupportedMediaType, "unsupported_media_type", 415, "Set Content-Type and Content-Encoding to what the body is; /docs lists what each call takes.";
    /// More requests than a client may make.
    RateLimited, "rate_limited", 429, "Wait as long as Retry-After says.";
    /// More work than there are threads for.
    Overloaded, "overloaded", 503, "Try again after Retry-After; with fewer requests at a time each is quicker.";
    /// The service is starting.
    NotReady, "not_ready", 503, "Wait until /readyz answers 200.";
    /// The service is being stopped.
    ShuttingDown, "shutting_down", 503, "Send the request to the service that follows.";
    /// Another process uses the data folder.
    DataInUse, "data_in_use", 409, "Stop the other service, or name another folder with --data.";
    /// The service cannot listen there.
    Unlistenable, "unlistenable", 500, "Name another address with --listen, or stop what listens there.";
    /// The arguments do not fit together.
    Usage, "usage", 400, "See taoxi --help.";
    /// A fault in taoxi itself.
    Internal, "internal", 500, "Please report it with the input, if you may share it.";
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An error that has a place in the table.
pub trait Coded: std::error::Error {
    /// Its code.
    fn code(&self) -> Code;
}

/// An error as it stands in an output record: `{"code": …, "message": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// The stable code.
    pub code: Code,
    /// What was wrong, where, and what to do.
    pub message: String,
}

impl Fault {
    /// A fault with a message made on the spot.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl Coded for Fault {
    fn code(&self) -> Code {
        self.code
    }
}

/// Turns an error of any area into the record form.
pub fn fault(error: &dyn Coded) -> Fault {
    Fault { code: error.code(), message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_snake_case_and_have_hints() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} stands twice", code.as_str());
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
            assert!((400..600).contains(&code.status()) && code.hint().ends_with('.'));
        }
    }
}
