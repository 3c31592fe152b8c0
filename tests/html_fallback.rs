//! Pages whose text stands where a reader without scripts and frames does not see it: it must not be lost.

#![allow(clippy::expect_used)] // a page that cannot be read fails the test

use std::sync::Arc;

use taoxi::document::{Cleaned, Flag};
use taoxi::{Cleaner, Document, Options};

const FIRST: &str =
    "河道清淤工程昨天全部完工，沿岸的居民又能在堤上散步了。施工队一共清出淤泥三万方，运到城外的砖厂制砖。";
const SECOND: &str = "工程师说，水深比去年增加了一米半，今年汛期不会再淹到老街。下一步要在两岸种上柳树，再修一条步道。";

fn read(source: &str) -> Cleaned {
    let cleaner = Cleaner::new(Arc::new(taoxi::rules::load(None).expect("the shipped rules")));
    cleaner.read(Document::from_text("page", source), &Options::default()).expect("a page")
}

#[test]
fn text_behind_the_end_of_the_page_is_kept() {
    let source = format!(
        "<!doctype html><html><body><p>{FIRST}</p></body></html>\n<!doctype html><html><body><p>{SECOND}</p></body></html>"
    );
    let text = read(&source).text;
    assert!(text.contains(FIRST) && text.contains(SECOND), "{text}");
}

#[test]
fn what_a_frameset_shows_without_frames_is_kept() {
    let source = format!(
        "<html><head><title>x</title></head><frameset cols='20%,80%'><frame src=a.html><frame src=b.html>\
         <noframes><body><p>{FIRST}</p><p>{SECOND}</p></body></noframes></frameset></html>"
    );
    let text = read(&source).text;
    assert!(text.contains(FIRST) && text.contains(SECOND), "{text}");
}

#[test]
fn what_is_shown_without_scripts_is_kept_when_nothing_else_is_there() {
    let source = format!(
        "<!doctype html><html><body><div id=app></div><noscript><div><p>{FIRST}</p><p>{SECOND}</p></div></noscript></body></html>"
    );
    let text = read(&source).text;
    assert!(text.contains(FIRST) && text.contains(SECOND), "{text}");
}

#[test]
fn text_in_the_data_of_scripts_is_found_and_flagged() {
    let body = format!("<p>{FIRST}</p><p>{SECOND}</p>");
    for script in [
        format!(
            "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"articleBody\":\"{FIRST}\\n{SECOND}\"}}</script>"
        ),
        format!(
            "<script id='__NEXT_DATA__' type='application/json'>{{\"props\":{{\"post\":{{\"html\":\"{body}\"}}}}}}</script>"
        ),
        format!("<script>window.__NUXT__={{data:[{{content:\"{body}\"}}]}}</script>"),
    ] {
        let source = format!(
            "<!doctype html><html><head><title>x</title></head><body><nav>首页 新闻</nav><div id=app>加载中</div>{script}</body></html>"
        );
        let page = read(&source);
        assert_eq!(page.text, format!("{FIRST}\n{SECOND}"), "{script}");
        assert!(page.flags.contains(&Flag::FromJson));
    }
}

#[test]
fn a_page_with_its_text_in_sight_is_not_read_from_its_scripts() {
    let source = format!(
        "<!doctype html><html><body><article><p>{FIRST}</p></article>\
         <script>x={{\"content\":\"{SECOND}{SECOND}{SECOND}{SECOND}\"}}</script></body></html>"
    );
    let page = read(&source);
    assert!(page.text.contains(FIRST) && !page.text.contains(SECOND), "{}", page.text);
    assert!(!page.flags.contains(&Flag::FromJson));
}

#[test]
fn a_page_says_who_wrote_it_and_when() {
    let source = format!(
        "<!doctype html><html lang=zh-CN><head><title>清淤工程完工_要闻_青石网</title><meta name=author content=田小满>\
         <link rel=canonical href='/a/1.html#top'></head><body><h1>清淤工程完工</h1>\
         <div>发布时间：2024年3月5日 09:12 来源：青石日报</div><p>{FIRST}</p><p>{SECOND}</p></body></html>"
    );
    let cleaner = Cleaner::new(Arc::new(taoxi::rules::load(None).expect("the shipped rules")));
    let document = Document::from_text("page", source).with_url("https://www.example.com/b/c.html?d");
    let washed = cleaner.clean(document, &Options::default()).expect("a page");
    assert_eq!(washed.title.as_deref(), Some("清淤工程完工"));
    let page = serde_json::to_value(washed.page.expect("a page's record")).expect("JSON");
    let expected = serde_json::json!({
        "author": "田小满", "date": "2024-03-05", "language": "zh-CN", "canonical": "https://www.example.com/a/1.html",
        "site": "青石日报",
        "from": {"author": "author", "canonical": "link", "date": "line", "language": "lang", "site": "line", "title": "title"}
    });
    assert_eq!(page, expected);
}
