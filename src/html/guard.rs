//! The limits a page is read under.
//!
//! A page over a limit is still rendered: deep pages are flattened, long attributes cut, and the result says so.
//! Refusing a body for its size is left to whoever reads it.

/// Whether the main content of pages is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Main {
    /// It is, by what was learned from many pages.
    #[default]
    Auto,
    /// Pages are rendered whole.
    Off,
}

/// Limits for one page. Sizes are in bytes of UTF-8, depth in open elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Open elements at one time. Deeper elements are not tracked: their text is kept, their hiding, selectors and
    /// preformatting are not seen, and [`Rendered::flattened`](crate::html::Rendered::flattened) is set. Browsers
    /// stop at 512.
    pub max_depth: usize,
    /// Kept of one attribute's value; the rest of the value is ignored.
    pub max_attribute_bytes: usize,
    /// Kept of the rendered text; beyond it
    /// [`Rendered::truncated`](crate::html::Rendered::truncated) is set. A rendering is hardly ever longer than its
    /// source.
    pub max_text_bytes: usize,
    /// Kept of the title.
    pub max_title_bytes: usize,
    /// Distinct unknown element names told apart; further ones count as one name.
    pub max_names: usize,
    /// Whether the main content is chosen, where no rule file says where it is.
    pub main: Main,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_depth: 512,
            max_attribute_bytes: 16 << 10,
            max_text_bytes: 64 << 20,
            max_title_bytes: 4 << 10,
            max_names: 4096,
            main: Main::Auto,
        }
    }
}
