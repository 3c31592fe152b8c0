//! The lines of the result files.

use serde::Serialize;
use serde_json::Value;

use super::found::{Found, NONE};
use super::stars::Held;
use crate::dedup::{Keep, Kind, Named, Passage, Relation, Standing, Why};
use crate::document::Flag;

/// A document with what its rank depends on.
type Known<'k> = (&'k str, &'k Standing);

/// What is said of a document that goes.
#[derive(Debug, Clone, Copy)]
pub struct Goes<'g> {
    /// The document that is kept for it.
    pub of: Known<'g>,
    /// What copy it is.
    pub kind: Kind,
    /// How much of it stands in the kept one, and of the kept one in it, in ten thousandths.
    pub shares: (u16, u16),
}

impl<'g> Goes<'g> {
    /// Held by a document.
    #[must_use]
    pub fn new<B>(held: &Held<B>, of: Known<'g>) -> Self {
        Self { of, kind: held.kind, shares: (held.own, held.others) }
    }
}

/// What is said of a document that is kept for others.
#[derive(Debug, Clone, Copy)]
pub struct Copies<'c> {
    /// How many there are.
    pub count: u64,
    /// The best of them.
    pub best: Known<'c>,
    /// How much of that stands in the kept one, and of the kept one in it, in ten thousandths.
    pub shares: (u16, u16),
}

/// A line of `documents.ndjson`.
#[derive(Debug, Serialize)]
struct Line<'l> {
    id: &'l str,
    cluster: &'l str,
    keep: bool,
    kind: Option<Kind>,
    of: Option<&'l str>,
    why: Option<Why>,
}

/// The line of a document that did not fail: it goes, or is kept for others, or stands alone.
#[must_use]
pub fn document(
    keep: Keep,
    (id, standing): Known<'_>,
    goes: Option<&Goes<'_>>,
    copies: Option<&Copies<'_>>,
) -> Vec<u8> {
    let share = |n: u16| f64::from(n) / 10_000.0;
    let line = if let Some(Goes { of: (of, kept), kind, shares }) = goes {
        let why = keep.why((kept, of), (standing, "this"), share(shares.0), 1.0 - share(shares.1));
        Line { id, cluster: of, keep: false, kind: Some(*kind), of: Some(of), why: Some(why) }
    } else {
        let why = copies.map(|copies| {
            let (best, shares) = (copies.best, copies.shares);
            let mut why = keep.why((standing, "this"), (best.1, best.0), share(shares.0), 1.0 - share(shares.1));
            why.params.insert("copies".to_owned(), copies.count.into());
            why
        });
        Line { id, cluster: id, keep: true, kind: None, of: None, why }
    };
    line_of(&line)
}

/// A line of `relations.ndjson`. Passages are of the whole texts.
#[must_use]
pub fn relation(found: &Found, passages: Vec<Passage>, a: Known<'_>, b: Known<'_>, keep: Keep) -> Vec<u8> {
    let part = |number: u32| (number != NONE).then_some(number);
    let name_a = Named { id: a.0, standing: a.1, part: part(found.a_part) };
    let name_b = Named { id: b.0, standing: b.1, part: part(found.b_part) };
    line_of(&Relation::new(found.verdict(passages), name_a, name_b, keep))
}

fn line_of(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// A line of `kept.ndjson`, the Cleaned record: its head with the text put where it was taken out.
#[must_use]
pub fn record(head: &[u8], text: &[u8], compilation: bool) -> Vec<u8> {
    // Quotes inside JSON strings are escaped, so this stands once and only as the empty field.
    const FIELD: &[u8] = br#","text":""#;
    let flagged;
    let head = if compilation {
        flagged = with_flag(head, Flag::Compilation);
        &flagged
    } else {
        head
    };
    let at = memchr::memmem::find(head, FIELD).map_or(head.len(), |at| at + FIELD.len() - 1);
    let text = serde_json::to_vec(&String::from_utf8_lossy(text)).unwrap_or_default();
    let mut out = Vec::with_capacity(head.len() + text.len() + 1);
    out.extend_from_slice(&head[..at]);
    out.extend_from_slice(&text);
    out.extend_from_slice(head.get(at + 2..).unwrap_or_default());
    out.push(b'\n');
    out
}

/// A head with one flag more.
fn with_flag(head: &[u8], flag: Flag) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(head) else { return head.to_vec() };
    raise(&mut value, flag);
    serde_json::to_vec(&value).unwrap_or_else(|_| head.to_vec())
}

/// Raises a flag on a record, in the order of flags.
pub(in super::super) fn raise(record: &mut Value, flag: Flag) {
    if let Some(flags) = record.get_mut("flags").and_then(Value::as_array_mut) {
        let mut all: Vec<Flag> = flags.iter().filter_map(|name| Flag::parse(name.as_str()?)).collect();
        all.push(flag);
        all.sort_unstable();
        all.dedup();
        *flags = all.into_iter().map(|flag| flag.as_str().into()).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_goes_back_where_it_was() {
        let head = br#"{"id":"a\",\"text\":\"\"","title":null,"text":"","flags":["masked"],"meta":{"text":""}}"#;
        let out = record(head, "他说\"好\"\n".as_bytes(), false);
        let value: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["text"], "他说\"好\"\n");
        assert_eq!(value["id"], "a\",\"text\":\"\"");
        let value: Value = serde_json::from_slice(&record(head, b"x", true)).unwrap();
        assert_eq!(value["flags"], serde_json::json!(["compilation", "masked"]));
        assert_eq!(value["text"], "x");
    }
}
