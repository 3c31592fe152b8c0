//! Documents as requests carry them: JSON objects, raw bodies, and what a query says of them.

use std::fmt;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;
use crate::clean::{Edits, Options};
use crate::document::{Content, Document, MediaType};
use crate::error::Code;

/// The name of a document that has none.
const NAMELESS: &str = "-";

/// Longest detail of a problem, in characters: what was wrong may be as long as the body.
const LONGEST_DETAIL: usize = 300;

/// What a document is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TypeIn {
    /// Look and decide.
    #[default]
    Auto,
    /// Plain text.
    Text,
    /// HTML.
    Html,
}

/// How much of the edits an answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EditsIn {
    /// Ranges with what stood there and what stands there now.
    Full,
    /// Ranges only.
    Ranges,
    /// Nothing.
    None,
}

/// Which rules act.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesIn {
    /// If not empty, only these rule files act.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub only: Vec<String>,
    /// Rule files, or steps as `file/step`, that do not act.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub without: Vec<String>,
}

/// A document with how it is to be washed. It has exactly one of `text`, `html` and `base64`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentIn {
    /// Its name in the answer; `-` without one.
    pub id: Option<String>,
    /// Where it was published: decides which site files act.
    pub url: Option<String>,
    /// When.
    pub date: Option<String>,
    /// Its title as the sender knows it; passed through in `meta`.
    pub title: Option<String>,
    /// Plain text, unless `type` says otherwise.
    pub text: Option<String>,
    /// HTML.
    pub html: Option<String>,
    /// Bytes in any encoding, as Base64.
    #[schema(content_encoding = "base64")]
    pub base64: Option<String>,
    /// What it is; looked for in the bytes of `base64` otherwise.
    pub r#type: Option<TypeIn>,
    /// The encoding of `base64`, whatever the bytes say.
    #[schema(example = "gb18030")]
    pub encoding: Option<String>,
    /// The profile: `zh`, `keep`, `unify`, `corpus` or one of your own.
    #[schema(example = "zh")]
    pub profile: Option<String>,
    /// Which rules act.
    pub rules: Option<RulesIn>,
    /// How much of the edits the answer shows: `full` by default.
    pub edits: Option<EditsIn>,
    /// Whether the answer holds the text as Markdown, too.
    #[serde(default)]
    pub markdown: bool,
    /// Other fields, passed through.
    #[schema(value_type = Option<Object>, additional_properties)]
    pub meta: Option<Map<String, Value>>,
}

/// What a query says of a document, where its JSON says nothing, or of all the documents of a stream.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DocumentQuery {
    /// Its name in the answer.
    pub id: Option<String>,
    /// Where it was published.
    pub url: Option<String>,
    /// When.
    pub date: Option<String>,
    /// What it is, whatever Content-Type says.
    #[param(inline)]
    pub r#type: Option<TypeIn>,
    /// The encoding, whatever the bytes or headers say.
    pub encoding: Option<String>,
    /// The profile.
    pub profile: Option<String>,
    /// Rule files, with commas between: only these act.
    pub only: Option<String>,
    /// Rule files, or steps as `file/step`, with commas between: these do not act.
    pub without: Option<String>,
    /// How much of the edits the answer shows: `full` for one document, `none` for a stream.
    #[param(inline)]
    pub edits: Option<EditsIn>,
    /// Whether the answer holds the text as Markdown, too.
    #[serde(default)]
    #[param(required = false)]
    pub markdown: bool,
}

impl From<TypeIn> for MediaType {
    fn from(kind: TypeIn) -> Self {
        match kind {
            TypeIn::Auto => Self::Auto,
            TypeIn::Text => Self::Text,
            TypeIn::Html => Self::Html,
        }
    }
}

impl From<EditsIn> for Edits {
    fn from(edits: EditsIn) -> Self {
        match edits {
            EditsIn::Full => Self::Full,
            EditsIn::Ranges => Self::Ranges,
            EditsIn::None => Self::None,
        }
    }
}

impl DocumentIn {
    /// The document, and how it is to be washed.
    pub fn take(mut self, profile: &str) -> Result<(Document, Options), Problem> {
        let (content, media_type) = self.content()?;
        let mut meta = self.meta.unwrap_or_default();
        if let Some(title) = self.title {
            meta.insert("title".to_owned(), Value::String(title));
        }
        let rules = self.rules.unwrap_or_default();
        let document = Document {
            id: self.id.unwrap_or_else(|| NAMELESS.to_owned()),
            url: self.url,
            date: self.date,
            content,
            media_type: self.r#type.map_or(media_type, MediaType::from),
            charset: None,
            meta,
        };
        let options = Options {
            profile: Some(self.profile.unwrap_or_else(|| profile.to_owned())),
            without: rules.without,
            only: rules.only,
            encoding: self.encoding,
            edits: self.edits.map_or(Edits::Full, Edits::from),
            markdown: self.markdown,
        };
        Ok((document, options))
    }

    /// The same document, with what a query says where it says nothing itself.
    #[must_use]
    pub fn or(mut self, query: DocumentQuery) -> Self {
        if query.only.is_some() || query.without.is_some() {
            let (only, without) = (list(query.only.as_deref()), list(query.without.as_deref()));
            self.rules.get_or_insert(RulesIn { only, without });
        }
        self.id = self.id.or(query.id);
        self.url = self.url.or(query.url);
        self.date = self.date.or(query.date);
        self.r#type = self.r#type.or(query.r#type);
        self.encoding = self.encoding.or(query.encoding);
        self.profile = self.profile.or(query.profile);
        self.edits = self.edits.or(query.edits);
        self
    }

    fn content(&mut self) -> Result<(Content, MediaType), Problem> {
        match (self.text.take(), self.html.take(), self.base64.take()) {
            (Some(text), None, None) => Ok((Content::Text(text), MediaType::Text)),
            (None, Some(html), None) => Ok((Content::Text(html), MediaType::Html)),
            (None, None, Some(base64)) => {
                let bytes = BASE64_STANDARD
                    .decode(base64.as_bytes())
                    .map_err(|error| Problem::new(Code::BadRequest, format!("`base64` is no Base64: {error}")))?;
                Ok((Content::Bytes(bytes), MediaType::Auto))
            }
            _ => Err(Problem::new(Code::BadRequest, "a document has exactly one of `text`, `html` and `base64`")),
        }
    }
}

impl DocumentQuery {
    /// The query of a request.
    pub fn parse(query: &str) -> Result<Self, Problem> {
        actix_web::web::Query::<Self>::from_query(query)
            .map(actix_web::web::Query::into_inner)
            .map_err(|error| Problem::new(Code::BadRequest, shortened(&format!("the query: {error}"))))
    }

    /// How documents are to be washed; `edits` when nothing is said of them.
    pub fn options(&self, profile: &str, edits: Edits) -> Options {
        Options {
            profile: Some(self.profile.clone().unwrap_or_else(|| profile.to_owned())),
            without: list(self.without.as_deref()),
            only: list(self.only.as_deref()),
            encoding: self.encoding.clone(),
            edits: self.edits.map_or(edits, Edits::from),
            markdown: self.markdown,
        }
    }

    /// The document that a body is, of a kind and charset as its Content-Type says.
    pub fn document(self, body: Vec<u8>, media_type: MediaType, charset: Option<String>) -> Document {
        let mut document = Document::from_bytes(self.id.unwrap_or_else(|| NAMELESS.to_owned()), body);
        document.url = self.url;
        document.date = self.date;
        document.media_type = self.r#type.map_or(media_type, MediaType::from);
        document.charset = charset;
        document
    }
}

/// Names with commas between.
fn list(text: Option<&str>) -> Vec<String> {
    let names = text.unwrap_or_default().split(',').map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// A JSON object; derived readers would also take an array of its fields.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(entries)).map(Object)
    }
}

/// Reads a JSON body that is an object.
pub fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // A byte order mark is no JSON (RFC 8259, 8.1), but programs write it.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // Validated in one quick pass; where that finds a fault, the reader of bytes says where it is.
    let read = match simdutf8::basic::from_utf8(body) {
        Ok(text) => serde_json::from_str::<Object<T>>(text),
        Err(_) => serde_json::from_slice::<Object<T>>(body),
    };
    read.map(|object| object.0).map_err(|error| {
        let message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = message.strip_suffix(&place).unwrap_or(&message);
        let detail = format!("the body is not the JSON that is wanted: {}", shortened(message));
        Problem::new(Code::BadRequest, detail).at(error.line(), error.column())
    })
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST_DETAIL).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(json: &str) -> Result<(Document, Options), Problem> {
        object::<DocumentIn>(json.as_bytes())?.take("zh")
    }

    #[test]
    fn a_document_has_one_content_and_its_kind() {
        let (document, options) = take(r#"{"html":"<p>a","url":"u","title":"t","meta":{"k":1}}"#).unwrap();
        assert_eq!((document.media_type, document.id.as_str()), (MediaType::Html, "-"));
        assert_eq!(serde_json::to_string(&document.meta).unwrap(), r#"{"k":1,"title":"t"}"#);
        assert_eq!((options.profile.as_deref(), options.edits), (Some("zh"), Edits::Full));
        let (document, _) = take(r#"{"base64":"5q2j5paH","type":"text"}"#).unwrap();
        assert_eq!(document.content, Content::Bytes("正文".as_bytes().to_vec()));
        let (_, options) = take(r#"{"text":"","rules":{"without":["a/b"]},"edits":"none","profile":"keep"}"#).unwrap();
        assert_eq!((options.without, options.edits), (vec!["a/b".to_owned()], Edits::None));
    }

    #[test]
    fn what_is_no_document_says_where() {
        for (json, want) in [
            ("{}", "exactly one of"),
            (r#"{"text":"a","html":"b"}"#, "exactly one of"),
            (r#"{"text":"a","txt":1}"#, "unknown field `txt`"),
            (r#"{"base64":"%"}"#, "no Base64"),
            ("[]", "expected a JSON object"),
            ("{", "EOF while parsing an object"),
            (r#"{"text":"a","text":"b"}"#, "duplicate field `text`"),
            (r#"{"text":"a","rules":{"onyl":[]}}"#, "unknown field `onyl`"),
        ] {
            let problem = take(json).unwrap_err();
            assert!(problem.detail.contains(want), "{json}: {}", problem.detail);
        }
        let problem = take("{\n  \"text\": 3\n}").unwrap_err();
        assert_eq!((problem.line, problem.column), (Some(2), Some(11)));
    }

    #[test]
    fn a_query_names_what_it_does_not_know() {
        let query =
            DocumentQuery::parse("url=https%3A%2F%2Fa.example%2F&without=a,%20b/c&edits=none&type=html").unwrap();
        let options = query.options("zh", Edits::Full);
        assert_eq!((options.without, options.edits), (vec!["a".to_owned(), "b/c".to_owned()], Edits::None));
        assert!(DocumentQuery::parse("ulr=x").unwrap_err().detail.contains("unknown field `ulr`"));
        assert!(DocumentQuery::parse("type=pdf").is_err());
    }
}
