//! Code of a page stays as it was written, and what only looks preformatted is washed.

#![allow(clippy::unwrap_used)] // a page that cannot be washed fails the test

use std::sync::Arc;

use taoxi::document::{Cleaned, MediaType};
use taoxi::{Cleaner, Document, Options};

fn wash(html: &str) -> Cleaned {
    let cleaner = Cleaner::new(Arc::new(taoxi::rules::load(None).unwrap()));
    let mut document = Document::from_text("page", html);
    document.media_type = MediaType::Html;
    cleaner.clean(document, &Options { markdown: true, ..Options::default() }).unwrap()
}

fn page(main: &str) -> String {
    let prose = "<p>The reader that follows takes records from a socket and hands them on, one at a time, until the other side hangs up.</p>\
                 <p>It was written for a workshop, and so it says more about what may go wrong than a library would.</p>";
    format!(
        "<!doctype html><html lang=en><title>Reading records</title><body><nav><a href=/>Home</a></nav>\
         <main><article><h1>Reading records</h1>{prose}{main}{prose}</article></main></body></html>"
    )
}

/// Every line of it is something that a pack or a normaliser looks for in a text.
const CODE: &str = "    var client = connect('www.example.com');\n\
                    function next() {\n\
                    \n\
                    \n\
                    \t<div>\n\
                    https://www.example.com/records/263313.html\n\
                    if name == “a” ：  // 责任编辑：某某\n\
                    ()\n\
                    1\n\
                    x = 13。7\n\
                    email_address\n\
                    &nbsp;   x\n\
                    }";

#[test]
fn code_stays_as_it_was_written() {
    let escaped = CODE.replace('&', "&amp;").replace('<', "&lt;");
    let record = wash(&page(&format!("<pre><code>{escaped}</code></pre>")));
    assert!(record.text.contains(CODE), "{}", record.text);
    let markdown = record.markdown.unwrap();
    assert!(markdown.contains(&format!("```\n{CODE}\n```")), "{markdown}");
    let plain = wash(&page("<pre><code>let x = 1;</code></pre><p>责任编辑：某某</p><pre>let y = 2;</pre>"));
    assert!(plain.text.contains("let x = 1;\nlet y = 2;"), "{}", plain.text);
}

#[test]
fn several_listings_keep_their_places_while_the_text_around_them_changes() {
    let listing = "<pre>if (a) {\n  ()\n}</pre><p>Share on Facebook</p><p>He said:\u{a0}yes , it is .  </p>";
    let record = wash(&page(&listing.repeat(20)));
    assert_eq!(record.text.matches("if (a) {\n  ()\n}").count(), 20, "{}", record.text);
    assert!(!record.text.contains('\u{a0}') && !record.text.contains("Facebook"), "{}", record.text);
}

#[test]
fn preformatted_chinese_text_is_washed() {
    let lines = "全县完成投资13。7亿元,同比增长百分之八。\n各部门分工负责，按月报送进度。\n责任编辑：某某\n";
    let report = format!("<title>通报</title><body><h1>通报</h1><pre>{}</pre></body>", lines.repeat(3));
    let text = wash(&format!("<!doctype html><html>{report}</html>")).text;
    assert!(text.contains("13.7亿元，同比") && !text.contains("责任编辑"), "{text}");
}

#[test]
fn code_between_fences_of_a_text_stays() {
    let cleaner = Cleaner::new(Arc::new(taoxi::rules::load(None).unwrap()));
    let text = format!("说明如下,请参考。\n```js\n{CODE}\n```\n责任编辑：某某\n");
    let washed = cleaner.clean(Document::from_text("a", text), &Options::default()).unwrap().text;
    assert_eq!(washed, format!("说明如下，请参考。\n```js\n{CODE}\n```\n"));
    let again = cleaner.clean(Document::from_text("a", washed.clone()), &Options::default()).unwrap().text;
    assert_eq!(again, washed);
}

#[test]
fn packs_for_chinese_documents_leave_others_alone() {
    let cleaner = Cleaner::new(Arc::new(taoxi::rules::load(None).unwrap()));
    let wash = |text: &str| cleaner.clean(Document::from_text("a", text), &Options::default()).unwrap().text;
    let prose = "The list that follows is not complete, and it is not meant to be.\n";
    let english = format!("{prose}12. Dating App\nYou can’t copyright titles, you know.\n{prose}").repeat(4);
    assert_eq!(wash(&english), english);
    let chinese = format!(
        "{}APP下载 iPhone版 Android版\nAPP\n",
        "全县教育系统认真落实年度任务，各项工作取得了新的进展。\n".repeat(4)
    );
    assert!(!wash(&chinese).contains("APP"));
}
