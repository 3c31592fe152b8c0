//! The nouns that all rooms share: a document as it comes in, and what washing it gives.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Fault;

/// What a document is, as far as washing cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MediaType {
    /// Look and decide.
    #[default]
    Auto,
    /// Plain text.
    Text,
    /// HTML.
    Html,
}

/// The bytes or text of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Bytes in an encoding yet to be found.
    Bytes(Vec<u8>),
    /// Text already decoded (a JSON string).
    Text(String),
}

impl Content {
    /// Size in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Text(text) => text.len(),
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A document to be washed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its name in this run.
    pub id: String,
    /// Where it was published, if known: decides which site files act.
    pub url: Option<String>,
    /// When, if known.
    pub date: Option<String>,
    /// What was scraped.
    pub content: Content,
    /// Text or HTML, or look and see.
    pub media_type: MediaType,
    /// The charset that a Content-Type header declared.
    pub charset: Option<String>,
    /// Other fields of the record, passed through.
    pub meta: Map<String, Value>,
}

impl Document {
    /// A document of bytes.
    pub fn from_bytes(id: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self::new(id, Content::Bytes(bytes))
    }

    /// A document of decoded text.
    pub fn from_text(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(id, Content::Text(text.into()))
    }

    fn new(id: impl Into<String>, content: Content) -> Self {
        Self {
            id: id.into(),
            url: None,
            date: None,
            content,
            media_type: MediaType::Auto,
            charset: None,
            meta: Map::new(),
        }
    }

    /// The same document with its URL.
    #[must_use]
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }
}

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What is noteworthy about a document. Flags speak of the source, not of the cleaned text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Flag { $($(#[$doc])* $name,)* }

        impl Flag {
            /// Every flag, in the order they are printed.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The flag as records print it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

flags! {
    /// The page ends in a preview wall: the rest of the text was never there.
    Truncated = "truncated";
    /// The page joins several documents.
    Compilation = "compilation";
    /// A previewer had cut the text into numbered chunks.
    Chunked = "chunked";
    /// Numbers or names are replaced by placeholders.
    Masked = "masked";
    /// Text decoded with the wrong table is left in it.
    Mojibake = "mojibake";
    /// No letter is left, or none was there.
    Empty = "empty";
    /// A rule wanted to cut more than may go.
    CutRefused = "cut_refused";
    /// More than 70 % of the letters went.
    MostlyRemoved = "mostly_removed";
    /// The HTML was nested beyond the limit and was flattened.
    Flattened = "flattened";
    /// No main content was found in the HTML, so this is the text of the whole page.
    WholePage = "whole_page";
    /// The HTML page holds no main content: a shell that a script fills, or navigation alone.
    NoContent = "no_content";
    /// The HTML shows next to no text, so this is what stands in the data of its scripts.
    FromJson = "from_json";
    /// Bytes that are no text in the encoding became U+FFFD.
    BadBytes = "bad_bytes";
}

impl Flag {
    /// The flag of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|flag| flag.as_str() == name)
    }
}

impl Serialize for Flag {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| serde::de::Error::custom(format!("there is no flag `{name}`")))
    }
}

/// One document inside a compilation, as a byte range of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Part {
    /// Its heading line.
    pub title: String,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// One edit as records print it. Ranges are bytes of the decoded source text (of the extracted text for HTML).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EditRecord {
    /// The rule that decided last: `file/step`.
    pub rule: String,
    /// First byte replaced.
    pub start: usize,
    /// One past the last byte replaced.
    pub end: usize,
    /// What stood there; left out with `--edits ranges`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What stands there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Earlier rules that touched the place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// What an HTML page says about itself, as far as it can be believed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PageRecord {
    /// Who wrote it; several with commas between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When it was published: a date of RFC 3339, or a moment where the page names the offset from UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The language as a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The address that it says is its own: absolute, http or https, without fragment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical: Option<String>,
    /// The site's name, or of whom the page says that it has its text from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Where each of these, and the title, was found: `json-ld`, a name of `<meta>` such as `og:title`, `link`, `lang`,
    /// `itemprop`, `time`, `title`, `h1`, `line` for a line of the text, or `rule` for what the rules of its site say.
    pub from: std::collections::BTreeMap<&'static str, &'static str>,
}

/// A place of an HTML page that is not in the extracted text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RemovedRecord {
    /// The largest element of which nothing was taken, as a CSS path.
    pub path: String,
    /// How its text begins.
    pub text: String,
    /// Words in it; a Han character is a word.
    pub words: u32,
    /// Why: `nav`, `footer`, `dialog` or `label` where the element is never content, `boilerplate` where the model says so.
    pub reason: &'static str,
    /// How likely the likeliest block in it was content, 0 to 1.
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 1))]
    pub probability: f32,
}

/// Counts over the cleaned text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Stats {
    /// Characters.
    pub chars: usize,
    /// Han characters.
    pub han: usize,
    /// Share of the source's letters that went, 0 to 1.
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 1))]
    pub removed_share: f64,
    /// Share of characters that belong to placeholders, 0 to 1.
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 1))]
    pub placeholder_share: f64,
    /// Han script: hans, hant, mixed or none.
    pub script: &'static str,
}

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Source {
    /// The encoding it was decoded from.
    pub encoding: String,
    /// text/plain or text/html.
    pub media_type: &'static str,
    /// Size as it came.
    pub bytes: usize,
    /// Digest of the bytes as they came.
    #[cfg_attr(feature = "server", schema(pattern = "^[0-9a-f]{64}$"))]
    pub sha256: String,
}

/// What washed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Versions {
    /// The program.
    pub taoxi: &'static str,
    /// Digest of the rule set in force.
    #[cfg_attr(feature = "server", schema(pattern = "^sha256:[0-9a-f]{64}$"))]
    pub rules: String,
    /// The normaliser's version: it changes whenever the same rules may give another text.
    pub normaliser: u32,
}

/// A washed document: the contract's record.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Cleaned {
    /// The document's name.
    pub id: String,
    /// The title of an HTML page, without its site's name.
    pub title: Option<String>,
    /// The cleaned text.
    pub text: String,
    /// The cleaned text as Markdown, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub markdown: Option<String>,
    /// What is noteworthy.
    pub flags: Vec<Flag>,
    /// Rule files that acted, in the order they acted.
    pub rules: Vec<String>,
    /// What was changed; empty with `--edits none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edits: Option<Vec<EditRecord>>,
    /// What an HTML page has beside its main content, the first 200 places; left out with `--edits none`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<RemovedRecord>,
    /// What an HTML page says about itself; absent for plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageRecord>,
    /// Parts of a compilation.
    pub parts: Vec<Part>,
    /// Counts.
    pub stats: Stats,
    /// What came in.
    pub source: Source,
    /// Fields passed through.
    #[cfg_attr(feature = "server", schema(value_type = Object, additional_properties))]
    pub meta: Map<String, Value>,
    /// What washed it.
    pub versions: Versions,
}

/// An input that failed, as a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ErrorRecord {
    /// The document's name.
    pub id: String,
    /// What went wrong.
    pub error: Fault,
}
