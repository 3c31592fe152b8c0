//! Looking after the files of a collection that nobody has open: checked, repaired, their signatures made anew, copied.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use super::IndexError;
use super::body;
use super::bytes::Reader;
use super::entry::Entry;
use super::recover::UNFINISHED;
use super::rewrite::Rewrite;
use super::segment::{self, FRAME, HEADER, Opened, SegmentId};
use super::snapshot::SNAPSHOT;
use super::storage::{Storage, Stored, read_exact};
use crate::dedup::{FINGERPRINT_VERSION, Fingerprint};

/// Bytes copied at a time.
const CHUNK: usize = 1 << 20;
/// How often a copy is begun again because files were replaced meanwhile.
const ATTEMPTS: usize = 5;
/// Longest entry that is looked for behind a damaged place.
const LONGEST_SOUGHT: usize = 64 << 20;

/// A damaged place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub file: String,
    /// The byte.
    pub offset: u64,
    /// What is wrong.
    pub what: String,
}

/// What was found in the files of a collection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Files of the log.
    pub files: u64,
    /// Documents in them, those that are gone but still on disk included.
    pub documents: u64,
    /// Bytes.
    pub bytes: u64,
    /// What is damaged.
    pub damages: Vec<Damage>,
    /// Bytes behind the last whole entry: a write that is going on, or one that a power cut tore. No damage.
    pub torn: u64,
}

/// Checks every byte: frames and checksums, that texts unpack, and that signatures are those of their texts. May run while the collection is in use.
pub fn verify(storage: &dyn Storage) -> Result<Report, IndexError> {
    let files = files(storage)?;
    let mut report = Report { files: files.len() as u64, ..Report::default() };
    let last = files.len().saturating_sub(1);
    report.damages.extend(missing(&files).map(|number| Damage {
        file: path(storage, number),
        offset: 0,
        what: "the file is missing".to_owned(),
    }));
    for (at, (number, file)) in files.iter().enumerate() {
        let name = path(storage, *number);
        let mut damages = Vec::new();
        let length = file.len().map_err(|error| IndexError::io(&name, &error))?;
        report.bytes += length;
        let damage = |offset, what: &str| Damage { file: name.clone(), offset, what: what.to_owned() };
        let version = match segment::open(&**file, &name) {
            Ok(Opened::Good(_, version)) => version,
            Ok(Opened::Unfinished) if at == last => {
                report.torn += length;
                continue;
            }
            Ok(Opened::Unfinished) => {
                report.damages.push(damage(0, "its header is not what was written"));
                continue;
            }
            Err(error) => {
                report.damages.push(damage(0, &error.to_string()));
                continue;
            }
        };
        let end = segment::scan(&**file, &name, (HEADER, length), |place, payload| {
            let fault = match Entry::decode(payload) {
                None => Some("an entry of no known form"),
                Some(Entry::Document(record)) => {
                    report.documents += 1;
                    match body::text(&record.body) {
                        None => Some("the text of a document cannot be unpacked"),
                        Some(text) if version == FINGERPRINT_VERSION && Fingerprint::of(&text) != record.print => {
                            Some("the signature of a document is not that of its text")
                        }
                        Some(_) => None,
                    }
                }
                Some(_) => None,
            };
            damages.extend(fault.map(|what| damage(place, what)));
            Ok(())
        })?;
        if let Some(fault) = end.fault {
            if at == last && !segment::proves_synced(&**file, &name, end.good, length)? {
                report.torn += length - end.good;
            } else {
                damages.push(damage(end.good, fault));
            }
        }
        report.damages.append(&mut damages);
    }
    Ok(report)
}

/// Writes damaged files anew with every entry that can be read, also behind damaged places. What was there stays beside them as `damaged-…`. A
/// file that is missing becomes an empty one.
/// Nobody may have the collection open. Returns the damages that were found.
pub fn repair(storage: &dyn Storage) -> Result<Report, IndexError> {
    let report = verify(storage)?;
    let damaged: Vec<&str> = report.damages.iter().map(|damage| damage.file.as_str()).collect();
    for (number, file) in files(storage)? {
        let name = path(storage, number);
        if !damaged.contains(&name.as_str()) {
            continue;
        }
        let id = match segment::open(&*file, &name) {
            Ok(Opened::Good(id, _)) => id,
            _ => SegmentId::fresh(number),
        };
        let mut rewrite = Rewrite::begin(storage, id)?;
        let length = file.len().map_err(|error| IndexError::io(&name, &error))?;
        let mut from = HEADER;
        while from < length {
            let end = segment::scan(&*file, &name, (from, length), |_, payload| {
                if is_whole(payload) { rewrite.put(payload).map(|_| ()) } else { Ok(()) }
            })?;
            if end.fault.is_none() {
                break;
            }
            from = next_frame(&*file, &name, end.good + 1, length)?;
        }
        copy(&*file, storage, &unused(storage, &format!("damaged-{}", segment::name(number)))?)?;
        rewrite.finish()?;
    }
    for number in missing(&files(storage)?) {
        segment::create(storage, SegmentId::fresh(number))?;
    }
    remove_snapshot(storage)?;
    Ok(report)
}

/// A name that no file has: this one with a number.
fn unused(storage: &dyn Storage, name: &str) -> Result<String, IndexError> {
    let names = storage.list().map_err(|error| IndexError::io(&storage.place(), &error))?;
    let mut numbered = (0_u64..).map(|number| format!("{name}-{number}"));
    Ok(numbered.find(|name| !names.contains(name)).unwrap_or_default())
}

/// Whether all of an entry can be used.
fn is_whole(payload: &[u8]) -> bool {
    match Entry::decode(payload) {
        Some(Entry::Document(record)) => body::text(&record.body).is_some(),
        other => other.is_some(),
    }
}

/// The next place from which on a whole entry stands; the end of the file when there is none.
fn next_frame(file: &dyn Stored, name: &str, from: u64, length: u64) -> Result<u64, IndexError> {
    let mut at = from;
    let mut window = vec![0; CHUNK];
    while at + FRAME < length {
        let count = file.read_at(&mut window, at).map_err(|error| IndexError::io(name, &error))?;
        for start in 0..count.saturating_sub(FRAME as usize) {
            let mut reader = Reader(&window[start..count]);
            let (size, kind) = (reader.u32().unwrap_or(0) as usize, window[start + FRAME as usize]);
            let fits = at + start as u64 + FRAME + size as u64 <= length;
            let sensible = (1..=LONGEST_SOUGHT).contains(&size) && (1..=5).contains(&kind);
            if fits && sensible && segment::read(file, name, at + start as u64).is_ok_and(|payload| is_whole(&payload))
            {
                return Ok(at + start as u64);
            }
        }
        if count < window.len() {
            break;
        }
        at += (count - FRAME as usize) as u64;
    }
    Ok(length)
}

/// Makes the signatures of every document anew from its text, under the versions of this program. Nobody may have the collection open.
/// Returns how many documents there are.
pub fn rebuild(storage: &dyn Storage) -> Result<u64, IndexError> {
    let mut documents = 0;
    for (number, file) in files(storage)? {
        let name = path(storage, number);
        let Opened::Good(id, _) = segment::open(&*file, &name)? else { continue };
        let length = file.len().map_err(|error| IndexError::io(&name, &error))?;
        let mut rewrite = Rewrite::begin(storage, id)?;
        let end = segment::scan(&*file, &name, (HEADER, length), |place, payload| {
            let unknown =
                || IndexError::corrupt(&name, place, "an entry of no known form; run taoxi collection repair");
            let entry = match Entry::decode(payload).ok_or_else(unknown)? {
                Entry::Mark { .. } => return Ok(()),
                Entry::Document(mut record) => {
                    documents += 1;
                    record.print = Fingerprint::of(&body::text(&record.body).ok_or_else(unknown)?);
                    Entry::Document(record)
                }
                other => other,
            };
            rewrite.put(&entry.encode()).map(|_| ())
        })?;
        if let Some(fault) = end.fault.filter(|_| end.good < length)
            && segment::proves_synced(&*file, &name, end.good, length)?
        {
            return Err(IndexError::corrupt(&name, end.good, fault));
        }
        rewrite.finish()?;
    }
    remove_snapshot(storage)?;
    Ok(documents)
}

/// Copies the files of a collection to another folder, also while it is in use: what was acknowledged before is in the copy. Returns the bytes copied.
pub fn backup(from: &dyn Storage, to: &dyn Storage) -> Result<u64, IndexError> {
    let place = to.place();
    let there = to.list().map_err(|error| IndexError::io(&place, &error))?;
    if there.iter().any(|name| segment::number(name).is_some()) {
        return Err(IndexError::Io { file: place, reason: "the folder holds a collection already".to_owned() });
    }
    for _ in 0..ATTEMPTS {
        let before = generations(from)?;
        let mut bytes = 0;
        for (number, file) in files(from)? {
            bytes += copy(&*file, to, &segment::name(number))?;
        }
        // A file replaced in between may lack a document whose removal a copied file does not have.
        let after = generations(from)?;
        if before.iter().all(|(number, generation)| after.get(number) == Some(generation)) {
            to.sync_names().map_err(|error| IndexError::io(&to.place(), &error))?;
            return Ok(bytes);
        }
    }
    Err(IndexError::Io {
        file: from.place(),
        reason: "its files are being replaced all the time; try again".to_owned(),
    })
}

/// Bytes of the log on disk.
pub fn size(storage: &dyn Storage) -> Result<u64, IndexError> {
    let mut bytes = 0;
    for (number, file) in files(storage)? {
        bytes += file.len().map_err(|error| IndexError::io(&path(storage, number), &error))?;
    }
    Ok(bytes)
}

fn generations(storage: &dyn Storage) -> Result<HashMap<u32, u32>, IndexError> {
    let mut out = HashMap::new();
    for (number, file) in files(storage)? {
        if let Opened::Good(id, _) = segment::open(&*file, &path(storage, number))? {
            out.insert(number, id.generation);
        }
    }
    Ok(out)
}

/// Numbers of files that should be there.
fn missing(files: &[Numbered]) -> impl Iterator<Item = u32> {
    let last = files.last().map_or(0, |(number, _)| *number);
    (1..last).filter(|number| files.binary_search_by_key(number, |(number, _)| *number).is_err())
}

/// A file of the log with its number.
type Numbered = (u32, Arc<dyn Stored>);

/// The files of the log in order.
fn files(storage: &dyn Storage) -> Result<Vec<Numbered>, IndexError> {
    let io = |error: io::Error| IndexError::io(&storage.place(), &error);
    let mut numbers: Vec<u32> = storage.list().map_err(io)?.iter().filter_map(|name| segment::number(name)).collect();
    numbers.sort_unstable();
    let open = |number: u32| {
        let file = storage.open(&segment::name(number), false);
        file.map(|file| (number, file)).map_err(|error| IndexError::io(&path(storage, number), &error))
    };
    numbers.into_iter().map(open).collect()
}

fn path(storage: &dyn Storage, number: u32) -> String {
    format!("{}/{}", storage.place(), segment::name(number))
}

fn copy(from: &dyn Stored, to: &dyn Storage, name: &str) -> Result<u64, IndexError> {
    let copy = || {
        let unfinished = format!("{name}{UNFINISHED}");
        let file = to.open(&unfinished, true)?;
        let length = from.len()?;
        file.set_len(0)?;
        let mut buffer = vec![0; CHUNK];
        let mut at = 0;
        while at < length {
            let count = CHUNK.min((length - at) as usize);
            read_exact(from, &mut buffer[..count], at)?;
            file.write_at(&buffer[..count], at)?;
            at += count as u64;
        }
        file.sync()?;
        to.rename(&unfinished, name)?;
        Ok(length)
    };
    copy().map_err(|error| IndexError::io(&format!("{}/{name}", to.place()), &error))
}

fn remove_snapshot(storage: &dyn Storage) -> Result<(), IndexError> {
    let io = |error: io::Error| IndexError::io(SNAPSHOT, &error);
    if storage.list().map_err(io)?.iter().any(|name| name == SNAPSHOT) {
        storage.remove(SNAPSHOT).and_then(|()| storage.sync_names()).map_err(io)?;
    }
    Ok(())
}
