//! The result files: written under other names, and renamed when all are whole.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::checkpoint::Scratch;
use super::decide::{self, Copies, Goes, Held, record};
use super::directory::{Directory, NONE};
use super::error::BatchError;
use super::passages::{self, Dropped};
use super::progress::Progress;
use super::record::lessened;
use super::relate::PassageReader;
use super::settle::{Settled, unkeyed};
use super::stars::{Star, Stars};
use super::store::StoreReader;
use super::summary::Counts;
use super::{Gone, Taker};
use crate::dedup::{Keep, Standing};

/// A file that gets its name when it is whole.
struct Draft {
    out: Box<dyn Finish>,
    now: PathBuf,
    then: PathBuf,
}

/// A writer that has an end to write.
trait Finish: Write {
    fn end(self: Box<Self>) -> io::Result<()>;
}

impl Finish for BufWriter<File> {
    fn end(mut self: Box<Self>) -> io::Result<()> {
        self.flush()
    }
}

impl Finish for zstd::stream::write::Encoder<'static, BufWriter<File>> {
    fn end(self: Box<Self>) -> io::Result<()> {
        self.finish()?.flush()
    }
}

/// Result files that only some runs write: those of an earlier run would be taken for this one's.
const OPTIONAL: [&str; 2] = ["passages.ndjson", "copies.ndjson"];

/// The folder of result files.
pub(super) struct Results<'p> {
    folder: &'p Path,
    compress: bool,
    copies: bool,
    drafts: Vec<(PathBuf, PathBuf)>,
}

impl<'p> Results<'p> {
    pub(super) fn new(folder: &'p Path, compress: bool, copies: bool) -> Self {
        Self { folder, compress, copies, drafts: Vec::new() }
    }

    fn create(&self, name: &str) -> Result<Draft, BatchError> {
        let name = if self.compress { format!("{name}.zst") } else { name.to_owned() };
        let (draft, path) = (self.folder.join(format!(".{name}.draft")), self.folder.join(name));
        let file = File::create(&draft).map_err(BatchError::of(&draft))?;
        let file = BufWriter::with_capacity(1 << 18, file);
        let out: Box<dyn Finish> = if self.compress {
            Box::new(zstd::stream::write::Encoder::new(file, 3).map_err(BatchError::of(&draft))?)
        } else {
            Box::new(file)
        };
        Ok(Draft { out, now: draft, then: path })
    }

    fn close(&mut self, draft: Draft) -> Result<(), BatchError> {
        draft.out.end().map_err(BatchError::of(&draft.now))?;
        self.drafts.push((draft.now, draft.then));
        Ok(())
    }

    /// A small file, never compressed.
    pub(super) fn small(&mut self, name: &str, value: &Value) -> Result<(), BatchError> {
        let (draft, path) = (self.folder.join(format!(".{name}.draft")), self.folder.join(name));
        let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
        bytes.push(b'\n');
        fs::write(&draft, bytes).map_err(BatchError::of(&draft))?;
        self.drafts.push((draft, path));
        Ok(())
    }

    /// Gives all files their names, and removes those of an earlier run that this one did not write.
    pub(super) fn publish(self) -> Result<(), BatchError> {
        for name in OPTIONAL {
            for path in [self.folder.join(name), self.folder.join(format!("{name}.zst"))] {
                if !self.drafts.iter().any(|(_, written)| *written == path) {
                    remove_stale(&path)?;
                }
            }
        }
        for (draft, path) in &self.drafts {
            fs::rename(draft, path).map_err(BatchError::of(path))?;
            // The same file of an earlier run with or without compression would be stale.
            let name = path.to_string_lossy();
            let twin = name.strip_suffix(".zst").map_or_else(|| format!("{name}.zst"), ToOwned::to_owned);
            remove_stale(Path::new(&twin))?;
        }
        Ok(())
    }
}

/// Removes a file of an earlier run, if it is there.
pub(super) fn remove_stale(path: &Path) -> Result<(), BatchError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(BatchError::of(path)(error)),
        _ => Ok(()),
    }
}

/// What result files are made from.
pub(super) struct Source<'s> {
    pub directory: &'s Directory,
    pub scratch: &'s Scratch,
    pub keep: Keep,
    /// Whether passages are dropped from texts.
    pub drops: bool,
    pub stop: &'s AtomicBool,
}

impl Source<'_> {
    fn known(&self, doc: u32) -> (&str, &Standing) {
        (self.directory.id(doc), &self.directory.docs[doc as usize].standing)
    }

    /// Writes all relations.
    fn relations(
        &self,
        relations: impl Iterator<Item = Result<[u8; super::settle::KEYED], BatchError>>,
        draft: &mut Draft,
        counts: &mut Counts,
    ) -> Result<(), BatchError> {
        let mut passages = PassageReader::open(self.scratch)?;
        for record in relations {
            let found = unkeyed(&record?);
            let (a, b) = (&self.directory.pieces[found.a as usize], &self.directory.pieces[found.b as usize]);
            let mut passages = passages.read(&found)?;
            // Passages of a part were measured from its beginning.
            for passage in &mut passages {
                passage.a = (passage.a.0 + a.start as usize, passage.a.1 + a.start as usize);
                passage.b = (passage.b.0 + b.start as usize, passage.b.1 + b.start as usize);
            }
            counts.relation(found.kind, found.spun);
            draft.put(&decide::relation(&found, passages, self.known(a.doc), self.known(b.doc), self.keep))?;
        }
        Ok(())
    }

    /// The line of a document that did not fail.
    fn document(&self, doc: u32, held: Option<&Held<u32>>, stars: &Stars, star: Option<&Star>) -> Vec<u8> {
        let goes = held.map(|held| Goes::new(held, self.known(held.by)));
        let copies = star.and_then(|star| {
            let held = stars.held(star.best)?;
            Some(Copies { count: star.copies, best: self.known(star.best), shares: (held.own, held.others) })
        });
        decide::document(self.keep, self.known(doc), goes.as_ref(), copies.as_ref())
    }

    /// Writes documents and kept records.
    fn documents(
        &self,
        settled: &Settled,
        out: (&mut Draft, &mut Draft, Option<&mut Draft>),
        counts: &mut Counts,
        progress: &dyn Progress,
        taker: &mut dyn Taker,
    ) -> Result<(), BatchError> {
        let (documents, kept, mut copies) = out;
        let centres: HashMap<u32, Star> = settled.stars.centres(self.directory, &settled.ranks);
        let mut store = StoreReader::open(&self.scratch.folder)?;
        let mut dropped = self.drops.then(|| Dropped::open(self.scratch)).transpose()?;
        for number in 0..self.directory.docs.len() as u32 {
            let doc = self.directory.docs[number as usize];
            let head = store.head()?;
            progress.add(1);
            if self.stop.load(Ordering::Relaxed) {
                return Err(BatchError::Stopped);
            }
            if doc.piece == NONE {
                counts.failed += 1;
                if !doc.standing.given {
                    documents.put(&head)?;
                    documents.put(b"\n")?;
                }
                continue;
            }
            let text = store.text(doc.text.1 as usize)?;
            if doc.standing.given {
                continue;
            }
            let (goes, star) = (settled.stars.held(number), centres.get(&number));
            documents.put(&self.document(number, goes.as_ref(), &settled.stars, star))?;
            counts.document((doc.bytes, doc.text.1), goes.map(|goes| goes.kind), star.map(|star| star.copies));
            let Some(goes) = goes else {
                let compilation = settled.compilations[number as usize];
                let record = match &mut dropped {
                    None => record(&head, &text, compilation),
                    Some(dropped) => lessened(&head, &text, compilation, |text| dropped.of(number, text), counts)?,
                };
                kept.put(&record)?;
                if taker.wants_records() {
                    taker.kept(&serde_json::from_slice(&record).unwrap_or_default())?;
                }
                continue;
            };
            let share = |n: u16| f64::from(n) / 10_000.0;
            let (id, of) = (self.directory.id(number), self.directory.id(goes.by));
            taker.gone(&Gone { id, kind: goes.kind, of, shares: (share(goes.own), share(goes.others)) })?;
            if let Some(copies) = &mut copies {
                copies.put(&record(&head, &text, settled.compilations[number as usize]))?;
            }
        }
        Ok(())
    }
}

/// Writes `passages.ndjson`.
pub(super) fn passages(room: &passages::Room<'_>, results: &mut Results<'_>) -> Result<passages::Found, BatchError> {
    let mut draft = results.create("passages.ndjson")?;
    let found = passages::report(room, |line| draft.put(line))?;
    results.close(draft)?;
    Ok(found)
}

/// Writes `documents.ndjson`, `relations.ndjson`, `kept.ndjson` and, where it is wanted, `copies.ndjson`.
pub(super) fn write(
    source: &Source<'_>,
    mut settled: Settled,
    results: &mut Results<'_>,
    progress: &dyn Progress,
    taker: &mut dyn Taker,
) -> Result<Counts, BatchError> {
    let mut counts = Counts::default();
    counts.compilations = settled.compilations.iter().filter(|is| **is).count() as u64;
    let mut relations = results.create("relations.ndjson")?;
    source.relations(settled.relations.by_ref(), &mut relations, &mut counts)?;
    results.close(relations)?;
    let (mut documents, mut kept) = (results.create("documents.ndjson")?, results.create("kept.ndjson")?);
    let mut copies = results.copies.then(|| results.create("copies.ndjson")).transpose()?;
    source.documents(&settled, (&mut documents, &mut kept, copies.as_mut()), &mut counts, progress, taker)?;
    results.close(documents)?;
    results.close(kept)?;
    copies.map_or(Ok(()), |copies| results.close(copies))?;
    Ok(counts)
}

impl Draft {
    fn put(&mut self, bytes: &[u8]) -> Result<(), BatchError> {
        self.out.write_all(bytes).map_err(BatchError::of(&self.now))
    }
}
