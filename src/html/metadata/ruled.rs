//! Title, author and date where a site's rules say they stand. The rules know the site, so nothing is weighed; but what
//! cannot be a date or a name is passed over.

use super::{MAX_TITLE, date, names};

/// The first text that is not blank.
pub(in crate::html) fn title(texts: &[String]) -> Option<String> {
    let words = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let title = texts.iter().map(words).find(|title| !title.is_empty())?;
    Some(title.chars().take(MAX_TITLE).collect())
}

/// The names, none twice.
pub(in crate::html) fn author(texts: &[String]) -> Option<String> {
    names::joined(texts.iter().filter_map(|text| names::author(text)))
}

/// The first text with a date in it.
pub(in crate::html) fn date(texts: &[String]) -> Option<String> {
    texts.iter().find_map(|text| date::parse(text))
}
