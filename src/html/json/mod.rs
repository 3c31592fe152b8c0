//! JSON as pages carry it: with line ends inside of strings, trailing commas, comments around it.
//!
//! Nothing here recurses, so nesting is no danger, and every reading takes time in proportion to its length.
//!
//! | file | idea |
//! |---|---|
//! | `scan` | from source to events; strings decoded |
//! | `tree` | a bounded tree of what was read |

pub(super) mod scan;
pub(super) mod tree;
