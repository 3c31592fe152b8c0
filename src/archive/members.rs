//! The members of an archive as documents: what tar and ZIP have in common.
//!
//! A member is read as a file of its name would be: a document, a compressed document, or JSONL. An archive inside an archive is
//! an error record: archives are opened one level deep.

use std::io::Read;

use super::container::{Container, Placed};
use super::error::ArchiveError;
use super::format::{self, Shape};
use super::jsonl::Records;
use super::limits::ReadOptions;
use super::member_name;
use super::stream::Stream;
use crate::document::{Document, ErrorRecord};

/// Links and the like that get an error record each; beyond them, one record says how many more there are.
const REFUSED_RECORDS: u64 = 1000;

/// What an archive gives next.
pub(super) enum Member {
    /// A file. Its reader gives the contents, and errors that carry an [`ArchiveError`] where the archive is at fault.
    File {
        /// Its name, decoded.
        name: String,
        /// Its size, as the archive says: a hint.
        size: u64,
        /// Its contents.
        reader: Box<dyn Read + Send>,
    },
    /// A member that is not read, and why.
    Refused {
        /// Its name, decoded.
        name: String,
        /// Why, as a sentence without its subject.
        reason: &'static str,
    },
    /// A damaged member. The archive goes on behind it.
    Damaged {
        /// Its name, decoded.
        name: String,
        /// What is wrong; the place is filled in by [`Members`].
        error: ArchiveError,
    },
}

/// An archive, member by member.
pub(super) trait Archive: Send {
    /// The next member. Folders are passed over. An error is about the archive itself; after it there may be more members.
    fn next_member(&mut self) -> Option<Result<Member, ArchiveError>>;

    /// Whether the archive broke while a member was read: then there is nothing more, and the member's error has told why.
    fn is_broken(&self) -> bool;
}

/// The documents of an archive.
pub(super) struct Members<A> {
    archive: A,
    /// The archive's own id and place.
    id: String,
    place: String,
    records: Option<Records>,
    count: u64,
    refused: u64,
    done: bool,
}

impl<A: Archive> Members<A> {
    pub(super) fn new(archive: A, id: String, place: String) -> Self {
        Self { archive, id, place, records: None, count: 0, refused: 0, done: false }
    }

    /// The next member's document or failure; `None` when the member gives none, or gives its records one by one.
    fn step(&mut self, options: &ReadOptions) -> Option<Result<Placed, ErrorRecord>> {
        if self.archive.is_broken() {
            self.done = true;
            return self.more_refused();
        }
        let member = match self.archive.next_member() {
            None => {
                self.done = true;
                return self.more_refused();
            }
            Some(Err(error)) => return Some(Err(error.at(self.place.clone()).record(self.id.clone()))),
            Some(Ok(member)) => member,
        };
        self.count += 1;
        if self.count > options.limits.archive_members {
            self.done = true;
            let limit = options.limits.archive_members;
            return Some(Err(ArchiveError::ManyMembers { place: self.place.clone(), limit }.record(self.id.clone())));
        }
        match member {
            Member::File { name, .. } | Member::Refused { name, .. } if member_name::is_housekeeping(&name) => None,
            Member::File { name, size, reader } => self.file(&name, size, reader, options),
            Member::Refused { name, reason } => {
                self.refused += 1;
                let place = self.place_of(&name);
                let error = ArchiveError::Refused { place, reason: reason.to_owned() };
                (self.refused <= REFUSED_RECORDS).then(|| Err(error.record(self.id_of(&name))))
            }
            Member::Damaged { name, error } => Some(Err(error.at(self.place_of(&name)).record(self.id_of(&name)))),
        }
    }

    fn file(
        &mut self,
        name: &str,
        size: u64,
        reader: Box<dyn Read + Send>,
        options: &ReadOptions,
    ) -> Option<Result<Placed, ErrorRecord>> {
        let id = self.id_of(name);
        let opened = self.open(&id, name, size, reader, options).map_err(|error| error.record(id));
        match opened {
            Ok(None) => None,
            Ok(Some(placed)) => Some(Ok(placed)),
            Err(record) => Some(Err(record)),
        }
    }

    fn open(
        &mut self,
        id: &str,
        name: &str,
        size: u64,
        reader: Box<dyn Read + Send>,
        options: &ReadOptions,
    ) -> Result<Option<Placed>, ArchiveError> {
        let place = self.place_of(name);
        let stream = Stream::open(reader, place.clone(), format::of_name(name), &options.limits)?;
        match stream.shape {
            Shape::Container(inner) => {
                let reason = format!("it is {} inside another archive; unpack the outer one first", inner.as_str());
                Err(ArchiveError::Refused { place, reason })
            }
            Shape::Records => {
                self.records = Some(Records::new(stream, id.to_owned()));
                Ok(None)
            }
            Shape::Document(media_type) => {
                let bytes = stream.into_bytes(Vec::new(), size)?;
                let mut document = Document::from_bytes(id, bytes);
                document.url.clone_from(&options.url);
                document.media_type = options.media_type_or(media_type);
                Ok(Some(Placed { document, place }))
            }
        }
    }

    fn more_refused(&mut self) -> Option<Result<Placed, ErrorRecord>> {
        let more = self.refused.checked_sub(REFUSED_RECORDS).filter(|more| *more > 0)?;
        let reason = format!("{more} more links and special files in it are not read either");
        Some(Err(ArchiveError::Refused { place: self.place.clone(), reason }.record(self.id.clone())))
    }

    fn id_of(&self, name: &str) -> String {
        format!("{}!{name}", self.id)
    }

    fn place_of(&self, name: &str) -> String {
        format!("{}!{name}", self.place)
    }
}

impl<A: Archive> Container for Members<A> {
    fn next(&mut self, options: &ReadOptions) -> Option<Result<Placed, ErrorRecord>> {
        loop {
            if let Some(records) = &mut self.records {
                if let Some(result) = records.next(options) {
                    return Some(result);
                }
                self.records = None;
            } else if self.done {
                return None;
            } else if let Some(result) = self.step(options) {
                return Some(result);
            }
        }
    }
}
