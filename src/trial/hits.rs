//! What the steps did to one document.

use std::collections::BTreeMap;

use crate::clean::Traced;
use crate::document::Flag;
use crate::steps::page::Page;
use crate::text::lines::scan;
use crate::text::{Edit, Tag};

/// Longest example of what an edit took, in characters.
const EXAMPLE: usize = 80;

/// Where in a document an edit stands, by the same measure as `where` in patterns. What is in the head and in the tail of a short text counts where it is nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before most of the text.
    Head,
    /// Woven into it.
    Middle,
    /// Behind most of it.
    Tail,
}

/// What one step did to one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    /// Edits that carry its name.
    pub edits: u64,
    /// Edits that a later step took over.
    pub overlapped: u64,
    /// Bytes that went, less what was put in their place.
    pub removed: u64,
    /// Bytes that were put in besides.
    pub inserted: u64,
    /// Edits by place: head, middle, tail.
    pub places: [u64; 3],
    /// Whether it wanted to cut more than may go.
    pub refused: bool,
    /// Whether the document lost most of its letters, and to this step more than to any other.
    pub mostly: bool,
    /// The first thing it took or put in, on one line.
    pub example: Option<String>,
}

/// The steps that did something, or wanted to, by their tags.
pub(super) fn of(traced: &Traced) -> BTreeMap<Tag, Hits> {
    let mut out: BTreeMap<Tag, Hits> = BTreeMap::new();
    let source = traced.source.as_str();
    if !traced.patch.is_empty() {
        let lines = scan(source);
        let page = Page::new(source, &lines);
        for edit in traced.patch.edits() {
            let hits = out.entry(edit.tag).or_default();
            hits.edits += 1;
            hits.removed += (edit.end - edit.start).saturating_sub(edit.after.len()) as u64;
            hits.inserted += edit.after.len().saturating_sub(edit.end - edit.start) as u64;
            hits.places[place(&page, &edit) as usize] += 1;
            hits.example.get_or_insert_with(|| example(source, &edit));
            for tag in edit.also {
                out.entry(*tag).or_default().overlapped += 1;
            }
        }
    }
    for tag in &traced.refused {
        out.entry(*tag).or_default().refused = true;
    }
    if traced.record.flags.contains(&Flag::MostlyRemoved) {
        let most = out.iter().max_by_key(|(tag, hits)| (hits.removed, std::cmp::Reverse(**tag))).map(|(tag, _)| *tag);
        if let Some(hits) = most.and_then(|tag| out.get_mut(&tag)) {
            hits.mostly = true;
        }
    }
    out
}

fn place(page: &Page<'_>, edit: &Edit<'_>) -> Place {
    let units = page.units();
    let unit = units.partition_point(|unit| unit.end <= edit.start).min(units.len().saturating_sub(1));
    match (page.in_head(unit), page.in_tail(unit)) {
        (true, true) if page.letters_before(unit) * 2 < page.letters() => Place::Head,
        (true, false) => Place::Head,
        (_, true) => Place::Tail,
        (false, false) => Place::Middle,
    }
}

/// What an edit took, or put in where it took nothing.
fn example(source: &str, edit: &Edit<'_>) -> String {
    let before = &source[edit.start..edit.end];
    let text = if before.is_empty() { edit.after } else { before };
    let text = text.trim_matches('\n');
    let mut out: String =
        text.chars().take(EXAMPLE).map(|c| if c == '\n' { '⏎' } else { c }).filter(|c| !c.is_control()).collect();
    if text.chars().nth(EXAMPLE).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clean::{Cleaner, Options};
    use crate::document::Document;
    use crate::rules::load;

    const RULES: &str = "id = \"demo\"\ntitle = \"t\"\nwhy = \"w\"\n[[step]]\nid = \"ad\"\nkind = \"drop-line\"\nline = { contains = \"点此购买\" }\n\
        [[step]]\nid = \"end\"\nkind = \"cut-after\"\nline = { equals = \"全文完结\" }\n";

    fn hits(text: &str) -> BTreeMap<String, Hits> {
        let cleaner = Cleaner::new(Arc::new(load::load_with(None, "demo.toml", RULES).unwrap()));
        let options = Options { profile: Some("keep".to_owned()), only: vec!["demo".to_owned()], ..Options::default() };
        let traced = cleaner.trace(Document::from_text("a", text), &options).unwrap();
        of(&traced).into_iter().map(|(tag, hits)| (cleaner.rules().name(tag).unwrap().name.clone(), hits)).collect()
    }

    #[test]
    fn edits_are_counted_where_they_stand() {
        let prose = format!("{}。\n", "正文内容".repeat(20));
        let text = format!("点此购买甲\n{}点此购买乙\n{}点此购买丙\n", prose.repeat(40), prose.repeat(40));
        let hits = &hits(&text)["demo/ad"];
        assert_eq!((hits.edits, hits.places), (3, [1, 1, 1]));
        assert_eq!((hits.removed, hits.example.as_deref()), (3 * 16, Some("点此购买甲")));
    }

    #[test]
    fn a_cut_that_was_refused_is_known_by_its_step() {
        let text = format!("甲\n全文完结\n{}", format!("{}。\n", "正文内容".repeat(20)).repeat(40));
        assert!(hits(&text)["demo/end"].refused);
        assert!(!hits("正文。\n点此购买\n")["demo/ad"].refused);
    }

    #[test]
    fn the_step_that_took_most_of_a_text_is_named() {
        let text = format!("正文{}\n", "\n点此购买：这一行很长很长很长很长很长很长".repeat(9));
        let hits = hits(&text);
        assert!(hits["demo/ad"].mostly, "{hits:?}");
    }
}
