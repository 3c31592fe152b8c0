//! Filter lists of ad blockers (`EasyList` and its like): which elements they hide.
//!
//! Of a list, the element hiding rules count: `##.ad`, `example.com,~blog.example.com##.ad`, `example.*##.ad`, their
//! exceptions with `#@#`, and whole sites excepted by `@@||example.com^$elemhide` or `$generichide`. Rules about requests say
//! nothing about elements. A rule that cannot be evaluated (a selector with `:has`, a script, a style) is counted and named
//! in the [`Report`].
//!
//! | file | idea |
//! |---|---|
//! | `line` | one line of a list |
//! | `set` | all rules, found by host |
//! | `named` | the rules that name a host, as they are written |

mod line;
mod named;
mod set;

pub use named::{Named, NamedRule, named};
pub use set::{FilterSet, Refused, Report, Scope};
