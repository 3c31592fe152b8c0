//! Pages made to break a renderer.

#![allow(clippy::format_collect)] // readable, and only in tests
use proptest::prelude::*;
use taoxi::html::{Limits, Selector, Site, declared_charset, looks_like_html, render};

fn limits(max_depth: usize) -> Limits {
    Limits { max_depth, ..Limits::default() }
}

#[test]
fn a_deep_page_is_flattened_and_keeps_its_text() {
    for unit in ["<div>x ", "<b>x ", "<ul><li>x ", "<table><tr><td>x ", "<x-a>x ", "<p><span>x "] {
        let source = unit.repeat(2000);
        let page = render(&source, Site::default(), &Limits::default());
        assert!(page.flattened || unit.starts_with("<p>"), "{unit}");
        assert_eq!(page.text.matches('x').count(), 2000, "{unit}");
    }
}

#[test]
fn a_page_within_the_depth_limit_is_not_flattened() {
    let source = "<div>".repeat(8) + "x" + &"</div>".repeat(8);
    assert!(!render(&source, Site::default(), &limits(8)).flattened);
    assert!(render(&source, Site::default(), &limits(7)).flattened);
}

#[test]
fn end_tags_beyond_the_limit_do_not_close_what_is_within() {
    let source = "<div hidden><div><div><div>a</div></div></div>b</div>c";
    assert_eq!(render(source, Site::default(), &limits(2)).text, "c");
}

#[test]
fn a_long_text_is_cut_and_says_so() {
    let page = render("<p>淘洗</p>", Site::default(), &Limits { max_text_bytes: 4, ..Limits::default() });
    assert_eq!((page.text.as_str(), page.truncated), ("淘", true));
}

/// The work for twice the page is about twice the work, so a page of a megabyte is done at once. Run in the tests for
/// its result only; the benchmark has the times.
#[test]
fn a_megabyte_of_anything_is_rendered() {
    for unit in [
        "<div>", "<ul><li>", "<table>", "<b>", "<p>", "</b>", "<a><b><div>", "<svg>", "<script>", "<title>",
        "<![CDATA[", "<a b c=d ", "&amp;", "&#", "<b hidden><div></b>", "<template>", "<select><option>", "<!--", "\0",
        "<textarea>",
    ] {
        let source = unit.repeat((1 << 20) / unit.len());
        let page = render(&source, Site::default(), &Limits::default());
        assert!(page.text.len() <= source.len());
    }
}

/// Pieces of pages, separated by spaces.
const PIECES: &str = "\
    <div> </div> <p> </p> <b> </b> <a> </a> <table> <tr> <td> </table> </td> <ul> <li> </ul> <script> </script> \
    <title> </title> <svg> </svg> <math> <pre> </pre> <br> <![CDATA[ ]]> <!-- --> <textarea> </textarea> <select> \
    <option> <template> </template> <foreignObject> <h1> </h2> <x-a> </x-a> &amp; &#x &not < \" ' > <plaintext> \
    <noscript> </noscript> <body> </body> <html> </html> <ruby> <rt> 淘 é";

/// Tags, attributes and text in any order.
fn tag_soup() -> impl Strategy<Value = String> {
    let mut pieces: Vec<&str> = PIECES.split(' ').collect();
    pieces.extend([
        "\n", "\r\n", " ", "\0", "<b hidden>", "<div style='display:none'>", "<p class=c>", "<!doctype html>",
    ]);
    let piece = prop_oneof![prop::sample::select(pieces).prop_map(str::to_owned), ".{0,4}"];
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_string_is_rendered(source in ".{0,400}") {
        let _ = render(&source, Site::default(), &Limits::default());
        let _ = looks_like_html(&source);
    }

    #[test]
    fn any_bytes_are_searched_for_a_charset(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = declared_charset(&bytes);
    }

    #[test]
    fn any_selector_is_read_or_refused_inside_of_it(source in "[a-c.#\\[\\]=~^$*>, '\"\\\\:+é]{0,24}") {
        let _ = Selector::parse(&source);
    }

    #[test]
    fn any_soup_is_rendered_into_clean_lines(source in tag_soup(), depth in 0_usize..12) {
        let content = [Selector::parse("div > .c").unwrap()];
        let remove = [Selector::parse("ul p").unwrap()];
        for site in [Site::default(), Site { content: &content, remove: &remove, filters: None }] {
            let page = render(&source, site, &limits(depth));
            prop_assert_eq!(page.text.trim_ascii_end(), page.text.as_str());
            prop_assert_eq!(page.clone(), render(&source, site, &limits(depth)));
        }
    }

    /// Plain text that a page holds comes out, however the tags around it are nested.
    #[test]
    fn visible_words_survive_any_nesting(tags in prop::collection::vec(prop::sample::select(vec![
        "<div>", "</div>", "<p>", "</p>", "<b>", "</b>", "<a>", "</a>", "<table>", "<tr>", "<td>", "</td>", "</tr>", "</table>",
        "<ul>", "<li>", "</li>", "</ul>", "<h1>", "</h1>", "<span>", "</span>", "<form>", "</form>", "</body>", "</html>",
        "<body>", "<html>", "<x-a>", "</x-a>", "<i>", "</i>", "<section>", "</section>", "<dl>", "<dt>", "<dd>", "</dl>",
    ]), 0..60), depth in 0_usize..10) {
        let source: String = tags.iter().enumerate().map(|(i, tag)| format!("{tag}w{i};")).collect();
        let text = render(&source, Site::default(), &limits(depth)).text;
        let words: String = text.split_whitespace().collect();
        let expected: String = (0..tags.len()).map(|i| format!("w{i};")).collect();
        prop_assert_eq!(words, expected);
    }
}
