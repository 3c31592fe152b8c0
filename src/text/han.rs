//! Han variants: traditional, Taiwan, Hong Kong and Japanese forms against the simplified ones.
//!
//! Two jobs with two answers. [`simplify_char`] folds for **comparing**: every form of one character becomes the same
//! character, whether or not a reader would write it so. [`simplify_edits`] converts for **showing**: words decide, as
//! in `OpenCC`'s `t2s`, and simplified text stays as it is. [`script`] tells which of the two a text is written in.
//!
//! The tables under `data/` are written by `tools/make_han_tables.py` from `OpenCC`'s dictionaries (Apache-2.0).
//! Reading them takes a fraction of a millisecond, once. Compatibility ideographs (U+F900 and up) are left to NFKC.

mod edits;
mod map;
mod script;
mod table;

pub use edits::simplify_edits;
pub use script::{Script, has_simplified_form, is_simplified_only, is_traditional, script, script_of, sides};
pub use table::simplify_char;

/// Whether folding or converting changes `c`: what makes a line worth a look by `han-variant`. Broader than [`is_traditional`].
#[must_use]
pub fn is_variant(c: char) -> bool {
    simplify_char(c) != c || is_traditional(c)
}
