//! Site files of fivefilters/ftr-site-config: a directive a line, `name: value` or `name(argument): value`.
//!
//! The name of a file is the host it is for; a leading dot means the host and everything below it. Places are written in
//! XPath, and become CSS where CSS can say the same.

use super::{Draft, Entry, Fate, Note, Place, id_of};
use crate::html::xpath::Gives;
use crate::html::{Replacement, XPath};
use crate::rules::locators::{MAX_ALTERNATIVES, MAX_REMOVE, MAX_REPLACE, MAX_STRING};

/// Largest site file, in bytes.
pub const MAX_FILE: u64 = 1 << 20;

/// Kinds of directive that decide what is extracted: of these, as many as can be are brought over.
pub const EXTRACTION: [&str; 19] = [
    "author", "autodetect_on_failure", "body", "convert_double_br_tags", "date", "dissolve", "find_string",
    "footnotes", "prune", "replace_string", "skip_id_or_class", "strip", "strip_attr", "strip_comments",
    "strip_id_or_class", "strip_image_src", "tidy", "title", "wrap_in",
];

const FETCHING: &str = "about fetching pages, which taoxi does not do";
const MARKUP: &str = "changes markup only; the text is the same";
const BROKEN: &str = "an XPath that cannot be evaluated";
const NO_NODES: &str = "gives a string, a number or attributes where elements are wanted";
const UNPAIRED: &str = "find_string and replace_string do not pair up";
const EMPTY: &str = "has no value";
const TOO_MANY: &str = "more entries than a rule file may have";
const UNKNOWN: &str = "an unknown directive";
const PRUNING: &str = "taoxi takes what the rules name whole, and prunes nothing by guesswork";
const FALLBACK: &str = "where no place of content is found, the learned choice decides in any case";

/// Why a file could not be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FtrError {
    /// The name is that of no host.
    #[error("{0}: the name of a site file is its host, such as news.example.com.txt or .example.com.txt")]
    NoHost(String),
    /// Over [`MAX_FILE`].
    #[error("{0}: larger than {MAX_FILE} bytes, too large for a site file")]
    TooLarge(String),
}

/// Reads a site file. `name` is the file's name without folders, `origin` what messages call it.
///
/// # Errors
/// [`FtrError`] when the name is no host or the file is too large; faults within it are notes of the draft.
pub fn read(name: &str, origin: &str, bytes: &[u8]) -> Result<Draft, FtrError> {
    if bytes.len() as u64 > MAX_FILE {
        return Err(FtrError::TooLarge(origin.to_owned()));
    }
    let stem = name.strip_suffix(".txt").unwrap_or(name).to_ascii_lowercase();
    let (subdomains, host) = stem.strip_prefix('.').map_or((false, stem.as_str()), |host| (true, host));
    let id = id_of(host).ok_or_else(|| FtrError::NoHost(origin.to_owned()))?;
    let draft = Draft {
        id: format!("ftr-{}{id}", if subdomains { "all-" } else { "" }),
        host: host.to_owned(),
        subdomains,
        origin: format!("{name} of fivefilters/ftr-site-config"),
        licence: "public domain".to_owned(),
        ..Draft::default()
    };
    let mut reader = Reader { draft, file: origin, finds: Vec::new(), withs: Vec::new() };
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        if let Ok(line) = std::str::from_utf8(line) {
            reader.line(line.trim(), number);
        } else {
            reader.draft.tally.add("(not UTF-8)", Fate::Refused("no UTF-8"));
            reader.note(number, "the line is no UTF-8; it was left out".to_owned());
        }
    }
    Ok(reader.finish())
}

/// A directive: its name, what stands in its parentheses, and its value.
#[derive(Debug, PartialEq, Eq)]
struct Directive<'l> {
    name: &'l str,
    argument: Option<&'l str>,
    value: &'l str,
}

impl<'l> Directive<'l> {
    fn parse(line: &'l str) -> Option<Self> {
        let length = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(line.len());
        let (name, rest) = line.split_at(length);
        if name.is_empty() {
            return None;
        }
        if let Some(rest) = rest.strip_prefix('(') {
            // The argument may hold colons and parentheses of its own.
            let (argument, value) = rest.split_once("):")?;
            return Some(Self { name, argument: Some(argument), value: value.trim() });
        }
        let value = rest.trim_start().strip_prefix(':')?;
        Some(Self { name, argument: None, value: value.trim() })
    }
}

struct Reader<'f> {
    draft: Draft,
    file: &'f str,
    finds: Vec<(String, String, usize)>,
    withs: Vec<(String, usize)>,
}

impl Reader<'_> {
    fn note(&mut self, line: usize, message: String) {
        self.draft.notes.push(Note { file: self.file.to_owned(), line, message });
    }

    fn line(&mut self, line: &str, number: usize) {
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        let Some(directive) = Directive::parse(line) else {
            self.draft.tally.add("(no directive)", Fate::Refused("no `name: value`"));
            self.note(number, format!("`{}` is no directive `name: value`", short(line)));
            return;
        };
        if matches!(directive.name, "find_string" | "replace_string") {
            // Paired at the end; counted there.
            match (directive.name, directive.argument) {
                ("replace_string", Some(find)) => {
                    self.finds.push((find.to_owned(), short(line), number));
                    self.withs.push((directive.value.to_owned(), number));
                }
                ("find_string", None) => self.finds.push((directive.value.to_owned(), short(line), number)),
                _ => self.withs.push((directive.value.to_owned(), number)),
            }
            return;
        }
        let (fate, detail) = match self.directive(&directive, line, number) {
            Ok(fate) => (fate, None),
            Err(detail) => (Fate::Refused(BROKEN), Some(detail)),
        };
        if let Fate::Refused(reason) = fate {
            let detail = detail.map_or(String::new(), |detail| format!(": {detail}"));
            self.note(number, format!("`{}` was not brought over: {reason}{detail}", short(line)));
        }
        self.draft.tally.add(directive.name, fate);
    }

    /// What becomes of a directive; the error says what is wrong with its XPath.
    fn directive(&mut self, directive: &Directive<'_>, line: &str, number: usize) -> Result<Fate, String> {
        let value = directive.value;
        if value.is_empty() && directive.argument.is_none() {
            return Ok(Fate::Refused(EMPTY));
        }
        Ok(match directive.name {
            "body" | "strip" => self.elements(directive.name == "body", value, line, number)?,
            "title" | "author" | "date" => self.value(directive.name, value, line, number)?,
            "strip_id_or_class" => {
                let part = value.replace(['\'', '"'], "");
                let part = part.replace('\\', "\\\\");
                if part.trim().is_empty() || part.contains(char::is_control) {
                    return Ok(Fate::Refused(EMPTY));
                }
                self.remove(Place::Css(format!("[class*=\"{part}\"], [id*=\"{part}\"]")), line, number)
            }
            "test_url" | "test_contains" | "native_ad_clue" => {
                self.draft.kept.push(short(line));
                Fate::Kept
            }
            "prune" if !is_no(value) => Fate::Refused(PRUNING),
            "autodetect_on_failure" if is_no(value) => Fate::Refused(FALLBACK),
            "insert_detected_image" | "footnotes" if !is_no(value) => Fate::Refused(MARKUP),
            // Images have no text that could go. The reader mends markup as browsers do and breaks lines at `<br>`.
            "strip_image_src"
            | "tidy"
            | "parser"
            | "prune"
            | "autodetect_on_failure"
            | "convert_double_br_tags"
            | "insert_detected_image"
            | "footnotes"
            | "strip_comments" => Fate::Met,
            "strip_attr" | "dissolve" | "wrap_in" | "src_lazy_load_attr" => Fate::Refused(MARKUP),
            "http_header"
            | "single_page_link"
            | "single_page_link_in_feed"
            | "next_page_link"
            | "if_page_contains"
            | "autodetect_next_page"
            | "requires_login"
            | "not_logged_in_xpath"
            | "login_uri"
            | "login_username_field"
            | "login_password_field"
            | "login_extra_fields" => Fate::Refused(FETCHING),
            _ => Fate::Refused(UNKNOWN),
        })
    }

    /// `body` and `strip`.
    fn elements(&mut self, is_content: bool, value: &str, line: &str, number: usize) -> Result<Fate, String> {
        let xpath: XPath = value.parse().map_err(|error: crate::html::xpath::XPathError| error.to_string())?;
        if xpath.gives() != Gives::Nodes || xpath.gives_attributes() {
            return Ok(Fate::Refused(NO_NODES));
        }
        let place = xpath.to_css().map_or_else(|| Place::XPath(value.to_owned()), Place::Css);
        if !is_content {
            return Ok(self.remove(place, line, number));
        }
        Ok(push(&mut self.draft.content, MAX_ALTERNATIVES, Entry { place, from: short(line), line: number }))
    }

    fn remove(&mut self, place: Place, line: &str, number: usize) -> Fate {
        push(&mut self.draft.remove, MAX_REMOVE, Entry { place, from: short(line), line: number })
    }

    /// `title`, `author` and `date`.
    fn value(&mut self, name: &str, value: &str, line: &str, number: usize) -> Result<Fate, String> {
        let xpath: XPath = value.parse().map_err(|error: crate::html::xpath::XPathError| error.to_string())?;
        let place = match xpath.to_css_value() {
            Some((css, Some(attribute))) => Place::Attribute(css, attribute),
            Some((css, None)) => Place::Css(css),
            None => Place::XPath(value.to_owned()),
        };
        let list = match name {
            "title" => &mut self.draft.title,
            "author" => &mut self.draft.author,
            _ => &mut self.draft.date,
        };
        Ok(push(list, MAX_ALTERNATIVES, Entry { place, from: short(line), line: number }))
    }

    fn finish(mut self) -> Draft {
        let paired = self.finds.len() == self.withs.len();
        let withs = std::mem::take(&mut self.withs);
        let mut fates = Vec::new();
        for (at, (find, from, line)) in std::mem::take(&mut self.finds).into_iter().enumerate() {
            let with = withs.get(at).map(|(with, _)| with.clone()).unwrap_or_default();
            let fate = if !paired {
                Fate::Refused(UNPAIRED)
            } else if find.is_empty() {
                Fate::Refused(EMPTY)
            } else if find.len().max(with.len()) > MAX_STRING || self.draft.replace.len() >= MAX_REPLACE {
                Fate::Refused(TOO_MANY)
            } else {
                self.draft.replace.push((Replacement { find, with }, from.clone(), line));
                Fate::Taken
            };
            if let Fate::Refused(reason) = fate {
                self.note(line, format!("`{from}` was not brought over: {reason}"));
            }
            if !from.starts_with("replace_string") {
                self.draft.tally.add("find_string", fate);
            }
            fates.push(fate);
        }
        for at in 0..withs.len() {
            let fate = fates.get(at).copied().unwrap_or(Fate::Refused(UNPAIRED));
            self.draft.tally.add("replace_string", fate);
        }
        self.draft
    }
}

fn push(list: &mut Vec<Entry>, most: usize, entry: Entry) -> Fate {
    if list.len() >= most {
        return Fate::Refused(TOO_MANY);
    }
    if !list.iter().any(|other| other.place == entry.place) {
        list.push(entry);
    }
    Fate::Taken
}

fn is_no(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "no" | "false" | "0" | "off")
}

/// A line as comments and messages show it.
fn short(line: &str) -> String {
    const MOST: usize = 400;
    let mut shown: String = line.chars().filter(|c| !c.is_control()).take(MOST).collect();
    if line.chars().count() > MOST {
        shown.push('…');
    }
    shown
}
