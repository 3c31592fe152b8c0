//! What JSON-LD says of a page, in the vocabulary of schema.org.
//!
//! Scripts hold an object, a list, or a `@graph`; objects name each other by `@id`. The object that speaks of the page is
//! an article, or else the page itself; what is only mentioned, listed or commented is neither.

use std::borrow::Cow;

use super::names;
use crate::html::json::tree::{Node, Tree};

/// What was found, each as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct JsonLd {
    pub(super) headline: Option<String>,
    pub(super) author: Option<String>,
    pub(super) date: Option<String>,
    pub(super) language: Option<String>,
    pub(super) url: Option<String>,
    pub(super) site: Option<String>,
}

/// Keys under which other pages and things stand.
const ASIDE: [&str; 12] = [
    "mentions", "hasPart", "itemListElement", "comment", "citation", "about", "relatedLink", "isBasedOn", "review",
    "subjectOf", "associatedMedia", "video",
];

/// How well an object speaks of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Page,
    Article,
    /// An article with the page's own title.
    Titled,
}

/// Reads the contents of a page's scripts. `titles` are what the page is called elsewhere.
pub(super) fn read(scripts: &[&str], titles: &[&str]) -> JsonLd {
    let mut found = JsonLd::default();
    let mut best = None;
    for script in scripts {
        let tree = Tree::read(script);
        for node in tree.nodes() {
            let Some(rank) = rank(&tree, node, titles) else {
                found.site = found.site.or_else(|| site(&tree, node));
                continue;
            };
            let fields = fields(&tree, node, rank);
            if best < Some(rank) {
                best = Some(rank);
                found = fields.or(found);
            } else {
                found = found.or(fields);
            }
        }
    }
    found
}

impl JsonLd {
    /// What is missing here, from there.
    fn or(self, other: Self) -> Self {
        Self {
            headline: self.headline.or(other.headline),
            author: self.author.or(other.author),
            date: self.date.or(other.date),
            language: self.language.or(other.language),
            url: self.url.or(other.url),
            site: self.site.or(other.site),
        }
    }
}

fn rank(tree: &Tree<'_>, node: Node, titles: &[&str]) -> Option<Rank> {
    let types: Vec<_> = tree.get(node, "@type").filter_map(|kind| tree.text(kind)).collect();
    let is = |test: fn(&str) -> bool| types.iter().any(|kind| test(kind));
    let is_article =
        is(|kind| kind.ends_with("Article") || kind.ends_with("Posting") || matches!(kind, "Report" | "Review"));
    if !is_article && !is(|kind| kind.ends_with("WebPage") || kind.ends_with("AboutPage")) {
        return None;
    }
    let aside = std::iter::once(node).chain(tree.around(node)).any(|around| ASIDE.contains(&tree.key(around)));
    if aside || is(|kind| kind == "JobPosting") {
        return None;
    }
    let headline = tree.string(node, "headline").or_else(|| tree.string(node, "name"));
    let is_titled = headline.as_deref().is_some_and(|headline| {
        let headline = letters(headline);
        !headline.is_empty() && titles.iter().any(|title| letters(title).contains(&headline))
    });
    Some(match (is_article, is_titled) {
        (true, true) => Rank::Titled,
        (true, false) => Rank::Article,
        (false, _) => Rank::Page,
    })
}

fn letters(text: &str) -> String {
    text.chars().take(300).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn fields(tree: &Tree<'_>, node: Node, rank: Rank) -> JsonLd {
    let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned).filter(|text| !text.trim().is_empty());
    let string = |key: &str| owned(tree.string(node, key));
    let name = || if rank == Rank::Page { None } else { string("name") };
    let page = || tree.get(node, "mainEntityOfPage").find_map(|page| reference(tree, page));
    JsonLd {
        headline: string("headline").or_else(name),
        author: people(tree, node, "author").or_else(|| people(tree, node, "creator")),
        date: string("datePublished").or_else(|| string("dateCreated")).or_else(|| string("uploadDate")),
        language: string("inLanguage").or_else(|| {
            tree.get(node, "inLanguage").find_map(|language| owned(tree.string(language, "alternateName")))
        }),
        url: page().or_else(|| string("url")),
        site: tree.get(node, "publisher").find_map(|publisher| named(tree, publisher)),
    }
}

/// An address, given as text or as the `@id` of an object.
fn reference(tree: &Tree<'_>, node: Node) -> Option<String> {
    tree.text(node).or_else(|| tree.string(node, "@id")).map(Cow::into_owned).filter(|url| url.contains("://"))
}

fn people(tree: &Tree<'_>, node: Node, key: &str) -> Option<String> {
    names::joined(tree.get(node, key).filter_map(|person| named(tree, person)).filter_map(|name| names::author(&name)))
}

/// A name given as text, as the `name` of an object, or by the `@id` of one.
fn named(tree: &Tree<'_>, node: Node) -> Option<String> {
    let own = tree.text(node).or_else(|| tree.string(node, "name"));
    let found = own.or_else(|| {
        let id = tree.string(node, "@id")?;
        let same = tree.nodes().filter(|&other| other != node && tree.string(other, "@id").as_ref() == Some(&id));
        same.take(MAX_NAMESAKES).find_map(|other| tree.string(other, "name"))
    });
    names::name(&found?)
}

/// Objects with one `@id` that are looked at.
const MAX_NAMESAKES: usize = 8;

/// The name of a `WebSite` object.
fn site(tree: &Tree<'_>, node: Node) -> Option<String> {
    let is_site = tree.get(node, "@type").any(|kind| tree.text(kind).as_deref() == Some("WebSite"));
    is_site.then(|| tree.string(node, "name"))?.and_then(|name| names::name(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(script: &str) -> JsonLd {
        read(&[script], &["清淤工程完工_青石网"])
    }

    #[test]
    fn an_article_is_read_in_every_form() {
        for script in [
            r#"{"@type":"NewsArticle","headline":"清淤工程完工","author":"田小满","datePublished":"2024-03-05"}"#,
            r#"[{"@type":["Article","X"],"headline":"清淤工程完工","author":{"name":"田小满"},"datePublished":"2024-03-05"}]"#,
            r##"{"@graph":[{"@type":"Person","@id":"#p","name":"田小满"},
                {"@type":"BlogPosting","headline":"清淤工程完工","author":[{"@id":"#p"}],"datePublished":"2024-03-05"}]}"##,
            "<!-- //<![CDATA[\n{\"@type\":\"Article\",\"headline\":\"清淤工程\\u5b8c工\",\"author\":[\"田小满\",],\n\
             \"datePublished\":\"2024-03-05\",} //]]> -->",
        ] {
            let found = one(script);
            assert_eq!(found.headline.as_deref(), Some("清淤工程完工"), "{script}");
            assert_eq!(found.author.as_deref(), Some("田小满"), "{script}");
            assert_eq!(found.date.as_deref(), Some("2024-03-05"), "{script}");
        }
    }

    #[test]
    fn other_articles_on_the_page_do_not_speak_for_it() {
        let found = one(r#"[{"@type":"Article","headline":"别的消息","author":"别人"},
                {"@type":"Article","headline":"清淤工程完工","author":["田小满",{"name":"石大川"}],
                 "mentions":{"@type":"Article","headline":"清淤","datePublished":"1999-01-01"}},
                {"@type":"ItemList","itemListElement":[{"item":{"@type":"Article","headline":"清淤","author":"谁"}}]}]"#);
        assert_eq!(found.headline.as_deref(), Some("清淤工程完工"));
        assert_eq!(found.author.as_deref(), Some("田小满, 石大川"));
        assert_eq!(found.date, None);
    }

    #[test]
    fn a_page_gives_what_the_article_leaves_out() {
        let found = one(r#"{"@graph":[{"@type":"WebSite","name":"青石网"},
                {"@type":"WebPage","name":"页","url":"https://a.example/1","inLanguage":"zh-CN"},
                {"@type":"Article","headline":"清淤工程完工","mainEntityOfPage":{"@id":"https://a.example/2"}}]}"#);
        assert_eq!(found.url.as_deref(), Some("https://a.example/2"));
        assert_eq!(found.language.as_deref(), Some("zh-CN"));
        assert_eq!(found.site.as_deref(), Some("青石网"));
        assert_eq!(one(r#"{"@type":"Product","name":"x"}"#), JsonLd::default());
    }

    #[test]
    fn hostile_scripts_are_read_in_time() {
        let deep = format!("{}{}", r#"{"@type":"Article","author":"#.repeat(100_000), "\"x\"");
        let cross = format!("[{}]", r##"{"@type":"Article","author":{"@id":"#x"}},"##.repeat(5_000));
        assert_eq!(one(&deep).headline, None);
        assert_eq!(one(&cross).author, None);
    }
}
