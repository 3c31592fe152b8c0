//! Who wrote a page, when, in which language, where it really stands: what pages say for machines, weighed.
//!
//! Each value says where it is from. What JSON-LD says of an article goes first, then `OpenGraph` and other `<meta>`,
//! then microdata, then the page's own elements and lines. A value that cannot be what it claims (a date that is none,
//! an author that is an address) is passed over for the next.
//!
//! | file | idea |
//! |---|---|
//! | [`facts`], `collect` | the input: what was collected of the page |
//! | `json_ld` | schema.org |
//! | `title` | a title without its site's name |
//! | `date`, `names`, `url` | values checked and brought into one form |
//! | `bylines` | the lines under a headline |
//! | `ruled` | what the rules of a site say |

mod bylines;
mod collect;
mod date;
pub mod facts;
mod json_ld;
mod names;
pub(in crate::html) mod ruled;
mod title;
mod url;

pub use collect::Made;
pub use facts::Facts;

use bylines::Bylines;
use json_ld::JsonLd;

/// A value and where it is from, such as `json-ld`, `og:title`, `h1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The value.
    pub value: String,
    /// Its source.
    pub from: &'static str,
}

/// What is known of a page beside its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The title, without the site's name.
    pub title: Option<Found>,
    /// Who wrote it; several with commas between them.
    pub author: Option<Found>,
    /// When it was published: a date of RFC 3339, or a moment where the page names the offset from UTC.
    pub date: Option<Found>,
    /// The language as a BCP 47 tag.
    pub language: Option<Found>,
    /// The address the page says is its own: absolute, http or https, without fragment.
    pub canonical: Option<Found>,
    /// The name of the site, or of whom it has the text from.
    pub site: Option<Found>,
}

/// Longest title kept, in characters.
const MAX_TITLE: usize = 500;

/// Weighs the facts of a page that came from `url`.
#[must_use]
pub fn metadata(facts: &Facts<'_>, url: Option<&str>) -> Metadata {
    let mut titles: Vec<&str> = facts.headings.iter().copied().take(4).collect();
    titles.extend(facts.title);
    titles.extend(facts.meta("og:title"));
    let ld = json_ld::read(&facts.json_ld, &titles);
    let lines = bylines::read(facts.lines.iter().copied());
    let site = site(facts, &ld, &lines);
    let named = site.as_ref().filter(|site| site.from != "line").map(|site| site.value.as_str());
    Metadata {
        title: page_title(facts, &ld, named, url),
        author: author(facts, &ld, &lines),
        date: published(facts, &ld, &lines),
        language: language(facts, &ld),
        canonical: canonical(facts, &ld, url),
        site,
    }
}

fn found(value: Option<String>, from: &'static str) -> Option<Found> {
    value.map(|value| Found { value, from })
}

/// The first `<meta>` of these names whose content passes the check.
fn meta(facts: &Facts<'_>, names: &[&'static str], check: impl Fn(&str) -> Option<String>) -> Option<Found> {
    names.iter().find_map(|name| found(facts.metas_named(name).find_map(&check), name))
}

fn page_title(facts: &Facts<'_>, ld: &JsonLd, site: Option<&str>, url: Option<&str>) -> Option<Found> {
    let host = url.and_then(|url| url.split_once("://")).and_then(|(_, rest)| rest.split(['/', '?', '#', ':']).next());
    let host = host.map(str::to_ascii_lowercase);
    let around = title::Around { site, host: host.as_deref(), headings: &facts.headings };
    let clean = |text: &str| {
        let text = plain(text);
        let text: String = text.chars().take(MAX_TITLE).collect();
        let title = title::without_site(&text, around);
        (!title.is_empty()).then_some(title)
    };
    found(ld.headline.as_deref().and_then(clean), "json-ld")
        .or_else(|| meta(facts, &["og:title", "citation_title", "dc.title", "dcterms.title", "twitter:title"], clean))
        .or_else(|| found(facts.items_named("headline").find_map(clean), "itemprop"))
        .or_else(|| found(facts.title.and_then(clean), "title"))
        .or_else(|| found(facts.headings.iter().copied().find_map(clean), "h1"))
}

/// Text without the markup and the entities that some pages leave in it.
fn plain(text: &str) -> String {
    let marked = memchr::memchr(b'&', text.as_bytes()).is_some() && text.contains(';') || text.contains("</");
    if !marked {
        return text.to_owned();
    }
    let limits = crate::html::Limits { max_text_bytes: 8 << 10, ..crate::html::Limits::default() };
    crate::html::render(text, crate::html::Site::default(), &limits).text
}

fn author(facts: &Facts<'_>, ld: &JsonLd, lines: &Bylines) -> Option<Found> {
    const NAMES: [&str; 11] = [
        "author", "article:author", "citation_author", "dc.creator", "dcterms.creator", "parsely-author",
        "sailthru.author", "byl", "byline", "og:article:author", "creator",
    ];
    let all = |name: &str| names::joined(facts.metas_named(name).filter_map(|text| names::author(&plain(text))));
    found(ld.author.clone(), "json-ld")
        .or_else(|| NAMES.iter().find_map(|name| found(all(name), name)))
        .or_else(|| found(names::joined(facts.items_named("author").filter_map(names::author)), "itemprop"))
        .or_else(|| found(lines.author.clone(), "line"))
}

fn published(facts: &Facts<'_>, ld: &JsonLd, lines: &Bylines) -> Option<Found> {
    const NAMES: [&str; 22] = [
        "article:published_time", "og:published_time", "og:article:published_time", "datepublished", "pubdate",
        "publishdate", "publish_date", "publish-date", "publish_time", "published_time", "publication_date",
        "bytedance:published_time", "weibo:article:create_at", "citation_publication_date", "dc.date.issued",
        "dcterms.issued", "dcterms.created", "dc.date", "parsely-pub-date", "sailthru.date", "og:release_date", "date",
    ];
    found(ld.date.as_deref().and_then(date::parse), "json-ld")
        .or_else(|| meta(facts, &NAMES, date::parse))
        .or_else(|| found(facts.items_named("datePublished").find_map(date::parse), "itemprop"))
        .or_else(|| found(lines.date.clone(), "line"))
        .or_else(|| found(facts.times.iter().copied().find_map(date::parse), "time"))
}

fn language(facts: &Facts<'_>, ld: &JsonLd) -> Option<Found> {
    found(facts.language.and_then(tag), "lang")
        .or_else(|| meta(facts, &["content-language", "language", "dc.language", "og:locale"], tag))
        .or_else(|| found(ld.language.as_deref().and_then(tag), "json-ld"))
}

/// A language tag of BCP 47 in its usual case; `zh_CN` is read too.
fn tag(text: &str) -> Option<String> {
    let text = text.trim().split([',', ';', ' ', '.', '@']).next()?.replace('_', "-");
    let mut subtags = text.split('-');
    let first = subtags.next().filter(|first| (2..=3).contains(&first.len()))?.to_ascii_lowercase();
    let mut out = first;
    for subtag in subtags {
        if subtag.is_empty() || subtag.len() > 8 {
            return None;
        }
        out.push('-');
        match subtag.len() {
            2 => out.push_str(&subtag.to_ascii_uppercase()),
            4 if subtag.is_ascii() => {
                out.push_str(&subtag[..1].to_ascii_uppercase());
                out.push_str(&subtag[1..].to_ascii_lowercase());
            }
            _ => out.push_str(&subtag.to_ascii_lowercase()),
        }
    }
    let fits = out.len() <= 35 && out.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (fits && out[..2].bytes().all(|byte| byte.is_ascii_alphabetic())).then_some(out)
}

fn canonical(facts: &Facts<'_>, ld: &JsonLd, url: Option<&str>) -> Option<Found> {
    let is_canonical = |rel: &str| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("canonical"));
    let mut links = facts.links.iter().filter(|(rel, _)| is_canonical(rel));
    found(links.find_map(|(_, href)| url::resolve(href, url)), "link")
        .or_else(|| meta(facts, &["og:url"], |content| url::resolve(content, url)))
        .or_else(|| found(ld.url.as_deref().and_then(|at| url::resolve(at, url)), "json-ld"))
}

fn site(facts: &Facts<'_>, ld: &JsonLd, lines: &Bylines) -> Option<Found> {
    let name = |text: &str| names::name(&plain(text));
    meta(facts, &["og:site_name", "application-name", "citation_journal_title", "dc.publisher"], name)
        .or_else(|| found(ld.site.clone(), "json-ld"))
        .or_else(|| found(lines.source.clone(), "line"))
}

#[cfg(test)]
mod tests;
