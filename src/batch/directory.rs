//! What is held in memory of each document and of each piece of it: about 250 bytes a document.

pub(super) use super::decide::NONE;
use super::decide::Pieces;
use crate::dedup::rank::Key;
use crate::dedup::{Keep, Standing};

/// A document of the run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doc {
    /// Where its id stands among the ids.
    pub id: (u64, u32),
    /// What its rank depends on.
    pub standing: Standing,
    /// Where its text begins among the texts, and its length in bytes.
    pub text: (u64, u32),
    /// Its first piece, the whole document; [`NONE`] for an input that failed.
    pub piece: u32,
    /// How many parts it was split into.
    pub parts: u32,
    /// Bytes of the source.
    pub bytes: u64,
}

/// A whole document, or one part that it was split into: what is compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub doc: u32,
    /// The part's number, or [`NONE`] for the whole document.
    pub part: u32,
    /// Its bytes of the document's text.
    pub start: u32,
    pub end: u32,
    /// Its weight.
    pub weight: u64,
    pub placeholders: u32,
    /// How many winnow hashes it has.
    pub hashes: u32,
    pub simhash: u64,
}

impl Piece {
    pub(super) const fn is_whole(&self) -> bool {
        self.part == NONE
    }
}

/// All documents and pieces, in order of input.
#[derive(Debug, Default)]
pub(super) struct Directory {
    ids: String,
    pub docs: Vec<Doc>,
    pub pieces: Vec<Piece>,
}

const DOC_BYTES: usize = 64;
const PIECE_BYTES: usize = 40;

impl Directory {
    /// Adds a document without pieces.
    pub(super) fn push(&mut self, id: &str, doc: Doc) {
        let at = (self.ids.len() as u64, id.len() as u32);
        self.ids.push_str(id);
        self.docs.push(Doc { id: at, ..doc });
    }

    pub(super) fn id(&self, doc: u32) -> &str {
        self.docs.get(doc as usize).map_or("", |doc| {
            let start = doc.id.0 as usize;
            self.ids.get(start..start + doc.id.1 as usize).unwrap_or("")
        })
    }

    pub(super) fn doc_of(&self, piece: u32) -> u32 {
        self.pieces[piece as usize].doc
    }

    /// What a piece's rank depends on: its document's standing with its own size.
    pub(super) fn standing(&self, piece: u32) -> Standing {
        let piece = &self.pieces[piece as usize];
        Standing { weight: piece.weight, placeholders: piece.placeholders, ..self.docs[piece.doc as usize].standing }
    }

    /// Bytes held, with what the stages hold beside it for each piece.
    pub(super) fn bytes(&self) -> u64 {
        (self.ids.len()
            + self.docs.len() * size_of::<Doc>()
            + self.pieces.len() * (size_of::<Piece>() + size_of::<Key>() + 32)) as u64
    }

    /// For each rank its piece, and for each piece its rank: the lowest rank is the best.
    pub(super) fn ranks(&self, keep: Keep) -> Ranks {
        let keys: Vec<Key> = (0..self.pieces.len() as u32).map(|piece| keep.key(&self.standing(piece))).collect();
        let mut by_rank: Vec<u32> = (0..self.pieces.len() as u32).collect();
        by_rank.sort_unstable_by(|&x, &y| {
            let ids = || self.id(self.doc_of(x)).cmp(self.id(self.doc_of(y)));
            keys[x as usize].cmp(&keys[y as usize]).then_with(ids).then(x.cmp(&y))
        });
        let mut of = vec![0; by_rank.len()];
        for (rank, &piece) in by_rank.iter().enumerate() {
            of[piece as usize] = rank as u32;
        }
        Ranks { of, by_rank }
    }

    /// As bytes, for a later run.
    pub(super) fn save(&self) -> Vec<u8> {
        let mut out =
            Vec::with_capacity(24 + self.ids.len() + self.docs.len() * DOC_BYTES + self.pieces.len() * PIECE_BYTES);
        for length in [self.ids.len(), self.docs.len(), self.pieces.len()] {
            out.extend((length as u64).to_le_bytes());
        }
        out.extend(self.ids.as_bytes());
        for doc in &self.docs {
            let s = &doc.standing;
            for value in [doc.id.0, s.date, doc.text.0, doc.bytes] {
                out.extend(value.to_le_bytes());
            }
            let small = [
                doc.id.1,
                doc.text.1,
                doc.piece,
                doc.parts,
                s.placeholders,
                s.noise,
                s.order as u32,
                u32::from(s.given),
            ];
            out.extend(small.iter().flat_map(|value| value.to_le_bytes()));
        }
        for piece in &self.pieces {
            out.extend(piece.weight.to_le_bytes());
            out.extend(piece.simhash.to_le_bytes());
            let small = [piece.doc, piece.part, piece.start, piece.end, piece.placeholders, piece.hashes];
            out.extend(small.iter().flat_map(|value| value.to_le_bytes()));
        }
        out
    }

    /// From the bytes of [`Self::save`].
    pub(super) fn load(bytes: &[u8]) -> Option<Self> {
        let (lengths, rest) = bytes.split_at_checked(24)?;
        let length = |at: usize| Some(u64_at(lengths, at * 8)? as usize);
        let (ids, docs, pieces) = (length(0)?, length(1)?, length(2)?);
        let (text, rest) = rest.split_at_checked(ids)?;
        let (doc_bytes, piece_bytes) = rest.split_at_checked(docs.checked_mul(DOC_BYTES)?)?;
        if piece_bytes.len() != pieces.checked_mul(PIECE_BYTES)? {
            return None;
        }
        let pieces = piece_bytes.chunks_exact(PIECE_BYTES).map(piece).collect::<Option<Vec<_>>>()?;
        let weight = |doc: &Doc| pieces.get(doc.piece as usize).map_or(0, |piece| piece.weight);
        let mut docs = doc_bytes.chunks_exact(DOC_BYTES).map(doc).collect::<Option<Vec<_>>>()?;
        for doc in &mut docs {
            doc.standing.weight = weight(doc);
        }
        Some(Self { ids: String::from_utf8(text.to_vec()).ok()?, docs, pieces })
    }
}

impl Pieces for Directory {
    fn doc(&self, piece: u32) -> u32 {
        self.doc_of(piece)
    }

    fn part(&self, piece: u32) -> u32 {
        self.pieces[piece as usize].part
    }
}

/// Ranks of pieces.
#[derive(Debug)]
pub(super) struct Ranks {
    /// By piece.
    pub of: Vec<u32>,
    /// By rank.
    pub by_rank: Vec<u32>,
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn doc(bytes: &[u8]) -> Option<Doc> {
    let small = |n: usize| u32_at(bytes, 32 + n * 4);
    let standing = Standing {
        date: u64_at(bytes, 8)?,
        placeholders: small(4)?,
        noise: small(5)?,
        order: u64::from(small(6)?),
        given: small(7)? == 1,
        ..Standing::default()
    };
    Some(Doc {
        id: (u64_at(bytes, 0)?, small(0)?),
        standing,
        text: (u64_at(bytes, 16)?, small(1)?),
        piece: small(2)?,
        parts: small(3)?,
        bytes: u64_at(bytes, 24)?,
    })
}

fn piece(bytes: &[u8]) -> Option<Piece> {
    let small = |n: usize| u32_at(bytes, 16 + n * 4);
    Some(Piece {
        weight: u64_at(bytes, 0)?,
        simhash: u64_at(bytes, 8)?,
        doc: small(0)?,
        part: small(1)?,
        start: small(2)?,
        end: small(3)?,
        placeholders: small(4)?,
        hashes: small(5)?,
    })
}

impl Doc {
    /// A document that failed, or that is yet to be filled in.
    pub(super) fn empty(standing: Standing, bytes: u64) -> Self {
        Self { id: (0, 0), standing, text: (0, 0), piece: NONE, parts: 0, bytes }
    }
}
