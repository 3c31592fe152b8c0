//! Finds 64-bit simhash codes within a Hamming radius, exactly: no near code is missed and no far one is reported.
//!
//! - [`BlockTables`]: built once, asked many times. 40 bytes a code.
//! - [`OnlineTables`]: the same question while codes come and go. About 44 bytes a code.
//! - [`pairs_within`]: every near pair of one array of distinct codes; [`groups_of_equal`] makes them distinct.
//!
//! All cut a code into blocks: two codes that differ in few bits agree in some block, so only codes that share a block
//! are compared. Sources: Manku, Jain, Das Sarma, "Detecting near-duplicates for web crawling" (WWW 2007), for tables
//! by block; Norouzi, Punjani, Fleet, "Fast search in Hamming space with multi-index hashing" (CVPR 2012), for radii
//! that need blocks a few bits away; Qin et al., "GPH: similarity search in Hamming space" (ICDE 2018), for sharing
//! the radius unevenly among the blocks.

mod block;
mod distribute;
mod fold;
mod groups;
mod online;
mod pairs;
mod plan;
mod search;
mod tables;

#[cfg(test)]
mod tests;

pub use groups::{EqualGroups, groups_of_equal};
pub use online::OnlineTables;
pub use pairs::pairs_within;
pub use tables::BlockTables;
