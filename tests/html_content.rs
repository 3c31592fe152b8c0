//! The main content of pages, on pages made up for the purpose.

#![allow(clippy::unwrap_used, clippy::format_collect, clippy::format_push_string)] // a page that cannot be made fails the test

use std::sync::Arc;
use std::time::{Duration, Instant};

use taoxi::document::{Flag, MediaType};
use taoxi::html::{Content, Limits, Main, Page, content};
use taoxi::{Cleaner, Document, Options};

fn read(source: &str) -> Content {
    content(source, &Limits::default())
}

/// A page with a menu, a sidebar and a footer around `main`.
fn page(main: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><title>Harbour Notes</title></head><body>\
         <header class=site-header><nav class=main-menu><ul><li><a href=/>Home</a><li><a href=/tides>Tides</a>\
         <li><a href=/boats>Boats</a><li><a href=/contact>Contact</a></ul></nav></header>\
         <div class=layout>{main}<aside class=sidebar><h3>Related articles</h3><ul class=related-posts>\
         <li><a href=/a>Seven knots for a windy day</a><li><a href=/b>How the old pier was mended</a>\
         <li><a href=/c>A calendar of spring tides</a></ul></aside></div>\
         <footer class=site-footer><p>Copyright Harbour Notes. All rights reserved.</p><a href=/privacy>Privacy</a></footer>\
         </body></html>"
    )
}

const PARAGRAPHS: [&str; 4] = [
    "The ferry leaves the northern quay before sunrise, when the water is still and the gulls have not yet begun to quarrel over the bins.",
    "Its captain, who has made the crossing for thirty years, says that the channel moves a little every winter, and that no chart can be trusted.",
    "On the far side a narrow road climbs between walls of slate, past orchards and sheep, to the village where the lighthouse keepers used to live.",
    "Nobody keeps the light now. It is switched on by a sensor, and switched off by another, and twice a year somebody comes to clean the lens.",
];

fn article() -> String {
    let text: String = PARAGRAPHS.iter().map(|text| format!("<p>{text}</p>")).collect();
    page(&format!(
        "<main><article class=post><h1>The early ferry</h1><div class=entry-content>{text}</div></article></main>"
    ))
}

#[test]
fn an_article_is_taken_and_what_surrounds_it_is_not() {
    let found = read(&article());
    for paragraph in PARAGRAPHS {
        assert!(found.text.contains(paragraph), "{}", found.text);
    }
    for other in ["Tides", "Seven knots", "All rights reserved", "Privacy"] {
        assert!(!found.text.contains(other), "{}", found.text);
    }
    assert_eq!(found.title.as_deref(), Some("Harbour Notes"));
    assert!(!found.whole_page && !found.flattened && !found.truncated);
}

#[test]
fn what_was_left_out_is_listed_with_its_place_and_reason() {
    let found = read(&article());
    let place = |word: &str| found.removed.iter().find(|place| place.text.contains(word)).unwrap();
    assert_eq!(place("Home").reason, "nav");
    assert_eq!(place("Copyright").reason, "footer");
    let related = place("Related");
    assert_eq!(related.reason, "boilerplate");
    assert!(related.path.ends_with("aside.sidebar"), "{}", related.path);
    assert!(related.probability < 0.5 && related.words > 10);
}

#[test]
fn all_posts_of_a_thread_are_taken() {
    let posts: String = (0..6)
        .map(|i| {
            format!(
                "<div class=post id=post{i}><div class=post-author><a href=/u/{i}>sailor{i}</a></div><div class=post-body>\
                 <p>{}</p><p>{}</p></div></div>",
                PARAGRAPHS[i % 4],
                ["I would check the anchor first.", "That is what the manual says, too.", "Thanks, it works now."][i % 3]
            )
        })
        .collect();
    let found = read(&page(&format!("<div class=thread><h1>My boat drifts</h1>{posts}</div>")));
    let anchors = found.text.matches("check the anchor first").count();
    assert_eq!((anchors, found.text.matches("manual says").count()), (2, 2), "{}", found.text);
}

#[test]
fn chinese_news_are_taken_without_their_furniture() {
    let text: String = [
        "清晨六点，老码头上的灯还亮着，第一班渡轮已经靠岸，船员们忙着搬运蔬菜和邮件。",
        "据船长介绍，这条航线已经开了三十多年，冬天风浪大的时候，常常要等到中午才能出发。",
        "当地渔民说，新的防波堤建成以后，港口安静了许多，停靠的船只也比往年增加了两成。",
        "下一步，镇里计划修缮旧灯塔，把它改成一座小型的航海博物馆，免费向公众开放。",
    ]
    .iter()
    .map(|text| format!("<p>　　{text}</p>"))
    .collect();
    let source = format!(
        "<!doctype html><html><head><title>老码头的早班船</title></head><body><div class=nav><a href=/>首页</a>\
         <a href=/n>新闻</a><a href=/v>视频</a></div><div class=wrap><h1>老码头的早班船</h1>\
         <div class=content id=content>{text}</div><div class=bianji>责任编辑：某某</div>\
         <div class=pages><a href=/1>上一篇：海边的集市</a><a href=/2>下一篇：修船的人</a></div></div>\
         <div class=tuijian><h3>相关阅读</h3><ul><li><a href=/3>潮汐表怎么看</a><li><a href=/4>灯塔的故事</a></ul></div>\
         <div class=foot>版权所有 未经许可不得转载 备案号</div></body></html>"
    );
    let found = read(&source).text;
    for part in ["第一班渡轮", "三十多年", "防波堤", "航海博物馆"] {
        assert!(found.contains(part), "{found}");
    }
    for part in ["首页", "潮汐表怎么看", "版权所有", "海边的集市"] {
        assert!(!found.contains(part), "{found}");
    }
}

#[test]
fn a_table_has_a_line_for_each_row() {
    let rows: String =
        (1..8).map(|i| format!("<tr><td>Quay {i}</td><td>{} berths</td><td>open</td></tr>", i * 3)).collect();
    let main = format!(
        "<main class=documentation><h1>Berths</h1><p>{}</p><table>{rows}</table><pre>berth --list\n  --all</pre><p>{}</p></main>",
        PARAGRAPHS[0], PARAGRAPHS[1]
    );
    let found = read(&page(&main)).text;
    assert!(found.contains("Quay 2\t6 berths\topen\n"), "{found}");
    assert!(found.contains("berth --list\n  --all"), "{found}");
}

#[test]
fn a_tab_that_is_not_in_front_may_be_content() {
    let tabs: String = PARAGRAPHS
        .iter()
        .enumerate()
        .map(|(i, text)| {
            let hidden = if i == 0 { "" } else { " hidden" };
            format!("<section class=tab-panel{hidden}><h2>Part {i}</h2><p>{text}</p><p>{text} And so on, every day.</p></section>")
        })
        .collect();
    let found = read(&page(&format!("<main><article class=content><h1>The crossing</h1>{tabs}</article></main>"))).text;
    assert!(found.contains(PARAGRAPHS[2]), "{found}");
}

#[test]
fn a_page_without_text_is_empty_and_one_with_only_a_menu_is_not_silent() {
    let empty = read("<!doctype html><html><head><title>x</title></head><body><script>f()</script></body></html>");
    assert_eq!((empty.text.as_str(), empty.whole_page), ("", false));
    let menu = read("<!doctype html><html><body><nav><a href=/>Home</a><a href=/b>Boats</a></nav></body></html>");
    assert_eq!((menu.text.as_str(), menu.whole_page), ("Home Boats", true));
}

/// A page that a script is to fill: much of it is not for readers.
fn shell(shown: &str) -> String {
    let script = "window.app.push(function(a,b){return a[b]});".repeat(150);
    format!(
        "<!doctype html><html><head><title>Boats</title><script>{script}</script></head><body>{shown}</body></html>"
    )
}

#[test]
fn a_shell_that_a_script_fills_has_no_text_and_says_so() {
    for shown in [
        "<div id=root></div><noscript>You need to turn JavaScript on.</noscript>",
        "<header class=top><a href=/>Harbour</a></header><div class=loading>Loading…</div>",
        "<nav><a href=/>Home</a><a href=/b>Boats</a></nav><footer><a href=/c>Contact</a> All rights reserved.</footer>",
    ] {
        let found = read(&shell(shown));
        assert_eq!((found.text.as_str(), found.no_content, found.whole_page), ("", true, false), "{shown}");
    }
    let cleaner = Cleaner::new(Arc::new(taoxi::rules::load(None).unwrap()));
    let mut document = Document::from_text("a", shell("<div class=loading>Loading…</div>"));
    document.media_type = MediaType::Html;
    let record = cleaner.clean(document, &Options::default()).unwrap();
    assert!(record.flags.contains(&Flag::NoContent) && record.flags.contains(&Flag::Empty), "{:?}", record.flags);
    assert!(record.removed.iter().any(|place| place.text.contains("Loading")), "what stands there is listed");
}

#[test]
fn a_short_text_on_a_page_of_scripts_is_no_shell() {
    let found = read(&shell(&format!("<article><h1>Tide</h1><p>{}</p></article>", PARAGRAPHS[0])));
    assert!(found.text.contains(PARAGRAPHS[0]) && !found.no_content, "{}", found.text);
    // An article that stands in the wrong element is rendered with the page.
    let misplaced: String = PARAGRAPHS.iter().map(|text| format!("<p>{text} {text}</p>")).collect();
    let found = read(&shell(&format!("<footer>{misplaced}</footer>")));
    assert!(found.text.contains(PARAGRAPHS[1]) && found.whole_page, "{}", found.text);
}

#[test]
fn a_piece_of_a_page_is_rendered_whole() {
    let found = read("<p>淘洗</p><ul><li><a href=x>one</a></ul>");
    assert_eq!((found.text.as_str(), found.whole_page, found.removed.len()), ("淘洗\none", false, 0));
}

#[test]
fn text_behind_the_end_of_the_page_is_read() {
    let source = article().replace("</body></html>", "") + "</body></html><p>Postscript of the keeper.</p></html>";
    let page = Page::read(&source, &Limits::default());
    assert!(page.text.contains("Postscript of the keeper."));
}

#[test]
fn switched_off_everything_visible_is_rendered() {
    let found = content(&article(), &Limits { main: Main::Off, ..Limits::default() });
    assert!(found.text.contains("Seven knots") && found.removed.is_empty());
}

#[test]
fn the_same_page_gives_the_same_content() {
    let source = article();
    assert_eq!(read(&source), read(&source));
}

#[test]
fn a_cleaned_record_says_what_was_left_out() {
    let cleaner = Cleaner::new(Arc::new(taoxi::rules::load(None).unwrap()));
    let mut document = Document::from_text("a", article());
    document.media_type = MediaType::Html;
    let record = cleaner.clean(document, &Options::default()).unwrap();
    assert!(record.text.contains(PARAGRAPHS[3]));
    assert!(record.removed.iter().any(|place| place.reason == "nav"));
    let mut menu = Document::from_text("b", "<!doctype html><html><body><nav><a href=/>Home</a></nav></body></html>");
    menu.media_type = MediaType::Html;
    assert!(cleaner.clean(menu, &Options::default()).unwrap().flags.contains(&Flag::WholePage));
}

/// Twice the page is about twice the work. The limit is wide, since tests run beside others and without optimisation.
#[test]
fn a_megabyte_of_anything_is_read_in_proportion() {
    for unit in [
        "<div>", "<ul><li>x ", "<table><tr><td>x ", "<b>", "<p>x ", "</b>", "<a href=x>y ", "<div class=a>x</div>",
        "<br>x", "<i>",
    ] {
        let source = format!("<!doctype html><body>{}", unit.repeat((1 << 20) / unit.len()));
        let start = Instant::now();
        let found = read(&source);
        assert!(found.text.len() <= source.len());
        assert!(start.elapsed() < Duration::from_secs(20), "{unit}: {:?}", start.elapsed());
    }
}

#[test]
fn a_deep_page_is_flattened_and_keeps_its_text() {
    let source = format!(
        "<!doctype html><body>{}{}",
        "<div>".repeat(2000),
        PARAGRAPHS.map(|text| format!("<p>{text}</p>")).concat()
    );
    let found = read(&source);
    assert!(found.flattened && found.text.contains(PARAGRAPHS[2]), "{}", found.text);
}
