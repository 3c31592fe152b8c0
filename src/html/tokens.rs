//! From source to events: start tags, end tags and text.
//!
//! [`html5gum`] is the tokenizer of the HTML standard (13.2.5) with entities decoded, line ends normalised, and the
//! emitter below writing into reused buffers. Raw text elements are cut out here rather than in the tokenizer, which
//! is started anew behind each: that way nothing is lost when their end tag is missing. `<![CDATA[` is a section of
//! text everywhere, not only in SVG, provided it ends.

use crate::html::attributes::Attributes;
use crate::html::raw::RawText;
use crate::html::tags::Tag;
use html5gum::{Emitter, Error, State, Tokenizer};
use std::ops::Range;

/// Element names are cut at this length, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// Takes the events of a page in their order.
pub(super) trait Handler {
    /// A start tag. `true` if its content is text up to its end tag.
    fn start(&mut self, tag: Option<Tag>, name: &[u8], self_closing: bool, attributes: &Attributes) -> bool;
    /// An end tag.
    fn end(&mut self, tag: Option<Tag>, name: &[u8]);
    /// Text, in pieces that may end anywhere.
    fn text(&mut self, piece: &[u8]);
    /// The content of the raw text element `tag` begins or is over.
    fn raw(&mut self, tag: Option<Tag>);
    /// Where the next tag ends, in bytes of the source.
    fn position(&mut self, _: usize) {}
    /// A comment is over, in bytes of the source.
    fn comment(&mut self, _: usize) {}
    /// The content of the last start tag, code rather than text, stands in these bytes of the source.
    fn code(&mut self, _: Range<usize>, _: &[u8]) {}
}

/// Sends the events of `source` to the handler.
pub(super) fn walk(source: &str, attributes: Attributes, handler: &mut impl Handler) {
    let bytes = source.as_bytes();
    let mut raw = RawText::new(bytes);
    let mut reader = Reader::new(bytes, attributes, handler);
    let mut at = 0;
    while let Some(start) = reader.run(at, bytes.len(), State::Data) {
        let Some(tag) = reader.tag else { break };
        let empty = reader.attributes.get("src").is_some();
        let end = raw.end(tag, &reader.name, start, empty);
        let state = match tag {
            Tag::Title | Tag::Textarea => Some(State::RcData),
            Tag::Xmp | Tag::Plaintext => Some(State::PlainText),
            _ => None,
        };
        if let Some(state) = state {
            reader.handler.raw(Some(tag));
            reader.run(start, end, state);
            reader.handler.raw(None);
        } else {
            reader.handler.code(start..end, &bytes[start..end]);
        }
        at = end;
    }
}

/// The emitter: the token being read, and where the tokenizer stands.
#[allow(clippy::struct_excessive_bools)] // each is one fact about the token; no two depend on each other
struct Reader<'s, 'h, H> {
    source: &'s [u8],
    handler: &'h mut H,
    attributes: Attributes,
    name: Vec<u8>,
    tag: Option<Tag>,
    is_start: bool,
    self_closing: bool,
    named: bool,
    /// Bytes from the start of the source, of what has been consumed.
    position: usize,
    /// Set when the tokenizer has to stop: raw text begins.
    stop: bool,
    /// No `]]>` follows any more.
    cdata_unclosed: bool,
}

impl<'s, 'h, H: Handler> Reader<'s, 'h, H> {
    fn new(source: &'s [u8], attributes: Attributes, handler: &'h mut H) -> Self {
        Self {
            source,
            handler,
            attributes,
            name: Vec::new(),
            tag: None,
            is_start: false,
            self_closing: false,
            named: false,
            position: 0,
            stop: false,
            cdata_unclosed: false,
        }
    }

    /// Tokenizes from `at` to `end`; `Some` with the position behind a start tag whose content is raw text.
    fn run(&mut self, at: usize, end: usize, state: State) -> Option<usize> {
        self.position = at;
        let part = self.source.get(at..end)?;
        let mut tokenizer = Tokenizer::new_with_emitter(part, Sink(self));
        tokenizer.set_state(state);
        let stopped = tokenizer.next().is_some();
        drop(tokenizer);
        stopped.then_some(self.position)
    }

    /// Looks the name up once it is complete.
    fn complete_name(&mut self) {
        if !self.named {
            self.tag = Tag::from_name(&self.name);
            self.named = true;
        }
    }

    fn begin_tag(&mut self, is_start: bool) {
        self.name.clear();
        self.attributes.clear();
        self.is_start = is_start;
        self.self_closing = false;
        self.named = false;
    }

    fn complete_tag(&mut self) {
        self.complete_name();
        self.handler.position(self.position);
        if self.is_start {
            self.attributes.finish(self.tag);
            debug_assert_eq!(self.source.get(self.position.wrapping_sub(1)), Some(&b'>'));
            self.stop = self.handler.start(self.tag, &self.name, self.self_closing, &self.attributes);
        } else {
            self.handler.end(self.tag, &self.name);
        }
    }

    fn cdata_ends(&mut self) -> bool {
        let rest = self.source.get(self.position..).unwrap_or_default();
        self.cdata_unclosed = self.cdata_unclosed || memchr::memmem::find(rest, b"]]>").is_none();
        !self.cdata_unclosed
    }
}

struct Sink<'r, 's, 'h, H>(&'r mut Reader<'s, 'h, H>);

impl<H: Handler> Emitter for Sink<'_, '_, '_, H> {
    type Token = ();

    fn set_last_start_tag(&mut self, _: Option<&[u8]>) {}

    fn emit_eof(&mut self) {}

    fn emit_error(&mut self, _: Error) {}

    #[inline]
    fn should_emit_errors(&mut self) -> bool {
        false
    }

    #[inline]
    fn pop_token(&mut self) -> Option<()> {
        std::mem::take(&mut self.0.stop).then_some(())
    }

    #[inline]
    fn emit_string(&mut self, piece: &[u8]) {
        self.0.handler.text(piece);
    }

    #[inline]
    fn init_start_tag(&mut self) {
        self.0.begin_tag(true);
    }

    #[inline]
    fn init_end_tag(&mut self) {
        self.0.begin_tag(false);
    }

    fn init_comment(&mut self) {}

    #[inline]
    fn emit_current_tag(&mut self) -> Option<State> {
        self.0.complete_tag();
        None
    }

    #[inline]
    fn emit_current_comment(&mut self) {
        let position = self.0.position;
        self.0.handler.comment(position);
    }

    fn emit_current_doctype(&mut self) {}

    fn set_self_closing(&mut self) {
        self.0.self_closing = true;
    }

    fn set_force_quirks(&mut self) {}

    #[inline]
    fn push_tag_name(&mut self, part: &[u8]) {
        let room = MAX_NAME_BYTES.saturating_sub(self.0.name.len());
        self.0.name.extend_from_slice(&part[..part.len().min(room)]);
    }

    fn push_comment(&mut self, _: &[u8]) {}

    fn push_doctype_name(&mut self, _: &[u8]) {}

    fn init_doctype(&mut self) {}

    #[inline]
    fn init_attribute(&mut self) {
        if self.0.is_start {
            self.0.complete_name();
            self.0.attributes.begin(self.0.tag);
        }
    }

    #[inline]
    fn push_attribute_name(&mut self, part: &[u8]) {
        self.0.attributes.name(part);
    }

    #[inline]
    fn push_attribute_value(&mut self, part: &[u8]) {
        self.0.attributes.value(self.0.tag, part);
    }

    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        // Raw text never holds its own end tag: it was cut before.
        false
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.0.cdata_ends()
    }

    #[inline]
    fn move_position(&mut self, offset: isize) {
        self.0.position = self.0.position.wrapping_add_signed(offset);
    }
}
