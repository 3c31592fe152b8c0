//! HTML in, plain text out: the guard against hostile pages, and the text rendering.
//!
//! One pass over the tokens of the WHATWG tokenizer ([`html5gum`]), no tree: a bounded stack of open elements knows
//! enough of the standard's tree construction to close what authors leave open. Every page costs time and memory in
//! proportion to its length. Choosing the main content of a page, decoding bytes and cleaning the text are other
//! rooms' work.
//!
//! | file | idea |
//! |---|---|
//! | [`guard`] | the limits |
//! | `tokens`, `raw`, `attributes` | tokenizer events, raw text elements, the attributes that matter |
//! | `tags`, `open` | what is known of each element; the stack of open ones |
//! | `render`, `lines`, `hidden` | from events to lines of visible text |
//! | [`page`] | elements, blocks of text and what a page says about itself |
//! | [`content`](mod@content) | which of the blocks are the main content |
//! | [`selector`], `compiled`, `matcher` | which elements a site's rules keep or remove |
//! | [`cosmetic`] | which elements filter lists hide |
//! | [`metadata`] | who wrote a page, when, and what it is called |
//! | `json`, `embedded` | JSON in pages; the text that stands only there |
//! | `shapes`, [`markdown`](mod@markdown) | blocks found again in a rendered text, and written as Markdown |
//! | [`sniff`], [`charset`] | is this HTML, and in which encoding does it say it is |

mod attributes;
pub mod charset;
mod compiled;
pub mod content;
pub mod cosmetic;
mod embedded;
pub mod guard;
mod hidden;
mod json;
mod lines;
pub mod markdown;
mod matcher;
pub mod metadata;
mod open;
pub mod page;
mod raw;
pub mod render;
pub mod selector;
mod selector_parse;
mod shapes;
pub mod sniff;
mod style;
mod tags;
mod tokens;

pub use charset::declared_charset;
pub use content::{Content, Removed, Shape, content, content_in, content_of};
pub use embedded::{Embedded, embedded};
pub use guard::{Limits, Main};
pub use markdown::{Piece, markdown};
pub use page::Page;
pub use render::{Rendered, Site, render};
pub use selector::{Selector, SelectorError};
pub use shapes::shapes_in;
pub use sniff::looks_like_html;
pub use tags::Tag;
