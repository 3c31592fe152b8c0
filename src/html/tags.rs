//! What is known of each HTML element: how it parses and how it is displayed.
//!
//! The lists follow the HTML standard: void elements (13.1.2), special and formatting elements and scopes (13.2.4.2,
//! 13.2.4.3), elements that break out of foreign content (13.2.6.5), and the display of the user agent style sheet
//! (15.3).

use std::collections::HashMap;

/// A set of properties, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Traits(u32);

impl Traits {
    /// No property: an inline element nobody treats specially.
    pub(super) const NONE: Self = Self(0);

    /// Whether any of the properties in `other` is set.
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Names the bits, each with what it stands for.
macro_rules! bits {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        $($(#[$doc])* pub(super) const $name: Traits = Traits(1 << $bit);)*
    };
}

bits! {
    /// Never has content or an end tag.
    VOID = 0;
    /// Stands on lines of its own.
    BLOCK = 1;
    /// Its rows or the element itself begin a line of the table.
    ROW = 2;
    /// A table cell.
    CELL = 3;
    /// Nothing inside is displayed.
    DROP = 4;
    /// Displayed only where scripts, frames or plug-ins are missing.
    FALLBACK = 5;
    /// Its content is text up to its end tag, not markup.
    RAW = 6;
    /// White space inside is kept.
    PRE = 7;
    /// A "special" element: an end tag of an inline element does not reach through it.
    SPECIAL = 8;
    /// Ends a scope: an end tag inside does not reach what is outside.
    SCOPE = 9;
    /// Its start tag ends an open paragraph.
    ENDS_P = 10;
    /// A formatting element: it may be closed from inside a block it contains.
    FORMATTING = 11;
    /// h1 to h6.
    HEADING = 12;
    /// Root of SVG or `MathML`.
    FOREIGN = 13;
    /// Its start tag ends SVG or `MathML`.
    BREAKS_OUT = 14;
    /// A part of a table, closed only within that table.
    TABLE_PART = 15;
    /// Its tags do not open or close anything.
    TRANSPARENT = 16;
    /// Stays open to the end of the page.
    LASTING = 17;
}

const fn set<const N: usize>(traits: [Traits; N]) -> Traits {
    let mut all = 0;
    let mut i = 0;
    while i < N {
        all |= traits[i].0;
        i += 1;
    }
    Traits(all)
}

/// A block that ends a paragraph, is special and ends foreign content: most of them.
const BOX: Traits = set([BLOCK, SPECIAL, ENDS_P, BREAKS_OUT]);
/// A block of the newer kind, which foreign content does not know.
const PLAIN_BOX: Traits = set([BLOCK, SPECIAL, ENDS_P]);
const HEAD: Traits = set([BOX, HEADING]);
const FORMAT: Traits = set([FORMATTING, BREAKS_OUT]);
const NOTHING: Traits = set([VOID, SPECIAL]);
const ROWS: Traits = set([BLOCK, ROW, SPECIAL, TABLE_PART]);
const CELLS: Traits = set([CELL, SPECIAL, SCOPE, TABLE_PART]);
const RAWTEXT: Traits = set([RAW, SPECIAL]);
const PHRASE: Traits = BREAKS_OUT;

macro_rules! tags {
    ($($tag:ident $name:literal $traits:expr;)*) => {
        /// The elements something is known of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Tag { $(#[doc = $name] $tag),* }

        const KNOWN: &[Traits] = &[$($traits),*];

        impl Tag {
            /// The element with this lower-case name.
            pub(in crate::html) fn from_name(name: &[u8]) -> Option<Self> {
                // Compiled to a decision tree; a hash table measured slower.
                $(const $tag: &[u8] = $name.as_bytes();)*
                match name {
                    $($tag => Some(Self::$tag),)*
                    _ => None,
                }
            }

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$tag => $name,)* }
            }
        }
    };
}

#[allow(non_upper_case_globals)] // the macro names a constant after each element
mod table {
    use crate::html::tags::{
        BLOCK, BOX, BREAKS_OUT, CELLS, DROP, FALLBACK, FOREIGN, FORMAT, FORMATTING, HEAD, LASTING, NOTHING, PHRASE,
        PLAIN_BOX, PRE, RAW, RAWTEXT, ROW, ROWS, SCOPE, SPECIAL, TABLE_PART, TRANSPARENT, Traits, VOID, set,
    };

    tags! {
        A "a" FORMATTING; Address "address" PLAIN_BOX; Annotation "annotation" DROP;
        AnnotationXml "annotation-xml" DROP; Applet "applet" DROP; Area "area" NOTHING;
        Article "article" PLAIN_BOX; Aside "aside" PLAIN_BOX; Audio "audio" DROP;
        B "b" FORMAT; Base "base" NOTHING; Basefont "basefont" NOTHING; Bgsound "bgsound" NOTHING;
        Big "big" FORMAT; Blockquote "blockquote" BOX; Body "body" set([BOX, LASTING]);
        Br "br" set([VOID, SPECIAL, BREAKS_OUT]); Button "button" set([DROP, SPECIAL]);
        Canvas "canvas" DROP; Caption "caption" set([ROWS, SCOPE]); Center "center" BOX; Code "code" FORMAT;
        Col "col" NOTHING; Colgroup "colgroup" set([SPECIAL, TABLE_PART]);
        Datalist "datalist" DROP; Dd "dd" BOX; Details "details" PLAIN_BOX; Dialog "dialog" PLAIN_BOX;
        Dir "dir" PLAIN_BOX; Div "div" BOX; Dl "dl" BOX; Dt "dt" BOX;
        Em "em" FORMAT; Embed "embed" set([VOID, SPECIAL, BREAKS_OUT]);
        Fieldset "fieldset" PLAIN_BOX; Figcaption "figcaption" PLAIN_BOX; Figure "figure" PLAIN_BOX;
        Font "font" FORMATTING; Footer "footer" PLAIN_BOX; ForeignObject "foreignobject" SPECIAL;
        Form "form" PLAIN_BOX; Frame "frame" NOTHING;
        H1 "h1" HEAD; H2 "h2" HEAD; H3 "h3" HEAD; H4 "h4" HEAD; H5 "h5" HEAD; H6 "h6" HEAD;
        Head "head" set([TRANSPARENT, BREAKS_OUT]); Header "header" PLAIN_BOX; Hgroup "hgroup" PLAIN_BOX;
        Hr "hr" set([BOX, VOID]); Html "html" set([SPECIAL, SCOPE, BLOCK, LASTING]);
        I "i" FORMAT; Iframe "iframe" RAWTEXT; Image "image" NOTHING;
        Img "img" set([VOID, SPECIAL, BREAKS_OUT]); Input "input" NOTHING;
        Keygen "keygen" NOTHING; Label "label" Traits::NONE; Legend "legend" BLOCK; Li "li" BOX; Link "link" NOTHING;
        Listing "listing" set([BOX, PRE]); Main "main" PLAIN_BOX; Marquee "marquee" set([BLOCK, SPECIAL, SCOPE]);
        Math "math" FOREIGN; Menu "menu" BOX; Meta "meta" set([VOID, SPECIAL, BREAKS_OUT]);
        Meter "meter" DROP; Nav "nav" PLAIN_BOX; Nobr "nobr" FORMAT; Noembed "noembed" FALLBACK;
        Noframes "noframes" set([FALLBACK, SPECIAL]); Noscript "noscript" set([FALLBACK, SPECIAL]);
        Object "object" DROP; Ol "ol" BOX; Optgroup "optgroup" DROP; Choice "option" DROP;
        P "p" BOX; Param "param" NOTHING; Plaintext "plaintext" set([RAW, PLAIN_BOX]);
        Pre "pre" set([BOX, PRE]); Progress "progress" DROP;
        Rb "rb" Traits::NONE; Rp "rp" DROP; Rt "rt" DROP; Rtc "rtc" DROP; Ruby "ruby" PHRASE;
        S "s" FORMAT; Script "script" RAWTEXT; Search "search" PLAIN_BOX; Section "section" PLAIN_BOX;
        Select "select" set([DROP, SPECIAL]); Small "small" FORMAT; Source "source" NOTHING;
        Span "span" PHRASE; Strike "strike" FORMAT; Strong "strong" FORMAT; Style "style" RAWTEXT;
        Sub "sub" PHRASE; Summary "summary" PLAIN_BOX; Sup "sup" PHRASE; Svg "svg" set([FOREIGN, DROP]);
        Table "table" set([BOX, ROW, SCOPE, TABLE_PART]); Tbody "tbody" ROWS; Td "td" CELLS;
        Template "template" set([DROP, SPECIAL, SCOPE]); Textarea "textarea" set([RAWTEXT, BLOCK]);
        Tfoot "tfoot" ROWS; Th "th" CELLS; Thead "thead" ROWS; Time "time" Traits::NONE; Title "title" RAWTEXT; Tr "tr" ROWS;
        Track "track" NOTHING; Tt "tt" FORMAT; U "u" FORMAT; Ul "ul" BOX; Var "var" PHRASE;
        Video "video" DROP; Wbr "wbr" NOTHING; Xmp "xmp" set([RAW, PLAIN_BOX]);
    }

    impl Tag {
        /// Its properties.
        pub(in crate::html) fn traits(self) -> Traits {
            KNOWN[self as usize]
        }

        /// How many there are; the numbers from here on are for other names.
        pub(in crate::html) const COUNT: usize = KNOWN.len();
    }
}

pub use table::Tag;

/// A number for every element name of the page, so that open elements can be counted by name.
#[derive(Debug)]
pub(super) struct Names {
    other: HashMap<Box<[u8]>, usize>,
    max: usize,
}

impl Names {
    /// Tells at most `max` unknown names apart.
    pub(super) fn new(max: usize) -> Self {
        Self { other: HashMap::new(), max }
    }

    /// The number of a name whose known element, if any, is `tag`. Without `add`, `None` for a name never added.
    pub(super) fn number(&mut self, tag: Option<Tag>, name: &[u8], add: bool) -> Option<usize> {
        if let Some(tag) = tag {
            return Some(tag as usize);
        }
        if let Some(&number) = self.other.get(name) {
            return Some(number);
        }
        if self.other.len() >= self.max {
            return Some(Tag::COUNT);
        }
        let number = Tag::COUNT + 1 + self.other.len();
        add.then(|| *self.other.entry(name.into()).or_insert(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_elements() {
        assert_eq!(Tag::from_name(b"blockquote"), Some(Tag::Blockquote));
        assert_eq!(Tag::from_name(b"option"), Some(Tag::Choice));
        assert_eq!(Tag::from_name(b"x-card"), None);
        assert!(Tag::Td.traits().has(CELL));
        assert!(!Tag::Span.traits().has(BLOCK));
    }

    #[test]
    fn unknown_names_get_numbers_up_to_a_limit() {
        let mut names = Names::new(2);
        assert_eq!(names.number(None, b"x-a", false), None);
        let a = names.number(None, b"x-a", true);
        assert_eq!(names.number(None, b"x-a", false), a);
        assert_ne!(names.number(None, b"x-b", true), a);
        assert_eq!(names.number(None, b"x-c", true), Some(Tag::COUNT));
    }
}
