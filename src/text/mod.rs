//! Text as the rest of the program sees it: decoded, cut into lines, folded for matching, and edited only through [`Patch`].
//!
//! Everything here is pure: no files, no clocks, no threads. What a page means is left to `html`, what to remove to `steps`
//! and `rules`.

pub mod class;
pub mod counts;
pub mod encoding;
pub mod fold;
pub mod han;
mod han_frequency;
pub mod lines;
pub mod mojibake;
pub mod patch;

pub use patch::{Edit, Patch, PatchBuilder, Tag};
