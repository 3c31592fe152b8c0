//! `passages.ndjson`: a line for each passage.

use serde::Serialize;

use super::super::error::BatchError;
use super::super::file::Records;
use super::places::{PLACE, PLACES, Place};
use super::{Found, Order, Room};

/// Places that a line lists at most.
const MOST_PLACES: usize = 100;
/// Characters of a passage that its line shows at most.
const SHOWN: usize = 200;

/// A line of `passages.ndjson`.
#[derive(Debug, Serialize)]
struct Line<'l> {
    /// Its number, from 1: those in most documents come first.
    passage: u64,
    /// How it begins.
    text: String,
    /// Its characters, and bytes.
    length: usize,
    bytes: usize,
    /// The documents that have it.
    documents: u32,
    /// The first of them.
    first: &'l str,
    /// Where it stands and is part of no longer passage.
    places: Vec<PlaceOut<'l>>,
    /// Places that are not listed.
    more_places: u64,
    /// Places from which it went.
    dropped: u64,
}

#[derive(Debug, Serialize)]
struct PlaceOut<'l> {
    id: &'l str,
    start: u32,
    end: u32,
}

/// Gives every line to `put`; counts passages.
pub(in crate::batch) fn write(
    room: &Room<'_>,
    mut put: impl FnMut(&[u8]) -> Result<(), BatchError>,
) -> Result<Found, BatchError> {
    let order = Order::new(room);
    let mut found = Found::default();
    let mut line: Option<([u8; 16], Line<'_>)> = None;
    let mut end = |line: Option<([u8; 16], Line<'_>)>| -> Result<(), BatchError> {
        let Some((_, line)) = line else { return Ok(()) };
        let mut bytes = serde_json::to_vec(&line).unwrap_or_default();
        bytes.push(b'\n');
        put(&bytes)
    };
    for record in Records::<PLACE>::open(&room.scratch.path(PLACES))? {
        let place = Place::from_bytes(&record?);
        let number = order.number(place.order);
        if line.as_ref().is_none_or(|(key, _)| *key != place.key) {
            end(line.take())?;
            found.passages += 1;
            line = Some((place.key, begin(room, order, found.passages, &place)?));
        }
        let Some((_, line)) = &mut line else { continue };
        if line.places.len() < MOST_PLACES {
            line.places.push(PlaceOut { id: room.directory.id(number), start: place.start, end: place.end });
        } else {
            line.more_places += 1;
        }
        let given = room.directory.docs[number as usize].standing.given;
        line.dropped += u64::from(room.wanted.drop && !given && place.order != place.first);
    }
    end(line)?;
    Ok(found)
}

fn begin<'r>(room: &Room<'r>, order: Order, passage: u64, place: &Place) -> Result<Line<'r>, BatchError> {
    let doc = &room.directory.docs[order.number(place.order) as usize];
    let bytes = (place.end - place.start) as usize;
    let text = room.texts.read(doc.text.0 + u64::from(place.start), bytes)?;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    Ok(Line {
        passage,
        text: shown,
        length: text.chars().count(),
        bytes,
        documents: place.documents,
        first: room.directory.id(order.number(place.first)),
        places: Vec::new(),
        more_places: 0,
        dropped: 0,
    })
}
