//! What a run decides, apart from where its rows lie: pure functions over plain rows.
//!
//! The run on one machine ([`super::dedupe`]) keeps its rows in files and takes every decision here. Whoever keeps them elsewhere, as a cluster does, takes the
//! same decisions: rows may come in any order and from anywhere, as long as those of one decision come together.
//!
//! | file | what is decided |
//! |---|---|
//! | `wash` | what a document becomes: its record, its pieces with their fingerprints, what its rank depends on |
//! | `candidates` | what a piece is looked up by, and which of many candidates are compared |
//! | `found` | a relation between two pieces, as a record of fixed size |
//! | `settle` | one relation for two documents, what is a part of a compilation, what copies say of each other |
//! | `stars` | who is kept, and who goes for whom |
//! | `lines` | the lines of the result files |

mod candidates;
mod found;
mod lines;
mod settle;
mod stars;
mod wash;

pub use candidates::{HOT, Lookup, NEAREST, Nearest, best_of, is_enough};
pub use found::{FOUND_BYTES, Found, NONE, PASSAGE_BYTES, decode, encode};
pub(super) use lines::raise;
pub use lines::{Copies, Goes, document, record, relation};
pub use settle::{Pieces, Votes, asks, conclude, mark, of_pair, order, settled, unrelated, votes};
pub use stars::{Choice, Chosen, Edge, Held, State};
pub use wash::{PieceOf, Ready, wash};
